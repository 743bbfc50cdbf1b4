"""Files become cells: values as stored, text as displayed, marks apart, and hostile files are refused."""

# ruff: noqa: DTZ001 - spreadsheets know no time zones

import io
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from openpyxl.comments import Comment
from openpyxl.styles import Font

from ilms_sdmx import TableError
from ilms_sdmx.tables import Kind, Workbook, read_workbook


def saved(book: openpyxl.Workbook) -> Workbook:
    target = io.BytesIO()
    book.save(target)
    return read_workbook(target.getvalue(), name="t.xlsx")


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (1234567, "#,##0", "1,234,567"),
        (1234567, "#,##0,", "1,235"),
        (71, "0.0", "71.0"),
        (0.123, "0.0%", "12.3%"),
        (-5, "#,##0;(#,##0)", "(5)"),
        (0.1 + 0.2, "General", "0.3"),
        (1e15, "General", "1000000000000000"),
        (2.5, "0", "3"),
        (12, '0" persons"', "12 persons"),
        (12, '"p "0', "p 12"),
        (-12, '#,##0" *";-#,##0" r"', "-12 r"),
        (12, "_(* #,##0_);_(* \\(#,##0\\)", "12"),
        (datetime(2023, 6, 30), "[$-1070000]d/mm/yyyy", "30/06/2566"),
        (datetime(2023, 6, 30), "yyyy-mm-dd", "2023-06-30"),
        (datetime(2566, 6, 30), "dd/mm/yyyy", "30/06/2566"),
        (datetime(2023, 6, 30), "[$-D07041E]d/m/yyyy", "๓๐/๖/๒๕๖๖"),
    ],
)
def test_the_text_is_what_the_page_shows(value: object, code: str, text: str) -> None:
    book = openpyxl.Workbook()
    book.active["B2"] = value
    book.active["B2"].number_format = code
    assert saved(book)["Sheet"]["B2"].text == text


def test_numbers_are_exact_and_never_floats() -> None:
    book = openpyxl.Workbook()
    book.active.append([1.1, 211100, 0.1 + 0.2])
    assert [c.value for c in saved(book)["Sheet"]] == [
        Decimal("1.1"),
        Decimal(211100),
        Decimal("0.3"),
    ]


def test_a_raised_footnote_mark_never_becomes_part_of_a_number() -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet("S")
        raised = book.add_format({"font_script": 1})
        sheet.write_rich_string("A1", "120", raised, "1")
        sheet.write("A2", "120¹")
        sheet.write("A3", "1", raised)
        sheet.write("A4", "CO₂")
    cells = read_workbook(target.getvalue())["S"]
    assert [(c.text, c.superscript, c.subscript) for c in cells] == [
        ("120", "1", ""),
        ("120", "1", ""),
        ("", "1", ""),
        ("CO", "", "2"),
    ]
    assert cells["A1"].value == "1201"


def test_comments_merges_fonts_and_hidden_parts_are_kept() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["A1"] = "Total"
    sheet["A1"].comment = Comment("provisional", "x")
    sheet["A1"].font = Font(name="TH Sarabun New")
    sheet.merge_cells("A1:B2")
    sheet["C3"] = 5
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["D"].hidden = True
    sheet["D4"] = 6
    shut = book.create_sheet("Old")
    shut["A1"] = 1
    shut.sheet_state = "hidden"
    read = saved(book)
    cells = read["Sheet"]
    assert cells["A1"].comment == "provisional"
    assert cells["A1"].fonts == ("TH Sarabun New",)
    assert cells.filled(2, 2).address == "A1"
    assert cells.at(2, 2).kind is Kind.EMPTY
    assert [c.address for c in cells if cells.is_hidden(c.row, c.column)] == ["C3", "D4"]
    assert [f.rule for f in read.findings] == ["hidden-cells", "hidden-sheet"]


def test_a_formula_without_result_is_an_error_that_names_its_cell() -> None:
    book = openpyxl.Workbook()
    book.active["B3"] = "=SUM(B1:B2)"
    read = saved(book)
    assert read["Sheet"]["B3"].uncached
    assert [(f.rule, f.place.cell, f.read) for f in read.findings] == [
        ("formula-without-result", "B3", "=SUM(B1:B2)")
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_text_is_split_at_its_own_delimiter(delimiter: str) -> None:
    text = f'Year{delimiter}Total\n2019{delimiter}"1,234"\n2020{delimiter}7\n'
    sheet = read_workbook(text.encode())["(csv)"]
    assert [c.text for c in sheet] == ["Year", "Total", "2019", "1,234", "2020", "7"]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("ประเทศ,รวม\nญี่ปุ่น,5\n", "cp874"),
        ("ประเทศ,รวม\nญี่ปุ่น,5\n", "utf-16"),
        ("ประเทศ,รวม\nญี่ปุ่น,5\n", "utf-8-sig"),
        ("País,Total\nJapão,5\n", "cp1252"),
        ("Nước,Tổng\nNhật Bản,5\n", "utf-8"),
    ],
)
def test_the_encoding_is_known_from_the_bytes(text: str, encoding: str) -> None:
    read = read_workbook(text.encode(encoding))
    assert [c.text for c in read["(csv)"]] == text.replace("\n", ",").split(",")[:4]
    assert read.encoding == encoding


def test_an_encoding_that_two_readings_fit_is_asked_for() -> None:
    with pytest.raises(TableError, match="declare the encoding"):
        read_workbook(bytes([0xD2, 0xD3, 0x2C, 0xF7, 0x0A]))


def test_a_missing_file_is_a_table_error(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="cannot be read"):
        read_workbook(tmp_path / "none.xlsx")
