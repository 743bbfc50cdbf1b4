"""Sections of a table: the rows of each subtotal, below or above it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

#: Column that holds the number of the section of a figure.
SECTION = "section"


def in_sections(
    totals: pd.DataFrame, parts: pd.DataFrame, where: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both frames with the number of their section, which two frames of one section share.

    Parameters
    ----------
    where
        `below`: the parts of a total are after it, up to the next total; `above`: before it.

    Notes
    -----
    Parts before the first total, or after the last, belong to none and are left out.
    """
    rows_of_totals = {}
    grouped = totals.groupby("sheet")
    for sheet, rows in grouped["row"]:
        rows_of_totals[sheet] = rows.unique()
    total_numbers = _section_numbers(totals, rows_of_totals, where)
    part_numbers = _section_numbers(parts, rows_of_totals, where)
    lined_parts = parts.assign(**{SECTION: part_numbers})
    is_in_section = part_numbers >= 0
    return totals.assign(**{SECTION: total_numbers}), lined_parts[is_in_section]


def _section_numbers(frame: pd.DataFrame, rows_of_totals: dict[Any, Any], where: str) -> Any:
    """Number of the total of each figure among those of its sheet, -1 for none."""
    import numpy as np

    numbers = np.full(len(frame), -1)
    for sheet, rows in rows_of_totals.items():
        of_sheet = (frame["sheet"] == sheet).to_numpy()
        row = frame["row"].to_numpy()
        figure_rows = row[of_sheet]
        ordered = np.sort(rows)
        if where == "below":
            following_rows = np.searchsorted(ordered, figure_rows, side="right")
            numbers[of_sheet] = following_rows - 1
        else:
            following = np.searchsorted(ordered, figure_rows, side="left")
            has_following = following < len(ordered)
            numbers[of_sheet] = np.where(has_following, following, -1)
    return numbers
