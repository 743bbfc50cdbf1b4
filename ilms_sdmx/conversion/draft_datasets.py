"""The `codes` and `datasets` sections of a draft: dataflows proposed, labels matched where certain."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ilms_sdmx.conversion.draft_analysis import frequency
from ilms_sdmx.conversion.draft_codes import CodeMap
from ilms_sdmx.conversion.draft_headings import Heading
from ilms_sdmx.conversion.draft_layout import needs_sex
from ilms_sdmx.conversion.draft_model import Analysis
from ilms_sdmx.conversion.draft_targets import Target, propose, topics
from ilms_sdmx.conversion.draft_text import comment, pattern, quoted, slug
from ilms_sdmx.conversion.draft_titles import period_constant
from ilms_sdmx.labels.matching import LabelMatch, match_label
from ilms_sdmx.labels.rows import row_kind
from ilms_sdmx.tables.periods import read_period

_SEXES = (("total", "SEX_T"), ("women", "SEX_F"), ("men", "SEX_M"))


@dataclass(eq=False)
class Drafted:
    """Data sets and code maps of a draft.

    `constants` are headings that single tables must set for the data sets they share.
    """

    codes: dict[str, CodeMap] = field(default_factory=dict)
    datasets: list[str] = field(default_factory=list)
    constants: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)


def draft_datasets(analyses: list[Analysis], area: str, office: str, languages: tuple[str, ...]) -> Drafted:
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
        if _extras(analysis, targets[analysis.name]) or not any(analysis in g for g in groups.values()):
            _national(drafted, analysis, area, office, languages)
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
        roles |= {"citizenship"} if "_CCT_" in target.dataflow and target.breakdown[0] else set()
    return roles


def _extras(analysis: Analysis, target: Target | None) -> list[Heading]:
    second = [h for c, h in analysis.rows.items() if c > max(analysis.found.data)]
    return [h for h in analysis.headings if h.role not in _used(target) and h not in second]


def _total_where(analysis: Analysis, target: Target) -> dict[str, list[str]] | None:
    """Labels of totals of breakdowns that a dataflow lacks, of foreigners where it counts them; else None."""
    where = {}
    for head in _extras(analysis, target):
        totals = [lb for n, lb, bucket, _ in analysis.roles if n == head.name and bucket == "total"]
        if head.role == "citizenship":
            totals = [lb for lb, match in head.matches.items() if match.code == "CCT_CIT_NONCIT"]
        totals = _foreign(analysis, head) or totals
        if not totals:
            return None
        where[head.name] = totals[:1]
    return where | _counts(analysis)


def _counts(analysis: Analysis) -> dict[str, list[str]]:
    """Labels of the rows that count where all others are shares, with their total of 100."""
    shared = {name for name, label, *_ in analysis.roles if label == "/./"}
    counts = [(n, lb) for n, lb, _, why in analysis.roles if n in shared and "a count" in why]
    return {name: [lb for n, lb in counts if n == name] for name in shared}


def _foreign(analysis: Analysis, head: Heading) -> list[str]:
    """Labels that alone count foreigners: `Non-local` beside `Local` and `Total`, whatever the title says."""
    labels = [t for t in head.labels if not _is_share(analysis, head, t)]
    foreign = [t for t in labels if "here" in topics([t])]
    others = [t for t in labels if t not in foreign and row_kind(t).kind != "total"]
    return foreign if foreign and others and head.role == "category" else []


def _choice(name: str, labels: list[str], or_none: bool) -> str:
    texts = [*map(pattern, labels), *(['""'] if or_none else [])]
    return f"{name}: [{', '.join(texts)}]"


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
        return [f"    where: {{period: {quoted(f'/^(?!({words})$)/')}}}  # a total over periods is none"]
    if not wanted:
        return []
    whole = {n for n in wanted if any(n not in {h.name for h in a.headings} for a in group)}
    parts = [_choice(n, t, n in whole) for n, t in wanted.items()]
    return ["    where: {" + ", ".join(parts) + "}"]


def _ilo(
    drafted: Drafted,
    group: list[Analysis],
    target: Target,
    area: str,
    languages: tuple[str, ...],
    sexed: set[str],
) -> None:
    lines = [f"  - dataflow: {target.dataflow}{comment('decide: words ' + ', '.join(target.evidence))}"]
    lines.append(f"    tables: [{', '.join(a.name for a in group)}]")
    lines += _where(group, target)
    lines += [
        "    components:",
        f"      REF_AREA: {area}{comment('' if area != 'decide' else 'decide: which country?')}",
    ]
    lines += [f"      {line}" for line in _frequency(drafted, group)]
    lines.append(f"      MEASURE: {target.measure}")
    lines.append("      " + _sex(drafted, group, sexed))
    lines += ["      " + line for line in _dimensions(drafted, group, target, languages)]
    lines += [f"      {line}" for line in _time(group)]
    lines += ["      UNIT_MEASURE_TYPE: NB", "      UNIT_MEASURE: PS", "      UNIT_MULT: 3"]
    drafted.datasets += lines


def _dimensions(
    drafted: Drafted, group: list[Analysis], target: Target, languages: tuple[str, ...]
) -> list[str]:
    lines = []
    dimension, prefix, role = target.breakdown
    if dimension:
        lines.append(_coded(drafted, group, dimension, prefix, role, languages))
    if "_CCT_" in target.dataflow and target.breakdown[0]:
        fixed = dict(target.fixed).get("CCT")
        lines.append(
            f"CCT: {fixed}" if fixed else _coded(drafted, group, "CCT", "CCT_CIT_", "citizenship", languages)
        )
    if target.partner[0]:
        lines.append(_coded(drafted, group, target.partner[0], target.partner[1], "country", languages))
    return lines


def _coded(
    drafted: Drafted,
    group: list[Analysis],
    dimension: str,
    prefix: str,
    role: str,
    languages: tuple[str, ...],
) -> str:
    """Line of a component, its code map filled with what is certain."""
    heads = {a.name: a.heading_of(role) for a in group}
    if not any(heads.values()):
        return f"{dimension}: {prefix}TOTAL"
    name = next(h.name for h in heads.values() if h)
    codes = drafted.codes.setdefault(
        f"{role}_{dimension}".lower(), CodeMap(f"{role}_{dimension}".lower(), f"CL_{dimension}", prefix)
    )
    for analysis in group:
        head = heads[analysis.name]
        if head is None:
            drafted.constants[analysis.name][name] = ("total", "")
            codes.values.setdefault("total", (f"{prefix}TOTAL", ""))
            continue
        skipped = {lb for n, lb, _, why in analysis.roles if n == head.name and why.startswith("SEX_")}
        for label in head.labels:
            if label in skipped or _is_share(analysis, head, label):
                continue
            match = match_label(label, prefix, languages=languages)
            part = not match.code and row_kind(label).kind == "of_which"
            codes.values.setdefault(label, ("~", "a part of another row") if part else _line(match))
        if skipped:
            codes.values.setdefault("total", (f"{prefix}TOTAL", ""))
    return f"{dimension}: {{from: {name}, codes: {codes.name}}}"


def _is_share(analysis: Analysis, head: Heading, label: str) -> bool:
    return any(
        n == head.name and lb == label and b in {"percent", "ignore"} for n, lb, b, _ in analysis.roles
    )


def _line(match: LabelMatch) -> tuple[str, str]:
    if match.code:
        sure = match.how in {"name", "code"} or match.how == "alias"
        return match.code, match.note if sure else f"by {match.matched!r}"
    near = ", ".join(f"{c.code} {c.score:.0f}" for c in match.candidates)
    return "", match.reason + (f"; nearest: {near}" if near else "")


def _sex(drafted: Drafted, group: list[Analysis], sexed: set[str]) -> str:
    heads = [a.heading_of("sex") for a in group]
    if not any(heads) and not any(a.name in sexed for a in group):
        return "SEX: SEX_T"
    codes = drafted.codes.setdefault("sexes", CodeMap("sexes"))
    name = next((h.name for h in heads if h), "sex")
    for analysis, head in zip(group, heads, strict=True):
        if head is None:
            drafted.constants[analysis.name][name] = ("total", "")
            codes.values |= {label: (code, "") for label, code in _SEXES}
        else:
            codes.values |= {t: _sex_code(t) for t in head.labels if not _is_share(analysis, head, t)}
    return f"SEX: {{from: {name}, codes: sexes}}"


def _sex_code(label: str) -> tuple[str, str]:
    """Line of a label of sex; `of which women` are women."""
    match, kind = match_label(label, "SEX_"), row_kind(label)
    return (kind.code, "") if not match.code and kind.code in dict(_SEXES).values() else _line(match)


def _frequency(drafted: Drafted, group: list[Analysis]) -> list[str]:
    found = {label: frequency(p) for a in group for label, p in _periods(a).items() if p}
    if len(set(found.values())) <= 1:
        return [f"FREQ: {next(iter(found.values()), 'A')}"]
    codes = drafted.codes.setdefault("frequencies", CodeMap("frequencies"))
    codes.values |= {label: (code, "") for label, code in found.items()}
    return [f"FREQ: {{from: {group[0].time[0]}, codes: frequencies}}"]


def _periods(analysis: Analysis) -> dict[str, str]:
    """SDMX periods of a table by their labels, empty where that is open."""
    head = next((h for h in analysis.headings if h.name == analysis.time[0]), None)
    if head is None:
        constant = period_constant(analysis, []).get("period", ("2000", ""))[0]
        return {constant: "" if constant == "decide" else constant}
    return {
        label: analysis.periods.get(label, (read_period(label, year=2000).time_period, ""))[0]
        for label in head.labels
    }


def _time(group: list[Analysis]) -> list[str]:
    decided = {label: line for a in group for label, line in a.periods.items()}
    names = list(dict.fromkeys(name for a in group for name in a.time))
    read = names[0] if len(names) == 1 else f"[{', '.join(names)}]"
    if not decided:
        return [f"TIME_PERIOD: {{period: {read}}}"]
    lines = ["TIME_PERIOD:", f"  period: {read}"]
    if any(period for period, _ in decided.values()):
        lines.append("  periods:")
    for label, (period, why) in decided.items():
        lines.append(
            f"    {quoted(label)}: {period}{comment(why)}" if period else f"    # {why}: {quoted(label)}"
        )
    return lines


def _national(
    drafted: Drafted, analysis: Analysis, area: str, office: str, languages: tuple[str, ...]
) -> None:
    """Draft a data set of the office's own, with every heading of the table, so that nothing is lost."""
    title = next((t for t in reversed(analysis.titles) if t), analysis.sheet)
    lines = [f"  - dataflow: {office}:DF_{analysis.name.upper()}(1.0){comment('decide: a name of your own')}"]
    lines += [f"    title: {quoted(title)}", f"    tables: [{analysis.name}]"]
    if counts := _counts(analysis):
        lines.append("    where: {" + ", ".join(_choice(n, t, False) for n, t in counts.items()) + "}")
    lines.append("    components:")
    lines.append(f"      REF_AREA: {area}")
    lines += [f"      {line}" for line in _frequency(drafted, [analysis])]
    sexed = {analysis.name} if needs_sex(analysis) else set()
    for head in analysis.headings:
        labels = [t for t in head.labels if not _is_share(analysis, head, t)]
        single = head.role == "measure" and len(labels) < 2
        if head.role in {"period", "number", "sex"} or _is_language(analysis, head) or single or not labels:
            continue
        name = head.name.upper()
        over = next((t for t in _over(analysis, head) if t), head.name)
        codes = CodeMap(f"{analysis.name}_{head.name}")
        taken: set[str] = set()
        for label in labels:
            match = head.matches.get(label)
            known = match.code.removeprefix(head.prefix) if match else ""
            code = slug(
                known if head.role == "country" and known else _english(label), taken, head.name.upper()
            )
            codes.values[label] = (code, "")
            codes.names[code] = label
        if sexed and "TOTAL" not in taken:
            codes.values["total"] = ("TOTAL", "")
        drafted.codes[codes.name] = codes
        lines.append(f"      {name}: {{from: {head.name}, codes: {codes.name}, name: {quoted(over)}}}")
    lines.append("      " + _sex(drafted, [analysis], sexed))
    lines += [f"      {line}" for line in _time([analysis])]
    lines += ["      UNIT_MEASURE: PS", "      UNIT_MULT: 0"]
    drafted.datasets += lines


def _english(label: str) -> str:
    """Text to make a code of: `TOTAL` for a total of all."""
    kind = row_kind(label)
    return "TOTAL" if kind.kind == "total" and not kind.rest else label


def _is_language(analysis: Analysis, head: Heading) -> bool:
    """Whether a heading is the labels in a second language, right of the figures."""
    return any(h is head and c > max(analysis.found.data) for c, h in analysis.rows.items())


def _over(analysis: Analysis, head: Heading) -> list[str]:
    found = analysis.found
    return [found.text(r, c) for c, h in analysis.rows.items() if h is head for r in found.header]
