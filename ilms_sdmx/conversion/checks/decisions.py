"""What a draft left to a person and nobody has decided yet."""

from __future__ import annotations

from ilms_sdmx.findings import Finding, Place, Severity
from ilms_sdmx.mapping.document import MappingDocument


def undecided(document: MappingDocument) -> list[Finding]:
    """Say once that lines of a mapping file are proposals: the figures rest on what nobody has confirmed."""
    lines = document.undecided
    if not lines:
        return []
    plural = "s" if len(lines) > 1 else ""
    return [
        Finding(
            "undecided",
            Severity.NOTE,
            f"The mapping still leaves {len(lines)} line{plural} to a person.",
            place=Place(document.name),
            read=f"decide: in line{plural} {', '.join(map(str, lines))}",
            expected="lines that a person has corrected or confirmed",
            fix="correct or confirm each of them, and take  # decide: ...  away",
        )
    ]
