"""The rules of a drafted table: totals, parts, percents, thousands, marked periods."""

from __future__ import annotations

from collections.abc import Collection

from ilms_sdmx.drafting.analysis import Analysis
from ilms_sdmx.drafting.arithmetic.results import Basis, Labels
from ilms_sdmx.drafting.recognition.headed import NUMBERING
from ilms_sdmx.drafting.recognition.headings import Heading
from ilms_sdmx.drafting.recognition.legend import legends, looked_up
from ilms_sdmx.drafting.recognition.roles import EVERY_LABEL, Role
from ilms_sdmx.drafting.sections.dataflows import topics
from ilms_sdmx.drafting.sections.text import (
    comment,
    indented,
    inline,
    pattern,
    patterns,
    question,
    quoted,
)
from ilms_sdmx.labels.rows import row_kind
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.periods import read_period
from ilms_sdmx.words import power_of

#: Topic of labels that count other persons than the rows next to them, as a question says it.
_OTHERS = {"inflow": "a flow", "dependants": "dependants"}
_BUCKETS = "observation, of_which or other_measure?"
#: Flags that are codes of the list of statuses of SDMX.
_SDMX_FLAGS = frozenset("EPBUF")
#: Heading of the flags next to figures.
FLAG = "flag"
#: Letter behind a year to its SDMX status.
_STATUS = {"p": "P", "e": "E", "r": "A", "b": "B", "u": "U", "f": "F"}


def rule_lines(analysis: Analysis) -> list[str]:
    """Lines of the rules of a table: what rows and columns are, by label."""
    rules: list[str] = []
    seen: set[tuple[str, str]] = set()
    for role in analysis.roles:
        if (role.heading, role.label) not in seen:
            seen.add((role.heading, role.label))
            rules += _role_lines(analysis, role)
    rules += _other_persons_lines(analysis, seen)
    rules += _marked_period_lines(analysis)
    rules += _flag_rules(analysis)
    rules += _thousand_lines(analysis)
    if not rules:
        return []
    return ["rules:", *indented(rules, 2)]


def _role_lines(analysis: Analysis, role: Role) -> list[str]:
    """Rules of a label."""
    lines: list[str] = []
    bases = _bases(analysis, role)
    for basis in bases:
        lines += _basis_lines(analysis, basis)
    if bases and all(len(basis.where) == 1 for basis in bases):
        return lines
    where = _where(analysis, role.heading, role.label)
    why = question(role.question)
    if _is_proven(analysis, role):
        why = comment(role.question)
    lines.append(f"- where: {where}")
    bucket = quoted("?") if role.is_open else role.bucket.value
    lines.append(f"  bucket: {bucket}{why}")
    if role.bucket is Bucket.IGNORE:
        lines.append(f"  why: {quoted(role.reason)}")
    if role.sex:
        whole = _same_but_sex(analysis, role)
        lines.append(f"  set: {whole}")
    return lines


def _is_proven(analysis: Analysis, role: Role) -> bool:
    """Whether sums prove that a label is a total: of rows below it, or of all others."""
    if role.is_open or role.bucket is not Bucket.TOTAL:
        return False
    if role.is_sum_of_some:
        return True
    for one_sum in analysis.arithmetic.sums:
        is_of_label = (one_sum.heading, one_sum.total) == (role.heading, role.label)
        if is_of_label and one_sum.agree == one_sum.compared > 0:
            return True
    return False


def _other_persons_lines(analysis: Analysis, seen: Collection[tuple[str, str]]) -> list[str]:
    """Rules of the rows that count permits issued, or dependants, where others count workers.

    A person must say what they are, unless a total or percents show that all rows are parts
    of one whole.
    """
    lines: list[str] = []
    for heading in analysis.headings:
        if _are_parts(analysis, heading):
            continue
        for label, topic in _labels_of_others(heading).items():
            if (heading.name, label) in seen:
                continue
            where = _where(analysis, heading.name, label)
            asked = question(f"{_OTHERS[topic]}, not as the rows next to it: {_BUCKETS}")
            lines += [f"- where: {where}", f'  bucket: "?"{asked}']
    return lines


def _are_parts(analysis: Analysis, heading: Heading) -> bool:
    """Whether a sum of a heading agrees, or the figures next to it are percents."""
    if any(role.bucket is Bucket.PERCENT for role in analysis.roles):
        return True
    sums = [one for one in analysis.arithmetic.sums if one.heading == heading.name]
    return any(one.agree for one in sums)


def _labels_of_others(heading: Heading) -> dict[str, str]:
    """Labels of flows, or of dependants, among others; none where all are."""
    if heading.role != "category" or _OTHERS.keys().isdisjoint(topics(heading.labels)):
        return {}
    others: dict[str, str] = {}
    plain = [label for label in heading.labels if not row_kind(label).kind]
    for label in plain:
        topics_of_label = topics([label])
        for topic in _OTHERS:
            if topic in topics_of_label:
                others[label] = topic
    return others if len(others) < len(plain) else {}


def _bases(analysis: Analysis, role: Role) -> list[Basis]:
    """Bases of the percents under a label."""
    if role.bucket is not Bucket.PERCENT:
        return []
    bases: list[Basis] = []
    for basis in analysis.arithmetic.bases:
        if basis.where.get(role.heading) == role.label:
            bases.append(basis)
    return bases


