"""Writing SDMX-ML: rows of frames stream out as series and observations, whatever their number."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ilms_sdmx.datasets import Dataset
from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.header import Header
from ilms_sdmx.messages.xml.dialects import Dialect, Generic, Row, Specific
from ilms_sdmx.messages.xml.groups import Groups
from ilms_sdmx.messages.xml.heading import footer, heading, references, spelled
from ilms_sdmx.messages.xml.layout import Layout, arrange
from ilms_sdmx.messages.xml.names import Reference
from ilms_sdmx.messages.xml.tokens import Column, Encoded, Renderer

if TYPE_CHECKING:
    from ilms_sdmx.messages.writing import Job

_ROWS = 50_000


def write(job: Job) -> None:
    """Write one message; see `ilms_sdmx.messages.write`."""
    if job.options:
        raise TypeError(f"{job.format} has no option {', '.join(job.options)}")
    version = job.format.split("-")[2]
    generic = job.format.endswith("generic")
    header = _referring(job, specific=not generic)
    root = Generic.root if generic else Specific.root
    if (
        job.streamed and not job.header.structures
    ):  # who knows what comes: the header waits until all has come
        with tempfile.TemporaryFile() as waiting:
            for batches in job.sets:
                first = next(batches)
                header = _extended(header, first, job.layout, specific=not generic)
                _write_set(waiting, job, header, first, batches)
            job.stream.write(heading(header, root, version).encode())
            _copy(waiting, job.stream)
    else:
        job.stream.write(heading(header, root, version).encode())
        for batches in job.sets:
            _write_set(job.stream, job, header, next(batches), batches)
    job.stream.write(f"{footer(job.footer(), version)}</message:{root}>\n".encode())


def _copy(waiting: IO[bytes], stream: IO[bytes]) -> None:
    waiting.seek(0)
    while part := waiting.read(1 << 20):
        stream.write(part)


def _extended(header: Header, dataset: Dataset, layout: str, *, specific: bool) -> Header:
    """Header that refers to what one more data set conforms to; the references before it stay as they are."""
    targets = [Reference.of(s.kind, s.target) for s in header.structures]
    at = [s.dimension_at_observation for s in header.structures]
    targets.append(Reference.of_dataset(dataset))
    at.append(arrange(dataset.components, layout).at_observation)
    return replace(header, structures=tuple(references(targets, at, specific=specific)))


def _referring(job: Job, *, specific: bool) -> Header:
    """Header whose structures are those of the data sets known beforehand."""
    if not job.known and not job.header.structures:
        raise MessageError(
            "a message without data sets needs a header that refers to a structure"
        )
    targets = [Reference.of_dataset(d) for d in job.known]
    at = [arrange(d.components, job.layout).at_observation for d in job.known]
    for structure in job.header.structures:
        target = Reference.of(structure.kind, structure.target)
        if target not in targets:
            targets.append(target)
            at.append(at[0] if at else structure.dimension_at_observation)
    return replace(job.header, structures=tuple(references(targets, at, specific=specific)))


def _write_set(
    stream: IO[bytes], job: Job, header: Header, first: Dataset, batches: Iterator[Dataset]
) -> None:
    """Write one data set; where it has groups, its rows wait in a temporary file until all are known."""
    version, generic = job.format.split("-")[2], job.format.endswith("generic")
    layout = arrange(first.components, job.layout)
    number, prefix = _reference(header, first, layout)
    dialect: Dialect = (
        Generic(first.components) if generic else Specific(first.components, version, prefix)
    )
    attributes = _of_dataset(first, layout)
    action = spelled(first.action, version)
    start = dialect.open_dataset(number, Reference.of_dataset(first), action, attributes)
    stream.write(start.encode())
    body = _Body(dialect, layout, attributes)
    if layout.groups:
        with tempfile.TemporaryFile() as waiting:
            body.write(_chain(first, batches), waiting)
            stream.write("".join(dialect.group(*group) for group in body.groups).encode())
            _copy(waiting, stream)
    else:
        body.write(_chain(first, batches), stream)
    stream.write(dialect.close_dataset().encode())


def _chain(first: Dataset, rest: Iterator[Dataset]) -> Iterator[Dataset]:
    yield first
    yield from rest


def _reference(header: Header, dataset: Dataset, layout: Layout) -> tuple[str, str]:
    """`structureID` and namespace prefix of the reference that fits a data set."""
    target = Reference.of_dataset(dataset)
    for number, s in enumerate(header.structures, 1):
        if (s.kind, s.target, s.dimension_at_observation) == (
            target.kind,
            target.short,
            layout.at_observation,
        ):
            return s.id, f"ns{number}"
    raise MessageError(
        f"data set {dataset.number} conforms to {target.short}, which the header does not refer to: "
        "give data sets of several structures as a sequence"
    )


def _of_dataset(dataset: Dataset, layout: Layout) -> Row:
    """Attributes of the data set: the one value each has."""
    alone = dataset.attached.get(())
    attributes: dict[str, str | None] = {}
    for name in layout.dataset_attributes:
        column = dataset.observations[name]
        if not len(column) and alone is not None and name in alone:
            column = alone[name]
        distinct = column.drop_duplicates()
        if len(distinct) > 1:
            found = ", ".join(repr(v) for v in distinct[:3])
            raise MessageError(
                f"{name} is an attribute of the whole data set but has several values: {found}"
            )
        if len(distinct) and distinct.notna().iloc[0]:
            attributes[name] = str(distinct.iloc[0])
    return attributes


class _Body:
    """Series and observations of one data set, batch after batch."""

    def __init__(self, dialect: Dialect, layout: Layout, attributes: Row) -> None:
        self._dialect, self._layout, self._attributes = dialect, layout, attributes
        self._observation = Renderer(dialect.observation(layout))
        self._series = None if layout.flat else Renderer(dialect.series(layout))
        self._names = [
            *layout.series,
            *layout.series_attributes,
            *layout.observation,
            *layout.measures,
            *layout.observation_attributes,
        ]
        self._last: dict[str, str | None] | None = None
        self.groups = Groups(layout)

    def write(self, batches: Iterator[Dataset], stream: IO[bytes]) -> None:
        """Write all rows, and close the last series."""
        for batch in batches:
            if _of_dataset(batch, self._layout) != self._attributes and len(batch):
                raise MessageError(
                    f"attributes of data set {batch.number} differ between its batches"
                )
            if self.groups:
                self.groups.add(batch.observations)
            self._write_attached(batch, stream)
            columns = {name: Column(batch.observations[name]) for name in self._names}
            for start in range(0, len(batch), _ROWS):
                stop = min(start + _ROWS, len(batch))
                self._write_rows(
                    {n: c.slice(start, stop) for n, c in columns.items()}, stop - start, stream
                )
        self._close(stream)

    def _close(self, stream: IO[bytes]) -> None:
        if self._last is not None:
            stream.write(self._dialect.close_series.encode())
            self._last = None

    def _write_rows(
        self, columns: Mapping[str, Encoded], count: int, stream: IO[bytes]
    ) -> None:
        starts = [] if self._series is None else [self._starts(columns, count)]
        stream.write(self._observation.buffer(columns, slice(0, count), starts))

    def _starts(self, columns: Mapping[str, Encoded], count: int) -> tuple[pa.Array, Any]:
        """Text at each row where a series starts, and for each row the index of its text or -1."""
        assert self._series is not None
        new = self._changes(columns, self._layout.series, count)
        differs = self._changes(columns, self._layout.series_attributes, count) & ~new
        if differs.any():
            raise self._ambiguous(columns, int(np.argmax(differs)))
        rows = np.flatnonzero(new)
        keep = (*self._layout.series, *self._layout.series_attributes)
        texts = self._series.texts(columns, rows) if len(rows) else pa.array([], pa.string())
        closing = [self._dialect.close_series] * len(rows)
        if self._last is None:
            closing[0] = ""
        self._last = {name: columns[name].text(count - 1) for name in keep}
        indices = np.where(new, np.cumsum(new) - 1, -1)
        return pc.binary_join_element_wise(pa.array(closing, pa.string()), texts, ""), indices

    def _changes(
        self, columns: Mapping[str, Encoded], names: tuple[str, ...], count: int
    ) -> Any:
        """Rows where any of some columns differs from the row before."""
        changed = np.zeros(count, bool)
        for name in names:
            indices = columns[name].indices
            changed[1:] |= indices[1:] != indices[:-1]
        changed[0] = self._last is None or any(
            columns[n].text(0) != self._last[n] for n in names
        )
        return changed

    def _ambiguous(self, columns: Mapping[str, Encoded], row: int) -> MessageError:
        key = ".".join(str(columns[n].text(row)) for n in self._layout.series)
        count = len(columns[self._layout.series[0]].indices)
        names = [
            n
            for n in self._layout.series_attributes
            if self._changes(columns, (n,), count)[row]
        ]
        return MessageError(
            f"{', '.join(names)} is an attribute of the series but differs inside series {key}; "
            "write with layout='flat', or fix the values"
        )

    def _write_attached(self, batch: Dataset, stream: IO[bytes]) -> None:
        """Write attributes that no observation carries: as groups, empty series, or of a partial key."""
        for dimensions, frame in batch.attached.items():
            if not dimensions or self.groups.attach(dimensions, frame):
                continue
            self._close(stream)
            for row in frame.astype("object").where(frame.notna(), None).to_dict("records"):
                stream.write(self._one_attached(dimensions, row).encode())

    def _one_attached(self, dimensions: tuple[str, ...], row: dict[Any, Any]) -> str:
        attributes = {n: v for n, v in row.items() if n not in dimensions}
        if self._series is None or set(dimensions) != set(self._layout.series):
            return self._dialect.partial({n: row[n] for n in dimensions}, attributes)
        keep = (*self._layout.series, *self._layout.series_attributes)
        if lost := [n for n, v in attributes.items() if v is not None and n not in keep]:
            raise MessageError(f"{', '.join(lost)} is no attribute of a series")
        values = {n: row.get(n) for n in keep}
        one = np.zeros(1, np.int32)
        columns = {
            n: Encoded(pa.array([v] if v is not None else [], pa.string()), one - (v is None))
            for n, v in values.items()
        }
        start: str = self._series.texts(columns, np.zeros(1, np.intp))[0].as_py()
        return start + self._dialect.close_series
