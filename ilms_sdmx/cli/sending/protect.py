"""`ilms-sdmx protect`: tables that may go out, and tell nothing about persons."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ilms_sdmx.cli.outputs import refuse_inputs, save, target_of
from ilms_sdmx.cli.sending.published import (
    DATABASE,
    PUBLISHED,
    SECRET,
    files_of,
    tables_in,
    vintages_of,
)

if TYPE_CHECKING:
    from ilms_sdmx.analysis.protection import Protection

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


def _parts(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> Any:
    """Parts of keys as `SEX=SEX_T,CBR=CBR_BIR_TOTAL`."""
    parts = []
    for value in values:
        part = {}
        for pair in value.split(","):
            name, equals, code = pair.partition("=")
            if not equals or not name or not code:
                raise click.BadParameter(f"expected DIMENSION=CODE, found {pair!r}")
            part[name.strip()] = code.strip()
        parts.append(part)
    return parts


@click.command()
@click.argument("files", nargs=-1, type=_FILE, required=True)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, allow_dash=True),
    required=True,
    help="Message to write: .csv, .xml or .json.",
)
@click.option(
    "--minimum",
    type=click.IntRange(1),
    default=3,
    show_default=True,
    help="Least number of persons behind a figure; 3, 5 and 10 are usual.",
)
@click.option("--group", is_flag=True, help="Hide also parts that are all of their total.")
@click.option(
    "--method",
    type=click.Choice(["suppression", "rounding", "perturbation"]),
    default="suppression",
    show_default=True,
    help="Hide figures, round all, or add noise to all.",
)
@click.option(
    "--must",
    multiple=True,
    metavar="KEY",
    callback=_parts,
    help="Figures that must be published, as SEX=SEX_T,CBR=CBR_BIR_TOTAL; may be repeated.",
)
@click.option(
    "--contributors",
    metavar="COLUMN",
    default="",
    help="Column with the persons behind each figure; by default whole persons count.",
)
@PUBLISHED
@DATABASE
@click.option("--base", type=click.Choice(["3", "5"]), default="5", help="Base of rounding.")
@click.option(
    "--seconds",
    type=click.FloatRange(min=0.1),
    default=60.0,
    show_default=True,
    help="Time for the search.",
)
@click.option(
    "--cells",
    type=click.Path(path_type=Path, allow_dash=True),
    help="CSV for the office alone: each hidden figure, why, and what can be worked out.",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    help="Report for the office alone (.html or .json): figures by reason, what is lost, and"
    " what a reader can still add up.",
)
@click.option("-s", "--structure", help="Structure of foreign data.")
def protect(
    files: tuple[Path, ...],
    output: Path,
    minimum: int,
    group: bool,
    method: str,
    must: list[dict[str, str]],
    contributors: str,
    published: tuple[str, ...],
    folder: Path,
    base: str,
    seconds: float,
    cells: Path | None,
    report: Path | None,
    structure: str | None,
) -> int:
    """Protect the tables in FILES, which go out together, and write them as one message.

    Figures of fewer persons than the minimum are hidden (OBS_STATUS C), and others with them,
    so that no sum in or between the tables gives them back. Perturbation takes its secret from
    the environment variable ILMS_SDMXSECRET.

    Exit status: 0 protected, 1 with warnings, 2 a figure cannot be protected (nothing is
    written), 3 usage, 4 a file cannot be read or written.
    """
    from ilms_sdmx.analysis.protection import ProtectionRules
    from ilms_sdmx.analysis.protection import protect as protected
    from ilms_sdmx.messages import write

    inputs = [*files, *files_of(published), structure]
    refuse_inputs([output, cells, report], inputs)
    if report is not None and report.suffix.lower() not in (".html", ".json"):
        raise click.UsageError(f"expected a report in .html or .json, found {report}")
    form = _form(output)
    release = protected(
        tables_in(files),
        rules=ProtectionRules(minimum=minimum, group=group),
        method=method,
        must=must,
        contributors=contributors,
        previous=vintages_of(published, folder),
        base=int(base),
        secret=os.environ.get(SECRET, ""),
        seconds=seconds,
        structure=structure,
    )
    for finding in release.report:
        click.echo(str(finding), err=True)
    if release.report.exit_code < 2:
        write(release.datasets, target_of(output), form)
    else:
        click.echo(f"{output} is not written: an error prevents it.", err=True)
    if cells is not None:
        save(cells, release.cells.to_csv(index=False).encode())
    if report is not None:
        _report(release, report)
    _tell(release)
    return release.report.exit_code


def _form(output: Path) -> str:
    """Format that the name of an output says."""
    forms = {".csv": "sdmx-csv-1.0", ".json": "sdmx-json-2.0", ".xml": "sdmx-ml-2.1"}
    form = forms.get(output.suffix.lower())
    if form is None and str(output) != "-":
        raise click.UsageError(f"expected a name in .csv, .xml or .json, found {output}")
    return form or "sdmx-csv-1.0"


def _report(release: Protection, path: Path) -> None:
    """Write the report for the office."""
    from ilms_sdmx.outputs.reports.protection import protection_json, protection_page

    is_page = path.suffix.lower() == ".html"
    text = protection_page(release) if is_page else protection_json(release)
    save(path, text.encode())


def _tell(release: Protection) -> None:
    """Say what became of the figures."""
    reasons = release.cells["reason"].value_counts()
    for reason, count in reasons.items():
        click.echo(f"{count:,} figures: {reason}", err=True)
    for table in release.published.itertuples():
        click.echo(
            f"{table.dataflow}: {table.published:,} of {table.figures:,} figures published,"
            f" {table.sums:,} of {table.all_sums:,} sums can be added up",
            err=True,
        )
    if release.gap == release.gap:
        click.echo(
            f"At most {release.gap:.0%} of what is hidden is more than any protection needs.",
            err=True,
        )
