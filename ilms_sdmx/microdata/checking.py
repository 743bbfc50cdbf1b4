"""Checks of records before they are counted: weights, persons, units, values without a line."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from ilms_sdmx.findings import Finding, Place, find
from ilms_sdmx.microdata.engine import name_of, records_of
from ilms_sdmx.microdata.leaves import OF_EMPLOYED, Counter
from ilms_sdmx.microdata.records import COLUMNS, SCALE, UNMAPPED

if TYPE_CHECKING:
    from ilms_sdmx.microdata.classes import Base

#: Share of persons of unknown class from which it is a warning.
_MANY = 0.1
#: Distance from a control total from which it is a warning.
_FAR = 0.01
#: Values of a variable that are told one by one.
_TOLD = 20
#: Signs of a value that is shown: a code, never a sentence.
_SHOWN = 24


def find_in_records(counter: Counter) -> Iterator[Finding]:
    """Findings on the records of one period, before any table is made."""
    place = Place(file=counter.records.name)
    yield from _find_weights(counter, place)
    yield from _find_numbers(counter, place)
    yield from _find_persons(counter, place)
    yield from _find_units(counter, place)
    yield from _find_values(counter, place)
    yield from _find_universe(counter, place)
    yield from _find_days(counter, place)


def _find_weights(counter: Counter, place: Place) -> Iterator[Finding]:
    role = counter.mapping.variables.get("weight")
    if role is None:
        return
    query = (
        "SELECT COUNT(*) FILTER (WHERE raw < 0), COUNT(*) FILTER (WHERE raw IS NULL),"
        " COUNT(*) FILTER (WHERE raw = 0), COALESCE(SUM(raw), 0)"
        " FROM raw_records WHERE kept = 1"
    )
    below, missing, zero, total = counter.asked(query).fetchone() or (0,) * 4
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
                f"SELECT COUNT(*) FROM {records_of(paths)} WHERE {column} IS NOT NULL"
                f" AND TRY_CAST({column} AS DOUBLE) IS NULL{unless}"
            )
            (count,) = counter.connection.execute(query).fetchone() or (0,)
            if count:
                said = {"role": role, "variable": found.name, "count": count}
                yield find("records-no-number", place, **said)


def _find_persons(counter: Counter, place: Place) -> Iterator[Finding]:
    role = counter.mapping.variables.get("person")
    if role is None or counter.mapping.is_register or len(counter.records.parts) > 1:
        return
    query = "SELECT COUNT(*) - COUNT(DISTINCT person) FROM raw_records"
    (count,) = counter.asked(query).fetchone() or (0,)
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


def _find_values(counter: Counter, place: Place) -> Iterator[Finding]:
    """Values that no line of the mapping knows, and classes that many do not have."""
    counts = _counts_of_values(counter)
    for role, column in COLUMNS.items():
        if role not in counter.mapping.variables:
            continue
        if counts[f"{column}_found"]:
            yield from _find_lines(counter, place, role)
            continue
        persons = counts.get(f"{column}_persons") or 1
        share = (counts.get(f"{column}_unknown") or 0) / persons
        if share:
            yield find(
                "records-share-unknown",
                place,
                case="many" if share > _MANY else "",
                role=role,
                variable=counter.mapping.variables[role].name,
                share=f"{100 * share:.1f}",
            )


def _counts_of_values(counter: Counter) -> dict[str, Any]:
    """Records without a line, and persons of unknown class and in all, by column; one scan."""
    expressions = {}
    for role, column in COLUMNS.items():
        if role not in counter.mapping.variables:
            continue
        if column == "said":
            expressions["said_found"] = f"COUNT(*) FILTER (WHERE st = {UNMAPPED})"
            continue
        counted = "kept = 1" if counter.mapping.is_register else "st <> 0"
        inside = "st = 1" if role in OF_EMPLOYED else "kept = 1"
        universe = inside if role in OF_EMPLOYED else counted
        base: Base = counter.records.bases[role]
        unmapped = f"{column} = {UNMAPPED} AND {inside}"
        expressions[f"{column}_found"] = f"COUNT(*) FILTER (WHERE {unmapped})"
        unknown = f"{column} = {base.unknown} AND {universe}"
        expressions[f"{column}_unknown"] = _weighted(unknown)
        expressions[f"{column}_persons"] = _weighted(universe)
    return counter.numbers(**expressions) if expressions else {}


def _weighted(condition: str) -> str:
    """Persons that a condition is true of, weighted."""
    return f"CAST(SUM(CASE WHEN {condition} THEN w ELSE 0 END) AS DOUBLE) / {SCALE}"


def _find_lines(counter: Counter, place: Place, role: str) -> Iterator[Finding]:
    for file, variable, value, count in islice(counter.unknown_values(role), _TOLD):
        shown = value if len(value) <= _SHOWN else "(a long text)"
        said: dict[str, Any] = {"role": role, "variable": variable, "count": count}
        yield find("records-unknown-value", Place(file=file), read=shown, **said)


def _find_universe(counter: Counter, place: Place) -> Iterator[Finding]:
    """Universes in which nobody is, ages that are not known."""
    period = counter.records.period
    has_ages = "years" in counter.raw
    ages = "COUNT(*) FILTER (WHERE kept = 1 AND years IS NULL)" if has_ages else "0"
    numbers = counter.numbers(
        kept="COUNT(*) FILTER (WHERE kept = 1)",
        inside="COUNT(*) FILTER (WHERE st <> 0)",
        employed="COUNT(*) FILTER (WHERE st = 1)",
        ages=ages,
    )
    said: dict[str, Any] = {"period": period}
    if not numbers["kept"]:
        yield find("records-nobody", place, read="counted at all", **said)
    elif not numbers["inside"] and not counter.mapping.is_register:
        yield find("records-nobody", place, read="of working age", **said)
    elif counter.mapping.universe.statuses and not numbers["employed"]:
        yield find("records-nobody", place, read="employed", **said)
    if numbers["ages"]:
        yield find("records-age-unknown", place, count=numbers["ages"])


def _find_days(counter: Counter, place: Place) -> Iterator[Finding]:
    if not counter.mapping.is_register:
        return
    variables = counter.mapping.variables
    query = (
        "SELECT COUNT(*) FILTER (WHERE start IS NULL),"
        " COUNT(*) FILTER (WHERE finish < start) FROM raw_records WHERE kept = 1"
    )
    missing, turned = counter.asked(query).fetchone() or (0, 0)
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
