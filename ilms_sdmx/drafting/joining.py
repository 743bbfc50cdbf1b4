"""Tables of one shape on many sheets, joined into one table of the draft."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace

from ilms_sdmx.drafting.analysis import Analysis, Context, analyse
from ilms_sdmx.drafting.arithmetic.amounts import Amounts
from ilms_sdmx.drafting.arithmetic.numbers import Key, numbers_of
from ilms_sdmx.drafting.arithmetic.results import (
    Arithmetic,
    Basis,
    Sum,
    bases_together,
    sums_together,
)
from ilms_sdmx.drafting.arithmetic.sums import counted_sum
from ilms_sdmx.drafting.recognition.axes import Axis, joint_of
from ilms_sdmx.drafting.recognition.beginnings import beginning_of
from ilms_sdmx.drafting.recognition.cells import has_pairs
from ilms_sdmx.drafting.recognition.headed import HeadedTable
from ilms_sdmx.drafting.recognition.headings import Heading, heading_of, named_apart
from ilms_sdmx.drafting.recognition.periods import Decision, TablePeriods
from ilms_sdmx.drafting.recognition.roles import Role, Roles
from ilms_sdmx.labels.rows import row_kind
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.periods import read_period, year_written
from ilms_sdmx.sums import SumComparison, Term, compare
from ilms_sdmx.words.text import folded


def join_sheets(analyses: Sequence[Analysis], context: Context) -> list[Analysis]:
    """Analyses in which tables of one shape on several sheets are one; others stay as they are.

    A table is one on several sheets where its headings are the same, it begins with the same
    words, and something tells the sheets apart: the period of their names or titles, or names
    that are labels.
    """
    joined: list[Analysis] = []
    alone: list[Analysis] = []
    for group in _repeated(analyses):
        if len(group) > 1:
            joined.append(_one_table(group, context, None))
        else:
            alone += group
    for group in _groups(alone):
        joined += _join(group, context)
    order = {analysis.printed: number for number, analysis in enumerate(analyses)}
    joined.sort(key=lambda analysis: order[analysis.printed])
    named: list[Analysis] = []
    for number, analysis in enumerate(joined, 1):
        named.append(replace(analysis, name=f"table_{number}"))
    return named


def _groups(analyses: Sequence[Analysis]) -> list[list[Analysis]]:
    """Analyses of one shape, one of each sheet."""
    groups: dict[Hashable, list[Analysis]] = {}
    seen: Counter[Hashable] = Counter()
    for analysis in analyses:
        shape = _shape(analysis)
        number = seen[analysis.sheet, shape]
        seen[analysis.sheet, shape] += 1
        groups.setdefault((shape, number), []).append(analysis)
    return list(groups.values())


def _shape(analysis: Analysis) -> Hashable:
    """Say what tables of one shape have in common; periods in the header do not count."""
    printed = analysis.printed
    stubs: list[str] = []
    if printed.header:
        for text in map(folded, printed.texts(printed.header[:1], printed.stubs)):
            stubs.append("" if read_period(text).time_period else text)
    heads: list[tuple[str, ...]] = []
    for heading in analysis.columns.values():
        labels = tuple(map(folded, heading.labels))
        heads.append(("period",) if heading.role == "period" else labels)
    columns = 0
    if not heads:
        columns = len(printed.data)
    sizes = (len(printed.stubs), columns, bool(printed.blocks))
    kinds = (has_pairs(printed), analysis.thousand, analysis.table.numbering)
    return tuple(stubs), tuple(heads), sizes, kinds


def _join(group: Sequence[Analysis], context: Context) -> Sequence[Analysis]:
    """One analysis where a group is one table, else the group."""
    printed = [analysis.printed for analysis in group]
    if len(group) < 2 or not beginning_of(printed).is_unique:
        return group
    tables = [analysis.table for analysis in group]
    joint = joint_of(tables, context.area, context.languages)
    if not joint.is_one_table:
        return group
    return [_one_table(group, context, joint.axis)]


def _one_table(group: Sequence[Analysis], context: Context, axis: Axis | None) -> Analysis:
    """One analysis of tables that share their headings."""
    tables = [analysis.table for analysis in group]
    headings = _headings(tables, context)
    if not all(_has_headings(table, headings) for table in tables):
        group = _analysed_with(group, headings, context)
    return _merged(group, headings, axis, context)


def _repeated(analyses: Sequence[Analysis]) -> list[list[Analysis]]:
    """Analyses, those together whose header is that of the table above: a page began there."""
    groups: list[list[Analysis]] = []
    for analysis in analyses:
        if groups and _repeats_header(analysis, groups[-1][0]):
            groups[-1].append(analysis)
        else:
            groups.append([analysis])
    return groups


def _repeats_header(analysis: Analysis, first: Analysis) -> bool:
    """Whether a table has the header of the first one, in any order or with other periods."""
    if analysis.sheet != first.sheet or any(analysis.table.near):
        return False
    corner = _corner(first)
    if not any(corner) or _corner(analysis) != corner:
        return False
    return _heads_in_any_order(analysis) == _heads_in_any_order(first)


def _corner(analysis: Analysis) -> list[str]:
    """Texts of the header over the labels."""
    printed = analysis.printed
    return list(map(folded, printed.texts(printed.header, printed.stubs)))


def _heads_in_any_order(analysis: Analysis) -> list[Hashable]:
    """Labels of each header row, whatever their order; periods do not count."""
    heads: list[Hashable] = [len(analysis.printed.data)]
    for heading in analysis.columns.values():
        labels = frozenset(map(folded, heading.labels))
        heads.append("period" if heading.role == "period" else labels)
    return heads


def _has_headings(table: HeadedTable, headings: Sequence[Heading]) -> bool:
    """Whether the first headings of a table have the names and roles of others."""
    for heading, other in zip(table.headings, headings, strict=False):
        if (heading.name, heading.role) != (other.name, other.role):
            return False
    return len(table.headings) >= len(headings)


def _analysed_with(
    group: Sequence[Analysis], headings: Sequence[Heading], context: Context
) -> list[Analysis]:
    """Analyses of the tables of a group with headings that they share."""
    analyses: list[Analysis] = []
    for analysis in group:
        words = analysis.table.words
        again = analyse(analysis.printed, analysis.name, words, context, known=headings)
        analyses.append(again)
    return analyses


def _headings(tables: Sequence[HeadedTable], context: Context) -> list[Heading]:
    """Headings by the labels of all sheets, each with a name of its own."""
    first = tables[0]
    headings: list[Heading] = []
    for place in range(len(first.rows) + len(first.columns)):
        of_sheets = [table.headings[place] for table in tables]
        above = place >= len(first.rows)
        headings.append(_heading_of_sheets(of_sheets, context, above=above))
    return named_apart(headings)


def _heading_of_sheets(
    headings: Sequence[Heading], context: Context, *, above: bool
) -> Heading:
    """Heading by the labels of all sheets."""
    labels: list[str] = []
    for heading in headings:
        labels += heading.labels
    distinct_labels = tuple(dict.fromkeys(labels))
    kinds = {(heading.name, heading.role, heading.prefix) for heading in headings}
    if len(kinds) > 1:
        return heading_of(distinct_labels, context.area, context.languages, above=above)
    matches = dict(headings[0].matches)
    telling = 0.0
    for heading in headings:
        matches.update(heading.matches)
        telling += heading.share * len(heading.labels)
    share = telling / max(len(labels), 1)
    return replace(headings[0], labels=distinct_labels, matches=matches, share=share)


def _merged(
    group: Sequence[Analysis],
    headings: Sequence[Heading],
    axis: Axis | None,
    context: Context,
) -> Analysis:
    """First of a group with what the others have."""
    first = group[0]
    rows = dict(zip(first.table.rows, headings, strict=False))
    heads = headings[len(rows) :]
    columns = dict(zip(first.table.columns, heads, strict=True))
    table = replace(first.table, rows=rows, columns=columns)
    arithmetic = _arithmetic(group)
    is_axis_of_labels = axis is not None and axis.heading.role != "period"
    if axis is not None and is_axis_of_labels:
        arithmetic = _with_total_sheet(arithmetic, group, axis, context)
    periods = _periods(group, table, axis, context.area)
    others = tuple(group[1:])
    return replace(
        first, table=table, arithmetic=arithmetic, periods=periods, others=others, axis=axis
    )


def _arithmetic(group: Sequence[Analysis]) -> Arithmetic:
    """Arithmetic of all sheets; the role of the first sheet with a label counts."""
    roles: dict[tuple[str, str], Role] = {}
    for analysis in reversed(group):
        for role in analysis.roles:
            roles[role.heading, role.label] = role
    sums: list[Sum] = []
    bases: list[Basis] = []
    for analysis in group:
        sums += analysis.arithmetic.sums
        bases += analysis.arithmetic.bases
    ordered_roles = Roles(tuple(roles.values())).in_order()
    return Arithmetic(ordered_roles, sums_together(sums), bases_together(bases))


def _periods(
    group: Sequence[Analysis], table: HeadedTable, axis: Axis | None, area: str
) -> TablePeriods:
    """Periods of all sheets."""
    decided: dict[str, Decision] = {}
    for analysis in group:
        for label, period in analysis.periods.decided.items():
            decided.setdefault(label, period)
    periods = replace(group[0].periods, decided=decided)
    is_axis_of_time = axis is not None and axis.heading.role == "period"
    if axis is not None and is_axis_of_time:
        decided = _decided_with_axis(group, table, axis, decided, area)
        return replace(periods, decided=decided, constant=None)
    constants = {analysis.periods.constant_period for analysis in group}
    if len(constants) > 1:
        return replace(periods, constant=None)
    return periods


def _decided_with_axis(
    group: Sequence[Analysis],
    table: HeadedTable,
    axis: Axis,
    decided: dict[str, Decision],
    area: str,
) -> dict[str, Decision]:
    """Periods with those of the sheets; months in the table take the year of the sheet."""
    headings = [*table.rows.values(), *table.columns.values()]
    of_time = [heading for heading in headings if heading.role == "period"]
    remaining = dict(decided)
    for heading in of_time:
        for label in heading.labels:
            if read_period(label, area=area).lacks_year:
                remaining.pop(label, None)
    if of_time:
        return remaining
    for label, analysis in zip(axis.heading.labels, group, strict=False):
        period = _period_of_sheet(label, analysis, area)
        if period is not None:
            remaining[label] = period
    return remaining


def _period_of_sheet(label: str, analysis: Analysis, area: str) -> Decision | None:
    """Period of the label of a sheet, None where the label says it alone."""
    period = read_period(label, area=area)
    if period.time_period:
        return None
    constant = analysis.periods.constant
    if constant is None:
        return Decision("", question=period.reason)
    year = year_written(constant.time_period)
    if period.lacks_year and year:
        with_year = read_period(label, area=area, year=year)
        return Decision(with_year.time_period, question="the year of the title")
    return Decision(constant.time_period, f"from {constant.label!r}")


def _with_total_sheet(
    arithmetic: Arithmetic, group: Sequence[Analysis], axis: Axis, context: Context
) -> Arithmetic:
    """Arithmetic with the sheet that is the total of the others, and how many sums agree."""
    labels = axis.heading.labels
    totals = [label for label in labels if row_kind(label).kind == "total"]
    if len(totals) != 1:
        return arithmetic
    total = totals[0]
    parts: dict[Key, list[Term]] = {}
    totals_by_key: Mapping[Key, Term] = {}
    for analysis in group:
        numbers = numbers_of(analysis.table, context.separators)
        terms = Amounts(numbers, analysis.roles).by_labels
        if analysis.sheet == total:
            totals_by_key = terms
            continue
        for key, term in terms.items():
            parts.setdefault(key, []).append(term)
    comparisons: list[SumComparison] = []
    for key, whole in totals_by_key.items():
        comparison = compare(parts.get(key, ()), whole)
        if comparison is not None:
            comparisons.append(comparison)
    role = Role("sheet", total, Bucket.TOTAL)
    one_sum = counted_sum("sheet", total, comparisons)
    return arithmetic.with_roles(role).with_sums(one_sum)
