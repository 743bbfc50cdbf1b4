"""Batches: the rows of a data set as a reader delivers them, and how they become data sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
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

#: Key dimensions to rows of that key with the attributes reported there: what `Dataset.attached` is made of.
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
        One column a component that occurs, each a string array or a dictionary of strings; null is absent.
        Columns may be missing and in any order: `components` says what there is.
    components
        Roles as far as they are known up to these rows; those of the last batch of a data set hold for all.
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
    attached: Attached = field(default_factory=lambda: MappingProxyType({}))


class Reading(Protocol):
    """One message being read, whatever its format: iterate over it once.

    `header` and `format` are known from the start, `footer` and `findings` when the iteration has ended.
    A data set without observations gives one batch without rows.
    """

    header: Header
    format: str
    footer: tuple[Note, ...]
    findings: list[Finding]

    def __iter__(self) -> Iterator[Batch]: ...


def assemble(batches: Iterable[Batch]) -> Dataset:
    """One data set of all its batches: columns in the order of its components, absent as missing.

    Columns grow batch by batch, so that of what has been read only the result stays in memory.
    """
    from ilms_sdmx.messages import growing

    columns: dict[str, Growing] = {}
    attached, rows = [], 0
    for batch in batches:
        for name in batch.rows.column_names:
            text = name in batch.components.measures
            if name not in columns:
                columns[name] = growing.Texts() if text else growing.Codes()
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
    )


def _frame(columns: dict[str, Growing], rows: int, components: Components) -> pd.DataFrame:
    import pandas as pd

    from ilms_sdmx.messages import growing

    found = {}
    for name in components.columns:
        empty = growing.Texts() if name in components.measures else growing.Codes()
        found[name] = columns.pop(name, empty).whole(rows)  # popped: released when it is whole
    return pd.DataFrame(found, index=pd.RangeIndex(rows), columns=components.columns)


def _merged(parts: list[Attached]) -> Attached:
    import pandas as pd

    frames: dict[tuple[str, ...], list[pd.DataFrame]] = {}
    for part in parts:
        for key, frame in part.items():
            frames.setdefault(key, []).append(frame)
    return MappingProxyType({k: pd.concat(v, ignore_index=True) for k, v in frames.items()})
