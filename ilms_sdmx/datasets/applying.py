"""Data sets of changes: what a receiver has to do, and what it has when that is done."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ilms_sdmx.datasets.changes import changes_between
from ilms_sdmx.datasets.model import Dataset
from ilms_sdmx.structures.components import Components

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Actions that add to what is held, whatever the version calls them.
_UPSERT = frozenset({"Append", "Merge"})


def change_sets(
    earlier: Dataset, later: Dataset, actions: Collection[str] = ("Replace", "Delete")
) -> list[Dataset]:
    """Data sets that lead a receiver from one version of a data set to another.

    Parameters
    ----------
    earlier, later
        What the receiver holds, and what it is to hold.
    actions
        Actions that the format has. Where `Merge` is one of them, what is new or has other
        values is merged; an observation that lost an attribute is replaced always, as a merge
        leaves alone what it does not name.

    Returns
    -------
    list of Dataset
        Those to be deleted first, which have keys alone; then the others. None where nothing
        changed.

    Raises
    ------
    StructureError
        The two have other dimensions, or one has a key twice.

    Examples
    --------
    >>> import pandas as pd
    >>> from ilms_sdmx import Components, Dataset
    >>> from ilms_sdmx.datasets.applying import apply_changes, change_sets
    >>> def stock(*rows):
    ...     frame = pd.DataFrame(rows, columns=["REF_AREA", "OBS_VALUE"], dtype="string")
    ...     return Dataset(frame, Components(("REF_AREA",)))
    >>> old, new = stock(("KHM", "1.5"), ("LAO", "2")), stock(("KHM", "1.6"), ("MMR", "3"))
    >>> [(each.action, len(each)) for each in change_sets(old, new)]
    [('Delete', 1), ('Replace', 2)]
    >>> apply_changes(old, change_sets(old, new)).observations["OBS_VALUE"].tolist()
    ['1.6', '3']
    """
    frame = changes_between(earlier, later).frame
    components = _joined(earlier.components, later.components)
    keys = list(components.dimensions)
    gone = frame.loc[frame["change"] == "removed", keys]
    kept = frame[frame["change"] != "removed"]
    cleared = _has_cleared(kept, components)
    rows = _rows(later.observations, kept[keys], components)
    sets = [("Delete", gone.reindex(columns=components.columns))]
    if "Merge" in actions:
        merged = rows[~cleared]
        rows = rows[cleared]
        sets.append(("Merge", merged))
    sets.append(("Replace", rows))
    made: list[Dataset] = []
    for action, observations in sets:
        if len(observations):
            number = len(made)
            made.append(_dataset(later, components, action, observations, number))
    return made


def _joined(earlier: Components, later: Components) -> Components:
    """Components of both versions."""
    attributes = {**later.attributes, **earlier.attributes}
    return replace(later, attributes=attributes)


def _has_cleared(kept: pd.DataFrame, components: Components) -> NDArray[np.bool_]:
    """Whether an observation has lost a value or an attribute that it had."""
    cleared = np.zeros(len(kept), dtype=bool)
    for name in (*components.measures, *components.attributes):
        before = f"before_{name}"
        after = f"after_{name}"
        if before not in kept:
            continue
        was_there = kept[before].notna().to_numpy()
        is_there = kept[after].notna().to_numpy()
        cleared |= was_there & ~is_there
    return cleared


def _rows(later: pd.DataFrame, keys: pd.DataFrame, components: Components) -> pd.DataFrame:
    """Observations of some keys, in their order, with all components."""
    names = list(components.dimensions)
    texts = later.astype("str").where(later.notna())
    with_all = texts.reindex(columns=components.columns)
    return keys.merge(with_all, on=names, how="left")


def _dataset(
    of: Dataset, components: Components, action: str, observations: pd.DataFrame, number: int
) -> Dataset:
    frame = observations.reset_index(drop=True)
    texts = frame[components.columns].astype("string")
    return Dataset(
        texts,
        components,
        of.dataflow,
        of.structure,
        action,
        provision=of.provision,
        number=number,
    )


def apply_changes(dataset: Dataset, changes: Iterable[Dataset]) -> Dataset:
    """What a receiver holds after some data sets, one after the other.

    `Merge` and `Append` change what they name and leave alone the rest of an observation;
    `Replace` replaces whole observations; `Delete` removes those of its keys, where a missing
    dimension is any, or only the components that it names; `Information` does nothing.

    Parameters
    ----------
    dataset
        What is held.
    changes
        Data sets of the same dimensions, in order.
    """
    components = dataset.components
    keys = list(components.dimensions)
    held = _indexed(dataset, keys)
    for change in changes:
        components = _joined(components, change.components)
        named = change.observations
        if change.action == "Delete":
            held = _deleted(held, named, components)
        elif change.action in _UPSERT:
            held = _merged(held, _indexed(change, keys))
        elif change.action == "Replace":
            held = _replaced(held, _indexed(change, keys))
    frame = held.reset_index()
    in_order = frame.sort_values(keys, ignore_index=True)
    observations = in_order.reindex(columns=components.columns)
    texts = observations.astype("string")
    return replace(dataset, observations=texts, components=components, provenance=None)


def _indexed(dataset: Dataset, keys: Sequence[str]) -> pd.DataFrame:
    """Observations as texts under their keys."""
    frame = dataset.observations
    texts = frame.astype("str").where(frame.notna())
    return texts.astype("object").set_index(list(keys))


def _replaced(held: pd.DataFrame, given: pd.DataFrame) -> pd.DataFrame:
    left = held[~held.index.isin(given.index)]
    return pd.concat([left, given])


def _merged(held: pd.DataFrame, given: pd.DataFrame) -> pd.DataFrame:
    """What is held, with what is given in its place wherever something is given."""
    return given.combine_first(held)


def _deleted(held: pd.DataFrame, named: pd.DataFrame, components: Components) -> pd.DataFrame:
    """What is left after a deletion."""
    further = [*components.measures, *components.attributes]
    keys = list(components.dimensions)
    for row in named.to_dict("records"):
        of_key = _of_key(held, row, keys)
        cleared = [name for name in further if _is_given(row, name)]
        if not cleared:
            held = held[~of_key]
            continue
        held = held.copy()
        there = [name for name in cleared if name in held]
        held.loc[of_key, there] = None
    return held


def _of_key(held: pd.DataFrame, row: dict[Any, Any], keys: Sequence[str]) -> NDArray[np.bool_]:
    """Which observations a key means; a missing dimension is any."""
    means = np.ones(len(held), dtype=bool)
    for name in keys:
        if _is_given(row, name):
            code = str(row[name])
            means &= held.index.get_level_values(name) == code
    return means


def _is_given(row: dict[Any, Any], name: str) -> bool:
    return name in row and not pd.isna(row[name])
