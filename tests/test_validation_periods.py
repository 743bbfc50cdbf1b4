"""Rules along time see the same damage whatever the years of a series are called."""

import pandas as pd
import pytest

from ilms_sdmx import Components, Dataset, validate

STEADY = {
    "CDS_DES_KOR": [
        141.213,
        142.871,
        143.902,
        145.117,
        146.255,
        147.918,
        149.004,
        150.337,
        151.882,
    ],
    "CDS_DES_JPN": [21.718, 22.164, 22.987, 23.559, 24.312, 24.806, 25.631, 26.147, 27.033],
    "CDS_DES_MYS": [71.402, 73.938, 75.517, 77.129, 78.846, 80.523, 82.791, 84.316, 86.652],
    "CDS_DES_SGP": [12.511, 12.843, 13.276, 13.711, 14.128, 14.697, 15.044, 15.583, 16.029],
}
#: Name of a damage to what is done to the figures of one code at one year; None leaves the figure out.
DAMAGES = {
    "persons for thousands": ("CDS_DES_JPN", {4: 24312.0}),
    "a lost decimal point": ("CDS_DES_MYS", {5: 805.23}),
    "a jump": ("CDS_DES_KOR", {6: 473.412}),
    "a zero": ("CDS_DES_SGP", {3: 0.0}),
    "a copied row": ("CDS_DES_KOR", {5: 146.255}),
    "a missing year": ("", {4: None}),
    "a copied year": ("", {5: 4}),
    "a level shift": ("", {6: "x"}),
}
RULES = {
    "persons for thousands": "factor-slip",
    "a lost decimal point": "factor-slip",
    "a jump": "year-jump",
    "a zero": "zero-or-missing",
    "a copied row": "repeated-year",
    "a missing year": "period-gap",
    "a copied year": "repeated-year",
    "a level shift": "level-shift",
}
FORMS = {
    "fiscal years": "{}-10-01/P1Y",
    "fiscal years with a time": "{}-04-01T00:00:00/P1Y",
    "a zone": "{}Z",
    "reporting years": "{}-A1",
    "days of a stock": "{}-12-31",
    "months of a stock": "{}-06",
}


def damaged(damage: str) -> dict[str, dict[int, float]]:
    """Figures of each code by number of the year, with one damage."""
    only, changes = DAMAGES[damage]
    figures = {code: dict(enumerate(values)) for code, values in STEADY.items()}
    for code, values in figures.items():
        if only not in ("", code):
            continue
        for year, change in changes.items():
            if change is None:
                del values[year]
            elif change == "x":
                for later in range(year, len(values)):
                    values[later] = round(values[later] * 1.9, 3)
            elif isinstance(change, int):
                values[year] = values[change]
            else:
                values[year] = change
    return figures


def dataset(figures: dict[str, dict[int, float]], form: str) -> Dataset:
    """Annual data set whose years are written in one form."""
    rows = [
        ("THA", "A", "EMP_MNAO_NB", "SEX_T", code, form.format(2011 + year), f"{value:.3f}")
        for code, values in figures.items()
        for year, value in values.items()
    ]
    columns = ["REF_AREA", "FREQ", "MEASURE", "SEX", "CDS", "TIME_PERIOD", "OBS_VALUE"]
    frame = pd.DataFrame(rows, columns=columns, dtype="str")
    return Dataset(frame, Components(tuple(columns[:6])), "ILO:DF_EMP_MNAO_SEX_CDS_NB(1.0)")


def told(data: Dataset) -> list[tuple[str, str]]:
    """Rules and the years they are told of."""
    return sorted((f.rule, f.place.key.get("TIME_PERIOD", "")[:4]) for f in validate(data))


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_told_alike_for_years_of_every_form(damage: str, form: str) -> None:
    figures = damaged(damage)
    of_calendar_years = told(dataset(figures, "{}"))
    assert RULES[damage] in [rule for rule, _ in of_calendar_years]
    assert told(dataset(figures, form)) == of_calendar_years


@pytest.mark.parametrize("form", ["{}", *FORMS.values()])
def test_a_steady_series_is_clean_in_every_form(form: str) -> None:
    figures = {code: dict(enumerate(values)) for code, values in STEADY.items()}
    assert told(dataset(figures, form)) == []


def test_a_fiscal_year_that_moves_its_first_month_leaves_no_gap() -> None:
    figures = {code: dict(enumerate(values)) for code, values in STEADY.items()}
    data = dataset(figures, "{}-04-01/P1Y")
    later = data.observations["TIME_PERIOD"].str[:4] >= "2015"
    moved = data.observations["TIME_PERIOD"].where(
        ~later, data.observations["TIME_PERIOD"].str.replace("-04-", "-10-")
    )
    frame = data.observations.assign(TIME_PERIOD=moved)
    assert told(Dataset(frame, data.components, data.dataflow)) == []


@pytest.mark.parametrize(
    ("frequency", "period", "fits"),
    [
        ("A", "2019", True),
        ("A", "2019-A1", True),
        ("A", "2019-07-01/P1Y", True),
        ("A", "2017-09-21/P355D", True),
        ("A", "2019-12-31", True),
        ("A", "2019-06", True),
        ("A", "2018-01-01/P2Y", True),
        ("A", "2020-01-01/P6M", False),
        ("A", "2021-01-01/P5M", False),
        ("A", "2021-S1", False),
        ("A", "2021-Q1", False),
        ("A", "2021-W04", False),
        ("S", "2020-07-01/P6M", True),
        ("S", "2020-01-01/P3M", False),
        ("Q", "2020-Q3", True),
        ("Q", "2019-07-01/P1Y", True),
        ("Q", "2020", False),
        ("Q", "2020-09-30", True),
        ("M", "2020-09", True),
        ("M", "2020-M09", True),
        ("M", "2020-Q3", False),
        ("M", "2020-09-01/P10D", False),
        ("W", "2020-W53", True),
        ("D", "2020-D366", True),
        ("D", "2020-02", False),
        ("O", "2020-01-01/P5M", True),
    ],
)
def test_a_frequency_refuses_only_what_no_series_of_it_can_hold(
    frequency: str, period: str, fits: bool
) -> None:
    data = dataset({"CDS_DES_TOTAL": {9: 41.3}}, "{}")
    frame = data.observations.assign(FREQ=frequency, TIME_PERIOD=period)
    report = validate(Dataset(frame, data.components, data.dataflow))
    rules = [finding.rule for finding in report]
    assert ("time-format" not in rules) is fits


NO_PERIODS = """
2020-02-30 2019-02-29 2020-D000 2021-D366 2021-W53 2020-07-01/P2W 2020-07-01/P 2020/21 2020H1
2020-M2 2020-02-30/P1M 2020-A2 2020-02-29T25:00:00 2020-12-00 2020-07-01/2020-12-31 2020-w05
"""


@pytest.mark.parametrize("text", [*NO_PERIODS.split(), "2020 "])
def test_what_no_calendar_has_is_an_error_with_its_key(text: str) -> None:
    data = dataset({"CDS_DES_TOTAL": {9: 41.3}}, "{}")
    frame = data.observations.assign(TIME_PERIOD=text)
    report = validate(Dataset(frame, data.components, data.dataflow))
    (finding,) = [finding for finding in report if finding.rule == "time-format"]
    assert (finding.read, finding.place.key["CDS"]) == (text, "CDS_DES_TOTAL")
