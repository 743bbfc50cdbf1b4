"""Reading of code maps: lines in the mapping file, and files beside it."""

from __future__ import annotations

import re
from pathlib import Path

from ilms_sdmx.mapping.classifications import check_classification
from ilms_sdmx.mapping.exchange.representations import from_sdmx
from ilms_sdmx.mapping.file.code_tables import UNDECIDED, Row, load, read_rows
from ilms_sdmx.mapping.file.keys import allowed
from ilms_sdmx.mapping.file.nodes import Node
from ilms_sdmx.mapping.model import MappedValue, RepresentationMap
from ilms_sdmx.periods import parse_period


def read_codes(
    node: Node | None, folder: Path
) -> tuple[dict[str, RepresentationMap], list[bytes]]:
    """Code maps by name, and the bytes of the files they come from."""
    found: dict[str, RepresentationMap] = {}
    files: list[bytes] = []
    for name, item in node.items() if node else []:
        found[name], data = _code_map(name, item, folder)
        files += data
    return found, files


def _code_map(name: str, node: Node, folder: Path) -> tuple[RepresentationMap, list[bytes]]:
    fields = node.fields(allowed("codes"))
    names = {k: v.text() for k, v in fields["names"].items()} if "names" in fields else {}
    values = (
        [_line(k, v, names) for k, v in fields["values"].items()] if "values" in fields else []
    )
    data: list[bytes] = []
    if "file" in fields:
        raw = load(fields["file"], folder)
        data.append(raw)
        values += _of_file(name, fields["file"], raw)
    match = fields["match"].flag() if "match" in fields else False
    if match and "codelist" not in fields:
        fields["match"].fail("a codelist to match with, under codelist")
    codes = RepresentationMap(
        name,
        tuple(sorted(values, key=lambda v: v.regex)),
        fields["codelist"].text() if "codelist" in fields else "",
        fields["prefix"].text() if "prefix" in fields else "",
        match,
        file=fields["file"].text() if "file" in fields else "",
        classification=fields["classification"].text() if "classification" in fields else "",
        correspondence=fields["correspondence"].text() if "correspondence" in fields else "",
    )
    check_classification(codes, fields, node)
    return codes, data


def _of_file(name: str, node: Node, raw: bytes) -> list[MappedValue]:
    """Lines of a file: a table, or a representation map in a structure message."""
    if node.text().endswith((".json", ".xml")):
        return list(from_sdmx(raw, name, node.text()))
    rows = [r for r in read_rows(node, raw) if r.asks_label and r.text("map") in ("", name)]
    return [mapped(node, row) for row in rows]


def mapped(node: Node, row: Row) -> MappedValue:
    """Line of a code map from a row of its table, or of a list that a person has answered."""
    code = row.decided(node)
    sources, regex = _sources(row.source)
    if regex:
        _compiled(node, sources, f" in row {row.number} of {node.text()}")
    for column in ("valid_from", "valid_to"):
        if row.text(column) and parse_period(row.text(column)) is None:
            node.fail(
                f"a period such as 2019 or 2019-03 under {column} in row {row.number}",
                repr(row.text(column)),
            )
    rest = {k: row.text(k) for k in ("valid_from", "valid_to", "name", "note")}
    return MappedValue(sources, code or None, regex, **rest)


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
    """Labels of a line: several headings stand apart by ` | `; `/.../` is a regular expression."""
    parts = tuple(part.strip() for part in label.split(" | "))
    if all(map(_is_expression, parts)):
        return tuple(part[1:-1] for part in parts), True
    return ((label[1:-1],), True) if _is_expression(label) else (parts, False)


def _is_expression(text: str) -> bool:
    return len(text) > 2 and text.startswith("/") and text.endswith("/")
