"""Shapes of printed periods and how each is read: years, quarters, months, days and ranges."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from ilms_sdmx.findings import phrase
from ilms_sdmx.periods import making
from ilms_sdmx.periods.calendars.calendar import YearLabel
from ilms_sdmx.periods.calendars.fiscal import FISCAL
from ilms_sdmx.periods.days import add_months, date_of
from ilms_sdmx.periods.period import Period
from ilms_sdmx.periods.tokens import Tokens

#: States whose dates with slashes begin with the day; in tables in English, and where nobody
#: says, either may come first. Dates with points begin with the day everywhere.
_DAY_FIRST = frozenset({"IDN", "KHM", "LAO", "THA", "TLS", "VNM"})


@dataclass(slots=True)
class Context:
    """What a reader of shapes knows and notes.

    Parameters
    ----------
    tokens
        Tokens of the label.
    area
        Country, for its dates and fiscal years.
    year
        Year of labels that name none; 0 for none.
    fiscal
        Whether years are fiscal ones.
    start
        Position of the shape among the tokens.
    note
        How a fiscal year runs, noted by the reader of it.
    reporting
        Reporting period of a fiscal year and the day with which its reporting year begins.
    cumulative
        Whether the period runs from January.
    is_title
        Whether the text also says other things than the period.
    """

    tokens: Tokens
    area: str
    year: int
    fiscal: bool
    start: int = 0
    note: str = ""
    reporting: tuple[str, str] = ("", "")
    cumulative: bool = False
    is_title: bool = False

    def values(self, shape: str, letters: str) -> list[int]:
        """Values of the tokens of a shape that are of some letters."""
        values = []
        for offset, letter in enumerate(shape):
            if letter in letters:
                values.append(self.tokens.values[self.start + offset])
        return values

    def years(self, shape: str) -> list[int]:
        """Years of a shape, or the year of labels that name none."""
        return self.values(shape, "Y") or [self.year]


#: Reading of a shape: the period, the reason against it, or None where another reader reads it.
_Result = Period | str | None
_Reader = Callable[[Context, str], _Result]


def match_all(context: Context) -> tuple[list[Period | str], str]:
    """Results of the patterns over the shape, from left to right, and the letters left over."""
    results: list[Period | str] = []
    shape = context.tokens.shape
    position = 0
    letters_left = ""
    while position < len(shape):
        step, result = _match(context, shape, position)
        if result is None:
            letters_left += shape[position]
        else:
            results.append(result)
        position += step
    return results, letters_left


def _match(context: Context, shape: str, position: int) -> tuple[int, _Result]:
    """Count the letters that a pattern takes, and give its result."""
    for pattern, reader in PATTERNS:
        match = pattern.match(shape, position)
        if match is None or match.end() == position:
            continue
        context.start = position
        try:
            result = reader(context, match.group())
        except ValueError:
            values = context.tokens.values[position : match.end()]
            result = phrase("no-such-date", values=str(values))
        if result is not None:
            length = match.end() - position
            return length, result
    return 1, None


def _day_range(context: Context, shape: str) -> _Result:
    days = context.values(shape, "n")
    months = context.values(shape, "M")
    years = context.values(shape, "Y")
    first = making.calendar_day(years[0], months[0], days[0])
    last = making.calendar_day(years[-1], months[-1], days[-1])
    return _through(first, last)


def _through(first: Period, last: Period) -> Period | str:
    """Period from one to another, or the reason against it."""
    period = making.through(first, last)
    return period or phrase("backwards")


def _day(context: Context, shape: str) -> _Result:
    (day,) = context.values(shape, "n")
    (month,) = context.values(shape, "M")
    (year,) = context.values(shape, "Y")
    return making.calendar_day(year, month, day)


def _numeric_date(context: Context, shape: str) -> _Result:
    first, second = context.values(shape, "n")
    (year,) = context.values(shape, "Y")
    if shape[0] == "Y":
        return making.calendar_day(year, first, second)
    is_dotted = "." in shape
    if is_dotted or context.area in _DAY_FIRST or first == second:
        return making.calendar_day(year, second, first)
    may_be_months = max(first, second) <= 12
    if may_be_months:
        return phrase("day-or-month", first=first, second=second)
    return making.calendar_day(year, second, first)


def _open(context: Context, shape: str) -> _Result:
    """`since 2016`, `2016-`, `until 2018`: no end, or no beginning, is said."""
    if shape.startswith("-") and context.start > 0:
        return None
    return phrase("open-period")


def _other_year(context: Context, shape: str) -> _Result:
    return phrase("other-year")


def _two_days(context: Context, shape: str) -> _Result:
    return phrase("two-days")


def _until_a_day(context: Context, shape: str) -> _Result:
    return phrase("until-a-day")


def _week(context: Context, shape: str) -> _Result:
    return phrase("week")


def _to_day(context: Context, shape: str) -> _Result:
    """`2021 (until 31 May)`: from 1 January to the day."""
    year, day, month = context.values(shape, "YnM")
    context.cumulative = True
    first = making.calendar_day(year, 1, 1)
    last = making.calendar_day(year, month, day)
    return _through(first, last)


def _day_of_year(context: Context, shape: str) -> _Result:
    """`2018 (as of 31 May)`, `2018 May 31`: the year before the day."""
    (year,) = context.values(shape, "Y")
    (day,) = context.values(shape, "n")
    (month,) = context.values(shape, "M")
    return making.calendar_day(year, month, day)


def _year_ended(context: Context, shape: str) -> _Result:
    """`year ended June 2018`, `6 months to June 2018`: months up to the end of one."""
    numbers = context.values(shape, "n")
    (month,) = context.values(shape, "M")
    (year,) = context.values(shape, "Y")
    months = 12
    if "v" in shape:
        months = numbers.pop(0)
    last = making.calendar_month(year, month)
    if numbers:
        day = making.calendar_day(year, month, numbers[0])
        if day.end != last.end:
            return phrase("within-a-month")
    if months not in range(1, 61):
        return phrase("months-of-no-table", count=months)
    first = date_of(add_months(last.end, -months))
    context.cumulative = first.month == 1 and months < 12
    return making.range_of_months(first, months)


def _quarter_range(context: Context, shape: str) -> _Result:
    """`Q1-Q3 2018`: from the first quarter or half to the last."""
    first, last = context.values(shape, "no")
    year = context.years(shape)[0]
    if not year:
        return phrase("no-year")
    if context.fiscal:
        return phrase("fiscal-quarters")
    months = 3 if "q" in shape else 6
    whole = making.calendar_year(year)
    begin = making.part_of_year(whole, months, first)
    end = making.part_of_year(whole, months, last)
    if begin is None or end is None:
        return phrase("no-parts", first=first, last=last)
    context.cumulative = first == 1
    return _through(begin, end)


def _month_range(context: Context, shape: str) -> _Result:
    months = context.values(shape, "Mn")
    years = context.years(shape)
    if not years[0]:
        return phrase("no-year")
    first = making.calendar_month(years[0], months[0])
    last = making.calendar_month(years[-1], months[-1])
    context.cumulative = months[0] == 1
    return _through(first, last)


def _to_month(context: Context, shape: str) -> _Result:
    """`2016 (s.d Mei)`: from January to the month."""
    (month,) = context.values(shape, "Mn")
    year = context.years(shape)[0]
    if not year:
        return phrase("no-year")
    context.cumulative = True
    first = date(year, 1, 1)
    return making.range_of_months(first, month)


def _first_months(context: Context, shape: str) -> _Result:
    count = context.values(shape, "n")[0]
    year = context.years(shape)[0]
    if not year:
        return phrase("no-year")
    context.cumulative = True
    if not 1 <= count <= 12:
        return phrase("months-of-no-year", count=count)
    first = date(year, 1, 1)
    return making.range_of_months(first, count)


def _month(context: Context, shape: str) -> _Result:
    month = context.values(shape, "Mn")[0]
    year = context.years(shape)[0]
    if not year:
        return phrase("no-year")
    return making.calendar_month(year, month)


def _short_year(context: Context, shape: str) -> _Result:
    (number,) = context.values(shape, "n")
    return phrase("short-year", number=f"{number:02d}")


def _iso_month(context: Context, shape: str) -> _Result:
    (year,) = context.values(shape, "Y")
    (number,) = context.values(shape, "n")
    next_year = (year + 1) % 100
    next_year_of_buddhist_era = (year + 544) % 100
    if number in {next_year, next_year_of_buddhist_era}:
        return _two_years(context, year, or_month=number <= 12)
    if "F" in shape:
        return phrase("not-one-fiscal-year", first=year, second=f"{number:02d}")
    return making.calendar_month(year, number)


def _two_years(context: Context, first: int, *, or_month: bool = False) -> Period | str:
    if context.fiscal:
        return _fiscal(context, first, is_double=True)
    id = "two-years-or-month" if or_month else "two-years"
    return phrase(id, first=first, second=first + 1)


def _fiscal(context: Context, first: int, *, is_double: bool) -> Period | str:
    label = YearLabel(first, context.area, is_double)
    fiscal_year = FISCAL.year(label)
    if fiscal_year is None:
        name = f"{first}-{first + 1}" if is_double else str(first)
        country = context.area or phrase("unnamed-country")
        return phrase("fiscal-year-unknown", year=name, country=country)
    start = fiscal_year.period.first
    context.note = phrase("fiscal-year-runs", rule=fiscal_year.evidence)
    context.reporting = (f"{start.year}-A1", f"--{start.month:02d}-01")
    return fiscal_year.period


def _part_of_year(context: Context, shape: str) -> _Result:
    number = context.values(shape, "no")[0]
    year = context.years(shape)[0]
    if not year:
        return phrase("no-year")
    whole = _whole_of_part(context, shape, year)
    if isinstance(whole, str):
        return whole
    if "q" in shape:
        quarter = making.part_of_year(whole, 3, number)
        return quarter or phrase("no-quarter", number=number)
    half = making.part_of_year(whole, 6, number)
    return half or phrase("no-half", number=number)


def _whole_of_part(context: Context, shape: str, year: int) -> Period | str:
    """Year of a quarter or half, or the reason why it is not known."""
    if not context.fiscal:
        return making.calendar_year(year)
    if context.start == 0 and _names_fiscal_year_elsewhere(context, shape):
        return making.calendar_year(year)
    is_double = shape.count("Y") > 1
    return _fiscal(context, year, is_double=is_double)


def _names_fiscal_year_elsewhere(context: Context, shape: str) -> bool:
    """Whether the label says "fiscal year", but outside the shape."""
    return "F" in context.tokens.shape and "F" not in shape


def _end_of_year(context: Context, shape: str) -> _Result:
    (month,) = context.values(shape, "e")
    (year,) = context.values(shape, "Y")
    return making.calendar_month(year, month or 12)


def _years(context: Context, shape: str) -> _Result:
    first, last = context.values(shape, "Y")
    if last == first + 1:
        return _two_years(context, first)
    if context.is_title:
        return phrase("one-or-several-years", first=first, last=last)
    first_year = making.calendar_year(first)
    last_year = making.calendar_year(last)
    return _through(first_year, last_year)


def _year(context: Context, shape: str) -> _Result:
    (number,) = context.values(shape, "Y")
    if not context.fiscal:
        return making.calendar_year(number)
    if context.start > 1 and _names_fiscal_year_elsewhere(context, shape):
        return making.calendar_year(number)
    return _fiscal(context, number, is_double=False)


_SOURCES: tuple[tuple[str, _Reader], ...] = (
    (r"SY[-/]Y|S-?e?(?:n[-/]?M[-/]?Y?|n[-/]n[-/]Y|[qh][no]-?Y?|o[qh]-?Y?|MY?|Y)", _open),
    (r"[nM-]*YU|MU|Y-$|-Y$|tY(?![-/tq])", _open),
    (r"E-?Y(?:[-/][Yn])?|Y(?:[-/][Yn])?E", _other_year),
    (r"kn(?:[-t]n)?-?Y?|Y-?kn", _week),
    (r"we?n?M-?Y|nvn?M-?Y", _year_ended),
    (r"nme-?Y", _open),
    (r"nMY?[-t]nMY|n[-t]nMY", _day_range),
    (r"n/nMY", _two_days),
    (r"YtnM(?!Y)", _to_day),
    (r"te?nM-?Y|tn[/.]n[/.]Y", _until_a_day),
    (r"YnM(?![-tY])|YMn(?![-/tMY])", _day_of_year),
    (r"[qh][no][-t/][qh]?[no][-/]?Y|Y[-/]?[qh][no][-t][qh]?[no]", _quarter_range),
    (r"[no][qh]?[-t][no][qh]-?Y", _quarter_range),
    (r"e?n-?M-?Y|Mn/?Y", _day),
    (r"n/n/Y|n-n-Y|n\.n\.Y|Y/n/n|Y-n-n", _numeric_date),
    (r"MY?[-t]m?M-?Y|Y-?m?M[-t]m?M|mn[-/t]m?n[-/]?Y", _month_range),
    (r"Ytm?M|tm?MY|tmn[-/]?Y", _to_month),
    (r"[co]?nm[co]+Y?|[co]nmY?|nmY|Y[co]?nmc*", _first_months),
    (r"F?Y(?:[-/]Y)?F?[-/]?[qh][no]|F?Y-?o[qh]", _part_of_year),
    (r"[qh][no][-/]?F?-?Y|o[qh]F?-?Y|n[qh]-?Y|[qh][no]|o[qh]", _part_of_year),
    (r"M[-t]M", _month_range),
    (r"e?Mm?[-/]?Y|Y[-/]?m?Mm?|mn[-/]?Y|e?n/Y", _month),
    (r"F-?Y[-/]n(?!m)F?|Y[-/]nF?(?!m)", _iso_month),
    (r"e-?Y|Ye", _end_of_year),
    (r"F?Y[-/t]YF?", _years),
    (r"(?:F-?)?YF?", _year),
    (r"M[-/]?n(?![a-zMY])", _short_year),
    (r"M|mn(?![a-zMY])", _month),
)
#: Shapes of period labels and how they are read, the first that matches wins.
PATTERNS = tuple((re.compile(source), reader) for source, reader in _SOURCES)
