"""What is wrong or worth knowing in data: findings, reports, and the catalogue of rules."""

from ilms_sdmx.findings.catalogue import Case, Rule, rules
from ilms_sdmx.findings.making import find, shown_cells
from ilms_sdmx.findings.model import Candidate, FieldValue, Finding, Place, Report, Severity
from ilms_sdmx.findings.phrases import Phrase, is_phrase, phrase

__all__ = [
    "Candidate",
    "Case",
    "FieldValue",
    "Finding",
    "Phrase",
    "Place",
    "Report",
    "Rule",
    "Severity",
    "find",
    "is_phrase",
    "phrase",
    "rules",
    "shown_cells",
]
