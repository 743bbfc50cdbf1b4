"""Sections of a table: the rows that belong to each subtotal because they stand below or above it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

#: Column that holds the number of the section of a figure.
SECTION = "section"


def sections(
    totals: pd.DataFrame, parts: pd.DataFrame, where: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both frames with the number of their section, which two frames of one section share.

    Parameters
    ----------
    where
        `below`: the parts of a total stand after it, up to the next total; `above`: before it.

    Notes
    -----
    Parts before the first total, or after the last, belong to none and are left out.
    """
    marks = {sheet: rows.unique() for sheet, rows in totals.groupby("sheet")["row"]}
    lined = totals.assign(**{SECTION: _numbers(totals, marks, where)})
    own = parts.assign(**{SECTION: _numbers(parts, marks, where)})
    return lined, own[own[SECTION] >= 0]


def _numbers(frame: pd.DataFrame, marks: dict[Any, Any], where: str) -> Any:
    """Count out the total of each figure among those of its sheet, -1 for none."""
    import numpy as np

    found = np.full(len(frame), -1)
    for sheet, rows in marks.items():
        here = (frame["sheet"] == sheet).to_numpy()
        own, ordered = frame["row"].to_numpy()[here], np.sort(rows)
        if where == "below":
            found[here] = np.searchsorted(ordered, own, side="right") - 1
        else:
            numbers = np.searchsorted(ordered, own, side="left")
            found[here] = np.where(numbers < len(ordered), numbers, -1)
    return found
