"""Display: numbers of things in words, lines of a terminal, what a notebook shows."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

#: Labels of the lines of a finding.
DETAILS = ("read", "expected", "cause", "fix", "affects", "under")
#: Labels of English, which are the words that stand in the code.
ENGLISH_LABELS: Mapping[str, str] = MappingProxyType({})


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


def labelled(name: str, text: str, labels: Mapping[str, str] = ENGLISH_LABELS) -> str:
    """Line of a label and a text; texts of one language begin in one column.

    >>> labelled("fix", "Ask."), labelled("fix", "Demandez.", {"fix": "correction"})
    ('  fix       Ask.', '  correction  Demandez.')
    """
    label = labels.get(name, name)
    widths = [_width(labels.get(detail, detail)) for detail in DETAILS]
    blanks = " " * (max(widths) - _width(label))
    return f"  {label}{blanks}  {text}"


def _width(text: str) -> int:
    """Columns that a text takes on a terminal; marks above and below letters take none."""
    letters = [letter for letter in text if unicodedata.category(letter) not in {"Mn", "Me"}]
    return len(letters)
