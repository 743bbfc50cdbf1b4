"""Rounding steps: to which unit a printed figure is rounded.

The step is the last decimal that is printed; that of a whole number of single units is zero,
for a count is exact. Where all of at least eight figures are multiples of a power of ten, they
are rounded to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

#: Figures other than zero that must all be multiples of a power of ten to count as rounded to
#: it.
LEAST_ROUNDED = 8
#: Largest power of ten that is looked for.
_MOST_ZEROS = 6
_LAST_GROUP = re.compile(r"[.,٫](\d+)\D*$")
_DIGIT = re.compile(r"\d")
#: Powers of ten to which figures are rounded, in words.
_WORDS = (
    "ones",
    "tens",
    "hundreds",
    "thousands",
    "ten thousands",
    "hundred thousands",
    "millions",
)


def printed_decimals(text: str, value: str) -> int:
    """Count the decimals that a printed number shows.

    Parameters
    ----------
    text
        The number as it is printed.
    value
        The number that was read of it, with a point before its decimals: it tells three
        decimals from a group of three digits.

    Examples
    --------
    >>> from ilms_sdmx.sums import printed_decimals
    >>> printed_decimals("103.230", "103.230"), printed_decimals("103.230", "103230")
    (3, 0)
    """
    last_group = _LAST_GROUP.search(text)
    if last_group is None:
        return 0
    digits = len(last_group.group(1))
    if digits != 3:
        return digits
    whole_part = value.partition(".")[0]
    before_point = len(_DIGIT.findall(whole_part))
    printed = len(_DIGIT.findall(text))
    return 3 if printed - before_point >= 3 else 0


def printed_step(text: str, value: str, power: int = 0, *, counted: bool = True) -> Decimal:
    """Find the rounding step of a printed number, in single units.

    Parameters
    ----------
    text
        The number as it is printed.
    value
        The number that was read of it, with a point before its decimals.
    power
        Power of ten by which the sheet says that the number is to be multiplied.
    counted
        Whether the number counts something; a percent does not.
    """
    whole = "." not in value
    if counted and whole and power <= 0:
        return Decimal(0)
    return Decimal(1).scaleb(power - printed_decimals(text, value))


def zeros_at_end(value: str) -> int:
    """Count the zeros at the end of a whole number.

    0 for zero itself and for a number with a point.
    """
    if "." in value:
        return 0
    digits = value.lstrip("+-")
    significant = digits.rstrip("0")
    return len(digits) - len(significant) if significant else 0


def shared_zeros(values: Iterable[str]) -> int:
    """Power of ten of which all figures are multiples.

    0 where they are fewer than eight, or have a point.

    Examples
    --------
    >>> from ilms_sdmx.sums import shared_zeros
    >>> shared_zeros(["11400", "9700", "21100", "0", "12200", "10300", "22500", "900", "400"])
    2
    """
    least = _MOST_ZEROS
    count = 0
    for value in values:
        if "." in value:
            return 0
        if not value.strip("+-0"):
            continue
        count += 1
        least = min(least, zeros_at_end(value))
        if least == 0:
            return 0
    return least if count >= LEAST_ROUNDED else 0


def shared_zeros_of_groups(
    numbers: np.ndarray[Any, np.dtype[Any]], groups: np.ndarray[Any, np.dtype[Any]], size: int
) -> np.ndarray[Any, np.dtype[Any]]:
    """Power of ten of which all figures of each group are multiples.

    As `shared_zeros` finds it.

    Parameters
    ----------
    numbers
        Figures as they are printed; what is not finite takes no part.
    groups
        Number of the group of each figure.
    size
        Number of groups.
    """
    import numpy as np

    used = np.isfinite(numbers) & (numbers != 0)
    used_groups = groups[used]
    used_numbers = numbers[used]
    count = np.bincount(used_groups, minlength=size)
    zeros = np.zeros(size, dtype=np.int64)
    multiples = count >= LEAST_ROUNDED
    for power in range(_MOST_ZEROS + 1):
        uneven = np.mod(used_numbers, 10.0**power) != 0
        others = np.bincount(used_groups[uneven], minlength=size)
        multiples &= others == 0
        zeros[multiples] = power
    return zeros


def in_words(power: int) -> str:
    """Words for a power of ten to which figures are rounded: `hundreds` for 2."""
    return _WORDS[power]
