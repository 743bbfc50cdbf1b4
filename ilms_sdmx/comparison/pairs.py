"""Pairs of figures of two sides, each with its numbers, its dates and its verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ilms_sdmx.comparison import areas, verdicts
from ilms_sdmx.comparison.alignment import (
    Aligned,
    Groups,
    align,
    date_matches,
    join,
    middles,
    partner_kinds,
)
from ilms_sdmx.comparison.groups import with_groups
from ilms_sdmx.comparison.stacking import stack
from ilms_sdmx.comparison.verdicts import BLOCKING, Reason

if TYPE_CHECKING:
    from ilms_sdmx.comparison.sides import Side

#: Columns of a frame of pairs.
COLUMNS = [
    "ours_name",
    "theirs_name",
    "area",
    "partner",
    "partner_kind",
    "host",
    "origin",
    "sex",
    "detail",
]
COLUMNS += [
    "ours_period",
    "theirs_period",
    "ours_date",
    "theirs_date",
    "gap_days",
    "ours",
    "theirs",
]
COLUMNS += ["difference", "ratio", "log_ratio", "ours_share", "theirs_share", "ours_residual"]
COLUMNS += ["theirs_residual", "agree", "verdict", "reasons", "ours_status", "theirs_status"]
COLUMNS += ["ours_record", "theirs_record", "ours_row", "theirs_row"]
#: From this share of a total on, a residual can hide much of any single partner.
LARGE_RESIDUAL = 0.1
#: From this share of a figure on, the unit it is rounded to can make the difference.
COARSE_ROUNDING = 0.05


def pairs(ours: Side, theirs: Side, max_gap_days: int) -> pd.DataFrame:
    """Every pair of figures of the same area, partner, sex, detail and nearest date.

    Beside the partners that both name stands one row `X`: the total less these partners, on each side. The
    residual shares say how much of each total it is.
    """
    partner = "origin" if ours.concept.direction == "in" else "host"
    aligned = align(with_groups(ours, theirs, partner), with_groups(theirs, ours, partner))
    left, right = join(aligned, date_matches(aligned, max_gap_days))
    groups = [
        Groups.of(side, aligned.focus, aligned.partner)
        for side in (aligned.ours, aligned.theirs)
    ]
    frame = _sides_by_side(aligned, left, right)
    frame = frame[(frame["partner_kind"] != "others").to_numpy()]
    frame = _with_rest(frame, groups, aligned.partner)
    frame = _with_shares(frame, groups)
    by_record = verdicts.of_records(ours.records, theirs.records)
    rows = [
        frame[f"{n}_record"].to_numpy() - s.records.index[0]
        for n, s in (("ours", ours), ("theirs", theirs))
    ]
    flags = by_record[rows[0], rows[1]] | _flags(frame)
    frame = _with_differences(frame, flags)
    frame["ours_name"] = pd.Categorical.from_codes(
        np.zeros(len(frame), "int8"), pd.Index([ours.name])
    )
    frame["theirs_name"] = pd.Categorical.from_codes(
        np.zeros(len(frame), "int8"), pd.Index([theirs.name])
    )
    return frame[COLUMNS].reset_index(drop=True)


def _sides_by_side(aligned: Aligned, left: np.ndarray, right: np.ndarray) -> pd.DataFrame:
    ours = aligned.ours.take(left).reset_index(drop=True)
    theirs = aligned.theirs.take(right).reset_index(drop=True)
    frame = ours[["host", "origin", "sex", "detail"]].copy(deep=False)
    for name, side in (("ours", ours), ("theirs", theirs)):
        frame[name] = side["value"]
        for column in ("period", "date", "status", "record", "row", "rounding"):
            frame[f"{name}_{column}"] = side[column]
    frame["at_ours"], frame["at_theirs"] = left, right
    frame["area"], frame["partner"] = frame[aligned.focus], frame[aligned.partner]
    frame["partner_kind"] = partner_kinds(frame["partner"])
    days = [
        middles(frame[f"{n}_date"])[frame[f"{n}_date"].cat.codes] for n in ("ours", "theirs")
    ]
    frame["gap_days"] = (days[1] - days[0]).astype("int32")
    return frame


def _with_rest(frame: pd.DataFrame, groups: list[Groups], column: str) -> pd.DataFrame:
    """Frame with the totals that are sums of complete parts, and with what is left of each total."""
    number = groups[0].number[frame["at_ours"]]
    other = groups[1].number[frame["at_theirs"]]
    frame = frame.drop(columns=["at_ours", "at_theirs"]).assign(
        group=number, group_theirs=other
    )
    first = frame[~pd.Series(number).duplicated().to_numpy()]
    common = (
        (frame["partner_kind"] == "country") & frame["ours"].notna() & frame["theirs"].notna()
    )
    size = len(groups[0].total)
    sums = [np.bincount(number[common], frame.loc[common, n], size) for n in ("ours", "theirs")]
    count = np.bincount(number[common], minlength=size)
    totals = [groups[0].total[first["group"]], groups[1].total[first["group_theirs"]]]
    rests = [t - s[first["group"]] for t, s in zip(totals, sums, strict=True)]
    named = count[first["group"]] > 0
    with_total = (
        np.bincount(number[(frame["partner_kind"] == "total").to_numpy()], minlength=size) > 0
    )
    lacking = ~with_total[first["group"]] & ~np.isnan(totals[0]) & ~np.isnan(totals[1])
    known = named & ~np.isnan(rests[0]) & ~np.isnan(rests[1])
    rows = [_computed(first, rests, known, column, areas.OTHERS)]
    rows.append(_computed(first, totals, lacking, column, areas.TOTAL))
    return stack([frame, *(r for r in rows if len(r))])


def _computed(
    first: pd.DataFrame, values: list[np.ndarray], wanted: np.ndarray, column: str, partner: str
) -> pd.DataFrame:
    """Rows of one partner that neither side reported as such, one for each group of `first`."""
    rows = first[wanted].assign(ours=values[0][wanted], theirs=values[1][wanted])
    constant = pd.Categorical.from_codes(np.zeros(len(rows), "int8"), pd.Index([partner]))
    rows = rows.assign(partner=constant, ours_row=np.int32(-1), theirs_row=np.int32(-1))
    rows[column] = constant
    rows["partner_kind"] = partner_kinds(rows["partner"])
    blank = pd.Categorical.from_codes(np.zeros(len(rows), "int8"), pd.Index([""]))
    return rows.assign(ours_status=blank, theirs_status=blank)


def _with_shares(frame: pd.DataFrame, groups: list[Groups]) -> pd.DataFrame:
    """Share of each figure in its total, and of what is left in the total of its group."""
    others = (frame["partner_kind"] == "others").to_numpy()
    for name, at, group in (
        ("ours", "group", groups[0]),
        ("theirs", "group_theirs", groups[1]),
    ):
        total = group.total[frame[at]]
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(total > 0, frame[name].to_numpy() / total, np.nan)
        rest = np.full(len(group.total), np.nan)
        rest[frame[at].to_numpy()[others]] = share[others]
        frame[f"{name}_share"], frame[f"{name}_residual"] = share, rest[frame[at]]
    return frame


def _flags(frame: pd.DataFrame) -> np.ndarray:
    """Reasons of each pair that its figures give, as a number."""
    flags = np.zeros(len(frame), "int32")
    gap = frame["gap_days"].to_numpy() != 0
    imprecise = ~gap & ~_same_text(frame["ours_date"], frame["theirs_date"])
    residual = (
        frame[["ours_residual", "theirs_residual"]].max(axis=1).to_numpy() > LARGE_RESIDUAL
    )
    country = frame["partner_kind"].isin(["country", "group"]).to_numpy()
    smaller = frame[["ours", "theirs"]].abs().min(axis=1).to_numpy()
    unit = frame[["ours_rounding", "theirs_rounding"]].max(axis=1).to_numpy()
    status = (frame["ours_status"] != "").to_numpy() | (frame["theirs_status"] != "").to_numpy()
    derived = ((frame["ours_row"] < 0) | (frame["theirs_row"] < 0)).to_numpy()
    others = (frame["partner_kind"] == "others").to_numpy()
    rules = {
        Reason.DATE: gap,
        Reason.DATE_IMPRECISE: imprecise,
        Reason.RESIDUAL: others | (country & residual),
        Reason.ROUNDING: unit > COARSE_ROUNDING * smaller,
        Reason.STATUS: status,
        Reason.DERIVED: derived & ~others,
    }
    for reason, holds in rules.items():
        flags = flags | np.where(holds, reason.value, 0).astype("int32")
    return flags


def _same_text(ours: pd.Series[Any], theirs: pd.Series[Any]) -> np.ndarray:
    """Whether two categorical columns say the same."""
    counterpart = theirs.cat.categories.get_indexer(ours.cat.categories)
    same: np.ndarray = counterpart[ours.cat.codes.to_numpy()] == theirs.cat.codes.to_numpy()
    return same


def _with_differences(frame: pd.DataFrame, flags: np.ndarray) -> pd.DataFrame:
    """Frame with its differences; there are none where the verdict forbids a subtraction."""
    allowed = (flags & BLOCKING.value) == 0
    ours, theirs = frame["ours"].to_numpy(), frame["theirs"].to_numpy()
    frame["difference"] = np.where(allowed, ours - theirs, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(allowed & (theirs > 0) & (ours >= 0), ours / theirs, np.nan)
        frame["ratio"], frame["log_ratio"] = ratio, np.where(ratio > 0, np.log(ratio), np.nan)
    tolerance = (frame["ours_rounding"] + frame["theirs_rounding"]).to_numpy() / 2
    frame["agree"] = pd.array(
        allowed & (np.abs(ours - theirs) <= tolerance + 1e-9), dtype="bool"
    )
    frame["verdict"], frame["reasons"] = verdicts.verdicts(flags), verdicts.reasons(flags)
    return frame
