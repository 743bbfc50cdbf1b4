"""`ilms-sdmx cat`, `transform` and `inspect`: messages of any format and size."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ilms_sdmx.cli import summaries
from ilms_sdmx.cli.outputs import (
    FOR_SPREADSHEET,
    MESSAGES,
    OF_OUTPUTS,
    TABLES,
    refuse_inputs,
    target_of,
)
from ilms_sdmx.cli.streams import source_of
from ilms_sdmx.cli.tabular import write_table
from ilms_sdmx.errors import IncompleteError, LateGroupError, MessageError, OutputError

if TYPE_CHECKING:
    from ilms_sdmx.datasets import Dataset
    from ilms_sdmx.messages import Batches

#: Rows of a table that a person can still take in.
SHOWN = 20
SOURCE = click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
STRUCTURE = click.option(
    "-s",
    "--structure",
    metavar="STRUCTURE",
    help="Roles of the columns: the id of an ILMS dataflow, a structure message (file or"
    " address), or"
    " the address of a service.",
)


@click.command()
@SOURCE
@STRUCTURE
@click.option(
    "-n",
    "--head",
    type=click.IntRange(min=0),
    help=f"Rows to show; {SHOWN} in a table, all in CSV.",
)
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV instead of a table.")
@click.option(
    "--labels",
    type=click.Choice(["en", "fr", "es"]),
    help="Print the names of codes instead of the codes, in English, French or Spanish; with"
    " --csv in a column behind each.",
)
@FOR_SPREADSHEET
def cat(
    file: Path,
    structure: str | None,
    head: int | None,
    as_csv: bool,
    labels: str | None,
    for_spreadsheet: bool,
) -> int:
    """Print the observations of FILE, a message of any format, as a table or as CSV.

    CSV has one column a component and a new header row where a data set has other components.
    FILE is `-` for standard input.
    """
    from ilms_sdmx.cli.labelling import labelled

    as_csv = as_csv or for_spreadsheet
    limit = head
    if head is None and not as_csv:
        limit = SHOWN
    whole = _has_late_groups(file)
    with _opened(file, structure, partial=True, whole=whole) as batches:
        alone = _Alone()
        rows = alone.watching(batches)
        if as_csv:
            _print_csv(labelled(_limited(rows, limit), labels, beside=True), for_spreadsheet)
        else:
            _print_tables(labelled(rows, labels), limit)
        alone.tell()
        _tell(batches)
        return batches.report.exit_code


@click.command()
@click.argument("source", type=click.Path(path_type=Path, allow_dash=True))
@click.argument("target", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "-f",
    "--format",
    "format_",
    type=click.Choice((*MESSAGES, *TABLES)),
    help="Format to write. By the suffix of TARGET it is sdmx-ml-2.1, sdmx-json-2.0 or"
    " sdmx-csv-1.0, or a table: xlsx, parquet.",
)
@click.option(
    "--layout",
    default="series",
    show_default=True,
    help="`series`, `flat`, or a dimension's id.",
)
@click.option(
    "--action",
    type=click.Choice(["Append", "Replace", "Delete", "Information", "Merge"]),
    help="Action to write instead of what SOURCE says.",
)
@click.option("--separator", metavar="CHARACTER", help="Between the fields of SDMX-CSV.")
@click.option(
    "--keys",
    type=click.Choice(["none", "series", "obs", "both"]),
    help="Key columns of SDMX-CSV 2.x.",
)
@STRUCTURE
def transform(
    source: Path,
    target: Path,
    format_: str | None,
    layout: str,
    action: str | None,
    structure: str | None,
    **options: str | None,
) -> int:
    """Rewrite SOURCE, a message of any format, as TARGET in another format or as a table.

    Both may be larger than memory, and gzip: TARGET is packed if its name ends in .gz. `-` is
    standard input or output. TARGET appears only when it is complete.
    """
    from ilms_sdmx.messages import write

    format_ = format_ or _format(target)
    chosen = _chosen(options, format_)
    refuse_inputs([target], [source, structure])
    if format_ in TABLES:
        return write_table(source, target, structure, format_)
    stream = target_of(target)
    for whole in (False, True):
        try:
            with _opened(source, structure, whole=whole) as batches:
                data: Any = batches
                if action is not None:
                    data = _acting(batches, action)
                header = batches.header
                try:
                    told = write(data, stream, format_, header=header, layout=layout, **chosen)
                except LateGroupError:
                    raise
                except MessageError:
                    _refuse_incomplete(batches)
                    raise
                sys.stdout.flush()
                for finding in told:
                    click.echo(str(finding), err=True)
                _tell(batches)
                return batches.report.exit_code
        except LateGroupError:
            # Groups behind their rows: the message is read again, whole, where that can be.
            if whole or "-" in (str(source), str(target)):
                raise
    return 0


@click.command()
@SOURCE
@STRUCTURE
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@click.option("--encoding", default="", help="Encoding of old records: cp874, cp1258, tcvn3.")
@click.option(
    "--columns",
    type=click.Path(exists=True, dir_okay=False),
    help="CSV with name, start and width of the fields of fixed-width records.",
)
def inspect(
    file: Path, structure: str | None, as_json: bool, encoding: str, columns: str | None
) -> int:
    """Say what FILE holds: header, structure, counts, periods, levels of attributes.

    FILE may also hold records of persons (.sav, .dta, .sas7bdat, .xpt, .parquet, .csv, a folder
    of them): then variables, labels, missing codes and the roles that they may have are told,
    and no person is shown.
    """
    from ilms_sdmx.messages.summary import summarise
    from ilms_sdmx.microdata.files.formats import is_of_records

    if structure is None and (columns or file.is_dir() or is_of_records(file)):
        summaries.show_records(file, as_json=as_json, encoding=encoding, columns=columns)
        return 0

    def inspected(*, whole: bool) -> int:
        with _opened(file, structure, partial=True, whole=whole) as batches:
            found = summarise(batches)
            if as_json:
                tree = summaries.tree(batches, found)
                click.echo(json.dumps(tree, ensure_ascii=False, indent=2))
            else:
                summaries.show(batches, found)
            return batches.report.exit_code

    try:
        return inspected(whole=False)
    except LateGroupError:
        if str(file) == "-":
            raise
        return inspected(whole=True)


def _refuse_incomplete(batches: Batches) -> None:
    """Let what the service says behind its data go before what they lack."""
    try:
        for _ in batches:
            pass
    except IncompleteError:
        raise
    except MessageError:
        return


def _chosen(options: Mapping[str, str | None], format_: str) -> dict[str, Any]:
    """Options that were given, which must be of the format."""
    chosen = {name: value for name, value in options.items() if value is not None}
    if chosen and not format_.startswith("sdmx-csv"):
        raise click.UsageError(f"--{next(iter(chosen))} is for SDMX-CSV, not {format_}")
    return chosen


def _format(target: Path) -> str:
    """Format that the suffix of a file asks for."""
    from ilms_sdmx.messages.dispatch import format_of_name

    suffix = target.suffix.lower().removeprefix(".")
    if suffix in TABLES:
        return suffix
    format_ = format_of_name(str(target))
    if not format_:
        formats = ", ".join((*MESSAGES, *TABLES))
        raise click.UsageError(
            f"{target}: the name does not tell the format: end it in .xml, .json, .csv, .xlsx"
            f" or .parquet, or say --format: {formats}"
        )
    return format_


@contextmanager
def _opened(
    file: Path, structure: str | None, *, partial: bool = False, whole: bool = False
) -> Iterator[Batches]:
    """Batches of a file, with a progress bar on a terminal; `whole` data sets are one batch.

    They are whole as well where groups may come behind their rows.
    """
    from ilms_sdmx.messages import read_batches

    try:
        with (
            source_of(file) as stream,
            read_batches(stream, structure, partial=partial) as batches,
        ):
            if whole or batches.groups_may_be_late:
                batches.size = sys.maxsize
            yield batches
    except OutputError:
        raise
    except OSError as error:
        if error.errno in OF_OUTPUTS:
            raise
        raise MessageError(f"{file}: {error.strerror or error}") from None


#: First of an observation, and all of a group, in any dialect and with any prefix.
_OBSERVATION = re.compile(rb"<(?:[\w.-]+:)?Obs[\s/>]")
_GROUP = re.compile(rb"<(?:[\w.-]+:)?[\w.-]*Group[\s/>]")
_CHUNK, _LONGEST = 1 << 20, 200


def _has_late_groups(file: Path) -> bool:
    """Whether a plain file has a group behind an observation, so that rows must wait for it.

    Rows that are printed cannot be taken back, so this is asked first. A packed file is taken
    to have none; the reader refuses those that it has.
    """
    if not file.is_file():
        return False
    has_observation = False
    before = b""
    with file.open("rb") as stream:
        while data := stream.read(_CHUNK):
            text = before + data
            start = 0
            if not has_observation:
                found = _OBSERVATION.search(text)
                has_observation = found is not None
                start = found.end() if found else len(text)
            # The bare word is found in no time, the whole element only where it is.
            if text.find(b"Group", start) >= 0 and _GROUP.search(text, start):
                return True
            before = text[-_LONGEST:]
    return False


def _tell(batches: Batches) -> None:
    """Print the warnings and errors of the reading on standard error."""
    for finding in batches.report.without_notes():
        click.echo(str(finding), err=True)


def _acting(batches: Iterable[Dataset], action: str) -> Iterator[Dataset]:
    for batch in batches:
        yield replace(batch, action=action)


class _Alone:
    """Keys without observations that were met, to be told behind the rows."""

    def __init__(self) -> None:
        self._count = 0
        self._lines: list[str] = []

    def watching(self, batches: Iterable[Dataset]) -> Iterator[Dataset]:
        """Batches as they are, while their keys without observations are noted."""
        for batch in batches:
            for key, frame in batch.attached.items():
                self._count += len(frame)
                for row in frame.head(SHOWN - len(self._lines)).to_dict("records"):
                    self._lines.append(_key_alone(key, row))
            yield batch

    def tell(self) -> None:
        """Print the keys on standard error."""
        if not self._count:
            return
        noun = "key has" if self._count == 1 else "keys have"
        click.echo(f"{self._count} {noun} no observation:", err=True)
        for line in self._lines:
            click.echo(f"  {line}", err=True)
        if self._count > len(self._lines):
            click.echo(f"  and {self._count - len(self._lines)} more", err=True)


def _key_alone(key: tuple[str, ...], row: Mapping[Any, Any]) -> str:
    """Key and what it reports, in words: `REF_AREA LAO: TITLE Stock`."""
    names = " ".join(f"{name} {row[name]}" for name in key) or "the data set"
    reported = []
    for name, value in row.items():
        if name not in key and isinstance(value, str):
            reported.append(f"{name} {value}")
    return f"{names}: {', '.join(reported)}" if reported else names


def _limited(batches: Iterable[Dataset], limit: int | None) -> Iterator[Dataset]:
    """Batches until a number of rows is reached."""
    if limit is None:
        yield from batches
        return
    left = limit
    for batch in batches:
        yield _first_rows(batch, left)
        left -= len(batch)
        if left <= 0:
            return


def _first_rows(batch: Dataset, count: int) -> Dataset:
    return replace(batch, observations=batch.observations.head(count))


def _print_csv(batches: Iterable[Dataset], for_spreadsheet: bool) -> None:
    from ilms_sdmx.tables.safe_cells import spreadsheet_csv

    before: list[str] = []
    for batch in batches:
        columns = batch.components.columns
        header = columns != before
        frame = batch.observations
        if for_spreadsheet:
            text = spreadsheet_csv(frame, header=header)
        else:
            text = frame.to_csv(index=False, header=header, lineterminator="\n")
        click.echo(text, nl=False)
        before = columns


def _print_tables(batches: Iterable[Dataset], limit: int | None) -> None:
    """Print one table a data set, and how many rows there are beyond those shown."""
    for _, parts in groupby(batches, key=lambda batch: batch.number):
        shown: list[Dataset] = []
        rows = 0
        for part in parts:
            if limit is None:
                shown.append(part)
            elif rows < limit or not shown:
                shown.append(_first_rows(part, limit - rows))
            rows += len(part)
        _print_table(shown, rows)


def _print_table(parts: list[Dataset], rows: int) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    first = parts[0]
    console = Console()
    columns = _text_columns(parts)
    same = _same(columns, console.width, first.components.attributes)
    names = [name for name in first.components.columns if name not in same]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in names:
        is_measure = name in first.components.measures
        is_key = name in first.components.dimensions
        table.add_column(
            name,
            justify="right" if is_measure else "left",
            overflow="fold",
            # A key is on one line whatever the width: two may differ in their last letters.
            no_wrap=is_key,
            min_width=max(map(len, columns.get(name, [""]))) if is_key else None,
        )
    shown = [columns[name] for name in names if name in columns]
    for row in zip(*shown, strict=True):
        table.add_row(*map(Text, row))
    title = first.dataflow or first.structure or first.provision or "data set"
    console.print(Text(f"{title}  {first.action}"))
    console.print(table)
    if same:
        values: list[str] = []
        for name, value in same.items():
            if value:
                values.append(f"{name} {value}")
        listed_values = ", ".join(values)
        console.print(Text(f"In all these rows: {listed_values}"))
    count = sum(map(len, parts))
    if count < rows:
        console.print(f"{count} of {rows} observations")


def _text_columns(parts: list[Dataset]) -> dict[str, list[str]]:
    """Cells of each column of all parts as text, empty where absent.

    None where there are no rows.
    """
    columns: dict[str, list[str]] = {}
    for part in parts:
        frame = part.observations.astype(object)
        frame = frame.where(frame.notna(), "")
        for name in parts[0].components.columns:
            if len(frame):
                columns.setdefault(name, []).extend(map(str, frame[name]))
    return columns


def _same(
    columns: dict[str, list[str]], width: int, attributes: Iterable[str]
) -> dict[str, str]:
    """Columns of one value that are said once, where the table is wider than the page.

    Of one row all attributes are.
    """
    needed = 0
    for name, cells in columns.items():
        needed += _column_width(name, cells)
    if needed <= width:
        return {}
    same = {}
    for name, cells in columns.items():
        is_one = len(cells) == 1 and name in attributes
        if is_one or (len(cells) > 1 and len(set(cells)) == 1):
            same[name] = cells[0]
    return same


def _column_width(name: str, cells: list[str]) -> int:
    return max(map(len, (name, *cells))) + 2
