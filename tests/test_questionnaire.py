"""Questionnaires: what is filled in comes back, and what a person does wrong is told with its cell."""

from __future__ import annotations

import html
import io
import random
import re
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter, range_boundaries

from ilms_sdmx import (
    Dataset,
    FormTable,
    MappingError,
    StructureError,
    TableError,
    describe_form,
    fill_questionnaire,
    foreign_table,
    form_table,
    form_tables,
    read_layout,
    read_questionnaire,
    validate,
    write_questionnaire,
)
from ilms_sdmx.database import Database
from ilms_sdmx.outputs.questionnaire.stored import figures_of_database
from ilms_sdmx.structures.constraints import allowed
from ilms_sdmx.structures.output import to_bytes
from tests.questionnaires import blank, dataset, figures

#: All tables, in both variants.
TABLES = form_tables("THA", "2025")
SUMS = {"sex-sum", "classification-sum", "status-sum", "partner-sum", "parts-exceed-total"}


def in_order(data: Dataset) -> pd.DataFrame:
    names = list(data.components.dimensions)
    return data.observations.sort_values(names).reset_index(drop=True)


def test_the_questionnaire_asks_the_tables_of_the_ilo() -> None:
    assert len(TABLES) == 35
    assert (
        len({table.sheet.rpartition(" ")[0] for table in TABLES if "MST" in table.sheet}) == 10
    )
    assert [table.sheet for table in form_tables("LAO", "2024", tables=["MNA 1", "mst_5"])] == [
        "MST 5 birth",
        "MST 5 citizenship",
        "MNA 1",
    ]
    with pytest.raises(StructureError, match="MST_1, MST_2"):
        form_tables("LAO", "2024", tables=["MST 99"])
    with pytest.raises(StructureError, match="birth, citizenship, both"):
        form_tables("LAO", "2024", variant="parents")
    with pytest.raises(StructureError, match="'JJJ'"):
        form_tables("JJJ", "2024")


def test_an_empty_form_has_no_figures_and_nothing_wrong() -> None:
    filled = read_questionnaire(blank(TABLES[:3]))
    assert filled.datasets == ()
    assert {finding.rule for finding in filled.report} == {"form-empty"}
    assert set(filled.cells["bucket"]) == {"form", "field"}


#: One table of each shape; the full run takes all.
SHAPES = {
    "MST 1 birth",
    "MST 5 citizenship",
    "MST 10 birth",
    "MFL 1 birth",
    "MFL 3 birth",
    "MNA 1",
}


@pytest.mark.parametrize(
    "table",
    [
        pytest.param(
            table, id=table.sheet, marks=() if table.sheet in SHAPES else pytest.mark.slow
        )
        for table in TABLES
    ],
)
def test_a_right_form_gives_back_its_figures_and_no_finding(table) -> None:  # type: ignore[no-untyped-def]
    data = figures(table, random.Random(3), decimals=2)
    filled = fill_questionnaire(blank([table]), data)
    assert not filled.report.findings
    assert filled.written == len(data)
    back = read_questionnaire(filled.content)
    assert not back.report.findings
    pd.testing.assert_frame_equal(in_order(data), in_order(back.datasets[0]))
    assert not SUMS & {finding.rule for finding in validate(back.datasets[0])}


words = (
    st.text(
        st.characters(codec="utf-8", categories=("L", "M", "N", "P", "Zs")),
        min_size=1,
        max_size=20,
    )
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)


@st.composite
def observed(draw: st.DrawFn) -> Dataset:
    """Any figures of any table of the form, with any of its codes and attributes."""
    table = draw(st.sampled_from(TABLES))
    source = draw(words)
    statuses = st.sampled_from([None, "P", "E", "C", "B"])
    notes = st.sampled_from([None, "a note", "Data reference period: 2025"])
    observations = []
    keys = st.one_of(st.sampled_from(cells_of(table)), keys_of(table))
    for key in draw(st.lists(keys, min_size=1, max_size=24, unique_by=lambda key: str(key))):
        value = draw(st.none() | st.decimals(0, 10**9, places=draw(st.integers(0, 3))))
        observations.append(
            {
                **table.fixed,
                **key,
                "OBS_VALUE": None if value is None else format(value, "f"),
                "OBS_STATUS": draw(statuses),
                "NOTE_SOURCE": draw(notes),
                "NOTE_CLASSIF": draw(notes),
                "UNIT_MULT": draw(st.sampled_from(["3", "0"])),
                "SOURCE": source,
            }
        )
    return dataset(table, observations)


