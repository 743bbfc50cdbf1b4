"""What is behind figures: columns of observations, or of where they came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ilms_sdmx.errors import ProtectionError
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.table import Coded

if TYPE_CHECKING:
    import pandas as pd


def numbers_of(table: Coded, column: str) -> Array:
    """Numbers of a column in the order of a table; NaN where there is none."""
    import pandas as pd

    stated = table.numbers(column)
    if stated is not None:
        return stated
    numbers = pd.to_numeric(_column(table, column), errors="coerce")
    return _sorted(table, numbers.to_numpy(dtype=np.float64))


def texts_of(table: Coded, column: str) -> Array:
    """Texts of a column in the order of a table; empty where there is none."""
    texts = _column(table, column).astype("object")
    return _sorted(table, texts.where(texts.notna(), "").to_numpy(dtype=object))


def _column(table: Coded, column: str) -> pd.Series:
    dataset = table.dataset
    if column in dataset.observations:
        return dataset.observations[column]
    provenance = dataset.provenance
    if provenance is None or column not in provenance:
        raise ProtectionError(
            f"expected a column {column} that says what is behind each figure of {table.name},"
            " found none"
        )
    return provenance[column].reindex(dataset.observations.index)


def _sorted(table: Coded, of_rows: Array) -> Array:
    """Column of the observations in the order of the table."""
    column: Array = of_rows if table.origin is None else of_rows[table.origin]
    return column
