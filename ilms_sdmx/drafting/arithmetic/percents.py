"""Percents of a table: what each is a share or a change of, by recomputing it from counts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from ilms_sdmx.drafting.arithmetic.counts import Counts, Percent, differing
from ilms_sdmx.drafting.arithmetic.numbers import NumberGrid, Pair
from ilms_sdmx.drafting.arithmetic.results import Arithmetic, Basis, Labels
from ilms_sdmx.drafting.arithmetic.sides import Sides
from ilms_sdmx.drafting.recognition.roles import EVERY_LABEL, Role, Roles
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.sums import allowance

_FRACTION = re.compile(r"[.,](\d{1,3})\D*$")
#: Cells that are tried for each basis, and figures next to a percent that may be its numerator.
_MOST_CELLS, _NEAREST = 200, 24
#: Cells that are tried first.
_SAMPLE = 20
#: Fewest percents that come out under one basis.
_LEAST = 2
#: Part of the percents that must come out, and that of percents with a fraction.
_MOST_COME_OUT, _SOME_COME_OUT = 0.8, 0.4
_HUNDRED = Decimal(100)


def with_percents(numbers: NumberGrid, arithmetic: Arithmetic) -> Arithmetic:
    """Arithmetic with what each percent is a share or a change of, where most come out.

    Figures that are no count by their form (`45.3` among whole numbers) are percents where that
    comes out. Those that a label calls a change and that are a plain difference are left out:
    they say nothing new.
    """
    counts = Counts.of(numbers, arithmetic.roles)
    for role in arithmetic.roles:
        if role.bucket is Bucket.PERCENT and role.label != EVERY_LABEL:
            arithmetic = _with_label(counts, arithmetic, role.heading, role.label)
    labels_with_role = {(role.heading, role.label) for role in arithmetic.roles}
    for heading, label in _labels_of_fractions(numbers):
        if (heading, label) not in labels_with_role:
            arithmetic = _with_fraction(counts, arithmetic, heading, label)
    return arithmetic


def _with_label(counts: Counts, arithmetic: Arithmetic, heading: str, label: str) -> Arithmetic:
    """Arithmetic with the bases of the percents under a label, or their role as differences."""
    percents = _percents(counts, heading, label)
    search = _Search(counts, arithmetic.roles, (heading, label), percents)
    bases = search.bases()
    if bases:
        return arithmetic.with_bases(*bases)
    reason = search.difference()
    if not reason:
        return arithmetic
    roles = arithmetic.roles.without_label(heading, label)
    role = Role(heading, label, Bucket.IGNORE, reason=reason)
    return replace(arithmetic, roles=roles).with_roles(role)


def _with_fraction(
    counts: Counts, arithmetic: Arithmetic, heading: str, label: str
) -> Arithmetic:
    """Arithmetic with a label of percents by their form, where they come out."""
    percents = _percents(counts, heading, label)
    basis = _Search(counts, arithmetic.roles, (heading, label), percents).best()
    if basis is None:
        return arithmetic
    role = Role(heading, label, Bucket.PERCENT, "by its figures a percent")
    return arithmetic.with_bases(basis).with_roles(role)


def _percents(counts: Counts, heading: str, label: str) -> list[Percent]:
    """Percents under a label, all rounded as the finest is: a workbook stores 25.0 as 25."""
    places = counts.places_of(heading, label)[:_MOST_CELLS]
    cells = counts.numbers.printed.cells
    units = [_unit(cells[place].text) for place in places]
    unit = min(units, default=Decimal())
    percents: list[Percent] = []
    for place in places:
        value = counts.numbers.at(*place)
        if value is not None:
            percents.append(Percent(place, counts.numbers.keys[place], value, unit))
    return percents


def _unit(text: str) -> Decimal:
    """Half of the unit to which a printed percent is rounded."""
    match = _FRACTION.search(text)
    digits = 0
    if match:
        digits = len(match.group(1))
    half: Decimal = allowance(Decimal(1).scaleb(-digits))
    return half


def _labels_of_fractions(numbers: NumberGrid) -> list[Pair]:
    """Labels above figures of at most 100, most with a fraction, where others have more."""
    forms = _forms(numbers)
    names_with_larger: set[str] = set()
    for (name, _), form in forms.items():
        if not form.tells_percents:
            names_with_larger.add(name)
    labels: list[Pair] = []
    for (name, label), form in forms.items():
        if form.tells_percents and name in names_with_larger and label:
            labels.append((name, label))
    return labels


@dataclass
class _Form:
    """Form of the figures under a label.

    Parameters
    ----------
    figures, fractions
        How many figures, and how many of them with a fraction or a percent sign.
    is_small
        Whether all are at most 100.
    """

    figures: int = 0
    fractions: int = 0
    is_small: bool = True

    @property
    def tells_percents(self) -> bool:
        """Whether figures of this form may be percents."""
        if not self.is_small:
            return False
        has_enough = self.figures > 2
        return has_enough and self.fractions * 2 >= self.figures

    def add(self, other: _Form) -> None:
        """Count the figures of another form too."""
        self.figures += other.figures
        self.fractions += other.fractions
        self.is_small = self.is_small and other.is_small


def _forms(numbers: NumberGrid) -> dict[Pair, _Form]:
    """Headings and labels above columns to the form of their figures."""
    forms: dict[Pair, _Form] = {}
    for column, form in _forms_of_columns(numbers).items():
        for pair in numbers.column_keys[column]:
            forms.setdefault(pair, _Form()).add(form)
    return forms


def _forms_of_columns(numbers: NumberGrid) -> dict[int, _Form]:
    """Columns of figures to their form."""
    forms: dict[int, _Form] = {}
    cells = numbers.printed.cells
    for place, number in numbers.numbers.items():
        text = cells[place].text
        form = forms.setdefault(place[1], _Form())
        form.figures += 1
        form.fractions += text.strip().endswith("%") or _FRACTION.search(text) is not None
        form.is_small = form.is_small and abs(number) <= _HUNDRED
    return forms


@dataclass(frozen=True, eq=False)
class _Search:
    """Search for the basis of the percents under a label.

    Parameters
    ----------
    counts
        Figures that are no percents.
    roles
        Roles of the labels.
    label
        Name of the heading of the percents, and its label.
    percents
        Percents under the label.
    """

    counts: Counts
    roles: Roles
    label: Pair
    percents: Sequence[Percent]

    def bases(self) -> list[Basis]:
        """Bases: one for all, else one for each column, since the one before."""
        basis = self.best()
        if basis is not None:
            return [basis]
        longest: list[Basis] = []
        name, _ = self.label
        for heading in self.counts.numbers.table.rows.values():
            if heading.name != name:
                continue
            for label in heading.labels:
                chain = self._chain(label)
                if len(chain) > len(longest):
                    longest = chain
        return longest

    def best(self) -> Basis | None:
        """Basis under which most percents come out, None where there is none."""
        values = {percent.value for percent in self.percents}
        if len(values) < _LEAST:
            return None
        best: Basis | None = None
        for candidates in self._candidates():
            likely = list(self._sample.promising(candidates, 0))
            for basis in self._sides.promising(likely, _least_part(self.percents)):
                counted = self._sides.counted(basis)
                if self._is_good(counted) and (best is None or _is_better(counted, best)):
                    best = counted
        return best

    @cached_property
    def _sides(self) -> Sides:
        """Sides of all percents."""
        return Sides(self.counts, self.percents)

    @cached_property
    def _sample(self) -> Sides:
        """Sides of some percents: a basis under which none of them comes out fits no others."""
        step = 1 + len(self.percents) // _SAMPLE
        return Sides(self.counts, self.percents[::step])

    def _are_differences(self, basis: Basis) -> bool:
        """Whether all figures are the numerator less the earlier figure."""
        return self._sample.are_differences(basis) and self._sides.are_differences(basis)

    def _is_good(self, basis: Basis) -> bool:
        """Whether enough percents come out.

        A fraction that comes out by chance is rare: a table with errors in it may have a few
        right ones only.
        """
        if basis.compared * 2 < max(2 * _LEAST, len(self.percents)):
            return False
        if basis.agree < _LEAST:
            return False
        if basis.agree >= _MOST_COME_OUT * basis.compared:
            return True
        if not _is_fine(self.percents) or basis.agree < _LEAST + 1:
            return False
        return basis.agree >= _SOME_COME_OUT * basis.compared

    def difference(self) -> str:
        """Words for figures that are all the difference of two others, empty where not."""
        if len(self.percents) < 2:
            return ""
        for candidates in self._candidates():
            for basis in candidates:
                if basis.is_change and self._are_differences(basis):
                    return (
                        f"difference of {_words_of(basis.of)!r} and {_words_of(basis.base)!r}"
                    )
        return ""

    def _candidates(self) -> Iterator[list[Basis]]:
        """Bases to be tried, those with one numerator together.

        The figures near the first percent are numerators: in a total, in another figure, or
        since another.
        """
        where = dict([self.label])
        first = self.percents[0]
        totals = _totals(self.counts, self.roles)
        nearest = [differing(first.key, key) for key in self._nearest(first)]
        for of in nearest:
            candidates: list[Basis] = []
            for name, labels in totals:
                candidates.append(Basis(where, of, {**of, name: labels}))
            for base in nearest:
                if base != of:
                    candidates.append(Basis(where, of, base))
                    candidates.append(Basis(where, of, base, is_change=True))
            yield candidates
        if self.counts.has_repeated_keys(first.row):
            of_left: list[Basis] = []
            for name, labels in totals:
                of_left.append(Basis(where, {}, {name: labels}, is_left=True))
            yield of_left

    def _nearest(self, percent: Percent) -> list[tuple[Pair, ...]]:
        """Keys of the counts nearest to a percent in its row, then in its column."""
        in_row = self.counts.near_in_row(percent.place)[:_NEAREST]
        in_column = self.counts.near_in_column(percent.place)[:_NEAREST]
        keys: list[tuple[Pair, ...]] = []
        for place in (*in_row, *in_column):
            key = self.counts.keys[place]
            if self.label not in key:
                keys.append(key)
        return keys

    def _chain(self, label: str) -> list[Basis]:
        """Changes of a row since the column before, one a percent, where all come out."""
        name, own_label = self.label
        column_names = {head.name for head in self.counts.numbers.table.columns.values()}
        chain: list[Basis] = []
        for percent in self.percents:
            place = self.counts.last_before(name, label, percent.column)
            if place is None:
                continue
            key = tuple((n, label if n == name else t) for n, t in percent.key)
            where = {name: own_label}
            for other_name, text in percent.key:
                if other_name in column_names and text:
                    where[other_name] = text
            base = {name: (label,), **differing(key, self.counts.keys[place])}
            basis = Basis(where, {name: (label,)}, base, is_change=True)
            if not self.counts.comes_out(basis, percent):
                return []
            chain.append(basis.counted(1, 1))
        if len(chain) > 1:
            return chain
        return []


def _is_fine(percents: Sequence[Percent]) -> bool:
    """Whether percents are printed with a fraction."""
    return percents[0].unit < Decimal("0.1")


def _least_part(percents: Sequence[Percent]) -> float:
    """Part of the percents that must come out."""
    if _is_fine(percents):
        return _SOME_COME_OUT
    return _MOST_COME_OUT


def _is_better(basis: Basis, other: Basis) -> bool:
    """Whether a greater part of the percents comes out, or more of them."""
    part = basis.agree / basis.compared
    other_part = other.agree / other.compared
    return (part, basis.agree) > (other_part, other.agree)


def _words_of(labels: Labels) -> str:
    """First label of each heading that differs."""
    return " ".join(of_heading[0] for of_heading in labels.values())


def _totals(counts: Counts, roles: Roles) -> list[tuple[str, tuple[str, ...]]]:
    """Totals of each heading, and all labels of one that has none: their sum is the whole."""
    totals: list[tuple[str, tuple[str, ...]]] = []
    for heading in counts.numbers.table.headings:
        buckets = roles.buckets(heading.name)
        has_total = False
        for label, bucket in buckets.items():
            if bucket is Bucket.TOTAL:
                totals.append((heading.name, (label,)))
                has_total = True
        without_role = tuple(label for label in heading.labels if label not in buckets)
        is_breakdown = heading.role not in {"measure", "number", "period"}
        if is_breakdown and not has_total and len(without_role) > 1:
            totals.append((heading.name, without_role))
    return totals
