"""Time series of each side with their breaks, revisions between editions, and what exists where."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ilms_sdmx.changes import successive_rows
from ilms_sdmx.comparison import areas
from ilms_sdmx.comparison.alignment import middles

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


def series(observations: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    """Figures in order of time within each line, with `break`.

    `break` is `flagged` where the source says so (OBS_STATUS B, or D), `definition` where the record changes
    from the figure before, `jump` where the figure at least doubles or halves unsaid, else empty. A line
    is one side's: editions never join.
    """
    frame = observations.copy()
    frame["day"] = (
        middles(frame["date"])[frame["date"].cat.codes] if len(frame) else np.array([])
    )
    frame = frame.sort_values([*_LINE, "day"], kind="stable").reset_index(drop=True)
    numbers = frame.groupby(_LINE, observed=True, sort=False).ngroup().to_numpy()
    start = np.r_[True, numbers[1:] != numbers[:-1]] if len(frame) else np.array([], bool)
    defined = _definitions(records)[frame["record"].to_numpy(dtype="int64")]
    changed = np.r_[False, defined[1:] != defined[:-1]][: len(frame)] & ~start
    value = frame["value"].to_numpy(dtype="float64")
    before = np.r_[np.nan, value[:-1]][: len(frame)]
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(~start & (before > 0) & (value > 0), value / before, np.nan)
    leap = ((factor >= JUMP) | (factor <= 1 / JUMP)) & (np.fmax(value, before) >= SMALL)
    flagged = frame["status"].isin(["B", "D"]).to_numpy()
    frame["factor"] = factor
    frame["break"] = np.select([flagged, changed, leap], ["flagged", "definition", "jump"], "")
    return frame.drop(columns="day").join(records[_RECORD], on="record")


def _definitions(records: pd.DataFrame) -> np.ndarray:
    """Give each record a number by what it counts; method and address are no definition."""
    if not len(records):
        return np.zeros(0, "int64")
    return (
        records.groupby(["criterion", "scope", "ages", "data_type", "table"])
        .ngroup()
        .to_numpy()
    )


def revisions(observations: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    """Say what a later edition changed: `older`, `newer`, `change`, `ratio` of each figure that both give.

    Editions are those of one source and one kind; they are ordered by their names. Where they count by
    another criterion, another scope or other ages, the figures stand beside each other and are not
    subtracted: `change` and `ratio` are empty.
    """
    counted = ["criterion", "scope", "ages"]
    names = ["source", "edition", "kind", "direction", "measure", *counted]
    frame = observations.drop(columns="kind").join(records[names], on="record")
    frame = frame[(frame["edition"] != "") & frame["value"].notna()]
    key = [
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
    for name in key:
        frame[name] = frame[name].astype("category")
    columns = [*key, "edition", "value", "record", *counted]
    repeated = frame.duplicated(key, keep=False)
    frame = (
        frame.loc[repeated, columns]
        .sort_values([*key, "edition"], kind="stable")
        .reset_index(drop=True)
    )
    same = frame.groupby(key, observed=True, sort=False).ngroup().to_numpy()
    older_rows, newer_rows = successive_rows(same, frame["edition"].to_numpy())
    older = frame.iloc[older_rows].reset_index(drop=True)
    newer = frame.iloc[newer_rows].reset_index(drop=True)
    found = newer[key].assign(older_edition=older["edition"], newer_edition=newer["edition"])
    found = found.assign(
        older_counts=_words(older[counted]), newer_counts=_words(newer[counted])
    )
    found = found.assign(older=older["value"], newer=newer["value"])
    alike = found["older_counts"] == found["newer_counts"]
    found["change"] = (found["newer"] - found["older"]).where(alike)
    found["ratio"] = (found["newer"] / found["older"].where(found["older"] > 0)).where(alike)
    return found


def _words(counted: pd.DataFrame) -> pd.Series[str]:
    """Say what a figure counts in words: `birth, all, 0+`."""
    parts = counted.astype("str").fillna("")
    return parts["criterion"] + ", " + parts["scope"] + ", " + parts["ages"]


def coverage(observations: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    """Count figures and partner countries by side, reporting area and period."""
    frame = observations.join(records[["source", "edition", "table"]], on="record")
    host = (frame["reporter"] == "host").to_numpy()
    area = np.where(host, frame["host"].astype("str"), frame["origin"].astype("str"))
    partner = np.where(host, frame["origin"].astype("str"), frame["host"].astype("str"))
    frame = frame.assign(area=area, partner=partner)
    known = [k == "country" for k in areas.kinds(pd.unique(partner))]
    countries = set(pd.unique(partner)[known])
    frame["partner"] = frame["partner"].where(frame["partner"].isin(countries))
    keys = ["side", "source", "edition", "table", "kind", "area", "period"]
    grouped = frame.groupby(keys, observed=True, sort=True)
    counted = grouped.agg(
        figures=("value", "count"), missing=("value", _missing), partners=("partner", "nunique")
    )
    return counted.reset_index()


def _missing(values: pd.Series[float]) -> int:
    return int(values.isna().sum())
