"""`ilms-sdmx compare`: national figures next to international ones."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ilms_sdmx._files import all_or_none
from ilms_sdmx.cli.outputs import is_standard, refuse_inputs, save, target_of

if TYPE_CHECKING:
    from ilms_sdmx.analysis.comparison.comparisons import Comparison
    from ilms_sdmx.conversion import Conversion
    from ilms_sdmx.datasets import Dataset
    from ilms_sdmx.outputs.reports.catalogues import Catalogue

_HEADINGS = ("Ours", "Theirs", "Verdict", "Pairs", "Agree", "Reasons")
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument(
    "ours",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)
@click.option(
    "--with",
    "sources",
    multiple=True,
    required=True,
    metavar="SOURCE",
    help="Comparator; see below.",
)
@click.option("--mapping", type=_FILE, help="OURS is a workbook, and this its mapping file.")
@click.option("--report", type=_FILE, help="HTML report to write.")
@click.option(
    "--cells",
    type=_FILE,
    help="With --mapping: conversion report to write; our figures lead to it.",
)
@click.option("--xlsx", type=_FILE, help="Excel workbook with the tables to write.")
@click.option("--json", "json_file", type=_FILE, help="JSON to write.")
@click.option(
    "--charts", type=click.Path(path_type=Path, file_okay=False), help="Folder for SVG and PNG."
)
@click.option(
    "--db",
    "--store",
    "store",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="ILMS_SDMX_DB",
    help="Database, for db:NAME; also ILMS_SDMX_DB.",
)
@click.option("--offline", is_flag=True, help="Only what is in the cache.")
@click.option(
    "--refresh", is_flag=True, help="Ask the services even for what is fresh in the cache."
)
@click.option(
    "--max-gap-days",
    type=click.IntRange(0),
    help="Pair no figures further apart; default 1096.",
)
@click.option(
    "--counts",
    multiple=True,
    metavar="WHAT=TEXT",
    help="What OURS counts, as a note says it: scope=all, ages=15+, criterion=birth, "
    "refugees=included, reference_date=2020-08-31.",
)
@click.option("--language", default="en", show_default=True, help="Language of the report.")
@click.option("--created", default="", help="Time to print in the report.")
def compare(
    ours: tuple[Path, ...],
    sources: tuple[str, ...],
    mapping: Path | None,
    cells: Path | None,
    store: Path | None,
    offline: bool,
    refresh: bool,
    max_gap_days: int | None,
    counts: tuple[str, ...],
    **outputs: Any,
) -> int:
    """Set the figures of OURS (messages, or a workbook with --mapping) next to others.

    Figures are named by their cells where OURS is a workbook, and where the provenance file
    that `convert` writes is next to the message.

    SOURCE is snapshot (shipped, offline), ilostat (the same dataflows), ilostat:DATAFLOW,
    undesa-stock:2024 (also 2020, 2019; a third part names another table:
    undesa-stock:2020:age), worldbank, any SOURCE:WHAT of `fetch`, db:NAME or
    db:NAME@DATE of a database, or a data message.

    Differences inform and are no errors. Exit status: 0, or 1 where a warning was found on the
    way.
    """
    from ilms_sdmx.analysis.comparison.alignment import MAX_GAP_DAYS
    from ilms_sdmx.analysis.comparison.comparators import comparators_by_name
    from ilms_sdmx.analysis.comparison.comparisons import compare as run
    from ilms_sdmx.cli.client import TerminalClient

    if cells and (mapping is None or len(ours) > 1):
        raise click.UsageError("--cells needs one workbook and its --mapping.")
    conversions = _converted(ours, mapping)
    _refuse_inputs(outputs, cells, (*ours, mapping, *sources), conversions)
    data = [d for c in conversions for d in _datasets(c)] if mapping else _read(ours)
    data = _counting(data, counts)
    with TerminalClient(offline=offline, refresh=refresh, attempts=5) as client:
        theirs = comparators_by_name(sources, data, client, store)
    for finding in theirs.findings:
        click.echo(str(finding), err=True)
    gap = MAX_GAP_DAYS
    if max_gap_days is not None:
        gap = max_gap_days
    comparison = run(data, *theirs.data, max_gap_days=gap)
    is_quiet = any(map(is_standard, (cells, *outputs.values())))
    show(comparison, outputs["language"], err=is_quiet)
    for path in write(
        comparison, conversion=(conversions[0], cells) if cells else None, **outputs
    ):
        click.echo(f"wrote {path}", err=is_quiet)
    return comparison.report.exit_code


def _counting(data: list[Dataset], counts: tuple[str, ...]) -> list[Dataset]:
    """Data sets with what was said on the command line of whom they count."""
    from ilms_sdmx.mapping.concepts import with_concept

    statements = {}
    for text in counts:
        name, _, value = text.partition("=")
        statements[name] = value
    return [with_concept(dataset, statements) for dataset in data] if counts else data


def _converted(paths: tuple[Path, ...], mapping: Path | None) -> list[Conversion]:
    if mapping is None:
        return []
    from ilms_sdmx.conversion import convert

    return [convert(path, mapping) for path in paths]


def _read(paths: tuple[Path, ...]) -> list[Dataset]:
    from ilms_sdmx import messages
    from ilms_sdmx.conversion.result.sidecars import with_cells

    datasets: list[Dataset] = []
    for path in paths:
        message = messages.read(path)
        for dataset in message.datasets:
            datasets.append(with_cells(dataset, path))
    return datasets


def _datasets(conversion: Conversion) -> list[Dataset]:
    """Data sets of dataflows of ILO; those of the office where there are no others."""
    of_ilo: list[Dataset] = []
    for dataset in conversion.datasets:
        if dataset.dataflow not in conversion.own:
            of_ilo.append(dataset)
    return of_ilo or list(conversion.datasets)


def _refuse_inputs(
    outputs: Mapping[str, Any],
    cells: Path | None,
    inputs: tuple[Any, ...],
    conversions: list[Conversion],
) -> None:
    """Refuse outputs that are what is compared, or what the mapping names."""
    named: list[Path] = []
    for conversion in conversions:
        named += conversion.mapping.files
    written = [outputs[name] for name in ("report", "xlsx", "json_file")]
    refuse_inputs([cells, *written], [*inputs, *named])


def show(comparison: Comparison, language: str = "en", err: bool = False) -> None:
    """Print what a comparison says, its verdicts as a table, and its findings."""
    from rich.console import Console
    from rich.table import Table

    from ilms_sdmx.outputs.reports.catalogues import catalogue
    from ilms_sdmx.outputs.reports.comparison_words import sentences

    words = catalogue(language)
    for sentence in sentences(comparison, words):
        click.echo(sentence, err=err)
    if len(comparison):
        table = Table()
        for heading in _HEADINGS:
            table.add_column(heading, overflow="fold")
        for row in comparison.summary.to_dict("records"):
            verdict = words.text(f"verdict.{row['verdict']}")
            names = str(row["ours_name"]), str(row["theirs_name"])
            numbers = f"{row['pairs']:,}", f"{row['agree']:,}"
            reasons = str(row["reasons"])
            table.add_row(*names, verdict, *numbers, reasons)
        Console(file=sys.stderr if err else sys.stdout, highlight=False).print(table)
    for finding in comparison.report:
        click.echo(str(finding), err=True)


def write(
    comparison: Comparison,
    report: Path | None = None,
    xlsx: Path | None = None,
    json_file: Path | None = None,
    charts: Path | None = None,
    conversion: tuple[Conversion, Path] | None = None,
    language: str = "en",
    created: str = "",
) -> list[Path]:
    """Write what was asked for, all or none; the files in the order in which they were written.

    `conversion` is where our figures come from and the page to draw it on, to which they lead.
    """
    from ilms_sdmx.outputs.reports import comparison as reports
    from ilms_sdmx.outputs.reports.catalogues import catalogue
    from ilms_sdmx.outputs.reports.pages import write_page

    words = catalogue(language)
    page, addresses = conversion[1] if conversion else None, None
    drawn: list[Path] = []
    with all_or_none():
        if conversion:
            addresses = _drawn_cells(*conversion, report, words, created)
        if report:
            html = reports.comparison_page(
                comparison, words=words, created=created, cells=addresses
            )
            write_page(html, target_of(report))
        if xlsx:
            reports.write_comparison_workbook(comparison, target_of(xlsx))
        if json_file:
            reports.write_comparison_json(comparison, target_of(json_file))
        if charts:
            drawn = _draw(comparison, charts)
    written: list[Path] = []
    for path in (page, report, xlsx, json_file):
        if path is not None and not is_standard(path):
            written.append(path)
    return written + drawn


def _drawn_cells(
    conversion: Conversion, page: Path, report: Path | None, words: Catalogue, created: str
) -> Callable[[Mapping[str, str]], str]:
    """Write the conversion report, and give the addresses of its cells from `report`."""
    from ilms_sdmx.outputs.reports.conversion import cell_addresses, conversion_page
    from ilms_sdmx.outputs.reports.pages import write_page

    write_page(conversion_page(conversion, words=words, created=created), target_of(page))
    seen = os.path.relpath(page, (report or page).parent)
    return cell_addresses(conversion, Path(seen).as_posix())


def _draw(comparison: Comparison, folder: Path) -> list[Path]:
    from ilms_sdmx.outputs.reports.comparison import figures

    written = []
    for figure in figures(comparison):
        for ending, content in (("svg", figure.svg().encode()), ("png", figure.png())):
            path = folder / f"{figure.id}.{ending}"
            save(path, content)
            written.append(path)
    return written
