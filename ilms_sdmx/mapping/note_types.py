"""ILO's note types (T36, S3, S4, T2, ...): what a note is about, and the attribute that holds it."""

from __future__ import annotations

import csv
from functools import cache
from typing import NamedTuple

from ilms_sdmx._files import dsd
from ilms_sdmx.mapping.file.nodes import Node, nearest


class NoteType(NamedTuple):
    """One type: its name, and the attribute of ILO's structures whose notes are of that type."""

    name: str
    attribute: str


@cache
def note_types() -> dict[str, NoteType]:
    """Types by code, those that ILMS uses."""
    text = (dsd() / "note_types.csv").read_text(encoding="utf-8")
    return {
        r["code"]: NoteType(r["name"], r["attribute"])
        for r in csv.DictReader(text.splitlines())
    }


def read_notes(target: str, node: Node) -> str:
    """Text of the notes of an attribute, `Data reference period: fiscal year; ...`, in the order of the file.

    Raises
    ------
    MappingError
        A type that does not exist, or whose notes stand in another attribute.
    """
    types = note_types()
    for code, text in node.items():
        if code not in types:
            text.fail(
                f"a note type of ILO ({', '.join(types)})", repr(code) + nearest(code, types)
            )
        expected = types[code].attribute
        if target.startswith("NOTE_") and expected != target:
            text.fail(
                f"notes of the type {code} ({types[code].name}) under {expected}",
                f"under {target}",
            )
    return "; ".join(f"{types[code].name}: {text.text()}" for code, text in node.items())
