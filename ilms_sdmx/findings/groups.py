"""Groups of findings: one cause with the sums that it breaks, one rule with its places."""

from __future__ import annotations

from dataclasses import dataclass

from ilms_sdmx.findings.model import Finding, Report, Severity


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


def grouped(report: Report) -> tuple[FindingGroup, ...]:
    """Findings by cause, and those without one by rule and severity; the gravest first.

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
        key = (str(finding.severity), finding.rule, "")
        if finding.cause:
            key = (str(finding.severity), "", finding.cause)
        together.setdefault(key, []).append(finding)
    groups = [_group(cause, findings) for (_, _, cause), findings in together.items()]
    order = list(Severity)
    groups.sort(key=lambda group: order.index(group.severity))
    return tuple(groups)


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
    return FindingGroup(findings[0].severity, rules, cause, tuple(findings))
