"""Where rows and columns stand makes no difference; a spoiled figure is always found."""

import csv
import io
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ilms_sdmx import convert, example
from ilms_sdmx.conversion.result.conversions import Conversion
from ilms_sdmx.mapping import MappingDocument, read_mapping
from ilms_sdmx.tables.cells import Workbook, address
from ilms_sdmx.tables.workbooks import read_workbook

WORKBOOKS = [
    "brn-local-foreign",
    "idn-placement",
    "khm-abroad",
    "mmr-outflow",
    "mys-local-foreign",
    "phl-sof",
    "sgp-work-passes",
    "tha-abroad",
    "tha-work-permits",
    "vnm-outflow",
]


@cache
def mapping(name: str) -> MappingDocument:
    return read_mapping(example(name)[1])


@cache
def book(name: str) -> bytes:
    return example(name)[0].read_bytes()


@cache
def original(name: str) -> Conversion:
    return convert(*example(name))


def observations(done: Conversion) -> set[tuple[str, ...]]:
    return {tuple(map(str, row)) for row in done.frame().fillna("").itertuples(index=False)}


def told(done: Conversion) -> list[tuple[str, str]]:
    return sorted((f.rule, f.message) for f in done.report if f.rule != "repeated-observation")


def moved(name: str, rows: dict[str, list[int]], columns: dict[str, list[int]]) -> Workbook:
    """Workbook of an example with blank rows and columns inserted before the given ones."""
    source = openpyxl.load_workbook(io.BytesIO(book(name)), rich_text=True)
    target = openpyxl.Workbook()
    target.remove(target.active)
    for sheet in source:
        copy = target.create_sheet(sheet.title)
        down, right = shift(rows.get(sheet.title, [])), shift(columns.get(sheet.title, []))
        for cell in (c for row in sheet.iter_rows() for c in row if c.value is not None):
            made = copy.cell(down(cell.row), right(cell.column), cell.value)
            made.number_format = cell.number_format
            made.alignment = openpyxl.styles.Alignment(indent=cell.alignment.indent)
        for merge in sheet.merged_cells.ranges:
            first = address(down(merge.min_row), right(merge.min_col))
            last = address(down(merge.max_row), right(merge.max_col))
            copy.merge_cells(f"{first}:{last}")
    stream = io.BytesIO()
    target.save(stream)
    return read_workbook(stream.getvalue(), name=example(name)[0].name)


def shift(inserted: list[int]) -> Callable[[int], int]:
    return lambda number: number + sum(1 for i in inserted if i <= number)


PLACES = st.lists(st.integers(1, 30), max_size=4)


@pytest.mark.parametrize("name", WORKBOOKS)
@settings(max_examples=2)
@given(data=st.data())
def test_inserted_blank_rows_and_columns_change_nothing(name: str, data: st.DataObject) -> None:
    sheets = openpyxl.load_workbook(io.BytesIO(book(name))).sheetnames
    rows = {s: data.draw(PLACES) for s in sheets}
    columns = {s: data.draw(st.lists(st.integers(1, 9), max_size=2)) for s in sheets}
    done = convert(moved(name, rows, columns), mapping(name))
    assert observations(done) == observations(original(name))
    assert done.counts == original(name).counts
    assert told(done) == told(original(name))


SHUFFLED = {
    "khm-abroad": {
        "Sent in 2019": (3, 11),
        "Working abroad 2021": (3, 11),
        "Registration in Thailand 2017": (3, 7),
    },
    "mmr-outflow": {"FY 2016-2017": (4, 9), "Monthly 2018": (3, 14), "May 2017": (3, 8)},
    "sgp-work-passes": {"2010-2011": (3, 5), "Dec 2016-2020 (extract)": (3, 6)},
    "idn-placement": {"Penempatan": (16, 22), "Web 16-01-2015": (6, 9)},
    "vnm-outflow": {"9T-2019": (4, 11)},
    "tha-work-permits": {"T-2.18": (10, 13)},
    "mys-local-foreign": {"Jawapan": (5, 10)},
    "brn-local-foreign": {"1 April 2024": (4, 7)},
}


@pytest.mark.parametrize("name", SHUFFLED)
@pytest.mark.parametrize("seed", [1])
def test_shuffled_rows_change_nothing(name: str, seed: int) -> None:
    source = openpyxl.load_workbook(io.BytesIO(book(name)), rich_text=True)
    chance = random.Random(seed)
    for title, (first, last) in SHUFFLED[name].items():
        sheet = source[title]
        lines = [[c.value for c in row] for row in sheet.iter_rows(first, last)]
        formats = [[c.number_format for c in row] for row in sheet.iter_rows(first, last)]
        order = chance.sample(range(len(lines)), len(lines))
        for row, number in zip(sheet.iter_rows(first, last), order, strict=True):
            for cell, value, shown in zip(row, lines[number], formats[number], strict=True):
                cell.value, cell.number_format = value, shown
    stream = io.BytesIO()
    source.save(stream)
    done = convert(read_workbook(stream.getvalue(), name=example(name)[0].name), mapping(name))
    assert observations(done) == observations(original(name))
    assert done.counts == original(name).counts


