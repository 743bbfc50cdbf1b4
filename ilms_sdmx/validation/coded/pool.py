"""Pool: figures of several tables together, found by what they measure in whatever table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from ilms_sdmx.errors import StructureError
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.table import Coded

#: Odd number that spreads the numbers of measures over 64 bits.
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
#: Salt of the hash of a part of a key.
_KEY = "ilms_sdmx_keys__"


@dataclass(frozen=True, eq=False)
class Pool:
    """Figures of several tables, one entry a figure.

    Parameters
    ----------
    tables
        The data sets.
    measures
        Distinct codes of MEASURE; `measure` is each figure's number in it.
    sign
        Hash of area, frequency, period, sex and every code that is no total: equal for one
        quantity in whatever table and classification version it is.
    value, unit
        Figure and rounding unit on a scale that all tables share.
    table, row
        Number of the table and row of the figure.
    scaled
        Whether UNIT_MULT is applied: every table states it.
    """

    tables: tuple[Coded, ...]
    measures: list[str]
    measure: Array
    sign: Array
    value: Array
    unit: Array
    table: Array
    row: Array
    scaled: bool = True

    @classmethod
    def of(cls, tables: tuple[Coded, ...], masks: Sequence[Array] = ()) -> Pool:
        """Pool of all figures of at least one table; unscaled where one states no UNIT_MULT.

        `masks` say for each table which rows are taken; by default those that report a number.
        """
        scaled = all(table.has("UNIT_MULT") for table in tables)
        measures = _measures(tables)
        taken = masks or [table.finite for table in tables]
        by_table = []
        for table, mask in zip(tables, taken, strict=True):
            by_table.append(_entries(table, measures, scaled, mask))
        columns = zip(*by_table, strict=True)
        entries = _Entries(*map(np.concatenate, columns))
        counts = []
        for entries_of_table in by_table:
            counts.append(len(entries_of_table.row))
        numbers = np.repeat(np.arange(len(tables)), counts)
        return cls(
            tables, measures, *entries[:-1], table=numbers, row=entries.row, scaled=scaled
        )

    @property
    def quantity(self) -> Array:
        """Number of 64 bits for each entry, equal for one quantity in whatever table it is."""
        number_of_measure = (self.measure + 1).astype(np.uint64)
        quantity: Array = self.sign + _SPREAD * number_of_measure
        return quantity

    def matched(self, operands: Sequence[tuple[str, str]]) -> tuple[Array, ...]:
        """Entries of each operand, a measure and a code, for the keys that all of them have."""
        selected = []
        for operand in operands:
            selected.append(self.select(*operand))
        common, _ = selected[0]
        for signs_of_operand, _ in selected[1:]:
            common = np.intersect1d(common, signs_of_operand, assume_unique=True)
        columns = []
        for signs_of_operand, entries in selected:
            places = np.searchsorted(signs_of_operand, common)
            columns.append(entries[places])
        return tuple(columns)

    def select(self, measure: str, code: str = "") -> tuple[Array, Array]:
        """Signs and entries of one measure, in order of sign; `code` is no part of the sign."""
        if measure not in self.measures:
            return np.array([], dtype=np.uint64), np.array([], dtype=np.int64)
        entries = np.flatnonzero(self.measure == self.measures.index(measure))
        sign = self.sign[entries]
        if code:
            entries, sign = self._without(entries, code)
        distinct_signs, first = np.unique(sign, return_index=True)
        return distinct_signs, entries[first]

    def _without(self, entries: Array, code: str) -> tuple[Array, Array]:
        """Entries that have a code, and their signs without it."""
        dimension = code.split("_")[0]
        kept = [np.array([], dtype=np.int64)]
        for number, table in enumerate(self.tables):
            if dimension in table.dimensions:
                of_table = entries[self.table[entries] == number]
                has_code = table.having(dimension, [code])
                kept.append(of_table[has_code[self.row[of_table]]])
        chosen = np.concatenate(kept)
        (hash_of_code,) = hashed([f"{dimension}={code}"])
        sign = self.sign[chosen] - hash_of_code
        return chosen, sign

    def where(self, entry: int) -> tuple[Coded, int]:
        """Table and row of an entry."""
        table = self.tables[int(self.table[entry])]
        return table, int(self.row[entry])

    def masks(self, entries: Array) -> list[Array]:
        """Mask of the rows of some entries, one for each table."""
        masks = []
        for number, table in enumerate(self.tables):
            is_of_table = self.table[entries] == number
            entries_of_table = entries[is_of_table]
            mask = np.zeros(len(table), dtype=bool)
            mask[self.row[entries_of_table]] = True
            masks.append(mask)
        return masks


class _Entries(NamedTuple):
    """Figures of one table, as in `Pool`."""

    measure: Array
    sign: Array
    value: Array
    unit: Array
    row: Array


def _measures(tables: tuple[Coded, ...]) -> list[str]:
    measures: set[str] = set()
    for table in tables:
        if "MEASURE" in table.dimensions:
            measures.update(table.levels("MEASURE"))
    return sorted(measures)


def _entries(table: Coded, measures: list[str], scaled: bool, mask: Array) -> _Entries:
    rows = np.flatnonzero(mask)
    measure = np.full(len(rows), -1)
    if "MEASURE" in table.dimensions:
        levels = table.levels("MEASURE")
        numbers = []
        for level in levels:
            numbers.append(measures.index(level))
        codes = table.codes("MEASURE")[rows]
        measure = np.array([*numbers, -1])[codes]
    value = table.figures.value[rows]
    unit = table.figures.unit[rows]
    if not scaled:
        scale = table.figures.scale[rows]
        value = value / scale
        unit = unit / scale
    sign = signs(table)[rows]
    return _Entries(measure, sign, value, unit, rows)


def hashed(texts: list[str]) -> Array:
    """64-bit hash of each text, the same in every run."""
    objects = np.array(texts, dtype=object)
    hashes: Array = pd.util.hash_array(objects, hash_key=_KEY, categorize=False)
    return hashes


def key_hashes(table: Coded) -> Array:
    """Hash of every row's whole key, the same in every version of a table."""
    key = np.zeros(len(table), dtype=np.uint64)
    for dimension in table.dimensions:
        hashes = _level_hashes(table, dimension)
        key += hashes[table.codes(dimension)]
    return key


def signs(table: Coded) -> Array:
    """Hash of every row's key without MEASURE and without the codes of totals."""
    sign = np.zeros(len(table), dtype=np.uint64)
    for dimension in table.dimensions:
        if dimension == "MEASURE":
            continue
        hashes = _level_hashes(table, dimension)
        if dimension != "SEX":
            levels = table.levels(dimension)
            for code, level in enumerate(levels):
                if level in totals(dimension):
                    hashes[code] = 0
        sign += hashes[table.codes(dimension)]
    return sign


def _level_hashes(table: Coded, dimension: str) -> Array:
    """Hash of each level with its dimension, and of an absent one."""
    named_levels = []
    for level in table.levels(dimension):
        named_levels.append(f"{dimension}={level}")
    return hashed([*named_levels, ""])


@cache
def totals(dimension: str) -> frozenset[str]:
    """Codes of a dimension that mean everything in it; none for dimensions of others."""
    from ilms_sdmx.structures import codes

    try:
        codelist = codes(f"CL_{dimension}")
    except StructureError:
        return frozenset()
    is_total = codelist["is_total"].astype("str") == "Y"
    return frozenset(codelist.loc[is_total, "code"].astype("str"))
