"""The rules and checks of a drafted table: totals, parts, percents, thousands, marked periods, sums."""

from __future__ import annotations

from ilms_sdmx.drafting.model import NUMBERING, Analysis, Basis
from ilms_sdmx.drafting.text import comment, inline, pattern, quoted
from ilms_sdmx.periods import read_period
from ilms_sdmx.words import power_of


def rule_lines(analysis: Analysis) -> list[str]:
    """Lines of the rules of a table: what rows and columns are, by label."""
    lines = []
    seen: set[tuple[str, str]] = set()
    for name, label, bucket, why in analysis.roles:
        if (name, label) in seen:
            continue
        seen.add((name, label))
        doubt = why if why.startswith("decide") else ""
        if bucket == "percent" and (
            bases := [b for b in analysis.bases if b.where.get(name) == label]
        ):
            lines += [line for basis in bases for line in _basis(analysis, basis)]
            if all(len(basis.where) == 1 for basis in bases):
                continue
        lines += [
            f"      - where: {inline([(name, _where_text(analysis, label))])}",
            f"        bucket: {bucket}{comment(doubt)}",
        ]
        if bucket == "ignore":
            lines.append(f"        why: {quoted(why)}")
        if why.startswith("SEX_"):
            sex = "women" if why == "SEX_F" else "men"
            pairs = [(name, quoted(_same_but_sex(analysis, name, label))), ("sex", sex)]
            lines.append(
                f"        set: {inline(pairs)}  # decide: the same rows in all but sex"
            )
    lines += _marked_periods(analysis)
    lines += _in_thousands(analysis)
    return ["    rules:", *lines] if lines else []


def _basis(analysis: Analysis, basis: Basis) -> list[str]:
    """Rule of percents with what they are a share or a change of."""
    where = inline((name, _where_text(analysis, label)) for name, label in basis.where.items())
    lines = [f"      - where: {where}", "        bucket: percent"]
    of = "left" if basis.left else _labels(basis.of)
    if basis.change:
        return [
            *lines,
            f"        change:{comment(basis.why)}",
            f"          of: {of}",
            f"          from: {_labels(basis.base)}",
        ]
    return [
        *lines,
        f"        share:{comment(basis.why)}",
        f"          of: {of}",
        f"          in: {_labels(basis.base)}",
    ]


def _labels(headings: dict[str, tuple[str, ...]]) -> str:
    """Headings with their labels on one line."""
    pairs = [
        (
            name,
            pattern(labels[0]) if len(labels) == 1 else f"[{', '.join(map(pattern, labels))}]",
        )
        for name, labels in headings.items()
    ]
    return inline(pairs)


def counts_in_thousands(analysis: Analysis) -> list[tuple[str, str]]:
    """Rows that alone count where all others are shares, below words that say thousands."""
    counts = [(n, lb) for n, lb, _, why in analysis.roles if "a count" in why]
    words = [
        analysis.found.text(r, c) for r in analysis.found.words for c in analysis.found.stubs
    ]
    return counts if analysis.thousand and analysis.thousand in words else []


def _in_thousands(analysis: Analysis) -> list[str]:
    """Rules for the rows and columns whose label says that they are in thousands."""
    lines = []
    for name, label in counts_in_thousands(analysis):
        where = inline([(name, _where_text(analysis, label))])
        lines += [
            f"      - where: {where}{comment('decide: ' + analysis.thousand)}",
            f"        multiplier: {power_of(analysis.thousand)}",
        ]
    for head in analysis.headings:
        powers = {label: power_of(label) for label in head.labels if power_of(label)}
        labels = list(powers)
        if len(labels) == len(head.labels) > 1 and len(set(powers.values())) == 1:
            labels = ["/./"]
            powers = {"/./": power_of(head.labels[0])}
        for label in labels:
            lines += [
                f"      - where: {inline([(head.name, _where_text(analysis, label))])}",
                f"        multiplier: {powers[label]}",
            ]
    return lines


def _marked_periods(analysis: Analysis) -> list[str]:
    """Rules for years with a letter behind them: `2019p` is provisional."""
    head = analysis.heading_of("period")
    if head is None:
        return []
    lines = []
    for label in head.labels:
        mark = read_period(label).mark
        status = {"p": "P", "e": "E", "r": "A", "b": "B", "u": "U", "f": "F"}.get(mark, "")
        if mark:
            why = f"decide: what does {mark!r} behind the year mean?"
            lines.append(
                f"      - where: {inline([(head.name, pattern(label))])}{comment(why)}"
            )
            lines.append(f"        status: {status or 'A'}")
    return lines


def _where_text(analysis: Analysis, label: str) -> str:
    return quoted(label) if label == "/./" else pattern(_shown(analysis, label))


def _shown(analysis: Analysis, label: str) -> str:
    return NUMBERING.sub("", label, count=1) if analysis.numbering else label


def _total_label(analysis: Analysis, name: str) -> str:
    """Label of the total of a heading, `total` where none is printed."""
    found = (label for n, label, bucket, _ in analysis.roles if n == name and bucket == "total")
    return next(found, "total")


def _same_but_sex(analysis: Analysis, name: str, label: str) -> str:
    """Label that women or men are a part of: the total, or the period that stands before them."""
    head = next(h for h in analysis.headings if h.name == name)
    before = [
        t
        for t in head.labels[: head.labels.index(label)]
        if read_period(t, year=2000).time_period
    ]
    return before[-1] if head.role == "period" and before else _total_label(analysis, name)


def check_lines(analysis: Analysis) -> list[str]:
    """Lines of the sums to check, each with how many agree."""
    lines = []
    for known in analysis.sums:
        lines.append(
            f"      - total: {inline([(known.name, pattern(known.total))])}{comment(known.why)}"
        )
        if known.parts:
            lines.append(f"        parts: {_labels({known.name: known.parts})}")
        elif known.over:
            lines.append(f"        parts: {inline([(known.over, quoted('/./'))])}")
        if known.where:
            lines.append(
                f"        where: {inline((n, pattern(label)) for n, label in known.where)}"
            )
        if known.relation == "at_most":
            lines += ["        relation: at_most", "        why: not all parts are printed"]
    return ["    checks:", *lines] if lines else []
