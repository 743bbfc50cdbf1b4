"""Rules on sums: totals that their parts do not add up to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ilms_sdmx.findings import Finding, find, phrase
from ilms_sdmx.findings.groups import hung
from ilms_sdmx.sums import in_words
from ilms_sdmx.validation.arithmetic.causes import Cause
from ilms_sdmx.validation.arithmetic.evaluated import Sums
from ilms_sdmx.validation.arithmetic.explained import ExplainedSums
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.table import Coded
from ilms_sdmx.validation.rules.listing import listed, number


def find_broken_sums(coded: Coded, sums: Sequence[Sums]) -> Iterator[Finding]:
    """Findings of broken relations; those of one cause hang under the gravest of them."""
    explained = ExplainedSums(coded, sums)
    by_cause: dict[str, list[Finding]] = {}
    for index, evaluated in enumerate(sums):
        for rule in (evaluated.relation.rule, "parts-short"):
            for finding in _find_groups(coded, explained, index, evaluated, rule):
                # The cause names its cells, so that no two causes have the same words.
                cause = finding.cause or f"none, {len(by_cause)}"
                by_cause.setdefault(cause, []).append(finding)
    for findings in by_cause.values():
        yield from hung(findings)


def _find_groups(
    coded: Coded, explained: ExplainedSums, index: int, sums: Sums, rule: str
) -> Iterator[Finding]:
    """Findings of the groups of a relation that are broken, or short of parts."""
    is_short_rule = rule == "parts-short"
    groups = sums.telling if is_short_rule else sums.broken
    rows = sums.row[groups]
    row_list = rows.tolist()
    group_list = groups.tolist()
    group_of_row = dict(zip(row_list, group_list, strict=True))

    def make(row: int) -> Finding:
        group = group_of_row[row]
        cause = explained.cause_of(index, group)
        broken_sum = _BrokenSum(coded, sums, group, cause)
        told_at = sums.relation.told_at
        if told_at and sums.complete[group]:
            members = explained.members(index, group)
            return _find_overlap(broken_sum, members)
        return _find_sum(broken_sum)

    yield from listed(rule, coded, np.sort(rows), make)


@dataclass(frozen=True, eq=False)
class _BrokenSum:
    """One group in which a total and its parts do not agree.

    Parameters
    ----------
    coded
        The table.
    sums
        The relation.
    group
        Number of the group.
    cause
        Likely cause.
    """

    coded: Coded
    sums: Sums
    group: int
    cause: Cause

    @property
    def row(self) -> int:
        """Row of the total."""
        return int(self.sums.row[self.group])

    @property
    def difference(self) -> float:
        """Total less its parts."""
        return float(self.sums.difference[self.group])

    @property
    def rule(self) -> str:
        """Rule that is broken."""
        if self.sums.complete[self.group]:
            return self.sums.relation.rule
        if self.difference > 0:
            return "parts-short"
        return "parts-exceed-total"

    @property
    def case(self) -> str:
        """Case of the rule: parts that other periods have are missing here."""
        is_short = self.rule == "parts-short"
        if is_short and self.sums.lacking[self.group]:
            return "lacking"
        return ""

    def tolerance(self, row: int) -> str:
        """What rounding allows, in the unit of a row."""
        tolerance = self.sums.tolerance[self.group]
        figures = self.coded.figures
        scale = figures.scale[row]
        allowed = tolerance / scale
        return f"{allowed:.4g}"

    def rounded_to(self, row: int) -> str:
        """Words for the step to which a row is rounded; empty for one of less than ten."""
        figures = self.coded.figures
        step = figures.unit[row] / figures.scale[row]
        power = round(float(np.log10(step)))
        if power <= 0:
            return ""
        return f" to {in_words(power)}"


def _find_sum(broken: _BrokenSum) -> Finding:
    coded = broken.coded
    relation = broken.sums.relation
    row = broken.row
    printed = coded.printed(row)
    place = coded.place(row)
    cause, fix, *_ = broken.cause
    parts = broken.sums.parts
    count = int(parts[broken.group])
    total = float(coded.figures.value[row])
    value = total - broken.difference
    summed = number(value, coded, row)
    difference = number(-broken.difference, coded, row)
    tolerance = broken.tolerance(row)
    rounded_to = broken.rounded_to(row)
    rest = relation.residual or phrase("missing-parts")
    share = "0"
    if total:
        share = f"{100 * (total - broken.difference) / total:.0f}"
    return find(
        broken.rule,
        place,
        case=broken.case,
        component=relation.dimension,
        read=printed,
        cause=cause,
        fix=fix,
        count=count,
        summed=summed,
        total=printed,
        difference=difference,
        share=share,
        tolerance=tolerance,
        rounded_to=rounded_to,
        code=relation.total,
        rest=rest,
    )


def _find_overlap(broken: _BrokenSum, members: Sequence[int]) -> Finding:
    """Finding of a code that overlaps others, at its place: it is the one that is derived."""
    coded = broken.coded
    relation = broken.sums.relation
    row = _row_of(coded, members, relation.dimension, relation.told_at)
    place = coded.place(row)
    printed = coded.printed(row)
    cause, fix, *_ = broken.cause
    what_is_left = float(coded.figures.value[row]) + broken.difference
    left = number(what_is_left, coded, row)
    tolerance = broken.tolerance(row)
    rounded_to = broken.rounded_to(row)
    return find(
        relation.rule,
        place,
        case="overlap",
        component=relation.dimension,
        read=printed,
        cause=cause,
        fix=fix,
        code=relation.told_at,
        whole=relation.total,
        left=left,
        tolerance=tolerance,
        rounded_to=rounded_to,
    )


def _row_of(coded: Coded, rows: Sequence[int], dimension: str, code: str) -> int:
    """Row of a code among some rows."""
    has_code = coded.having(dimension, [code])
    is_code: Array = has_code[list(rows)]
    place = int(np.argmax(is_code))
    return rows[place]
