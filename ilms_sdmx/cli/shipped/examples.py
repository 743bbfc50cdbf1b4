"""`ilms-sdmx examples`: published tables with their mappings, to try every command on."""

from __future__ import annotations

from pathlib import Path

import click


@click.group("examples")
def examples() -> None:
    """List the shipped examples, or copy one to try the commands on it."""


@examples.command("list")
def list_() -> None:
    """Show the name of every example and what its table counts."""
    from ilms_sdmx.conversion.shipped import example
    from ilms_sdmx.conversion.shipped import examples as names
    from ilms_sdmx.mapping.file.reading import read_mapping

    for name in names():
        _, mapping = example(name)
        click.echo(f"{name:<20} {read_mapping(mapping).title}")


@examples.command("copy")
@click.argument("name")
@click.argument(
    "folder", type=click.Path(file_okay=False, path_type=Path), required=False, default=None
)
@click.option("--force", is_flag=True, help="Write over files that were changed since.")
def copy(name: str, folder: Path | None, force: bool) -> None:
    """Copy the table and the mapping of the example NAME into FOLDER, by default ./NAME.

    A file that is there already with other content is left as it is, and nothing is copied,
    unless --force.
    """
    from ilms_sdmx.conversion.shipped import copy_example

    for path in copy_example(name, folder or Path(name), replace=force):
        click.echo(str(path))
