"""Texts in workbooks and CSV that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

#: First characters of texts that spreadsheets take for formulas.
RISKY = ("=", "+", "-", "@", "\t", "\r")
_RISKY_TEXT = re.compile(r"'*[=+\-@\t\r]")
#: Numbers, and dashes for no number: they are as they are, apostrophes before them too.
_PLAIN = re.compile(r"'*(?:[+-]?(?:\d[\d., \u00a0\u202f]*|\.\d+)(?:[eE][+-]?\d+)?|-+)")


def inert(cell: Any, text: str) -> None:
    """Put a text into a cell so that no spreadsheet takes it for a formula, even if edited."""
    cell.value = text
    if text.startswith(RISKY):
        cell.data_type = "s"
        cell.quotePrefix = True


def clean(text: str) -> str:
    """Text without the control characters that a workbook cannot hold."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    return str(ILLEGAL_CHARACTERS_RE.sub("\ufffd", text))


def guarded(text: str) -> str:
    """Text for a CSV file that no spreadsheet takes for a formula.

    A text that begins with `=`, `+`, `-`, `@`, a tab or a carriage return and is no number gets
    an apostrophe in front, and so does one that has such an apostrophe already.

    Examples
    --------
    >>> guarded("=1+1"), guarded("-5"), guarded("-"), guarded("Japan")
    ("'=1+1", '-5', '-', 'Japan')
    """
    if _RISKY_TEXT.match(text) and not _PLAIN.fullmatch(text):
        return f"'{text}"
    return text


def unguarded(text: str) -> str:
    """Text that was guarded, without exactly what was added.

    Examples
    --------
    >>> unguarded("'=1+1"), unguarded("'-5"), unguarded("'tis")
    ('=1+1', "'-5", "'tis")
    """
    without = text[1:]
    if text.startswith("'") and guarded(without) == text:
        return without
    return text


def spreadsheet_csv(frame: pd.DataFrame, *, header: bool = True) -> str:
    """CSV whose texts no spreadsheet takes for a formula; empty where there is no value."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    if header:
        names = [guarded(str(name)) for name in frame.columns]
        writer.writerow(names)
    columns = [_guarded_texts(frame[name]) for name in frame.columns]
    writer.writerows(zip(*columns, strict=True))
    return stream.getvalue()


def _guarded_texts(column: pd.Series[Any]) -> list[str]:
    """Guarded texts of a column; each is looked at once."""
    import numpy as np
    import pandas as pd

    texts = column.astype("object").where(column.notna(), "").astype("str")
    numbers, distinct = pd.factorize(texts, use_na_sentinel=False)
    shown = [guarded(str(text)) for text in distinct.tolist()]
    guarded_texts: list[str] = np.array(shown, dtype=object).take(numbers).tolist()
    return guarded_texts
