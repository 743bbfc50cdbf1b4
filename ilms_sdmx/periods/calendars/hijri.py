"""The Hijri calendar by the rule of Umm al-Qura: 1439 begins on 21 September 2017."""

from __future__ import annotations

from datetime import date

#: Years that the tables of Umm al-Qura hold.
_YEARS = range(1343, 1501)


class HijriCalendar:
    """Years of twelve months of the moon, 354 or 355 days long."""

    name = "hijri"
    title = "the Hijri calendar (Umm al-Qura)"

    def new_year(self, number: int) -> date | None:
        """First day of a year; None for a year outside the tables.

        >>> HIJRI.new_year(1439)
        datetime.date(2017, 9, 21)
        """
        from hijridate import Hijri

        if number not in _YEARS:
            return None
        day = Hijri(number, 1, 1).to_gregorian()
        return date(day.year, day.month, day.day)


HIJRI = HijriCalendar()
