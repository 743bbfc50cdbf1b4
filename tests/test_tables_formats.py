"""Every format of table file gives the same kind of cells, recognised from the content."""

import io
import struct
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Font

from ilms_sdmx import TableError
from ilms_sdmx.labels.lines import label_lines
from ilms_sdmx.tables import Kind, Range, Workbook, read_workbook
from ilms_sdmx.tables.legacy.garbled import garbled
from ilms_sdmx.words.text import folded

SPECIMENS = Path(__file__).parent / "specimens" / "workbooks"

ODS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0">
<office:automatic-styles><style:style style:name="T1" style:family="text">
<style:text-properties style:text-position="super 58%"/></style:style>
<style:style style:name="ta2" style:family="table">
<style:table-properties table:display="false"/></style:style>
</office:automatic-styles>
<office:body><office:spreadsheet>
<table:table table:name="Data">
<table:table-column/><table:table-column table:visibility="collapse"/>
<table:table-row><table:table-cell table:number-columns-spanned="2" office:value-type="string">
<office:annotation><text:p>check</text:p></office:annotation>
<text:p>Total<text:s text:c="2"/>men</text:p></table:table-cell><table:covered-table-cell/></table:table-row>
<table:table-row table:number-rows-repeated="3"><table:table-cell table:number-columns-repeated="16384"/>
</table:table-row>
<table:table-row><table:table-cell office:value-type="float" office:value="1234.5"><text:p>1,234.5</text:p>
</table:table-cell><table:table-cell office:value-type="string">
<text:p>120<text:span text:style-name="T1">1</text:span></text:p></table:table-cell>
<table:table-cell office:value-type="percentage" office:value="0.123"><text:p>12.3%</text:p>
</table:table-cell>
<table:table-cell office:value-type="date" office:date-value="2023-06-30"><text:p>30/06/2566</text:p>
</table:table-cell></table:table-row></table:table>
<table:table table:name="Old" table:style-name="ta2"><table:table-row>
<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>
</table:table-row></table:table>
</office:spreadsheet></office:body></office:document-content>"""


def zipped(**parts: str | bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def ods(content: str = ODS) -> bytes:
    return zipped(
        **{"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content}
    )


def test_open_document_gives_values_texts_marks_and_spans() -> None:
    book = read_workbook(ods())
    sheet, old = book
    assert (book.format, sheet.name, old.hidden) == ("ods", "Data", True)
    assert (sheet["A1"].text, sheet["A1"].comment, sheet.merges) == (
        "Total  men",
        "check",
        (Range(1, 1, 1, 2),),
    )
    assert (sheet["A5"].value, sheet["A5"].text) == (Decimal("1234.5"), "1,234.5")
    assert (sheet["B5"].text, sheet["B5"].superscript) == ("120", "1")
    assert (sheet["C5"].text, sheet["C5"].style.format.percent) == ("12.3%", True)
    assert (sheet["D5"].kind, sheet["D5"].text) == (Kind.DATE, "30/06/2566")
    assert sheet.is_hidden(5, 2)


def test_the_old_binary_format_gives_formats_marks_and_hidden_parts() -> None:
    book = read_workbook(SPECIMENS / "old.xls")
    sheet, old = book
    assert (book.format, old.hidden) == ("xls", True)
    assert (sheet["A2"].text, sheet["A2"].superscript) == ("120", "1")
    assert [sheet[a].text for a in ("B2", "B3", "B4")] == ["1,235", "12.3%", "2023-06-30"]
    assert sheet["B2"].style.format.thousands == 1
    assert (sheet.filled(6, 2).text, sheet.is_hidden(7, 1)) == ("merged", True)


def record(kind: int, data: bytes) -> bytes:
    head = bytes([kind & 0x7F | 0x80, kind >> 7]) if kind >= 128 else bytes([kind])
    return head + bytes([len(data)]) + data


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb() -> bytes:
    """Smallest .xlsb: one sheet, a number and a text."""
    sheet = record(129, b"") + record(148, struct.pack("<4I", 0, 0, 0, 1)) + record(145, b"")
    sheet += record(0, struct.pack("<IIHBBBI", 0, 0, 300, 0, 0, 0, 0))
    sheet += record(6, struct.pack("<II", 0, 0) + wide("Total"))
    sheet += record(5, struct.pack("<IId", 1, 0, 1234.5)) + record(146, b"") + record(130, b"")
    bundle = record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("Data"))
    book = record(131, b"") + record(143, b"") + bundle + record(144, b"") + record(132, b"")
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relation = f'<Relationships xmlns="{package}"><Relationship Id="rId1" Type="{office}/%s" Target="%s"/>'
    relation += "</Relationships>"
    return zipped(
        **{
            "_rels/.rels": relation % ("officeDocument", "xl/workbook.bin"),
            "xl/workbook.bin": book,
            "xl/_rels/workbook.bin.rels": relation % ("worksheet", "worksheets/sheet1.bin"),
            "xl/worksheets/sheet1.bin": sheet,
        }
    )


def test_binary_workbooks_are_read_by_values_and_say_so() -> None:
    book = read_workbook(xlsb())
    assert (book.format, [c.value for c in book["Data"]]) == (
        "xlsb",
        ["Total", Decimal("1234.5")],
    )
    assert [f.rule for f in book.findings] == ["styles-not-read"]


PAGE = """<html><head><meta charset="utf-8"><style>td{}</style></head><body><h2>Migrants 2019</h2>
<table><tr><td><table><tr><th rowspan=2>Country</th><th colspan="2">Persons<sup>1</sup></th></tr>
<tr><th>Male</th><th>Female</th></tr><tr><td>Thai<br>land</td><td>1,234<sup>a</sup></td><td>&ndash;</td></tr>
</table></td></tr></table><p>Source: X</p><script>alert(1)</script></body></html>"""


def test_a_web_page_gives_its_table_with_spans_marks_and_the_words_around_it() -> None:
    book = read_workbook(PAGE.encode(), name="export.xls")
    sheet = book["(html)"]
    assert book.format == "html"
    assert [(c.address, c.text, c.superscript) for c in sheet] == [
        ("A1", "Migrants 2019", ""),
        ("A2", "Country", ""),
        ("B2", "Persons", "1"),
        ("B3", "Male", ""),
        ("C3", "Female", ""),
        ("A4", "Thai\nland", ""),
        ("B4", "1,234", "a"),
        ("C4", "–", ""),
        ("A6", "Source: X", ""),
    ]
    assert sheet.merges == (Range(2, 1, 3, 1), Range(2, 2, 2, 3))


def test_the_encoding_that_a_page_declares_is_used() -> None:
    page = '<html><meta charset="windows-874"><table><tr><td>ญี่ปุ่น</td></tr></table></html>'
    assert read_workbook(page.encode("cp874"))["(html)"]["A1"].text == "ญี่ปุ่น"


def test_letters_that_a_page_names_by_their_numbers_are_looked_at_too() -> None:
    letters = "".join(f"&#{ord(letter)};" for letter in "ÃÇÁÂÍ´")
    page = f"<html><body><table><tr><td>{letters}</td></tr></table></body></html>"
    assert page.isascii()
    book = read_workbook(page.encode("ascii"), name="page.html")
    assert [finding.rule for finding in book.findings] == ["wrong-encoding"]


FIXED = """
Table 4  Number of Overseas Workers by Place of Work and Sex:  2006 and 2007

