"""Any SDMX REST service of version 2.1 or 3.0 by its address and dataflow."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from ilms_sdmx.datasets import Dataset
from ilms_sdmx.datasets.given import Structure
from ilms_sdmx.downloads.cache import Download
from ilms_sdmx.downloads.client import Client
from ilms_sdmx.downloads.service import Fault, Service
from ilms_sdmx.errors import (
    FetchError,
    MessageError,
    NotFoundError,
    StructureError,
    UnavailableError,
)
from ilms_sdmx.findings import Finding, Report, find
from ilms_sdmx.records import Harmonised, records_frame
from ilms_sdmx.sources.harmonising import origin_of, record_of
from ilms_sdmx.sources.native import harmonise_native, joined_rest
from ilms_sdmx.sources.reading import message_of
from ilms_sdmx.sources.stated import stated_fields
from ilms_sdmx.structures.reading import ServiceStructures

FAULTS = (
    Fault(
        "NoRecordsFound|No (data|results?)( is| are|) found",
        NotFoundError,
        "there is no data for this key",
    ),
    Fault(
        "exceeded the number of requests",
        UnavailableError,
        "too many requests",
        frozenset({200, 403, 429, 500}),
    ),
)
SERVICE = Service("SDMX", "", fresh=timedelta(days=1), timeout=(15.0, 120.0), faults=FAULTS)
#: Format to media type by version of the service.
FORMATS = {
    ("2.1", "csv"): "application/vnd.sdmx.data+csv; version=1.0.0",
    ("2.1", "json"): "application/vnd.sdmx.data+json; version=1.0.0",
    ("2.1", "xml"): "application/vnd.sdmx.structurespecificdata+xml; version=2.1",
    ("3.0", "csv"): "application/vnd.sdmx.data+csv; version=2.0.0",
    ("3.0", "json"): "application/vnd.sdmx.data+json; version=2.0.0",
    ("3.0", "xml"): "application/vnd.sdmx.data+xml; version=3.0.0",
}
_FLOW = re.compile(
    r"(?P<agency>[\w.]+)[:,](?P<id>[\w@$-]+)(?:\((?P<v1>[\w.+*]+)\)|,(?P<v2>[\w.+*]+))?"
)


def fetch_sdmx(
    client: Client,
    base_url: str,
    dataflow: str,
    key: str = "",
    *,
    start: str = "",
    end: str = "",
    version: str = "2.1",
    format: str = "csv",
    service: Service | None = None,
    structure: Structure = None,
    described: bool = True,
) -> Harmonised:
    """Observations of a dataflow of any SDMX service, in its own structure and codes.

    Parameters
    ----------
    base_url
        Address before `/data`: `https://sdmx.oecd.org/public/rest`.
    dataflow
        `AGENCY:ID(1.0)` or `AGENCY,ID,1.0`; without version the latest.
    key
        Dots and plus signs as in SDMX: `AUS+NZL.A..`; empty for all.
    version
        Of the REST interface: `2.1` (`/data/AGENCY,ID,VERSION/KEY`) or `3.0`
        (`/data/dataflow/...`).
    format
        `csv`, `json` or `xml`.
    structure
        Structure of the data, as for `read`. By default the service is asked for it.
    described
        Whether to ask the service; without a structure the roles of the columns are inferred.

    Raises
    ------
    NotFoundError
        No such dataflow, key or format.
    ResponseError
        The answer is no SDMX data message.
    """
    published = fetch_published(
        client,
        base_url,
        dataflow,
        key,
        start=start,
        end=end,
        version=version,
        format=format,
        service=service,
        structure=structure,
        described=described,
    )
    checked_parts = [harmonise_native(part) for part in published.parts]
    report = Report()
    rests = []
    for part in checked_parts:
        report += part.report
        rests.append(part.rest)
    return replace(
        checked_parts[0],
        report=report,
        rest=joined_rest(rests),
        also=tuple(checked_parts[1:]),
    )


def fetch_published(
    client: Client,
    base_url: str,
    dataflow: str,
    key: str,
    *,
    start: str = "",
    end: str = "",
    version: str = "2.1",
    format: str = "csv",
    service: Service | None = None,
    structure: Structure = None,
    described: bool = True,
) -> Harmonised:
    """Observations as the service publishes them, see `fetch_sdmx`, not checked yet."""
    reference = _FLOW.fullmatch(dataflow.strip())
    if reference is None:
        message = f"expected a dataflow as AGENCY:ID(1.0), found {dataflow!r}"
        raise NotFoundError(message, base_url)
    accept = FORMATS.get((version, format))
    if accept is None:
        formats = [f"{number} {name}" for number, name in FORMATS]
        known = ", ".join(formats)
        message = f"no format {format!r} of version {version!r}; there are {known}"
        raise NotFoundError(message, base_url)
    host = urlsplit(base_url).hostname or "SDMX"
    chosen = service or replace(SERVICE, source=host)
    based = replace(chosen, base=base_url)
    agency = reference["agency"]
    id = reference["id"]
    numbered = reference["v1"] or reference["v2"] or ""
    path = _path_3 if version == "3.0" else _path_2
    address = path(agency, id, numbered, key)
    findings: list[Finding] = []
    if structure is None and described:
        asking = ServiceStructures(base_url, version, client, based)
        try:
            structure = asking.message(f"{agency}:{id}({numbered})")
        except (FetchError, StructureError, MessageError) as error:
            finding = find("structure-not-served", dataflow=dataflow, reason=str(error))
            findings.append(finding)

    def read(answer: Download) -> Harmonised:
        return read_download(answer, dataflow, structure)

    bounds = _bounds(str(start), str(end), version)
    kind = "" if format == "csv" else format
    _, harmonised = client.read(read, based, address, bounds, accept=accept, kind=kind)
    report = Report.of([*findings, *harmonised.report])
    return replace(harmonised, report=report)


def _path_2(agency: str, id: str, numbered: str, key: str) -> str:
    """Path of a query of REST 1.x; without version the latest."""
    parts = [agency, id]
    if numbered:
        parts.append(numbered)
    return f"data/{','.join(parts)}/{key or 'all'}"


def _path_3(agency: str, id: str, numbered: str, key: str) -> str:
    """Path of a query of REST 2.x; without version the latest stable one."""
    version = numbered or "~"
    asked = key or "*"
    return f"data/dataflow/{agency}/{id}/{version}/{asked}"


def _bounds(start: str, end: str, version: str) -> dict[str, str]:
    """Parameters of a query that say the first and the last period."""
    if version != "3.0":
        return {"startPeriod": start, "endPeriod": end}
    bounds = []
    if start:
        bounds.append(f"ge:{start}")
    if end:
        bounds.append(f"le:{end}")
    return {"c[TIME_PERIOD]": "+".join(bounds)}


def read_download(download: Download, dataflow: str, structure: Structure = None) -> Harmonised:
    """Harmonised figures of an SDMX data message as it came."""
    message = message_of(download, structure)
    origin = origin_of(download)
    parts = []
    for dataset in message.datasets:
        if len(dataset):
            part = _part(dataset, origin, dataflow)
            parts.append(part)
    if not parts:
        problem = "the service has no data for this key and these years"
        raise NotFoundError(problem, download.url)
    first, *others = parts
    report = Report.of(message.report)
    return replace(first, report=report, also=tuple(others))


def _part(dataset: Dataset, origin: object, dataflow: str) -> Harmonised:
    from ilms_sdmx.tables.table import Origin

    assert isinstance(origin, Origin)
    record = record_of(origin, table=dataset.dataflow or dataflow)
    fields = stated_fields(dataset)
    records = records_frame(dataset.observations.index, record, **fields)
    return Harmonised(dataset, records, origin)
