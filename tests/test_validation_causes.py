"""Causes that are whole rows and columns: pasted, left out, of another year, shifted."""

from __future__ import annotations

import csv
import datetime
import io
import json
import random

import pandas as pd
import pytest

from ilms_sdmx import Components, Dataset, Validation, validate
from ilms_sdmx.findings.groups import grouped
from ilms_sdmx.outputs.reports.validation import validation_page
from ilms_sdmx.validation.exceptions import Accepted, divided
from ilms_sdmx.validation.formats import to_csv, to_json, to_sarif

CODES = ("QAT", "KWT", "BHR", "OMN", "X")
#: Women and men by destination in two years, invented.
YEARS = {
    "2021": {"F": (412, 250, 131, 77, 30), "M": (1904, 733, 305, 268, 51)},
    "2022": {"F": (437, 262, 140, 71, 33), "M": (1988, 701, 322, 281, 47)},
}
Figures = dict[tuple[str, str, str], int]


def table() -> Figures:
    """Persons by year, sex and destination, which add up in both directions."""
    figures: Figures = {}
    for year, by_sex in YEARS.items():
        for sex, values in by_sex.items():
            for code, value in zip(CODES, values, strict=True):
                figures[year, sex, code] = value
            figures[year, sex, "TOTAL"] = sum(values)
        for code in (*CODES, "TOTAL"):
            figures[year, "T", code] = figures[year, "F", code] + figures[year, "M", code]
    return figures


def checked(figures: Figures, order: int = 0) -> Validation:
    names = ("REF_AREA", "FREQ", "MEASURE", "SEX", "CDS", "TIME_PERIOD")
    rows = []
    for (year, sex, code), value in figures.items():
        figure = f"{value / 1000:.3f}"
        rows.append(("LKA", "A", "EMP_MNAO_NB", f"SEX_{sex}", f"CDS_DES_{code}", year, figure))
    random.Random(order).shuffle(rows)
    frame = pd.DataFrame(rows, columns=[*names, "OBS_VALUE"])
    return validate(Dataset(frame, Components(names), "ILO:DF_EMP_MNAO_SEX_CDS_NB(1.0)"))


def sum_causes(report: Validation) -> set[str]:
    """Causes of broken sums, each said once; empty where one has none."""
    findings = [f for f in report if f.rule in ("sex-sum", "partner-sum")]
    return {f.cause for f in findings if not f.under}


def test_the_table_adds_up() -> None:
    assert sum_causes(checked(table())) == set()


@pytest.mark.parametrize("order", range(3))
def test_a_pasted_row_is_named_with_what_would_fit(order: int) -> None:
    figures = table()
    for sex in "FMT":
        figures["2022", sex, "BHR"] = figures["2022", sex, "KWT"]
    (cause,) = sum_causes(checked(figures, order))
    assert cause.startswith("a row pasted over another")
    assert "CDS_DES_BHR.2022" in cause
    assert "CDS_DES_KWT.2022" in cause
    assert "0.140 (SEX_F)" in cause


def test_a_row_of_another_year_is_named_with_its_year() -> None:
    figures = table()
    for sex in "FMT":
        figures["2022", sex, "QAT"] = figures["2021", sex, "QAT"]
    (cause,) = sum_causes(checked(figures))
    assert cause.startswith("the row of another period")
    assert "CDS_DES_QAT.2022 has the figures of 2021" in cause
    assert "1.988 (SEX_M)" in cause


def test_a_row_left_out_is_named_by_the_periods_that_have_it() -> None:
    figures = table()
    for sex in "FMT":
        del figures["2022", sex, "KWT"]
    (cause,) = sum_causes(checked(figures))
    assert cause.startswith("a row left out")
    assert "CDS_DES_KWT" in cause
    assert "0.262 (SEX_F)" in cause


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("order", range(3))
def test_a_shifted_column_is_named(turned: bool, order: int) -> None:
    figures = table()
    keys = [("2022", "M", code) for code in (*CODES, "TOTAL")]
    values = [figures[key] for key in keys]
    first = values[-1] if turned else values[0]
    for key, value in zip(keys, [first, *values[:-1]], strict=True):
        figures[key] = value
    causes = sum_causes(checked(figures, order))
    assert {cause.partition(":")[0] for cause in causes - {""}} == {
        "the column of SEX_M is shifted"
    }


