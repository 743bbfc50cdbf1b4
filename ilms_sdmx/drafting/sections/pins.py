"""The `read` section of a drafted table: what it was made from, its period in an open place."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from ilms_sdmx.drafting.analysis import Analysis
from ilms_sdmx.drafting.recognition.beginnings import beginning_of
from ilms_sdmx.drafting.recognition.printed import PrintedTable
from ilms_sdmx.drafting.sections.rules import FLAG
from ilms_sdmx.drafting.sections.text import inline, listed, question, quoted
from ilms_sdmx.mapping.pins import place_of
from ilms_sdmx.periods import kind_of, read_period
from ilms_sdmx.words.runs import shortest_run
from ilms_sdmx.words.text import clean, western_digits

#: A number with its separators, and what is none of its digits.
_FIGURE = re.compile(r"(?<![\w.,/-])\d+(?:[.,\u00a0\u202f ]\d{3})*(?![\w/-])")
_NUMBER = re.compile(r"\d+(?:[.,\u00a0\u202f ]\d{3})*")
_NO_DIGIT = re.compile(r"\D")
#: An open place of a pin, and the one of any figure.
_PLACE = re.compile(r"(\{[^{}]*\})")
_ANY_FIGURE = "{number}"
#: Heading of the period of a whole table.
_PERIOD = "period"


@dataclass(frozen=True)
class DraftedPins:
    """What a draft pins of one table.

    Parameters
    ----------
    texts
        Texts above the table as they are written, by the texts as they are printed.
    labels
        Heading to its labels.
    sheet, file
        Name of the sheet, and of the file, as it is written; empty where it says nothing.
    question
        What a person must decide of the name of the file, empty for nothing.
    gives_period
        Whether a place gives the period of the whole table.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sheet: str = ""
    file: str = ""
    question: str = ""
    gives_period: bool = False

    @property
    def lines(self) -> list[str]:
        """Lines of the section, none where nothing is pinned."""
        lines = []
        if self.texts:
            lines.append("  texts:")
            lines += [f"    - {quoted(text)}" for text in self.texts.values()]
        if self.labels:
            labels = []
            for name, texts in self.labels.items():
                shown = listed(map(quoted, texts))
                labels.append((name, shown))
            lines.append(f"  labels: {inline(labels)}")
        if self.sheet:
            lines.append(f"  sheet: {quoted(self.sheet)}")
        if self.file:
            lines.append(f"  file: {quoted(self.file)}{question(self.question)}")
        return ["read:", *lines] if lines else []


def pins_of(analysis: Analysis, area: str, *, is_sure: bool) -> DraftedPins:
    """What is pinned of a table; of one on several sheets, what all of them say.

    Parameters
    ----------
    area
        Country of the table.
    is_sure
        Whether the titles say the period of the whole table beyond doubt.
    """
    constant = analysis.periods.constant
    title = clean(constant.label) if constant is not None else ""
    period = constant.time_period if constant is not None else ""
    texts: dict[str, str] = {}
    gives_period = False
    year = _year_of_months(analysis)
    for text in texts_above(analysis):
        texts[text] = text
        if year and text.count(year) == 1:
            place = place_of("year", "year")
            texts[text] = text.replace(year, place)
            year = ""
        elif is_sure and text == title and not gives_period:
            texts[text] = _with_place(text, period, area)
            gives_period = texts[text] != text
    figures = _figures(analysis)
    for text, pin in texts.items():
        texts[text] = _with_open_figures(pin, figures)
    sheet = ""
    if is_sure and not gives_period and title == analysis.sheet:
        sheet = _with_place(title, period, area)
        gives_period = sheet != title
    if not gives_period:
        sheet = ""
    pins = DraftedPins(texts, _labels(analysis), sheet, gives_period=gives_period)
    if gives_period:
        return pins
    return _with_file(pins, analysis, year, area)


def _figures(analysis: Analysis) -> set[str]:
    """Digits of the figures of a table."""
    figures: set[str] = set()
    for cell in analysis.printed.cells.values():
        text = western_digits(cell.text)
        for match in _NUMBER.finditer(text):
            digits = _NO_DIGIT.sub("", match.group())
            figures.add(digits)
    return figures


