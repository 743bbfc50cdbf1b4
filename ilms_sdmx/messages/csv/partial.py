"""Partial keys: rows that report attributes of a series or group, not an observation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ilms_sdmx.datasets import Components
from ilms_sdmx.messages.batches import Attached

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa


def split(rows: pa.Table, components: Components) -> tuple[pa.Table, Attached]:
    """Rows of observations, and attributes of partial keys by the dimensions that are filled.

    A row with a measure stays an observation even if its key has gaps: that is for validation to say.
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
        chosen = partial & (filled == pattern[:, None]).all(axis=0)
        key = tuple(d for d, there in zip(components.dimensions, pattern, strict=True) if there)
        attached[key] = _frame(rows.filter(pa.array(chosen)), key, components)
    return rows.filter(pa.array(~partial)), attached


def _filled(rows: pa.Table, names: tuple[str, ...]) -> np.ndarray:
    """One row a component: whether it has a value, False throughout where the file has no such column."""
    import numpy as np

    absent = np.zeros(rows.num_rows, bool)
    return np.stack(
        [rows[n].is_valid().to_numpy() if n in rows.column_names else absent for n in names]
        or [absent]
    )


def _frame(rows: pa.Table, key: tuple[str, ...], components: Components) -> pd.DataFrame:
    import pandas as pd

    reported = [
        a
        for a in components.attributes
        if a in rows.column_names and rows[a].null_count < len(rows)
    ]
    columns = {
        n: pd.array(rows[n].cast("string").to_pylist(), dtype="str") for n in (*key, *reported)
    }
    return pd.DataFrame(columns).convert_dtypes()
