"""Where a table begins: a text that is once on each of its sheets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from ilms_sdmx.conversion.layout.grid import Grid
from ilms_sdmx.drafting.recognition.phrases import expression_of, same_end, same_start
from ilms_sdmx.drafting.recognition.printed import PrintedTable, row_texts
from ilms_sdmx.periods import read_period
from ilms_sdmx.words.text import clean, folded

#: Fewest letters that titles of several sheets must have in common.
_LEAST_ALIKE = 6
#: A year in digits of any script.
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")


@dataclass(frozen=True)
class Beginning:
    """Beginning of a table.

    Parameters
    ----------
    text
        Text of the cell, or an expression of it.
    texts
        Texts of the cells that it means.
    is_title
        Whether it is a title above the header rather than a cell of the header.
    is_expression
        Whether it is an expression.
    is_unique
        Whether it is once on each sheet.
    is_open
        Whether it is an expression with any year, which the pins of the table read.
    """

    text: str
    texts: frozenset[str]
    is_title: bool = False
    is_expression: bool = False
    is_unique: bool = True
    is_open: bool = False


@dataclass(frozen=True)
class _Candidate:
    """Text at which a table may begin, and whether it is a title."""

    text: str
    is_title: bool


def beginning_of(tables: Sequence[PrintedTable]) -> Beginning:
    """Beginning of a table on all of its sheets: a text, or titles alike but for a period."""
    candidates = list(map(_candidates, tables))
    for candidate in candidates[0]:
        texts = _same_texts(candidate.text, candidates)
        if texts and _is_once_on_each(candidate.text, tables):
            beginning = Beginning(candidate.text, texts, candidate.is_title)
            return _with_any_year(beginning, tables)
    titles = list(map(_first_title, candidates))
    if len(tables) > 1 and all(titles):
        expression = _expression_around(titles)
        if expression and _matches_once_on_each(expression, tables):
            texts = frozenset(titles)
            return Beginning(expression, texts, is_title=True, is_expression=True)
    best = candidates[0][0] if candidates[0] else _Candidate("", is_title=False)
    return Beginning(best.text, frozenset([best.text]), best.is_title, is_unique=False)


def _with_any_year(beginning: Beginning, tables: Sequence[PrintedTable]) -> Beginning:
    """Beginning that the title of the next edition is too, if no other text is as it is."""
    literal = expression_of(beginning.text)
    if not beginning.is_title or not _YEAR.search(literal):
        return beginning
    any_year = _YEAR.sub(r"\\d{4}", literal)
    if not _matches_once_on_each(f"^{any_year}$", tables):
        return beginning
    expression = "^" + _YEAR.sub(r"\\p{Nd}{4}", literal) + "$"
    return replace(beginning, text=expression, is_expression=True, is_open=True)


def _same_texts(text: str, candidates: Sequence[Sequence[_Candidate]]) -> frozenset[str]:
    """Texts of all sheets that are the same but for case; none if a sheet lacks it."""
    texts: set[str] = set()
    for of_sheet in candidates:
        wanted = folded(text)
        same = [other.text for other in of_sheet if folded(other.text) == wanted]
        if not same or not same[0]:
            return frozenset()
        texts.add(same[0])
    return frozenset(texts)


def _is_once_on_each(text: str, tables: Sequence[PrintedTable]) -> bool:
    """Whether a text is on the sheet of each table once for each of its tables there."""
    tables_of_sheet = Counter(table.grid for table in tables)
    looked_up = folded(text)
    counts = {grid: _counts(grid)[looked_up] for grid in tables_of_sheet}
    return counts == tables_of_sheet


@lru_cache(maxsize=4)
def _counts(grid: Grid) -> Counter[str]:
    """Text to its count on a sheet."""
    return Counter(folded(text) for _, text in grid.texts())


def _first_title(candidates: Sequence[_Candidate]) -> str:
    """First title of a sheet, empty for none."""
    for candidate in candidates:
        if candidate.is_title:
            return candidate.text
    return ""


def _expression_around(titles: Sequence[str]) -> str:
    """Expression of titles that begin and end alike; empty where too little is alike."""
    start = same_start(titles)
    end = same_end(title[len(start) :] for title in titles)
    if len(start) + len(end) < _LEAST_ALIKE:
        return ""
    return f"^{expression_of(start)}.*{expression_of(end)}$"


def _matches_once_on_each(expression: str, tables: Sequence[PrintedTable]) -> bool:
    """Whether an expression means one text on the sheet of each table."""
    regex = re.compile(expression, re.IGNORECASE)
    for table in tables:
        texts = [text for _, text in table.grid.texts()]
        matches = [text for text in texts if regex.search(clean(text))]
        if len(matches) != 1:
            return False
    return True


def _candidates(table: PrintedTable) -> list[_Candidate]:
    """Texts at which a table may begin, the best first; periods last, which change."""
    corner = table.texts([table.first_row], [*table.stubs, *table.data])
    cells = [_Candidate(text, is_title=False) for text in corner if text]
    if table.right is not None and corner[0]:
        cells_of_header = cells[:1]
    elif table.right is not None:
        cells_of_header = []
    else:
        cells_of_header = cells
    candidates = []
    periods = []
    if table.header:
        periods = [cell for cell in cells_of_header if read_period(cell.text).time_period]
        candidates = [cell for cell in cells_of_header if cell not in periods]
    has_title = table.title is not None and _is_next_to_header(table, table.title)
    if has_title:
        candidates.append(_Candidate(_title_text(table), is_title=True))
    elif not table.header:
        candidates += cells
    candidates += periods
    return candidates or [_Candidate(corner[0], is_title=False)]


def _title_text(table: PrintedTable) -> str:
    """Text of the title above a table, empty for none; without a unit at its right end."""
    if table.title is None:
        return ""
    at_left = table.text(table.title, table.left)
    if at_left:
        return at_left
    of_row = row_texts(table.grid, [table.title])
    return of_row[0] if of_row else ""


def _is_next_to_header(table: PrintedTable, title: int) -> bool:
    """Whether only rows that head those below are between a title and the first row."""
    between = set(range(title + 1, table.first_row))
    return between <= set(table.blocks)
