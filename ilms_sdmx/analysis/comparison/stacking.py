"""Frames below each other that stay categorical."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd


def stack(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Frames below each other; categorical columns stay categorical."""
    if len(frames) == 1:
        return frames[0]
    columns: dict[str, Any] = {}
    for name in frames[0].columns:
        parts = []
        for frame in frames:
            parts.append(frame[name])
        if isinstance(parts[0].dtype, pd.CategoricalDtype):
            columns[name] = pd.api.types.union_categoricals(parts)
        else:
            columns[name] = np.concatenate([part.to_numpy() for part in parts])
    return pd.DataFrame(columns)
