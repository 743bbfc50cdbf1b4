"""Figures that a mapping takes as percents or notes although nothing in the sheet proves it."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from ilms_sdmx.conversion.figures.model import Figures
from ilms_sdmx.conversion.figures.suspects import Taken, is_figure, is_number_of_no_time
from ilms_sdmx.findings import Place, find, phrase
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.sums import agrees, allowance
from ilms_sdmx.sums.exact import places_of
from ilms_sdmx.tables.cells import Cell, Kind, Sheet, Workbook
from ilms_sdmx.words import says
from ilms_sdmx.words.text import western_digits

#: What all parts of a whole add up to.
_HUNDRED = 100
#: Most cells that a finding names.
_NAMED = 6
#: Beginning of the rule of a cell that is a note, and such rules with anything in them.
_NOTE = "note: "
_OPEN_NOTE = r"note: (?:.*\*.*|/.*/)"
#: Numbers below may count pages.
_PAGES = 1000


def find_unproven_percents(
    figures: Figures, checked: pd.Series[str], workbook: Workbook
) -> list[Taken]:
    """Percents that no check compares and that no sign or word calls percents.

    One finding for each table and sheet. `checked` says how a check looked at each figure.
    """
    has_role = figures.in_role(Bucket.PERCENT)
    is_percent = has_role & figures.has_value & (checked == "")
    percents = figures.only(is_percent)
    if not len(percents):
        return []
    by_heading = _called_percents(percents)
    by_cell = pd.Series(False, index=percents.index)
    for sheet in workbook:
        rows = percents.sheet == sheet.name
        if rows.any():
            is_shown_as_percent = _is_shown_as_percent(percents, sheet)
            by_cell |= rows & is_shown_as_percent
    adds_up_to_hundred = _adds_up_to_hundred(percents)
    is_proven = by_heading | by_cell | adds_up_to_hundred
    unproven = percents.only(~is_proven)
    taken = []
    for name in unproven.table.unique():
        of_table = unproven.of_table(name)
        for sheet in of_table.sheet.unique():
            taken.append(_unproven(of_table.only(of_table.sheet == sheet)))
    return taken


def _adds_up_to_hundred(figures: Figures) -> pd.Series[bool]:
    """Which figures are with others of their column or their row the parts of 100."""
    values = pd.to_numeric(figures.value, errors="coerce")
    known_values = figures.value.dropna()
    step = 10.0 ** -places_of(known_values)
    is_part = pd.Series(False, index=figures.index)
    for place in (figures.column_number, figures.row):
        groups = values.groupby([figures.table, figures.sheet, place])
        difference = groups.transform("sum") - _HUNDRED
        count = groups.transform("size")
        steps = (count + 1) * step
        allowed = allowance(steps)
        agreed = agrees(difference, allowed)
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
        says_percent = has_sign or any(_heads(word, cell, first_column) for word in words)
        shown.append(says_percent)
    return pd.Series(shown, index=figures.index)


def _heads(word: Cell, cell: Cell, first_column: int) -> bool:
    """Whether a text is above a cell, at its left, or in the first column above its table."""
    if word.row == cell.row:
        return word.column < cell.column
    is_first = word.column == first_column
    is_same_column = word.column == cell.column
    return word.row < cell.row and (is_first or is_same_column)


def _unproven(percents: Figures) -> Taken:
    """Percents of one table that nothing proves, with their finding."""
    cells = percents.cell.tolist()
    named = ", ".join(cells[:_NAMED])
    more = len(cells) - _NAMED
    read = phrase("and-more", names=named, count=more) if more > 0 else named
    count = len(cells)
    sheet_name = percents.sheet.iloc[0]
    place = Place(sheet=sheet_name, cell=cells[0])
    affects = phrase("figures-that-are-not-written", count=count)
    every_cell = ", ".join(cells)
    finding = find(
        "figure-without-proof", place, read=read, count=count, cells=every_cell, affects=affects
    )
    return Taken(finding, place.sheet, tuple(cells))


def find_noted_figures(rows: pd.DataFrame) -> list[Taken]:
    """Cells with nothing but a figure that a note with `*` or an expression takes, by sheet.

    `rows` are the cells that are no figures, with their bucket and their rule.
    """
    bucket = rows["bucket"]
    is_note = bucket == Bucket.NOTE.value
    by_pattern = rows["rule"].str.fullmatch(_OPEN_NOTE)
    open_notes = rows[is_note & by_pattern]
    if not len(open_notes):
        return []
    is_figure_alone = [_is_noted_figure(text) for text in open_notes["text"]]
    figures = open_notes[is_figure_alone]
    taken = []
    for (sheet, rule), cells in figures.groupby(["sheet", "rule"], sort=False):
        noted = _noted(str(sheet), str(rule), cells)
        taken.append(noted)
    return taken


def _is_noted_figure(text: str) -> bool:
    """Whether a text is a figure and no year, month or number of a page."""
    printed_text = western_digits(text).strip()
    if not (is_figure(printed_text) and is_number_of_no_time(printed_text)):
        return False
    if not printed_text.isdigit():
        return True
    return int(printed_text) >= _PAGES


def _noted(sheet: str, rule: str, figures: pd.DataFrame) -> Taken:
    """Figures of a sheet that one note takes."""
    cells = tuple(figures["cell"])
    read = ", ".join(cells[:_NAMED])
    if len(cells) > _NAMED:
        read = f"{read}, ..."
    note = rule.removeprefix(_NOTE)
    count = len(cells)
    affects = phrase("figures-not-written", count=count)
    place = Place(sheet=sheet, cell=cells[0])
    every_cell = ", ".join(cells)
    finding = find(
        "figure-without-proof",
        place,
        case="note",
        read=read,
        affects=affects,
        count=count,
        note=note,
        cells=every_cell,
    )
    return Taken(finding, sheet, cells)


def cells_of(taken: Iterable[Taken]) -> frozenset[tuple[str, str]]:
    """Sheet and address of the cells that are taken for something else without proof."""
    places = set()
    for each in taken:
        for cell in each.cells:
            places.add((each.sheet, cell))
    return frozenset(places)
