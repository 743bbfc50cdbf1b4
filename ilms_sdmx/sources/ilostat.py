"""ILOSTAT by SDMX: any dataflow by key and period, split where the service refuses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ilms_sdmx import structures
from ilms_sdmx.datasets import Components, Dataset
from ilms_sdmx.downloads.cache import Download
from ilms_sdmx.downloads.client import Client
from ilms_sdmx.downloads.service import NoDataError, TooLargeError
from ilms_sdmx.errors import (
    FetchError,
    NotFoundError,
    StructureError,
)
from ilms_sdmx.findings import Place, Report, find
from ilms_sdmx.periods import year_written
from ilms_sdmx.records import Criterion, Harmonised, Record, records_frame
from ilms_sdmx.sources import codemaps
from ilms_sdmx.sources.harmonising import origin_of, record_of
from ilms_sdmx.sources.ilostat_service import (
    SERVICE,
    SPLITTING,
    Description,
    at,
    describe,
    identify,
)
from ilms_sdmx.sources.native import codelists_of, harmonise_native
from ilms_sdmx.sources.reading import message_of
from ilms_sdmx.sources.stated import (
    ages_of,
    days_of,
    mapped,
    notes_of,
    statements_of,
    text_of,
    units_of,
)
from ilms_sdmx.structures import facts

if TYPE_CHECKING:
    import pandas as pd

#: Format to media type; SDMX-CSV is the one that never loses anything on the way.
FORMATS = {
    "csv": "application/vnd.sdmx.data+csv;version=1.0.0",
    "json": "application/vnd.sdmx.data+json;version=2.0.0",
    "xml": "application/vnd.sdmx.structurespecificdata+xml;version=2.1",
}
_Part = tuple[Download, Dataset]
_FIRST, _LAST = 1940, 2060
_CRITERIA = {"CBR": Criterion.BIRTH, "CCT": Criterion.CITIZENSHIP, "CDS": Criterion.CITIZENSHIP}
_CRITERIA |= {"CRS": Criterion.CITIZENSHIP, "CPR": Criterion.CITIZENSHIP}
_SCOPES = {
    "POP_XWAP": "working-age",
    "POP_MFRB": "working-age",
    "POP_MFRC": "working-age",
    "POP_MFLB": "working-age",
    "POP_MFLC": "working-age",
    # ILO records more than a dozen populations of nationals abroad under one id.
    "POP_MNAS": "",
    "POP_MNAO": "",
    "POP_MNAR": "",
    "POP": "all",
    "EAP": "labour-force",
    "EMP": "employed",
    "UNE": "unemployed",
    "EIP": "outside-labour-force",
    "EAR": "employees",
    "HOW": "employed",
    "INJ": "workers",
}

#: Words of ids that count moves in a period and no stock at a day.
_FLOWS = frozenset({"MFLB", "MFLC", "MNAO", "MNAR"})


@dataclass(frozen=True)
class Query:
    """One question to the service: codes by dimension, and years."""

    dataflow: str
    dimensions: tuple[str, ...]
    codes: Mapping[str, tuple[str, ...]]
    start: str = ""
    end: str = ""
    last: int = 0

    @property
    def path(self) -> str:
        """Path of the query: one slot for each dimension but time."""
        slots = []
        for dimension in self.dimensions:
            if dimension != "TIME_PERIOD":
                asked = self.codes.get(dimension, ())
                slots.append("+".join(asked))
        key = ".".join(slots)
        return f"data/ILO,{self.dataflow}/{key}"

    @property
    def params(self) -> dict[str, str]:
        """Its parameters."""
        last = str(self.last) if self.last else ""
        return {"startPeriod": self.start, "endPeriod": self.end, "lastNObservations": last}

    def halves(self, areas: tuple[str, ...]) -> tuple[Query, Query] | None:
        """Split by area, then by period; None where nothing is left to split."""
        asked_areas = self.codes.get("REF_AREA", ()) or areas
        count = len(asked_areas)
        if count > 1:
            middle = count // 2
            first_areas = asked_areas[:middle]
            last_areas = asked_areas[middle:]
            return self._of(first_areas), self._of(last_areas)
        first_year = year_written(self.start) or _FIRST
        last_year = year_written(self.end) or _LAST
        if first_year >= last_year or self.last:
            return None
        middle_year = (first_year + last_year) // 2
        earlier = replace(self, end=str(middle_year))
        later = replace(self, start=str(middle_year + 1))
        return earlier, later

    def _of(self, areas: tuple[str, ...]) -> Query:
        """Query for some areas only."""
        return replace(self, codes={**self.codes, "REF_AREA": areas})


def fetch_ilostat(
    client: Client,
    dataflow: str,
    *,
    area: Iterable[str] = (),
    start: str = "",
    end: str = "",
    last: int = 0,
    codes: Mapping[str, Iterable[str]] | None = None,
    format: str = "csv",
    base_url: str = "",
) -> Harmonised:
    """Observations of a dataflow of ILOSTAT with their comparability records.

    Parameters
    ----------
    dataflow
        Any id of ILOSTAT, current or old, with or without `DF_`.
    area
        ILO codes of countries and groups; none for all.
    start, end
        Periods, both included.
    last
        Only so many of the latest observations of each series; 0 for all.
    codes
        Codes by any other dimension, `{"SEX": ["SEX_T"]}`.
    format
        `csv`, `json` or `xml`: the same observations whichever.

    Raises
    ------
    NotFoundError
        No such dataflow, code or data.
    UnavailableError, ResponseError
        As `Client.get`.

    Notes
    -----
    An answer of more than 300,000 records is refused by the service; the query is then halved,
    by area and then by period, until each part is answered, and the parts are joined.
    """
    if format not in FORMATS:
        formats = ", ".join(FORMATS)
        raise NotFoundError(f"expected a format of {formats}, found {format!r}", SERVICE.base)
    about, findings = _describe(client, dataflow, base_url)
    wanted = _wanted_codes(about, codes or {}, area)
    first = codemaps.period(start)
    final = codemaps.period(end)
    query = Query(about.id, about.dimensions, wanted, first, final, last)
    downloads = []
    datasets = []
    for download, part in fetch_parts(client, query, about, format, base_url):
        downloads.append(download)
        datasets.append(part)
    dataset = join(datasets, about)
    return _harmonised(dataset, about, downloads, findings)


def _wanted_codes(
    about: Description, codes: Mapping[str, Iterable[str]], area: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """Codes asked for by dimension; a dimension that the dataflow does not have is an error."""
    wanted = {name: tuple(codemaps.listed(values)) for name, values in codes.items()}
    areas = codemaps.listed(area)
    wanted["REF_AREA"] = tuple(areas)
    unknown = sorted(wanted.keys() - set(about.dimensions))
    if unknown:
        named = ", ".join(unknown)
        known = ", ".join(about.dimensions)
        message = f"{about.id} has no dimension {named}; it has {known}"
        raise NotFoundError(message, SERVICE.base)
    return wanted


def _describe(client: Client, dataflow: str, base_url: str) -> tuple[Description, Report]:
    """Ask the service to describe the dataflow; where it fails, our own structures do."""
    try:
        return describe(client, dataflow, base_url), Report()
    except (FetchError, StructureError) as error:
        if isinstance(error, NotFoundError):
            raise
        id = identify(dataflow)
        try:
            components = Components.of(structures.dataflow(id).structure)
        except StructureError:
            raise error from None
        note = find(
            "service-structure-missing",
            Place(dataflow=f"ILO:{id}(1.0)"),
            dataflow=id,
            reason=str(error),
        )
        return Description(id, "", components.dimensions, tuple(components.attributes)), Report(
            (note,)
        )


def fetch_parts(
    client: Client, query: Query, about: Description, format: str, base_url: str = ""
) -> list[tuple[Download, Dataset]]:
    """Fetch the downloads that answer a query, split as the service demands, and their data.

    Raises
    ------
    NotFoundError
        No part has data, or the service does not understand a part: nothing is left out in
        silence.
    """
    parts: list[Query | _Part] = [query]
    missing: list[NoDataError] = []

    def asked(part: Query | _Part) -> Sequence[Query | _Part]:
        if not isinstance(part, Query):
            return [part]
        try:
            return _asked(client, part, about, format, base_url)
        except NoDataError as error:
            missing.append(error)
            return []

    with ThreadPoolExecutor(2) as pool:
        while any(isinstance(part, Query) for part in parts):
            parts = [one for several in pool.map(asked, parts) for one in several]
    if not parts:
        raise missing[0]
    return [part for part in parts if not isinstance(part, Query)]


def _asked(
    client: Client, part: Query, about: Description, format: str, base_url: str
) -> Sequence[Query | _Part]:
    """Ask for a part: its download and data, or its halves where it is too large."""
    halves = part.halves(about.areas)
    service = at(SPLITTING if halves else SERVICE, base_url)
    kind = "" if format == "csv" else format

    def parse(answer: Download) -> Dataset:
        return _parse(answer, about)

    accept = FORMATS[format]
    try:
        return [client.read(parse, service, part.path, part.params, accept=accept, kind=kind)]
    except TooLargeError:
        if halves is None:
            raise
        return halves


def _parse(download: Download, about: Description) -> Dataset:
    return join(message_of(download, about.components).datasets, about)


def join(parts: Iterable[Dataset], about: Description) -> Dataset:
    """One data set of several, ordered by key, with the components of our structure."""
    components = _components(about)
    frames = [_as_text(part, components) for part in parts]
    stacked = _stacked(frames, components)
    joined = with_units(stacked, about.id)
    dimensions = list(components.dimensions)
    ordered = joined.sort_values(dimensions, kind="stable", ignore_index=True)
    observations = ordered.astype("str")
    structure = about.id.removeprefix("DF_")
    dataflow = f"ILO:{about.id}(1.0)"
    return Dataset(observations, components, dataflow, f"ILO:{structure}(1.0)")


def _as_text(part: Dataset, components: Components) -> pd.DataFrame:
    """Observations as text in the order of the components, missing where not reported."""
    import pandas as pd

    frame = part.observations.reindex(columns=components.columns)
    return frame.astype("str").replace("", pd.NA)


def _stacked(frames: list[pd.DataFrame], components: Components) -> pd.DataFrame:
    import pandas as pd

    if not frames:
        return pd.DataFrame(columns=components.columns)
    return pd.concat(frames, ignore_index=True)


def _components(about: Description) -> Components:
    try:
        own = Components.of(structures.dataflow(about.id).structure)
    except StructureError:
        return about.components
    return own if own.dimensions == about.dimensions else about.components


def with_units(observations: pd.DataFrame, dataflow: str) -> pd.DataFrame:
    """Observations with the unit of their dataflow where the answer left it out."""
    row = facts.by_id("dataflows.csv").get(dataflow.removeprefix("DF_"))
    if row is None:
        return observations
    filled = observations.copy()
    for name in ("UNIT_MEASURE_TYPE", "UNIT_MEASURE", "UNIT_MULT"):
        if name in filled and row[name.lower()]:
            filled[name] = filled[name].astype("str").fillna(row[name.lower()])
    return filled


def _harmonised(
    dataset: Dataset, about: Description, downloads: list[Download], report: Report
) -> Harmonised:
    """Observations with their records, checked against the codelists."""
    origin = origin_of(downloads[0], about.updated)
    count = len(downloads)
    if count > 1:
        place = Place(dataflow=dataset.dataflow)
        finding = find("query-split", place, count=count)
        report += Report((finding,))
    record = record_of(origin, table=about.id)
    records = ilostat_records(dataset, record)
    part = Harmonised(dataset, records, origin, report)
    codelists = codelists_of(about.id)
    return harmonise_native(part, codelists)


def ilostat_records(dataset: Dataset, record: Record) -> pd.DataFrame:
    """Comparability records of ILOSTAT: criterion and scope follow from the dataflow."""
    frame = dataset.observations
    id = record.table.removeprefix("DF_")
    words = id.split("_")
    subject = words[0]
    topic = "_".join(words[:2])
    scope = _SCOPES.get(topic, _SCOPES.get(subject, ""))
    criterion, partner = _criterion(frame)
    notes = _notes(frame)
    fields = {
        "criterion": _stated(notes, "criterion", criterion.value),
        "scope": _stated(notes, "scope", scope),
        "refugees": _stated(notes, "refugees", "unknown"),
        "ages": _ages(frame, notes),
        "reference_date": _reference_dates(frame, notes, words),
        "data_type": _data_types(frame),
        "method": _methods(frame, topic),
        "symbol": text_of(frame, "OBS_STATUS"),
        "unit": units_of(frame),
    }
    return records_frame(
        frame.index,
        record,
        notes=notes,
        published_area=frame["REF_AREA"],
        published_partner=partner,
        **fields,
    )


def _stated(notes: pd.Series[str], field: str, usual: str) -> pd.Series[str]:
    """What the notes of each figure say in a field, else what its dataflow says."""
    stated = statements_of(notes, field)
    return stated.mask(stated == "", usual)


def _ages(frame: pd.DataFrame, notes: pd.Series[str]) -> pd.Series[str]:
    """Ages of each figure by its age group, else by its notes."""
    ages = mapped(text_of(frame, "AGE"), ages_of)
    return ages.mask(ages == "", statements_of(notes, "ages"))


def _reference_dates(
    frame: pd.DataFrame, notes: pd.Series[str], words: list[str]
) -> pd.Series[str]:
    """Date of each figure by its notes; a flow is of its whole period."""
    dates = statements_of(notes, "reference_date")
    if _FLOWS.isdisjoint(words):
        return dates
    periods = mapped(text_of(frame, "TIME_PERIOD"), days_of)
    return dates.mask(dates == "", periods)


def _data_types(frame: pd.DataFrame) -> pd.Series[str]:
    """Type of the source of each figure: `LFS` of `LFS - Labour Force Survey`."""
    return mapped(text_of(frame, "SOURCE"), _data_type)


def _data_type(source: str) -> str:
    letters, separator, _ = source.partition(" - ")
    return letters if separator and letters.isupper() else ""


def _criterion(frame: pd.DataFrame) -> tuple[Criterion, pd.Series[str] | str]:
    """Criterion by which partners are told, and the codes of the partners."""
    for dimension, criterion in _CRITERIA.items():
        if dimension in frame.columns:
            return criterion, text_of(frame, dimension)
    return Criterion.UNKNOWN, ""


def _methods(frame: pd.DataFrame, topic: str) -> pd.Series[str]:
    """`observed`, `modelled` or `imputed`, by the dataflow's topic and the figure's status."""
    import pandas as pd

    is_modelled = topic.partition("_")[2].startswith("2")
    usual = "modelled" if is_modelled else "observed"
    status = text_of(frame, "OBS_STATUS")
    method = pd.Series(usual, index=frame.index)
    return method.mask(status == "M", "modelled").mask(status == "I", "imputed")


def _notes(frame: pd.DataFrame) -> pd.Series[str]:
    """Notes of each observation joined, of all its attributes of notes."""
    names = [name for name in frame.columns if name.startswith("NOTE_")]
    notes = notes_of(frame, names)
    return text_of(frame, "NOTE_SOURCE") if notes is None else notes
