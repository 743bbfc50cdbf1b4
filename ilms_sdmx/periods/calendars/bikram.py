"""Bikram Sambat, the calendar of Nepal: 2075 begins on 14 April 2018."""

from __future__ import annotations

from datetime import date

#: Years whose months are in the tables.
_YEARS = range(1975, 2101)


class BikramCalendar:
    """Years of Bikram Sambat, which begin in the middle of April."""

    name = "bikram"
    title = "Bikram Sambat"

    def new_year(self, number: int) -> date | None:
        """First day of a year; None for a year outside the tables.

        >>> BIKRAM.new_year(2075)
        datetime.date(2018, 4, 14)
        """
        import nepali_datetime

        if number not in _YEARS:
            return None
        day: date = nepali_datetime.date(number, 1, 1).to_datetime_date()
        return day


BIKRAM = BikramCalendar()
