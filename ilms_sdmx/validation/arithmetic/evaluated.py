"""Sums evaluated: totals against their parts, for every key at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ilms_sdmx.sums import agrees, allowance, exceeds
from ilms_sdmx.validation.arithmetic.relations import SHORT_LIST, Relation, additive
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.table import Coded
from ilms_sdmx.validation.rules.codes import unknown


@dataclass(frozen=True, eq=False)
class Sums:
    """One relation, evaluated in every group of rows that differ in nothing but its dimension.

    Parameters
    ----------
    relation
        The relation.
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
    lacking
        Whether parts are missing that other periods of the area have, where they are all there
        and make up the total.
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
    lacking: Array
    touched: Array

    @property
    def over(self) -> Array:
        """Groups whose parts are more than their total."""
        difference = -self.difference
        return np.flatnonzero(exceeds(difference, self.tolerance))

    @property
    def short(self) -> Array:
        """Groups whose parts are less than their total."""
        return np.flatnonzero(exceeds(self.difference, self.tolerance))

    @property
    def telling(self) -> Array:
        """Groups that are short of parts, with enough of them there to tell of the lack."""
        dimension = self.relation.dimension
        if dimension == "SEX" or self.relation.bound:
            return np.array([], dtype=np.int64)
        enough_parts = _enough_parts(self.relation)
        has_enough = self.parts >= enough_parts
        is_open = ~self.complete & ~self.silent & ~self.lacking
        is_telling = is_open & has_enough
        short = self.short
        return short[is_telling[short]]

    @property
    def broken(self) -> Array:
        """Groups that cannot be right, whatever is missing."""
        short = self.short
        complete_and_short = self.complete[short]
        is_wrong = complete_and_short | self.lacking[short]
        return np.union1d(self.over, short[is_wrong])


def _enough_parts(relation: Relation) -> float:
    """Number of parts that must be there for the lack of others to be telling."""
    if relation.partners:
        return 1.0
    essential = set(relation.essential)
    return max(2.0, len(essential) / 2)


@dataclass(frozen=True, eq=False)
class _Parts:
    """Rows that take part in a relation.

    Parameters
    ----------
    total, part
        Masks of the rows of totals and of parts.
    doubtful
        Mask of the rows of groups that may repeat what is listed.
    doubt
        What each doubtful row would add to its members that are listed.
    silent
        Mask of the rows of parts without a figure, or of codes that nobody knows.
    """

    total: Array
    part: Array
    doubtful: Array
    doubt: Array
    silent: Array

    @property
    def counted(self) -> Array:
        """Mask of the rows that are added up, doubtful or not."""
        return self.part | self.doubtful


@dataclass(frozen=True, eq=False)
class _Groups:
    """Groups of rows that differ in one dimension alone: number of each row, and how many."""

    number: Array
    size: int

    def count(self, mask: Array) -> Array:
        """Number of marked rows in each group."""
        return np.bincount(self.number[mask], minlength=self.size)

    def add(self, mask: Array, values: Array) -> Array:
        """Sum of the values of marked rows in each group."""
        numbers = self.number[mask]
        added = values[mask]
        return np.bincount(numbers, weights=added, minlength=self.size)


def evaluate(coded: Coded, relation: Relation) -> Sums:
    """Sums of a relation in every group of a data set."""
    groups = _Groups(*coded.others(relation.dimension))
    parts = _parts(coded, relation, groups)
    counted = parts.counted
    row = np.full(groups.size, -1)
    row[groups.number[parts.total]] = np.flatnonzero(parts.total)
    count = groups.count(counted)
    tolerance = _tolerance(coded, groups, row, counted)
    total = _figures_of_totals(coded, row, count)
    sum_of_parts = groups.add(parts.part, coded.figures.value)
    without_doubtful = total - sum_of_parts
    doubt = groups.add(parts.doubtful, parts.doubt)
    difference = _difference(without_doubtful, doubt, tolerance)
    silent = groups.count(parts.silent) > 0
    is_open = _is_open(without_doubtful, doubt, tolerance)
    agreeing = agrees(difference, tolerance)
    is_complete = _is_complete(coded, relation, parts.part, groups, agreeing)
    is_judged = is_complete & ~silent
    complete = is_judged & ~is_open
    if relation.bound:
        complete[:] = False
    lacking = np.zeros(groups.size, dtype=bool)
    if not relation.partners and not relation.bound and relation.dimension != "SEX":
        lacks = _lacks_parts(coded, relation, parts.part, groups, agreeing)
        lacking = lacks & ~silent & ~is_open
    is_compared = np.isfinite(difference)
    is_term = counted | parts.total
    is_in_compared = is_compared[groups.number]
    touched = is_term & is_in_compared
    return Sums(
        relation,
        groups.number,
        row,
        difference,
        tolerance,
        complete,
        count,
        silent,
        lacking,
        touched,
    )


def _tolerance(coded: Coded, groups: _Groups, row_of_total: Array, counted: Array) -> Array:
    """What rounding of the total and of the counted rows allows in each group."""
    unit = coded.figures.unit
    has_total = row_of_total >= 0
    unit_of_total = np.where(has_total, unit[row_of_total], 0.0)
    unit_of_parts = groups.add(counted, unit)
    steps = unit_of_total + unit_of_parts
    tolerance: Array = allowance(steps)
    return tolerance


def _figures_of_totals(coded: Coded, row_of_total: Array, count: Array) -> Array:
    """Figure of each total; NaN where there is none, or nothing to add up."""
    has_both = (row_of_total >= 0) & (count > 0)
    value = coded.figures.value[row_of_total]
    total: Array = np.where(has_both, value, np.nan)
    return total


