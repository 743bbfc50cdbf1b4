"""Means: a rate or mean of a total lies between those of its parts, whatever their weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from ilms_sdmx.findings import Finding, find
from ilms_sdmx.sums import allowance
from ilms_sdmx.validation.arithmetic.relations import Relation, additive
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.table import Coded
from ilms_sdmx.validation.rules.listing import listed, number

_RULES = ("sex-sum", "status-sum", "classification-sum")
#: How many times the hours of a part may be those of all: nobody works twice what others do.
_TIMES = 2.0


@dataclass(frozen=True, eq=False)
class Means:
    """Totals of one relation whose rate or mean can be compared with those of all parts.

    Parameters
    ----------
    relation
        The relation.
    rows
        Rows of the totals; the other arrays but `touched` follow it.
    low, high
        Least and greatest figure of the parts.
    tolerance
        What rounding allows.
    touched
        Mask of the rows that take part.
    """

    relation: Relation
    rows: Array
    low: Array
    high: Array
    tolerance: Array
    touched: Array


def evaluate_means(coded: Coded, relations: Sequence[Relation]) -> list[Means]:
    """Rates and means of a table that can be compared."""
    usable = coded.finite & ~additive(coded)
    if not usable.any():
        return []
    related = [relation for relation in relations if relation.rule in _RULES]
    return [_means(coded, relation, usable) for relation in related]


def _means(coded: Coded, relation: Relation, usable: Array) -> Means:
    dimension = relation.dimension
    groups, size = coded.others(dimension)
    part = usable & coded.having(dimension, relation.parts)
    is_needed = part & coded.having(dimension, relation.essential)
    count = np.bincount(groups[is_needed], minlength=size)
    is_complete = count == len(relation.essential)
    all_spans = _spans(coded, groups, part)
    spans = all_spans[is_complete[all_spans.index]]
    is_spanned = np.zeros(size, dtype=bool)
    is_spanned[spans.index] = True
    has_span = is_spanned[groups]
    is_of_total = coded.having(dimension, [relation.total])
    is_total = usable & is_of_total
    total = is_total & has_span
    rows = np.flatnonzero(total)
    of_rows = spans.loc[groups[rows]]
    unit = of_rows["unit"].to_numpy()
    steps = unit + coded.figures.unit[rows]
    tolerance = allowance(steps)
    low = of_rows["low"].to_numpy()
    high = of_rows["high"].to_numpy()
    touched = total | (part & has_span)
    return Means(relation, rows, low, high, tolerance, touched)


def _spans(coded: Coded, groups: Array, part: Array) -> pd.DataFrame:
    """Least and greatest figure of the parts of each group, and their largest rounding unit."""
    value = coded.figures.value[part]
    unit = coded.figures.unit[part]
    group_of_part = groups[part]
    parts = pd.DataFrame({"group": group_of_part, "value": value, "unit": unit})
    by_group = parts.groupby("group")
    return by_group.agg(low=("value", "min"), high=("value", "max"), unit=("unit", "max"))


def find_means_outside(coded: Coded, means: Sequence[Means]) -> Iterator[Finding]:
    """Findings of rates and means that do not lie between those of their parts."""
    for compared in means:
        value = coded.figures.value[compared.rows]
        too_low = value < compared.low - compared.tolerance
        too_high = value > compared.high + compared.tolerance
        outside = np.flatnonzero(too_low | too_high)
        rows = np.sort(compared.rows[outside])
        make = partial(_find_mean, coded, compared)
        yield from listed("rate-between", coded, rows, make)
    yield from _find_far_parts(coded, means)


def _find_far_parts(coded: Coded, means: Sequence[Means]) -> Iterator[Finding]:
    """Findings of mean hours of a part that are far from those of all, whatever its weight."""
    if "MEASURE" not in coded.dimensions:
        return
    levels = coded.levels("MEASURE")
    is_hours = []
    for level in levels:
        is_hours.append(level.startswith("HOW_"))
    hours = coded.where("MEASURE", is_hours)
    total_of_row: dict[int, int] = {}
    for compared in means:
        total_of_row |= _far_parts(coded, compared, hours)
    make = partial(_find_far_part, coded, total_of_row)
    rows = np.array(sorted(total_of_row), dtype=np.int64)
    yield from listed("rate-between", coded, rows, make)


def _far_parts(coded: Coded, means: Means, hours: Array) -> dict[int, int]:
    """Row of each part whose hours are far from those of the total, to the row of the total."""
    dimension = means.relation.dimension
    groups, size = coded.others(dimension)
    total = np.full(size, -1)
    total[groups[means.rows]] = means.rows
    value = coded.figures.value
    is_total = np.zeros(len(coded), dtype=bool)
    is_total[means.rows] = True
    is_hours_tested = means.touched & hours
    rows = np.flatnonzero(is_hours_tested & ~is_total)
    totals = total[groups[rows]]
    most = _TIMES * value[totals]
    is_far = value[rows] > most
    times_larger = _TIMES * value[rows]
    is_far |= times_larger < value[totals]
    far_rows = rows[is_far].tolist()
    far_totals = totals[is_far].tolist()
    return dict(zip(far_rows, far_totals, strict=True))


def _find_far_part(coded: Coded, total_of_row: dict[int, int], row: int) -> Finding:
    total = total_of_row[row]
    place = coded.place(row)
    read = coded.printed(row)
    return find(
        "rate-between",
        place,
        case="far",
        component=coded.measure,
        read=read,
        total=coded.printed(total),
    )


def _find_mean(coded: Coded, means: Means, row: int) -> Finding:
    relation = means.relation
    entry = int(np.searchsorted(means.rows, row))
    least = float(means.low[entry])
    greatest = float(means.high[entry])
    low = number(least, coded, row)
    high = number(greatest, coded, row)
    place = coded.place(row)
    read = coded.printed(row)
    dimension = relation.dimension
    return find(
        "rate-between",
        place,
        component=dimension,
        read=read,
        code=relation.total,
        low=low,
        high=high,
    )
