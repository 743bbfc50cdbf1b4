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

    found = pc.match_substring_regex(
        pa.array(texts, pa.string(), from_pandas=True), rf"\A(?:{_NUMBER.pattern})\z"
    )
    answer: np.ndarray = pc.fill_null(found, False).to_numpy(zero_copy_only=False)
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
    return format(value, "f") if value.is_finite() else text


def scale(values: pd.Series[str], powers: pd.Series[int] | int) -> pd.Series[str]:
    """Each number times its power of ten; missing ones stay missing.

    The work is done once for each distinct pair of number and power.
    """
    import pandas as pd

    if isinstance(powers, int):
        powers = pd.Series(powers, index=values.index)
    if not (powers != 0).any():
        return values
    result = values.copy()
    for power in sorted(powers[powers != 0].unique()):
        chosen = (powers == power) & values.notna() & (values != "")
        codes, distinct = pd.factorize(values[chosen])
        shifted = pd.array(
            [shift(str(text), int(power)) for text in distinct.tolist()], dtype="str"
        )
        result[chosen] = shifted.take(codes)
    return result
