"""What is wrong or worth knowing in data: place, what was read, how to fix it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ilms_sdmx.findings.display import ENGLISH_LABELS, counted, labelled, page

if TYPE_CHECKING:
    import pandas as pd


class Severity(StrEnum):
    """How much a finding matters.

    An error prevents transmission, a warning does not, a note informs.
    """

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


#: Findings that a notebook shows.
_SHOWN = 50
_SHOWN_COLUMNS = ["severity", "rule", "message", "cell", "key", "fix"]
#: Value of a field of a text.
FieldValue = str | int | float
#: Columns of a frame of findings.
_COLUMNS = [
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
_COLUMNS += ["read", "expected", "candidates", "cause", "fix", "affects", "under", "mend"]
_EXIT = {Severity.ERROR: 2, Severity.WARNING: 1, Severity.NOTE: 0}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A code that might have been meant: offered to a person, never applied.

    Parameters
    ----------
    code, label
        The code, and its label where it has one.
    score
        Likeness, from 0 to 100.
    """

    code: str
    label: str
    score: float

    def __str__(self) -> str:
        score = f"{self.score:.0f}"
        if self.label:
            return f'{self.code} "{self.label}" {score}'
        return f"{self.code} {score}"


@dataclass(frozen=True, slots=True)
class Place:
    """Place of a finding: a cell of a source file, a key of a dataflow, or both.

    Parameters
    ----------
    file, sheet, cell
        Name of the file, of its sheet, and address of the cell; empty where unknown.
    dataflow
        Dataflow of the data set; empty where there is none.
    key
        Code of each dimension.
    """

    file: str = ""
    sheet: str = ""
    cell: str = ""
    dataflow: str = ""
    key: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        """`file > 'sheet' > cell`, then `dataflow key`; parts that are unknown are left out."""
        sheet = f"'{self.sheet}'" if self.sheet else ""
        codes = self.key.values()
        key = ".".join(codes)
        source = _joined(" > ", self.file, sheet, self.cell)
        series = _joined(" ", self.dataflow, key)
        return _joined(" | ", source, series)


def _joined(separator: str, *parts: str) -> str:
    known_parts = filter(None, parts)
    return separator.join(known_parts)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong or worth knowing.

    Parameters
    ----------
    rule
        Stable kebab-case id, documented in `docs/reference/rules/`: `unknown-label`, `sex-sum`,
        ...
    message
        One sentence in plain words: what was found.
    severity
        As the catalogue says it of the rule or its case.
    place
        Where it was found.
    component
        Component of the structure that it is about, empty for none.
    read, expected
        What was there, and what should have been.
    candidates
        Codes that might have been meant, the nearest first.
    cause
        What most likely led to it, empty where nobody can say.
    fix
        The very line or step that fixes it, empty where only a person can tell.
    affects
        What was not written or not checked because of it.
    case, fields
        Case of the rule and values of the fields of its text in the catalogue, so that it can
        be said in another language.
    under
        The finding whose cause explains this one as well, None for most: a cause is said once,
        and what else it breaks hangs under it.
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
    under: Finding | None = field(default=None, repr=False)

    @property
    def mend(self) -> str:
        """Old name of `fix`, for one release."""
        return self.fix

    def at(self, **place: Any) -> Finding:
        """Copy of the finding with parts of its place replaced."""
        full_place = replace(self.place, **place)
        under = self.under and self.under.at(**place)
        return replace(self, place=full_place, under=under)

    @property
    def name(self) -> str:
        """Rule and place on one line, by which another finding says under which it hangs."""
        return f"{self.rule} {self.place}"

    @property
    def lead(self) -> Finding:
        """The finding that says the cause of this one: itself, or that under which it hangs."""
        return self.under or self

    def __str__(self) -> str:
        """Paragraph of the finding as the terminal shows it."""
        return self.paragraph()

    def paragraph(self, labels: Mapping[str, str] = ENGLISH_LABELS) -> str:
        """Paragraph of the finding, with `error`, `read`, `fix`, ... as `labels` says them.

        Examples
        --------
        >>> finding = Finding("negative-value", Severity.ERROR, "Negativo.", read="-1")
        >>> print(finding.paragraph({"error": "error", "read": "leído"}))
        error negative-value
          Negativo.
          leído     -1
        """
        severity = labels.get(self.severity, self.severity)
        head = f"{severity} {self.rule}  {self.place}"
        lines = [head.rstrip(), f"  {self.message}"]
        details = {
            "read": self.read,
            "expected": self._expected(labels),
            "cause": self.cause,
            "fix": self.fix,
            "affects": self.affects,
            "under": self.under.name if self.under else "",
        }
        for name, text in details.items():
            if text:
                lines.append(labelled(name, text, labels))
        return "\n".join(lines)

    def _expected(self, labels: Mapping[str, str]) -> str:
        """What was expected, with the candidates."""
        if not self.expected or not self.candidates:
            return self.expected
        candidates = map(str, self.candidates)
        nearest = ", ".join(candidates)
        label = labels.get("nearest", "nearest")
        return f"{self.expected}; {label}: {nearest}"


