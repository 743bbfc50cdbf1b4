"""`ilms-sdmx convert`: a national table to SDMX, every cell accounted for."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ilms_sdmx.cli.formats import MESSAGES
from ilms_sdmx.cli.times import TIME
from ilms_sdmx.findings import Finding, Report, Severity

if TYPE_CHECKING:
    from ilms_sdmx.conversion.result.conversions import Conversion

#: What makes a name a pattern of names.
_PATTERN = re.compile(r"[*?\[]")
#: Findings shown on the terminal; all are in the report.
SHOWN = 20


@click.command()
@click.argument("workbooks", type=click.Path(path_type=Path), nargs=-1)
@click.argument("mapping", type=click.Path(path_type=Path), required=False)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path(),
    help="Folder to write to.",
)
@click.option(
    "-f",
    "--format",
    "formats",
    type=click.Choice(MESSAGES),
    multiple=True,
    help="Format of the data.",
)
@click.option("--example", metavar="NAME", help="Convert a shipped example; `list` names them.")
@click.option("--check", is_flag=True, help="Only say what would be written.")
@click.option(
    "--undecided",
    type=click.Choice(["stop", "skip"]),
    default="stop",
    help="Open questions of the mapping: stop, or leave out the figures that wait for them.",
)
@click.option("--partial", is_flag=True, help="Write what is right although there are errors.")
@TIME
@click.option(
    "--report", type=click.Path(path_type=Path, dir_okay=False), help="HTML report to write."
)
@click.option(
    "--annotate",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Copy of the workbook (.xlsx) to write, coloured and commented.",
)
@click.option(
    "--schema", is_flag=True, help="Print the JSON Schema of the mapping file, for editors."
)
@click.option("--all-findings", is_flag=True, help=f"Show all findings, not the first {SHOWN}.")
def convert(
    workbooks: tuple[Path, ...],
    mapping: Path | None,
    output: Path,
    formats: tuple[str, ...],
    example: str | None,
    check: bool,
    undecided: str,
    partial: bool,
    prepared: str,
    report: Path | None,
    annotate: Path | None,
    schema: bool,
    all_findings: bool,
) -> int:
    """Convert WORKBOOKS to SDMX as MAPPING says, every cell accounted for.

    Several workbooks, or a pattern such as 'stock_*.xlsx', are converted one after another.

    Writes <name>.<dataflow>.xml and .csv, the structure, <name>.provenance.csv (where every
    figure came from), the report and a manifest. With errors nothing is written, unless
    --partial; with open questions of the mapping nothing is, unless --undecided=skip.
    """
    from ilms_sdmx.conversion.shipped import example as shipped
    from ilms_sdmx.conversion.shipped import examples

    if schema:
        return _schema()
    if example == "list":
        click.echo("\n".join(examples()))
        return 0
    if example:
        workbook, mapping = shipped(example)
        workbooks = (workbook,)
    if not workbooks or mapping is None:
        raise click.UsageError("expected WORKBOOKS and MAPPING, or --example NAME.")
    paths = _files(workbooks)
    if len(paths) > 1 and (report or annotate):
        raise click.UsageError(
            f"expected one workbook with --report or --annotate, found {len(paths)}."
        )

    def one(workbook: Path) -> int:
        done = _convert(workbook, mapping, undecided)
        show(done.report, all_findings)
        click.echo(done.summary())
        _show_cells(done, workbook, report, annotate, prepared)
        if check:
            click.echo("Checked only: nothing is written.")
            return done.exit_code
        return _write(done, output, formats, partial, prepared)

    if len(paths) == 1:
        return one(paths[0])
    exit_code = 0
    for path in paths:
        exit_code = max(exit_code, _one_of_several(path, one))
    return exit_code


def _files(patterns: tuple[Path, ...]) -> list[Path]:
    """Workbooks of names and patterns, each once, in order.

    Their results must not overwrite each other.
    """
    found: dict[Path, None] = {}
    for pattern in patterns:
        if pattern.exists() or not _PATTERN.search(pattern.name):
            found[pattern] = None
            continue
        matched = sorted(pattern.parent.glob(pattern.name))
        if not matched:
            raise click.UsageError(f"expected files called {pattern}, found none.")
        found |= dict.fromkeys(matched)
    stems = [path.stem for path in found]
    for stem in stems:
        if stems.count(stem) > 1:
            raise click.UsageError(
                f"expected workbooks of different names, found {stem!r} twice."
            )
    return list(found)


def _one_of_several(path: Path, convert_one: Callable[[Path], int]) -> int:
    """Exit status of one workbook of several.

    One that cannot be read does not hinder the others.
    """
    from ilms_sdmx.errors import TableError

    click.echo(f"{path}:")
    try:
        return convert_one(path)
    except TableError as error:
        click.echo(f"Error: {error}", err=True)
        return error.exit_code


def _schema() -> int:
    from json import dumps

    from ilms_sdmx.mapping.file.schema import json_schema

    click.echo(dumps(json_schema(), indent=2))
    return 0


def _write(
    done: Conversion, output: Path, formats: tuple[str, ...], partial: bool, prepared: str
) -> int:
    from ilms_sdmx.conversion.result.writing import FORMATS as DEFAULTS
    from ilms_sdmx.conversion.result.writing import write_conversion
    from ilms_sdmx.errors import ValidationError

    try:
        written = write_conversion(
            done, output, prepared=prepared, formats=formats or DEFAULTS, partial=partial
        )
    except ValidationError as error:
        click.echo(f"Error: {error}", err=True)
        return error.exit_code
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error.strerror}.") from error
    for path in written:
        click.echo(f"wrote {path}")
    return done.exit_code


def _show_cells(
    done: Conversion, workbook: Path, report: Path | None, annotate: Path | None, prepared: str
) -> None:
    """Write the report and the annotated copy.

    On errors too, for that is when they are read.
    """
    from ilms_sdmx.reports.annotations import annotate as write_copy
    from ilms_sdmx.reports.conversion import conversion_page
    from ilms_sdmx.reports.pages import write_page

    try:
        for path in filter(None, (report, annotate)):
            path.parent.mkdir(parents=True, exist_ok=True)
        if report is not None:
            write_page(conversion_page(done, created=prepared), report)
            click.echo(f"wrote {report}")
        if annotate is not None:
            write_copy(done, annotate, workbook)
            click.echo(f"wrote {annotate}")
    except OSError as error:
        raise click.ClickException(
            f"{error.filename} cannot be written: {error.strerror}."
        ) from error


def _convert(workbook: Path, mapping: Path, undecided: str) -> Conversion:
    """Conversion with a progress bar on a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    from ilms_sdmx.conversion.converting import convert as run

    console = Console(stderr=True)
    if not console.is_terminal:
        return run(workbook, mapping, undecided=undecided)
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(workbook.name, total=None)
        return run(
            workbook,
            mapping,
            undecided=undecided,
            progress=lambda done, of: bar.update(task, completed=done, total=of),
        )


def show(report: Report, everything: bool = False) -> None:
    """Print findings, the gravest first; the first few where there are many."""
    ordered: list[Finding] = []
    for severity in Severity:
        ordered += report.of_severity(severity)
    limit = SHOWN
    if everything:
        limit = len(ordered)
    for finding in ordered[:limit]:
        click.echo(f"{finding}\n")
    if len(ordered) > limit:
        click.echo(
            f"... and {len(ordered) - limit} more findings (--all-findings shows them)\n"
        )
