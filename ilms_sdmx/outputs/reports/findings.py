"""Findings of a report as rows of a page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ilms_sdmx.findings import Finding, Report, Severity, rules
from ilms_sdmx.findings.groups import FindingGroup, grouped
from ilms_sdmx.outputs.reports.grids import Cell, Column, Grid
from ilms_sdmx.outputs.reports.keys import key_in_words, with_names

if TYPE_CHECKING:
    from ilms_sdmx.outputs.reports.catalogues import Catalogue

#: Findings that a page shows; all of them are in the JSON.
LIMIT = 2000
#: Groups that a page shows, and places of each.
_GROUPS, _PLACES = 200, 50
#: Columns of the table of rules, each with the key of its heading in the catalogue.
_RULE_HEADINGS = {
    "title": "rules.holds",
    "rule": "findings.rule",
    "severity": "findings.severity",
    "count": "rules.number",
}


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding as the page shows it.

    Parameters
    ----------
    key
        Key of its place in words.
    anchor
        Id of its cell on the page.
    """

    id: str
    severity: str
    rule: str
    place: str
    message: str
    details: tuple[tuple[str, str], ...]
    fix: str
    anchor: str = ""
    key: str = ""


def rows(
    report: Report, words: Catalogue, anchor: Callable[[Finding], str] | None = None
) -> list[FindingRow]:
    """Rows of findings by severity, gravest first, then in the order they were made."""
    grave_first = list(Severity)
    numbered = list(enumerate(report.findings, 1))
    numbered.sort(key=lambda pair: grave_first.index(pair[1].severity))
    shown = []
    for number, finding in numbered[:LIMIT]:
        id_of_cell = ""
        if anchor:
            id_of_cell = anchor(finding)
        shown.append(_row(number, finding, words, id_of_cell))
    return shown


def _row(number: int, finding: Finding, words: Catalogue, anchor: str) -> FindingRow:
    """Row of a finding; what it does not say is left out."""
    names = partial(
        with_names,
        dataflow=finding.place.dataflow,
        key=finding.place.key,
        language=words.language,
    )
    values = {"component": finding.component, "read": finding.read}
    values["expected"] = names(finding.expected)
    values["candidates"] = _nearest(finding)
    values["cause"] = names(finding.cause)
    values["affects"] = names(finding.affects)
    values["under"] = _lead(finding, words.language)
    details = []
    for name, value in values.items():
        if value:
            heading = words.text(f"findings.{name}")
            details.append((heading, value))
    id = f"finding-{number}"
    severity = str(finding.severity)
    place = str(finding.place)
    message = names(finding.message)
    facts = tuple(details)
    key = key_in_words(finding.place.dataflow, finding.place.key, words.language)
    fix = names(finding.fix)
    return FindingRow(id, severity, finding.rule, place, message, facts, fix, anchor, key)


def _lead(finding: Finding, language: str) -> str:
    """Rule and place of the finding under which another hangs; empty for most."""
    lead = finding.under
    if lead is None:
        return ""
    place = key_in_words(lead.place.dataflow, lead.place.key, language) or str(lead.place)
    return f"{lead.rule}, {place}"


def groups(report: Report, words: Catalogue) -> list[dict[str, object]]:
    """Groups of findings by cause or rule: what they are, how many, and where."""
    titles = {rule.id: words.rule(rule).title for rule in rules().values()}
    shown: list[dict[str, object]] = []
    for group in grouped(report)[:_GROUPS]:
        names = [(rule, titles.get(rule, "")) for rule in group.rules]
        more = len(group.places) - _PLACES
        first = group.findings[0].place
        cause = with_names(group.cause, first.dataflow, first.key, words.language)
        entry: dict[str, object] = {"severity": str(group.severity), "cause": cause}
        entry["rules"] = names
        entry["count"] = words.number(len(group.findings))
        entry["places"] = _places(group, words.language)
        entry["more"] = words.number(more) if more > 0 else ""
        shown.append(entry)
    return shown


def _places(group: FindingGroup, language: str) -> list[tuple[str, str]]:
    """Places of a group, each once: in words where it has a key, and as it is."""
    places: dict[str, str] = {}
    for finding in group.findings:
        place = finding.place
        places.setdefault(str(place), key_in_words(place.dataflow, place.key, language))
    return [(in_words, codes) for codes, in_words in places.items()][:_PLACES]


def meanings(report: Report, words: Catalogue) -> list[dict[str, str]]:
    """Rules of the findings of a report: title, what it means, and what to do."""
    known = rules()
    entries = []
    for id in sorted(report.counts):
        if id in known:
            rule = words.rule(known[id])
            entry = {"id": id, "title": rule.title, "means": _plain(rule.means)}
            entry["remedy"] = _plain(rule.remedy)
            entries.append(entry)
    return entries


def _plain(text: str) -> str:
    """Text of the catalogue without the marks of links and code."""
    without_links = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text)
    return without_links.replace("`", "").strip()


def _nearest(finding: Finding) -> str:
    """Candidates of a finding on one line."""
    texts: list[str] = []
    for candidate in finding.candidates:
        texts.append(f"{candidate.code} “{candidate.label}” {candidate.score:.0f}")
    return ", ".join(texts)


def rule_grid(report: Report, words: Catalogue) -> Grid:
    """Table of the number of findings by rule and severity, most frequent first."""
    counts = Counter((finding.rule, finding.severity) for finding in report.findings)
    columns: list[Column] = []
    for name, key in _RULE_HEADINGS.items():
        heading = words.text(key)
        columns.append(Column(name, heading, number=name == "count"))
    by_rule = sorted(counts)
    by_rule.sort(key=counts.__getitem__, reverse=True)
    known = rules()
    cells = []
    for rule, severity in by_rule:
        count = counts[rule, severity]
        label = words.text(f"severity.{severity}")
        number = Cell(words.number(count), str(count))
        title = words.rule(known[rule]).title if rule in known else ""
        address = f"#rule-{rule}" if rule in known else ""
        row = [Cell(title), Cell(rule, address=address)]
        row += [Cell(label, badge=severity), number]
        cells.append(row)
    caption = words.text("rules.caption")
    is_long = len(cells) > 1
    return Grid("rules-table", caption, columns, cells, interactive=is_long)


def tiles(report: Report, words: Catalogue) -> list[dict[str, str]]:
    """Tiles of a summary: the number of findings of each severity."""
    kinds = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: ""}
    tiles = []
    for severity, kind in kinds.items():
        number = len(report.of_severity(severity))
        tile = {"value": words.number(number)}
        tile["label"] = words.text(f"severity.{severity}")
        tile["kind"] = "good"
        if number:
            tile["kind"] = kind
        tiles.append(tile)
    return tiles