@dataclass(frozen=True)
class Report:
    """Findings of one run, in the order they were made; reports add up with `+`.

    Parameters
    ----------
    findings
        The findings.
    """

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
        severities = [finding.severity for finding in self.findings]
        numbers = Counter(severities)
        texts = []
        for severity in Severity:
            number = numbers[severity]
            if number:
                texts.append(counted(number, severity))
        listed = ", ".join(texts) or "no findings"
        return f"<{type(self).__name__}: {listed}>"

    def _repr_html_(self) -> str:
        """Table of the findings, for notebooks."""
        first = self.findings[:_SHOWN]
        frame = Report(first).frame()
        rows = frame[_SHOWN_COLUMNS]
        number = len(self)
        title = repr(self)
        return page(title.strip("<>"), rows, number)

    def at(self, **place: Any) -> Report:
        """Report whose findings have these parts of a place where they had none.

        Examples
        --------
        >>> report = Report((Finding("facet", Severity.ERROR, "Too long.", Place(cell="B7")),))
        >>> print(report.at(file="table.xlsx").findings[0].place)
        table.xlsx > B7
        """
        findings = [_filled(finding, place) for finding in self.findings]
        return Report.of(findings)

    def as_notes(self) -> Report:
        """Report whose findings only inform, as those of data that somebody else publishes."""
        notes = [replace(finding, severity=Severity.NOTE) for finding in self]
        return Report.of(notes)

    def without_errors(self) -> Report:
        """Report whose errors are warnings, as where the figures are kept all the same."""
        findings = map(_warning, self.findings)
        return Report.of(findings)

    @property
    def errors(self) -> Report:
        """Only the findings that prevent transmission."""
        return self.of_severity(Severity.ERROR)

    def without_notes(self) -> Report:
        """Only the errors and the warnings."""
        return self.of_severity(Severity.ERROR, Severity.WARNING)

    def of_severity(self, *severities: Severity) -> Report:
        """Only the findings of these severities."""
        findings = []
        for finding in self:
            if finding.severity in severities:
                findings.append(finding)
        return Report.of(findings)

    def of_rule(self, rule: str) -> Report:
        """Only the findings of one rule."""
        findings = []
        for finding in self:
            if finding.rule == rule:
                findings.append(finding)
        return Report.of(findings)

    @property
    def counts(self) -> Counter[str]:
        """Number of findings by rule."""
        rules = [finding.rule for finding in self.findings]
        return Counter(rules)

    @property
    def worst(self) -> Severity | None:
        """Gravest severity present; None when there is no finding."""
        present = {finding.severity for finding in self.findings}
        for severity in Severity:
            if severity in present:
                return severity
        return None

    @property
    def exit_code(self) -> int:
        """0 clean or notes only, 1 warnings, 2 errors."""
        worst = self.worst
        return _EXIT[worst] if worst else 0

    def frame(self) -> pd.DataFrame:
        """One row a finding: rule, severity, place, what was read, expected, and how to fix it.

        The last column, `mend`, repeats `fix` under its old name for one release.
        """
        import pandas as pd

        rows = list(map(_row, self.findings))
        return pd.DataFrame(rows, columns=_COLUMNS)


def _filled(finding: Finding, place: dict[str, Any]) -> Finding:
    """Finding with the parts of a place that it lacks."""
    missing = {}
    for part, value in place.items():
        if not getattr(finding.place, part):
            missing[part] = value
    if not missing:
        return finding
    return finding.at(**missing)


def _warning(finding: Finding) -> Finding:
    if finding.severity is not Severity.ERROR:
        return finding
    return replace(finding, severity=Severity.WARNING)


def _row(finding: Finding) -> dict[str, str]:
    """Row of a finding in a frame."""
    row = _cells_of_place(finding.place)
    row["candidates"] = _likeliest(finding.candidates)
    row["under"] = finding.under.name if finding.under else ""
    for name in _COLUMNS:
        if name not in row:
            value = getattr(finding, name)
            row[name] = str(value)
    return row


def _cells_of_place(place: Place) -> dict[str, str]:
    """Cells of a row that say where a finding is."""
    cells = {}
    for part in ("file", "sheet", "cell", "dataflow"):
        cells[part] = getattr(place, part)
    codes = place.key.values()
    cells["key"] = ".".join(codes)
    return cells


def _likeliest(candidates: tuple[Candidate, ...]) -> str:
    """Codes, labels and scores of candidates, the nearest first."""
    texts = []
    for candidate in candidates:
        score = f"{candidate.score:.0f}"
        texts.append(f"{candidate.code} {candidate.label} {score}")
    return "; ".join(texts)
