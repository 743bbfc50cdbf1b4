"""Drafts of workbooks with a sheet for each year, month or state: one table, told apart by its sheets."""

from io import BytesIO

import pytest
from openpyxl import Workbook

from ilms_sdmx import convert, draft_mapping
from ilms_sdmx.conversion import Conversion
from ilms_sdmx.mapping.file.reading import parse_mapping
from tests.national.judging import accepted

Rows = list[list[object]]


def workbook(sheets: dict[str, Rows]) -> bytes:
    """Workbook with these sheets."""
    book = Workbook()
    for number, (name, rows) in enumerate(sheets.items()):
        page = book.active if number == 0 else book.create_sheet()
        assert page is not None
        page.title = name
        for row in rows:
            page.append(row)
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def drafted(sheets: dict[str, Rows], area: str) -> tuple[str, Conversion]:
    """Draft of a workbook, and what it makes of the workbook unchanged."""
    source = workbook(sheets)
    text = draft_mapping(source, area=area, office=f"{area}_OFFICE")
    return text, convert(source, parse_mapping(accepted(text)))


def values(done: Conversion, *components: str) -> dict[tuple[str, ...], str]:
    """Values of the first data set by some components."""
    data = done.datasets[0].observations
    keys = data[[*components]].astype(str).itertuples(index=False, name=None)
    return dict(zip(keys, data["OBS_VALUE"].astype(str), strict=True))


def deployed(title: str, japan: int, others: int) -> Rows:
    """Small table of workers sent abroad."""
    return [
        [title],
        ["Country", "Male", "Female", "Total"],
        ["Japan", japan, 10, japan + 10],
        ["Others", others, 20, others + 20],
        ["Total", japan + others, 30, japan + others + 30],
    ]


def test_a_sheet_a_year_is_one_table_whose_period_is_the_name_of_the_sheet() -> None:
    sheets = {str(y): deployed(f"Workers sent abroad, {y}", y, 100) for y in (2019, 2020, 2021)}
    text, done = drafted(sheets, "PHL")
    assert text.count("  - name: table_") == 1
    assert "9 of 9 sums agree" in text
    assert done.exit_code == 0
    assert "0 unexplained" in done.summary()
    assert values(done, "CDS", "SEX", "TIME_PERIOD")["CDS_DES_JPN", "SEX_M", "2020"] == "2.020"


def test_next_year_needs_no_new_line() -> None:
    sheets: dict[str, Rows] = {"Contents": [["List of tables"]]}
    sheets |= {str(y): deployed(f"Workers sent abroad, {y}", y, 100) for y in (2019, 2020)}
    text = draft_mapping(workbook(sheets), area="PHL")
    later = workbook(sheets | {"2021": deployed("Workers sent abroad, 2021", 7, 100)})
    done = convert(later, parse_mapping(accepted(text)))
    assert values(done, "CDS", "SEX", "TIME_PERIOD")["CDS_DES_JPN", "SEX_M", "2021"] == "0.007"
    assert done.counts["finding"] == 0


def test_months_in_the_titles_of_numbered_sheets_are_the_periods() -> None:
    head = "สถิติคนต่างด้าวที่ได้รับอนุญาตทำงาน"
    months = {"1": "มกราคม", "2": "กุมภาพันธ์"}
    sheets: dict[str, Rows] = {
        name: [
            [head],
            [f"ประจำเดือน {month} 2566"],
            ["สัญชาติ", "ชาย", "หญิง", "รวม"],
            ["เมียนมา", 5, 4, 9],
            ["ลาว", int(name), 4, int(name) + 4],
            ["รวม", 5 + int(name), 8, 13 + int(name)],
        ]
        for name, month in months.items()
    }
    text, done = drafted(sheets, "THA")
    assert text.count("  - name: table_") == 1
    assert done.exit_code == 0
    assert (
        values(done, "CCT", "SEX", "TIME_PERIOD")["CCT_CTZ_LAO", "SEX_M", "2023-02"] == "0.002"
    )


