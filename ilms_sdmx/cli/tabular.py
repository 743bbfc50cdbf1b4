"""Tables of a message for other tools: a workbook or a Parquet file."""

from __future__ import annotations

from pathlib import Path

import click

from ilms_sdmx.cli.outputs import target_of
from ilms_sdmx.cli.streams import source_of
from ilms_sdmx.errors import OutputError

#: Rows that a sheet of a workbook can hold.
_ROWS_OF_SHEET = 1_048_575


def write_table(source: Path, target: Path, structure: str | None, format_: str) -> int:
    """Exit status after the observations of a message are written as a table.

    Parameters
    ----------
    source, structure
        As `transform` takes them.
    target
        File to write; `-` is standard output, for a workbook.
    format_
        `xlsx` (a sheet a data set) or `parquet` (one data set, of any size).
    """
    if format_ == "parquet":
        return _write_parquet(source, target, structure)
    return _write_workbook(source, target, structure)


def _write_parquet(source: Path, target: Path, structure: str | None) -> int:
    from ilms_sdmx.messages import to_parquet

    stream = target_of(target)
    if not isinstance(stream, Path):
        raise click.UsageError("expected a file to write Parquet to, found standard output")
    with source_of(source) as content:
        to_parquet(content, stream, structure)
    return 0


def _write_workbook(source: Path, target: Path, structure: str | None) -> int:
    from ilms_sdmx.messages import read
    from ilms_sdmx.outputs.reports.workbooks import write_tables

    with source_of(source) as content:
        message = read(content, structure)
    frames = {}
    for number, dataset in enumerate(message, 1):
        if len(dataset) > _ROWS_OF_SHEET:
            raise OutputError(
                f"{target} cannot be written: a sheet has {_ROWS_OF_SHEET:,} rows at most, and"
                f" there are {len(dataset):,}; write .parquet or .csv.",
                str(target),
            )
        frames[f"data {number}"] = dataset.to_frame()
    write_tables(frames, target_of(target))
    for finding in message.report.without_notes():
        click.echo(str(finding), err=True)
    return message.report.exit_code
