"""`ilms-sdmx db`: the database of figures, filled, asked and kept in order."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ilms_sdmx._files import all_or_none, make_folder
from ilms_sdmx.cli.outputs import MESSAGES, save, target_of
from ilms_sdmx.cli.times import TIME

if TYPE_CHECKING:
    import pandas as pd

    from ilms_sdmx.database import Added, Database, Vintage
    from ilms_sdmx.datasets import Dataset

FOLDER = click.option(
    "--db",
    "folder",
    type=click.Path(path_type=Path),
    envvar="ILMS_SDMX_DB",
    default=Path("ilms-db"),
    show_default=True,
    help="Folder of the database; also ILMS_SDMX_DB.",
)
AS_OF = click.option(
    "--as-of", metavar="DATE", help="What was known on a day, 2026-01-31, or at a time."
)
PREFER = click.option(
    "--prefer",
    multiple=True,
    metavar="SOURCE",
    help="Source, or type of sources as BA, that comes first; may be given several times.",
)
OUTPUT = click.option(
    "-o",
    "--output",
    default="-",
    type=click.Path(path_type=Path, allow_dash=True),
    help="File to write; standard output where absent.",
)
MESSAGE_FORMAT = click.option(
    "-f",
    "--format",
    "format_",
    type=click.Choice(MESSAGES),
    default="sdmx-csv-1.0",
    show_default=True,
    help="Format of the messages that are written.",
)
FIGURES = click.argument("figures", metavar="DATAFLOW[/KEY]")
PERIOD = click.option(
    "--period", multiple=True, help="TIME_PERIOD; may be given several times."
)


@click.group("db")
def db() -> None:
    """Keep every figure with its history: what was known on any day, by which source.

    The folder is made of Parquet files that DuckDB, Polars, R and Spark read as it is.
    """


@db.command()
@click.argument("data", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@FOLDER
@click.option("--name", help="Name that the figures are a new edition of.")
@click.option("--source", default="", help="Source of figures that name none, as BA:6649.")
@click.option("--provider", default="", help="Office that the figures are from.")
@click.option("--who", default="", help="Who adds them.")
@click.option("--note", default="", help="What else is to be known of the addition.")
@click.option("--merge", is_flag=True, help="Remove no figure that DATA does not have.")
@click.option(
    "--accept-removals",
    is_flag=True,
    help="Let more than 10 % of a table, or a whole area or series, be removed.",
)
@click.option("--validate", "checked", is_flag=True, help="Validate messages first.")
@TIME
def add(
    data: tuple[Path, ...],
    folder: Path,
    name: str | None,
    merge: bool,
    accept_removals: bool,
    checked: bool,
    prepared: str,
    **told: Any,
) -> int:
    """Add DATA: folders that `convert` wrote, files of `fetch`, or data messages.

    What is added under a name is the whole of it: figures that are there no more are removed,
    and their history stays. The name is that of the workbook or the file where none is given.
    A folder that `sync` kept before there was a database is moved into it.
    """
    from ilms_sdmx.database import Database

    database = Database(folder)
    for path in data:
        for own_name, held, more in _held(path, checked):
            added = database.add(
                held,
                name or own_name,
                at=prepared,
                is_whole=not merge,
                accept_removals=accept_removals,
                **more,
                **told,
            )
            click.echo(_said(added))
    return 0


def _held(path: Path, checked: bool) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Name, data and what else is known of each thing that a path holds."""
    from ilms_sdmx.analysis.comparison.fetched import fetched_parts
    from ilms_sdmx.conversion.result.written import read_written

    if path.is_dir():
        for written in read_written(path):
            known = {"origin": written.origin, "report": written.findings}
            yield written.name, list(written.datasets), known
        return
    parts = fetched_parts(path)
    name, _, _ = path.name.partition(".")
    if parts or not checked:
        yield name, parts or path, {}
        return
    from ilms_sdmx.messages import read
    from ilms_sdmx.validation import validate

    first, *more = read(path).datasets
    yield name, [first, *more], {"report": validate(first, *more)}


def _said(added: Added) -> str:
    """What an addition did, in one line."""
    counts = []
    for word in ("added", "changed", "removed"):
        count = getattr(added, word)
        if count:
            counts.append(f"{count:,} {word}")
    change = ", ".join(counts) or "unchanged"
    return f"{added.name}: {added.observations:,} observations, {change}"


@db.command("list")
@FOLDER
def list_(folder: Path) -> None:
    """List the names in the database: figures, areas, additions, and the last change."""
    from ilms_sdmx.database import Database

    frame = _readable(Database(folder)).list()
    click.echo("name\tfigures\tdataflows\tareas\tadditions\tlast\tsource")
    for row in frame.itertuples(index=False):
        click.echo(
            f"{row.name}\t{row.figures}\t{row.dataflows}\t"
            f"{row.areas}\t{row.vintages}\t{row.last}\t{row.source}"
        )


@db.command()
@click.argument("name", default="")
@FOLDER
def show(name: str, folder: Path) -> None:
    """Show the additions to a NAME, or all of them: when, what changed, where it was from."""
    from ilms_sdmx.database import Database

    click.echo("vintage\ttime\tname\tfigures\twhere, who, note, findings, about")
    for vintage in _readable(Database(folder)).show(name):
        click.echo(_line(vintage))


