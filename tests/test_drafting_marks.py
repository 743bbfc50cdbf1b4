"""Drafts read what a legend on the sheet says of marks, and ask where none does."""

import pytest

from ilms_sdmx import convert, draft_mapping
from ilms_sdmx.drafting.recognition.legend import legends
from ilms_sdmx.mapping.file.reading import parse_mapping
from tests.national.judging import accepted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("- : nil", {"-": "zero"}),
        ("… not available; * provisional", {"…": "O", "*": "P"}),
        (
            "Ghi chú: (-) không phát sinh; (...) có phát sinh nhưng không có số liệu",
            {"-": "zero", "…": "O"},
        ),
        ("หมายเหตุ: - หมายถึง ไม่มีข้อมูล", {"-": "O"}),
        ("หมายเหตุ: - ไม่มี", {"-": "zero"}),
        ("Keterangan: - tidak ada, ... data tidak tersedia", {"-": "zero", "…": "O"}),
        ("x) Angka sementara", {"x": "P"}),
        ("“–” denotes nil or negligible.", {"-": "N"}),
        ("Notes: n.a. not applicable", {"n.a.": "M"}),
        ("s: suppressed", {"s": "Q"}),
        ("* Less than 500.", {"*": "N"}),
        ("* Excludes domestic workers", {}),
        ("- Work Permit (Construction)", {}),
        ("Source: Ministry of Labour", {}),
    ],
)
def test_a_legend_says_what_a_mark_means(text: str, wanted: dict[str, str]) -> None:
    assert {mark: said.status for mark, said in legends([text]).items()} == wanted


def test_a_mark_means_what_the_sheet_says_and_the_evidence_stands_beside_it() -> None:
    rows = [
        "Workers sent abroad by country",
        "Country;2021;2022",
        "Japan;500;-",
        "Laos;…;7",
        "Chad;n.a.;8",
    ]
    source = "\n".join([*rows, "Note: - nil, … suppressed"]).encode()
    text = draft_mapping(source, area="KHM")
    assert "\"-\": zero  # 1 cells; 'Note: - nil, … suppressed'" in text
    assert 'n.a.: "?"  # decide: 1 cells; O: not available; M: not applicable' in text
    answered = accepted(text).replace('n.a.: "?"', "n.a.: M")
    done = convert(source, parse_mapping(answered))
    data = done.datasets[0].observations
    found = dict(
        zip(
            data["CDS"].astype(str) + data["TIME_PERIOD"].astype(str),
            data["OBS_VALUE"],
            strict=True,
        )
    )
    assert found["CDS_DES_JPN2022"] == "0.000"
    assert done.counts["missing"] == 2


def test_marks_behind_figures_are_flags() -> None:
    rows = [
        "Workers sent abroad by country",
        "Country;2021;2022",
        "Japan;1,500;1,600p",
        "Laos;1,200;1,300*",
    ]
    source = "\n".join([*rows, "p = preliminary"]).encode()
    text = draft_mapping(source, area="KHM")
    assert "p: P  # 1 figures; 'p = preliminary'" in text
    assert '"*": "?"  # decide: 1 figures; A, which no text on the sheet says?' in text
    answered = accepted(text).replace('"*": "?"', '"*": A')
    done = convert(source, parse_mapping(answered))
    data = done.datasets[0].observations
    assert sorted(data["OBS_VALUE"].astype(str)) == ["1.200", "1.300", "1.500", "1.600"]
    assert done.counts["observation"] == 4


@pytest.mark.parametrize(
    ("mark", "answer", "missing"),
    [("-", "zero", 0), ("-", "O", 1), ("*", "N", 1), ("x", "Q", 1)],
)
def test_what_nobody_explains_stops_until_a_person_says_it(
    mark: str, answer: str, missing: int
) -> None:
    """A dash is nothing in one country and not known in the next: no figure is guessed."""
    source = f"Workers sent abroad\nCountry;2021\nJapan;500\nLaos;{mark}".encode()
    text = accepted(draft_mapping(source, area="KHM"))
    asked = convert(source, parse_mapping(text))
    assert (asked.exit_code, {one.rule for one in asked.report.errors}) == (3, {"undecided"})
    done = convert(source, parse_mapping(text.replace('"?"', answer)))
    assert (done.exit_code, done.counts.get("missing", 0)) == (0, missing)


def test_a_mark_with_one_meaning_is_not_asked() -> None:
    source = b"Workers sent abroad\nCountry;2021\nJapan;500\nLaos;.."
    text = draft_mapping(source, area="KHM")
    assert '"..": O  # 1 cells; O: not available' in text
    assert convert(source, parse_mapping(accepted(text))).counts["missing"] == 1
