"""Rules that a structure sets: components, codes, facets, measure and mandatory attributes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

import numpy as np

from ilms_sdmx.datasets import OBSERVATION
from ilms_sdmx.findings import Candidate, Finding
from ilms_sdmx.structures.reading.definition import Definition, Field
from ilms_sdmx.validation.coded import Array, Coded
from ilms_sdmx.validation.facets import TYPES, misfit
from ilms_sdmx.validation.key_rules import key_findings
from ilms_sdmx.validation.raising import SPECIAL, affected, by_text, finding, listed

_TEXTUAL = ("String", "Alpha", "AlphaNumeric", "XHTML", "Boolean", "URI")


def structure_findings(coded: Coded, frequencies: dict[str, str]) -> Iterator[Finding]:
    """Check a table by every rule of structure; `frequencies` translates foreign codes of FREQ."""
    definition = coded.definition
    yield from _not_numeric(coded)
    yield from key_findings(coded, frequencies)
    if definition is None:
        return
    yield from _components(coded, definition)
    yield from _codes(coded, definition)
    yield from _facets(coded, definition)
    yield from _mandatory(coded, definition)


def _components(coded: Coded, definition: Definition) -> Iterator[Finding]:
    columns = set(coded.dataset.observations.columns)
    place = coded.here
    optional = {"attribute"} | ({"measure"} if coded.dataset.action == "Delete" else set())
    for field in definition.fields.values():
        if field.id not in columns and field.role not in optional:
            yield finding(
                "missing-component",
                f"The {field.role} {field.id} of {definition.id} is not reported.",
                place,
                component=field.id,
                expected=f"a column {field.id}",
                fix=f"Add {field.id} to the data set, or to `fixed` in the mapping if it has one value.",
            )
    for column in columns - set(definition.fields):
        near = difflib.get_close_matches(column, list(definition.fields), 3)
        yield finding(
            "unknown-component",
            f"{column} is not a component of {definition.id}.",
            place,
            component=column,
            read=column,
            expected=f"one of {', '.join(definition.fields)}",
            candidates=tuple(Candidate(c, "", _likeness(column, c)) for c in near),
            fix=f"Drop or rename the column {column}.",
        )


def _likeness(one: str, other: str) -> float:
    return round(100 * difflib.SequenceMatcher(None, one, other).ratio(), 1)


def unknown(coded: Coded, field: Field) -> Array:
    """Mask of the rows whose code is not in the codelist of their component."""
    if field.codes is None or field.id not in coded.dataset.observations:
        return np.zeros(len(coded), dtype=bool)
    known = set(field.codes) | set(SPECIAL)
    table = np.array(
        [not known.issuperset(texts) for texts in coded.values(field.id)] + [False]
    )
    return table[coded.codes(field.id)]


def _codes(coded: Coded, definition: Definition) -> Iterator[Finding]:
    for field in definition.fields.values():
        codes = list(field.codes or ())

        def make(
            text: str, row: int, rows: str, field: Field = field, codes: list[str] = codes
        ) -> Finding:
            near = _nearest(text, codes)
            return finding(
                "unknown-code",
                f"{field.id} has the code {text!r}, which {field.codelist} has not.",
                coded.place(row),
                component=field.id,
                read=text,
                expected=f"a code of {field.codelist}",
                candidates=near,
                fix=f"Map {text!r} to a code of {field.codelist}.",
                affects=rows,
            )

        yield from (
            by_text("unknown-code", coded, field.id, unknown(coded, field), make)
            if codes
            else ()
        )


def _nearest(text: str, codes: Iterable[str]) -> tuple[Candidate, ...]:
    """Codes that end like a text (`T` for `SEX_T`) before those that look like it."""
    listed_codes = list(codes)
    ends = [c for c in listed_codes if c.rpartition("_")[2] == text][:3]
    near = ends or difflib.get_close_matches(text, listed_codes, 3, cutoff=0.5)
    return tuple(Candidate(code, "", _likeness(text, code)) for code in near)


def _facets(coded: Coded, definition: Definition) -> Iterator[Finding]:
    for field in definition.fields.values():
        numeric = field.role == "measure"
        limited = bool(field.facets) or (field.text_type in TYPES and not numeric)
        if field.codes is not None or field.role == "time" or not limited:
            continue
        if field.id not in coded.dataset.observations:
            continue
        why = {
            text: reason
            for text, plain in zip(coded.levels(field.id), coded.values(field.id), strict=True)
            if text not in (*SPECIAL, "NaN")
            and (reason := _misfit(plain, field, facets_only=numeric))
        }

        def make(
            text: str, row: int, rows: str, field: Field = field, why: dict[str, str] = why
        ) -> Finding:
            return finding(
                "facet",
                f"{field.id} has a value that its representation does not allow.",
                coded.place(row),
                component=field.id,
                read=text[:80],
                expected=why[text],
                fix=f"Shorten or correct the value of {field.id}.",
                affects=rows,
            )

        if why:
            yield from by_text("facet", coded, field.id, coded.having(field.id, why), make)


def _not_numeric(coded: Coded) -> Iterator[Finding]:
    measure = coded.dataset.components.measures[0] if coded.dataset.components.measures else ""
    if measure not in coded.dataset.observations:
        return
    field = coded.definition.fields.get(measure) if coded.definition else None
    if field is not None and (field.text_type in _TEXTUAL or field.codes is not None):
        return
    yield from listed(
        "not-numeric",
        coded,
        np.flatnonzero(coded.figures.wrong),
        lambda row: finding(
            "not-numeric",
            f"{measure} is not a number.",
            coded.place(row),
            component=measure,
            read=coded.text(measure, row),
            expected="a number with a point before its decimals, such as 1234.5, or nothing",
            fix="Correct the figure, or leave it empty and say why in OBS_STATUS.",
        ),
    )


def _misfit(texts: list[str], field: Field, *, facets_only: bool) -> str:
    return next(
        (reason for text in texts if (reason := misfit(text, field, facets_only=facets_only))),
        "",
    )


def _mandatory(coded: Coded, definition: Definition) -> Iterator[Finding]:
    if coded.dataset.action in ("Delete", "Merge"):
        return
    for field in definition.fields.values():
        if not field.mandatory:
            continue
        empty = np.ones(len(coded), dtype=bool)
        if field.id in coded.dataset.observations:
            empty = (coded.codes(field.id) < 0) | coded.having(field.id, [""])
        rows = np.flatnonzero(empty)
        if len(rows):
            yield finding(
                "missing-attribute",
                f"The mandatory attribute {field.id} is missing.",
                coded.place(int(rows[0])),
                component=field.id,
                expected=f"a code of {field.codelist}" if field.codelist else "a value",
                fix=f"Report {field.id} for each {_attached(field)}.",
                affects=affected(coded, rows[:5], len(rows)),
            )


def _attached(field: Field) -> str:
    if field.attachment == OBSERVATION:
        return "observation"
    return f"combination of {', '.join(field.attachment)}" if field.attachment else "data set"
