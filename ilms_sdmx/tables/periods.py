"""Printed periods to SDMX periods: Buddhist and fiscal years, months and quarters in every language."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from ilms_sdmx.tables import spans
from ilms_sdmx.tables.period_tokens import Tokens, common_year, tokens
from ilms_sdmx.tables.spans import Span

#: Letters of a shape that say which part of a year is meant: none may be passed over.
_TELLING = frozenset("Mqhoc")
#: Footnote mark behind a period: `2019 1/`.
_FOOTNOTE = re.compile(r"(?<=\d)\s+\d/\s*$")
#: States whose dates begin with the day; in the Philippines, and where nobody says, either may come first.
_DAY_FIRST = frozenset({"BRN", "IDN", "KHM", "LAO", "MMR", "MYS", "SGP", "THA", "TLS", "VNM"})
#: Reason against a month or quarter that stands alone.
NO_YEAR = "the year is not printed: say which"


_SDMX_RANGE = re.compile(r"\d{4}-\d{2}-\d{2}/P[1-9]\d*[YMWD]")


@dataclass(frozen=True, slots=True)
class Period:
    """What a printed label says about time.

    Parameters
    ----------
    time_period
        SDMX lexical form, empty where it is refused: `2019`, `2019-Q1`, `2019-03`, `2019-01-01/P9M`.
    label
        As printed.
    as_at
        Whether it is a point in time (`as at end June 2013`) rather than a span.
    cumulative
        Whether it runs from January to a month: never to be summed or annualised.
    reporting
        Reporting period and start of the reporting year of a fiscal year: `2016-A1` and `--04-01`.
    evidence
        How eras and fiscal years were read.
    reason
        Why it is refused, empty where it is not.
    remainder
        Words that belong to no period.
    mark
        Letters behind the year that speak of the figures: `p` of `2019p`.
    """

    time_period: str
    label: str
    as_at: bool = False
    cumulative: bool = False
    reporting: tuple[str, str] = ("", "")
    evidence: tuple[str, ...] = ()
    reason: str = ""
    remainder: str = ""
    mark: str = ""


@dataclass(slots=True)
class _Context:
    tokens: Tokens
    area: str
    year: int
    fiscal: bool
    start: int = 0
    note: str = ""
    reporting: tuple[str, str] = ("", "")
    cumulative: bool = False

    def value(self, offset: int) -> int:
        return self.tokens.values[self.start + offset]


_Reader = Callable[[_Context, str], "Span | str | None"]


@lru_cache(maxsize=4096)
def read_period(
    text: str, *, area: str = "", year: int = 0, fiscal: bool = False, short_years: str = ""
) -> Period:
    """Period of a label that says nothing else.

    Parameters
    ----------
    area
        ISO 3166 alpha-3 code of the country, for its fiscal years.
    year
        Year of the common era for labels without one (`Januari s.d Mei`).
    fiscal
        Whether years are fiscal although the label does not say so.
    short_years
        `buddhist` or `common`: what `66` means after a month; empty refuses it.

    Examples
    --------
    >>> read_period("พ.ศ. ๒๕๖๖").time_period, read_period("9 tháng đầu năm 2019").time_period
    ('2023', '2019-01-01/P9M')
    >>> read_period("2016-2017").reason
    '2016-2017 may be two calendar years or one fiscal year: declare which'
    """
    found = _read(_FOOTNOTE.sub("", text), area, year, fiscal, short_years, strict=True)
    if found.remainder:
        return replace(found, time_period="", label=text, reason=f"it also says {found.remainder!r}")
    return replace(found, label=text)


def find_period(text: str, *, area: str = "", year: int = 0, fiscal: bool = False) -> Period:
    """Period that stands somewhere in a title; what else the title says is in `remainder`.

    >>> find_period("Foreign work pass holders as at December 2013").time_period
    '2013-12'
    """
    return _read(text, area, year, fiscal, "")


def period_of_date(value: datetime | date, shown: str = "") -> Period:
    """Period of a real date: a year from 2400 on is of the Buddhist Era, as typed into Thai workbooks.

    `shown` is the number format; one without days gives a month, one without months a year.
    """
    year, evidence = common_year(value.year, "")
    if not year:
        return Period("", value.isoformat(), reason=f"the year {value.year} is of no known era")
    day = value.replace(year=year) if (value.month, value.day) != (2, 29) else value
    day = date(year, day.month, day.day)
    plain = re.sub(r"\[[^\]]*\]|\"[^\"]*\"|\\.", "", shown).lower()
    if plain and "d" not in plain:
        span = spans.month(day.month, year) if "m" in plain else spans.year(year)
    else:
        span = Span(day, days=1, form="day")
    return Period(span.lexical, value.isoformat(), evidence=(evidence,) if evidence else ())


def read_period_cell(value: str | Decimal | datetime, shown: str = "", **options: Any) -> Period:
    """Period of a cell's value: a date by its number format, a number or text by its digits and words."""
    if isinstance(value, datetime):
        return period_of_date(value, shown)
    return read_period(str(value), **options)


