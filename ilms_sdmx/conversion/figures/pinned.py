"""Pins of a table: whether a sheet says what the mapping was made from, and the labels in it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field

from ilms_sdmx.conversion.figures.model import Figures
from ilms_sdmx.conversion.layout.grid import At
from ilms_sdmx.conversion.layout.regions import Region
from ilms_sdmx.findings import Finding, Place, find
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
        texts = list(self._texts_above())
        for pin in self.pins.texts:
            read = [(at, self._labels(pin, text)) for at, text in texts]
            fitting = [(at, found) for at, found in read if found is not None]
            cells.update(at for at, _ in fitting)
            if fitting:
                labels.update(self._nearest(fitting))
            else:
                missing.append(pin)
        left = {at: text for at, text in texts if at not in cells}
        findings = []
        for pin in missing:
            at = _likest(pin, left)
            findings.append(self._changed_text(pin, at, left.pop(at) if at else ""))
            if at:
                cells.add(at)
        findings += self._changed_names(labels)
        return Pinned(labels, tuple(findings), self._as_counted(cells))

    def _labels(self, pin: Pin, text: str) -> dict[str, str] | None:
        return pin.read(text, self.is_period)

    def _texts_above(self) -> Iterator[tuple[At, str]]:
        """Places and texts of the cells above the figures of the table."""
        for (row, column), cell in self.region.grid.cells.items():
            if row < self.region.body and cell.text.strip():
                yield (row, column), clean(cell.text)

    def _nearest(self, fitting: list[tuple[At, dict[str, str]]]) -> dict[str, str]:
        """Labels of the text that is nearest to the table: below the table above, over it."""
        region = self.region
        over = [(at, labels) for at, labels in fitting if at[1] in region.columns]
        candidates = over or fitting
        own = [labels for (row, _), labels in candidates if row >= region.above]
        return own[-1] if own else candidates[0][1]

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
        place = Place(sheet=self.region.grid.name, cell=cell)
        return find(
            "edition-changed",
            place,
            case=case,
            read=text,
            expected=pin.text,
            affects=f"the whole table {self.region.layout.name!r}",
            table=self.region.layout.name,
            line=pin.line,
        )

    def _as_counted(self, cells: set[At]) -> frozenset[tuple[int, int]]:
        """Places of cells as the workbook counts them."""
        found = [self.region.grid.cells[at] for at in cells]
        return frozenset((cell.row, cell.column) for cell in found)


def _likest(pin: Pin, texts: dict[At, str]) -> At | None:
    """Place of the text that is most like a pin, None where none is like it."""
    scores = []
    wanted = pin.text.casefold()[:_COMPARED]
    for at, text in texts.items():
        matcher = difflib.SequenceMatcher(None, text.casefold()[:_COMPARED], wanted)
        if matcher.quick_ratio() >= _NEAR:
            scores.append((matcher.ratio(), at))
    best = max(scores, default=(0.0, None))
    return best[1] if best[0] >= _NEAR else None


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
    top = max(region.top, region.begin[0])
    if pins is None or not region.above < top:
        return None
    numbers = region.grid.row_numbers
    first_row, last_row = numbers[region.above], numbers[top - 1]
    return Above(region.grid.name, first_row, last_row, region.layout.name, pins.line)


def find_new_words(cell: Cell, above: Above, area: str) -> Finding | None:
    """Finding of a cell above a table that says a period or a unit and that no pin has."""
    if not bears_on_meaning(cell.text, area):
        return None
    return find(
        "edition-changed",
        Place(sheet=above.sheet, cell=cell.address),
        case="new",
        read=cell.text,
        affects=f"the whole table {above.table!r}",
        table=above.table,
        line=above.line,
    )


def find_new_labels(figures: Figures, layout: TableLayout) -> list[Finding]:
    """Findings of labels that a heading has not had, and that nothing else of the mapping reads."""
    findings: list[Finding] = []
    if layout.read is None or not len(figures):
        return findings
    for name, labels in layout.read.labels.items():
        known = set(map(folded, labels))
        for label in figures.labels(name):
            if folded(label) in known:
                continue
            rows = figures.only(figures.heading(name) == label)
            number = len(rows)
            finding = find(
                "edition-changed",
                rows.place(),
                case="label",
                read=label,
                expected=", ".join(labels),
                affects=f"{number} figure{'' if number == 1 else 's'}",
                heading=name,
                table=layout.name,
                line=layout.read.line,
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
    return bool(period.time_period) or period.reason != _NO_PERIOD


_NO_PERIOD = find_period("").reason
