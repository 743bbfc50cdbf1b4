"""A release on its way to being protected: what is asked of it, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ilms_sdmx.analysis.protection.attack import Attacker, Interval
from ilms_sdmx.analysis.protection.behind import numbers_of, texts_of
from ilms_sdmx.analysis.protection.cells import SAME_PERSONS, SUM, Cells, published_frame
from ilms_sdmx.analysis.protection.disclosures import found_open, place_of, plain
from ilms_sdmx.analysis.protection.programme import TOLERANCE
from ilms_sdmx.analysis.protection.release import Release
from ilms_sdmx.analysis.protection.result import Protection
from ilms_sdmx.analysis.protection.rewriting import (
    CONFIDENTIAL,
    of_same_persons,
    with_values,
    without_figures,
)
from ilms_sdmx.analysis.protection.rules import (
    MINIMUM,
    Contributions,
    Primary,
    ProtectionRules,
    find_primary,
)
from ilms_sdmx.analysis.protection.suppression import Suppression, suppress
from ilms_sdmx.datasets import Dataset
from ilms_sdmx.errors import ProtectionError
from ilms_sdmx.findings import Finding, Report, find
from ilms_sdmx.validation.arithmetic.relations import countable
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.pool import signs
from ilms_sdmx.validation.coded.table import Coded

if TYPE_CHECKING:
    import pandas as pd

#: Share of a room by which the attacker's interval may miss it: the dust of a solver.
_DUST = 1e-5


@dataclass(frozen=True)
class Asked:
    """What is asked of a protection, as the parameters of `protect` say it.

    Parameters
    ----------
    rules
        Rules by which a figure must not be published.
    must
        Parts of keys of the figures that must be published.
    contributors, contributions, withheld
        Columns with the persons behind each figure, its largest contributors, and its status
        where it is not published in any case.
    """

    rules: ProtectionRules
    must: Sequence[Mapping[str, str]] = ()
    contributors: str = ""
    contributions: Sequence[str] = ()
    withheld: str = ""


class Publication:
    """A release on its way to being protected.

    Parameters
    ----------
    tables
        Tables that are published.
    amounts
        Tables of amounts behind means that are published.
    before
        Tables of earlier releases.
    asked
        What is asked.
    """

    def __init__(
        self,
        tables: tuple[Coded, ...],
        amounts: tuple[Coded, ...],
        before: tuple[Coded, ...],
        asked: Asked,
    ) -> None:
        self.tables = tables
        self._asked = asked
        self._new = (*tables, *amounts)
        all_tables = (*self._new, *before)
        self._persons: list[Array] = []
        if asked.contributors:
            self._persons = [numbers_of(table, asked.contributors) for table in all_tables]
        self.release = Release.of(all_tables, self._persons)
        self._amounts = range(len(tables), len(self._new))
        self._before = range(len(self._new), len(all_tables))
        self._is_new = self._figures_of(range(len(self._new)))
        self._known_before = self._same_before()
        self._statuses = [_statuses(table, asked.withheld) for table in tables]
        self._primary = self._find_primary()
        self._free = self._never_published() & (self._primary.reason == "")
        self._must = (self._find_must() | self._old_values()) & ~self._free

    def findings(self) -> Iterator[Finding]:
        """What the rules could not look at, and what is known already."""
        is_counted = self._is_new & np.isfinite(self.release.value)
        is_unknown = is_counted & ~np.isfinite(self.release.contributors)
        count = int(is_unknown.sum())
        if count:
            first = int(np.flatnonzero(is_unknown)[0])
            yield find("contributors-unknown", place_of(self.release, first), count=count)
        for figure in self._known_already.tolist():
            read = plain(float(self.release.value[figure]))
            yield find("published-before", place_of(self.release, figure), read=read)

    def suppressed(self, findings: list[Finding], seconds: float) -> Protection:
        """Release with figures hidden, and the attacker's test of it."""
        found = suppress(self.release, self._primary, self._must, seconds, self._free)
        attacker = Attacker(self.release, ~found.hidden)
        for figure in self._open(found, attacker):
            persons = plain(float(self.release.contributors[figure]))
            place = place_of(self.release, figure)
            findings.append(find("unprotected-cell", place, contributors=persons))
        findings += self._open_before(attacker)
        if found.is_hasty:
            findings.append(find("protection-hasty", seconds=f"{seconds:g}"))
        cells = Cells(self.release, self._primary, attacker)
        masks = self.release.rows_of(found.hidden)
        hidden_signs = self._hidden_signs(masks)
        datasets = []
        for number, table in enumerate(self.tables):
            reasons = self._reasons(number, masks, hidden_signs)
            datasets.append(self._without(number, table, masks[number], reasons, cells))
        return Protection(
            tuple(datasets),
            cells.frame(),
            Report(tuple(findings)),
            "suppression",
            self._published(found.hidden),
            found.least,
            found.gap,
        )

    def changed(
        self, findings: list[Finding], method: str, values: Array, within: float
    ) -> Protection:
        """Release with figures rounded or perturbed; rates and means are hidden."""
        cells = Cells(self.release, self._primary)
        datasets = []
        for number, table in enumerate(self.tables):
            figures = self.release.figures_of_rows(number)
            cells.add_changed(table, figures, values, within)
            statuses = self._statuses[number].copy()
            statuses[(figures < 0) & table.first & (statuses == "")] = CONFIDENTIAL
            datasets.append(without_figures(with_values(table, figures, values), statuses))
        nothing = np.zeros(len(self.release), dtype=bool)
        return Protection(
            tuple(datasets),
            cells.frame(),
            Report(tuple(findings)),
            method,
            self._published(nothing),
            np.nan,
            np.nan,
        )

    def _figures_of(self, numbers: range) -> Array:
        """Mask of the figures of some tables."""
        mask = np.zeros(len(self.release), dtype=bool)
        is_of_tables = np.isin(self.release.table, list(numbers))
        mask[self.release.figure[is_of_tables]] = True
        return mask

    def _old_values(self) -> Array:
        """Mask of the figures of earlier releases alone: they are as they were published."""
        is_old = np.isfinite(self.release.value) & ~self._is_new
        return is_old | self._known_before

    def _same_before(self) -> Array:
        """Mask of the figures that an earlier release published as they are now.

        What was revised since is another number, which nobody knows.
        """
        mask = np.zeros(len(self.release), dtype=bool)
        for number in self._before:
            of_table = np.flatnonzero(self.release.table == number)
            figures = self.release.figure[of_table]
            old = self.release.printed[of_table]
            new = self.release.value[figures]
            is_same = np.abs(old - new) <= self.release.step[figures] / 2
            mask[figures[is_same]] = True
        return mask & self._is_new

    def _never_published(self) -> Array:
        """Mask of the figures that have a status without a figure wherever they are printed."""
        mask = np.zeros(len(self.release), dtype=bool)
        is_shown = np.zeros(len(self.release), dtype=bool)
        for number, statuses in enumerate(self._statuses):
            of_table = self.release.table == number
            has_status = statuses[self.release.row[of_table]] != ""
            figures = self.release.figure[of_table]
            mask[figures[has_status]] = True
            is_shown[figures[~has_status]] = True
        return mask & ~is_shown

    def _find_primary(self) -> Primary:
        primary = find_primary(self.release, self._asked.rules, self._contributions())
        is_known = (primary.reason != "") & self._known_before
        self._known_already = np.flatnonzero(is_known & self._is_new)
        reason = primary.reason.copy()
        reason[~self._is_new | is_known] = ""
        return Primary(reason, primary.down, primary.up)

    def _contributions(self) -> Contributions | None:
        """Largest contributors to each amount."""
        columns = self._asked.contributions
        if not columns or not self._amounts:
            return None
        largest = np.zeros((len(self.release), len(columns)))
        for number in self._amounts:
            of_table = self.release.table == number
            rows = self.release.row[of_table]
            figures = self.release.figure[of_table]
            for place, column in enumerate(columns):
                numbers = numbers_of(self.release.tables[number], column)
                largest[figures, place] = np.nan_to_num(numbers[rows])
        return Contributions(largest, self._figures_of(self._amounts))

    def _find_must(self) -> Array:
        """Mask of the figures that match one of the parts of keys."""
        mask = np.zeros(len(self.release), dtype=bool)
        for part in self._asked.must:
            is_met = False
            for number, table in enumerate(self._new):
                rows = _matching(table, part)
                of_table = self.release.table == number
                is_match = rows[self.release.row[of_table]]
                mask[self.release.figure[of_table][is_match]] = True
                is_met = is_met or bool(is_match.any())
            if not is_met:
                text = ", ".join(f"{name}={code}" for name, code in part.items())
                raise ProtectionError(
                    f"expected a figure that must be published with {text}, found none in the"
                    " tables"
                )
        return mask

    def _open(self, found: Suppression, attacker: Attacker) -> list[int]:
        """Figures of the rules that are not protected, by the search or by the test."""
        is_open = np.zeros(len(self.release), dtype=bool)
        is_open[list(found.unprotected)] = True
        for figure in self._primary.figures.tolist():
            if not is_open[figure]:
                is_open[figure] = not self._has_room(figure, attacker.interval(figure))
        opened: list[int] = np.flatnonzero(is_open).tolist()
        return opened

    def _has_room(self, figure: int, interval: Interval | None) -> bool:
        """Whether what anybody can work out of a figure is as wide as its rule asks."""
        if interval is None:
            # Sums that contradict each other are told by `validate`; nothing follows from them.
            return True
        value = float(self.release.value[figure])
        down = float(self._primary.down[figure])
        up = float(self._primary.up[figure])
        dust = TOLERANCE + _DUST * max(1.0, value)
        return interval.lower <= value - down + dust and interval.upper >= value + up - dust

    def _open_before(self, attacker: Attacker) -> list[Finding]:
        """Figures that an earlier release hid, and that this one gives away."""
        hidden_before = self.release.withheld & ~self._is_new
        return found_open(self.release, attacker, hidden_before, self._asked.rules.minimum)

    def _hidden_signs(self, masks: list[Array]) -> set[int]:
        """Signs of the keys of all hidden counts, whatever measure they are of."""
        hidden: set[int] = set()
        for number, table in enumerate(self.release.tables):
            if number not in self._amounts:
                hidden.update(signs(table)[masks[number]].tolist())
        return hidden

    def _reasons(self, number: int, masks: list[Array], hidden_signs: set[int]) -> Array:
        """Why each rate and mean of a table must be hidden; empty where it need not."""
        table = self.tables[number]
        reasons = np.full(len(table), "", dtype=object)
        reasons[of_same_persons(table, masks[number], hidden_signs)] = SAME_PERSONS
        reasons[self._few_behind(number, table)] = MINIMUM
        for other in self._amounts:
            amounts = self.release.tables[other]
            if amounts.name != table.name:
                continue
            figures = self.release.figures_of_rows(other)
            of_amounts = signs(amounts)
            of_rows = signs(table)
            for row in np.flatnonzero(masks[other]).tolist():
                reason = self._primary.reason[figures[row]] or SUM
                reasons[of_rows == of_amounts[row]] = reason
        return reasons

    def _without(
        self, number: int, table: Coded, hidden: Array, reasons: Array, cells: Cells
    ) -> Dataset:
        """Data set of a table without its hidden figures, and what is derived from them."""
        figures = self.release.figures_of_rows(number)
        statuses = self._statuses[number].copy()
        is_of_rule = (figures >= 0) & (self._primary.reason[figures] != "")
        is_hidden = hidden & ((statuses == "") | is_of_rule)
        is_derived = (reasons != "") & ~hidden & (statuses == "")
        cells.add_hidden(table, figures, is_hidden)
        cells.add_derived(table, reasons, is_derived)
        statuses[is_hidden | is_derived] = CONFIDENTIAL
        return without_figures(table, statuses)

    def _few_behind(self, number: int, table: Coded) -> Array:
        """Mask of the rates and means of fewer persons than the minimum."""
        if not self._persons:
            return np.zeros(len(table), dtype=bool)
        persons = np.nan_to_num(self._persons[number])
        is_few = (persons > 0) & (persons < self._asked.rules.minimum)
        few: Array = is_few & ~countable(table) & table.first
        return few

    def _published(self, hidden: Array) -> pd.DataFrame:
        is_open = hidden | self._free | ~np.isfinite(self.release.value)
        return published_frame(self.release, self.tables, is_open)


def _statuses(table: Coded, column: str) -> Array:
    """Status of each row that is not published in any case; empty for the others."""
    if not column:
        return np.full(len(table), "", dtype=object)
    return texts_of(table, column)


def _matching(table: Coded, part: Mapping[str, str]) -> Array:
    """Mask of the rows whose key has all codes of a part."""
    mask = np.ones(len(table), dtype=bool)
    for name, code in part.items():
        if name not in table.dimensions:
            return np.zeros(len(table), dtype=bool)
        mask &= table.having(name, [code])
    return mask
