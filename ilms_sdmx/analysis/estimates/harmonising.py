"""National tables of two by two brought to one year, one age range and one criterion."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ilms_sdmx.analysis.estimates.ratios import odds_ratio
from ilms_sdmx.errors import EstimateError

if TYPE_CHECKING:
    import pandas as pd

#: Counts of a national table.
CELLS = ("migrants", "migrants_active", "non_migrants", "non_migrants_active")
#: Columns that a national table must have; `criterion` and `source` may be left out.
COLUMNS = ("ref_area", "sex", "year", "ages", *CELLS)
#: Criteria in the order in which they are taken: foreign-born wherever they are counted.
CRITERIA = ("birth", "citizenship", "mixed", "unknown")
#: Youngest age of the labour force in the benchmark.
YOUNGEST = 15
_AGES = re.compile(r"(?P<first>\d{1,3})(?:-(?P<last>\d{1,3})|\+)")
_OPEN = 200


@dataclass(frozen=True, slots=True)
class HarmonisedRatio:
    """Odds ratio of a state and sex in the year of the estimate.

    Parameters
    ----------
    ref_area, sex
        Whose it is.
    ratio
        Odds ratio, 1 for equal participation.
    criterion
        By what the national source tells migrants.
    ages
        Ages of the national table.
    years
        Years of the national tables that it is from, one or two.
    source
        National sources, as the tables name them.
    note
        What was done, in words.
    """

    ref_area: str
    sex: str
    ratio: float
    criterion: str
    ages: str
    years: tuple[int, ...]
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class _Table:
    """Table of one state, sex and year from age 15 on."""

    year: int
    ages: str
    source: str
    ratio: float


def harmonised_ratios(
    national: pd.DataFrame, year: int
) -> tuple[list[HarmonisedRatio], list[str]]:
    """Odds ratios of the states in one year, and why others have none.

    Tables by place of birth are taken before those by citizenship. Of two tables around the
    year the logarithm of the ratio is read on the line between them; before the first one and
    after the last one, the nearest ratio holds.

    Raises
    ------
    EstimateError
        A column is missing, or a cell is no number.
    """
    rows = checked(national)
    ratios: list[HarmonisedRatio] = []
    left_out: list[str] = []
    for (area, sex), of_state in rows.groupby(["ref_area", "sex"], sort=True):
        criterion = _best_criterion(of_state["criterion"])
        is_taken = of_state["criterion"] == criterion
        tables = []
        for table_year, of_year in of_state[is_taken].groupby("year", sort=True):
            table, why_not = _table(of_year, int(str(table_year)))
            if table is None:
                left_out.append(f"{area} {sex} {table_year}: {why_not}")
            else:
                tables.append(table)
        if tables:
            ratio = _at_year(tables, year, str(area), str(sex), criterion)
            ratios.append(ratio)
    return ratios, left_out


def checked(national: pd.DataFrame) -> pd.DataFrame:
    """National tables with every column and numbers in the cells.

    Raises
    ------
    EstimateError
        A column is missing, or a cell is no number.
    """
    import pandas as pd

    missing = [name for name in COLUMNS if name not in national]
    if missing:
        raise EstimateError(
            f"expected national tables with {', '.join(COLUMNS)}, found none of "
            f"{', '.join(missing)}: rename or add the columns"
        )
    rows = national.reset_index(drop=True).copy()
    for name in ("criterion", "source"):
        texts = rows[name] if name in rows else pd.Series("", index=rows.index)
        rows[name] = texts.astype("str").replace({"nan": "", "<NA>": ""})
    rows["criterion"] = rows["criterion"].replace("", "unknown")
    _refuse_unknown_criteria(rows["criterion"])
    for name in ("year", *CELLS):
        numbers = pd.to_numeric(rows[name], errors="coerce")
        if numbers.isna().any():
            place = int(numbers.isna().to_numpy().argmax())
            found = rows[name].iloc[place]
            raise EstimateError(
                f"expected a number as {name} of national table {place + 1}, found {found!r}: "
                "leave out tables that are not whole"
            )
        rows[name] = numbers
    return rows


def _refuse_unknown_criteria(criteria: pd.Series[str]) -> None:
    unknown = sorted(set(criteria) - set(CRITERIA))
    if unknown:
        known = ", ".join(CRITERIA)
        raise EstimateError(f"expected a criterion of {known}, found {unknown[0]!r}")


def _best_criterion(criteria: Iterable[str]) -> str:
    """Criterion that comes first of those a state has."""
    return min(criteria, key=CRITERIA.index)


def _table(of_year: pd.DataFrame, year: int) -> tuple[_Table | None, str]:
    """Table of the ages from 15 on, or why there is none."""
    by_ages: dict[str, Mapping[str, Any]] = {}
    for row in of_year.to_dict("records"):
        ages = str(row["ages"]).strip()
        if ages in by_ages:
            return None, f"the ages {ages} come twice"
        by_ages[ages] = {str(name): value for name, value in row.items()}
    taken = ages_from_youngest(list(by_ages))
    if not taken:
        found = ", ".join(by_ages)
        return None, f"no ages begin with {YOUNGEST} ({found})"
    parts = [by_ages[ages] for ages in taken]
    sums = [sum(float(part[cell]) for part in parts) for cell in CELLS]
    ratio = float(odds_ratio(*sums))
    if ratio != ratio:
        return None, "a cell of the table of two by two is empty, so it has no odds ratio"
    first, last = _range(taken[0]), _range(taken[-1])
    ages = f"{YOUNGEST}+" if last[1] == _OPEN else f"{first[0]}-{last[1]}"
    sources = list(dict.fromkeys(str(part["source"]) for part in parts))
    return _Table(year, ages, " and ".join(filter(None, sources)), ratio), ""


def ages_from_youngest(ages: Sequence[str]) -> list[str]:
    """Ages that together begin at 15 and go furthest without a gap; empty for none.

    One row for all is taken before bands that add up to as much.

    >>> ages_from_youngest(["15-24", "25-54", "55-64", "65+", "0-14"])
    ['15-24', '25-54', '55-64', '65+']
    >>> ages_from_youngest(["15-64", "15-24", "16+"])
    ['15-64']
    """
    # Shortest chain of bands that ends before each age.
    chains: dict[int, list[str]] = {YOUNGEST: []}
    for begin in range(YOUNGEST, _OPEN):
        if begin not in chains:
            continue
        for text in ages:
            first, last = _range(text)
            if first != begin or last < first:
                continue
            longer = [*chains[begin], text]
            shortest = chains.get(last + 1)
            if shortest is None or len(longer) < len(shortest):
                chains[last + 1] = longer
    return chains[max(chains)]


def _range(ages: str) -> tuple[int, int]:
    """First and last year of an age range; an open one has no end."""
    match = _AGES.fullmatch(ages.strip())
    if match is None:
        return -1, -2
    last = match["last"]
    return int(match["first"]), int(last) if last else _OPEN


def _at_year(
    tables: Sequence[_Table], year: int, area: str, sex: str, criterion: str
) -> HarmonisedRatio:
    """Ratio in a year, from the tables before and after it."""
    import math

    before = [table for table in tables if table.year <= year]
    after = [table for table in tables if table.year >= year]
    first = before[-1] if before else after[0]
    second = after[0] if after else before[-1]
    ratio = first.ratio
    if first.year != second.year:
        share = (year - first.year) / (second.year - first.year)
        low, high = math.log(first.ratio), math.log(second.ratio)
        ratio = math.exp(low + share * (high - low))
    years = tuple(sorted({first.year, second.year}))
    ages = " and ".join(dict.fromkeys([first.ages, second.ages]))
    source = " and ".join(dict.fromkeys(filter(None, [first.source, second.source])))
    note = _note(years, year, ages, criterion)
    return HarmonisedRatio(area, sex, ratio, criterion, ages, years, source, note)


def _note(years: Sequence[int], year: int, ages: str, criterion: str) -> str:
    """Say what was done to come to the year, and what is not as it should be."""
    parts = [f"odds ratio of the national table of {years[0]}"]
    if len(years) == 2:
        parts = [f"log odds ratio on the line between the tables of {years[0]} and {years[1]}"]
    elif years[0] != year:
        parts.append(f"held for {year}")
    if ages != f"{YOUNGEST}+":
        parts.append(f"its ages are {ages}")
    if criterion != "birth":
        parts.append(f"migrants told by {criterion}")
    return "; ".join(parts)
