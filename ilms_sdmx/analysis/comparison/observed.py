"""Figures of several sides in one tidy frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ilms_sdmx.analysis.comparison.stacking import stack

if TYPE_CHECKING:
    from ilms_sdmx.analysis.comparison.sides import Side

#: Columns of the frame.
COLUMNS = [
    "side",
    "reporter",
    "kind",
    "host",
    "origin",
    "sex",
    "detail",
    "period",
    "date",
    "value",
    "status",
]
COLUMNS += ["rounding", "record", "row"]


def observed_figures(several: Sequence[Side]) -> pd.DataFrame:
    """Figures of all sides below each other.

    `reporter` is `host` or `origin`, by whose statement it is.
    """
    frames = []
    for side in several:
        frames.append(_frame(side))
    if frames:
        return stack(frames)
    types = {"value": "float64", "rounding": "float64", "record": "int64", "row": "int64"}
    columns = {}
    for name in COLUMNS:
        columns[name] = pd.Series(dtype=types.get(name, "category"))
    return pd.DataFrame(columns)


def _frame(side: Side) -> pd.DataFrame:
    direction = side.concept.direction
    reporter = "origin"
    if direction == "in":
        reporter = "host"
    kind = side.concept.kind
    constants = {"side": side.name, "reporter": reporter, "kind": kind}
    figures = side.figures
    for name, text in constants.items():
        zeros = np.zeros(len(figures), "int8")
        constant = pd.Categorical.from_codes(zeros, pd.Index([text]))
        figures = figures.assign(**{name: constant})
    return figures[COLUMNS].reset_index(drop=True)
