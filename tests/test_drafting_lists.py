"""Drafts of lists with a row a figure: numbers that look like years stay figures."""

import pytest

from ilms_sdmx import convert, draft_mapping
from ilms_sdmx.mapping.file.reading import parse_mapping
from tests.national.judging import accepted


def figures(lines: list[str], area: str) -> list[tuple[str, str]]:
    """Period and persons of what the accepted draft of a list makes of it."""
    source = "\n".join(lines).encode()
    text = draft_mapping(source, area=area, office=f"{area}_OFFICE")
    done = convert(source, parse_mapping(accepted(text)))
    assert not done.report.errors
    frame = done.datasets[0].observations
    factor = 10 ** int(frame["UNIT_MULT"].iloc[0])
    values = [round(float(value) * factor) for value in frame["OBS_VALUE"]]
    return list(zip(frame["TIME_PERIOD"], map(str, values), strict=True))


def listed(periods: list[str], values: list[str], *, is_repeated: bool = True) -> list[str]:
    """Rows of two countries by sex and period; a group's label in each row or once."""
    rows = []
    left = iter(values)
    for country in ("Nepal", "Myanmar"):
        shown_country = country
        for sex in ("Men", "Women"):
            shown_sex = sex
            for period in periods:
                rows.append(f"{shown_country},{shown_sex},{period},{next(left)}")
                if not is_repeated:
                    shown_country = shown_sex = ""
    return rows


LIKE_YEARS = ["1310", "2015", "2016", "2561", "1999", "2560", "2018", "340"]


@pytest.mark.parametrize("is_repeated", [True, False])
@pytest.mark.parametrize(
    ("printed", "periods"),
    [
        (["2018", "2019"], ["2018", "2019"]),
        (["Q1 2018", "Q2 2018"], ["2018-Q1", "2018-Q2"]),
        (["2561", "2562"], ["2018", "2019"]),
    ],
)
def test_rows_of_a_list_are_no_header_though_their_figures_look_like_years(
    printed: list[str], periods: list[str], is_repeated: bool
) -> None:
    rows = listed(printed, LIKE_YEARS, is_repeated=is_repeated)
    lines = ["Foreign workers by citizenship", "Citizenship,Sex,Year,Number", *rows]
    assert figures(lines, "THA") == list(zip(periods * 4, LIKE_YEARS, strict=True))


@pytest.mark.parametrize("first", ["2015", "2561"])
def test_the_first_row_of_a_list_is_no_header_either(first: str) -> None:
    values = [first, *LIKE_YEARS[1:]]
    lines = ["Foreign workers", "Citizenship,Sex,Quarter,Number"]
    lines += listed(["Q3 2020", "Q4 2020"], values)
    assert figures(lines, "LAO") == list(zip(["2020-Q3", "2020-Q4"] * 4, values, strict=True))


def test_a_count_that_looks_like_a_year_stays_one_next_to_its_share() -> None:
    lines = ["Foreign workers 2019", "Citizenship,Number", "Nepal,2016 (80.1%)"]
    lines += ["Myanmar,500 (19.9%)", "Total,2516 (100.0%)"]
    assert figures(lines, "MYS") == [("2019", "2016"), ("2019", "500"), ("2019", "2516")]


@pytest.mark.parametrize("word", ["Giới tính", "Sex", "of whom"])
def test_one_text_below_the_first_row_of_a_header_is_a_part_of_it(word: str) -> None:
    """A text file has no merged cells: the header of a group is over its first column alone."""
    lines = ["Foreign workers 2019", "Citizenship,ISO,Number", f",,{word}", ",,Men,Women"]
    lines += ["Nepal,524,3100,40", "Brazil,076,900,60"]
    assert [value for _, value in figures(lines, "VNM")] == ["3100", "40", "900", "60"]
