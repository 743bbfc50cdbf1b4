"""Misplaced rows and columns: pasted over another, of another year, left out, moved by a cell.

Each candidate is what the other sums leave for a whole row (one code, every sex) or a whole
column (one sex, every code). It is named only where the figures that are there show where they
came from: arithmetic alone would fit any row of the table.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from ilms_sdmx.findings import phrase
from ilms_sdmx.validation.arithmetic.agreement import Agreement
from ilms_sdmx.validation.rules.listing import number

#: Digits that two rows must share to be one row and its copy, and cells at least.
_DIGITS, _CELLS = 4, 2
#: Cells of a column that must have moved, and share of them that is found in another place.
_MOVED, _FOUND = 3, 0.6
#: Codes of other periods that may be the one left out.
_LACKING = 5
_FACTORS = (10.0, 100.0, 1000.0, 0.1, 0.01, 0.001)


class Misplacement(NamedTuple):
    """Whole rows or columns that are in the wrong place, and the values that fit.

    Parameters
    ----------
    values
        New values of the rows of the data set; empty where a row is left out.
    explained
        Sums, each a relation and a group, that it explains.
    cause
        What happened, in words.
    """

    values: Mapping[int, float]
    explained: frozenset[tuple[int, int]]
    cause: str


class MisplacementSearch:
    """Search for misplaced rows and columns among the broken sums of a table.

    Parameters
    ----------
    agreement
        The sums.
    """

    def __init__(self, agreement: Agreement) -> None:
        self._sums = agreement
        self._coded = agreement.coded
        self._known: dict[tuple[int, int], Misplacement | None] = {}

    def of(self, index: int, group: int) -> Misplacement | None:
        """The one misplacement that explains a broken sum; None where none or several would."""
        if (index, group) not in self._known:
            candidates = {found.cause: found for found in self._candidates(index, group)}
            found = None
            if len(candidates) == 1:
                (found,) = candidates.values()
            self._known[index, group] = found
        return self._known[index, group]

    def _candidates(self, index: int, group: int) -> Iterator[Misplacement]:
        if "SEX" not in self._coded.dimensions:
            return
        sums = self._sums.sums
        dimension = sums[index].relation.dimension
        if dimension == "SEX":
            yield from self._columns(index, group)
        else:
            yield from self._copied_lines(index, group)
            yield from self._lines_left_out(index, group)

    # Rows of the printed table: one code, every sex.

    def _copied_lines(self, index: int, group: int) -> Iterator[Misplacement]:
        """Rows that are a copy of another, where what the sums leave for them fits."""
        by_figures: dict[tuple[str, ...], list[Misplacement]] = defaultdict(list)
        for row in self._sums.members(index, group):
            line = self._line_of(row)
            values = self._implied_by(index, line)
            if not values:
                continue
            if not self._is_right(values):
                continue
            explained = frozenset(self._sums.broken(values))
            year = self._year_of_copy(line)
            name = self._name(row)
            fitting = self._in_words(values)
            if year:
                cause = phrase("row-of-other-period", row=name, period=year, figures=fitting)
                yield Misplacement(values, explained, cause)
            factor = self._factor(values)
            if factor:
                id = "row-too-large"
                if factor > 1:
                    id = "row-too-small"
                cause = phrase(id, row=name, times=_times(factor), figures=fitting)
                yield Misplacement(values, explained, cause)
            copy = Misplacement(values, explained, fitting)
            by_figures[self._texts(line)].append(copy)
        yield from self._pasted(index, group, by_figures)

    def _pasted(
        self, index: int, group: int, by_figures: Mapping[tuple[str, ...], list[Misplacement]]
    ) -> Iterator[Misplacement]:
        """Two rows with the same figures, of which either can be the copy."""
        for figures, copies in by_figures.items():
            if not self._is_telling(figures):
                continue
            lines = []
            for row in self._sums.members(index, group):
                lines.append(self._line_of(row))
            alike = [line for line in lines if self._texts(line) == figures]
            if len(alike) != 2:
                continue
            if not copies:
                continue
            one, other = sorted(self._name(line[0]) for line in alike)
            copies.sort(key=lambda copy: copy.cause)
            figures_of_copy = copies[0].cause
            cause = phrase("row-pasted", first=one, second=other, figures=figures_of_copy)
            explained_by_copies = [copy.explained for copy in copies]
            explained = frozenset.union(*explained_by_copies)
            values = copies[0].values
            yield Misplacement(values, explained, cause)

    def _lines_left_out(self, index: int, group: int) -> Iterator[Misplacement]:
        """One code that other periods have, where every sex lacks figures that add up."""
        sums = self._sums.sums[index]
        total = int(sums.row[group])
        line = self._line_of(total)
        groups = [int(sums.groups[row]) for row in line if sums.touched[row]]
        is_complete = sums.complete[groups]
        is_demanded = is_complete | sums.lacking[groups]
        if len(groups) < _CELLS:
            return
        if not all(is_demanded):
            return
        missing = {row: float(sums.difference[sums.groups[row]]) for row in line}
        if min(missing.values()) < 0:
            return
        if not self._adds_up(missing):
            return
        dimension = sums.relation.dimension
        parts = sums.relation.parts
        lacking = self._codes_of_other_periods(total, dimension, parts)
        codes_here = self._codes_here(index, group)
        lacking = lacking - codes_here
        if not 0 < len(lacking) <= _LACKING:
            return
        codes = _alternatives(sorted(lacking))
        figures = self._in_words(missing)
        cause = phrase("row-left-out", codes=codes, figures=figures)
        if len(lacking) > 1:
            cause = phrase("unconfirmed", cause=cause)
        yield Misplacement({}, frozenset((index, number_) for number_ in groups), cause)

    def _adds_up(self, figures: Mapping[int, float]) -> bool:
        """Whether figures of every sex fulfil the sum of the sexes as those of a row must."""
        compared = 0
        for index, sums in enumerate(self._sums.sums):
            if sums.relation.dimension != "SEX":
                continue
            for group in {int(sums.groups[row]) for row in figures if sums.touched[row]}:
                total = int(sums.row[group])
                members = self._sums.members(index, group)
                parts = sum(figures.get(row, np.inf) for row in members if row != total)
                printed_total = figures.get(total, 0.0)
                apart = abs(printed_total - parts)
                if apart > 2 * sums.tolerance[group]:
                    return False
                compared += 1
        return compared > 0

    def _codes_here(self, index: int, group: int) -> set[str]:
        sums = self._sums.sums
        dimension = sums[index].relation.dimension
        return {self._coded.text(dimension, row) for row in self._sums.members(index, group)}

    def _codes_of_other_periods(
        self, total: int, dimension: str, parts: Collection[str]
    ) -> set[str]:
        """Codes of a relation that the same table has in a period next to this one."""
        if not self._coded.time:
            return set()
        groups, _ = self._coded.others(dimension, self._coded.time)
        same = np.flatnonzero(groups == groups[total])
        codes: set[str] = set()
        for row in same.tolist():
            code = self._coded.text(dimension, row)
            if code in parts:
                codes.add(code)
        return codes

    def _implied_by(self, index: int, line: Sequence[int]) -> dict[int, float]:
        """What one relation leaves for each cell of a row; nothing for an incomplete sum."""
        sums = self._sums.sums[index]
        values = {}
        for row in line:
            group = int(sums.groups[row])
            if not sums.touched[row]:
                return {}
            if not sums.complete[group]:
                return {}
            value = self._sums.implied(row, index, group)
            values[row] = round(value, 6)
        if len(values) >= _CELLS:
            return values
        return {}

    def _is_right(self, values: Mapping[int, float]) -> bool:
        if not self._sums.is_possible(values):
            return False
        return self._sums.fixes(values)

    def _line_of(self, row: int) -> list[int]:
        """Rows of the same key but for the sex, in the order of their codes."""
        groups, rows_of = self._lines
        return rows_of[int(groups[row])]

    @cached_property
    def _lines(self) -> tuple[np.ndarray, dict[int, list[int]]]:
        groups, _ = self._coded.others("SEX")
        sex = self._coded.codes("SEX")
        finite = self._coded.finite
        usable = np.flatnonzero(finite)
        names = self._coded.levels("SEX")
        rank = np.argsort(np.argsort(names))
        sex_of_usable = sex[usable]
        order = np.lexsort((rank[sex_of_usable], groups[usable]))
        rows_of: dict[int, list[int]] = defaultdict(list)
        for row in usable[order].tolist():
            rows_of[int(groups[row])].append(row)
        return groups, rows_of

    def _texts(self, line: Sequence[int]) -> tuple[str, ...]:
        """Sex and figure of each cell of a row."""
        return tuple(
            f"{self._coded.text('SEX', row)} {self._sums.values[row]:.10g}" for row in line
        )

    def _is_telling(self, figures: Sequence[str]) -> bool:
        """Whether so many figures and digits are not equal by chance."""
        digits = sum(len(text.split()[1].replace(".", "").strip("0")) for text in figures)
        has_enough = len(figures) >= _CELLS
        if not has_enough:
            return False
        return digits >= _DIGITS

    def _year_of_copy(self, line: Sequence[int]) -> str:
        """Period of the same code whose figures a row has; empty where there is none."""
        if not self._coded.time:
            return ""
        is_telling = self._is_telling(self._texts(line))
        if not is_telling:
            return ""
        figures = self._texts(line)
        series, lines_of = self._lines_of_series
        periods = []
        for group in lines_of[int(series[line[0]])]:
            other = self._lines[1][group]
            if other is not line and self._texts(other) == figures:
                periods.append(self._coded.text(self._coded.time, other[0]))
        return min(periods, default="")

    @cached_property
    def _lines_of_series(self) -> tuple[np.ndarray, dict[int, list[int]]]:
        """Series of each row of the data set, and the lines that belong to each."""
        time = self._coded.time
        series, _ = self._coded.others("SEX", time)
        lines_of: dict[int, list[int]] = defaultdict(list)
        for group, rows in sorted(self._lines[1].items()):
            lines_of[int(series[rows[0]])].append(group)
        return series, lines_of

    def _factor(self, values: Mapping[int, float]) -> float:
        """Power of ten by which all new values differ; else 0."""
        for factor in _FACTORS:
            scaled = []
            for row in values:
                figure = float(self._sums.values[row])
                scaled.append(figure * factor)
            if all(scaled) and np.allclose(scaled, list(values.values()), rtol=1e-6):
                return factor
        return 0.0

    # Columns of the printed table: one sex, every code.

    def _columns(self, index: int, group: int) -> Iterator[Misplacement]:
        """Columns whose figures are in other rows than the sums of the sexes say."""
        for row in self._sums.members(index, group):
            values = self._column_of(row, index)
            changed = {}
            for cell, value in values.items():
                change = abs(value - self._sums.values[cell])
                if change > 1e-9:
                    changed[cell] = value
            if len(changed) < _MOVED:
                continue
            if not self._is_right(changed):
                continue
            explained = frozenset(self._sums.broken(changed))
            sex = self._coded.text("SEX", row)
            factor = self._factor(changed)
            figures = self._first_values(changed)
            if factor:
                id = "column-too-large"
                if factor > 1:
                    id = "column-too-small"
                cause = phrase(id, column=sex, times=_times(factor), figures=figures)
                yield Misplacement(changed, explained, cause)
            elif self._has_moved(values, changed):
                cause = phrase("column-shifted", column=sex, figures=figures)
                yield Misplacement(changed, explained, cause)

    def _first_values(self, values: Mapping[int, float]) -> str:
        """New values of the first rows, by name."""
        rows = sorted(values, key=self._sums.name)
        shown = []
        for row in rows[:3]:
            name = self._name(row)
            value = values[row]
            shown.append(f"{name} {number(value, self._coded, row)}")
        if len(rows) > 3:
            shown.append("...")
        return ", ".join(shown)

    def _column_of(self, row: int, index: int) -> dict[int, float]:
        """What the sums of the sexes leave for each code of one sex."""
        sums = self._sums.sums[index]
        blocks, rows_of = self._column_rows
        values = {}
        for cell in rows_of[int(blocks[row])]:
            group = int(sums.groups[cell])
            if sums.touched[cell] and sums.complete[group]:
                implied = self._sums.implied(cell, index, group)
                values[cell] = round(implied, 6)
        return values

    @cached_property
    def _column_rows(self) -> tuple[np.ndarray, dict[int, list[int]]]:
        """Column of each row of the data set (area, period, measure, sex), and its cells."""
        names = ("REF_AREA", "FREQ", "MEASURE", "SEX", self._coded.time)
        dimensions = self._coded.among(*names)
        columns, _ = self._coded.groups(dimensions)
        rows_of: dict[int, list[int]] = defaultdict(list)
        finite = self._coded.finite
        for row in np.flatnonzero(finite).tolist():
            rows_of[int(columns[row])].append(row)
        return columns, rows_of

    def _has_moved(self, values: Mapping[int, float], changed: Mapping[int, float]) -> bool:
        """Whether most figures of the changed cells are what other cells of the column need."""
        needed = Counter(f"{values[cell]:.6g}" for cell in changed)
        there = Counter(f"{self._sums.values[cell]:.6g}" for cell in changed)
        found = (needed & there).total()
        needed_count = max(2, _FOUND * len(changed), len(changed) - 2)
        return found >= needed_count

    def _name(self, row: int) -> str:
        """Key of a row without its sex, which is not what it is about."""
        key = self._coded.key(row)
        key.pop("SEX", None)
        return ".".join(key.values())

    def _in_words(self, values: Mapping[int, float]) -> str:
        """Figures of a row with their sexes."""
        figures = []
        for row, value in values.items():
            sex = self._coded.text("SEX", row)
            figures.append(f"{number(value, self._coded, row)} ({sex})")
        return ", ".join(figures)


def _times(factor: float) -> str:
    """How many times too small or too large figures are."""
    times = max(factor, 1 / factor)
    return f"{times:.0f}"


def _alternatives(codes: Sequence[str]) -> str:
    """Codes of which one is meant."""
    either, *others = codes
    for other in others:
        either = phrase("or", first=either, second=other)
    return either
