"""Cells of the figures of a data message, from the provenance file that stands beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ilms_sdmx.errors import TableError

if TYPE_CHECKING:
    import pandas as pd

    from ilms_sdmx.datasets import Dataset

_PLACE = ["file", "sheet", "cell"]


def with_cells(dataset: Dataset, message: str | Path) -> Dataset:
    """Give a data set of a message the cells that `<name>.provenance.csv` beside the message says.

    The data set comes back as it is where it has cells already, where no such file stands there, and where
    the file knows nothing of its dataflow.

    Raises
    ------
    TableError
        The file is no provenance of a conversion.
    """
    path = _beside(Path(message))
    if dataset.provenance is not None or path is None or not len(dataset):
        return dataset
    cells = _of_dataflow(_read(path), dataset.dataflow)
    key = [
        d
        for d in dataset.components.dimensions
        if d in cells.columns and (cells[d] != "").any()
    ]
    if not key or cells.duplicated(key).any():
        return dataset
    wanted = dataset.observations[key].astype("str").fillna("")
    found = wanted.merge(cells[[*key, *_PLACE]], how="left", on=key).fillna("")
    found.index = dataset.observations.index
    return replace(dataset, provenance=found[_PLACE])


def _beside(message: Path) -> Path | None:
    """Provenance file of the conversion that wrote a message `<name>.<dataflow>.<format>`."""
    names = message.name.split(".")
    stems = [".".join(names[:n]) for n in range(len(names) - 1, 0, -1)]
    paths = [message.with_name(f"{stem}.provenance.csv") for stem in stems]
    return next((path for path in paths if path.is_file()), None)


def _read(path: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        frame = pd.read_csv(path, dtype="str", keep_default_na=False)
    except ValueError as error:
        raise TableError(f"{path}: not a provenance file: {error}") from error
    if lacking := [n for n in (*_PLACE, "dataflow", "also") if n not in frame]:
        raise TableError(f"{path}: not a provenance file: no column {', '.join(lacking)}")
    return frame


def _of_dataflow(cells: pd.DataFrame, dataflow: str) -> pd.DataFrame:
    """Rows of one dataflow; a cell that went to several names the further ones in `also`."""
    name = _plain(dataflow)
    flows = cells["dataflow"] + " " + cells["also"]
    distinct = {
        text: name in {_plain(part) for part in text.split()} for text in flows.unique()
    }
    return cells[flows.map(distinct)]


def _plain(dataflow: str) -> str:
    """Id of a dataflow without agency and version: messages name it in several ways."""
    return dataflow.rpartition(":")[2].partition("(")[0].removeprefix("DF_")
