"""Files that `fetch` wrote, read back with the comparability record of each figure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ilms_sdmx.datasets import OBSERVATION, Components, Dataset
from ilms_sdmx.messages.reading import read
from ilms_sdmx.records import RECORD_COLUMNS, Harmonised, records_beside
from ilms_sdmx.tables.table import Origin

if TYPE_CHECKING:
    import pandas as pd

#: Columns by which a table of `fetch` is told from every other.
_TELLING = {"source", "criterion", "scope", "published_area"}


def fetched_parts(source: Any) -> list[Harmonised]:
    """Parts of a file that `fetch` wrote; none where it is another file.

    A table (CSV, Parquet) has the records in columns of its own; a message has them in the file
    `NAME.records.csv` next to it.
    """
    if not isinstance(source, str | Path):
        return []
    path = Path(source)
    if records_beside(path).is_file():
        return list(_with_records_beside(path))
    frame = _table(path)
    if frame is None:
        return []
    grouped = frame.groupby("DATAFLOW", sort=False)
    return [_part(rows, str(flow)) for flow, rows in grouped]


def _table(path: Path) -> pd.DataFrame | None:
    """Table of figures with their records; None where the file has none."""
    import pandas as pd

    if path.suffix == ".parquet":
        frame = pd.read_parquet(path).astype("str")
    elif path.suffix == ".csv":
        first_bytes = path.read_bytes()[:4096]
        first_line = first_bytes.partition(b"\n")[0]
        header = first_line.decode("utf-8", "replace")
        if not _TELLING.issubset(header.strip().split(",")):
            return None
        frame = pd.read_csv(path, dtype="str", keep_default_na=False)
    else:
        return None
    if not _TELLING.issubset(frame.columns):
        return None
    if "DATAFLOW" not in frame:
        frame = frame.assign(DATAFLOW="")
    return frame


def _part(rows: pd.DataFrame, dataflow: str) -> Harmonised:
    """Figures of one dataflow with their records."""
    rows = rows.reset_index(drop=True)
    used = []
    for name in rows.columns:
        if name in RECORD_COLUMNS or name == "DATAFLOW":
            continue
        has_text = rows[name] != ""
        if name == "OBS_VALUE" or has_text.any():
            used.append(name)
    place = used.index("OBS_VALUE")
    after_value = used[place + 1 :]
    attributes = dict.fromkeys(after_value, OBSERVATION)
    dimensions = tuple(used[:place])
    components = Components(dimensions, attributes=attributes)
    observations = rows[components.columns]
    dataset = Dataset(observations, components, dataflow)
    return _harmonised(dataset, rows)


def _harmonised(dataset: Dataset, records: pd.DataFrame) -> Harmonised:
    whole = records.reindex(columns=list(RECORD_COLUMNS)).astype("str")
    whole = whole.fillna("")
    first = whole.iloc[0]
    source = str(first["source"])
    address = str(first["address"])
    edition = str(first["edition"])
    origin = Origin(source, address, edition)
    return Harmonised(dataset, whole.astype("category"), origin)


def _with_records_beside(path: Path) -> Iterator[Harmonised | Any]:
    """Data sets of a message with the records that are next to it.

    A figure that has none there says nothing of whom it counts.
    """
    import pandas as pd

    beside = pd.read_csv(records_beside(path), dtype="str", keep_default_na=False)
    for dataset in read(path).datasets:
        if not len(dataset):
            continue
        keys = list(dataset.components.dimensions)
        dataflow = beside["DATAFLOW"]
        is_of_flow = dataflow == dataset.dataflow
        of_flow = beside[is_of_flow]
        known = of_flow.drop_duplicates(keys)[[*keys, *RECORD_COLUMNS]]
        observed = dataset.observations[keys].astype("str")
        joined = observed.merge(known, on=keys, how="left")
        records = joined.set_index(dataset.observations.index).fillna("")
        criterion = records["criterion"]
        records["criterion"] = criterion.replace("", "unknown")
        refugees = records["refugees"]
        records["refugees"] = refugees.replace("", "unknown")
        yield _harmonised(dataset, records)
