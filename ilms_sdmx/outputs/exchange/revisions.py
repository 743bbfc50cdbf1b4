"""What a later version of figures changes: told, shown, and written as a message of changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ilms_sdmx.database.tables import in_key_order
from ilms_sdmx.datasets import Dataset
from ilms_sdmx.datasets.applying import apply_changes, change_sets
from ilms_sdmx.datasets.changes import Changes, changes_between
from ilms_sdmx.errors import MessageError, StructureError
from ilms_sdmx.messages.intake import datasets_in
from ilms_sdmx.outputs.exchange.formats import actions_of
from ilms_sdmx.outputs.reports.catalogues import Catalogue, catalogue
from ilms_sdmx.outputs.reports.grids import Column, grid
from ilms_sdmx.outputs.reports.pages import render

if TYPE_CHECKING:
    import pandas as pd

#: What the frame of a revision says of a change, next to the key.
SAID = ("change", "what", "before", "after", "difference")


@dataclass(frozen=True, eq=False)
class Revision:
    """What changed between two versions of figures.

    Parameters
    ----------
    earlier, later
        Data set of each dataflow; one without observations where a version lacks it.
    changes
        What changed, of each dataflow.
    """

    earlier: Mapping[str, Dataset]
    later: Mapping[str, Dataset]
    changes: Mapping[str, Changes]

    def __len__(self) -> int:
        """Number of observations that changed."""
        return sum(map(len, self.changes.values()))

    def __repr__(self) -> str:
        told = [f"{count:,} {word}" for word, count in self.counts.items()]
        return f"<Revision: {', '.join(told)}>"

    @property
    def counts(self) -> dict[str, int]:
        """Number of observations that were added, changed and removed."""
        counts = dict.fromkeys(("added", "changed", "removed"), 0)
        for changes in self.changes.values():
            for word, count in changes.counts.items():
                counts[word] += count
        return counts

    def frame(self) -> pd.DataFrame:
        """One row an observation that changed.

        DATAFLOW, the dimensions, `change`, `what` (components that differ), `before` and
        `after` (values), and `difference`, empty where one of them is no number.
        """
        import pandas as pd

        frames = []
        for dataflow, changes in self.changes.items():
            components = self.later[dataflow].components
            told = _told(changes.frame, components.measures[0], list(components.dimensions))
            told.insert(0, "DATAFLOW", dataflow)
            frames.append(told)
        if not frames:
            return pd.DataFrame(columns=["DATAFLOW", *SAID])
        whole = pd.concat(frames, ignore_index=True)
        keys = [name for name in whole.columns if name not in SAID]
        return whole[[*keys, *SAID]]

    def datasets(self, format: str) -> list[Dataset]:
        """Data sets of the changes, with the actions that a format has.

        Raises
        ------
        MessageError
            The format has no actions: it cannot say that a figure is gone.
        """
        actions = actions_of(format)
        if not actions:
            raise MessageError(
                f"{format} has no actions and cannot say what is gone: take sdmx-csv-2.0,"
                " sdmx-ml-2.1 or a later one"
            )
        made: list[Dataset] = []
        for dataflow, earlier in self.earlier.items():
            for dataset in change_sets(earlier, self.later[dataflow], actions):
                made.append(replace(dataset, number=len(made)))
        return made

    def page(self, name: str = "", words: Catalogue | None = None, created: str = "") -> str:
        """One HTML file that shows what changed."""
        words = words or catalogue("en")
        frame = self.frame()
        columns = []
        for column in frame.columns:
            heading = words.text(f"revision.{column}") if column in SAID else column
            is_choice = column in ("DATAFLOW", "change")
            is_number = column == "difference"
            columns.append(Column(column, heading, number=is_number, choice=is_choice))
        caption = words.text("revision.caption")
        tiles = []
        for word, count in self.counts.items():
            tiles.append({"value": count, "label": words.text(f"revision.{word}"), "kind": ""})
        return render(
            "revision.html.j2",
            words,
            title=words.text("revision.title", name=name or ", ".join(self.changes)),
            contents=[("changes", words.text("revision.heading"))],
            created=created,
            kicker=words.text("revision.kicker"),
            tiles=tiles,
            changes=grid("changes-table", caption, frame, columns, words),
        )


def revise(earlier: Any, later: Any) -> Revision:
    """What a later version of figures changes, dataflow by dataflow.

    Parameters
    ----------
    earlier, later
        Data sets, or whatever holds them, paths too; several of one dataflow are one.

    Raises
    ------
    StructureError
        A dataflow has other dimensions in the two, or a key is there twice.

    Examples
    --------
    >>> import pandas as pd
    >>> from ilms_sdmx import Components, Dataset
    >>> from ilms_sdmx.outputs.exchange import revise
    >>> def stock(*rows):
    ...     frame = pd.DataFrame(rows, columns=["REF_AREA", "OBS_VALUE"], dtype="string")
    ...     return Dataset(frame, Components(("REF_AREA",)), "ILO:DF_STOCK(1.0)")
    >>> revision = revise(stock(("KHM", "1.5"), ("LAO", "2")), stock(("KHM", "1.75")))
    >>> revision
    <Revision: 0 added, 1 changed, 1 removed>
    >>> revision.frame()[["REF_AREA", "change", "what", "difference"]].values.tolist()
    [['KHM', 'changed', 'OBS_VALUE', 0.25], ['LAO', 'removed', '', nan]]
    >>> [(each.action, len(each)) for each in revision.datasets("sdmx-csv-2.1")]
    [('Delete', 1), ('Merge', 1)]
    """
    before, after = by_dataflow(earlier), by_dataflow(later)
    whole_before: dict[str, Dataset] = {}
    whole_after: dict[str, Dataset] = {}
    changes: dict[str, Changes] = {}
    for dataflow in dict.fromkeys([*before, *after]):
        old = before.get(dataflow) or _empty(after[dataflow])
        new = after.get(dataflow) or _empty(before[dataflow])
        whole_before[dataflow], whole_after[dataflow] = old, new
        changes[dataflow] = changes_between(old, new)
    return Revision(whole_before, whole_after, changes)


def apply_revision(held: Any, changes: Any) -> list[Dataset]:
    """What a receiver holds after a message of changes.

    Parameters
    ----------
    held
        Data sets that it holds.
    changes
        Data sets of changes, in order; a dataflow that it does not hold begins empty.
    """
    state = by_dataflow(held)
    for change in datasets_in(changes):
        ordered = in_key_order(change)
        before = state.get(ordered.dataflow) or _empty(ordered)
        state[ordered.dataflow] = apply_changes(before, [ordered])
    return [dataset for dataset in state.values() if len(dataset)]


def by_dataflow(data: Any) -> dict[str, Dataset]:
    """One data set a dataflow, with its dimensions in the order of the structure."""
    held: dict[str, Dataset] = {}
    for dataset in datasets_in(data):
        ordered = in_key_order(dataset)
        known = held.get(ordered.dataflow)
        held[ordered.dataflow] = ordered if known is None else _joined(known, ordered)
    return held


def _joined(first: Dataset, second: Dataset) -> Dataset:
    """One data set of two of a dataflow."""
    import pandas as pd

    if first.components.dimensions != second.components.dimensions:
        raise StructureError(f"{first.dataflow} is there twice with other dimensions")
    attributes = {**second.components.attributes, **first.components.attributes}
    components = replace(first.components, attributes=attributes)
    frames = [_texts(first), _texts(second)]
    observations = pd.concat(frames, ignore_index=True).reindex(columns=components.columns)
    return replace(
        first, observations=observations, components=components, provenance=None, attached={}
    )


def _texts(dataset: Dataset) -> pd.DataFrame:
    return dataset.observations.astype("string")


def _empty(like: Dataset) -> Dataset:
    """Data set of the same components without observations."""
    return replace(like, observations=like.observations.iloc[:0], provenance=None, attached={})


def _told(frame: pd.DataFrame, measure: str, keys: list[str]) -> pd.DataFrame:
    """Keys of changes and what is said of each."""
    import pandas as pd

    told = frame[[*keys, "change"]].copy()
    told["what"] = list(_differing(frame))
    before, after = frame[f"before_{measure}"], frame[f"after_{measure}"]
    told["before"], told["after"] = before, after
    numbers = pd.to_numeric(after, errors="coerce") - pd.to_numeric(before, errors="coerce")
    told["difference"] = numbers.round(9)
    return told


def _differing(frame: pd.DataFrame) -> Iterator[str]:
    """Components that differ in each observation that both versions have."""
    columns = [str(name) for name in frame if str(name).startswith("before_")]
    names = [name.removeprefix("before_") for name in columns]
    for row in frame.to_dict("records"):
        if row["change"] != "changed":
            yield ""
            continue
        yield " ".join(_names_of(row, names))


def _names_of(row: Mapping[Any, Any], names: Iterable[str]) -> Iterator[str]:
    import pandas as pd

    for name in names:
        before, after = row[f"before_{name}"], row[f"after_{name}"]
        both_missing = pd.isna(before) and pd.isna(after)
        if not both_missing and before is not after and str(before) != str(after):
            yield name
