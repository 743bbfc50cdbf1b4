"""Figures: numbers of a measure with the precision in which they were reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ilms_sdmx.sums import shared_zeros_of_groups
from ilms_sdmx.validation.coded.columns import Array, EncodedColumns

#: Lexical form of xs:double and xs:decimal; `NaN` is a missing value.
_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_SPECIAL = ("", "NaN", "INF", "-INF")
#: Share of a block's figures that must show a decimal place for it to count as the block's.
_TYPICAL = 0.4
_MOST_DECIMALS = 12
#: Number of decimals of a row that states none: less than any that is stated.
_UNSTATED = -99


@dataclass(frozen=True, eq=False)
class ReportedNumbers:
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
    def of(
        cls, columns: EncodedColumns, measure: str, block_columns: Sequence[str]
    ) -> ReportedNumbers:
        """Numbers of a measure; none where the frame has no such column.

        Parameters
        ----------
        columns
            Columns of the data set.
        measure
            Name of the column.
        block_columns
            Columns that make a block, the figures printed together: area and period.

        Notes
        -----
        Printed tables and ILOSTAT drop closing zeros, so 1.7 next to 1.743 is most likely
        1.700. The precision of a figure is therefore that of its block: the most decimals that
        at least 40 % of the block's figures show, or its own where it shows more. Where all of
        at least eight figures of a block end in zeros (1 386 000), they are rounded to the
        tens, hundreds ... that they share. DECIMALS, where reported, can only refine that.
        """
        if not columns.has(measure):
            nothing = np.full(len(columns), np.nan)
            no_scale = np.ones(len(columns))
            not_wrong = np.zeros(len(columns), bool)
            return cls(nothing, nothing, no_scale, not_wrong)
        level_numbers, level_decimals, level_wrong = _parse(columns.distinct(measure))
        codes = columns.codes(measure)
        numbers = level_numbers[codes]
        scale = _scale(columns)
        blocks = columns.groups(block_columns)
        shown = level_decimals[codes]
        places = _decimal_places(columns, numbers, shown, blocks)
        with np.errstate(over="ignore"):
            # What 64 bits cannot hold is infinite, and never compared.
            value = numbers * scale
            unit = 10.0**-places * scale
        return cls(value, unit, scale, level_wrong[codes])


def _parse(texts: pa.Array) -> tuple[Array, Array, Array]:
    """Numbers, decimals and faults of all texts, with one entry more for an absent one."""
    text = pc.utf8_trim_whitespace(texts)
    matches = pc.match_substring_regex(text, _NUMBER)
    number_text = pc.if_else(matches, text, None)
    number = pc.cast(number_text, pa.float64())
    numbers = np.append(_numpy(number), np.nan)
    is_number = _numpy(matches)
    among_special = pc.is_in(text, pa.array(_SPECIAL))
    is_special = _numpy(among_special)
    is_wrong = ~is_number & ~is_special
    wrong = np.append(is_wrong, False)
    shown_decimals = np.where(is_number, _shown_decimals(text), 0)
    decimals = np.append(shown_decimals, 0)
    return numbers, decimals, wrong


def _shown_decimals(text: pa.Array) -> Array:
    """Decimals that each number shows, its exponent left out."""
    has_exponent = pc.match_substring_regex(text, "[eE]")
    if pc.any(has_exponent).as_py():
        text = pc.replace_substring_regex(text, "[eE].*", "")
    point = _numpy(pc.find_substring(text, "."))
    length = _numpy(pc.utf8_length(text))
    digits_behind = length - point - 1
    decimals: Array = np.where(point >= 0, digits_behind, 0)
    return decimals.clip(0, _MOST_DECIMALS)


def _numpy(array: pa.Array) -> Array:
    values: Array = array.to_numpy(zero_copy_only=False)
    return values


def _decimal_places(
    columns: EncodedColumns, numbers: Array, shown: Array, blocks: tuple[Array, int]
) -> Array:
    """Decimals to which each figure is rounded; less than 0 for tens, hundreds ..."""
    typical_decimals = _typical_decimals(shown, blocks)
    places = np.maximum(shown, typical_decimals)
    common_zeros = _common_zeros(numbers, places, blocks)
    places = places - common_zeros
    stated = columns.numbers("DECIMALS")
    if stated is None:
        return places
    known_places = np.nan_to_num(stated, nan=_UNSTATED)
    stated_places = known_places.clip(_UNSTATED, _MOST_DECIMALS)
    refined: Array = np.maximum(places, stated_places)
    return refined


def _typical_decimals(shown: Array, blocks: tuple[Array, int]) -> Array:
    """Decimals that are usual in the block of each row."""
    block, size = blocks
    total = np.bincount(block, minlength=size)
    usual = np.zeros(size, dtype=np.int64)
    most = int(shown.max(initial=0))
    for places in range(1, most + 1):
        shows_as_many = shown >= places
        count = np.bincount(block[shows_as_many], minlength=size)
        share = count / np.maximum(total, 1)
        usual[share >= _TYPICAL] = places
    return usual[block]


def _common_zeros(numbers: Array, places: Array, blocks: tuple[Array, int]) -> Array:
    """Zeros before the point that all figures of a block end in; 0 where one has decimals."""
    block, size = blocks
    zeros = shared_zeros_of_groups(numbers, block, size)
    count_of_decimals = np.bincount(block[places > 0], minlength=size)
    with_decimals = count_of_decimals > 0
    zeros[with_decimals] = 0
    return zeros[block]


def significant_digits(texts: pa.Array) -> Array:
    """Digits of each text without zeros at its ends, with one entry more for an absent one."""
    without_point = pc.replace_substring(texts, ".", "")
    digits = pc.utf8_trim(without_point, "0+- ")
    return np.append(_numpy(pc.utf8_length(digits)), 0)


def _scale(columns: EncodedColumns) -> Array:
    """Power of ten that UNIT_MULT states for each row."""
    stated = columns.numbers("UNIT_MULT")
    if stated is None:
        return np.ones(len(columns))
    known = np.nan_to_num(stated)
    exponents = known.clip(-9, 12)
    scale: Array = 10.0**exponents
    return scale
