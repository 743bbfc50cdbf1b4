"""Periods of a mapping against the words of the sheet: a title that says more, or otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ilms_sdmx.conversion.figures.free_headings import free_labels
from ilms_sdmx.conversion.figures.model import Figures
from ilms_sdmx.conversion.filling.dates import read_label
from ilms_sdmx.conversion.layout.regions import Region
from ilms_sdmx.findings import Finding, Place, find, phrase
from ilms_sdmx.mapping.document import DatasetMap, MappingDocument
from ilms_sdmx.mapping.layout import FreeHeading, TableLayout
from ilms_sdmx.mapping.model import DatePatternMap, FixedValueMap
from ilms_sdmx.periods import Period, find_periods, parse_period, says_more
from ilms_sdmx.words.text import clean

#: Component of the time.
_TIME = "TIME_PERIOD"


@dataclass(frozen=True)
class TitlePeriods:
    """Titles of the tables of a mapping, and what it says of their periods.

    Parameters
    ----------
    mapping
        The mapping.
    regions
        Tables on their sheets.
    file
        Name of the file.
    pinned
        Sheet to the places of the cells that pins read: a person has confirmed them.
    """

    mapping: MappingDocument
    regions: Sequence[Region]
    file: str
    pinned: dict[str, set[tuple[int, int]]]

    @property
    def area(self) -> str:
        """Country of the workbook."""
        source = self.mapping.source
        return source.get("area", "")

    def find(self, figures: Figures) -> list[Finding]:
        """Findings of titles that go on about time, or that contradict a literal period."""
        found: dict[tuple[str, str, str], Finding] = {}
        for region in self.regions:
            longer = self._find_longer(region)
            otherwise = self._find_otherwise(region, figures)
            for finding in (*longer, *otherwise):
                key = (finding.rule, str(finding.place), finding.read)
                found.setdefault(key, finding)
        return list(found.values())

    def _find_longer(self, region: Region) -> Iterator[Finding]:
        """Findings of headings that cut a period out of words that say another one."""
        names = _names_of_time(self.mapping, region.layout)
        for heading in self.mapping.headings:
            if heading.name not in names:
                continue
            label = free_labels(region, (heading,), self.file).get(heading.name)
            for place, text in self._texts_of(region, heading) if label else ():
                if says_more(text, str(label), area=self.area):
                    yield find("title-says-more", place, read=text, label=str(label))

    def _texts_of(self, region: Region, heading: FreeHeading) -> Iterator[tuple[Place, str]]:
        """Texts from which a heading takes its label."""
        sheet = region.grid.name
        if heading.file:
            yield Place(), self.file
        elif heading.sheet:
            yield Place(sheet=sheet), sheet
        elif heading.text:
            label = free_labels(region, (heading,), self.file).get(heading.name)
            for (row, column), text in region.grid.texts():
                shown = clean(text)
                match = heading.text.search(shown) if row < region.body else None
                if match is not None and match.group(1) == label:
                    cells = region.grid.cells
                    cell = cells[row, column]
                    pinned_places = self.pinned.get(sheet, ())
                    if (cell.row, cell.column) not in pinned_places:
                        place = Place(sheet=sheet, cell=cell.address)
                        yield place, shown

    def _find_otherwise(self, region: Region, figures: Figures) -> Iterator[Finding]:
        """Findings of the literal periods of a table that its titles contradict."""
        literals = list(self._literals(region, figures))
        titles = self._titles(region) if literals else []
        said = [period for _, _, periods in titles for period in periods]
        for text, period in literals:
            if not said:
                continue
            if any(period.overlaps(other) for other in said):
                continue
            place, title, _ = titles[0]
            name = region.layout.name
            affects = phrase("figures-of-table", table=repr(name))
            line = region.layout.line
            yield find(
                "period-contradicted",
                place,
                component=_TIME,
                read=title,
                expected=text,
                affects=affects,
                table=name,
                line=line,
            )

    def _titles(self, region: Region) -> list[tuple[Place, str, tuple[Period, ...]]]:
        """Words of a sheet that name a period, with its periods: the nearest first."""
        sheet = region.grid.name
        said_above = self._said_above(region, region.above)
        near = list(said_above)
        if not near and region.above:
            near = list(self._said_above(region, 0))
        if not near and _are_confirmed(region.layout, self.area):
            return []
        is_pinned = _is_pinned(region.layout, "sheet")
        if not is_pinned:
            place = Place(sheet=sheet)
            near += self._said(place, sheet)
        if not near and not _is_pinned(region.layout, "file"):
            near += self._said(Place(), self.file.rpartition(".")[0])
        return near

    def _said_above(
        self, region: Region, first_row: int
    ) -> Iterator[tuple[Place, str, tuple[Period, ...]]]:
        """Texts above a table that name a period, from a row on.

        Those of pins are left out: a person has confirmed them, but for what is open in them.
        """
        name = region.grid.name
        pinned = self.pinned.get(name, set())
        last_row = max(region.top, region.begin[0])
        for row in range(first_row, last_row):
            filled = region.grid.filled
            for column in filled.get(row, ()):
                cells = region.grid.cells
                cell = cells[row, column]
                text = clean(cell.text)
                is_pinned = (cell.row, cell.column) in pinned
                if not is_pinned or _is_open(region.layout, text):
                    sheet = region.grid.name
                    place = Place(sheet=sheet, cell=cell.address)
                    yield from self._said(place, text)

    def _said(self, place: Place, text: str) -> list[tuple[Place, str, tuple[Period, ...]]]:
        """Text with the periods that it names, nothing where it names none."""
        periods = find_periods(text.replace("_", " "), area=self.area)
        if periods:
            return [(place, text, periods)]
        return []

    def _literals(self, region: Region, figures: Figures) -> Iterator[tuple[str, Period]]:
        """Periods that the mapping itself says of a table, with their words."""
        layout = region.layout
        for dataset in self.mapping.datasets:
            if dataset.tables and layout.name not in dataset.tables:
                continue
            for text in _literals_of(dataset, layout, figures, self.mapping):
                period = parse_period(text)
                if period is not None:
                    yield text, period


def _is_open(layout: TableLayout, text: str) -> bool:
    """Whether the pin of a text has a place for any number or word, which may be its period."""
    pins = layout.read.texts if layout.read else ()
    for pin in pins:
        kinds = [place.kind for place in pin.places]
        if not all(kinds) and pin.read(text, _is_any_period) is not None:
            return True
    return False


def _is_any_period(text: str, kind: str) -> bool:
    """Whether a text may be in the place of a period: any may."""
    return bool(kind) and bool(text)


def _are_confirmed(layout: TableLayout, area: str) -> bool:
    """Whether a pinned text names a period: a person has confirmed it with the literal one."""
    pins = layout.read.texts if layout.read else ()
    closed = [pin for pin in pins if not pin.places]
    return any(find_periods(pin.text, area=area) for pin in closed)


def _is_pinned(layout: TableLayout, part: str) -> bool:
    """Whether the name of the sheet or of the file is pinned."""
    if layout.read is None:
        return False
    return getattr(layout.read, part) is not None


def _names_of_time(mapping: MappingDocument, layout: TableLayout) -> set[str]:
    """Headings that alone say the period of a table."""
    names: set[str] = set()
    for dataset in mapping.datasets:
        if dataset.tables and layout.name not in dataset.tables:
            continue
        for component in dataset.components:
            if not isinstance(component, DatePatternMap):
                continue
            if len(component.sources) == 1:
                names.update(component.sources)
    return names


def _literals_of(
    dataset: DatasetMap, layout: TableLayout, figures: Figures, mapping: MappingDocument
) -> Iterator[str]:
    """Periods that a data set says of a table without reading them."""
    for component in dataset.components:
        if component.target != _TIME:
            continue
        if isinstance(component, FixedValueMap):
            yield component.value
        if not isinstance(component, DatePatternMap):
            continue
        if len(component.sources) == 1 and component.sources[0] in layout.set:
            label = layout.set[component.sources[0]]
            yield (
                component.periods.get(label)
                or read_label(label, component, mapping).time_period
            )
            continue
        yield from _decided_without_year(component, layout, figures, mapping)


def _decided_without_year(
    component: DatePatternMap, layout: TableLayout, figures: Figures, mapping: MappingDocument
) -> Iterator[str]:
    """Periods that lines give to labels which name no year: `January: 2017-01`."""
    of_table = figures.of_table(layout.name)
    if not component.periods:
        return
    if not len(of_table):
        return
    labels: set[str] = set()
    for name in component.sources:
        labels.update(of_table.labels(name))
    for label, period in component.periods.items():
        area = mapping.source.get("area", "")
        names_year = find_periods(label, area=area)
        if label in labels and not names_year:
            yield period
