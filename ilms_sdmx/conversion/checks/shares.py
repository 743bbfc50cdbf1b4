"""Printed percents, recomputed from the counts and compared within their rounding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.checks.lines import headings, line_up, unvaried, with_labels_of_counts
from ilms_sdmx.conversion.checks.sums import SUMMED
from ilms_sdmx.conversion.checks.totals import Verdicts
from ilms_sdmx.conversion.figures.model import Figures, chosen
from ilms_sdmx.findings import Finding, Place, find, phrase
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.mapping.layout import Change, Share, TableLayout, column
from ilms_sdmx.mapping.patterns import Where
from ilms_sdmx.sums import agrees, allowance

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class BrokenShare:
    """A printed percent that differs from the one recomputed.

    Parameters
    ----------
    percent
        Row of the percent.
    computed
        The percent recomputed from the counts.
    change
        Whether it is a rate of change, not a share.
    """

    percent: pd.Series[Any]
    computed: float
    change: bool


@dataclass(frozen=True, eq=False)
class SharesCompared:
    """What the comparison of percents says.

    Parameters
    ----------
    verdicts
        Verdicts on the percents.
    broken
        Percents that differ from those recomputed.
    """

    verdicts: Verdicts
    broken: tuple[BrokenShare, ...] = ()


def run_shares(figures: Figures, layouts: tuple[TableLayout, ...]) -> SharesCompared:
    """Recompute every percent whose rule says what it is a share or a change of."""
    verdicts = []
    broken: list[BrokenShare] = []
    for layout in layouts:
        own = _with_roles(figures.of_table(layout.name).frame, layout)
        for number, rule in enumerate(layout.rules):
            basis = rule.share or rule.change
            if basis is None:
                continue
            if not len(own):
                continue
            share = own["share"]
            role = own["role"]
            is_summed = role.isin(SUMMED)
            is_tested = (share == number) & ~is_summed
            compared = _compare(own, layout, own[is_tested], basis)
            verdicts.append(compared.verdicts)
            broken += compared.broken
    return SharesCompared(Verdicts.joined(verdicts), tuple(broken))


def _with_roles(own: pd.DataFrame, layout: TableLayout) -> pd.DataFrame:
    """Figures of a table with the roles by which they are compared."""
    if not len(own):
        return own
    has_rule = any(rule.share or rule.change for rule in layout.rules)
    if not has_rule:
        return own
    summed_as = own["summed_as"]
    figures = own.assign(role=summed_as)
    return with_labels_of_counts(figures, layout)


def _compare(
    own: pd.DataFrame, layout: TableLayout, percents: pd.DataFrame, basis: Share | Change
) -> SharesCompared:
    """Recompute the percents of one rule and compare them."""
    has_value = percents["value"].notna()
    percents = percents[has_value]
    role = own["role"]
    buckets_left_out = [Bucket.PERCENT.value, Bucket.IGNORE.value]
    not_counted = role.isin(buckets_left_out)
    counted = own[~not_counted]
    if isinstance(basis, Share) and basis.left:
        upper = _left(counted, percents)
        alike = _like_left(counted, layout, percents)
    else:
        upper = _by_headings(counted, layout, percents, basis.of)
        alike = percents
    # The denominator differs from the numerator in what `in` names, and in nothing else.
    lower = _by_headings(counted, layout, alike, {**basis.of, **basis.base})
    both_known = upper.notna() & lower.notna()
    known = both_known & (lower != 0)
    is_change = isinstance(basis, Change)
    upper_in_percent = 100 * upper[known]
    share = upper_in_percent / lower[known]
    computed = share - 100 if is_change else share
    lined = percents[known]
    unit = lined["unit"]
    steps = unit.astype("float64")
    value = lined["value"].astype("float64")
    away = computed - value
    allowed = allowance(steps)
    right = agrees(away, allowed)
    broken = []
    for index in lined.index[~right]:
        share_of_counts = float(computed.loc[index])
        percent = lined.loc[index]
        broken_share = BrokenShare(percent, share_of_counts, is_change)
        broken.append(broken_share)
    judged = zip(lined.index, map(bool, right), strict=True)
    verdicts = Verdicts(tuple(judged), exact=(lined.index,))
    return SharesCompared(verdicts, tuple(broken))


def _like_left(
    counted: pd.DataFrame, layout: TableLayout, percents: pd.DataFrame
) -> pd.DataFrame:
    """Percents with the headings of the figures before them.

    `%` next to `2018` is of the total of 2018.
    """
    nearest = _nearest(counted, percents)
    known = percents[nearest.notna()]
    counted_headings = headings(counted, layout)
    names = [column(name) for name in counted_headings]
    numbers = nearest.dropna().astype("int64")
    counted_labels = counted[names].reindex(numbers)
    labels = counted_labels.set_axis(known.index)
    labels_by_name = {name: labels[name] for name in names}
    return known.assign(**labels_by_name)


def _left(counted: pd.DataFrame, percents: pd.DataFrame) -> pd.Series[float]:
    """Amount of the nearest count to the left in the row of each percent."""
    nearest = _nearest(counted, percents)
    figures = Figures(counted)
    return nearest.map(figures.amount)


def _nearest(counted: pd.DataFrame, percents: pd.DataFrame) -> pd.Series[float]:
    """Index of the nearest count to the left in the row of each percent."""
    import pandas as pd

    both = pd.concat([counted, percents])
    both = both.sort_values(["sheet", "row", "column_number"], kind="stable")
    numbers = pd.Series(both.index, index=both.index, dtype="float64")
    counts = numbers.where(both.index.isin(counted.index))
    sheet = both["sheet"]
    row = both["row"]
    grouped = counts.groupby([sheet, row])
    last_counts = grouped.ffill()
    return last_counts.loc[percents.index]


def _by_headings(
    counted: pd.DataFrame, layout: TableLayout, percents: pd.DataFrame, where: Where
) -> pd.Series[float]:
    """Sum of the counts that differ from each percent in the headings that are named only."""
    others = unvaried(counted, layout, list(where))
    meant = counted[chosen(counted, where)]
    percents, meant = line_up(percents, meant, others)
    amounts = Figures(meant).amount
    grouped = amounts.groupby(meant["group"])
    sums = grouped.sum(min_count=1)
    is_incomplete = amounts.isna().groupby(meant["group"]).any()
    sums[is_incomplete] = None
    return percents["group"].map(sums)


def find_broken_shares(compared: SharesCompared) -> Iterator[Finding]:
    """Findings of the percents that differ from those recomputed, each at its cell."""
    for one in compared.broken:
        percent = one.percent
        sheet = str(percent["sheet"])
        cell = str(percent["cell"])
        place = Place(sheet=sheet, cell=cell)
        expected = f"{one.computed:.1f}"
        case = "change" if one.change else ""
        read = str(percent["text"])
        affects = phrase("change-for-checking" if one.change else "percent-for-checking")
        yield find(
            "percent-differs",
            place,
            case=case,
            component="OBS_VALUE",
            read=read,
            expected=expected,
            affects=affects,
        )
