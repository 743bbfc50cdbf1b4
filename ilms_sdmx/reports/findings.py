"""Findings of a report as rows of a page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ilms_sdmx.findings import Finding, Report, Severity
from ilms_sdmx.reports.grids import Cell, Column, Grid

if TYPE_CHECKING:
    from ilms_sdmx.reports.catalogues import Catalogue

#: Findings that a page shows; all of them are in the JSON.
LIMIT = 2000


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding as the page shows it; `anchor` is the id of the cell it stands at."""

    id: str
    severity: str
    rule: str
    place: str
    message: str
    details: tuple[tuple[str, str], ...]
    fix: str
    anchor: str = ""


def rows(
    report: Report, words: Catalogue, anchor: Callable[[Finding], str] | None = None
) -> list[FindingRow]:
    """Rows of findings by severity, gravest first, then in the order they were made."""
    rank = {severity: number for number, severity in enumerate(Severity)}
    numbered = sorted(enumerate(report.findings, 1), key=lambda pair: rank[pair[1].severity])
    return [_row(n, f, words, anchor(f) if anchor else "") for n, f in numbered[:LIMIT]]


def _row(number: int, finding: Finding, words: Catalogue, anchor: str) -> FindingRow:
    near = ", ".join(f"{c.code} “{c.label}” {c.score:.0f}" for c in finding.candidates)
    named = {
        "component": finding.component,
        "read": finding.read,
        "expected": finding.expected,
        "candidates": near,
        "cause": finding.cause,
        "affects": finding.affects,
    }
    details = tuple(
        (words.text(f"findings.{name}"), value) for name, value in named.items() if value
    )
    return FindingRow(
        f"finding-{number}",
        str(finding.severity),
        finding.rule,
        str(finding.place),
        finding.message,
        details,
        finding.fix,
        anchor,
    )


def rule_grid(report: Report, words: Catalogue) -> Grid:
    """Table of the number of findings by rule and severity, most frequent first."""
    counts: dict[tuple[str, str], int] = {}
    for finding in report.findings:
        counts[finding.rule, finding.severity] = (
            counts.get((finding.rule, finding.severity), 0) + 1
        )
    columns = [
        Column("rule", words.text("findings.rule")),
        Column("severity", words.text("findings.severity")),
        Column("count", words.text("rules.number"), number=True),
    ]
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    cells = [
        [
            Cell(rule),
            Cell(words.text(f"severity.{severity}"), badge=severity),
            Cell(words.number(n), str(n)),
        ]
        for (rule, severity), n in ordered
    ]
    return Grid("rules-table", words.text("rules.caption"), columns, cells, len(cells) > 1)


def tiles(report: Report, words: Catalogue) -> list[dict[str, str]]:
    """Tiles of a summary: the number of findings of each severity."""
    numbers = {severity: len(report.of_severity(severity)) for severity in Severity}
    kinds = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: ""}
    return [
        {
            "value": words.number(n),
            "label": words.text(f"severity.{severity}"),
            "kind": kinds[severity] if n else "good",
        }
        for severity, n in numbers.items()
    ]
