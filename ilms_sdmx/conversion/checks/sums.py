"""Checks of sums: totals against their parts, hierarchies by indent.

Shares that add up to 100.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.checks.lines import line_up, unvaried
from ilms_sdmx.conversion.checks.sections import SECTION, in_sections
from ilms_sdmx.conversion.checks.totals import (
    CheckedTable,
    Verdicts,
    compare_constant,
    compare_totals,
)
from ilms_sdmx.conversion.figures.model import Figures, chosen
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.mapping.layout import Check, TableLayout, column
from ilms_sdmx.sums import in_words, places_of, shared_zeros, whole_numbers

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

#: Roles of figures that sums are made of, unless a check names others.
SUMMED = (Bucket.OBSERVATION.value, Bucket.TOTAL.value, Bucket.OF_WHICH.value)


def run_checks(figures: Figures, layouts: tuple[TableLayout, ...]) -> Verdicts:
    """Verdicts of every check of every table."""
    several = []
    for layout in layouts:
        if not layout.checks:
            continue
        table = _table(figures.of_table(layout.name), layout)
        if not len(table.figures):
            continue
        for check in layout.checks:
            several.append(_run(table, layout, check))
    return Verdicts.joined(several)


def _table(figures: Figures, layout: TableLayout) -> CheckedTable:
    """Figures of one table with what checks need: headings, place, amount and step."""
    own = figures.frame
    if not len(own):
        return CheckedTable(own, 0)
    steps, rounded_to = _steps(own, layout)
    texts = list(map(str, steps.unique()))
    texts += figures.value.dropna().unique().tolist()
    for check in layout.checks:
        texts += filter(None, (check.rounding, check.constant))
    places = places_of(texts)
    names = [*figures.heading_columns(), "cell", "row", "text", "role"]
    whole_steps = _whole_steps(steps, places, len(own))
    amounts = _whole_amounts(own, places)
    known = figures.has_value.to_numpy()
    needed = own[names].assign(amount=amounts, known=known, step=whole_steps)
    return CheckedTable(needed, places, rounded_to)


def _whole_amounts(own: pd.DataFrame, places: int) -> np.ndarray[Any, np.dtype[Any]]:
    """Values of figures in units of one as whole numbers, 0 where there is none."""
    import numpy as np
    import pandas as pd

    numbers, distinct = pd.factorize(own["value"])
    texts = [*distinct.tolist(), "0"]
    powers = own["multiplier"].to_numpy("int64")
    count = len(powers)
    if not count:
        return whole_numbers(texts, places, 0).take(numbers)
    highest = int(powers.max())
    if powers.min() == highest:
        amounts = whole_numbers(texts, places + highest, count)
        return amounts.take(numbers)
    largest = count * 10**highest
    amounts = whole_numbers(texts, places, largest).take(numbers)
    factors = [10 ** int(power) for power in powers]
    scaled: np.ndarray[Any, np.dtype[Any]] = amounts * np.array(factors, dtype=amounts.dtype)
    return scaled


def _whole_steps(
    steps: pd.Series[float], places: int, terms: int
) -> np.ndarray[Any, np.dtype[Any]]:
    """Steps as whole numbers."""
    import pandas as pd

    numbers, distinct = pd.factorize(steps)
    texts = [f"{step:.{places}f}" for step in distinct]
    return whole_numbers(texts, places, terms).take(numbers)


def _steps(own: pd.DataFrame, layout: TableLayout) -> tuple[pd.Series[float], dict[str, str]]:
    """Rounding step of each figure, and words for the steps that were found by sheet.

    Where all figures of a sheet that are added up are multiples of a power of ten, they are
    rounded to it, unless the mapping says to what they are rounded.
    """
    steps = own["unit"].astype("float64")
    rounded_to: dict[str, str] = {}
    powers = own["multiplier"].astype("float64")
    if layout.rounding:
        return steps, rounded_to
    has_value = own["value"].notna()
    is_summed = has_value & own["role"].isin(SUMMED)
    is_whole = (steps == 0) | (steps == 10.0**powers)
    summed = own.loc[is_summed, "value"]
    for sheet, values in summed.groupby(own["sheet"], sort=False):
        power = shared_zeros(values.tolist())
        if not power:
            continue
        here = is_summed & is_whole & (own["sheet"] == sheet)
        shared_step = 10.0 ** (powers + power)
        steps = steps.where(~here, shared_step)
        rounded_to[str(sheet)] = in_words(power)
    return steps, rounded_to


def _run(table: CheckedTable, layout: TableLayout, check: Check) -> Verdicts:
    """Verdicts of one check of one table."""
    domain = _domain(table.figures, check)
    if check.tree:
        return _run_tree(table, domain, layout, check)
    if not check.total:
        return _run_sums(table, domain, domain.iloc[:0], layout, check)
    totals = domain[chosen(domain, check.total)]
    is_inner = totals["role"] == Bucket.OF_WHICH.value
    if check.parts or not is_inner.any():
        return _run_sums(table, domain, totals, layout, check)
    outer = _run_sums(table, domain, totals[~is_inner], layout, check)
    inner = _run_sums(table, domain, totals[is_inner], layout, check)
    return Verdicts.joined([outer, inner])


def _domain(figures: pd.DataFrame, check: Check) -> pd.DataFrame:
    """Figures that a check may compare.

    Those of its place that count, and those that it names.
    """
    domain = figures[chosen(figures, check.where)]
    if not check.where:
        counts = domain["role"].isin(SUMMED)
        domain = domain[counts | domain.index.isin(_named(domain, check))]
    return domain[domain["role"] != Bucket.IGNORE.value]


def _run_sums(
    table: CheckedTable,
    domain: pd.DataFrame,
    totals: pd.DataFrame,
    layout: TableLayout,
    check: Check,
) -> Verdicts:
    """Verdicts on totals against the figures next to them, or the parts of the check."""
    parts = domain[chosen(domain, check.parts)] if check.parts else _other(domain, totals)
    others = unvaried(table.figures, layout, [*check.total, *check.parts])
    if check.constant:
        _, parts = line_up(parts.iloc[:0], parts, others)
        return compare_constant(table, check, parts)
    if check.rows:
        totals, parts = in_sections(totals, parts, check.rows)
        others = [*others, SECTION]
    totals, parts = line_up(totals, parts, others)
    if not check.parts:
        parts = _observations_first(parts, _called(parts, layout, check))
    return compare_totals(table, check, totals, parts)


def _observations_first(
    parts: pd.DataFrame, called: np.ndarray[Any, np.dtype[Any]]
) -> pd.DataFrame:
    """Parts of each group: its observations, or where it has none all but the subtotals."""
    groups = parts["group"]
    is_plain = parts["role"] == Bucket.OBSERVATION.value
    with_plain = groups.isin(groups[is_plain])
    is_lowest = ~with_plain & ~called
    with_lowest = groups.isin(groups[is_lowest])
    without_both = ~(with_plain | with_lowest)
    kept: pd.DataFrame = parts[is_plain | is_lowest | without_both]
    return kept


def _called(
    parts: pd.DataFrame, layout: TableLayout, check: Check
) -> np.ndarray[Any, np.dtype[Any]]:
    """Figures that a rule calls totals or parts of parts by the headings that a check varies.

    In a column of totals every figure is a total; the subtotals of regions are still no parts.
    """
    import numpy as np

    called = np.zeros(len(parts), dtype=bool)
    for rule in layout.rules:
        is_total = rule.bucket in {Bucket.TOTAL.value, Bucket.OF_WHICH.value}
        if is_total and rule.where.keys() <= check.total.keys():
            called |= chosen(parts, rule.where)
    return called


def _named(domain: pd.DataFrame, check: Check) -> pd.Index:
    """Index of the figures of any role that a check names by label on both sides."""
    if not check.parts:
        return domain.index[:0]
    named = chosen(domain, check.parts)
    if check.total:
        named |= chosen(domain, check.total)
    return domain.index[named]


def _other(domain: pd.DataFrame, totals: pd.DataFrame) -> pd.DataFrame:
    """All that is neither the total nor of which: observations, or without any, other totals.

    Where every total is itself of which (all women, of all workers), so are its parts.
    """
    parts = domain[~domain.index.isin(totals.index)]
    of_which = Bucket.OF_WHICH.value
    if len(totals) and (totals["role"] == of_which).all():
        return parts[parts["role"] == of_which]
    return parts[parts["role"].isin([Bucket.OBSERVATION.value, Bucket.TOTAL.value])]


def _run_tree(
    table: CheckedTable, domain: pd.DataFrame, layout: TableLayout, check: Check
) -> Verdicts:
    """Verdicts on each label against the sum of those one level below it."""
    name = column(check.tree)
    parent = column(f"{check.tree}.parent")
    if parent not in domain.columns:
        return Verdicts()
    others = unvaried(domain, layout, [check.tree])
    is_parent = domain[name].isin(domain[parent])
    totals = domain[is_parent].assign(node=domain.loc[is_parent, name])
    has_parent = domain[parent] != ""
    parts = domain[has_parent].assign(node=domain.loc[has_parent, parent])
    totals, parts = line_up(totals, parts, [*others, "node"])
    return compare_totals(table, check, totals, parts)
