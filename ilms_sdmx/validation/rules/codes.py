"""Codes that are not in the codelist of their component."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from ilms_sdmx.findings import Candidate, Finding, find
from ilms_sdmx.structures import incomplete
from ilms_sdmx.structures.reading.definition import Definition, Field
from ilms_sdmx.validation.coded.columns import UNAVAILABLE, Array
from ilms_sdmx.validation.coded.table import Coded
from ilms_sdmx.validation.rules.listing import TextFault, listed_texts

#: How many codes or columns are offered, and how like they must be.
_OFFERED, _ALIKE = 3, 0.5
#: Codes that a finding names.
_NAMED = 8


def unknown(coded: Coded, field: Field) -> Array:
    """Mask of the rows whose code is not in the codelist of their component."""
    if field.codes is None or not coded.has(field.id):
        return np.zeros(len(coded), dtype=bool)
    known = set(field.codes).union(UNAVAILABLE)
    is_unknown = []
    for texts in coded.values(field.id):
        is_unknown.append(not known.issuperset(texts))
    return coded.where(field.id, is_unknown)


def find_unknown_codes(coded: Coded, definition: Definition) -> Iterator[Finding]:
    """Findings of codes that no codelist has, one for each code of a component."""
    for field in definition.fields.values():
        if field.codes:
            bad = unknown(coded, field)
            codes = list(field.codes)
            make = partial(_find_unknown_code, coded, field, codes)
            yield from listed_texts("unknown-code", coded, field.id, bad, make)


def _find_unknown_code(
    coded: Coded, field: Field, codes: Sequence[str], fault: TextFault
) -> Finding:
    place = coded.place(fault.row)
    nearest = _nearest_codes(fault.text, codes)
    is_incomplete = short_id(field.codelist) in incomplete()
    case = ""
    if is_incomplete:
        case = "incomplete"
    return find(
        "unknown-code",
        place,
        case=case,
        component=field.id,
        read=fault.text,
        candidates=nearest,
        affects=fault.affects,
        codelist=field.codelist,
    )


def find_unchecked_codes(coded: Coded, definition: Definition) -> Iterator[Finding]:
    """Findings of coded components whose list is not known: nothing is said of their codes."""
    for field in definition.fields.values():
        is_known = not field.codelist or field.codes
        if is_known:
            continue
        if not coded.has(field.id):
            continue
        levels = coded.levels(field.id)
        codes = sorted(text for text in levels if text not in UNAVAILABLE)
        if codes:
            read = ", ".join(codes[:_NAMED])
            count = len(codes)
            yield find(
                "codes-not-checked",
                coded.here,
                component=field.id,
                read=read,
                codelist=field.codelist,
                count=count,
            )


def short_id(codelist: str) -> str:
    """Id of a codelist without agency and version."""
    return codelist.rpartition(":")[2].partition("(")[0]


def _nearest_codes(text: str, codes: Sequence[str]) -> tuple[Candidate, ...]:
    """Codes that end like a text (`T` for `SEX_T`) before those that look like it."""
    with_ending = []
    for code in codes:
        _, _, ending = code.rpartition("_")
        if ending == text:
            with_ending.append(code)
    if with_ending:
        return candidates(text, with_ending[:_OFFERED])
    near = difflib.get_close_matches(text, codes, _OFFERED, cutoff=_ALIKE)
    return candidates(text, near)


def candidates(text: str, names: Sequence[str]) -> tuple[Candidate, ...]:
    """Names that may have been meant by a text, with their likeness in per cent."""
    likely = []
    for name in names:
        likeness = difflib.SequenceMatcher(None, text, name).ratio()
        score = round(100 * likeness, 1)
        likely.append(Candidate(name, "", score))
    return tuple(likely)
