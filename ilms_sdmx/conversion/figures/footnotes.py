"""Footnotes: the texts that a legend gives to marks, and the notes of figures made of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.figures.model import Figures
from ilms_sdmx.conversion.layout.marks import not_raised, same
from ilms_sdmx.findings import Finding, find, phrase
from ilms_sdmx.tables.cells import Cell, Kind, Sheet, Workbook
from ilms_sdmx.words.text import clean

if TYPE_CHECKING:
    import pandas as pd

#: Line of a legend: `1/ Includes ...`, `(a) ...`, `* Less than 500`, `p Preliminary`.
_LINE = re.compile(
    r"(\(?(?:\d{1,2}|[A-Za-z]{1,2})\)?[/).:]*(?=\s)|\(?\d{1,2}[/)]|\*{1,4}|[†‡§]+)"
    r"\s*(?:[=:]\s*)?(\S.*)"
)
_ALONE = re.compile(r"\(?(?:\d{1,2}[/)]|[a-z][/)]|\*{1,4}|[†‡§]+)\.?")

#: Row and column of a cell as the workbook counts them.
CellPlace = tuple[int, int]


@dataclass(frozen=True, slots=True)
class LegendLine:
    """One line of a legend.

    Parameters
    ----------
    mark
        The mark that it explains, in the form of `marks.same`.
    text
        What the mark means.
    places
        Places of the cells that the line fills.
    """

    mark: str
    text: str
    places: tuple[CellPlace, ...]

    @property
    def row(self) -> int:
        """Row of the line."""
        return self.places[0][0]


@dataclass(frozen=True, eq=False)
class Legend:
    """Legends of the sheets of a workbook.

    Parameters
    ----------
    lines
        Name of a sheet to the lines of its legends, from the top.
    used
        Name of a sheet to the places of the lines that figures refer to, with their marks.
    """

    lines: dict[str, list[LegendLine]] = field(default_factory=dict)
    used: dict[str, dict[CellPlace, str]] = field(default_factory=dict)

    def line(self, mark: str, row: int, sheet: str) -> LegendLine | None:
        """Line of a mark at a row: the first below it, else the last above it."""
        form = same(mark)
        lines = [line for line in self.lines[sheet] if line.mark == form]
        for line in lines:
            if line.row > row:
                return line
        return lines[-1] if lines else None


def read_legend(
    figures: Figures, workbook: Workbook, labels: Mapping[str, set[CellPlace]]
) -> Legend:
    """Legends of the sheets whose figures have marks, and the lines that these refer to.

    Parameters
    ----------
    labels
        Places of the labels of tables, by sheet: no line of a legend is there.
    """
    legend = Legend()
    for name, of_sheet in _marked_sheets(figures):
        rows = of_sheet.row.tolist()
        columns = of_sheet.column_number.tolist()
        taken = set(zip(rows, columns, strict=True))
        taken |= labels.get(name, set())
        legend.lines[name] = list(_lines(workbook[name], taken))
        for marks, row in _marks_of_rows(of_sheet):
            for line in _lines_of_marks(marks, row, name, legend):
                used = legend.used.setdefault(name, {})
                used |= dict.fromkeys(line.places, line.mark)
    return legend


def with_footnotes(figures: Figures, legend: Legend) -> Figures:
    """Figures whose notes hold what the legend says of their marks, after the mapping's."""
    notes = figures.note.astype("str").fillna("")
    for name, of_sheet in _marked_sheets(figures):
        index = of_sheet.index
        texts = _texts(of_sheet, name, legend)
        before = notes[index]
        joined = before + "; " + texts
        with_texts = joined.str.removeprefix("; ")
        notes[index] = before.where(texts == "", with_texts)
    written = notes.mask(notes == "")
    return figures.with_notes(written)


def _marked_sheets(figures: Figures) -> Iterator[tuple[str, Figures]]:
    """Names of the sheets whose figures have marks, each with these figures."""
    marked = figures.only(figures.marks != "")
    for name in marked.sheet.unique():
        of_sheet = marked.only(marked.sheet == name)
        yield str(name), of_sheet


