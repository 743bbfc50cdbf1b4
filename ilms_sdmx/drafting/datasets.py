"""The `datasets` section of a draft: dataflows of ILO proposed, and data sets of the office's own."""

from __future__ import annotations

import re

from ilms_sdmx.drafting.components import (
    Drafted,
    choice,
    coded,
    counts,
    frequency_lines,
    is_share,
    sex_line,
    time_lines,
)
from ilms_sdmx.drafting.headings import Heading
from ilms_sdmx.drafting.layout import needs_sex
from ilms_sdmx.drafting.model import Analysis
from ilms_sdmx.drafting.national import national
from ilms_sdmx.drafting.targets import Target, propose, topics
from ilms_sdmx.drafting.text import comment, quoted
from ilms_sdmx.drafting.titles import period_constant
from ilms_sdmx.labels.rows import row_kind


def draft_datasets(
    analyses: list[Analysis], area: str, office: str, languages: tuple[str, ...]
) -> Drafted:
    """Draft one data set for each dataflow of ILO, and a national one for each table that needs it."""
    drafted = Drafted(constants={a.name: period_constant(a, analyses) for a in analyses})
    targets = {a.name: _target(a) for a in analyses}
    groups: dict[str, list[Analysis]] = {}
    for analysis in analyses:
        target = targets[analysis.name]
        if target is not None and _total_where(analysis, target) is not None:
            groups.setdefault(target.dataflow, []).append(analysis)
    sexed = {a.name for a in analyses if needs_sex(a)}
    for group in groups.values():
        target = targets[group[0].name]
        assert target is not None
        _ilo(drafted, group, target, area, languages, sexed)
    for analysis in analyses:
        if _extras(analysis, targets[analysis.name]) or not any(
            analysis in g for g in groups.values()
        ):
            national(drafted, analysis, area, office, languages)
    return drafted


def _target(analysis: Analysis) -> Target | None:
    found = analysis.found
    heads = [found.text(r, c) for r in found.header for c in (*found.stubs, *found.data)]
    prefixes = {h.role: h.prefix for h in analysis.headings}
    near = propose([*analysis.near, *heads], prefixes)
    return near or propose([*analysis.titles, analysis.sheet, *heads], prefixes)


def _used(target: Target | None) -> set[str]:
    """Roles of headings that a dataflow has a dimension for."""
    roles = {"sex", "period", "measure", "number"}
    if target is not None:
        roles |= {"country"} if target.partner[0] else set()
        roles |= {target.breakdown[2]} if target.breakdown[0] else set()
        roles |= (
            {"citizenship"} if "_CCT_" in target.dataflow and target.breakdown[0] else set()
        )
    return roles


def _extras(analysis: Analysis, target: Target | None) -> list[Heading]:
    second = [h for c, h in analysis.rows.items() if c > max(analysis.found.data)]
    return [h for h in analysis.headings if h.role not in _used(target) and h not in second]


def _total_where(analysis: Analysis, target: Target) -> dict[str, list[str]] | None:
    """Labels of totals of breakdowns that a dataflow lacks, of foreigners where it counts them; else None."""
    where = {}
    for head in _extras(analysis, target):
        totals = [
            lb for n, lb, bucket, _ in analysis.roles if n == head.name and bucket == "total"
        ]
        if head.role == "citizenship":
            totals = [
                lb for lb, match in head.matches.items() if match.code == "CCT_CIT_NONCIT"
            ]
        totals = _foreign(analysis, head) or totals or _blank_of_total(analysis, head)
        if not totals:
            return None
        where[head.name] = totals[:1]
    return where | counts(analysis)


