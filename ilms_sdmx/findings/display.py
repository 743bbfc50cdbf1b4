"""Display: numbers of things in words, and what a notebook shows of a result."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def counted(number: int, noun: str) -> str:
    """Number and noun, which ends in s where there are several or none.

    >>> counted(1, "warning"), counted(2_000, "error"), counted(0, "note")
    ('1 warning', '2,000 errors', '0 notes')
    """
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun}s"


def page(title: str, rows: pd.DataFrame, number: int = 0) -> str:
    """HTML of a title and a table, for notebooks, of `number` rows of which some are shown."""
    heading = escape(title)
    parts = [f"<div><p><strong>{heading}</strong></p>"]
    if len(rows.columns):
        table = rows.to_html(index=False, border=0, na_rep="")
        parts.append(table)
    left_out = number - len(rows)
    if left_out > 0:
        parts.append(f"<p>and {left_out:,} more</p>")
    parts.append("</div>")
    return "".join(parts)
