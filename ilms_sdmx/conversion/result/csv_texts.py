"""CSV that spreadsheets read as it is meant: no text is taken for a formula."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_RISKY = re.compile(r"'*[=+\-@\t\r]")
_PLAIN = re.compile(r"'*([+-]?[\d.,\s]*|-+)")


def to_csv(frame: pd.DataFrame) -> bytes:
    """CSV in UTF-8 whose texts no spreadsheet takes for a formula.

    A text that begins with `=`, `+`, `-`, `@` and is no number gets an apostrophe in front, and
    so does one that has such an apostrophe already: without its first apostrophe it is the text
    again.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(frame.columns)
    columns = [_inert_texts(frame[name]) for name in frame.columns]
    writer.writerows(zip(*columns, strict=True))
    return stream.getvalue().encode("utf-8")


def _inert_texts(column: pd.Series[Any]) -> list[str]:
    """Texts of a column that no spreadsheet takes for a formula; each is looked at once."""
    import numpy as np
    import pandas as pd

    numbers, distinct = pd.factorize(column.astype("str"), use_na_sentinel=False)
    shown = [inert(str(text)) for text in distinct.tolist()]
    texts: list[str] = np.array(shown, dtype=object).take(numbers).tolist()
    return texts


def inert(text: str) -> str:
    """Text that no spreadsheet takes for a formula.

    Examples
    --------
    >>> inert("=1+1"), inert("-5"), inert("-"), inert("Japan")
    ("'=1+1", '-5', '-', 'Japan')
    """
    if _RISKY.match(text) and not _PLAIN.fullmatch(text):
        return f"'{text}"
    return text
