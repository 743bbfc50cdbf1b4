"""The Ethiopian calendar: 2010 begins on 11 September 2017."""

from __future__ import annotations

from datetime import date

#: Years that a table of statistics may speak of.
_YEARS = range(1850, 2101)
#: Its years begin on the day of the Coptic ones; this many lie between their counts.
_YEARS_AHEAD_OF_COPTIC = 276


class EthiopianCalendar:
    """Years of thirteen months, which begin on 11 or 12 September."""

    name = "ethiopian"
    title = "the Ethiopian calendar"

    def new_year(self, number: int) -> date | None:
        """First day of a year; None for a year of no table.

        >>> ETHIOPIAN.new_year(2010), ETHIOPIAN.new_year(2012)
        (datetime.date(2017, 9, 11), datetime.date(2019, 9, 12))
        """
        from convertdate import coptic

        if number not in _YEARS:
            return None
        return date(*coptic.to_gregorian(number - _YEARS_AHEAD_OF_COPTIC, 1, 1))


ETHIOPIAN = EthiopianCalendar()
