"""Drafts of tables with a flag next to each figure: value, flag, value, flag."""

import pytest

from ilms_sdmx import Conversion, convert, draft_mapping
from ilms_sdmx.mapping.file.reading import parse_mapping
from tests.national.judging import accepted

TABLE = [
    "Pekerja asing menurut negara;;;;",
    "Negara;2019;;2020;",
    "Nepal;1310;e;1390;p",
    "Fiji;820;;870;(p)",
    "Oman;430;E;425;",
    "Jumlah;2560;;2685;p",
]


def drafted(lines: list[str], area: str = "IDN") -> tuple[str, Conversion]:
    """Draft of a table, and what it makes of the table when every proposal is accepted."""
    source = "\n".join(lines).encode()
    text = draft_mapping(source, area=area)
    return text, convert(source, parse_mapping(accepted(text)))


def statuses(done: Conversion) -> dict[str, str]:
    """Status of each figure that is written, by its value."""
    frame = done.provenance
    written = frame[frame["OBS_VALUE"] != ""]
    return dict(zip(written["value"], written["OBS_STATUS"], strict=True))


def test_the_flag_at_the_right_of_a_figure_is_its_status() -> None:
    text, done = drafted(TABLE)
    assert done.exit_code == 0
    assert "as in the list of SDMX" in text
    found = statuses(done)
    assert [found[value] for value in ("1310", "430", "1390", "870")] == ["E", "E", "P", "P"]
    assert not {found["820"], found["2560"]} & set("EP")
    assert "2 of 2 sums agree" in text


@pytest.mark.parametrize("header", ["Flag", "Status", "Catatan", "หมายเหตุ", "Nota"])
def test_a_column_of_flags_may_say_that_it_is_one(header: str) -> None:
    lines = [
        "Foreign workers 2019",
        f"Country,Number,{header}",
        "Nepal,131,p",
        "Fiji,77,",
        "Oman,43,e",
        "Total,251,",
    ]
    _, done = drafted(lines, "THA")
    assert statuses(done)["131"] == "P"
    assert done.exit_code == 0


def test_a_legend_says_what_a_flag_is_and_an_unknown_flag_is_asked() -> None:
    lines = [line.replace(";e;", ";r;") for line in TABLE]
    text, done = drafted(lines)
    assert 'status: "?"' in text
    assert done.exit_code == 3
    assert "total-differs" not in done.report.counts  # the values are known, the status is not
    text, done = drafted([*lines, "r = revised;;;;"])
    assert done.exit_code == 0
    assert "status: A  # 'r = revised'" in text


def test_a_flag_that_the_next_edition_has_anew_stops() -> None:
    mapping = parse_mapping(accepted(drafted(TABLE)[0]))
    later = "\n".join(TABLE).replace("2019", "2021")
    assert convert(later.encode(), mapping).exit_code == 0
    (finding,) = convert(later.replace("(p)", "b").encode(), mapping).report.errors
    assert (finding.rule, finding.read) == ("edition-changed", "b")


def test_letters_next_to_some_columns_only_are_not_taken_for_flags() -> None:
    lines = ["Foreign workers;;;;", "Country;2017;;2018;2019"]
    lines += ["Nepal;131;e;139;140", "Fiji;77;e;82;83"]
    text, done = drafted(lines, "THA")
    assert "beside:" not in text
    assert done.exit_code > 1
