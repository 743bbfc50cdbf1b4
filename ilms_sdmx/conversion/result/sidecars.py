"""Cells of the figures of a data message, from the provenance file next to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ilms_sdmx.errors import TableError
from ilms_sdmx.tables.safe_cells import unguarded

if TYPE_CHECKING:
    import pandas as pd

    from ilms_sdmx.datasets import Dataset

_PLACE = ["file", "sheet", "cell"]


def with_cells(dataset: Dataset, message: str | Path) -> Dataset:
    """Give a data set of a message the cells that its `<name>.provenance.csv` names.

    The data set comes back as it is where it has cells already, where there is no such file,
    and where the file knows nothing of its dataflow.

    Raises
    ------
    TableError
        The file is no provenance of a conversion.
    """
    path = _provenance_of(Path(message))
    has_cells = dataset.provenance is not None
    if has_cells or path is None or not len(dataset):
        return dataset
    frame = _read(path)
    cells = _of_dataflow(frame, dataset.dataflow)
    key = []
    for name in dataset.components.dimensions:
        if name in cells.columns and (cells[name] != "").any():
            key.append(name)
    if not key or cells.duplicated(key).any():
        return dataset
    observations = dataset.observations
    wanted = observations[key].astype("str").fillna("")
    known = cells[[*key, *_PLACE]]
    placed = wanted.merge(known, how="left", on=key).fillna("")
    placed.index = observations.index
    return replace(dataset, provenance=placed[_PLACE])


def _provenance_of(message: Path) -> Path | None:
    """Provenance file of the conversion that wrote a message `<name>.<dataflow>.<format>`."""
    names = message.name.split(".")
    for number in range(len(names) - 1, 0, -1):
        stem = ".".join(names[:number])
        path = message.with_name(f"{stem}.provenance.csv")
        if path.is_file():
            return path
    return None


def _read(path: Path) -> pd.DataFrame:
    """Rows of a provenance file."""
    import pandas as pd

    try:
        frame = pd.read_csv(path, dtype="str", keep_default_na=False)
    except ValueError as error:
        raise TableError(f"{path}: not a provenance file: {error}") from error
    lacking = [name for name in (*_PLACE, "dataflow", "also") if name not in frame]
    if lacking:
        raise TableError(f"{path}: not a provenance file: no column {', '.join(lacking)}")
    for name in _PLACE:
        frame[name] = frame[name].map(unguarded)
    return frame


def _of_dataflow(cells: pd.DataFrame, dataflow: str) -> pd.DataFrame:
    """Rows of one dataflow; a cell that went to several names the further ones in `also`."""
    name = _plain(dataflow)
    flows = cells["dataflow"] + " " + cells["also"]
    taken = []
    for text in flows.unique():
        if name in map(_plain, text.split()):
            taken.append(text)
    return cells[flows.isin(taken)]


def _plain(dataflow: str) -> str:
    """Id of a dataflow without agency and version: messages name it in several ways."""
    _, _, identifier = dataflow.rpartition(":")
    name, _, _ = identifier.partition("(")
    return name.removeprefix("DF_")
