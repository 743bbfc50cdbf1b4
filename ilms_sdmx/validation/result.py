"""Result of a validation: findings, what was accepted, and how much arithmetic looked at."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pandas as pd

from ilms_sdmx.findings import Finding, Report

if TYPE_CHECKING:
    from ilms_sdmx.validation.exceptions import Accepted

#: How far an observation is tested, least first: by nothing, by a limit only, by an equation.
TESTS = ("none", "limit", "equation")
COLUMNS = ("dataflow", "observations", "equation", "limit", "none", "share")


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
        One row a table: `dataflow`, `observations`, and how many of them are tested by an
        `equation` (a sum whose parts are all there, a rate, one total in two tables), by a
        `limit` only (parts that must not exceed their total), or by `none`; `share` is that of
        equations in per cent. What only a limit tests may be wrong unseen.
    accepted
        Findings that an exception accepts, with it; they are not among `findings`.
    observations
        One frame a table: its observations, with how far each is `tested`.
    """

    coverage: pd.DataFrame = field(default_factory=_no_tables)
    accepted: tuple[tuple[Finding, Accepted], ...] = ()
    observations: tuple[pd.DataFrame, ...] = ()

    def __add__(self, other: Report) -> Validation:
        findings = self.findings + other.findings
        if not isinstance(other, Validation):
            return replace(self, findings=findings)
        coverage = _joined_coverage(self.coverage, other.coverage)
        accepted = self.accepted + other.accepted
        observations = self.observations + other.observations
        return Validation(findings, coverage, accepted, observations)

    def untested(self, number: int) -> pd.DataFrame:
        """Observations of a table, by its row in `coverage`, that no equation tests."""
        observations = self.observations[number]
        tested = observations["tested"]
        return observations[tested != "equation"]


def _joined_coverage(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    if not len(second):
        return first
    if not len(first):
        return second
    return pd.concat([first, second], ignore_index=True)
