"""Reading any format and writing any format: one table of readers, one of writers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import import_module
from itertools import chain, groupby
from typing import IO, TYPE_CHECKING, Any, TypeAlias

from ilms_sdmx.datasets import Components, Dataset
from ilms_sdmx.errors import MessageError
from ilms_sdmx.findings import Report
from ilms_sdmx.messages.batches import Batch, Reading, assemble
from ilms_sdmx.messages.header import Header, left_out
from ilms_sdmx.messages.message import Message, Note
from ilms_sdmx.messages.opening import Readable, open_source
from ilms_sdmx.messages.recognition import recognise
from ilms_sdmx.messages.spreading import Spreader
from ilms_sdmx.messages.target import Writable, open_target

if TYPE_CHECKING:
    import pandas as pd
    from sdmx.model.v21 import DataStructureDefinition

Structure: TypeAlias = "Components | DataStructureDefinition | str | None"
Data: TypeAlias = "Dataset | Message | Sequence[Dataset] | Iterable[Dataset] | pd.DataFrame"

#: Family of formats to `module:function`, called with (source, components or None), giving a `Reading`.
READERS = {
    "sdmx-csv": "ilms_sdmx.messages.csv.reader:read",
    "sdmx-json": "ilms_sdmx.messages.json.reader:read",
    "sdmx-ml": "ilms_sdmx.messages.xml.reader:read",
}
#: Format to `module:function`, called with a `Job`, writing to its stream.
WRITERS = {
    "sdmx-json-1.0": "ilms_sdmx.messages.json.writer:write",
    "sdmx-json-2.0": "ilms_sdmx.messages.json.writer:write",
    "sdmx-json-2.1": "ilms_sdmx.messages.json.writer:write",
    "sdmx-csv-1.0": "ilms_sdmx.messages.csv.writer:write",
    "sdmx-csv-2.0": "ilms_sdmx.messages.csv.writer:write",
    "sdmx-csv-2.1": "ilms_sdmx.messages.csv.writer:write",
    "sdmx-ml-2.1": "ilms_sdmx.messages.xml.writer:write",
    "sdmx-ml-2.1-generic": "ilms_sdmx.messages.xml.writer:write",
    "sdmx-ml-3.0": "ilms_sdmx.messages.xml.writer:write",
    "sdmx-ml-3.1": "ilms_sdmx.messages.xml.writer:write",
}


@dataclass(frozen=True)
class Job:
    """What a writer is given.

    Parameters
    ----------
    sets
        Data sets in order, each an iterator of its batches; consume one before asking for the next. Every
        batch of a data set has the same components.
    known
        Data sets known beforehand, for a header that has to refer to all: the first batch of a stream, or
        all of a sequence. Do not write from it.
    stream
        Where the bytes go: already a temporary file, packed if that was asked for.
    header
        Complete: `id` and `prepared` are filled in.
    layout
        `series`, `flat`, or the id of the dimension that varies inside a series.
    options
        Whatever else the caller passed to `write`; a writer raises TypeError for what it does not know.
    """

    sets: Iterator[Iterator[Dataset]]
    known: tuple[Dataset, ...]
    stream: IO[bytes]
    header: Header
    format: str
    layout: str
    options: dict[str, Any]


def read(source: Readable, structure: Structure = None) -> Message:
    """Read a data message of any format whole.

    Parameters
    ----------
    source
        Path, bytes or binary file object; gzip and zip are unpacked.
    structure
        Data structure definition, `Components`, or the id of a dataflow that travels with the package
        (`DF_POP_MNAO_SEX_CDS_NB`). Without one, roles that the format itself does not tell are inferred,
        which `Message.report` says.

    Returns
    -------
    Message
        Header and data sets; see `Dataset` for the frame.

    Raises
    ------
    MessageError
        The bytes are no SDMX data message; names line or element.

    Examples
    --------
    >>> read("ilostat.xml.gz").datasets[0].observations  # doctest: +SKIP
    """
    with open_source(source) as opened:
        reading = _reading(opened, structure)
        sets = [_whole(batches) for _, batches in groupby(reading, key=lambda b: b.number)]
        report = Report.of(reading.findings)
        return Message(reading.header, tuple(sets), reading.format, reading.footer, report)


def _whole(batches: Iterable[Batch]) -> Dataset:
    """One data set of all its batches, attributes of groups in every row that they concern."""
    dataset = assemble(batches)
    spreader = Spreader()
    spreader.add(dataset.attached)
    return replace(spreader.spread(dataset), attached=spreader.rest())


class Batches:
    """Data sets of a message in batches: iterate once; `footer` and `report` are complete at the end.

    Attributes of a group go into the rows that come after it; what concerned no row is attached to the last
    batch of the data set.
    """

    def __init__(self, reading: Reading, size: int) -> None:
        self._reading, self._size = reading, size
        self.header, self.format = reading.header, reading.format

    @property
    def footer(self) -> tuple[Note, ...]:
        """Notes after the data sets."""
        return self._reading.footer

    @property
    def report(self) -> Report:
        """What had to be assumed or was found odd, up to here."""
        return Report.of(self._reading.findings)

    def __iter__(self) -> Iterator[Dataset]:
        for _, batches in groupby(self._reading, key=lambda b: b.number):
            spreader = Spreader()
            waiting: Dataset | None = None
            for part in _sized(batches, self._size):
                if waiting is not None:
                    yield waiting
                dataset = assemble(part)
                spreader.add(dataset.attached)
                waiting = spreader.spread(dataset)
            if waiting is not None:
                yield replace(waiting, attached=spreader.rest())


def _sized(batches: Iterable[Batch], size: int) -> Iterator[list[Batch]]:
    """Collect runs of batches with about `size` rows: never more than twice that."""
    waiting: list[Batch] = []
    rows = 0
    for batch in batches:
        for piece in _cut(batch, size):
            if waiting and rows + piece.rows.num_rows > size:
                yield waiting
                waiting, rows = [], 0
            waiting.append(piece)
            rows += piece.rows.num_rows
    if waiting:
        yield waiting


def _cut(batch: Batch, size: int) -> Iterator[Batch]:
    """Batch in pieces of at most `size` rows; what is attached goes with the first."""
    if batch.rows.num_rows <= size:
        yield batch
        return
    yield replace(batch, rows=batch.rows.slice(0, size))
    for start in range(size, batch.rows.num_rows, size):
        yield replace(batch, rows=batch.rows.slice(start, size), attached={})


@contextmanager
def read_batches(source: Readable, structure: Structure = None, *, size: int = 100_000) -> Iterator[Batches]:
    """Read a data message of any size in batches of at most `size` observations, in bounded memory.

    Use it as a context manager; each batch is a `Dataset`, and batches of one data set share `number`.
    Categories of one column may differ between batches.

    Examples
    --------
    >>> with read_batches("big.xml.gz") as batches:  # doctest: +SKIP
    ...     total = sum(len(batch) for batch in batches)
    """
    with open_source(source) as opened:
        yield Batches(_reading(opened, structure), size)


def _reading(opened: Any, structure: Structure) -> Reading:
    reader = _named(READERS[recognise(opened)])
    reading: Reading = reader(opened, _components(structure))
    return reading


def _components(structure: Structure) -> Components | None:
    if isinstance(structure, str):
        structure = _shipped(structure)
    return structure if structure is None or isinstance(structure, Components) else Components.of(structure)


def _shipped(dataflow: str) -> DataStructureDefinition:
    """Structure of a dataflow that travels with the package."""
    from ilms_sdmx import structures

    definition: DataStructureDefinition = structures.dataflow(dataflow).structure
    return definition


def _named(path: str) -> Callable[..., Any]:
    module, name = path.split(":")
    function: Callable[..., Any] = getattr(import_module(module), name)
    return function


def write(
    data: Data,
    target: Writable,
    format: str = "sdmx-ml-2.1",
    *,
    structure: Structure = None,
    header: Header | None = None,
    layout: str = "series",
    compression: str = "infer",
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    **options: Any,
) -> Report:
    """Write data sets as a message of any format; nothing is left behind if it fails.

    Parameters
    ----------
    data
        A `Dataset`, a `Message` or a sequence of data sets; or an iterator of data sets that are batches of
        one data set as long as their `number` stays the same; or a frame (with `structure`).
    target
        Path (written beside it and renamed) or file object open for writing bytes.
    format
        Name as in the table of formats: `sdmx-ml-2.1`, `sdmx-ml-2.1-generic`, `sdmx-csv-1.0`...
    structure
        Roles of the columns, where `data` is a frame or does not say.
    header
        Header to write; a message's own is used if there is none. See `Header` for what is filled in.
    layout
        `series` (by time), `flat`, or the id of the dimension that varies inside a series.
    compression
        `gzip`, `none`, or `infer`: gzip when the path ends in `.gz`.
    clock
        Gives the time for `Header.prepared` where the header has none.

    Returns
    -------
    Report
        A note `header-left-out` names what of the header the format has no place for.

    Raises
    ------
    MessageError
        The format cannot carry something that the data have; the message says what, and which can.

    Examples
    --------
    >>> write(dataset, "out.xml", "sdmx-ml-2.1", layout="flat")  # doctest: +SKIP
    """
    if format not in WRITERS:
        raise MessageError(f"no writer for format {format!r}; there are {', '.join(sorted(WRITERS))}")
    batches, known = _batches(data, _components(structure), _identity(structure))
    own = getattr(data, "header", None)
    sets = (batch for _, batch in groupby(batches, key=lambda d: d.number))
    complete = (header or own or Header()).completed(clock)
    try:
        with open_target(target, compression) as stream:
            _named(WRITERS[format])(Job(sets, known, stream, complete, format, layout, options))
    except UnicodeEncodeError as error:
        raise MessageError(f"half of a surrogate pair is no character: {error.object!r:.80}") from None
    return left_out(header or own or Header(), format)


def _batches(
    data: Any, components: Components | None, identity: str
) -> tuple[Iterator[Dataset], tuple[Dataset, ...]]:
    """Batches in order with their numbers, and the data sets known beforehand."""
    import pandas as pd

    if isinstance(data, Dataset | pd.DataFrame):
        data = [data]
    prepared = (_dataset(item, components, identity) for item in data)
    if isinstance(data, Message | list | tuple):
        known = tuple(replace(d, number=i) for i, d in enumerate(prepared))
        return iter(known), known
    first = next(prepared, None)
    return (prepared, ()) if first is None else (chain([first], prepared), (first,))


def _dataset(item: Any, components: Components | None, identity: str) -> Dataset:
    import pandas as pd

    if isinstance(item, pd.DataFrame):
        if components is None:
            raise MessageError("a plain frame needs `structure` to say which columns are dimensions")
        _check_columns(item, components)
        frame = item.reindex(columns=components.columns).apply(_text)
        return Dataset(frame, components, structure=identity)
    if not isinstance(item, Dataset):
        raise TypeError(f"expected a Dataset or a frame, found {type(item).__name__}")
    return item if components is None else replace(item, components=components)


def _text(column: pd.Series[Any]) -> pd.Series[Any]:
    """Column of a plain frame as text: numbers in the shortest form that reads back the same."""
    if column.dtype.kind not in "iuf":
        return column
    return column.map(lambda v: repr(v.item() if hasattr(v, "item") else v), na_action="ignore").astype(
        "string"
    )


def _check_columns(frame: pd.DataFrame, components: Components) -> None:
    if unknown := [str(c) for c in frame.columns if c not in components.columns]:
        raise MessageError(f"the structure has no component {', '.join(unknown)}: drop or rename the column")


def _identity(structure: Structure) -> str:
    """Short reference of a data structure definition, empty for mere components."""
    if isinstance(structure, str):
        structure = _shipped(structure)
    if structure is None or isinstance(structure, Components):
        return ""
    return f"{structure.maintainer.id}:{structure.id}({structure.version})" if structure.maintainer else ""
