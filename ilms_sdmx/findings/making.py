"""Making of findings: the catalogue gives severity and text, the maker what was met."""

from __future__ import annotations

from ilms_sdmx.findings.catalogue import rules
from ilms_sdmx.findings.model import Candidate, FieldValue, Finding, Place

_NOWHERE = Place()


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
        too.

    Raises
    ------
    KeyError
        The catalogue has no such rule or case, or the text names a field that is not given.

    Examples
    --------
    >>> print(find("empty-dimension", component="SEX").message)
    SEX has no value.
    """
    chosen = rules()[rule].cases[case]
    named = {**fields, "read": read, "component": component}
    named["expected"] = expected or chosen.expected.format_map(named)
    message = chosen.message(named)
    likely_cause = cause or chosen.cause.format_map(named)
    step = fix or chosen.fix.format_map(named)
    return Finding(
        rule,
        chosen.severity,
        message,
        place,
        component=component,
        read=read,
        expected=str(named["expected"]),
        candidates=candidates,
        cause=likely_cause,
        fix=step,
        affects=affects,
        case=case,
        fields=fields,
    )