def _line(vintage: Vintage) -> str:
    counts = f"+{vintage.added:,} ~{vintage.changed:,} -{vintage.removed:,}"
    parts = [str(vintage.number), vintage.time, vintage.name, counts]
    for text in (vintage.source, vintage.edition, vintage.address, vintage.who, vintage.note):
        if text:
            parts.append(text)
    found = [f"{count} {severity}" for severity, count in vintage.validation.items()]
    parts += found
    for dataflow, about in vintage.about.items():
        said = ", ".join(f"{name} {value}" for name, value in about.items())
        parts.append(f"{dataflow}: {said}")
    return "\t".join(parts)


@db.command()
@FIGURES
@FOLDER
@AS_OF
@PERIOD
@PREFER
@click.option("--source", default="", help="Only this source.")
@click.option("--name", default="", help="Only what was added under this name.")
@MESSAGE_FORMAT
@OUTPUT
def get(
    figures: str,
    folder: Path,
    as_of: str | None,
    period: tuple[str, ...],
    prefer: tuple[str, ...],
    source: str,
    name: str,
    format_: str,
    output: Path,
) -> None:
    """Write the figures of DATAFLOW/KEY, as DF_POP_MNAS_SEX_CRS_NB/PHL.A, as a message.

    One source an area: those preferred, else by type (surveys, censuses, registers, estimates),
    else the latest period.
    """
    from ilms_sdmx.database import Database

    dataflow, _, key = figures.partition("/")
    dataset = _readable(Database(folder)).get(
        dataflow, key=key, period=period, source=source, name=name, as_of=as_of, prefer=prefer
    )
    _write(dataset, output, format_)


def _write(dataset: Dataset, output: Path, format_: str) -> None:
    from ilms_sdmx.messages import write

    target: Any = target_of(output)
    write(dataset, target, format_)
    sys.stdout.flush()


@db.command()
@FIGURES
@FOLDER
@PERIOD
@click.option("--name", default="", help="Only what was added under this name.")
@OUTPUT
def history(
    figures: str, folder: Path, period: tuple[str, ...], name: str, output: Path
) -> None:
    """Write what happened to the figures of DATAFLOW/KEY, as CSV: added, changed, removed."""
    from ilms_sdmx.database import Database

    dataflow, _, key = figures.partition("/")
    frame = _readable(Database(folder)).history(dataflow, key=key, period=period, name=name)
    _save_csv(frame, output)


@db.command()
@click.argument("target", type=click.Path(path_type=Path, file_okay=False))
@FOLDER
@AS_OF
@PREFER
@MESSAGE_FORMAT
def export(
    target: Path, folder: Path, as_of: str | None, prefer: tuple[str, ...], format_: str
) -> None:
    """Write one message a dataflow into the folder TARGET, one source an area."""
    from ilms_sdmx.database import Database
    from ilms_sdmx.database.queries import view_of
    from ilms_sdmx.messages import write

    database = _readable(Database(folder))
    ending = {"sdmx-ml": ".xml", "sdmx-js": ".json"}.get(format_[:7], ".csv")
    make_folder(target)
    with all_or_none():
        for dataflow in database.manifest.schemas:
            dataset = database.get(dataflow, as_of=as_of, prefer=prefer)
            if not len(dataset):
                continue
            path = target / f"{view_of(dataflow)}{ending}"
            write(dataset, path, format_)
            click.echo(f"{path}: {len(dataset):,} observations")


@db.command()
@FOLDER
@click.option("--restore", is_flag=True, help="Take the last good copy of a damaged manifest.")
def check(folder: Path, restore: bool) -> int:
    """Compare every file with its hash, and name what is damaged, missing or foreign.

    Exit status: 0 whole, 2 damaged.
    """
    from ilms_sdmx.database import Database
    from ilms_sdmx.database.upkeep import files_to_join

    database = Database(folder)
    if restore:
        click.echo(f"The manifest is now {database.restore().name}.")
    report = _readable(database).check()
    for finding in report.findings:
        click.echo(str(finding))
    if not report.findings:
        click.echo(f"{len(database.manifest.segments):,} files are as they were written.")
        small = files_to_join(database.manifest)
        if small:
            click.echo(f"{small:,} small files can become few: ilms-sdmx db gc")
    return 2 if report.errors else 0


@db.command()
@FOLDER
def gc(folder: Path) -> None:
    """Join small files, and remove what killed additions left; every figure's history stays."""
    from ilms_sdmx.database import Database

    collected = _readable(Database(folder)).gc()
    click.echo(f"{collected.joined} files joined, {collected.files} removed.")


@db.command()
@click.argument("query")
@FOLDER
@OUTPUT
def sql(query: str, folder: Path, output: Path) -> None:
    """Answer a QUERY in SQL by DuckDB, as CSV.

    Views: each dataflow by its id (DF_...), with _history all its events; vintages. OBS_VALUE
    is a number there, OBS_VALUE_TEXT its text.
    """
    from ilms_sdmx.database import Database

    _save_csv(_readable(Database(folder)).sql(query), output)


def _save_csv(frame: pd.DataFrame, output: Path) -> None:
    content = frame.to_csv(index=False, lineterminator="\n")
    save(output, content.encode())


def _readable(database: Database) -> Database:
    """Database that is there; a folder without one is refused."""
    from ilms_sdmx.errors import DatabaseError

    if not database.folder.exists():
        raise DatabaseError(f"there is no database {database.folder}: give --db")
    return database
