"""Judgement of validation: partial lists, bounds of what can be, zeros, short series, figures that change places."""

import pandas as pd
import pytest

from ilms_sdmx import Components, Dataset, Validation, validate

ABROAD = "POP_MNAS_SEX_CRS_NB"


def checked(flow: str, rows: list[tuple[str, str, str, str]]) -> Validation:
    """Validation of rows `sex code period value` of Laos."""
    parts = flow.split("_")
    dimension = parts[-2]
    measure = f"{parts[0]}_{parts[1]}_NB"
    frame = pd.DataFrame(rows, columns=["SEX", dimension, "TIME_PERIOD", "OBS_VALUE"])
    frame["SEX"] = "SEX_" + frame["SEX"]
    frame = frame.assign(REF_AREA="LAO", FREQ="A", MEASURE=measure)
    dimensions = ("REF_AREA", "FREQ", "MEASURE", "SEX", dimension, "TIME_PERIOD")
    data = Dataset(
        frame[[*dimensions, "OBS_VALUE"]], Components(dimensions), f"ILO:DF_{flow}(1.0)"
    )
    return validate(data)


def series(values: str, first: int = 2012, suffix: str = "") -> Validation:
    """Validation of one series of totals."""
    rows = []
    for number, value in enumerate(values.split()):
        rows.append(("T", "CRS_RES_TOTAL", f"{first + number}{suffix}", value))
    return checked(ABROAD, rows)


def told(validation: Validation, rule: str) -> list[tuple[str, str]]:
    """Severity and period of the findings of a rule."""
    findings = validation.of_rule(rule)
    return [(f.severity.value, f.place.key["TIME_PERIOD"]) for f in findings]


@pytest.mark.parametrize("suffix", ["", "-10-01/P1Y"])
@pytest.mark.parametrize(
    ("values", "year"),
    [
        ("63.1 62.8 0 64.0 63.3", 2014),
        ("63.1 62.8 64.0 63.3 0", 2016),
        ("631 628 0 640 633", 2014),
        ("63100 62800 0 64000 63300", 2014),
    ],
)
def test_zero_among_large_figures_or_at_the_end_is_a_warning(
    values: str, year: int, suffix: str
) -> None:
    report = series(values, suffix=suffix)
    assert told(report, "zero-or-missing") == [("warning", f"{year}{suffix}")]
    assert told(report, "year-jump") == []


def test_zeros_before_a_jump_are_a_note_once() -> None:
    assert told(series("0 0 63.3 64.0 63.1"), "zero-or-missing") == [("note", "2013")]


@pytest.mark.parametrize("values", ["0.3 0 0.4 0.2", "9.1 2.0 0.3 0", "0 0.2 0.5 0.9"])
def test_zero_next_to_small_figures_is_a_figure(values: str) -> None:
    assert told(series(values), "zero-or-missing") == []


@pytest.mark.parametrize(
    ("values", "year"),
    [
        ("55.3 56.1 271.0 55.8", 2014),
        ("55.3 56.1 12.0 55.8", 2014),
        ("271.0 55.3 56.1", 2012),
        ("55.3 56.1 57.0 271.0", 2015),
        ("55.3 56.1 57.0 54.9 56.2 271.0 55.0 54.1", 2017),
    ],
)
def test_figure_apart_from_both_neighbours_is_a_warning_in_a_short_series(
    values: str, year: int
) -> None:
    assert told(series(values), "year-jump") == [("warning", str(year))]


@pytest.mark.parametrize(
    "values", ["55.3 80.0 120.0", "0.3 1.4 0.3 0.2", "55.3 140.0 54.0 150.0"]
)
def test_what_grows_swings_or_is_small_is_no_jump(values: str) -> None:
    assert told(series(values), "year-jump") == []


HOURS = "HOW_XEES_SEX_CCT_NB"


@pytest.mark.parametrize(
    ("hours", "severities"),
    [
        ("44.5", []),
        ("97", []),
        ("103.5", ["warning"]),
        ("168", ["warning"]),
        ("176", ["error"]),
    ],
)
def test_weekly_hours_fit_into_a_week(hours: str, severities: list[str]) -> None:
    report = checked(HOURS, [("T", "CCT_CIT_TOTAL", "2019", hours)])
    assert [severity for severity, _ in told(report, "hours-above-week")] == severities


OCCUPATION = "EMP_MNAO_SEX_OCU_NB"
FIVE = {"2": "4.1", "4": "3.0", "5": "7.7", "8": "2.2", "9": "1.5"}


def occupations(
    year: str, parts: dict[str, str], total: str
) -> list[tuple[str, str, str, str]]:
    rows = [("T", f"OCU_ISCO08_{code}", year, value) for code, value in parts.items()]
    return [*rows, ("T", "OCU_ISCO08_TOTAL", year, total)]


def test_office_that_always_prints_some_groups_gets_a_note_with_their_share() -> None:
    rows = [*occupations("2017", FIVE, "37.0"), *occupations("2018", FIVE, "36.9")]
    report = checked(OCCUPATION, rows)
    assert told(report, "classification-sum") == []
    assert told(report, "parts-short") == [("note", "2017"), ("note", "2018")]
    assert "50 % of the printed total" in report.of_rule("parts-short").findings[0].message


