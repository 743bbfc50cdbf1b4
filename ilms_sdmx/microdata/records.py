"""Records of one period as one query: every role as a number, in plain SQL."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NoReturn

from ilms_sdmx.errors import MappingError, TableError
from ilms_sdmx.microdata.classes import Base, base_of, codes_of_role
from ilms_sdmx.microdata.coding import UNMAPPED, RoleCoding, coding
from ilms_sdmx.microdata.counting.engine import Engine, answers, name_of
from ilms_sdmx.microdata.files.variables import Microdata, Variable
from ilms_sdmx.microdata.mapping.conditions import Condition
from ilms_sdmx.microdata.mapping.model import (
    STATUSES,
    MicrodataMapping,
    PeriodFiles,
    RoleVariable,
)
from ilms_sdmx.periods import parse_period

#: Decimals of a weight that count; weights are whole numbers of this unit.
WEIGHT_DECIMALS = 9
SCALE = 10**WEIGHT_DECIMALS
#: Unit in which earnings and hours are counted.
VALUE_SCALE = 100
#: Role to the column of its number.
COLUMNS = {
    "sex": "sex",
    "education": "edu",
    "industry": "eco",
    "occupation": "ocu",
    "employment_status": "ste",
    "birth": "birth",
    "citizenship": "cit",
    "previous_residence": "cpr",
    "residence": "crs",
    "destination": "cds",
    "attending": "att",
    "sector": "sec",
    "labour_status": "said",
}
#: Number of a unit or a person where the file has none.
_NOBODY = -9_007_199_254_740_991
#: Role of countries to the column that says whether they are the own one.
ORIGINS = {"birth": "b3", "citizenship": "c3", "residence": "r3"}


@dataclass(frozen=True)
class RecordPart:
    """Files of one period that have been read.

    Parameters
    ----------
    files
        What the mapping says of them.
    microdata
        The files as read.
    """

    files: PeriodFiles
    microdata: tuple[Microdata, ...]

    @property
    def name(self) -> str:
        """Names of the files."""
        return ", ".join(each.source for each in self.microdata)

    @property
    def rows(self) -> int:
        """Number of records."""
        return sum(each.rows for each in self.microdata)

    def variable(self, name: str) -> Variable | None:
        """Variable of a name of the mapping, None where no file has it."""
        in_file = self.files.named(name)
        for each in self.microdata:
            if in_file in each.variables:
                return each.variables[in_file]
        return None


@dataclass(frozen=True)
class PeriodRecords:
    """Records of one period, or of a year that is made of several.

    Parameters
    ----------
    period
        SDMX period.
    mapping
        The mapping.
    parts
        Files, one part for each period of which it is made.
    bases
        Codes in which each role is counted.
    """

    period: str
    mapping: MicrodataMapping
    parts: tuple[RecordPart, ...]
    bases: Mapping[str, Base] = field(default_factory=dict)

    @property
    def divisor(self) -> int:
        """By what sums are divided: a year of quarters is their mean."""
        return len(self.parts)

    @property
    def name(self) -> str:
        """Names of all files."""
        return ", ".join(part.name for part in self.parts)


def period_records(
    mapping: MicrodataMapping, period: str, parts: Sequence[RecordPart]
) -> PeriodRecords:
    """Records of a period under a mapping.

    Raises
    ------
    MappingError
        A file lacks a variable, and the mapping does not say how it is called there; or there
        is no record.
    """
    bases = {}
    for role, variable in mapping.variables.items():
        if role in COLUMNS:
            bases[role] = base_of(role, variable.version, mapping.area)
    for part in parts:
        if not part.rows:
            raise TableError(f"{part.name}: expected records, found none.")
        _refuse_differences(part)
    return PeriodRecords(period, mapping, tuple(parts), bases)


def _refuse_differences(part: RecordPart) -> None:
    """Refuse files of one part of which one lacks a variable, or has it as another kind."""
    first, *others = part.microdata
    for other in others:
        for name in sorted(first.variables.keys() ^ other.variables.keys()):
            lacking, having = (other, first) if name in first.variables else (first, other)
            raise TableError(
                f"{lacking.source}: expected the variable {name}, which {having.source} has,"
                " found none: files of one period need the same variables."
            )
        for name, variable in first.variables.items():
            kind = other.variables[name].kind
            if kind != variable.kind:
                raise TableError(
                    f"{other.source}: expected {name} as a {variable.kind}, as in"
                    f" {first.source}, found a {kind}."
                )


class RecordQuery:
    """Queries of the records of a period."""

    def __init__(self, engine: Engine, records: PeriodRecords) -> None:
        self.engine = engine
        self.records = records
        self.mapping = records.mapping
        self.parts = [PartQuery(self, part, n) for n, part in enumerate(records.parts)]

    def text(self, wanted: Collection[str]) -> str:
        """Query with one row a record and the columns that are wanted, as numbers."""
        parts = [part.text(wanted) for part in self.parts]
        return "\nUNION ALL\n".join(parts)

    def columns(self) -> list[str]:
        """Names of the columns of the query."""
        return [name for name, _ in self.parts[0].makers()]


class PartQuery:
    """Query of the records of one part: each column of `makers` is an expression."""

    def __init__(self, whole: RecordQuery, part: RecordPart, number: int) -> None:
        self.whole = whole
        self.mapping = whole.mapping
        self.part = part
        self.number = number

    def text(self, wanted: Collection[str], raw: Collection[str] = ()) -> str:
        """Query with the columns that are wanted; those of `raw` are values as they stand."""
        columns: list[str] = []
        for name, make in self.makers():
            if name in raw:
                columns += self._as_they_stand(name)
            elif name in wanted:
                columns.append(f"{make()} AS {name}")
        listed = ",\n  ".join(columns) or "1 AS nothing"
        return f"SELECT\n  {listed}\nFROM {self.source()}"

    def source(self) -> str:
        """Records of the files of the part."""
        paths = [each.path for each in self.part.microdata]
        return self.whole.engine.source(paths)

    def makers(self) -> Iterator[tuple[str, Callable[[], str]]]:
        """Name of each column, and what makes its expression."""
        variables = self.mapping.variables
        yield "kept", self._kept
        yield "raw", self._weight
        yield from self._classes()
        if "age" in variables or "birth_date" in variables:
            yield "years", self._age
        yield "status", self._status
        for role, column in (("earnings", "ear"), ("hours", "how")):
            if role in variables:
                yield column, partial(self._number, variables[role])
                yield f"{column}w", partial(self._own_weight, variables[role])
        if "arrival" in variables:
            yield "recent", partial(self._recent, variables["arrival"])
        yield "person", partial(self._identity, "person")
        if self.mapping.is_register:
            yield "start", partial(self._date, "start")
            yield "finish", partial(self._date, "end")
        for number, control in enumerate(self.mapping.controls):
            if control.condition is not None:
                yield f"control{number}", partial(self._control, control.condition)
        yield from self._design()

    def _classes(self) -> Iterator[tuple[str, Callable[[], str]]]:
        """Columns of the roles whose values are codes."""
        variables = self.mapping.variables
        for role, column in COLUMNS.items():
            if role in variables:
                yield column, partial(self._coded, role)
        for role, column in ORIGINS.items():
            if role in variables:
                yield column, partial(self._origin, role)

    def coding(self, column: str) -> RoleCoding:
        """Numbers of the values of the role of a column."""
        (role,) = [role for role, name in COLUMNS.items() if name == column]
        return self.coding_of(self.mapping.variables[role])

    def coding_of(self, role: RoleVariable) -> RoleCoding:
        """Numbers of the values of a role."""
        base = self.whole.records.bases[role.role]
        variable = self._found(role.name, role.line)
        return coding(role, variable, base, self.mapping.area)

    def _as_they_stand(self, column: str) -> Iterator[str]:
        """Values of a role, and its missing codes where they have a column of their own."""
        variable = self.coding(column).variable
        yield f"{name_of(variable.name)} AS {column}"
        if variable.has_codes:
            yield f"{name_of(variable.codes_column)} AS {column}_code"

    def _coded(self, role: str) -> str:
        """Number of the code of a role; UNMAPPED for values that the mapping does not know."""
        coded = self.coding_of(self.mapping.variables[role])
        return coded.sql(self._values(coded))

    def _origin(self, role: str) -> str:
        """0 own, 1 other, 2 unknown."""
        coded = self.coding_of(self.mapping.variables[role])
        return coded.sql(self._values(coded), target=(0, 1, 2))

    def _values(self, coded: RoleCoding) -> list[Any]:
        """Values that there are, where they are those of a national classification."""
        if not coded.role.classification[0]:
            return []
        column = name_of(coded.variable.name)
        query = f"SELECT DISTINCT {column} AS v FROM {self.source()}"
        rows = answers(self.whole.engine, f"{query} WHERE {column} IS NOT NULL")
        return [value for (value,) in rows]

    def _control(self, condition: Condition) -> str:
        holds = condition.sql(self._resolver(0))
        return f"CASE WHEN {holds} THEN 1 ELSE 0 END"

    def _kept(self) -> str:
        """Whether a record is of a person who is counted at all."""
        conditions = []
        for rule in self.mapping.universe.persons:
            conditions.append(rule.condition.sql(self._resolver(rule.line)))
        if not conditions:
            return "1"
        return f"CASE WHEN {' AND '.join(conditions)} THEN 1 ELSE 0 END"

    def _weight(self) -> str:
        """Weight as a number of any decimals."""
        if "weight" not in self.mapping.variables:
            return "1.0"
        found = self._number(self.mapping.variables["weight"])
        factor = self.part.files.factor
        return found if factor == "1" else f"({found} * {factor})"

    def _own_weight(self, variable: RoleVariable) -> str:
        if not variable.weight:
            return "NULL"
        own = RoleVariable("weight", (variable.weight,), line=variable.line)
        return self._number(own)

    def _number(self, role: RoleVariable) -> str:
        """Number of a role, missing where the file or the mapping says that it is."""
        variable = self._found(role.name, role.line)
        column = name_of(variable.name)
        number = column if variable.kind == "number" else f"TRY_CAST({column} AS DOUBLE)"
        missing = []
        for declared in (*role.missing, *variable.missing):
            condition = _missing_number(number, declared)
            if condition:
                missing.append(condition)
        if not missing:
            return number
        return f"CASE WHEN {' OR '.join(missing)} THEN NULL ELSE {number} END"

    def _age(self) -> str:
        """Age in years, completed or with a fraction: only whole years are compared with it."""
        variables = self.mapping.variables
        if "age" in variables:
            return self._number(variables["age"])
        born = self._date("birth_date")
        day = self._day().replace("-", "")
        born_day = f"(YEAR({born}) * 10000 + MONTH({born}) * 100 + DAY({born}))"
        return f"CAST(FLOOR(({day} - {born_day}) / 10000.0) AS INTEGER)"

    def _day(self) -> str:
        """Day at which ages and contracts are looked at."""
        if self.part.files.day:
            return self.part.files.day
        period = parse_period(self.part.files.period)
        return period.last.isoformat() if period else ""

    def _date(self, role: str) -> str:
        if role not in self.mapping.variables:
            return "CAST(NULL AS DATE)"
        named = self.mapping.variables[role]
        variable = self._found(named.name, named.line)
        column = name_of(variable.name)
        if variable.kind == "date":
            return column
        # Of other forms the engine would guess which part is the year.
        day = f"TRY_CAST(SUBSTR({column}, 1, 10) AS DATE)"
        return f"CASE WHEN {column} LIKE '____-__-__%' THEN {day} ELSE NULL END"

    def _status(self) -> str:
        """Number of the labour force status: 1 employed, 2 unemployed, 3 outside, 4 unknown.

        Everybody of working age has one: who fulfils no rule is outside.
        """
        rules = self.mapping.universe.statuses
        if not rules:
            if "labour_status" in self.mapping.variables:
                inner = self._coded("labour_status")
                return f"CASE {inner} WHEN {UNMAPPED} THEN {UNMAPPED} {_statuses()} ELSE 3 END"
            return "1" if self.mapping.is_register else "3"
        cases = []
        for rule in rules:
            number = STATUSES.index(rule.status) + 1
            condition = rule.condition.sql(self._resolver(rule.line))
            cases.append(f"WHEN {condition} THEN {number}")
        return f"CASE {' '.join(cases)} ELSE 3 END"

    def _recent(self, role: RoleVariable) -> str:
        """Whether the arrival is in the months before the day."""
        variable = self._found(role.name, role.line)
        column = name_of(variable.name)
        day = parse_period(self._day())
        year, month = (day.last.year, day.last.month) if day else (0, 0)
        if variable.kind == "date":
            arrived = f"(YEAR({column}) * 12 + MONTH({column}))"
            limit = year * 12 + month - role.months
            condition = f"{arrived} > {limit}"
        elif len(role.names) > 1:
            months = RoleVariable(
                role.role, role.names[1:], missing=role.missing, line=role.line
            )
            arrived = f"({self._number(role)} * 12 + {self._number(months)})"
            limit = year * 12 + month - role.months
            condition = f"{arrived} > {limit}"
        else:
            condition = f"{self._number(role)} > {year - role.months // 12}"
        return f"CASE WHEN {condition} THEN 1 ELSE 0 END"

    def _identity(self, role: str) -> str:
        """Text that tells records of different persons apart; nothing where none is known."""
        if role not in self.mapping.variables:
            return "NULL"
        named = self.mapping.variables[role]
        found = [self._found(name, named.line) for name in named.names]
        if len(found) == 1 and found[0].kind == "number" and len(self.whole.records.parts) == 1:
            return f"COALESCE({name_of(found[0].name)}, {_NOBODY})"
        columns = []
        for variable in found:
            columns.append(f"COALESCE(CAST({name_of(variable.name)} AS STRING), '')")
        return " || '/' || ".join(columns)

    def unit_columns(self) -> dict[str, str]:
        """Columns that say the sampling unit of a record, by what they are for.

        `h0` and on of its stratum, `p0` and on of its first unit, `s0` of its second.
        """
        design = self.mapping.design
        if not design.has_units:
            return {}
        first = design.psu
        if not first:
            first = self.mapping.variables["person"].names
        found = {}
        for letter, names in (("h", design.strata), ("p", first), ("s", (design.ssu,))):
            for place, name in enumerate(filter(None, names)):
                variable = self._found(name, design.line)
                found[f"{letter}{place}"] = name_of(variable.name)
        return found

    def _design(self) -> Iterator[tuple[str, Callable[[], str]]]:
        """Sampling units, how many there are in all, and replicate weights."""
        design = self.mapping.design
        for name, column in self.unit_columns().items():
            yield name, partial(str, column)
        for variable, column in ((design.fpc, "fpc"), (design.fpc2, "fpc2")):
            if variable:
                role = RoleVariable(column, (variable,), line=design.line)
                yield column, partial(self._number, role)
        for number, name in enumerate(self.replicate_names()):
            role = RoleVariable("weight", (name,), line=design.line)
            yield f"rw{number}", partial(self._replicate, role)

    def _replicate(self, role: RoleVariable) -> str:
        return f"({self._number(role)} * {self.part.files.factor})"

    def replicate_names(self) -> list[str]:
        """Variables of the replicate weights, a beginning with `*` spelt out."""
        names: list[str] = []
        for name in self.mapping.design.replicate_names:
            if not name.endswith("*"):
                names.append(name)
                continue
            start = name[:-1]
            known = [each for one in self.part.microdata for each in one.variables]
            names += [each for each in dict.fromkeys(known) if each.startswith(start)]
        return names

    def _found(self, name: str, line: int) -> Variable:
        variable = self.part.variable(name)
        if variable is None:
            self._lacks(name, line)
        return variable

    def _resolver(self, line: int) -> Any:
        def resolve(name: str) -> Variable:
            if self.part.variable(name) is None and name in self.mapping.variables:
                return self._found(self.mapping.variables[name].name, line)
            return self._found(name, line)

        return resolve

    def _lacks(self, name: str, line: int) -> NoReturn:
        """Raise that a file has no such variable, with the line that would name it."""
        in_file = self.part.files.named(name)
        try:
            self.part.microdata[0].variable(in_file)
        except TableError as error:
            reason = str(error).rstrip(".")
        period = self.part.files.period
        raise MappingError(
            f"{self.mapping.name}, line {line}: {reason}. Where it has another name there, add"
            f" under `periods`, `{period}`: names: {{{name}: ITS_NAME_THERE}}."
        )


def _statuses() -> str:
    cases = []
    for place, status in enumerate(codes_of_role("labour_status", "")):
        if status in STATUSES:
            cases.append(f"WHEN {place} THEN {STATUSES.index(status) + 1}")
    return " ".join(cases)


def _missing_number(number: str, declared: str) -> str:
    """Condition that a number is one of those that are declared to be missing."""
    first, is_range, last = declared.partition(" to ")
    try:
        low = float(first)
        high = float(last) if is_range else low
    except ValueError:
        return ""
    if is_range:
        return f"({number} >= {low} AND {number} <= {high})"
    return f"{number} = {low}"
