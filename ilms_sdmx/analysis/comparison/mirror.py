"""Mirror statistics: what two states say of the same people between them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ilms_sdmx.analysis.comparison import areas, verdicts
from ilms_sdmx.analysis.comparison.alignment import MAX_GAP_DAYS, middle_days

#: Flows of one side that mirror flows of the other.
_FAMILY = {"stock": "stock", "inflow": "flow", "outflow": "flow", "return": "return"}
_KEY = ["origin", "host", "sex", "family"]
COLUMNS = [
    "origin",
    "host",
    "sex",
    "family",
    "origin_name",
    "host_name",
    "origin_period",
    "host_period",
]
COLUMNS += [
    "gap_days",
    "origin_says",
    "host_says",
    "ratio",
    "origin_rank",
    "host_rank",
    "verdict",
    "reasons",
]
COLUMNS += ["origin_record", "host_record", "origin_row", "host_row"]


def mirrored(observations: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    """Latest statements of origin and host on each pair of countries, a row for two sides.

    A pair that only one of them speaks of is there too, the other missing: that is the
    coverage. `ratio` is what the origin says to what the host says; it is a ratio of statements
    and given whatever the verdict, which says how much of it definitions can explain. Ranks are
    by size among the pairs of both sides.
    """
    frame = _statements(observations)
    keep = [*_KEY, "side", "period", "day", "value", "record", "row"]
    reporter = frame["reporter"]
    is_origin = reporter == "origin"
    by_origin = frame.loc[is_origin, keep]
    is_host = frame["reporter"] == "host"
    by_host = frame.loc[is_host, keep]
    both = _nearest(by_origin, by_host)
    alone = [_alone(by_origin, both, "origin"), _alone(by_host, both, "host")]
    parts = []
    for part in (both, *alone):
        if len(part):
            parts.append(part)
    joined = pd.concat(parts or [both], ignore_index=True)
    return _finished(joined, records)


def _statements(observations: pd.DataFrame) -> pd.DataFrame:
    """Figures on all persons of one country in another, with what they count and their day."""
    detail = observations["detail"]
    is_whole = (detail == "").to_numpy()
    value = observations["value"]
    has_value = value.notna().to_numpy()
    countries = _countries(observations).to_numpy()
    frame = observations[countries & is_whole & has_value].copy()
    kind = frame["kind"].astype("str")
    families = kind.map(_FAMILY)
    frame["family"] = families.astype("category")
    date = frame["date"]
    frame["day"] = middle_days(date)
    return frame


def _countries(frame: pd.DataFrame) -> pd.Series[bool]:
    """Whether origin and host are each one country."""
    is_country = pd.Series(True, index=frame.index)
    for name in ("origin", "host"):
        column = frame[name]
        codes = column.astype("category").cat.categories
        kinds = np.array(areas.kinds(codes))
        countries = codes[kinds == "country"]
        is_country &= column.isin(countries)
    return is_country


def _nearest(origin: pd.DataFrame, host: pd.DataFrame) -> pd.DataFrame:
    """Statements of both on the same pair, each at the latest of their nearest dates."""
    for part in (origin, host):
        for name in _KEY:
            part[name] = part[name].astype("str")
    both = origin.merge(host, on=_KEY, suffixes=("_o", "_h"))
    day_h = both["day_h"]
    day_o = both["day_o"]
    both["gap_days"] = day_h - day_o
    gap_days = both["gap_days"].abs()
    both = both[gap_days <= MAX_GAP_DAYS]
    size = both["gap_days"].abs()
    both = both.assign(size=size)
    both = both.sort_values(["size", "day_o"], ascending=[True, False], kind="stable")
    keys = [*_KEY, "side_o", "side_h"]
    both = both.drop_duplicates(keys)
    both = both.drop(columns="size")
    renamed = _renamed("o", "origin")
    renamed_host = _renamed("h", "host")
    return both.rename(columns=renamed | renamed_host)


#: Columns of a side to what they are of a statement.
_STATED = {
    "side": "name",
    "period": "period",
    "value": "says",
    "record": "record",
    "row": "row",
}


def _renamed(suffix: str, side: str) -> dict[str, str]:
    renamed = {}
    for old, new in _STATED.items():
        renamed[f"{old}_{suffix}"] = f"{side}_{new}"
    return renamed


def _alone(said: pd.DataFrame, both: pd.DataFrame, side: str) -> pd.DataFrame:
    """Latest statement of one side on pairs of which the other says nothing."""
    known = both.set_index(_KEY).index
    latest = said.sort_values("day", kind="stable")
    latest = latest.drop_duplicates([*_KEY, "side"], keep="last")
    keys = latest.set_index(_KEY).index
    is_known = keys.isin(known)
    latest = latest[~is_known]
    renamed = _renamed("o", side)
    names = {}
    for old, new in renamed.items():
        names[old.removesuffix("_o")] = new
    renamed_latest = latest.rename(columns=names)
    return renamed_latest.drop(columns="day")


def _finished(frame: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    frame = frame.reindex(columns=COLUMNS)
    for name in ("origin_says", "host_says", "gap_days"):
        frame[name] = frame[name].astype("float64")
    with np.errstate(divide="ignore", invalid="ignore"):
        origin_says = frame["origin_says"]
        ratio = origin_says / frame["host_says"]
    host_says = frame["host_says"]
    frame["ratio"] = ratio.where(host_says > 0)
    for side in ("origin", "host"):
        column = f"{side}_says"
        frame[f"{side}_rank"] = _ranks(frame, column)
        for name in ("record", "row"):
            frame[f"{side}_{name}"] = frame[f"{side}_{name}"].astype("Int64")
    flags = _flags(frame, records)
    origin_says_is_missing = frame["origin_says"].isna()
    host_says_is_missing = frame["host_says"].isna()
    says_is_missing = origin_says_is_missing | host_says_is_missing
    one_sided = says_is_missing.to_numpy()
    verdict = verdicts.verdicts_of(flags)
    words_of_verdict = np.asarray(verdict)
    frame["verdict"] = np.where(one_sided, "", words_of_verdict)
    reasons = verdicts.reasons(flags)
    words_of_reasons = np.asarray(reasons)
    frame["reasons"] = np.where(one_sided, "", words_of_reasons)
    keys = ["sex", "family", "origin", "host", "origin_name", "host_name"]
    in_order = frame.sort_values(keys, kind="stable")
    return in_order.reset_index(drop=True)


def _ranks(frame: pd.DataFrame, column: str) -> pd.Series[int]:
    """Rank of each statement by size, among the pairs of which both sides speak."""
    origin_name = frame["origin_name"]
    host_name = frame["host_name"]
    sex = frame["sex"]
    family = frame["family"]
    groups = [origin_name, host_name, sex, family]
    has_ratio = frame["ratio"].notna()
    values = frame[column].where(has_ratio)
    grouped = values.groupby(groups)
    ranks = grouped.rank(method="min", ascending=False)
    return ranks.astype("Int64")


def _flags(frame: pd.DataFrame, records: pd.DataFrame) -> np.ndarray:
    """Reasons of the two records.

    Kinds that mirror each other are no reason, a gap of days is one.

    One publisher may pass on what both states say: that makes them no less two statements.
    """
    if not len(records) or not len(frame):
        return np.zeros(len(frame), "int32")
    kind = records["kind"].map(_FAMILY)
    mirrored = records.assign(kind=kind)
    first_label = int(records.index[0])
    origin_record = frame["origin_record"].fillna(first_label)
    origin = origin_record.to_numpy("int64")
    host_record = frame["host_record"].fillna(first_label)
    host = host_record.to_numpy("int64")
    flags = verdicts.of_records(mirrored, origin, host)
    same_source = verdicts.Reason.SAME_SOURCE.value
    without_source = flags & ~same_source
    gap_days = frame["gap_days"].fillna(0)
    has_gap = (gap_days != 0).to_numpy()
    date = verdicts.Reason.DATE.value
    flag_of_date = np.where(has_gap, date, 0)
    return without_source | flag_of_date


def disagreement(frame: pd.DataFrame) -> pd.Series[float]:
    """Size of the disagreement of each pair: the absolute natural logarithm of its ratio."""
    ratio = frame["ratio"].where(frame["ratio"] > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        logarithm = np.log(ratio)
        return pd.Series(np.abs(logarithm), index=frame.index)
