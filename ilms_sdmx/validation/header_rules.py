"""Header rules: what a message must say of itself before anyone can file it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ilms_sdmx.findings import Finding, Place, Severity
from ilms_sdmx.periods import parse_period
from ilms_sdmx.validation.raising import finding

if TYPE_CHECKING:
    from ilms_sdmx.messages import Header


#: Ids that tools write where nobody said who sends the message.
_NOBODY = ("unknown", "not_supplied")


def header_findings(header: Header, file: str = "") -> Iterator[Finding]:
    """Parts of a header that are missing, or are no time."""
    needed = {
        "ID": header.id,
        "Prepared": header.prepared,
        "Sender": header.sender.id,
    }
    for name, value in needed.items():
        if not value:
            yield _finding(file, name, "", "a value", f"Give the header its {name}.")
    if header.sender.id.lower() in _NOBODY:
        made = _finding(
            file,
            "Sender",
            header.sender.id,
            "the id of who sends it",
            "Give the header its Sender.",
        )
        yield replace(made, severity=Severity.WARNING)
    times = {
        "Prepared": header.prepared,
        "Extracted": header.extracted,
        "ReportingBegin": header.reporting_begin,
        "ReportingEnd": header.reporting_end,
        "EmbargoDate": header.embargo,
    }
    for name, value in times.items():
        if value and parse_period(value.strip()) is None:
            yield _finding(
                file, name, value, "a time such as 2026-11-21T10:00:00Z", f"Correct {name}."
            )


def _finding(file: str, name: str, read: str, expected: str, fix: str) -> Finding:
    said = f"{name} of the header is {read!r}." if read else f"{name} is missing in the header."
    return finding(
        "header",
        said,
        Place(file=file, cell=name),
        component=name,
        read=read,
        expected=expected,
        fix=fix,
    )
