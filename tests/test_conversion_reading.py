"""What a cell holds and what its page shows: nothing that differs is written without a word."""

import io
from datetime import datetime

import openpyxl
import pytest

from ilms_sdmx import Conversion, convert
from ilms_sdmx.findings import Severity
from ilms_sdmx.mapping.reading import parse_mapping

MAPPING = """
mapping: 1
conventions: {languages: [en]}
tables:
  - name: t
    begin: Country
    rows: [{name: country}]
    columns: [year]
codes:
  countries: {codelist: CL_CDS, prefix: CDS_DES_, match: true}
datasets:
  - dataflow: ILO:DF_EMP_MNAO_SEX_CDS_NB
    components:
      REF_AREA: IDN
      FREQ: A
      MEASURE: EMP_MNAO_NB
      SEX: SEX_T
      CDS: {from: country, codes: countries}
      TIME_PERIOD: {period: year}
"""
DAY = datetime(2023, 6, 30)  # noqa: DTZ001
NAMES = ["Japan", "Qatar", "Kuwait", "Oman", "Total"]
CHECKED = (
    "[year]",
    "[year]\n    rules: [{where: {country: Total}, bucket: total}]\n    checks: [{total: {country: Total}}]",
)
COUNTRIES = ("match: true", "match: true, values: {Total: CDS_DES_TOTAL}")


def run(
    figures: list[object], *changes: tuple[str, str], form: str = "", names: list[str] = NAMES
) -> Conversion:
    book = openpyxl.Workbook()
    book.active.append(["Country", "2019"])
    for name, figure in zip(names, figures, strict=False):
        book.active.append([name, figure])
        if form:
            book.active.cell(book.active.max_row, 2).number_format = form
    stream = io.BytesIO()
    book.save(stream)
    text = MAPPING
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return convert(stream.getvalue(), parse_mapping(text))


def values(done: Conversion) -> list[str]:
    return done.datasets[0].observations["OBS_VALUE"].tolist() if done.datasets else []


@pytest.mark.parametrize(
    ("figure", "form", "rule", "value"),
    [
        (1234567, "#,##0,", "shown-in-thousands", "1234567"),
        (1234567, "#,##0,,", "shown-in-thousands", "1234567"),
        (0.123, "0.0%", "percent-as-figure", "12.3"),
        ("12.3%", "", "percent-as-figure", "12.3"),
        (5, '"n.a."', "shown-without-digits", "5"),
        (-5, "0;;", "shown-without-digits", "-5"),
    ],
)
def test_what_the_page_shows_otherwise_is_a_warning(figure: object, form: str, rule: str, value: str) -> None:
    done = run([figure], form=form)
    assert values(done) == [value]
    (found,) = done.report.of_rule(rule)
    assert found.severity is Severity.WARNING
    assert found.place.cell == "B2"


@pytest.mark.parametrize("form", ["0", "#,##0", "0.00", '0;-0;"-"', "[Red]0", "General", "@"])
def test_what_the_page_shows_as_it_is_gives_no_finding(form: str) -> None:
    assert not run([0, 5], form=form).report.findings


def test_percents_where_percents_should_be_give_no_finding() -> None:
    rule = ("[year]", "[year]\n    rules: [{where: {country: Japan}, bucket: percent}]")
    assert not run([0.5, 7], rule, form="").report.findings
    done = run([0.5], rule, form="0%")
    assert not done.report.findings


@pytest.mark.parametrize("figures", [["58.44", "135.791"], ["135.791", "58.44", "81.866"]])
def test_a_number_without_its_last_digit_among_grouped_ones_is_never_a_fraction(
    figures: list[object],
) -> None:
    done = run(figures)
    assert values(done) == []
    assert {f.place.cell for f in done.report} == {f"B{n}" for n in range(2, 2 + len(figures))}
    declared = run(figures, ("languages: [en]", "languages: [en], decimal: ',', group: '.'"))
    assert "5844" not in values(declared)
    assert declared.report.counts == {"malformed-number": 1}


def test_the_reading_of_separators_is_said_with_its_evidence() -> None:
    (found,) = run(["1,234", "1,234,567"]).report.of_rule("inferred-separators")
    assert "fit only this reading" in found.cause
    assert not run(["1,234"], ("[en]", "[en], decimal: '.'")).report.findings


def test_totals_decide_what_the_digits_leave_open() -> None:
    """1.003 is a thousand and three where 817 and 186 are its parts."""
    done = run(
        ["817", "186", None, None, "1.003"], CHECKED, COUNTRIES, names=["Japan", "Qatar", "", "", "Total"]
    )
    assert values(done) == ["817", "186", "1003"]
    (found,) = done.report.of_rule("inferred-separators")
    assert "1 sums agree under this reading only" in found.cause


def test_totals_that_agree_either_way_decide_nothing() -> None:
    done = run(["1.000", "2.000", "3.000"], CHECKED, COUNTRIES, names=["Japan", "Qatar", "Total"])
    assert values(done) == []
    assert done.report.counts == {"malformed-number": 3}


def test_a_formula_without_result_counts_among_the_cells_and_shows_itself() -> None:
    done = run([1, "=B2*2"])
    assert done.report.counts == {"formula-without-result": 1, "malformed-number": 1}
    assert done.summary() == "6 cells: 1 observation, 4 labels, 1 only in findings, 0 unexplained"
    assert done.provenance.set_index("cell").loc["B3", "text"] == "=B2*2"


@pytest.mark.parametrize(
    "figure",
    [
        "1,570 ,00",
        "330, 040",
        "2,508 900",
        "53.610 (20.250)",
        "71M/100F",
        "120 (35%)",
        "(123)",
        "1O0",
        "½",
        True,
        "1,23,456",
        "1e5",
        "#REF!",
        "1234-",
        "1,000 – 2,000",
        "5,000+",
        DAY,
    ],
)
def test_what_is_no_certain_number_is_never_written(figure: object) -> None:
    done = run([figure], ("[en]", "[en], decimal: '.', group: ','"))
    assert values(done) == []
    assert done.exit_code == 2


@pytest.mark.parametrize(
    ("figure", "value"),
    [
        ("1\u00a0234", "1234"),
        ("1\u2009234", "1234"),
        ("1\u202f234", "1234"),
        ("\u2212123", "-123"),
        ("\u2013123", "-123"),
        ("\uff0d123", "-123"),
        ("๑๒๓", "123"),
        ("១២៣", "123"),
        ("໑໒໓", "123"),
        ("၁၂၃", "123"),
        ("76 lao động nam", "76"),
        ("1.22 million", "1220000"),
    ],
)
def test_what_is_certainly_a_number_is_read(figure: str, value: str) -> None:
    assert values(run([figure])) == [value]
