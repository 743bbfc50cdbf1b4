"""Tables by address, where no words tell: figures, rows and columns, cells beside figures, cells left out."""

from pathlib import Path

import openpyxl
import pytest

from ilms_sdmx import Conversion, convert
from ilms_sdmx.errors import MappingError
from ilms_sdmx.mapping import parse_mapping

TABLE = """Report of 2024;Stock/2024;;;;
;;;;;
;;M;;F;
;;2019;;2019;
Japan;JPN;10;p;12;
Korea;KOR;20;;;
Total;;30;;12;
note here;;;;;
"""
MAPPING = """mapping: 2
headings:
  - {name: what, cell: B1, text: '^(\\w+)/'}
tables:
  - name: t
    figures: C5:F6
    rows: [{name: country, column: A}, {name: code, column: B}]
    columns: [{name: sex, row: 3}, {name: year, row: 4}]
    beside: [{name: flag, right: 1}]
ignore:
  - {text: "*", cells: "A7:Z7", why: total}
notes: [note*, Report*]
codes:
  flags: {values: {p: P, "": A}}
datasets:
  - dataflow: OFFICE:DF_STOCK(1.0)
    components:
      PARTNER: {from: code}
      GENDER: {from: sex}
      WHAT: {from: what}
      OBS_STATUS: {from: flag, codes: flags}
      TIME_PERIOD: {period: year}
"""
ROWS = [
    ("JPN", "F", "Stock", "A", "2019", "12"),
    ("JPN", "M", "Stock", "P", "2019", "10"),
    ("KOR", "M", "Stock", "A", "2019", "20"),
]


def converted(folder: Path, table: str = TABLE, mapping: str = MAPPING) -> Conversion:
    (folder / "t.csv").write_text(table, encoding="utf-8")
    (folder / "m.yaml").write_text(mapping, encoding="utf-8")
    return convert(folder / "t.csv", folder / "m.yaml")


def rows(done: Conversion) -> list[tuple[str, ...]]:
    columns = ["PARTNER", "GENDER", "WHAT", "OBS_STATUS", "TIME_PERIOD", "OBS_VALUE"]
    frame = done.datasets[0].observations[columns].astype("str")
    return sorted(frame.itertuples(index=False, name=None))


def test_figures_rows_columns_flags_and_headings_have_addresses(tmp_path: Path) -> None:
    done = converted(tmp_path)
    assert [str(f) for f in done.report] == []
    assert rows(done) == ROWS
    assert done.counts["finding"] == 0


def test_figures_go_down_to_the_last_row_or_to_a_word(tmp_path: Path) -> None:
    open_ended = MAPPING.replace("C5:F6", "C5:F").replace(
        '  - {text: "*", cells: "A7:Z7", why: total}\n', ""
    )
    open_ended = open_ended.replace("ignore:\n", "").replace(
        "    beside:", "    end: Total\n    beside:"
    )
    done = converted(tmp_path, mapping=open_ended)
    assert rows(done) == ROWS
    assert {f.place.cell for f in done.report} == {"A7", "C7", "E7"}


def test_several_ranges_leave_out_what_lies_between(tmp_path: Path) -> None:
    table = TABLE.replace("Korea;", "Sum;;10;;12;\nKorea;")
    mapping = MAPPING.replace("C5:F6", "[C5:F5, C7:F7]").replace(
        '"A7:Z7"', '["A6:Z6", "A8:Z8"]'
    )
    done = converted(tmp_path, table, mapping)
    assert [str(f) for f in done.report] == []
    assert rows(done) == ROWS


def test_a_blank_column_of_figures_does_not_move_the_flags(tmp_path: Path) -> None:
    table = TABLE.replace("10;p;12", ";p;12").replace("20;;", ";;").replace("30;;12", ";;12")
    done = converted(tmp_path, table)
    assert rows(done) == ROWS[:1]
    assert not done.report.of_rule("malformed-number")


def test_addresses_where_nothing_stands_are_named(tmp_path: Path) -> None:
    done = converted(tmp_path, mapping=MAPPING.replace("C5:F6", "H5:J6"))
    (missing,) = done.report.of_rule("table-not-found")
    assert "There is nothing in H5:J6" in missing.message
    done = converted(tmp_path, mapping=MAPPING.replace("column: A", "column: Q"))
    (heading,) = done.report.of_rule("heading-not-found")
    assert "column Q" in heading.message


def test_a_table_on_many_sheets_by_pattern(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for number, name in enumerate(["2019 stock", "2020 stock", "Cover"], 1):
        sheet = book.active if number == 1 else book.create_sheet()
        sheet.title = name
        sheet["A1"], sheet["A2"], sheet["B2"] = "Any words", "Japan", number
    book.save(tmp_path / "t.xlsx")
    (tmp_path / "m.yaml").write_text(
        "mapping: 2\n"
        "headings: [{name: year, sheet: '(20..)'}]\n"
        "tables: [{name: t, sheets: '* stock', figures: B2, rows: [{name: country, column: A}]}]\n"
        "notes: [Any words]\n"
        "ignore: [{text: '*', sheets: Cover, why: cover}]\n"
        "datasets: [{dataflow: O:D, components: {COUNTRY: {from: country}, TIME_PERIOD: {period: year}}}]\n",
        encoding="utf-8",
    )
    done = convert(tmp_path / "t.xlsx", tmp_path / "m.yaml")
    assert done.exit_code == 0, [str(f) for f in done.report]
    frame = done.datasets[0].observations[["TIME_PERIOD", "OBS_VALUE"]].astype("str")
    assert sorted(frame.itertuples(index=False, name=None)) == [("2019", "1"), ("2020", "2")]


WRONG = {
    "both": (
        "figures: C5:F6",
        "figures: C5:F6\n    begin: x",
        "line 5, at tables\\[1\\]: expected the key 'begin', or 'figures'",
    ),
    "neither": (
        "    figures: C5:F6\n",
        "",
        "the key 'begin', or 'figures' where no words tell, found only name",
    ),
    "header": (
        "figures: C5:F6",
        "figures: C5:F6\n    header: 2",
        "line 7, .*no header where the figures",
    ),
    "no column": ("{name: country, column: A}", "country: A", "country"),
    "lacking column": (
        "{name: country, column: A}",
        "{name: country}",
        "expected the column of the labels",
    ),
    "no row": ("{name: sex, row: 3}", "sex", r"expected \{name, row\}"),
    "no range": ("C5:F6", "C5-F6", "expected addresses such as C6:F20"),
    "no letters": ("column: A", "column: 1", "expected the letters of a column"),
    "no row number": ("row: 3", "row: 0", "expected the number of a row"),
    "no cell": ("cell: B1", "cell: B", "expected the address of a cell"),
    "to the left": ("right: 1", "right: 0", "expected a number of columns from 1"),
}


@pytest.mark.parametrize(("old", "new", "message"), WRONG.values(), ids=WRONG)
def test_wrong_addresses_are_refused_with_their_line(old: str, new: str, message: str) -> None:
    with pytest.raises(MappingError, match=message):
        parse_mapping(MAPPING.replace(old, new, 1), "m.yaml")


def test_a_row_by_address_needs_figures_by_address() -> None:
    text = MAPPING.replace("figures: C5:F6", "begin: Japan")
    with pytest.raises(MappingError, match="expected a name"):
        parse_mapping(text)
