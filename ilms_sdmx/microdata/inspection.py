"""What is in a file of records: variables, labels, missing codes, roles; nobody is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ilms_sdmx.microdata.counting.engine import Engine, answers, connected, name_of
from ilms_sdmx.microdata.files.variables import Microdata, Variable, value_text
from ilms_sdmx.microdata.roles import Proposal, is_personal, proposals

#: A value is shown where at least so many records have it.
SHOWN_FROM = 5
#: Values of a variable that are shown.
SHOWN = 60
#: A variable whose texts are this often a person's own identifies persons.
_OWN = 0.5


@dataclass(frozen=True)
class VariableSummary:
    """One variable in numbers.

    Parameters
    ----------
    variable
        The variable.
    present, missing
        Records with a value, and without one of any kind.
    codes
        Records by missing code: `98`, `.a`; `` for those without a code.
    distinct
        Number of values that differ.
    values
        Values that enough records share, with their number, where there are few; never of a
        variable that identifies persons.
    is_personal
        Whether it may identify persons, by its name, its label or its values.
    proposals
        Roles that it may have.
    """

    variable: Variable
    present: int
    missing: int
    codes: Mapping[str, int]
    distinct: int
    values: Mapping[str, int]
    is_personal: bool
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True)
class Inspection:
    """What a file of records holds: the file as read, and one summary a variable.

    Parameters
    ----------
    microdata
        The file as read.
    variables
        One summary a variable.
    """

    microdata: Microdata
    variables: tuple[VariableSummary, ...]

    def proposals(self) -> list[Proposal]:
        """All roles that variables may have, the best founded of each role first."""
        found = [each for summary in self.variables for each in summary.proposals]
        return sorted(found, key=_order)

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain values, ready for JSON; no value that few records share."""
        described = [_described(summary) for summary in self.variables]
        return {
            "file": self.microdata.source,
            "records": self.microdata.rows,
            "encoding": self.microdata.encoding,
            "variables": described,
        }


def _order(proposal: Proposal) -> tuple[str, int]:
    return proposal.role, -len(proposal.evidence)


def _described(summary: VariableSummary) -> dict[str, Any]:
    variable = summary.variable
    roles = []
    for proposal in summary.proposals:
        roles.append({"role": proposal.role, "evidence": list(proposal.evidence)})
    return {
        "name": variable.name,
        "label": variable.label,
        "kind": variable.kind,
        "labels": {} if summary.is_personal else dict(variable.labels),
        "present": summary.present,
        "missing": summary.missing,
        "missing codes": dict(summary.codes),
        "distinct": summary.distinct,
        "values": dict(summary.values),
        "personal": summary.is_personal,
        "roles": roles,
    }


def inspect_microdata(microdata: Microdata) -> Inspection:
    r"""Describe the variables of a file of records without showing any person.

    A value is shown only where `SHOWN_FROM` records have it and there are few; of variables
    that may identify persons (names, passports, telephones, addresses, texts that are nearly
    all different) only how many there are.

    Examples
    --------
    >>> from pathlib import Path
    >>> from ilms_sdmx.microdata import inspect_microdata, read_microdata
    >>> _ = Path("persons.csv").write_text("name,sex\n" + "Ana,F\n" * 5 + "Bo,M\n" * 5)
    >>> found = inspect_microdata(read_microdata("persons.csv", "work"))
    >>> [(each.variable.name, dict(each.values)) for each in found.variables]
    [('name', {}), ('sex', {'F': 5, 'M': 5})]
    """
    summaries = []
    with connected() as engine:
        for variable in microdata.variables.values():
            summaries.append(_summary(engine, microdata, variable))
    return Inspection(microdata, tuple(summaries))


def _summary(engine: Engine, microdata: Microdata, variable: Variable) -> VariableSummary:
    column = name_of(variable.name)
    source = engine.source([microdata.path])
    counted = f"select count({column}) as n, count(distinct {column}) as d from {source}"
    present, distinct = _row(engine, counted)
    codes = _codes(engine, source, variable)
    if variable.missing and not variable.has_codes:
        present -= sum(codes.values())
    without = microdata.rows - present - sum(codes.values())
    if without:
        codes[""] = without
    is_own = variable.kind == "text" and distinct > max(SHOWN, _OWN * present)
    personal = is_own or is_personal(variable)
    values: dict[str, int] = {}
    if not personal and distinct <= SHOWN:
        values = _values(engine, source, variable)
    numbers = {} if personal else _numbers(engine, source, variable)
    found = () if personal else tuple(proposals(variable, numbers, microdata.variables))
    missing = microdata.rows - present
    return VariableSummary(variable, present, missing, codes, distinct, values, personal, found)


def _row(engine: Engine, query: str) -> tuple[Any, ...]:
    (row,) = answers(engine, query)
    return row


def _codes(engine: Engine, source: str, variable: Variable) -> dict[str, int]:
    """Records by missing code."""
    name = variable.codes_column if variable.has_codes else variable.name
    if not variable.missing and not variable.has_codes:
        return {}
    column = name_of(name)
    counted = f"select {column} as v, count(*) as n from {source}"
    query = f"{counted} where {column} is not null group by {column}"
    codes = {}
    for value, count in sorted(answers(engine, query)):
        text = value_text(value)
        if variable.has_codes or variable.is_missing(text):
            codes[text] = count
    return codes


def _values(engine: Engine, source: str, variable: Variable) -> dict[str, int]:
    """Values that enough records share, in order, without the missing codes."""
    column = name_of(variable.name)
    query = (
        f"select {column} as v, count(*) as n from {source} where {column} is not null"
        f" group by {column} having count(*) >= {SHOWN_FROM} order by {column}"
    )
    values = {}
    for value, count in answers(engine, query):
        text = value_text(value)
        if not variable.is_missing(text):
            values[text] = count
    return values


def _numbers(engine: Engine, source: str, variable: Variable) -> dict[str, float]:
    """What is known of the numbers of a variable: counts, no value."""
    if variable.kind == "date":
        return {}
    value = f"try_cast({name_of(variable.name)} as double)"
    query = (
        "select count(v) as n, count(distinct v) as d, count(*) filter (v < 0) as b,"
        " count(*) filter (v > 120) as a, count(*) filter (w is not null and v is null) as o"
        f" from (select {value} as v, {name_of(variable.name)} as w from {source})"
    )
    count, distinct, negative, above, others = _row(engine, query)
    if others:
        return {}
    return {"count": count, "distinct": distinct, "negative": negative, "above": above}
