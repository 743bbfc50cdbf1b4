"""Printed periods to SDMX periods: years of all eras, months and quarters in all languages."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from ilms_sdmx.findings import is_phrase, phrase
from ilms_sdmx.periods import making
from ilms_sdmx.periods.calendars.eras import common_year
from ilms_sdmx.periods.calendars.spanning import (
    SpanningYear,
    find_spanning_year,
    has_two_counts,
)
from ilms_sdmx.periods.lexical import parse_period
from ilms_sdmx.periods.patterns import Context, match_all
from ilms_sdmx.periods.period import Period
from ilms_sdmx.periods.tokens import Tokens, read_tokens
from ilms_sdmx.words import words_in

#: Letters of a shape that say which part of a year is meant: none may be passed over.
_TELLING = frozenset("MqhocSUwv")
#: The same where no number may be passed over either.
_TELLING_NUMBERS = _TELLING | {"n"}
#: What divides a title; `Act, 2008` and `Act (2008)` are one part.
_PARTS_OF_TITLE = re.compile(r"[;:)\[\]\n]|[,(](?!\s*\d)|\.\s+(?=[^\W\d])")
#: Footnote mark behind a period: `2019 1/`.
_FOOTNOTE = re.compile(r"(?<=\d)\s+\d/\s*$")
#: Last year that a table of statistics prints; a later one may be of Nepal's calendar.
_LAST_YEAR = 2040
#: Kinds of periods whose lexical forms nobody prints in another sense.
_CODED = frozenset(
    {"TimeRange", "ReportingYear", "ReportingTrimester", "ReportingWeek", "ReportingDay"}
)
#: Letters of a shape that speak of time.
_ABOUT_TIME = frozenset("YMqhoctm")
#: Letters or signs that are written right behind a period: `2018p`, `2015+`, `2018/19`.
_ATTACHED = re.compile(r"[^\W_]|[+*]|[-/\u2013]\s?\d")
#: Words next to a period that may say that it is another one: `since 2018`.
_MOST_WORDS = 3
_SOME_WORDS = re.compile(r"(?:\s*[^\s,;:]+){1,3}")
#: Two months with words between them that are not read: `janeiro a junho`.
_MONTHS_APART = re.compile("Mx{1,2}M")
#: Two quarters or halves with a word between them: `quý 1 và quý 2`, `1º e 2º trimestre`.
_PARTS_APART = re.compile("[qh][no]x[qh]?[no]|[no]x[no][qh]")
#: Reasons of labels that say a time, of which a person declares which it is.
_DECLARED = (
    "time-of-publication",
    *("open-period", "other-year", "two-days", "until-a-day", "within-a-month", "two-months"),
    "two-parts",
    *("fiscal-quarters", "short-year", "two-years", "two-years-or-month", "year-to-come"),
    *("one-or-several-years", "part-of-other-year", "two-other-years"),
    "year-of-two-calendars",
)
#: What a number format says in brackets and quotes is no part of the date.
_NOT_OF_DATE = re.compile(r"\[[^\]]*\]|\"[^\"]*\"|\\.")


@dataclass(frozen=True, slots=True)
class PrintedPeriod:
    """What a printed label says about time.

    Parameters
    ----------
    time_period
        SDMX lexical form (`2019`, `2019-Q1`, `2019-01-01/P9M`), empty where it is refused.
    label
        As printed.
    as_at
        Whether it is a point in time (`as at end June 2013`) rather than a span.
    cumulative
        Whether it runs from January to a month: never to be summed or annualised.
    reporting
        Reporting period and start of the reporting year of a fiscal year: `2016-A1` and
        `--04-01`.
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

    @property
    def lacks_year(self) -> bool:
        """Whether the label is a month or a part of a year, and the year is not printed."""
        return is_phrase(self.reason, "no-year")

    @property
    def is_open(self) -> bool:
        """Whether the label says a time of which a person must declare which it is."""
        return is_phrase(self.reason, *_DECLARED)

    @property
    def is_time(self) -> bool:
        """Whether the label says a time, if not always which: `2018`, `May`, `since 2016`."""
        return bool(self.time_period) or self.lacks_year or self.is_open


