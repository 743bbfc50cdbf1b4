"""`ilms-sdmx labels`: what the label files know in each language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ilms_sdmx.labels.coverage import Coverage


@click.group("labels")
def labels() -> None:
    """Show what is known of the labels of the region's tables."""


@labels.command()
@click.option("--language", help="Only one language: th, km, tet.")
@click.option(
    "--missing", is_flag=True, help="List what is missing or refused, with the reason."
)
def check(language: str | None, missing: bool) -> None:
    """Show coverage by language and kind, and the rows that no native speaker has seen.

    Names of countries are compared with those of the Unicode CLDR.
    """
    from ilms_sdmx.labels.coverage import coverage, unseen_rows

    rows = [row for row in coverage() if language in (None, row.language)]
    if not rows:
        raise click.BadParameter(f"{language!r} is no language of the region")
    for row in rows:
        click.echo(_line(row))
        if missing:
            for each in row.missing:
                click.echo(f"\t{each}")
    for unseen, count in unseen_rows().items():
        if language in (None, unseen):
            click.echo(f"{unseen}: {count} rows that no native speaker has seen")


def _line(row: Coverage) -> str:
    """Language, kind, what is known of what is expected, and the percent."""
    percent = 100 * row.known // row.expected
    return f"{row.language}\t{row.kind}\t{row.known}/{row.expected}\t{percent}%"
