"""Code maps of the office's own hold every label that the conversion reads; totals go to ILMS."""

from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook

from ilms_sdmx import Conversion, convert, draft_mapping, example
from ilms_sdmx.mapping.file.reading import parse_mapping
from tests.national.judging import accepted
from tests.test_drafting import EXAMPLES

#: Header over three rows: a total and two kinds of permits, of which only one has kinds below it.
HEADER = [
    ["Nationality", "All", "", "", "Section 59", "", "", "", "", "", "Section 62", "", ""],
    ["", "", "", "", "General", "", "", "Under MOU", "", "", "", "", ""],
    ["", *["Total", "Male", "Female"] * 4],
]
#: Men and women in each of the three kinds of permits.
COUNTS = {
    "Myanmar": (5, 4, 3, 2, 9, 8),
    "Cambodia": (7, 1, 2, 6, 3, 3),
    "Japan": (1, 1, 0, 0, 20, 10),
}


def permits() -> bytes:
    """Workbook of work permits by nationality, kind and sex, with totals."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Foreigners holding work permits by nationality, June 2023"])
    sheet.append([])
    for row in HEADER:
        sheet.append([text or None for text in row])
    for merge in ("A3:A5", "B3:D4", "E3:J3", "E4:G4", "H4:J4", "K3:M4"):
        sheet.merge_cells(merge)
    counts = {**COUNTS, "Total": tuple(map(sum, zip(*COUNTS.values(), strict=True)))}
    for nationality, (m1, w1, m2, w2, m3, w3) in counts.items():
        pairs = [(m1 + m2 + m3, w1 + w2 + w3), (m1, w1), (m2, w2), (m3, w3)]
        sheet.append([nationality, *(n for m, w in pairs for n in (m + w, m, w))])
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def drafted(source: bytes | Path, area: str, tmp_path: Path) -> tuple[str, Conversion]:
    mapping = tmp_path / "m.yaml"
    text = draft_mapping(source, area=area)
    mapping.write_text(accepted(text), encoding="utf-8")
    return text, convert(source, mapping)


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_unknown_label_is_asked_about_and_in_data_sets_of_the_office_only_countries(
    name: str, tmp_path: Path
) -> None:
    text, done = drafted(example(name)[0], EXAMPLES[name][0], tmp_path)
    unknown = [f for f in done.report.findings if f.rule == "unknown-label"]
    of_office = [f for f in unknown if not f.place.dataflow.startswith("ILO:")]
    assert {f.component for f in of_office} <= {"COUNTRY"}
    asked = [line for line in text.splitlines() if "# decide:" in line]
    assert all(any(f.read in line for line in asked) for f in unknown)


def test_headers_of_different_depth_lose_no_figure(tmp_path: Path) -> None:
    _, done = drafted(permits(), "THA", tmp_path)
    assert done.report.counts["unknown-label"] == 0
    own = next(d for d in done.datasets if "_OFFICE:" in d.dataflow)
    assert len(own.observations) == 4 * 12


def test_employed_foreigners_by_citizenship_are_proposed_by_the_total_of_kinds(
    tmp_path: Path,
) -> None:
    text, done = drafted(permits(), "THA", tmp_path)
    assert (
        "- dataflow: ILO:DF_EMP_MFRC_SEX_CCT_NB(1.0)  # decide: Employed non-citizens" in text
    )
    data = next(d for d in done.datasets if "EMP_MFRC_SEX_CCT" in d.dataflow)
    frame = data.observations.set_index(["CCT", "SEX"])["OBS_VALUE"]
    assert len(frame) == 4 * 3
    assert frame["CCT_CTZ_MMR", "SEX_T"] == "0.031"
    assert frame["CCT_CTZ_JPN", "SEX_F"] == "0.011"
    assert frame["CCT_CTZ_TOTAL", "SEX_T"] == "0.085"


def test_one_kind_of_foreigners_among_many_is_not_all_of_them(tmp_path: Path) -> None:
    workbook, _ = example("tha-work-permits")
    text, _ = drafted(workbook, "THA", tmp_path)
    answered = accepted(text).replace('"-": "?"', '"-": zero')
    done = convert(workbook, parse_mapping(answered))
    values = {
        v
        for d in done.datasets
        if d.dataflow.startswith("ILO:")
        for v in d.observations["OBS_VALUE"]
    }
    assert values == {"2062.807"}


def test_letters_of_one_heading_are_men_and_women(tmp_path: Path) -> None:
    rows = "Negara,P,L,Jumlah\nMalaysia,120,80,200\nKorsel,30,20,50\nJumlah,150,100,250\n"
    title = "Penempatan Pekerja Migran Indonesia menurut Negara 2021 (orang)\n"
    path = tmp_path / "t.csv"
    path.write_text(title + rows, encoding="utf-8")
    text = draft_mapping(path, area="IDN")
    assert "      P: SEX_F\n      L: SEX_M\n      Jumlah: SEX_T\n" in text


def test_a_label_of_which_one_half_is_unknown_is_asked_with_what_is_known(
    tmp_path: Path,
) -> None:
    title = "จำนวนคนงานไทยที่ไปทำงานในต่างประเทศ พ.ศ. 2566 (คน)\n"
    rows = "ไต้หวัน (Taiwan),7\nไม่รวมเกาหลี (Korea),5\nยุโรป (Others),3\nฮ่องกง,2\nรวม,17\n"
    path = tmp_path / "t.csv"
    path.write_text(f"{title}ประเทศ,รวม\n{rows}", encoding="utf-8")
    text = draft_mapping(path, area="THA")
    asked = [line for line in text.splitlines() if "# decide:" in line]
    assert any("ไม่รวมเกาหลี (Korea)" in line for line in asked)
    assert any("ยุโรป (Others)" in line and "CDS_DES_X" in line for line in asked)
    assert '"ไต้หวัน (Taiwan)": CDS_DES_TWN' in text
