"""Cell styles and shared strings of .xlsx and .xlsm files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ilms_sdmx.errors import TableError
from ilms_sdmx.tables.cells import PLAIN, Style
from ilms_sdmx.tables.formats import BUILT_IN
from ilms_sdmx.tables.richtext import Rich, from_runs, split_characters

if TYPE_CHECKING:
    from lxml.etree import _Element

    from ilms_sdmx.tables.archives import Archive

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescape(text: str) -> str:
    """Text whose `_x000D_` escapes are the characters they stand for."""
    return _ESCAPE.sub(lambda m: chr(int(m.group(1), 16)), text) if "_x" in text else text


def local(element: _Element) -> str:
    """Name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def children(element: _Element, *names: str) -> list[_Element]:
    """Descendants along a path of local names, one generation a name."""
    found = [element]
    for name in names:
        found = [child for parent in found for child in parent if local(child) == name]
    return found


def attribute(element: _Element, name: str, *path: str) -> str:
    """Attribute of the first descendant along a path, empty where there is none."""
    return next((str(e.get(name, "")) for e in children(element, *path)), "")


def read_styles(archive: Archive, part: str) -> list[Style]:
    """Styles in the order that cells number them; one plain style where the file has none."""
    if part not in archive:
        return [PLAIN]
    root = archive.tree(part)
    formats = dict(BUILT_IN)
    for entry in children(root, "numFmts", "numFmt"):
        formats[_whole(entry.get("numFmtId"))] = str(entry.get("formatCode", "General"))
    fonts = children(root, "fonts", "font")
    styles = [_style(xf, formats, fonts) for xf in children(root, "cellXfs", "xf")]
    return styles or [PLAIN]


def _style(xf: _Element, formats: dict[int, str], fonts: list[_Element]) -> Style:
    number = _whole(xf.get("fontId"))
    font = fonts[number] if number < len(fonts) else None
    return Style(
        number_format=formats.get(_whole(xf.get("numFmtId")), "General"),
        font="" if font is None else attribute(font, "val", "name"),
        indent=_whole(attribute(xf, "indent", "alignment")),
        vertical="" if font is None else attribute(font, "val", "vertAlign"),
        bold=font is not None
        and any(b.get("val", "1") not in {"0", "false"} for b in children(font, "b")),
    )


def _whole(text: str | None) -> int:
    if not text:
        return 0
    try:
        return max(0, int(text))
    except ValueError as error:
        raise TableError(
            f"Expected a whole number in the styles of the workbook, found {text!r}."
        ) from error


def read_strings(archive: Archive, part: str) -> list[str | Rich]:
    """Shared strings: plain text, or text whose footnote marks are split off."""
    if part not in archive:
        return []
    found = archive.elements(part, MAIN + "si", STRICT + "si")
    return [rich_string(element) for element in found]


def rich_string(element: _Element) -> str | Rich:
    """Text of a string item: its runs joined, raised runs apart; phonetic hints left out."""
    if len(element) == 1 and local(element[0]) == "t":
        rich = split_characters(unescape(element[0].text or ""))
    else:
        rich = from_runs(_run(child) for child in element if local(child) in {"r", "t"})
    return rich.whole if rich.is_plain else rich


def _run(element: _Element) -> tuple[str, str, str]:
    if local(element) == "t":
        return unescape(element.text or ""), "", ""
    text = "".join(t.text or "" for t in children(element, "t"))
    return (
        unescape(text),
        attribute(element, "val", "rPr", "vertAlign"),
        attribute(element, "val", "rPr", "rFont"),
    )
