"""Reading of code maps: lines in the mapping file, and files next to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from operator import attrgetter
from pathlib import Path

from ilms_sdmx.mapping.classifications import check_classification
from ilms_sdmx.mapping.exchange.representations import from_sdmx
from ilms_sdmx.mapping.file.code_tables import UNDECIDED, Row, load, read_rows
from ilms_sdmx.mapping.file.fields import Fields, Reader, fields_of, labels, read_fields
from ilms_sdmx.mapping.file.nodes import Node
from ilms_sdmx.mapping.model import MappedValue, RepresentationMap
from ilms_sdmx.periods import parse_period

#: Columns of a table of codes whose texts a line keeps.
_LINE_TEXTS = ("valid_from", "valid_to", "name", "note")


def read_codes(
    node: Node | None, folder: Path
) -> tuple[dict[str, RepresentationMap], list[bytes]]:
    """Code maps by name, and the bytes of the files they come from."""
    maps: dict[str, RepresentationMap] = {}
    files: list[bytes] = []
    if node is None:
        return maps, files
    for name, item in node.items():
        fields = fields_of(item, "codes")
        lines: list[MappedValue] = []
        if "file" in fields:
            raw = load(fields["file"], folder)
            files.append(raw)
            lines = _lines_of_file(name, fields["file"], raw)
        maps[name] = _code_map(name, item, fields, lines)
    return maps, files


_CODE_MAP: Mapping[str, Reader] = {
    "codelist": Node.text,
    "prefix": Node.text,
    "match": Node.flag,
    "file": Node.text,
    "classification": Node.text,
    "correspondence": Node.text,
}


def _code_map(
    name: str, node: Node, fields: Fields, lines_of_file: list[MappedValue]
) -> RepresentationMap:
    """Code map of its lines, those in the mapping file first, and expressions last."""
    names = labels(fields["names"]) if "names" in fields else {}
    lines: list[MappedValue] = []
    if "values" in fields:
        lines += [_line(label, line, names) for label, line in fields["values"].items()]
    lines += lines_of_file
    lines.sort(key=attrgetter("regex"))
    options = read_fields(fields, _CODE_MAP)
    if options.get("match") and "codelist" not in fields:
        fields["match"].fail("a codelist to match with, under codelist")
    code_map = RepresentationMap(name, tuple(lines), **options)
    check_classification(code_map, fields, node)
    return code_map


def _lines_of_file(name: str, node: Node, raw: bytes) -> list[MappedValue]:
    """Lines of a file: a table, or a representation map in a structure message."""
    file = node.text()
    if file.endswith((".json", ".xml")):
        return list(from_sdmx(raw, name, file))
    lines = []
    for row in read_rows(node, raw):
        if row.asks_label and row.text("map") in ("", name):
            lines.append(mapped(node, row))
    return lines


def mapped(node: Node, row: Row) -> MappedValue:
    """Line of a code map from a row of its table, or of a list that a person has answered."""
    code = row.decided(node)
    where = f"in row {row.number} of {node.text()}"
    sources, regex = _sources(row.source)
    if regex:
        _compiled(node, sources, f" {where}")
    for column in ("valid_from", "valid_to"):
        period = row.text(column)
        if period and parse_period(period) is None:
            node.fail(f"a period such as 2019 or 2019-03 under {column} {where}", repr(period))
    others = {key: row.text(key) for key in _LINE_TEXTS}
    return MappedValue(sources, code or None, regex, **others)


def _compiled(node: Node, expressions: tuple[str, ...], where: str) -> None:
    """Refuse expressions that do not compile."""
    for expression in expressions:
        try:
            re.compile(expression)
        except re.error as error:
            node.fail(f"a regular expression{where}", f"{expression!r} ({error})")


def _line(label: str, node: Node, names: dict[str, str]) -> MappedValue:
    code = node.optional_text()
    if code == UNDECIDED:
        node.fail(
            "a code for the label, or ~ where the data set has no place for it",
            "an open question (?)",
        )
    sources, regex = _sources(label)
    if regex:
        _compiled(node, sources, " between slashes")
    return MappedValue(sources, code, regex, name=names.get(code or "", ""))


def _sources(label: str) -> tuple[tuple[str, ...], bool]:
    """Labels of a line, with whether they are expressions.

    Several headings are parted by ` | `; `/.../` is a regular expression.
    """
    parts = [part.strip() for part in label.split(" | ")]
    if all(map(_is_expression, parts)):
        return tuple(part[1:-1] for part in parts), True
    if _is_expression(label):
        return (label[1:-1],), True
    return tuple(parts), False


def _is_expression(text: str) -> bool:
    return len(text) > 2 and text.startswith("/") and text.endswith("/")
