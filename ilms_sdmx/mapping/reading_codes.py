"""Reading of code maps: lines in the mapping file, and CSV files beside it."""

from __future__ import annotations

import codecs
import csv
import io
import re
from pathlib import Path

from ilms_sdmx.mapping.exchange import from_sdmx
from ilms_sdmx.mapping.keys import allowed
from ilms_sdmx.mapping.model import MappedValue, RepresentationMap
from ilms_sdmx.mapping.nodes import Node, nearest

#: Columns of a code map in CSV, the first two required.
COLUMNS = ("source", "code", "name", "valid_from", "valid_to", "note")
#: Further columns of the list of unmapped labels, which may be fed back as it is once it is answered.
LISTED = ("component", "suggestions", "rule", "sheet", "cell", "affects")
#: Label of that list that was kept from being a formula by an apostrophe.
_INERT = re.compile(r"'+[=+\-@\t\r]")
#: Code of a line that a person has not decided yet.
UNDECIDED = "?"


def read_codes(node: Node | None, folder: Path) -> tuple[dict[str, RepresentationMap], list[bytes]]:
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
    values = [_line(k, v, names) for k, v in fields["values"].items()] if "values" in fields else []
    data: list[bytes] = []
    if "file" in fields:
        raw = _load(fields["file"], folder)
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
    )
    return codes, data


def _of_file(name: str, node: Node, raw: bytes) -> list[MappedValue]:
    """Lines of a file: CSV, or a representation map in an SDMX-JSON structure message."""
    if node.text().endswith(".json"):
        return list(from_sdmx(raw, name, node.text()))
    return _table(node, raw)


def _line(label: str, node: Node, names: dict[str, str]) -> MappedValue:
    code = node.optional_text()
    if code == UNDECIDED:
        node.fail("a code for the label, or ~ where the data set has no place for it", "an open question (?)")
    sources, regex = _sources(label)
    return MappedValue(sources, code, regex, name=names.get(code or "", ""))


def _sources(label: str) -> tuple[tuple[str, ...], bool]:
    """Labels of a line: several headings stand apart by ` | `; `/.../` is a regular expression."""
    if len(label) > 2 and label.startswith("/") and label.endswith("/"):
        return (label[1:-1],), True
    return tuple(part.strip() for part in label.split(" | ")), False


def _load(node: Node, folder: Path) -> bytes:
    path = folder / node.text()
    if not path.resolve().is_relative_to(folder.resolve()):
        node.fail("a file beside the mapping", repr(node.text()))
    try:
        return path.read_bytes()
    except OSError as error:
        node.fail("a file beside the mapping", f"{node.text()!r} ({error.strerror})")


def _table(node: Node, raw: bytes) -> list[MappedValue]:
    text = _decoded(node, raw)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = list(csv.DictReader(io.StringIO(text), delimiter=delimiter))
    header = list(rows[0]) if rows else list(COLUMNS)
    for column in header:
        if column not in (*COLUMNS, *LISTED):
            node.fail(f"the columns {', '.join(COLUMNS)}", repr(column) + nearest(column or "", COLUMNS))
    if not {"source", "code"} <= set(header):
        node.fail("the columns source and code", ", ".join(header))
    labels = [(n, r) for n, r in enumerate(rows, 2) if r.get("rule", "unknown-label") == "unknown-label"]
    return [_row(node, number, row) for number, row in labels]


def _decoded(node: Node, raw: bytes) -> str:
    """Text of a file in UTF-8, or in UTF-16 with its mark as spreadsheets save it."""
    try:
        return raw.decode("utf-16" if raw[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE} else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        node.fail("a file in UTF-8: save it as `CSV UTF-8`", f"other bytes in line {line} of {node.text()}")


def _row(node: Node, number: int, row: dict[str, str]) -> MappedValue:
    code = (row["code"] or "").strip()
    if code == UNDECIDED:
        node.fail(f"a code in row {number} of {node.text()}", f"an open question for {row['source']!r}")
    source = row["source"] or ""
    sources, regex = _sources(source[1:] if "rule" in row and _INERT.match(source) else source)
    if regex:
        re.compile(sources[0])
    rest = {k: (row.get(k) or "").strip() for k in ("valid_from", "valid_to", "name", "note")}
    return MappedValue(sources, code or None, regex, **rest)
