"""A figure that a mapping takes for a header, a label or a note is counted apart and named."""

from pathlib import Path

import pytest

from ilms_sdmx import convert
from ilms_sdmx.cli import run
from ilms_sdmx.conversion.result.conversions import Conversion
from ilms_sdmx.mapping.file.reading import parse_mapping
from tests.mappings import by_province

TABLES = """
conventions: {{decimal: ".", group: ","}}
notes: [{notes}]
tables:
  - name: t
    begin: Province
    header: {header}
    rows: [{{name: province, header: Province}}{rows}]
    columns: [{columns}]
    {read}
"""


def converted(text: str, **changed: str) -> Conversion:
    parts = {
        "notes": "Source of all",
        "header": "1",
        "rows": "",
        "columns": "measure",
        "read": "",
    }
    period = changed.pop("period", '"2021"')
    mapping = by_province(TABLES.format(**{**parts, **changed}), period)
    return convert(text.encode(), parse_mapping(mapping))


def taken(done: Conversion) -> set[str]:
    return {cell for _, cell in done.unproven}


ROWS = "Bima,644,31\nDili,318,29\n"


@pytest.mark.parametrize(
    ("first_row", "cells"),
    [
        ('Alor,"11,500 permits (46.0%)",12\n', {"B2", "C2"}),
        ("Alor,2479,-\n", {"B2"}),
        ("Alor,12,..\n", {"B2"}),
        ("Alor,1987,2004\n", {"B2", "C2"}),
        (",13101,all\n", {"B2"}),
    ],
)
def test_a_first_row_of_figures_taken_for_a_header_is_named(
    first_row: str, cells: set[str]
) -> None:
    done = converted(
        "Province,Men,Women\n" + first_row + ROWS, header="2", columns="~, measure"
    )
    assert taken(done) == cells
    assert done.exit_code > 0
    assert done.summary().endswith("without proof")
    (finding,) = done.report.of_rule("figures-as-labels")
    assert all(cell in finding.affects for cell in cells)


def test_years_in_no_order_are_no_header() -> None:
    done = converted(
        "Province,2479,1987,2510\nBima,1,2,3\n", columns="year", period="{period: year}"
    )
    assert taken(done) == {"B1", "C1", "D1"}


@pytest.mark.parametrize(
    "head",
    ["2018,2019", "2019,2018", "2018,2018", "2561,2562", "(1),(2)", "1,2", "15,16", "Men,2020"],
)
def test_years_and_numbers_of_columns_stay_labels(head: str) -> None:
    assert taken(converted(f"Province,{head}\n{ROWS}")) == set()


def test_numbers_that_the_mapping_names_are_labels() -> None:
    text = "Province,Men,Women\n,21450,all\n" + ROWS
    read = 'read: {labels: {measure: ["21450", all]}}'
    assert taken(converted(text, header="2", columns="~, measure", read=read)) == set()


def test_a_label_column_of_figures_that_nothing_reads_is_named() -> None:
    text = "Province,Year,Staff,Nurses\nAlor,x,47,5\nBima,x,men only 58,7\nDili,x,1107,8\n"
    rows = ", {name: year, header: Year}, {name: staff, header: Staff}"
    assert taken(converted(text, rows=rows)) == {"C2", "C4"}


@pytest.mark.parametrize(
    ("head", "numbers"),
    [
        ("Ward code", ("7", "118", "25")),
        ("Ward", ("1101", "1102", "2201")),
        ("Row", ("1", "2", "3")),
        ("Kode", ("7", "118", "25")),
    ],
)
def test_codes_and_row_numbers_are_labels(head: str, numbers: tuple[str, ...]) -> None:
    names = zip(("Alor", "Bima", "Dili"), numbers, strict=True)
    text = f"Province,{head},Nurses\n" + "".join(f"{name},{n},9\n" for name, n in names)
    assert taken(converted(text, rows=f", {{name: code, header: {head}}}")) == set()


def test_a_figure_under_a_note_with_a_star_is_named() -> None:
    text = '"1,245"\nProvince,Men\nBima,644\n'
    assert taken(converted(text, notes='"*"')) == {"A1"}
    assert taken(converted(text, notes='"1,245"')) == set()
    (finding,) = converted(text, notes='"*"').report.of_rule("figure-without-proof")
    assert finding.severity == "warning"


STRICT = """
mapping: 2
notes: ["Nurses*"]
tables:
  - name: t
    begin: Province
    rows: [{name: province, header: Province}]
    columns: [year]
    PINS
codes:
  provinces: {values: {Alor: PA, Bima: PB}}
datasets:
  - dataflow: XX_OFFICE:DF_NURSES(1.0)
    components:
      REF_AREA: IDN
      FREQ: A
      PROVINCE: {from: province, codes: provinces}
      SEX: SEX_T
      TIME_PERIOD: {period: year}
      UNIT_MEASURE: PS
      UNIT_MULT: 0
"""


def strict(folder: Path, title: str, pins: str = "", *options: str) -> int:
    table = folder / "table.csv"
    table.write_text(f"{title}\nProvince,2020\nAlor,12\nBima,7\n", encoding="utf-8")
    mapping = folder / "table.yaml"
    mapping.write_text(STRICT.replace("PINS", pins), encoding="utf-8")
    return run(["convert", *options, str(table), str(mapping), "-o", str(folder / "out")])


def test_strict_stops_at_a_title_that_is_not_pinned(tmp_path: Path) -> None:
    title = "Nurses in thousands of 2020 budget"
    assert strict(tmp_path, "Nurses by year (persons)", "", "--strict") == 2
    assert not (tmp_path / "out").exists()
    pins = 'read: {texts: ["Nurses by year (persons)"]}'
    assert strict(tmp_path, "Nurses by year (persons)", pins, "--strict") == 0
    assert list((tmp_path / "out").iterdir())
    assert strict(tmp_path, title, pins, "--strict") == 2


def test_strict_stops_at_warnings_and_writes_nothing_in_part(tmp_path: Path) -> None:
    title = "Nurses (thousands)"
    assert strict(tmp_path, title) == 1
    assert list((tmp_path / "out").iterdir())
    done = convert(tmp_path / "table.csv", tmp_path / "table.yaml", strict=True)
    assert done.exit_code == 2
    assert set(done.stopping.counts) == {"multiplier-unsaid", "title-unpinned"}
    assert strict(tmp_path, title, "", "--strict", "--partial") == 3
