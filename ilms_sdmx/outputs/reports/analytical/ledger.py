"""The list of figures of a report: each one of the database, or worked out of some."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ilms_sdmx.outputs.reports.analytical.content import Reference

if TYPE_CHECKING:
    from ilms_sdmx.outputs.reports.analytical.evidence import HeldFigure
    from ilms_sdmx.outputs.reports.catalogues import Catalogue

_MILLION = 1_000_000


@dataclass
class Ledger:
    """Entries of the numbers of a report, each number once.

    Parameters
    ----------
    words
        Message catalogue.
    """

    words: Catalogue
    origins: list[dict[str, str]] = field(default_factory=list)
    derived: list[dict[str, str]] = field(default_factory=list)
    _ids: dict[object, str] = field(default_factory=dict)

    def persons(self, figure: HeldFigure) -> Reference:
        """A figure of the database, in persons."""
        return Reference(self.printed(figure.value), self.id_of(figure), figure.place)

    def money(self, figure: HeldFigure) -> Reference:
        """A figure of the database as it is kept: an amount, with no words for its size."""
        text = self.words.number(figure.value, 0)
        return Reference(text, self.id_of(figure), figure.place)

    def printed(self, value: float) -> str:
        """Persons as the report prints them: from a million on with two decimals."""
        if value >= _MILLION:
            millions = self.words.number(value / _MILLION, 2)
            return self.words.text("analysis.million", number=millions)
        return self.words.number(round(value), 0)

    def id_of(self, figure: HeldFigure) -> str:
        """Id of the entry of a figure, which is made once."""
        if figure not in self._ids:
            id = f"F{len(self.origins) + 1}"
            self._ids[figure] = id
            self.origins.append({"id": id, **figure.entry})
        return self._ids[figure]

    def share(self, part: HeldFigure, whole: HeldFigure) -> Reference:
        """Share of a figure in another one, in percent."""
        text = self._percent(100 * part.value / whole.value)
        return self._worked_out(text, f"{self.id_of(part)} / {self.id_of(whole)}")

    def change(self, before: HeldFigure, after: HeldFigure) -> Reference:
        """By how many percent a figure is larger or smaller than an earlier one."""
        value = 100 * (after.value - before.value) / before.value
        text = self._percent(abs(value))
        ids = (self.id_of(after), self.id_of(before))
        return self._worked_out(text, f"{ids[0]} / {ids[1]} - 1")

    def ratio(self, larger: HeldFigure, smaller: HeldFigure) -> Reference:
        """How many times as large one figure is as another."""
        value = larger.value / smaller.value
        text = self.words.number(value, 0 if value >= 10 else 1)
        ids = (self.id_of(larger), self.id_of(smaller))
        return self._worked_out(text, f"{ids[0]} / {ids[1]}")

    def _percent(self, value: float) -> str:
        """Percent with a decimal below 10, and with words for less than that can show."""
        if 0 < value < 0.05:
            return self.words.text("analysis.hardly-any")
        return f"{self.words.number(value, 0 if value >= 10 else 1)} %"

    def sum(self, figures: Sequence[HeldFigure]) -> Reference:
        """Sum of figures that count the same at the same time."""
        text = self.printed(sum(figure.value for figure in figures))
        ids = " + ".join(self.id_of(figure) for figure in figures)
        return self._worked_out(text, ids)

    def share_of_sums(
        self, parts: Sequence[HeldFigure], wholes: Sequence[HeldFigure]
    ) -> Reference:
        """Share of a sum in another sum, in percent."""
        part = sum(figure.value for figure in parts)
        whole = sum(figure.value for figure in wholes)
        text = f"{self.words.number(100 * part / whole, 0)} %"
        above = " + ".join(self.id_of(figure) for figure in parts)
        below = " + ".join(self.id_of(figure) for figure in wholes)
        return self._worked_out(text, f"({above}) / ({below})")

    def counted(self, number: int, how: str) -> Reference:
        """A count of the inventory of sources, with what was counted."""
        return self._worked_out(self.words.number(number, 0), how)

    def _worked_out(self, text: str, how: str) -> Reference:
        key = (text, how)
        if key not in self._ids:
            id = f"D{len(self.derived) + 1}"
            self._ids[key] = id
            self.derived.append({"id": id, "number": text, "how": how})
        return Reference(text, self._ids[key], how)
