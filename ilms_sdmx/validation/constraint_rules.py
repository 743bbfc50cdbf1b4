"""Content constraints: which keys cube regions and key sets allow."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from ilms_sdmx.findings import Finding
from ilms_sdmx.periods import parse_period
from ilms_sdmx.structures.reading.definition import (
    Constraint,
    CubeRegion,
    Definition,
    Field,
    Selection,
)
from ilms_sdmx.validation.coded import Array, Coded
from ilms_sdmx.validation.raising import by_text, finding, listed
from ilms_sdmx.validation.structure_rules import unknown


def constraint_findings(coded: Coded) -> Iterator[Finding]:
    """Observations that some constraint does not allow; codes unknown anyway are left to their own rule."""
    definition = coded.definition
    if definition is None or not definition.constraints:
        return
    skip = np.zeros(len(coded), dtype=bool)
    for field in definition.fields.values():
        skip |= unknown(coded, field)
    for constraint in definition.constraints:
        outside = ~allowed(coded, definition, constraint) & ~skip
        if not outside.any():
            continue
        single = (
            len(constraint.regions) == 1
            and constraint.regions[0].include
            and not constraint.keys
        )
        found = _by_component if single else _by_row
        yield from found(coded, definition, constraint, outside)
        skip |= outside


def allowed(coded: Coded, definition: Definition, constraint: Constraint) -> Array:
    """Mask of the rows that a constraint allows.

    Regions that include are alternatives, as are keys that include; a region or key that excludes takes
    away from what they leave. Components that a region does not name are free.
    """
    result = np.ones(len(coded), dtype=bool)
    for regions in (constraint.regions, constraint.keys):
        including = [r for r in regions if r.include]
        if including:
            result &= np.logical_or.reduce([inside(coded, definition, r) for r in including])
        for region in regions:
            if not region.include:
                result &= ~inside(coded, definition, region)
    return result


def inside(coded: Coded, definition: Definition, region: CubeRegion) -> Array:
    """Mask of the rows in a region."""
    result = np.ones(len(coded), dtype=bool)
    for component, selection in region.selections.items():
        if component in coded.dataset.observations:
            result &= _selected(coded, definition.fields.get(component), component, selection)
    return result


def _selected(coded: Coded, field: Field | None, component: str, selection: Selection) -> Array:
    """Mask of the rows whose value a selection takes; an absent value is taken."""
    chosen = _values(field, selection)
    patterns = [re.compile(re.escape(v).replace("%", ".*") + r"\Z") for v in chosen if "%" in v]
    table = [
        level == ""
        or ((level in chosen or any(p.match(level) for p in patterns)) == selection.include)
        for level in coded.levels(component)
    ]
    if selection.start or selection.end:
        table = [
            _within(level, selection) == selection.include for level in coded.levels(component)
        ]
    return np.array([*table, True])[coded.codes(component)]


def _values(field: Field | None, selection: Selection) -> set[str]:
    """Values of a selection with the children that cascade from them."""
    chosen = {value for value, cascade in selection.values if cascade != "excluderoot"}
    roots = {value for value, cascade in selection.values if cascade}
    parents = field.codes if field is not None and field.codes is not None else {}
    below = set(roots)
    while True:
        more = {code for code, parent in parents.items() if parent in below} - below
        if not more:
            return chosen | (below - roots)
        below |= more


def _within(text: str, selection: Selection) -> bool:
    """Whether a period lies within the first and the last period of a selection."""
    period = parse_period(text)
    if period is None:
        return False
    earliest = parse_period(selection.start)
    latest = parse_period(selection.end)
    begins_after = earliest is None or period.start >= earliest.start
    ends_before = latest is None or period.end <= latest.end
    return begins_after and ends_before


def _by_component(
    coded: Coded, definition: Definition, constraint: Constraint, outside: Array
) -> Iterator[Finding]:
    """With a single region each value that it cuts away is one finding."""
    for component, selection in constraint.regions[0].selections.items():
        if component not in coded.dataset.observations:
            continue
        bad = outside & ~_selected(
            coded, definition.fields.get(component), component, selection
        )

        def make(
            text: str,
            row: int,
            rows: str,
            component: str = component,
            selection: Selection = selection,
        ) -> Finding:
            return finding(
                "outside-constraint",
                f"{component} {text!r} is not allowed by the constraint {constraint.id}.",
                coded.place(row),
                component=component,
                read=text,
                expected=_described(selection),
                fix="Use a code that this table allows, or report it in the table it belongs to.",
                affects=rows,
            )

        yield from by_text("outside-constraint", coded, component, bad, make)


def _described(selection: Selection) -> str:
    values = [value for value, _ in selection.values]
    shown = ", ".join(values[:8]) + (f" and {len(values) - 8} more" if len(values) > 8 else "")
    if selection.start or selection.end:
        shown = f"{selection.start or '...'} to {selection.end or '...'}"
    return shown if selection.include else f"none of {shown}"


def _by_row(
    coded: Coded, _definition: Definition, constraint: Constraint, outside: Array
) -> Iterator[Finding]:
    yield from listed(
        "outside-constraint",
        coded,
        np.flatnonzero(outside),
        lambda row: finding(
            "outside-constraint",
            f"The key is not one that the constraint {constraint.id} allows.",
            coded.place(row),
            read=".".join(coded.key(row).values()),
            expected=f"a key of the {len(constraint.regions)} regions and {len(constraint.keys)} keys",
            fix="Leave the observation out, or report it in the table it belongs to.",
        ),
    )
