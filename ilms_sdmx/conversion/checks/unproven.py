"""Figures that a mapping takes as percents although nothing in the sheet proves it."""

from __future__ import annotations

import pandas as pd

from ilms_sdmx.conversion.figures.model import Figures
from ilms_sdmx.findings import Finding, Place, find
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.sums import agrees, allowance
from ilms_sdmx.sums.exact import places_of
from ilms_sdmx.tables.cells import Cell, Kind, Sheet, Workbook
from ilms_sdmx.words import says

#: What all parts of a whole add up to.
_HUNDRED = 100
#: Most cells that a finding names.
_NAMED = 6


def find_unproven_percents(
    figures: Figures, checked: pd.Series[str], workbook: Workbook
) -> list[Finding]:
    """Findings of percents that no check compares and that no sign or word calls percents.

    One for each table. `checked` says how a check looked at each figure.
    """
    is_percent = figures.in_role(Bucket.PERCENT) & figures.has_value & (checked == "")
    percents = figures.only(is_percent)
    if not len(percents):
        return []
    by_heading = _called_percents(percents)
    by_cell = pd.Series(False, index=percents.index)
    for sheet in workbook:
        rows = percents.sheet == sheet.name
        if rows.any():
            by_cell |= rows & _is_shown_as_percent(percents, sheet)
    is_proven = by_heading | by_cell | _adds_up_to_hundred(percents)
    unproven = percents.only(~is_proven)
    return [_unproven(unproven.of_table(name)) for name in unproven.table.unique()]


def _adds_up_to_hundred(figures: Figures) -> pd.Series[bool]:
    """Which figures are with others of their column or their row the parts of 100."""
    values = pd.to_numeric(figures.value, errors="coerce")
    step = 10.0 ** -places_of(figures.value.dropna())
    is_part = pd.Series(False, index=figures.index)
    for place in (figures.column_number, figures.row):
        groups = values.groupby([figures.table, figures.sheet, place])
        difference = groups.transform("sum") - _HUNDRED
        count = groups.transform("size")
        agreed = agrees(difference, allowance((count + 1) * step))
        is_part |= agreed & (count > 1)
    return is_part


def _called_percents(figures: Figures) -> pd.Series[bool]:
    """Which figures have a heading with a word for percent."""
    called = pd.Series(False, index=figures.index)
    for name in figures.heading_columns():
        labels = figures.frame[name].fillna("").astype("str")
        distinct = labels.unique()
        saying = [label for label in distinct if says(label, "percent")]
        called |= labels.isin(saying)
    return called


def _is_shown_as_percent(figures: Figures, sheet: Sheet) -> pd.Series[bool]:
    """Which figures have a percent sign, or a word for percent above or at their left."""
    words = [cell for cell in sheet if cell.kind is Kind.TEXT and says(cell.text, "percent")]
    first_column = min(cell.column for cell in sheet)
    shown = []
    for address, text in zip(figures.cell, figures.text, strict=True):
        cell = sheet[address]
        has_sign = "%" in text or "%" in cell.text
        shown.append(has_sign or any(_heads(word, cell, first_column) for word in words))
    return pd.Series(shown, index=figures.index)


def _heads(word: Cell, cell: Cell, first_column: int) -> bool:
    """Whether a text is above a cell, at its left, or in the first column above its table."""
    if word.row == cell.row:
        return word.column < cell.column
    is_first = word.column == first_column
    return word.row < cell.row and (is_first or word.column == cell.column)


def _unproven(percents: Figures) -> Finding:
    """Finding of the percents of one table that nothing proves."""
    cells = percents.cell.tolist()
    named = ", ".join(cells[:_NAMED])
    more = len(cells) - _NAMED
    read = f"{named} and {more} more" if more > 0 else named
    count = len(cells)
    word = "figures" if count > 1 else "figure"
    place = Place(sheet=percents.sheet.iloc[0], cell=cells[0])
    affects = f"{count} {word} that are not written"
    return find("figure-without-proof", place, read=read, count=count, affects=affects)