==============================================================
                              2007         |        2006
Place of Work           Both   Male Female | Both  Male Female
--------------------------------------------------------------
Total                  1,747    890    857  1,515   751    764
 Africa                  1.2    2.0    0.4    1.7   3.0    0.3
  Hong Kong              6.7    1.2   12.4    7.0     -   12.9
"""


def test_columns_held_by_blanks_are_found_and_indents_kept() -> None:
    book = read_workbook(FIXED.encode(), name="t.txt")
    sheet = book.sheets[0]
    assert (book.format, sheet.columns) == ("fixed", 7)
    assert sheet["A2"].text.startswith("Table 4")
    assert [sheet.at(8, c).text for c in range(1, 8)] == [
        "Total",
        "1,747",
        "890",
        "857",
        "1,515",
        "751",
        "764",
    ]
    assert [sheet.at(r, 1).text for r in (9, 10)] == [" Africa", "  Hong Kong"]
    assert sheet["F10"].text == "-"


@pytest.mark.shared
def test_a_published_page_in_fixed_width_is_read_as_its_workbook(shared: Path) -> None:
    folder = shared / "data" / "national" / "PHL-sof-2007-table4"
    page = read_workbook(folder / "as_published.txt").sheets[0]
    book = read_workbook(folder / "SOF2007_Table4.xlsx").sheets[0]
    rows = [[c.text for c in page if c.row == r and c.column > 1] for r in range(12, 28)]
    expected = [[c.text for c in book if c.row == r and c.column > 1] for r in range(9, 25)]
    assert rows == expected


@pytest.mark.parametrize(
    ("font", "stored", "text", "severity"),
    [
        (".VnTime", "NhËt B¶n", "Nhật Bản", "note"),
        (".VnTimeH", "NhËt B¶n", "NHẬT BẢN", "note"),
        ("VNI-Times", "Nhaät Baûn", "Nhật Bản", "note"),
        (".VnTime", "Nhật Bản", "Nhật Bản", "note"),
        ("Zawgyi-One", "ပန", "ပန", "error"),
        ("Saysettha Lao", "142", "142", "error"),
        ("Limon S1", "Gaslú", "Gaslú", "error"),
    ],
)
def test_legacy_fonts_are_converted_where_certain_and_refused_where_not(
    font: str, stored: str, text: str, severity: str
) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = stored
    book.active["A1"].font = Font(name=font)
    read = saved(book)
    assert read["Sheet"]["A1"].text == text
    assert [(f.rule, f.severity) for f in read.findings] == [("legacy-font", severity)]


def saved(book: openpyxl.Workbook) -> Workbook:
    target = io.BytesIO()
    book.save(target)
    return read_workbook(target.getvalue(), name="t.xlsx")


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("ေက်ာင္း", ["legacy-text"]),
        ("ကျောင်း", []),
        ("ထိုင်းနိုင်ငံ", []),
        ("ÃÇÁÂÍ´", ["wrong-encoding"]),
        ("São João", []),
        ("Nhật Bản", []),
        ("รวมยอด", []),
    ],
)
def test_text_that_is_not_what_it_shows_is_found(text: str, rules: list[str]) -> None:
    assert [f.rule for f in read_workbook(f"{text};5\n".encode()).findings] == rules


def test_no_shipped_burmese_label_is_taken_for_zawgyi() -> None:
    burmese = [line.label for line in label_lines() if line.language == "my"]
    assert len(burmese) > 200
    assert [text for text in burmese if garbled(text)] == []


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("tcvn3", "NhËt B¶n,5".encode("latin-1")),
        ("vni", "Nhaät Baûn,5".encode("latin-1")),
        ("viscii", b"Nh\xa7t B\xe4n,5"),
    ],
)
def test_encodings_that_python_lacks_are_read_where_declared(
    encoding: str, data: bytes
) -> None:
    assert [c.text for c in read_workbook(data, encoding=encoding)["(csv)"]] == [
        "Nhật Bản",
        "5",
    ]


def test_vietnamese_of_windows_is_recognised_and_composed() -> None:
    text = "Nhâ\u0323t Ba\u0309n,Ha\u0300n Quô\u0301c\n" * 3
    book = read_workbook(text.encode("cp1258"))
    assert (book.encoding, book.findings[0].rule) == ("cp1258", "encoding-inferred")
    assert folded(book["(csv)"]["A1"].text) == "nhật bản"


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"", "is empty"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "no workbook|declare the encoding"),
        (b"PK\x03\x04 truncated", "not a whole workbook"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600), "no workbook|damaged"),
        (
            bytes.fromhex("D0CF11E0A1B11AE1") + "EncryptedPackage".encode("utf-16-le"),
            "password",
        ),
        (zipped(**{"word/document.xml": "<a/>"}), "text document"),
        (zipped(**{"a.txt": "x"}), "no workbook part"),
        (b"<?xml version='1.0'?><Workbook/>", "XML or RTF"),
        (b"<html><body><p></p></body></html>", "without a table"),
    ],
)
def test_what_is_no_table_is_refused_with_the_reason(data: bytes, match: str) -> None:
    with pytest.raises(TableError, match=match):
        read_workbook(data, name="t.xlsx")
