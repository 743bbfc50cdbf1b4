"""What `ilms-sdmx inspect` says of records of persons, as text and as plain values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ilms_sdmx.microdata import Inspection, VariableSummary

#: Values of a variable that are printed.
_PRINTED = 12


def show(file: Path, *, as_json: bool, encoding: str, columns: str | None) -> None:
    """Print what a file of records, or each of a folder, holds; no person is shown."""
    from ilms_sdmx.microdata import inspect_microdata, read_microdata
    from ilms_sdmx.microdata.files.reading import files_of, reading_folder

    found = []
    with reading_folder(None) as folder:
        for path in files_of(file):
            microdata = read_microdata(path, folder, encoding=encoding, columns=columns)
            found.append(inspect_microdata(microdata))
    if as_json:
        trees = [inspection.as_dict() for inspection in found]
        tree = trees[0] if len(trees) == 1 else trees
        click.echo(json.dumps(tree, ensure_ascii=False, indent=2))
        return
    for inspection in found:
        for line in _lines(inspection):
            click.echo(line)


def _lines(inspection: Inspection) -> Iterator[str]:
    microdata = inspection.microdata
    count = len(inspection.variables)
    yield f"{microdata.source}: {microdata.rows:,} records, {count} variables"
    if microdata.encoding:
        yield f"Encoding      {microdata.encoding}"
    for summary in inspection.variables:
        yield from _of_variable(summary)
    found = inspection.proposals()
    yield ""
    yield "Roles that variables may have (nothing is applied; `ilms-sdmx map` writes them down)"
    for proposal in found:
        evidence = "; ".join(proposal.evidence)
        yield f"  {proposal.role:<20}{proposal.variable}: {evidence}"
    if not found:
        yield "  none was recognised"


def _of_variable(summary: VariableSummary) -> Iterator[str]:
    variable = summary.variable
    label = f"  {variable.label}" if variable.label else ""
    yield f"{variable.name} ({variable.kind}){label}"
    kind = ", may identify persons: its values are not shown" if summary.is_personal else ""
    yield f"  {summary.present:,} with a value, {summary.distinct:,} different{kind}"
    if summary.codes:
        yield f"  missing: {_counted(summary.codes, variable.labels)}"
    if summary.values:
        yield f"  {_counted(summary.values, variable.labels)}"


def _counted(counts: Mapping[str, int], labels: Mapping[str, str]) -> str:
    """Values with their labels and numbers of records, as many as a person can take in."""
    parts = []
    for value, count in list(counts.items())[:_PRINTED]:
        label = labels.get(value, "")
        named = f"{value} {label}" if label else value or "no value"
        parts.append(f"{named.strip()} {count:,}")
    more = len(counts) - len(parts)
    if more > 0:
        parts.append(f"and {more} more")
    return "; ".join(parts)
