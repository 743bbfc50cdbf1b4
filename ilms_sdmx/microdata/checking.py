"""Checks of records before they are counted: weights, persons, units, values without a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from ilms_sdmx.findings import Finding, Place, find
from ilms_sdmx.microdata.coding import UNMAPPED
from ilms_sdmx.microdata.counting.counter import Counter
from ilms_sdmx.microdata.counting.engine import answers, name_of
from ilms_sdmx.microdata.counting.leaves import OF_EMPLOYED, Leaf, LeafRequest
from ilms_sdmx.microdata.counting.sharing import Leaves
from ilms_sdmx.microdata.records import COLUMNS

#: Share of persons of unknown class from which it is a warning.
_MANY = 0.1
#: Distance from a control total from which it is a warning.
_FAR = 0.01
#: Values of a variable that are told one by one.
_TOLD = 20
#: Signs of a value that is shown: a code, never a sentence.
_SHOWN = 24


def checked_by(counter: Counter) -> Iterator[LeafRequest]:
    """What records are counted by for their checks."""
    known = counter.view
    whole = {"kept", "st", "band"} & set(known)
    yield LeafRequest("records", frozenset(whole))
    for role, column in COLUMNS.items():
        if role in counter.mapping.variables and column in known:
            yield _request_of(role, column)


def _request_of(role: str, column: str) -> LeafRequest:
    if role in OF_EMPLOYED:
        return LeafRequest("employed", frozenset({column}))
    return LeafRequest("records", frozenset({"kept", "st", column}))


def find_in_records(leaves: Leaves) -> Iterator[Finding]:
    """Findings on the records of one period, before any table is made."""
    counter = leaves.counter
    place = Place(file=counter.records.name)
    yield from _find_weights(counter, place)
    yield from _find_numbers(counter, place)
    yield from _find_persons(counter, place)
    yield from _find_units(counter, place)
    yield from _find_values(leaves, place)
    yield from _find_universe(leaves, place)
    yield from _find_days(counter, place)


def _find_weights(counter: Counter, place: Place) -> Iterator[Finding]:
    role = counter.mapping.variables.get("weight")
    if role is None:
        return
    # Most files have none of these, and say so in their statistics: nothing is read then.
    query = "SELECT COUNT(*) AS n FROM raw_records WHERE raw <= 0 OR raw IS NULL"
    ((strange,),) = counter.rows_of(query)
    if not strange:
        return
    query = (
        f"SELECT {_counted('raw < 0')}, {_counted('raw IS NULL')}, {_counted('raw = 0')},"
        f" {_counted('raw > 0')} FROM raw_records WHERE kept = 1"
    )
    ((below, missing, zero, total),) = counter.rows_of(query)
    said: dict[str, Any] = {"variable": role.name}
    if below:
        yield find("records-weight", place, count=below, **said)
    elif not total:
        yield find("records-weight", place, case="nothing", **said)
    elif missing:
        yield find("records-weight", place, case="missing", count=missing, **said)
    if zero and total:
        yield find("records-weight", place, case="zero", count=zero, **said)


def _find_numbers(counter: Counter, place: Place) -> Iterator[Finding]:
    """Texts that are no numbers where the mapping says numbers; their values are not shown."""
    for role in ("weight", "age", "earnings", "hours"):
        variable = counter.mapping.variables.get(role)
        if variable is None:
            continue
        for part in counter.records.parts:
            found = part.variable(variable.name)
            if found is None or found.kind != "text":
                continue
            column = name_of(found.name)
            paths = [each.path for each in part.microdata]
            known = ", ".join(f"'{value}'" for value in variable.missing if "'" not in value)
            unless = f" AND {column} NOT IN ({known})" if known else ""
            query = (
                f"SELECT COUNT(*) AS n FROM {counter.engine.source(paths)}"
                f" WHERE {column} IS NOT NULL AND {column} <> ''"
                f" AND TRY_CAST({column} AS DOUBLE) IS NULL{unless}"
            )
            ((count,),) = answers(counter.engine, query)
            if count:
                said = {"role": role, "variable": found.name, "count": count}
                yield find("records-no-number", place, **said)


def _find_persons(counter: Counter, place: Place) -> Iterator[Finding]:
    role = counter.mapping.variables.get("person")
    if role is None or counter.mapping.is_register or len(counter.records.parts) > 1:
        return
    query = "SELECT COUNT(*) - COUNT(DISTINCT person) AS n FROM raw_records"
    ((count,),) = counter.rows_of(query)
    if count:
        yield find(
            "records-duplicate-person", place, variable=", ".join(role.names), count=count
        )


def _find_units(counter: Counter, place: Place) -> Iterator[Finding]:
    if counter.frame is None or not counter.frame.lonely:
        return
    lonely = counter.mapping.design.lonely
    if lonely == "fail":
        from ilms_sdmx.errors import MappingError

        line = counter.mapping.design.line
        raise MappingError(
            f"{counter.mapping.name}, line {line}, at design: {counter.frame.lonely} stratum(s)"
            " have one sampling unit: join them with a neighbour, or write `lonely: adjust`."
        )
    yield find("records-lonely-unit", place, read=lonely, count=counter.frame.lonely)


def _find_values(leaves: Leaves, place: Place) -> Iterator[Finding]:
    """Values that no line of the mapping knows, and classes that many do not have."""
    counter = leaves.counter
    for role, column in COLUMNS.items():
        if role not in counter.mapping.variables:
            continue
        if column not in counter.view:
            whole = leaves.of(LeafRequest("records", frozenset({"kept", "st"})))
            if (whole.columns["st"] == UNMAPPED).any():
                yield from _find_lines(counter, place, role)
            continue
        leaf = leaves.of(_request_of(role, column))
        if _has_unmapped(leaf, role, column):
            yield from _find_lines(counter, place, role)
            continue
        share = _share_unknown(leaf, role, column, counter)
        if share:
            yield find(
                "records-share-unknown",
                place,
                case="many" if share > _MANY else "",
                role=role,
                variable=counter.mapping.variables[role].name,
                share=f"{100 * share:.1f}",
            )


def _has_unmapped(leaf: Leaf, role: str, column: str) -> bool:
    """Whether somebody who is counted has a value without a line."""
    is_unmapped = leaf.columns[column] == UNMAPPED
    if role not in OF_EMPLOYED:
        is_unmapped &= leaf.columns["kept"] == 1
    return bool(is_unmapped.any())


def _share_unknown(leaf: Leaf, role: str, column: str, counter: Counter) -> float:
    """Share of persons of unknown class, weighted."""
    weights = leaf.weights
    is_unknown = leaf.columns[column] == counter.records.bases[role].unknown
    if role not in OF_EMPLOYED:
        is_register = counter.mapping.is_register
        counted = leaf.columns["kept"] == 1 if is_register else leaf.columns["st"] != 0
        weights = weights[counted]
        is_unknown = is_unknown[counted]
    whole = int(weights.sum())
    return int(weights[is_unknown].sum()) / whole if whole else 0.0


def _find_lines(counter: Counter, place: Place, role: str) -> Iterator[Finding]:
    for file, variable, value, count in islice(counter.unknown_values(role), _TOLD):
        shown = value if len(value) <= _SHOWN else "(a long text)"
        said: dict[str, Any] = {"role": role, "variable": variable, "count": count}
        yield find("records-unknown-value", Place(file=file), read=shown, **said)


def _find_universe(leaves: Leaves, place: Place) -> Iterator[Finding]:
    """Universes in which nobody is, ages that are not known."""
    counter = leaves.counter
    columns = {"kept", "st", "band"} & set(counter.view)
    leaf = leaves.of(LeafRequest("records", frozenset(columns)))
    is_kept = leaf.columns["kept"] == 1
    status = leaf.columns["st"]
    said: dict[str, Any] = {"period": counter.records.period}
    if not is_kept.any():
        yield find("records-nobody", place, read="counted at all", **said)
    elif not (status != 0).any() and not counter.mapping.is_register:
        yield find("records-nobody", place, read="of working age", **said)
    elif counter.mapping.universe.statuses and not (status == 1).any():
        yield find("records-nobody", place, read="employed", **said)
    if "band" in leaf.columns:
        is_unknown = is_kept & (leaf.columns["band"] == UNMAPPED)
        count = int(leaf.counts[is_unknown].sum())
        if count:
            yield find("records-age-unknown", place, count=count)


def _find_days(counter: Counter, place: Place) -> Iterator[Finding]:
    if not counter.mapping.is_register:
        return
    variables = counter.mapping.variables
    query = (
        f"SELECT {_counted('start IS NULL')}, {_counted('finish < start')}"
        " FROM raw_records WHERE kept = 1"
    )
    ((missing, turned),) = counter.rows_of(query)
    if missing:
        said: dict[str, Any] = {"role": "start", "variable": variables["start"].name}
        yield find("register-date", place, count=missing, **said)
    if turned:
        yield find("register-date", place, case="order", count=turned)
    period = counter.records.period
    for population in ("stock", "inflow"):
        numbers = counter.numbers(
            records=f"COALESCE(SUM(all_{population}), 0)",
            persons=f"COALESCE(SUM({population}), 0)",
        )
        case = "" if "person" in variables else "unknown"
        if case or numbers["records"] != numbers["persons"]:
            counted: dict[str, Any] = {name: int(number) for name, number in numbers.items()}
            yield find(
                "register-repeated",
                place,
                case=case,
                period=period,
                population=population,
                **counted,
            )


def find_controls(counter: Counter) -> Iterator[Finding]:
    """Control totals next to what was counted."""
    for number, control in enumerate(counter.mapping.controls):
        if control.period != counter.records.period:
            continue
        found = counter.controlled(number)
        share = 100 * (found - control.persons) / control.persons if control.persons else 0.0
        far = abs(share) > 100 * _FAR
        yield find(
            "records-control",
            Place(file=counter.records.name),
            case="far" if far else "",
            read=f"{control.persons:,.0f}",
            name=control.name,
            found=f"{found:,.0f}",
            share=f"{share:+.2f}",
        )


def _counted(condition: str) -> str:
    """Number of records that a condition is true of; its name is of no account."""
    name = re.sub(r"\W+", "_", condition)
    return (
        f"CAST(COALESCE(SUM(CASE WHEN {condition} THEN 1 ELSE 0 END), 0) AS BIGINT) AS n_{name}"
    )
