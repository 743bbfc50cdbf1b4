"""Scaling of figures by powers of ten in exact decimal arithmetic: text in, text out."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)


def is_number(text: str) -> bool:
    """Whether a text is a plain decimal number of SDMX.

    Digits, one point, a sign, an exponent, no groups.
    """
    return _NUMBER.fullmatch(text) is not None


def are_numbers(texts: np.ndarray) -> np.ndarray:
    """`is_number` of many texts at once; False for missing ones."""
    import pyarrow as pa
    import pyarrow.compute as pc

    strings = pa.array(texts, pa.string(), from_pandas=True)
    matches = pc.match_substring_regex(strings, rf"\A(?:{_NUMBER.pattern})\z")
    whether = pc.fill_null(matches, False)
    answer: np.ndarray = whether.to_numpy(zero_copy_only=False)
    return answer


def shift(text: str, power: int) -> str:
    """Text of a number times a power of ten, every digit kept.

    Examples
    --------
    >>> shift("2752", -3), shift("4", -3), shift("1.220", 6), shift("1000", -3)
    ('2.752', '0.004', '1220000', '1.000')
    """
    if power == 0:
        return text
    value = Decimal(text).scaleb(power)
    if not value.is_finite():
        return text
    return format(value, "f")


def scale(values: pd.Series[str], powers: pd.Series[int] | int) -> pd.Series[str]:
    """Each number times its power of ten; missing ones stay missing.

    The work is done once for each distinct pair of number and power.
    """
    import pandas as pd

    if isinstance(powers, int):
        powers = pd.Series(powers, index=values.index)
    is_scaled = powers != 0
    if not is_scaled.any():
        return values
    has_value = values.notna() & (values != "")
    result = values.copy()
    for power in sorted(powers[is_scaled].unique()):
        chosen = (powers == power) & has_value
        codes, distinct = pd.factorize(values[chosen])
        shifted = [shift(str(text), int(power)) for text in distinct.tolist()]
        texts = pd.array(shifted, dtype="str")
        result[chosen] = texts.take(codes)
    return result
