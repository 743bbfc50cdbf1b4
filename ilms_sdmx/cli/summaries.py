"""What `ilms-sdmx inspect` says of a message, as text and as plain values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ilms_sdmx.messages import Batches, Header
    from ilms_sdmx.messages.summary import Summary


def tree(batches: Batches, found: list[Summary]) -> dict[str, Any]:
    """Everything as plain values, ready for JSON."""
    return {
        "format": batches.format,
        "header": _header(batches.header),
        "data sets": [each.as_dict() for each in found],
        "footer": [
            {"code": n.code, "severity": n.severity, "texts": dict(n.texts)}
            for n in batches.footer
        ],
        "findings": [
            {"rule": f.rule, "severity": str(f.severity), "message": f.message}
            for f in batches.report
        ],
    }


def _header(header: Header) -> dict[str, Any]:
    """Parts of a header that say something."""
    parts = {
        "id": header.id,
        "prepared": header.prepared,
        "test": header.test,
        "sender": header.sender.id,
        "receivers": [r.id for r in header.receivers],
        "names": dict(header.names),
        "structures": [
            f"{s.kind} {s.target} by {s.dimension_at_observation}" for s in header.structures
        ],
        "extracted": header.extracted,
        "reporting begin": header.reporting_begin,
        "reporting end": header.reporting_end,
        "embargo": header.embargo,
    }
    return {name: value for name, value in parts.items() if value}


def show(batches: Batches, found: list[Summary]) -> None:
    """Print everything for a person."""
    click.echo(f"Format        {batches.format}")
    for name, value in _header(batches.header).items():
        shown = ", ".join(map(str, value)) if isinstance(value, list) else value
        if isinstance(value, dict):
            shown = ", ".join(f"{text} ({language})" for language, text in value.items())
        click.echo(f"{name.capitalize():<14}{shown}")
    for each in found:
        click.echo()
        for line in _lines(each):
            click.echo(line)
    for note in batches.footer:
        click.echo(
            f"\nFooter {note.severity} {note.code}: {'; '.join(text for _, text in note.texts)}"
        )
    for finding in batches.report:
        click.echo(f"\n{finding}")


def _lines(each: Summary) -> Iterator[str]:
    """Lines on one data set."""
    yield f"Data set {each.number + 1}"
    for name in ("dataflow", "structure", "provision", "action"):
        if text := getattr(each, name):
            yield f"  {name:<12}{text}"
    yield f"  {'holds':<12}{each.observations:,} observations in {each.series:,} series"
    if each.periods:
        yield f"  {'periods':<12}{each.periods[0]} to {each.periods[1]}"
    for name in each.components.dimensions:
        codes = each.codes.get(name, {})
        yield f"  {'dimension':<12}{name}: {len(codes):,} codes{_sample(codes)}"
    for name in each.components.measures:
        values, texts = each.values.get(name, 0), each.texts.get(name, 0)
        yield f"  {'measure':<12}{name}: {values:,} values, {texts:,} of them no numbers"
    from ilms_sdmx.messages.summary import level

    for name, attachment in each.components.attributes.items():
        yield f"  {'attribute':<12}{name} ({level(attachment)}): {each.values.get(name, 0):,} values"
    if each.attached:
        yield f"  {'beside':<12}{each.attached:,} rows of attributes that concern no observation"


def _sample(codes: dict[str, int]) -> str:
    """First codes of a dimension."""
    few = ", ".join(list(codes)[:5])
    return f": {few}{', ...' if len(codes) > 5 else ''}" if codes else ""
