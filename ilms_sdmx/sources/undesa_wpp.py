"""UN DESA World Population Prospects in bulk: net migration and population without a token."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from ilms_sdmx.downloads.cache import Download
from ilms_sdmx.downloads.client import Client
from ilms_sdmx.downloads.service import BROWSER, Service
from ilms_sdmx.errors import NotFoundError
from ilms_sdmx.records import Harmonised
from ilms_sdmx.sources import codemaps
from ilms_sdmx.sources.harmonising import origin_of
from ilms_sdmx.sources.indicators import harmonise_indicator, indicator, numbers_of
from ilms_sdmx.sources.reading import table_of_csv

if TYPE_CHECKING:
    import pandas as pd

SERVICE = Service(
    "UN DESA WPP",
    "https://population.un.org/wpp/assets/Excel%20Files/1_Indicator%20(Standard)/CSV_FILES",
    licence="CC BY 3.0 IGO",
    fresh=timedelta(days=30),
    pace=5.0,
    timeout=(20.0, 120.0),
    headers={"User-Agent": BROWSER},
)
#: Edition to file and the last year that is estimated, not projected.
EDITIONS = {"2024": ("WPP2024_Demographic_Indicators_Medium.csv.gz", 2023)}


def fetch_undesa_wpp(
    client: Client,
    indicator_id: str = "NetMigrations",
    *,
    edition: str = "2024",
    area: Iterable[str] = (),
    start: str = "",
    end: str = "",
    base_url: str = "",
) -> Harmonised:
    """Fetch an indicator of World Population Prospects: `NetMigrations`, `CNMR` and others.

    Raises
    ------
    NotFoundError
        No such indicator, edition or data.
    ResponseError
        The file is not the table it was.
    """
    service = replace(SERVICE, base=base_url) if base_url else SERVICE
    row = indicator("undesa-wpp", indicator_id, service.base)
    if edition not in EDITIONS:
        raise NotFoundError(
            f"there is no edition {edition!r}; there are {', '.join(EDITIONS)}", service.base
        )
    name, estimated = EDITIONS[edition]
    download, table = client.read(
        lambda answer: _read(answer, indicator_id), service, name, kind="gz"
    )
    wanted = numbers_of(area, "locid")
    table = table[table["LocID"].isin(wanted)] if wanted else table
    table = table[table["Time"].between(str(start or "0"), str(end or "9"))].reset_index(
        drop=True
    )
    if table.empty:
        raise NotFoundError(
            "World Population Prospects has no data for these areas and years", download.url
        )
    figures = _figures(table, indicator_id, estimated)
    origin = origin_of(download, f"WPP {edition}")
    return harmonise_indicator(
        figures, row, origin, codemaps.areas("locid", own="undesa/aggregate")
    )


def _read(download: Download, indicator_id: str) -> pd.DataFrame:
    columns = ["LocID", "Variant", "Time", indicator_id]
    content = gzip.decompress(download.content)
    table = table_of_csv(content, columns, download.url)[columns]
    # Rows without a figure (the last year has only the population of 1 January) are no figures.
    return table[table[indicator_id] != ""]


def _figures(table: pd.DataFrame, indicator_id: str, estimated: int) -> pd.DataFrame:
    """Figures with the method of their year.

    `estimated` is the last year that is no projection.
    """
    figures = table.rename(columns={"LocID": "area", "Time": "year", indicator_id: "text"})
    projected = figures["year"].astype("int64") > estimated
    figures["method"] = projected.map({True: "projected", False: "modelled"})
    figures["reason"] = (table["Variant"] != "Medium").map(
        {True: "not the medium variant", False: ""}
    )
    return figures.drop(columns="Variant")