def _texts(figures: Figures, sheet: str, legend: Legend) -> pd.Series[str]:
    """Texts of the marks of figures, found once for each row and combination of marks."""
    import pandas as pd

    texts = []
    for marks, row in _marks_of_rows(figures):
        lines = _lines_of_marks(marks, row, sheet, legend)
        distinct = dict.fromkeys(line.text for line in lines)
        texts.append("; ".join(distinct))
    combinations = figures.frame.groupby(["marks", "row"], sort=False)
    groups = combinations.ngroup().to_numpy()
    of_figures = pd.Series(texts, dtype="str").take(groups)
    return of_figures.set_axis(figures.index)


def _marks_of_rows(figures: Figures) -> list[tuple[str, int]]:
    """Marks and row of figures, each combination once."""
    combinations = figures.frame[["marks", "row"]].drop_duplicates()
    marks = combinations["marks"].tolist()
    rows = combinations["row"].tolist()
    return list(zip(marks, rows, strict=True))


def _lines_of_marks(marks: str, row: int, sheet: str, legend: Legend) -> list[LegendLine]:
    """Lines of the legend for the marks of a row."""
    lines = []
    for mark in marks.split():
        line = legend.line(mark, row, sheet)
        if line is not None:
            lines.append(line)
    return lines


def _lines(sheet: Sheet, taken: set[CellPlace]) -> Iterator[LegendLine]:
    """Lines of the legends of a sheet: texts outside its tables that begin with a mark."""
    for place, cell in sheet.cells.items():
        if place not in taken and cell.kind is Kind.TEXT:
            yield from _lines_of_cell(sheet, cell, place)


def _lines_of_cell(sheet: Sheet, cell: Cell, place: CellPlace) -> Iterator[LegendLine]:
    """Lines of a legend in one cell; a mark that is alone has its text in the next cell."""
    text = clean(cell.text)
    neighbour = _text_to_the_right(sheet, cell)
    raised = _raised_beginning(cell)
    if raised:
        yield LegendLine(same(raised), text or neighbour, (place,))
        return
    if _ALONE.fullmatch(text):
        next_place = (cell.row, cell.column + 1)
        yield LegendLine(same(text), neighbour, (place, next_place))
        return
    for part in cell.text.splitlines():
        line = _LINE.fullmatch(clean(part))
        if line:
            mark, meaning = line.groups()
            yield LegendLine(same(mark), meaning, (place,))


def _raised_beginning(cell: Cell) -> str:
    """Raised mark with which the text of a cell begins; empty where it begins with none."""
    raised = cell.superscript.split()
    if not raised:
        return ""
    text = not_raised(str(cell.value)).lstrip()
    return raised[0] if text.startswith(raised[0]) else ""


def _text_to_the_right(sheet: Sheet, cell: Cell) -> str:
    """Text of the cell to the right."""
    place = (cell.row, cell.column + 1)
    neighbour = sheet.cells.get(place)
    return clean(neighbour.text) if neighbour else ""


def find_unexplained_marks(figures: Figures, legend: Legend) -> list[Finding]:
    """Findings of certain marks that no line of their sheet explains, one a mark and sheet."""
    findings = []
    for name, of_sheet in _marked_sheets(figures):
        explained = {line.mark for line in legend.lines[name]}
        for mark in _certain_marks(of_sheet):
            if same(mark) not in explained:
                findings.append(_unexplained(mark, of_sheet))
    return findings


def _certain_marks(figures: Figures) -> dict[str, Any]:
    """Certain marks of figures, each once, in the order in which they occur."""
    marks = {}
    for text in figures.footnote.unique():
        marks.update(dict.fromkeys(str(text).split()))
    return marks


def _unexplained(mark: str, figures: Figures) -> Finding:
    """Finding of a mark that no line of its sheet explains."""
    rows = []
    for text in figures.footnote:
        marks = str(text).split()
        rows.append(mark in marks)
    marked = figures.only(rows)
    place = marked.place()
    affects = phrase("figures-without-note", count=len(marked))
    return find("footnote-without-text", place, read=mark, affects=affects)
