"""Header rules: what a message must say of itself before anyone can file it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ilms_sdmx.findings import Finding, Place, find
from ilms_sdmx.periods import parse_period

if TYPE_CHECKING:
    from ilms_sdmx.messages import Header

#: Ids that tools write where nobody said who sends the message.
_NOBODY = ("unknown", "not_supplied")


def find_header_faults(header: Header) -> Iterator[Finding]:
    """Findings of parts of a header that are missing, or are no time."""
    sender = header.sender.id
    needed = {"ID": header.id, "Prepared": header.prepared, "Sender": sender}
    for name, value in needed.items():
        if not value:
            place = Place(cell=name)
            yield find("header", place, case="missing", component=name)
    if sender.lower() in _NOBODY:
        place = Place(cell="Sender")
        yield find("header", place, case="nobody", component="Sender", read=sender)
    times = _times(header)
    for name, value in times.items():
        if value and parse_period(value.strip()) is None:
            place = Place(cell=name)
            yield find("header", place, component=name, read=value)


def _times(header: Header) -> dict[str, str]:
    return {
        "Prepared": header.prepared,
        "Extracted": header.extracted,
        "ReportingBegin": header.reporting_begin,
        "ReportingEnd": header.reporting_end,
        "EmbargoDate": header.embargo,
    }
