"""Pins for a mapping that has none: the words of a workbook that it converts.

Periods become open places where the mapping reads them from these words, and stay as they are
where it says them itself.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from ilms_sdmx.conversion.checks.taken import headings_read
from ilms_sdmx.conversion.figures.pinned import period_reader
from ilms_sdmx.conversion.layout.above import FigureRows, cells_above, rows_of_figures
from ilms_sdmx.conversion.layout.grid import grids
from ilms_sdmx.conversion.layout.heads import heads_of
from ilms_sdmx.conversion.layout.regions import Region, locate
from ilms_sdmx.mapping.document import MappingDocument
from ilms_sdmx.mapping.expressions import Expression
from ilms_sdmx.mapping.layout import FreeHeading, TableLayout
from ilms_sdmx.mapping.model import DatePatternMap
from ilms_sdmx.mapping.patterns import any_matches
from ilms_sdmx.mapping.pins import NUMBER, WORDS, IsPeriod, Pin, place_of
from ilms_sdmx.periods import kind_of, read_period
from ilms_sdmx.tables.cells import Workbook
from ilms_sdmx.words.text import clean

#: A figure with groups of digits in a text, which is another one in the next edition.
_GROUPED = re.compile(r"(?<![\d.,])[1-9]\d{0,2}(?:([.,])\d{3})(?:\1\d{3})*(?![\d.,]*\d)")
#: Most labels of a heading that are pinned.
_MOST_LABELS = 6
#: A year, or two years, in a text.
_YEAR = re.compile(r"(?<![\d.,/])(?:1[89]|2[0-6])\d\d(?![\d.,/]*\d)")
#: The beginning of an item of a list in a mapping file, up to its first key.
_ITEM = re.compile(r"\s*- +(?=[a-z])")
#: Likeness of two texts from which they are one with other words, and letters compared.
_LEAST_ALIKE, _COMPARED = 0.6, 300


@dataclass(frozen=True)
class TablePins:
    """What is pinned of one table.

    Parameters
    ----------
    texts
        Texts above it, with open places.
    labels
        Heading to its labels.
    sheet, file
        Names of the sheet and of the file with open places, empty where they say nothing.
    """

    texts: tuple[str, ...] = ()
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sheet: str = ""
    file: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is pinned."""
        return not (self.texts or self.labels or self.sheet or self.file)


def pins_from(workbook: Workbook, mapping: MappingDocument) -> dict[str, TablePins]:
    """Pins of each table of a mapping that has none yet, by its name.

    Only what all places of a table have in common is pinned: on several sheets, the words in
    which their titles differ are open.

    Parameters
    ----------
    workbook
        A workbook that the mapping converts.
    """
    sheets = grids(workbook, hidden=mapping.conventions.hidden != "ignore")
    regions = locate(sheets, mapping.tables)
    rows = rows_of_figures(regions)
    pins = {}
    for layout in mapping.tables:
        own = [region for region in regions if region.layout is layout]
        if own and layout.read is None:
            drafter = _Drafter(mapping, layout, workbook.name, rows)
            drafted = drafter.pins(own)
            if not drafted.is_empty:
                pins[layout.name] = drafted
    return pins


@dataclass(frozen=True)
class _Drafter:
    """Drafter of the pins of one table."""

    mapping: MappingDocument
    layout: TableLayout
    file: str
    rows: FigureRows

    @property
    def is_period(self) -> IsPeriod:
        """Reader of what is in open places."""
        return period_reader(self.mapping)

    def pins(self, regions: list[Region]) -> TablePins:
        """Pins of the table, which is in some regions."""
        several = [self._texts(region) for region in regions]
        texts = several[0]
        for others in several[1:]:
            texts = _in_common(texts, others)
        texts = [text for text in dict.fromkeys(texts) if self._fits(text, regions)]
        names = {region.grid.name for region in regions}
        sheet = ""
        if len(names) == 1:
            sheet = self._name(regions[0].grid.name, "sheet")
        file = self._name(self.file, "file")
        return TablePins(tuple(texts), self._labels(regions), sheet, file)

    def _texts(self, region: Region) -> list[str]:
        """Texts above the header of a region with open places."""
        texts = []
        left_out = [each.text for each in self.mapping.ignore]
        for text in self._cells_above(region):
            shown = clean(text)
            if shown and not any_matches(left_out, shown):
                texts.append(self._with_places(shown))
        return texts

    def _cells_above(self, region: Region) -> list[str]:
        """Texts of the cells above the table."""
        return [cell.text for cell in cells_above(region, self.rows)]

    def _with_places(self, text: str) -> str:
        """Text with places for what headings read of it, and for years that columns say too."""
        for heading in self.mapping.headings:
            if heading.text is not None:
                text = self._with_place(text, heading, heading.text)
        if self._has_period_of_its_own():
            text = _YEAR.sub(f"{{{NUMBER}}}", text)
        return _GROUPED.sub(f"{{{NUMBER}}}", text)

    def _with_place(self, text: str, heading: FreeHeading, expression: Expression) -> str:
        """Text with a place for what one heading reads."""
        match = expression.search(text)
        if match is None:
            return text
        label = match.group(1)
        if not label or text.count(label) != 1:
            return text
        kind = self._kind(label)
        place = place_of(heading.name, kind) if kind else f"{{{WORDS}}}"
        return text.replace(label, place)

    def _kind(self, label: str) -> str:
        """Kind of the period that a label is, empty for none."""
        conventions = self.mapping.conventions
        period = read_period(
            label,
            area=self.mapping.source.get("area", ""),
            fiscal=conventions.fiscal,
            short_years=conventions.short_years,
        )
        return kind_of(period.time_period)

    def _has_period_of_its_own(self) -> bool:
        """Whether the rows or columns of the table say all of its periods."""
        layout = self.layout
        own = {heading.name for heading in layout.rows} | set(layout.columns)
        if layout.blocks:
            own.add(layout.blocks.name)
        own -= set(layout.set)
        for dataset in self.mapping.datasets:
            if dataset.tables and layout.name not in dataset.tables:
                continue
            for component in dataset.components:
                if component.target != "TIME_PERIOD":
                    continue
                if not isinstance(component, DatePatternMap):
                    return False
                is_own = own.issuperset(component.sources)
                if not is_own or component.periods or component.options.get("year"):
                    return False
        return True

    def _name(self, name: str, part: str) -> str:
        """Name of a sheet or file from which a heading takes a period, with a place for it."""
        for heading in self.mapping.headings:
            expression = getattr(heading, part)
            if expression is None:
                continue
            pinned = self._with_place(name, heading, expression)
            if pinned != name:
                return pinned
        return ""

    def _fits(self, text: str, regions: Iterable[Region]) -> bool:
        """Whether a pin fits a text of every region, and bears on meaning or is a title."""
        pin = Pin(text)
        for region in regions:
            texts = self._cells_above(region)
            read = [pin.read(clean(text), self.is_period) for text in texts]
            if all(labels is None for labels in read):
                return False
        return True

    def _labels(self, regions: Iterable[Region]) -> dict[str, tuple[str, ...]]:
        """Labels of headings that nothing else of the mapping reads."""
        read = headings_read(self.mapping, self.layout)
        labels: dict[str, dict[str, None]] = {}
        for region in regions:
            heads = heads_of(region)
            every = list(heads.rows.labels.values())
            if not self.layout.column_labels:
                every += heads.columns.labels.values()
            for own in every:
                _add_unread(labels, own, read)
        pinned = {}
        for name, texts in labels.items():
            if len(texts) <= _MOST_LABELS:
                pinned[name] = tuple(texts)
        return pinned


