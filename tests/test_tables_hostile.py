"""Hostile files end in a clear error, in bounded time and memory; nothing in them is executed."""

import io
import time
import zipfile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilms_sdmx import TableError
from ilms_sdmx.findings import Severity
from ilms_sdmx.tables import read_workbook


def workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["Country", 1, 2.5])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


GOOD = workbook()
SHEET = "xl/worksheets/sheet1.xml"
HEAD = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'


def with_part(name: str, content: bytes) -> bytes:
    """The good workbook with one part replaced or added."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(GOOD)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return target.getvalue()


def refused(data: bytes, match: str) -> None:
    start = time.process_time()
    with pytest.raises(TableError, match=match):
        read_workbook(data, name="t.xlsx")
    assert time.process_time() - start < 10


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    refused(with_part("xl/media/big.bin", bytes(60_000_000)), "unpacks to")


def test_a_sheet_of_a_million_columns_is_refused() -> None:
    cells = '<c r="BDWGN1"><v>1</v></c>'
    refused(
        with_part(
            SHEET, f'{HEAD}<sheetData><row r="1">{cells}</row></sheetData></worksheet>'.encode()
        ),
        "address",
    )
    unnamed = "<c><v>1</v></c>" * 20_000
    body = f'{HEAD}<sheetData><row r="1">{unnamed}</row></sheetData></worksheet>'
    refused(with_part(SHEET, body.encode()), "outside any sheet")
    refused(b",1" * 1_000_000, "1,000,001 fields")


def test_a_huge_declared_dimension_costs_nothing() -> None:
    body = f'{HEAD}<dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1"><v>7</v></c></row>'
    body += "</sheetData>"
    body += '<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>'
    sheet = read_workbook(with_part(SHEET, body.encode())).sheets[0]
    assert (len(sheet), sheet.rows, sheet.filled(1, 9).text) == (1, 1, "7")


def test_merges_spans_and_column_descriptions_without_end_are_refused() -> None:
    merges = '<mergeCell ref="A1:B1048576"/>' * 50
    body = '<sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
    body += '<row r="1048576"><c r="B1048576"><v>1</v></c></row>'
    refused(
        with_part(SHEET, f"{HEAD}{body}</sheetData>{merges}</worksheet>".encode()), "merges"
    )
    columns = '<col min="1" max="16384" hidden="1"/>' * 500
    refused(
        with_part(SHEET, f"{HEAD}<cols>{columns}</cols></worksheet>".encode()), "more columns"
    )
    refused(
        b"<table>" + b"<tr><td colspan=1000 rowspan=1000>1</td></tr>" * 5 + b"</table>",
        "span more",
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_neither_read_from_disk_nor_multiplied(encoding: str) -> None:
    doctype = '<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    body = f'<?xml version="1.0" encoding="{encoding}"?>{doctype}{HEAD}<sheetData><row r="1">'
    body += '<c r="A1" t="str"><v>&a;</v></c></row></sheetData></worksheet>'
    refused(with_part(SHEET, body.encode(encoding)), "document type")


def test_macros_are_said_and_never_run() -> None:
    book = read_workbook(with_part("xl/vbaProject.bin", b"Shell calc"), name="t.xlsm")
    assert book.sheets[0]["A1"].text == "Country"
    assert [(f.rule, f.severity) for f in book.findings] == [("macros-not-run", Severity.NOTE)]
    assert not read_workbook(GOOD).findings


def test_a_million_cells_in_a_row_are_refused_before_they_take_memory() -> None:
    """Elements of the row alone would take 600 MB."""
    cells = "".join(f'<c r="{letters(n)}1"><v>1</v></c>' for n in range(1, 1_000_001))
    body = (
        f'<dimension ref="A1:B2"/><sheetData><row r="1">{cells}</row></sheetData></worksheet>'
    )
    refused(
        with_part(SHEET, f"{HEAD}{body}".encode()),
        "a row of 1,000,000 cells lies outside any sheet",
    )


def letters(number: int) -> str:
    """Letters of a column, however far to the right: those of no sheet too."""
    found = ""
    while number:
        number, rest = divmod(number - 1, 26)
        found = chr(65 + rest) + found
    return found


@pytest.mark.parametrize(
    "part", [SHEET, "xl/workbook.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels"]
)
def test_a_document_type_behind_a_long_comment_is_refused_in_every_part(part: str) -> None:
    entities = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    head = f'<?xml version="1.0"?><!--{"x" * 9000}--><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">{entities}]>'
    refused(with_part(part, f"{head}<r>&j;</r>".encode()), "document type")


@pytest.mark.parametrize("name", ["t.xlsx", "t.xls", "t.xlsb", "t.ods", "t.csv", "t.html"])
def test_a_document_under_the_name_of_a_workbook_is_named_for_what_it_is(name: str) -> None:
    with pytest.raises(TableError, match="is a PDF document"):
        read_workbook(b"%PDF-1.7\n%\xe2\xe3\n1 0 obj", name=name)


def test_a_workbook_with_a_password_is_said_to_have_one() -> None:
    """An encrypted .xlsx is a binary container with a stream of that name."""
    data = (
        bytes.fromhex("D0CF11E0A1B11AE1")
        + bytes(1016)
        + "EncryptedPackage".encode("utf-16-le")
        + bytes(480)
    )
    refused(data, "protected by a password")


def ods(body: str) -> bytes:
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    sheet = f'<table:table table:name="A">{body}</table:table>'
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        content = f"<office:body><office:spreadsheet>{sheet}</office:spreadsheet></office:body>"
        archive.writestr(
            "content.xml",
            f"<office:document-content{spaces}>{content}</office:document-content>",
        )
    return target.getvalue()


@pytest.mark.parametrize(
    ("down", "across"), [(1, 1_000_000), (1_000_000, 16_000), (1000, 1000)]
)
def test_repeated_cells_of_an_ods_sheet_do_not_multiply(down: int, across: int) -> None:
    repeated = f'table:number-columns-repeated="{across}"'
    cell = f'<table:table-cell office:value-type="float" office:value="1" {repeated}/>'
    row = f'<table:table-row table:number-rows-repeated="{down}">{cell}</table:table-row>'
    refused(ods(row), "more than a sheet can hold")


def test_a_formula_in_a_label_stays_text() -> None:
    assert read_workbook(b'=HYPERLINK("x"),5\n=1+1,6\n')["(csv)"]["A2"].text == "=1+1"


@pytest.mark.parametrize(
    ("part", "content", "match"),
    [
        (SHEET, b"<worksheet><row>", "damaged"),
        (
            SHEET,
            f"{HEAD}<sheetData><row><c><v>1E99999999</v></c></row></sheetData></worksheet>".encode(),
            "damaged",
        ),
        (SHEET, f'{HEAD}<sheetData><row r="x"/></sheetData></worksheet>'.encode(), "damaged"),
        (
            SHEET,
            f'{HEAD}<sheetData><row><c r="A1"><v>1..2</v></c></row></sheetData></worksheet>'.encode(),
            "number",
        ),
        (
            SHEET,
            f'{HEAD}<sheetData><row><c t="s"><v>9999</v></c></row></sheetData></worksheet>'.encode(),
            "shared",
        ),
        (
            SHEET,
            f'{HEAD}<sheetData><row><c t="d"><v>soon</v></c></row></sheetData></worksheet>'.encode(),
            "damaged",
        ),
        ("xl/styles.xml", b"<styleSheet", "damaged"),
        ("xl/workbook.xml", b"nonsense", "damaged"),
    ],
)
def test_damage_is_named(part: str, content: bytes, match: str) -> None:
    refused(with_part(part, content), match)


@given(st.integers(0, len(GOOD) - 1))
def test_a_workbook_cut_anywhere_is_refused(length: int) -> None:
    with pytest.raises(TableError):
        read_workbook(GOOD[:length], name="t.xlsx")


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for start in (b"", b"PK\x03\x04", bytes.fromhex("D0CF11E0A1B11AE1"), b"<html><table>"):
        try:
            book = read_workbook(start + data)
        except TableError:
            continue
        assert book.sha256


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
def test_a_workbook_with_one_byte_changed_is_read_or_refused(place: int, byte: int) -> None:
    try:
        book = read_workbook(GOOD[:place] + bytes([byte]) + GOOD[place + 1 :])
    except TableError:
        return
    assert all(c.text is not None for sheet in book for c in sheet)
