"""A mapping drafted from one edition dates the next by its own title, or refuses it."""

from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook

from ilms_sdmx import Conversion, convert, draft_mapping
from ilms_sdmx._files import named_file
from ilms_sdmx.mapping.file.reading import parse_mapping
from tests.national.judging import accepted

ROWS = "Country,Workers\nJapan,7\nThailand,5\nTotal,12\n"


def later(
    first: str, second: str, tmp_path: Path, area: str = "KHM", rows: str = ROWS
) -> Conversion:
    """Conversion of the second edition with the draft of the first."""
    mapping = tmp_path / "m.yaml"
    text = draft_mapping(f"{first}\n\n{rows}".encode(), area=area)
    mapping.write_text(accepted(text), encoding="utf-8")
    return convert(f"{second}\n\n{rows}".encode(), mapping)


@pytest.mark.parametrize(
    ("area", "first", "second", "period"),
    [
        ("KHM", "Workers sent abroad in 2019", "Workers sent abroad in 2020", "2020"),
        (
            "MMR",
            "Workers sent abroad in May 2017",
            "Workers sent abroad in June 2018",
            "2018-06",
        ),
        (
            "VNM",
            "9 tháng đầu năm 2019: xuất khẩu lao động",
            "9 tháng đầu năm 2020: xuất khẩu lao động",
            "2020-01-01/P9M",
        ),
        (
            "THA",
            "แรงงานไทยเดินทางไปทำงานต่างประเทศ ปี 2566",
            "แรงงานไทยเดินทางไปทำงานต่างประเทศ ปี 2567",
            "2024",
        ),
        (
            "PHL",
            "Table 3.1 Deployed workers, 2019 (a)",
            "Table 3.1 Deployed workers, 2021 (a)",
            "2021",
        ),
    ],
)
def test_the_next_edition_goes_under_its_own_period(
    area: str, first: str, second: str, period: str, tmp_path: Path
) -> None:
    done = later(f'"{first}"', f'"{second}"', tmp_path, area)
    assert set(done.datasets[0].observations["TIME_PERIOD"]) == {period}
    assert "unexplained-cell" not in done.report.counts


def test_an_edition_whose_title_says_no_period_in_these_words_is_not_dated(
    tmp_path: Path,
) -> None:
    done = later("Workers sent abroad in 2019", "Workers sent abroad until June", tmp_path)
    assert done.exit_code == 2
    assert set(done.report.counts) == {"edition-changed"}
    assert not any(len(data) for data in done.datasets)


def test_periods_of_several_titles_stay_with_their_tables(tmp_path: Path) -> None:
    other = ROWS.replace("Country", "Place").replace("7", "70").replace("12", "75")
    text = f"Workers sent abroad in 2019\n\n{ROWS}\n\nWorkers sent abroad in the year 2018\n\n{other}"
    mapping = tmp_path / "m.yaml"
    mapping.write_text(accepted(draft_mapping(text.encode(), area="KHM")), encoding="utf-8")
    (data,) = convert(text.encode(), mapping).datasets
    japan = data.observations.query("CDS == 'CDS_DES_JPN'")
    assert dict(zip(japan["TIME_PERIOD"], japan["OBS_VALUE"], strict=True)) == {
        "2019": "0.007",
        "2018": "0.070",
    }


@pytest.mark.parametrize(
    ("area", "first", "second", "period"),
    [
        ("KHM", "workers 2019.csv", "workers 2020.csv", "2020"),
        ("THA", "แรงงานต่างด้าว พ.ศ. 2561.csv", "แรงงานต่างด้าว พ.ศ. 2562.csv", "2019"),
        ("PHL", "Table_5 Q1 2019.csv", "Table_5 Q2 2019.csv", "2019-Q2"),
        ("MMR", "Table_7 January 2018.csv", "Table_7 May 2018.csv", "2018-05"),
    ],
)
def test_the_name_of_the_file_gives_the_period_where_nothing_else_does(
    area: str, first: str, second: str, period: str, tmp_path: Path
) -> None:
    """It is asked, and pinned: a file of another name, or without a period, stops."""
    content = f"Foreign workers\n\n{ROWS}".encode()
    for name in (first, second, "workers.csv"):
        named_file(tmp_path, name).write_bytes(content)
    text = draft_mapping(named_file(tmp_path, first), area=area)
    assert "in the name of the file, the period of the figures?" in text
    mapping = tmp_path / "m.yaml"
    mapping.write_text(accepted(text), encoding="utf-8")
    later_observations = convert(named_file(tmp_path, second), mapping).datasets[0].observations
    assert set(later_observations["TIME_PERIOD"]) == {period}
    unnamed = convert(tmp_path / "workers.csv", mapping)
    assert {one.rule for one in unnamed.report.errors} >= {"edition-changed"}


