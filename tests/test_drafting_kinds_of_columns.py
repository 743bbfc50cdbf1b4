"""Drafts of columns and rows that may be something else: codes, percents, blank figures, groups."""

import pytest

from ilms_sdmx import convert, draft_mapping
from ilms_sdmx.conversion import Conversion
from ilms_sdmx.mapping.file.reading import parse_mapping
from tests.national.judging import accepted


def converted(lines: list[str], area: str) -> tuple[str, Conversion]:
    """Draft of a table, and what it makes of the table when every proposal is accepted."""
    source = "\n".join(lines).encode()
    text = draft_mapping(source, area=area, office=f"{area}_OFFICE")
    return text, convert(source, parse_mapping(accepted(text)))


def persons(done: Conversion) -> list[str]:
    """Figures of the last data set."""
    return list(done.datasets[-1].observations["OBS_VALUE"])


@pytest.mark.parametrize(
    ("header", "codes"),
    [
        ("Province code", ["81", "86", "85"]),
        ("Kode", ["3171", "3273", "3578"]),
        ("รหัสจังหวัด", ["10", "50", "83"]),
        ("Latitude", ["13.75", "18.79", "7.88"]),
        ("Ward", ["013", "101", "204"]),
        ("ISO 3166", ["392", "524", "242"]),
    ],
)
def test_a_column_of_codes_is_no_figure(header: str, codes: list[str]) -> None:
    text, done = converted(
        [
            "Foreign workers 2019",
            f"Area,{header},Men,Women",
            f"Alpha,{codes[0]},131,34",
            f"Beta,{codes[1]},77,26",
            f"Gamma,{codes[2]},43,19",
            "Total,,251,79",
        ],
        "THA",
    )
    assert persons(done) == ["131", "34", "77", "26", "43", "19", "251", "79"]
    assert "code, no figure" in text
    assert not done.report.errors


@pytest.mark.parametrize(("header", "zero"), [("ISO", "0"), ("ລະຫັດ", "໐")])
def test_a_code_may_come_again_with_each_sex(header: str, zero: str) -> None:
    """Most widths of codes are one, in digits of any script; a total has none."""
    codes = [code.replace("0", zero) for code in ("076", "410", "036")]
    rows = []
    for code, country in zip(codes, ["Brazil", "South Korea", "Australia"], strict=True):
        rows += [f"{country},{code},Men,131", f"{country},{code},Women,34"]
    text, done = converted(
        ["Foreign workers 2019", f"Country,{header},Sex,Number", *rows], "LAO"
    )
    assert persons(done) == ["0.131", "0.034"] * 3
    assert "code, no figure" in text
    assert not done.report.errors


def test_a_column_with_a_total_is_no_column_of_codes() -> None:
    text, _ = converted(
        [
            "Foreign workers 2019",
            "Area,Labour code cases,Men,Women",
            "Alpha,12,131,34",
            "Beta,13,77,26",
            "Total,25,208,60",
        ],
        "THA",
    )
    assert "code, no figure" not in text


@pytest.mark.parametrize(
    "label", ["Change of employer", "Share fishermen", "Growth corridor project"]
)
def test_a_word_for_shares_is_a_category_where_the_total_needs_it(label: str) -> None:
    text, done = converted(
        [
            "Permits of foreign workers 2018",
            f"Nationality,New,Renewal,{label},Total",
            "Fiji,131,34,17,182",
            "Nepal,77,26,11,114",
            "Total,208,60,28,296",
        ],
        "MYS",
    )
    assert "percent" not in text
    assert {"17", "11", "28"} <= set(persons(done))


@pytest.mark.parametrize(
    "label",
    ["Change", "Perubahan", "Average stay", "Median age", "Unemployment rate", "ค่าเฉลี่ย"],
)
def test_what_only_a_word_calls_no_count_is_asked_and_stops(label: str) -> None:
    lines = [
        "Foreign workers by nationality, 2018",
        f"Nationality,Workers,{label}",
        "Fiji,1310,17",
        "Nepal,770,31",
        "Oman,430,12",
    ]
    source = "\n".join(lines).encode()
    text = draft_mapping(source, area="THA", office="THA_OFFICE")
    assert 'bucket: "?"  # decide: what are these 3 figures' in text
    done = convert(source, parse_mapping(accepted(text)))
    assert done.exit_code == 3
    assert "undecided" in {finding.rule for finding in done.report.errors}


def test_a_percent_sign_and_percents_that_come_out_are_not_asked() -> None:
    text, done = converted(
        [
            "Foreign workers 2018",
            "Nationality,Workers,Share",
            "Fiji,1300,52.0",
            "Nepal,700,28.0",
            "Oman,500,20.0",
            "Total,2500,100.0",
        ],
        "THA",
    )
    assert '"?"' not in text
    assert "come out when recomputed" in text
    assert len(persons(done)) == 4


def test_a_country_without_figures_is_no_part_of_the_next_label() -> None:
    text, done = converted(
        [
            "Workers sent abroad 2018",
            "Destination,Men,Women",
            "Qatar,17,3",
            "Kuwait,,",
            "Japan,41,6",
            "Israel,,",
            "Italy,32,5",
            "Total,90,14",
        ],
        "THA",
    )
    assert "wrap:" not in text
    assert set(done.datasets[0].observations["CDS"]) == {
        "CDS_DES_QAT",
        "CDS_DES_JPN",
        "CDS_DES_ITA",
        "CDS_DES_TOTAL",
    }


def test_a_label_under_two_headings_of_groups_is_told_apart() -> None:
    _, done = converted(
        [
            "Foreign workers by kind of permit",
            "Permit,2017,2018",
            "Farms,,",
            "Seasonal,310,345",
            "Other,140,150",
            "Ships,,",
            "Crew,60,66",
            "Other,25,26",
        ],
        "THA",
    )
    assert not done.report.errors
    assert len(persons(done)) == 8


def test_marks_of_which_the_mapping_says_nothing_are_not_counted_as_sums_that_differ() -> None:
    text, _ = converted(
        [
            "Net change of foreign workers",
            "Nationality,2017,2018",
            "Fiji,(131),142-",
            "Nepal,-77,△91",
            "Total,-208,-233",
        ],
        "THA",
    )
    assert "0 of" not in text
