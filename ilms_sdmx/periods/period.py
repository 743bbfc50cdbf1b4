"""A time period of SDMX: what kind it is, the days that it holds, and its place in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ilms_sdmx.periods.days import date_of, date_parts

#: Kind of a period, by SDMX's name of it, to its frequency; the others have none by themselves.
_FREQUENCIES = {
    "GregorianYear": "A",
    "GregorianYearMonth": "M",
    "GregorianDay": "D",
    "ReportingYear": "A",
    "ReportingSemester": "S",
    "ReportingTrimester": "T",
    "ReportingQuarter": "Q",
    "ReportingMonth": "M",
    "ReportingWeek": "W",
    "ReportingDay": "D",
}
#: Days of the years of lunar calendars with and without a leap month.
_SHORTEST_YEAR, _LONGEST_YEAR = 353, 385
#: Room for the day of a month in an ordinal; a power of two: neighbours differ by exactly one.
_DAYS_OF_MONTH = 32
_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Period:
    """A period as TIME_PERIOD holds it.

    Parameters
    ----------
    text
        Lexical form, as it was written.
    kind
        Name that SDMX gives the form: `GregorianYear`, `ReportingQuarter`, `TimeRange`, ...
    year
        Year that the form is written with; that of a week may begin in the year before.
    start
        Number of the first day; day 1 is 0001-01-01.
    end
        Number of the day after the last one.
    months
        Length in months; 0 where the period lasts no whole number of them.
    seconds
        Seconds from the beginning of the first day, of a moment.
    """

    text: str
    kind: str
    year: int
    start: int
    end: int
    months: int = 0
    seconds: float = 0.0

    @property
    def first(self) -> date:
        """First day."""
        return date_of(self.start)

    @property
    def last(self) -> date:
        """Last day."""
        return date_of(self.end - 1)

    @property
    def days(self) -> int:
        """Number of days."""
        return self.end - self.start

    @property
    def middle(self) -> int:
        """Number of the middle day: 1 July of a year."""
        days_around = max(0, self.days - 2)
        return self.start + days_around // 2

    @property
    def is_year(self) -> bool:
        """Whether it lasts a year of any calendar, from any month."""
        if self.months:
            return self.months == 12
        return _SHORTEST_YEAR <= self.days <= _LONGEST_YEAR

    @property
    def is_point(self) -> bool:
        """Whether it may be the date of a stock: a day, a moment, or a month."""
        return self.kind in {"GregorianDay", "DateTime", "GregorianYearMonth"}

    @property
    def frequency(self) -> str:
        """Frequency of a series of such periods, in CL_FREQ; empty where the form says none.

        FREQ belongs to the series: a yearly stock as at a day is annual.
        """
        if self.kind == "TimeRange" and self.is_year:
            return "A"
        return _FREQUENCIES.get(self.kind, "")

    def overlaps(self, other: Period) -> bool:
        """Whether it has a day in common with another period.

        >>> from ilms_sdmx.periods import parse_period
        >>> year = parse_period("2019")
        >>> year.overlaps(parse_period("2019-12-31")), year.overlaps(parse_period("2020-Q1"))
        (True, False)
        """
        return self.start < other.end and other.start < self.end

    @property
    def ordinal(self) -> float:
        """Place in time on the scale of periods of its length; neighbours differ by one.

        >>> from ilms_sdmx.periods import parse_period
        >>> ordinals = [parse_period(f"{y}-10-01/P1Y").ordinal for y in (2014, 2015, 2017)]
        >>> ordinals[1] - ordinals[0], ordinals[2] - ordinals[0]
        (1.0, 3.0)
        """
        if self.kind == "DateTime":
            return self.start + self.seconds / _SECONDS
        if self.months:
            return self.ordinal_by_months(self.months)
        return self.ordinal_by_days(self.days)

    def ordinal_by_months(self, months: int) -> float:
        """Place of the first day on a scale of so many months.

        The whole part counts the steps of the scale; the rest orders periods within a step, and
        is a fraction that a number holds exactly.
        """
        year, month, day = date_parts(self.start)
        months_before = year * 12 + month - 1
        step, month_of_step = divmod(months_before, months)
        within = month_of_step * _DAYS_OF_MONTH + day - 1
        room = _power_of_two(months * _DAYS_OF_MONTH)
        return step + within / room

    def ordinal_by_days(self, days: int) -> float:
        """Place of the first day on a scale of so many days; weeks begin on Monday."""
        step, within = divmod(self.start - 1, days)
        room = _power_of_two(days)
        return step + within / room


def _power_of_two(number: int) -> int:
    """Smallest power of two that is at least a number."""
    return 1 << (number - 1).bit_length()
