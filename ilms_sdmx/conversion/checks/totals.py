"""Totals compared with the sum of their parts, and what is found where they differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.checks.blanks import blank_parts
from ilms_sdmx.conversion.figures.model import Chooser
from ilms_sdmx.findings import Finding, Place, find
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.mapping.layout import Check
from ilms_sdmx.sums import agrees, allowance, exceeds

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

#: What words such as *more than* and *less than* make of a figure.
_OVER, _UNDER = "over", "under"
#: Cells that a finding names.
_NAMED = 12


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


@dataclass(frozen=True, eq=False)
class CheckedTable:
    """Figures of one table, ready to be added up.

    Parameters
    ----------
    figures
        Headings and place of each figure; `amount` and `step` (the unit to which it is rounded)
        as whole numbers of one small unit, and `known`, whether there is an amount.
    places
        Power of ten of the small unit: 2 where amounts count hundredths.
    rounded_to
        Sheet to the words for the power of ten to which its figures were found to be rounded.
    """

    figures: pd.DataFrame
    places: int
    rounded_to: dict[str, str] = field(default_factory=dict)
    unvaried: dict[frozenset[str], tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def chooser(self) -> Chooser:
        """Labels of the figures, read once for all checks."""
        return Chooser(self.figures)

    @cached_property
    def is_of_which(self) -> np.ndarray[Any, np.dtype[Any]]:
        """Which figures are parts of others next to them."""
        role = self.figures["role"]
        return (role == Bucket.OF_WHICH.value).to_numpy()

    @cached_property
    def _groups(self) -> dict[tuple[str, ...], np.ndarray[Any, np.dtype[Any]]]:
        return {}

    def groups(self, columns: tuple[str, ...]) -> np.ndarray[Any, np.dtype[Any]]:
        """Number of the group of each figure: equal where all of some columns are equal."""
        import numpy as np
        import pandas as pd

        known = self._groups.get(columns)
        if known is not None:
            return known
        numbers = np.zeros(len(self.figures), dtype="int64")
        for name in columns:
            labels, distinct = pd.factorize(self.figures[name], use_na_sentinel=False)
            label_count = max(len(distinct), 1)
            joint = numbers * label_count + labels
            numbers, _ = pd.factorize(joint)
        self._groups[columns] = numbers
        return numbers

    def number(self, whole: Any) -> Decimal:
        """Decimal number of a whole one, in single units."""
        return Decimal(int(whole)).scaleb(-self.places)

    def whole(self, text: str) -> int:
        """Whole number of a text of the mapping: a constant, or a unit of rounding."""
        return int(Decimal(text).scaleb(self.places))


def compare_totals(
    table: CheckedTable, check: Check, totals: pd.DataFrame, parts: pd.DataFrame
) -> Verdicts:
    """Verdicts on every total against the sum of the parts of its group."""
    sums = _sums_of_groups(table, check, parts)
    has_parts = totals["group"].isin(sums.index)
    known = totals["known"]
    totals = totals[known & has_parts]
    if totals.empty:
        return Verdicts()
    lined = sums.loc[totals["group"]].set_axis(totals.index)
    steps = lined["step"] + totals["step"]
    if check.rounding:
        step = lined["step"]
        steps = step + table.whole(check.rounding)
    allowed = allowance(steps)
    amount = lined["amount"]
    difference = amount - totals["amount"]
    equal = agrees(difference, allowed)
    too_much = exceeds(difference, allowed)
    missing = lined["missing"]
    incomplete = missing > 0
    is_too_little = ~equal & ~too_much & ~incomplete
    if is_too_little.any():
        incomplete |= totals["group"].isin(blank_parts(parts).index)
    bound = totals["bound"]
    is_at_least = bound == _OVER
    has_parts_of_less = lined[_UNDER] > 0
    may_exceed = is_at_least | has_parts_of_less
    is_at_most = totals["bound"] == _UNDER
    has_parts_of_more = lined[_OVER] > 0
    may_lack = is_at_most | has_parts_of_more
    bounded = incomplete | (check.relation == "at_most")
    allowed_excess = too_much & may_exceed
    allowed_lack = ~too_much & (bounded | may_lack)
    fits = allowed_excess | allowed_lack
    right = equal | fits
    decided = ~incomplete | equal | too_much
    bounded |= may_exceed | may_lack
    fitted_groups = totals.loc[~bounded, "group"]
    wrong_totals = totals[~right]
    broken = _broken(table, check, wrong_totals, parts, lined, bounded)
    rounded_totals = totals[equal & (difference != 0)]
    rounded = _rounded(table, rounded_totals)
    judged = list(_judged(totals.index[decided], right[decided]))
    judged += _judged_parts(totals[decided], right[decided], parts)
    is_touched = parts["group"].isin(totals["group"])
    touched_parts = parts.index[is_touched]
    fitted_parts = parts.index[parts["group"].isin(fitted_groups)]
    exact = (fitted_groups.index, fitted_parts)
    judged_lines = tuple(judged)
    broken_sums = tuple(broken)
    rounded_sums = tuple(rounded)
    return Verdicts(
        judged=judged_lines,
        touched=(touched_parts,),
        exact=exact,
        broken=broken_sums,
        rounded=rounded_sums,
    )


def _judged(index: Iterable[Any], right: Iterable[Any]) -> Iterator[tuple[Any, bool]]:
    """Pairs of a figure and whether it agrees."""
    for one, is_right in zip(index, right, strict=True):
        yield one, bool(is_right)


def _judged_parts(
    totals: pd.DataFrame, right: pd.Series[bool], parts: pd.DataFrame
) -> Iterator[tuple[Any, bool]]:
    """Parts that are themselves totals or of which.

    They agree where all totals of their group do.
    """
    groups = totals["group"]
    grouped = right.groupby(groups)
    group_agrees = grouped.all()
    role = parts["role"]
    is_special = role != Bucket.OBSERVATION.value
    is_judged = parts["group"].isin(groups)
    special = parts.loc[is_special & is_judged, "group"]
    return _judged(special.index, special.map(group_agrees))


def _sums_of_groups(table: CheckedTable, check: Check, parts: pd.DataFrame) -> pd.DataFrame:
    """Sum, steps and number of missing parts of each group that has any amount."""
    known = parts["known"]
    missing_count = (~known).astype("int64")
    known_count = known.astype("int64")
    wanted = parts[["amount", "step"]]
    wanted = wanted.assign(missing=missing_count, known=known_count)
    for bound in (_OVER, _UNDER):
        wanted[bound] = (parts["bound"] == bound).astype("int64")
    if check.rounding:
        wanted["step"] = table.whole(check.rounding)
    grouped = wanted.groupby(parts["group"])
    sums = grouped.sum()
    return sums[sums["known"] > 0]


def _broken(
    table: CheckedTable,
    check: Check,
    totals: pd.DataFrame,
    parts: pd.DataFrame,
    sums: pd.DataFrame,
    bounded: pd.Series[bool],
) -> Iterator[BrokenSum]:
    """Sums that differ, one for each of `totals`."""
    amount = sums["amount"]
    summed = amount.loc[totals.index]
    bounds = bounded.loc[totals.index]
    for place in range(len(totals)):
        total = totals.iloc[place]
        of_group = parts["group"] == total["group"]
        value = summed.iloc[place]
        summed_number = table.number(value)
        total_number = table.number(total["amount"])
        is_bounded = bool(bounds.iloc[place])
        sheet = total["sheet"]
        rounded_to = table.rounded_to.get(str(sheet), "")
        parts_of_total = parts[of_group]
        yield BrokenSum(
            check, total, parts_of_total, summed_number, total_number, is_bounded, rounded_to
        )


def _rounded(table: CheckedTable, totals: pd.DataFrame) -> Iterator[RoundedSum]:
    """Totals on sheets of which all figures were found to be rounded."""
    if not table.rounded_to:
        return
    for sheet, cell in zip(totals["sheet"], totals["cell"], strict=True):
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
        cells = ", ".join(addresses[:_NAMED])
        if count > _NAMED:
            cells += ", ..."
        affects = f"1 total and {count} parts; all are written as printed"
        if one.rounded_to:
            affects += f", figures rounded to {one.rounded_to}"
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
        read = f"figures that are all multiples: {rounded_to}"
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
