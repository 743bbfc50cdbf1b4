"""Text that is not what it shows though no font says so.

Zawgyi, and Thai in a wrong encoding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ilms_sdmx.findings import Candidate, Finding, Place, find
from ilms_sdmx.tables.cells import Cell, Kind, Sheet

#: What Unicode's Burmese never has: a vowel E before its consonant, a stacker before no
#: consonant, and the private forms that Zawgyi put where Unicode has letters of Mon, Karen and
#: Shan.
_ZAWGYI = re.compile(
    "(?<![\u1000-\u109f])\u1031|\u1039(?![\u1000-\u1021])"
    "|\u1031\u103b[\u1000-\u1021]|[\u1064\u107e-\u1084]"
)
_BURMESE = re.compile("[\u1000-\u109f]")
_HIGH = re.compile("[\u00a1-\u00fb]")
_THAI = re.compile("[\u0e01-\u0e2e]")


@dataclass(frozen=True, slots=True)
class Garbled:
    """What is wrong with a text (`zawgyi` or `mojibake`), and what it seems to say."""

    kind: str
    seems: str = ""


def garbled(text: str) -> Garbled | None:
    """Say what is wrong with the characters of a text, None for nothing.

    >>> garbled("ÃÇÁÂÍ´").seems, garbled("ေက်ာင္း").kind
    ('รวมยอด', 'zawgyi')
    >>> garbled("ကျောင်း"), garbled("São João")
    (None, None)
    """
    if text.isascii():
        return None
    if _BURMESE.search(text):
        if not _ZAWGYI.search(text):
            return None
        return Garbled("zawgyi")
    letters = [c for c in text if c.isalpha() or ord(c) > 127]
    if len(letters) >= 3 and len(_HIGH.findall(text)) >= 0.9 * len(letters):
        return _thai(text)
    return None


def _thai(text: str) -> Garbled | None:
    try:
        seems = text.encode("cp1252").decode("cp874")
    except UnicodeError:
        return None
    if len(_THAI.findall(seems)) >= 0.5 * len(seems):
        return Garbled("mojibake", seems)
    return None


def find_garbled(sheet: Sheet) -> Iterator[Finding]:
    """One finding for each kind of garbled text on a sheet, at the first cell that has it."""
    cells_of_kind: dict[str, list[tuple[Cell, Garbled]]] = {}
    for cell in sheet:
        value = cell.value
        # Most texts are of ASCII, in which nothing is garbled.
        if cell.kind is not Kind.TEXT or (isinstance(value, str) and value.isascii()):
            continue
        wrong = garbled(cell.text)
        if wrong is not None:
            cells_of_this_kind = cells_of_kind.setdefault(wrong.kind, [])
            cells_of_this_kind.append((cell, wrong))
    for kind, cells in cells_of_kind.items():
        cell, wrong = cells[0]
        place = Place(sheet=sheet.name, cell=cell.address)
        read = cell.text
        count = len(cells)
        if kind == "zawgyi":
            yield find("legacy-text", place, read=read, count=count)
            continue
        seems = Candidate("", wrong.seems, 100.0)
        yield find("wrong-encoding", place, read=read, candidates=(seems,), count=count)
