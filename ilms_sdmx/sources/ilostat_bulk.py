"""ILOSTAT in bulk (rplumber): whole indicators, their table of contents and dictionaries."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from ilms_sdmx import structures
from ilms_sdmx.datasets import OBSERVATION, Components, Dataset
from ilms_sdmx.downloads.cache import Download
from ilms_sdmx.downloads.client import Client
from ilms_sdmx.downloads.service import Fault, Service
from ilms_sdmx.errors import (
    FetchError,
    NotFoundError,
    ResponseError,
    StructureError,
    UnavailableError,
)
from ilms_sdmx.findings import Place, Report, find
from ilms_sdmx.records import Harmonised
from ilms_sdmx.sources import codemaps
from ilms_sdmx.sources.harmonising import measure, origin_of, record_of
from ilms_sdmx.sources.ilostat import ilostat_records, with_units
from ilms_sdmx.sources.ilostat_service import LICENCE, at, identify
from ilms_sdmx.sources.native import codelists_of, harmonise_native
from ilms_sdmx.sources.reading import csv_of

if TYPE_CHECKING:
    import pandas as pd

SERVICE = Service(
    "ILOSTAT",
    "https://rplumber.ilo.org",
    licence=LICENCE,
    fresh=timedelta(days=1),
    pace=1.0,
    timeout=(15.0, 300.0),
    burst_403=True,
    faults=(
        Fault(
            "deprecated or invalid dataset id",
            NotFoundError,
            "ILOSTAT has no such indicator in bulk",
        ),
        Fault(
            "Server Error",
            UnavailableError,
            "the service failed inside an answer",
            frozenset({200}),
        ),
    ),
)
#: Column of a bulk file to component, those with notes as coded ids joined by `_`.
_COMPONENTS = {
    "ref_area": "REF_AREA",
    "sex": "SEX",
    "time": "TIME_PERIOD",
    "obs_value": "OBS_VALUE",
    "obs_status": "OBS_STATUS",
}
_CODED = {
    "source": "SOURCE",
    "note_source": "NOTE_SOURCE",
    "note_indicator": "NOTE_INDICATOR",
    "note_classif": "NOTE_CLASSIF",
}
#: Which of several sources of one figure: the best, the others, or all of them.
_NEEDED = ("ref_area", "time", "obs_value")
BEST_SOURCE = ("yes", "no", "all")
FORMATS = ("csv", "parquet")


def fetch_ilostat_bulk(
    client: Client,
    indicator: str,
    *,
    freq: str = "A",
    area: Iterable[str] = (),
    start: str = "",
    end: str = "",
    best_source: str = "yes",
    format: str = "csv",
    base_url: str = "",
) -> Harmonised:
    """Whole indicator of ILOSTAT from the bulk service, in the structure of its dataflow.

    Parameters
    ----------
    indicator
        Id of any indicator or dataflow, without or with `DF_` and frequency. Where it is none
        of ours the dimensions are those whose codes the file has, and the report says so.
    freq
        `A`, `Q` or `M`.
    start, end
        Years, both included.
    best_source
        `yes` (one source a figure, ILO's choice), `no` (only the others) or `all`. With `all`,
        the figures of other sources are in `rest`: a key has one observation.
    format
        `csv` or `parquet`: the same figures.

    Returns
    -------
    Harmonised
        As `fetch_ilostat` gives it: codes of sources and notes are replaced by their texts.

    Raises
    ------
    NotFoundError
        No such indicator, or no data.
    """
    _refuse_other_option("best_source", best_source, BEST_SOURCE)
    _refuse_other_option("format", format, FORMATS)
    name = identify(indicator).removeprefix("DF_")
    id = re.sub(r"_[AQM]$", "", name)
    service = at(SERVICE, base_url)
    areas = codemaps.listed(area)
    params = {"id": f"{id}_{freq}", "ref_area": "+".join(areas)}
    params["timefrom"] = str(start)
    params["timeto"] = str(end)
    params["best_source"] = best_source
    params["format"] = f".{format}"
    download, table = client.read(read_bulk, service, "data/indicator", params)
    if table.empty:
        raise NotFoundError("ILOSTAT has no data for these areas and years", download.url)
    texts, report = _dictionaries(client, service, table)
    harmonised = _harmonised(table, id, freq, download, texts)
    whole_report = harmonised.report + report
    return replace(harmonised, report=whole_report)


def _refuse_other_option(name: str, value: str, known: Iterable[str]) -> None:
    """Refuse a value of an option that the service does not have."""
    if value not in known:
        listed = ", ".join(known)
        raise NotFoundError(f"expected {name} {listed}, found {value!r}", SERVICE.base)


def _dictionaries(
    client: Client, service: Service, table: pd.DataFrame
) -> tuple[dict[str, dict[str, str]], Report]:
    """Texts of the codes of every coded column that the service gives."""
    texts = {}
    findings = []
    for name in _CODED:
        if name not in table or not table[name].notna().any():
            continue
        try:
            texts[name] = _dictionary(client, service, name)
        except FetchError as error:
            texts[name] = {}
            findings.append(find("dictionary-missing", name=name, reason=str(error.args[0])))
    return texts, Report.of(findings)


def read_bulk(download: Download) -> pd.DataFrame:
    """Rows of a bulk file, CSV or Parquet, as text, `obs_value` as it is printed.

    Empty cells are missing.

    Raises
    ------
    ResponseError
        It is no table of the service.
    """
    import pandas as pd

    content = download.content
    if not content.startswith(b"PAR1"):
        return csv_of(download, _NEEDED).replace("", pd.NA)
    table = _parquet(content)
    missing = [name for name in _NEEDED if name not in table]
    if missing:
        message = f"expected the columns {', '.join(missing)}: please report it"
        raise ResponseError(message, download.url)
    return table.replace("", pd.NA)


def _parquet(content: bytes) -> pd.DataFrame:
    """Columns as text; a number in its shortest form, as the CSV prints it."""
    import pandas as pd

    file = io.BytesIO(content)
    table = pd.read_parquet(file)
    for name in table.columns[table.dtypes == "float64"]:
        numbers = table[name].tolist()
        table[name] = list(map(_shortest, numbers))
    return table.astype("str")


def _shortest(number: float) -> str | None:
    """Text of a number in its shortest form, None for no number."""
    if math.isnan(number):
        return None
    return repr(number).removesuffix(".0")


def fetch_bulk_contents(client: Client, base_url: str = "") -> pd.DataFrame:
    """Table of contents: one row a dataset, `last.update` and `n.records` among the columns."""
    return _csv(
        client,
        at(SERVICE, base_url),
        "metadata/toc/indicator",
        {"lang": "en", "format": ".csv"},
    )


def _dictionary(client: Client, service: Service, name: str) -> dict[str, str]:
    """Texts of the codes of a column."""
    params = {"var": name, "lang": "en", "format": ".csv"}
    table = _csv(client, service, "metadata/dic", params)
    label = f"{name}.label"
    if name not in table or label not in table:
        return {}
    codes = table[name]
    texts = table[label]
    return dict(zip(codes, texts, strict=True))


def _csv(client: Client, service: Service, path: str, params: dict[str, str]) -> pd.DataFrame:
    _, table = client.read(lambda answer: csv_of(answer, ()), service, path, params)
    return table


def _structure(table: pd.DataFrame, id: str) -> tuple[Components, Report]:
    """Components of our dataflow, else those that the file itself shows."""
    try:
        definition = structures.dataflow(id)
        return Components.of(definition.structure), Report()
    except StructureError:
        pass
    dimensions = ["REF_AREA", "FREQ", "MEASURE"]
    if "sex" in table:
        dimensions.append("SEX")
    dimensions += _prefixes(table).values()
    dimensions.append("TIME_PERIOD")
    names = ["OBS_STATUS", *_CODED.values()]
    attributes = dict.fromkeys(names, OBSERVATION)
    place = Place(dataflow=f"ILO:DF_{id}(1.0)")
    note = find("structure-inferred", place, dataflow=id)
    return Components(tuple(dimensions), attributes=attributes), Report((note,))


def _prefixes(table: pd.DataFrame) -> dict[str, str]:
    """Columns `classif1`, `classif2` to the dimension that begins their codes."""
    dimensions = {}
    for column in table.columns:
        if not re.fullmatch(r"classif\d", column):
            continue
        codes = table[column].dropna()
        if len(codes):
            dimensions[column] = str(codes.iloc[0]).split("_")[0]
    return dimensions


def _observations(
    table: pd.DataFrame,
    components: Components,
    id: str,
    freq: str,
    download: Download,
    texts: dict[str, dict[str, str]],
) -> pd.DataFrame:
    """Observations with the components of the dataflow.

    Codes of sources and notes become their texts.
    """
    import pandas as pd

    prefixes = _prefixes(table)
    _refuse_other_dimensions(prefixes, components, download.url)
    renamed = table.rename(columns=_COMPONENTS | prefixes)
    frame = renamed.reindex(columns=components.columns)
    times = table["time"]
    frame["FREQ"] = freq
    frame["MEASURE"] = measure(id)
    frame["TIME_PERIOD"] = times.str.replace(r"^(\d{4})([QM])", r"\1-\2", regex=True)
    for column, component in _CODED.items():
        if column not in texts:
            continue
        codes = table[column]
        labels = _labels_of(codes, texts[column])
        frame[component] = codes.map(labels)
    observations = frame.astype("str").replace("", pd.NA)
    return with_units(observations, id)


def _refuse_other_dimensions(
    prefixes: dict[str, str], components: Components, url: str
) -> None:
    for column, dimension in prefixes.items():
        if dimension not in components.dimensions:
            known = ", ".join(components.dimensions)
            message = f"expected codes of {known} in {column}, found {dimension!r}"
            raise ResponseError(f"{message}: please report it", url)


def _labels_of(column: pd.Series[str], texts: dict[str, str]) -> dict[str, str]:
    """Text of each distinct entry of a column of codes."""
    return {str(codes): _labels(str(codes), texts) for codes in column.dropna().unique()}


def _labels(codes: str, texts: dict[str, str]) -> str:
    """Texts of codes joined by `_`, joined as the SDMX service joins them.

    An unknown code stays as it is.
    """
    return " | ".join(texts.get(code, code) for code in codes.split("_"))


def _harmonised(
    table: pd.DataFrame,
    id: str,
    freq: str,
    download: Download,
    texts: dict[str, dict[str, str]],
) -> Harmonised:
    """Figures of an indicator, one a key; those of other sources are in the rest."""
    components, report = _structure(table, id)
    frame = _observations(table, components, id, freq, download, texts)
    dimensions = list(components.dimensions)
    is_second = _is_second(table, frame, dimensions)
    first = frame[~is_second]
    chosen = first.sort_values(dimensions, kind="stable", ignore_index=True)
    dataset = Dataset(chosen, components, f"ILO:DF_{id}(1.0)", f"ILO:{id}(1.0)")
    origin = origin_of(download)
    record = record_of(origin, table=f"DF_{id}")
    records = ilostat_records(dataset, record)
    second = table[is_second].rename(columns={"obs_value": "text"})
    rest = second.reset_index(drop=True)
    rest = rest.assign(reason="another source has the figure: see best_source")
    count = len(rest)
    if count:
        place = Place(dataflow=dataset.dataflow)
        finding = find("secondary-source", place, count=count)
        report += Report((finding,))
    part = Harmonised(dataset, records, origin, report, rest)
    return harmonise_native(part, codelists_of(id))


def _is_second(
    table: pd.DataFrame, frame: pd.DataFrame, dimensions: list[str]
) -> pd.Series[bool]:
    """Whether a row is of another source than the one whose figure is kept."""
    is_second = table["ref_area"].isna()
    if "best_source" in table:
        is_second = table["best_source"] == "0"
    # With `no` there is no best source to keep: the first of several stays.
    if is_second.all():
        is_second = ~is_second
    is_repeated = frame.loc[~is_second, dimensions].duplicated()
    return is_second | is_repeated.reindex(frame.index, fill_value=False)
