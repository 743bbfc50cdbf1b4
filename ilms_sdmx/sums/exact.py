"""Columns of printed numbers as whole numbers of one small unit.

So that they add up exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

#: Whole numbers up to which floating point is exact, and up to which 64 bits can hold a sum.
_EXACT_FLOAT, _LONGEST = 2**53, 2**62


def places_of(texts: Iterable[str]) -> int:
    """Count the decimals of that one of some numbers which has most."""
    most = 0
    for text in texts:
        if "." in text or "e" in text or "E" in text:
            most = max(most, _places(text))
    return most


def _places(text: str) -> int:
    """Count the decimals of a number."""
    exponent = Decimal(text).as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def whole_numbers(
    texts: Sequence[str], places: int, terms: int = 1
) -> np.ndarray[Any, np.dtype[Any]]:
    """Plain decimal texts as whole multiples of the `places`th decimal.

    Parameters
    ----------
    places
        Decimals that are kept: at least as many as any text has.
    terms
        Largest number of figures that are to be added up. Where 64 bits could not hold their
        sum, the result holds integers of Python.

    Examples
    --------
    >>> from ilms_sdmx.sums import whole_numbers
    >>> whole_numbers(["11.4", "9.75"], 2).tolist()
    [1140, 975]
    """
    import numpy as np

    floats = np.array(texts, dtype="float64") * 10.0**places
    largest = float(np.abs(floats).max(initial=0.0))
    if largest < _EXACT_FLOAT and largest * terms < _LONGEST:
        nearest: np.ndarray[Any, np.dtype[Any]] = np.rint(floats).astype("int64")
        return nearest
    exact = np.empty(len(texts), dtype=object)
    for place, text in enumerate(texts):
        exact[place] = int(Decimal(text).scaleb(places))
    return exact