def _where(analysis: Analysis, heading: str, label: str) -> str:
    """Heading with its label on one line."""
    return inline([(heading, _label(analysis, label))])


def _label(analysis: Analysis, label: str) -> str:
    """Label as a pattern, without its number where the mapping leaves out numbers."""
    if label == EVERY_LABEL:
        return quoted(label)
    if analysis.table.numbering:
        return pattern(NUMBERING.sub("", label, count=1))
    return pattern(label)


def _basis_lines(analysis: Analysis, basis: Basis) -> list[str]:
    """Rule of percents with what they are a share or a change of."""
    where: list[tuple[str, str]] = []
    for name, label in basis.where.items():
        written = _label(analysis, label)
        where.append((name, written))
    numerator = "left"
    if not basis.is_left:
        numerator = labels_inline(basis.of)
    denominator = labels_inline(basis.base)
    kind, base = "share", "in"
    if basis.is_change:
        kind, base = "change", "from"
    lines = [f"- where: {inline(where)}"]
    lines.append("  bucket: percent")
    lines.append(f"  {kind}:{comment(basis.why)}")
    lines.append(f"    of: {numerator}")
    lines.append(f"    {base}: {denominator}")
    return lines


def labels_inline(labels: Labels) -> str:
    """Headings with their labels on one line."""
    shown = {name: patterns(of_heading) for name, of_heading in labels.items()}
    return inline(shown.items())


def _same_but_sex(analysis: Analysis, role: Role) -> str:
    """Labels of the figures of both sexes that those of one sex are a part of."""
    sex = "men"
    if role.sex == "SEX_F":
        sex = "women"
    whole = _label_of_whole(analysis, role)
    labels = inline([(role.heading, quoted(whole)), ("sex", sex)])
    why = question("the same rows in all but sex")
    return f"{labels}{why}"


def _label_of_whole(analysis: Analysis, role: Role) -> str:
    """Label that women or men are a part of: the period before them, or the total."""
    heading = _heading_named(analysis, role.heading)
    if heading.role == "period":
        place = heading.labels.index(role.label)
        for label in reversed(heading.labels[:place]):
            if read_period(label, year=2000).time_period:
                return label
    totals = analysis.roles.totals(role.heading)
    if totals:
        return totals[0]
    return "total"


def _heading_named(analysis: Analysis, name: str) -> Heading:
    """Heading of a name."""
    return next(heading for heading in analysis.headings if heading.name == name)


def _marked_period_lines(analysis: Analysis) -> list[str]:
    """Rules for years with a letter behind them: `2019p` is provisional."""
    heading = analysis.heading_of("period")
    lines: list[str] = []
    for label in heading.labels if heading else ():
        mark = read_period(label).mark
        if heading is None or not mark:
            continue
        where = inline([(heading.name, pattern(label))])
        why = question(f"what does {mark!r} behind the year mean?")
        status = _STATUS.get(mark, "A")
        lines.append(f"- where: {where}{why}")
        lines.append(f"  status: {status}")
    return lines


def _thousand_lines(analysis: Analysis) -> list[str]:
    """Rules for the rows and columns whose label, or words above them, say thousands."""
    lines: list[str] = []
    for role in analysis.counts_in_thousands:
        where = _where(analysis, role.heading, role.label)
        lines.append(f"- where: {where}{question(analysis.thousand)}")
        lines.append(f"  multiplier: {power_of(analysis.thousand)}")
    for heading in analysis.headings:
        for label, power in _powers(analysis, heading).items():
            where = _where(analysis, heading.name, label)
            lines.append(f"- where: {where}")
            lines.append(f"  multiplier: {power}")
    return lines


def _powers(analysis: Analysis, heading: Heading) -> dict[str, int]:
    """Labels of a heading that say thousands, each with its power of ten; one for all alike.

    A total that is the sum of such labels, as they are printed, has their power.
    """
    powers: dict[str, int] = {}
    for label in heading.labels:
        power = power_of(label)
        if power:
            powers[label] = power
    for one_sum in analysis.arithmetic.sums:
        is_proven = one_sum.agree == one_sum.compared > 0
        if one_sum.heading != heading.name or not is_proven:
            continue
        of_parts = {powers.get(label, 0) for label in one_sum.parts}
        if len(of_parts) == 1 and any(of_parts):
            power = of_parts.pop()
            powers.setdefault(one_sum.total, power)
    distinct_powers = set(powers.values())
    if len(powers) == len(heading.labels) > 1 and len(distinct_powers) == 1:
        return {EVERY_LABEL: distinct_powers.pop()}
    return powers


def _flag_rules(analysis: Analysis) -> list[str]:
    """Rules of the flags in columns of their own: by a legend, or letters of the SDMX list."""
    printed = analysis.printed
    explained = legends(text for _, text in printed.grid.texts())
    lines: list[str] = []
    for flag in printed.flag_texts:
        letter = flag.strip("()/")
        legend = explained.get(looked_up(letter))
        code, why = quoted("?"), question("E, P, B, U, F or A?")
        if legend is not None:
            code = legend.status
            why = comment(repr(legend.text))
        elif letter.upper() in _SDMX_FLAGS:
            code = letter.upper()
            why = comment("as in the list of SDMX")
        where = inline([(FLAG, quoted(flag))])
        lines.append(f"- where: {where}")
        lines.append(f"  status: {code}{why}")
    return lines
