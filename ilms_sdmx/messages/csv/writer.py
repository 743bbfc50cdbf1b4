"""Writing SDMX-CSV 1.0, 2.0 and 2.1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from ilms_sdmx.datasets import Components, Dataset
from ilms_sdmx.errors import MessageError
from ilms_sdmx.findings import Finding, find
from ilms_sdmx.messages import pool
from ilms_sdmx.messages.csv import style as styles
from ilms_sdmx.messages.csv.reader import ACTIONS
from ilms_sdmx.messages.csv.style import Style
from ilms_sdmx.messages.writing import Job

if TYPE_CHECKING:
    import pandas as pd

_LETTERS = {action: letter for letter, action in ACTIONS.items()}


def write(job: Job) -> None:
    """Write data sets as SDMX-CSV; options are the parameters of `Style`.

    Raises
    ------
    MessageError
        The version cannot carry an action, a composite value or attributes without observations; or a later
        data set has a component that the header row, written before it came, lacks.
    TypeError
        An option that SDMX-CSV does not have.
    """
    unknown = sorted(set(job.options) - set(Style.__dataclass_fields__))
    if unknown:
        known = ", ".join(Style.__dataclass_fields__)
        raise TypeError(f"no option {', '.join(unknown)} for {job.format}; there are {known}")
    table = _Table(
        job.format.removeprefix("sdmx-csv-"), Style(**job.options), job.known, job.layout
    )
    job.stream.write(table.head().encode())
    empty: list[int] = []
    starts: dict[int, tuple[str, str]] = {}
    for number, batches in enumerate(job.sets):
        size = 0
        for dataset in batches:
            size += sum(job.stream.write(part) for part in table.rows(dataset))
            starts[number] = dataset.action, table.start(dataset)
        empty += [] if size else [number]
        if empty and number:  # alone it leaves its header row
            raise MessageError(
                f"data set {empty[0]} has no row, so {job.format} would drop it; leave it out"
            )
    if empty:
        job.left_out.append(find("empty-left-out", format=job.format))
    job.left_out.extend(_find_left_out(job.format, list(starts.values())))


def _find_left_out(format: str, starts: Sequence[tuple[str, str]]) -> Iterator[Finding]:
    """Findings of actions and of boundaries between data sets, are not there when it is read again.

    `starts` are the action and the first fields of the rows of each data set.
    """
    actions = sorted({action for action, _ in starts} - {"Information"})
    if actions and format == "sdmx-csv-1.0":
        yield find("action-left-out", format=format, actions=", ".join(actions))
    same = [
        i for i, ((_, before), (_, start)) in enumerate(pairwise(starts), 2) if before == start
    ]
    if same:
        numbers = ", ".join(map(str, same))
        yield find("boundary-left-out", format=format, numbers=numbers)


class _Table:
    """Columns of the file, the same for all data sets in it."""

    def __init__(
        self, version: str, style: Style, ahead: Sequence[Dataset], layout: str
    ) -> None:
        self._version, self._style = version, style
        components = [d.components for d in ahead]
        self._columns = _columns(components)
        self._composite = {i for c in components for i in c.composite}
        self._titles = {
            c: styles.title(c, ahead, style.sub_separator) if c in self._composite else c
            for c in self._columns
        }
        self._varying = "TIME_PERIOD" if layout in ("series", "flat") else layout
        self._refuse()

    def _refuse(self) -> None:
        if self._version != "1.0":
            return
        if self._composite:
            self._cannot(f"several values or languages ({', '.join(sorted(self._composite))})")
        if self._style.keys != "none":
            self._cannot("key columns")

    def _cannot(self, what: str) -> None:
        raise MessageError(f"SDMX-CSV {self._version} cannot carry {what}; write sdmx-csv-2.0")

    def head(self) -> str:
        """Header row."""
        fields = ["DATAFLOW"]
        if self._version != "1.0":
            extended = f"[{self._style.sub_separator}]" if self._composite else ""
            named = ["STRUCTURE_NAME"] if self._style.labels == "name" else []
            fields = [f"STRUCTURE{extended}", "STRUCTURE_ID", *named, "ACTION", *self._keys]
        for column in self._columns:
            fields += self._labelled(self._titles[column], self._style.names.get(column, {}))
        return styles.record(fields, self._style.separator)

    @property
    def _keys(self) -> list[str]:
        wanted = {
            "none": [],
            "both": ["SERIES_KEY", "OBS_KEY"],
            "series": ["SERIES_KEY"],
            "obs": ["OBS_KEY"],
        }
        return wanted[self._style.keys]

    def _labelled(self, title: str, names: Mapping[str, str]) -> list[str]:
        name = names.get("", title)
        if self._style.labels == "name":
            return [title, name]
        return [
            f"{title}: {name}"
            if self._style.labels == "both" and styles.coded(names)
            else title
        ]

    def rows(self, dataset: Dataset) -> Iterator[memoryview]:
        """Text of all rows of a data set: its observations, then what is attached to partial keys."""
        yield from self._part(dataset, dataset.observations)
        for frame in dataset.attached.values():
            if self._version == "1.0":
                self._cannot("attributes without observations")
            yield from self._part(dataset, frame)

    def _part(self, dataset: Dataset, frame: pd.DataFrame) -> Iterator[memoryview]:
        beyond = [c for c in frame.columns if c not in self._titles]
        if beyond:
            raise MessageError(
                f"{', '.join(map(str, beyond))}: not among the columns that the header row names; "
                "write the data sets as one list, or as separate messages"
            )
        ready = {c: self._pieces(frame[c], c) for c in frame.columns if _coded(frame[c])}
        start = self.start(dataset)
        for rows in pool.chunks(len(frame)):
            columns = [
                pool.constant(start, rows.stop - rows.start),
                *self._key_columns(dataset, frame, rows),
            ]
            for name in self._columns:
                columns += self._cells(frame, name, ready, rows)
            yield pool.text(columns)

    def _cells(
        self,
        frame: pd.DataFrame,
        name: str,
        ready: dict[str, list[pool.PooledColumn]],
        rows: slice,
    ) -> list[pool.PooledColumn]:
        if name in ready:
            return [column[rows] for column in ready[name]]
        if name in frame.columns:
            return self._pieces(frame[name].iloc[rows], name)
        return [pool.constant(end, rows.stop - rows.start) for end in self._ends(name)]

    def _pieces(self, values: pd.Series, name: str) -> list[pool.PooledColumn]:
        renders = styles.renders(
            name, self._titles[name], self._style, composite=name in self._composite
        )
        separator = self._style.separator
        ends = self._ends(name)
        return [
            styles.column(values, r, separator, end)
            for r, end in zip(renders, ends, strict=True)
        ]

    def _ends(self, name: str) -> list[str]:
        """Say what stands behind the one or two fields of a component: the last ends the line."""
        count = 2 if self._style.labels == "name" else 1
        last = "\n" if name == self._columns[-1] else self._style.separator
        return [self._style.separator] * (count - 1) + [last]

    def start(self, dataset: Dataset) -> str:
        """Fields before the components, the same in every row of a data set."""
        if self._version == "1.0":
            if dataset.action == "Delete":
                self._cannot("the action Delete")
            if not dataset.dataflow:
                raise MessageError(
                    "SDMX-CSV 1.0 needs the dataflow of a data set; set Dataset.dataflow"
                )
            fields = [dataset.dataflow]
        else:
            kind, identifier = _artefact(dataset)
            named = [""] if self._style.labels == "name" else []
            fields = [kind, identifier, *named, self._letter(dataset.action)]
        ends_here = not self._columns and not self._keys
        return styles.record(fields, self._style.separator)[:-1] + (
            "\n" if ends_here else self._style.separator
        )

    def _letter(self, action: str) -> str:
        if action not in _LETTERS:
            raise MessageError(f"expected an action of {', '.join(_LETTERS)}, found {action!r}")
        if action == "Merge" and self._version == "2.0":
            return _LETTERS["Append"]  # its name before 2.1
        return _LETTERS[action]

    def _key_columns(
        self, dataset: Dataset, frame: pd.DataFrame, rows: slice
    ) -> list[pool.PooledColumn]:
        dimensions = dataset.components.dimensions
        series = [d for d in dimensions if d != self._varying]
        wanted = {"SERIES_KEY": series, "OBS_KEY": list(dimensions)}
        return [self._key(frame, wanted[key], rows) for key in self._keys]

    def _key(
        self, frame: pd.DataFrame, dimensions: list[str], rows: slice
    ) -> pool.PooledColumn:
        """Key column; empty where the key has gaps."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        size = rows.stop - rows.start
        if not dimensions or not set(dimensions) <= set(frame.columns):
            return pool.constant(self._style.separator, size)
        parts = [
            pa.array(frame[d].iloc[rows].astype("str"), pa.string(), from_pandas=True)
            for d in dimensions
        ]
        joined = pc.binary_join_element_wise(*parts, ".")
        pieces = styles.fields(joined, self._style.separator, self._style.separator)
        return pool.PooledColumn(np.arange(size, dtype=np.int32), pieces)


def _coded(values: pd.Series) -> bool:
    """Whether a column has its codes: then its pieces are made once, else for the rows of each chunk."""
    import pandas as pd

    return isinstance(values.dtype, pd.CategoricalDtype)


def _columns(components: Sequence[Components]) -> list[str]:
    """Ids of all components: dimensions of all data sets, then measures, then attributes."""
    found: dict[str, None] = {}
    for role in ("dimensions", "measures", "attributes"):
        for each in components:
            found.update(dict.fromkeys(getattr(each, role)))
    return list(found)


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