def _parts(coded: Coded, relation: Relation, groups: _Groups) -> _Parts:
    dimension = relation.dimension
    value = coded.figures.value
    usable = additive(coded)
    is_part = coded.having(dimension, relation.parts)
    is_of_total = coded.having(dimension, [relation.total])
    total = usable & is_of_total
    part = usable & is_part
    doubtful = np.zeros(len(coded), dtype=bool)
    doubt = np.zeros(len(coded))
    for code, members in relation.groups:
        is_group = usable & coded.having(dimension, [code])
        if not is_group.any():
            continue
        is_member = usable & coded.having(dimension, members)
        count = groups.count(is_member)[groups.number]
        if members:
            part |= is_group & (count == 0)
            is_incomplete_group = count < len(members)
            is_group &= (count > 0) & is_incomplete_group
        doubtful |= is_group
        sum_of_members = groups.add(is_member, value)[groups.number]
        added = np.maximum(0.0, value - sum_of_members)
        doubt[is_group] = added[is_group]
    has_no_figure = ~np.isfinite(value)
    is_empty_part = is_part & has_no_figure
    silent = is_empty_part | _unknown(coded, dimension)
    return _Parts(total, part, doubtful, doubt, silent)


def _unknown(coded: Coded, dimension: str) -> Array:
    """Mask of the rows whose code may belong to a sum, or not: it is not in the codelist."""
    field = None
    if coded.definition:
        field = coded.definition.fields.get(dimension)
    if field is None:
        return np.zeros(len(coded), dtype=bool)
    return unknown(coded, field)


def _difference(without_doubtful: Array, doubt: Array, tolerance: Array) -> Array:
    """Difference of total and parts; with the doubtful parts, unless they are then too much."""
    with_doubtful = without_doubtful - doubt
    is_too_large = exceeds(with_doubtful, tolerance)
    fits = agrees(with_doubtful, tolerance) | is_too_large
    return np.where(fits, with_doubtful, without_doubtful)


def _is_open(without_doubtful: Array, doubt: Array, tolerance: Array) -> Array:
    """Whether nothing can be said: too little without the doubtful parts, too much with."""
    too_little = exceeds(without_doubtful, tolerance)
    difference = doubt - without_doubtful
    too_much = exceeds(difference, tolerance)
    has_doubtful = doubt != 0
    is_open: Array = has_doubtful & too_little & too_much
    return is_open


def _is_complete(
    coded: Coded, relation: Relation, part: Array, groups: _Groups, agreeing: Array
) -> Array:
    """Whether no part can be missing in a group.

    A list of partners is complete with its residual; a short list when every part is there; a
    long one (sections of activity) when every part is there that its area ever reports, if
    these are all parts or have made up the total as often as not: an office may print five of
    ten.
    """
    if relation.partners:
        residuals = [relation.residual] if relation.residual else []
        is_residual = part & coded.having(relation.dimension, residuals)
        return groups.count(is_residual) > 0
    essential = relation.essential
    is_essential = part & coded.having(relation.dimension, essential)
    present = groups.count(is_essential)
    if len(essential) <= SHORT_LIST:
        return np.asarray(present == len(essential))
    ever = _ever_reported(coded, relation.dimension, is_essential)
    needed = np.zeros(groups.size, dtype=np.int64)
    needed[groups.number] = ever
    has_all_of_area = present == needed
    has_every_part = present == len(essential)
    makes_up_total = _makes_up_total(coded, groups, has_all_of_area, agreeing)
    return np.asarray(has_all_of_area & (has_every_part | makes_up_total))


def _lacks_parts(
    coded: Coded, relation: Relation, part: Array, groups: _Groups, agreeing: Array
) -> Array:
    """Whether a group lacks parts that its area has in other periods, to make up the total.

    An office that prints some parts only does so in every period.
    """
    is_of_essential = coded.having(relation.dimension, relation.essential)
    is_essential = part & is_of_essential
    present = groups.count(is_essential)
    needed = np.zeros(groups.size, dtype=np.int64)
    needed[groups.number] = _ever_reported(coded, relation.dimension, is_essential)
    has_all = present == needed
    has_all_of_area = has_all & (present > 1)
    makes_up_total = _makes_up_total(coded, groups, has_all_of_area, agreeing)
    return np.asarray((present > 0) & (present < needed) & makes_up_total)


def _makes_up_total(coded: Coded, groups: _Groups, has_all: Array, agreeing: Array) -> Array:
    """Whether what the area of each group ever reports makes up its totals as often as not."""
    area_of_row, areas = coded.groups(coded.among("REF_AREA"))
    area = np.zeros(groups.size, dtype=np.int64)
    area[groups.number] = area_of_row
    is_right = has_all & agreeing
    agreeing_count = np.bincount(area[is_right], minlength=areas)
    all_count = np.bincount(area[has_all], minlength=areas)
    is_most = 2 * agreeing_count >= all_count
    is_proven = (agreeing_count > 0) & is_most
    by_group: Array = is_proven[area]
    return by_group


def _ever_reported(coded: Coded, dimension: str, mask: Array) -> Array:
    """Number of codes that the area of each row ever reports in the marked rows."""
    area, areas = coded.groups(coded.among("REF_AREA"))
    code = coded.codes(dimension)
    levels = coded.levels(dimension)
    base = len(levels) + 1
    first_code = area[mask] * base
    area_and_code = first_code + code[mask]
    distinct = np.unique(area_and_code)
    count = np.bincount(distinct // base, minlength=areas)
    return count[area]