def figures(name: str) -> list[tuple[str, str, str]]:
    """Sheet, cell and bucket of every cell that holds a figure."""
    rows = original(name).provenance.drop_duplicates(["sheet", "cell"])
    rows = rows[~rows["bucket"].isin(["label", "note", "ignore"]) & (rows["text"] != "")]
    return list(rows[["sheet", "cell", "bucket"]].itertuples(index=False, name=None))


SPOILS = ["{}x", "{} ,00", "58.44.1", "#", "n.k.", "1,23,4", "{}  {}"]


@pytest.mark.parametrize("name", WORKBOOKS)
def test_a_spoiled_figure_is_never_written_and_always_said(name: str) -> None:
    """Every third figure spoiled, each in one of several ways: all are findings, none an observation."""
    source = openpyxl.load_workbook(io.BytesIO(book(name)), rich_text=True)
    spoiled = {}
    for number, (sheet, cell, _) in enumerate(
        figures(name)[:: 5 if name in ("phl-sof", "tha-work-permits") else 1]
    ):
        text = SPOILS[number % len(SPOILS)].format(*[str(source[sheet][cell].value)] * 2)
        source[sheet][cell].value = text
        spoiled[sheet, cell] = text
    stream = io.BytesIO()
    source.save(stream)
    done = convert(read_workbook(stream.getvalue(), name="spoiled.xlsx"), mapping(name))
    said = {(f.place.sheet, f.place.cell) for f in done.report.of_rule("malformed-number")}
    for finding in done.report.of_rule("malformed-number"):
        # What one line of the conventions mends is one finding with its cells.
        cells = str(finding.fields.get("cells", "")).split(", ")
        said |= {(finding.place.sheet, cell) for cell in cells}
    rows = done.provenance.set_index(["sheet", "cell"])
    for place, text in spoiled.items():
        row = rows.loc[[place]].iloc[0]
        assert place in said, (place, text)
        assert row["bucket"] == "finding", (place, text)
        assert row["OBS_VALUE"] == "", (place, text)
        assert row["text"] == text


@pytest.mark.parametrize("name", ["khm-abroad", "tha-work-permits", "idn-placement", "phl-sof"])
def test_a_digit_changed_in_a_checked_table_is_found(name: str) -> None:
    """Where sums or percents touch a figure, a plausible but wrong one is found by them."""
    source = openpyxl.load_workbook(io.BytesIO(book(name)), rich_text=True)
    kinds = ("observation", "total") if name != "phl-sof" else ("percent", "total")
    chosen = [f for f in figures(name) if f[2] in kinds and touched(name, f[0], f[1])][::9]
    assert chosen
    for sheet, cell, _ in chosen:
        before = source[sheet][cell].value
        source[sheet][cell].value = changed(before)
        stream = io.BytesIO()
        source.save(stream)
        source[sheet][cell].value = before
        done = convert(read_workbook(stream.getvalue(), name="changed.xlsx"), mapping(name))
        assert told(done) != told(original(name)), (sheet, cell)


def touched(name: str, sheet: str, cell: str) -> bool:
    """Whether the table of a cell has a check that it takes part in."""
    row = original(name).provenance.query("sheet == @sheet and cell == @cell").iloc[0]
    if name == "khm-abroad":
        return sheet != "Working abroad 2021"
    if name == "idn-placement":
        return row["rule"].startswith(("sector", "web"))
    if name == "phl-sof":
        return cell[0] in "BC"  # elsewhere a part is missing, so that the sum says little
    return True


def changed(value: object) -> object:
    if isinstance(value, str):
        return value[:-1] + ("1" if value[-1] != "1" else "2")
    return value + 7


def test_a_table_from_several_sheets_by_pattern_takes_the_year_from_their_names(
    tmp_path: Path,
) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for year in (2019, 2020, 2021):
        sheet = book.create_sheet(f"Table {year}")
        for line in (
            ["Country", "Men", "Women", "Total"],
            ["Japan", 1, 2, 3],
            ["Qatar", 4, 5, 9],
            ["Total", 5, 7, 12],
        ):
            sheet.append(line)
    book.save(tmp_path / "years.xlsx")
    (tmp_path / "mapping.yaml").write_text(LONG, encoding="utf-8")
    done = convert(tmp_path / "years.xlsx", tmp_path / "mapping.yaml")
    assert done.exit_code == 0, [str(f) for f in done.report]
    assert (
        done.summary()
        == "48 cells: 12 observations, 15 totals (all agree), 21 labels, 0 unexplained"
    )
    frame = done.datasets[0].observations
    assert sorted(frame["TIME_PERIOD"].unique()) == ["2019", "2020", "2021"]
    assert len(frame) == 27


