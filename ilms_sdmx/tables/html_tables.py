"""Tables of web pages, and of web pages that call themselves .xls.

Spans, marks, the words around.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from ilms_sdmx.errors import TableError
from ilms_sdmx.tables.addresses import MAX_COLUMNS, MAX_ROWS, Range
from ilms_sdmx.tables.cells import PLAIN, Cell, Extra, Kind, Sheet
from ilms_sdmx.tables.delimited import is_fixed_width
from ilms_sdmx.tables.fixed_width import read_fixed_width
from ilms_sdmx.tables.richtext import from_runs

#: Name of the only sheet of a page.
PAGE = "(html)"
#: Most places that the cells of a page may cover together.
MAX_SPANNED = 2_000_000
_SKIPPED = {"script", "style", "head", "noscript", "template", "svg", "object", "iframe"}
#: Elements whose text is a text by itself; a cell only where its table lays out the page and is
#: none itself.
_BLOCKS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "title", "caption", "td", "th"}
_BREAKS = {"br", "p", "div", "li"}
_HTML = re.compile(r"<\s*(?:!doctype html|html|table|body)\b", re.IGNORECASE)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
_CODECS = {
    "windows-874": "cp874",
    "tis-620": "tis-620",
    "iso-8859-11": "iso8859_11",
    "x-viet-vni": "vni",
}


def is_html(text: str) -> bool:
    """Whether a text is a web page or a table of one."""
    if not _HTML.search(text[:5000]):
        return False
    return "</" in text


def declared_charset(data: bytes) -> str:
    """Name of the encoding that a page declares, empty where it declares none."""
    head = data[:3000]
    if not re.search(rb"<\s*(?:html|meta|table|!doctype)", head, re.IGNORECASE):
        return ""
    charset = _CHARSET.search(head)
    name = ""
    if charset:
        name = charset.group(1).decode("ascii").lower()
    return _CODECS.get(name, name)


#: Blanks and line ends that count as one blank.
_BLANKS = re.compile(r"[ \t\r\n\f]+")


@dataclass(slots=True)
class _Page:
    name: str
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    merges: list[Range] = field(default_factory=list)
    row: int = 1
    spanned: int = 0

    def add(self, row: int, column: int, runs: list[tuple[str, str, str]]) -> None:
        """Put the text of runs into a cell, blanks and line ends as a browser shows them."""
        if row > MAX_ROWS or column > MAX_COLUMNS:
            place = f"a cell at row {row}, column {column}"
            raise TableError(f"{self.name}: {place} lies outside any sheet.")
        rich = from_runs(runs)
        text = _tidy(rich.base)
        if not text and not rich.superscript:
            return
        extra = Extra(rich.superscript, rich.subscript, text)
        whole = _tidy(rich.whole)
        self.cells[row, column] = Cell(row, column, whole, Kind.TEXT, PLAIN, extra)

    def add_plain(self, row: int, column: int, text: str) -> None:
        """Put a text of ASCII, in which nothing is raised, into a cell of one place."""
        if row > MAX_ROWS or column > MAX_COLUMNS or self.spanned > MAX_SPANNED:
            self.add(row, column, [(text, "", "")])
            return
        # Blanks and line ends count as one blank; no other blank is of ASCII.
        shown = _BLANKS.sub(" ", text).strip(" ")
        if shown:
            self.cells[row, column] = Cell(row, column, shown, Kind.TEXT)


def read_html(text: str, name: str) -> Sheet:
    """Sheet of a page: its tables one under another, the texts between them in column A.

    Raises
    ------
    TableError
        When the page has no table, or one that no sheet could hold.
    """
    from lxml import etree

    try:
        # The parser of lxml.html makes a class of its own of every cell that is looked at.
        parser = etree.HTMLParser(
            encoding="utf-8", no_network=True, remove_comments=True, huge_tree=False
        )
        root = etree.fromstring(text.encode("utf-8"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise TableError(f"{name} is a web page that cannot be read: {error}.") from error
    _refuse_what_was_cut(parser, name)
    if root is None:
        raise TableError(f"{name} is a web page without a table.")
    page = _Page(name)
    _walk(page, root)
    if not page.cells:
        raise TableError(f"{name} is a web page without a table.")
    cells = dict(sorted(page.cells.items()))
    return Sheet(PAGE, cells, merges=tuple(page.merges))


def _refuse_what_was_cut(parser: Any, name: str) -> None:
    """Refuse a page of which the parser has left out what goes too deep, and all behind it."""
    for problem in parser.error_log:
        if problem.type_name == "ERR_RESOURCE_LIMIT":
            depth = "elements lie in each other more than 250 deep (as tables in tables)"
            step = "save the table alone as a page or a workbook"
            raise TableError(f"{name}, line {problem.line}: {depth}: {step}.")


def _walk(page: _Page, root: Any) -> None:
    """Blocks of the page in reading order.

    Only tables without a table inside are taken for tables.
    """
    stack = [root]
    while stack:
        element = stack.pop()
        if not isinstance(element.tag, str) or element.tag in _SKIPPED:
            continue
        if element.tag == "table" and element.find(".//table") is None:
            _table(page, element)
        elif element.tag == "pre":
            _preformatted(page, element)
        elif element.tag in _BLOCKS and _is_leaf(element):
            page.add(page.row, 1, list(_runs(element)))
            page.row += 1
        else:
            stack.extend(reversed(element))


def _is_leaf(element: Any) -> bool:
    if element.find(".//table") is not None:
        return False
    return element.find(".//pre") is None


def _preformatted(page: _Page, element: Any) -> None:
    """Add the cells of a text in columns."""
    text = "".join(map(str, element.itertext()))
    if not is_fixed_width(text):
        return
    sheet = read_fixed_width(text)
    above = page.row - 1
    for cell in sheet:
        moved = replace(cell, row=above + cell.row)
        page.cells[moved.row, moved.column] = moved
    page.row += sheet.rows + 1


def _table(page: _Page, table: Any) -> None:
    for caption in table.findall("caption"):
        page.add(page.row, 1, list(_runs(caption)))
        page.row += 1
    taken: set[tuple[int, int]] = set()
    for row in table.iter("tr"):
        column = 1
        for cell in row:
            if cell.tag not in {"td", "th"}:
                continue
            while taken and (page.row, column) in taken:
                column += 1
            column = _spanned(page, cell, column, taken)
        page.row += 1
    page.row += 1


def _spanned(page: _Page, cell: Any, column: int, taken: set[tuple[int, int]]) -> int:
    """Column behind a cell, which is added with all places that it spans."""
    text = cell.text
    if not len(cell) and not cell.keys() and (text is None or text.isascii()):
        page.spanned += 1
        page.add_plain(page.row, column, text or "")
        return column + 1
    across = _span(cell, "colspan", 1000)
    down = _span(cell, "rowspan", 1000)
    runs = list(_runs(cell))
    page.add(page.row, column, runs)
    page.spanned += across * down
    if page.spanned > MAX_SPANNED:
        raise TableError(
            f"{page.name}: its cells span more than {MAX_SPANNED:,} places; that is not read."
        )
    end = column + across
    if across * down > 1:
        last_row = page.row + down - 1
        page.merges.append(Range(page.row, column, last_row, end - 1))
        rows = range(page.row, last_row + 1)
        columns = range(column, end)
        taken.update(product(rows, columns))
    return end


def _span(cell: Any, name: str, most: int) -> int:
    """Number of columns or rows that a cell spans."""
    text = str(cell.get(name, "1")).strip()
    if not text.isdigit():
        return 1
    return min(max(int(text), 1), most)


def _runs(element: Any, vertical: str = "") -> Iterator[tuple[str, str, str]]:
    inner = {"sup": "superscript", "sub": "subscript"}.get(str(element.tag), vertical)
    yield _collapsed(element.text), inner, ""
    for child in element:
        if isinstance(child.tag, str) and child.tag not in _SKIPPED:
            if child.tag in _BREAKS:
                yield "\n", inner, ""
            yield from _runs(child, inner)
        yield _collapsed(child.tail), inner, ""


def _collapsed(text: str | None) -> str:
    """Text whose blanks and line ends count as one blank; no-break spaces stay."""
    return _BLANKS.sub(" ", text or "")


def _tidy(text: str) -> str:
    lines = (line.strip(" ") for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
