"""One reading of TIME_PERIOD: kind, days and frequency of every form, and no second reader of it."""

import ast
import csv
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ilms_sdmx
from ilms_sdmx.analysis.comparison.alignment import middle_day
from ilms_sdmx.mapping.exchange.representations import period_from, period_to
from ilms_sdmx.messages.csv.style import beginning
from ilms_sdmx.periods import parse_period
from ilms_sdmx.validation.rules.facets import TYPES

FORMS = """
2017                          GregorianYear       A  2017-01-01 2018-01-01
2017-09                       GregorianYearMonth  M  2017-09-01 2017-10-01
2017-12-07:00                 GregorianYearMonth  M  2017-12-01 2018-01-01
2016-02-29                    GregorianDay        D  2016-02-29 2016-03-01
2017-05-31T23:59:59.9Z        DateTime            -  2017-05-31 2017-06-01
2016-12-31T24:00:00           DateTime            -  2017-01-01 2017-01-02
2017-A1                       ReportingYear       A  2017-01-01 2018-01-01
2017-S2Z                      ReportingSemester   S  2017-07-01 2018-01-01
2017-T2                       ReportingTrimester  T  2017-05-01 2017-09-01
2017-Q3                       ReportingQuarter    Q  2017-07-01 2017-10-01
2017-M11                      ReportingMonth      M  2017-11-01 2017-12-01
2016-W01                      ReportingWeek       W  2016-01-04 2016-01-11
2026-W53                      ReportingWeek       W  2026-12-28 2027-01-04
2016-D366                     ReportingDay        D  2016-12-31 2017-01-01
2017-D100                     ReportingDay        D  2017-04-10 2017-04-11
2022-10-01/P1Y                TimeRange           A  2022-10-01 2023-10-01
2022-10-01T00:00:00+07:00/P1Y TimeRange           A  2022-10-01 2023-10-01
2017-09-21/P355D              TimeRange           A  2017-09-21 2018-09-11
2021-10-01/P6M                TimeRange           -  2021-10-01 2022-04-01
2021-01-01/P1Y3M              TimeRange           -  2021-01-01 2022-04-01
2020-01-31/P1M                TimeRange           -  2020-01-31 2020-02-29
2024-02-29/P4Y                TimeRange           -  2024-02-29 2028-02-29
2019-12-20/P13D               TimeRange           -  2019-12-20 2020-01-02
2019-12-20/PT48H              TimeRange           -  2019-12-20 2019-12-22
"""
NO_FORMS = """
2017-02-29 2100-02-29 2017-00 2017-1 2017-06-31 2017-06-01T24:00:01 2017-06-01T12:60:00 2017-A2 2017-S0
2017-T4 2017-Q5 2017-M00 2017-M1 2017-W00 2017-W53 2017-W1 2017-D000 2017-D366 2017-D1 2017/P1Y 2017-06/P6M
2017-06-01/P 2017-06-01/PT 2017-06-01/P1W 2017-06-01/P1M1Y 2017-06-01/P0D 2017-06-31/P1M
2017-01-01/2017-12-31 2017Q1 2017-q1 2017-H1 17 2017/18 2560-2561 +2017 2017+15:00 soon
"""


def days(text: str) -> tuple[str, str]:
    period = parse_period(text)
    assert period is not None
    return period.first.isoformat(), (period.last + timedelta(days=1)).isoformat()


@pytest.mark.parametrize("line", FORMS.strip().splitlines())
def test_every_form_has_one_reading(line: str) -> None:
    text, kind, frequency, first, end = line.split()
    period = parse_period(text)
    assert period is not None
    assert (period.text, period.kind, period.frequency or "-") == (text, kind, frequency)
    assert days(text) == (first, end)


@pytest.mark.parametrize("line", FORMS.strip().splitlines())
def test_comparison_csv_and_validation_read_what_the_parser_reads(line: str) -> None:
    text, kind, _, first, end = line.split()
    length = (date.fromisoformat(end) - date.fromisoformat(first)).days
    assert middle_day(text) == date.fromisoformat(first).toordinal() + max(0, length - 2) // 2
    assert beginning(text) == (text if kind == "DateTime" else first)
    assert TYPES["ObservationalTimePeriod"](text)
    assert TYPES[kind](text)
    assert not TYPES["GregorianDay" if kind != "GregorianDay" else "TimeRange"](text)


