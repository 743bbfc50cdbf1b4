"""Repetition: codes whose figures repeat, for every sex, those of another code."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from ilms_sdmx.findings import Finding, find
from ilms_sdmx.validation.arithmetic.relations import Relation
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.pool import hashed
from ilms_sdmx.validation.coded.table import Coded
from ilms_sdmx.validation.rules.listing import listed

#: Significant digits that the figures of two codes share before the one is taken for a copy.
_REPEATED = 6
_NOT_COMPARED = ("SEX", "REF_AREA", "FREQ", "MEASURE")


@dataclass(frozen=True)
class _Kinship:
    """Codes of one dimension whose figures may be equal by their nature.

    Parameters
    ----------
    totals
        Codes that others add up to.
    overlapping
        Codes that overlap others of their version.
    residuals
        Codes of what is not classified.
    """

    totals: Collection[str]
    overlapping: Collection[str]
    residuals: Collection[str]

    @classmethod
    def of(cls, relations: Sequence[Relation]) -> _Kinship:
        totals = {relation.total for relation in relations}
        overlapping: set[str] = set()
        residuals = set()
        for relation in relations:
            if relation.rule == "overlap-total":
                overlapping.update(relation.parts)
            if relation.rule != "nested-total" and relation.residual:
                residuals.add(relation.residual)
        return cls(totals, overlapping, residuals)

    def is_odd(self, one: str, other: str, digits: int) -> bool:
        """Whether equal figures of two codes with so many digits are worth telling."""
        if self._is_overlap_and_residual(one, other):
            return True
        version, _, _ = one.rpartition("_")
        version_of_other, _, _ = other.rpartition("_")
        if version != version_of_other:
            return False
        if digits < _REPEATED:
            return False
        is_nested = self._is_nested(one)
        return not (is_nested or self._is_nested(other))

    def _is_overlap_and_residual(self, one: str, other: str) -> bool:
        if one in self.overlapping and other in self.residuals:
            return True
        if other not in self.overlapping:
            return False
        return one in self.residuals

    def _is_nested(self, code: str) -> bool:
        if code in self.totals:
            return True
        if not self.residuals:
            return False
        return code in self.overlapping


def find_repeated_values(coded: Coded, relations: Sequence[Relation]) -> Iterator[Finding]:
    """Findings of codes that repeat the figures of another code of the same area and period.

    What must be equal is left out: a total of one part, or a code and the only part of it that
    is reported. An overlapping code that equals the residual is always told, for it says that
    nothing else was classified.
    """
    for dimension in coded.dimensions:
        if dimension in _NOT_COMPARED:
            continue
        if dimension == coded.time:
            continue
        related = [relation for relation in relations if relation.dimension == dimension]
        if any(relation.rule != "nested-total" for relation in related):
            yield from _find_repetitions(coded, dimension, _Kinship.of(related))


def _find_repetitions(coded: Coded, dimension: str, kinship: _Kinship) -> Iterator[Finding]:
    levels = coded.levels(dimension)
    row_repeated = {}
    pairs = _equal_pairs(coded, dimension)
    columns = [pairs[name].tolist() for name in ("code", "code_of", "digits", "row", "row_of")]
    for code, other, digits, row, row_of_other in zip(*columns, strict=True):
        name = levels[code]
        name_of_other = levels[other]
        if kinship.is_odd(name, name_of_other, digits):
            row_repeated[row_of_other] = row
    rows = np.array(sorted(row_repeated), dtype=np.int64)
    make = partial(_find_repetition, coded, dimension, row_repeated)
    yield from listed("repeated-value", coded, rows, make)


def _find_repetition(
    coded: Coded, dimension: str, row_repeated: dict[int, int], row: int
) -> Finding:
    place = coded.place(row)
    read = coded.printed(row)
    code = coded.text(dimension, row)
    other = coded.text(dimension, row_repeated[row])
    return find("repeated-value", place, component=dimension, read=read, code=code, other=other)


def _equal_pairs(coded: Coded, dimension: str) -> pd.DataFrame:
    """One row a pair of codes that have the same figures in a block, the lower code first."""
    vectors = _vectors(coded, dimension)
    is_shared = vectors.duplicated(["block", "content"], keep=False)
    digits = vectors["digits"]
    has_digits = digits > 0
    shared = vectors[is_shared & has_digits]
    shared = shared.sort_values(["block", "content", "code"])
    pairs = shared.merge(shared, on=["block", "content"], suffixes=("", "_of"))
    code = pairs["code"]
    code_of = pairs["code_of"]
    return pairs[code < code_of]


def _vectors(coded: Coded, dimension: str) -> pd.DataFrame:
    """One row a code in a block of one area and period: hash and digits of its figures."""
    block, _ = coded.others(dimension, "SEX")
    code = coded.codes(dimension)
    rows = np.flatnonzero(coded.finite)
    block_of_row = block[rows]
    code_of_row = code[rows]
    figures = pd.DataFrame({"block": block_of_row, "code": code_of_row, "row": rows})
    figures["content"] = _hashed_figures(coded, rows)
    figures["digits"] = coded.digits[rows]
    by_code = figures.groupby(["block", "code"], sort=False, as_index=False)
    return by_code.agg(
        content=("content", "sum"), digits=("digits", "sum"), row=("row", "first")
    )


def _hashed_figures(coded: Coded, rows: Array) -> Array:
    """Hash of each figure with its sex; those of one code add up in any order."""
    unsigned_zeros = coded.figures.value[rows] + 0.0
    bits: Array = np.ascontiguousarray(unsigned_zeros).view(np.uint64)
    if "SEX" not in coded.dimensions:
        return bits
    levels = coded.levels("SEX")
    hashes = hashed([*levels, ""])
    sex = coded.codes("SEX")[rows]
    return hashes[sex] * bits
