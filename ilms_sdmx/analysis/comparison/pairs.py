"""Pairs of figures of two sides, each with its numbers, its dates and its verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ilms_sdmx.analysis.comparison import areas, verdicts
from ilms_sdmx.analysis.comparison.alignment import (
    Aligned,
    Groups,
    align,
    date_matches,
    join,
    middle_days,
    partner_kinds,
)
from ilms_sdmx.analysis.comparison.groups import with_groups
from ilms_sdmx.analysis.comparison.meets import records_of_groups
from ilms_sdmx.analysis.comparison.stacking import stack
from ilms_sdmx.analysis.comparison.verdicts import Reason
from ilms_sdmx.sums import agrees, allowance, exceeds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ilms_sdmx.analysis.comparison.sides import Side

#: Columns of a frame of pairs, and what each holds.
COLUMNS = {
    "ours_name": "str",
    "theirs_name": "str",
    "area": "str",
    "partner": "str",
    "partner_kind": "str",
    "host": "str",
    "origin": "str",
    "sex": "str",
    "detail": "str",
    "ours_period": "str",
    "theirs_period": "str",
    "ours_date": "str",
    "theirs_date": "str",
    "gap_days": "float64",
    "ours": "float64",
    "theirs": "float64",
    "difference": "float64",
    "ratio": "float64",
    "log_ratio": "float64",
    "ours_share": "float64",
    "theirs_share": "float64",
    "ours_residual": "float64",
    "theirs_residual": "float64",
    "agree": "bool",
    "verdict": "str",
    "reasons": "str",
    "ours_status": "str",
    "theirs_status": "str",
    "ours_record": "float64",
    "theirs_record": "float64",
    "ours_row": "float64",
    "theirs_row": "float64",
}
#: From this share of a total on, a residual can hide much of any single partner.
LARGE_RESIDUAL = 0.1
#: From this share of a figure on, the unit it is rounded to can make the difference.
COARSE_ROUNDING = 0.05


def empty_pairs() -> pd.DataFrame:
    """Frame of pairs without a row."""
    import pandas as pd

    columns = {name: pd.Series(dtype=held) for name, held in COLUMNS.items()}
    return pd.DataFrame(columns)


def pair_figures(
    ours: Side, theirs: Side, max_gap_days: int, next_label: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Pairs of the same area, partner, sex, detail and nearest date, and new records.

    Next to the partners that both name there is one row `X`: the total less these partners, on
    each side. The residual shares say how much of each total it is. What is made here, a total
    or a rest, has the record that all figures of its group agree in.

    Parameters
    ----------
    next_label
        First label that is free for such a record.
    """
    direction = ours.concept.direction
    partner = "host"
    if direction == "in":
        partner = "origin"
    our_side = with_groups(ours, theirs, partner, next_label)
    next_label += len(our_side.records) - len(ours.records)
    their_side = with_groups(theirs, ours, partner, next_label)
    next_label += len(their_side.records) - len(theirs.records)
    aligned = align(our_side, their_side)
    matches = date_matches(aligned, max_gap_days)
    left, right = join(aligned, matches)
    our_groups = Groups.of(aligned.ours, aligned.focus, aligned.partner)
    their_groups = Groups.of(aligned.theirs, aligned.focus, aligned.partner)
    groups = our_groups, their_groups
    frame = _sides_by_side(aligned, left, right)
    partner_kind = frame["partner_kind"]
    is_named = (partner_kind != "others").to_numpy()
    frame = _with_rest(frame[is_named], groups, aligned.partner)
    frame, our_records = _with_records_of_groups(
        frame, "ours", aligned.ours, our_side, our_groups, next_label
    )
    next_label += len(our_records) - len(our_side.records)
    frame, their_records = _with_records_of_groups(
        frame, "theirs", aligned.theirs, their_side, their_groups, next_label
    )
    frame = _with_shares(frame, groups)
    records = pd.concat([our_records, their_records])
    flags_of_records = _flags_of_records(frame, records)
    flags_of_figures = _flags_of_figures(frame)
    flags = flags_of_records | flags_of_figures
    possible = _without_impossible(frame)
    frame = _with_differences(possible, flags)
    count = len(frame)
    frame["ours_name"] = _constant(count, ours.name)
    frame["theirs_name"] = _constant(count, theirs.name)
    our_labels = ours.records.index
    known_labels = our_labels.union(theirs.records.index)
    is_known = records.index.isin(known_labels)
    made = records[~is_known]
    in_order = frame[list(COLUMNS)]
    return in_order.reset_index(drop=True), made


