"""Writing SDMX-CSV 1.0, 2.0 and 2.1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from ilms_sdmx.datasets import Dataset
from ilms_sdmx.errors import MessageError
from ilms_sdmx.findings import Finding, find
from ilms_sdmx.messages import pool
from ilms_sdmx.messages.csv import style as styles
from ilms_sdmx.messages.csv.names import names_of_dataflow, names_of_structure
from ilms_sdmx.messages.csv.reader import ACTIONS
from ilms_sdmx.messages.csv.style import Style
from ilms_sdmx.messages.writing import Job

if TYPE_CHECKING:
    import pandas as pd

_LETTERS = {action: letter for letter, action in ACTIONS.items()}
#: Option `keys` to the columns that it asks for.
_KEYS = {
    "none": [],
    "both": ["SERIES_KEY", "OBS_KEY"],
    "series": ["SERIES_KEY"],
    "obs": ["OBS_KEY"],
}


def write(job: Job) -> None:
    """Write data sets as SDMX-CSV; options are the parameters of `Style`.

    Raises
    ------
    MessageError
        The version cannot carry an action, a composite value or attributes without
        observations; or a later data set has a component that the header row, written before it
        came, lacks.
    TypeError
        An option that SDMX-CSV does not have.
    """
    options = list(Style.__dataclass_fields__)
    unknown = sorted(set(job.options) - set(options))
    if unknown:
        known = ", ".join(options)
        raise TypeError(f"no option {', '.join(unknown)} for {job.format}; there are {known}")
    version = job.format.removeprefix("sdmx-csv-")
    style = _named(job, Style(**job.options))
    table = _Table(version, style, job.known, job.layout)
    job.stream.write(table.head().encode())
    empty: list[int] = []
    starts: list[tuple[str, str]] = []
    for number, batches in enumerate(job.sets):
        size, start = _write_set(job, table, batches)
        starts.append(start)
        if not size:
            empty.append(number)
        if empty and number:  # alone it leaves its header row
            raise MessageError(
                f"data set {empty[0]} has no row, so {job.format} would drop it; leave it out"
            )
    if empty:
        job.left_out.append(find("empty-left-out", format=job.format))
    job.left_out.extend(_find_left_out(job.format, starts))
    if table.odd_periods:
        periods = ", ".join(sorted(table.odd_periods)[:5])
        job.left_out.append(find("period-not-normalized", periods=periods))


def _named(job: Job, style: Style) -> Style:
    """Style with the names of the structure given or of the package, where none are given.

    Where there are none either, this is told.
    """
    if style.labels == "id" or style.names:
        return style
    names: dict[str, dict[str, str]] = {}
    for dataset in job.known:
        found = names_of_structure(job.structure, dataset)
        names |= found or names_of_dataflow(dataset.dataflow)
    if not names:
        dataflow = ", ".join(dict.fromkeys(dataset.dataflow for dataset in job.known))
        job.left_out.append(find("names-left-out", dataflow=dataflow))
    return replace(style, names=names)


def _write_set(
    job: Job, table: _Table, batches: Iterator[Dataset]
) -> tuple[int, tuple[str, str]]:
    """Write a data set; gives how many bytes its rows have, its action and its first fields."""
    size = 0
    start = ("", "")
    for dataset in batches:
        for text in table.rows(dataset):
            size += job.stream.write(text)
        start = (dataset.action, table.start(dataset))
    return size, start


def _find_left_out(format: str, starts: Sequence[tuple[str, str]]) -> Iterator[Finding]:
    """Findings of actions, and of boundaries between data sets, that are lost when read again.

    `starts` are the action and the first fields of the rows of each data set.
    """
    actions = {action for action, _ in starts} - {"Information"}
    if actions and format == "sdmx-csv-1.0":
        yield find("action-left-out", format=format, actions=", ".join(sorted(actions)))
    same = []
    for number, ((_, before), (_, start)) in enumerate(pairwise(starts), 2):
        if before == start:
            same.append(str(number))
    if same:
        yield find("boundary-left-out", format=format, numbers=", ".join(same))


class _Table:
    """Columns of the file, the same for all data sets in it."""

    def __init__(
        self, version: str, style: Style, ahead: Sequence[Dataset], layout: str
    ) -> None:
        self._version = version
        self._style = style
        self._keys = _KEYS[style.keys]
        self._columns = _columns(ahead)
        self._composite: set[str] = set()
        #: Values of TIME_PERIOD for which no date could be written.
        self.odd_periods: set[str] = set()
        for dataset in ahead:
            self._composite |= dataset.components.composite
        self._titles = {}
        for name in self._columns:
            self._titles[name] = name
            if name in self._composite:
                self._titles[name] = styles.title(name, ahead, style.sub_separator)
        self._varying = "TIME_PERIOD" if layout in ("series", "flat") else layout
        self._refuse()

    def _refuse(self) -> None:
        """Refuse what SDMX-CSV 1.0 has no place for."""
        if self._version != "1.0":
            return
        if self._composite:
            names = ", ".join(sorted(self._composite))
            raise self._cannot(f"several values or languages ({names})")
        if self._keys:
            raise self._cannot("key columns")

    def _cannot(self, what: str) -> MessageError:
        """Error about what the version has no place for."""
        return MessageError(f"SDMX-CSV {self._version} cannot carry {what}; write sdmx-csv-2.0")

    def head(self) -> str:
        """Header row."""
        fields = ["DATAFLOW"]
        if self._version != "1.0":
            fields = self._fixed()
        for column in self._columns:
            names = self._style.names.get(column, {})
            fields += self._labelled(self._titles[column], names)
        return styles.record(fields, self._style.separator)

    def _fixed(self) -> list[str]:
        """Names of the columns before the components in 2.x."""
        first = "STRUCTURE"
        if self._composite:
            first = f"STRUCTURE[{self._style.sub_separator}]"
        fields = [first, "STRUCTURE_ID"]
        if self._style.labels == "name":
            fields.append("STRUCTURE_NAME")
        return [*fields, "ACTION", *self._keys]

    def _labelled(self, title: str, names: Mapping[str, str]) -> list[str]:
        """Titles of the one or two columns of a component."""
        name = names.get("", title)
        if self._style.labels == "name":
            return [title, name]
        if self._style.labels == "both" and styles.coded(names):
            return [f"{title}: {name}"]
        return [title]

    def rows(self, dataset: Dataset) -> Iterator[memoryview]:
        """Text of all rows of a data set: its observations, then what is on partial keys."""
        yield from self._part(dataset, dataset.observations)
        for frame in dataset.attached.values():
            if self._version == "1.0":
                raise self._cannot("attributes without observations")
            yield from self._part(dataset, frame)

    def _part(self, dataset: Dataset, frame: pd.DataFrame) -> Iterator[memoryview]:
        """Text of the rows of a frame, chunk by chunk."""
        self._refuse_others(frame)
        ready = {}
        for name in frame.columns:
            if _coded(frame[name]):
                ready[name] = self._pieces(frame[name], name)
        start = self.start(dataset)
        for rows in pool.chunks(len(frame)):
            columns = [pool.constant(start, rows.stop - rows.start)]
            columns += self._key_columns(dataset, frame, rows)
            for name in self._columns:
                columns += self._cells(frame, name, ready, rows)
            yield pool.text(columns)

    def _refuse_others(self, frame: pd.DataFrame) -> None:
        """Refuse columns that the header row does not name."""
        others = []
        for name in frame.columns:
            if name not in self._titles:
                others.append(str(name))
        if others:
            raise MessageError(
                f"{', '.join(others)}: not among the columns that the header row names; "
                "write the data sets as one list, or as separate messages"
            )

    def _cells(
        self,
        frame: pd.DataFrame,
        name: str,
        ready: dict[str, list[pool.PooledColumn]],
        rows: slice,
    ) -> list[pool.PooledColumn]:
        """Columns of a component in some rows: ready ones, new ones, or empty ones."""
        if name in ready:
            return [column[rows] for column in ready[name]]
        if name in frame.columns:
            return self._pieces(frame[name].iloc[rows], name)
        return [pool.constant(end, rows.stop - rows.start) for end in self._ends(name)]

    def _pieces(self, values: pd.Series, name: str) -> list[pool.PooledColumn]:
        """Columns of a component."""
        composite = name in self._composite
        renders = styles.renders(name, self._titles[name], self._style, composite=composite)
        columns = []
        if name == "TIME_PERIOD" and self._style.time_format == "normalized":
            _, texts = pool.distinct(values)
            self.odd_periods.update(filter(styles.is_no_period, texts.to_pylist()))
        for render, end in zip(renders, self._ends(name), strict=True):
            columns.append(styles.column(values, render, self._style.separator, end))
        return columns

    def _ends(self, name: str) -> list[str]:
        """Texts behind the one or two fields of a component: the last ends the line."""
        separator = self._style.separator
        last = "\n" if name == self._columns[-1] else separator
        return [separator, last] if self._style.labels == "name" else [last]

    def start(self, dataset: Dataset) -> str:
        """Fields before the components, the same in every row of a data set."""
        if self._version == "1.0":
            fields = [self._dataflow(dataset)]
        else:
            fields = [*_artefact(dataset)]
            if self._style.labels == "name":
                fields.append("")
            fields.append(self._letter(dataset.action))
        separator = self._style.separator
        end = separator if self._columns or self._keys else "\n"
        return styles.record(fields, separator).removesuffix("\n") + end

    def _dataflow(self, dataset: Dataset) -> str:
        """Dataflow of a data set, which 1.0 needs."""
        if dataset.action == "Delete":
            raise self._cannot("the action Delete")
        if not dataset.dataflow:
            raise MessageError(
                "SDMX-CSV 1.0 needs the dataflow of a data set; set Dataset.dataflow"
            )
        return dataset.dataflow

    def _letter(self, action: str) -> str:
        """Letter of an action in the version."""
        if action not in _LETTERS:
            raise MessageError(f"expected an action of {', '.join(_LETTERS)}, found {action!r}")
        if action == "Merge" and self._version == "2.0":
            return _LETTERS["Append"]  # its name before 2.1
        return _LETTERS[action]

    def _key_columns(
        self, dataset: Dataset, frame: pd.DataFrame, rows: slice
    ) -> list[pool.PooledColumn]:
        """Columns that repeat the key, where they are wanted."""
        columns = []
        for key in self._keys:
            dimensions = list(dataset.components.dimensions)
            if key == "SERIES_KEY" and self._varying in dimensions:
                dimensions.remove(self._varying)
            columns.append(self._key(frame, dimensions, rows))
        return columns

    def _key(
        self, frame: pd.DataFrame, dimensions: list[str], rows: slice
    ) -> pool.PooledColumn:
        """Key column; empty where the key has gaps."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        size = rows.stop - rows.start
        separator = self._style.separator
        if not dimensions or not set(dimensions) <= set(frame.columns):
            return pool.constant(separator, size)
        parts = []
        for dimension in dimensions:
            texts = frame[dimension].iloc[rows].astype("str")
            parts.append(pa.array(texts, pa.string(), from_pandas=True))
        joined = pc.binary_join_element_wise(*parts, ".")
        pieces = styles.quoted_fields(joined, separator, separator)
        return pool.PooledColumn(np.arange(size, dtype=np.int32), pieces)


def _coded(values: pd.Series) -> bool:
    """Whether a column has its codes: its pieces are made once, else for each chunk of rows."""
    import pandas as pd

    return isinstance(values.dtype, pd.CategoricalDtype)


def _columns(datasets: Sequence[Dataset]) -> list[str]:
    """Ids of all components: dimensions of all data sets, then measures, then attributes."""
    ids: dict[str, None] = {}
    for role in ("dimensions", "measures", "attributes"):
        for dataset in datasets:
            ids |= dict.fromkeys(getattr(dataset.components, role))
    return list(ids)


def _artefact(dataset: Dataset) -> tuple[str, str]:
    """Kind and identifier of what a data set conforms to."""
    if dataset.dataflow:
        return "dataflow", dataset.dataflow
    if dataset.structure:
        return "datastructure", dataset.structure
    if dataset.provision:
        return "dataprovision", dataset.provision
    raise MessageError(
        "SDMX-CSV needs what a data set conforms to; set its dataflow, structure or provision"
    )
