"""What `ilms-sdmx inspect` says of a message or of records, as text and as plain values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ilms_sdmx.findings import Finding
    from ilms_sdmx.messages import Batches, Header
    from ilms_sdmx.messages.message import Note
    from ilms_sdmx.messages.summary import Summary
    from ilms_sdmx.microdata import Inspection, VariableSummary

#: Values of a variable that are printed.
_PRINTED = 12


def tree(batches: Batches, summaries: list[Summary]) -> dict[str, Any]:
    """Everything as plain values, ready for JSON."""
    values: dict[str, Any] = {"format": batches.format}
    values["header"] = _header(batches.header)
    values["data sets"] = [summary.as_dict() for summary in summaries]
    values["footer"] = list(map(_footer_entry, batches.footer))
    values["findings"] = list(map(_finding_entry, batches.report))
    return values


def _footer_entry(note: Note) -> dict[str, Any]:
    return {"code": note.code, "severity": note.severity, "texts": dict(note.texts)}


def _finding_entry(finding: Finding) -> dict[str, Any]:
    severity = str(finding.severity)
    return {"rule": finding.rule, "severity": severity, "message": finding.message}


def _header(header: Header) -> dict[str, Any]:
    """Parts of a header that say something."""
    structures = []
    for entry in header.structures:
        structures.append(f"{entry.kind} {entry.target} by {entry.dimension_at_observation}")
    parts: dict[str, Any] = {"id": header.id, "prepared": header.prepared}
    parts["test"] = header.test
    parts["sender"] = header.sender.id
    parts["receivers"] = [receiver.id for receiver in header.receivers]
    parts["names"] = dict(header.names)
    parts["structures"] = structures
    parts["extracted"] = header.extracted
    parts["reporting begin"] = header.reporting_begin
    parts["reporting end"] = header.reporting_end
    parts["embargo"] = header.embargo
    filled: dict[str, Any] = {}
    for name, value in parts.items():
        if value:
            filled[name] = value
    return filled


def show(batches: Batches, summaries: list[Summary]) -> None:
    """Print everything for a person."""
    click.echo(f"Format        {batches.format}")
    for name, value in _header(batches.header).items():
        click.echo(f"{name.capitalize():<14}{_shown(value)}")
    for summary in summaries:
        click.echo()
        for line in _lines(summary):
            click.echo(line)
    for note in batches.footer:
        texts = "; ".join(text for _, text in note.texts)
        click.echo(f"\nFooter {note.severity} {note.code}: {texts}")
    for finding in batches.report:
        click.echo(f"\n{finding}")


def _shown(value: Any) -> str:
    """Value of a header on one line."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        texts: list[str] = []
        for language, text in value.items():
            texts.append(f"{text} ({language})")
        return ", ".join(texts)
    return str(value)


def _lines(summary: Summary) -> Iterator[str]:
    """Lines on one data set."""
    yield f"Data set {summary.number + 1}"
    for name in ("dataflow", "structure", "provision", "action"):
        text = getattr(summary, name)
        if text:
            yield _line(name, text)
    yield _line("holds", f"{summary.observations:,} observations in {summary.series:,} series")
    if summary.periods:
        first, last = summary.periods
        yield _line("periods", f"{first} to {last}")
    yield from _component_lines(summary)
    if summary.attached:
        count = f"{summary.attached:,} rows of attributes that concern no observation"
        yield _line("attached", count)


def _component_lines(summary: Summary) -> Iterator[str]:
    """Line on each dimension, measure and attribute."""
    from ilms_sdmx.messages.summary import level

    for name in summary.components.dimensions:
        codes = summary.codes.get(name, {})
        yield _line("dimension", f"{name}: {len(codes):,} codes{_sample(codes)}")
    for name in summary.components.measures:
        values = summary.values.get(name, 0)
        texts = summary.texts.get(name, 0)
        yield _line("measure", f"{name}: {values:,} values, {texts:,} of them no numbers")
    for name, attachment in summary.components.attributes.items():
        values = summary.values.get(name, 0)
        yield _line("attribute", f"{name} ({level(attachment)}): {values:,} values")


def _line(name: str, text: str) -> str:
    return f"  {name:<12}{text}"


def _sample(codes: dict[str, int]) -> str:
    """First codes of a dimension."""
    if not codes:
        return ""
    first_codes = list(codes)[:5]
    few = ", ".join(first_codes)
    more = ""
    if len(codes) > 5:
        more = ", ..."
    return f": {few}{more}"


def show_records(file: Path, *, as_json: bool, encoding: str, columns: str | None) -> None:
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
        for line in _record_lines(inspection):
            click.echo(line)


def _record_lines(inspection: Inspection) -> Iterator[str]:
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
