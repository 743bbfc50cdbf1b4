"""Writing a message of any format: what a writer is given, and how data become that."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain, groupby, islice
from operator import attrgetter
from typing import IO, TYPE_CHECKING, Any, TypeAlias

from ilms_sdmx.datasets import Components, Dataset, is_source
from ilms_sdmx.datasets.coercion import components_in
from ilms_sdmx.datasets.given import Given, Structure
from ilms_sdmx.errors import MessageError
from ilms_sdmx.findings import Finding, Report, find
from ilms_sdmx.messages import pool
from ilms_sdmx.messages.bridges import arrow
from ilms_sdmx.messages.checks.fitting import Fitting
from ilms_sdmx.messages.checks.repeats import refuse_repeats
from ilms_sdmx.messages.checks.times import refuse_contradictions
from ilms_sdmx.messages.dispatch import WRITERS, format_of_name, named
from ilms_sdmx.messages.header import Header, find_left_out
from ilms_sdmx.messages.intake import datasets_in, is_stream
from ilms_sdmx.messages.message import Note
from ilms_sdmx.messages.reading import read
from ilms_sdmx.messages.target import Writable, open_target

if TYPE_CHECKING:
    import pandas as pd

    from ilms_sdmx.messages.message import Message

#: A data set, whatever holds data sets, a path of a message, a frame, or several of these.
Data: TypeAlias = "Dataset | Message | str | os.PathLike[str] | pd.DataFrame | Iterable[Any]"


@dataclass(frozen=True)
class Job:
    """What a writer is given.

    Parameters
    ----------
    sets
        Data sets in order, each an iterator of its batches; consume one before asking for the
        next. Every batch of a data set has the same components.
    known
        Data sets known beforehand, for a header that has to refer to all: the first batch of a
        stream, or all of a sequence. Do not write from it.
    stream
        Where the bytes go: already a temporary file, packed if that was asked for.
    header
        Complete: `id` and `prepared` are filled in.
    format
        Name of the format.
    layout
        `series`, `flat`, or the id of the dimension that varies inside a series.
    options
        Whatever else the caller passed to `write`; a writer raises TypeError for what it does
        not know.
    streamed
        Whether data sets come one by one, so that `known` may be the first only.
    footer
        Notes to write behind the data sets, known when all of these have been taken.
    left_out
        A writer adds here what the format has no place for, where that is no figure.
    structure
        What the caller gave as the structure.
    """

    sets: Iterator[Iterator[Dataset]]
    known: tuple[Dataset, ...]
    stream: IO[bytes]
    header: Header
    format: str
    layout: str
    options: dict[str, Any]
    streamed: bool = False
    footer: Callable[[], tuple[Note, ...]] = tuple
    left_out: list[Finding] = field(default_factory=list)
    structure: Structure = None


def write(
    data: Data,
    target: Writable,
    format: str = "",
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
        A `Dataset`, whatever has `datasets` (a `Message`, a `Conversion`, a `Harmonised`), a
        path of a message, a frame of pandas or Polars or a table, batches or a reader of Arrow
        (with `structure`, but for what `to_arrow` made), or a list of these; or an iterator of
        data sets that are batches of one data set as long as their `number` stays the same.
    target
        Path (written as a file next to it, then renamed) or file object open for writing bytes.
    format
        Name as in the table of formats: `sdmx-ml-2.1`, `sdmx-ml-2.1-generic`, `sdmx-csv-1.0`...
        By default the one that the suffix of the path asks for: `.xml` SDMX-ML 2.1, `.json`
        SDMX-JSON 2.0, `.csv` SDMX-CSV 1.0; SDMX-ML 2.1 for a file object.
    structure
        Roles of the columns, where `data` is a frame or does not say.
    header
        Header to write; a message's own is used if there is none. See `Header` for what is
        filled in.
    layout
        `series` (by time), `flat`, or the id of the dimension that varies inside a series.
    compression
        `gzip`, `none`, or `infer`: gzip when the path ends in `.gz`.
    clock
        Gives the time for `Header.prepared` where the header has none.
    options
        Options of the format. SDMX-ML 2.1 has `time_series`: the root element is
        `StructureSpecificTimeSeriesData` or `GenericTimeSeriesData`, with the same content.

    Returns
    -------
    Report
        Notes on what the format has no place for: `header-left-out`, `footer-left-out`,
        `action-left-out`, `boundary-left-out` (data sets that will be one when they are read
        again), `empty-left-out` (of a data set without rows CSV keeps the columns only),
        `reference-left-out`, `about-left-out`, `keys-left-out`; and warnings: `sign-left-out`,
        `measure-renamed`, `period-not-normalized`, `language-assumed`.

    Raises
    ------
    MessageError
        The format cannot carry something that the data have; the message says what, and which
        can.
    ValidationError
        No series of the frequency can hold a period: FREQ A with `2021-01-01/P5M`. Or a key
        comes twice; the message names both observations.

    Examples
    --------
    >>> write(dataset, "out.xml", "sdmx-ml-2.1", layout="flat")  # doctest: +SKIP
    """
    if hasattr(target, "datasets") or isinstance(target, Dataset):
        kind = type(target).__name__
        raise TypeError(f"expected data, then a path or an open file; found {kind} second")
    format = format or _default_format(target)
    if format not in WRITERS:
        raise MessageError(
            f"no writer for format {format!r}; there are {', '.join(sorted(WRITERS))}"
        )
    if is_source(data):
        data = read(data, structure)
    header = header or getattr(data, "header", None) or Header()
    complete = header.completed(clock)
    streamed = is_stream(data)

    def footer() -> tuple[Note, ...]:
        return tuple(getattr(data, "footer", ()))

    fitting = Fitting(format)
    try:
        batches, known = _batches(data, structure, fitting)
        with open_target(target, compression) as stream:
            sets = _sets(batches)
            job = Job(sets, known, stream, complete, format, layout, options, streamed, footer)
            job = replace(job, structure=structure)
            named(WRITERS[format])(job)
    except UnicodeEncodeError as error:
        quoted = f"{error.object!r:.80}"
        raise MessageError(f"half of a surrogate pair is no character: {quoted}") from None
    findings_of_header = find_left_out(header, format)
    findings_of_footer = _find_footer(footer(), format)
    left_out = [*fitting.told, *job.left_out]
    return Report.of([*findings_of_header, *left_out, *findings_of_footer])


