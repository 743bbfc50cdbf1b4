"""Figures: numbers of a measure with the precision in which they were reported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from ilms_sdmx.validation.coded import Coded

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

#: Lexical form of xs:double and xs:decimal; `NaN` stands for a missing value.
_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_SPECIAL = ("", "NaN", "INF", "-INF")
#: Share of a block's figures that must show a decimal place for it to count as the block's own.
_TYPICAL = 0.4
_MOST_DECIMALS = 12
#: Share of a block's figures, and how many at least, that must end in zeros for it to be rounded to them;
#: and rounding units that its largest figure must have: 100, 60 and 40 are exact, 1 386 000 is rounded.
_ROUND, _ENOUGH, _MOST_ZEROS, _FINE = 0.9, 4, 6, 100


@dataclass(frozen=True, eq=False)
class Figures:
    """Numbers of one measure, row by row.

    Parameters
    ----------
    value
        Figures in single units (UNIT_MULT applied); NaN where there is none.
    unit
        Rounding unit of each figure on the same scale: 0.001 thousand persons is 1.
    scale
        Power of ten by which the reported text was multiplied.
    wrong
        Rows whose text is no number.
    """

    value: Array
    unit: Array
    scale: Array
    wrong: Array

    @classmethod
    def of(cls, coded: Coded) -> Figures:
        """Figures of a data set's first measure.

        Notes
        -----
        Printed tables and ILOSTAT drop closing zeros, so 1.7 beside 1.743 is most likely 1.700. The
        precision of a figure is therefore that of its block (area, period): the most decimals that at
        least 40 % of the block's figures show, or its own where it shows more. A block whose figures nearly
        all end in zeros (1 386 000) is rounded to the tens, hundreds ... that they share, if its largest
        figure has a hundred of them. DECIMALS, where reported, can only refine that.
        """
        measure = coded.dataset.components.measures[0]
        if measure not in coded.dataset.observations:
            nothing = np.full(len(coded), np.nan)
            return cls(nothing, nothing, np.ones(len(coded)), np.zeros(len(coded), dtype=bool))
        numbers, decimals, wrong = _parse(coded.distinct(measure))
        codes = coded.codes(measure)
        own = decimals[codes]
        scales = _scales(coded)
        stated = _numeric(coded, "DECIMALS")
        places = np.maximum(own, _typical(coded, own))
        places = places - _coarse(coded, numbers[codes], places)
        if stated is not None:
            places = np.maximum(
                places, np.nan_to_num(stated, nan=-99).clip(-99, _MOST_DECIMALS)
            )
        with np.errstate(
            over="ignore"
        ):  # what 64 bits cannot hold is infinite, and never compared
            return cls(numbers[codes] * scales, 10.0**-places * scales, scales, wrong[codes])


def _parse(texts: pa.Array) -> tuple[Array, Array, Array]:
    """Parse each text: number, decimals, whether it is wrong; one entry more for an absent one."""
    text = pc.utf8_trim_whitespace(texts)
    good = pc.match_substring_regex(text, _NUMBER)
    number = pc.cast(pc.if_else(good, text, None), pa.float64()).to_numpy(zero_copy_only=False)
    exponent = pc.match_substring_regex(text, "[eE]")
    if pc.any(exponent).as_py():
        text = pc.replace_substring_regex(text, "[eE].*", "")
    dot = pc.find_substring(text, ".").to_numpy(zero_copy_only=False)
    length = pc.utf8_length(text).to_numpy(zero_copy_only=False)
    fine = good.to_numpy(zero_copy_only=False)
    decimals = np.where(fine & (dot >= 0), length - dot - 1, 0).clip(0, _MOST_DECIMALS)
    special = pc.is_in(text, pa.array(_SPECIAL)).to_numpy(zero_copy_only=False)
    return np.append(number, np.nan), np.append(decimals, 0), np.append(~fine & ~special, False)


def _typical(coded: Coded, own: Array) -> Array:
    """Decimals that are usual in the row's block of one area and period."""
    blocks = [d for d in ("REF_AREA", coded.time) if d in coded.dimensions]
    group, size = coded.groups(blocks)
    total = np.bincount(group, minlength=size)
    usual = np.zeros(size, dtype=np.int64)
    for places in range(1, int(own.max(initial=0)) + 1):
        share = np.bincount(group[own >= places], minlength=size) / np.maximum(total, 1)
        usual[share >= _TYPICAL] = places
    return usual[group]


def _coarse(coded: Coded, numbers: Array, places: Array) -> Array:
    """Zeros before the point that nearly all figures of the row's block end in; 0 where it has decimals."""
    group, size = coded.groups([d for d in ("REF_AREA", coded.time) if d in coded.dimensions])
    used = np.isfinite(numbers) & (numbers != 0)
    count = np.bincount(group[used], minlength=size)
    whole = np.bincount(group[used & (places <= 0)], minlength=size) == count
    largest = np.zeros(size)
    np.maximum.at(largest, group[used], np.abs(numbers[used]))
    shared = np.zeros(size, dtype=np.int64)
    zeros = np.zeros(len(numbers), dtype=np.int64)
    for power in range(1, _MOST_ZEROS + 1):
        round_ = used & whole[group] & (np.mod(np.where(used, numbers, 1), 10.0**power) == 0)
        share = np.bincount(group[round_], minlength=size) / np.maximum(count, 1)
        usual = (share >= _ROUND) & (count >= _ENOUGH)
        shared[usual] = power
        zeros[round_ & usual[group]] = power
    return np.where((largest >= _FINE * 10.0**shared)[group], zeros, 0)


def _numeric(coded: Coded, column: str) -> Array | None:
    """Integers of a column such as DECIMALS; None where the data set has no such column."""
    if column not in coded.dataset.observations:
        return None
    numbers = pd.to_numeric(
        pd.Series([*coded.levels(column), ""], dtype="str"), errors="coerce"
    )
    return numbers.to_numpy(dtype=np.float64)[coded.codes(column)]


def _scales(coded: Coded) -> Array:
    stated = _numeric(coded, "UNIT_MULT")
    if stated is None:
        return np.ones(len(coded))
    return 10.0 ** np.nan_to_num(stated).clip(-9, 12)
