"""Reading of a mapping file: YAML to the document, every error with file, line and what was expected."""

from __future__ import annotations

import hashlib
import re
from os import PathLike
from pathlib import Path

from ilms_sdmx.errors import MappingError
from ilms_sdmx.mapping.document import Claim, Correction, Ignored, MappingDocument
from ilms_sdmx.mapping.file.addresses import read_cell, read_ranges
from ilms_sdmx.mapping.file.answers import read_answers
from ilms_sdmx.mapping.file.codes import read_codes
from ilms_sdmx.mapping.file.datasets import read_dataset
from ilms_sdmx.mapping.file.keys import allowed, required
from ilms_sdmx.mapping.file.names import check_dataset, check_table
from ilms_sdmx.mapping.file.nodes import Node, parse
from ilms_sdmx.mapping.file.tables import (
    read_conventions,
    read_patterns,
    read_table,
    read_where,
)
from ilms_sdmx.mapping.layout import FreeHeading, Pattern

VERSION = "1"
_UNDECIDED = re.compile(r"(?:^|\s)#\s*decide:")


def read_mapping(source: str | PathLike[str]) -> MappingDocument:
    """Document of a mapping file.

    Parameters
    ----------
    source
        Path of the YAML file; code maps that it names are looked for beside it.

    Raises
    ------
    MappingError
        For anything that is not as the format says: file, line, key, what was expected, the nearest key.
    """
    path = Path(source)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise MappingError(
            f"{path} cannot be read as a mapping file: {error.strerror}."
        ) from None
    except ValueError as error:  # not UTF-8, or a name that no file can have
        raise MappingError(f"{path} cannot be read as a mapping file: {error}.") from None
    return parse_mapping(text, path.name, path.parent)


def parse_mapping(
    text: str, name: str = "mapping.yaml", folder: Path | None = None
) -> MappingDocument:
    """Document of the text of a mapping file; `folder` is where its code maps are."""
    if not isinstance(text, str):
        raise TypeError(f"expected the text of a mapping file, found {type(text).__name__}")
    root = parse(text, name)
    fields = root.fields(allowed("mapping"), required("mapping"))
    if fields["mapping"].text() != VERSION:
        fields["mapping"].fail(
            f"version {VERSION} of the format", repr(fields["mapping"].text())
        )
    codes, files = read_codes(fields.get("codes"), folder or Path())
    answers = read_answers(fields.get("answers"), folder or Path(), codes)
    codes = {k: answers.added(v) for k, v in codes.items()}
    conventions = read_conventions(fields.get("conventions"))
    tables = tuple(read_table(n, conventions) for n in fields["tables"])
    _once(fields["tables"], [t.name for t in tables], "table")
    names = [t.name for t in tables]
    datasets = tuple(answers.decided(read_dataset(n, codes, names)) for n in fields["datasets"])
    free = tuple(_heading(n) for n in fields["headings"]) if "headings" in fields else ()
    for table in tables:
        check_table(table, free, name)
    for dataset in datasets:
        check_dataset(dataset, tables, free, name)
    return MappingDocument(
        name=name,
        title=fields["title"].text() if "title" in fields else "",
        source=_plain(fields.get("source"), "source"),
        header=_plain(fields.get("header"), "header"),
        conventions=conventions,
        headings=free,
        tables=tables,
        notes=read_patterns(fields.get("notes")),
        ignore=tuple(_ignored(n) for n in fields["ignore"]) if "ignore" in fields else (),
        corrections=tuple(_correction(n) for n in fields["corrections"])
        if "corrections" in fields
        else (),
        claims=tuple(_claim(n) for n in fields["claims"]) if "claims" in fields else (),
        codes=codes,
        datasets=datasets,
        undecided=tuple(
            n for n, line in enumerate(text.splitlines(), 1) if _UNDECIDED.search(line)
        ),
        sha256=hashlib.sha256(b"\0".join([text.encode(), *files, *answers.files])).hexdigest(),
    )


def _once(node: Node, names: list[str], what: str) -> None:
    for name in names:
        if names.count(name) > 1:
            node.fail(f"each {what} under a name of its own", f"{name!r} twice")


def _plain(node: Node | None, section: str) -> dict[str, str]:
    return {k: v.text() for k, v in node.fields(allowed(section)).items()} if node else {}


def _heading(node: Node) -> FreeHeading:
    fields = node.fields(allowed("heading"), required("heading"))
    kinds = [
        {"cell": "text"}.get(k, k) for k in ("text", "cell", "sheet", "file") if k in fields
    ]
    if len(set(kinds)) != 1:
        node.fail("either text, cell, sheet or file", " and ".join(kinds) or "none")
    patterns = {k: _one_group(fields[k]) for k in ("text", "sheet", "file") if k in fields}
    cell = read_cell(fields["cell"]) if "cell" in fields else ""
    text, sheet, file = (patterns.get(k) for k in ("text", "sheet", "file"))
    return FreeHeading(fields["name"].text(), text, sheet, cell, file)


def _one_group(node: Node) -> re.Pattern[str]:
    if node.pattern().groups != 1:
        node.fail("a regular expression with one group in brackets", repr(node.text()))
    return node.pattern()


def _ignored(node: Node) -> Ignored:
    fields = node.fields(allowed("ignored"), required("ignored"))
    return Ignored(
        Pattern(fields["text"].text(), fields["text"].line),
        fields["why"].text(),
        read_patterns(fields.get("sheets")),
        read_ranges(fields.get("cells")),
    )


def _correction(node: Node) -> Correction:
    fields = node.fields(allowed("correction"), required("correction"))
    return Correction(**{k: v.optional_text() or "" for k, v in fields.items()})


def _claim(node: Node) -> Claim:
    fields = node.fields(allowed("claim"), required("claim"))
    if ("text" in fields) == ("printed" in fields):
        node.fail("either printed or text", "both" if "text" in fields else "neither")
    if "text" in fields and fields["text"].pattern().groups != 1:
        fields["text"].fail(
            "a regular expression with one group in brackets", repr(fields["text"].text())
        )
    plain = {k: v.text() for k, v in fields.items() if k != "where"}
    return Claim(read_where(fields["where"]), **plain)
