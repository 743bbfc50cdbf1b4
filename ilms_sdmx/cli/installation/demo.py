"""`ilms-sdmx demo`: the whole way on shipped data, offline."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ilms_sdmx._files import all_or_none, make_folder

if TYPE_CHECKING:
    from ilms_sdmx.conversion.result.conversions import Conversion
    from ilms_sdmx.database import Database
    from ilms_sdmx.datasets import Dataset

#: Thai workers abroad by country: Thai digits, Buddhist years, and comparators of every kind.
EXAMPLE = "tha-abroad"


@click.command()
@click.argument(
    "folder", type=click.Path(path_type=Path, file_okay=False), default=Path("ilms-demo")
)
@click.option("--example", default=EXAMPLE, show_default=True, help="Shipped example to show.")
@click.option(
    "--time", "prepared", default="2026-01-01T00:00:00Z", help="Time of the message, ISO 8601."
)
def demo(folder: Path, example: str, prepared: str) -> int:
    """Convert a shipped national table, check it, compare it, keep it, and report on its state.

    All shipped tables of the region go into a database, an inventory says what they cover, and
    an analytical report is made from it. Needs no network. Comparators: UN DESA International
    Migrant Stock 2020 and 2024 (CC BY 3.0 IGO), ILOSTAT (CC BY 4.0). Files go to FOLDER, by
    default ilms-demo.
    """
    from ilms_sdmx.conversion import convert, write_conversion
    from ilms_sdmx.conversion import example as shipped

    source, mapping = shipped(example)
    click.echo(f"1  Convert {source.name} as {mapping.parent.name}/{mapping.name} says")
    conversion = convert(source, mapping)
    click.echo(f"   {conversion.summary()}")
    click.echo(f"   {conversion.size}")
    make_folder(folder)
    with all_or_none():
        messages = write_conversion(conversion, folder, prepared=prepared, partial=True)
        pages = [
            *_cells(conversion, folder, source),
            *_checked(conversion, folder),
            *_compared(conversion, folder),
        ]
    database = _kept(conversion, folder, prepared)
    pages.append((database.folder, "the database: ilms-sdmx db list --db"))
    year = int(prepared[:4]) - 1
    pages += _covered(database, folder, year)
    pages += _reported(database, folder, year, conversion)
    _where(folder, messages, pages)
    return 0


def _cells(conversion: Conversion, folder: Path, source: Path) -> list[tuple[Path, str]]:
    from ilms_sdmx.outputs.reports.annotations import annotate

    copy = folder / f"{source.stem}.annotated.xlsx"
    annotate(conversion, copy, source)
    return [(copy, "the table itself, coloured and commented")]


def _checked(conversion: Conversion, folder: Path) -> list[tuple[Path, str]]:
    from ilms_sdmx.findings import Severity
    from ilms_sdmx.outputs.reports.catalogues import catalogue
    from ilms_sdmx.outputs.reports.pages import write_page
    from ilms_sdmx.outputs.reports.validation import validation_page
    from ilms_sdmx.validation import validate

    click.echo("2  Check the data sets")
    of_ilo: list[Dataset] = []
    for dataset in conversion.datasets:
        if dataset.dataflow not in conversion.own:
            of_ilo.append(dataset)
    first, *more = of_ilo
    report = validate(first, *more)
    words = catalogue("en")
    counts: list[str] = []
    for severity in Severity:
        findings = report.of_severity(severity)
        counts.append(words.text(f"severity.count-{severity}", count=len(findings)))
    click.echo(f"   {words.listed(counts)}")
    page = folder / "validation.html"
    write_page(validation_page(report, first, *more), page)
    return [(page, "what the checks found")]


def _compared(conversion: Conversion, folder: Path) -> list[tuple[Path, str]]:
    from ilms_sdmx.analysis.comparison.comparisons import compare
    from ilms_sdmx.analysis.comparison.snapshots import snapshot
    from ilms_sdmx.cli.compare import write
    from ilms_sdmx.outputs.reports.catalogues import catalogue
    from ilms_sdmx.outputs.reports.comparison_words import sentences

    click.echo("3  Set them next to UN DESA 2020 and 2024 and ILOSTAT (shipped snapshots)")
    comparison = compare(conversion, *snapshot())
    for sentence in sentences(comparison, catalogue("en")):
        click.echo(f"   {sentence}")
    page = folder / "comparison.html"
    book = folder / "comparison.xlsx"
    cells = folder / "conversion.html"
    write(comparison, report=page, xlsx=book, conversion=(conversion, cells))
    return [
        (cells, "what became of every cell"),
        (page, "national figures next to international ones"),
        (book, "the same as tables"),
    ]


def _kept(conversion: Conversion, folder: Path, prepared: str) -> Database:
    """Keep all figures in a database: those of the shipped tables, and those next to them."""
    from ilms_sdmx.analysis.comparison.snapshots import snapshot
    from ilms_sdmx.conversion import convert, examples
    from ilms_sdmx.conversion import example as shipped
    from ilms_sdmx.database import Database
    from ilms_sdmx.records import Harmonised

    click.echo("4  Keep every figure with its history in a database")
    database = Database(folder / "database")
    name = Path(conversion.workbook.name).stem
    time = database.time_from(datetime.fromisoformat(prepared))
    database.add(conversion, name, at=time)
    for other in examples():
        source, mapping = shipped(other)
        if source.name != conversion.workbook.name:
            database.add(convert(source, mapping), source.stem, at=time)
    by_name: dict[str, list[Harmonised]] = {}
    for fetched in snapshot():
        origin = fetched.origin
        by_name.setdefault(f"{origin.source} {origin.edition}".strip(), []).append(fetched)
    for producer, parts in by_name.items():
        database.add(parts, producer, at=time)
    for row in database.list().itertuples(index=False):
        click.echo(f"   {row.name}: {row.figures:,} figures")
    return database


def _covered(database: Database, folder: Path, year: int) -> list[tuple[Path, str]]:
    """Say what the figures of the database cover, and what is missing."""
    from ilms_sdmx.analysis.inventory import coverage
    from ilms_sdmx.cli.inventory import say_coverage
    from ilms_sdmx.outputs.reports.inventory import inventory_page
    from ilms_sdmx.outputs.reports.inventory_workbook import write_inventory_workbook
    from ilms_sdmx.outputs.reports.pages import write_page

    click.echo(f"5  Say what these figures cover, as of {year}, and what is missing")
    found = coverage(database, year=year)
    say_coverage(found, gaps=3)
    page, book = folder / "inventory.html", folder / "inventory.xlsx"
    with all_or_none():
        write_page(inventory_page(found), page)
        write_inventory_workbook(found, book)
    return [
        (page, "what the states have told, and what is missing"),
        (book, "the same as tables"),
    ]


def _reported(
    database: Database, folder: Path, year: int, conversion: Conversion
) -> list[tuple[Path, str]]:
    """Write the analytical report of the state whose table was converted."""
    from ilms_sdmx.outputs.reports.analytical.content import Paragraph, text_of
    from ilms_sdmx.outputs.reports.analytical.page import analytical_page
    from ilms_sdmx.outputs.reports.analytical.reporting import analytical_report
    from ilms_sdmx.outputs.reports.pages import write_page

    areas = conversion.datasets[0].observations["REF_AREA"].astype("str")
    area = str(areas.iloc[0])
    report = analytical_report(database, area, year=year)
    click.echo(f"6  Report on the state: {report.title}")
    first = report.chapters[0].blocks[0]
    if isinstance(first, Paragraph):
        for line in first.lines:
            click.echo(f"   {text_of(line)}")
    page = folder / "report.html"
    write_page(analytical_page(report), page)
    return [(page, "what all of it says of the state, every number linked")]


def _where(folder: Path, messages: list[Path], pages: list[tuple[Path, str]]) -> None:
    click.echo(f"\nAll of it is in {folder.resolve()}:")
    for path, what in pages:
        click.echo(f"   {path.name:<46} {what}")
    for path in messages:
        click.echo(f"   {path.name}")
    click.echo(f"\nOpen {(folder / 'comparison.html').resolve().as_uri()}")
