"""Groups of findings: one cause with the sums that it breaks, one rule with its places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from ilms_sdmx.findings.display import ENGLISH_LABELS, labelled
from ilms_sdmx.findings.model import Finding, Report, Severity

#: Findings that the text of a group lists one by one.
_LISTED = 8
_GRAVEST_FIRST = list(Severity)


@dataclass(frozen=True)
class FindingGroup:
    """Findings that a person looks at together.

    Parameters
    ----------
    severity
        The gravest of them.
    rules
        Ids of their rules, each once.
    cause
        The cause that all of them have, empty where they share a rule alone.
    findings
        The findings, in the order of the report.
    """

    severity: Severity
    rules: tuple[str, ...]
    cause: str
    findings: tuple[Finding, ...]

    @property
    def places(self) -> tuple[str, ...]:
        """Places of the findings, each once."""
        return tuple(dict.fromkeys(str(finding.place) for finding in self.findings))

    def __str__(self) -> str:
        """Paragraph of the group as the terminal shows it: its cause, then where it shows."""
        return self.paragraph()

    def paragraph(self, labels: Mapping[str, str] = ENGLISH_LABELS) -> str:
        """Paragraph of the group, with `error`, `cause`, `fix`, ... as `labels` says them."""
        if len(self.findings) == 1:
            return self.findings[0].paragraph(labels)
        rules = ", ".join(self.rules)
        severity = labels.get(self.severity, self.severity)
        number = _counted("{count} findings", len(self.findings), labels)
        lines = [f"{severity} {rules}  {number}"]
        if self.cause:
            lines.append(labelled("cause", self.cause, labels))
        lines += self._listed(labels)
        fixes = {finding.fix for finding in self.findings}
        fix = fixes.pop()
        if fix and not fixes:
            lines.append(labelled("fix", fix, labels))
        return "\n".join(lines)

    def _listed(self, labels: Mapping[str, str]) -> Iterator[str]:
        """Lines of the first findings, and how many more there are."""
        for finding in self.findings[:_LISTED]:
            yield f"  - {finding.place}"
            yield f"    {finding.message}{_numbers(finding, labels)}"
        more = len(self.findings) - _LISTED
        if more > 0:
            text = _counted("and {count} more", more, labels)
            yield f"  - {text}"


def grouped(report: Report) -> tuple[FindingGroup, ...]:
    """Findings by cause, and those without one by rule and severity; the gravest first.

    One cause is one group, whatever rules it breaks and however grave each of them is.

    Examples
    --------
    >>> from ilms_sdmx.findings import Report, find
    >>> from ilms_sdmx.findings.groups import grouped
    >>> report = Report((find("negative-value", read="-1"), find("negative-value", read="-9")))
    >>> [(group.rules, len(group.findings)) for group in grouped(report)]
    [(('negative-value',), 2)]
    """
    together: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in report:
        cause = finding.lead.cause
        key = (str(finding.severity), finding.rule, "")
        if cause:
            key = ("", "", cause)
        together.setdefault(key, []).append(finding)
    groups = [_group(cause, findings) for (_, _, cause), findings in together.items()]
    groups.sort(key=lambda group: _GRAVEST_FIRST.index(group.severity))
    return tuple(groups)


def hung(findings: Iterable[Finding]) -> list[Finding]:
    """Findings of one cause: the gravest first, which says it, and the others hanging under it.

    Which one is first does not depend on their order.

    Examples
    --------
    >>> from ilms_sdmx.findings import Place, find
    >>> from ilms_sdmx.findings.groups import hung
    >>> places = [Place(cell="C7"), Place(cell="B2")]
    >>> ways = [find("negative-value", place, read="-1", cause="Turned.") for place in places]
    >>> [(finding.place.cell, finding.cause) for finding in hung(ways)]
    [('B2', 'Turned.'), ('C7', '')]
    """
    first, *others = sorted(findings, key=_in_order)
    return [first, *(replace(other, cause="", under=first) for other in others)]


def _in_order(finding: Finding) -> tuple[int, str, str]:
    return _GRAVEST_FIRST.index(finding.severity), finding.rule, str(finding.place)


def alike(report: Report) -> tuple[FindingGroup, ...]:
    """Findings of one rule and case, which one step often fixes; the gravest first.

    Examples
    --------
    >>> from ilms_sdmx.findings import Place, Report, find
    >>> from ilms_sdmx.findings.groups import alike
    >>> places = [Place(cell="B2"), Place(cell="C7")]
    >>> report = Report.of([find("negative-value", place, read="-1") for place in places])
    >>> [group.places for group in alike(report)]
    [('B2', 'C7')]
    """
    together: dict[tuple[str, str, str], list[Finding]] = {}
    for severity in Severity:
        for finding in report.of_severity(severity):
            key = (str(severity), finding.rule, finding.case)
            together.setdefault(key, []).append(finding)
    return tuple(_group("", findings) for findings in together.values())


def _group(cause: str, findings: list[Finding]) -> FindingGroup:
    rules = tuple(dict.fromkeys(finding.rule for finding in findings))
    severities = {finding.severity for finding in findings}
    gravest = min(severities, key=_GRAVEST_FIRST.index)
    return FindingGroup(gravest, rules, cause, tuple(findings))


def _numbers(finding: Finding, labels: Mapping[str, str]) -> str:
    """What was read and what was expected, in brackets."""
    parts = []
    if finding.read:
        label = labels.get("read", "read")
        parts.append(f"{label} {finding.read}")
    if finding.expected:
        label = labels.get("expected", "expected")
        parts.append(f"{label} {finding.expected}")
    return f" ({', '.join(parts)})" if parts else ""


def _counted(text: str, count: int, labels: Mapping[str, str]) -> str:
    """Text of a number of things, in the words of the labels."""
    template = labels.get(text, text)
    return template.format(count=f"{count:,}")
