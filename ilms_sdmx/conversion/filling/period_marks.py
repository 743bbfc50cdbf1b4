"""Marks at periods: `2023p` and `2566*` say something that only a person can decide."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from itertools import takewhile

from ilms_sdmx.conversion.figures.model import Figures
from ilms_sdmx.conversion.filling.dates import read_label
from ilms_sdmx.conversion.layout.marks import flag_tail, same
from ilms_sdmx.findings import Finding, Place, find, phrase
from ilms_sdmx.mapping.document import MappingDocument
from ilms_sdmx.mapping.layout import TableLayout, column
from ilms_sdmx.mapping.model import DatePatternMap, StructureMap
from ilms_sdmx.mapping.patterns import any_matches
from ilms_sdmx.tables.cells import Workbook
from ilms_sdmx.tables.markers import flags_line
from ilms_sdmx.words.text import clean

#: Number of a footnote behind a period: `2019 1/`.
_NUMBER = re.compile(r"(?<=\d)\s+(\d{1,2}/)$")
#: Signs of marks that Unicode counts as punctuation; `-` and `.` end ranges and sentences.
_SIGNS = frozenset("*†‡§#!?")
#: Most labels that a finding names.
_MOST_LABELS = 12

#: Name of a sheet to the marks that its legend explains.
Explained = Mapping[str, Collection[str]]


def find_undeclared_marks(
    figures: Figures,
    structure_map: StructureMap,
    mapping: MappingDocument,
    workbook: Workbook,
    explained: Explained,
) -> list[Finding]:
    """Findings of the marks at periods that nothing declares: they are read without them.

    A rule that gives a status or a note to the label has decided, as have a line of `periods`
    and a legend.
    """
    findings = []
    for component in structure_map.components:
        if not isinstance(component, DatePatternMap):
            continue
        for name in component.sources:
            if name not in figures.frame.columns:
                continue
            marks = _marks_of_labels(figures, name, component, mapping)
            marked = figures.only(figures.frame[name].isin(list(marks)))
            for layout in _layouts(marked, mapping):
                of_table = marked.only(marked.table == layout.name)
                findings += _find_in_table(of_table, name, marks, layout, workbook, explained)
    return findings


def _layouts(figures: Figures, mapping: MappingDocument) -> list[TableLayout]:
    """Tables of figures, in the order in which they occur."""
    by_name = {layout.name: layout for layout in mapping.tables}
    names = map(str, figures.table.unique())
    return [by_name[name] for name in names]


def mark_of(label: str, read: str) -> str:
    """Mark at a period, as printed: letters that its reader found, or signs at an end of it.

    >>> [mark_of(text, read) for text, read in (("2023P", "p"), ("2566 **", ""), ("2019", ""))]
    ['P', '**', '']
    """
    if read:
        letters = rf"(?<=\d)[\s(]*({re.escape(read)})(?!\w)"
        printed = re.search(letters, label, re.IGNORECASE)
        return printed[1] if printed else read
    number = _NUMBER.search(label)
    if number:
        return number[1]
    at_end = _signs(reversed(label))
    return at_end[::-1] or _signs(label)


def _signs(characters: Iterable[str]) -> str:
    """Signs of marks with which characters begin."""
    return "".join(takewhile(_is_sign, characters))


def _is_sign(character: str) -> bool:
    """Whether a character is a sign of a mark."""
    return character in _SIGNS or unicodedata.category(character).startswith("S")


def _marks_of_labels(
    figures: Figures, name: str, component: DatePatternMap, mapping: MappingDocument
) -> dict[str, str]:
    """Mark of each label of a column; a label that is no period is a finding already."""
    marks = {}
    for label in map(str, figures.frame[name].dropna().unique()):
        if label in component.periods:
            continue
        period = read_label(label, component, mapping)
        mark = mark_of(clean(label), period.mark) if period.time_period else ""
        if mark:
            marks[label] = mark
    return marks


def _find_in_table(
    figures: Figures,
    name: str,
    marks: Mapping[str, str],
    layout: TableLayout,
    workbook: Workbook,
    explained: Explained,
) -> list[Finding]:
    """Findings of the marks over the figures of one table, one a mark."""
    labels_of_figures = figures.frame[name]
    labels_of_mark: dict[str, list[str]] = {}
    for label in map(str, labels_of_figures.unique()):
        if not _has_rule(layout, name, label):
            labels_of_mark.setdefault(marks[label], []).append(label)
    findings = []
    for mark, labels in labels_of_mark.items():
        form = same(mark)
        sheets = [sheet for sheet, marks in explained.items() if form in marks]
        is_explained = figures.sheet.isin(sheets)
        rows = labels_of_figures.isin(labels) & ~is_explained
        if rows.any():
            marked = figures.only(rows)
            finding = _undeclared(mark, name, marked, layout, workbook)
            findings.append(finding)
    return findings


def _has_rule(layout: TableLayout, name: str, label: str) -> bool:
    """Whether a rule says a status or a note of the figures under a label."""
    for rule in layout.rules:
        if not rule.status and not rule.note:
            continue
        for heading, patterns in rule.where.items():
            if column(heading) == name and any_matches(patterns, label):
                return True
    return False


def _undeclared(
    mark: str, name: str, figures: Figures, layout: TableLayout, workbook: Workbook
) -> Finding:
    """Finding of one mark over the figures of a table."""
    distinct = figures.frame[name].unique()
    labels = list(map(str, distinct))
    first_label = labels[0]
    named_labels = ", ".join(labels[:_MOST_LABELS])
    place = _place_of_label(figures, first_label, workbook)
    heading = name.removeprefix(":")
    count = len(figures)
    fix = _line_for(mark, heading, first_label, layout)
    return find(
        "mark-undeclared",
        place,
        component="OBS_STATUS",
        read=named_labels,
        fix=fix,
        affects=phrase("figures-without-mark", count=count),
        label=first_label,
        mark=mark,
    )


def _place_of_label(figures: Figures, label: str, workbook: Workbook) -> Place:
    """Place of the cell that holds a label.

    That of the first figure where it is a part of one.
    """
    sheet = workbook[str(figures.sheet.iloc[0])]
    for cell in sheet:
        if clean(cell.text) == label:
            return Place(sheet=sheet.name, cell=cell.address)
    return figures.place()


def _line_for(mark: str, name: str, label: str, layout: TableLayout) -> str:
    """Line that declares a mark; one that a flag would not find needs a rule."""
    condition = f"{{where: {{{name}: {label!r}}}, status: <status>}}"
    rule = phrase("give-rule", table=repr(layout.name), line=condition)
    tail = flag_tail((mark,))
    if mark in layout.conventions.flags or not tail.search(label):
        return rule
    flags = flags_line(mark)
    return phrase("fix-or", first=phrase("add-flags", flags=flags), second=rule)
