"""Units to which figures are rounded: by what the mapping says, else by the digits that are printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.sums import printed_decimals, zeros_at_end

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

#: Buckets of figures that count nothing and are always rounded.
_NO_COUNTS = (Bucket.PERCENT.value, Bucket.RATIO.value, Bucket.RATE.value)


def units(figures: pd.DataFrame, how: pd.Series[str]) -> pd.Series[float]:
    """Units to which figures are rounded, in units of one; 0 for exact counts.

    Parameters
    ----------
    figures
        Figures with `digits`, `value`, `multiplier`, `rounding` and `role`.
    how
        How each value came about: `words` for one that is printed with words such as *more than*.
    """
    import pandas as pd

    powers = figures["multiplier"].astype("float64")
    shown = 10.0 ** (powers - _decimals(figures))
    with_point = figures["value"].str.contains(".", regex=False, na=False)
    no_count = figures["role"].isin(_NO_COUNTS)
    printed = shown.where(no_count | (powers > 0) | with_point, 0.0)
    in_words = how == "words"
    zeros = figures.loc[in_words, "value"].map(zeros_at_end)
    printed[in_words] = 10.0 ** (zeros.astype("float64") + powers[in_words])
    declared = pd.to_numeric(figures["rounding"], errors="coerce") * 10.0**powers
    return declared.fillna(printed)


def _decimals(figures: pd.DataFrame) -> np.ndarray[Any, np.dtype[Any]]:
    """Decimals that each figure shows; each printed text is looked at once."""
    import numpy as np
    import pandas as pd

    numbers, texts = pd.factorize(figures["digits"])
    _, first = np.unique(numbers, return_index=True)
    first_of_text = first[numbers[first] >= 0]
    values = figures["value"].iloc[first_of_text].fillna("")
    counts = [
        printed_decimals(str(text), str(value))
        for text, value in zip(texts, values, strict=True)
    ]
    return np.array([*counts, 0], dtype="float64").take(numbers)
