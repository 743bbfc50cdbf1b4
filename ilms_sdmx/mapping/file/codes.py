"""Reading of code maps: lines in the mapping file, and files next to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from operator import attrgetter
from pathlib import Path
from typing import Any

from ilms_sdmx.mapping.classifications import check_classification
from ilms_sdmx.mapping.exchange.representations import from_sdmx
from ilms_sdmx.mapping.expressions import ExpressionError
from ilms_sdmx.mapping.file.code_tables import UNDECIDED, NamedFile, Row, load, read_rows
from ilms_sdmx.mapping.file.fields import Fields, Reader, fields_of, labels, read_fields
from ilms_sdmx.mapping.file.nodes import Node
from ilms_sdmx.mapping.model import MappedValue, RepresentationMap
from ilms_sdmx.mapping.resolving import expression_of
from ilms_sdmx.periods import parse_period

#: Columns of a table of codes whose texts a line keeps.
_LINE_TEXTS = ("valid_from", "valid_to", "name", "note")


def read_codes(
    node: Node | None, folder: Path
) -> tuple[dict[str, RepresentationMap], list[NamedFile]]:
    """Code maps by name, and the files they come from."""
    maps: dict[str, RepresentationMap] = {}
    files: list[NamedFile] = []
    if node is None:
        return maps, files
    for name, item in node.items():
        fields = fields_of(item, "codes")
        lines: list[MappedValue] = []
        if "file" in fields:
            file = load(fields["file"], folder)
            files.append(file)
            lines = _lines_of_file(name, fields["file"], file.content)
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
        for label, value in fields["values"].items():
            line = _line(label, value, names)
            lines.append(line)
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
        is_for_map = row.text("map") in ("", name)
        if row.asks_label and is_for_map:
            line = mapped(node, row)
            lines.append(line)
    return lines


def mapped(node: Node, row: Row) -> MappedValue:
    """Line of a code map from a row of its table, or of a list that a person has answered."""
    code = row.decided(node)
    where = row.place(node)
    sources, regex = _sources(row.source)
    if regex:
        _compiled(node, sources, f" {where}")
    for column in ("valid_from", "valid_to"):
        period = row.text(column)
        is_wrong = period and parse_period(period) is None
        if is_wrong:
            expected = f"a period such as 2019 or 2019-03 under {column} {where}"
            node.fail(expected, repr(period))
    value = MappedValue(sources, code or None, regex)
    texts: dict[str, Any] = {key: row.text(key) for key in _LINE_TEXTS}
    return replace(value, **texts)


def _compiled(node: Node, expressions: tuple[str, ...], where: str) -> None:
    """Refuse expressions that do not compile."""
    for expression in expressions:
        try:
            expression_of(expression).check()
        except ExpressionError as error:
            node.fail(f"{error.expected}{where}", error.found)


def _line(label: str, node: Node, names: dict[str, str]) -> MappedValue:
    """Line of a code map; one with `?` is an open question."""
    code = node.optional_text()
    sources, regex = _sources(label)
    if regex:
        _compiled(node, sources, " between slashes")
    if code == UNDECIDED:
        return MappedValue(sources, None, regex, line=node.line, is_open=True)
    return MappedValue(sources, code, regex, name=names.get(code or "", ""), line=node.line)


def _sources(label: str) -> tuple[tuple[str, ...], bool]:
    """Labels of a line, with whether they are expressions.

    Several headings are parted by ` | `; `/.../` is a regular expression.
    """
    parts = [part.strip() for part in label.split(" | ")]
    if all(map(_is_expression, parts)):
        expressions = tuple(part[1:-1] for part in parts)
        return expressions, True
    if _is_expression(label):
        expression = label[1:-1]
        return (expression,), True
    return tuple(parts), False


def _is_expression(text: str) -> bool:
    """Whether a text is an expression between slashes."""
    has_slashes = text.startswith("/") and text.endswith("/")
    return has_slashes and len(text) > 2
