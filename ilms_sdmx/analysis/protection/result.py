"""Result of a protection: data sets that may go out, and what became of their figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ilms_sdmx.datasets import Dataset
from ilms_sdmx.findings import Report

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Protection:
    """A protected release.

    Parameters
    ----------
    datasets
        The data sets as they may go out. A hidden figure has no value and OBS_STATUS C; where
        each figure came from is left out, for it would tell the figure.
    cells
        One row a figure that is hidden or changed, for the office alone: `dataflow`, `key`,
        `reason` (`minimum`, `dominance`, `p-percent`, `group`; `sum` where it protects others;
        `same persons` where a rate or a mean would tell of a hidden figure), and the `lower`
        and `upper` end of what anybody can work out.
    report
        What could not be protected, and what the rules could not look at.
    method
        `suppression`, `rounding` or `perturbation`.
    published
        One row a table: `dataflow`, its `figures`, how many are still `published`, and how many
        `sums` a reader can still add up, of `all_sums`, and which share of the sum of all
        figures is published (`persons`).
    least
        Number of figures that any protection hides at least; NaN where it is not known.
    gap
        Share of the loss that is above the least that was proven to be needed.
    """

    datasets: tuple[Dataset, ...]
    cells: pd.DataFrame
    report: Report
    method: str
    published: pd.DataFrame
    least: float
    gap: float

    def __repr__(self) -> str:
        hidden = len(self.cells)
        return f"<Protection by {self.method}: {hidden:,} figures changed>"
