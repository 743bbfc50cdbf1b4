"""Joining: one table of the data sets of one dataflow that came in several messages or files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
from pandas.api.types import union_categoricals

from ilms_sdmx.validation.coded import Coded


def joined(parts: Sequence[Coded]) -> Coded:
    """One table of all rows of several, in their order; each row keeps the place that it had.

    Time series, sums and duplicate keys do not end where a file does.
    """
    first = parts[0]
    frames = [part.dataset.observations for part in parts]
    columns = dict.fromkeys(str(column) for frame in frames for column in frame)
    observations = pd.DataFrame({column: _stacked(column, frames) for column in columns})
    attributes = {
        a: on
        for part in reversed(parts)
        for a, on in part.dataset.components.attributes.items()
    }
    components = replace(first.dataset.components, attributes=attributes)
    whole = replace(
        first.dataset, observations=observations, components=components, provenance=None
    )
    files = dict.fromkeys(part.file for part in parts if part.file)
    return Coded(whole, first.definition, ", ".join(files), parts)


def _stacked(column: str, frames: Sequence[pd.DataFrame]) -> pd.Series[str]:
    """Rows of one column of all frames; absent in those that lack it."""
    pieces = [
        frame[column] if column in frame else pd.Series(pd.NA, index=frame.index, dtype="str")
        for frame in frames
    ]
    if all(isinstance(piece.dtype, pd.CategoricalDtype) for piece in pieces):
        return pd.Series(
            union_categoricals([piece.array for piece in pieces], ignore_order=True)
        )
    return pd.concat([piece.astype("str") for piece in pieces], ignore_index=True)