def _with_records_of_groups(
    frame: pd.DataFrame,
    name: str,
    figures: pd.DataFrame,
    side: Side,
    groups: Groups,
    next_label: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Pairs whose figures made here have the record of their group, and that side's records."""
    is_made = frame["is_made"].to_numpy()
    column = "group_theirs"
    if name == "ours":
        column = "group"
    number = frame[column].to_numpy()
    group_count = len(groups.total)
    numbers_made = number[is_made]
    wanted = np.zeros(group_count, dtype="bool")
    wanted[numbers_made] = True
    is_part = wanted[groups.number]
    part_groups = groups.number[is_part]
    record = figures["record"].to_numpy()
    rows = record[is_part]
    made, part_records = records_of_groups(side.records, rows, part_groups, next_label)
    record_of_group = np.zeros(group_count, dtype="int32")
    record_of_group[part_groups] = part_records
    column_of_records = f"{name}_record"
    record_of_figure = frame[column_of_records].to_numpy()
    record_if_made = record_of_group[number]
    records = np.where(is_made, record_if_made, record_of_figure)
    all_records = pd.concat([side.records, made])
    recorded = frame.assign(**{column_of_records: records})
    return recorded, all_records


def _constant(length: int, text: str) -> pd.Categorical[str]:
    """Column of one text."""
    codes = np.zeros(length, "int8")
    return pd.Categorical.from_codes(codes, pd.Index([text]))


def _sides_by_side(aligned: Aligned, left: np.ndarray, right: np.ndarray) -> pd.DataFrame:
    """Figures of ours and of theirs that belong together, in one row each."""
    ours = aligned.ours.take(left).reset_index(drop=True)
    theirs = aligned.theirs.take(right).reset_index(drop=True)
    frame = ours[["host", "origin", "sex", "detail"]].copy(deep=False)
    for name, side in (("ours", ours), ("theirs", theirs)):
        frame[name] = side["value"]
        for column in ("period", "date", "status", "record", "row", "rounding"):
            frame[f"{name}_{column}"] = side[column]
    frame["at_ours"] = left
    frame["at_theirs"] = right
    frame["area"] = frame[aligned.focus]
    frame["partner"] = frame[aligned.partner]
    partner = frame["partner"]
    frame["partner_kind"] = partner_kinds(partner)
    theirs_date = frame["theirs_date"]
    ours_date = frame["ours_date"]
    gap = middle_days(theirs_date) - middle_days(ours_date)
    frame["gap_days"] = gap.astype("int32")
    return frame


@dataclass(frozen=True)
class _Totals:
    """Totals and named parts of the groups of pairs, a number for each first pair.

    Parameters
    ----------
    groups
        Number of each group among those of ours.
    ours, theirs
        Total of each group as that side gives it.
    our_rest, their_rest
        What is left of it when the partners that both name are subtracted.
    our_rest_step, their_rest_step
        Rounding steps of the total and of all these partners together.
    has_parts, has_total
        Whether both name a partner, and whether there is a pair of the totals.
    """

    groups: NDArray[np.int32]
    ours: NDArray[np.float64]
    theirs: NDArray[np.float64]
    our_rest: NDArray[np.float64]
    their_rest: NDArray[np.float64]
    our_rest_step: NDArray[np.float64]
    their_rest_step: NDArray[np.float64]
    has_parts: NDArray[np.bool_]
    has_total: NDArray[np.bool_]

    def excess(self) -> NDArray[np.bool_]:
        """Whether the parts of each group exceed the total on a side by more than rounding."""
        difference = -self.our_rest
        our_allowance = allowance(self.our_rest_step)
        ours = exceeds(difference, our_allowance)
        allowed = allowance(self.their_rest_step)
        theirs = exceeds(-self.their_rest, allowed)
        is_over: NDArray[np.bool_] = np.logical_or(ours, theirs)
        return is_over


def _with_rest(frame: pd.DataFrame, groups: tuple[Groups, Groups], column: str) -> pd.DataFrame:
    """Frame with totals that are sums of complete parts, and what is left of each total."""
    at_ours = frame["at_ours"]
    number = groups[0].number[at_ours]
    at_theirs = frame["at_theirs"]
    other_number = groups[1].number[at_theirs]
    frame = frame.drop(columns=["at_ours", "at_theirs"])
    frame = frame.assign(group=number, group_theirs=other_number)
    is_repeated = pd.Series(number).duplicated().to_numpy()
    is_first = ~is_repeated
    first = frame[is_first]
    totals = _totals(frame, first, groups)
    total_known = ~np.isnan(totals.ours + totals.theirs)
    rest_known = ~np.isnan(totals.our_rest + totals.their_rest)
    rests = totals.our_rest, totals.their_rest
    our_step = totals.our_rest_step
    their_step = totals.their_rest_step
    rest_first = first.assign(ours_rounding=our_step, theirs_rounding=their_step)
    is_rest = totals.has_parts & rest_known
    others = _computed(rest_first, rests, is_rest, column, areas.OTHERS)
    sums = totals.ours, totals.theirs
    lacks_total = ~totals.has_total
    wanted = total_known & lacks_total
    whole = _computed(first, sums, wanted, column, areas.TOTAL)
    frames = [frame]
    for part in (others, whole):
        if len(part):
            frames.append(part)
    together = stack(frames)
    is_made = np.arange(len(together)) >= len(frame)
    excess = totals.excess()
    group_numbers = totals.groups
    marked = together.assign(is_made=is_made)
    return _with_excess(marked, group_numbers, excess)


def _with_excess(frame: pd.DataFrame, groups: np.ndarray, excess: np.ndarray) -> pd.DataFrame:
    """Pairs that say whether the countries of their group exceed its total."""
    group_count = 0
    if len(frame):
        group_count = int(frame["group"].max()) + 1
    is_impossible = np.zeros(group_count, dtype="bool")
    is_impossible[groups] = excess
    return frame.assign(is_impossible=is_impossible[frame["group"].to_numpy()])


def _totals(frame: pd.DataFrame, first: pd.DataFrame, groups: tuple[Groups, Groups]) -> _Totals:
    """Totals of the groups of pairs, and what the partners that both name leave of them."""
    size = len(groups[0].total)
    group = first["group"].to_numpy()
    partner_kind = frame["partner_kind"]
    is_total = (partner_kind == "total").to_numpy()
    number_of_totals = frame["group"].to_numpy()[is_total]
    total_count = np.bincount(number_of_totals, minlength=size)
    common = _common_partners(frame)
    number = common["group"].to_numpy()
    parts_count = np.bincount(number, minlength=size)
    sums = {}
    for name in ("ours", "theirs", "ours_rounding", "theirs_rounding"):
        sum_of_group = np.bincount(number, common[name], size)
        sums[name] = sum_of_group[group]
    ours = groups[0].total[group]
    group_theirs = first["group_theirs"]
    theirs = groups[1].total[group_theirs]
    ours_rounding = first["ours_rounding"].to_numpy()
    our_rest_step = ours_rounding + sums["ours_rounding"]
    theirs_rounding = first["theirs_rounding"].to_numpy()
    their_rest_step = theirs_rounding + sums["theirs_rounding"]
    our_rest = ours - sums["ours"]
    their_rest = theirs - sums["theirs"]
    has_parts = parts_count[group] > 0
    has_total = total_count[group] > 0
    return _Totals(
        groups=group,
        ours=ours,
        theirs=theirs,
        our_rest=our_rest,
        their_rest=their_rest,
        our_rest_step=our_rest_step,
        their_rest_step=their_rest_step,
        has_parts=has_parts,
        has_total=has_total,
    )


def _common_partners(frame: pd.DataFrame) -> pd.DataFrame:
    """Pairs of countries for which both sides have a figure."""
    partner_kind = frame["partner_kind"]
    is_country = partner_kind == "country"
    has_ours = frame["ours"].notna()
    has_theirs = frame["theirs"].notna()
    common: pd.DataFrame = frame[is_country & has_ours & has_theirs]
    return common


def _computed(
    first: pd.DataFrame,
    values: tuple[np.ndarray, np.ndarray],
    wanted: np.ndarray,
    column: str,
    partner: str,
) -> pd.DataFrame:
    """Rows of one partner that neither side reported as such, one for each group of `first`."""
    ours = values[0][wanted]
    theirs = values[1][wanted]
    wanted_rows = first[wanted]
    rows = wanted_rows.assign(ours=ours, theirs=theirs)
    name = _constant(len(rows), partner)
    ours_row = np.int32(-1)
    rows = rows.assign(partner=name, ours_row=ours_row, theirs_row=ours_row)
    rows[column] = name
    rows["partner_kind"] = partner_kinds(rows["partner"])
    no_status = _constant(len(rows), "")
    return rows.assign(ours_status=no_status, theirs_status=no_status)


def _with_shares(frame: pd.DataFrame, groups: tuple[Groups, Groups]) -> pd.DataFrame:
    """Share of each figure in its total, and of what is left in the total of its group."""
    partner_kind = frame["partner_kind"]
    is_others = partner_kind == "others"
    is_rest = is_others.to_numpy()
    for name, column, group in (
        ("ours", "group", groups[0]),
        ("theirs", "group_theirs", groups[1]),
    ):
        number = frame[column].to_numpy()
        total = group.total[number]
        with np.errstate(divide="ignore", invalid="ignore"):
            figures_of_side = frame[name].to_numpy()
            share = np.where(total > 0, figures_of_side / total, np.nan)
        residual = np.full(len(group.total), np.nan)
        residual[number[is_rest]] = share[is_rest]
        frame[f"{name}_share"] = share
        frame[f"{name}_residual"] = residual[number]
    return frame


def _flags_of_records(frame: pd.DataFrame, records: pd.DataFrame) -> np.ndarray:
    """Reasons of each pair that its two records give, as a number."""
    ours = frame["ours_record"].to_numpy()
    theirs = frame["theirs_record"].to_numpy()
    return verdicts.of_records(records, ours, theirs)


def _flags_of_figures(frame: pd.DataFrame) -> np.ndarray:
    """Reasons of each pair that its figures give, as a number."""
    gap_days = frame["gap_days"].to_numpy()
    has_gap = gap_days != 0
    ours_date = frame["ours_date"]
    theirs_date = frame["theirs_date"]
    same_date = _same_text(ours_date, theirs_date)
    is_others = frame["partner_kind"] == "others"
    is_rest = is_others.to_numpy()
    partner_kind = frame["partner_kind"]
    is_partner = partner_kind.isin(["country", "group"]).to_numpy()
    is_sum = frame["partner_kind"].isin(["total", "others"]).to_numpy()
    is_impossible = frame["is_impossible"].to_numpy()
    is_coarse = _is_coarse(frame)
    is_derived = _is_derived(frame)
    is_imprecise = ~has_gap & ~same_date
    is_hidden = is_partner & _has_large_residual(frame)
    has_status = _has_status(frame)
    is_impossible_sum = is_sum & is_impossible
    is_own_sum = is_derived & ~is_rest
    rules = {
        Reason.IMPOSSIBLE: is_impossible_sum,
        Reason.DATE: has_gap,
        Reason.DATE_IMPRECISE: is_imprecise,
        Reason.RESIDUAL: is_rest | is_hidden,
        Reason.ROUNDING: is_coarse,
        Reason.STATUS: has_status,
        Reason.DERIVED: is_own_sum,
    }
    flags = np.zeros(len(frame), "int32")
    for reason, holds in rules.items():
        flag = np.where(holds, reason.value, 0)
        flags = flags | flag.astype("int32")
    return flags


def _has_large_residual(frame: pd.DataFrame) -> np.ndarray:
    larger_residual = frame[["ours_residual", "theirs_residual"]].max(axis=1)
    residual = larger_residual.to_numpy()
    is_large: np.ndarray = residual > LARGE_RESIDUAL
    return is_large


def _is_coarse(frame: pd.DataFrame) -> np.ndarray:
    """Whether a figure is rounded to a unit large for the smaller figure of the pair."""
    sizes = frame[["ours", "theirs"]].abs()
    smaller_size = sizes.min(axis=1)
    smaller = smaller_size.to_numpy()
    coarser = frame[["ours_rounding", "theirs_rounding"]].max(axis=1)
    unit = coarser.to_numpy()
    limit = COARSE_ROUNDING * smaller
    is_coarse: np.ndarray = unit > limit
    return is_coarse


def _has_status(frame: pd.DataFrame) -> np.ndarray:
    ours_status = frame["ours_status"]
    has_ours_status = ours_status != ""
    ours = has_ours_status.to_numpy()
    theirs_status = frame["theirs_status"]
    has_theirs_status = theirs_status != ""
    theirs = has_theirs_status.to_numpy()
    return np.logical_or(ours, theirs)


def _is_derived(frame: pd.DataFrame) -> np.ndarray:
    """Whether a figure of the pair is a sum that was made here."""
    ours_row = frame["ours_row"]
    ours = (ours_row < 0).to_numpy()
    theirs_row = frame["theirs_row"]
    theirs = (theirs_row < 0).to_numpy()
    return np.logical_or(ours, theirs)


def _same_text(ours: pd.Series[Any], theirs: pd.Series[Any]) -> np.ndarray:
    """Whether two categorical columns say the same."""
    categories = theirs.cat.categories
    counterpart = categories.get_indexer(ours.cat.categories)
    our_codes = counterpart[ours.cat.codes.to_numpy()]
    codes = theirs.cat.codes.to_numpy()
    same: np.ndarray = our_codes == codes
    return same


def _without_impossible(frame: pd.DataFrame) -> pd.DataFrame:
    """Pairs without a rest below zero: nobody is left, or nobody knows how many."""
    partner_kind = frame["partner_kind"]
    is_others = partner_kind == "others"
    is_rest = is_others.to_numpy()
    changed = {}
    for name in ("ours", "theirs"):
        values = frame[name].to_numpy()
        is_impossible = frame["is_impossible"].to_numpy()
        possible = np.where(is_impossible, np.nan, 0.0)
        is_below_zero = is_rest & (values < 0)
        changed[name] = np.where(is_below_zero, possible, values)
    return frame.assign(**changed)


def _with_differences(frame: pd.DataFrame, flags: np.ndarray) -> pd.DataFrame:
    """Frame with its differences; there are none where the verdict forbids a subtraction."""
    allowed = ~verdicts.forbidden(flags)
    ours = frame["ours"].to_numpy()
    theirs = frame["theirs"].to_numpy()
    has_divisor = theirs > 0
    has_ratio = allowed & has_divisor & (ours >= 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(has_ratio, ours / theirs, np.nan)
        logarithm = np.log(ratio)
        log_ratio = np.where(ratio > 0, logarithm, np.nan)
    frame["difference"] = np.where(allowed, ours - theirs, np.nan)
    frame["ratio"] = ratio
    frame["log_ratio"] = log_ratio
    ours_rounding = frame["ours_rounding"]
    theirs_rounding = frame["theirs_rounding"]
    step_of_both = ours_rounding + theirs_rounding
    steps = step_of_both.to_numpy()
    difference = ours - theirs
    is_near = agrees(difference, allowance(steps))
    agreeing = allowed & is_near
    frame["agree"] = pd.array(agreeing, dtype="bool")
    frame["verdict"] = verdicts.verdicts_of(flags)
    frame["reasons"] = verdicts.reasons(flags)
    return frame