def cells_of(table: FormTable) -> list[dict[str, str]]:
    """Codes of each cell of the form that is for one class."""
    rows = [row for row in table.rows if not row.is_picked]
    return [in_key_order({**r.codes, **c.codes}) for r in rows for c in table.columns]


def keys_of(table: FormTable) -> st.SearchStrategy[dict[str, str]]:
    """Codes of any class that the dataflow may have, whether or not the form asks it."""
    known = allowed(table.dataflow)
    free = {**table.rows[0].codes, **table.columns[0].codes}
    codes = {name: st.sampled_from(sorted(known[name])) for name in free}
    return st.fixed_dictionaries(codes).map(in_key_order)


def in_key_order(codes: dict[str, str]) -> dict[str, str]:
    return dict(sorted(codes.items()))


@settings(max_examples=25)
@given(observed())
def test_what_is_filled_in_comes_back(data: Dataset) -> None:
    table = next(table for table in TABLES if table.full_id == data.dataflow)
    filled = fill_questionnaire(blank([table]), data)
    assert filled.written == len(data)
    back = read_questionnaire(filled.content)
    if len(data):
        pd.testing.assert_frame_equal(in_order(data), in_order(back.datasets[0]))
    else:
        assert back.datasets == ()


@pytest.mark.parametrize(
    "tables", [TABLES[::5], pytest.param(TABLES, marks=pytest.mark.slow)], ids=["some", "all"]
)
def test_tables_come_back_from_one_form_as_they_are_in_the_database(
    tables: list[FormTable],
) -> None:
    chance = random.Random(7)
    data = []
    for table in tables:
        known = allowed(table.dataflow)
        free = sorted({**table.rows[0].codes, **table.columns[0].codes})
        keys = {tuple(chance.choice(sorted(known[name])) for name in free) for _ in range(12)}
        third = {name: sorted(known[name])[-1] for name in free} | {"SEX": "SEX_O"}
        keys.add(tuple(third[name] for name in free))
        observations = []
        for key in sorted(keys):
            codes = dict(zip(free, key, strict=True))
            value = f"{chance.randint(0, 10**7) / 1000:.3f}"
            observations.append({**table.fixed, **codes, "OBS_VALUE": value})
        data.append(dataset(table, observations))
    with TemporaryDirectory() as folder:
        database = Database(folder)
        database.add(data, "office", at="2026-01-01")
        form = blank(tables)
        filled = fill_questionnaire(form, figures_of_database(form, folder))
        assert not filled.report.findings
        assert filled.written == sum(map(len, data))
        back = read_questionnaire(filled.content)
        again = database.add(list(back.datasets), "office", at="2026-02-01")
    assert (again.added, again.changed, again.removed) == (0, 0, 0)
    assert "Other figures" in set(back.datasets[0].provenance["sheet"])  # type: ignore[index]


@settings(max_examples=4)
@given(observed())
def test_what_goes_from_the_database_into_a_form_comes_back_as_it_was(data: Dataset) -> None:
    table = next(table for table in TABLES if table.full_id == data.dataflow)
    with TemporaryDirectory() as folder:
        database = Database(folder)
        database.add(data, "office", at="2026-01-01")
        form = blank([table])
        filled = fill_questionnaire(form, figures_of_database(form, folder))
        back = read_questionnaire(filled.content).datasets
        again = database.add(list(back), "office", at="2026-02-01")
    assert (again.added, again.changed, again.removed) == (0, 0, 0)


def test_every_cell_of_a_filled_form_is_accounted_for() -> None:
    table = form_table("POP_MNAS_SEX_CRS_NB", "PHL", "2024")
    data = figures(table, random.Random(1))
    content = fill_questionnaire(blank([table]), data).content
    cells = read_questionnaire(content).cells
    counted = cells["bucket"].value_counts()
    assert counted["observation"] == len(data)
    book = openpyxl.load_workbook(io.BytesIO(content))
    not_empty = sum(
        cell.value not in (None, "")
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
    )
    assert len(cells) == not_empty


