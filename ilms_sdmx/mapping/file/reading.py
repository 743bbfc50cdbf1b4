"""Reading of a mapping file.

YAML to the document, every error with file, line and what was expected.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from ilms_sdmx._files import file_name, text_of
from ilms_sdmx.errors import MappingError
from ilms_sdmx.labels import area_code
from ilms_sdmx.mapping.document import (
    Claim,
    Correction,
    Ignored,
    MappingDocument,
    OpenQuestion,
)
from ilms_sdmx.mapping.expressions import Expression
from ilms_sdmx.mapping.file.addresses import read_cell, read_ranges
from ilms_sdmx.mapping.file.answers import read_answers
from ilms_sdmx.mapping.file.codes import read_codes
from ilms_sdmx.mapping.file.datasets import read_dataset
from ilms_sdmx.mapping.file.fields import Reader, each, fields_of, read_fields
from ilms_sdmx.mapping.file.names import check_dataset, check_table
from ilms_sdmx.mapping.file.nodes import Node, parse
from ilms_sdmx.mapping.file.questions import (
    read_questions,
    with_quoted_marks,
    without_marks,
)
from ilms_sdmx.mapping.file.tables import (
    read_conventions,
    read_pattern,
    read_patterns,
    read_table,
    read_where,
)
from ilms_sdmx.mapping.layout import Conventions, FreeHeading

#: Versions of the format that are read; `decide:` and `?` stop those from `STRICT` on.
VERSIONS = ("1", "2")
STRICT = 2


def read_mapping(source: str | PathLike[str]) -> MappingDocument:
    """Document of a mapping file.

    Parameters
    ----------
    source
        Path of the YAML file; code maps that it names are looked for next to it.

    Raises
    ------
    MappingError
        For anything that is not as the format says: file, line, key, what was expected, the
        nearest key.
    """
    path = Path(source)
    problem = f"{path} cannot be read as a mapping file"
    try:
        text = text_of(path)
    except OSError as error:
        raise MappingError(f"{problem}: {error.strerror}.") from None
    except ValueError as error:  # not UTF-8, or a name that no file can have
        raise MappingError(f"{problem}: {error}.") from None
    return parse_mapping(text, file_name(path), path.parent)


def parse_mapping(
    text: str, name: str = "mapping.yaml", folder: Path | None = None
) -> MappingDocument:
    """Document of the text of a mapping file; `folder` is where its code maps are."""
    if not isinstance(text, str):
        raise TypeError(f"expected the text of a mapping file, found {type(text).__name__}")
    root = parse(with_quoted_marks(text), name)
    version = _version(root)
    questions = read_questions(text, root)
    if version >= STRICT:
        root = without_marks(root)
    else:
        _refuse_marks(questions, name)
    fields = fields_of(root, "mapping")
    directory = folder or Path()
    maps, code_files = read_codes(fields.get("codes"), directory)
    answers = read_answers(fields.get("answers"), directory, maps)
    codes = {map_name: answers.added(code_map) for map_name, code_map in maps.items()}
    values = _ABSENT | read_fields(fields, _DOCUMENT)
    source = values["source"]
    if "area" in source:
        values["source"] = {**source, "area": area_code(source["area"])}
    conventions = values["conventions"]
    tables = tuple(read_table(node, conventions) for node in fields["tables"])
    table_names = [table.name for table in tables]
    _check_distinct(fields["tables"], table_names)
    datasets = []
    for node in fields["datasets"]:
        dataset = read_dataset(node, codes, table_names)
        dataset = answers.decided(dataset)
        datasets.append(dataset)
    files = [*code_files, *answers.files]
    contents = [file.content for file in files]
    document = MappingDocument(
        **values,
        name=name,
        tables=tables,
        codes=codes,
        datasets=tuple(datasets),
        version=version,
        questions=questions,
        sha256=_hash(text, contents),
        files=tuple(file.path for file in files),
    )
    _check_names(document)
    return document


def _version(root: Node) -> int:
    """Version of the format; one that is not known is refused."""
    node = fields_of(root, "mapping")["mapping"]
    version = node.text()
    if version not in VERSIONS:
        known = " or ".join(VERSIONS)
        node.fail(f"version {known} of the format", repr(version))
    return int(version)


def _refuse_marks(questions: tuple[OpenQuestion, ...], name: str) -> None:
    """Refuse codes and periods that are open, in a version that does not know them."""
    for question in questions:
        for path in question.paths:
            if question.is_open and {"values", "periods"} & {*path}:
                raise MappingError(
                    f"{name}, line {question.line}: expected a code for the label, or ~ where "
                    "the data set has no place for it, found an open question (?)."
                )


def _check_distinct(node: Node, names: list[str]) -> None:
    """Refuse two tables of one name."""
    for name in names:
        if names.count(name) > 1:
            node.fail("each table under a name of its own", f"{name!r} twice")


def _check_names(document: MappingDocument) -> None:
    """Refuse names of headings that no table has."""
    for table in document.tables:
        check_table(table, document.headings, document.name)
    for dataset in document.datasets:
        check_dataset(dataset, document.tables, document.headings, document.name)


def _hash(text: str, files: list[bytes]) -> str:
    """Hash of a mapping file and of the files that it names."""
    parts = [text.encode(), *files]
    content = b"\0".join(parts)
    return hashlib.sha256(content).hexdigest()


def _plain(section: str) -> Reader:
    """Reader of a section of texts."""

    def read_section(node: Node) -> dict[str, str]:
        fields = fields_of(node, section)
        return {key: field.text() for key, field in fields.items()}

    return read_section


def _one_group(node: Node) -> Expression:
    """Regular expression with one group: the label, or the number, that it finds."""
    expression = node.pattern()
    if expression.groups != 1:
        text = node.text()
        node.fail("a regular expression with one group in brackets", repr(text))
    return expression


_HEADING: Mapping[str, Reader] = {
    "name": Node.text,
    "text": _one_group,
    "sheet": _one_group,
    "cell": read_cell,
    "file": _one_group,
}


def _heading(node: Node) -> FreeHeading:
    """Heading outside the tables; `text` and `cell` may be together."""
    fields = fields_of(node, "heading")
    kinds = []
    if "text" in fields or "cell" in fields:
        kinds.append("text")
    for key in ("sheet", "file"):
        if key in fields:
            kinds.append(key)
    if len(kinds) != 1:
        met = " and ".join(kinds)
        node.fail("either text, cell, sheet or file", met or "none")
    values = read_fields(fields, _HEADING)
    return FreeHeading(**values)


_IGNORED: Mapping[str, Reader] = {
    "text": read_pattern,
    "why": Node.text,
    "sheets": read_patterns,
    "cells": read_ranges,
}


def _ignored(node: Node) -> Ignored:
    """Texts that are left out, with the reason."""
    fields = fields_of(node, "ignored")
    values = read_fields(fields, _IGNORED)
    return Ignored(**values)


def _correction(node: Node) -> Correction:
    """Printed text that a person has read."""
    texts = {}
    fields = fields_of(node, "correction")
    for key, field in fields.items():
        text = field.optional_text()
        texts[key] = text or ""
    return Correction(**texts)


def _claim(node: Node) -> Claim:
    """Figure that is stated elsewhere too."""
    fields = fields_of(node, "claim")
    by_text = "text" in fields
    by_figure = "printed" in fields
    if by_text and by_figure:
        node.fail("either printed or text", "both")
    if not by_text and not by_figure:
        node.fail("either printed or text", "neither")
    if by_text:
        _one_group(fields["text"])
    where = read_where(fields.pop("where"))
    texts = {key: field.text() for key, field in fields.items()}
    return Claim(where, **texts)


_DOCUMENT: Mapping[str, Reader] = {
    "title": Node.text,
    "source": _plain("source"),
    "header": _plain("header"),
    "conventions": read_conventions,
    "headings": each(_heading),
    "notes": read_patterns,
    "ignore": each(_ignored),
    "corrections": each(_correction),
    "claims": each(_claim),
}
#: What a document has where the file lacks a key.
_ABSENT: dict[str, Any] = {
    "title": "",
    "source": {},
    "header": {},
    "conventions": Conventions(),
    "headings": (),
    "notes": (),
    "ignore": (),
    "corrections": (),
    "claims": (),
}
