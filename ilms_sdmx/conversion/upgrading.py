"""Upgrading of a mapping file: to the version that asks, the words of a workbook pinned."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ilms_sdmx._files import file_name
from ilms_sdmx.conversion.converting import convert
from ilms_sdmx.conversion.pinning import TablePins, pins_from, with_pins
from ilms_sdmx.conversion.result.conversions import Conversion
from ilms_sdmx.mapping.document import MappingDocument
from ilms_sdmx.mapping.file.reading import parse_mapping, read_mapping
from ilms_sdmx.tables.workbooks import read_workbook

#: The line that says the version.
_VERSION = re.compile(r"^mapping:\s*['\"]?1\b['\"]?", re.MULTILINE)


@dataclass(frozen=True)
class Upgrade:
    """An upgraded mapping file.

    Parameters
    ----------
    text
        Text of the file.
    left
        Sentences about tables that could not be pinned.
    has_questions
        Whether it leaves anything to a person.
    """

    text: str
    left: tuple[str, ...]
    has_questions: bool


def upgraded(source: Path, workbook: Path | None = None) -> Upgrade:
    """Mapping file in version 2, every other line as it is.

    Parameters
    ----------
    source
        The mapping file.
    workbook
        A workbook that it converts: its titles, units and labels are written under `read` of
        tables that have none, with open places for periods that the mapping reads there.

    Raises
    ------
    MappingError
        The file is no mapping.
    TableError
        The workbook cannot be read.
    """
    read_mapping(source)
    text = source.read_text(encoding="utf-8-sig")
    text = _VERSION.sub("mapping: 2", text, count=1)
    document = parse_mapping(text, file_name(source), source.parent)
    if workbook is None:
        return Upgrade(text, (), bool(document.questions))
    conventions = document.conventions
    book = read_workbook(
        workbook, encoding=conventions.encoding, delimiter=conventions.delimiter
    )
    before = convert(book, document)
    pins = pins_from(book, document)
    left = []
    while True:
        pinned = _pinned(text, document, pins, source)
        after = convert(book, pinned)
        changed = _tables_changed(after)
        if not changed & pins.keys():
            break
        left += sorted(changed & pins.keys())
        pins = {name: own for name, own in pins.items() if name not in changed}
    _check_same(before, after)
    unpinned = [layout.name for layout in pinned.tables if layout.read is None]
    sentences = tuple(f"not pinned: the table {name!r}" for name in unpinned)
    return Upgrade(with_pins(text, document, pins), sentences, bool(document.questions))


def _pinned(
    text: str, document: MappingDocument, pins: dict[str, TablePins], source: Path
) -> MappingDocument:
    """Document of a mapping file with pins."""
    with_read = with_pins(text, document, pins)
    return parse_mapping(with_read, file_name(source), source.parent)


def _tables_changed(done: Conversion) -> set[str]:
    """Tables that do not fit their pins."""
    findings = done.report.of_rule("edition-changed")
    return {str(finding.fields["table"]) for finding in findings}


def _check_same(before: Conversion, after: Conversion) -> None:
    """Make sure that pins change no figure."""
    if not before.frame().equals(after.frame()):
        raise AssertionError("pins have changed figures")
