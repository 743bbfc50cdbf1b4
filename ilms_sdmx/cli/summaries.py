"""What `ilms-sdmx inspect` says of a message, as text and as plain values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ilms_sdmx.findings import Finding
    from ilms_sdmx.messages import Batches, Header
    from ilms_sdmx.messages.message import Note
    from ilms_sdmx.messages.summary import Summary


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