def test_sheets_that_name_months_take_the_year_of_the_title_and_ask() -> None:
    sheets = {
        m: deployed("Workers sent abroad, 2022", n, 100)
        for n, m in enumerate(("Jan", "Feb", "Mar"), 5)
    }
    text, done = drafted(sheets, "PHL")
    assert "Feb: 2022-02  # decide: the year of the title" in text
    assert (
        values(done, "CDS", "SEX", "TIME_PERIOD")["CDS_DES_JPN", "SEX_M", "2022-03"] == "0.007"
    )


def test_months_above_the_columns_take_the_year_of_their_sheet() -> None:
    head = ["Country", "January", "February"]
    sheets: dict[str, Rows] = {
        str(year): [
            ["Workers sent abroad by month"],
            head,
            ["Japan", year, 5],
            ["Thailand", 7, 8],
        ]
        for year in (2021, 2022)
    }
    text, done = drafted(sheets, "LAO")
    assert "period: [period, year]" in text
    found = values(done, "CDS", "TIME_PERIOD")
    assert found["CDS_DES_JPN", "2021-01"] == "2.021"
    assert found["CDS_DES_THA", "2022-02"] == "0.008"


def test_a_sheet_a_state_is_a_breakdown_and_their_total_is_checked() -> None:
    def state(name: str, figure: int) -> Rows:
        return [
            [f"Non-citizen workers by sector, {name}"],
            ["Sector", 2021, 2022],
            ["Manufacturing", figure, 2],
            ["Construction", 3, 4],
        ]

    sheets = {"Johor": state("Johor", 10), "Kedah": state("Kedah", 20)}
    malaysia: Rows = [
        ["Non-citizen workers by sector, Total"],
        ["Sector", 2021, 2022],
        ["Manufacturing", 30, 4],
        ["Construction", 6, 8],
    ]
    text, done = drafted(sheets | {"Total": malaysia}, "MYS")
    assert "total: {sheet: Total}  # 4 of 4 sums agree" in text
    assert done.exit_code == 0
    national = next(d for d in done.datasets if "DF_TABLE_1" in d.dataflow).observations
    assert set(national["SHEET"].astype(str)) == {"JOHOR", "KEDAH", "TOTAL"}


def test_tables_of_one_shape_about_different_things_stay_apart() -> None:
    sheets = {
        "Table 1": deployed("Workers sent abroad, 2022", 5, 6),
        "Table 2": deployed("Workers who returned, 2022", 5, 6),
    }
    assert draft_mapping(workbook(sheets), area="PHL").count("  - name: table_") == 2


def test_a_heading_of_the_table_goes_before_one_of_the_sheet() -> None:
    sheets = {str(y): deployed(f"Workers sent abroad, {y}", y, 100) for y in (2019, 2020)}
    years: Rows = [
        ["Workers sent abroad by age"],
        ["Age", 2019, 2020],
        ["15-24", 5, 6],
        ["25-34", 7, 8],
    ]
    _, done = drafted(sheets | {"2019-2020 ages": years}, "PHL")
    ages = next(d for d in done.datasets if "AGE" in d.observations.columns)
    assert set(ages.observations["TIME_PERIOD"].astype(str)) == {"2019", "2020"}


@pytest.mark.parametrize("unit", ["in thousands", "ribu orang", "หน่วย: พันคน"])
def test_the_unit_that_all_sheets_say_is_pinned(unit: str) -> None:
    """The next edition in another unit stops, with the old words and the new."""
    rows = [["Country", "Men", "Women"], ["Japan", 7, 5], ["Nepal", 4, 9]]
    sheets = {str(year): [["Foreign workers"], [unit], *rows] for year in (2018, 2019)}
    text = draft_mapping(workbook(sheets), area="THA")
    assert not convert(workbook(sheets), parse_mapping(accepted(text))).report.errors
    later = {str(year): [["Foreign workers"], ["persons"], *rows] for year in (2019, 2020)}
    done = convert(workbook(later), parse_mapping(accepted(text)))
    changes = [one for one in done.report.errors if one.rule == "edition-changed"]
    assert {(one.expected, one.read) for one in changes} >= {(unit, "")}
    assert not any(len(dataset.observations) for dataset in done.datasets)
