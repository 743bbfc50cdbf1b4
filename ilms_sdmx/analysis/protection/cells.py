"""Lists for the office: what became of each figure, and what a reader can still add up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ilms_sdmx.analysis.protection.attack import Attacker
from ilms_sdmx.analysis.protection.release import Release
from ilms_sdmx.analysis.protection.rules import Primary
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.table import Coded

if TYPE_CHECKING:
    import pandas as pd

#: What keeps a reason from being that of a rule.
SUM = "sum"
SAME_PERSONS = "same persons"


class Cells:
    """Rows of the list of figures that are hidden or changed.

    Parameters
    ----------
    release
        The release.
    primary
        Figures of the rules.
    attacker
        Who knows what is published; None where figures are changed, not hidden.
    """

    def __init__(
        self, release: Release, primary: Primary, attacker: Attacker | None = None
    ) -> None:
        self._release = release
        self._primary = primary
        self._attacker = attacker
        self._ends: dict[int, tuple[float, float]] = {}
        self._rows: list[dict[str, object]] = []

    def frame(self) -> pd.DataFrame:
        """All rows: `dataflow`, `key`, `reason`, `lower`, `upper`."""
        import pandas as pd

        columns = ["dataflow", "key", "reason", "lower", "upper"]
        return pd.DataFrame(self._rows, columns=columns)

    def add_hidden(self, table: Coded, figures: Array, hidden: Array) -> None:
        """Add hidden rows of a table with their reasons and what can be worked out."""
        for row in np.flatnonzero(hidden).tolist():
            figure = int(figures[row])
            reason = self._primary.reason[figure] or SUM
            self._add(table, row, reason, *self._worked_out(figure))

    def add_derived(self, table: Coded, reasons: Array, hidden: Array) -> None:
        """Add hidden rows whose figure is a rate or a mean."""
        for row in np.flatnonzero(hidden).tolist():
            self._add(table, row, str(reasons[row]), np.nan, np.nan)

    def add_changed(self, table: Coded, figures: Array, values: Array, within: float) -> None:
        """Add rows whose figure is another now, and what can be worked out of it."""
        for row in np.flatnonzero(figures >= 0).tolist():
            figure = int(figures[row])
            value = values[figure]
            if value != self._release.value[figure] and np.isfinite(value):
                lower = max(value - within, 0.0)
                reason = self._primary.reason[figure] or SUM
                self._add(table, row, reason, lower, value + within)

    def _worked_out(self, figure: int) -> tuple[float, float]:
        """Least and greatest value that anybody can work out, each figure asked once."""
        if figure not in self._ends:
            interval = self._attacker.interval(figure) if self._attacker else None
            ends = (np.nan, np.nan)
            if interval is not None:
                ends = (round(interval.lower, 6), round(interval.upper, 6))
            self._ends[figure] = ends
        return self._ends[figure]

    def _add(self, table: Coded, row: int, reason: str, lower: float, upper: float) -> None:
        self._rows.append(
            {
                "dataflow": table.name,
                "key": ".".join(table.key(row).values()),
                "reason": reason,
                "lower": lower,
                "upper": upper,
            }
        )


def published_frame(release: Release, tables: tuple[Coded, ...], hidden: Array) -> pd.DataFrame:
    """What is still published of each table, and which sums can still be added up."""
    import pandas as pd

    equations = release.equations
    is_whole = equations.count(hidden) == 0
    value = np.nan_to_num(release.value)
    terms = np.bincount(equations.equation, minlength=len(equations))
    rows = []
    for number, table in enumerate(tables):
        figures = np.unique(release.figures_of_rows(number))
        figures = figures[figures >= 0]
        of_table = np.zeros(len(release), dtype=bool)
        of_table[figures] = True
        is_of_table = equations.count(of_table) == terms
        shown = figures[~hidden[figures]]
        rows.append(
            {
                "dataflow": table.name,
                "figures": len(figures),
                "published": len(shown),
                "sums": int((is_of_table & is_whole).sum()),
                "all_sums": int(is_of_table.sum()),
                "persons": _share(value[shown].sum(), value[figures].sum()),
            }
        )
    return pd.DataFrame(rows)


def _share(part: float, whole: float) -> float:
    """Share of what all figures of a table say together; 1 of nothing."""
    return float(part / whole) if whole else 1.0
