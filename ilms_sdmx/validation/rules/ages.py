"""Ages: figures of age groups that the notes of their table leave out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import numpy as np

from ilms_sdmx.findings import Finding, find
from ilms_sdmx.mapping.concepts import read_statements
from ilms_sdmx.validation.coded.table import Coded
from ilms_sdmx.validation.rules.listing import TextFault, listed_texts

_NOTE = "NOTE_SOURCE"
_AGE = "AGE"
_GROUP = re.compile(r"_Y(GE|LT)?(\d+)(?:-(\d+))?$")
#: Age that nobody reaches: the end of an open group.
_OLDEST = 120


class Ages(NamedTuple):
    """First and last completed year of an age group."""

    first: int
    last: int

    @classmethod
    def of_text(cls, text: str) -> Ages | None:
        """Ages of a statement, `15+` or `15-64`; None where it says none, or all."""
        closed = text.removesuffix("+")
        first, _, last = closed.partition("-")
        if not first.isdigit():
            return None
        last_age = int(last or _OLDEST)
        return cls(int(first), last_age)

    @classmethod
    def of_code(cls, code: str) -> Ages | None:
        """Ages of a code of CL_AGE; None of a total."""
        match = _GROUP.search(code)
        if match is None:
            return None
        first = int(match[2])
        if match[1] == "LT":
            return cls(0, first - 1)
        last = int(match[3] or _OLDEST)
        return cls(first, last)

    def __str__(self) -> str:
        if self.last == _OLDEST:
            return f"{self.first}+"
        return f"{self.first}-{self.last}"


def find_ages_not_covered(coded: Coded) -> Iterator[Finding]:
    """Findings of ages that cannot be, and of figures of ages that the notes leave out."""
    if not coded.has(_NOTE):
        return
    stated = [_stated_ages(level) for level in coded.levels(_NOTE)]
    if not any(stated):
        return
    impossible = coded.where(_NOTE, list(map(_is_impossible, stated)))
    make = partial(_find_bounds, coded)
    yield from listed_texts("ages-not-covered", coded, _NOTE, impossible, make)
    if _AGE not in coded.dimensions:
        return
    groups = [Ages.of_code(level) for level in coded.levels(_AGE)]
    apart = np.zeros((len(groups) + 1, len(stated) + 1), dtype=bool)
    for row, group in enumerate(groups):
        for column, ages in enumerate(stated):
            apart[row, column] = _is_apart(group, ages)
    codes_of_groups = coded.codes(_AGE)
    codes_of_notes = coded.codes(_NOTE)
    outside = apart[codes_of_groups, codes_of_notes] & coded.finite
    with np.errstate(invalid="ignore"):
        outside &= coded.figures.value > 0
    make = partial(_find_group, coded)
    yield from listed_texts("ages-not-covered", coded, _AGE, outside, make)


def _stated_ages(note: str) -> Ages | None:
    """Ages that a note says its table covers."""
    statements = read_statements(note)
    text = statements.fields.get("ages", "")
    return Ages.of_text(text)


def _is_impossible(ages: Ages | None) -> bool:
    """Whether nobody can be of the ages that a note says."""
    if ages is None:
        return False
    return ages.first > ages.last


def _is_apart(group: Ages | None, stated: Ages | None) -> bool:
    """Whether nobody of an age group is of the ages that a table covers."""
    if group is None or stated is None or _is_impossible(stated):
        return False
    if group.last < stated.first:
        return True
    return group.first > stated.last


def _find_bounds(coded: Coded, fault: TextFault) -> Finding:
    stated = str(_stated_ages(fault.text))
    place = coded.place(fault.row)
    return find(
        "ages-not-covered",
        place,
        case="bounds",
        component=_NOTE,
        read=stated,
        affects=fault.affects,
        stated=stated,
    )


def _find_group(coded: Coded, fault: TextFault) -> Finding:
    note = coded.text(_NOTE, fault.row)
    place = coded.place(fault.row)
    read = coded.printed(fault.row)
    stated = str(_stated_ages(note))
    return find(
        "ages-not-covered",
        place,
        component=_AGE,
        read=read,
        affects=fault.affects,
        code=fault.text,
        stated=stated,
    )
