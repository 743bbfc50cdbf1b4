"""The list of open questions goes out as CSV and workbook, and comes back filled: one file answers all."""

import csv
import io
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilms_sdmx import Conversion, convert, write_conversion
from ilms_sdmx.errors import MappingError
from ilms_sdmx.mapping import read_mapping
from ilms_sdmx.mapping.file.code_tables import read_rows
from ilms_sdmx.mapping.file.nodes import parse
from ilms_sdmx.tables.forms import form

TIME = "2026-11-21T08:00:00Z"
TABLE = """Country,Education,2019,year X
Japan,Primary,10,11
Nippon,Tertiary,20,21
=Korea,Doctor,30,31
"""
MAPPING = """mapping: 2
tables:
  - name: stock
    begin: Country
    rows: [{name: country, header: Country}, {name: education, header: Education}]
    columns: [year]
codes:
  countries:
    values: {Japan: JPN}
  levels:
    values: {Primary: ED1, Tertiary: ED5}
datasets:
  - dataflow: OFFICE:DF_STOCK(1.0)
    components:
      PARTNER: {from: country, codes: countries}
      EDUCATION: {from: education, codes: levels}
      TIME_PERIOD: {period: year}
"""
ANSWERS = {"Nippon": "JPN_2", "=Korea": "KOR", "Doctor": "ED8", "year X": "2020"}


def ask(folder: Path, mapping: str = MAPPING) -> Conversion:
    (folder / "table.csv").write_text(TABLE, encoding="utf-8")
    (folder / "mapping.yaml").write_text(mapping, encoding="utf-8")
    done = convert(folder / "table.csv", folder / "mapping.yaml")
    write_conversion(done, folder / "out", prepared=TIME, partial=True)
    return done


