"""Joining: one table of the data sets of one dataflow from several messages or files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
from pandas.api.types import union_categoricals

from ilms_sdmx.validation.coded.table import Coded


def joined(parts: Sequence[Coded]) -> Coded:
    """One table of all rows of several, in their order; each row keeps the place that it had.

    Time series, sums and duplicate keys do not end where a file does.
    """
    first = parts[0]
    attributes: dict[str, tuple[str, ...]] = {}
    for part in reversed(parts):
        attributes.update(part.dataset.components.attributes)
    components = replace(first.dataset.components, attributes=attributes)
    observations = _observations(parts)
    whole = replace(
        first.dataset, observations=observations, components=components, provenance=None
    )
    files = dict.fromkeys(part.file for part in parts if part.file)
    days = [part.prepared for part in parts if part.prepared is not None]
    # A part that does not say its day may be of any.
    prepared = None
    if len(days) == len(parts):
        prepared = max(days)
    return Coded(whole, first.definition, ", ".join(files), parts, prepared)


def _observations(parts: Sequence[Coded]) -> pd.DataFrame:
    """Rows of all frames, with every column that one of them has."""
    frames = []
    for part in parts:
        frames.append(part.dataset.observations)
    columns: dict[str, pd.Series[str]] = {}
    for frame in frames:
        for name in map(str, frame.columns):
            if name not in columns:
                columns[name] = _stacked(name, frames)
    return pd.DataFrame(columns)


def _stacked(column: str, frames: Sequence[pd.DataFrame]) -> pd.Series[str]:
    """Rows of one column of all frames; absent in those that lack it."""
    pieces = []
    for frame in frames:
        pieces.append(_piece(column, frame))
    if all(isinstance(piece.dtype, pd.CategoricalDtype) for piece in pieces):
        return pd.Series(union_categoricals(pieces, ignore_order=True))
    texts = [piece.astype("str") for piece in pieces]
    return pd.concat(texts, ignore_index=True)


def _piece(column: str, frame: pd.DataFrame) -> pd.Series[str]:
    if column in frame:
        return frame[column]
    return pd.Series(pd.NA, index=frame.index, dtype="str")
