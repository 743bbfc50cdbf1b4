"""Years that begin within a year of the common era, told by the name of their era."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Protocol

from ilms_sdmx.periods.calendars.bikram import BIKRAM
from ilms_sdmx.periods.calendars.ethiopian import ETHIOPIAN
from ilms_sdmx.periods.calendars.hijri import HIJRI
from ilms_sdmx.periods.calendars.solar_hijri import SOLAR_HIJRI
from ilms_sdmx.periods.making import range_of_months, through_days
from ilms_sdmx.periods.period import Period
from ilms_sdmx.words.text import clean, one_look, western_digits
from ilms_sdmx.words.vocabulary import of_kind


class SpanningCalendar(Protocol):
    """A calendar whose years are in two years of the common era."""

    @property
    def name(self) -> str:
        """Name, as `dsd/labels/words.csv` has it."""
        ...

    @property
    def title(self) -> str:
        """Name in a sentence."""
        ...

    def new_year(self, number: int) -> date | None:
        """First day of a year; None where the calendar has no such year."""
        ...


#: A new calendar is one more module, one more entry, and the words of its era.
SPANNING: tuple[SpanningCalendar, ...] = (BIKRAM, ETHIOPIAN, HIJRI, SOLAR_HIJRI)

#: Year that is read in place of another calendar's, to see what is said next to it.
_STAND_IN = 2000
#: States whose own count of years gives numbers that are years of the common era too.
_TWO_COUNTS = frozenset({"ETH"})


@dataclass(frozen=True, slots=True)
class SpanningYear:
    """A year of another calendar that a text names.

    Parameters
    ----------
    period
        Its days; None where the calendar has no such year.
    number, second
        Its number, and that of the year behind it in `2075/76`; empty where one is named.
    calendar
        Name of the calendar in a sentence.
    is_part
        Whether a month of a calendar is named next to it.
    rest
        The text with a year of the common era in its place.
    """

    period: Period | None
    number: str
    second: str
    calendar: str
    is_part: bool
    rest: str

    @property
    def evidence(self) -> str:
        """Sentence that says how the year was read."""
        if self.period is None:
            return ""
        days = f"{self.period.first} to {self.period.last}"
        return f"{self.number} of {self.calendar} is {days}"


def find_spanning_year(text: str) -> SpanningYear | None:
    """Year of another calendar that a text names with its era; None where it names none.

    A number alone is of no such calendar: 1397 is a year of three.

    >>> find_spanning_year("Permits, 1439 AH").period.text
    '2017-09-21/P355D'
    >>> find_spanning_year("B.S. 2075").period.text, find_spanning_year("2075")
    ('2018-04-14/P1Y', None)
    """
    digits_read = western_digits(text)
    shown = one_look(clean(digits_read)).casefold()
    match = _year_of_era().search(shown)
    if match is None:
        return None
    era = match.group("before") or match.group("behind")
    number = match.group("first") or match.group("only")
    second = match.group("to") or match.group("until") or ""
    calendar = _calendars()[era]
    rest = f"{shown[: match.start()]} {_STAND_IN} {shown[match.end() :]}"
    period = year_of(calendar, int(number))
    is_part = _month().search(rest) is not None
    return SpanningYear(period, number, second, calendar.title, is_part, rest)


def has_two_counts(area: str, text: str) -> bool:
    """Whether a year of a state may be of two calendars, and the text does not say of which.

    >>> has_two_counts("ETH", "2010"), has_two_counts("ETH", "2018 G.C.")
    (True, False)
    """
    if area not in _TWO_COUNTS:
        return False
    shown = one_look(clean(text)).casefold()
    names = {word.word for word in of_kind("era") if word.value == "0"}
    return not any(name in shown for name in names)


def year_of(calendar: SpanningCalendar, number: int) -> Period | None:
    """Days of a year, from its first day to the one before the next; None for no such year.

    >>> year_of(BIKRAM, 2076).text, year_of(HIJRI, 3)
    ('2019-04-14/P365D', None)
    """
    first = calendar.new_year(number)
    following = calendar.new_year(number + 1)
    if first is None or following is None:
        return None
    same_day_next_year = range_of_months(first, 12)
    if same_day_next_year.end == following.toordinal():
        return same_day_next_year
    return through_days(first, following)


@lru_cache(maxsize=1)
def _calendars() -> dict[str, SpanningCalendar]:
    """Name of an era to its calendar."""
    by_name = {calendar.name: calendar for calendar in SPANNING}
    return {word.word: by_name[word.value] for word in of_kind("spanning_era")}


@lru_cache(maxsize=1)
def _year_of_era() -> re.Pattern[str]:
    """Expression of the name of an era before or behind the number of a year."""
    names = sorted(_calendars(), key=len, reverse=True)
    eras = "|".join(map(re.escape, names))
    second = r"(?:\s?[-/]\s?(?P<{}>\d+))?"
    first = rf"(?P<first>\d{{4}}){second.format('to')}(?!\d)"
    only = rf"(?<!\d)(?P<only>\d{{4}}){second.format('until')}"
    before = rf"(?<![^\W\d_])(?P<before>{eras})[\s.:]*{first}"
    behind = rf"{only}\s*(?P<behind>{eras})(?![^\W\d_])"
    return re.compile(f"{before}|{behind}")


@lru_cache(maxsize=1)
def _month() -> re.Pattern[str]:
    """Expression of the months of these calendars."""
    names = "|".join(re.escape(word.word) for word in of_kind("other_month"))
    return re.compile(rf"(?<![^\W\d_])(?:{names})(?![^\W\d_])")