def test_months_take_the_year_of_the_name_of_the_file(tmp_path: Path) -> None:
    content = b"Foreign workers\nMonth,Workers\nJanuary,7\nFebruary,5\nMarch,8\n"
    for year in (2019, 2020):
        (tmp_path / f"monthly {year}.csv").write_bytes(content)
    mapping = tmp_path / "m.yaml"
    text = draft_mapping(tmp_path / "monthly 2019.csv", area="MYS")
    mapping.write_text(accepted(text), encoding="utf-8")
    done = convert(tmp_path / "monthly 2020.csv", mapping)
    periods = list(done.datasets[0].observations["TIME_PERIOD"])
    assert periods == ["2020-01", "2020-02", "2020-03"]


@pytest.mark.parametrize(
    ("area", "first", "second", "periods"),
    [
        ("THA", ("2018", "2019"), ("2020", "2021"), {"2020", "2021"}),
        ("MMR", ("၂၀၁၈", "၂၀၁၉"), ("၂၀၂၀", "၂၀၂၁"), {"2020", "2021"}),
        ("PHL", ("Q1 2018", "Q2 2018"), ("Q1 2020", "Q2 2020"), {"2020-Q1", "2020-Q2"}),
    ],
)
def test_periods_that_head_rows_are_those_of_each_edition(
    area: str,
    first: tuple[str, str],
    second: tuple[str, str],
    periods: set[str],
    tmp_path: Path,
) -> None:
    def rows(heads: tuple[str, str]) -> bytes:
        blocks = [f"{head},,\nNepal,7,5\nIndia,4,9\n" for head in heads]
        return ("Foreign workers\nCountry,Men,Women\n" + "".join(blocks)).encode()

    mapping = tmp_path / "m.yaml"
    mapping.write_text(accepted(draft_mapping(rows(first), area=area)), encoding="utf-8")
    frame = convert(rows(second), mapping).datasets[0].observations
    assert (set(frame["TIME_PERIOD"]), len(frame)) == (periods, 8)


STACKED = [
    "Table 1. Foreign workers by nationality, January to June 2018,",
    "Nationality,Number",
    "Japan,131",
    "Nepal,77",
    "Oman,43",
    "Total,251",
    ",",
    "Table 2. Foreign workers by nationality of women, January to June 2018,",
    "Nationality,Number",
    "Japan,31",
    "Nepal,17",
    "Oman,13",
    "Total,61",
]


def test_a_title_by_which_a_table_is_found_is_that_of_every_year() -> None:
    source = "\n".join(STACKED).encode()
    mapping = parse_mapping(accepted(draft_mapping(source, area="MYS")))
    later = convert(source.replace(b"2018", b"2019"), mapping)
    assert "table-not-found" not in later.report.counts
    assert "edition-changed" not in later.report.counts
    other = convert(source.replace(b"to June 2018", b"to March 2019"), mapping)
    assert other.exit_code >= 2
    assert not other.datasets or not len(other.datasets[0])


def test_a_table_does_not_begin_at_a_period_where_it_has_a_title() -> None:
    rows = ["1. Foreign workers,,", "Country,May 2018,June 2018", "Japan,131,139"]
    rows += ["Nepal,77,82", "Oman,43,44", ",,", "2. Foreign nurses,,"]
    rows += ["Country,May 2018,June 2018", "Japan,31,39", "Nepal,17,12", "Oman,13,14"]
    text = draft_mapping("\n".join(rows).encode(), area="MYS")
    assert 'begin: "1. Foreign workers"' in text
    assert "begin: May 2018" not in text


def test_a_title_and_a_sheet_of_different_years_are_asked() -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "Stock 2020"
    for row in (["Foreign workers, 15 March 2021"], ["Country", "Number"], ["Japan", 131]):
        page.append(row)
    page.append(["Nepal", 77])
    target = BytesIO()
    book.save(target)
    text = draft_mapping(target.getvalue(), area="MYS")
    assert "period: ?  # decide: 2021-03-15 by 'Foreign workers, 15 March 2021'" in text
    assert "2020 by the sheet 'Stock 2020'?" in text