def _read(text: str, area: str, year: int, fiscal: bool, short_years: str, *, strict: bool = False) -> Period:
    """Period of a text; a strict reading passes over no number and no month without a year."""
    if _SDMX_RANGE.fullmatch(text.strip()):
        return Period(text.strip(), text)
    found = tokens(text, short_years)
    remainder = " ".join(found.strange)
    base = Period(
        "", text, as_at=found.as_at, evidence=tuple(found.evidence), remainder=remainder, mark=found.mark
    )
    conflict = _join_eras(found)
    if conflict:
        return replace(base, reason=conflict)
    context = _Context(found, area, year, fiscal or "F" in found.shape)
    results, left = _match_all(context)
    if set(left) & (_TELLING | {"n"} if strict else _TELLING):
        return replace(base, reason="part of it is read as no period: say which it is")
    refused = next((r for r in results if isinstance(r, str)), "")
    if not strict and any(isinstance(r, Span) for r in results):
        refused = "" if refused == NO_YEAR else refused
    if refused or not results:
        return replace(base, reason=refused or "no period stands there")
    lexical = list(dict.fromkeys(r.lexical for r in results if isinstance(r, Span)))
    if len({(r.first, r.end) for r in results if isinstance(r, Span)}) > 1:
        return replace(base, reason=f"it names more than one period: {', '.join(lexical)}")
    notes = (*base.evidence, context.note) if context.note else base.evidence
    return replace(
        base,
        time_period=lexical[0],
        cumulative=context.cumulative,
        reporting=context.reporting,
        evidence=notes,
    )


def _join_eras(found: Tokens) -> str:
    """Drop the second of two years that are one year in two eras; name a conflict."""
    while (at := found.shape.find("YY")) >= 0:
        first, second = found.values[at : at + 2]
        if first != second:
            return f"{first} and {second} stand side by side and are not one year in two eras"
        found.shape = found.shape[:at] + found.shape[at + 1 :]
        del found.values[at]
    return ""


def _match_all(context: _Context) -> tuple[list[Span | str], str]:
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


def _match(context: _Context, shape: str, position: int) -> tuple[int, Span | str | None]:
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


def _values(context: _Context, shape: str, letters: str) -> list[int]:
    return [context.value(i) for i, letter in enumerate(shape) if letter in letters]


def _day_range(context: _Context, shape: str) -> Span | str | None:
    days, months = _values(context, shape, "n"), _values(context, shape, "M")
    year = _values(context, shape, "Y")[-1]
    first_year = _values(context, shape, "Y")[0]
    first = Span(date(first_year, months[0], days[0]), days=1)
    last = Span(date(year, months[-1], days[-1]), days=1)
    return spans.through(first, last) or "it runs backwards"


def _day(context: _Context, shape: str) -> Span | str | None:
    (day,), (month,), (year,) = (_values(context, shape, letter) for letter in "nMY")
    return Span(date(year, month, day), days=1, form="day")


def _numeric_date(context: _Context, shape: str) -> Span | str | None:
    numbers, (year,) = _values(context, shape, "n"), _values(context, shape, "Y")
    day, month = numbers if shape[-1] == "Y" else numbers[::-1]
    if shape[-1] == "Y" and day != month and max(day, month) <= 12 and context.area not in _DAY_FIRST:
        return f"{day}/{month} may be a day and a month or a month and a day: say the period"
    return Span(date(year, month, day), days=1, form="day")


