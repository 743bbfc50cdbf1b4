"""Marks at periods: `2023p` and `2566*` say something of the figures that only a person can decide."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import takewhile
from typing import TYPE_CHECKING

from ilms_sdmx.conversion.filling.dates import read_label
from ilms_sdmx.conversion.layout.marks import flag_tail, same
from ilms_sdmx.findings import Finding, Place, Severity
from ilms_sdmx.mapping.document import MappingDocument
from ilms_sdmx.mapping.layout import TableLayout, any_matches, column
from ilms_sdmx.mapping.model import DatePatternMap, StructureMap
from ilms_sdmx.tables.cells import Sheet, Workbook
from ilms_sdmx.tables.markers import flags_line
from ilms_sdmx.words.text import clean

if TYPE_CHECKING:
    import pandas as pd

#: Number of a footnote behind a period: `2019 1/`.
_NUMBER = re.compile(r"(?<=\d)\s+(\d{1,2}/)$")
#: Signs of marks that Unicode counts as punctuation; `-` and `.` end ranges and sentences.
_SIGNS = frozenset("*†‡§#!?")


def undeclared(
    figures: pd.DataFrame,
    structure_map: StructureMap,
    mapping: MappingDocument,
    workbook: Workbook,
    explained: Mapping[str, Collection[str]],
) -> list[Finding]:
    """Tell of the marks at periods that are read without them, and that nothing declares.

    A rule that gives a status or a note to the label has decided, as have a line of `periods` and a legend;
    `explained` are the marks that the legend of each sheet explains.
    """
    dated = [c for c in structure_map.components if isinstance(c, DatePatternMap)]
    findings: list[Finding] = []
    for component, name in (
        (c, name) for c in dated for name in c.sources if name in figures.columns
    ):
        marks = _marks(figures[name], mapping, component)
        marked = figures[figures[name].isin(list(marks))] if marks else figures.iloc[:0]
        for table, own in marked.groupby("table", sort=False):
            layout = next(t for t in mapping.tables if t.name == table)
            findings += _of_table(own, name, marks, layout, workbook, explained)
    return findings


def mark_of(label: str, read: str) -> str:
    """Mark at a period, as printed: letters that its reader found, or signs at the end or the beginning.

    >>> [mark_of(text, read) for text, read in (("2023P", "p"), ("2566 **", ""), ("2019", ""))]
    ['P', '**', '']
    """
    if read:
        printed = re.search(rf"(?<=\d)[\s(]*({re.escape(read)})(?!\w)", label, re.IGNORECASE)
        return printed[1] if printed else read
    number = _NUMBER.search(label)
    return number[1] if number else _signs(reversed(label))[::-1] or _signs(label)


def _signs(characters: Iterable[str]) -> str:
    return "".join(
        takewhile(lambda c: c in _SIGNS or unicodedata.category(c)[0] == "S", characters)
    )


def _marks(
    texts: pd.Series[str], mapping: MappingDocument, component: DatePatternMap
) -> dict[str, str]:
    """Labels with a mark, and the mark; one that is no period is a finding of its own already."""
    found = {}
    for label in map(str, texts.dropna().unique()):
        period = read_label(label, component, mapping)
        if label not in component.periods and period.time_period:
            found[label] = mark_of(clean(label), period.mark)
    return {label: mark for label, mark in found.items() if mark}


def _of_table(
    own: pd.DataFrame,
    name: str,
    marks: Mapping[str, str],
    layout: TableLayout,
    workbook: Workbook,
    explained: Mapping[str, Collection[str]],
) -> Iterator[Finding]:
    """Tell of the marks over the figures of one table, once a mark."""
    labels = [t for t in map(str, own[name].unique()) if not _ruled(layout, name, t)]
    for mark in dict.fromkeys(marks[label] for label in labels):
        known = [sheet for sheet, lines in explained.items() if same(mark) in lines]
        under = own[name].isin([label for label in labels if marks[label] == mark])
        rows = own[under & ~own["sheet"].isin(known)]
        if len(rows):
            yield _finding(mark, name, rows, layout, workbook)


def _ruled(layout: TableLayout, name: str, label: str) -> bool:
    """Whether a rule says a status or a note of the figures under a label."""
    rules = (r.where for r in layout.rules if r.status or r.note)
    named = (where[heading] for where in rules for heading in where if column(heading) == name)
    return any(any_matches(patterns, label) for patterns in named)


def _finding(
    mark: str, name: str, rows: pd.DataFrame, layout: TableLayout, workbook: Workbook
) -> Finding:
    first = rows.iloc[0]
    labels = [str(t) for t in rows[name].unique()]
    sheet = workbook[str(first["sheet"])]
    return Finding(
        "mark-undeclared",
        Severity.WARNING,
        f"{labels[0]!r} is read without its mark {mark!r}, of which the mapping says nothing.",
        place=Place(workbook.name, sheet.name, _cell(sheet, labels[0]) or str(first["cell"])),
        component="OBS_STATUS",
        read=", ".join(labels[:12]),
        expected="a status or a note for the figures under a mark",
        fix=_fix(mark, name.removeprefix(":"), labels[0], layout),
        affects=f"{len(rows)} figures, written without what the mark says",
    )


def _cell(sheet: Sheet, label: str) -> str:
    """Address of the cell that holds a label, empty where it is a part of one."""
    return next((c.address for c in sheet if clean(c.text) == label), "")


def _fix(mark: str, name: str, label: str, layout: TableLayout) -> str:
    """Line that declares a mark; one that a flag would not find needs a rule."""
    rule = f"give the table {layout.name!r} a rule:  {{where: {{{name}: {label!r}}}, status: <status>}}"
    if mark in layout.conventions.flags or not flag_tail((mark,)).search(label):
        return rule
    return f"add to conventions:  {flags_line(mark)}; or {rule}"
