"""Formats of a report for machines: JSON, SARIF 2.1.0 and CSV."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from urllib.parse import quote

import pandas as pd

from ilms_sdmx._files import __version__
from ilms_sdmx.findings import Finding, Place, Report, Rule
from ilms_sdmx.findings.groups import grouped
from ilms_sdmx.tables.safe_cells import spreadsheet_csv
from ilms_sdmx.validation.catalogue import RULES
from ilms_sdmx.validation.exceptions import Accepted
from ilms_sdmx.validation.result import Validation

#: Observations without an equation that JSON lists for each table; the CSV has all.
_UNTESTED = 1000
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def to_json(report: Report) -> str:
    """Write findings, counts by rule, severity, coverage and accepted findings as JSON."""
    findings = report.frame().to_dict("records")
    counts = dict(sorted(report.counts.items()))
    groups = group_records(report)
    content: dict[str, Any] = {
        "version": __version__,
        "worst": report.worst,
        "exit_code": report.exit_code,
        "counts": counts,
        "findings": findings,
        "groups": groups,
    }
    if isinstance(report, Validation):
        content["coverage"] = coverage_records(report)
        content["accepted"] = [_accepted(finding, by) for finding, by in report.accepted]
    text = json.dumps(content, ensure_ascii=False, indent=2)
    return f"{text}\n"


def group_records(report: Report) -> list[dict[str, Any]]:
    """Groups of findings: severity, rules, their shared cause, and the places."""
    records = []
    for group in grouped(report):
        severity = str(group.severity)
        record: dict[str, Any] = {"severity": severity, "cause": group.cause}
        record["rules"] = list(group.rules)
        record["count"] = len(group.findings)
        record["places"] = list(group.places)
        records.append(record)
    return records


def coverage_records(report: Validation) -> list[dict[str, Any]]:
    """Coverage of each table, with the first keys of what no equation tests."""
    records = []
    for number, row in enumerate(report.coverage.to_dict("records")):
        record = {}
        for name, value in row.items():
            record[str(name)] = value
        if number < len(report.observations):
            untested = report.untested(number).head(_UNTESTED)
            record["untested"] = untested.astype("str").to_dict("records")
        records.append(record)
    return records


def to_coverage_csv(report: Validation) -> str:
    """One row an observation, its last column how far it is tested: equation, limit, none."""
    frames = []
    for number, observations in enumerate(report.observations):
        dataflow = report.coverage["dataflow"].iloc[number]
        frames.append(observations.assign(dataflow=dataflow))
    if not frames:
        return "dataflow,tested\n"
    whole = pd.concat(frames, ignore_index=True)
    columns = []
    for name in whole.columns:
        if name not in ("dataflow", "tested"):
            columns.append(name)
    ordered = whole[["dataflow", *columns, "tested"]]
    return str(ordered.to_csv(index=False, lineterminator="\n"))


def _accepted(finding: Finding, by: Accepted) -> dict[str, Any]:
    report = Report((finding,))
    (row,) = report.frame().to_dict("records")
    columns = {}
    for column, value in row.items():
        columns[str(column)] = value
    expires = by.expires.isoformat()
    return {**columns, "reason": by.reason, "name": by.name, "expires": expires}


def to_csv(report: Report, *, for_spreadsheet: bool = False) -> str:
    """One row a finding, the columns of `Report.frame`; texts are guarded for a spreadsheet."""
    frame = report.frame()
    if for_spreadsheet:
        return spreadsheet_csv(frame)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(frame.columns)
    writer.writerows(frame.itertuples(index=False, name=None))
    return stream.getvalue()


def to_sarif(report: Report) -> str:
    """SARIF 2.1.0 log with one run; accepted findings are results with a suppression.

    What hangs under another finding is a related location of its result.

    The key of an observation is a logical location; the cell it came from is next to the name
    of the file.
    """
    results = _results(report)
    if isinstance(report, Validation):
        for finding, exception in report.accepted:
            suppressed = _suppressed(finding, exception)
            results.append(suppressed)
    rules = list(map(_rule, RULES.values()))
    driver = {"name": "ilms-sdmx", "version": __version__, "rules": rules}
    tool = {"driver": driver}
    run = {"tool": tool, "columnKind": "unicodeCodePoints", "results": results}
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    text = json.dumps(log, ensure_ascii=False, indent=2)
    return f"{text}\n"


def _rule(rule: Rule) -> dict[str, Any]:
    default_configuration = {"level": str(rule.severity)}
    short_description = {"text": rule.title}
    properties = {"group": rule.group}
    return {
        "id": rule.id,
        "shortDescription": short_description,
        "defaultConfiguration": default_configuration,
        "properties": properties,
    }


def _results(report: Report) -> list[dict[str, Any]]:
    """Results of findings, those that hang under others as their related locations."""
    results: dict[str, dict[str, Any]] = {}
    whole = []
    for finding in report:
        lead = finding.under and results.get(finding.under.name)
        if lead:
            related = lead.setdefault("relatedLocations", [])
            related.append(_related_location(finding))
            continue
        result = _result(finding)
        results[finding.name] = result
        whole.append(result)
    return whole


def _related_location(finding: Finding) -> dict[str, Any]:
    """Place of a finding that hangs under another, and what it says."""
    location = _location(finding.place)
    text = f"{finding.rule}: {_text(finding)}"
    location["message"] = {"text": text}
    return location


def _result(finding: Finding) -> dict[str, Any]:
    level = str(finding.severity)
    message = {"text": _text(finding)}
    location = _location(finding.place)
    fingerprint = f"{finding.rule} {finding.place}"
    partial_fingerprints = {"ruleAndPlace/v1": fingerprint}
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "level": level,
        "message": message,
        "locations": [location],
        "partialFingerprints": partial_fingerprints,
    }
    if finding.rule in RULES:
        rules = list(RULES)
        result["ruleIndex"] = rules.index(finding.rule)
    return result


def _text(finding: Finding) -> str:
    """What a finding says, in one paragraph."""
    sentences = [finding.message]
    if finding.read:
        sentences.append(f"Read: {finding.read}.")
    if finding.expected:
        sentences.append(f"Expected: {finding.expected}.")
    if finding.cause:
        sentences.append(f"Likely cause: {finding.cause}.")
    if finding.fix:
        sentences.append(finding.fix)
    return " ".join(sentences)


def _location(place: Place) -> dict[str, Any]:
    location: dict[str, Any] = {}
    if place.file:
        uri = quote(place.file.replace("\\", "/"))
        artifact_location = {"uri": uri}
        location["physicalLocation"] = {"artifactLocation": artifact_location}
    names = _logical_names(place)
    if names:
        location["logicalLocations"] = [{"fullyQualifiedName": name} for name in names]
    return location


def _logical_names(place: Place) -> list[str]:
    """Cell and key of a place, as far as it has them."""
    names = []
    if place.cell:
        cell = f"{place.sheet}!{place.cell}"
        names.append(cell.lstrip("!"))
    if place.dataflow or place.key:
        key = ".".join(place.key.values())
        series = f"{place.dataflow} {key}"
        names.append(series.strip())
    return names


def _suppressed(finding: Finding, by: Accepted) -> dict[str, Any]:
    last_day = by.expires.isoformat()
    justification = f"{by.reason} ({by.name}, until {last_day})"
    suppression = {"kind": "external", "justification": justification}
    result = _result(finding)
    return {**result, "suppressions": [suppression]}
