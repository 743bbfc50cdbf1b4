"""Tables that the roles of a mapping can fill: which persons, by what, in which versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ilms_sdmx.microdata.classes import (
    COUNTRIES,
    DIMENSIONS,
    Base,
    Level,
    age_levels,
    levels,
)
from ilms_sdmx.microdata.counting.leaves import OF_JOBS, LeafRequest
from ilms_sdmx.microdata.mapping.model import MicrodataMapping
from ilms_sdmx.microdata.records import COLUMNS
from ilms_sdmx.microdata.roles import rows
from ilms_sdmx.structures import facts
from ilms_sdmx.structures.flows import ids, measure

#: Numbers of the statuses: employed, unemployed, outside, unknown.
_ALL = frozenset({1, 2, 3, 4})
#: Bands of ages 15 to 24.
_YOUTH = {"band": frozenset({3, 4})}
#: Dimensions of which there is one code.
_ONE_CODE = {"CUR": "CUR_TYPE_LCU"}


@dataclass(frozen=True)
class PersonsCounted:
    """Persons that a table counts.

    Parameters
    ----------
    statuses
        Numbers of their labour force status.
    columns
        Further columns and the numbers that they must have.
    """

    statuses: frozenset[int] = _ALL
    columns: Mapping[str, frozenset[int]] = field(default_factory=dict)


_EMPLOYED = frozenset({1})
_YES = frozenset({1})
_BORN_ABROAD = {"recent": _YES, "b3": _YES}
_NON_CITIZENS = {"recent": _YES, "c3": _YES}
#: Persons by the name that `dsd/microdata/tables.csv` has for them.
PERSONS = {
    "everyone": PersonsCounted(_ALL | {0}),
    "working_age": PersonsCounted(),
    "labour_force": PersonsCounted(frozenset({1, 2})),
    "employed": PersonsCounted(_EMPLOYED),
    "unemployed": PersonsCounted(frozenset({2})),
    "outside": PersonsCounted(frozenset({3})),
    "public": PersonsCounted(_EMPLOYED, {"sec": frozenset({0})}),
    "youth": PersonsCounted(_ALL, _YOUTH),
    "neet": PersonsCounted(frozenset({2, 3, 4}), {**_YOUTH, "att": _YES}),
    "arrived_foreign_born": PersonsCounted(_ALL, _BORN_ABROAD),
    "arrived_non_citizens": PersonsCounted(_ALL, _NON_CITIZENS),
    "arrived_foreign_born_employed": PersonsCounted(_EMPLOYED, _BORN_ABROAD),
    "arrived_non_citizens_employed": PersonsCounted(_EMPLOYED, _NON_CITIZENS),
    "returned": PersonsCounted(_ALL, {"recent": _YES, "c3": frozenset({0})}),
}


@dataclass(frozen=True)
class DimensionLevels:
    """One dimension of a table: its column of the view, and levels of each version."""

    dimension: str
    column: str
    versions: tuple[tuple[Level, ...], ...]

    @property
    def levels(self) -> list[Level]:
        """Levels of all versions, each once."""
        found = [level for version in self.versions for level in version]
        return list({level.codes: level for level in found}.values())


@dataclass(frozen=True)
class TableSpecification:
    """A table that can be filled.

    Parameters
    ----------
    dataflow
        Id of the dataflow.
    measure
        Code of MEASURE.
    population
        Population of the view.
    statistic
        `total`, `rate` or `mean`.
    persons, base
        Persons that are counted, and those that a rate is a share of.
    dimensions
        Dimensions with a column.
    fixed
        Dimensions of one code.
    value
        Column of the values of a mean.
    """

    dataflow: str
    measure: str
    population: str
    statistic: str
    persons: PersonsCounted
    base: PersonsCounted | None
    dimensions: tuple[DimensionLevels, ...]
    fixed: Mapping[str, str] = field(default_factory=dict)
    value: str = ""

    @property
    def is_rate(self) -> bool:
        """Whether it is the share of some persons among others."""
        return self.base is not None

    def request(self, *, with_units: bool) -> LeafRequest:
        """What records are counted by for this table."""
        columns = {dimension.column for dimension in self.dimensions}
        for persons in (self.persons, self.base):
            if persons is not None:
                columns |= set(persons.columns)
        population = self.population
        if population == "persons":
            is_of_jobs = bool(columns & OF_JOBS) and not self.is_rate
            if is_of_jobs and self.persons.statuses == _EMPLOYED:
                population = "employed"
            else:
                columns.add("st")
                population = "persons" if with_units else "records"
        return LeafRequest(population, frozenset(columns), with_units, self.value)


def specifications(
    mapping: MicrodataMapping, bases: Mapping[str, Base]
) -> tuple[TableSpecification, ...]:
    """Tables that the roles of a mapping can fill, in the order of the structures."""
    found = []
    by_measure = _rows_of(mapping)
    for id in ids():
        row = by_measure.get(measure(id))
        if row is None or (mapping.tables and id not in mapping.tables):
            continue
        specification = _specification(id, row, bases, mapping)
        if specification is not None:
            found.append(specification)
    return tuple(found)


def _rows_of(mapping: MicrodataMapping) -> dict[str, dict[str, str]]:
    """Rows of the tables whose needs a mapping meets, by measure."""
    has = set(mapping.variables)
    if mapping.universe.statuses or "labour_status" in has:
        has.add("status")
    found = {}
    for row in rows("tables.csv"):
        is_of_kind = mapping.kind in row["kinds"].split()
        if is_of_kind and has.issuperset(row["needs"].split()):
            found[row["measure"]] = row
    return found


def _specification(
    id: str, row: Mapping[str, str], bases: Mapping[str, Base], mapping: MicrodataMapping
) -> TableSpecification | None:
    flow = facts.by_id("dataflows.csv")[id]
    versions = flow["versions"].split()
    dimensions = []
    fixed = {}
    for dimension in flow["classifications"].split():
        if dimension in _ONE_CODE:
            fixed[dimension] = _ONE_CODE[dimension]
            continue
        found = _dimension(dimension, versions, bases, mapping)
        if found is None:
            return None
        dimensions.append(found)
    value = ""
    if row["statistic"] == "mean":
        persons = employees(bases["employment_status"])
        value = "ear" if row["numerator"] == "earnings" else "how"
    else:
        persons = PERSONS[row["numerator"]]
    base = PERSONS[row["denominator"]] if row["denominator"] else None
    return TableSpecification(
        id,
        row["measure"],
        row["population"],
        row["statistic"],
        persons,
        base,
        tuple(dimensions),
        fixed,
        value,
    )


def _dimension(
    dimension: str,
    versions: Sequence[str],
    bases: Mapping[str, Base],
    mapping: MicrodataMapping,
) -> DimensionLevels | None:
    """Column and levels of a dimension; None where no role has it."""
    if dimension == "AGE":
        if not {"age", "birth_date"} & set(mapping.variables):
            return None
        of_age = [version for version in versions if version.startswith("AGE_")]
        return DimensionLevels("AGE", "band", tuple(age_levels(v) for v in of_age))
    for role, base in bases.items():
        if DIMENSIONS.get(role) != dimension:
            continue
        named = ["SEX"] if dimension == "SEX" else versions
        found = []
        for version in named:
            if version.partition("_")[0] == dimension and (of_version := levels(base, version)):
                found.append(of_version)
        if not found:
            return None
        column = COLUMNS[role]
        is_origin = found[0][0].codes[0].startswith(("CBR_BIR", "CCT_CIT"))
        if is_origin and dimension in COUNTRIES:
            column = {"birth": "b3", "cit": "c3"}[column]
            found = [tuple(_of_three(level) for level in each) for each in found]
        return DimensionLevels(dimension, column, tuple(found))
    return None


def _of_three(level: Level) -> Level:
    """Level of countries for own, other and unknown alone."""
    return Level(level.codes, level.target[:3])


def employees(base: Base) -> PersonsCounted:
    """Employed persons who are employees, in the codes of a status in employment."""
    names = {
        "STE_ICSE93": ("1",),
        "STE_ICSE18": ("41", "42", "43", "44", "49"),
        "STE_ICSE18A": ("D",),
        "STE_AGGREGATE": ("EES",),
    }
    numbers = set()
    for place, code in enumerate(base.codes):
        if code in names.get(base.prefix, ()):
            numbers.add(place)
    return PersonsCounted(_EMPLOYED, {"ste": frozenset(numbers)})