def _with_open_figures(pin: str, figures: Collection[str]) -> str:
    """Pin in which figures of the table are open: the next edition has others.

    Numbers that are not in the table stay, as of an act or of a year.
    """

    def opened(match: re.Match[str]) -> str:
        number = western_digits(match.group())
        digits = _NO_DIGIT.sub("", number)
        is_figure = len(digits) > 1 and digits in figures
        return _ANY_FIGURE if is_figure else match.group()

    pieces: list[str] = []
    for piece in _PLACE.split(pin):
        is_place = _PLACE.fullmatch(piece) is not None
        if not is_place:
            piece = _FIGURE.sub(opened, piece)
        pieces.append(piece)
    return "".join(pieces)


def _with_file(pins: DraftedPins, analysis: Analysis, year: str, area: str) -> DraftedPins:
    """Pins with the name of the file where it alone says the period, or the year of months."""
    name = analysis.file
    if year and name.count(year) == 1:
        file = name.replace(year, place_of("year", "year"))
        return replace(pins, file=file, question="is the year in the name that of the months?")
    constant = analysis.periods.constant
    if constant is None or constant.label != name or analysis.heading_of("period") is not None:
        return pins
    stem, dot, suffix = name.rpartition(".")
    file = _with_place(stem.replace("_", " "), constant.time_period, area)
    file = f"{_with_underscores(file, stem)}{dot}{suffix}"
    if file == name:
        return pins
    asked = f"is {constant.time_period}, in the name of the file, the period of the figures?"
    return replace(pins, file=file, question=asked, gives_period=True)


def _with_underscores(text: str, stem: str) -> str:
    """Text with the underscores of the name from which it was made, around its open place."""
    before, brace, rest = text.partition("{")
    place, end, after = rest.rpartition("}")
    first = stem[: len(before)]
    last = stem[len(stem) - len(after) :]
    return f"{first}{brace}{place}{end}{last}" if brace else stem


def _year_of_months(analysis: Analysis) -> str:
    """Year that a title says of the months of a table, empty for none."""
    axis = analysis.axis
    if axis is None or axis.sheet or axis.text or axis.heading.name != "year":
        return ""
    return axis.heading.labels[0]


def texts_above(analysis: Analysis) -> list[str]:
    """Texts above a table that no other table has, but for the one at which it begins."""
    beginning = beginning_of(analysis.every_printed)
    beginnings = frozenset() if beginning.is_open else beginning.texts
    cells = _cells_above(analysis)
    constant = analysis.periods.constant
    texts = list(map(clean, analysis.table.words.near))
    if constant is not None:
        texts.append(clean(constant.label))
    distinct = dict.fromkeys(texts)
    in_cells = [text for text in distinct if text in cells]
    return [text for text in in_cells if text not in beginnings]


def _cells_above(analysis: Analysis) -> set[str]:
    """Texts of the cells above the header of a table, on all of its sheets."""
    texts = _texts_of_rows_above(analysis.printed)
    for other in analysis.others:
        texts &= _texts_of_rows_above(other.printed)
    return texts


def _texts_of_rows_above(printed: PrintedTable) -> set[str]:
    """Texts of the cells above the header of a table on one sheet."""
    texts: set[str] = set()
    for (row, _), text in printed.grid.texts():
        if row < printed.first_row:
            texts.add(clean(text))
    return texts


def _with_place(text: str, period: str, area: str) -> str:
    """Text with an open place for its period; the same text where that is nowhere alone."""

    def says_period(run: str) -> bool:
        return read_period(run, area=area).time_period == period

    run = shortest_run(text, says_period)
    if not run or text.count(run) != 1:
        return text
    return text.replace(run, place_of(_PERIOD, kind_of(period)))


def _labels(analysis: Analysis) -> dict[str, tuple[str, ...]]:
    """Labels that no code map reads: the only one of what is measured, and flags."""
    labels = {}
    for heading in analysis.headings:
        if heading.role == "measure" and len(heading.labels) == 1 and heading.labels[0]:
            labels[heading.name] = tuple(heading.labels)
    if analysis.printed.flags:
        labels[FLAG] = (*analysis.printed.flag_texts, "")
    return labels
