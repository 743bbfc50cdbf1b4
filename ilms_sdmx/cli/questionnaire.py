"""`ilms-sdmx questionnaire`: a workbook to fill in, filled from data sets, read back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ilms_sdmx._files import file_name
from ilms_sdmx.cli.db import FOLDER
from ilms_sdmx.cli.outputs import refuse_inputs, save

if TYPE_CHECKING:
    from ilms_sdmx.findings import Report

#: What `--from` says for the database.
_DATABASE = "db:"
_READABLE = click.Path(exists=True, dir_okay=False)


@click.group()
def questionnaire() -> None:
    """Make, fill and read the questionnaire of the ILO, or any form that a layout describes."""


@questionnaire.command()
@click.option("--area", required=True, help="State: THA, TH, thailand.")
@click.option("--year", "--period", "period", required=True, help="Period of the figures.")
@click.option(
    "--tables", multiple=True, help="Tables, such as 'MST 5,MNA 3'; by default all 21."
)
@click.option(
    "--variant",
    type=click.Choice(["birth", "citizenship", "both"]),
    default="both",
    show_default=True,
    help="Count migrants by place of birth, by citizenship, or both.",
)
@click.option(
    "--dataflow", "flows", multiple=True, help="Any dataflow instead of the 21 tables."
)
@click.option(
    "-s", "--structure", type=_READABLE, help="Structure message, for a --dataflow of another."
)
@click.option(
    "--fix", multiple=True, metavar="DIMENSION=CODE", help="Code of the whole form, likewise."
)
@click.option("--frequency", default="A", show_default=True, help="Frequency, for --dataflow.")
@click.option("--language", default="", help="Second language of names: th, vi, km, fr, ...")
@click.option(
    "--previous",
    multiple=True,
    type=_READABLE,
    help="Data of last year, shown in grey next to the cells.",
)
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False))
def new(
    area: str,
    period: str,
    tables: tuple[str, ...],
    variant: str,
    flows: tuple[str, ...],
    structure: str | None,
    fix: tuple[str, ...],
    frequency: str,
    language: str,
    previous: tuple[str, ...],
    output: str,
) -> int:
    """Write an empty questionnaire, ready to be filled in by hand or by `fill`."""
    from ilms_sdmx.labels.areas import area_code
    from ilms_sdmx.messages.reading import read
    from ilms_sdmx.outputs.questionnaire import (
        foreign_table,
        form_table,
        form_tables,
        write_questionnaire,
    )

    refuse_inputs([output], [*previous, structure])
    code = area_code(area)
    if structure:
        fixed = {"REF_AREA": code, "FREQ": frequency, **_pairs(fix, "--fix DIMENSION=CODE")}
        path = Path(structure)
        asked = [foreign_table(flow, path, fixed, period) for flow in flows or ("",)]
    elif flows:
        asked = [
            form_table(flow, code, period, frequency=frequency, language=language)
            for flow in flows
        ]
    else:
        named = [name.strip() for text in tables for name in text.split(",")]
        asked = form_tables(code, period, tables=named, variant=variant, language=language)
    before = [read(path) for path in previous]
    write_questionnaire(asked, Path(output), previous=before)
    click.echo(f"{output}: {len(asked)} table(s) for {code}, {period}.", err=True)
    return 0


@questionnaire.command()
@click.argument("form", type=_READABLE)
@click.option(
    "--from",
    "sources",
    multiple=True,
    required=True,
    metavar="FILE",
    help="Data of any format, or db: for the database (db:@2026-01-31 as it was on a day).",
)
@FOLDER
@click.option("--layout", type=_READABLE, help="File that describes a form of another maker.")
@click.option("--area", default="", help="State of the form, where its layout does not say it.")
@click.option("--year", "--period", "period", default="", help="Period of the form, likewise.")
@click.option("-s", "--structure", type=_READABLE, help="Structure message of another form.")
@click.option("--overwrite", is_flag=True, help="Replace figures that are in the form already.")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False))
def fill(
    form: str,
    sources: tuple[str, ...],
    folder: Path,
    layout: str | None,
    area: str,
    period: str,
    structure: str | None,
    overwrite: bool,
    output: str,
) -> int:
    """Fill data sets into the questionnaire FORM; everything else of the workbook stays.

    Exit status: 0 clean or notes only, 1 warnings, 2 errors, 3 usage, 4 a file that cannot be
    read or written.
    """
    from ilms_sdmx.labels.areas import area_code
    from ilms_sdmx.messages.reading import read
    from ilms_sdmx.outputs.questionnaire import fill_questionnaire, read_layout
    from ilms_sdmx.outputs.questionnaire.stored import figures_of_database

    refuse_inputs([output], [form, layout, *filter(os.path.isfile, sources)])
    layouts = read_layout(layout, area=area_code(area), period=period) if layout else []
    data: list[Any] = []
    for source in sources:
        if source == _DATABASE or source.startswith(f"{_DATABASE}@"):
            day = source.partition("@")[2]
            data += figures_of_database(form, folder, layouts=layouts, as_of=day or None)
        else:
            data.append(read(_existing(source)))
    of = Path(structure) if structure else None
    filled = fill_questionnaire(form, data, layouts=layouts, structure=of, overwrite=overwrite)
    save(output, filled.content)
    _show(filled.report)
    click.echo(f"{output}: {filled.written:,} figures filled in.", err=True)
    return filled.report.exit_code


@questionnaire.command()
@click.argument("form", type=_READABLE)
@click.option(
    "--table",
    "tables",
    multiple=True,
    required=True,
    metavar="SHEET=DATAFLOW",
    help="A sheet of the form and the dataflow that it asks.",
)
@click.option("--area", required=True, help="State: THA, TH, thailand.")
@click.option("--year", "--period", "period", required=True, help="Period of the figures.")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False))
def describe(form: str, tables: tuple[str, ...], area: str, period: str, output: str) -> int:
    """Draft the layout of a FORM of another maker, from the labels of its rows and columns."""
    from ilms_sdmx.labels.areas import area_code
    from ilms_sdmx.outputs.questionnaire import describe_form

    refuse_inputs([output], [form])
    asked = _pairs(tables, "--table SHEET=DATAFLOW")
    text = describe_form(form, asked, area=area_code(area), period=period)
    save(output, text.encode())
    click.echo(f"{output}: read every line, then use it with --layout.", err=True)
    return 0


@questionnaire.command("read")
@click.argument("workbook", type=_READABLE)
@click.option("--layout", type=_READABLE, help="File that describes a form of another maker.")
@click.option("--area", default="", help="State of the form, where its layout does not say it.")
@click.option("--year", "--period", "period", default="", help="Period of the form, likewise.")
@click.option("-s", "--structure", type=_READABLE, help="Structure message of another form.")
@click.option("--previous", type=_READABLE, help="Data of last year, to be told of jumps.")
@click.option(
    "--cells", type=click.Path(dir_okay=False), help="CSV of every cell and what it is."
)
@click.option("--partial", is_flag=True, help="Write what is right although there are errors.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False),
    help="Data to write; the ending says the format: .xml, .csv, .json.",
)
def read_(
    workbook: str,
    layout: str | None,
    area: str,
    period: str,
    structure: str | None,
    previous: str | None,
    cells: str | None,
    partial: bool,
    output: str | None,
) -> int:
    """Read the filled questionnaire WORKBOOK into data sets, and check them as `validate` does.

    Exit status: 0 clean or notes only, 1 warnings, 2 errors, 3 usage, 4 a file that cannot be
    read or written.
    """
    from ilms_sdmx.findings import Report
    from ilms_sdmx.labels.areas import area_code
    from ilms_sdmx.messages.writing import write
    from ilms_sdmx.outputs.questionnaire import read_layout, read_questionnaire
    from ilms_sdmx.validation import validate

    refuse_inputs([output, cells], [workbook, layout, previous])
    layouts = read_layout(layout, area=area_code(area), period=period) if layout else []
    of = Path(structure) if structure else None
    filled = read_questionnaire(workbook, layouts=layouts, structure=of)
    report = filled.report
    if filled.datasets:
        checked = validate(list(filled.datasets), structure=of, previous=previous)
        report = Report(report.findings + checked.at(file=file_name(workbook)).findings)
    if cells:
        save(cells, filled.cells.to_csv(index=False).encode())
    is_written = bool(output and filled.datasets) and (partial or report.exit_code < 2)
    if output and is_written:
        write(list(filled.datasets), output)
    _show(report)
    count = sum(map(len, filled.datasets))
    click.echo(f"{workbook}: {count:,} figures in {len(filled.datasets)} table(s).", err=True)
    if output and not is_written:
        click.echo(
            f"{output} was not written: correct the errors, or give --partial.", err=True
        )
    return report.exit_code


def _pairs(texts: tuple[str, ...], expected: str) -> dict[str, str]:
    """Names and values of options such as `--fix SEX=SEX_T`."""
    pairs = {}
    for text in texts:
        name, separator, value = text.rpartition("=")
        if not separator:
            raise click.UsageError(f"expected {expected}, found {text!r}")
        pairs[name] = value
    return pairs


def _existing(path: str) -> str:
    """Path of a file that is there."""
    if not Path(path).is_file():
        raise click.UsageError(f"there is no file {path}")
    return path


def _show(report: Report) -> None:
    for finding in report:
        click.echo(f"{finding}\n")
