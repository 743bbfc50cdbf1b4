"""What a draft knows of one table, and what is left to decide."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from ilms_sdmx.drafting.found import Found
from ilms_sdmx.drafting.headings import Heading
from ilms_sdmx.periods import PrintedPeriod
from ilms_sdmx.words.text import clean

NUMBERING = re.compile(r"^\s*(\d{1,3}|[ivxlc]{1,6}|[a-z])[.)]\s+(?=\S)", re.IGNORECASE)


@dataclass(frozen=True)
class Sum:
    """A total of a heading, and how many of its sums agree.

    `short` says that every sum is less than its total; `parts` are named where they are not all others, or
    `over`, the heading of which all labels are parts. Only figures with the labels `where` are compared.
    """

    name: str
    total: str
    agree: int
    compared: int
    short: bool = False
    parts: tuple[str, ...] = ()
    where: tuple[tuple[str, str], ...] = ()
    over: str = ""

    @property
    def relation(self) -> str:
        """Relation that a check proposes: `equal` or `at_most`."""
        return "at_most" if self.short else "equal"

    @property
    def why(self) -> str:
        """Evidence, a question where most sums do not agree."""
        if self.short:
            return "decide: the parts add up to less than the total"
        doubt = "" if self.agree > self.compared / 2 else "decide: "
        return f"{doubt}{self.agree} of {self.compared} sums agree"


@dataclass(frozen=True)
class Basis:
    """What percents are a share or a change of, by the headings that differ; and how many come out.

    Parameters
    ----------
    where
        Headings of the percents.
    of, base
        Headings of the numerator, and of the denominator or earlier figure.
    left
        Whether the numerator is the figure to the left.
    """

    where: dict[str, str]
    of: dict[str, tuple[str, ...]]
    base: dict[str, tuple[str, ...]]
    change: bool = False
    left: bool = False
    agree: int = 0
    compared: int = 0

    def counted(self, agree: int, compared: int) -> Basis:
        """Return the same basis with the number of percents that come out."""
        return replace(self, agree=agree, compared=compared)

    @property
    def id(self) -> str:
        """Text that only the same basis has."""
        return repr((self.where, self.of, self.base, self.change, self.left))

    @property
    def why(self) -> str:
        """Evidence, a question where some do not come out."""
        doubt = "" if self.agree == self.compared else "decide: "
        return f"{doubt}{self.agree} of {self.compared} come out when recomputed"


@dataclass(frozen=True)
class Axis:
    """What tells the sheets of one table apart.

    Parameters
    ----------
    heading
        Its labels, one a sheet.
    sheet, text
        Regular expression of the label in the name of the sheet, or in a cell of it; both empty where the
        label is the name of the sheet itself.
    before
        Whether its label is read before that of the period in the table: `January`, `2019`.
    """

    heading: Heading
    sheet: str = ""
    text: str = ""
    why: str = ""
    before: bool = False


@dataclass(eq=False)
class Analysis:
    """What is known and what is to be decided about one table.

    Parameters
    ----------
    rows, columns
        Headings of the label columns by grid column, and of the header rows by row.
    titles, near
        Words above the table, the nearest first, and those that no other table has.
    roles
        Bucket of labels: heading, label, bucket, words for a comment.
    periods
        Printed period to SDMX period, with the evidence.
    times
        Names of the headings of months or quarters and of their years, where both stand in the table.
    block
        Heading of the rows that head groups of rows.
    alike
        The same table on further sheets, and what tells the sheets apart.
    """

    name: str
    sheet: str
    found: Found
    titles: list[str]
    near: list[str]
    rows: dict[int, Heading] = field(default_factory=dict)
    columns: dict[int, Heading] = field(default_factory=dict)
    roles: list[tuple[str, str, str, str]] = field(default_factory=list)
    sums: list[Sum] = field(default_factory=list)
    bases: list[Basis] = field(default_factory=list)
    periods: dict[str, tuple[str, str]] = field(default_factory=dict)
    constant: PrintedPeriod | None = None
    times: list[str] = field(default_factory=list)
    thousand: str = ""
    numbering: bool = False
    alike: list[Analysis] = field(default_factory=list)
    axis: Axis | None = None
    block: Heading | None = None

    def heading_of(self, role: str) -> Heading | None:
        """First heading of a role."""
        return next((h for h in self.headings if h.role == role), None)

    @property
    def headings(self) -> list[Heading]:
        """All headings, those of the rows first, that of the sheets last."""
        others = [self.block, self.axis.heading if self.axis else None]
        return [
            *self.rows.values(),
            *self.columns.values(),
            *(h for h in others if h is not None),
        ]

    @property
    def founds(self) -> list[Found]:
        """Table on each of its sheets."""
        return [self.found, *(other.found for other in self.alike)]

    @property
    def time(self) -> list[str]:
        """Names of the headings that together say the period."""
        heads = [h for h in self.headings if not self.axis or h is not self.axis.heading]
        own = [h.name for h in heads if h.role == "period"][:1]
        own = self.times or own
        if self.axis is None or self.axis.heading.role != "period":
            return own or ["period"]
        return (
            [self.axis.heading.name, *own]
            if self.axis.before
            else [*own, self.axis.heading.name]
        )


def plain(label: str) -> str:
    """Label as a mapping with `numbering` compares it."""
    return NUMBERING.sub("", clean(label), count=1)
