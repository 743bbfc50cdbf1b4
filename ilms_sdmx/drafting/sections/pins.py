"""The `read` section of a drafted table: what it was made from, its period in an open place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ilms_sdmx.drafting.analysis import Analysis
from ilms_sdmx.drafting.recognition.beginnings import beginning_of
from ilms_sdmx.drafting.recognition.phrases import shortest_run
from ilms_sdmx.drafting.recognition.printed import PrintedTable
from ilms_sdmx.drafting.sections.text import inline, listed, quoted
from ilms_sdmx.mapping.pins import place_of
from ilms_sdmx.periods import kind_of, read_period
from ilms_sdmx.words.text import clean

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
    sheet
        Name of the sheet as it is written, empty where it says nothing.
    gives_period
        Whether a place gives the period of the whole table.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sheet: str = ""
    gives_period: bool = False

    @property
    def lines(self) -> list[str]:
        """Lines of the section, none where nothing is pinned."""
        lines = []
        if self.texts:
            lines.append("  texts:")
            lines += [f"    - {quoted(text)}" for text in self.texts.values()]
        if self.labels:
            labels = [(name, listed(map(quoted, of))) for name, of in self.labels.items()]
            lines.append(f"  labels: {inline(labels)}")
        if self.sheet:
            lines.append(f"  sheet: {quoted(self.sheet)}")
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
            texts[text] = text.replace(year, place_of("year", "year"))
            year = ""
        elif is_sure and text == title and not gives_period:
            texts[text] = _with_place(text, period, area)
            gives_period = texts[text] != text
    sheet = ""
    if is_sure and not gives_period and title == analysis.sheet:
        sheet = _with_place(title, period, area)
        gives_period = sheet != title
    if not gives_period:
        sheet = ""
    return DraftedPins(texts, _labels(analysis), sheet, gives_period)


def _year_of_months(analysis: Analysis) -> str:
    """Year that a title says of the months of a table, empty for none."""
    axis = analysis.axis
    if axis is None or axis.sheet or axis.text or axis.heading.name != "year":
        return ""
    return axis.heading.labels[0]


def texts_above(analysis: Analysis) -> list[str]:
    """Texts above a table that no other table has, but for the one at which it begins."""
    beginnings = beginning_of(analysis.every_printed).texts
    cells = _cells_above(analysis)
    constant = analysis.periods.constant
    texts = list(map(clean, analysis.table.words.near))
    if constant is not None:
        texts.append(clean(constant.label))
    distinct = dict.fromkeys(texts)
    return [text for text in distinct if text in cells and text not in beginnings]


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
    """Only label of a heading that says what is measured, which no code map reads.

    The words over row numbers and codes are next to it, as a conversion reads the header.
    """
    labels = {}
    for row, heading in analysis.columns.items():
        if heading.role == "measure" and len(heading.labels) == 1 and heading.labels[0]:
            labels[heading.name] = (heading.labels[0], *_beside_figures(analysis, row))
    return labels


def _beside_figures(analysis: Analysis, row: int) -> list[str]:
    """Texts of a header row over the columns of row numbers and of codes."""
    printed = analysis.printed
    texts = printed.texts([row], [*printed.counting, *printed.codes])
    return list(filter(None, dict.fromkeys(texts)))
