"""Bounds of what can be: periods that have not come, earnings of a year, ages that a table leaves out."""

from __future__ import annotations

import datetime
import io

import pandas as pd
import pytest

from ilms_sdmx import Components, Dataset, Header, Validation, validate, write

DAY = datetime.date(2026, 5, 4)
ABROAD = "POP_MNAS_SEX_CRS_NB"


def dataset(flow: str, rows: list[tuple[str, ...]], *columns: str) -> Dataset:
    """Figures of both sexes of Viet Nam in rows `code period value`, then of further columns."""
    first, second, *_, dimension, unit = flow.split("_")
    frame = pd.DataFrame(rows, columns=[dimension, "TIME_PERIOD", "OBS_VALUE", *columns])
    frame = frame.assign(
        REF_AREA="VNM", FREQ="A", MEASURE=f"{first}_{second}_{unit}", SEX="SEX_T"
    )
    dimensions = ["REF_AREA", "FREQ", "MEASURE", "SEX", dimension, "TIME_PERIOD"]
    if "AGE" in columns:
        dimensions.insert(4, "AGE")
    attributes = [name for name in columns if name != "AGE"]
    components = Components(tuple(dimensions), attributes=dict.fromkeys(attributes, ()))
    frame = frame[[*dimensions, "OBS_VALUE", *attributes]]
    return Dataset(frame, components, f"ILO:DF_{flow}(1.0)")


def told(report: Validation, rule: str) -> list[tuple[str, str]]:
    """Severity and period of the findings of a rule."""
    return [(f.severity.value, f.place.key["TIME_PERIOD"]) for f in report.of_rule(rule)]


@pytest.mark.parametrize(
    ("period", "is_told"),
    [
        ("2026", False),
        ("2026-04-01/P1Y", False),
        ("2026-05-04", False),
        ("2026-07-01", True),
        ("2027", True),
        ("2027-10-01/P1Y", True),
        ("2563", True),
        ("99999", True),
    ],
)
def test_a_period_that_has_not_begun_is_an_error(period: str, is_told: bool) -> None:
    data = dataset(ABROAD, [("CRS_RES_TOTAL", period, "12.7")])
    report = validate(data, today=DAY)
    assert told(report, "period-ahead") == ([("error", period)] if is_told else [])


def test_a_buddhist_year_is_named_as_the_cause() -> None:
    report = validate(dataset(ABROAD, [("CRS_RES_TOTAL", "2563", "12.7")]), today=DAY)
    (finding,) = report.of_rule("period-ahead")
    assert "2563 is 2020" in finding.cause
    far = validate(dataset(ABROAD, [("CRS_RES_TOTAL", "2099", "12.7")]), today=DAY)
    assert not far.of_rule("period-ahead").findings[0].cause


@pytest.mark.parametrize(("status", "is_told"), [("F", False), ("M", False), ("P", True)])
def test_a_forecast_may_be_ahead(status: str, is_told: bool) -> None:
    rows = [("CRS_RES_TOTAL", "2030", "12.7", status)]
    report = validate(dataset(ABROAD, rows, "OBS_STATUS"), today=DAY)
    assert bool(report.of_rule("period-ahead")) == is_told


def test_a_message_is_judged_by_the_day_on_which_it_was_prepared() -> None:
    """The same message gives the same findings whenever it is checked."""
    data = dataset(ABROAD, [("CRS_RES_TOTAL", "2027", "12.7")])
    for prepared, is_told in (("2026-05-04T09:00:00Z", True), ("2027-02-01T09:00:00", False)):
        message = io.BytesIO()
        write(data, message, "sdmx-ml-2.1", header=Header(prepared=prepared))
        for today in (DAY, datetime.date(2031, 1, 1)):
            report = validate(message.getvalue(), today=today)
            # The day of a header may be that of a template, so it stops no message.
            assert told(report, "period-ahead") == ([("warning", "2027")] if is_told else [])


EARNINGS = "EAR_EMTA_SEX_CBR_NB"


