"""Pool: figures of several tables side by side, found by what they measure whatever table they stand in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from ilms_sdmx.validation.coded import Array, Coded

#: Salt of the hash that stands for a part of a key.
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
        Hash of area, frequency, period, sex and every code that is no total: equal for one quantity in
        whatever table and classification version it stands.
    value, unit
        Figure and rounding unit on a scale that all tables share.
    table, row
        Where the figure stands.
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
    def of(cls, tables: tuple[Coded, ...]) -> Pool:
        """Pool of all figures of at least one table; unscaled where one table states no UNIT_MULT."""
        scaled = all("UNIT_MULT" in t.dataset.observations for t in tables)
        names = sorted(
            {m for t in tables if "MEASURE" in t.dimensions for m in t.levels("MEASURE")}
        )
        numbers = {name: number for number, name in enumerate(names)}
        parts = [_part(number, table, numbers, scaled) for number, table in enumerate(tables)]
        measure, sign, value, unit, table, row = (
            np.concatenate([p[i] for p in parts]) for i in range(6)
        )
        return cls(tables, names, measure, sign, value, unit, table, row, scaled)

    def select(self, measure: str, code: str = "") -> tuple[Array, Array]:
        """Signs and entries of one measure, in order of sign; `code` is taken out of the sign of its rows."""
        if measure not in self.measures:
            return np.array([], dtype=np.uint64), np.array([], dtype=np.int64)
        entries = np.flatnonzero(self.measure == self.measures.index(measure))
        sign = self.sign[entries]
        if code:
            entries, sign = self._without(entries, code)
        sign, first = np.unique(sign, return_index=True)
        return sign, entries[first]

    def _without(self, entries: Array, code: str) -> tuple[Array, Array]:
        dimension = code.split("_")[0]
        kept = []
        for number, table in enumerate(self.tables):
            if dimension in table.dimensions:
                mine = entries[self.table[entries] == number]
                kept.append(mine[table.having(dimension, [code])[self.row[mine]]])
        chosen = np.concatenate(kept) if kept else np.array([], dtype=np.int64)
        return chosen, self.sign[chosen] - hashed([f"{dimension}={code}"])[0]

    def where(self, entry: int) -> tuple[Coded, int]:
        """Table and row of an entry."""
        return self.tables[int(self.table[entry])], int(self.row[entry])


def hashed(texts: list[str]) -> Array:
    """64-bit hash of each text, the same in every run."""
    found: Array = pd.util.hash_array(
        np.array(texts, dtype=object), hash_key=_KEY, categorize=False
    )
    return found


def _part(number: int, table: Coded, numbers: dict[str, int], scaled: bool) -> tuple[Any, ...]:
    rows = np.flatnonzero(table.finite)
    measure = np.full(len(rows), -1)
    if "MEASURE" in table.dimensions:
        known = np.array([*(numbers[m] for m in table.levels("MEASURE")), -1])
        measure = known[table.codes("MEASURE")[rows]]
    by = 1.0 if scaled else table.figures.scale[rows]
    value, unit = table.figures.value[rows] / by, table.figures.unit[rows] / by
    return measure, signs(table)[rows], value, unit, np.full(len(rows), number), rows


def signs(table: Coded) -> Array:
    """Hash of every row's key without MEASURE and without the codes of totals."""
    sign = np.zeros(len(table), dtype=np.uint64)
    for dimension in table.dimensions:
        if dimension != "MEASURE":
            skipped = totals(dimension) if dimension != "SEX" else frozenset()
            levels = table.levels(dimension)
            hashes = hashed([*(f"{dimension}={level}" for level in levels), ""])
            hashes[[i for i, level in enumerate(levels) if level in skipped]] = 0
            sign += hashes[table.codes(dimension)]
    return sign


@cache
def totals(dimension: str) -> frozenset[str]:
    """Codes of a dimension that stand for everything in it; none for dimensions that are not ours."""
    from ilms_sdmx.errors import StructureError
    from ilms_sdmx.structures import codes

    try:
        table = codes(f"CL_{dimension}")
    except StructureError:
        return frozenset()
    return frozenset(table.loc[table["is_total"].astype("str") == "Y", "code"].astype("str"))
