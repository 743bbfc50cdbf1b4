"""Writing SDMX-ML: rows of frames become series and observations, whatever their number."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ilms_sdmx.datasets import Dataset
from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages import about
from ilms_sdmx.messages.header import Header
from ilms_sdmx.messages.xml.dialects import Dialect, Generic, Row, Specific
from ilms_sdmx.messages.xml.groups import Groups
from ilms_sdmx.messages.xml.heading import footer, message_start, references, spelled
from ilms_sdmx.messages.xml.layout import Layout, arrange
from ilms_sdmx.messages.xml.names import Reference
from ilms_sdmx.messages.xml.tokens import Encoded, FrameColumn, Renderer

if TYPE_CHECKING:
    from ilms_sdmx.messages.writing import Job

_ROWS = 50_000


def write(job: Job) -> None:
    """Write one message; see `ilms_sdmx.messages.write`."""
    spelling = _Spelling.of(job.format, **_options(job))
    header = _referring(job, spelling)
    if job.streamed and not job.header.structures:
        _write_waiting(job, spelling, header)
    else:
        _write_start(job, spelling, header)
        for batches in job.sets:
            _write_set(job.stream, job, spelling, header, batches)
    footer_text = footer(job.footer(), spelling.version)
    job.stream.write(f"{footer_text}</message:{spelling.root}>\n".encode())


def _options(job: Job) -> dict[str, bool]:
    """Options of a job: SDMX-ML 2.1 has messages that are time series by their name."""
    known = ["time_series"] if job.format.startswith("sdmx-ml-2.1") else []
    unknown = sorted(set(job.options) - set(known))
    if unknown:
        raise TypeError(f"{job.format} has no option {', '.join(unknown)}")
    return dict(job.options)


@dataclass(frozen=True)
class _Spelling:
    """How a format spells a message.

    Parameters
    ----------
    version
        Version of SDMX-ML, such as `2.1`.
    generic
        Whether every value is an element.
    root
        Local name of the root element.
    time_series
        Whether the root element allows nothing but series by time.
    """

    version: str
    generic: bool
    root: str
    time_series: bool = False

    @classmethod
    def of(cls, format: str, time_series: bool = False) -> _Spelling:
        """Spelling of a format by its name."""
        version = format.split("-")[2]
        generic = format.endswith("generic")
        root = Generic.root if generic else Specific.root
        if time_series:
            root = root.removesuffix("Data") + "TimeSeriesData"
        return cls(version, generic, root, time_series)

    def check_structures(self, header: Header) -> None:
        """Refuse structures that messages of time series cannot refer to.

        Raises
        ------
        MessageError
            One is not by time, or there are several for generic data.
        """
        if not self.time_series:
            return
        for structure in header.structures:
            if structure.dimension_at_observation != "TIME_PERIOD":
                raise MessageError(
                    f"expected series by TIME_PERIOD for a message of time series, found"
                    f" {structure.dimension_at_observation} at the observations"
                )
        if self.generic and len(header.structures) > 1:
            raise MessageError(
                f"a generic message of time series can carry data of one structure, found"
                f" {len(header.structures)}: leave out time_series"
            )


def _write_start(job: Job, spelling: _Spelling, header: Header) -> None:
    """Write the start of the message and its header."""
    spelling.check_structures(header)
    start = message_start(header, spelling.root, spelling.version)
    job.stream.write(start.encode())


def _write_waiting(job: Job, spelling: _Spelling, header: Header) -> None:
    """Write data sets that come one by one: the header waits until all of them are known."""
    with tempfile.TemporaryFile() as waiting:
        for batches in job.sets:
            first = next(batches)
            header = _extended(header, first, job.layout, spelling)
            whole = chain([first], batches)
            _write_set(waiting, job, spelling, header, whole)
        _write_start(job, spelling, header)
        _copy(waiting, job.stream)


def _copy(waiting: IO[bytes], stream: IO[bytes]) -> None:
    """Write all that was written to a temporary file."""
    waiting.seek(0)
    shutil.copyfileobj(waiting, stream, 1 << 20)


def _extended(header: Header, dataset: Dataset, layout: str, spelling: _Spelling) -> Header:
    """Header that refers to what one more data set conforms to, after the references it has."""
    targets = []
    dimensions = []
    for structure in header.structures:
        targets.append(Reference.of(structure.kind, structure.target))
        dimensions.append(structure.dimension_at_observation)
    targets.append(Reference.of_dataset(dataset))
    dimensions.append(arrange(dataset.components, layout).at_observation)
    return _with_structures(header, targets, dimensions, spelling)


def _with_structures(
    header: Header, targets: list[Reference], dimensions: list[str], spelling: _Spelling
) -> Header:
    """Header that refers to some structures, each with its dimension at observation."""
    structures = references(targets, dimensions, specific=not spelling.generic)
    return replace(header, structures=tuple(structures))


def _referring(job: Job, spelling: _Spelling) -> Header:
    """Header whose structures are those of the data sets known beforehand."""
    if not job.known and not job.header.structures:
        raise MessageError(
            "a message without data sets needs a header that refers to a structure"
        )
    targets = []
    dimensions = []
    for dataset in job.known:
        targets.append(Reference.of_dataset(dataset))
        dimensions.append(arrange(dataset.components, job.layout).at_observation)
    for structure in job.header.structures:
        target = Reference.of(structure.kind, structure.target)
        if target in targets:
            continue
        targets.append(target)
        if job.known:
            dimensions.append(dimensions[0])
        else:
            dimensions.append(structure.dimension_at_observation)
    return _with_structures(job.header, targets, dimensions, spelling)


def _write_set(
    stream: IO[bytes],
    job: Job,
    spelling: _Spelling,
    header: Header,
    batches: Iterator[Dataset],
) -> None:
    """Write one data set; where it has groups, its rows wait in a file until all are known."""
    first = next(batches)
    layout = arrange(first.components, job.layout)
    identifier, prefix = _reference(header, first, layout)
    dialect = _dialect(first, spelling, prefix)
    attributes = _of_dataset(first, layout)
    action = spelled(first.action, spelling.version)
    reference = Reference.of_dataset(first)
    told = about.in_xml(first.about)
    start = dialect.open_dataset(identifier, reference, action, attributes, told)
    stream.write(start.encode())
    body = _Body(dialect, layout, attributes)
    rows = chain([first], batches)
    if not layout.groups:
        body.write(rows, stream)
    else:
        with tempfile.TemporaryFile() as waiting:
            body.write(rows, waiting)
            for group in body.groups:
                stream.write(dialect.group(*group).encode())
            _copy(waiting, stream)
    stream.write(dialect.close_dataset().encode())


def _dialect(dataset: Dataset, spelling: _Spelling, prefix: str) -> Dialect:
    """Dialect of a data set, whose own schema has the prefix."""
    if spelling.generic:
        return Generic(dataset.components)
    return Specific(dataset.components, spelling.version, prefix)


def _reference(header: Header, dataset: Dataset, layout: Layout) -> tuple[str, str]:
    """`structureID` and namespace prefix of the reference that fits a data set."""
    reference = Reference.of_dataset(dataset)
    wanted = (reference.kind, reference.short, layout.at_observation)
    for number, structure in enumerate(header.structures, 1):
        dimension = structure.dimension_at_observation
        if (structure.kind, structure.target, dimension) == wanted:
            return structure.id, f"ns{number}"
    raise MessageError(
        f"data set {dataset.number} conforms to {reference.short}, which the header does not "
        "refer to: give data sets of several structures as a sequence"
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
            values = ", ".join(map(repr, distinct[:3]))
            raise MessageError(
                f"{name} is an attribute of the whole data set but has several values: {values}"
            )
        for value in distinct.dropna():
            attributes[name] = str(value)
    return attributes


class _Body:
    """Series and observations of one data set, batch after batch."""

    def __init__(self, dialect: Dialect, layout: Layout, attributes: Row) -> None:
        self.groups = Groups(layout)
        self._dialect = dialect
        self._layout = layout
        self._attributes = attributes
        self._observation = Renderer(dialect.observation(layout))
        self._series = None if layout.flat else Renderer(dialect.series(layout))
        self._series_columns = (*layout.series, *layout.series_attributes)
        self._columns = [
            *self._series_columns,
            *layout.observation,
            *layout.measures,
            *layout.observation_attributes,
        ]
        self._last: dict[str, str | None] | None = None

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
            self._write_rows(batch, stream)
        self._close(stream)

    def _close(self, stream: IO[bytes]) -> None:
        """Close the series that is open."""
        if self._last is not None:
            stream.write(self._dialect.close_series.encode())
            self._last = None

    def _write_rows(self, batch: Dataset, stream: IO[bytes]) -> None:
        """Write the observations of a batch, and the starts and ends of their series."""
        columns = {}
        for name in self._columns:
            columns[name] = FrameColumn(batch.observations[name])
        for start in range(0, len(batch), _ROWS):
            stop = min(start + _ROWS, len(batch))
            encoded = {}
            for name, column in columns.items():
                encoded[name] = column.slice(start, stop)
            rows = slice(0, stop - start)
            if self._dialect.version == "2.1":
                self._refuse_gaps(encoded)
            starts = []
            if self._series is not None:
                starts.append(self._starts(self._series, encoded, rows.stop))
            stream.write(self._observation.buffer(encoded, rows, starts))

    def _refuse_gaps(self, columns: Mapping[str, Encoded]) -> None:
        """Refuse rows without a dimension: the schemas of 2.1 have no wildcard."""
        gaps = []
        for name in (*self._layout.series, *self._layout.observation):
            indices = columns[name].indices
            if len(indices) and int(indices.min()) < 0:
                gaps.append(name)
        if gaps:
            raise MessageError(
                f"SDMX-ML 2.1 cannot carry rows without {', '.join(gaps)} (wildcards); write"
                " sdmx-ml-3.0 or sdmx-csv-2.0"
            )

    def _starts(self, series: Renderer, columns: Mapping[str, Encoded], count: int) -> Encoded:
        """Text at each row where a series starts, the end of the one before included."""
        new = self._changes(columns, self._layout.series, count)
        differs = self._changes(columns, self._layout.series_attributes, count) & ~new
        if differs.any():
            raise self._ambiguous(columns, int(np.argmax(differs)))
        rows = np.flatnonzero(new)
        ends = [self._dialect.close_series] * len(rows)
        if self._last is None:
            ends[0] = ""
        self._last = {}
        for name in self._series_columns:
            self._last[name] = columns[name].text(count - 1)
        texts = pa.array([], pa.string())
        if len(rows):
            starts = series.texts(columns, rows)
            texts = pc.binary_join_element_wise(pa.array(ends, pa.string()), starts, "")
        indices = np.where(new, np.cumsum(new) - 1, -1)
        return Encoded(texts, indices)

    def _changes(
        self, columns: Mapping[str, Encoded], names: tuple[str, ...], count: int
    ) -> Any:
        """Rows where any of some columns differs from the row before."""
        changed = np.zeros(count, bool)
        changed[0] = self._last is None
        for name in names:
            indices = columns[name].indices
            changed[1:] |= indices[1:] != indices[:-1]
            if self._last is not None:
                changed[0] |= columns[name].text(0) != self._last[name]
        return changed

    def _ambiguous(self, columns: Mapping[str, Encoded], row: int) -> MessageError:
        """Error about attributes that differ inside a series, seen at a row."""
        key = ".".join(str(columns[name].text(row)) for name in self._layout.series)
        count = len(columns[self._layout.series[0]].indices)
        differing = []
        for name in self._layout.series_attributes:
            if self._changes(columns, (name,), count)[row]:
                differing.append(name)
        names = ", ".join(differing)
        return MessageError(
            f"{names} is an attribute of the series but differs inside series {key}; "
            "write with layout='flat', or fix the values"
        )

    def _write_attached(self, batch: Dataset, stream: IO[bytes]) -> None:
        """Write attributes without observations: as groups, empty series or partial keys."""
        for dimensions, frame in batch.attached.items():
            if not dimensions or self.groups.attach(dimensions, frame):
                continue
            self._close(stream)
            texts = frame.astype("object").where(frame.notna(), None)
            for row in texts.to_dict("records"):
                stream.write(self._one_attached(dimensions, row).encode())

    def _one_attached(self, dimensions: tuple[str, ...], row: dict[Any, Any]) -> str:
        """Attributes of one key as text."""
        key = {}
        attributes = dict(row)
        for name in dimensions:
            key[name] = attributes.pop(name)
        if self._series is None or set(dimensions) != set(self._layout.series):
            return self._dialect.partial(key, attributes)
        self._refuse_others(attributes)
        columns = {}
        for name in self._series_columns:
            value = row.get(name)

            columns[name] = Encoded.of_texts(pa.array([value], pa.string()))
        start: str = self._series.texts(columns, np.zeros(1, np.intp))[0].as_py()
        return start + self._dialect.close_series

    def _refuse_others(self, attributes: Row) -> None:
        """Refuse values of attributes that are not on the series."""
        others = []
        for name, value in attributes.items():
            if value is not None and name not in self._series_columns:
                others.append(name)
        if others:
            raise MessageError(f"{', '.join(others)} is no attribute of a series")
