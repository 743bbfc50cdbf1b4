"""The Solar Hijri calendar of Iran and Afghanistan: 1397 begins on 21 March 2018."""

from __future__ import annotations

from datetime import date

#: Years that a table of statistics may speak of.
_YEARS = range(1200, 1500)


class SolarHijriCalendar:
    """Years from one spring equinox to the next."""

    name = "solar_hijri"
    title = "the Solar Hijri calendar"

    def new_year(self, number: int) -> date | None:
        """First day of a year; None for a year of no table.

        >>> SOLAR_HIJRI.new_year(1397)
        datetime.date(2018, 3, 21)
        """
        from convertdate import persian

        if number not in _YEARS:
            return None
        return date(*persian.to_gregorian(number, 1, 1))


SOLAR_HIJRI = SolarHijriCalendar()
