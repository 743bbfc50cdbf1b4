"""Columns of times next to figures: the time of the figures, or of something else, or asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ilms_sdmx.periods import Period, find_periods, parse_period, read_period
from ilms_sdmx.words import says
from ilms_sdmx.words.text import clean

#: Kinds of words over a column of times that are the time of the figures.
_OF_FIGURES = (
    *("time_heading", "year", "other_year", "monthword", "quarter", "half", "week", "era"),
    *("asat", "fiscal", "year_ended", "year_end", "months_ended"),
)
#: Times by which a column is judged.
_MOST_TIMES = 100


class TimeMeaning(StrEnum):
    """What the times of a column are of."""

    FIGURES = "figures"
    SOMETHING_ELSE = "something else"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class TimeColumn:
    """A column of times next to figures.

    Parameters
    ----------
    head
        Words over it, empty for none.
    times
        Its labels.
    titles
        Words above the table.
    area
        Country, whose calendars are known.
    """

    head: str
    times: Sequence[str]
    titles: Sequence[str]
    area: str

    @property
    def meaning(self) -> TimeMeaning:
        """What its times are of, by the words over it and the titles.

        A day is the time of figures only where the words say so: as often it is the day when
        a row was written. Where the titles say another time, days are not believed, nor times
        without words.
        """
        if says(self.head, "other_time", "publication"):
            return TimeMeaning.SOMETHING_ELSE
        is_named = says(self.head, *_OF_FIGURES)
        if self._are_days and self.head and not is_named:
            return TimeMeaning.UNKNOWN
        if self.is_against_titles and (self._are_days or not is_named):
            return TimeMeaning.UNKNOWN
        return TimeMeaning.FIGURES

    @property
    def is_against_titles(self) -> bool:
        """Whether the titles say a time, and it has none of these times."""
        said = self._periods_of_titles
        if not said:
            return False
        for period in self._periods:
            if any(map(period.overlaps, said)):
                return False
        return bool(self._periods)

    def question(self, name: str) -> str:
        """What a person must decide, where the column is a heading of a name."""
        over = repr(self.head) if self.head else "no heading"
        times = f"the times under {over}, such as {self.times[0]!r}"
        otherwise = f"For those leave out `set`, and write TIME_PERIOD: {{period: {name}}}"
        if self._periods_of_titles:
            said = self._periods_of_titles[0].text
            return f"{said}, as the title says, or {times}? {otherwise}"
        return f"no title says the period. Is it in {times}? {otherwise}"

    @property
    def _periods(self) -> list[Period]:
        """Periods that its times say alone."""
        periods: list[Period] = []
        for time in self.times[:_MOST_TIMES]:
            printed = read_period(clean(time), area=self.area)
            period = parse_period(printed.time_period)
            if period is not None:
                periods.append(period)
        return periods

    @property
    def _are_days(self) -> bool:
        """Whether most of its times are days."""
        days = [period for period in self._periods if period.end - period.start == 1]
        return len(days) * 2 > len(self._periods)

    @property
    def _periods_of_titles(self) -> list[Period]:
        """Periods that the words above the table say."""
        periods: list[Period] = []
        for title in self.titles:
            periods += find_periods(clean(title), area=self.area)
        return periods


def head_over(texts: Iterable[str]) -> str:
    """Words of the header over a column, each once."""
    return " ".join(dict.fromkeys(filter(None, map(clean, texts))))