def _blank_of_total(analysis: Analysis, head: Heading) -> list[str]:
    """Blank label where a header row says nothing below each total of another: it is of all of them."""
    rows = {h.name: analysis.found.head(r) for r, h in analysis.columns.items()}
    own = rows.pop(head.name, {})
    totals = {(name, label) for name, label, bucket, _ in analysis.roles if bucket == "total"}
    extras = {
        h.name for h in analysis.columns.values() if h.role not in {"sex", "period", "measure"}
    }
    pairs = [
        (name, c, text)
        for name, texts in rows.items()
        if name in extras
        for c, text in texts.items()
    ]
    below = [own.get(c, "-") for name, c, text in pairs if (name, text) in totals]
    return [""] if below and not any(below) else []


def _foreign(analysis: Analysis, head: Heading) -> list[str]:
    """Labels that alone count foreigners: `Non-local` beside `Local` and `Total`, whatever the title says.

    Among many labels of a table of foreigners, one that says so too is but one kind of them.
    """
    labels = [t for t in head.labels if not is_share(analysis, head, t)]
    foreign = [t for t in labels if "here" in topics([t])]
    others = [t for t in labels if t not in foreign and row_kind(t).kind != "total"]
    if len(others) > 2 and "here" in topics(analysis.titles):
        return []
    return foreign if foreign and others and head.role == "category" else []


def _where(group: list[Analysis], target: Target) -> list[str]:
    """Line that takes only totals of what the dataflow lacks; tables without the heading are taken whole."""
    wanted: dict[str, list[str]] = {}
    for analysis in group:
        for name, labels in (_total_where(analysis, target) or {}).items():
            wanted[name] = list(dict.fromkeys([*wanted.get(name, []), *labels]))
    periods = [a.heading_of("period") for a in group]
    sums = [t for head in periods if head for t in head.labels if row_kind(t).kind == "total"]
    if not wanted and sums:
        words = "|".join(dict.fromkeys(map(re.escape, sums)))
        return [
            f"    where: {{period: {quoted(f'/^(?!({words})$)/')}}}  # a total over periods is none"
        ]
    if not wanted:
        return []
    whole = {n for n in wanted if any(n not in {h.name for h in a.headings} for a in group)}
    parts = [choice(n, t, n in whole) for n, t in wanted.items()]
    return ["    where: {" + ", ".join(parts) + "}"]


def _ilo(
    drafted: Drafted,
    group: list[Analysis],
    target: Target,
    area: str,
    languages: tuple[str, ...],
    sexed: set[str],
) -> None:
    lines = [
        f"  - dataflow: {target.dataflow}{comment('decide: words ' + ', '.join(target.evidence))}"
    ]
    lines.append(f"    tables: [{', '.join(a.name for a in group)}]")
    lines += _where(group, target)
    lines += [
        "    components:",
        f"      REF_AREA: {area}{comment('' if area != 'decide' else 'decide: which country?')}",
    ]
    lines += [f"      {line}" for line in frequency_lines(drafted, group)]
    lines.append(f"      MEASURE: {target.measure}")
    lines.append("      " + sex_line(drafted, group, sexed))
    lines += ["      " + line for line in _dimensions(drafted, group, target, languages)]
    lines += [f"      {line}" for line in time_lines(group)]
    lines += ["      UNIT_MEASURE_TYPE: NB", "      UNIT_MEASURE: PS", "      UNIT_MULT: 3"]
    drafted.datasets += lines


def _dimensions(
    drafted: Drafted, group: list[Analysis], target: Target, languages: tuple[str, ...]
) -> list[str]:
    lines = []
    dimension, prefix, role = target.breakdown
    if dimension:
        lines.append(coded(drafted, group, dimension, prefix, role, languages))
    if "_CCT_" in target.dataflow and target.breakdown[0]:
        fixed = dict(target.fixed).get("CCT")
        lines.append(
            f"CCT: {fixed}"
            if fixed
            else coded(drafted, group, "CCT", "CCT_CIT_", "citizenship", languages)
        )
    if target.partner[0]:
        lines.append(
            coded(drafted, group, target.partner[0], target.partner[1], "country", languages)
        )
    return lines
