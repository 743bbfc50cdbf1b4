"""Lines of the components of a drafted data set, with the code maps and constants that they need."""

from __future__ import annotations

from dataclasses import dataclass, field

from ilms_sdmx.drafting.codes import CodeMap
from ilms_sdmx.drafting.headings import Heading
from ilms_sdmx.drafting.model import Analysis
from ilms_sdmx.drafting.periods import frequency
from ilms_sdmx.drafting.text import comment, pattern, quoted
from ilms_sdmx.drafting.titles import period_constant
from ilms_sdmx.labels.matching import LabelMatch, match_label
from ilms_sdmx.labels.rows import row_kind
from ilms_sdmx.periods import read_period

_SEXES = (("total", "SEX_T"), ("women", "SEX_F"), ("men", "SEX_M"))


@dataclass(eq=False)
class Drafted:
    """Data sets and code maps of a draft.

    `constants` are headings that single tables must set for the data sets they share.
    """

    codes: dict[str, CodeMap] = field(default_factory=dict)
    datasets: list[str] = field(default_factory=list)
    constants: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)


def counts(analysis: Analysis) -> dict[str, list[str]]:
    """Labels of the rows that count where all others are shares, with their total of 100."""
    shared = {name for name, label, *_ in analysis.roles if label == "/./"}
    counts = [(n, lb) for n, lb, _, why in analysis.roles if n in shared and "a count" in why]
    return {name: [lb for n, lb in counts if n == name] for name in shared}


def choice(name: str, labels: list[str], or_none: bool) -> str:
    """Choice of labels of a heading; a blank too for tables that lack it."""
    texts = [*map(pattern, labels), *(['""'] if or_none else [])]
    return f"{name}: [{', '.join(texts)}]"


def coded(
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
        f"{role}_{dimension}".lower(),
        CodeMap(f"{role}_{dimension}".lower(), f"CL_{dimension}", prefix),
    )
    for analysis in group:
        head = heads[analysis.name]
        if head is None:
            drafted.constants[analysis.name][name] = ("total", "")
            codes.values.setdefault("total", (f"{prefix}TOTAL", ""))
            continue
        skipped = {
            lb for n, lb, _, why in analysis.roles if n == head.name and why.startswith("SEX_")
        }
        for label in head.labels:
            if label in skipped or is_share(analysis, head, label):
                continue
            match = match_label(label, prefix, languages=languages)
            part = not match.code and row_kind(label).kind == "of_which"
            codes.values.setdefault(
                label, ("~", "a part of another row") if part else _line(match)
            )
        if skipped:
            codes.values.setdefault("total", (f"{prefix}TOTAL", ""))
    return f"{dimension}: {{from: {name}, codes: {codes.name}}}"


def is_share(analysis: Analysis, head: Heading, label: str) -> bool:
    """Whether a label is of figures that are no counts, which no data set takes."""
    return any(
        n == head.name and lb == label and b in {"percent", "ignore"}
        for n, lb, b, _ in analysis.roles
    )


def _line(match: LabelMatch) -> tuple[str, str]:
    if match.code:
        sure = match.how in {"name", "code"} or match.how == "alias"
        return match.code, match.note if sure else f"by {match.matched!r}"
    near = ", ".join(f"{c.code} {c.score:.0f}" for c in match.candidates)
    return "", match.reason + (f"; nearest: {near}" if near else "")


def sex_line(drafted: Drafted, group: list[Analysis], sexed: set[str]) -> str:
    """Line of the sex; tables that do not tell it are of both."""
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
            codes.values |= {
                t: _sex_code(t) for t in head.labels if not is_share(analysis, head, t)
            }
    return f"SEX: {{from: {name}, codes: sexes}}"


def _sex_code(label: str) -> tuple[str, str]:
    """Line of a label of sex; `of which women` are women."""
    match, kind = match_label(label, "SEX_"), row_kind(label)
    return (
        (kind.code, "")
        if not match.code and kind.code in dict(_SEXES).values()
        else _line(match)
    )


def frequency_lines(drafted: Drafted, group: list[Analysis]) -> list[str]:
    """Lines of the frequency, by periods where they differ."""
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


def time_lines(group: list[Analysis]) -> list[str]:
    """Lines of the period, with what is decided of its labels."""
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
            f"    {quoted(label)}: {period}{comment(why)}"
            if period
            else f"    # {why}: {quoted(label)}"
        )
    return lines