@dataclass(frozen=True, slots=True)
class Said:
    """What a label does not say itself.

    Parameters
    ----------
    area
        Country that printed it.
    year
        Year of labels that name none; 0 for none.
    fiscal
        Whether years are fiscal ones.
    short_years
        Calendar that years of two digits are of.
    """

    area: str = ""
    year: int = 0
    fiscal: bool = False
    short_years: str = ""


@lru_cache(maxsize=4096)
def read_period(
    text: str, *, area: str = "", year: int = 0, fiscal: bool = False, short_years: str = ""
) -> PrintedPeriod:
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
    said = Said(area, year, fiscal, short_years)
    printed = _read(_FOOTNOTE.sub("", text), said, is_strict=True)
    if not printed.remainder:
        return replace(printed, label=text)
    reason = phrase("it-also-says", words=repr(printed.remainder))
    return replace(printed, time_period="", label=text, reason=reason)


def find_period(
    text: str, *, area: str = "", year: int = 0, fiscal: bool = False
) -> PrintedPeriod:
    """Period that a title says somewhere; what else the title says is in `remainder`.

    The time of a publication or of a law is none of the figures.

    >>> find_period("Foreign work pass holders as at December 2013").time_period
    '2013-12'
    >>> find_period("Statistical yearbook 2020: migrant workers").reason
    "next to 'yearbook', 2020 may be the time of a publication or a law: declare the period"
    """
    printed = _read(text, Said(area, year, fiscal))
    if not printed.time_period:
        return printed
    word = _publication(text, area)
    if not word:
        return printed
    reason = phrase("time-of-publication", period=printed.time_period, words=repr(word))
    return replace(printed, time_period="", reason=reason)


def _publication(text: str, area: str) -> str:
    """Word for a publication or a law in the part of a title that says a time, empty for none.

    >>> _publication("Workers under the Act of 2008", ""), _publication("(MoU), 2018", "")
    ('act', '')
    """
    for part in _PARTS_OF_TITLE.split(text):
        words = words_in(part, "publication")
        if words and find_periods(part, area=area):
            return words[0].word
    return ""


def find_periods(text: str, *, area: str = "") -> tuple[Period, ...]:
    """All periods that a title names, whatever else it says.

    >>> [period.text for period in find_periods("Registered under the 2016 amnesty, May 2018")]
    ['2016', '2018-05']
    """
    spanning = find_spanning_year(text)
    if spanning is not None:
        return (spanning.period,) if spanning.period is not None else ()
    tokens = read_tokens(text)
    _join_eras(tokens)
    context = Context(tokens, area, 0, "F" in tokens.shape)
    results, _ = match_all(context)
    return tuple(result for result in results if isinstance(result, Period))


def says_more(text: str, label: str, *, area: str = "") -> bool:
    """Whether a title goes on about time next to the label of a period that is cut out of it.

    >>> says_more("Workers, 2018 Q1", "2018"), says_more("Workers, 2018/19", "2018")
    (True, True)
    >>> says_more("Workers, 2018 (revised in 2019)", "2018")
    False
    """
    alone = read_period(label, area=area).time_period
    start = text.find(label)
    if not alone or start < 0:
        return False
    end = start + len(label)
    return _goes_on(text[end:], label, alone, area) or _begins_before(
        text[:start], label, alone, area
    )


def _goes_on(rest: str, label: str, alone: str, area: str) -> bool:
    """Whether what is behind a period is still about time."""
    if _ATTACHED.match(rest):
        return True
    if _says_again(rest, alone, area):
        return False
    shape = read_tokens(rest).shape.partition("x")[0]
    if _ABOUT_TIME.isdisjoint(shape):
        return _reads_otherwise(f"{label}{_first_words(rest)}", alone, area)
    return True


