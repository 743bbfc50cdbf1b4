"""Findings say what a person has to do: once, at the cause, with the places that it touches."""

from pathlib import Path

import pytest

from ilms_sdmx import convert
from ilms_sdmx.cli import run
from ilms_sdmx.conversion.result.conversions import Conversion
from ilms_sdmx.findings import Severity
from ilms_sdmx.mapping.file.reading import parse_mapping
from tests.mappings import by_province

TABLES = """
conventions: {{decimal: ".", group: ","{conventions}}}
tables:
  - name: camps
    begin: Province
    rows: [{{name: province, header: {header}}}]
    columns: [{columns}]
    {more}
"""


def mapping(**changed: str) -> str:
    parts = {
        "conventions": "",
        "header": "Province",
        "columns": "measure",
        "more": "",
    }
    period = changed.pop("period", '"2021"')
    return by_province(TABLES.format(**{**parts, **changed}), period)


def converted(text: str, **changed: str) -> Conversion:
    return convert(text.encode(), parse_mapping(mapping(**changed)))


def test_a_renamed_header_is_told_of_once() -> None:
    rows = "".join(f"Camp {number},{number},{number}\n" for number in range(24))
    done = converted("Camps of all\nProvinces,Men,Women\n" + rows)
    counts = done.report.counts
    assert counts == {"table-not-found": 1, "unexplained-sheet": 1}
    (finding,) = done.report.of_rule("unexplained-sheet")
    assert "'Provinces'" in finding.expected
    assert "line 5" in finding.fix
    assert finding.affects == "76 cells"


def test_figures_under_a_renamed_row_header_are_one_finding() -> None:
    done = converted("Province,Men,Women\nAlor,1,2\nBima,3,4\n", header="Provinsi")
    (header,) = done.report.of_rule("heading-not-found")
    assert header.read == "nearest: 'Province'"
    (words,) = done.report.of_rule("malformed-number")
    assert words.affects == "2 cells (A2, A3), not written"
    assert words.fix == "correct header of the row heading 'province' in the mapping"


def test_figures_without_any_label_are_one_finding_a_table() -> None:
    done = converted("Province,Men,Women\n,1,2\n,3,4\nDili,5,6\n")
    (figures,) = done.report.of_rule("figure-without-heading")
    assert figures.affects == "4 figures (B2, C2, B3, C3), not written"


@pytest.mark.parametrize("columns", ["[~]"])
def test_a_period_that_is_not_read_is_looked_for_everywhere(columns: str) -> None:
    done = converted(
        "Province,Men,Year\nAlor,1,2019\n", period="{period: year}", more="set: {year: ''}"
    )
    (finding,) = done.report.of_rule("unknown-period")
    assert finding.case == "blank"
    assert finding.fix.startswith("name the heading that says the period")


@pytest.mark.parametrize("written", ["decide", "?"])
def test_a_period_that_nobody_has_decided_is_named_with_its_line(written: str) -> None:
    more = f"set: {{year: {written}}}"
    done = converted("Province,Men\nAlor,1\n", period="{period: year}", more=more)
    assert done.exit_code == 3
    (finding,) = done.report.errors
    assert finding.rule == "undecided"
    assert "Line 9" in finding.message


def test_the_first_version_names_an_undecided_period_too() -> None:
    text = mapping(period="{period: year}", more="set: {year: decide}")
    old = parse_mapping(text.replace("mapping: 2", "mapping: 1"))
    done = convert(b"Province,Men\nAlor,1\n", old)
    (finding,) = done.report.of_rule("unknown-period")
    assert "is not decided" in finding.message


NUMBERS = {
    "leading_zeros": ("007", "7"),
    "blanks": ("330, 040", "330040"),
    "lakhs": ("1,65,355", "165355"),
}


@pytest.mark.parametrize("form", NUMBERS)
def test_numbers_of_one_form_are_one_finding_and_one_line_mends_them(form: str) -> None:
    printed, value = NUMBERS[form]
    text = f'Province,Men,Women\nAlor,"{printed}",12\nBima,"{printed}",6\nDili,5,"{printed}"\n'
    (finding,) = converted(text, columns="~").report.of_rule("malformed-number")
    assert finding.affects == "3 figures (B2, B3, C4), not written"
    assert finding.fix == f"add to conventions:  numbers: [{form}]"
    mended = converted(text.replace("Women", "Men"), conventions=f", numbers: [{form}]")
    values = [each for each in mended.provenance["value"] if each]
    assert values.count(value) == 3
    assert "malformed-number" not in mended.report.counts


@pytest.mark.parametrize("text", ["1,2,3", "1,6,355", "3, 4", "12,65,35"])
def test_what_no_form_explains_stays_a_finding_of_its_own(text: str) -> None:
    allowed = ", numbers: [leading_zeros, blanks, lakhs]"
    done = converted(f'Province,Men\nAlor,"{text}"\n', conventions=allowed)
    (finding,) = done.report.of_rule("malformed-number")
    assert finding.case == "cell"


def test_a_whole_column_read_twice_is_a_warning() -> None:
    text = "Province,Men,Men\nAlor,1,1\nBima,3,3\nDili,4,4\n"
    done = converted(text)
    (finding,) = done.report.of_rule("column-read-twice")
    assert finding.severity is Severity.WARNING
    assert finding.place.cell == "C2"
    assert "column B" in finding.message
    once = converted("Province,Men,Men\nAlor,1,1\nBima,3,\nDili,,4\n")
    assert "column-read-twice" not in once.report.counts


def test_many_findings_alike_are_shown_by_their_places(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "camps.csv"
    names = [f"Camp {number}" for number in range(30)]
    rows = "".join(f"{name},1\n" for name in names)
    table.write_text("Province,Men\nAlor,2\n" + rows, encoding="utf-8")
    path = tmp_path / "camps.yaml"
    path.write_text(mapping(), encoding="utf-8")
    run(["convert", "--check", str(table), str(path)])
    shown = capsys.readouterr().out
    assert shown.count("error unknown-label") == 1
    assert "and 29 more errors unknown-label: B4, B5" in shown
    run(["convert", "--check", "--all-findings", str(table), str(path)])
    assert capsys.readouterr().out.count("error unknown-label") == 30


def test_a_title_that_contradicts_a_period_is_not_to_be_a_note() -> None:
    done = converted("Camps in 2022\nProvince,Men\nAlor,1\n")
    assert done.report.counts == {"period-contradicted": 1}
