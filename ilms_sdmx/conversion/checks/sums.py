"""Checks of sums: totals against their parts, hierarchies by indent.

Shares that add up to 100.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.checks.lines import line_up, unvaried, with_labels_of_counts
from ilms_sdmx.conversion.checks.sections import SECTION, in_sections
from ilms_sdmx.conversion.checks.totals import (
    CheckedTable,
    Verdicts,
    compare_constant,
    compare_totals,
)
from ilms_sdmx.conversion.figures.model import Figures
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.mapping.layout import Check, TableLayout, column
from ilms_sdmx.sums import in_words, places_of, shared_zeros, whole_numbers

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

#: Columns of the figures that checks need besides their headings.
_KEPT = ("cell", "row", "column_number", "text", "role", "bound")
#: Truth values, one for each figure of a table.
Rows = Any
#: Roles of the parts of a total that is not itself of which.
_PARTS = (Bucket.OBSERVATION.value, Bucket.TOTAL.value)
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
    summed_as = own["summed_as"]
    own = own.assign(role=summed_as)
    names = [*figures.heading_columns(), *_KEPT]
    whole_steps = _whole_steps(steps, places, len(own))
    amounts = _whole_amounts(own, places)
    known = figures.has_value.to_numpy()
    needed = own[names].assign(amount=amounts, known=known, step=whole_steps)
    needed = with_labels_of_counts(needed, layout)
    return CheckedTable(needed, places, rounded_to)


def _whole_amounts(own: pd.DataFrame, places: int) -> np.ndarray[Any, np.dtype[Any]]:
    """Values of figures in units of one as whole numbers, 0 where there is none."""
    import numpy as np
    import pandas as pd

    value = own["value"]
    numbers, distinct = pd.factorize(value)
    texts = [*distinct.tolist(), "0"]
    multiplier = own["multiplier"]
    powers = multiplier.to_numpy("int64")
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
    multipliers = np.array(factors, dtype=amounts.dtype)
    scaled: np.ndarray[Any, np.dtype[Any]] = amounts * multipliers
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
    unit = own["unit"]
    steps = unit.astype("float64")
    rounded_to: dict[str, str] = {}
    multiplier = own["multiplier"]
    powers = multiplier.astype("float64")
    if layout.rounding:
        return steps, rounded_to
    has_value = own["value"].notna()
    role = own["role"]
    is_summed = has_value & role.isin(SUMMED)
    one_unit = 10.0**powers
    is_whole = (steps == 0) | (steps == one_unit)
    summed = own.loc[is_summed, "value"]
    sheets = own["sheet"]
    for sheet, values in summed.groupby(sheets, sort=False):
        power = shared_zeros(values.tolist())
        if not power:
            continue
        is_of_sheet = own["sheet"] == sheet
        here = is_summed & is_whole & is_of_sheet
        shared_step = 10.0 ** (powers + power)
        steps = steps.where(~here, shared_step)
        rounded_to[str(sheet)] = in_words(power)
    return steps, rounded_to


def _run(table: CheckedTable, layout: TableLayout, check: Check) -> Verdicts:
    """Verdicts of one check of one table: counts and percents are never added to each other."""
    several = []
    for rows in _domains(table, check):
        several.append(_run_in(table, rows, layout, check))
    return Verdicts.joined(several)


def _run_in(table: CheckedTable, rows: Rows, layout: TableLayout, check: Check) -> Verdicts:
    """Verdicts of one check on figures of one kind."""
    if check.tree:
        return _run_tree(table, table.figures[rows], layout, check)
    if not check.total:
        no_rows = ~rows & rows
        return _run_sums(table, rows, no_rows, layout, check)
    totals = rows & table.chooser.rows(check.total)
    is_inner = table.is_of_which & totals
    if check.parts or not is_inner.any():
        return _run_sums(table, rows, totals, layout, check)
    outer_totals = totals & ~is_inner
    outer = _run_sums(table, rows, outer_totals, layout, check)
    inner = _run_sums(table, rows, is_inner, layout, check)
    return Verdicts.joined([outer, inner])


def _domains(table: CheckedTable, check: Check) -> list[Rows]:
    """Figures that a check may compare, those of each kind for themselves.

    Those of its place that count, and those that it names.
    """
    import numpy as np
    import pandas as pd

    roles = table.figures["role"]
    is_summed = roles.isin(SUMMED).to_numpy()
    domain = table.chooser.rows(check.where)
    if not check.where:
        domain &= is_summed | _named(table, check)
    domain &= (roles != Bucket.IGNORE.value).to_numpy()
    roles_of_rest = roles.where(~is_summed, "")
    kinds, names = pd.factorize(roles_of_rest)
    domains = {}
    for number in np.unique(kinds[domain]).tolist():
        is_of_kind = kinds == number
        domains[str(names[number])] = domain & is_of_kind
    percents = domains.get(Bucket.PERCENT.value)
    if check.constant and percents is not None:
        return [percents]
    return list(domains.values())


def _run_sums(
    table: CheckedTable, rows: Rows, of_totals: Rows, layout: TableLayout, check: Check
) -> Verdicts:
    """Verdicts on totals against the figures next to them, or the parts of the check."""
    others = _unvaried(table, layout, [*check.total, *check.parts])
    groups = table.groups(others)
    of_parts = _other(table, rows, of_totals)
    if check.parts:
        of_parts = rows & table.chooser.rows(check.parts)
    figures_of_parts = table.figures[of_parts]
    parts = figures_of_parts.assign(group=groups[of_parts])
    if check.constant:
        return compare_constant(table, check, parts)
    figures_of_totals = table.figures[of_totals]
    totals = figures_of_totals.assign(group=groups[of_totals])
    if check.rows:
        totals, parts = _in_sections(totals, parts, check.rows)
    if not check.parts:
        called = table.figures.index[_called(table, layout, check)]
        parts = _observations_first(parts, parts.index.isin(called))
    return compare_totals(table, check, totals, parts)


def _in_sections(
    totals: pd.DataFrame, parts: pd.DataFrame, where: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Totals and parts whose groups are those of one section."""
    totals, parts = in_sections(totals, parts, where)
    # Totals and parts of no section have the number -1.
    section_numbers = [0, *totals[SECTION], *parts[SECTION]]
    sections = 2 + max(section_numbers)
    first_of_totals = totals["group"] * sections
    lined_totals = totals.assign(group=first_of_totals + totals[SECTION] + 1)
    first_of_parts = parts["group"] * sections
    lined_parts = parts.assign(group=first_of_parts + parts[SECTION] + 1)
    return lined_totals, lined_parts