def test_lists_of_a_form_are_printed_as_far_as_they_are_filled() -> None:
    content = blank([form_table("POP_MNAS_SEX_CRS_NB", "PHL", "2024")])
    book = openpyxl.load_workbook(io.BytesIO(content))
    # An area would cut a long list, or fill thousands of empty pages.
    for name in ("Remarks", "Other figures"):
        assert not book[name].print_area
    assert book["MNA 1"].print_area


def test_lines_that_nobody_has_come_to_put_nothing_on_paper() -> None:
    """Programs print colours and borders of empty cells; lines come as those above are filled."""
    content = blank([form_table("POP_MNAS_SEX_CRS_NB", "PHL", "2024")])
    book = openpyxl.load_workbook(io.BytesIO(content))
    for name in ("Remarks", "Other figures"):
        sheet = book[name]
        visible = [
            row[0].row
            for row in sheet.iter_rows(min_row=4)
            if any(cell.fill.fill_type or cell.border.top.style for cell in row)
        ]
        assert visible == list(range(4, 24))
        assert not any(cell.protection.locked for cell in sheet[403])
        formulas = [
            rule.formula for rules in sheet.conditional_formatting for rule in rules.rules
        ]
        assert any("COUNTA($A23:" in formula for (formula,) in formulas)


@pytest.mark.parametrize("previous", [False, True])
@pytest.mark.parametrize("table", TABLES[::17], ids=lambda table: table.sheet)
def test_paper_shows_the_help_of_a_field_whole_or_not_at_all(
    table: FormTable, previous: bool
) -> None:
    form = io.BytesIO()
    last_year = {**table.fixed, "TIME_PERIOD": "2024"}
    codes = {**table.rows[0].codes, **table.columns[0].codes}
    before = dataset(table, [{**last_year, **codes, "OBS_VALUE": "1"}])
    write_questionnaire([table], form, previous=[before] if previous else ())
    sheet = openpyxl.load_workbook(form)[table.sheet]
    last = range_boundaries(sheet.print_area.rpartition("!")[2])[2]
    for field in table.fields:
        (found,) = [
            cell for row in sheet.iter_rows() for cell in row if cell.value == field.help
        ]
        letters = [get_column_letter(n) for n in range(found.column, last + 1)]
        room = sum(sheet.column_dimensions[letter].width for letter in letters)
        assert found.column > last or room >= len(field.help)


@pytest.mark.parametrize(
    ("language", "heading", "row"),
    [("th", "Female\nหญิง", "ออสเตรเลีย"), ("fr", "Female\nFemmes", "Australie")],
)
def test_names_of_the_office_are_next_to_the_english_ones(
    language: str, heading: str, row: str
) -> None:
    (table,) = form_tables("PHL", "2024", tables=["MNA 3"], language=language)
    form = io.BytesIO()
    write_questionnaire([table], form)
    sheet = openpyxl.load_workbook(form)["MNA 3"]
    texts = {cell.value for line in sheet.iter_rows() for cell in line}
    assert {heading, row} <= texts
    data = figures(table, random.Random(2))
    back = read_questionnaire(fill_questionnaire(form.getvalue(), data).content)
    assert not back.report.findings
    assert len(back.datasets[0]) == len(data)


def test_english_is_not_written_twice() -> None:
    (table,) = form_tables("PHL", "2024", tables=["MNA 3"], language="en")
    assert table == form_tables("PHL", "2024", tables=["MNA 3"])[0]


def test_a_form_keeps_the_limits_of_excel() -> None:
    """What a schema does not know and Excel refuses when it opens a file."""
    with zipfile.ZipFile(io.BytesIO(blank(TABLES))) as form:
        book = form.read("xl/workbook.xml").decode()
        names = re.findall(r'<sheet name="([^"]+)"', book)
        assert len(names) == len({name.casefold() for name in names})
        assert max(map(len, names)) <= 31
        for part in form.namelist():
            if not part.startswith("xl/worksheets/sheet"):
                continue
            xml = form.read(part).decode()
            for formula in re.findall(r"<f>(.*?)</f>", xml, re.DOTALL):
                assert len(html.unescape(formula)) <= 8192
            for listed in re.findall(r"<formula1>(.*?)</formula1>", xml, re.DOTALL):
                assert len(html.unescape(listed)) <= 255
            for prompt in re.findall(r' prompt="([^"]*)"', xml):
                assert len(html.unescape(prompt)) <= 255


