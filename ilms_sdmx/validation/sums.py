"""Sums: totals against their parts, for every key at once, with the tolerance that rounding allows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ilms_sdmx.findings import Finding
from ilms_sdmx.sums import agrees, allowance, exceeds, in_words
from ilms_sdmx.validation.causes import Causes
from ilms_sdmx.validation.coded import Array, Coded
from ilms_sdmx.validation.raising import finding, listed, number
from ilms_sdmx.validation.relations import SHORT_LIST, Relation, additive
from ilms_sdmx.validation.rules.codes import unknown


@dataclass(frozen=True, eq=False)
class Sums:
    """One relation evaluated in every group of observations that differ in nothing but its dimension.

    Parameters
    ----------
    groups
        Group of each row of the data set; the other arrays have one entry a group.
    row
        Row of the total, -1 where there is none.
    difference
        Total less its parts; NaN where nothing can be compared.
    tolerance
        Half a rounding unit for each figure that takes part.
    complete
        Whether all parts that make up the total are there, so that the sum must be equal.
    parts
        Number of parts that are added up.
    silent
        Whether a part is there without a figure, or under a code that nobody knows.
    touched
        Mask of the rows that the relation looks at.
    """

    relation: Relation
    groups: Array
    row: Array
    difference: Array
    tolerance: Array
    complete: Array
    parts: Array
    silent: Array
    touched: Array

    @property
    def over(self) -> Array:
        """Groups whose parts are more than their total."""
        return np.flatnonzero(exceeds(-self.difference, self.tolerance))

    @property
    def short(self) -> Array:
        """Groups whose parts are less than their total."""
        return np.flatnonzero(exceeds(self.difference, self.tolerance))

    @property
    def telling(self) -> Array:
        """Groups that are short of parts, with enough of them there for what is missing to be a lack."""
        if self.relation.dimension == "SEX" or self.relation.bound:
            return np.array([], dtype=np.int64)
        needed = len(set(self.relation.parts) - self.relation.optional) / 2
        enough = self.parts >= (1 if self.relation.partners else max(2.0, needed))
        return self.short[(~self.complete & ~self.silent & enough)[self.short]]

    @property
    def broken(self) -> Array:
        """Groups that cannot be right, whatever is missing."""
        return np.union1d(self.over, self.short[self.complete[self.short]])


def evaluate(coded: Coded, relation: Relation) -> Sums:
    """Evaluate a relation in every group of a data set."""
    groups, size = coded.others(relation.dimension)
    figures, usable = coded.figures, additive(coded)
    total = usable & coded.having(relation.dimension, [relation.total])
    part = usable & coded.having(relation.dimension, relation.parts)
    doubtful, doubt = _groups(coded, relation, usable, part)
    mute = ~np.isfinite(figures.value) & coded.having(relation.dimension, relation.parts)
    silent = np.bincount(groups[mute | _unknown(coded, relation.dimension)], minlength=size) > 0
    row = np.full(size, -1)
    row[groups[total]] = np.flatnonzero(total)
    value = np.where(row >= 0, figures.value[row], np.nan)
    count = np.bincount(groups[part | doubtful], minlength=size)
    value[count == 0] = np.nan

    def added(mask: Array, what: Array) -> Array:
        return np.bincount(groups[mask], weights=what[mask], minlength=size)

    unit = np.where(row >= 0, figures.unit[row], 0.0)
    tolerance = allowance(unit + added(part | doubtful, figures.unit))
    complete = _complete(coded, relation, part, groups, size) & (not relation.bound) & ~silent
    least = value - added(part, figures.value)
    difference, decided = _between(least, added(doubtful, doubt), tolerance)
    touched = (part | doubtful | total) & np.isfinite(difference)[groups]
    return Sums(
        relation, groups, row, difference, tolerance, complete & decided, count, silent, touched
    )


def _unknown(coded: Coded, dimension: str) -> Array:
    """Mask of the rows whose code may belong to a sum, or not: it is not in the codelist."""
    field = coded.definition.fields.get(dimension) if coded.definition else None
    return unknown(coded, field) if field is not None else np.zeros(len(coded), dtype=bool)


def _groups(
    coded: Coded, relation: Relation, usable: Array, part: Array
) -> tuple[Array, Array]:
    """Add to mask `part` the groups none of whose members is listed.

    The others are doubtful: a mask of their rows, and what each would add to its members that are listed. One
    whose every member is listed adds nothing.
    """
    groups, size = coded.others(relation.dimension)
    doubtful, doubt = np.zeros(len(coded), dtype=bool), np.zeros(len(coded))
    for code, members in relation.groups:
        mine = usable & coded.having(relation.dimension, [code])
        if not mine.any():
            continue
        inside = usable & coded.having(relation.dimension, members)
        count = np.bincount(groups[inside], minlength=size)[groups]
        known = np.bincount(
            groups[inside], weights=coded.figures.value[inside], minlength=size
        )[groups]
        if members:
            part |= mine & (count == 0)
            mine &= (count > 0) & (count < len(members))
        doubtful |= mine
        doubt[mine] = np.maximum(0.0, coded.figures.value - known)[mine]
    return doubtful, doubt


def _between(least: Array, doubt: Array, tolerance: Array) -> tuple[Array, Array]:
    """Difference of total and parts, where some parts may repeat others; and whether it says anything.

    With all doubtful parts added or with none the sum may agree; in between nothing can be said.
    """
    most = least - doubt
    too_much = exceeds(-most, tolerance)
    between = (doubt != 0) & exceeds(least, tolerance) & too_much
    return np.where(agrees(most, tolerance) | exceeds(most, tolerance), most, least), ~between


def _complete(coded: Coded, relation: Relation, part: Array, groups: Array, size: int) -> Array:
    """Mark groups in which no part can be missing.

    A list of partners is complete with its residual; a short list when every part is there; a long one
    (sections of activity) when every part is there that its area ever reports.
    """
    codes = coded.codes(relation.dimension)
    if relation.partners:
        residual = coded.having(relation.dimension, filter(None, [relation.residual])) & part
        return np.bincount(groups[residual], minlength=size) > 0
    essential = [p for p in relation.parts if p not in relation.optional]
    counted = part & coded.having(relation.dimension, essential)
    present = np.bincount(groups[counted], minlength=size)
    if len(essential) <= SHORT_LIST:
        return np.asarray(present == len(essential))
    area, areas = coded.groups([d for d in ("REF_AREA",) if d in coded.dimensions])
    pairs = np.unique(
        area[counted] * (len(coded.levels(relation.dimension)) + 1) + codes[counted]
    )
    ever = np.bincount(pairs // (len(coded.levels(relation.dimension)) + 1), minlength=areas)
    of_group = np.zeros(size, dtype=np.int64)
    of_group[groups] = area
    return np.asarray(present == ever[of_group])


def sum_findings(coded: Coded, sums: list[Sums]) -> Iterator[Finding]:
    """Report broken relations, with the likely cause where exactly one fixes everything."""
    causes = Causes(coded, sums)
    for number_of, one in enumerate(sums):
        yield from _of_relation(coded, one, number_of, causes)


def _of_relation(coded: Coded, sums: Sums, index: int, causes: Causes) -> Iterator[Finding]:
    broken = set(sums.broken.tolist())
    bounded = not sums.complete.all()
    for rule, group_list in ((sums.relation.rule, sums.broken), ("parts-short", sums.telling)):
        rows = sums.row[group_list]
        order = np.argsort(rows)
        rule_of = dict(zip(rows[order].tolist(), group_list[order].tolist(), strict=True))

        def make(row: int, rule_of: dict[int, int] = rule_of) -> Finding:
            group = rule_of[row]
            cause = causes.of(index, group) if group in broken else ("", "")
            if sums.relation.told_at and sums.complete[group]:
                return _overlap(coded, sums, group, causes.members(index, group), cause)
            return _finding(
                coded,
                sums,
                group,
                row,
                cause,
                exceeds_only=bounded and not sums.complete[group],
            )

        yield from listed(rule, coded, rows[order], make)


def _finding(
    coded: Coded,
    sums: Sums,
    group: int,
    row: int,
    cause: tuple[str, str],
    *,
    exceeds_only: bool,
) -> Finding:
    relation = sums.relation
    difference = float(sums.difference[group])
    measure = coded.dataset.components.measures[0]
    printed = coded.text(measure, row)
    summed = number(float(coded.figures.value[row]) - difference, coded, row)
    apart = number(-difference, coded, row)
    short = difference > 0
    rule = relation.rule
    if exceeds_only:
        rule = "parts-short" if short else "parts-exceed-total"
    count = int(sums.parts[group])
    parts = "The one part reported is" if count == 1 else f"The {count} parts sum to"
    at_least = "at least " if exceeds_only else ""
    return finding(
        rule,
        f"{parts} {summed}; the printed total is {printed} (difference {apart}).",
        coded.place(row),
        component=relation.dimension,
        read=printed,
        expected=f"{at_least}{summed} (within {_tolerance(sums, group, coded, row)})",
        cause=cause[0],
        fix=cause[1] or _advice(relation, short=short, exceeds=exceeds_only),
    )


def _overlap(
    coded: Coded, sums: Sums, group: int, members: list[int], cause: tuple[str, str]
) -> Finding:
    """Tell of a code that overlaps others at its own place: it is the one that is derived."""
    relation = sums.relation
    row = next(m for m in members if coded.text(relation.dimension, m) == relation.told_at)
    left = number(float(coded.figures.value[row] + sums.difference[group]), coded, row)
    read = coded.text(coded.dataset.components.measures[0], row)
    return finding(
        relation.rule,
        f"{relation.told_at} is {read}, but {relation.total} less the other parts is {left}.",
        coded.place(row),
        component=relation.dimension,
        read=read,
        expected=f"{left} (within {_tolerance(sums, group, coded, row)})",
        cause=cause[0],
        fix=cause[1] or f"Recompute {relation.told_at} from the total, or leave it out.",
    )


def _tolerance(sums: Sums, group: int, coded: Coded, row: int) -> str:
    """Words for what rounding allows, with the step where the figures were found to be rounded to it."""
    scale = coded.figures.scale[row]
    power = round(float(np.log10(coded.figures.unit[row] / scale)))
    rounded_to = f" to {in_words(power)}" if power > 0 else ""
    return f"{sums.tolerance[group] / scale:.4g} for rounding{rounded_to}"


def _advice(relation: Relation, *, short: bool, exceeds: bool) -> str:
    if exceeds and short:
        rest = relation.residual or "the missing parts"
        return f"Report {rest}, or say in a note what is not classified."
    return f"Correct {relation.total} or its parts in the source."
