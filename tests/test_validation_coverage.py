"""Each observation says whether an equation, a limit or nothing tests it."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from ilms_sdmx import Components, Dataset, Validation, validate
from ilms_sdmx.outputs.reports.validation import validation_page
from ilms_sdmx.validation.formats import to_coverage_csv, to_json

DIMENSIONS = ("REF_AREA", "FREQ", "MEASURE", "SEX", "CDS", "TIME_PERIOD")


def departures() -> Dataset:
    """Women with all countries, men without the residual, both sexes of one country alone."""
    rows = [
        ("SEX_F", "CDS_DES_SGP", "2019", "4.0"),
        ("SEX_F", "CDS_DES_X", "2019", "1.0"),
        ("SEX_F", "CDS_DES_TOTAL", "2019", "5.0"),
        ("SEX_M", "CDS_DES_HKG", "2019", "6.0"),
        ("SEX_M", "CDS_DES_TOTAL", "2019", "9.0"),
        ("SEX_T", "CDS_DES_ARE", "2019", "2.0"),
    ]
    frame = pd.DataFrame(rows, columns=["SEX", "CDS", "TIME_PERIOD", "OBS_VALUE"])
    frame = frame.assign(REF_AREA="IDN", FREQ="A", MEASURE="EMP_MNAO_NB")
    return Dataset(
        frame[[*DIMENSIONS, "OBS_VALUE"]],
        Components(DIMENSIONS),
        "ILO:DF_EMP_MNAO_SEX_CDS_NB(1.0)",
    )


@pytest.fixture
def report() -> Validation:
    return validate(departures())


def test_a_sum_without_all_parts_is_a_limit_and_no_test(report: Validation) -> None:
    (observations,) = report.observations
    told = ["equation"] * 3 + ["limit"] * 2 + ["none"]
    assert observations["tested"].tolist() == told
    (row,) = report.coverage.to_dict("records")
    assert (row["equation"], row["limit"], row["none"], row["share"]) == (3, 2, 1, 50.0)


def test_what_no_equation_tests_is_in_every_format(report: Validation) -> None:
    lines = to_coverage_csv(report).splitlines()
    assert len(lines) == 7
    assert lines[6].endswith("CDS_DES_ARE,2019,2.0,none")
    (table,) = json.loads(to_json(report))["coverage"]
    untested = {row["CDS"]: row["tested"] for row in table["untested"]}
    assert untested == {
        "CDS_DES_HKG": "limit",
        "CDS_DES_TOTAL": "limit",
        "CDS_DES_ARE": "none",
    }
    page = validation_page(report)
    assert "3 of 6 observations are tested by an equation, 2 by a limit only" in page
    assert 'class="equation" width="50.0"' in page


def test_a_total_in_two_tables_is_an_equation() -> None:
    first = departures()
    rows = first.observations.iloc[[4]].assign(CDS="EDU_AGGREGATE_TOTAL")
    rows = rows.rename(columns={"CDS": "EDU"})
    dimensions = tuple("EDU" if name == "CDS" else name for name in DIMENSIONS)
    other = Dataset(rows, Components(dimensions), "ILO:DF_EMP_MNAO_SEX_EDU_NB(1.0)")
    report = validate([first, other])
    assert report.observations[1]["tested"].tolist() == ["equation"]
    assert report.observations[0]["tested"].tolist()[4] == "equation"


@pytest.mark.parametrize(
    ("dataflow", "dimension", "code", "rule", "severity"),
    [
        ("EMP_TEMP_SEX_SKN_CCT_NB", "SKN", "SKN_NATIONAL_9", "codes-not-checked", "note"),
        ("EMP_TEMP_SEX_STE_CCT_NB", "STE", "STE_ICSE18_ZZ", "unknown-code", "warning"),
        ("EMP_TEMP_SEX_EDU_CCT_NB", "EDU", "EDU_NATIONAL_9", "unknown-code", "error"),
    ],
)
def test_a_list_that_is_not_known_or_not_whole_is_said(
    dataflow: str, dimension: str, code: str, rule: str, severity: str
) -> None:
    names = ("REF_AREA", "FREQ", "MEASURE", "SEX", dimension, "CCT", "TIME_PERIOD")
    row = ["VNM", "A", "EMP_TEMP_NB", "SEX_T", code, "CCT_CIT_TOTAL", "2023", "7.5"]
    frame = pd.DataFrame([row], columns=[*names, "OBS_VALUE"])
    report = validate(Dataset(frame, Components(names), f"ILO:DF_{dataflow}(1.0)"))
    (finding,) = [f for f in report.of_rule(rule) if f.component == dimension]
    assert finding.severity.value == severity
    assert code in f"{finding.read} {finding.message}"
    if severity == "warning":
        assert "not all of its codes are known" in finding.message
