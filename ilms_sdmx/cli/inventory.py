"""`ilms-sdmx inventory` and `analytical-report`: what is known, and what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ilms_sdmx._files import all_or_none
from ilms_sdmx.cli.outputs import is_standard, save, target_of
from ilms_sdmx.cli.times import TIME

if TYPE_CHECKING:
    from ilms_sdmx.analysis.inventory.coverage import Coverage
    from ilms_sdmx.database import Database

_AREA = click.option(
    "--area", "areas", multiple=True, metavar="AREA", help="State, as THA; all of ASEAN else."
)
_FOLDER = click.option(
    "--db",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="ILMS_SDMX_DB",
    help="Folder of the database; also ILMS_SDMX_DB. Without it the shipped figures alone.",
)
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def inventory() -> None:
    """Say what sources there are in a state, what they cover, and what is missing.

    Unknown is written as unknown, never as zero; every statement has its evidence.
    """


@inventory.command("list")
@_AREA
@click.option(
    "--all", "all_sources", is_flag=True, help="Also sources of which nothing is known."
)
def list_(areas: tuple[str, ...], all_sources: bool) -> None:
    """List the sources of states: code, office, title, and the tables they can fill."""
    from ilms_sdmx.analysis.inventory import source_entries

    for area in _codes(areas) or [""]:
        for entry in source_entries(area, all_sources=all_sources):
            if not entry.is_source:
                continue
            tables = ", ".join(each.replace("_", " ") for each in entry.tables) or "unknown"
            office = next(iter(entry.texts("office")), "office unknown")
            click.echo(f"{entry.ref_area}  {entry.code:9} {entry.title} ({office})")
            click.echo(f"               tables: {tables}")


@inventory.command()
@click.argument("source")
@_FOLDER
def show(source: str, folder: Path | None) -> None:
    """Show what is known of a SOURCE (FB:6666), each statement with its evidence."""
    from ilms_sdmx.analysis.inventory import source_inventory
    from ilms_sdmx.analysis.inventory.catalogue import ABOUT
    from ilms_sdmx.analysis.inventory.holdings import years_by_source
    from ilms_sdmx.errors import StructureError

    years = years_by_source(_database(folder))
    table = source_inventory(all_sources=True, years=years)
    rows = table[table["source"] == source]
    if rows.empty:
        raise StructureError(
            f"no source {source!r}: `ilms-sdmx inventory list --all` has their codes"
        )
    for row in rows.to_dict("records"):
        click.echo(f"{ABOUT[row['about']]}: {row['statement']}")
        if row["evidence"]:
            place = f", {row['place']}" if row["place"] else ""
            state = "verified" if row["verified"] == "Y" else "not verified"
            click.echo(f"    {row['evidence']}{place} ({state})")


@inventory.command()
@_AREA
@_FOLDER
@click.option(
    "--year", type=click.IntRange(1950, 2200), help="Year of the inventory; this year else."
)
@click.option("--years", type=click.IntRange(1, 80), default=15, show_default=True)
@click.option("--report", type=_FILE, help="HTML page to write: heat map and small lines.")
@click.option("--xlsx", type=_FILE, help="Excel workbook of the same to write.")
@click.option("--csv", "csv_file", type=_FILE, help="CSV of the matrix to write.")
@click.option(
    "--metadata",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for SDMX-ML 3.0 reference metadata.",
)
@TIME
def coverage(
    areas: tuple[str, ...],
    folder: Path | None,
    year: int | None,
    years: int,
    report: Path | None,
    xlsx: Path | None,
    csv_file: Path | None,
    metadata: Path | None,
    prepared: str,
) -> None:
    """Say which tables have figures of which years, and rank the gaps.

    Counted are the figures of the database and those of ILOSTAT that travel with the package.
    """
    from ilms_sdmx.analysis.inventory import coverage as cover

    found = cover(
        _database(folder), areas=_codes(areas), year=year or int(prepared[:4]), years=years
    )
    with all_or_none():
        _write(found, report, xlsx, metadata, prepared)
        if csv_file:
            save(csv_file, found.matrix.to_csv(index=False, lineterminator="\n").encode())
    quiet = any(is_standard(each) for each in (report, xlsx, csv_file))
    if not quiet:
        say_coverage(found)


@click.command("analytical-report")
@click.option("--area", metavar="AREA", help="State of ASEAN, as THA.")
@click.option("--region", type=click.Choice(["ASEAN"]), help="Instead of a state.")
@click.option(
    "--db",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="ILMS_SDMX_DB",
    required=True,
    help="Folder of the database; also ILMS_SDMX_DB.",
)
@click.option(
    "--year", type=click.IntRange(1950, 2200), help="Year of the report; this year else."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    required=True,
    help="report.html, or report.docx for Word.",
)
@TIME
def analytical_report(
    area: str | None,
    region: str | None,
    folder: Path,
    year: int | None,
    output: Path,
    prepared: str,
) -> None:
    """Write a report on migration for work in a state or in ASEAN, from the database alone.

    Every number leads to a list of figures with its dataflow, key, source and cell. What the
    database does not hold is said to be not known.
    """
    from ilms_sdmx.database import Database
    from ilms_sdmx.errors import DatabaseError
    from ilms_sdmx.labels.areas import area_code
    from ilms_sdmx.outputs.reports.analytical.page import analytical_page
    from ilms_sdmx.outputs.reports.analytical.reporting import analytical_report as report_of
    from ilms_sdmx.outputs.reports.analytical.word import write_analytical_document
    from ilms_sdmx.outputs.reports.pages import write_page

    if bool(area) == bool(region):
        raise click.UsageError("give --area or --region, one of them.")
    if not folder.exists():
        raise DatabaseError(f"there is no database {folder}: give --db")
    about = region or area_code(str(area))
    report = report_of(Database(folder), about, year=year or int(prepared[:4]))
    if output.suffix.lower() == ".docx":
        write_analytical_document(report, target_of(output))
    else:
        write_page(analytical_page(report), target_of(output))
    figures, worked_out = len(report.origins), len(report.derived)
    click.echo(
        f"{report.title}: {figures:,} figures of the database, {worked_out:,} worked out.",
        err=True,
    )


def _write(
    found: Coverage, report: Path | None, xlsx: Path | None, metadata: Path | None, time: str
) -> None:
    from ilms_sdmx.analysis.inventory import write_source_metadata
    from ilms_sdmx.outputs.reports.inventory import inventory_page
    from ilms_sdmx.outputs.reports.inventory_workbook import write_inventory_workbook
    from ilms_sdmx.outputs.reports.pages import write_page

    if report:
        write_page(inventory_page(found), target_of(report))
    if xlsx:
        write_inventory_workbook(found, target_of(xlsx))
    if metadata:
        write_source_metadata(found, metadata, prepared=time)


def say_coverage(found: Coverage, gaps: int = 5) -> None:
    """Say what is covered by state, then the gaps that are worth filling first."""
    import pandas as pd

    from ilms_sdmx.outputs.reports.comparison_words import area_name

    for area in found.areas:
        of_area = found.summary[found.summary["ref_area"] == area]
        with_figures = of_area[of_area["newest"].notna()]
        said = []
        for row in with_figures.to_dict("records"):
            share = f"{100 * float(row['completeness']):.0f} %"
            said.append(f"{row['table'].replace('_', ' ')} {row['newest']} ({share})")
        words = ", ".join(said) or "no figure is known"
        count = f"{len(with_figures)} of {len(of_area)} tables"
        click.echo(f"   {area_name(area)}, {count}: {words}")
    click.echo("   Gaps, the most worth filling first:")
    for row in found.gaps.head(gaps).to_dict("records"):
        newest = "never" if pd.isna(row["newest"]) else f"last {row['newest']}"
        source = row["could_fill"].split("; ")[0] or "no source is known"
        table = row["table"].replace("_", " ")
        click.echo(
            f"   {row['rank']}. {area_name(row['ref_area'])} {table}, {newest}: {source}"
        )


def _codes(areas: tuple[str, ...]) -> list[str]:
    """Codes of the states, however they are named."""
    from ilms_sdmx.labels.areas import area_code

    return [area_code(area) for area in areas]


def _database(folder: Path | None) -> Database | None:
    from ilms_sdmx.database import Database
    from ilms_sdmx.errors import DatabaseError

    if folder is None:
        return None
    if not folder.exists():
        raise DatabaseError(f"there is no database {folder}: give --db, or leave it out")
    return Database(folder)