def test_more_countries_than_rows_to_choose_go_to_the_full_list() -> None:
    table = form_table("POP_MNAS_SEX_CRS_NB", "PHL", "2024")
    for countries in (3, 9):
        data = figures(table, random.Random(1), countries=countries)
        content = fill_questionnaire(blank([table]), data).content
        sheet = openpyxl.load_workbook(io.BytesIO(content))["MNA 1"]
        chosen = [sheet.cell(row, 2).value for row in range(20, 25)]
        assert (chosen[0] is not None) is (countries == 3)
        back = read_questionnaire(content).datasets[0]
        pd.testing.assert_frame_equal(in_order(data), in_order(back))


def test_what_has_no_cell_is_told_and_the_rest_is_filled() -> None:
    table = form_table("EMP_MNAO_SEX_EDU_NB", "LAO", "2024")
    data = figures(table, random.Random(1))
    extra = data.observations.iloc[:2].assign(TIME_PERIOD="2023")
    other = data.observations.iloc[:1].assign(EDU="EDU_ISCED11_55")
    frame = pd.concat([data.observations, extra, other], ignore_index=True)
    filled = fill_questionnaire(blank([table]), Dataset(frame, data.components, data.dataflow))
    assert filled.written == len(data)
    assert [(f.case, f.fields["count"]) for f in filled.report] == [("elsewhere", 2), ("", 1)]
    assert "2023" in filled.report.findings[0].read


def test_two_sources_are_never_filled_into_one_table() -> None:
    table = form_table("EMP_MNAO_SEX_EDU_NB", "LAO", "2024")
    data = figures(table, random.Random(1))
    frame = data.observations.copy()
    frame.loc[0, "SOURCE"] = "PC - Population Census"
    filled = fill_questionnaire(blank([table]), Dataset(frame, data.components, data.dataflow))
    assert filled.written == 0
    (finding,) = filled.report
    assert (finding.rule, finding.case) == ("form-left-out", "sources")


def test_a_figure_that_is_there_is_not_written_over_unless_asked() -> None:
    table = form_table("EMP_MNAO_SEX_EDU_NB", "LAO", "2024")
    first = figures(table, random.Random(1))
    second = figures(table, random.Random(2))
    content = fill_questionnaire(blank([table]), first).content
    again = fill_questionnaire(content, second)
    assert {f.case for f in again.report} == {"occupied"}
    kept = read_questionnaire(again.content).datasets[0]
    pd.testing.assert_frame_equal(in_order(first), in_order(kept))
    over = read_questionnaire(fill_questionnaire(content, second, overwrite=True).content)
    pd.testing.assert_frame_equal(in_order(second), in_order(over.datasets[0]))


@pytest.fixture(scope="module")
def office() -> bytes:
    """Structure message of an office, with a dataflow that is none of ILMS."""
    message = to_bytes(dataflow="POP_MNAS_SEX_CRS_NB")
    for before, after in ((b'"ILO"', b'"XYZ"'), (b"POP_MNAS_SEX_CRS_NB", b"OWN_ABROAD")):
        message = message.replace(before, after)
    return message


OWN = "XYZ:DF_OWN_ABROAD(1.0)"
FIXED = {"REF_AREA": "LAO", "FREQ": "A", "MEASURE": "POP_MNAS_NB"}


def test_any_structure_has_a_form(office: bytes) -> None:
    table = foreign_table(OWN, office, FIXED, "2024")
    assert [column.labels for column in table.columns][:2] == [("Total",), ("Male",)]
    assert len(table.rows) > 200
    rows = [row for row in table.rows if row.codes["CRS"] in ("CRS_RES_THA", "CRS_RES_TOTAL")]
    chance = random.Random(2)
    observations = []
    for row in rows:
        for column in table.columns:
            codes = {**table.fixed, **row.codes, **column.codes}
            value = f"{chance.randint(1, 900)}.5"
            status = chance.choice([None, "P"])
            observations.append({**codes, "OBS_VALUE": value, "OBS_STATUS": status})
    assert table.components is not None
    frame = pd.DataFrame(observations, columns=table.components.columns, dtype="str")
    frame = frame.assign(SOURCE="Survey of migrants", NOTE_CLASSIF="a note")
    data = Dataset(frame[table.components.columns], table.components, OWN)
    form = blank([table])
    with pytest.raises(TableError, match="--structure"):
        read_questionnaire(form)
    filled = fill_questionnaire(form, data, structure=office)
    assert filled.written == len(data)
    back = read_questionnaire(filled.content, structure=office)
    assert not back.report.findings
    pd.testing.assert_frame_equal(in_order(data), in_order(back.datasets[0]))
    assert back.datasets[0].dataflow == OWN


