"""Totals compared with the sum of their parts, and what is found where they differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.checks.blanks import blank_parts
from ilms_sdmx.findings import Finding, Place, find, phrase
from ilms_sdmx.mapping.layout import Check
from ilms_sdmx.sums import agrees, allowance, exceeds

if TYPE_CHECKING:
    import pandas as pd
from ilms_sdmx.conversion.checks.members import CheckedTable, Members, Whole

#: What words such as *more than* and *less than* make of a figure.
_OVER, _UNDER = "over", "under"


@dataclass(frozen=True, eq=False)
class BrokenSum:
    """A total, or a constant, that differs from the sum of its parts.

    Parameters
    ----------
    check
        The check of the mapping.
    place
        Row of the total, or of the first part where a constant is the total.
    parts
        Rows of the parts.
    summed, total
        What the parts sum to, and what was printed, in single units.
    bounded
        Whether the parts had only to be no more than the total.
    rounded_to
        Words for the power of ten to which the figures were found to be rounded; empty where to
        none.
    """

    check: Check
    place: pd.Series[Any]
    parts: pd.DataFrame
    summed: Decimal
    total: Decimal
    bounded: bool
    rounded_to: str = ""


@dataclass(frozen=True, eq=False)
class RoundedSum:
    """A total that agrees with its parts only because all figures are rounded.

    Parameters
    ----------
    sheet, cell
        Place of the total.
    rounded_to
        Words for the power of ten to which the figures were found to be rounded.
    """

    sheet: str
    cell: str
    rounded_to: str


@dataclass(frozen=True, eq=False)
class Verdicts:
    """What checks said of the figures.

    Parameters
    ----------
    judged
        Index of each figure that a comparison judged, with whether it agrees; several for one
        figure.
    touched
        Indices of the figures that a comparison used.
    exact
        Indices of the figures that had to fit; the others had to be no larger than something.
    broken
        Sums that differ. A total whose parts are incomplete, or not printed, is not checked.
    rounded
        Sums that agree only because all figures of their sheet are rounded.
    """

    judged: tuple[tuple[Any, bool], ...] = ()
    touched: tuple[pd.Index, ...] = ()
    exact: tuple[pd.Index, ...] = ()
    broken: tuple[BrokenSum, ...] = ()
    rounded: tuple[RoundedSum, ...] = ()

    @classmethod
    def joined(cls, several: Iterable[Verdicts]) -> Verdicts:
        """Verdicts of several checks as one."""
        judged: list[tuple[Any, bool]] = []
        touched: list[pd.Index] = []
        exact: list[pd.Index] = []
        broken: list[BrokenSum] = []
        rounded: list[RoundedSum] = []
        for verdicts in several:
            judged += verdicts.judged
            touched += verdicts.touched
            exact += verdicts.exact
            broken += verdicts.broken
            rounded += verdicts.rounded
        return cls(tuple(judged), tuple(touched), tuple(exact), tuple(broken), tuple(rounded))

    @cached_property
    def agree(self) -> dict[Any, bool]:
        """Index of each figure that was judged, with whether it agrees.

        In all its comparisons.
        """
        agree: dict[Any, bool] = {}
        for index, is_right in self.judged:
            agree[index] = agree.get(index, True) and is_right
        return agree

    @property
    def covered(self) -> pd.Index:
        """Index of the figures that any comparison used."""
        import pandas as pd

        agreeing = pd.Index([*self.agree])
        judged_or_touched = agreeing.append([*self.touched])
        every: pd.Index = judged_or_touched.unique()
        return every


def compare_totals(
    table: CheckedTable, check: Check, totals: Members, parts: Members
) -> Verdicts:
    """Verdicts on every total against the sum of the parts of its group."""
    import numpy as np

    is_needed = parts.are_in(totals.groups)
    parts = parts.only(is_needed)
    sums = _Sums.of(table, check, parts)
    known = table.known[totals.rows]
    has_parts = sums.have(totals.groups)
    totals = totals.only(known & has_parts)
    if not len(totals.rows):
        return Verdicts()
    lined = sums.at(totals.groups)
    steps_of_totals = table.steps[totals.rows]
    if check.rounding:
        steps_of_totals = table.whole(check.rounding)
    steps = lined.steps + steps_of_totals
    allowed = allowance(steps)
    amounts = table.amounts[totals.rows]
    difference = lined.amounts - amounts
    equal = _truths(agrees(difference, allowed))
    too_much = _truths(exceeds(difference, allowed))
    incomplete = lined.missing > 0
    is_signed = (lined.negative > 0) | _truths(amounts < 0)
    is_open = incomplete & is_signed
    is_too_little = ~equal & ~too_much & ~incomplete
    if is_too_little.any():
        blanks = blank_parts(parts.frame)
        groups = blanks.index.to_numpy()
        incomplete |= totals.are_in(groups)
    bounds = table.bounds[totals.rows]
    may_exceed = (bounds == _OVER) | (lined.under > 0)
    may_lack = (bounds == _UNDER) | (lined.over > 0)
    bounded = incomplete | (check.relation == "at_most")
    allowed_excess = too_much & may_exceed
    allowed_lack = ~too_much & (bounded | may_lack)
    fits = allowed_excess | allowed_lack
    # A part that was not read may be below zero where others are: nothing can be said then.
    right = equal | fits | is_open
    decided = (~incomplete | equal | too_much) & ~(is_open & ~equal)
    bounded = bounded | may_exceed | may_lack
    wrong = np.flatnonzero(~right)
    broken = []
    for place in wrong.tolist():
        broken_sum = _broken(check, totals, parts, lined, place, bounded)
        broken.append(broken_sum)
    is_rounded = equal & _truths(difference != 0)
    rounded_totals = totals.only(is_rounded)
    rounded = list(_rounded(table, rounded_totals)) if table.rounded_to else []
    decided_totals = totals.only(decided)
    verdicts = right[decided]
    judged = list(_judged(decided_totals.index, verdicts))
    judged += _judged_parts(decided_totals, verdicts, parts)
    fitted = totals.only(~bounded)
    touched_parts = parts.only(parts.are_in(totals.groups))
    fitted_parts = parts.only(parts.are_in(fitted.groups))
    touched = (touched_parts.index,)
    exact = (fitted.index, fitted_parts.index)
    return Verdicts(tuple(judged), touched, exact, tuple(broken), tuple(rounded))


def _truths(verdicts: Any) -> Any:
    """Truth values of numbers of any size."""
    import numpy as np

    return np.asarray(verdicts, dtype=bool)


def _judged(index: Iterable[Any], right: Iterable[Any]) -> Iterator[tuple[Any, bool]]:
    """Pairs of a figure and whether it agrees."""
    for one, is_right in zip(index, right, strict=True):
        yield one, bool(is_right)


def _judged_parts(totals: Members, right: Any, parts: Members) -> Iterator[tuple[Any, bool]]:
    """Parts that are themselves totals or of which.

    They agree where all totals of their group do.
    """
    is_plain = parts.table.is_plain[parts.rows]
    is_judged = parts.are_in(totals.groups)
    special = parts.only(~is_plain & is_judged)
    wrong_groups = totals.groups[~right]
    is_wrong = special.are_in(wrong_groups)
    return _judged(special.index, ~is_wrong)


@dataclass(frozen=True, eq=False)
class _Sums:
    """Sums of the parts of each group, in the order of their numbers.

    Parameters
    ----------
    groups
        Numbers of the groups.
    amounts, steps
        Sum of the amounts, and of the units to which they are rounded.
    known, missing, over, under, negative
        How many parts have an amount, have none, are bounds, or are below zero.
    """

    groups: Whole
    amounts: Whole
    steps: Whole
    known: Whole
    missing: Whole
    over: Whole
    under: Whole
    negative: Whole

    @classmethod
    def of(cls, table: CheckedTable, check: Check, parts: Members) -> _Sums:
        """Sums of the parts of a table."""
        import numpy as np

        groups, numbers = np.unique(parts.groups, return_inverse=True)
        rows = parts.rows
        known = table.known[rows]
        bounds = table.bounds[rows]
        steps = table.steps[rows]
        if check.rounding:
            steps = np.full(len(rows), table.whole(check.rounding))
        count = len(groups)
        amounts = _added(numbers, table.amounts[rows], count)
        step_sums = _added(numbers, steps, count)
        is_over = bounds == _OVER
        is_under = bounds == _UNDER
        counts = []
        is_negative = _truths(table.amounts[rows] < 0)
        for members in (known, ~known, is_over, is_under, is_negative):
            number = np.bincount(numbers[members], minlength=count)
            counts.append(number)
        return cls(groups, amounts, step_sums, *counts)

    def have(self, groups: Whole) -> Any:
        """Which groups have any amount."""
        import numpy as np

        has_amount = self.known > 0
        known_groups = self.groups[has_amount]
        return np.isin(groups, known_groups)

    def at(self, groups: Whole) -> _Sums:
        """Sums of some groups, in their order."""
        import numpy as np

        places = np.searchsorted(self.groups, groups)
        sums = (self.groups, self.amounts, self.steps)
        counts = (self.known, self.missing, self.over, self.under, self.negative)
        chosen = [column[places] for column in (*sums, *counts)]
        return _Sums(*chosen)


def _added(numbers: Whole, values: Whole, count: int) -> Any:
    """Sum of the values of each group; whole numbers of any size stay exact."""
    import numpy as np

    sums = np.zeros(count, dtype=values.dtype)
    np.add.at(sums, numbers, values)
    return sums


def _broken(
    check: Check, totals: Members, parts: Members, sums: _Sums, place: int, bounded: Any
) -> BrokenSum:
    """Sum that differs, of the total at a place."""
    table = totals.table
    total = totals.frame.iloc[place]
    group = totals.groups[place]
    of_group = parts.only(parts.groups == group)
    amount = sums.amounts[place]
    summed = table.number(amount)
    printed = table.number(total["amount"])
    is_bounded = bool(bounded[place])
    sheet = str(total["sheet"])
    rounded_to = table.rounded_to.get(sheet, "")
    return BrokenSum(check, total, of_group.frame, summed, printed, is_bounded, rounded_to)


def _rounded(table: CheckedTable, totals: Members) -> Iterator[RoundedSum]:
    """Totals on sheets of which all figures were found to be rounded."""
    frame = totals.frame
    for sheet, cell in zip(frame["sheet"], frame["cell"], strict=True):
        rounded_to = table.rounded_to.get(str(sheet))
        if rounded_to:
            yield RoundedSum(str(sheet), str(cell), rounded_to)


def compare_constant(table: CheckedTable, check: Check, parts: pd.DataFrame) -> Verdicts:
    """Verdicts on groups of parts whose sum must be a number of the mapping."""
    several = []
    constant = table.whole(check.constant)
    for _, group in parts.groupby("group", sort=False):
        known = group["known"]
        if not known.all():
            continue
        summed = group["amount"].sum()
        step = group["step"]
        steps = int(step.sum())
        difference = summed - constant
        allowed = allowance(steps)
        right = bool(agrees(difference, allowed))
        broken: tuple[BrokenSum, ...] = ()
        if not right:
            numbers = table.number(summed), Decimal(check.constant)
            place = group.iloc[0]
            broken_sum = BrokenSum(check, place, group, *numbers, bounded=False)
            broken = (broken_sum,)
        judged = tuple((index, right) for index in group.index)
        verdicts = Verdicts(judged, (group.index,), (group.index,), broken)
        several.append(verdicts)
    return Verdicts.joined(several)


def find_broken_sums(verdicts: Verdicts) -> Iterator[Finding]:
    """Findings of the sums that differ, each at its total."""
    for one in verdicts.broken:
        addresses = list(map(str, one.parts["cell"]))
        count = len(addresses)
        cells = ", ".join(addresses)
        affects = phrase("total-and-parts", count=count)
        if one.rounded_to:
            affects = phrase("total-and-rounded-parts", count=count, step=one.rounded_to)
        sheet = str(one.place["sheet"])
        cell = str(one.place["cell"])
        place = Place(sheet=sheet, cell=cell)
        difference = one.summed - one.total
        text = one.place["text"]
        read = str(text)
        case = "at-most" if one.bounded else ""
        summed = _shown(one.summed)
        total = _shown(one.total)
        line = one.check.line
        shown = _shown(difference)
        yield find(
            "total-differs",
            place,
            case=case,
            component="OBS_VALUE",
            read=read,
            affects=affects,
            cells=cells,
            line=line,
            count=count,
            summed=summed,
            total=total,
            difference=shown,
        )


def find_rounded_sums(verdicts: Verdicts) -> Iterator[Finding]:
    """Findings of the sheets with sums that agree only because all figures are rounded."""
    by_sheet: dict[tuple[str, str], list[RoundedSum]] = {}
    for one in verdicts.rounded:
        key = (one.sheet, one.rounded_to)
        by_sheet.setdefault(key, []).append(one)
    for (sheet, rounded_to), several in by_sheet.items():
        cell = several[0].cell
        place = Place(sheet=sheet, cell=cell)
        read = phrase("all-multiples", step=rounded_to)
        count = len(several)
        yield find(
            "rounding-inferred",
            place,
            component="OBS_VALUE",
            read=read,
            sheet=sheet,
            step=rounded_to,
            count=count,
        )


def _shown(number: Decimal) -> str:
    """Write a number with blanks between its thousands, and no zeros after its last decimal."""
    text = f"{number:,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(",", " ")