def _month_range(context: _Context, shape: str) -> Span | str | None:
    months, years = _values(context, shape, "Mn"), _values(context, shape, "Y") or [context.year]
    if not years[0]:
        return NO_YEAR
    first, last = spans.month(months[0], years[0]), spans.month(months[-1], years[-1])
    context.cumulative = months[0] == 1
    return spans.through(first, last) or "it runs backwards"


def _to_month(context: _Context, shape: str) -> Span | str | None:
    """`2016 (s.d Mei)`: from January to the month."""
    (month,), years = _values(context, shape, "M"), _values(context, shape, "Y") or [context.year]
    if not years[0]:
        return NO_YEAR
    context.cumulative = True
    return Span(date(years[0], 1, 1), month)


def _first_months(context: _Context, shape: str) -> Span | str | None:
    count, years = _values(context, shape, "n")[0], _values(context, shape, "Y") or [context.year]
    if not years[0]:
        return NO_YEAR
    context.cumulative = True
    return Span(date(years[0], 1, 1), count) if 1 <= count <= 12 else f"{count} months are no part of a year"


def _month(context: _Context, shape: str) -> Span | str | None:
    months, years = _values(context, shape, "Mn"), _values(context, shape, "Y") or [context.year]
    if not years[0]:
        return NO_YEAR
    return spans.month(months[0], years[0])


def _short_year(context: _Context, shape: str) -> Span | str | None:
    (number,) = _values(context, shape, "n")
    return f"{number:02d} after the month may be a year or a day: declare short years or the year"


def _iso_month(context: _Context, shape: str) -> Span | str | None:
    (year,), (number,) = _values(context, shape, "Y"), _values(context, shape, "n")
    if number == (year + 1) % 100 or number == (year + 544) % 100:
        return _two_years(context, year, number <= 12)
    if "F" in shape:
        return f"{year} and {number:02d} are not two years of one fiscal year"
    return spans.month(number, year)


def _two_years(context: _Context, first: int, month_too: bool = False) -> Span | str:
    if context.fiscal:
        return _fiscal(context, first, True)
    also = ", or a month" if month_too else ""
    return f"{first}-{first + 1} may be two calendar years or one fiscal year{also}: declare which"


def _fiscal(context: _Context, first: int, double: bool) -> Span | str:
    found = spans.fiscal_year(context.area, first, double=double)
    if found is None:
        name = f"{first}-{first + 1}" if double else str(first)
        return (
            f"the fiscal year {name} of {context.area or 'an unnamed country'} is not known: say when it runs"
        )
    span, note = found
    context.note = f"fiscal year: {note}"
    context.reporting = (f"{span.first.year}-A1", f"--{span.first.month:02d}-01")
    return span


def _part_of_year(context: _Context, shape: str) -> Span | str | None:
    (number,), years = _values(context, shape, "no")[:1], _values(context, shape, "Y") or [context.year]
    if not years[0]:
        return NO_YEAR
    whole: Span | str = spans.year(years[0])
    if context.fiscal and (shape.find("F") >= 0 or context.start > 0 or "F" not in context.tokens.shape):
        whole = _fiscal(context, years[0], shape.count("Y") > 1)
    if isinstance(whole, str):
        return whole
    months, form = (3, "quarter") if "q" in shape else (6, "half")
    return spans.part(whole, months, number, form) or f"there is no {form} {number} in that year"


def _end_of_year(context: _Context, shape: str) -> Span | str | None:
    (month,), (year,) = _values(context, shape, "e"), _values(context, shape, "Y")
    return spans.month(month or 12, year)


def _years(context: _Context, shape: str) -> Span | str | None:
    first, last = _values(context, shape, "Y")
    if last == first + 1:
        return _two_years(context, first)
    return spans.through(spans.year(first), spans.year(last)) or "it runs backwards"


def _year(context: _Context, shape: str) -> Span | str | None:
    (number,) = _values(context, shape, "Y")
    if not context.fiscal or ("F" in context.tokens.shape and "F" not in shape and context.start > 1):
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