def regions(*bodies: str) -> bytes:
    """Structure message whose constraint has some regions."""
    message = to_bytes(dataflow="POP_MNAS_SEX_CRS_NB").decode()
    start = message.index("<str:CubeRegion")
    end = message.rindex("</str:CubeRegion>") + len("</str:CubeRegion>")
    made = []
    for body in bodies:
        include, _, selections = body.partition(" ")
        keys = ""
        for selection in selections.split():
            name, _, codes = selection.partition("=")
            values = "".join(f"<com:Value>{code}</com:Value>" for code in codes.split(","))
            keys += f'<com:KeyValue id="{name}">{values}</com:KeyValue>'
        made.append(f'<str:CubeRegion include="{include}">{keys}</str:CubeRegion>')
    return (message[:start] + "".join(made) + message[end:]).encode()


@pytest.mark.parametrize(
    ("bodies", "rows", "columns"),
    [
        (
            ["true SEX=SEX_T CRS=CRS_RES_TOTAL,CRS_RES_THA", "true SEX=SEX_F CRS=CRS_RES_MYS"],
            {"CRS_RES_TOTAL", "CRS_RES_THA", "CRS_RES_MYS"},
            {"SEX_T", "SEX_F"},
        ),
        (
            ["true SEX=SEX_T,SEX_M CRS=CRS_RES_TOTAL,CRS_RES_THA", "false CRS=CRS_RES_THA"],
            {"CRS_RES_TOTAL"},
            {"SEX_T", "SEX_M"},
        ),
        (
            [
                "true SEX=SEX_T,SEX_M CRS=CRS_RES_TOTAL,CRS_RES_THA",
                "false SEX=SEX_M CRS=CRS_RES_THA",
            ],
            {"CRS_RES_TOTAL", "CRS_RES_THA"},
            {"SEX_T", "SEX_M"},
        ),
        (
            ["true REF_AREA=KHM SEX=SEX_T", "true REF_AREA=LAO SEX=SEX_M CRS=CRS_RES_THA"],
            {"CRS_RES_THA"},
            {"SEX_M"},
        ),
    ],
)
def test_a_form_has_the_rows_and_columns_in_which_its_regions_allow_a_figure(
    bodies: list[str], rows: set[str], columns: set[str]
) -> None:
    table = foreign_table("", regions(*bodies), FIXED, "2024")
    pairs = [(row.codes, column.codes) for row in table.rows for column in table.columns]
    codes = [{**table.fixed, **down, **across} for down, across in pairs]
    assert {code["CRS"] for code in codes} == rows
    assert {code["SEX"] for code in codes} == columns


def test_a_form_of_which_no_figure_is_allowed_is_refused() -> None:
    message = regions("true REF_AREA=KHM SEX=SEX_T")
    with pytest.raises(StructureError, match="allow no"):
        foreign_table("", message, FIXED, "2024")


@pytest.mark.parametrize(
    ("dataflow", "fixed", "says"),
    [
        ("XYZ:DF_OTHER(1.0)", FIXED, "DF_OTHER"),
        (OWN, {**FIXED, "CRS": "MARS"}, "'MARS' is no code of CRS"),
        (OWN, {**FIXED, "PLANET": "MARS"}, "PLANET is no dimension"),
        (OWN, {"FREQ": "A"}, "rows"),
    ],
)
def test_a_form_that_cannot_be_made_says_why(
    dataflow: str, fixed: dict[str, str], says: str, office: bytes
) -> None:
    with pytest.raises(StructureError, match=says):
        foreign_table(dataflow, office, fixed, "2024")


