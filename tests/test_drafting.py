"""A draft is a valid mapping, at most a few lines from right, and never fills a code by likeness."""

from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ilms_sdmx import TableError, convert, draft_mapping, example
from ilms_sdmx.cli import run
from ilms_sdmx.mapping.file.reading import parse_mapping
from ilms_sdmx.tables import MARKERS, as_marker, marker_candidates
from tests.national.judging import accepted

#: Shipped example to its country and the number of cells that the untouched draft may put elsewhere.
EXAMPLES = {
    "brn-local-foreign": ("BRN", 2),
    "idn-placement": ("IDN", 5),
    "khm-abroad": ("KHM", 5),
    "mmr-outflow": ("MMR", 2),
    "mys-local-foreign": ("MYS", 5),
    "phl-emigrants": ("PHL", 2),
    "phl-sof": ("PHL", 2),
    "sgp-work-passes": ("SGP", 12),
    "tha-abroad": ("THA", 0),
    "tha-work-permits": ("THA", 5),
    "vnm-outflow": ("VNM", 0),
}


def buckets(workbook: Path, mapping: Path) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    frame = convert(workbook, mapping).provenance
    for sheet, cell, bucket in zip(frame["sheet"], frame["cell"], frame["bucket"], strict=True):
        found[str(sheet), str(cell)].add(str(bucket))
    return found


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_draft_puts_nearly_every_cell_where_a_person_put_it(
    name: str, tmp_path: Path
) -> None:
    workbook, mapping = example(name)
    area, most = EXAMPLES[name]
    draft = tmp_path / "draft.yaml"
    draft.write_text(accepted(draft_mapping(workbook, area=area)), encoding="utf-8")
    figures = {
        "observation",
        "total",
        "of_which",
        "percent",
        "missing",
        "ignore",
        "other_measure",
        "finding",
    }
    right = {
        cell: found & figures
        for cell, found in buckets(workbook, mapping).items()
        if found & figures
    }
    drafted = buckets(workbook, draft)
    differing = [cell for cell, found in right.items() if not found & drafted.get(cell, set())]
    assert len(differing) <= most, differing


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_code_of_a_draft_is_one_that_a_person_chose_or_a_whole_match(name: str) -> None:
    workbook, _ = example(name)
    text = draft_mapping(workbook, area=EXAMPLES[name][0])
    assert "# decide:" in text
    assert text == draft_mapping(workbook, area=EXAMPLES[name][0])


def test_a_label_that_is_only_like_a_country_stays_a_question() -> None:
    rows = ["Workers sent abroad", "Country,2019", "Thailand,5", "Philipines,7", "Total,12"]
    text = draft_mapping("\n".join(rows).encode())
    assert "Thailand: CDS_DES_THA" in text
    assert "# decide: Philipines:" in text
    assert "CDS_DES_PHL 95" in text
    assert "Philipines: CDS_DES_PHL\n" not in text


def test_the_evidence_stands_beside_what_is_proposed() -> None:
    rows = [
        "Penempatan TKI ke luar negeri",
        "Negara;2019",
        "Jepang;1.200",
        "Lainnya;800",
        "Jumlah;2.000",
    ]
    text = draft_mapping("\n".join(rows).encode(), area="IDN")
    assert "DF_EMP_MNAO_SEX_CDS_NB(1.0)  # decide: Outflow of nationals for employment" in text
    assert "By the words 'penempatan' (outflow)" in text
    assert "# 1 of 1 sums agree" in text
    assert "the figures count whole persons" in text
    assert "Lainnya: CDS_DES_X" in text


def test_a_breakdown_that_ilms_lacks_gets_a_national_dataflow() -> None:
    rows = [
        "Work permits by region 2019",
        "Region,Persons",
        "North,120",
        "South,80",
        "Total,200",
    ]
    text = draft_mapping("\n".join(rows).encode(), area="THA", office="TH_DOE")
    assert "TH_DOE:DF_TABLE_1(1.0)" in text
    assert "North: NORTH" in text
    assert "where: {category: [Total]}" in text


def converted(rows: list[str], tmp_path: Path, area: str) -> tuple[str, set[str], set[str]]:
    """Text of the draft of rows, the keys and values that it gives, and the rules of its findings."""
    source, mapping = "\n".join(rows).encode(), tmp_path / "m.yaml"
    text = draft_mapping(source, area=area)
    mapping.write_text(accepted(text), encoding="utf-8")
    done = convert(source, mapping)
    frame = done.datasets[0].observations
    values = (
        frame["TIME_PERIOD"].astype(str)
        + " "
        + frame["SEX"].astype(str)
        + " "
        + frame["OBS_VALUE"]
    )
    return text, set(values), set(done.report.counts)


