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
        known = ", ".join(EDITIONS)
        raise NotFoundError(f"there is no edition {edition!r}; there are {known}", service.base)
    name, estimated = EDITIONS[edition]

    def read(answer: Download) -> pd.DataFrame:
        return _read(answer, indicator_id)

    download, table = client.read(read, service, name, kind="gz")
    wanted = numbers_of(area, "locid")
    if wanted:
        table = table[table["LocID"].isin(wanted)]
    first = str(start or "0")
    last = str(end or "9")
    table = table[table["Time"].between(first, last)]
    if table.empty:
        message = "World Population Prospects has no data for these areas and years"
        raise NotFoundError(message, download.url)
    figures = _figures(table.reset_index(drop=True), indicator_id, estimated)
    origin = origin_of(download, f"WPP {edition}")
    areas = codemaps.areas("locid", own="undesa/aggregate")
    return harmonise_indicator(figures, row, origin, areas)


def _read(download: Download, indicator_id: str) -> pd.DataFrame:
    """Columns of an indicator in the file of all."""
    columns = ["LocID", "Variant", "Time", indicator_id]
    content = gzip.decompress(download.content)
    table = table_of_csv(content, columns, download.url)[columns]
    # Rows without a figure (the last year has only the population of 1 January) are no figures.
    has_figure = table[indicator_id] != ""
    return table[has_figure]


def _figures(table: pd.DataFrame, indicator_id: str, estimated: int) -> pd.DataFrame:
    """Figures with the method of their year.

    `estimated` is the last year that is no projection.
    """
    names = {"LocID": "area", "Time": "year", indicator_id: "text"}
    figures = table.rename(columns=names)
    is_projected = figures["year"].astype("int64") > estimated
    is_medium = figures["Variant"] == "Medium"
    figures["method"] = is_projected.map({True: "projected", False: "modelled"})
    figures["reason"] = is_medium.map({True: "", False: "not the medium variant"})
    return figures.drop(columns="Variant")
