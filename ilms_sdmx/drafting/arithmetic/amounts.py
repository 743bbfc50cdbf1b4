"""Figures of a table as amounts that can be added up, each with its rounding step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from ilms_sdmx.conversion.layout.grid import At
from ilms_sdmx.drafting.arithmetic.numbers import Key, NumberGrid
from ilms_sdmx.drafting.recognition.roles import NO_COUNTS, Roles
from ilms_sdmx.sums import Term, in_words, printed_step, shared_zeros
from ilms_sdmx.words import power_of


@dataclass(frozen=True, eq=False)
class Amounts:
    """Figures of a table in single units, as the drafted mapping will convert them.

    The steps are those by which `convert` judges the sums: the last decimal, or the power of
    ten to which all figures of the table are rounded.

    Parameters
    ----------
    numbers
        Figures as they are shown.
    roles
        Roles of the labels; figures of percents and what is ignored are not added up.
    """

    numbers: NumberGrid
    roles: Roles

    def term(self, row: int, column: int) -> Term | None:
        """Figure of a cell with its step; None where there is no cell."""
        return self.terms.get((row, column))

    def of_column(self, rows: Iterable[int], column: int) -> list[Term]:
        """Figures of a column in some rows, where there is a cell."""
        terms: list[Term] = []
        for row in rows:
            term = self.term(row, column)
            if term is not None:
                terms.append(term)
        return terms

    @cached_property
    def terms(self) -> Mapping[At, Term]:
        """Place of each cell to its figure, which may be none."""
        return {place: self._term(place) for place in self.numbers.keys}

    @cached_property
    def by_labels(self) -> Mapping[Key, Term]:
        """Figures by their headings and labels."""
        terms: dict[Key, Term] = {}
        for place, key in self.numbers.keys.items():
            if place in self.numbers.numbers:
                terms[key] = self.terms[place]
        return terms

    @property
    def rounded_to(self) -> str:
        """Words for the power of ten to which all figures are rounded, empty where to none."""
        if not self._zeros:
            return ""
        return in_words(self._zeros)

    @cached_property
    def _not_added(self) -> frozenset[tuple[str, str]]:
        """Headings with labels of figures that are not added up."""
        pairs: set[tuple[str, str]] = set()
        for role in self.roles:
            if role.bucket in NO_COUNTS:
                pairs.add((role.heading, role.label))
        return frozenset(pairs)

    @cached_property
    def _zeros(self) -> int:
        """Power of ten of which all figures that are added up are multiples."""
        texts: list[str] = []
        for place, number in self.numbers.numbers.items():
            if self._not_added.isdisjoint(self.numbers.keys[place]):
                texts.append(f"{number:f}")
        return shared_zeros(texts)

    @cached_property
    def _powers(self) -> Mapping[tuple[str, str], int]:
        """Power of ten of the figures of a label by the drafted rules, the first rule first."""
        table = self.numbers.table
        powers: dict[tuple[str, str], int] = {}
        if table.thousand in table.label_words:
            for role in self.roles.counts:
                powers[role.heading, role.label] = power_of(table.thousand)
        for heading in table.headings:
            for label in heading.labels:
                power = power_of(label)
                if power:
                    powers.setdefault((heading.name, table.shown(label)), power)
        return powers

    @cached_property
    def _table_power(self) -> int:
        """Power of ten that the drafted mapping gives all figures of the table."""
        table = self.numbers.table
        if not table.says_thousand_for_all:
            return 0
        return power_of(table.thousand)

    def _power(self, key: Key) -> int:
        """Power of ten of a figure with some headings."""
        for pair, power in self._powers.items():
            if pair in key:
                return power
        return self._table_power

    def _term(self, place: At) -> Term:
        """Figure of a cell in single units, with its step."""
        number = self.numbers.numbers.get(place)
        if number is None:
            return Term(None)
        key = self.numbers.keys[place]
        power = self._power(key)
        is_added = self._not_added.isdisjoint(key)
        if self._zeros and is_added:
            step = Decimal(1).scaleb(power + self._zeros)
        else:
            text = self.numbers.printed.cells[place].text
            step = printed_step(text, f"{number:f}", power, counted=is_added)
        return Term(number.scaleb(power), step)
