"""Drafts of layouts that published tables of the region have: converted as they are, no figure is misread."""

from io import BytesIO

import pytest
from openpyxl import Workbook

from ilms_sdmx import convert, draft_mapping
from ilms_sdmx.conversion import Conversion
from ilms_sdmx.mapping.file.reading import parse_mapping
from tests.national.judging import accepted

Rows = list[list[object]]


def workbook(rows: Rows, sheet: str = "Table") -> bytes:
    """Workbook with one sheet; an empty text leaves its cell blank."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append([None if value == "" else value for value in row])
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def drafted(rows: Rows, area: str) -> tuple[str, Conversion]:
    """Draft of a table, and what it makes of the table unchanged."""
    source = workbook(rows)
    text = draft_mapping(source, area=area, office=f"{area}_OFFICE")
    return text, convert(source, parse_mapping(accepted(text)))


def values(done: Conversion, dataflow: str, *components: str) -> dict[tuple[str, ...], str]:
    """Values of a data set by some components."""
    data = next(d for d in done.datasets if dataflow in d.dataflow).observations
    keys = data[[*components]].astype(str).itertuples(index=False, name=None)
    return dict(zip(keys, data["OBS_VALUE"].astype(str), strict=True))


def test_a_label_of_groups_is_repeated_below() -> None:
    text, done = drafted(
        [
            ["Foreign workers by nationality"],
            ["Year", "Nationality", "Male", "Female", "Total"],
            [2013, "Total", 30, 12, 42],
            ["", "Indonesia", 20, 10, 30],
            ["", "Nepal", 10, 2, 12],
            [2014, "Total", 33, 13, 46],
            ["", "Indonesia", 22, 10, 32],
            ["", "Nepal", 11, 3, 14],
        ],
        "MYS",
    )
    assert "fill: true  # decide:" in text
    assert "6 of 6 sums agree" in text
    found = values(done, "DF_EMP_MFRC", "CCT", "SEX", "TIME_PERIOD")
    assert found["CCT_CTZ_NPL", "SEX_F", "2014"] == "0.003"
    assert done.exit_code == 0


def test_tables_side_by_side_are_two() -> None:
    text, done = drafted(
        [
            ["Table 1. Workers by sex", "", "", "", "", "Table 2. Workers by age"],
            ["Year", "Male", "Female", "Total", "", "Year", "15-24", "25+", "Total"],
            [2020, 10, 5, 15, "", 2020, 4, 11, 15],
            [2021, 11, 6, 17, "", 2021, 5, 12, 17],
            ["Source: Ministry", "", "", "", "", "Source: Ministry"],
        ],
        "PHL",
    )
    assert text.count("  - name: table_") == 2
    assert done.exit_code == 0
    assert "0 unexplained" in done.summary()
    assert values(done, "DF_TABLE_2", "AGE", "TIME_PERIOD")["25", "2021"] == "12"


def test_all_employed_are_not_taken_for_foreigners() -> None:
    _, done = drafted(
        [
            ["Employed population by industry and residential status, 2023"],
            ["Industry", "Local", "Non-Local", "Total", "Permanent Residents"],
            ["Manufacturing", 56, 98, 154, 7],
            ["Construction", 73, 212, 285, 9],
            ["Total", 129, 310, 439, 16],
        ],
        "BRN",
    )
    found = values(done, "DF_EMP_TEMP_SEX_ECO_CCT", "ECO", "CCT")
    assert found["ECO_ISIC4_F", "CCT_CIT_NONCIT"] == "0.212"
    assert values(done, "DF_TABLE_1", "INDUSTRY", "CATEGORY")["CONSTRUCTION", "TOTAL"] == "285"


def test_women_beside_a_total_are_a_part_and_no_sum() -> None:
    text, done = drafted(
        [
            ["Workers sent abroad"],
            ["Country", 2022, "", 2023, ""],
            ["", "Total", "Female", "Total", "Female"],
            ["Japan", 603, 200, 1204, 502],
            ["Malaysia", 2103, 301, 3507, 402],
            ["Total", 2706, 501, 4711, 904],
        ],
        "LAO",
    )
    assert "bucket: of_which" in text
    assert done.exit_code == 0


def test_a_row_of_percents_counts_nobody() -> None:
    text, done = drafted(
        [
            ["Deployed overseas workers by type"],
            ["Type", "2018", "2019", "2020 p/"],
            ["Landbased", 1469179, 1648881, 332510],
            ["Seabased", 519801, 507861, 217331],
            ["Total", 1988980, 2156742, 549841],
            ["% change", "", "8.4", "-74.5"],
        ],
        "PHL",
    )
    assert 'where: {category: "% change"}' in text
    found = values(done, "DF_TABLE_1", "CATEGORY", "TIME_PERIOD", "OBS_STATUS")
    assert found["SEABASED", "2020", "P"] == "217331"
    assert not any("CHANGE" in key[0] for key in found)
    assert done.exit_code == 0


def test_a_row_in_thousands_is_one() -> None:
    _, done = drafted(
        [
            ["Deployed overseas workers by place of work"],
            ["Place of work", 2005, 2006],
            ["Total (in thousands)", 1326, 1515],
            ["Total", 100.0, 100.0],
            ["Japan", 45.0, 40.0],
            ["Malaysia", 55.0, 60.0],
        ],
        "PHL",
    )
    assert done.report.counts == {"unknown-label": 1}
    assert [f.read for f in done.report if f.rule != "undecided"] == ["Total (in thousands)"]
    assert "not taken" not in done.summary()


@pytest.mark.parametrize(
    ("title", "period"),
    [
        (
            "Penempatan Pekerja Migran Indonesia Januari s.d. Juni Tahun 2021, 2022 dan 2023",
            "2022-01-01/P6M",
        ),
        ("Workers sent abroad, January to September 2021, 2022 and 2023", "2022-01-01/P9M"),
        ("Workers sent abroad, 2021, 2022 and 2023", "2022"),
    ],
)
def test_a_part_of_the_year_in_the_title_is_no_year(title: str, period: str) -> None:
    rows: Rows = [
        [title],
        ["Country", 2021, 2022],
        ["Japan", 320, 2127],
        ["Malaysia", 186, 5332],
    ]
    _, done = drafted([*rows, ["Total", 506, 7459]], "IDN")
    assert period in done.datasets[0].observations["TIME_PERIOD"].astype(str).tolist()


def test_months_without_a_year_take_that_of_the_title() -> None:
    text, done = drafted(
        [
            ["Lao động đi làm việc ở nước ngoài năm 2023"],
            ["Thị trường", "Tháng 1", "Tháng 2", "Tháng 3", "Quý I", "Trong đó nữ"],
            ["Nhật Bản", 2011, 5103, 11256, 18370, 7902],
            ["Xin-ga-po", 50, 60, 90, 200, 11],
            ["Tổng cộng", 2061, 5163, 11346, 18570, 7913],
        ],
        "VNM",
    )
    assert "set: {period: Quý I, sex: women}" in text
    found = values(done, "DF_EMP_MNAO", "CDS", "SEX", "TIME_PERIOD")
    assert found["CDS_DES_JPN", "SEX_T", "2023-03"] == "11.256"
    assert found["CDS_DES_SGP", "SEX_F", "2023-Q1"] == "0.011"


def test_years_under_a_word_for_fiscal_years_are_fiscal() -> None:
    rows: Rows = [
        ["Workers sent abroad"],
        ["Fiscal year", "Thailand", "Total"],
        ["2016-2017", 90, 90],
    ]
    _, done = drafted([*rows, ["2018-2019", 80, 80]], "MMR")
    periods = done.datasets[0].observations["TIME_PERIOD"].astype(str).unique()
    assert set(periods) == {"2016-04-01/P1Y", "2018-10-01/P1Y"}


def test_a_total_that_looks_like_a_year_is_a_figure() -> None:
    rows: Rows = [["Negara (orang)", 2019], ["Jepang", 1200], ["Korea Selatan", 800]]
    text, done = drafted([*rows, ["Jumlah", 2000]], "IDN")
    assert "1 of 1 sums agree" in text
    assert values(done, "DF_TABLE_1", "COUNTRY")["TOTAL",] == "2000"


def test_a_column_that_numbers_the_rows_is_left_out_whatever_stands_beside_the_total() -> None:
    rows: Rows = [
        ["Lao động đi làm việc ở nước ngoài năm 2023"],
        ["TT", "Thị trường", "Tổng số", "Trong đó: nữ"],
    ]
    rows += [[1, "Nhật Bản", 80, 28], [2, "Đài Loan", 54, 18], ["Tổng cộng", "", 134, 46]]
    book = Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append([None if value == "" else value for value in row])
    page.merge_cells("A5:B5")
    target = BytesIO()
    book.save(target)
    text = draft_mapping(target.getvalue(), area="VNM")
    done = convert(target.getvalue(), parse_mapping(accepted(text)))
    found = values(done, "DF_EMP_MNAO", "CDS", "SEX")
    assert found["CDS_DES_TOTAL", "SEX_T"] == "0.134"
    assert found["CDS_DES_JPN", "SEX_F"] == "0.028"
    assert done.counts["ignore"] == 3
    assert done.exit_code == 0


def test_a_total_in_the_column_of_row_numbers_is_the_label_of_its_row() -> None:
    rows: Rows = [["Workers sent abroad, 2022"], ["No.", "Country", "Male", "Female", "Total"]]
    rows += [
        [1, "Japan", 80, 28, 108],
        [2, "Malaysia", 54, 18, 72],
        ["Total", "", 134, 46, 180],
    ]
    text, done = drafted(rows, "KHM")
    assert "spread: 2" in text
    assert values(done, "DF_EMP_MNAO", "CDS", "SEX")["CDS_DES_TOTAL", "SEX_T"] == "0.180"
    assert done.exit_code == 0


def test_labels_spread_over_two_columns_are_one_heading() -> None:
    rows: Rows = [["Workers sent abroad, 2022"], ["Place of work", "", "Male", "Female"]]
    rows += [
        ["Asia", "", 7, 9],
        ["", "Japan", 3, 4],
        ["", "Malaysia", 4, 5],
        ["Others", "", 1, 1],
    ]
    text, done = drafted(rows, "PHL")
    assert "spread: 2" in text
    assert values(done, "DF_EMP_MNAO", "CDS", "SEX")["CDS_DES_MYS", "SEX_F"] == "0.005"
    assert done.exit_code == 0


@pytest.mark.parametrize("unit", ["หน่วย : คน", "('000)", "Đơn vị: người", "Unit: person"])
def test_a_unit_at_the_right_heads_no_column(unit: str) -> None:
    rows: Rows = [
        ["Workers sent abroad, 2022"],
        ["", "", "", unit],
        ["Country", "Male", "Female", "Total"],
    ]
    text, done = drafted(
        [*rows, ["Japan", 3, 4, 7], ["Laos", 1, 2, 3], ["Total", 4, 6, 10]], "THA"
    )
    assert "columns: [sex]" in text
    assert ("multiplier: 3" in text) == ("000" in unit)
    assert done.exit_code == 0


def test_numbers_of_the_columns_below_the_header_are_no_figures() -> None:
    rows: Rows = [
        ["Workers sent abroad, 2022"],
        ["Country", "Male", "Female"],
        ["(1)", "(2)", "(3)"],
    ]
    text, done = drafted([*rows, ["Japan", 3, 4], ["Laos", 1, 2], ["Total", 4, 6]], "IDN")
    assert "columns: [sex, ~]" in text
    assert len(values(done, "DF_EMP_MNAO", "CDS", "SEX")) == 6
    assert done.exit_code == 0


def test_a_long_table_of_years_and_months_reads_them_together() -> None:
    rows: Rows = [["year", "month", "country", "sex", "workers sent abroad"]]
    for year in (2022, 2023):
        for month in ("January", "February"):
            rows += [[year, month, "Japan", "M", year], [year, month, "Japan", "F", 7]]
    text, done = drafted(rows, "LAO")
    assert "period: [period_2, period]" in text
    found = values(done, "DF_EMP_MNAO", "SEX", "TIME_PERIOD", "FREQ")
    assert found["SEX_M", "2023-02", "M"] == "2.023"


def test_short_years_of_two_calendars_are_asked_and_stop_the_conversion() -> None:
    rows: Rows = [["แรงงานไทยเดินทางไปทำงานต่างประเทศ"], ["ประเทศ", "ม.ค. 66", "ก.พ. 66"]]
    text, done = drafted([*rows, ["ญี่ปุ่น", 3, 4], ["อิสราเอล", 1, 2]], "THA")
    assert "decide: two digits: 2023-01 (Buddhist Era) or" in text
    assert text.count(": ?  # decide: two digits") == 2
    assert {each.rule for each in done.report if each.severity == "error"} == {"undecided"}
    assert done.exit_code == 3


def test_a_row_that_is_the_sum_of_the_rows_below_it_is_a_subtotal() -> None:
    rows: Rows = [
        ["Workers sent abroad"],
        ["Country", 2021, 2022],
        ["ASIA AND PACIFIC", 60, 90],
    ]
    rows += [
        ["Japan", 20, 30],
        ["Malaysia", 40, 60],
        ["EUROPE", 7, 9],
        ["Italy", 3, 4],
        ["Poland", 4, 5],
    ]
    text, done = drafted([*rows, ["Total", 67, 99]], "IDN")
    assert "bucket: total  # the 2 rows below add up to it" in text
    assert "parts: {country: [Japan, Malaysia]}" in text
    assert done.counts["total"] == 6
    assert "all agree" in done.summary()


def test_a_country_that_happens_to_be_the_sum_of_others_is_none() -> None:
    rows: Rows = [
        ["Workers sent abroad"],
        ["Country", 2021, 2022],
        ["Japan", 200, 250],
        ["Malaysia", 300, 250],
    ]
    _, done = drafted([*rows, ["Thailand", 500, 500], ["Total", 1000, 1000]], "LAO")
    assert done.counts["total"] == 2


def test_rows_that_begin_with_a_dash_are_parts_of_the_row_above() -> None:
    rows: Rows = [
        ["Foreign workforce"],
        ["Pass type", "Dec 2020", "Dec 2021"],
        ["Work Permit", 900, 800],
    ]
    rows += [
        ["- Work Permit (Domestic Worker)", 250, 200],
        ["- Work Permit (Construction)", 300, 310],
    ]
    _, done = drafted([*rows, ["S Pass", 100, 200], ["Total", 1000, 1000]], "SGP")
    assert done.counts["of_which"] == 4
    assert done.exit_code == 0


def test_tables_side_by_side_may_differ_in_their_titles_alone() -> None:
    head = ["Program", "Male", "Female"]
    rows: Rows = [
        ["Timorese workers sent abroad, 2022", "", "", "", "Timorese workers sent abroad, 2023"]
    ]
    rows += [
        [*head, "", *head],
        ["SWP", 100, 50, "", "PALM", 300, 150],
        ["Total", 100, 50, "", "Total", 300, 150],
    ]
    _, done = drafted(rows, "TLS")
    found = values(done, "DF_EMP_MNAO", "SEX", "TIME_PERIOD")
    assert (found["SEX_F", "2022"], found["SEX_F", "2023"]) == ("0.050", "0.150")
    assert done.exit_code == 0


def test_a_second_table_under_a_section_takes_the_only_period_above() -> None:
    rows: Rows = [
        ["Section A. Workers sent abroad, 2023"],
        ["Table 1 by country"],
        ["Country", "Male", "Female"],
    ]
    rows += [
        ["Japan", 3, 4],
        ["Thailand", 1, 2],
        [],
        ["Table 2 by occupation"],
        ["Occupation", "Male", "Female"],
    ]
    text, done = drafted([*rows, ["Managers", 1, 1], ["Professionals", 3, 5]], "KHM")
    assert text.count("above all tables") == 1, "one heading serves both tables"
    assert "set:" not in text
    assert "decide: from" not in text
    assert set(done.provenance.query("bucket == 'observation'")["TIME_PERIOD"]) == {"2023"}


def test_a_part_of_a_year_is_said_of_the_years_that_the_title_names() -> None:
    rows: Rows = [["Penempatan TKI Tahun 2016 (s.d Mei)"], ["Negara", 2014, 2015, 2016]]
    _, done = drafted([*rows, ["Jepang", 20, 30, 10], ["Malaysia", 40, 60, 11]], "IDN")
    periods = values(done, "DF_EMP_MNAO", "TIME_PERIOD")
    assert set(periods) == {("2014",), ("2015",), ("2016-01-01/P5M",)}


def test_rows_that_only_head_the_rows_below_are_a_heading_of_their_own() -> None:
    rows: Rows = [["Workers sent abroad by country and sex"], ["Sex and country", 2021, 2022]]
    for sex, figure in (("Both sexes", 30), ("Male", 20), ("Female", 10)):
        rows += [[sex, "", ""], ["Japan", figure, figure], ["Malaysia", 3 * figure, figure]]
    text, done = drafted(rows, "PHL")
    assert 'text: "/^(Both sexes|Male|Female)$/"' in text
    assert "total: {sex: Both sexes}  # 4 of 4 sums agree" in text
    found = values(done, "DF_EMP_MNAO", "CDS", "SEX", "TIME_PERIOD")
    assert found["CDS_DES_MYS", "SEX_F", "2021"] == "0.030"
    assert done.exit_code == 0


def test_a_second_language_at_the_right_keeps_its_column() -> None:
    rows: Rows = [
        ["Lao động nước ngoài theo ngành"],
        ["", "Nam", "Nữ", ""],
        ["Xây dựng", 3, 4, "Construction"],
    ]
    _, done = drafted([*rows, ["Khác", 1, 2, "Others"], ["Tổng số", 4, 6, "Total"]], "VNM")
    assert done.counts["observation"] + done.counts["total"] == 6
    assert "malformed-number" not in done.report.counts


def test_tables_side_by_side_about_different_things_are_told_apart_by_their_titles() -> None:
    rows: Rows = [
        [
            "Table 5: Employed Local and Non-Local, 2023",
            "",
            "",
            "",
            "Table 6: Non-Local by Age, 2023",
        ],
        [],
    ]
    rows += [
        ["Industry", "Local", "Non-Local", "", "Age Group", "Male", "Female", "Both Sexes"]
    ]
    rows += [
        ["Manufacturing", 55, 13, "", "15 - 24", 2, 3, 5],
        ["Construction", 50, 16, "", "25 - 34", 4, 5, 9],
    ]
    text, done = drafted([*rows, ["Total", 105, 29, "", "Total", 6, 8, 14]], "BRN")
    assert text.count("  - name: table_") == 2
    assert "malformed-number" not in done.report.counts
    assert done.counts["finding"] == 0
    assert "all agree" in done.summary()


SPREAD: Rows = [
    ["Lao động nước ngoài theo quốc tịch"],
    ["Quốc tịch", 2018, "", "", 2019, "", ""],
    ["", "Nam", "Nữ", "Tổng số", "Nam", "Nữ", "Tổng số"],
    ["Nhật Bản", 120, 30, 150, 130, 35, 165],
    ["Ấn Độ", 200, 50, 250, 210, 60, 270],
]


def test_a_year_over_the_same_sexes_again_is_not_asked() -> None:
    text, done = drafted(SPREAD, "VNM")
    line = next(line for line in text.splitlines() if "fill_columns" in line)
    assert "decide" not in line
    found = values(done, "EMP_MFRC", "CCT", "SEX", "TIME_PERIOD")
    assert found["CCT_CTZ_JPN", "SEX_F", "2019"] == "0.035"
    assert len(found) == 12


@pytest.mark.parametrize("lower", [["Nam", "Nữ", "Tổng số", "Nữ", "Nam", "Tổng số"]])
def test_a_year_over_other_sexes_is_asked(lower: list[object]) -> None:
    text, _ = drafted([*SPREAD[:2], ["", *lower], *SPREAD[3:]], "VNM")
    assert "fill_columns: [period]  # decide" in text
