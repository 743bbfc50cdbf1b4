"""Printed periods to SDMX periods: Buddhist and fiscal years, months and quarters in every language."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from ilms_sdmx.tables import spans
from ilms_sdmx.tables.period_patterns import NO_YEAR as NO_YEAR
from ilms_sdmx.tables.period_patterns import Context, match_all
from ilms_sdmx.tables.period_tokens import Tokens, common_year, tokens
from ilms_sdmx.tables.spans import Span

#: Letters of a shape that say which part of a year is meant: none may be passed over.
_TELLING = frozenset("Mqhoc")
#: Footnote mark behind a period: `2019 1/`.
_FOOTNOTE = re.compile(r"(?<=\d)\s+\d/\s*$")
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
        return replace(
            found, time_period="", label=text, reason=f"it also says {found.remainder!r}"
        )
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


def read_period_cell(
    value: str | Decimal | datetime, shown: str = "", **options: Any
) -> Period:
    """Period of a cell's value: a date by its number format, a number or text by its digits and words."""
    if isinstance(value, datetime):
        return period_of_date(value, shown)
    return read_period(str(value), **options)


def _read(
    text: str, area: str, year: int, fiscal: bool, short_years: str, *, strict: bool = False
) -> Period:
    """Period of a text; a strict reading passes over no number and no month without a year."""
    if _SDMX_RANGE.fullmatch(text.strip()):
        return Period(text.strip(), text)
    found = tokens(text, short_years)
    remainder = " ".join(found.strange)
    base = Period(
        "",
        text,
        as_at=found.as_at,
        evidence=tuple(found.evidence),
        remainder=remainder,
        mark=found.mark,
    )
    conflict = _join_eras(found)
    if conflict:
        return replace(base, reason=conflict)
    context = Context(found, area, year, fiscal or "F" in found.shape)
    results, left = match_all(context)
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
