"""Units to which figures are rounded.

By what the mapping says, else by the digits that are printed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.figures.model import Figures
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.sums import printed_decimals, zeros_at_end

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

#: Buckets of figures that count nothing and are always rounded.
_NO_COUNTS = (Bucket.PERCENT, Bucket.RATIO, Bucket.RATE)


def units(figures: Figures, how: pd.Series[str]) -> pd.Series[float]:
    """Units to which figures are rounded, in units of one; 0 for exact counts.

    Parameters
    ----------
    figures
        Figures whose values are read.
    how
        How each value came about: `words` for one that is printed with words such as *more
        than*.
    """
    import pandas as pd

    powers = figures.multiplier.astype("float64")
    decimals = _decimals(figures)
    has_point = figures.value.str.contains(".", regex=False, na=False)
    no_count = figures.in_role(*_NO_COUNTS)
    is_rounded = no_count | has_point | (powers > 0)
    shown = 10.0 ** (powers - decimals)
    printed = shown.where(is_rounded, 0.0)
    in_words = how == "words"
    worded = figures.value[in_words]
    zeros = worded.map(zeros_at_end).astype("float64")
    printed[in_words] = 10.0 ** (zeros + powers[in_words])
    rounding = pd.to_numeric(figures.rounding, errors="coerce")
    declared = rounding * 10.0**powers
    return declared.fillna(printed)


def _decimals(figures: Figures) -> np.ndarray[Any, np.dtype[Any]]:
    """Decimals that each figure shows; each printed text is looked at once."""
    import numpy as np
    import pandas as pd

    numbers, texts = pd.factorize(figures.digits)
    _, first = np.unique(numbers, return_index=True)
    first_of_text = first[numbers[first] >= 0]
    values = figures.value.iloc[first_of_text].fillna("")
    counts = list(map(printed_decimals, map(str, texts), map(str, values)))
    counts.append(0)
    decimals = np.array(counts, dtype="float64")
    return decimals.take(numbers)
