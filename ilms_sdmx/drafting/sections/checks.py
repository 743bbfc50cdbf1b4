"""The checks of a drafted table: totals and what must add up to them."""

from __future__ import annotations

from ilms_sdmx.drafting.analysis import Analysis
from ilms_sdmx.drafting.arithmetic.results import Sum
from ilms_sdmx.drafting.recognition.roles import EVERY_LABEL
from ilms_sdmx.drafting.sections.rules import labels_inline
from ilms_sdmx.drafting.sections.text import comment, indented, inline, pattern, quoted


def check_lines(analysis: Analysis) -> list[str]:
    """Lines of the sums to check, each with how many agree."""
    checks: list[str] = []
    for one_sum in analysis.arithmetic.sums:
        checks += _sum_lines(one_sum)
    if not checks:
        return []
    return ["checks:", *indented(checks, 2)]


def _sum_lines(one_sum: Sum) -> list[str]:
    """Lines of one sum."""
    total = inline([(one_sum.heading, pattern(one_sum.total))])
    lines = [f"- total: {total}{comment(one_sum.why)}"]
    if one_sum.parts:
        lines.append(f"  parts: {labels_inline({one_sum.heading: one_sum.parts})}")
    elif one_sum.over:
        lines.append(f"  parts: {inline([(one_sum.over, quoted(EVERY_LABEL))])}")
    if one_sum.where:
        where = [(name, pattern(label)) for name, label in one_sum.where]
        lines.append(f"  where: {inline(where)}")
    return lines
