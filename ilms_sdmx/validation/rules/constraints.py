"""Content constraints: which keys cube regions and key sets allow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

import numpy as np

from ilms_sdmx.findings import Finding, find, phrase
from ilms_sdmx.periods import parse_period
from ilms_sdmx.structures.reading.definition import (
    Constraint,
    CubeRegion,
    Definition,
    Field,
    Selection,
)
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.table import Coded
from ilms_sdmx.validation.rules.codes import unknown
from ilms_sdmx.validation.rules.listing import TextFault, listed, listed_texts

#: Values of a selection that a finding names.
_NAMED = 8


def find_outside_constraints(coded: Coded) -> Iterator[Finding]:
    """Findings of observations that some constraint does not allow.

    A code that no codelist has is left to the rule on codes, and a row that one constraint does
    not allow is not told of again.
    """
    definition = coded.definition
    if definition is None:
        return
    if not definition.constraints:
        return
    told = np.zeros(len(coded), dtype=bool)
    for field in definition.fields.values():
        told |= unknown(coded, field)
    for constraint in definition.constraints:
        is_allowed = allowed(coded, definition, constraint)
        outside = ~is_allowed & ~told
        if outside.any():
            yield from _find_outside(coded, definition, constraint, outside)
        told |= outside


def _find_outside(
    coded: Coded, definition: Definition, constraint: Constraint, outside: Array
) -> Iterator[Finding]:
    if _is_single_region(constraint):
        yield from _find_outside_values(coded, definition, constraint, outside)
        return
    rows = np.flatnonzero(outside)
    make = partial(_find_outside_key, coded, constraint)
    yield from listed("outside-constraint", coded, rows, make)


def _is_single_region(constraint: Constraint) -> bool:
    """Whether a constraint is one region that includes, so that each value can be judged."""
    if constraint.keys:
        return False
    if len(constraint.regions) != 1:
        return False
    return constraint.regions[0].include


def allowed(coded: Coded, definition: Definition, constraint: Constraint) -> Array:
    """Mask of the rows that a constraint allows.

    Regions that include are alternatives, as are keys that include; a region or key that
    excludes leaves out of what they allow. Components that a region does not name are free.
    """
    result = np.ones(len(coded), dtype=bool)
    for regions in (constraint.regions, constraint.keys):
        result &= _allowed_by(coded, definition, regions)
    return result


def _allowed_by(coded: Coded, definition: Definition, regions: tuple[CubeRegion, ...]) -> Array:
    including = [region for region in regions if region.include]
    result = np.full(len(coded), not including)
    for region in including:
        result |= inside(coded, definition, region)
    for region in regions:
        if not region.include:
            result &= ~inside(coded, definition, region)
    return result


def inside(coded: Coded, definition: Definition, region: CubeRegion) -> Array:
    """Mask of the rows in a region."""
    result = np.ones(len(coded), dtype=bool)
    for component, selection in region.selections.items():
        if coded.has(component):
            field = definition.fields.get(component)
            result &= _selected(coded, field, component, selection)
    return result


def _selected(coded: Coded, field: Field | None, component: str, selection: Selection) -> Array:
    """Mask of the rows whose value a selection takes; an absent value is taken."""
    levels = coded.levels(component)
    if selection.start or selection.end:
        is_taken = [_is_within(level, selection) == selection.include for level in levels]
        return coded.where(component, is_taken, absent=True)
    values = _values(field, selection)
    patterns = []
    for value in values:
        if "%" in value:
            patterns.append(_pattern(value))
    is_taken = []
    for level in levels:
        is_chosen = level in values or any(pattern.match(level) for pattern in patterns)
        is_taken.append(level == "" or is_chosen == selection.include)
    return coded.where(component, is_taken, absent=True)


def _pattern(value: str) -> re.Pattern[str]:
    """Pattern of a value in which `%` is any text."""
    any_text = re.escape(value).replace("%", ".*")
    return re.compile(rf"{any_text}\Z")


def _values(field: Field | None, selection: Selection) -> set[str]:
    """Values of a selection with the children that cascade from them."""
    values = set()
    roots = set()
    for value, cascade in selection.values:
        if cascade:
            roots.add(value)
        if cascade != "excluderoot":
            values.add(value)
    descendants = _descendants(field, roots)
    return values | descendants


def _descendants(field: Field | None, roots: set[str]) -> set[str]:
    """Codes below some codes, at any depth."""
    if field is None:
        return set()
    if field.codes is None:
        return set()
    below = set(roots)
    while True:
        children = set()
        for code, parent in field.codes.items():
            if parent in below:
                children.add(code)
        if children <= below:
            return below - roots
        below |= children


def _is_within(text: str, selection: Selection) -> bool:
    """Whether a period lies within the first and the last period of a selection."""
    period = parse_period(text)
    if period is None:
        return False
    earliest = parse_period(selection.start)
    latest = parse_period(selection.end)
    begins_after = earliest is None or period.start >= earliest.start
    ends_before = latest is None or period.end <= latest.end
    if not begins_after:
        return False
    return ends_before


def _find_outside_values(
    coded: Coded, definition: Definition, constraint: Constraint, outside: Array
) -> Iterator[Finding]:
    """Findings of each value that a single region does not take."""
    for component, selection in constraint.regions[0].selections.items():
        if coded.has(component):
            field = definition.fields.get(component)
            selected = _selected(coded, field, component, selection)
            bad = outside & ~selected
            make = partial(_find_outside_value, coded, constraint, component)
            yield from listed_texts("outside-constraint", coded, component, bad, make)


def _find_outside_value(
    coded: Coded, constraint: Constraint, component: str, fault: TextFault
) -> Finding:
    selection = constraint.regions[0].selections[component]
    place = coded.place(fault.row)
    expected = _described(selection)
    return find(
        "outside-constraint",
        place,
        component=component,
        read=fault.text,
        expected=expected,
        affects=fault.affects,
        constraint=constraint.id,
    )


def _described(selection: Selection) -> str:
    """Values that a selection takes, in words."""
    words = _values_in_words(selection)
    if selection.start or selection.end:
        start = selection.start or "..."
        end = selection.end or "..."
        words = phrase("range", start=start, end=end)
    if selection.include:
        return words
    return phrase("none-of", values=words)


def _values_in_words(selection: Selection) -> str:
    values = []
    for value, _ in selection.values:
        values.append(value)
    words = ", ".join(values[:_NAMED])
    more = len(values) - _NAMED
    if more <= 0:
        return words
    return phrase("and-more", names=words, count=more)


def _find_outside_key(coded: Coded, constraint: Constraint, row: int) -> Finding:
    place = coded.place(row)
    codes = coded.key(row).values()
    read = ".".join(codes)
    regions = len(constraint.regions)
    keys = len(constraint.keys)
    return find(
        "outside-constraint",
        place,
        case="key",
        read=read,
        constraint=constraint.id,
        regions=regions,
        keys=keys,
    )
