"""Tables of one shape on many sheets, joined into one table of the draft."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import replace

from ilms_sdmx.drafting.analysis import analyse, in_order, named
from ilms_sdmx.drafting.axes import axis_of
from ilms_sdmx.drafting.begin import begin_of
from ilms_sdmx.drafting.headings import Heading, heading
from ilms_sdmx.drafting.layout import has_pairs
from ilms_sdmx.drafting.model import Analysis, Sum
from ilms_sdmx.drafting.percents import merged
from ilms_sdmx.drafting.sums import by_labels
from ilms_sdmx.drafting.text import comment, quoted
from ilms_sdmx.labels.rows import row_kind
from ilms_sdmx.periods import NO_YEAR, read_period
from ilms_sdmx.tables.separators import Separators
from ilms_sdmx.words.text import folded


def join_sheets(
    analyses: Sequence[Analysis], area: str, languages: tuple[str, ...], way: Separators
) -> list[Analysis]:
    """Analyses in which tables of one shape on several sheets are one; others stay as they are.

    A table is one on several sheets where its headings are the same, it begins with the same words, and
    something tells the sheets apart: the period of their names or titles, or names that are labels.
    """
    groups: dict[Hashable, list[Analysis]] = {}
    seen: Counter[tuple[str, Hashable]] = Counter()
    for analysis in analyses:
        shape = _shape(analysis)
        number = seen[analysis.sheet, shape]
        seen[analysis.sheet, shape] += 1
        groups.setdefault((shape, number), []).append(analysis)
    joined: list[Analysis] = []
    for group in groups.values():
        joined += _join(group, area, languages, way)
    order = {id(a.found): n for n, a in enumerate(analyses)}
    joined.sort(key=lambda a: order[id(a.found)])
    for number, analysis in enumerate(joined, 1):
        analysis.name = f"table_{number}"
    return joined


def _shape(analysis: Analysis) -> Hashable:
    """Say what tables of one shape have in common; periods in the header do not count."""
    found = analysis.found
    stubs = (
        tuple(folded(found.text(found.header[0], c)) for c in found.stubs)
        if found.header
        else ()
    )
    heads = tuple(
        ("period",) if head.role == "period" else tuple(map(folded, head.labels))
        for head in analysis.columns.values()
    )
    stubs = tuple("" if read_period(t).time_period else t for t in stubs)
    return (
        stubs, heads, len(found.stubs), len(found.data) if not heads else 0, bool(found.blocks),
        has_pairs(found), analysis.thousand, analysis.numbering,
    )  # fmt: skip


def _join(
    group: list[Analysis], area: str, languages: tuple[str, ...], way: Separators
) -> list[Analysis]:
    if len(group) < 2 or begin_of([a.found for a in group]).doubt:
        return group
    axis, one = axis_of(group, area, languages)
    if not one:
        return group
    heads = _heads(group, area, languages)
    wanted = [(h.name, h.role) for h in heads]
    if any([(h.name, h.role) for h in a.headings[: len(wanted)]] != wanted for a in group):
        group = [
            analyse(a.found, a.name, (a.titles, a.near), area, languages, way, known=heads)
            for a in group
        ]
    joined = _merged(group, heads)
    joined.axis = axis
    if axis is not None and axis.heading.role == "period":
        _periods(joined, area)
        joined.constant = None
    elif axis is not None:
        _total_sheet(joined, way)
    if len({a.constant.time_period if a.constant else "" for a in group}) > 1:
        joined.constant = None
    return [joined]


def _heads(group: list[Analysis], area: str, languages: tuple[str, ...]) -> list[Heading]:
    """Headings by the labels of all sheets, each with a name of its own."""
    heads: list[Heading] = []
    for place in range(len(group[0].rows) + len(group[0].columns)):
        own = [a.headings[place] for a in group]
        labels = tuple(dict.fromkeys(label for head in own for label in head.labels))
        if len({(h.name, h.role, h.prefix) for h in own}) == 1:
            matches = {t: m for head in own for t, m in head.matches.items()}
            share = sum(h.share * len(h.labels) for h in own) / max(
                sum(len(h.labels) for h in own), 1
            )
            heads.append(replace(own[0], labels=labels, matches=matches, share=share))
        else:
            heads.append(heading(labels, area, languages, above=place >= len(group[0].rows)))
    used: set[str] = set()
    return [named(head, used) for head in heads]


def _merged(group: list[Analysis], heads: list[Heading]) -> Analysis:
    """First of a group with what the others have besides."""
    first, others = group[0], group[1:]
    first.rows = dict(zip(first.rows, heads, strict=False))
    first.columns = dict(zip(first.columns, heads[len(first.rows) :], strict=True))
    roles = {
        (name, label): role
        for a in reversed(group)
        for role in a.roles
        for name, label in [role[:2]]
    }
    first.roles = in_order(roles.values())
    first.sums = _sums(group)
    first.bases = merged(b for a in group for b in a.bases)
    for other in others:
        first.periods |= {
            label: line for label, line in other.periods.items() if label not in first.periods
        }
    first.alike = others
    return first


def _sums(group: list[Analysis]) -> list[Sum]:
    """Add up the sums of all sheets, counted together."""
    found: dict[tuple[str, str], Sum] = {}
    for one in (s for a in group for s in a.sums):
        known = found.get((one.name, one.total))
        if known is None:
            found[one.name, one.total] = one
        else:
            found[one.name, one.total] = Sum(
                one.name, one.total, known.agree + one.agree, known.compared + one.compared,
                known.short and one.short, one.parts,
            )  # fmt: skip
    return list(found.values())


def _periods(joined: Analysis, area: str) -> None:
    """Decide labels of the sheets that do not read alone; months take the year of the sheet."""
    assert joined.axis is not None
    own = [h for h in (*joined.rows.values(), *joined.columns.values()) if h.role == "period"]
    for label in (t for h in own for t in h.labels):
        if read_period(label, area=area).reason == NO_YEAR:
            joined.periods.pop(label, None)
    if own:
        return
    for analysis in (joined, *joined.alike):
        label = _label(joined, analysis)
        period = read_period(label, area=area)
        year = int(analysis.constant.time_period[:4]) if analysis.constant else 0
        if period.time_period:
            continue
        if period.reason == NO_YEAR and year:
            period = read_period(label, area=area, year=year)
            joined.periods[label] = (period.time_period, "decide: the year of the title")
        elif analysis.constant:
            joined.periods[label] = (
                analysis.constant.time_period,
                f"from {analysis.constant.label!r}",
            )
        else:
            joined.periods[label] = ("", f"decide: {period.reason}")


def _label(joined: Analysis, analysis: Analysis) -> str:
    """Label of the axis on one sheet."""
    assert joined.axis is not None
    place = [joined, *joined.alike].index(analysis)
    return joined.axis.heading.labels[place]


def _total_sheet(joined: Analysis, way: Separators) -> None:
    """Name the sheet that is the total of the others, and count the figures that are the sum of theirs."""
    assert joined.axis is not None
    totals = [t for t in joined.axis.heading.labels if row_kind(t).kind == "total"]
    if len(totals) != 1:
        return
    values = {a.sheet: by_labels(a, way) for a in (joined, *joined.alike)}
    total = values.pop(totals[0])
    sums = [
        (amount, sum(own[labels] for own in values.values() if labels in own))
        for labels, amount in total.items()
    ]
    agree = sum(abs(amount - parts) <= 1 for amount, parts in sums)
    joined.roles.append(("sheet", totals[0], "total", ""))
    joined.sums.append(Sum("sheet", totals[0], agree, len(sums)))


def free_headings(analyses: Sequence[Analysis]) -> list[str]:
    """Section `headings` of a draft: labels that stand in names of sheets or in titles."""
    lines: dict[str, None] = {}
    for axis in (a.axis for a in analyses):
        if axis is not None and (axis.sheet or axis.text):
            kind, regex = ("sheet", axis.sheet) if axis.sheet else ("text", axis.text)
            lines[
                f"  - name: {axis.heading.name}{comment(axis.why)}\n    {kind}: {quoted(regex)}"
            ] = None
    return (
        ["headings:", *(part for line in lines for part in line.split("\n")), ""]
        if lines
        else []
    )
