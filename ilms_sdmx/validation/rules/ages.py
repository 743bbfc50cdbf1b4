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
        first, dash, last = text.removesuffix("+").partition("-")
        if not first.isdigit():
            return None
        return cls(int(first), int(last) if dash else _OLDEST)

    @classmethod
    def of_code(cls, code: str) -> Ages | None:
        """Ages of a code of CL_AGE; None of a total."""
        match = _GROUP.search(code)
        if match is None:
            return None
        bound, first, last = match[1], int(match[2]), match[3]
        if bound == "LT":
            return cls(0, first - 1)
        return cls(first, int(last) if last else _OLDEST)

    def __str__(self) -> str:
        return f"{self.first}+" if self.last == _OLDEST else f"{self.first}-{self.last}"


def find_ages_not_covered(coded: Coded) -> Iterator[Finding]:
    """Findings of ages that cannot be, and of figures of ages that the notes leave out."""
    if not coded.has(_NOTE):
        return
    stated = [_stated_ages(level) for level in coded.levels(_NOTE)]
    if not any(stated):
        return
    is_impossible = [ages is not None and ages.first > ages.last for ages in stated]
    impossible = coded.where(_NOTE, is_impossible)
    make = partial(_find_bounds, coded)
    yield from listed_texts("ages-not-covered", coded, _NOTE, impossible, make)
    if _AGE not in coded.dimensions:
        return
    groups = [Ages.of_code(level) for level in coded.levels(_AGE)]
    apart = np.zeros((len(groups) + 1, len(stated) + 1), dtype=bool)
    for row, group in enumerate(groups):
        for column, ages in enumerate(stated):
            apart[row, column] = _is_apart(group, ages)
    outside = apart[coded.codes(_AGE), coded.codes(_NOTE)]
    with np.errstate(invalid="ignore"):
        outside &= coded.finite & (coded.figures.value > 0)
    make = partial(_find_group, coded)
    yield from listed_texts("ages-not-covered", coded, _AGE, outside, make)


def _stated_ages(note: str) -> Ages | None:
    """Ages that a note says its table covers."""
    return Ages.of_text(read_statements(note).fields.get("ages", ""))


def _is_apart(group: Ages | None, stated: Ages | None) -> bool:
    """Whether nobody of an age group is of the ages that a table covers."""
    if group is None or stated is None or stated.first > stated.last:
        return False
    return group.last < stated.first or group.first > stated.last


def _find_bounds(coded: Coded, fault: TextFault) -> Finding:
    ages = _stated_ages(fault.text)
    place = coded.place(fault.row)
    return find(
        "ages-not-covered",
        place,
        case="bounds",
        component=_NOTE,
        read=str(ages),
        affects=fault.affects,
        stated=str(ages),
    )


def _find_group(coded: Coded, fault: TextFault) -> Finding:
    note = coded.text(_NOTE, fault.row)
    place = coded.place(fault.row)
    return find(
        "ages-not-covered",
        place,
        component=_AGE,
        read=coded.printed(fault.row),
        affects=fault.affects,
        code=fault.text,
        stated=str(_stated_ages(note)),
    )
