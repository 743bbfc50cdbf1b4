"""Sheets as they come: tables next to longer ones, a year alone in a cell, signs, old formats."""

from contextlib import suppress
from io import BytesIO

import openpyxl
import pytest

from ilms_sdmx import Conversion, convert
from ilms_sdmx.errors import TableError
from ilms_sdmx.mapping.file.reading import parse_mapping
from ilms_sdmx.tables.workbooks import read_workbook

MAPPING = """
mapping: 2
source: {{area: THA}}
conventions: {{decimal: ".", group: ","{conventions}}}
{headings}
tables:
{tables}
codes:
  provinces: {{values: {{Alor: PA, Bima: PB, Dili: PD, Ende: PE, Fak: PF, Total: PT}}}}
datasets:
  - dataflow: XX_OFFICE:DF_CAMPS(1.0)
    components:
      REF_AREA: THA
      FREQ: A
      PROVINCE: {{from: province, codes: provinces}}
      SEX: SEX_T
      KIND: {{from: kind}}
      TIME_PERIOD: {period}
      UNIT_MEASURE: PS
      UNIT_MULT: 0
"""
TABLE = """
  - name: {name}
    begin: {begin}
    rows: [{{name: province, header: {begin}}}]
    columns: [kind]
"""
Rows = list[list[object]]


def converted(rows: Rows, tables: str = "", **changed: str) -> Conversion:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append([None if value == "" else value for value in row])
    target = BytesIO()
    book.save(target)
    parts = {"conventions": "", "headings": "", "period": '"2021"'}
    parts["tables"] = tables or TABLE.format(name="camps", begin="Province")
    text = MAPPING.format(**{**parts, **changed})
    return convert(target.getvalue(), parse_mapping(text))


def values(done: Conversion) -> dict[tuple[str, str], str]:
    data = done.datasets[0].observations
    keys = zip(data["PROVINCE"], data["KIND"], strict=True)
    return dict(zip(keys, data["OBS_VALUE"], strict=True))


BESIDE = TABLE.format(name="left", begin="Province") + TABLE.format(name="right", begin="Place")


@pytest.mark.parametrize("gap", [[""], ["", ""]])
def test_a_table_next_to_a_longer_one_is_beside_it(gap: list[object]) -> None:
    rows: Rows = [
        ["Province", "Men", *gap, "", ""],
        ["Alor", 1, *gap, "", ""],
        ["Bima", 2, *gap, "Place", "Women"],
        ["Dili", 3, *gap, "Alor", 10],
        ["Ende", 4, *gap, "Bima", 20],
        ["Fak", 5, *gap, "", ""],
    ]
    done = converted(rows, BESIDE)
    assert done.exit_code == 0
    men = {(f"P{letter}", "Men"): str(n) for n, letter in enumerate("ABDEF", 1)}
    assert values(done) == men | {("PA", "Women"): "10", ("PB", "Women"): "20"}


def test_a_table_below_another_is_not_beside_it() -> None:
    rows: Rows = [
        ["Province", "Men"],
        ["Alor", 1],
        ["Place", "Women", "Girls"],
        ["Bima", 2, 3],
    ]
    assert len(values(converted(rows, BESIDE))) == 3


@pytest.mark.parametrize(("year", "period"), [(2554, "2011"), (2019, "2019"), ("2554", "2011")])
def test_a_year_alone_in_a_cell_is_a_heading(year: object, period: str) -> None:
    rows: Rows = [["Camps of all"], [year], ["Province", "Men"], ["Alor", 1234]]
    heading = "notes: [Camps of all]\nheadings: [{name: year, text: '^(\\d{4})$'}]"
    done = converted(rows, headings=heading, period="{period: year}")
    assert done.exit_code == 0
    assert set(done.datasets[0].observations["TIME_PERIOD"]) == {period}


def test_a_number_of_which_a_year_is_a_part_is_none() -> None:
    rows: Rows = [[25541], ["Province", "Men"], ["Alor", 12]]
    heading = "headings: [{name: year, text: '(\\d{4})'}]"
    assert converted(rows, headings=heading, period="{period: year}").exit_code == 2


SIGNED = (
    TABLE.format(name="camps", begin="Province")
    + """\
    rules: [{where: {province: Total}, bucket: total}]
    checks: [{total: {province: Total}}]
"""
)


@pytest.mark.parametrize("unread", ["(131)", "12x", "▲43"])
def test_a_part_that_is_not_read_makes_no_difference_of_signs(unread: str) -> None:
    rows: Rows = [["Province", "Net"], ["Alor", unread], ["Bima", -20], ["Total", -151]]
    done = converted(rows, SIGNED)
    assert done.report.counts["malformed-number"] == 1
    assert "total-differs" not in done.report.counts


def test_parts_above_a_total_still_differ_where_one_is_not_read() -> None:
    rows: Rows = [["Province", "All"], ["Alor", "12x"], ["Bima", 20], ["Total", 15]]
    assert converted(rows, SIGNED).report.counts["total-differs"] == 1


def test_signs_of_numbers_below_zero_are_declared() -> None:
    rows: Rows = [["Province", "Net"], ["Alor", "131-"], ["Bima", "▲43"], ["Dili", "△1,002"]]
    rows += [["Ende", 7], ["Total", -1169]]
    done = converted(rows, SIGNED)
    (finding,) = done.report.of_rule("malformed-number")
    assert finding.fix == "add to conventions:  numbers: [signs]"
    signed = converted(rows, SIGNED, conventions=", numbers: [signs]")
    assert signed.exit_code == 0
    assert values(signed)["PD", "Net"] == "-1002"


XML_2003 = (
    '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet>'
    "<Table><Row><Cell/></Row></Table></Worksheet></Workbook>"
)


def test_xml_spreadsheet_2003_is_called_by_its_name() -> None:
    with pytest.raises(TableError, match=r"XML Spreadsheet 2003.*save it as \.xlsx"):
        read_workbook(XML_2003.encode(), name="camps.xls")


@pytest.mark.parametrize(
    "text",
    [
        "체류자격별 외국인 현황\n국적,계\n중국,100\n베트남,22\n",
        "고용허가제 근로자 수 (단위: 명)\n국가,남자,여자\n네팔,12,7\n",
    ],
)
def test_korean_text_is_told_apart_or_asked(text: str) -> None:
    data = text.encode("cp949")
    with suppress(TableError):
        assert read_workbook(data, name="korea.csv").encoding == "cp949"
    declared = read_workbook(data, name="korea.csv", encoding="cp949")
    assert declared["(csv)"]["A2"].text == text.split("\n")[1].split(",")[0]


def test_flags_in_columns_between_the_figures_are_their_status() -> None:
    tables = (
        TABLE.format(name="camps", begin="Province")
        + """\
    beside: [{name: flag, right: 1}]
    rules: [{where: {flag: e}, status: E}, {where: {flag: p}, status: P}]
"""
    )
    rows: Rows = [["Province", "Men", "", "Women", ""], ["Alor", 131, "e", 140, "p"]]
    rows += [["Bima", 34, "", 36, "e"]]
    data = converted(rows, tables).datasets[0].observations
    assert data["OBS_STATUS"].tolist() == ["E", "P", "A", "E"]
