"""Years of calendars that begin within a year of the common era: the right days, or a question."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from ilms_sdmx.periods import find_period, parse_period, read_period
from ilms_sdmx.periods.calendars.spanning import SPANNING, SpanningCalendar, year_of


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("1439 AH", "2017-09-21/P355D"),
        ("1439هـ", "2017-09-21/P355D"),
        ("١٤٣٩ هـ", "2017-09-21/P355D"),
        ("A.H. 1444", "2022-07-30/P354D"),
        ("1441 Hijriah", "2019-08-31/P355D"),
        ("B.S. 2075", "2018-04-14/P1Y"),
        ("2076 BS", "2019-04-14/P365D"),
        ("वि.सं. २०७५", "2018-04-14/P1Y"),
        ("Vikram Samvat 2080", "2023-04-14/P365D"),
        ("۱۳۹۷ ه.ش", "2018-03-21/P1Y"),
        ("1399 Solar Hijri", "2020-03-20/P366D"),
        ("2010 E.C.", "2017-09-11/P1Y"),
        ("Ethiopian calendar 2012", "2019-09-12/P365D"),
    ],
)
def test_a_year_with_its_era_is_its_days(text: str, period: str) -> None:
    printed = read_period(text)
    assert printed.time_period == period
    assert "of" in printed.evidence[0]
    read = parse_period(period)
    assert read is not None
    assert read.is_year
    assert read.frequency == "A"


@pytest.mark.parametrize(
    "text",
    [
        *("2075/76 B.S.", "1439-1440 AH", "end of 1439 AH", "Q1 2075 BS", "Muharram 1439 AH"),
        *("as of 1 Meskerem 2010 E.C.", "1439 AH (2017)", "3000 BS", "1200 AH", "May 2075 BS"),
        *("محرم 1439 هـ", "first half of 2075 BS", "since 1439 AH", "9 months of 2075 BS"),
    ],
)
def test_what_is_not_one_whole_year_is_asked(text: str) -> None:
    """A part of a year is never the year, in a label or in a title."""
    for printed in (read_period(text), find_period(text), find_period(f"Workers, {text}")):
        assert not printed.time_period, printed
        assert printed.reason


@pytest.mark.parametrize("text", ["1397", "1439", "2075", "۱۳۹۷", "1442"])
def test_a_number_alone_is_of_no_calendar(text: str) -> None:
    assert not read_period(text).time_period


@pytest.mark.parametrize(
    "text", ["2018 Sabah", "Obs 2018", "BSB 2018", "Bahrain 2018", "AHP 2018"]
)
def test_letters_of_an_era_within_a_word_are_no_era(text: str) -> None:
    assert "2018" in {find_period(text).time_period}


def test_a_year_that_may_be_of_two_calendars_is_asked_where_it_can_be() -> None:
    assert not read_period("2010", area="ETH").time_period
    assert read_period("2010", area="ETH").is_open
    assert read_period("2018 G.C.", area="ETH").time_period == "2018"
    assert read_period("2010", area="THA").time_period == "2010"


#: The equinox is found anew for every year of the Solar Hijri calendar, which takes long.
SOME = {"solar_hijri": range(1390, 1405)}


@pytest.mark.parametrize("calendar", SPANNING, ids=lambda calendar: calendar.name)
def test_years_follow_each_other_without_a_gap(calendar: SpanningCalendar) -> None:
    follow(calendar, SOME.get(calendar.name, range(1000, 2200)), 15)


@pytest.mark.slow
@pytest.mark.parametrize("calendar", SPANNING, ids=lambda calendar: calendar.name)
def test_all_years_follow_each_other(calendar: SpanningCalendar) -> None:
    follow(calendar, range(1000, 2200), 100)


def follow(calendar: SpanningCalendar, numbers: range, least: int) -> None:
    years = [year for number in numbers if (year := year_of(calendar, number)) is not None]
    assert len(years) >= least
    for before, after in pairwise(years):
        assert before.last + timedelta(days=1) == after.first
        assert before.is_year
