"""`ilms-sdmx estimate`: modelled figures, made or read, and never mixed with observed ones."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ilms_sdmx.cli.outputs import refuse_inputs, save
from ilms_sdmx.cli.times import TIME

if TYPE_CHECKING:
    import pandas as pd

_INPUT = click.Path(path_type=Path, exists=True, dir_okay=False)
_OUTPUT = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, allow_dash=True),
    default="-",
    help="CSV to write; - for the screen.",
)
_FOLDER = click.option(
    "--db",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="ILMS_SDMX_DB",
    help="Folder of the database; also ILMS_SDMX_DB.",
)


@click.group()
def estimate() -> None:
    """Estimate migrants in the labour force, and show what the ILO estimates.

    All figures are modelled. They go into dataflows of their own, so that nothing mixes them
    with observed ones.
    """


@estimate.command("labour-force")
@click.option("--benchmark", type=_INPUT, required=True, help="CSV of margins; see below.")
@click.option(
    "--national", type=_INPUT, help="CSV of national tables; else those of the database."
)
@_FOLDER
@click.option(
    "--year", type=click.IntRange(1900, 2200), required=True, help="Of the benchmark."
)
@click.option("--edition", required=True, help="Name of the benchmark, on every figure.")
@click.option(
    "--model",
    type=click.Choice(["regression", "regional-mean", "ratio-one"]),
    default="regression",
    show_default=True,
    help="How a state without a national table gets its odds ratio.",
)
@click.option("--keep", metavar="NAME", help="Add the estimates to the database by this name.")
@_OUTPUT
@TIME
def labour_force(
    benchmark: Path,
    national: Path | None,
    folder: Path | None,
    year: int,
    edition: str,
    model: str,
    keep: str | None,
    output: Path,
    prepared: str,
) -> int:
    """Migrants in the labour force of each state and group, as CSV.

    BENCHMARK has ref_area, sex, migrants, non_migrants (15 and more), labour_force, source.
    NATIONAL has ref_area, sex, year, ages, migrants, migrants_active, non_migrants,
    non_migrants_active, criterion, source. Errors of each model go to the error output: each
    state with a table is hidden in turn.

    Exit status: 0, or 1 where a national table could not be used.
    """
    from ilms_sdmx.analysis.estimates import estimate_migrant_labour_force, leave_one_out
    from ilms_sdmx.database import Database

    if keep and folder is None:
        raise click.UsageError("--keep needs a database: give --db.")
    refuse_inputs([output], [benchmark, national])
    tables = _tables(national, folder)
    margins = _read(benchmark)
    estimates = estimate_migrant_labour_force(
        tables, margins, year=year, edition=edition, model=model
    )
    save(output, _csv(estimates.frame))
    errors = leave_one_out(tables, margins, year=year)
    _say_errors(errors)
    if keep and folder is not None:
        database = Database(folder)
        time = database.time_from(datetime.fromisoformat(prepared))
        database.add(estimates.harmonised(), keep, at=time, source="XA")
        click.echo(f"Kept as {keep} in {folder}.", err=True)
    for reason in estimates.left_out:
        click.echo(f"Not used: {reason}", err=True)
    return 1 if estimates.left_out else 0


@estimate.command()
@click.option("--edition", type=click.IntRange(1, 9), help="First (1) to fourth (4).")
@click.option("--item", help="One item through time, as 'migrants in the labour force'.")
@click.option("--group", default="all", show_default=True, help="Of whom, with --item.")
@_OUTPUT
def headlines(edition: int | None, item: str | None, group: str, output: Path) -> None:
    """Headline figures of ILO's four editions, as CSV, each with its source.

    A series across editions is refused, with the reason.
    """
    from ilms_sdmx.analysis.estimates import headline_figures, headline_series

    if item and edition is None:
        frame = headline_series(item, group)
    else:
        frame = headline_figures(edition)
        if item:
            frame = frame[(frame["item"] == item) & (frame["group"] == group)]
    save(output, _csv(frame))


@estimate.command("read")
@click.argument("file", type=_INPUT)
@click.option("--edition", required=True, help="Edition or month of the download.")
@_FOLDER
@click.option("--keep", metavar="NAME", help="Add the figures to the database by this name.")
@click.option("--rank", is_flag=True, help="Rank countries: refused, and why.")
@_OUTPUT
@TIME
def read_table(
    file: Path,
    edition: str,
    folder: Path | None,
    keep: str | None,
    rank: bool,
    output: Path,
    prepared: str,
) -> None:
    """Read FILE, a table by migrant status from ILOSTAT's page of modelled estimates."""
    from ilms_sdmx.analysis.estimates import read_modelled_table
    from ilms_sdmx.database import Database

    refuse_inputs([output], [file])
    table = read_modelled_table(file, edition=edition)
    if rank:
        table.ranked()
    if keep:
        if folder is None:
            raise click.UsageError("--keep needs a database: give --db.")
        database = Database(folder)
        time = database.time_from(datetime.fromisoformat(prepared))
        database.add(table.harmonised(), keep, at=time, source="XA")
    save(output, _csv(table.frame))


def _tables(national: Path | None, folder: Path | None) -> pd.DataFrame:
    from ilms_sdmx.analysis.estimates import national_tables
    from ilms_sdmx.database import Database

    if national is not None:
        return _read(national)
    if folder is None:
        raise click.UsageError("give --national FILE or --db FOLDER.")
    return national_tables(Database(folder))


def _read(path: Path) -> pd.DataFrame:
    """Frame of a CSV file, all text; the code `NA` is Namibia."""
    import pandas as pd

    from ilms_sdmx.errors import TableError

    try:
        return pd.read_csv(path, dtype="str", keep_default_na=False)
    except (ValueError, UnicodeDecodeError) as error:
        raise TableError(f"{path} is no CSV file in UTF-8: {error}") from error


def _csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False, lineterminator="\n").encode()


def _say_errors(errors: pd.DataFrame) -> None:
    """Say what hiding each state in turn costs, by region and model."""
    from ilms_sdmx.analysis.estimates.groups import name_of

    if errors.empty:
        click.echo("No errors to show: no state has a national table.", err=True)
        return
    click.echo("Each state with a national table hidden in turn:", err=True)
    for row in errors.itertuples(index=False):
        region = name_of(str(row.region))
        counted = "1 state" if row.states == 1 else f"{row.states} states"
        click.echo(
            f"   {row.model}, {region} ({counted}): median error {row.median_error:.1%}, "
            f"nine in ten below {row.error_of_90:.1%}, sum {row.error_of_sum:+.1%}",
            err=True,
        )