def _says_again(rest: str, alone: str, area: str) -> bool:
    """Whether all periods in a text are one again, as the months of a fiscal quarter."""
    same = parse_period(alone)
    periods = find_periods(rest, area=area)
    if same is None or not periods:
        return False
    days = {(period.start, period.end) for period in periods}
    return days == {(same.start, same.end)}


def _begins_before(rest: str, label: str, alone: str, area: str) -> bool:
    """Whether what is before a period is already about time."""
    words = rest.split()
    for count in range(1, _MOST_WORDS + 1):
        piece = " ".join(words[-count:])
        blank = " " if rest[-1:].isspace() else ""
        if _reads_otherwise(f"{piece}{blank}{label}", alone, area):
            return True
    return False


def _first_words(text: str) -> str:
    """First words of a text with what is before them."""
    match = _SOME_WORDS.match(text)
    return match.group() if match else ""


def _reads_otherwise(text: str, alone: str, area: str) -> bool:
    """Whether a text says another period than the label alone, or none that is one."""
    period = find_period(text, area=area)
    if period.time_period:
        return period.time_period != alone
    return not is_phrase(period.reason, "several-periods")


def period_of_date(value: datetime | date, shown: str = "") -> PrintedPeriod:
    """Period of a real date; a year from 2400 on is of the Buddhist Era, as typed in Thailand.

    `shown` is the number format; one without days gives a month, one without months a year.
    """
    year, evidence = common_year(value.year)
    label = value.isoformat()
    if not year:
        return PrintedPeriod("", label, reason=phrase("year-of-no-era", year=value.year))
    try:
        period = _as_shown(year, value, shown)
    except ValueError:
        reason = phrase("no-such-day", year=year, day=value.day, month=value.month)
        return PrintedPeriod("", label, reason=reason)
    notes = (evidence,) if evidence else ()
    return PrintedPeriod(period.text, label, evidence=notes)


def _as_shown(year: int, value: date, shown: str) -> Period:
    """Day, month or year of a date, as its number format shows it."""
    shown_parts = _NOT_OF_DATE.sub("", shown).lower()
    if not shown_parts or "d" in shown_parts:
        return making.calendar_day(year, value.month, value.day)
    if "m" in shown_parts:
        return making.calendar_month(year, value.month)
    return making.calendar_year(year)


def read_period_cell(
    value: str | Decimal | datetime, shown: str = "", **options: Any
) -> PrintedPeriod:
    """Period of a cell's value: a date by its number format, others by digits and words."""
    if isinstance(value, datetime):
        return period_of_date(value, shown)
    text = str(value)
    return read_period(text, **options)


def _read(text: str, said: Said, *, is_strict: bool = False) -> PrintedPeriod:
    """Period of a text; a strict reading passes over no number and no month without a year."""
    as_written = parse_period(text.strip())
    if as_written is not None and _is_coded(as_written):
        return PrintedPeriod(as_written.text, text)
    spanning = find_spanning_year(text)
    if spanning is not None:
        return _of_other_calendar(spanning, text)
    tokens = read_tokens(text, said.short_years)
    conflict = _join_eras(tokens)
    printed = _without_period(text, tokens)
    if conflict:
        return replace(printed, reason=conflict)
    is_fiscal = said.fiscal or "F" in tokens.shape
    context = Context(tokens, said.area, said.year, is_fiscal, is_title=not is_strict)
    results, letters_left = match_all(context)
    letters_needed = _TELLING_NUMBERS if is_strict else _TELLING
    if not letters_needed.isdisjoint(letters_left):
        return replace(printed, reason=phrase("read-in-part"))
    if _PARTS_APART.search(tokens.shape):
        return replace(printed, reason=phrase("two-parts"))
    lacks_year = any(is_phrase(result, "no-year") for result in results)
    if lacks_year and _MONTHS_APART.search(tokens.shape):
        has_period = any(isinstance(result, Period) for result in results)
        if has_period:
            return replace(printed, reason=phrase("two-months"))
    printed = _one_of(results, printed, context, is_strict=is_strict)
    if printed.time_period and has_two_counts(said.area, text):
        reason = phrase("year-of-two-calendars", country=said.area)
        return replace(printed, time_period="", reason=reason)
    return printed


