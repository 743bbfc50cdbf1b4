"""ILO's note types (T36, S3, S4, T2, ...).

What a note is about, and the attribute that holds it.
"""

from __future__ import annotations

import csv
from functools import cache
from typing import NamedTuple

from ilms_sdmx._files import dsd
from ilms_sdmx.mapping.file.nodes import Node, with_nearest


class NoteType(NamedTuple):
    """One type: its name, and the attribute of ILO whose notes are of that type."""

    name: str
    attribute: str


@cache
def note_types() -> dict[str, NoteType]:
    """Types by code, those that ILMS uses."""
    path = dsd() / "note_types.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    types = {}
    for row in csv.DictReader(lines):
        code = row["code"]
        types[code] = NoteType(row["name"], row["attribute"])
    return types


def read_notes(target: str, node: Node) -> str:
    """Text of the notes of an attribute, `Data reference period: fiscal year; ...`.

    In the order of the file.

    Raises
    ------
    MappingError
        A type that does not exist, or whose notes belong to another attribute.
    """
    types = note_types()
    is_note = target.startswith("NOTE_")
    notes = []
    for code, text in node.items():
        if code not in types:
            known = ", ".join(types)
            text.fail(f"a note type of ILO ({known})", with_nearest(code, types))
        name, attribute = types[code]
        if is_note and attribute != target:
            expected = f"notes of the type {code} ({name}) under {attribute}"
            text.fail(expected, f"under {target}")
        notes.append(f"{name}: {text.text()}")
    return "; ".join(notes)
