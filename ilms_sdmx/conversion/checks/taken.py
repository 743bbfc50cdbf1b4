"""Figures that a mapping takes for words: headers, labels and notes that nothing proves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from ilms_sdmx.conversion.figures.suspects import (
    Taken,
    find_figures_as_labels,
    is_figure,
    is_number_of_no_time,
    taken,
)
from ilms_sdmx.conversion.layout.grid import At
from ilms_sdmx.conversion.layout.heads import Heads
from ilms_sdmx.conversion.layout.regions import Region
from ilms_sdmx.mapping.document import MappingDocument
from ilms_sdmx.mapping.layout import RowHeading, TableLayout
from ilms_sdmx.mapping.model import ComponentMap, DatePatternMap, MultiComponentMap
from ilms_sdmx.mapping.patterns import Pattern, Words
from ilms_sdmx.tables.cells import Kind
from ilms_sdmx.words import says
from ilms_sdmx.words.text import clean, folded, western_digits

#: A figure with its share or a second figure in brackets: `11,500 permits (46.0%)`.
_WITH_SHARE = re.compile(
    r"\d[\d., ]*\D{0,30}\(\s*(?:\d+(?:[.,]\d+)?\s*%|\d{1,3}(?:[.,]\d{3})+)\s*\)"
)
#: A cell that begins with a number.
_BEGINS_WITH_NUMBER = re.compile(r"\d")
#: Signs of a missing figure.
_SIGN = re.compile(r"[-–—.…*]{1,3}|n\.?a\.?", re.IGNORECASE)
#: Years of which the first and the last lie no further apart may be in any order.
_NEAR_YEARS = 20
#: Numbers in a mixed header from here on are no code and no number of a column.
_LARGE = 10_000


class NamedWords:
    """Words that a mapping names by themselves: code lines, rules, pins and labels of columns.

    A number among them is a label because a person, or an exact known label, says so.
    """

    def __init__(self, mapping: MappingDocument, layout: TableLayout) -> None:
        self.words: set[str] = set()
        for code_map in mapping.codes.values():
            for line in code_map.values:
                if not line.regex:
                    self._add(line.source)
        for rule in layout.rules:
            self._add_patterns(rule.where.values())
        for check in layout.checks:
            groups = (*check.total.values(), *check.parts.values())
            self._add_patterns(groups)
        self._add(layout.column_labels)
        self._add_patterns([layout.labels])
        pinned = layout.read.labels if layout.read else {}
        for labels in pinned.values():
            self._add(labels)

    def _add(self, texts: Iterable[str]) -> None:
        self.words.update(map(folded, texts))

    def _add_patterns(self, groups: Iterable[Sequence[Words]]) -> None:
        """Add the words of patterns that name one text."""
        for patterns in groups:
            for pattern in patterns:
                is_one = isinstance(pattern, Pattern) and not pattern.pieces
                if is_one and isinstance(pattern, Pattern) and not pattern.expression:
                    self.words.add(pattern.words)

    def __contains__(self, text: str) -> bool:
        return folded(text) in self.words


def find_taken(region: Region, heads: Heads, mapping: MappingDocument) -> list[Taken]:
    """Figures of a table that are taken for its header or its labels without proof."""
    known = find_figures_as_labels(region, heads)
    told = {cell for each in known for cell in each.cells}
    named = NamedWords(mapping, region.layout)
    mixed = list(_in_header(region, heads, named))
    mixed += _in_labels(region, heads, named, mapping)
    every = list(known)
    for each in mixed:
        if told.isdisjoint(each.cells):
            every.append(each)
    return every


def _in_header(region: Region, heads: Heads, named: NamedWords) -> Iterator[Taken]:
    """Figures in the header rows of a table."""
    columns = sorted(heads.columns.labels)
    for row in range(region.top, region.body):
        places = _filled(region, row, columns)
        found = _figures_of_row(region, heads, places)
        unnamed = _unnamed(region, found, named)
        if unnamed:
            line = region.layout.line
            yield taken(region, unnamed, "header-mixed", line=line)


def _filled(region: Region, row: int, columns: list[int]) -> list[At]:
    """Places of a row that have a cell."""
    places = []
    for column in columns:
        if (row, column) in region.grid.cells:
            places.append((row, column))
    return places


def _unnamed(region: Region, places: list[At], named: NamedWords) -> list[At]:
    """Places whose texts the mapping does not name."""
    unnamed = []
    for at in places:
        text = _text(region, at)
        if text not in named:
            unnamed.append(at)
    return unnamed


def _in_labels(
    region: Region, heads: Heads, named: NamedWords, mapping: MappingDocument
) -> Iterator[Taken]:
    """Figures in label columns that no code map and no rule reads."""
    read = headings_read(mapping, region.layout)
    for heading in region.layout.rows:
        column = heads.stubs.columns.get(heading.name)
        is_read = heading.name in read
        if column is None or is_read or _is_called_code(heading):
            continue
        if heading.name in read:
            continue
        if _is_called_code(heading):
            continue
        labels = heads.rows.labels
        places = [(row, column) for row in labels]
        found = _figures_of_column(region, places)
        unnamed = _unnamed(region, found, named)
        if unnamed:
            name = heading.name
            yield taken(region, unnamed, "labels-mixed", heading=name)


def _figures_of_row(region: Region, heads: Heads, places: list[At]) -> list[At]:
    """Figures of a header row: of one that is surely a row of figures, or those surely such."""
    texts = {at: _text(region, at) for at in places}
    begun = []
    numbers = []
    large = []
    has_shares = False
    for at, text in texts.items():
        if not _BEGINS_WITH_NUMBER.match(text):
            continue
        begun.append(at)
        has_shares |= _WITH_SHARE.match(text) is not None
        if is_figure(text):
            numbers.append(at)
        if is_number_of_no_time(text) and _is_large(text):
            large.append(at)
    all_texts = list(texts.values())
    if has_shares or _is_row_of_figures(region, heads, numbers, all_texts):
        return begun
    # Rows of numbers alone are told of as figures-as-labels.
    return [] if len(numbers) == len(places) else large


def _is_row_of_figures(
    region: Region, heads: Heads, numbers: list[At], texts: list[str]
) -> bool:
    """Whether a header row is one of figures: years in no order, signs, or a label."""
    if not numbers:
        return False
    signs = map(_SIGN.fullmatch, texts)
    if any(signs):
        return True
    years = [_text(region, at) for at in numbers]
    row, _ = numbers[0]
    return _are_in_no_order(years) or _has_label(region, heads, row)


def _has_label(region: Region, heads: Heads, row: int) -> bool:
    """Whether the label columns have a header in a row above, and another text in this one."""
    for heading in region.layout.rows:
        column = heads.stubs.columns.get(heading.name)
        if column is None:
            continue
        if heading.header is None:
            continue
        texts = {
            above: region.header_text(above, column) for above in range(region.top, row + 1)
        }
        here = texts.pop(row)
        is_above = any(heading.header.matches(text) for text in texts.values())
        if is_above and here and not heading.header.matches(here):
            return True
    return False


def _are_in_no_order(texts: list[str]) -> bool:
    """Whether years go up and down over a long time, as figures do.

    >>> rows = [["2018", "2019", "2018", "2019"], ["2479", "1987", "2510"]]
    >>> tuple(map(_are_in_no_order, rows))
    (False, True)
    """
    distinct = dict.fromkeys(texts)
    years = [int(text) for text in distinct if text.isdigit()]
    if len(years) < 3:
        return False
    span = max(years) - min(years)
    steps = {later > year for year, later in pairwise(years)}
    return span > _NEAR_YEARS and len(steps) > 1


def _figures_of_column(region: Region, places: list[At]) -> list[At]:
    """Figures of a label column that neither numbers rows nor has codes of one length."""
    begun = []
    numbers = []
    for at in places:
        text = _text(region, at)
        if _BEGINS_WITH_NUMBER.match(text):
            begun.append(at)
        if is_figure(text):
            numbers.append(text)
    if len(numbers) < 2 or _is_numbering(numbers):
        return []
    lengths = set(map(len, numbers))
    are_digits = all(map(str.isdigit, numbers))
    are_codes = are_digits and len(lengths) == 1
    return [] if are_codes else begun


def _is_numbering(texts: list[str]) -> bool:
    """Whether numbers count rows: each is the one before, one more, or 1 again."""
    if not all(map(str.isdigit, texts)):
        return False
    numbers = list(map(int, texts))
    for number, later in pairwise(numbers):
        if later not in (1, number, number + 1):
            return False
    return numbers[0] <= 1


def _is_large(text: str) -> bool:
    """Whether a number is no number of a column and no code of few digits."""
    if not text.isdigit():
        return True
    return int(text) >= _LARGE


def headings_read(mapping: MappingDocument, layout: TableLayout) -> set[str]:
    """Headings whose labels a code map, a period or a rule reads: the unknown is told."""
    names: set[str] = set()
    for rule in layout.rules:
        names.update(rule.where)
    for dataset in mapping.datasets:
        if dataset.tables and layout.name not in dataset.tables:
            continue
        names.update(dataset.where)
        for component in dataset.components:
            if isinstance(component, ComponentMap):
                names.add(component.source)
            elif isinstance(component, MultiComponentMap | DatePatternMap):
                names.update(component.sources)
    return names


def _is_called_code(heading: RowHeading) -> bool:
    """Whether the header of a label column says that it has codes."""
    if heading.header is None:
        return False
    return says(heading.header.text, "code")


def _text(region: Region, at: At) -> str:
    """Text of a place with digits as in the West; empty for a date."""
    cell = region.grid.cells.get(at)
    if cell is None:
        return ""
    if cell.kind is Kind.DATE:
        return ""
    return western_digits(clean(cell.text))
