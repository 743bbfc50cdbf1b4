"""Rules that a structure sets: components, their facets, the measure, mandatory attributes."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np

from ilms_sdmx.datasets import OBSERVATION
from ilms_sdmx.findings import Finding, find, phrase
from ilms_sdmx.structures.reading.definition import Definition, Field
from ilms_sdmx.validation.coded.columns import UNAVAILABLE, Array
from ilms_sdmx.validation.coded.table import Coded
from ilms_sdmx.validation.rules.codes import (
    candidates,
    find_unchecked_codes,
    find_unknown_codes,
)
from ilms_sdmx.validation.rules.facets import TYPES, misfit
from ilms_sdmx.validation.rules.keys import find_key_faults
from ilms_sdmx.validation.rules.listing import TextFault, affected, listed, listed_texts

_TEXTUAL = ("String", "Alpha", "AlphaNumeric", "XHTML", "Boolean", "URI")


def find_structure_faults(coded: Coded, frequencies: Mapping[str, str]) -> Iterator[Finding]:
    """Findings of every rule of structure; `frequencies` translates foreign codes of FREQ."""
    yield from _find_no_numbers(coded)
    yield from find_key_faults(coded, frequencies)
    if coded.definition is None:
        return
    yield from _find_missing_components(coded, coded.definition)
    yield from _find_unknown_components(coded, coded.definition)
    yield from find_unknown_codes(coded, coded.definition)
    yield from find_unchecked_codes(coded, coded.definition)
    yield from _find_misfits(coded, coded.definition)
    yield from _find_missing_attributes(coded, coded.definition)


def _find_missing_components(coded: Coded, definition: Definition) -> Iterator[Finding]:
    needed = ["dimension", "time"]
    if coded.dataset.action != "Delete":
        needed.append("measure")
    for field in definition.fields.values():
        if field.role in needed and not coded.has(field.id):
            yield find(
                "missing-component",
                coded.here,
                component=field.id,
                role=field.role,
                structure=definition.id,
            )


def _find_unknown_components(coded: Coded, definition: Definition) -> Iterator[Finding]:
    known = list(definition.fields)
    names = ", ".join(known)
    observations = coded.dataset.observations
    for column in map(str, observations):
        if column not in definition.fields:
            near = difflib.get_close_matches(column, known, 3)
            nearest = candidates(column, near)
            expected = phrase("one-of", names=names)
            yield find(
                "unknown-component",
                coded.here,
                component=column,
                read=column,
                expected=expected,
                candidates=nearest,
                structure=definition.id,
            )


def _find_misfits(coded: Coded, definition: Definition) -> Iterator[Finding]:
    for field in definition.fields.values():
        if not _is_limited(field):
            continue
        if not coded.has(field.id):
            continue
        reasons = _reasons(coded, field)
        if reasons:
            bad = coded.having(field.id, reasons)
            make = partial(_find_misfit, coded, field, reasons)
            yield from listed_texts("facet", coded, field.id, bad, make)


def _is_limited(field: Field) -> bool:
    """Whether a component that has no codes limits the texts that it takes."""
    if field.codes is not None:
        return False
    if field.role == "time":
        return False
    has_tested_type = field.text_type in TYPES and field.role != "measure"
    if has_tested_type:
        return True
    return bool(field.facets)


def _reasons(coded: Coded, field: Field) -> dict[str, str]:
    """Texts of a component that its representation does not allow, with what it asks for."""
    numeric = field.role == "measure"
    reasons = {}
    levels = coded.levels(field.id)
    for level, texts in zip(levels, coded.values(field.id), strict=True):
        if level in UNAVAILABLE:
            continue
        if level == "NaN":
            continue
        for text in texts:
            reason = misfit(text, field, facets_only=numeric)
            if reason:
                reasons[level] = reason
                break
    return reasons


def _find_misfit(
    coded: Coded, field: Field, reasons: Mapping[str, str], fault: TextFault
) -> Finding:
    place = coded.place(fault.row)
    read = fault.text[:80]
    expected = reasons[fault.text]
    return find(
        "facet",
        place,
        component=field.id,
        read=read,
        expected=expected,
        affects=fault.affects,
    )


def _find_no_numbers(coded: Coded) -> Iterator[Finding]:
    if not coded.has(coded.measure):
        return
    if _measures_texts(coded):
        return
    wrong = coded.figures.wrong
    rows = np.flatnonzero(wrong)
    make = partial(_find_no_number, coded)
    yield from listed("not-numeric", coded, rows, make)


def _measures_texts(coded: Coded) -> bool:
    """Whether the structure says that the measure is no number."""
    field = None
    if coded.definition:
        field = coded.definition.fields.get(coded.measure)
    if field is None:
        return False
    if field.text_type in _TEXTUAL:
        return True
    return field.codes is not None


def _find_no_number(coded: Coded, row: int) -> Finding:
    place = coded.place(row)
    read = coded.printed(row)
    return find("not-numeric", place, component=coded.measure, read=read)


def _find_missing_attributes(coded: Coded, definition: Definition) -> Iterator[Finding]:
    action = coded.dataset.action
    if action in ("Delete", "Merge"):
        return
    for field in definition.fields.values():
        if not field.mandatory:
            continue
        empty = _empty(coded, field.id)
        rows = np.flatnonzero(empty)
        if len(rows):
            yield _find_missing_attribute(coded, field, rows)


def _find_missing_attribute(coded: Coded, field: Field, rows: Array) -> Finding:
    first_row = int(rows[0])
    place = coded.place(first_row)
    expected = ""
    if field.codelist:
        expected = phrase("code-of", codelist=field.codelist)
    count = len(rows)
    affects = affected(coded, rows, count)
    attached = _attached(field)
    return find(
        "missing-attribute",
        place,
        component=field.id,
        expected=expected,
        affects=affects,
        attached=attached,
    )


def _empty(coded: Coded, column: str) -> Array:
    """Mask of the rows that have no value of a component."""
    if not coded.has(column):
        return np.ones(len(coded), dtype=bool)
    levels = coded.levels(column)
    is_empty = []
    for level in levels:
        is_empty.append(level == "")
    return coded.where(column, is_empty, absent=True)


def _attached(field: Field) -> str:
    if field.attachment == OBSERVATION:
        return phrase("attached-observation")
    if field.attachment:
        dimensions = ", ".join(field.attachment)
        return phrase("attached-key", dimensions=dimensions)
    return phrase("attached-dataset")
