"""`ilms-sdmx diff`: what a later version of figures changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ilms_sdmx._files import all_or_none
from ilms_sdmx.cli.db import FOLDER
from ilms_sdmx.cli.formats import MESSAGES
from ilms_sdmx.cli.outputs import refuse_inputs, save, target_of
from ilms_sdmx.cli.times import TIME

if TYPE_CHECKING:
    from ilms_sdmx.exchange import Revision

#: Changes that are printed; all are in the files.
_SHOWN = 40


@click.command()
@click.argument("old")
@click.argument("new")
@click.option(
    "-m",
    "--mapping",
    type=click.Path(exists=True, dir_okay=False),
    help="Mapping of the workbooks; without one they are filled questionnaires.",
)
@FOLDER
@click.option(
    "-s", "--structure", type=click.Path(exists=True), help="Structure of messages of others."
)
@click.option("-o", "--output", help="Message of the changes to write; - for standard output.")
@click.option(
    "-f", "--format", "format_", type=click.Choice(MESSAGES), help="Format of the message."
)
@click.option("--html", help="Page to write.")
@click.option("--csv", "table", help="Table of the changes to write, as CSV.")
@TIME
def diff(
    old: str,
    new: str,
    mapping: str | None,
    folder: Path,
    structure: str | None,
    output: str | None,
    format_: str | None,
    html: str | None,
    table: str | None,
    prepared: str,
) -> int:
    """Say what is new, changed and gone from OLD to NEW.

    Each is a data message, a workbook, a filled questionnaire, or db:NAME or db:NAME@DATE. The
    message of changes, applied to OLD, gives NEW. Exit status: 0, also where there are changes.
    """
    from ilms_sdmx.exchange import revise, version_of
    from ilms_sdmx.messages import Header, write
    from ilms_sdmx.messages.dispatch import format_of_name

    inputs = [each for each in (old, new) if Path(each).exists()]
    refuse_inputs([output, html, table], [*inputs, mapping, structure])
    given = Path(structure) if structure else None
    versions = []
    for source in (old, new):
        version = version_of(source, mapping=mapping, database=folder, structure=given)
        versions.append(version)
    revision = revise(*versions)
    with all_or_none():
        if table:
            content = revision.frame().to_csv(index=False, lineterminator="\n")
            save(table, content.encode())
        if html:
            save(html, revision.page(created=prepared).encode())
        if output:
            format_ = format_ or _with_actions(format_of_name(output))
            changes = revision.datasets(format_)
            if changes:
                header = Header(prepared=prepared)
                write(changes, target_of(output), format_, structure=given, header=header)
            else:
                click.echo(f"{output} was not written: nothing changed.", err=True)
    _show(revision)
    return 0


def _with_actions(format_: str) -> str:
    """Format of a name, in a version that has actions."""
    return "sdmx-csv-2.0" if format_ == "sdmx-csv-1.0" else format_ or "sdmx-csv-2.0"


def _show(revision: Revision) -> None:
    frame = revision.frame()
    for row in frame.head(_SHOWN).astype("object").to_dict("records"):
        codes = [str(code) for name, code in row.items() if str(name).isupper()]
        parts = [str(row["change"]), ".".join(codes[1:])]
        if row["change"] == "changed":
            parts += [f"{row['before']} -> {row['after']}", str(row["what"])]
        click.echo("\t".join(parts), err=True)
    if len(frame) > _SHOWN:
        click.echo(f"and {len(frame) - _SHOWN:,} more: --csv or --html has all", err=True)
    told = [f"{count:,} {word}" for word, count in revision.counts.items()]
    click.echo(", ".join(told) + ".", err=True)