def test_a_row_that_no_other_row_explains_is_not_named() -> None:
    """What the sums leave would fit any row: arithmetic alone names none."""
    figures = table()
    for sex, wrong in (("F", 39), ("M", 111), ("T", 150)):
        figures["2022", sex, "OMN"] += wrong
    assert sum_causes(checked(figures)) == {""}


def test_two_faults_in_one_sum_are_never_told_as_one_fact() -> None:
    figures = table()
    figures["2022", "F", "QAT"] = 473
    figures["2022", "M", "KWT"] += 20
    figures["2022", "T", "OMN"] -= 9
    for cause in sum_causes(checked(figures)) - {""}:
        if not cause.startswith("possible"):
            named = ("SEX_F.CDS_DES_QAT", "SEX_M.CDS_DES_KWT", "SEX_T.CDS_DES_OMN")
            assert any(name in cause for name in named)


def test_a_class_that_other_years_have_is_missed() -> None:
    names = ("REF_AREA", "FREQ", "MEASURE", "SEX", "EDU", "TIME_PERIOD")
    rows = []
    for year, codes in (
        ("2020", "LTB BAS INT ADV"),
        ("2021", "LTB BAS INT ADV"),
        ("2022", "LTB BAS ADV"),
    ):
        for code in codes.split():
            rows.append(
                ("LKA", "A", "EMP_MNAO_NB", "SEX_T", f"EDU_AGGREGATE_{code}", year, "2.5")
            )
        total = ("LKA", "A", "EMP_MNAO_NB", "SEX_T", "EDU_AGGREGATE_TOTAL", year, "10.0")
        rows.append(total)
    frame = pd.DataFrame(rows, columns=[*names, "OBS_VALUE"])
    report = validate(Dataset(frame, Components(names), "ILO:DF_EMP_MNAO_SEX_EDU_NB(1.0)"))
    (finding,) = report.of_rule("parts-short")
    assert finding.severity.value == "error"
    assert finding.place.key["TIME_PERIOD"] == "2022"


def test_one_cause_holds_the_sums_that_it_breaks() -> None:
    figures = table()
    for sex in "FMT":
        figures["2022", sex, "BHR"] = figures["2022", sex, "KWT"]
    report = checked(figures)
    (group,) = [group for group in grouped(report) if "pasted" in group.cause]
    assert len(group.findings) == 3
    assert len(group.places) == 3
    assert sum(len(group.findings) for group in grouped(report)) == len(report)
    (record,) = [r for r in json.loads(to_json(report))["groups"] if "pasted" in r["cause"]]
    assert record["count"] == 3
    page = validation_page(report)
    section = page.partition('id="groups"')[2].partition("</section>")[0]
    assert "a row pasted over another" in section
    assert section.count("CDS_DES_TOTAL.2022") == 3


def swapped_and_pasted() -> Validation:
    """Two causes of two years, the first of which breaks three sums, and the second two."""
    figures = table()
    for sex in "FMT":
        figures["2022", sex, "BHR"] = figures["2022", sex, "KWT"]
    men = figures["2021", "M", "OMN"]
    figures["2021", "M", "OMN"] = figures["2021", "F", "OMN"]
    figures["2021", "F", "OMN"] = men
    return checked(figures)


