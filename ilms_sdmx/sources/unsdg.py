"""UNSD's SDG database: series of targets 8.8, 10.7 and 10.c."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ilms_sdmx.downloads.cache import Download
from ilms_sdmx.downloads.client import Client
from ilms_sdmx.downloads.service import Service
from ilms_sdmx.errors import NotFoundError, ResponseError
from ilms_sdmx.records import Harmonised
from ilms_sdmx.sources import codemaps
from ilms_sdmx.sources.harmonising import origin_of
from ilms_sdmx.sources.indicators import harmonise_indicator, indicator, numbers_of

if TYPE_CHECKING:
    import pandas as pd

SERVICE = Service(
    "UNSD SDG",
    "https://unstats.un.org/SDGAPI/v1/sdg",
    licence="UNSD terms: free use with citation",
    fresh=timedelta(days=7),
    pace=1.0,
    timeout=(15.0, 120.0),
)
_PAGE = 1000
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
        No dataflow of ours holds these series; BREAKDOWN joins what a series distinguishes besides sex
        (`Migratory status=MIGRANT`). Regions other than the world are in `rest`.

    Raises
    ------
    NotFoundError
        No such series or data.
    """
    service = replace(SERVICE, base=base_url) if base_url else SERVICE
    row = indicator("unsdg", series, service.base)
    given = [a.zfill(3) if a.isdigit() else a for a in codemaps.listed(area)]
    places = [place.lstrip("0") for place in numbers_of(given, "m49")]
    query = "&".join(["seriesCode=" + series, *(f"areaCode={p}" for p in places)])
    downloads, records = _pages(client, service, query)
    figures = _figures(records, downloads[0].url)
    figures = figures[figures["year"].between(str(start or "0"), str(end or "9"))].reset_index(
        drop=True
    )
    if figures.empty:
        raise NotFoundError(
            "the SDG database has no data for these areas and years", downloads[0].url
        )
    return harmonise_indicator(
        figures,
        row,
        origin_of(downloads[0]),
        codemaps.areas("m49", own="unsdg/aggregate"),
        codemaps.codes("unsdg", "sex", "CL_SEX"),
    )


def _pages(
    client: Client, service: Service, query: str
) -> tuple[list[Download], list[dict[str, Any]]]:
    downloads: list[Download] = []
    records: list[dict[str, Any]] = []
    pages = 1
    while len(downloads) < pages:
        params = {"pageSize": str(_PAGE), "page": str(len(downloads) + 1)}
        download = client.get(service, f"Series/Data?{query}", params, kind="json")
        body = _read(download)
        downloads.append(download)
        records += body.get("data") or []
        pages = int(body.get("totalPages") or 1)
    if not records:
        raise NotFoundError("the SDG database has no data for this series", downloads[0].url)
    return downloads, records


def _read(download: Download) -> dict[str, Any]:
    import orjson

    try:
        # The service pads some bodies with NUL.
        body = orjson.loads(download.content.rstrip(b"\0"))
        return body if isinstance(body, dict) else {"data": body}
    except ValueError as error:
        raise ResponseError(
            "expected a page of records: please report it", download.url
        ) from error


def _figures(records: list[dict[str, Any]], url: str) -> pd.DataFrame:
    import pandas as pd

    try:
        cells = [_cells(r) for r in records]
    except (KeyError, TypeError, ValueError) as error:
        raise ResponseError(
            "expected geoAreaCode, timePeriodStart and value: please report it", url
        ) from error
    return pd.DataFrame(
        cells, columns=["area", "year", "sex", "breakdown", "text", "symbol", "notes", "status"]
    )


def _cells(record: dict[str, Any]) -> tuple[Any, ...]:
    dimensions = record.get("dimensions") or {}
    text = "" if record.get("value") is None else str(record["value"])
    number = text if text not in ("", "NaN", "N/A") else None
    others = [f"{k}={v}" for k, v in sorted(dimensions.items()) if k not in _PLAIN]
    age = str(dimensions.get("Age", ""))
    others += [f"Age={age}"] if age not in ("", "ALLAGE", "ALLAGES") else []
    return (
        str(record["geoAreaCode"]).lstrip("0") or "0",
        str(int(float(record["timePeriodStart"]))),
        str(dimensions.get("Sex", "")),
        "; ".join(others) or "_T",
        number,
        "" if number is not None else text,
        " ".join(str(n) for n in record.get("footnotes") or [] if n),
        None if number is not None else "N",
    )
