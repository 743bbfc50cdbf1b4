"""Reading a message of any format, whole or in batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby
from operator import attrgetter

from ilms_sdmx.datasets import Dataset
from ilms_sdmx.datasets.given import Given, Structure
from ilms_sdmx.errors import IncompleteError, LateGroupError
from ilms_sdmx.findings import Report
from ilms_sdmx.messages.batches import Batch, Reading, assemble
from ilms_sdmx.messages.dispatch import READERS, named
from ilms_sdmx.messages.message import Message, Note, find_notes
from ilms_sdmx.messages.opening import Progress, Readable, Source, open_source
from ilms_sdmx.messages.recognition import recognise
from ilms_sdmx.messages.spreading import GivenRows, Spreader


def read(
    source: Readable,
    structure: Structure = None,
    *,
    progress: Progress | None = None,
    partial: bool = False,
) -> Message:
    """Read a data message of any format whole.

    Parameters
    ----------
    source
        Path, bytes or binary file object; gzip and zip are unpacked.
    structure
        Id of a dataflow that travels with the package (`DF_POP_MNAO_SEX_CDS_NB`), a structure
        message of any version (its path, bytes or address, or what was read of it), the address
        of a service, an object of sdmx1 (message, dataflow or data structure definition), or
        `Components`. Of several structures the one to which the data set refers is taken.
        Without one, roles that the format itself does not tell are inferred, which
        `Message.report` says.
    progress
        Called with the bytes of the source that have been read, packed as they are, and with
        how many there are (0 where that cannot be known). SDMX-JSON is gone through twice.
    partial
        Whether to give what there is of a message that says that it is not complete, with an
        error in its report.

    Returns
    -------
    Message
        Header and data sets; see `Dataset` for the frame.

    Raises
    ------
    MessageError
        The bytes are no SDMX data message; names line or element.
    IncompleteError
        The message says that it is cut off or that there was an error; carries what was read.
    StructureError
        No structure of those given is the one to which a data set refers.

    Examples
    --------
    >>> read("ilostat.xml.gz").datasets[0].observations  # doctest: +SKIP
    """
    with open_source(source, progress) as opened:
        given = Given(structure)
        reading = _reading(opened, given)
        datasets = []
        for _, batches in groupby(reading, key=attrgetter("number")):
            whole = _whole(batches)
            datasets.append(whole.referring(*given.reference()))
        findings = [*reading.findings, *find_notes(reading.footer)]
        report = Report.of(findings).at(file=opened.name)
        message = Message(
            reading.header, tuple(datasets), reading.format, reading.footer, report
        )
        if not partial:
            _refuse_incomplete(reading, opened.name, message)
        return message


def _refuse_incomplete(reading: Reading, name: str, message: Message | None = None) -> None:
    """Refuse a message with an error of its service."""
    for finding in Report.of(find_notes(reading.footer)).errors:
        raise IncompleteError(f"{name}: {finding.message}", message)


def _whole(batches: Iterable[Batch]) -> Dataset:
    """One data set of all its batches, attributes of groups in every row that they concern."""
    dataset = assemble(batches)
    spreader = Spreader()
    spreader.add(dataset.attached)
    return replace(spreader.spread(dataset), attached=spreader.rest())


class Batches:
    """Data sets of a message in batches: iterate once.

    `footer` and `report` are complete at the end of the iteration.

    Attributes of a group go into the rows that come after it; what concerned no row is attached
    to the last batch of the data set. A group that concerns rows which were given before raises
    `LateGroupError`: read such a message whole. `size` can be changed before the iteration
    begins; `groups_may_be_late` says whether the format allows such groups (SDMX-ML 2.0).
    """

    def __init__(
        self, reading: Reading, given: Given, size: int, file: str, *, partial: bool = False
    ) -> None:
        self.header = reading.header
        self.format = reading.format
        self.size = size
        self._reading = reading
        self._given = given
        self._file = file
        self._partial = partial

    @property
    def groups_may_be_late(self) -> bool:
        """Whether groups may come after rows that they concern."""
        return self.format.startswith(("sdmx-ml-1.", "sdmx-ml-2.0"))

    @property
    def footer(self) -> tuple[Note, ...]:
        """Notes after the data sets."""
        return self._reading.footer

    @property
    def report(self) -> Report:
        """What had to be assumed or was found odd, up to here."""
        findings = [*self._reading.findings, *find_notes(self.footer)]
        return Report.of(findings).at(file=self._file)

    def __iter__(self) -> Iterator[Dataset]:
        for _, batches in groupby(self._reading, key=attrgetter("number")):
            yield from self._of_dataset(batches)
        if not self._partial:
            _refuse_incomplete(self._reading, self._file)

    def _of_dataset(self, batches: Iterable[Batch]) -> Iterator[Dataset]:
        """Batches of one data set, each given when it is known that another one comes."""
        spreader = Spreader()
        given = GivenRows()
        waiting: Dataset | None = None
        for part in _sized(batches, self.size):
            dataset = assemble(part).referring(*self._given.reference())
            if waiting is not None:
                given.add(waiting)
                self._refuse_late(given.concerned(spreader.unknown(dataset.attached)))
                yield waiting
            spreader.add(dataset.attached)
            waiting = spreader.spread(dataset)
        if waiting is not None:
            yield replace(waiting, attached=spreader.rest())

    def _refuse_late(self, names: str) -> None:
        """Refuse attributes of rows that were given before."""
        if names:
            raise LateGroupError(
                f"{self._file}: {names} of a group comes after rows that it concerns; read the"
                " message whole instead of in batches, or rewrite it (`ilms-sdmx transform`)"
            )


def _sized(batches: Iterable[Batch], size: int) -> Iterator[list[Batch]]:
    """Collect runs of batches with about `size` rows: never more than twice that."""
    waiting: list[Batch] = []
    rows = 0
    for batch in batches:
        for piece in _cut(batch, size):
            if waiting and rows + piece.rows.num_rows > size:
                yield waiting
                waiting = []
                rows = 0
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
def read_batches(
    source: Readable,
    structure: Structure = None,
    *,
    size: int = 100_000,
    progress: Progress | None = None,
    partial: bool = False,
) -> Iterator[Batches]:
    """Read a data message of any size in batches of at most `size` observations.

    Use it as a context manager; each batch is a `Dataset`, and batches of one data set share
    `number`. Categories of one column may differ between batches. `progress` and `partial` are
    as for `read`; a message that says that it is cut off raises when its batches have been
    given.

    Examples
    --------
    >>> with read_batches("big.xml.gz") as batches:  # doctest: +SKIP
    ...     total = sum(len(batch) for batch in batches)
    """
    with open_source(source, progress) as opened:
        given = Given(structure)
        reading = _reading(opened, given)
        yield Batches(reading, given, size, opened.name, partial=partial)


def _reading(opened: Source, given: Given) -> Reading:
    """Reading of a source in its format."""
    family = recognise(opened)
    reader = named(READERS[family])
    reading: Reading = reader(opened, given)
    return reading
