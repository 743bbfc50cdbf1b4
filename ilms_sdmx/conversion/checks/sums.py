"""Checks of sums: totals against their parts, hierarchies by indent.

Shares that add up to 100.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.checks.lines import line_up, unvaried, with_labels_of_counts
from ilms_sdmx.conversion.checks.members import CheckedTable, Members
from ilms_sdmx.conversion.checks.sections import SECTION, in_sections
from ilms_sdmx.conversion.checks.totals import Verdicts, compare_constant, compare_totals
from ilms_sdmx.conversion.figures.model import Figures
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.mapping.layout import Check, TableLayout, column
from ilms_sdmx.sums import in_words, places_of, shared_zeros, whole_numbers

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

#: Column of the unit in which a figure is written, where the caller knows it.
UNIT = "written_in"
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
    if UNIT in own.columns:
        names.append(UNIT)
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

    domain = table.chooser.rows(check.where)
    if not check.where:
        domain &= _are_counts(table) | _named(table, check)
    kinds, names = _kinds(table)
    domains = {}
    for number in np.unique(kinds[domain]).tolist():
        if names[number] == Bucket.IGNORE.value:
            continue
        domains[str(names[number])] = domain & (kinds == number)
    percents = domains.get(Bucket.PERCENT.value)
    if check.constant and percents is not None:
        return [percents]
    of_units = []
    for rows in domains.values():
        of_units += _of_each_unit(table, rows)
    return of_units


def _of_each_unit(table: CheckedTable, rows: Rows) -> list[Rows]:
    """Figures by the unit in which they are written, where they have several of them.

    Those that nothing writes are among all where these have one unit, and else among none.
    """
    import pandas as pd

    if UNIT not in table.figures.columns:
        return [rows]
    units = table.figures[UNIT]
    numbers, distinct = pd.factorize(units)
    known = [number for number, unit in enumerate(distinct) if unit]
    present = [number for number in known if (rows & (numbers == number)).any()]
    if len(present) < 2:
        return [rows]
    return [rows & (numbers == number) for number in present]


def _run_sums(
    table: CheckedTable, rows: Rows, of_totals: Rows, layout: TableLayout, check: Check
) -> Verdicts:
    """Verdicts on totals against the figures next to them, or the parts of the check."""
    import numpy as np

    others = _unvaried(table, layout, [*check.total, *check.parts])
    groups = table.groups(others)
    of_parts = _other(table, rows, of_totals)
    if check.parts:
        of_parts = rows & table.chooser.rows(check.parts)
    if check.constant:
        parts = table.figures[of_parts].assign(group=groups[of_parts])
        return compare_constant(table, check, parts)
    totals = _members(table, of_totals, groups)
    parts_of_groups = _members(table, of_parts & np.isin(groups, totals.groups), groups)
    if check.rows:
        totals, parts_of_groups = _in_sections(totals, parts_of_groups, check.rows)
    if not check.parts:
        called = _called(table, layout, check)
        parts_of_groups = _observations_first(parts_of_groups, called)
    return compare_totals(table, check, totals, parts_of_groups)


def _members(table: CheckedTable, rows: Rows, groups: Rows) -> Members:
    """Figures of some rows with their groups."""
    import numpy as np

    places = np.flatnonzero(rows)
    return Members(table, places, groups[places])


def _in_sections(totals: Members, parts: Members, where: str) -> tuple[Members, Members]:
    """Totals and parts whose groups are those of one section."""
    table = totals.table
    of_totals, of_parts = in_sections(totals.frame, parts.frame, where)
    # Totals and parts of no section have the number -1.
    sections = 2 + max([0, *of_totals[SECTION], *of_parts[SECTION]])
    lined = []
    for frame in (of_totals, of_parts):
        groups = frame["group"] * sections + frame[SECTION] + 1
        lined.append(Members.of(table, frame.assign(group=groups)))
    return lined[0], lined[1]


def _unvaried(table: CheckedTable, layout: TableLayout, varied: list[str]) -> tuple[str, ...]:
    """Columns of the headings that must be equal, found once for the same varied headings."""
    key = frozenset(varied)
    if key not in table.unvaried:
        table.unvaried[key] = tuple(unvaried(table.figures, layout, varied))
    return table.unvaried[key]


def _observations_first(parts: Members, called: Rows) -> Members:
    """Parts of each group: its observations, or where it has none all but the subtotals."""
    is_plain = parts.table.is_plain[parts.rows]
    with_plain = parts.are_in(parts.groups[is_plain])
    is_lowest = ~with_plain & ~called[parts.rows]
    with_lowest = parts.are_in(parts.groups[is_lowest])
    without_both = ~(with_plain | with_lowest)
    return parts.only(is_plain | is_lowest | without_both)


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
    return parts & (table.in_roles(_PARTS) | ~_are_counts(table))


def _are_counts(table: CheckedTable) -> Rows:
    """Which figures are counts, which are added to nothing else."""
    return table.in_roles(SUMMED)


def _kinds(table: CheckedTable) -> tuple[Rows, list[str]]:
    """Number of the kind of each figure, and the roles of the kinds; all counts are of one."""
    import numpy as np

    numbers, roles = table.roles
    kinds = [*roles, ""]
    is_count = _are_counts(table)
    return np.where(is_count, len(roles), numbers), kinds


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
    parts = domain[has_parent].assign(node=domain.loc[has_parent, parent])
    totals, parts = line_up(totals, parts, [*others, "node"])
    of_totals = Members.of(table, totals)
    return compare_totals(table, check, of_totals, Members.of(table, parts))
