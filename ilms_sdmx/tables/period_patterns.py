"""Shapes of printed periods and how each is read: years, quarters, months, days and ranges of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from ilms_sdmx.tables import spans
from ilms_sdmx.tables.period_tokens import Tokens
from ilms_sdmx.tables.spans import Span

#: States whose dates begin with the day; in the Philippines, and where nobody says, either may come first.
_DAY_FIRST = frozenset({"BRN", "IDN", "KHM", "LAO", "MMR", "MYS", "SGP", "THA", "TLS", "VNM"})
#: Reason against a month or quarter that stands alone.
NO_YEAR = "the year is not printed: say which"


@dataclass(slots=True)
class Context:
    """What a reader of shapes knows and notes: tokens, country, year and kind of year; the year it found.

    Parameters
    ----------
    start
        Position of the shape among the tokens.
    note, reporting, cumulative
        What readers note: how a fiscal year runs, its reporting period, whether it runs from January.
    """

    tokens: Tokens
    area: str
    year: int
    fiscal: bool
    start: int = 0
    note: str = ""
    reporting: tuple[str, str] = ("", "")
    cumulative: bool = False

    def value(self, offset: int) -> int:
        """Value of a token of the shape."""
        return self.tokens.values[self.start + offset]


_Reader = Callable[[Context, str], "Span | str | None"]


def match_all(context: Context) -> tuple[list[Span | str], str]:
    """Results of the patterns over the whole shape, left to right, and the letters that no pattern takes."""
    results: list[Span | str] = []
    shape, position, left = context.tokens.shape, 0, ""
    while position < len(shape):
        step, result = _match(context, shape, position)
        if result is None:
            left += shape[position]
        else:
            results.append(result)
        position += step
    return results, left


def _match(context: Context, shape: str, position: int) -> tuple[int, Span | str | None]:
    for pattern, reader in PATTERNS:
        match = pattern.match(shape, position)
        if match and match.end() > position:
            context.start = position
            try:
                result = reader(context, match.group())
            except ValueError:
                result = f"no such date: {context.tokens.values[position : match.end()]}"
            if result is not None:
                return match.end() - position, result
    return 1, None


def _values(context: Context, shape: str, letters: str) -> list[int]:
    return [context.value(i) for i, letter in enumerate(shape) if letter in letters]


def _day_range(context: Context, shape: str) -> Span | str | None:
    days, months = _values(context, shape, "n"), _values(context, shape, "M")
    year = _values(context, shape, "Y")[-1]
    first_year = _values(context, shape, "Y")[0]
    first = Span(date(first_year, months[0], days[0]), days=1)
    last = Span(date(year, months[-1], days[-1]), days=1)
    return spans.through(first, last) or "it runs backwards"


def _day(context: Context, shape: str) -> Span | str | None:
    (day,), (month,), (year,) = (_values(context, shape, letter) for letter in "nMY")
    return Span(date(year, month, day), days=1, form="day")


def _numeric_date(context: Context, shape: str) -> Span | str | None:
    numbers, (year,) = _values(context, shape, "n"), _values(context, shape, "Y")
    day, month = numbers if shape[-1] == "Y" else numbers[::-1]
    if (
        shape[-1] == "Y"
        and day != month
        and max(day, month) <= 12
        and context.area not in _DAY_FIRST
    ):
        return f"{day}/{month} may be a day and a month or a month and a day: say the period"
    return Span(date(year, month, day), days=1, form="day")


def _month_range(context: Context, shape: str) -> Span | str | None:
    months, years = (
        _values(context, shape, "Mn"),
        _values(context, shape, "Y") or [context.year],
    )
    if not years[0]:
        return NO_YEAR
    first, last = spans.month(months[0], years[0]), spans.month(months[-1], years[-1])
    context.cumulative = months[0] == 1
    return spans.through(first, last) or "it runs backwards"


def _to_month(context: Context, shape: str) -> Span | str | None:
    """`2016 (s.d Mei)`: from January to the month."""
    (month,), years = (
        _values(context, shape, "M"),
        _values(context, shape, "Y") or [context.year],
    )
    if not years[0]:
        return NO_YEAR
    context.cumulative = True
    return Span(date(years[0], 1, 1), month)


def _first_months(context: Context, shape: str) -> Span | str | None:
    count, years = (
        _values(context, shape, "n")[0],
        _values(context, shape, "Y") or [context.year],
    )
    if not years[0]:
        return NO_YEAR
    context.cumulative = True
    return (
        Span(date(years[0], 1, 1), count)
        if 1 <= count <= 12
        else f"{count} months are no part of a year"
    )


def _month(context: Context, shape: str) -> Span | str | None:
    months, years = (
        _values(context, shape, "Mn"),
        _values(context, shape, "Y") or [context.year],
    )
    if not years[0]:
        return NO_YEAR
    return spans.month(months[0], years[0])


def _short_year(context: Context, shape: str) -> Span | str | None:
    (number,) = _values(context, shape, "n")
    return (
        f"{number:02d} after the month may be a year or a day: declare short years or the year"
    )


def _iso_month(context: Context, shape: str) -> Span | str | None:
    (year,), (number,) = _values(context, shape, "Y"), _values(context, shape, "n")
    if number == (year + 1) % 100 or number == (year + 544) % 100:
        return _two_years(context, year, number <= 12)
    if "F" in shape:
        return f"{year} and {number:02d} are not two years of one fiscal year"
    return spans.month(number, year)


def _two_years(context: Context, first: int, month_too: bool = False) -> Span | str:
    if context.fiscal:
        return _fiscal(context, first, True)
    also = ", or a month" if month_too else ""
    return (
        f"{first}-{first + 1} may be two calendar years or one fiscal year{also}: declare which"
    )


def _fiscal(context: Context, first: int, double: bool) -> Span | str:
    found = spans.fiscal_year(context.area, first, double=double)
    if found is None:
        name = f"{first}-{first + 1}" if double else str(first)
        return f"the fiscal year {name} of {context.area or 'an unnamed country'} is not known: say when it runs"
    span, note = found
    context.note = f"fiscal year: {note}"
    context.reporting = (f"{span.first.year}-A1", f"--{span.first.month:02d}-01")
    return span


def _part_of_year(context: Context, shape: str) -> Span | str | None:
    (number,), years = (
        _values(context, shape, "no")[:1],
        _values(context, shape, "Y") or [context.year],
    )
    if not years[0]:
        return NO_YEAR
    whole: Span | str = spans.year(years[0])
    if context.fiscal and (
        shape.find("F") >= 0 or context.start > 0 or "F" not in context.tokens.shape
    ):
        whole = _fiscal(context, years[0], shape.count("Y") > 1)
    if isinstance(whole, str):
        return whole
    months, form = (3, "quarter") if "q" in shape else (6, "half")
    return (
        spans.part(whole, months, number, form) or f"there is no {form} {number} in that year"
    )


def _end_of_year(context: Context, shape: str) -> Span | str | None:
    (month,), (year,) = _values(context, shape, "e"), _values(context, shape, "Y")
    return spans.month(month or 12, year)


def _years(context: Context, shape: str) -> Span | str | None:
    first, last = _values(context, shape, "Y")
    if last == first + 1:
        return _two_years(context, first)
    return spans.through(spans.year(first), spans.year(last)) or "it runs backwards"


def _year(context: Context, shape: str) -> Span | str | None:
    (number,) = _values(context, shape, "Y")
    if not context.fiscal or (
        "F" in context.tokens.shape and "F" not in shape and context.start > 1
    ):
        return spans.year(number)
    return _fiscal(context, number, False)


_SOURCES: tuple[tuple[str, _Reader], ...] = (
    (r"nMY?[-t]nMY|n[-t]nMY", _day_range),
    (r"e?n-?M-?Y|Mn/?Y", _day),
    (r"n/n/Y|n-n-Y|Y/n/n|Y-n-n", _numeric_date),
    (r"MY?[-t]M-?Y|Y-?M[-t]M|mn[-/t]m?n[-/]?Y", _month_range),
    (r"YtM|tMY", _to_month),
    (r"[co]?nm[co]+Y?|[co]nmY?|nmY|Y[co]?nmc*", _first_months),
    (r"F?Y(?:[-/]Y)?F?[-/]?[qh][no]|F?Y-?o[qh]", _part_of_year),
    (r"[qh][no][-/]?F?-?Y|o[qh]F?-?Y|n[qh]-?Y|[qh][no]|o[qh]", _part_of_year),
    (r"M[-t]M", _month_range),
    (r"e?Mm?[-/]?Y|Y[-/]?m?Mm?|mn[-/]?Y|e?n/Y", _month),
    (r"F-?Y[-/]n(?!m)F?|Y[-/]nF?(?!m)", _iso_month),
    (r"eY|Ye", _end_of_year),
    (r"F?Y[-/t]YF?", _years),
    (r"(?:F-?)?YF?", _year),
    (r"M[-/]?n(?![a-zMY])", _short_year),
    (r"M|mn(?![a-zMY])", _month),
)
#: Shapes of period labels and how they are read, the first that matches wins.
PATTERNS = tuple((re.compile(source), reader) for source, reader in _SOURCES)
