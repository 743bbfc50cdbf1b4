"""Drafts of tables whose first rows, titles or cells mislead: no figure becomes a label."""

from io import BytesIO

import pytest
from openpyxl import Workbook

from ilms_sdmx import convert, draft_mapping
from ilms_sdmx.conversion import Conversion
from ilms_sdmx.mapping.file.reading import parse_mapping
from tests.national.judging import accepted

Rows = list[list[object]]


def workbook(rows: Rows) -> bytes:
    """Workbook with one sheet; an empty text leaves its cell blank."""
    book = Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append([None if value == "" else value for value in row])
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def converted(source: bytes, area: str) -> tuple[str, Conversion]:
    """Draft of a table, and what it makes of the table when every proposal is accepted."""
    text = draft_mapping(source, area=area, office=f"{area}_OFFICE")
    return text, convert(source, parse_mapping(accepted(text)))


def figures(done: Conversion) -> list[str]:
    """Figures of the last data set in single units, in its order."""
    data = done.datasets[-1].observations
    powers = data["UNIT_MULT"].astype(int)
    values = [
        float(value) * 10**power for value, power in zip(data["OBS_VALUE"], powers, strict=True)
    ]
    return [f"{round(value, 3):g}" for value in values]


def periods(done: Conversion) -> set[str]:
    """Periods of all data sets."""
    found: set[str] = set()
    for dataset in done.datasets:
        found.update(dataset.observations["TIME_PERIOD"])
    return found


@pytest.mark.parametrize(
    ("rows", "area", "period", "expected"),
    [
        (
            [
                ["Jumlah pekerja asing berdaftar tahun 2022"],
                ["Warganegara", "Lelaki", "Perempuan"],
                ["Nepal", 2011, 1999],
                ["Jepun", 40, 31],
                ["Jumlah", 2051, 2030],
            ],
            "MYS",
            "2022",
            ["2011", "1999", "40", "31", "2051", "2030"],
        ),
        (
            [
                ["แรงงานต่างด้าว พ.ศ. 2565"],
                ["จังหวัด", "คน"],
                ["เชียงใหม่", 2479],
                ["ตาก", 2510],
                ["ระนอง", 99],
                ["รวม", 5088],
            ],
            "THA",
            "2022",
            ["2479", "2510", "99", "5088"],
        ),
        (
            [
                ["Foreign workers by nationality, 2020"],
                ["Nationality", "Workers"],
                ["Fiji", 1955],
                ["Japan", 12],
            ],
            "LAO",
            "2020",
            ["1955", "12"],
        ),
    ],
)
def test_a_first_row_that_looks_like_years_is_a_row_of_figures(
    rows: Rows, area: str, period: str, expected: list[str]
) -> None:
    _, done = converted(workbook(rows), area)
    assert figures(done) == expected
    assert periods(done) == {period}
    assert "total-differs" not in {finding.rule for finding in done.report}


def test_years_below_a_header_are_a_header() -> None:
    _, done = converted(
        workbook(
            [
                ["Foreign workers"],
                ["Nationality", "Workers", ""],
                ["Year", 2019, 2020],
                ["Fiji", 10, 12],
                ["Japan", 20, 22],
            ]
        ),
        "LAO",
    )
    assert periods(done) == {"2019", "2020"}
    assert figures(done) == ["10", "12", "20", "22"]


@pytest.mark.parametrize(
    ("end", "multiplier"),
    [
        ("Unit: persons", 1),
        ("(thousands)", 1000),
        ("Đơn vị: nghìn người", 1000),
        ("in thousands", 1000),
    ],
)
def test_a_unit_at_the_right_end_of_a_title_is_the_unit_of_all_columns(
    end: str, multiplier: int
) -> None:
    text, done = converted(
        workbook(
            [
                ["Foreign workers by nationality", "", "", end],
                ["Nationality", 2019, 2020, 2021],
                ["Fiji", 11, 12, 13],
                ["Japan", 20, 21, 22],
                ["Total", 31, 33, 35],
            ]
        ),
        "SGP",
    )
    assert figures(done) == [
        str(value * multiplier) for value in (11, 12, 13, 20, 21, 22, 31, 33, 35)
    ]
    assert ("multiplier: 3" in text) == (multiplier == 1000)


def test_a_year_at_the_right_end_of_a_title_is_the_period_of_all_columns() -> None:
    _, done = converted(
        workbook(
            [
                ["Foreign workers by nationality", "", "", "2018"],
                ["Nationality", "Total", "Men", "Women"],
                ["Fiji", 30, 20, 10],
                ["Japan", 11, 5, 6],
                ["Total", 41, 25, 16],
            ]
        ),
        "THA",
    )
    assert periods(done) == {"2018"}
    assert len(figures(done)) == 9


