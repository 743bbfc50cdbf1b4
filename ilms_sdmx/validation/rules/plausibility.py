"""Rules on single figures: signs, shares of a whole, parts of persons, years as figures."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from ilms_sdmx.findings import Finding, find
from ilms_sdmx.periods import parse_period
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.table import Coded
from ilms_sdmx.validation.rules.listing import affected, listed

#: Shares of a whole, in per cent; other rates (growth, indices) may be above 100.
_SHARES = ("EAP_DWAP_RT", "EMP_DWAP_RT", "EIP_DWAP_RT", "UNE_DEAP_RT", "EIP_NEET_RT")
_PERSONS = ("PS", "PER", "PERS")
#: Hours that a week has, and of fourteen on every day.
_WEEK, _LONG_WEEK = 168, 98
#: What floating point may leave of a whole number of persons.
_WHOLE = 1e-4
#: Eras in which a figure may be its own year (Gregorian, Buddhist, Solar Hijri), how many must
#: be, and which share of the figures of their area and period, for a large table has such
#: figures by chance.
_ERAS, _YEARS, _YEAR_SHARE = (0, 543, -621), 2, 0.1


def find_implausible_figures(coded: Coded) -> Iterator[Finding]:
    """Findings of every rule on single figures."""
    values = coded.figures.value
    shares = _having(coded, "MEASURE", _SHARES)
    persons = _having(coded, "UNIT_MEASURE", _PERSONS)
    counts = _counts(coded)
    with np.errstate(invalid="ignore"):
        is_not_of_change = counts | shares | persons
        is_negative = (values < 0) & is_not_of_change
        is_above_hundred = (values > 100) & shares
    yield from _find_figures(coded, "negative-value", is_negative)
    yield from _find_figures(coded, "rate-above-hundred", is_above_hundred)
    yield from _find_parts_of_persons(coded, persons | counts)
    yield from _find_long_weeks(coded)
    if coded.time:
        years_as_values = _years_as_values(coded)
        yield from _find_figures(coded, "year-as-value", years_as_values)


def _find_figures(coded: Coded, rule: str, mask: Array, case: str = "") -> Iterator[Finding]:
    rows = np.flatnonzero(mask)
    make = partial(_find_figure, coded, rule, case)
    yield from listed(rule, coded, rows, make)


def _find_figure(coded: Coded, rule: str, case: str, row: int) -> Finding:
    place = coded.place(row)
    read = coded.printed(row)
    return find(rule, place, case=case, component=coded.measure, read=read)


def _find_long_weeks(coded: Coded) -> Iterator[Finding]:
    """Findings of mean weekly hours that a week does not have, or hardly has."""
    if "MEASURE" not in coded.dimensions:
        return
    levels = coded.levels("MEASURE")
    is_hours = []
    for level in levels:
        is_hours.append(level.startswith("HOW_"))
    hours = coded.where("MEASURE", is_hours)
    with np.errstate(invalid="ignore"):
        is_impossible = hours & (coded.figures.value > _WEEK)
        is_above_long_week = coded.figures.value > _LONG_WEEK
        is_long = hours & ~is_impossible & is_above_long_week
    yield from _find_figures(coded, "hours-above-week", is_impossible)
    yield from _find_figures(coded, "hours-above-week", is_long, case="long")


def _having(coded: Coded, column: str, texts: tuple[str, ...]) -> Array:
    """Mask of the rows that have one of some texts; none where there is no such column."""
    if not coded.has(column):
        return np.zeros(len(coded), dtype=bool)
    return coded.having(column, texts)


def _counts(coded: Coded) -> Array:
    """Mask of the rows whose measure counts: all of ILO's numbers."""
    if "MEASURE" not in coded.dimensions:
        return np.zeros(len(coded), dtype=bool)
    levels = coded.levels("MEASURE")
    is_count = []
    for level in levels:
        is_count.append(level.endswith("_NB"))
    return coded.where("MEASURE", is_count)


def _find_parts_of_persons(coded: Coded, persons: Array) -> Iterator[Finding]:
    """Findings of areas and periods with parts of persons, where UNIT_MULT says their unit."""
    if not coded.has("UNIT_MULT"):
        return
    levels = coded.levels("UNIT_MULT")
    states_unit = []
    for level in levels:
        states_unit.append(level != "")
    has_unit = coded.where("UNIT_MULT", states_unit)
    counted = coded.finite & persons & has_unit
    values = np.where(counted, coded.figures.value, 0.0)
    whole = np.round(values)
    beyond_whole = np.abs(values - whole)
    odd_rows = np.flatnonzero(beyond_whole > _WHOLE)
    columns = coded.among("REF_AREA", "MEASURE", coded.time)
    block, _ = coded.groups(columns)
    _, first = np.unique(block[odd_rows], return_index=True)
    first_rows = np.sort(odd_rows[first])
    make = partial(_find_part_of_person, coded, odd_rows, block)
    yield from listed("part-of-person", coded, first_rows, make)


def _find_part_of_person(coded: Coded, odd_rows: Array, block: Array, row: int) -> Finding:
    place = coded.place(row)
    read = coded.printed(row)
    persons = f"{coded.figures.value[row]:.10g}"
    in_same_block = block[odd_rows] == block[row]
    rows_of_block = odd_rows[in_same_block]
    count = len(rows_of_block)
    affects = affected(coded, rows_of_block, count)
    unit = coded.text("UNIT_MULT", row)
    case = ""
    if unit == "0":
        case = "thousands"
    return find(
        "part-of-person",
        place,
        case=case,
        component=coded.measure,
        read=read,
        affects=affects,
        persons=persons,
    )


def _years_as_values(coded: Coded) -> Array:
    """Mask of the figures that are their own year, in the Gregorian count or another."""
    levels = coded.levels(coded.time)
    years = []
    for level in levels:
        years.append(_year(level))
    times = coded.codes(coded.time)
    year_of_level = np.array([*years, np.nan])
    year = year_of_level[times]
    scale = coded.figures.scale
    values = coded.figures.value / scale
    is_year = np.zeros(len(coded), dtype=bool)
    for era in _ERAS:
        is_year |= values == year + era
    is_year &= coded.finite
    in_block = _is_frequent(is_year, coded.finite, coded.blocks(), _YEAR_SHARE)
    groups = coded.others(coded.time)
    in_series = _is_frequent(is_year, coded.finite, groups, 1)
    return is_year & (in_block | in_series)


def _year(text: str) -> float:
    """Year of a period, NaN where it is none."""
    period = parse_period(text)
    if period is None:
        return float("nan")
    return float(period.year)


def _is_frequent(mask: Array, among: Array, groups: tuple[Array, int], share: float) -> Array:
    """Mask of the groups with enough marked rows, and such a share of the rows of `among`."""
    group, size = groups
    count = np.bincount(group[mask], minlength=size)
    of_all = np.bincount(group[among], minlength=size)
    has_share = count >= share * of_all
    is_frequent: Array = (count >= _YEARS) & has_share
    return is_frequent[group]
