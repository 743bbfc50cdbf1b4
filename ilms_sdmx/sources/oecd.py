"""OECD International Migration Database: stocks and flows by birth and by citizenship."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from ilms_sdmx.downloads.client import Client
from ilms_sdmx.downloads.service import Service
from ilms_sdmx.errors import NotFoundError
from ilms_sdmx.findings import Finding, find
from ilms_sdmx.mapping.model import ComponentMap
from ilms_sdmx.records import Harmonised
from ilms_sdmx.sources import codemaps
from ilms_sdmx.sources.harmonising import Flow, harmonise, record_of, yearly_maps
from ilms_sdmx.sources.indicators import numbers_of
from ilms_sdmx.sources.sdmx_rest import FAULTS, fetch_published
from ilms_sdmx.sources.stated import methods_of
from ilms_sdmx.structures import facts

if TYPE_CHECKING:
    import pandas as pd

AGENCY = "OECD.ELS.IMD"
SERVICE = Service(
    "OECD International Migration Database",
    "https://sdmx.oecd.org/public/rest",
    licence="CC BY 4.0",
    fresh=timedelta(days=7),
    pace=3.0,
    timeout=(15.0, 180.0),
    burst_403=True,
    faults=FAULTS,
)


def measures() -> dict[str, str]:
    """Measures of the database that we know, and what they count."""
    return {row["measure"]: row["note"] for row in facts.rows("maps/oecd/measure.csv")}


def fetch_oecd(
    client: Client,
    measure: str = "B15",
    *,
    area: Iterable[str] = (),
    start: str = "",
    end: str = "",
    format: str = "csv",
    base_url: str = "",
) -> Harmonised:
    """Measure of the OECD International Migration Database: `B11`, `B14`, `B15`, ...

    Parameters
    ----------
    area
        ILO or OECD codes; none for all.
    format
        `csv` or `json`: the same figures.

    Returns
    -------
    Harmonised
        Persons, total and women (there are no men). Former states, groups and the stateless are
        in `rest`, as are measures for which we have no dataflow.

    Raises
    ------
    NotFoundError
        No such measure, area or data.

    Notes
    -----
    Some of its dataflows answer keys and refuse `all`, others the reverse: where a key finds
    nothing, all is asked for once and the areas are picked out.
    """
    known_rows = facts.by_id("maps/oecd/measure.csv", "measure")
    row = known_rows.get(measure)
    if row is None:
        known = ", ".join(measures())
        message = f"no measure {measure!r} that we know; there are {known}"
        raise NotFoundError(message, SERVICE.base)
    places = numbers_of(area, "oecd")
    base = base_url or SERVICE.base
    got, fallback = _fetch(client, row, places, (start, end), format, base)
    table = got.dataset.observations.astype("str")
    table = table[table["MEASURE"] == measure]
    if places:
        table = table[table["REF_AREA"].isin(places)]
    if table.empty:
        message = "the OECD has no data for these areas and years"
        raise NotFoundError(message, got.origin.address)
    figures = table.reset_index(drop=True)
    return _harmonised(figures, row, got, fallback)


def _fetch(
    client: Client,
    row: dict[str, str],
    places: list[str],
    period: tuple[str, str],
    format: str,
    base: str,
) -> tuple[Harmonised, list[Finding]]:
    """Answer for the areas, else for all of them, which is said."""
    dataflow = f"{AGENCY}:{row['flow']}(1.0)"
    key = f"{'+'.join(places)}..A.{row['measure']}..._Z.PS"
    start, end = period

    def answer(key: str) -> Harmonised:
        return fetch_published(
            client,
            base,
            dataflow,
            key,
            start=start,
            end=end,
            format=format,
            service=SERVICE,
            described=False,
        )

    try:
        return answer(key), []
    except NotFoundError:
        return answer(""), [find("fetched-all")]


def _harmonised(
    table: pd.DataFrame, row: dict[str, str], got: Harmonised, findings: list[Finding]
) -> Harmonised:
    """Figures of a measure in our structures."""
    figures = _figures(table, row)
    flow = _flow(row)
    origin = replace(got.origin, source=SERVICE.source, licence=SERVICE.licence)
    name = f"{row['flow']} {row['measure']}"
    criterion = row["criterion"]
    scope = row["scope"]
    record = record_of(
        origin,
        table=name,
        criterion=criterion,
        scope=scope,
        ages="all",
        unit="persons",
        notes="National concepts and definitions: not fully comparable across countries",
    )
    return harmonise(figures, [flow], origin, record, findings)


def _figures(table: pd.DataFrame, row: dict[str, str]) -> pd.DataFrame:
    """Figures with their area, partner, sex, year and status."""
    partner = row["partner"]
    names = {"REF_AREA": "area", partner: "partner", "SEX": "sex", "TIME_PERIOD": "year"}
    names["OBS_VALUE"] = "text"
    kept = list(names.values())
    names["OBS_STATUS"] = "symbol"
    frame = table.rename(columns=names)
    if "symbol" not in frame:
        frame["symbol"] = ""
    symbol = frame["symbol"].fillna("")
    meanings = {}
    for line in facts.rows("maps/oecd/status.csv"):
        letter = line["source"]
        meanings[letter] = line["target"] or None
    figures = frame[kept].copy()
    figures["symbol"] = symbol
    figures["status"] = symbol.map(meanings).astype("str")
    figures["method"] = methods_of(symbol)
    figures["published_area"] = frame["area"]
    figures["published_partner"] = frame["partner"]
    has_dataflow = bool(row["dataflow"])
    figures["flow"] = row["measure"] if has_dataflow else ""
    figures["reason"] = "" if has_dataflow else row["note"]
    return figures


def _flow(row: dict[str, str]) -> Flow:
    """Flow of a measure; one without a dataflow has none of its figures in it."""
    dimension = row["dimension"] or "CCT"
    prefix = row["prefix"] or "CCT_CTZ_"
    reporters = codemaps.areas("oecd")
    partners = codemaps.areas("oecd", f"CL_{dimension}", prefix, "oecd/partner")
    sexes = codemaps.codes("oecd", "sex", "CL_SEX")
    partner = ComponentMap("partner", dimension, partners)
    maps = yearly_maps(reporters, sexes, partner, "OECD - International Migration Database")
    dataflow = row["dataflow"] or "POP_MFRC_SEX_CCT_NB"
    return Flow(row["measure"], dataflow, maps)
