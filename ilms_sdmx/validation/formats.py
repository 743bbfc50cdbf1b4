"""Formats of a report for machines: JSON, SARIF 2.1.0 and CSV."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from urllib.parse import quote

from ilms_sdmx._version import __version__
from ilms_sdmx.findings import Finding, Report, Severity
from ilms_sdmx.validation.catalogue import RULES
from ilms_sdmx.validation.exceptions import Accepted
from ilms_sdmx.validation.result import Validation

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


def to_json(report: Report) -> str:
    """Write findings, counts by rule, worst severity, coverage and accepted findings as one JSON object."""
    content: dict[str, Any] = {
        "version": __version__,
        "worst": report.worst,
        "exit_code": report.exit_code,
        "counts": dict(sorted(report.counts.items())),
        "findings": report.frame().to_dict("records"),
    }
    if isinstance(report, Validation):
        content["coverage"] = report.coverage.to_dict("records")
        content["accepted"] = [_accepted(found, by) for found, by in report.accepted]
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _accepted(found: Finding, by: Accepted) -> dict[str, Any]:
    row = Report((found,)).frame().to_dict("records")[0]
    named = {str(column): value for column, value in row.items()}
    return {**named, "reason": by.reason, "name": by.name, "expires": by.expires.isoformat()}


def to_csv(report: Report) -> str:
    """One row a finding, the columns of `Report.frame`."""
    frame = report.frame()
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(frame.columns)
    writer.writerows(frame.itertuples(index=False, name=None))
    return out.getvalue()


def to_sarif(report: Report) -> str:
    """SARIF 2.1.0 log with one run; accepted findings are results with a suppression.

    The key of an observation is a logical location; the cell it came from stands beside the file's name.
    """
    ids = list(RULES)
    results = [_result(found, ids) for found in report]
    if isinstance(report, Validation):
        results += [_suppressed(found, by, ids) for found, by in report.accepted]
    driver = {
        "name": "ilms-sdmx",
        "version": __version__,
        "rules": [
            {
                "id": rule.id,
                "shortDescription": {"text": rule.title},
                "defaultConfiguration": {"level": _LEVELS[rule.severity]},
                "properties": {"group": rule.group},
            }
            for rule in RULES.values()
        ],
    }
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _result(found: Finding, ids: list[str]) -> dict[str, Any]:
    parts = [found.message]
    parts += [
        f"Read: {found.read}." if found.read else "",
        f"Expected: {found.expected}." if found.expected else "",
    ]
    parts += [f"Likely cause: {found.cause}." if found.cause else "", found.fix]
    result: dict[str, Any] = {
        "ruleId": found.rule,
        "level": _LEVELS[found.severity],
        "message": {"text": " ".join(part for part in parts if part)},
        "locations": [_location(found)],
        "partialFingerprints": {"ruleAndPlace/v1": f"{found.rule} {found.place}"},
    }
    if found.rule in ids:
        result["ruleIndex"] = ids.index(found.rule)
    return result


def _location(found: Finding) -> dict[str, Any]:
    place = found.place
    location: dict[str, Any] = {}
    if place.file:
        location["physicalLocation"] = {
            "artifactLocation": {"uri": quote(place.file.replace("\\", "/"))}
        }
    names = [f"{place.sheet}!{place.cell}".lstrip("!")] if place.cell else []
    names += (
        [f"{place.dataflow} {'.'.join(place.key.values())}".strip()]
        if place.dataflow or place.key
        else []
    )
    if names:
        location["logicalLocations"] = [{"fullyQualifiedName": name} for name in names]
    return location


def _suppressed(found: Finding, by: Accepted, ids: list[str]) -> dict[str, Any]:
    why = f"{by.reason} ({by.name}, until {by.expires.isoformat()})"
    return {**_result(found, ids), "suppressions": [{"kind": "external", "justification": why}]}
