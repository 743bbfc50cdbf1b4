"""Making of findings: the catalogue gives severity and text, the maker what was met."""

from __future__ import annotations

from ilms_sdmx.findings.catalogue import rules
from ilms_sdmx.findings.model import Candidate, FieldValue, Finding, Place

_NOWHERE = Place()
#: Cells that the text of a finding shows; its field `cells` has all.
_SHOWN = 12


def find(
    rule: str,
    place: Place = _NOWHERE,
    *,
    case: str = "",
    read: str = "",
    expected: str = "",
    fix: str = "",
    cause: str = "",
    affects: str = "",
    component: str = "",
    candidates: tuple[Candidate, ...] = (),
    **fields: FieldValue,
) -> Finding:
    """Make a finding of a rule at a place, with the severity and the text of the catalogue.

    Parameters
    ----------
    rule
        Id of the rule, as in `dsd/findings/`.
    place
        Where it is, without the file where `Report.at` says it of all findings.
    case
        Case of the rule, empty for the usual one.
    read, expected, fix, cause, affects, component, candidates
        As in `Finding`; where `expected`, `cause` or `fix` are empty the catalogue may give
        them.
    **fields
        Values of the fields that the text names; it may name `read`, `expected` and `component`
        too. Of `cells`, all addresses with commas between them, the text shows the first.

    Raises
    ------
    KeyError
        The catalogue has no such rule or case, or the text names a field that is not given.

    Examples
    --------
    >>> print(find("empty-dimension", component="SEX").message)
    SEX has no value.
    """
    entry = rules()[rule]
    texts = entry.cases[case]
    named: dict[str, FieldValue] = {**fields}
    if "cells" in fields:
        named["cells"] = shown_cells(str(fields["cells"]))
    named["read"] = read
    named["component"] = component
    if not expected:
        expected = texts.expected.format_map(named)
    named["expected"] = expected
    if not cause:
        cause = texts.cause.format_map(named)
    if not fix:
        fix = texts.fix.format_map(named)
    message = texts.message(named)
    return Finding(
        rule,
        texts.severity,
        message,
        place,
        component=component,
        read=read,
        expected=expected,
        candidates=candidates,
        cause=cause,
        fix=fix,
        affects=affects,
        case=case,
        fields=fields,
    )


def shown_cells(cells: str) -> str:
    """First of many addresses, as a text shows them.

    >>> shown_cells("A1, A2"), shown_cells(", ".join(map(str, range(20))))
    ('A1, A2', '0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, ...')
    """
    addresses = cells.split(", ")
    if len(addresses) <= _SHOWN:
        return cells
    first = ", ".join(addresses[:_SHOWN])
    return f"{first}, ..."
