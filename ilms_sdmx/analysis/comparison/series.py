"""Time series of each side with breaks, revisions of editions, and what exists where."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ilms_sdmx.analysis.comparison import areas, verdicts
from ilms_sdmx.analysis.comparison.alignment import middle_days
from ilms_sdmx.datasets.changes import successive_rows

#: A jump of this factor or more between two figures of a series is marked, flagged or not.
JUMP = 2.0
#: Figures that a series of persons may leap over without a mark: small ones jump by chance.
SMALL = 1000.0
_LINE = ["side", "host", "origin", "sex", "detail"]
_RECORD = [
    "source",
    "edition",
    "criterion",
    "scope",
    "ages",
    "method",
    "data_type",
    "table",
    "address",
]
#: What a figure counts, as the editions of a revision say it.
_COUNTED = ["criterion", "scope", "ages"]
_REVISED_KEY = [
    "source",
    "kind",
    "direction",
    "measure",
    "host",
    "origin",
    "sex",
    "detail",
    "period",
]


def in_order_of_time(observations: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    """Figures in order of time within each line, with `break`.

    `break` is `flagged` where the source says so (OBS_STATUS B, or D), `definition` where the
    record changes from the figure before, `jump` where the figure at least doubles or halves
    unsaid, else empty. A line is one side's: editions never join.
    """
    frame = _in_order_of_time(observations)
    value = frame["value"].to_numpy(dtype="float64")
    continues = _continues(frame)
    before = _shifted(value, np.nan)
    factor = _factors(value, before, continues)
    record = frame["record"].to_numpy(dtype="int64")
    definition = _definitions(records)[record]
    shifted = _shifted(definition, -1)
    is_other_definition = continues & (definition != shifted)
    larger = np.fmax(value, before)
    is_large = larger >= SMALL
    is_far = (factor >= JUMP) | (factor <= 1 / JUMP)
    is_jump = is_far & is_large
    status = frame["status"]
    is_flagged = status.isin(["B", "D"]).to_numpy()
    frame["factor"] = factor
    tests = [is_flagged, is_other_definition, is_jump]
    frame["break"] = np.select(tests, ["flagged", "definition", "jump"], "")
    return frame.join(records[_RECORD], on="record")


def _in_order_of_time(observations: pd.DataFrame) -> pd.DataFrame:
    """Figures line by line, in each by the middle day of their date."""
    frame = observations.copy()
    date = frame["date"]
    frame["day"] = middle_days(date)
    order = [*_LINE, "day"]
    frame = frame.sort_values(order, kind="stable")
    without_day = frame.drop(columns="day")
    return without_day.reset_index(drop=True)


def _continues(frame: pd.DataFrame) -> np.ndarray:
    """Whether a figure is of the same line as the one before it."""
    grouped = frame.groupby(_LINE, observed=True, sort=False)
    lines = grouped.ngroup().to_numpy()
    shifted = _shifted(lines, -1)
    same_line: np.ndarray = lines == shifted
    return same_line


def _shifted(values: np.ndarray, first: float) -> np.ndarray:
    """Value before each value; `first` before the first."""
    moved = np.concatenate([[first], values[:-1]])
    return moved[: len(values)]


def _factors(value: np.ndarray, before: np.ndarray, continues: np.ndarray) -> np.ndarray:
    """Ratio of each figure to the one before it in its line; NaN where none is above zero."""
    has_before = before > 0
    has_value = value > 0
    is_known = continues & has_before & has_value
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = value / before
        return np.where(is_known, ratio, np.nan)


def _definitions(records: pd.DataFrame) -> np.ndarray:
    """Number of each record by what it counts; method and address are no definition."""
    if not len(records):
        return np.zeros(0, "int64")
    grouped = records.groupby(["criterion", "scope", "ages", "data_type", "table"])
    return grouped.ngroup().to_numpy()


def revisions(observations: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    """What a later edition changed: `older`, `newer`, `change` and `ratio` of each figure.

    Editions are those of one source and one kind; they are ordered by their names. Where they
    count by another criterion, another scope or other ages, or one does not say it, the figures
    are next to each other and are not subtracted: `change` and `ratio` are empty.
    """
    frame = _in_order_of_editions(observations, records)
    grouped = frame.groupby(_REVISED_KEY, observed=True, sort=False)
    key_numbers = grouped.ngroup().to_numpy()
    editions = frame["edition"].to_numpy()
    older_rows, newer_rows = successive_rows(key_numbers, editions)
    older = frame.iloc[older_rows]
    older = older.reset_index(drop=True)
    newer = frame.iloc[newer_rows]
    newer = newer.reset_index(drop=True)
    older_counts = _words(older[_COUNTED])
    newer_counts = _words(newer[_COUNTED])
    edition = older["edition"]
    value = older["value"]
    newer_edition = newer["edition"]
    newer_value = newer["value"]
    revised = newer[_REVISED_KEY].copy()
    revised["older_edition"] = edition
    revised["newer_edition"] = newer_edition
    revised["older_counts"] = older_counts
    revised["newer_counts"] = newer_counts
    revised["older"] = value
    revised["newer"] = newer_value
    ours = older["record"].to_numpy()
    theirs = newer["record"].to_numpy()
    flags = verdicts.of_records(records, ours, theirs)
    is_alike = ~verdicts.forbidden(flags)
    change = newer_value - value
    divisor = value.where(value > 0)
    ratio = newer_value / divisor
    change = change.where(is_alike)
    ratio = ratio.where(is_alike)
    return revised.assign(change=change, ratio=ratio)


def _in_order_of_editions(observations: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    """Figures that more than one row gives, key by key, in each by edition."""
    names = ["source", "edition", "kind", "direction", "measure", *_COUNTED]
    frame = observations.drop(columns="kind").join(records[names], on="record")
    has_value = frame["value"].notna()
    edition = frame["edition"]
    has_edition = edition != ""
    frame = frame[has_edition & has_value]
    for name in _REVISED_KEY:
        frame[name] = frame[name].astype("category")
    is_repeated = frame.duplicated(_REVISED_KEY, keep=False)
    columns = [*_REVISED_KEY, "edition", "value", "record", *_COUNTED]
    repeated = frame.loc[is_repeated, columns]
    order = [*_REVISED_KEY, "edition"]
    ordered = repeated.sort_values(order, kind="stable")
    return ordered.reset_index(drop=True)


def _words(counted: pd.DataFrame) -> pd.Series[str]:
    """What a figure counts, in words: `birth, all, 0+`."""
    parts = counted.astype("str").fillna("")
    criterion = parts["criterion"]
    scope = parts["scope"]
    ages = parts["ages"]
    return criterion + ", " + scope + ", " + ages


def coverage(observations: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    """Number of figures and of partner countries by side, reporting area and period."""
    frame = observations.join(records[["source", "edition", "table"]], on="record")
    reporter = frame["reporter"]
    is_host = reporter == "host"
    reported_by_host = is_host.to_numpy()
    host = frame["host"].astype("str")
    origin = frame["origin"].astype("str")
    partner = np.where(reported_by_host, origin, host)
    frame["area"] = np.where(reported_by_host, host, origin)
    partners = pd.Series(partner, index=frame.index)
    is_country = _is_country(partner)
    frame["partner"] = partners.where(is_country)
    keys = ["side", "source", "edition", "table", "kind", "area", "period"]
    grouped = frame.groupby(keys, observed=True, sort=True)
    counted = grouped.agg(
        figures=("value", "count"), missing=("value", _missing), partners=("partner", "nunique")
    )
    return counted.reset_index()


def _is_country(codes: np.ndarray) -> np.ndarray:
    """Whether each code is of one country."""
    distinct = pd.unique(codes)
    kinds = areas.kinds(distinct)
    is_country = np.array([kind == "country" for kind in kinds], dtype="bool")
    return np.isin(codes, distinct[is_country])


def _missing(values: pd.Series[float]) -> int:
    return int(values.isna().sum())