def _add_unread(
    labels: dict[str, dict[str, None]], own: Mapping[str, str], read: Collection[str]
) -> None:
    """Add the labels of one row or column, by the headings that nothing reads."""
    for name, label in own.items():
        # Levels and parents follow from the labels.
        if label and name not in read and "." not in name:
            labels.setdefault(name, {})[label] = None


def _in_common(texts: Iterable[str], others: list[str]) -> list[str]:
    """Texts that two sheets have, the words in which they differ open."""
    common = []
    left = list(others)
    for text in texts:
        likest = max(left, key=partial(_alike, text), default="")
        if not likest or _alike(text, likest) < _LEAST_ALIKE:
            continue
        left.remove(likest)
        common.append(text if text == likest else _around(text, likest))
    return common


def _alike(text: str, other: str) -> float:
    """How much two texts have in common, from 0 to 1."""
    return difflib.SequenceMatcher(None, text[:_COMPARED], other[:_COMPARED]).ratio()


def _around(text: str, other: str) -> str:
    """Words with which two texts begin and end, what is between them open."""
    words, others = text.split(), other.split()
    most = min(len(words), len(others)) - 1
    start = _same(words, others, most)
    end = _same(words[::-1], others[::-1], most - start)
    return " ".join([*words[:start], f"{{{WORDS}}}", *words[len(words) - end :]])


def _same(words: list[str], others: list[str], most: int) -> int:
    """Number of words with which two lists begin alike."""
    number = 0
    for word, other in zip(words[:most], others[:most], strict=True):
        if word != other:
            break
        number += 1
    return number


def with_pins(text: str, mapping: MappingDocument, pins: Mapping[str, TablePins]) -> str:
    """Text of a mapping file with `read` in its tables, every other line as it is.

    Parameters
    ----------
    text
        Text of the file.
    mapping
        Document of it, which says where its tables are.
    pins
        What is pinned, by the name of the table.
    """
    lines = text.split("\n")
    for layout in reversed(mapping.tables):
        own = pins.get(layout.name)
        if own is None:
            continue
        number, indent = _place_in_file(lines, layout)
        if number:
            lines[number:number] = [indent + line for line in _lines(own)]
    return "\n".join(lines)


def _place_in_file(lines: list[str], layout: TableLayout) -> tuple[int, str]:
    """Number of lines before `read` of a table, and its indent; 0 where it has no place."""
    first = lines[layout.line - 1]
    item = _ITEM.match(first)
    if item is None:
        return 0, ""
    indent = " " * len(item[0])
    begin = layout.begin
    number = layout.line
    if begin is not None and lines[begin.line - 1].startswith(f"{indent}begin:"):
        number = begin.line
    elif not first[len(indent) :].startswith(("name:", "begin:")):
        return 0, ""
    return number, indent


def _lines(pins: TablePins) -> list[str]:
    """Lines of the section `read`."""
    lines = ["read:"]
    if pins.texts:
        lines.append("  texts:")
        lines += [f"    - {_quoted(text)}" for text in pins.texts]
    if pins.labels:
        lines.append("  labels:")
        for name, labels in pins.labels.items():
            listed = ", ".join(map(_quoted, labels))
            lines.append(f"    {name}: [{listed}]")
    for name in ("sheet", "file"):
        pinned = getattr(pins, name)
        if pinned:
            lines.append(f"  {name}: {_quoted(pinned)}")
    return lines


def _quoted(text: str) -> str:
    """Text in the quotes of YAML."""
    return json.dumps(text, ensure_ascii=False)