def _unvaried(table: CheckedTable, layout: TableLayout, varied: list[str]) -> tuple[str, ...]:
    """Columns of the headings that must be equal, found once for the same varied headings."""
    key = frozenset(varied)
    if key not in table.unvaried:
        table.unvaried[key] = tuple(unvaried(table.figures, layout, varied))
    return table.unvaried[key]


def _observations_first(parts: pd.DataFrame, called: Rows) -> pd.DataFrame:
    """Parts of each group: its observations, or where it has none all but the subtotals."""
    groups = parts["group"]
    role = parts["role"]
    is_plain = role == Bucket.OBSERVATION.value
    with_plain = groups.isin(groups[is_plain])
    is_lowest = ~with_plain & ~called
    with_lowest = groups.isin(groups[is_lowest])
    without_both = ~(with_plain | with_lowest)
    is_wanted = is_plain | is_lowest | without_both
    kept: pd.DataFrame = parts[is_wanted]
    return kept


def _called(table: CheckedTable, layout: TableLayout, check: Check) -> Rows:
    """Figures that a rule calls totals or parts of parts by the headings that a check varies.

    In a column of totals every figure is a total; the subtotals of regions are still no parts.
    """
    import numpy as np

    called = np.zeros(len(table.figures), dtype=bool)
    for rule in layout.rules:
        buckets_of_totals = {Bucket.TOTAL.value, Bucket.OF_WHICH.value}
        is_total = rule.bucket in buckets_of_totals
        total_keys = check.total.keys()
        if is_total and rule.where.keys() <= total_keys:
            called |= table.chooser.rows(rule.where)
    return called


def _named(table: CheckedTable, check: Check) -> Rows:
    """Figures of any role that a check names by label on both sides."""
    import numpy as np

    if not check.parts:
        return np.zeros(len(table.figures), dtype=bool)
    named = table.chooser.rows(check.parts)
    if check.total:
        named |= table.chooser.rows(check.total)
    return named


def _other(table: CheckedTable, rows: Rows, totals: Rows) -> Rows:
    """All that is neither the total nor of which: observations, or without any, other totals.

    Where every total is itself of which (all women, of all workers), so are its parts.
    """
    parts = rows & ~totals
    is_inner = table.is_of_which & totals
    if is_inner.any() and (is_inner == totals).all():
        return parts & table.is_of_which
    role = table.figures["role"]
    is_part = role.isin(_PARTS).to_numpy()
    are_counts = _are_counts(table)
    return parts & (is_part | ~are_counts)


def _are_counts(table: CheckedTable) -> Rows:
    """Which figures are counts, which are added to nothing else."""
    role = table.figures["role"]
    return role.isin(SUMMED).to_numpy()


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
    parents = domain.loc[is_parent, name]
    totals = domain[is_parent].assign(node=parents)
    has_parent = domain[parent] != ""
    parents_of_children = domain.loc[has_parent, parent]
    parts = domain[has_parent].assign(node=parents_of_children)
    keys = [*others, "node"]
    totals, parts = line_up(totals, parts, keys)
    return compare_totals(table, check, totals, parts)
