"""UNSD's SDG database: series of targets 8.8, 10.7 and 10.c."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ilms_sdmx.downloads.cache import Download
from ilms_sdmx.downloads.client import Client
from ilms_sdmx.downloads.service import SMALL, Service
from ilms_sdmx.errors import NotFoundError, ResponseError
from ilms_sdmx.records import Harmonised
from ilms_sdmx.sources import codemaps
from ilms_sdmx.sources.harmonising import origin_of
from ilms_sdmx.sources.indicators import harmonise_indicator, indicator, numbers_of
from ilms_sdmx.sources.reading import json_of, refuse_many_pages, refuse_other_count
from ilms_sdmx.structures import facts

if TYPE_CHECKING:
    import pandas as pd

SERVICE = Service(
    "UNSD SDG",
    "https://unstats.un.org/SDGAPI/v1/sdg",
    licence="UNSD terms: free use with citation",
    fresh=timedelta(days=7),
    pace=1.0,
    timeout=(15.0, 120.0),
    bounds=SMALL,
)
_PAGE = 1000
_NO_RECORDS = "expected a list of records: please report it"
_PLAIN = frozenset({"Sex", "Reporting Type", "Age"})


def fetch_unsdg(
    client: Client,
    series: str,
    *,
    area: Iterable[str] = (),
    start: str = "",
    end: str = "",
    base_url: str = "",
) -> Harmonised:
    """Series of the SDG database: `SL_EMP_FTLINJUR`, `SG_CPA_MIGRS`, `SM_DTH_MIGR`, ...

    Parameters
    ----------
    area
        ILO or M49 codes, with or without leading zeros; none for all.

    Returns
    -------
    Harmonised
        No dataflow of ours holds these series; BREAKDOWN joins what a series distinguishes
        besides sex (`Migratory status=MIGRANT`). Regions other than the world are in `rest`.

    Raises
    ------
    NotFoundError
        No such series or data.
    """
    service = replace(SERVICE, base=base_url) if base_url else SERVICE
    row = indicator("unsdg", series, service.base)
    query = _query(series, area)
    downloads, records = _pages(client, service, query)
    download = downloads[0]
    url = download.url
    figures = _figures(records, url)
    first = str(start or "0")
    last = str(end or "9")
    in_years = figures["year"].between(first, last)
    figures = figures[in_years].reset_index(drop=True)
    if figures.empty:
        raise NotFoundError("the SDG database has no data for these areas and years", url)
    areas = codemaps.areas("m49", own="unsdg/aggregate")
    sexes = codemaps.codes("unsdg", "sex", "CL_SEX")
    return harmonise_indicator(figures, row, origin_of(download), areas, sexes)


def _query(series: str, area: Iterable[str]) -> str:
    """Series and areas as the address says them; M49 numbers without leading zeros."""
    given = []
    for code in codemaps.listed(area):
        given.append(code.zfill(3) if code.isdigit() else code)
    parts = [f"seriesCode={series}"]
    for place in numbers_of(given, "m49"):
        number = place.lstrip("0")
        parts.append(f"areaCode={number}")
    return "&".join(parts)


def _pages(
    client: Client, service: Service, query: str
) -> tuple[list[Download], list[dict[str, Any]]]:
    downloads: list[Download] = []
    records: list[dict[str, Any]] = []
    pages = 1
    while len(downloads) < pages:
        params = {"pageSize": str(_PAGE), "page": str(len(downloads) + 1)}
        path = f"Series/Data?{query}"
        download, body = client.read(_read, service, path, params, kind="json")
        downloads.append(download)
        records += body["data"]
        pages = int(body.get("totalPages") or 1)
        refuse_many_pages(pages, downloads, service.bounds)
    if not records:
        raise NotFoundError("the SDG database has no data for this series", downloads[0].url)
    return downloads, records


def _read(download: Download) -> dict[str, Any]:
    """Page of an answer, checked."""
    body = json_of(download)
    page = {"data": body} if isinstance(body, list) else body
    if not isinstance(page, dict) or "data" not in page:
        raise ResponseError("expected a page of records: please report it", download.url)
    records = page["data"] or []
    if not isinstance(records, list):
        raise ResponseError(_NO_RECORDS, download.url)
    for record in records:
        if not isinstance(record, dict):
            raise ResponseError(_NO_RECORDS, download.url)
    refuse_other_count(records, page, ("totalElements", "size", "pageNumber"), download.url)
    return {**page, "data": records}


def _figures(records: list[dict[str, Any]], url: str) -> pd.DataFrame:
    import pandas as pd

    try:
        cells = [_cells(r) for r in records]
    except (KeyError, TypeError, ValueError) as error:
        raise ResponseError(
            "expected geoAreaCode, timePeriodStart and value: please report it", url
        ) from error
    return pd.DataFrame(
        cells,
        columns=[
            "area",
            "year",
            "sex",
            "breakdown",
            "text",
            "symbol",
            "notes",
            "status",
            "data_type",
            "method",
        ],
    )


def _cells(record: dict[str, Any]) -> tuple[Any, ...]:
    """Cells of a record, in the order of the columns of the figures."""
    area = str(record["geoAreaCode"]).lstrip("0")
    year = int(float(record["timePeriodStart"]))
    value = record.get("value")
    text = "" if value is None else str(value)
    has_number = text not in ("", "NaN", "N/A")
    number = text if has_number else None
    symbol = "" if has_number else text
    status = None if has_number else "N"
    dimensions = record.get("dimensions") or {}
    sex = str(dimensions.get("Sex", ""))
    breakdown = _breakdown(dimensions)
    notes = filter(None, record.get("footnotes") or [])
    footnotes = " ".join(map(str, notes))
    nature = str((record.get("attributes") or {}).get("Nature") or "")
    method = _methods().get(nature, "")
    place = (area or "0", str(year), sex, breakdown)
    return (*place, number, symbol, footnotes, status, nature, method)


def _methods() -> dict[str, str]:
    """How figures of a nature (`C`: country data) were made."""
    return {row["source"]: row["target"] for row in facts.rows("maps/unsdg/nature.csv")}


def _breakdown(dimensions: dict[str, Any]) -> str:
    """What a series distinguishes besides sex, `_T` where nothing."""
    parts = []
    for name, value in sorted(dimensions.items()):
        if name not in _PLAIN:
            parts.append(f"{name}={value}")
    age = str(dimensions.get("Age", ""))
    if age not in ("", "ALLAGE", "ALLAGES"):
        parts.append(f"Age={age}")
    return "; ".join(parts) or "_T"
