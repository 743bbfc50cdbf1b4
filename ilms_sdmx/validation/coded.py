"""Data set as integer codes: the form in which a million observations are checked in seconds."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa

from ilms_sdmx.findings import Place
from ilms_sdmx.validation.figures import Figures

if TYPE_CHECKING:
    from ilms_sdmx.datasets import Dataset
    from ilms_sdmx.structures.reading.definition import Definition

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

#: Mixed radix numbers stay below this, so that one more digit cannot overflow 64 bits unseen.
_ROOM = 2**62


class Coded:
    """Data set whose columns are integers into lists of distinct texts.

    Parameters
    ----------
    dataset
        The data set.
    definition
        Its structure, None where no structure is known.
    file
        Name of the file it was read from, empty where it was not.
    parts
        Tables of which it is the sequence, where it came in several: each row has its place in one of them.
    """

    def __init__(
        self,
        dataset: Dataset,
        definition: Definition | None = None,
        file: str = "",
        parts: Sequence[Coded] = (),
    ) -> None:
        self.dataset = dataset
        self.definition = definition
        self.file = file
        self._parts = tuple(parts)
        self._ends = list(accumulate(map(len, parts)))
        self._columns: dict[str, tuple[Array, pa.Array]] = {}
        self._lists: dict[str, list[str]] = {}

    def __len__(self) -> int:
        return len(self.dataset)

    @property
    def name(self) -> str:
        """Id of the dataflow, of the structure where there is none."""
        return self.dataset.dataflow or self.dataset.structure

    @property
    def here(self) -> Place:
        """Place of the table as a whole."""
        return Place(file=self.file, dataflow=self.name)

    @cached_property
    def dimensions(self) -> list[str]:
        """Dimensions that the frame has, in key order."""
        return [d for d in self.dataset.components.dimensions if d in self.dataset.observations]

    @property
    def time(self) -> str:
        """Id of the time dimension, empty where there is none."""
        named = self.definition.time if self.definition else "TIME_PERIOD"
        return named if named in self.dimensions else ""

    def _encode(self, column: str) -> tuple[Array, pa.Array]:
        if column not in self._columns:
            series = self.dataset.observations[column]
            if isinstance(series.dtype, pd.CategoricalDtype):
                codes, levels = series.cat.codes.to_numpy(), series.cat.categories
            else:
                codes, levels = pd.factorize(series)
            texts = _chunks(levels).cast(pa.string())
            self._columns[column] = (codes.astype(np.int32), texts.combine_chunks())
        return self._columns[column]

    def codes(self, column: str) -> Array:
        """Code of each row: the place of its text in `levels`; -1 where the component is absent."""
        return self._encode(column)[0]

    def levels(self, column: str) -> list[str]:
        """Distinct texts of a column."""
        if column not in self._lists:
            self._lists[column] = self._encode(column)[1].to_pylist()
        return self._lists[column]

    def values(self, column: str) -> list[list[str]]:
        """Plain texts that each of `levels` holds: one, or several where the component is composite."""
        if column not in self.dataset.components.composite:
            return [[level] for level in self.levels(column)]
        return [
            list(_plain(json.loads(level))) if level else [""] for level in self.levels(column)
        ]

    def distinct(self, column: str) -> pa.Array:
        """Distinct texts of a column as an Arrow array, for columns with as many as there are rows."""
        return self._encode(column)[1]

    def texts(self, column: str, rows: Array) -> list[str]:
        """Text of some rows, empty where absent."""
        texts = self.distinct(column)
        return [
            texts[int(code)].as_py() if code >= 0 else "" for code in self.codes(column)[rows]
        ]

    def text(self, column: str, row: int) -> str:
        """Text of one row, empty where absent."""
        if column not in self._columns and column not in self.dataset.observations:
            return ""
        codes, texts = self._encode(column)
        code = int(codes[row])
        return str(texts[code].as_py()) if code >= 0 else ""

    def having(self, column: str, texts: Iterable[str]) -> Array:
        """Mask of the rows whose column holds one of `texts`."""
        wanted = set(texts)
        table = np.array([level in wanted for level in self.levels(column)] + [False])
        return table[self.codes(column)]

    @cached_property
    def figures(self) -> Figures:
        """Numbers of the measure, their reported precision and scale."""
        return Figures.of(self)

    def groups(self, columns: Sequence[str]) -> tuple[Array, int]:
        """Dense number of each row's combination of columns, and how many combinations there are."""
        key = tuple(columns)
        if key not in self._groups:
            numbers, uniques = pd.factorize(self.combined(columns))
            self._groups[key] = (numbers, len(uniques))
        return self._groups[key]

    def combined(self, columns: Sequence[str]) -> Array:
        """One integer a row that stands for its combination of columns."""
        number = np.zeros(len(self), dtype=np.int64)
        size = 1
        for column in columns:
            base = len(self.levels(column)) + 1
            if size * base > _ROOM:
                number, uniques = pd.factorize(number)
                number, size = number.astype(np.int64), len(uniques)
            number = number * base + (self.codes(column) + 1)
            size *= base
        return number

    def others(self, *without: str) -> tuple[Array, int]:
        """Group rows that agree in every dimension but some."""
        return self.groups([d for d in self.dimensions if d not in without])

    @cached_property
    def _groups(self) -> dict[tuple[str, ...], tuple[Array, int]]:
        return {}

    @cached_property
    def first(self) -> Array:
        """Mask of the rows that are the first of their key: what is repeated is counted once."""
        keys, size = self.others()
        if size == len(self):
            return np.ones(len(self), dtype=bool)
        return ~pd.Series(keys).duplicated().to_numpy()

    @cached_property
    def finite(self) -> Array:
        """Mask of the rows that report a number, each key once."""
        return np.isfinite(self.figures.value) & self.first

    def key(self, row: int) -> dict[str, str]:
        """Key of one row: dimension to code."""
        return {d: self.text(d, row) for d in self.dimensions}

    def _origin(self, row: int) -> tuple[Coded, int]:
        """Table in which a row came, and its number there."""
        if not self._parts:
            return self, row
        number = bisect_right(self._ends, row)
        return self._parts[number], row - (self._ends[number - 1] if number else 0)

    def spot(self, row: int) -> str:
        """Where a row stands in its source: its cell or its number, with the file where there are several."""
        part, own = self._origin(row)
        spot = self.place(row).cell or f"row {own + 1}"
        return f"{spot} of {part.file}" if self._parts and part.file else spot

    def place(self, row: int, **changed: str) -> Place:
        """Where a row stands: its key, and its cell where the data came from cells.

        `changed` replaces parts of the key, for a place that has no row of its own; it then has no cell.
        """
        if self._parts:
            part, own = self._origin(row)
            return part.place(own, **changed)
        key = self.key(row) | changed
        source = self.dataset.provenance
        if source is None or changed:
            return Place(file=self.file, dataflow=self.name, key=key)
        cell = source.loc[self.dataset.observations.index[row]]
        if isinstance(cell, pd.DataFrame):
            cell = cell.iloc[0]
        parts = {part: str(cell[part]) for part in ("file", "sheet", "cell") if cell.get(part)}
        return Place(**parts, dataflow=self.name, key=key)


def _chunks(levels: pd.Index[Any]) -> pa.ChunkedArray:
    """Distinct values as Arrow, whatever pandas keeps them in."""
    found = pa.array(levels, from_pandas=True)
    return found if isinstance(found, pa.ChunkedArray) else pa.chunked_array([found])


def _plain(value: Any) -> Iterator[str]:
    """Texts of a composite value: of a list, of a map of languages, or of a list of such maps."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _plain(inner)
    else:
        yield str(value)
