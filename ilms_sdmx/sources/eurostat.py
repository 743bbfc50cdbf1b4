"""Eurostat: population and immigration by country of birth and by citizenship."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from ilms_sdmx.downloads.cache import Download
from ilms_sdmx.downloads.client import Client
from ilms_sdmx.downloads.service import SMALL, Fault, Service, TooLargeError
from ilms_sdmx.errors import NotFoundError, ResponseError
from ilms_sdmx.mapping.model import ComponentMap
from ilms_sdmx.records import Harmonised
from ilms_sdmx.sources import codemaps, jsonstat
from ilms_sdmx.sources.harmonising import Flow, harmonise, origin_of, record_of, yearly_maps
from ilms_sdmx.sources.indicators import numbers_of
from ilms_sdmx.sources.reading import json_of
from ilms_sdmx.sources.stated import methods_of
from ilms_sdmx.structures import facts

if TYPE_CHECKING:
    import pandas as pd

SERVICE = Service(
    "Eurostat",
    "https://ec.europa.eu/eurostat/api/dissemination/statistics/1.0",
    licence="CC BY 4.0",
    fresh=timedelta(days=1),
    pace=1.0,
    timeout=(15.0, 120.0),
    bounds=SMALL,
    faults=(
        Fault(
            r"EXTRACTION_TOO_BIG|too big",
            TooLargeError,
            "ask for fewer areas or years",
            frozenset({200, 400, 413}),
        ),
        Fault(
            r"asynchronous|ASYNCHRONOUS",
            TooLargeError,
            "ask for fewer areas or years",
            frozenset({200, 413}),
        ),
    ),
)


def datasets() -> dict[str, str]:
    """List the data sets of Eurostat that we know how to harmonise, and what they are."""
    return {row["dataset"]: row["note"] for row in facts.rows("maps/eurostat/datasets.csv")}


def fetch_eurostat(
    client: Client,
    dataset: str,
    *,
    area: Iterable[str] = (),
    start: str = "",
    end: str = "",
    codes: Mapping[str, Iterable[str]] | None = None,
    base_url: str = "",
) -> Harmonised:
    """Fetch a data set of Eurostat, as `migr_pop3ctb` or `migr_imm1ctz`.

    Parameters
    ----------
    area
        ILO or Eurostat codes (`EL`, `UK`, `XK`); none for all.
    codes
        Codes by other dimension of Eurostat, `{"c_birth": ["FOR"], "sex": ["T"]}`. Age is TOTAL
        and the unit NR unless said otherwise.

    Returns
    -------
    Harmonised
        Persons on 1 January, or in the year. The native and the total population have no
        counterpart in our dataflows of migrants and are in `rest`, as are single ages.

    Raises
    ------
    NotFoundError
        No such data set or data.
    ResponseError
        The answer is no JSON-stat; `TooLargeError` where it would be too large.
    """
    service = replace(SERVICE, base=base_url) if base_url else SERVICE
    known_rows = facts.by_id("maps/eurostat/datasets.csv", "dataset")
    row = known_rows.get(dataset.lower())
    if row is None:
        known = ", ".join(datasets())
        message = f"no data set {dataset!r} that we know; there are {known}"
        raise NotFoundError(message, service.base)
    places = numbers_of(area, "eurostat")
    query = _query(codes or {}, places)
    params = {"format": "JSON", "lang": "EN"}
    params["sinceTimePeriod"] = str(start)
    params["untilTimePeriod"] = str(end)
    path = f"data/{row['dataset']}?{query}"
    download, (table, updated) = client.read(_read, service, path, params, kind="json")
    return _harmonised(table, row, download, updated)


def _query(codes: Mapping[str, Iterable[str]], areas: list[str]) -> str:
    """Codes of each dimension as the address says them: `age=TOTAL&unit=NR&geo=AT`."""
    asked = {"age": ["TOTAL"], "unit": ["NR"]}
    for dimension, values in codes.items():
        asked[dimension] = codemaps.listed(values)
    asked["geo"] = areas
    pairs = []
    for dimension, values in asked.items():
        for value in values:
            pairs.append(f"{quote(dimension)}={quote(value)}")
    return "&".join(pairs)


def _read(download: Download) -> tuple[pd.DataFrame, str]:
    body = json_of(download)
    try:
        table = jsonstat.parse(body)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise ResponseError(
            "expected a JSON-stat data set: please report it", download.url
        ) from error
    if table.empty:
        raise NotFoundError("Eurostat has no data for these areas and years", download.url)
    return table, str(body.get("updated", ""))


def _harmonised(
    table: pd.DataFrame, row: dict[str, str], download: Download, updated: str
) -> Harmonised:
    """Figures of a data set in our structures."""
    frame = _figures(table, row)
    flow = _flow(row)
    origin = origin_of(download, updated)
    name = row["dataset"]
    criterion = row["criterion"]
    record = record_of(
        origin,
        table=name,
        criterion=criterion,
        scope="all",
        unit="persons",
        refugees="unknown",
    )
    return harmonise(frame, [flow], origin, record)


def _figures(table: pd.DataFrame, row: dict[str, str]) -> pd.DataFrame:
    """Figures with their area, partner, year, status and the fields of their records."""
    names = {row["partner"]: "partner", "geo": "area", "time": "year"}
    frame = table.rename(columns=names)
    area = frame["area"]
    age = frame["age"]
    frame["published_area"] = area
    frame["published_partner"] = frame["partner"]
    frame["reference_date"] = ""
    reference = row["reference"]
    if reference:
        frame["reference_date"] = frame["year"] + "-" + reference
    frame["ages"] = age.replace("TOTAL", "all")
    # Several letters mean several flags; ours has one, the raw letters stay in the record.
    meanings = {}
    for line in facts.rows("maps/eurostat/status.csv"):
        letters = line["source"]
        meanings[letters] = line["target"]
    status = frame["symbol"].map(meanings).astype("str")
    frame["method"] = methods_of(frame["symbol"].astype("str").fillna(""))
    has_nothing = frame["text"].isna() & status.isna()
    frame["status"] = status.mask(has_nothing, "N")
    is_all_ages = age == "TOTAL"
    frame["flow"] = is_all_ages.map({True: row["dataset"], False: ""})
    frame["reason"] = is_all_ages.map({True: "", False: "the dataflow has no ages"})
    return frame


def _flow(row: dict[str, str]) -> Flow:
    """Maps of a data set of Eurostat to the dataflow that it belongs to."""
    files = "eurostat/partner eurostat/aggregate"
    dimension = row["dimension"]
    partners = codemaps.areas("eurostat", f"CL_{dimension}", row["prefix"], files)
    reporters = codemaps.areas("eurostat", own="eurostat/aggregate")
    sexes = codemaps.codes("eurostat", "sex", "CL_SEX")
    partner = ComponentMap("partner", dimension, partners)
    maps = yearly_maps(reporters, sexes, partner, "Eurostat")
    return Flow(row["dataset"], row["dataflow"], maps)
