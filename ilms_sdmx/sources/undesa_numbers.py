"""Figures of workbook cells as plain text, exactly as the file holds them, and symbols."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa


def numbers_of(columns: list[list[Any]]) -> tuple[pd.Series[str], pd.Categorical[str]]:
    """Plain text of the numbers, and what was there where there was none."""
    import numpy as np
    import pandas as pd

    cells = np.array(list(chain.from_iterable(columns)), dtype=object)
    numbers = pd.to_numeric(pd.Series(cells), errors="coerce")
    values = numbers.to_numpy(dtype="float64", copy=True)
    no_number = np.flatnonzero(np.isnan(values))
    others = cells[no_number]
    symbols = []
    for place, cell in zip(no_number, others, strict=True):
        value = _grouped(cell)
        values[place] = value
        symbols.append(str(cell).strip() if np.isnan(value) else "")
    symbol_codes, names = pd.factorize(np.array(symbols, object))
    # The first category is that of all figures that are numbers.
    codes = np.zeros(len(cells), dtype="int64")
    codes[no_number] = symbol_codes + 1
    categories = pd.Index(["\0", *names], dtype="str")
    all_symbols = pd.Categorical.from_codes(codes, categories)
    texts = pd.array(_plain(values), dtype="str")
    return pd.Series(texts), _plain_symbols(all_symbols)


def _plain_symbols(symbols: pd.Categorical[str]) -> pd.Categorical[str]:
    """Symbols with one empty category, whether nothing stood there or a number."""
    import numpy as np
    import pandas as pd

    names = ["" if name == "\0" else name for name in symbols.categories]
    known = list(dict.fromkeys(names))
    codes = np.array([known.index(name) for name in names])[symbols.codes]
    return pd.Categorical.from_codes(codes, pd.Index(known, dtype="str"))


def _grouped(cell: Any) -> float:
    """Read a number in a text cell with grouped digits, NaN for symbols."""
    text = str(cell).strip()
    plain = re.sub(r"[,\s]", "", text)
    return float(plain) if re.fullmatch(r"-?\d[\d, \u00a0]*(\.\d+)?", text) else float("nan")


def _plain(values: np.ndarray) -> pa.Array:
    """Text of numbers as the file holds them: `304021813`, `5327803.11`; null for NaN."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    is_number = ~np.isnan(values)
    is_whole = is_number & (values == np.rint(values))
    has_decimals = is_number & ~is_whole
    whole_numbers = np.where(is_whole, values, 0).astype("int64")
    masked_numbers = pa.array(whole_numbers, mask=~is_whole)
    integers = pc.cast(masked_numbers, pa.string())
    positional = list(map(np.format_float_positional, values[has_decimals]))
    decimals = pa.array(positional, pa.string())
    return pc.replace_with_mask(integers, pa.array(has_decimals), decimals)
