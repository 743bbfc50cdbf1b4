"""UN DESA Data Portal API: net migration and populations, which need a token."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ilms_sdmx.downloads.cache import Download
from ilms_sdmx.downloads.client import Client
from ilms_sdmx.downloads.secret import Secret, find_token
from ilms_sdmx.downloads.service import SMALL, Service
from ilms_sdmx.errors import FetchError, NotFoundError, ResponseError
from ilms_sdmx.records import Harmonised
from ilms_sdmx.sources import codemaps
from ilms_sdmx.sources.harmonising import origin_of
from ilms_sdmx.sources.indicators import harmonise_indicator, indicator, numbers_of
from ilms_sdmx.sources.reading import (
    json_of,
    refuse_many_pages,
    refuse_other_count,
    table_of_csv,
)
from ilms_sdmx.structures import crosswalk, facts

if TYPE_CHECKING:
    import pandas as pd

TOKEN = "ILMS_SDMX_UNDESA_TOKEN"
#: Its server does not know RFC 5746; the first answer after a pause may take long.
SERVICE = Service(
    "UN DESA Data Portal",
    "https://population.un.org/dataportalapi/api/v1",
    licence="CC BY 3.0 IGO",
    fresh=timedelta(days=7),
    pace=1.0,
    timeout=(20.0, 180.0),
    bounds=SMALL,
    legacy_tls=True,
)
_MEDIAN = 4
#: Its names of the number of all records, of the records of a page, and of the page.
_COUNTS = ("total", "pageSize", "pageNumber")
_WPP = {2: "WPP 2018", 13: "WPP 2019", 25: "WPP 2022", 27: "WPP 2024"}


def fetch_undesa_portal(
    client: Client,
    indicator_id: str = "65",
    *,
    area: Iterable[str] = (),
    start: str = "1950",
    end: str = "2100",
    format: str = "json",
    token: Secret | str | None = None,
    base_url: str = "",
) -> Harmonised:
    """Fetch an indicator of the Data Portal: 65 net migration, 66 its rate, 47 population.

    Parameters
    ----------
    area
        LocIDs or ILO codes; none for all countries.
    format
        `json` (page by page) or `csv` (at once): the same figures.
    token
        Default: the environment variable ILMS_SDMX_UNDESA_TOKEN or the keyring.

    Raises
    ------
    NotFoundError
        No such indicator, no token, or no data.
    ResponseError
        The answer is not what the service documents.

    Notes
    -----
    The portal has no migrant stock by origin: see `fetch_undesa_stock`. Figures of other
    variants than the median are in `rest`.
    """
    service = replace(SERVICE, base=base_url) if base_url else SERVICE
    row = indicator("undesa-portal", indicator_id, service.base)
    given = Secret(token, service.base) if isinstance(token, str) else token
    secret = given or find_token(TOKEN, service.base)
    places = numbers_of(area, "locid") or _countries()
    locations = ",".join(places)
    path = f"data/indicators/{indicator_id}/locations/{locations}/start/{start}/end/{end}"
    downloads, records = _pages(client, service, path, format, secret)
    first = downloads[0]
    figures = _figures(records, first.url)
    unit = _unit(client, service, indicator_id)
    if unit:
        row = {**row, "unit": unit}
    origin = replace(origin_of(first), edition=_edition(records))
    areas = codemaps.areas("locid", own="undesa/aggregate")
    sexes = codemaps.codes("undesa", "sex_id", "CL_SEX")
    return harmonise_indicator(figures, row, origin, areas, sexes)


def _countries() -> list[str]:
    """LocIDs of all countries."""
    table = crosswalk()
    numbers = table["locid"]
    is_country = numbers.str.isdigit() & (table["kind"] == "country")
    return numbers[is_country].tolist()


def _pages(
    client: Client, service: Service, path: str, format: str, secret: Secret
) -> tuple[list[Download], list[dict[str, Any]]]:
    """Every page of an answer, whichever of its shapes the service chooses."""
    if format == "csv":
        asked = {"format": "csv"}
        download, table = client.read(read_portal_csv, service, path, asked, secret=secret)
        return [download], table
    downloads: list[Download] = []
    records: list[dict[str, Any]] = []
    addresses: set[str] = set()
    address = path
    params = {"format": "json", "pagingInHeader": "false", "pageSize": "100"}
    params["pageNumber"] = "1"
    while address:
        download, (page, following) = client.read(
            read_portal_json, service, address, params, kind="json", secret=secret
        )
        if following:
            _refuse_other_host(following, service.base, download.url)
        if following in addresses:
            message = "the pages go round in circles: please report it"
            raise ResponseError(message, download.url)
        addresses.add(download.url)
        downloads.append(download)
        records += page
        refuse_many_pages(len(downloads), downloads, service.bounds)
        address = following
        params = {}
    return downloads, records


def _refuse_other_host(address: str, base: str, url: str) -> None:
    """Refuse a next page on another host than that of the service."""
    scheme, host, *_ = urlsplit(address)
    if (scheme, host) != urlsplit(base)[:2]:
        raise ResponseError("the next page is on another host: please report it", url)


def read_portal_json(download: Download) -> tuple[list[dict[str, Any]], str]:
    """Read the records of a page and the address of the next page (or `""`).

    The body is an envelope with `data` and `nextPage`, or a bare array with `X-Pagination` in
    the header.
    """
    import orjson

    body = json_of(download)
    try:
        if isinstance(body, list):
            records = body
            paging = orjson.loads(download.header("x-pagination") or b"{}")
        else:
            records = body["data"]
            paging = body
        following = paging.get("nextPage") or paging.get("NextPage") or ""
        refuse_other_count(records, _in_camel_case(paging), _COUNTS, download.url)
        page = list(map(_in_camel_case, records))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        message = "expected a page of records: please report it"
        raise ResponseError(message, download.url) from error
    return page, str(following)


def _in_camel_case(record: dict[str, Any]) -> dict[str, Any]:
    """Record with its names in lower camel case."""
    return {_camel(str(name)): value for name, value in record.items()}


def read_portal_csv(download: Download) -> list[dict[str, Any]]:
    """Read the records of a CSV whose first line says `sep =|`, names in lower camel case."""
    text = download.content.decode("utf-8-sig")
    first_line, _, rest = text.partition("\n")
    said, _, separator = first_line.partition("=")
    words = said.lower().replace(" ", "")
    if words != "sep" or "=" not in first_line:
        raise ResponseError("expected a first line `sep =|`: please report it", download.url)
    delimiter, _, _ = separator.partition("=")
    table = table_of_csv(rest.encode(), ("Value",), download.url, delimiter.strip() or "|")
    records: list[dict[str, Any]] = []
    for row in table.to_dict("records"):
        named = {str(name): value for name, value in row.items()}
        records.append(_in_camel_case(named))
    return records


def _camel(name: str) -> str:
    """Name in lower camel case."""
    first = name[:1].lower()
    return first + name[1:]


def _figures(records: list[dict[str, Any]], url: str) -> pd.DataFrame:
    """Figures of the records with their age, method, and reason for a variant."""
    import pandas as pd

    _refuse_other_records(records, url)
    table = pd.DataFrame(records)
    text = table.astype("str")
    all_ages = pd.Series("Total", index=table.index)
    age_labels = text.get("ageLabel", all_ages)
    no_kind = pd.Series("", index=table.index)
    kinds = text.get("estimateType", no_kind).str.lower()
    is_projected = kinds.str.contains("project")
    is_other_variant = text["variantId"] != str(_MEDIAN)
    columns: dict[str, Any] = {"area": text["locationId"], "sex": text["sexId"]}
    columns["year"] = text["timeLabel"]
    columns["text"] = list(map(_plain, table["value"]))
    columns["age"] = _age_codes(age_labels)
    columns["ages"] = age_labels.replace("Total", "all")
    columns["method"] = is_projected.map({True: "projected", False: "modelled"})
    columns["reason"] = is_other_variant.map({True: "not the median variant", False: ""})
    return pd.DataFrame(columns)


def _refuse_other_records(records: list[dict[str, Any]], url: str) -> None:
    if not records:
        raise NotFoundError("the Data Portal has no data for these areas and years", url)
    needed = {"locationId", "timeLabel", "sexId", "value", "variantId"}
    missing = sorted(needed - set(records[0]))
    if missing:
        raise ResponseError(f"expected fields {', '.join(missing)}: please report it", url)


def _age_codes(labels: pd.Series[str]) -> pd.Series[str]:
    """Code of each age, `Y` and its label where we have none."""
    codes = {}
    for row in facts.rows("maps/undesa/age.csv"):
        if row["target"]:
            codes[row["source"]] = row["target"]
    return labels.map(codes).fillna("Y" + labels).astype("str")


def _plain(value: Any) -> str | None:
    """Text of a number as it came; JSON numbers in their shortest form."""
    if value is None or value == "":
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _edition(records: list[dict[str, Any]]) -> str:
    """Edition by `sourceId`: `revision` is always 0."""
    ids = set()
    for record in records:
        text = str(record.get("sourceId", ""))
        if text.isdigit():
            ids.add(int(text))
    editions = [_WPP.get(id, f"source {id}") for id in sorted(ids)]
    return ", ".join(editions)


def _unit(client: Client, service: Service, indicator_id: str) -> str:
    """Unit of an indicator as the service says today, `""` if it does not."""
    try:
        path = f"indicators/{indicator_id}"
        _, body = client.read(json_of, service, path, kind="json")
        entries = body if isinstance(body, list) else body.get("data", [body])
        entry = entries[0]
        scaling = entry.get("unitScaling", 1)
        unit = str(entry.get("unitShortLabel", ""))
    except (FetchError, ValueError, LookupError, AttributeError):
        return ""
    if scaling in (1, 1.0, None):
        return unit
    return f"{unit} x {scaling}"
