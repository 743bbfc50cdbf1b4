"""Units to which figures are rounded: by what the mapping says, else by the digits that are printed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ilms_sdmx.mapping.layout import Bucket

if TYPE_CHECKING:
    import pandas as pd

_FRACTION = re.compile(r"[.,](\d{1,2})\D*$")


def units(figures: pd.DataFrame, how: pd.Series[str]) -> pd.Series[float]:
    """Units to which figures are rounded, in units of one; 0 for exact counts."""
    import numpy as np
    import pandas as pd

    digits = figures["digits"]
    numbers, distinct = pd.factorize(digits)
    decimals = np.array([*(_decimals(str(t)) for t in distinct), 0], "float64").take(numbers)
    powers = figures["multiplier"].astype("float64")
    shown = 10.0 ** (powers - decimals)
    declared = pd.to_numeric(figures["rounding"], errors="coerce") * 10.0**powers
    percent = figures["role"].isin(
        [Bucket.PERCENT.value, Bucket.RATIO.value, Bucket.RATE.value]
    )
    inexact = percent | (powers > 0) | figures["value"].str.contains(".", regex=False, na=False)
    exact = shown.where(inexact, 0.0)
    words = how == "words"
    exact[words] = 10.0 ** (
        figures.loc[words, "value"].map(_zeros).astype("float64") + powers[words]
    )
    return declared.fillna(exact)


def _decimals(text: str) -> int:
    """Count the digits after the last separator where they can be a fraction."""
    found = _FRACTION.search(text)
    return len(found.group(1)) if found else 0


def _zeros(value: str) -> int:
    """Count the zeros at the end of a value."""
    return len(value) - len(value.rstrip("0"))