def _of_other_calendar(year: SpanningYear, text: str) -> PrintedPeriod:
    """Year of a calendar that begins within a year of ours, or the reason against it."""
    tokens = read_tokens(year.rest)
    printed = _without_period(text, tokens)
    evidence = (*printed.evidence, year.evidence)
    shape = tokens.shape.replace("x", "").strip("-/")
    is_part = year.is_part or printed.as_at or shape != "Y"
    if year.period is not None and not year.second and not is_part:
        return replace(printed, time_period=year.period.text, evidence=evidence)
    number = year.number
    calendar = year.calendar
    reason = phrase("no-such-other-year", number=number, calendar=calendar)
    if year.second:
        second = year.second
        reason = phrase("two-other-years", number=number, calendar=calendar, second=second)
    elif is_part:
        reason = phrase("part-of-other-year", number=number, calendar=calendar)
    return replace(printed, reason=reason, remainder="")


def _without_period(text: str, tokens: Tokens) -> PrintedPeriod:
    """What the tokens of a text say next to the period."""
    evidence = tuple(tokens.evidence)
    remainder = " ".join(tokens.strange)
    return PrintedPeriod(
        "",
        text,
        as_at=tokens.as_at,
        evidence=evidence,
        remainder=remainder,
        mark=tokens.mark,
    )


def _is_coded(period: Period) -> bool:
    """Whether a form is SDMX's alone, and its year one of the common era."""
    if period.kind not in _CODED:
        return False
    year, _ = common_year(period.year)
    return year == period.year


def _one_of(
    results: list[Period | str], printed: PrintedPeriod, context: Context, *, is_strict: bool
) -> PrintedPeriod:
    """Pick the one period of a text, or the reason why there is none."""
    periods = [result for result in results if isinstance(result, Period)]
    reasons = [result for result in results if isinstance(result, str)]
    reason = _reason_against(periods, reasons, is_strict=is_strict)
    if reason:
        return replace(printed, reason=reason)
    evidence = printed.evidence
    if context.note:
        evidence = (*evidence, context.note)
    return replace(
        printed,
        time_period=periods[0].text,
        cumulative=context.cumulative,
        reporting=context.reporting,
        evidence=evidence,
    )


def _reason_against(periods: list[Period], reasons: list[str], *, is_strict: bool) -> str:
    """Reason why the periods that a text names are not one period; empty where they are."""
    if reasons:
        is_refused = is_strict or not periods or not is_phrase(reasons[0], "no-year")
        if is_refused:
            return reasons[0]
    if not periods:
        return phrase("says-no-period")
    last_year = max(period.year for period in periods)
    if last_year > _LAST_YEAR:
        return phrase("year-to-come", year=last_year)
    days_held = {(period.start, period.end) for period in periods}
    if len(days_held) == 1:
        return ""
    texts = dict.fromkeys(period.text for period in periods)
    return phrase("several-periods", periods=", ".join(texts))


def _join_eras(tokens: Tokens) -> str:
    """Leave out the second of two years that are one year in two eras; name a conflict."""
    position = tokens.shape.find("YY")
    while position >= 0:
        end = position + 2
        first, second = tokens.values[position:end]
        if first != second:
            return phrase("not-two-eras", first=first, second=second)
        tokens.shape = tokens.shape[:position] + tokens.shape[position + 1 :]
        del tokens.values[position]
        position = tokens.shape.find("YY")
    return ""
