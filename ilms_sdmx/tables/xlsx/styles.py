"""Cell styles and shared strings of .xlsx and .xlsm files."""

from __future__ import annotations

import re
from collections.abc import Iterator
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
    """Text whose `_x000D_` escapes are the characters they mean."""
    if "_x" not in text:
        return text
    return _ESCAPE.sub(lambda code: chr(int(code.group(1), 16)), text)


def local(element: _Element) -> str:
    """Name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def children(element: _Element, *names: str) -> list[_Element]:
    """Descendants along a path of local names, one generation a name."""
    generation = [element]
    for name in names:
        next_generation: list[_Element] = []
        for parent in generation:
            for child in parent:
                if local(child) == name:
                    next_generation.append(child)
        generation = next_generation
    return generation


def attribute(element: _Element, name: str, *path: str) -> str:
    """Attribute of the first descendant along a path, empty where there is none."""
    descendants = children(element, *path)
    if not descendants:
        return ""
    return str(descendants[0].get(name, ""))


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
    """Style of an entry of the list by which cells number their styles."""
    code = formats.get(_whole(xf.get("numFmtId")), "General")
    indent = _whole(attribute(xf, "indent", "alignment"))
    number = _whole(xf.get("fontId"))
    if number >= len(fonts):
        return Style(code, indent=indent)
    font = fonts[number]
    name = attribute(font, "val", "name")
    vertical = attribute(font, "val", "vertAlign")
    return Style(code, name, indent, vertical, _is_bold(font))


def _is_bold(font: _Element) -> bool:
    values = [bold.get("val", "1") for bold in children(font, "b")]
    return not {"0", "false"}.issuperset(values)


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
    first = None
    if len(element) == 1:
        first = element[0]
    if first is not None and local(first) == "t":
        text = unescape(first.text or "")
        rich = split_characters(text)
    else:
        rich = from_runs(_runs(element))
    if rich.is_plain:
        return rich.whole
    return rich


def _runs(item: _Element) -> Iterator[tuple[str, str, str]]:
    """Runs of a string item: text, vertical alignment, font."""
    for run in item:
        kind = local(run)
        if kind == "t":
            yield unescape(run.text or ""), "", ""
        elif kind == "r":
            texts = [text.text or "" for text in children(run, "t")]
            vertical = attribute(run, "val", "rPr", "vertAlign")
            font = attribute(run, "val", "rPr", "rFont")
            yield unescape("".join(texts)), vertical, font
