"""Partial keys: rows that report attributes of a series or group, not an observation."""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING

from ilms_sdmx.datasets import Components
from ilms_sdmx.messages.batches import Attached

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa


def split(rows: pa.Table, components: Components) -> tuple[pa.Table, Attached]:
    """Rows of observations, and attributes of partial keys by the dimensions that are filled.

    A row with a measure stays an observation even if its key has gaps: that is for validation
    to say.
    """
    import numpy as np
    import pyarrow as pa

    filled = _filled(rows, components.dimensions)
    measured = _filled(rows, components.measures).any(axis=0)
    partial = ~filled.all(axis=0) & ~measured
    if not partial.any():
        return rows, {}
    attached: dict[tuple[str, ...], pd.DataFrame] = {}
    for pattern in np.unique(filled[:, partial], axis=1).T:
        same_key = (filled == pattern[:, None]).all(axis=0)
        rows_of_key = rows.filter(pa.array(partial & same_key))
        key = tuple(compress(components.dimensions, pattern))
        attached[key] = _frame(rows_of_key, key, components)
    return rows.filter(pa.array(~partial)), attached


def _filled(rows: pa.Table, names: tuple[str, ...]) -> np.ndarray:
    """One row a component: whether it has a value, nowhere if the file has no such column."""
    import numpy as np

    filled = np.zeros((max(len(names), 1), rows.num_rows), bool)
    for place, name in enumerate(names):
        if name in rows.column_names:
            filled[place] = rows[name].is_valid().to_numpy()
    return filled


def _frame(rows: pa.Table, key: tuple[str, ...], components: Components) -> pd.DataFrame:
    """Frame of a key and of the attributes that any row has."""
    import pandas as pd

    names = list(key)
    for name in components.attributes:
        if name in rows.column_names and rows[name].null_count < len(rows):
            names.append(name)
    columns = {}
    for name in names:
        texts = rows[name].cast("string").to_pylist()
        columns[name] = pd.array(texts, dtype="str")
    return pd.DataFrame(columns).convert_dtypes()
