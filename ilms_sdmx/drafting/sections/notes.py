"""The `notes` section of a draft: texts outside the tables."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from ilms_sdmx.conversion.layout.grid import Grid
from ilms_sdmx.drafting.analysis import Analysis
from ilms_sdmx.drafting.recognition.beginnings import beginning_of
from ilms_sdmx.drafting.recognition.phrases import expression_of
from ilms_sdmx.drafting.recognition.printed import PrintedTable
from ilms_sdmx.drafting.sections.text import expression, pattern
from ilms_sdmx.words.text import clean


def note_lines(
    sheets: Iterable[Grid],
    tables: Sequence[PrintedTable],
    analyses: Iterable[Analysis],
    pinned: Collection[str],
) -> list[str]:
    """Lines of the texts outside tables that the mapping does not read elsewhere.

    Parameters
    ----------
    pinned
        Texts that the tables have read.
    """
    beginnings: set[str] = set()
    axes: list[re.Pattern[str]] = []
    for analysis in analyses:
        beginnings.update(beginning_of(analysis.every_printed).texts)
        if analysis.axis is not None and analysis.axis.text:
            axes.append(re.compile(analysis.axis.text, re.IGNORECASE))
    notes: dict[str, None] = {}
    for text in _texts_outside(sheets, tables):
        is_read = any(axis.search(text) for axis in axes)
        if text not in beginnings and text not in pinned and not is_read:
            notes[text] = None
    if not notes:
        return []
    lines = [f"  - {written}" for written in _patterns(notes)]
    return ["notes:", *lines, ""]


def _texts_outside(sheets: Iterable[Grid], tables: Sequence[PrintedTable]) -> list[str]:
    """Texts of the cells in rows that no table of the sheet takes."""
    texts: list[str] = []
    for sheet in sheets:
        taken: set[int] = set()
        for table in tables:
            if table.grid is sheet:
                taken.update(table.header, table.body, table.blocks, table.words)
        for (row, _), cell in sheet.cells.items():
            text = clean(cell.text)
            if text and row not in taken:
                texts.append(text)
    return texts


def _patterns(texts: Iterable[str]) -> list[str]:
    """Patterns of texts; those that differ in their numbers only are one."""
    forms: dict[str, list[str]] = {}
    for text in texts:
        form = re.sub(r"\d+", "0", text)
        forms.setdefault(form, []).append(text)
    patterns: list[str] = []
    for alike in forms.values():
        if len(alike) == 1:
            patterns.append(pattern(alike[0]))
        else:
            any_numbers = re.sub(r"\d+", r"\\d+", expression_of(alike[0]))
            patterns.append(expression(f"^{any_numbers}$"))
    return patterns