def _default_format(target: Writable) -> str:
    """Format that the name of a file asks for; SDMX-ML 2.1 where there is no name."""
    if not isinstance(target, str | os.PathLike):
        return "sdmx-ml-2.1"
    format = format_of_name(os.fspath(target))
    if not format:
        raise MessageError(
            f"{os.fspath(target)}: the name does not say which format to write; give `format`:"
            f" {', '.join(sorted(WRITERS))}"
        )
    return format


def _sets(batches: Iterable[Dataset]) -> Iterator[Iterator[Dataset]]:
    """Data sets in order, each as its batches."""
    for _, batches_of_set in groupby(batches, key=attrgetter("number")):
        yield batches_of_set


def _find_footer(notes: tuple[Note, ...], format: str) -> list[Finding]:
    """Findings of a footer that has been left out: only SDMX-ML has one."""
    if not notes or format.startswith("sdmx-ml"):
        return []
    codes = ", ".join(note.code for note in notes)
    return [find("footer-left-out", format=format, codes=codes)]


def _batches(
    data: Any, structure: Structure, fitting: Fitting
) -> tuple[Iterator[Dataset], tuple[Dataset, ...]]:
    """Batches in order with their numbers, and the data sets known beforehand."""
    streamed = is_stream(data)
    datasets = fitting.fitted(_datasets(data, structure))
    prepared = refuse_repeats(datasets, streamed=streamed)
    if streamed:
        known = tuple(islice(prepared, 1))
        return chain(known, prepared), known
    numbered = []
    for number, dataset in enumerate(prepared):
        is_numbered = dataset.number == number
        numbered.append(dataset if is_numbered else replace(dataset, number=number))
    return iter(numbered), tuple(numbered)


def _datasets(data: Any, structure: Structure) -> Iterator[Dataset]:
    """Data sets with the components of the structure, where one is given."""
    given = Given(structure)
    for part in _parts(data, structure):
        yield refuse_contradictions(_with_codes(_dataset(part, given)))


def _with_codes(dataset: Dataset) -> Dataset:
    """Data set whose keys have their codes, for the checks and the rows alike."""
    frame = pool.with_codes(dataset.observations, dataset.components.dimensions)
    return replace(dataset, observations=frame)


def _parts(data: Any, structure: Structure) -> Iterator[Any]:
    """Data sets and frames in what was handed in, in order."""
    import pandas as pd

    is_holder = isinstance(data, Dataset) or is_source(data) or hasattr(data, "datasets")
    if isinstance(data, pd.DataFrame):
        yield data
    elif arrow.is_arrow(data) or arrow.is_batches(data):
        for frame, metadata in arrow.frames_of_arrow(data):
            yield arrow.described(frame, {} if structure else metadata) or frame
    elif is_holder or not isinstance(data, Iterable):
        yield from datasets_in(data, structure)
    else:
        for part in data:
            yield from _parts(part, structure)


def _dataset(item: Any, given: Given) -> Dataset:
    """Data set of a frame, or a data set with the components of the structure given for it."""
    import pandas as pd

    if isinstance(item, pd.DataFrame):
        components = given.components()
        if components is None:
            raise MessageError(
                "a plain frame needs `structure` to say which columns are dimensions"
            )
        return Dataset.of(item, components).referring(*given.reference())
    dataset: Dataset = item
    components = given.components(dataset.dataflow, dataset.structure, dataset.provision)
    if components is None:
        return dataset
    _check_columns(dataset.observations, components)
    return replace(dataset, components=components_in(dataset.observations, components))


def _check_columns(frame: pd.DataFrame, components: Components) -> None:
    """Refuse columns that the structure does not have, and dimensions without a column."""
    unknown_columns = []
    for column in frame.columns:
        if column not in components.columns:
            unknown_columns.append(str(column))
    if unknown_columns:
        names = ", ".join(unknown_columns)
        raise MessageError(f"the structure has no component {names}: drop or rename the column")
    lacking = [name for name in components.dimensions if name not in frame.columns]
    if lacking:
        names = ", ".join(lacking)
        raise MessageError(f"expected a column for each dimension, found none for {names}")