def fill_csv(folder: Path, answers: dict[str, str]) -> str:
    text = (folder / "out" / "table.unmapped.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    for row in rows[1:]:
        row[1] = answers.get(row[0].removeprefix("'"), row[1])
    with (folder / "answers.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return "answers.csv"


def fill_xlsx(folder: Path, answers: dict[str, str]) -> str:
    book = openpyxl.load_workbook(folder / "out" / "table.unmapped.xlsx")
    for row in book["unmapped"].iter_rows(min_row=2):
        row[1].value = answers.get(str(row[0].value), row[1].value)
    book.save(folder / "answers.xlsx")
    return "answers.xlsx"


@pytest.mark.parametrize("fill", [fill_csv, fill_xlsx])
def test_one_filled_list_answers_every_code_map_and_the_periods(fill, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert ask(tmp_path).exit_code == 2
    name = fill(tmp_path, ANSWERS)
    done = ask(tmp_path, f"{MAPPING}answers: {name}\n")
    assert done.exit_code == 0
    frame = done.datasets[0].observations.astype("str")
    keys = frame[["PARTNER", "EDUCATION", "TIME_PERIOD", "OBS_VALUE"]].itertuples(
        index=False, name=None
    )
    assert sorted(keys) == [
        ("JPN", "ED1", "2019", "10"),
        ("JPN", "ED1", "2020", "11"),
        ("JPN_2", "ED5", "2019", "20"),
        ("JPN_2", "ED5", "2020", "21"),
        ("KOR", "ED8", "2019", "30"),
        ("KOR", "ED8", "2020", "31"),
    ]


def test_the_list_says_which_code_map_asks_and_the_workbook_says_the_same(
    tmp_path: Path,
) -> None:
    ask(tmp_path)
    text = (tmp_path / "out" / "table.unmapped.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(r["source"], r["code"], r["map"], r["component"]) for r in rows] == [
        ("year X", "?", "", "TIME_PERIOD"),
        ("Nippon", "?", "countries", "PARTNER"),
        ("'=Korea", "?", "countries", "PARTNER"),
        ("Doctor", "?", "levels", "EDUCATION"),
    ]
    sheet = openpyxl.load_workbook(tmp_path / "out" / "table.unmapped.xlsx")["unmapped"]
    cells = [[str(c.value or "") for c in row] for row in sheet.iter_rows(min_row=2)]
    assert [r[0] for r in cells] == ["year X", "Nippon", "=Korea", "Doctor"]
    assert [r[1:] for r in cells] == [list(r.values())[1:] for r in rows]
    assert sheet.freeze_panes == "A2"
    assert {c.data_type for row in sheet.iter_rows() for c in row if c.value} == {"s"}
    assert [c.fill.fgColor.rgb for c in sheet["B"]][1:] == ["FFFFF3C4"] * 4


def test_what_no_code_answers_is_listed_without_a_question_and_does_not_hinder(
    tmp_path: Path,
) -> None:
    (tmp_path / "table.csv").write_text(TABLE.replace("20,21", "20,see note"), encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    done = convert(tmp_path / "table.csv", tmp_path / "mapping.yaml")
    write_conversion(done, tmp_path / "out", prepared=TIME, partial=True)
    rows = list(
        csv.DictReader(
            io.StringIO(
                (tmp_path / "out" / "table.unmapped.csv").read_text(encoding="utf-8-sig")
            )
        )
    )
    (wrong,) = [r for r in rows if r["rule"] == "malformed-number"]
    assert wrong["code"] == ""
    assert "corrections" in wrong["fix"]
    fill_csv(tmp_path, ANSWERS)
    (tmp_path / "mapping.yaml").write_text(f"{MAPPING}answers: answers.csv\n", encoding="utf-8")
    assert dict(convert(tmp_path / "table.csv", tmp_path / "mapping.yaml").report.counts) == {
        "malformed-number": 1
    }


def test_a_list_whose_column_fix_has_its_old_name_is_read_as_before(tmp_path: Path) -> None:
    ask(tmp_path)
    fill_csv(tmp_path, ANSWERS)
    answers = tmp_path / "answers.csv"
    old = answers.read_text(encoding="utf-8").replace(",fix,", ",mend,", 1)
    assert ",mend," in old.splitlines()[0]
    answers.write_text(old, encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(f"{MAPPING}answers: answers.csv\n", encoding="utf-8")
    done = convert(tmp_path / "table.csv", tmp_path / "mapping.yaml")
    assert not done.report.counts


def test_the_same_conversion_gives_the_same_workbook(tmp_path: Path) -> None:
    ask(tmp_path)
    first = (tmp_path / "out" / "table.unmapped.xlsx").read_bytes()
    ask(tmp_path)
    assert (tmp_path / "out" / "table.unmapped.xlsx").read_bytes() == first


def test_an_empty_answer_says_that_there_is_no_place(tmp_path: Path) -> None:
    ask(tmp_path)
    fill_csv(tmp_path, {**ANSWERS, "Doctor": ""})
    done = ask(tmp_path, f"{MAPPING}answers: [answers.csv]\n")
    assert set(done.datasets[0].observations["PARTNER"].astype("str")) == {"JPN", "JPN_2"}
    assert "unknown-label" not in done.report.counts


LINES = {
    "an open question": ("Doctor,?,levels", r"a code in row 2 of answers\.csv.*'Doctor'"),
    "another map": ("Doctor,ED8,level", r"row 2 of answers\.csv.*did you mean 'levels'"),
    "no map": ("Doctor,ED8,", r"under map in row 2"),
    "a contradiction": (
        "primary,ED2,levels",
        r"expected ED1 for 'primary'.*found ED2 in row 2",
    ),
    "two answers": (
        "Doctor,ED8,levels\nDoctor,ED9,levels",
        r"expected ED8.*found ED9 in row 3",
    ),
    "a wrong expression": ("/(/,ED8,levels", r"regular expression .*in row 2"),
}


@pytest.mark.parametrize(("line", "message"), LINES.values(), ids=LINES)
def test_answers_that_cannot_be_are_refused_with_their_row(
    line: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "answers.csv").write_text(f"source,code,map\n{line}\n", encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(f"{MAPPING}answers: answers.csv\n", encoding="utf-8")
    with pytest.raises(MappingError, match=message):
        read_mapping(tmp_path / "mapping.yaml")


def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "answers.xlsx").write_bytes(b"PK\x03\x04broken")
    (tmp_path / "mapping.yaml").write_text(
        f"{MAPPING}answers: answers.xlsx\n", encoding="utf-8"
    )
    with pytest.raises(
        MappingError, match=r"line 18, at answers: expected a workbook or a CSV file"
    ):
        read_mapping(tmp_path / "mapping.yaml")


def test_labels_of_several_headings_come_back_together(tmp_path: Path) -> None:
    mapping = MAPPING.replace("from: education, codes", "from: [country, education], codes")
    mapping = mapping.replace("values: {Primary", "values: {Japan | Primary: ED1, Primary")
    ask(tmp_path, mapping)
    fill_xlsx(tmp_path, {**ANSWERS, "Nippon | Tertiary": "ED5", "=Korea | Doctor": "ED8"})
    assert ask(tmp_path, f"{mapping}answers: answers.xlsx\n").exit_code == 0


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1).map(
    str.strip
)


@given(st.lists(TEXT.filter(bool), min_size=1, max_size=5))
def test_any_label_comes_back_from_the_workbook(labels: list[str]) -> None:
    rows = [[label, "?", "m"] for label in labels]
    content = form(
        "x", ("source", "code", "map"), rows, asks="code", question="?", widths=(9, 9, 9)
    )
    read = read_rows(parse("answers.xlsx", "mapping.yaml"), content)
    assert [(r.source, r.number) for r in read] == [
        (label, n) for n, label in enumerate(labels, 2)
    ]