FOREIGN = """\
sheets:
  - sheet: Table A
    dataflow: EMP_MNAO_SEX_EDU_NB
    fixed: {REF_AREA: LAO, TIME_PERIOD: 2024}
    columns:
      C: {SEX: SEX_T}
      D: {SEX: SEX_M}
      E: {SEX: SEX_F}
    rows:
      7: {EDU: EDU_AGGREGATE_TOTAL}
      8: {EDU: EDU_AGGREGATE_LTB}
      9: {EDU: EDU_AGGREGATE_BAS}
      10: {EDU: EDU_AGGREGATE_INT}
      11: {EDU: EDU_AGGREGATE_ADV}
      12: {EDU: EDU_AGGREGATE_X}
    fields: {source: C3, multiplier: C4}
  - sheet: Table B
    dataflow: EMP_MNAO_SEX_CDS_NB
    names: A
    columns:
      B: {SEX: SEX_T}
      C: {SEX: SEX_M}
      D: {SEX: SEX_F}
    rows:
      4: {CDS: CDS_DES_TOTAL}
      5: {CDS: "?"}
      6: {CDS: "?"}
      7: {CDS: "?"}
      8: {CDS: "?"}
      9: {CDS: "?"}
      10: {CDS: CDS_DES_X}
"""


def foreign(folder: Path) -> tuple[Path, Path]:
    """Form of another maker with everything that spreadsheet libraries lose, and its layout."""
    import xlsxwriter

    path = folder / "form.xlsm"
    with xlsxwriter.Workbook(path) as book:
        (folder / "vba.bin").write_bytes(b"\xd0\xcf\x11\xe0 not really a macro")
        book.add_vba_project(str(folder / "vba.bin"))
        sheet = book.add_worksheet("Table A")
        bold = book.add_format({"bold": True, "bg_color": "#FFFF00"})
        sheet.write("A1", "Outflow of nationals for employment", bold)
        sheet.insert_textbox("G2", "Read this first")
        sheet.add_sparkline("F7", {"range": "'Table A'!C7:E7"})
        for row in range(7, 13):
            sheet.write_blank(f"D{row}", None, bold)
        sheet.write_formula("G7", "=D7+E7", None, 0)
        sheet.write_rich_string("B7", "All ", bold, "levels")
        other = book.add_worksheet("Table B")
        other.write("A4", "Total")
        other.insert_button("F2", {"caption": "Check"})
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "='Table A'!$C$7:$E$7"})
        book.add_worksheet("Notes").insert_chart("A1", chart)
    layout = folder / "layout.yaml"
    layout.write_text(FOREIGN, encoding="utf-8")
    return path, layout


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_form_of_another_program_keeps_every_other_part_byte_for_byte(tmp_path: Path) -> None:
    path, layout = foreign(tmp_path)
    layouts = read_layout(layout, area="LAO", period="2024")
    data = [
        figures(form_table(flow, "LAO", "2024"), random.Random(1), countries=5)
        for flow in ("EMP_MNAO_SEX_EDU_NB", "EMP_MNAO_SEX_CDS_NB")
    ]
    filled = fill_questionnaire(path, data, layouts=layouts)
    assert not filled.report.findings
    before, after = parts(path.read_bytes()), parts(filled.content)
    changed = {name for name in before if before[name] != after[name]}
    assert list(before) == list(after)
    assert changed == {"xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"}
    assert b"sparkline" in after["xl/worksheets/sheet1.xml"]
    back = read_questionnaire(filled.content, layouts=layouts)
    for given_, got in zip(data, back.datasets, strict=True):
        one, two = in_order(given_), in_order(got)
        pd.testing.assert_series_equal(
            one["OBS_VALUE"].astype(float), two["OBS_VALUE"].astype(float)
        )
        assert one["SEX"].tolist() == two["SEX"].tolist()


def test_a_cell_that_the_form_computes_is_not_written_over(tmp_path: Path) -> None:
    path, layout = foreign(tmp_path)
    text = FOREIGN.replace("C: {SEX: SEX_T}", "G: {SEX: SEX_T}", 1)
    layout.write_text(text, encoding="utf-8")
    layouts = read_layout(layout, area="LAO", period="2024")
    data = figures(form_table("EMP_MNAO_SEX_EDU_NB", "LAO", "2024"), random.Random(1))
    filled = fill_questionnaire(path, data, layouts=layouts)
    assert [(f.case, f.place.cell) for f in filled.report] == [("formula", "G7")]


