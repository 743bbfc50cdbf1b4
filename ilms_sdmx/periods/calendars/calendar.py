"""What a calendar is: it reads the number of a year as it is printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ilms_sdmx.periods.period import Period


@dataclass(frozen=True, slots=True)
class YearLabel:
    """A year as it is printed.

    Parameters
    ----------
    number
        Its number, the first of two.
    area
        ISO 3166 alpha-3 code of the country that printed it; empty where nobody says.
    is_double
        Whether it names two years: `2016-2017`.
    short_years
        Calendar that years of two digits are of (`buddhist`, `common`); empty where that is
        not declared.
    """

    number: int
    area: str = ""
    is_double: bool = False
    short_years: str = ""


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """A year of a calendar.

    Parameters
    ----------
    period
        The days that it holds.
    evidence
        Sentence that says how it was read; empty where there is nothing to say.
    """

    period: Period
    evidence: str = ""


class Calendar(Protocol):
    """A way to count years."""

    @property
    def name(self) -> str:
        """Name, as the mapping file writes it."""
        ...

    def year(self, label: YearLabel) -> CalendarYear | None:
        """Year that a label names; None where the calendar has no such year."""
        ...
