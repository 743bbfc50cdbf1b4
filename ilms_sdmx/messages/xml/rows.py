"""Rows: observations and series as they are read, gathered into columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
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
        Columns of what is on the observations, and on the series.
    owner
        For each observation the row of its series in `series`, -1 where it has none.
    """

    count: int
    observations: Columns
    series: Columns
    owner: Any

    def table(self) -> pa.Table:
        """One row an observation; a value on the observation goes before one on its series."""
        owner = pa.array(self.owner, mask=self.owner < 0)
        columns = {}
        for name, array in self.series.items():
            columns[name] = array.take(owner)
        for name, array in self.observations.items():
            if name in columns:
                array = pc.coalesce(_decoded(array), _decoded(columns[name]))
            columns[name] = array
        if columns:
            return pa.table(columns)
        # A table without columns that has rows all the same.
        return pa.table({"": pa.nulls(self.count)}).drop_columns([""])


def _decoded(array: pa.Array) -> pa.Array:
    """Texts of an array, which may be a dictionary of texts."""
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


class Gathering:
    """Columns that grow by one row at a time."""

    def __init__(self) -> None:
        self.count = 0
        self._columns: dict[str, list[str | None]] = {}
        self._names: list[str] = []
        #: Values of the last rows, all of which have the same names.
        self._run: list[list[str]] = []

    def add(self, pairs: Pairs) -> None:
        """Take one row; names with a namespace are not components and are left out."""
        # Every row that the ordinary reader reads comes through here.
        names = pairs[::2]
        if names != self._names:
            self._begin(names)
        self._run.append(pairs[1::2])
        self.count += 1

    def _begin(self, names: list[str]) -> None:
        """Begin a run of rows with other names."""
        self._end()
        components = _without_namespace(names)
        if len(set(components)) < len(components):
            name = next(name for name in components if components.count(name) > 1)
            raise MessageError(f"{name} is given twice for one observation")
        for name in components:
            if name not in self._columns:
                refuse_many(len(self._columns) + 1)
                self._columns[name] = []
        self._names = names

    def _end(self) -> None:
        """Put the values of a run into their columns."""
        before = self.count - len(self._run)
        for name, values in zip(self._names, zip(*self._run, strict=True), strict=False):
            if "}" in name:
                continue
            column = self._columns[name]
            column.extend([None] * (before - len(column)))
            column.extend(values)
        self._run = []

    def columns(self) -> Columns:
        """All rows so far."""
        self._end()
        arrays = {}
        for name, column in self._columns.items():
            missing = self.count - len(column)
            column.extend([None] * missing)
            texts = pa.array(column, pa.string())
            arrays[name] = texts.dictionary_encode()
        return arrays


@dataclass
class Series:
    """Series that is open.

    Parameters
    ----------
    values
        Its key and attributes.
    count
        How many observations it has had so far.
    """

    values: dict[str, str]
    count: int = 0


@dataclass
class Sink:
    """Where a handler puts what it reads.

    Parameters
    ----------
    current
        Series that is open. It outlives `take`: a series may go on in the next chunk.
    empty
        Values of the series without observations.
    groups
        Name, key and attributes of each group.
    partial
        Attributes of partial keys, with these keys.
    """

    current: Series | None = None
    empty: list[dict[str, str]] = field(default_factory=list)
    groups: list[tuple[str, Pairs, Pairs]] = field(default_factory=list)
    partial: list[Pairs] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._rows = Gathering()
        self._series = Gathering()
        self._owner: list[int] = []
        self._row = -1

    @property
    def count(self) -> int:
        """Observations since the last `take`."""
        return self._rows.count

    def open_series(self) -> None:
        """Begin a series."""
        self.current = Series({})
        self._row = -1

    def series_values(self, pairs: Pairs) -> None:
        """Take values of the open series; its observations come after."""
        if self.current is None:
            return
        if self.current.count:
            raise MessageError("values of a series after its observations")
        known = self.current.values
        for name, value in without_namespaces(pairs).items():
            if name in known:
                raise MessageError(f"{name} is given twice for one series")
            known[name] = value

    def close_series(self) -> None:
        """End the series; one without observations is kept apart."""
        if self.current is not None and not self.current.count:
            self.empty.append(self.current.values)
        self.current = None
        self._row = -1

    def observation(self, pairs: Pairs) -> None:
        """Take one observation."""
        self._rows.add(pairs)
        if self.current is not None:
            self.current.count += 1
            if self._row < 0:
                self._row = self._series.count
                values = self.current.values.items()
                self._series.add(list(chain.from_iterable(values)))
        self._owner.append(self._row)

    def take(self) -> Chunk:
        """Give the observations so far, and start anew."""
        owner = np.array(self._owner, np.int32)
        rows = self._rows.columns()
        series = self._series.columns()
        chunk = Chunk(self._rows.count, rows, series, owner)
        self._clear()
        return chunk


def _without_namespace(names: list[str]) -> list[str]:
    """Names of components among those of attributes."""
    return [name for name in names if "}" not in name]


def by_name(pairs: Pairs) -> dict[str, str]:
    """Values by name, those in a namespace as well."""
    return dict(zip(pairs[::2], pairs[1::2], strict=True))


def without_namespaces(pairs: Pairs) -> dict[str, str]:
    """Values by name, without those in a namespace: these are not components."""
    values = by_name(pairs)
    for name in list(values):
        if "}" in name:
            del values[name]
    return values