LONG = """
mapping: 2
conventions: {languages: [en]}
headings:
  - {name: year, sheet: '(\\d{4})'}
tables:
  - name: countries
    sheets: Table *
    begin: Country
    rows: [{name: country, header: Country}]
    columns: [sex]
    rules:
      - {where: {country: Total}, bucket: total}
      - {where: {sex: Total}, bucket: total}
    checks:
      - total: {country: Total}
      - total: {sex: Total}
codes:
  sexes: {codelist: CL_SEX, prefix: SEX_, match: true}
  countries: {codelist: CL_CDS, prefix: CDS_DES_, match: true}
datasets:
  - dataflow: ILO:DF_EMP_MNAO_SEX_CDS_NB
    components:
      REF_AREA: IDN
      FREQ: A
      MEASURE: EMP_MNAO_NB
      SEX: {from: sex, codes: sexes}
      CDS: {from: country, codes: countries}
      TIME_PERIOD: {period: year}
      UNIT_MULT: 3
"""


def test_tables_side_by_side_are_two_tables(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    lines = [
        ["Country", "2019", None, "Nationality", "2019"],
        ["Japan", 1, None, "Thai", 10],
        ["Total", 1, None, "Total", 10],
    ]
    for line in lines:
        sheet.append(line)
    book.save(tmp_path / "two.xlsx")
    text = LONG.replace("headings:\n  - {name: year, sheet: '(\\d{4})'}\n", "")
    table = """tables:
  - {name: left, begin: Country, rows: [{name: country, header: Country}], columns: [year]}
  - {name: right, begin: Nationality, rows: [{name: country, header: Nationality}], columns: [year]}
"""
    start, end = text.index("tables:"), text.index("codes:")
    text = (
        text[:start]
        + table
        + text[end:].replace("SEX: {from: sex, codes: sexes}", "SEX: SEX_T")
    )
    text = text.replace("    components:", "    tables: [left]\n    components:")
    (tmp_path / "mapping.yaml").write_text(text, encoding="utf-8")
    done = convert(tmp_path / "two.xlsx", tmp_path / "mapping.yaml")
    assert len(done.datasets[0]) == 2
    assert done.report.counts == {"not-taken": 1}


def test_a_heading_over_several_columns_repeats_where_it_is_not_merged(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for line in (
        ["Country", 2019, None, 2020, None],
        [None, "Men", "Women", "Men", "Women"],
        ["Japan", 1, 2, 3, 4],
    ):
        sheet.append(line)
    book.save(tmp_path / "years.xlsx")
    text = LONG.replace("headings:\n  - {name: year, sheet: '(\\d{4})'}\n", "")
    table = """tables:
  - name: t
    begin: Country
    header: 2
    rows: [{name: country, header: Country}]
    columns: [year, sex]
    fill_columns: [year]
"""
    text = text[: text.index("tables:")] + table + text[text.index("codes:") :]
    (tmp_path / "mapping.yaml").write_text(text, encoding="utf-8")
    frame = convert(tmp_path / "years.xlsx", tmp_path / "mapping.yaml").datasets[0].observations
    keys = frame[["TIME_PERIOD", "SEX", "OBS_VALUE"]].astype("str").to_numpy().tolist()
    assert keys == [
        ["2019", "SEX_M", "0.001"],
        ["2019", "SEX_F", "0.002"],
        ["2020", "SEX_M", "0.003"],
        ["2020", "SEX_F", "0.004"],
    ]


def test_two_tables_may_fill_one_dataflow_and_keys_that_meet_are_settled(
    tmp_path: Path,
) -> None:
    lines = "Country,2019\nJapan,1\nQatar,5\nNationality,2020,\nJapan,2\nKuwait,7\n"
    (tmp_path / "two.csv").write_text(lines, encoding="utf-8")
    text = LONG.replace("headings:\n  - {name: year, sheet: '(\\d{4})'}\n", "")
    table = """tables:
  - {name: upper, begin: Country, rows: [{name: country}], columns: [year]}
  - {name: lower, begin: Nationality, rows: [{name: country}], columns: [year]}
"""
    text = text[: text.index("tables:")] + table + text[text.index("codes:") :]
    start = text.index("datasets:")
    one = (
        text[start:]
        .replace("datasets:\n", "")
        .replace("SEX: {from: sex, codes: sexes}", "SEX: SEX_T")
    )
    upper = one.replace("    components:", "    tables: [upper]\n    components:")
    lower = one.replace("    components:", "    tables: [lower]\n    components:")
    (tmp_path / "mapping.yaml").write_text(
        text[:start] + "datasets:\n" + upper + lower, encoding="utf-8"
    )
    done = convert(tmp_path / "two.csv", tmp_path / "mapping.yaml")
    assert [len(d) for d in done.datasets] == [4]
    (tmp_path / "two.csv").write_text(lines.replace("2020", "2019"), encoding="utf-8")
    done = convert(tmp_path / "two.csv", tmp_path / "mapping.yaml")
    assert [len(d) for d in done.datasets] == [2]
    assert done.report.counts == {"conflicting-observations": 1}
    assert (done.provenance.query("text == '1'")["dataflow"] == "").all()


def test_a_malformed_figure_is_told_of_and_not_called_unexplained() -> None:
    workbook, mapping = example("phl-emigrants")
    data = workbook.read_bytes().replace(b'"2,752"', b'"2,7 52"', 1)
    done = convert(data, mapping)
    assert done.summary().endswith("1 only in findings, 0 unexplained")
    assert done.unexplained == 0
    assert sum(done.counts.values()) == 570


def test_figures_that_no_data_set_could_take_are_counted_apart() -> None:
    workbook, mapping = example("phl-emigrants")
    done = convert(workbook.read_bytes().replace(b"CANADA", b"ATLANTIS", 1), mapping)
    assert "460 observations (42 not written), 54 totals (all agree), " in done.summary()
    assert done.not_written == {"observation": 42}
    rows = done.provenance
    bare = rows[(rows["bucket"] == "observation") & (rows["dataflow"] == "")]
    assert done.refused == set(bare[["sheet", "cell"]].itertuples(index=False, name=None))
    assert len(done.datasets[0]) == 504 - 42


def test_totals_that_no_data_set_could_take_are_counted_apart_though_they_agree() -> None:
    workbook, mapping = example("phl-emigrants")
    done = convert(workbook.read_bytes().replace(b"TOTAL", b"TOTALS", 1), mapping)
    assert "not written" in done.summary()
    assert sum(done.not_written.values()) + len(done.datasets[0]) == 504


@pytest.mark.parametrize("name", [*WORKBOOKS, "phl-emigrants"])
def test_of_a_clean_conversion_nothing_is_left_unwritten(name: str) -> None:
    """Though some data sets leave labels out, and take totals that others do not."""
    done = original(name)
    assert done.not_written == {}
    assert "not written" not in done.summary()


def test_a_figure_that_one_data_set_refuses_and_another_takes_is_written(
    tmp_path: Path,
) -> None:
    """An office's own breakdown beside ILO's: the label is said, and no figure is lost."""
    (tmp_path / "one.csv").write_text("Country,2019\nJapan,1\nAtlantis,5\n", encoding="utf-8")
    table = "tables:\n  - {name: t, begin: Country, rows: [{name: country}], columns: [year]}\n"
    text = LONG.replace("headings:\n  - {name: year, sheet: '(\\d{4})'}\n", "")
    text = text[: text.index("tables:")] + table + text[text.index("codes:") :]
    text = text.replace("SEX: {from: sex, codes: sexes}", "SEX: SEX_T")
    own = "  own: {values: {Japan: JPN, Atlantis: ATL}}\ndatasets:"
    flow = (
        "  - {dataflow: 'TH_DOE:DF_T(1.0)', components: {COUNTRY: {from: country, codes: own}, "
    )
    text = text.replace("datasets:", own) + flow + "TIME_PERIOD: {period: year}}}\n"
    (tmp_path / "mapping.yaml").write_text(text, encoding="utf-8")
    done = convert(tmp_path / "one.csv", tmp_path / "mapping.yaml")
    assert done.report.counts == {"unknown-label": 1}
    assert [len(d) for d in done.datasets] == [1, 2]
    assert done.not_written == {}


@given(seed=st.integers(0, 1000), blanks=st.lists(st.integers(1, 45), max_size=4))
@settings(max_examples=5)
def test_shuffled_and_blank_rows_change_nothing_in_text_either(
    seed: int, blanks: list[int]
) -> None:
    """Years of the Philippine table in any order, with blank lines and a blank column between."""
    workbook, mapping = example("phl-emigrants")
    head, *lines = list(csv.reader(workbook.read_text(encoding="utf-8").splitlines()))
    random.Random(seed).shuffle(lines)
    for place in blanks:
        lines.insert(min(place, len(lines)), [""] * len(head))
    stream = io.StringIO()
    csv.writer(stream).writerows([[*row[:3], "", *row[3:]] for row in [head, *lines]])
    done = convert(stream.getvalue().encode(), mapping)
    assert observations(done) == observations(original("phl-emigrants"))
    assert done.counts == original("phl-emigrants").counts
    assert told(done) == told(original("phl-emigrants"))