def earnings(values: str) -> Validation:
    rows = []
    for number, value in enumerate(values.split()):
        rows.append(("CBR_BIR_FOREIGN", f"{2012 + number}", value))
    return validate(dataset(EARNINGS, rows), today=DAY)


@pytest.mark.parametrize(
    ("values", "year"),
    [
        ("351.2 362.0 4501.5 371.8", "2014"),
        ("351.2 362.0 371.8 4501.5", "2015"),
        ("4501.5 351.2 362.0 371.8", "2012"),
        ("4101.5 4201.0 351.2 4320.5 4401.0", "2014"),
        ("351.2 362.0 371.0 377.7 380.9 390.2 4695.0 402.2 409.9 415.0", "2018"),
        ("351.2 4225.0", "2013"),
    ],
)
def test_earnings_of_a_year_among_those_of_a_month_are_named(values: str, year: str) -> None:
    report = earnings(values)
    assert told(report, "year-jump") == [("warning", year)]
    assert (
        "earnings of a year" in report.of_rule("year-jump").findings[0].cause or year == "2012"
    )
    assert not report.of_rule("factor-slip")


@pytest.mark.parametrize("values", ["351.2 362.0 3711.8 371.0", "351.2 362.0 0.362 371.0"])
def test_another_factor_of_earnings_stays_a_slip(values: str) -> None:
    assert told(earnings(values), "factor-slip") == [("warning", "2014")]


def test_twelve_times_the_persons_is_no_matter_of_months() -> None:
    rows = [("CRS_RES_TOTAL", f"{2012 + n}", v) for n, v in enumerate(("351", "4225", "360"))]
    report = validate(dataset(ABROAD, rows), today=DAY)
    assert all("earnings" not in finding.cause for finding in report)


def groups(values: dict[str, str]) -> Validation:
    """Earnings of one year by sex and place of birth: `M FOREIGN` and the like."""
    rows = []
    for group, value in values.items():
        sex, birth = group.split()
        rows.append(
            ("THA", "A", "EAR_EMTA_NB", f"SEX_{sex}", f"CBR_BIR_{birth}", "2021", value)
        )
    names = ("REF_AREA", "FREQ", "MEASURE", "SEX", "CBR", "TIME_PERIOD")
    frame = pd.DataFrame(rows, columns=[*names, "OBS_VALUE"], dtype="str")
    return validate(Dataset(frame, Components(names), f"ILO:DF_{EARNINGS}(1.0)"), today=DAY)


MONTHLY = {"T TOTAL": "15100", "M TOTAL": "15900", "F TOTAL": "14050", "M FOREIGN": "9200"}


@pytest.mark.parametrize("group", ["T TOTAL", "F TOTAL", "M FOREIGN"])
@pytest.mark.parametrize("factor", [12, 1 / 12])
def test_earnings_of_a_year_are_found_by_their_level_among_the_groups(
    group: str, factor: float
) -> None:
    values = {**MONTHLY, group: f"{float(MONTHLY[group]) * factor:.0f}"}
    (finding,) = groups(values).of_rule("earnings-of-a-year")
    key = finding.place.key
    assert group == f"{key['SEX'][4:]} {key['CBR'].rpartition('_')[2]}"
    assert "1 of 4 mean earnings" in finding.message
    assert "earnings of a year" in finding.cause


@pytest.mark.parametrize(
    "changed",
    [{}, {"M FOREIGN": "71000"}, {"M FOREIGN": "3100"}, {"F TOTAL": "1405000"}],
    ids=["as they are", "rich migrants", "poor migrants", "a hundred times"],
)
def test_other_differences_between_groups_are_no_matter_of_months(
    changed: dict[str, str],
) -> None:
    assert not groups({**MONTHLY, **changed}).of_rule("earnings-of-a-year")


def test_a_year_that_is_told_along_time_is_not_told_again_by_its_level() -> None:
    rows = []
    for year in range(2015, 2021):
        for birth, level in (("FOREIGN", 300.0), ("NATIVE", 360.0), ("TOTAL", 340.0)):
            value = level * 1.03 ** (year - 2015)
            if (birth, year) == ("FOREIGN", 2018):
                value *= 12
            rows.append((f"CBR_BIR_{birth}", str(year), f"{value:.1f}"))
    report = validate(dataset(EARNINGS, rows), today=DAY)
    assert told(report, "year-jump") == [("warning", "2018")]
    assert not report.of_rule("earnings-of-a-year")