@pytest.mark.parametrize(
    "cells",
    [
        ["9,300 (62.0%)", "5,700 (38.0%)"],
        ["9,300 or 62.0%", "5,700 or 38.0%"],
        ["9,300 permits (62.00 %)", "5,700 permits (38.00 %)"],
        ["9,300 / 62.0%", "5,700 / 38.0%"],
    ],
)
def test_a_count_and_its_share_in_one_cell_are_taken_apart(cells: list[str]) -> None:
    text, done = converted(
        workbook(
            [
                ["Foreign workers by nationality"],
                ["Nationality", "2019"],
                ["Fiji", cells[0]],
                ["Japan", cells[1]],
                ["Total", "15,000"],
            ]
        ),
        "PHL",
    )
    assert "cells:" in text
    assert figures(done) == ["9300", "5700", "15000"]
    assert not done.report.errors


def test_cells_with_words_in_a_column_of_figures_are_findings_and_no_labels() -> None:
    _, done = converted(
        workbook(
            [
                ["Workers sent abroad by year"],
                ["Year", "Farms", "Ships"],
                [2015, "about half, 47", 41],
                [2016, "only men 58", 83],
                [2017, 60, 112],
            ]
        ),
        "TLS",
    )
    cells = {finding.place.cell for finding in done.report.errors}
    assert cells == {"B3", "B4"}
    assert figures(done) == ["41", "83", "60", "112"]


def test_a_column_of_days_is_the_period_of_its_rows() -> None:
    source = b"Nationality,Workers,Counted on\nFiji,31,2021-06-30\nJapan,34,2022-06-30\n"
    _, done = converted(source, "THA")
    assert periods(done) == {"2021-06-30", "2022-06-30"}
    assert figures(done) == ["31", "34"]


def test_age_groups_with_blanks_around_the_dash_are_labels() -> None:
    source = b"Age,2016,2017\n15 - 19,101,122\n20 \xe2\x80\x93 24,108,131\n25 - 34,115,140\n"
    _, done = converted(source, "PHL")
    assert figures(done) == ["101", "122", "108", "131", "115", "140"]


def test_quoted_lines_of_one_column_are_rows() -> None:
    lines = [
        "Table 2 Workers by year",
        "Year          Total      Male    Female",
        '"End of 2020    6,345     3,220     3,125"',
        '"End of 2021    6,718     3,406     3,312"',
    ]
    _, done = converted("\n".join(lines).encode(), "THA")
    assert figures(done) == ["6345", "3220", "3125", "6718", "3406", "3312"]


def test_a_header_repeated_in_another_order_is_read_anew() -> None:
    source = (
        b"Foreign workers 2018\nNationality,Male,Female\nFiji,131,34\nNepal,77,26\n"
        b"Nationality,Female,Male\nOman,19,43\nJapan,7,6\n"
    )
    text, done = converted(source, "THA")
    data = done.datasets[0].observations
    women = data[data["SEX"] == "SEX_F"]
    assert text.count("  - name: table_") == 1
    assert list(women["OBS_VALUE"]) == ["0.034", "0.026", "0.019", "0.007"]


def test_a_header_repeated_with_other_years_is_read_anew() -> None:
    source = (
        b"Foreign workers\nCitizenship,2015,2016\nFiji,131,34\nNepal,77,26\n"
        b"Citizenship,2017,2018\nFiji,19,43\nNepal,7,6\n"
    )
    _, done = converted(source, "THA")
    data = done.datasets[0].observations
    assert dict(zip(data["OBS_VALUE"], data["TIME_PERIOD"], strict=True))["0.043"] == "2018"
    assert not done.report.errors


def test_each_table_of_a_sheet_has_the_unit_and_the_title_of_its_own() -> None:
    text, done = converted(
        workbook(
            [
                ["Deployed workers, 2018 (thousands)"],
                ["Country", "Total", "Men", "Women"],
                ["Japan", 11, 7, 4],
                ["Oman", 8, 6, 2],
                [],
                ["Foreign workers, 2019 (persons)"],
                ["Nationality", "Total", "Men", "Women"],
                ["Fiji", 1310, 870, 440],
                ["Nepal", 820, 610, 210],
            ]
        ),
        "THA",
    )
    assert text.count("multiplier: 3") == 1
    values = [list(dataset.observations["OBS_VALUE"]) for dataset in done.datasets]
    assert sorted(values)[0][:2] == ["1.310", "0.870"]
    assert sorted(values)[1][:2] == ["11000", "7000"]


@pytest.mark.parametrize("years", [("1437", "1438", "1439"), ("1381", "1380", "1379")])
def test_years_of_an_era_that_is_not_read_are_a_header_and_asked(
    years: tuple[str, str, str],
) -> None:
    """Three numbers that follow one another are no figures: the sums show it, too."""
    lines = ["Foreign workers", f"Nationality,{','.join(years)}", "Nepal,1310,1390,1340"]
    lines += ["Fiji,430,425,405", "Total,1740,1815,1745"]
    text = draft_mapping("\n".join(lines).encode(), area="THA")
    assert "total: {country: Total}  # 3 of 3 sums agree" in text
    assert [text.count(f'"{year}": ?') for year in years] == [1, 1, 1]


def test_figures_that_do_not_follow_one_another_are_no_header() -> None:
    lines = ["Foreign workers 2019", "Nepal,1310,1390,1340", "Fiji,430,425,405"]
    text = draft_mapping("\n".join(lines).encode(), area="THA")
    assert "Nepal: " in text
