"""What changed between two versions of the same figures, key by key."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from ilms_sdmx.datasets.model import Dataset
from ilms_sdmx.errors import StructureError

if TYPE_CHECKING:
    from numpy.typing import NDArray

Rows: TypeAlias = "NDArray[np.intp]"


@dataclass(frozen=True, eq=False)
class Matches:
    """Rows of two versions that have the same key, and those that have no counterpart.

    Parameters
    ----------
    added
        Rows of the later version whose key the earlier one does not have, ascending.
    removed
        Rows of the earlier version whose key the later one does not have, ascending.
    earlier, later
        Rows of the keys that both have, side by side, in the order of the later version.
    """

    added: Rows
    removed: Rows
    earlier: Rows
    later: Rows


def match_keys(earlier: NDArray[Any] | pd.Index, later: NDArray[Any] | pd.Index) -> Matches:
    """Match the rows of two versions by key; each key is in each version once.

    Examples
    --------
    >>> import numpy as np
    >>> matches = match_keys(np.array([7, 8, 9]), np.array([9, 7, 5]))
    >>> matches.added.tolist(), matches.removed.tolist(), matches.earlier.tolist()
    ([2], [1], [2, 0])
    """
    index = pd.Index(earlier)
    later_index = pd.Index(later)
    rows = index.get_indexer(later_index)
    in_both = rows >= 0
    is_gone = np.ones(len(index), dtype=bool)
    is_gone[rows[in_both]] = False
    added = np.flatnonzero(~in_both)
    removed = np.flatnonzero(is_gone)
    earlier_rows = rows[in_both]
    later_rows = np.flatnonzero(in_both)
    return Matches(
        added=added,
        removed=removed,
        earlier=earlier_rows,
        later=later_rows,
    )


def successive_rows(keys: NDArray[Any], editions: NDArray[Any]) -> tuple[Rows, Rows]:
    """Rows of the older and the newer edition, for each key that successive editions give.

    `keys` and `editions` are sorted: all editions of one key are together, the oldest first.
    """
    key_before = keys[:-1]
    same_key = keys[1:] == key_before
    edition_before = editions[:-1]
    other_edition = editions[1:] != edition_before
    is_revised = same_key & other_edition
    older = np.flatnonzero(is_revised)
    return older, older + 1


@dataclass(frozen=True, eq=False)
class Changes:
    """What differs between two versions of a table.

    Parameters
    ----------
    frame
        One row a key that differs: the columns of the key, `change` (`added`, `changed` or
        `removed`), and of every other column what it was (`before_OBS_VALUE`) and what it is
        (`after_OBS_VALUE`), missing where that version does not have the key. Ordered by key.
    """

    frame: pd.DataFrame

    @property
    def counts(self) -> dict[str, int]:
        """Number of keys that were added, changed and removed."""
        change = self.frame["change"]
        counts = dict.fromkeys(("added", "changed", "removed"), 0)
        for word, count in change.value_counts().items():
            counts[str(word)] = int(count)
        return counts

    def __len__(self) -> int:
        return len(self.frame)

    def __repr__(self) -> str:
        counts_by_word = self.counts.items()
        words = []
        for word, count in counts_by_word:
            words.append(f"{count:,} {word}")
        return f"<Changes: {', '.join(words)}>"


def _refuse_other(version: object) -> None:
    """Refuse what is no data set."""
    if isinstance(version, Dataset):
        return
    kind = type(version).__name__
    raise TypeError(
        f"expected two data sets, found {kind}: read a file first with ilms_sdmx.read, and give"
        " one of its datasets"
    )


def changes_between(earlier: Dataset, later: Dataset) -> Changes:
    """What changed between two data sets, by key; values are compared as text.

    Raises
    ------
    StructureError
        The two have other dimensions, or one has a key twice.
    """
    _refuse_other(earlier)
    _refuse_other(later)
    keys = earlier.components.dimensions
    if keys != later.components.dimensions:
        dimensions = later.components.dimensions
        names = ", ".join(keys)
        later_names = ", ".join(dimensions)
        raise StructureError(
            f"expected the dimensions {names} in both versions, "
            f"found {later_names} in the later one"
        )
    for dataset in (earlier, later):
        _refuse_repeated_keys(dataset)
    key_columns = list(keys)
    frame = compare_frames(earlier.observations, later.observations, key_columns)
    return Changes(frame)


def _refuse_repeated_keys(dataset: Dataset) -> None:
    frame = dataset.observations
    keys = list(dataset.components.dimensions)
    repeated = frame.duplicated(keys)
    if repeated.any():
        repeated_keys = frame.loc[repeated, keys]
        first = repeated_keys.iloc[0]
        key = ".".join(first.astype("str"))
        raise StructureError(
            f"expected each key once, found {key} twice: validate the data first"
        )


def compare_frames(
    earlier: pd.DataFrame,
    later: pd.DataFrame,
    keys: Sequence[str],
    leave_out: Collection[str] = (),
) -> pd.DataFrame:
    """Frame of `Changes` for two tables of text.

    The columns of `leave_out` are not compared.
    """
    columns = dict.fromkeys([*earlier.columns, *later.columns])
    apart = {*keys, *leave_out}
    compared = [name for name in columns if name not in apart]
    keyed_earlier = earlier.set_index(list(keys))
    compared_earlier = keyed_earlier.reindex(columns=compared)
    before = compared_earlier.astype("str")
    keyed_later = later.set_index(list(keys))
    compared_later = keyed_later.reindex(columns=compared)
    after = compared_later.astype("str")
    earlier_columns = before.add_prefix("before_")
    later_columns = after.add_prefix("after_")
    both = earlier_columns.join(later_columns, how="outer")
    was_there = both.index.isin(before.index)
    is_there = both.index.isin(after.index)
    differs = was_there != is_there
    for name in compared:
        before_name = both[f"before_{name}"]
        after_name = both[f"after_{name}"]
        differs |= _differing_texts(before_name, after_name)
    is_added_or_removed = [~was_there, ~is_there]
    change = np.select(is_added_or_removed, ["added", "removed"], "changed")
    both.insert(0, "change", change)
    differing = both[differs]
    frame = pd.DataFrame(differing.reset_index())
    return frame.astype("str")


def _differing_texts(before: pd.Series[str], after: pd.Series[str]) -> NDArray[np.bool_]:
    """Whether two texts differ; two missing ones do not."""
    before_missing = before.isna()
    both_missing = before_missing & after.isna()
    is_other_text = before != after
    differs = is_other_text & ~both_missing
    return differs.to_numpy(dtype="bool")
