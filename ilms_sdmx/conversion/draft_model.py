"""What a draft knows of one table, and what is left to decide."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ilms_sdmx.conversion.draft_headings import Heading
from ilms_sdmx.conversion.draft_tables import Found
from ilms_sdmx.tables.periods import Period
from ilms_sdmx.tables.text import clean

NUMBERING = re.compile(r"^\s*(\d{1,3}|[ivxlc]{1,6}|[a-z])[.)]\s+(?=\S)", re.IGNORECASE)


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
    """

    name: str
    sheet: str
    found: Found
    titles: list[str]
    near: list[str]
    rows: dict[int, Heading] = field(default_factory=dict)
    columns: dict[int, Heading] = field(default_factory=dict)
    roles: list[tuple[str, str, str, str]] = field(default_factory=list)
    sums: list[tuple[str, str, str, str]] = field(default_factory=list)
    periods: dict[str, tuple[str, str]] = field(default_factory=dict)
    constant: Period | None = None
    thousand: str = ""
    numbering: bool = False

    def heading_of(self, role: str) -> Heading | None:
        """First heading of a role."""
        return next((h for h in [*self.rows.values(), *self.columns.values()] if h.role == role), None)

    @property
    def headings(self) -> list[Heading]:
        """All headings, those of the rows first."""
        return [*self.rows.values(), *self.columns.values()]


def plain(label: str) -> str:
    """Label as a mapping with `numbering` compares it."""
    return NUMBERING.sub("", clean(label), count=1)
