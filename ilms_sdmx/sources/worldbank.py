"""World Bank: migrant stock, net migration, population.

Marked where UN DESA is served again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ilms_sdmx.downloads.cache import Download
from ilms_sdmx.downloads.client import Client
from ilms_sdmx.downloads.service import SMALL, Fault, Service
from ilms_sdmx.errors import FetchError, NotFoundError, ResponseError
from ilms_sdmx.findings import Finding, find
from ilms_sdmx.records import Harmonised
from ilms_sdmx.sources import codemaps
from ilms_sdmx.sources.harmonising import origin_of
from ilms_sdmx.sources.indicators import harmonise_indicator, indicator, numbers_of
from ilms_sdmx.sources.reading import json_of, refuse_many_pages, refuse_other_count

if TYPE_CHECKING:
    import pandas as pd

#: Its errors come as 200, and some as XML though JSON was asked for.
SERVICE = Service(
    "World Bank WDI",
    "https://api.worldbank.org/v2",
    licence="CC BY 4.0",
    fresh=timedelta(days=7),
    pace=1.0,
    timeout=(15.0, 90.0),
    bounds=SMALL,
    faults=(
        Fault(
            r"Invalid value|parameter value is not valid",
            NotFoundError,
            "the World Bank knows no such country or indicator",
            frozenset({200, 400}),
        ),
        Fault(
            r'"message"\s*:\s*\[|<wb:error|Invalid format',
            ResponseError,
            "the World Bank answers with an error",
            frozenset({200}),
        ),
    ),
)


def fetch_worldbank(
    client: Client,
    indicator_id: str = "SM.POP.TOTL",
    *,
    area: Iterable[str] = (),
    start: str = "1960",
    end: str = "2100",
    base_url: str = "",
) -> Harmonised:
    """Fetch an indicator of the World Bank: `SM.POP.TOTL`, `SM.POP.NETM` or `SP.POP.TOTL`.

    Parameters
    ----------
    area
        ILO or World Bank codes; none for all.

    Returns
    -------
    Harmonised
        SM.POP.TOTL in POP_MFRB_SEX_CBR_NB; its records say `same_as` UN DESA IMS: it
        corroborates nothing. Years without a figure (null) are counted in the report and not
        kept.

    Raises
    ------
    NotFoundError
        No such indicator or country, or no data.
    """
    service = replace(SERVICE, base=base_url) if base_url else SERVICE
    row = indicator("worldbank", indicator_id, service.base)
    codes = numbers_of(area, "worldbank")
    places = ";".join(codes) or "all"
    path = f"country/{places}/indicator/{indicator_id}"
    params = {"format": "json", "date": f"{start}:{end}", "per_page": "20000"}
    downloads, rows, updated = _pages(client, service, path, params)
    download = downloads[0]
    figures, empty = _figures(rows, download.url)
    figures["notes"] = _note(client, service, indicator_id)
    findings = [_empty(empty)] if empty else []
    origin = origin_of(download, updated)
    areas = codemaps.areas("worldbank", own="worldbank/aggregate")
    return harmonise_indicator(figures, row, origin, areas, findings=findings)


def _pages(
    client: Client, service: Service, path: str, params: dict[str, str]
) -> tuple[list[Download], list[dict[str, Any]], str]:
    """Every page of an answer, its rows, and when it was updated."""
    downloads: list[Download] = []
    rows: list[dict[str, Any]] = []
    pages = 1
    updated = ""
    while len(downloads) < pages:
        number = len(downloads) + 1
        paged = dict(params)
        if number > 1:
            paged["page"] = str(number)
        download, (meta, page) = client.read(_read, service, path, paged, kind="json")
        downloads.append(download)
        rows += page
        pages = int(meta.get("pages") or 1)
        updated = str(meta.get("lastupdated") or "")
        refuse_many_pages(pages, downloads, service.bounds)
    return downloads, rows, updated


def _read(download: Download) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    body = json_of(download)
    if not isinstance(body, list) or len(body) != 2 or not isinstance(body[0], dict):
        raise ResponseError("expected [meta, rows]: please report it", download.url)
    meta, rows = body
    if not isinstance(rows, list | None):
        raise ResponseError("expected a list of rows: please report it", download.url)
    refuse_other_count(rows or [], meta, ("total", "per_page", "page"), download.url)
    if not rows:
        raise NotFoundError(
            "the World Bank has no data for these countries and years", download.url
        )
    if not all(isinstance(row, dict) for row in rows):
        raise ResponseError("expected rows with names: please report it", download.url)
    return meta, rows


def _figures(rows: list[dict[str, Any]], url: str) -> tuple[pd.DataFrame, int]:
    """Figures, and how many rows had none.

    A group without a code of three letters has `id:` and its own.
    """
    import pandas as pd

    try:
        cells = list(map(_cells, rows))
    except (KeyError, TypeError) as error:
        message = "expected countryiso3code, date and value: please report it"
        raise ResponseError(message, url) from error
    table = pd.DataFrame(cells, columns=["area", "year", "text", "symbol"])
    has_figure = table["text"].notna()
    full = table[has_figure].reset_index(drop=True)
    if full.empty:
        raise NotFoundError("the World Bank has only empty years for these countries", url)
    return full, len(table) - len(full)


def _cells(row: dict[str, Any]) -> tuple[str, str, str | None, str]:
    """Area, year, text and symbol of a row."""
    area = row["countryiso3code"]
    if not area:
        group = row["country"]["id"]
        area = f"id:{group}"
    year = str(row["date"])
    text = _text(row["value"])
    symbol = row.get("obs_status")
    return area, year, text, symbol or ""


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _empty(count: int) -> Finding:
    return find("empty-years", count=count)


def _note(client: Client, service: Service, indicator_id: str) -> str:
    """Ask what the indicator counts: as the World Bank says today."""
    try:
        path = f"indicator/{indicator_id}"
        _, (_, rows) = client.read(_read, service, path, {"format": "json"}, kind="json")
        return " ".join(str(rows[0].get("sourceNote", "")).split())
    except (FetchError, LookupError, AttributeError):
        return ""
