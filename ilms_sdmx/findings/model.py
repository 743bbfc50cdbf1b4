"""What is wrong or worth knowing in data, each with its place, what was read and how to fix it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


class Severity(StrEnum):
    """How much a finding matters: an error prevents transmission, a warning does not, a note informs."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


#: Value of a field of a text.
FieldValue = str | int | float
_EXIT = {Severity.ERROR: 2, Severity.WARNING: 1, Severity.NOTE: 0}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A code that might have been meant: offered to a person, never applied."""

    code: str
    label: str
    score: float

    def __str__(self) -> str:
        return (
            f'{self.code} "{self.label}" {self.score:.0f}'
            if self.label
            else f"{self.code} {self.score:.0f}"
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding stands: a cell of a source file, a key of a dataflow, or both."""

    file: str = ""
    sheet: str = ""
    cell: str = ""
    dataflow: str = ""
    key: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        """`file > 'sheet' > cell`, then `dataflow key`; parts that are unknown are left out."""
        source = " > ".join(
            p for p in (self.file, f"'{self.sheet}'" if self.sheet else "", self.cell) if p
        )
        series = " ".join(p for p in (self.dataflow, ".".join(self.key.values())) if p)
        return " | ".join(p for p in (source, series) if p)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong or worth knowing.

    Parameters
    ----------
    rule
        Stable kebab-case id, documented in `docs/reference/rules/`: `unknown-label`, `sex-sum`, ...
    message
        One sentence in plain words: what was found.
    read, expected
        What stood there, and what should have.
    fix
        The very line or step that fixes it, empty where only a person can tell.
    affects
        What was not written or not checked because of it.
    case, fields
        Case of the rule and values of the fields of its text in the catalogue, so that it can be said
        in another language.
    """

    rule: str
    severity: Severity
    message: str
    place: Place = Place()
    component: str = ""
    read: str = ""
    expected: str = ""
    candidates: tuple[Candidate, ...] = ()
    cause: str = ""
    fix: str = ""
    affects: str = ""
    case: str = ""
    fields: Mapping[str, FieldValue] = field(default_factory=dict, hash=False, repr=False)

    @property
    def mend(self) -> str:
        """Old name of `fix`, for one release."""
        return self.fix

    def at(self, **place: Any) -> Finding:
        """Copy of the finding with parts of its place replaced."""
        return replace(self, place=replace(self.place, **place))

    def __str__(self) -> str:
        """Paragraph of the finding as the terminal shows it."""
        near = "; nearest: " + ", ".join(map(str, self.candidates))
        lines = [
            f"{self.severity} {self.rule}  {self.place}".rstrip(),
            f"  {self.message}",
            f"  read      {self.read}" if self.read else "",
            f"  expected  {self.expected}{near if self.candidates else ''}"
            if self.expected
            else "",
            f"  cause     {self.cause}" if self.cause else "",
            f"  fix       {self.fix}" if self.fix else "",
            f"  affects   {self.affects}" if self.affects else "",
        ]
        return "\n".join(line for line in lines if line)


@dataclass(frozen=True)
class Report:
    """Findings of one run, in the order they were made; reports add up with `+`."""

    findings: tuple[Finding, ...] = ()

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> Report:
        """Report of any iterable of findings."""
        return cls(tuple(findings))

    def __add__(self, other: Report) -> Report:
        return Report(self.findings + other.findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def __repr__(self) -> str:
        counted = Counter(str(f.severity) for f in self.findings)
        said = ", ".join(f"{counted[s]} {s}" for s in map(str, Severity) if counted[s])
        return f"<{type(self).__name__}: {said or 'no findings'}>"

    def at(self, **place: Any) -> Report:
        """Report whose findings have these parts of a place, wherever they have none of their own.

        Examples
        --------
        >>> report = Report((Finding("facet", Severity.ERROR, "Too long.", Place(cell="B7")),))
        >>> print(report.at(file="table.xlsx").findings[0].place)
        table.xlsx > B7
        """
        return Report(tuple(_filled(finding, place) for finding in self.findings))

    def as_notes(self) -> Report:
        """Report whose findings only inform, as those of data that somebody else publishes."""
        return Report(tuple(replace(f, severity=Severity.NOTE) for f in self.findings))

    def without_errors(self) -> Report:
        """Report whose errors are warnings, as where the figures are kept all the same."""
        return Report(tuple(_warning(finding) for finding in self.findings))

    @property
    def errors(self) -> Report:
        """Only the findings that prevent transmission."""
        return self.of_severity(Severity.ERROR)

    def without_notes(self) -> Report:
        """Only the errors and the warnings."""
        return Report(tuple(f for f in self.findings if f.severity is not Severity.NOTE))

    def of_severity(self, severity: Severity) -> Report:
        """Only the findings of one severity."""
        return Report(tuple(f for f in self.findings if f.severity == severity))

    def of_rule(self, rule: str) -> Report:
        """Only the findings of one rule."""
        return Report(tuple(f for f in self.findings if f.rule == rule))

    @property
    def counts(self) -> Counter[str]:
        """Number of findings by rule."""
        return Counter(f.rule for f in self.findings)

    @property
    def worst(self) -> Severity | None:
        """Gravest severity present; None when there is no finding."""
        present = {f.severity for f in self.findings}
        return next((s for s in Severity if s in present), None)

    @property
    def exit_code(self) -> int:
        """0 clean or notes only, 1 warnings, 2 errors."""
        return _EXIT[self.worst] if self.worst else 0

    def frame(self) -> pd.DataFrame:
        """One row a finding: rule, severity, place, what was read, expected, and how to fix it.

        The last column, `mend`, repeats `fix` under its old name for one release.
        """
        import pandas as pd

        columns = [
            "rule",
            "severity",
            "message",
            "file",
            "sheet",
            "cell",
            "dataflow",
            "key",
            "component",
        ]
        columns += ["read", "expected", "candidates", "cause", "fix", "affects", "mend"]
        return pd.DataFrame([_row(f) for f in self.findings], columns=columns)


def _filled(finding: Finding, place: dict[str, Any]) -> Finding:
    missing = {part: value for part, value in place.items() if not getattr(finding.place, part)}
    return finding.at(**missing) if missing else finding


def _warning(finding: Finding) -> Finding:
    if finding.severity is not Severity.ERROR:
        return finding
    return replace(finding, severity=Severity.WARNING)


def _row(finding: Finding) -> list[str]:
    place = finding.place
    near = "; ".join(f"{c.code} {c.label} {c.score:.0f}" for c in finding.candidates)
    return [
        finding.rule,
        str(finding.severity),
        finding.message,
        place.file,
        place.sheet,
        place.cell,
        place.dataflow,
        ".".join(place.key.values()),
        finding.component,
        finding.read,
        finding.expected,
        near,
        finding.cause,
        finding.fix,
        finding.affects,
        finding.fix,
    ]
