"""`ilms-sdmx tabulate`: records of persons to every ILMS table that they can fill."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ilms_sdmx._files import all_or_none
from ilms_sdmx.cli.outputs import MESSAGES, refuse_inputs, save
from ilms_sdmx.cli.sending.published import (
    DATABASE,
    PUBLISHED,
    SECRET,
    files_of,
    vintages_of,
)
from ilms_sdmx.cli.times import TIME

if TYPE_CHECKING:
    from ilms_sdmx.microdata import Tabulation

_READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _print_schema(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if not asked:
        return
    from ilms_sdmx.microdata import microdata_schema

    click.echo(json.dumps(microdata_schema(), indent=2))
    context.exit()


@click.command()
@click.argument("mapping", type=_READABLE, required=False)
@click.option(
    "--schema",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_schema,
    help="Print the JSON Schema of the mapping, for editors that complete keys.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Folder to write to.",
)
@click.option(
    "-f",
    "--format",
    "format_",
    type=click.Choice(MESSAGES),
    default="sdmx-ml-2.1",
    show_default=True,
    help="Format of the data.",
)
@click.option(
    "--example",
    type=click.Choice(["survey", "register"]),
    help="A shipped example instead of MAPPING: a made-up survey, a made-up register.",
)
@click.option(
    "--copy",
    type=click.Path(file_okay=False, path_type=Path),
    help="Copy the example into a folder, to look at it and change it; nothing is tabulated.",
)
@click.option("--check", is_flag=True, help="Only check: nothing is written.")
@click.option(
    "--allow",
    default="",
    metavar="REASON",
    help="Why cells below the minimum frequency are written; the reason goes to the report.",
)
@click.option(
    "--previous",
    type=_READABLE,
    help="Data of last year, of any format: jumps and changes are told.",
)
@click.option(
    "--write-records",
    "released",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write the harmonised records (Parquet, ILO's names), and say how many persons"
    " may be recognised in them.",
)
@click.option(
    "--work",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder where the records are kept as Parquet, to be read faster the next time.",
)
@click.option(
    "--engine",
    default="duckdb",
    show_default=True,
    metavar="NAME",
    help="What counts the records: duckdb, or Apache Spark as local[2], spark://host:7077,"
    " sc://host:15002 (Spark Connect).",
)
@PUBLISHED
@DATABASE
@click.option("--threads", type=click.IntRange(min=0), default=0, help="Threads of the engine.")
@TIME
def tabulate(
    mapping: Path | None,
    output: Path,
    format_: str,
    example: str | None,
    copy: Path | None,
    check: bool,
    allow: str,
    previous: Path | None,
    released: Path | None,
    work: Path | None,
    engine: str,
    published: tuple[str, ...],
    folder: Path,
    threads: int,
    prepared: str,
) -> int:
    """Make the tables of ILMS that the records of MAPPING can fill, with their errors.

    Written are the data (`tables.xml`, or one file a dataflow in CSV and JSON), `cells.csv`
    with sample count, standard error, interval and status of every cell, `populations.csv`,
    `provenance.csv` and `report.json`. No value of a person is in any of them. Where MAPPING
    says how the tables are protected, `protection.csv` and `protection.html` say what became
    of each figure: only the data may go out then. Perturbation takes its secret from the
    environment variable ILMS_SDMX_SECRET.

    Exit status: 0 clean or notes only, 1 warnings, 2 errors in the records (nothing is
    written), 3 mapping or usage errors, 4 a file that cannot be read or written.
    """
    from ilms_sdmx.findings.groups import grouped
    from ilms_sdmx.microdata import read_microdata_mapping, write_records
    from ilms_sdmx.microdata import tabulate as tabulated

    if copy is not None:
        return _copy(example, copy)
    mapping = _mapping(mapping, example)
    document = read_microdata_mapping(mapping)
    made = tabulated(
        document,
        folder=work,
        engine=engine,
        threads=threads,
        allow=allow,
        secret=os.environ.get(SECRET, ""),
        published=vintages_of(published, folder),
    )
    if previous is not None and made.datasets:
        made = made.compared(previous)
    for group in grouped(made.report):
        click.echo(str(group), err=True)
    if made.report.exit_code < 2 and not check:
        read = [path for each in document.periods for path in each.files]
        inputs = [mapping, *read, *map(Path, files_of(published))]
        _write(made, output, format_, prepared, inputs)
        if released is not None:
            refuse_inputs([released], inputs)
            counted = write_records(document, released, folder=work)
            click.echo(f"{released}: {counted}", err=True)
    count = len(made.cells)
    click.echo(f"{mapping}: {count:,} cells in {len(made.datasets)} table(s).", err=True)
    if made.report.exit_code >= 2:
        click.echo("Nothing was written: correct the errors first.", err=True)
    return made.report.exit_code


def _mapping(mapping: Path | None, example: str | None) -> Path:
    """Mapping that is given, or the one of the example."""
    from ilms_sdmx.microdata.shipped import microdata_example

    if (mapping is None) == (example is None):
        raise click.UsageError("expected either a mapping of records or --example.")
    return mapping or microdata_example(str(example))


def _copy(example: str | None, folder: Path) -> int:
    """Copy an example into a folder."""
    from ilms_sdmx.microdata.shipped import copy_microdata_example

    if example is None:
        raise click.UsageError("--copy is for --example.")
    for path in copy_microdata_example(example, folder):
        click.echo(f"Wrote {path}.", err=True)
    return 0


def _write(
    made: Tabulation, folder: Path, format_: str, prepared: str, inputs: list[Path]
) -> None:
    """Write everything, all files or none."""
    from ilms_sdmx.messages import Header, write
    from ilms_sdmx.outputs.reports.protection import protection_page

    header = Header(prepared=prepared)
    with all_or_none():
        for name, datasets in _files(made, format_):
            path = folder / name
            refuse_inputs([path], inputs)
            path.parent.mkdir(parents=True, exist_ok=True)
            write(datasets, path, format_, header=header)
        frames = {"cells.csv": made.cells, "populations.csv": made.populations}
        frames["provenance.csv"] = made.provenance
        for name, frame in frames.items():
            content = frame.to_csv(index=False, lineterminator="\n")
            save(folder / name, content.encode())
        if made.protection is not None:
            content = made.protection.cells.to_csv(index=False, lineterminator="\n")
            save(folder / "protection.csv", content.encode())
            page = protection_page(made.protection, name=made.mapping.name)
            save(folder / "protection.html", page.encode())
        report = json.dumps(made.as_dict(), ensure_ascii=False, indent=2)
        save(folder / "report.json", report.encode())


def _files(made: Tabulation, format_: str) -> list[tuple[str, list[object]]]:
    """Names of the files of the data and what is in each: CSV and JSON hold one dataflow."""
    if format_.startswith("sdmx-ml"):
        return [("tables.xml", list(made.datasets))]
    suffix = ".json" if format_.startswith("sdmx-json") else ".csv"
    files: list[tuple[str, list[object]]] = []
    for dataset in made.datasets:
        id = dataset.structure.partition(":")[2].partition("(")[0]
        files.append((f"{id}{suffix}", [dataset]))
    return files