def test_the_labels_of_a_form_draft_its_layout(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "T5"
    sheet["A1"] = "Stock of nationals abroad"
    for column, text in enumerate(("Country", "Both sexes", "Men", "Women"), start=1):
        sheet.cell(4, column, text)
    labels = [
        "Total",
        "...",
        "...",
        "...",
        "...",
        "...",
        "Other countries",
        "Note: provisional",
    ]
    for row, text in enumerate(labels, start=5):
        sheet.cell(row, 1, text)
    other = book.create_sheet("T9")
    for column, (above, below) in enumerate(
        (("Total", "Total"), (None, "Native-born"), ("Men", "Total"), (None, "Native-born")),
        start=3,
    ):
        other.cell(2, column, above)
        other.cell(3, column, below)
    other.merge_cells("C2:D2")
    other.merge_cells("E2:F2")
    for row, text in enumerate(
        ("Total", "Agriculture", "Manufacturing", "Fishing in space"), start=4
    ):
        other.cell(row, 2, text)
    book.save(tmp_path / "form.xlsx")
    tables = {"T5": "POP_MNAS_SEX_CRS_NB", "T9": "EMP_TEMP_SEX_ECO_CBR_NB"}
    text = describe_form(tmp_path / "form.xlsx", tables, area="LAO", period="2024")
    layout = tmp_path / "layout.yaml"
    layout.write_text(text, encoding="utf-8")
    first, second = read_layout(layout)
    assert dict(first.columns) == {
        2: {"SEX": "SEX_T"},
        3: {"SEX": "SEX_M"},
        4: {"SEX": "SEX_F"},
    }
    assert [codes["CRS"] for codes in first.rows.values()] == [
        "CRS_RES_TOTAL",
        *"?????",
        "CRS_RES_X",
    ]
    assert second.columns[6] == {"SEX": "SEX_M", "CBR": "CBR_BIR_NATIVE"}
    assert second.rows[6] == {"ECO": "ECO_AGGREGATE_MAN"}
    data = figures(form_table("POP_MNAS_SEX_CRS_NB", "LAO", "2024"), random.Random(1))
    filled = fill_questionnaire(tmp_path / "form.xlsx", data, layouts=[first])
    assert filled.written == len(data)
    with pytest.raises(TableError, match="no sheet 'T6'"):
        describe_form(tmp_path / "form.xlsx", {"T6": "MNA_TPOP"}, area="LAO", period="2024")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("sheets: 3", "expected a list `sheets:`"),
        ("[", "expected a YAML file"),
        ("sheets: [{sheet: A}]", "sheet 1: columns, dataflow, rows is missing"),
        (FOREIGN.replace("names: A", "title: A"), "sheet 2: title is not a word of a layout"),
        (FOREIGN.replace("names: A", "names: 7"), "expected the letter of a column"),
        (FOREIGN.replace("EDU: EDU_AGGREGATE_LTB", "EDD: X"), "row 8: EDD is no dimension"),
        (FOREIGN.replace("source: C3", "survey: C3"), "survey is no field"),
        (FOREIGN.replace("C3", "here"), "expected a cell such as D7"),
        (FOREIGN.replace("SEX_EDU", "SEX_UDE"), "sheet 1: .*nearest"),
        (
            FOREIGN.replace("fixed: {REF_AREA: LAO, TIME_PERIOD: 2024}", ""),
            "must be under `fixed:`",
        ),
    ],
)
def test_a_layout_that_is_wrong_says_where(text: str, says: str, tmp_path: Path) -> None:
    area = "" if "must be" in says else "LAO"
    path = tmp_path / "layout.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MappingError, match=says):
        read_layout(path, area=area, period="2024")


def test_a_workbook_that_is_no_form_is_refused_with_the_way_out(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "other.xlsx")
    with pytest.raises(TableError, match="--layout"):
        read_questionnaire(tmp_path / "other.xlsx")
    with pytest.raises(TableError):
        fill_questionnaire(tmp_path / "other.xlsx", [])
    with pytest.raises(TableError):
        read_questionnaire(b"PK\x03\x04 nothing")