def test_months_of_a_buddhist_year_in_the_title_become_months(tmp_path: Path) -> None:
    rows = ["สถิติแรงงานไทยเดินทางไปทำงานต่างประเทศ ปี 2566", "เดือน,ชาย,หญิง,รวม"]
    rows += ["มกราคม,5000,1200,6200", "กุมภาพันธ์,4800,1100,5900", "รวม,9800,2300,12100"]
    text, values, findings = converted(rows, tmp_path, "THA")
    assert {"2023-01 SEX_M 5.000", "2023-02 SEX_F 1.100", "2023-01 SEX_T 6.200"} <= values
    assert findings == set()
    assert "sums agree" in text


def test_rows_that_add_up_to_the_row_above_them_make_it_a_total(tmp_path: Path) -> None:
    rows = ["Overseas workers deployed by country", "Country\t2018\t2019p", "Total\t900\t1000"]
    rows += [
        "Europe and others\t500\t600",
        "  Italy\t300\t400",
        "  Others\t200\t200",
        "Japan\t400\t400",
    ]
    text, values, findings = converted(rows, tmp_path, "PHL")
    assert "bucket: total  # the rows indented below add up to it" in text
    assert "status: P" in text
    assert "2019 SEX_T 0.400" in values
    assert findings == {"unknown-label"}


def test_a_unit_of_thousands_above_the_table_is_proposed_as_its_multiplier(
    tmp_path: Path,
) -> None:
    rows = ["แรงงานต่างด้าวที่ได้รับอนุญาตทำงาน", "(หน่วย: พันคน)", "สัญชาติ;2565;2566"]
    rows += ["เมียนมา;1100.5;1000.2", "ลาว;200.0;190.0", "รวม;1300.5;1190.2"]
    text, values, _ = converted(rows, tmp_path, "THA")
    assert "multiplier: 3  # " in text
    assert "2023 SEX_T 1000.2" in values


def test_a_file_without_a_table_is_refused() -> None:
    with pytest.raises(TableError, match="no table"):
        draft_mapping(b"Only words\nand more words\n")


def test_the_command_writes_the_draft_and_keeps_decisions(tmp_path: Path) -> None:
    source, target = tmp_path / "t.csv", tmp_path / "t.yaml"
    source.write_text("Country,2019\nThailand,5\nJapan,7\nTotal,12\n", encoding="utf-8")
    assert run(["map", str(source), "-o", str(target), "--area", "khm"]) == 1
    assert "area: KHM" in target.read_text(encoding="utf-8")
    assert run(["map", str(source), "-o", str(target)]) == 3
    assert run(["map", str(source), "-o", str(target), "--force"]) == 1
    assert run(["map", str(tmp_path / "none.csv")]) == 4


@given(
    st.lists(
        st.sampled_from(["Thailand", "Nhật Bản", "ไต้หวัน", "x: y", "- a", "#1", "'q'"]),
        min_size=2,
    ),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=4),
)
@settings(max_examples=25)
def test_any_draft_is_a_mapping_that_can_be_read(labels: list[str], figures: list[int]) -> None:
    header = "Country;" + ";".join(str(2015 + n) for n in range(len(figures)))
    body = [f"{label};" + ";".join(map(str, figures)) for label in labels]
    text = draft_mapping("\n".join([header, *body]).encode(), area="KHM")
    document = parse_mapping(text)
    assert document.tables


def test_marks_are_known_by_all_their_dashes_and_cases() -> None:
    assert marker_candidates(["–", "-", "N.A.", "5", "Thailand"]) == {"–": 1, "-": 1, "N.A.": 1}
    assert {as_marker(mark) for mark in MARKERS} == set(MARKERS)


def test_the_command_takes_the_encoding_of_a_text_file(tmp_path: Path) -> None:
    source, target = tmp_path / "t.csv", tmp_path / "t.yaml"
    rows = "จำนวนแรงงานต่างด้าว\nสัญชาติ (คน),2566\nลาว,5\nเมียนมา,7\nรวม,12\n"
    source.write_bytes(rows.encode("cp874"))
    command = ["map", str(source), "-o", str(target), "--area", "THA", "--encoding", "cp874"]
    assert run(command) == 1
    text = target.read_text(encoding="utf-8")
    assert "encoding: cp874" in text
    target.write_text(accepted(text), encoding="utf-8")
    assert convert(source, target).exit_code == 0


def test_a_conversion_says_which_lines_of_its_mapping_nobody_has_decided(
    tmp_path: Path,
) -> None:
    workbook = example("vnm-outflow")[0]
    draft = draft_mapping(workbook, area="VNM", office="VN_DOLAB")
    lines = [n for n, line in enumerate(draft.splitlines(), 1) if "# decide:" in line]
    (tmp_path / "mapping.yaml").write_text(draft, encoding="utf-8")
    done = convert(workbook, tmp_path / "mapping.yaml")
    assert [f.fields["line"] for f in done.report.of_rule("undecided")] == lines
    assert (done.exit_code, done.datasets) == (3, ())
    (tmp_path / "mapping.yaml").write_text(accepted(draft), encoding="utf-8")
    assert "undecided" not in convert(workbook, tmp_path / "mapping.yaml").report.counts