@pytest.mark.parametrize("text", [*NO_FORMS.split(), "", " 2017", "2017 ", "2017\n"])
def test_other_texts_are_no_periods_anywhere(text: str) -> None:
    assert parse_period(text) is None
    assert middle_day(text) is None
    assert beginning(text) == text


@given(st.text(alphabet="0123456789-/PYMDTWQSAZ:+. ", max_size=25))
def test_no_text_breaks_the_parser(text: str) -> None:
    period = parse_period(text)
    assert period is None or period.start < period.end


@given(st.integers(1, 9998), st.integers(1, 12), st.integers(1, 40))
def test_neighbours_differ_by_one_and_later_periods_are_later(
    year: int, month: int, months: int
) -> None:
    whole = 12 * months
    ranges = [f"{year + k * months:04d}-{month:02d}-01/P{whole}M" for k in range(2)]
    one, other = (parse_period(text) for text in ranges)
    assert one is not None
    assert other is not None
    assert other.ordinal - one.ordinal == 1
    assert one.end == other.start


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_weeks_and_days_are_those_of_the_calendar(day: date) -> None:
    iso = day.isocalendar()
    week = parse_period(f"{iso.year}-W{iso.week:02d}")
    assert week is not None
    assert week.first <= day <= week.last
    assert days(f"{day.year}-D{day.timetuple().tm_yday:03d}") == days(day.isoformat())


#: What a reader of TIME_PERIOD cannot do without: the letters of reporting periods or of durations.
_SIGNS = [r"[ASTQ", "/P(", "P[1-9]", "W(?:0", "Q[1-4]", "fromisocalendar", r"\d{4}(?:-", "[HS"]
_READERS = {"periods/lexical.py", "periods/days.py", "periods/tokens.py"}


def test_nothing_else_reads_time_period() -> None:
    package = Path(ilms_sdmx.__file__).parent
    others = {}
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        texts = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        names = [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
        patterns = [text for text in texts if re.search(r"\\d|\[0-9", text)]
        told = [sign for sign in _SIGNS for text in [*patterns, *names] if sign in text]
        if told and name not in _READERS:
            others[name] = told
    assert others == {}


#: Names that hold a period or a moment as text.
_HOLDS_PERIOD = re.compile(r"period|moment|\bstart\b|\bend\b|^year$|time")


def cuts(path: Path) -> list[str]:
    """Places where a module takes the first characters of a period."""
    found: list[str] = []
    text = path.read_text(encoding="utf-8")
    if not re.search(r"\[:(4|7|10)\]", text):
        return found
    for node in ast.walk(ast.parse(text)):
        is_slice = isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice)
        if not is_slice or not isinstance(node.slice.upper, ast.Constant):
            continue
        is_cut = node.slice.lower is None and node.slice.upper.value in (4, 7, 10)
        if is_cut and _HOLDS_PERIOD.search(ast.unparse(node.value)):
            found.append(ast.unparse(node))
    return found


def test_nothing_else_cuts_a_period_into_pieces() -> None:
    package = Path(ilms_sdmx.__file__).parent
    places = {}
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package).as_posix()
        found = [] if name.startswith("periods/") else cuts(path)
        if found:
            places[name] = found
    assert places == {}


@pytest.mark.parametrize(
    ("moment", "first", "last"),
    [
        ("2017-01-01T00:00:00Z", "2017", "2017-01-01"),
        ("2017-12-31T23:59:59", "2017-12-31", "2017"),
        ("2016-02-29", "2016-02-29", "2016-02"),
        ("2016-03-01", "2016-03", "2016-03-01"),
        ("2016-Q1", "2016-Q1", "2016-Q1"),
        ("-2016-03-01", "-2016-03-01", "-2016-03-01"),
        ("no period", "no period", "no period"),
    ],
)
def test_a_moment_limits_the_longest_period(moment: str, first: str, last: str) -> None:
    assert period_from(moment) == first
    assert period_to(moment) == last


@pytest.mark.shared
def test_the_casebook_of_periods(shared: Path) -> None:
    path = shared / "cases" / "periods.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            text = row["time_period"]
            period = parse_period(text)
            assert (period is not None) == (row["valid"] == "yes"), text
            if period is not None:
                assert (period.kind, period.frequency) == (row["kind"], row["frequency"]), text
                assert days(text) == (row["first_day"], row["last_day_exclusive"]), text
