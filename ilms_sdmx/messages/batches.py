"""Batches: the rows of a data set as a reader delivers them, and how they become data sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from ilms_sdmx.datasets import Components, Dataset
from ilms_sdmx.errors import MessageError
from ilms_sdmx.findings import Finding
from ilms_sdmx.messages.header import Header
from ilms_sdmx.messages.message import Note

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from ilms_sdmx.messages.growing import Growing

#: More components than any structure has; beyond, every observation could cost a column.
MOST_COMPONENTS = 2_000

#: Key dimensions to rows of that key with the attributes reported there: what
#: `Dataset.attached` is made of.
Attached = Mapping[tuple[str, ...], "pd.DataFrame"]


def refuse_many(components: int) -> None:
    """Refuse more components than any structure has.

    Raises
    ------
    MessageError
        There are more than `MOST_COMPONENTS`.
    """
    if components > MOST_COMPONENTS:
        raise MessageError(
            f"over {MOST_COMPONENTS:,} different components: no structure has so many"
        )


@dataclass(frozen=True)
class Batch:
    """Some rows of one data set, in message order.

    Parameters
    ----------
    number
        Position of the data set in the message, from 0.
    rows
        One column a component that occurs, each a string array or a dictionary of strings; null
        is absent. Columns may be missing and in any order: `components` says what there is.
    components
        Roles as far as they are known up to these rows; those of the last batch of a data set
        hold for all.
    dataflow, structure, provision, action, about
        As in `Dataset`.
    attached
        Attributes of series and groups without observations, see `Dataset.attached`.
    """

    number: int
    rows: pa.Table
    components: Components
    dataflow: str = ""
    structure: str = ""
    provision: str = ""
    action: str = "Replace"
    attached: Attached = field(default_factory=dict)
    about: Mapping[str, str] = field(default_factory=dict)


class Reading(Protocol):
    """One message being read, whatever its format: iterate over it once.

    `header` and `format` are known from the start, `footer` and `findings` when the iteration
    has ended. A data set without observations gives one batch without rows.
    """

    header: Header
    format: str
    footer: tuple[Note, ...]
    findings: list[Finding]

    def __iter__(self) -> Iterator[Batch]: ...


def assemble(batches: Iterable[Batch]) -> Dataset:
    """One data set of all its batches, columns in the order of its components.

    Columns grow batch by batch, so that of what has been read only the result stays in memory.
    """
    columns: dict[str, Growing] = {}
    attached = []
    rows = 0
    for batch in batches:
        for name in batch.rows.column_names:
            if name not in columns:
                columns[name] = _new_column(name, batch.components)
            columns[name].add(batch.rows.column(name), rows)
        rows += batch.rows.num_rows
        attached.append(batch.attached)
    return Dataset(
        _frame(columns, rows, batch.components),
        batch.components,
        batch.dataflow,
        batch.structure,
        batch.action,
        provision=batch.provision,
        attached=_merged(attached),
        number=batch.number,
        about=batch.about,
    )


def _new_column(name: str, components: Components) -> Growing:
    """Column without rows: texts for a measure, codes for a dimension, either for others."""
    from ilms_sdmx.messages import growing

    if name in components.measures:
        return growing.GrowingTexts()
    if name in components.dimensions:
        return growing.GrowingCodes()
    return growing.GrowingAttribute()


def _frame(columns: dict[str, Growing], rows: int, components: Components) -> pd.DataFrame:
    """Frame of grown columns, which are taken from `columns` one by one."""
    import pandas as pd

    arrays = {}
    for name in components.columns:
        # Each is released when it is whole, so that none is in memory twice.
        column = columns.pop(name, None) or _new_column(name, components)
        arrays[name] = column.whole(rows)
    return pd.DataFrame(arrays, index=pd.RangeIndex(rows), columns=components.columns)


def _merged(parts: list[Attached]) -> Attached:
    """Attached attributes of several batches as one frame a key."""
    import pandas as pd

    frames: dict[tuple[str, ...], list[pd.DataFrame]] = {}
    for part in parts:
        for key, frame in part.items():
            frames.setdefault(key, []).append(frame)
    merged = {}
    for key, frames_of_key in frames.items():
        merged[key] = pd.concat(frames_of_key, ignore_index=True)
    return merged
