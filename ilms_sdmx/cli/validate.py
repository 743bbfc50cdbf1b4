"""`ilms-sdmx validate`: checks data sets and says what is wrong, cell by cell."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ilms_sdmx._files import file_name
from ilms_sdmx.cli.outputs import FOR_SPREADSHEET, LANGUAGE, refuse_inputs, save
from ilms_sdmx.cli.sending.published import (
    DATABASE,
    PUBLISHED,
    files_of,
    tables_in,
    vintages_of,
)

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from ilms_sdmx.outputs.reports.catalogues import Catalogue
    from ilms_sdmx.validation import Validation

_FORMATS = ("table", "json", "sarif", "csv", "coverage", "html")
#: Groups of findings that the terminal prints; the rest is counted.
_PRINTED = 200
#: Columns of a table in a file or a pipe.
_WIDTH_OF_FILES = 160
#: Columns of a terminal on which every table fits.
_UNBOUNDED = 10_000
_COLOURS = {"error": "bold red", "warning": "yellow", "note": "cyan"}


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False))
@click.option(
    "-s",
    "--structure",
    help="Structure message of the data (file or address), the address of a service, or the id"
    " of"
    " an ILMS dataflow.",
)
@click.option(
    "--exceptions",
    type=click.Path(exists=True, dir_okay=False),
    help="Accepted findings, YAML or CSV.",
)
@click.option(
    "--previous",
    type=click.Path(exists=True, dir_okay=False),
    help="What was sent the last time.",
)
@click.option(
    "--disclosure",
    type=click.IntRange(1),
    metavar="MINIMUM",
    help="Test also whether hidden figures (status C) of fewer than MINIMUM persons can be"
    " worked out.",
)
@PUBLISHED
@DATABASE
@click.option(
    "--format", "form", type=click.Choice(_FORMATS), default="table", show_default=True
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False),
    help="File to write; by default the terminal.",
)
@click.option(
    "--today",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day on which exceptions must still hold.",
)
@click.option(
    "--vtl",
    metavar="DATAFLOW",
    help="Print the sums of an ILMS dataflow as VTL, and check nothing.",
)
@LANGUAGE
@FOR_SPREADSHEET
def validate(
    files: tuple[str, ...],
    structure: str | None,
    exceptions: str | None,
    previous: str | None,
    disclosure: int | None,
    published: tuple[str, ...],
    folder: Path,
    form: str,
    output: str | None,
    today: datetime.datetime | None,
    vtl: str | None,
    language: str,
    for_spreadsheet: bool,
) -> int:
    """Check data messages of any format; several FILES are also compared with each other.

    A filled questionnaire (.xlsx) is read as the data in it.

    Exit status: 0 clean or notes only, 1 warnings, 2 errors, 3 usage, 4 a file that cannot be
    read.
    """
    if vtl:
        from ilms_sdmx.validation.vtl import to_vtl

        click.echo(to_vtl(vtl), nl=False)
        return 0
    from ilms_sdmx.outputs.reports.catalogues import catalogue

    words = catalogue(language)
    if not files:
        raise click.UsageError("expected one or more files of data, found none")
    if published and disclosure is None:
        raise click.UsageError("--published is for --disclosure")
    inputs = [*files, *files_of(published), structure, exceptions, previous]
    refuse_inputs([output], inputs)
    if for_spreadsheet and form != "csv":
        raise click.UsageError(f"--for-spreadsheet is for --format csv, not {form}")
    from ilms_sdmx.validation import validate as check

    tables = tables_in(files)
    report = check(
        tables,
        structure=structure,
        exceptions=exceptions or (),
        previous=previous,
        today=today.date() if today else None,
    )
    if disclosure is not None:
        from ilms_sdmx.analysis.protection import find_disclosures

        before = vintages_of(published, folder)
        report += find_disclosures(
            tables, minimum=disclosure, previous=before, structure=structure
        )
    names = ", ".join(map(file_name, files))
    form = "spreadsheet" if for_spreadsheet else form
    _write(words.report(report), form, output, names, words)
    return report.exit_code


def _write(
    report: Validation, form: str, output: str | None, name: str, words: Catalogue
) -> None:
    if form == "table":
        _print(report, output, words)
        return
    text = _text(report, form, name, words)
    if output is None:
        click.echo(text, nl=False)
    else:
        save(output, text.encode())


def _text(report: Validation, form: str, name: str, words: Catalogue) -> str:
    from ilms_sdmx.validation import formats

    if form == "spreadsheet":
        return formats.to_csv(report, for_spreadsheet=True)
    if form == "html":
        from ilms_sdmx.outputs.reports.validation import validation_page

        return validation_page(report, name=name, words=words)
    if form == "coverage":
        return formats.to_coverage_csv(report)
    return {"json": formats.to_json, "sarif": formats.to_sarif, "csv": formats.to_csv}[form](
        report
    )


def _print(report: Validation, output: str | None, words: Catalogue) -> None:
    from rich.console import Console

    if output is None:
        width = None if sys.stdout.isatty() else _WIDTH_OF_FILES
        console = Console(file=sys.stdout, width=width, soft_wrap=True, highlight=False)
        _tables(report, console, words)
        return
    import io

    lines = io.StringIO()
    _tables(
        report,
        Console(file=lines, width=_WIDTH_OF_FILES, highlight=False, no_color=True),
        words,
    )
    save(output, lines.getvalue().encode())


def _tables(report: Validation, console: Console, words: Catalogue) -> None:
    from rich.text import Text

    from ilms_sdmx.findings.groups import grouped

    groups = grouped(report)
    for group in groups[:_PRINTED]:
        head, _, rest = group.paragraph(words.labels).partition("\n")
        console.print(Text(head, style=_COLOURS[group.severity]))
        console.print(Text(rest))
    if len(groups) > _PRINTED:
        more = len(groups) - _PRINTED
        console.print(Text(words.text("terminal.more-groups", count=more)))
    if len(report) > len(groups):
        console.print(Text(words.text("terminal.every")))
    if len(report):
        console.print(_counts_table(report, words))
    else:
        console.print(Text(words.text("terminal.none")))
    for accepted, by in report.accepted:
        parts = {"rule": accepted.rule, "place": str(accepted.place), "reason": by.reason}
        dated = {"name": by.name, "expires": str(by.expires)}
        console.print(Text(words.text("terminal.accepted", **parts, **dated)))
    _print_coverage(report, console, words)


def _counts_table(report: Validation, words: Catalogue) -> Table:
    """Number of findings of each rule, the most frequent first."""
    from rich.table import Column, Table

    rule = Column(words.text("findings.rule"), no_wrap=True)
    severity, number = words.text("findings.severity"), words.text("rules.number")
    title = words.text("rules.heading")
    table = Table(rule, severity, number, title=title, title_justify="left")
    severities: dict[str, str] = {}
    for finding in report:
        severities[finding.rule] = words.text(f"terminal.{finding.severity}")
    for name, count in report.counts.most_common():
        table.add_row(name, severities[name], words.number(count))
    return table


def _print_coverage(report: Validation, console: Console, words: Catalogue) -> None:
    """Print how many observations of each table an equation tests, a limit only, or nothing.

    Ids are whole: where the terminal is too narrow for the table, there is a line for each.
    """
    from rich.text import Text

    table = _coverage_table(report, words)
    unbounded = console.options.update(max_width=_UNBOUNDED)
    if console.measure(table, options=unbounded).maximum <= console.width:
        console.print(table)
        return
    console.print(Text(words.text("terminal.covered")))
    for row in report.coverage.itertuples():
        counts = {"equation": row.equation, "limit": row.limit, "none": row.none}
        of = {"dataflow": str(row.dataflow), "observations": row.observations}
        console.print(Text(words.text("coverage.drawn", **of, **counts)))


def _coverage_table(report: Validation, words: Catalogue) -> Table:
    from rich.table import Column, Table

    columns = [Column(words.text("coverage.dataflow"), no_wrap=True)]
    keys = ("coverage.observations", "terminal.equation", "terminal.limit", "coverage.none")
    for key in keys:
        columns.append(Column(words.text(key)))
    columns.append(Column("%"))
    table = Table(*columns, title=words.text("terminal.covered"), title_justify="left")
    for row in report.coverage.to_dict("records"):
        counts = [row["observations"], row["equation"], row["limit"], row["none"]]
        share = words.number(row["share"], 1)
        table.add_row(str(row["dataflow"]), *map(words.number, counts), share)
    return table
