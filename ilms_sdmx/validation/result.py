"""Result of a validation: findings, what was accepted, and how much of each table arithmetic has touched."""

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
        One row a table: `dataflow`, `observations`, `touched` (observations that at least one arithmetic rule
        looked at) and `share` (their share in per cent). What is not touched may be wrong unseen.
    accepted
        Findings that an exception accepts, with it; they are not among `findings`.
    """

    coverage: pd.DataFrame = field(default_factory=_no_tables)
    accepted: tuple[tuple[Finding, Accepted], ...] = ()

    def __add__(self, other: Report) -> Validation:
        rest = other if isinstance(other, Validation) else Validation(other.findings)
        tables = [part.coverage for part in (self, rest) if len(part.coverage)]
        coverage = pd.concat(tables, ignore_index=True) if tables else _no_tables()
        return Validation(
            self.findings + rest.findings, coverage, self.accepted + rest.accepted
        )