def test_a_cause_is_said_once_and_what_it_breaks_hangs_under_it() -> None:
    report = swapped_and_pasted()
    leads = [f for f in report if f.cause and f.rule == "partner-sum"]
    assert len({finding.cause for finding in leads}) == len(leads) == 2
    findings = list(report)
    for lead in leads:
        hanging = [finding for finding in report if finding.under == lead]
        place = findings.index(lead)
        assert findings[place + 1 : place + 1 + len(hanging)] == hanging
        assert not any(finding.cause for finding in hanging)
        assert str(hanging[0]).splitlines()[-1].split() == ["under", *lead.name.split()]
    assert report.counts["partner-sum"] == 5


def test_each_format_tells_a_cause_once() -> None:
    report = swapped_and_pasted()
    lead = next(finding for finding in report if "pasted" in finding.cause)
    rows = list(csv.DictReader(io.StringIO(to_csv(report))))
    assert [row["cause"] for row in rows].count(lead.cause) == 1
    assert [row["under"] for row in rows].count(lead.name) == 2
    entries = json.loads(to_json(report))["findings"]
    assert [entry["cause"] for entry in entries].count(lead.cause) == 1
    assert [entry["under"] for entry in entries].count(lead.name) == 2
    (run,) = json.loads(to_sarif(report))["runs"]
    (result,) = [r for r in run["results"] if lead.cause in r["message"]["text"]]
    assert len(result["relatedLocations"]) == 2
    texts = [place["message"]["text"] for place in result["relatedLocations"]]
    assert all(text.startswith("partner-sum: ") for text in texts)
    assert len(run["results"]) == len(report) - 3
    page = validation_page(report)
    findings = page.partition('id="findings"')[2]
    assert findings.count("a row pasted over another") == 1
    assert findings.count("Explained by the cause of") == 3


def test_an_accepted_sum_leaves_the_others_of_its_cause() -> None:
    report = swapped_and_pasted()
    lead = next(finding for finding in report if "pasted" in finding.cause)
    key = ".".join(lead.place.key.values())
    day = datetime.date(2099, 1, 1)
    accepted = Accepted(lead.rule, key, "As printed.", "A. Person", day)
    kept, taken = divided(report, [accepted], datetime.date(2026, 1, 1))
    assert [finding.place for finding, _ in taken] == [lead.place]
    assert len(kept) == len(report) - 1
    (first,) = [finding for finding in kept if finding.cause == lead.cause]
    (other,) = [finding for finding in kept if finding.under == first]
    assert {first.place, other.place} == {f.place for f in report if f.under == lead}
    assert not any(finding.under == lead for finding in kept)


def test_what_hangs_moves_with_its_report() -> None:
    report = swapped_and_pasted().at(file="table.csv")
    leads = {f.name for f in report if f.cause and f.rule == "partner-sum"}
    assert {finding.under.name for finding in report if finding.under} == leads


def test_versions_of_one_table_are_one_witness() -> None:
    """Two totals of one table do not outvote that of another."""
    names = ("REF_AREA", "FREQ", "MEASURE", "SEX", "ECO", "TIME_PERIOD")
    rows = []
    for version in ("ECO_SECTOR", "ECO_AGGREGATE"):
        rows.append(("LKA", "A", "EMP_MNAO_NB", "SEX_T", f"{version}_TOTAL", "2022", "50.0"))
    frame = pd.DataFrame(rows, columns=[*names, "OBS_VALUE"])
    by_activity = Dataset(frame, Components(names), "ILO:DF_EMP_MNAO_SEX_ECO_NB(1.0)")
    other_names = tuple("EDU" if name == "ECO" else name for name in names)
    row = ("LKA", "A", "EMP_MNAO_NB", "SEX_T", "EDU_AGGREGATE_TOTAL", "2022", "61.0")
    other = pd.DataFrame([row], columns=[*other_names, "OBS_VALUE"])
    by_education = Dataset(other, Components(other_names), "ILO:DF_EMP_MNAO_SEX_EDU_NB(1.0)")
    for tables in ([by_activity, by_education], [by_education, by_activity]):
        (finding,) = validate(tables).of_rule("table-total")
        assert "_TOTAL)" in finding.message
