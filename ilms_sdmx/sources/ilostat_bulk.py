"""ILOSTAT in bulk (rplumber): whole indicators, their table of contents and dictionaries."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from ilms_sdmx import structures
from ilms_sdmx.datasets import Components, Dataset
from ilms_sdmx.downloads.cache import Download
from ilms_sdmx.downloads.client import Client
from ilms_sdmx.downloads.service import Fault, Service
from ilms_sdmx.errors import NotFoundError, ResponseError, UnavailableError
from ilms_sdmx.findings import Finding, Place, Report, Severity
from ilms_sdmx.records import Harmonised
from ilms_sdmx.sources import codemaps
from ilms_sdmx.sources.harmonising import measure, origin_of, record_of
from ilms_sdmx.sources.ilostat import ilostat_records, with_units
from ilms_sdmx.sources.ilostat_service import LICENCE, at

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
        Fault("deprecated or invalid dataset id", NotFoundError, "ILOSTAT has no such indicator in bulk"),
        Fault("Server Error", UnavailableError, "the service failed inside an answer", frozenset({200})),
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
BEST_SOURCE = ("yes", "no", "all")


def fetch_ilostat_bulk(
    client: Client,
    indicator: str,
    *,
    freq: str = "A",
    area: Iterable[str] = (),
    start: str = "",
    end: str = "",
    best_source: str = "yes",
    base_url: str = "",
) -> Harmonised:
    """Whole indicator of ILOSTAT from the bulk service, in the structure of its dataflow.

    Parameters
    ----------
    indicator
        Id of the indicator or dataflow, without or with `DF_` and frequency.
    freq
        `A`, `Q` or `M`.
    start, end
        Years, both included.
    best_source
        `yes` (one source a figure, ILO's choice), `no` (only the others) or `all`. With `all`, the figures of
        other sources are in `rest`: a key has one observation.

    Returns
    -------
    Harmonised
        As `fetch_ilostat` gives it: codes of sources and notes are replaced by their texts.

    Raises
    ------
    NotFoundError
        No such indicator, or no data.
    """
    if best_source not in BEST_SOURCE:
        raise NotFoundError(
            f"expected best_source {', '.join(BEST_SOURCE)}, found {best_source!r}", SERVICE.base
        )
    id = structures.resolve(indicator).id
    service = at(SERVICE, base_url)
    params = {
        "id": f"{id}_{freq}",
        "ref_area": "+".join(codemaps.listed(area)),
        "timefrom": str(start),
        "timeto": str(end),
        "best_source": best_source,
        "format": ".csv",
    }
    download = client.get(service, "data/indicator", params)
    table = read_bulk(download)
    if table.empty:
        raise NotFoundError("ILOSTAT has no data for these areas and years", download.url)
    texts = {n: _dictionary(client, service, n) for n in _CODED if n in table and table[n].notna().any()}
    frame = _components_of(table, id, freq, download, texts)
    return _harmonised(frame, table, id, download)


def read_bulk(download: Download) -> pd.DataFrame:
    """Rows of a bulk CSV as text, `obs_value` as it is printed; empty cells are missing.

    Raises
    ------
    ResponseError
        It is no CSV of the service.
    """
    import pandas as pd

    try:
        table = pd.read_csv(
            io.BytesIO(download.content), dtype="str", encoding="utf-8-sig", keep_default_na=False
        )
    except ValueError as error:
        raise ResponseError("expected a CSV table: please report it", download.url) from error
    if "ref_area" not in table or "obs_value" not in table:
        raise ResponseError("expected columns ref_area and obs_value: please report it", download.url)
    return table.replace("", pd.NA)


def fetch_bulk_contents(client: Client, base_url: str = "") -> pd.DataFrame:
    """Table of contents: one row a dataset, `last.update` and `n.records` among the columns."""
    return _csv(client, at(SERVICE, base_url), "metadata/toc/indicator", {"lang": "en", "format": ".csv"})


def _dictionary(client: Client, service: Service, name: str) -> dict[str, str]:
    """Texts of the codes of a column."""
    table = _csv(client, service, "metadata/dic", {"var": name, "lang": "en", "format": ".csv"})
    if name not in table or f"{name}.label" not in table:
        return {}
    return dict(zip(table[name], table[f"{name}.label"], strict=True))


def _csv(client: Client, service: Service, path: str, params: dict[str, str]) -> pd.DataFrame:
    import pandas as pd

    download = client.get(service, path, params)
    try:
        return pd.read_csv(
            io.BytesIO(download.content), dtype="str", encoding="utf-8-sig", keep_default_na=False
        )
    except ValueError as error:
        raise ResponseError("expected a CSV table: please report it", download.url) from error


def _components_of(
    table: pd.DataFrame, id: str, freq: str, download: Download, texts: dict[str, dict[str, str]]
) -> pd.DataFrame:
    import pandas as pd

    components = Components.of(structures.dataflow(id).structure)
    names = _COMPONENTS | _classifications(components, table, download)
    frame = table.rename(columns=names).reindex(columns=components.columns)
    frame["FREQ"], frame["MEASURE"] = freq, measure(id)
    frame["TIME_PERIOD"] = table["time"].str.replace(r"^(\d{4})([QM])", r"\1-\2", regex=True)
    for column, component in _CODED.items():
        if column in texts:
            frame[component] = table[column].map(lambda c, t=texts[column]: _labels(c, t), na_action="ignore")
    return with_units(frame.astype("str").replace("", pd.NA), id)


def _classifications(components: Components, table: pd.DataFrame, download: Download) -> dict[str, str]:
    """Columns `classif1`, `classif2` to the dimensions whose codes they hold."""
    rest = [
        d for d in components.dimensions if d not in {"REF_AREA", "FREQ", "MEASURE", "SEX", "TIME_PERIOD"}
    ]
    found = {}
    for column in (c for c in table.columns if re.fullmatch(r"classif\d", c)):
        first = table[column].dropna()
        prefix = first.iloc[0].split("_")[0] if len(first) else ""
        if prefix not in rest:
            message = f"expected codes of {' or '.join(rest)} in {column}, found {prefix!r}: please report it"
            raise ResponseError(message, download.url)
        found[column] = prefix
    return found


def _labels(codes: str, texts: dict[str, str]) -> str:
    """Texts of codes joined by `_`, joined as the SDMX service joins them; an unknown code stays as it is."""
    return " | ".join(texts.get(code, code) for code in codes.split("_"))


def _harmonised(frame: pd.DataFrame, table: pd.DataFrame, id: str, download: Download) -> Harmonised:
    components = Components.of(structures.dataflow(id).structure)
    dimensions = list(components.dimensions)
    second = table["best_source"] == "0" if "best_source" in table else table["ref_area"].isna()
    # With `no` there is no best source to keep: the first of several stays.
    if second.all():
        second = ~second
    second |= frame.loc[~second, dimensions].duplicated().reindex(frame.index, fill_value=False)
    rest = table[second].rename(columns={"obs_value": "text"})
    rest = rest.assign(reason="another source has the figure: see best_source").reset_index(drop=True)
    chosen = frame[~second].sort_values(dimensions, kind="stable", ignore_index=True)
    dataset = Dataset(chosen, components, f"ILO:DF_{id}(1.0)", f"ILO:{id}(1.0)")
    origin = origin_of(download)
    records = ilostat_records(dataset, record_of(origin, table=f"DF_{id}"))
    report = Report((_second(len(rest), dataset),)) if len(rest) else Report()
    return Harmonised(dataset, records, origin, report, rest)


def _second(count: int, dataset: Dataset) -> Finding:
    message = f"{count:,} figures come from a source that is not the best one for their key: see rest."
    return Finding("secondary-source", Severity.NOTE, message, Place(dataflow=dataset.dataflow))
