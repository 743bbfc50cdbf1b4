"""What is wrong or worth knowing in data: findings, reports, and the catalogue of rules."""

from ilms_sdmx.findings.catalogue import Case, Rule, rules
from ilms_sdmx.findings.making import find, shown_cells
from ilms_sdmx.findings.model import Candidate, FieldValue, Finding, Place, Report, Severity

__all__ = [
    "Candidate",
    "Case",
    "FieldValue",
    "Finding",
    "Place",
    "Report",
    "Rule",
    "Severity",
    "find",
    "rules",
    "shown_cells",
]
