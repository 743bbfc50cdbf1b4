"""A recognised table with its headings and the words above it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from ilms_sdmx.drafting.recognition.columns import numbers_rows
from ilms_sdmx.drafting.recognition.headings import (
    Heading,
    as_areas,
    first_of_role,
    heading_of,
    is_row_numbers,
    named_apart,
)
from ilms_sdmx.drafting.recognition.printed import PrintedTable
from ilms_sdmx.drafting.recognition.time_columns import TimeColumn, TimeMeaning, head_over
from ilms_sdmx.drafting.recognition.units import says_unit
from ilms_sdmx.words import power_of, says
from ilms_sdmx.words.text import clean

#: Number before a label: `1. Thailand`, `iv) Others`.
NUMBERING = re.compile(r"^\s*(\d{1,3}|[ivxlc]{1,6}|[a-z])[.)]\s+(?=\S)", re.IGNORECASE)


def without_number(label: str) -> str:
    """Label without a number before it, as a mapping with `numbering` compares it.

    >>> without_number("1. Thailand")
    'Thailand'
    """
    return NUMBERING.sub("", clean(label), count=1)


@dataclass(frozen=True)
class Words:
    """Words above a table.

    Parameters
    ----------
    titles
        All, the nearest first, the title of the sheet last.
    near
        Those that no other table has.
    """

    titles: tuple[str, ...]
    near: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class HeadedTable:
    """A recognised table with its headings and the words above it.

    Parameters
    ----------
    printed
        Rows and columns of the table.
    words
        Words above it.
    rows, columns
        Headings of the label columns by grid column, and of the header rows by row.
    block
        Heading of the rows that head groups of rows.
    numbering
        Whether most labels have a number before them.
    time_question
        What a person must decide of a column of times that may not be those of the figures,
        empty for none.
    """

    printed: PrintedTable
    words: Words
    rows: Mapping[int, Heading] = field(default_factory=dict)
    columns: Mapping[int, Heading] = field(default_factory=dict)
    block: Heading | None = None
    numbering: bool = False
    time_question: str = ""

    @property
    def sheet(self) -> str:
        """Name of the sheet."""
        return self.printed.grid.name

    @property
    def headings(self) -> list[Heading]:
        """All headings, those of the rows first."""
        headings = [*self.rows.values(), *self.columns.values()]
        if self.block is not None:
            headings.append(self.block)
        return headings

    def heading_of(self, role: str) -> Heading | None:
        """First heading of a role, None where there is none."""
        return first_of_role(self.headings, role)

    @property
    def period_labels(self) -> tuple[str, ...]:
        """Labels of the first heading of periods."""
        heading = self.heading_of("period")
        if not heading:
            return ()
        return heading.labels

    def shown(self, label: str) -> str:
        """Label as the mapping compares it."""
        if self.numbering:
            return without_number(label)
        return label

    def row_label(self, row: int, column: int) -> str:
        """Label of a row in a column, as the mapping compares it."""
        return self.shown(self.printed.label(row, column))

    def is_second_language(self, heading: Heading) -> bool:
        """Whether a heading is the labels in a second language, right of the figures."""
        for column, other in self.rows.items():
            if other is heading:
                return column > self.printed.last_data
        return False

    @property
    def titles(self) -> tuple[str, ...]:
        """Words above the table, the nearest first."""
        return self.words.titles

    @property
    def near(self) -> tuple[str, ...]:
        """Words above the table that no other table has."""
        return self.words.near

    @property
    def body(self) -> Sequence[int]:
        """Rows with figures."""
        return self.printed.body

    @cached_property
    def thousand(self) -> str:
        """First text that says thousands and is no label, empty for none.

        Titles above all tables of a sheet count where the table says no unit of its own.
        """
        labels: set[str] = set()
        for heading in self.headings:
            labels.update(heading.labels)
        texts = [*self.near, *self.corner, *self.label_words, *self.printed.head_texts]
        if not any(map(says_unit, self.near)):
            texts += self.titles
        for text in texts:
            if power_of(text) and text not in labels:
                return text
        return ""

    @property
    def says_thousand_for_all(self) -> bool:
        """Whether words above the table, or in the corner of its header, say thousands."""
        return self.thousand in {*self.titles, *self.corner}

    @cached_property
    def corner(self) -> list[str]:
        """Words of the header over the labels of the rows."""
        stubs = [column for column in self.printed.stubs if column < self.printed.last_data]
        texts = self.printed.texts(self.printed.header, stubs)
        return list(dict.fromkeys(filter(None, texts)))

    @property
    def label_words(self) -> list[str]:
        """Words of the rows that only have a label, blanks too."""
        return self.printed.texts(self.printed.words, self.printed.stubs)


def head_table(
    printed: PrintedTable,
    words: Words,
    area: str,
    languages: tuple[str, ...],
    known: Sequence[Heading] = (),
) -> HeadedTable:
    """Table with its headings.

    Parameters
    ----------
    printed, words
        Rows and columns of the table, and the words above it.
    area, languages
        Country and languages of the labels.
    known
        Headings whose labels it shares with other sheets, where more than it decides them.
    """
    labels = {column: printed.labels(column) for column in printed.stubs}
    numbering = any(map(_are_numbered, labels.values()))
    headings: list[Heading] = []
    for column, texts in labels.items():
        shown = texts
        if numbering:
            distinct_texts = dict.fromkeys(map(without_number, texts))
            shown = list(distinct_texts)
        heading = _heading_of_rows(shown, area, languages)
        if heading.role == "category" and _is_headed_as_areas(printed, column):
            heading = as_areas(heading, languages)
        headings.append(heading)
    headings, other_times = _without_other_times(headings, printed, words, area)
    for row in printed.header:
        heads = dict.fromkeys(printed.head(row).values())
        heads.pop("", None)
        headings.append(heading_of(list(heads), area, languages, above=True))
    headings = named_apart(headings)
    if known:
        headings = _with_labels(headings, known)
    rows = dict(zip(labels, headings, strict=False))
    columns = dict(zip(printed.header, headings[len(labels) :], strict=True))
    block = _block(printed, headings, area, languages)
    time_question = ""
    for place, times in other_times.items():
        if times.meaning is TimeMeaning.UNKNOWN or not times.is_against_titles:
            time_question = time_question or times.question(headings[place].name)
    return HeadedTable(printed, words, rows, columns, block, numbering, time_question)


def _without_other_times(
    headings: Sequence[Heading], printed: PrintedTable, words: Words, area: str
) -> tuple[list[Heading], dict[int, TimeColumn]]:
    """Headings of label columns, and the columns whose times may not be those of the figures.

    These are headings of a breakdown that no list of codes has, until a person says more.
    """
    others: dict[int, TimeColumn] = {}
    told_apart = list(headings)
    for place, (column, heading) in enumerate(zip(printed.stubs, headings, strict=True)):
        if heading.role != "period":
            continue
        head = head_over(printed.texts(printed.header, [column]))
        times = TimeColumn(head, heading.labels, words.titles, area)
        if times.meaning is not TimeMeaning.FIGURES:
            others[place] = times
            told_apart[place] = Heading("category", "category", heading.labels)
    return told_apart, others


def _is_headed_as_areas(printed: PrintedTable, column: int) -> bool:
    """Whether the header over a column of labels says countries or citizenships."""
    texts = printed.texts(printed.header, [column])
    return any(says(text, "area_heading") for text in texts)


def _are_numbered(labels: Sequence[str]) -> bool:
    """Whether most labels have a number before them."""
    numbered = [label for label in labels if NUMBERING.match(label)]
    return len(numbered) * 2 > len(labels)


def _heading_of_rows(labels: Sequence[str], area: str, languages: tuple[str, ...]) -> Heading:
    """Heading of a column of labels, or of row numbers."""
    if is_row_numbers(labels) or numbers_rows(labels):
        return Heading("number", "number", tuple(labels))
    return heading_of(labels, area, languages, above=False)


def _with_labels(headings: Sequence[Heading], known: Sequence[Heading]) -> list[Heading]:
    """Headings with the labels of others."""
    with_labels: list[Heading] = []
    for heading, other in zip(headings, known, strict=True):
        with_labels.append(replace(heading, labels=other.labels))
    return with_labels


def _block(
    printed: PrintedTable,
    headings: Sequence[Heading],
    area: str,
    languages: tuple[str, ...],
) -> Heading | None:
    """Heading of the rows that head groups of rows, None where there are none."""
    if not printed.groups:
        return None
    labels = dict.fromkeys(printed.group_of().values())
    labels.pop("", None)
    heading = heading_of(list(labels), area, languages, above=False)
    taken = [other.name for other in headings]
    return named_apart([heading], taken)[0]
