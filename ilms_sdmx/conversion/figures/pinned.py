"""Pins of a table: whether a sheet and its labels are what the mapping was made from."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field

from ilms_sdmx.conversion.figures.model import Figures
from ilms_sdmx.conversion.layout.grid import At
from ilms_sdmx.conversion.layout.regions import Region
from ilms_sdmx.findings import Finding, Place, find, is_phrase, phrase
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.mapping.document import MappingDocument
from ilms_sdmx.mapping.layout import TableLayout
from ilms_sdmx.mapping.pins import IsPeriod, Pin, Pins
from ilms_sdmx.periods import find_period, is_of_kind, read_period
from ilms_sdmx.tables.cells import Cell
from ilms_sdmx.words import is_unit_line, power_of
from ilms_sdmx.words.text import clean, folded

#: Likeness from which a text may be the one that has changed.
_NEAR = 0.4
#: Most letters of a text that is compared by likeness.
_COMPARED = 300


def period_reader(mapping: MappingDocument) -> IsPeriod:
    """Reader of what is in the places of pins: whether it is a period of a kind."""
    conventions = mapping.conventions
    area = mapping.source.get("area", "")

    def is_period(text: str, kind: str) -> bool:
        """Whether a text is a period of a kind."""
        period = read_period(
            text, area=area, fiscal=conventions.fiscal, short_years=conventions.short_years
        )
        return is_of_kind(period.time_period, kind)

    return is_period


@dataclass(frozen=True)
class Pinned:
    """What the pins of one table read.

    Parameters
    ----------
    labels
        Labels that they give, by heading.
    findings
        Findings of what the sheet does not say, or says anew.
    cells
        Places, as the workbook counts them, of the cells that pins read or findings name.
    """

    labels: dict[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    cells: frozenset[tuple[int, int]] = frozenset()

    @property
    def is_changed(self) -> bool:
        """Whether the sheet is not what the mapping was made from."""
        return bool(self.findings)


def read_pins(region: Region, is_period: IsPeriod, file: str) -> Pinned:
    """Labels of the pins of a table on one sheet, and findings where they do not fit.

    Parameters
    ----------
    file
        Name of the file.
    """
    pins = region.layout.read
    if pins is None:
        return Pinned()
    return _Reading(region, pins, is_period, file).pinned()


@dataclass
class _Reading:
    """Reading of the pins of one table."""

    region: Region
    pins: Pins
    is_period: IsPeriod
    file: str

    def pinned(self) -> Pinned:
        """What the pins read."""
        labels: dict[str, str] = {}
        cells: set[At] = set()
        missing: list[Pin] = []
        texts = dict(self._texts_above())
        of_neighbours = self._units_of_neighbours(texts)
        for pin in self.pins.texts:
            fitting = []
            for at, text in texts.items():
                labels_of_text = self._labels(pin, text)
                if labels_of_text is not None and at not in of_neighbours:
                    cells.add(at)
                    fitting.append((at, labels_of_text))
            if fitting:
                labels |= self._nearest(fitting)
            else:
                missing.append(pin)
        left = {at: text for at, text in texts.items() if at not in cells}
        findings = []
        for pin in missing:
            likest = _likest(pin, left)
            text = left.pop(likest) if likest else ""
            finding = self._changed_text(pin, likest, text)
            findings.append(finding)
            if likest:
                cells.add(likest)
        findings += self._changed_names(labels)
        return Pinned(labels, tuple(findings), self._as_counted(cells))

    def _labels(self, pin: Pin, text: str) -> dict[str, str] | None:
        return pin.read(text, self.is_period)

    def _texts_above(self) -> Iterator[tuple[At, str]]:
        """Places and texts of the cells above the figures of the table."""
        for at, cell in self.region.grid.cells.items():
            row, _ = at
            is_above = row < self.region.body
            if is_above and cell.text.strip():
                yield at, clean(cell.text)

    def _units_of_neighbours(self, texts: dict[At, str]) -> set[At]:
        """Places of units over a table next to this one, in rows where it has its own."""
        columns = self.region.columns
        units = {at for at, text in texts.items() if power_of(text) or is_unit_line(text)}
        own_rows = {row for row, column in units if column in columns}
        others = [(row, column) for row, column in units if column not in columns]
        return {(row, column) for row, column in others if row in own_rows}

    def _nearest(self, fitting: list[tuple[At, dict[str, str]]]) -> dict[str, str]:
        """Labels of the text that is nearest to the table: below the table above, over it."""
        region = self.region
        over = []
        for at, labels in fitting:
            _, column = at
            if column in region.columns:
                over.append((at, labels))
        candidates = over or fitting
        _, nearest = candidates[0]
        for (row, _), labels in candidates:
            if row >= region.above:
                nearest = labels
        return nearest

    def _changed_names(self, labels: dict[str, str]) -> list[Finding]:
        """Findings of the names of sheet and file, whose labels are added."""
        findings = []
        names = [("sheet", self.pins.sheet, self.region.grid.name)]
        names.append(("file", self.pins.file, self.file))
        for case, pin, name in names:
            if pin is None:
                continue
            read = self._labels(pin, name)
            if read is None:
                findings.append(self._changed(pin, name, case))
            else:
                labels |= {key: label for key, label in read.items() if key not in labels}
        return findings

    def _changed_text(self, pin: Pin, at: At | None, text: str) -> Finding:
        """Finding of a text that is not there, with the text that may be in its place."""
        if at is None:
            return self._changed(pin, "", "missing")
        cell = self.region.grid.cells[at]
        return self._changed(pin, text, "", cell.address)

    def _changed(self, pin: Pin, text: str, case: str, cell: str = "") -> Finding:
        """Finding of a pin that does not fit."""
        region = self.region
        table = region.layout.name
        place = Place(sheet=region.grid.name, cell=cell)
        affects = phrase("whole-table", table=repr(table))
        return find(
            "edition-changed",
            place,
            case=case,
            read=text,
            expected=pin.text,
            affects=affects,
            table=table,
            line=pin.line,
        )

    def _as_counted(self, cells: set[At]) -> frozenset[tuple[int, int]]:
        """Places of cells as the workbook counts them."""
        places = set()
        for at in cells:
            cell = self.region.grid.cells[at]
            places.add((cell.row, cell.column))
        return frozenset(places)


def _likest(pin: Pin, texts: dict[At, str]) -> At | None:
    """Place of the text that is most like a pin, None where none is like it."""
    scores = []
    wanted = pin.words.casefold()[:_COMPARED]
    for at, text in texts.items():
        compared = text.casefold()[:_COMPARED]
        matcher = difflib.SequenceMatcher(None, compared, wanted)
        if matcher.quick_ratio() >= _NEAR:
            score = matcher.ratio()
            scores.append((score, at))
    if not scores:
        return None
    score, place = max(scores)
    return place if score >= _NEAR else None


@dataclass(frozen=True)
class Above:
    """Rows above a table whose texts the mapping has pinned, as the workbook counts them."""

    sheet: str
    first_row: int
    last_row: int
    table: str
    line: int


def rows_above(region: Region) -> Above | None:
    """Rows above a table with pins, up to the table above it; None where there are none."""
    pins = region.layout.read
    first_row, _ = region.begin
    top = max(region.top, first_row)
    if pins is None or not region.above < top:
        return None
    grid = region.grid
    numbers = grid.row_numbers
    first = numbers[region.above]
    last = numbers[top - 1]
    return Above(grid.name, first, last, region.layout.name, pins.line)


def find_new_words(cell: Cell, above: Above, area: str) -> Finding | None:
    """Finding of a cell above a table that says a period or a unit and that no pin has."""
    text = cell.text
    if not bears_on_meaning(text, area):
        return None
    place = Place(sheet=above.sheet, cell=cell.address)
    table = above.table
    affects = phrase("whole-table", table=repr(table))
    line = above.line
    return find(
        "edition-changed", place, case="new", read=text, affects=affects, table=table, line=line
    )


def find_new_labels(figures: Figures, layout: TableLayout) -> list[Finding]:
    """Findings of new labels of a heading that nothing else of the mapping reads.

    What a rule leaves out, as row numbers and codes, bears on no figure.
    """
    findings: list[Finding] = []
    pins = layout.read
    figures = figures.only(figures.bucket != Bucket.IGNORE)
    if pins is None or not len(figures):
        return findings
    for name, labels in pins.labels.items():
        known = set(map(folded, labels))
        expected = ", ".join(labels)
        for label in figures.labels(name):
            if folded(label) in known:
                continue
            is_labelled = figures.heading(name) == label
            rows = figures.only(is_labelled)
            place = rows.place()
            number = len(rows)
            finding = find(
                "edition-changed",
                place,
                case="label",
                read=label,
                expected=expected,
                affects=phrase("figures-alone", count=number),
                heading=name,
                table=layout.name,
                line=pins.line,
            )
            findings.append(finding)
    return findings


def bears_on_meaning(text: str, area: str = "") -> bool:
    """Whether a text says a period, a power of ten or a unit.

    >>> bears_on_meaning("(in thousands)"), bears_on_meaning("Ministry of Labour")
    (True, False)
    """
    shown = clean(text)
    if power_of(shown) or is_unit_line(shown):
        return True
    period = find_period(shown, area=area)
    return bool(period.time_period) or not is_phrase(period.reason, "says-no-period")
