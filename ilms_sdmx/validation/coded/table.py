"""Table: a data set as codes, with its structure, its figures and the places of its rows."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ilms_sdmx.findings import Place
from ilms_sdmx.validation.coded.columns import Array, EncodedColumns
from ilms_sdmx.validation.coded.figures import ReportedNumbers, significant_digits

if TYPE_CHECKING:
    from datetime import date

    from ilms_sdmx.datasets import Dataset
    from ilms_sdmx.structures.reading.definition import Definition

_CELL = ("file", "sheet", "cell")


class Coded(EncodedColumns):
    """Data set whose columns are integers into lists of distinct texts, in the order of keys.

    Parameters
    ----------
    dataset
        The data set.
    definition
        Its structure, None where no structure is known.
    file
        Name of the file it was read from, empty where it was not.
    parts
        Tables of which it is the sequence, where it came in several: each row has its place in
        one of them.
    prepared
        Day on which its message was prepared, None where it does not say it.
    """

    def __init__(
        self,
        dataset: Dataset,
        definition: Definition | None = None,
        file: str = "",
        parts: Sequence[Coded] = (),
        prepared: date | None = None,
    ) -> None:
        self.dataset = dataset
        composite = dataset.components.composite
        columns = frozenset(dataset.observations.columns)
        key = []
        for name in dataset.components.dimensions:
            if name in columns:
                key.append(name)
        super().__init__(dataset.observations, composite, key)
        self.definition = definition
        self.file = file
        self.prepared = prepared
        self._parts = tuple(parts)
        self._ends = list(accumulate(map(len, parts)))

    @property
    def name(self) -> str:
        """Id of the dataflow, of the structure where there is none."""
        dataflow = self.dataset.dataflow
        return dataflow or self.dataset.structure

    @property
    def here(self) -> Place:
        """Place of the table as a whole."""
        return Place(file=self.file, dataflow=self.name)

    @cached_property
    def dimensions(self) -> list[str]:
        """Dimensions that the frame has, in key order."""
        components = self.dataset.components
        return [name for name in components.dimensions if self.has(name)]

    @property
    def time(self) -> str:
        """Id of the time dimension, empty where there is none."""
        name = "TIME_PERIOD"
        if self.definition:
            name = self.definition.time
        if name in self.dimensions:
            return name
        return ""

    @property
    def measure(self) -> str:
        """Id of the first measure, empty where the structure has none."""
        measures = self.dataset.components.measures
        if measures:
            return measures[0]
        return ""

    @cached_property
    def figures(self) -> ReportedNumbers:
        """Numbers of the measure, their reported precision and scale."""
        block_columns = self.among("REF_AREA", self.time)
        measures = self.dataset.components.measures
        measure = measures[0]
        return ReportedNumbers.of(self, measure, block_columns)

    @cached_property
    def digits(self) -> Array:
        """Significant digits of each row's figure as reported, without closing zeros."""
        if not self.has(self.measure):
            return np.zeros(len(self), dtype=np.int64)
        texts = self.distinct(self.measure)
        digits = significant_digits(texts)
        return digits[self.codes(self.measure)]

    def among(self, *names: str) -> list[str]:
        """Those of some dimensions that the frame has, in the order given."""
        return [name for name in names if name in self.dimensions]

    def blocks(self) -> tuple[Array, int]:
        """Group rows of one area and period, which are printed together."""
        columns = self.among("REF_AREA", self.time)
        return self.groups(columns)

    def others(self, *without: str) -> tuple[Array, int]:
        """Group rows that agree in every dimension but some."""
        columns = []
        for name in self.dimensions:
            if name not in without:
                columns.append(name)
        return self.groups(columns)

    @cached_property
    def first(self) -> Array:
        """Mask of one row a key: of repeated ones the least text of a number."""
        keys, size = self.others()
        if size == len(self):
            return np.ones(len(self), dtype=bool)
        rank = self._rank_of_texts(self.measure)
        value = self.figures.value
        has_none = ~np.isfinite(value)
        rows = np.lexsort((rank, has_none, keys))
        is_repeated = pd.Series(keys[rows]).duplicated().to_numpy()
        first = np.empty(len(self), dtype=bool)
        first[rows] = ~is_repeated
        return first

    def _rank_of_texts(self, column: str) -> Array:
        """Place of the text of each row in the order of texts; all alike without the column."""
        if not self.has(column):
            return np.zeros(len(self), dtype=np.int64)
        return self.ranks(column)[self.codes(column)]

    @cached_property
    def finite(self) -> Array:
        """Mask of the rows that report a number, each key once."""
        return np.isfinite(self.figures.value) & self.first

    def printed(self, row: int) -> str:
        """Figure of a row as it was reported, empty where there is none."""
        return self.text(self.measure, row)

    def key(self, row: int) -> dict[str, str]:
        """Key of one row: dimension to code."""
        return {name: self.text(name, row) for name in self.dimensions}

    def spot(self, row: int) -> str:
        """Cell or number of a row in its source, with the file where there are several."""
        part, row_of_part = self._origin(row)
        place = self.place(row)
        spot = place.cell or f"row {row_of_part + 1}"
        if self._parts and part.file:
            return f"{spot} of {part.file}"
        return spot

    def place(self, row: int, **changed: str) -> Place:
        """Place of a row: its key, and its cell where the data came from cells.

        `changed` replaces parts of the key, for a place that has no row; it then has no cell.
        """
        key = self.key(row) | changed
        part, row_of_part = self._origin(row)
        provenance = part.dataset.provenance
        if provenance is None or changed:
            return Place(file=part.file, dataflow=self.name, key=key)
        source = _source(part.dataset, provenance, row_of_part)
        return Place(**source, dataflow=self.name, key=key)

    def _origin(self, row: int) -> tuple[Coded, int]:
        """Table in which a row came, and its number among the observations there."""
        number = row if self.origin is None else int(self.origin[row])
        if not self._parts:
            return self, number
        part = bisect_right(self._ends, number)
        start = 0
        if part:
            start = self._ends[part - 1]
        return self._parts[part], number - start


def _source(dataset: Dataset, provenance: pd.DataFrame, row: int) -> dict[str, str]:
    """File, sheet and cell of a row, as far as they are known."""
    label = dataset.observations.index[row]
    source = provenance.loc[label]
    if isinstance(source, pd.DataFrame):
        source = source.iloc[0]
    return {name: str(source[name]) for name in _CELL if source.get(name)}