def test_some_groups_that_exceed_the_total_are_an_error() -> None:
    report = checked(OCCUPATION, occupations("2017", FIVE, "17.0"))
    assert told(report, "parts-exceed-total") == [("error", "2017")]


def test_list_that_makes_up_its_total_in_other_years_is_an_error_where_it_does_not() -> None:
    rows = [*occupations("2016", FIVE, "18.5"), *occupations("2017", FIVE, "18.5")]
    rows += occupations("2018", FIVE, "21.5")
    report = checked(OCCUPATION, rows)
    assert told(report, "classification-sum") == [("error", "2018")]


DESTINATION = "EMP_MNAO_SEX_CDS_NB"


def destinations(figures: dict[str, str]) -> list[tuple[str, str, str, str]]:
    """Rows of `SEX: first second rest total`."""
    rows = []
    for sex, text in figures.items():
        for code, value in zip(("JPN", "KOR", "X", "TOTAL"), text.split(), strict=True):
            rows.append((sex, f"CDS_DES_{code}", "2019", value))
    return rows


def causes(report: Validation) -> set[str]:
    return {finding.lead.cause for finding in report if finding.rule.endswith("-sum")}


def test_men_and_women_of_one_country_that_change_places_are_named() -> None:
    figures = {"M": "31 64 9 83", "F": "17 43 8 89", "T": "48 107 17 172"}
    (cause,) = causes(checked(DESTINATION, destinations(figures)))
    assert "LAO.A.EMP_MNAO_NB.SEX_M.CDS_DES_KOR.2019 (64)" in cause
    assert "LAO.A.EMP_MNAO_NB.SEX_F.CDS_DES_KOR.2019 (43)" in cause
    assert "possible" not in cause


def test_two_countries_of_one_sex_that_change_places_are_named() -> None:
    figures = {"M": "31 43 9 83", "F": "64 17 8 89", "T": "48 107 17 172"}
    (cause,) = causes(checked(DESTINATION, destinations(figures)))
    assert "SEX_F.CDS_DES_JPN.2019 (64)" in cause
    assert "SEX_F.CDS_DES_KOR.2019 (17)" in cause


def test_cause_that_needs_persons_below_zero_is_none() -> None:
    figures = {"M": "6 5 5 9", "F": "2 3 1 6", "T": "8 8 1 15"}
    for cause in causes(checked(DESTINATION, destinations(figures))):
        assert "-" not in cause.partition(":")[2]


def test_cause_on_which_a_lone_sum_rests_is_only_possible() -> None:
    report = checked(
        DESTINATION,
        [
            ("T", f"CDS_DES_{c}", "2019", v)
            for c, v in (("JPN", "431"), ("X", "100"), ("TOTAL", "513"))
        ],
    )
    (cause,) = causes(report)
    assert not cause or cause.startswith("possible")


@pytest.mark.parametrize(
    ("flow", "code", "period", "severities"),
    [
        (ABROAD, "CRS_RES_URS", "2019", ["warning"]),
        (ABROAD, "CRS_RES_YU1", "1993", ["warning"]),
        (ABROAD, "CRS_RES_YU1", "1992", []),
        (ABROAD, "CRS_RES_YE1", "2019-10-01/P1Y", ["warning"]),
        (ABROAD, "CRS_RES_SSD", "2005", ["warning"]),
        (ABROAD, "CRS_RES_SSD", "2011", []),
        (ABROAD, "CRS_RES_URS", "99999", ["warning"]),
        (ABROAD, "CRS_RES_SDN", "2005", []),
        (ABROAD, "CRS_RES_RUS", "2019", []),
        ("POP_MFRB_SEX_CBR_NB", "CBR_BRT_URS", "2019", ["note"]),
    ],
)
def test_areas_have_a_time(flow: str, code: str, period: str, severities: list[str]) -> None:
    report = checked(flow, [("T", code, period, "12.7")])
    assert [severity for severity, _ in told(report, "code-of-other-time")] == severities


def test_two_pairs_of_men_and_women_that_may_have_changed_places_are_both_possible() -> None:
    """The totals differ by as much as the figures of Korea: either pair explains both breaks."""
    figures = {"M": "31 17 9 83", "F": "17 43 23 57", "T": "48 60 32 140"}
    report = checked(DESTINATION, destinations(figures))
    (cause,) = causes(report)
    assert cause.startswith("possible, one of two")
    assert "SEX_M.CDS_DES_KOR.2019 (17)" in cause
    assert "SEX_M.CDS_DES_TOTAL.2019 (83)" in cause


def test_cause_does_not_depend_on_the_order_of_rows() -> None:
    figures = {"M": "31 64 9 83", "F": "17 43 8 89", "T": "48 107 17 172"}
    rows = destinations(figures)
    assert causes(checked(DESTINATION, rows[::-1])).isdisjoint({""})
