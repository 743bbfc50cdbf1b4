"""Figures of workbook cells as plain text, exactly as the file holds them, and symbols in their place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa


def numbers_of(columns: list[list[Any]]) -> tuple[pd.Series[str], pd.Categorical[str]]:
    """Plain text of the numbers, and what stood where there was none."""
    import numpy as np
    import pandas as pd

    cells = np.array([cell for column in columns for cell in column], dtype=object)
    values = pd.to_numeric(pd.Series(cells), errors="coerce").to_numpy(
        dtype="float64", copy=True
    )
    odd = np.flatnonzero(np.isnan(values))
    values[odd] = [_grouped(cell) for cell in cells[odd]]
    codes = np.zeros(len(cells), dtype="int64")
    found, names = pd.factorize(
        np.array(
            [
                str(c).strip() if np.isnan(v) else ""
                for c, v in zip(cells[odd], values[odd], strict=True)
            ],
            object,
        )
    )
    # The first category is that of all figures that are numbers.
    codes[odd] = found + 1
    symbols = pd.Categorical.from_codes(codes, pd.Index(["\0", *names], dtype="str"))
    return pd.Series(pd.array(_plain(values), dtype="str")), _plain_symbols(symbols)


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
    """Text of numbers as exactly as the file holds them: `304021813`, `5327803.11`; null for NaN."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    missing = np.isnan(values)
    whole = ~missing & (values == np.rint(values))
    integers = pc.cast(
        pa.array(np.where(whole, values, 0).astype("int64"), mask=~whole), pa.string()
    )
    rest = pa.array(
        [np.format_float_positional(v) for v in values[~whole & ~missing]], pa.string()
    )
    return pc.replace_with_mask(integers, pa.array(~whole & ~missing), rest)
