"""Rows: observations and series as they are read, gathered into columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.batches import refuse_many

#: Names and values by turns, as expat gives attributes: `["SEX", "T", "AGE", "Y15T24"]`.
Pairs: TypeAlias = list[str]
#: Columns of equal length, each of strings or dictionaries of strings; null is absent.
Columns: TypeAlias = dict[str, pa.Array]


@dataclass
class Chunk:
    """Consecutive observations and the series they belong to.

    Parameters
    ----------
    count
        Number of observations.
    observations, series
        Columns of what stands on the observations, and on the series.
    owner
        For each observation the row of its series in `series`, -1 where it has none.
    """

    count: int
    observations: Columns
    series: Columns
    owner: Any

    def table(self) -> pa.Table:
        """One row an observation; what stands on the observation goes before what stands on its series."""
        columns = {}
        owner = pa.array(self.owner, mask=self.owner < 0)
        for name, array in self.series.items():
            columns[name] = array.take(owner)
        for name, array in self.observations.items():
            columns[name] = _coalesced(array, columns[name]) if name in columns else array
        return (
            pa.table(columns)
            if columns
            else pa.table({"": pa.nulls(self.count)}).drop_columns([""])
        )


def _coalesced(first: pa.Array, second: pa.Array) -> pa.Array:
    parts = [
        a.dictionary_decode() if pa.types.is_dictionary(a.type) else a for a in (first, second)
    ]
    return pc.coalesce(*parts)


def joined(tables: Sequence[pa.Table]) -> pa.Table:
    """Tables one below the other; a column that one of them lacks is absent there."""
    names = dict.fromkeys(name for t in tables for name in t.column_names)
    return pa.table({name: _column(tables, name) for name in names})


def _column(tables: Sequence[pa.Table], name: str) -> pa.ChunkedArray:
    chunks: list[pa.Array] = []
    for table in tables:
        own = (
            table.column(name).chunks
            if name in table.column_names
            else [pa.nulls(len(table), pa.string())]
        )
        chunks.extend(
            c.dictionary_decode() if pa.types.is_dictionary(c.type) else c for c in own
        )
    return pa.chunked_array(chunks, pa.string())


class Gathering:
    """Columns that grow by one row at a time."""

    def __init__(self) -> None:
        self.count = 0
        self._columns: dict[str, list[str | None]] = {}

    def add(self, pairs: Pairs) -> None:
        """Take one row; names with a namespace are not components and are left out."""
        columns, count = self._columns, self.count
        for i in range(0, len(pairs), 2):
            name = pairs[i]
            column = columns.get(name)
            if column is None:
                if "}" in name:
                    continue
                refuse_many(len(columns) + 1)
                column = columns[name] = []
            if len(column) != count:
                if len(column) > count:
                    raise MessageError(f"{name} is given twice for one observation")
                column.extend([None] * (count - len(column)))
            column.append(pairs[i + 1])
        self.count = count + 1

    def columns(self) -> Columns:
        """All rows so far."""
        made = {}
        for name, column in self._columns.items():
            column.extend([None] * (self.count - len(column)))
            made[name] = pa.array(column, pa.string()).dictionary_encode()
        return made


@dataclass
class Series:
    """Series that is open: what it says, and how many observations it has had so far."""

    values: dict[str, str]
    count: int = 0


@dataclass
class Sink:
    """Where a handler puts what it reads: observations, series, groups, attributes of partial keys.

    `current` is the open series and outlives `take`: a series may go on in the next chunk.
    """

    current: Series | None = None
    empty: list[dict[str, str]] = field(default_factory=list)
    groups: list[tuple[str, Pairs, Pairs]] = field(default_factory=list)
    partial: list[Pairs] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._rows, self._series = Gathering(), Gathering()
        self._owner: list[int] = []
        self._row = -1

    @property
    def count(self) -> int:
        """Observations since the last `take`."""
        return self._rows.count

    def open_series(self) -> None:
        """Begin a series."""
        self.current, self._row = Series({}), -1

    def series_values(self, pairs: Pairs) -> None:
        """Take values of the open series; its observations come after."""
        if self.current is None:
            return
        for name, value in _local(pairs).items():
            if name in self.current.values:
                raise MessageError(f"{name} is given twice for one series")
            self.current.values[name] = value

    def close_series(self) -> None:
        """End the series; one without observations is kept apart."""
        if self.current is not None and not self.current.count:
            self.empty.append(self.current.values)
        self.current, self._row = None, -1

    def observation(self, pairs: Pairs) -> None:
        """Take one observation."""
        self._rows.add(pairs)
        if self.current is not None:
            if self._row < 0:
                self._row = self._series.count
                self._series.add(
                    [part for pair in self.current.values.items() for part in pair]
                )
            self.current.count += 1
        self._owner.append(self._row)

    def take(self) -> Chunk:
        """Give the observations so far, and start anew."""
        owner = np.array(self._owner, np.int32)
        chunk = Chunk(self._rows.count, self._rows.columns(), self._series.columns(), owner)
        self._clear()
        return chunk


def _local(pairs: Pairs) -> dict[str, str]:
    """Pairs without those in a namespace."""
    return {n: v for n, v in zip(pairs[::2], pairs[1::2], strict=True) if "}" not in n}