def currencies(changed: dict[str, str]) -> Validation:
    """Earnings of one year by sex in local currency, US dollars and purchasing power."""
    values = {"M LCU": "15900", "M USD": "497", "M PPP": "1262"}
    values |= {"F LCU": "14050", "F USD": "439", "F PPP": "1115"}
    values |= {"T LCU": "15100", "T USD": "472", "T PPP": "1198"}
    rows = []
    for group, value in (values | changed).items():
        sex, unit = group.split()
        codes = ("THA", "A", "EAR_EMTA_NB", f"SEX_{sex}", "CBR_BIR_TOTAL", f"CUR_TYPE_{unit}")
        rows.append((*codes, "2021", value))
    names = ("REF_AREA", "FREQ", "MEASURE", "SEX", "CBR", "CUR", "TIME_PERIOD")
    frame = pd.DataFrame(rows, columns=[*names, "OBS_VALUE"], dtype="str")
    flow = "ILO:DF_EAR_EMTA_SEX_CBR_CUR_NB(1.0)"
    return validate(Dataset(frame, Components(names), flow), today=DAY)


@pytest.mark.parametrize(
    ("changed", "places"),
    [
        ({}, set()),
        ({"F USD": "5268"}, {"SEX_F.CUR_TYPE_USD"}),
        ({"M PPP": "15140"}, {"SEX_M.CUR_TYPE_PPP"}),
        ({"T USD": "66000", "M USD": "70000", "F USD": "61000"}, {"T", "M", "F"}),
    ],
)
def test_earnings_of_a_year_are_found_among_the_currencies(
    changed: dict[str, str], places: set[str]
) -> None:
    found = currencies(changed).of_rule("earnings-of-a-year")
    keys = {f"{f.place.key['SEX']}.{f.place.key['CUR']}" for f in found}
    if {"T", "M", "F"} == places:
        places = {f"SEX_{sex}.CUR_TYPE_USD" for sex in places}
    assert keys == places


AGES = "EMP_TEMP_SEX_AGE_CBR_NB"


@pytest.mark.parametrize(
    ("age", "note", "severities"),
    [
        ("10YRBANDS_YLT15", "Age coverage - minimum age: 15", ["warning"]),
        ("5YRBANDS_Y10-14", "Age coverage - minimum age: 15", ["warning"]),
        ("AGGREGATE_YGE65", "Age coverage - maximum age: 64", ["warning"]),
        ("AGGREGATE_Y55-64", "Age coverage - maximum age: 64", []),
        ("AGGREGATE_TOTAL", "Age coverage - minimum age: 15", []),
        ("10YRBANDS_YLT15", "Age coverage - minimum age: 10", []),
        ("10YRBANDS_YLT15", "Remarks: a sample", []),
        (
            "AGGREGATE_TOTAL",
            "Age coverage - minimum age: 65 | Age coverage - maximum age: 15",
            ["error"],
        ),
        ("AGGREGATE_TOTAL", "Age coverage - minimum age: 150", ["error"]),
    ],
)
def test_ages_that_the_notes_leave_out_have_no_figures(
    age: str, note: str, severities: list[str]
) -> None:
    rows = [("CBR_BIR_FOREIGN", "2019", "1.9", f"AGE_{age}", note)]
    report = validate(dataset(AGES, rows, "AGE", "NOTE_SOURCE"), today=DAY)
    assert [severity for severity, _ in told(report, "ages-not-covered")] == severities


def test_no_persons_of_an_age_left_out_are_right() -> None:
    note = "Age coverage - minimum age: 15"
    rows = [("CBR_BIR_FOREIGN", "2019", "0", "AGE_10YRBANDS_YLT15", note)]
    report = validate(dataset(AGES, rows, "AGE", "NOTE_SOURCE"), today=DAY)
    assert not report.of_rule("ages-not-covered")
