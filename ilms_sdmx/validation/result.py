"""Result of a validation: findings, what was accepted, and how much arithmetic looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from ilms_sdmx.findings import Finding, Report

if TYPE_CHECKING:
    from ilms_sdmx.validation.exceptions import Accepted

COLUMNS = ("dataflow", "observations", "touched", "share")


def _no_tables() -> pd.DataFrame:
    return pd.DataFrame(columns=list(COLUMNS))


@dataclass(frozen=True, eq=False, repr=False)
class Validation(Report):
    """Report of a validation.

    Parameters
    ----------
    findings
        What is wrong or worth knowing, by table and in the order of the catalogue of rules.
    coverage
        One row a table: `dataflow`, `observations`, `touched` (observations that at least one
        arithmetic rule looked at) and `share` (their share in per cent). What is not touched
        may be wrong unseen.
    accepted
        Findings that an exception accepts, with it; they are not among `findings`.
    """

    coverage: pd.DataFrame = field(default_factory=_no_tables)
    accepted: tuple[tuple[Finding, Accepted], ...] = ()

    def __add__(self, other: Report) -> Validation:
        findings = self.findings + other.findings
        if not isinstance(other, Validation):
            return Validation(findings, self.coverage, self.accepted)
        coverage = _joined_coverage(self.coverage, other.coverage)
        return Validation(findings, coverage, self.accepted + other.accepted)


def _joined_coverage(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    if not len(second):
        return first
    if not len(first):
        return second
    return pd.concat([first, second], ignore_index=True)
