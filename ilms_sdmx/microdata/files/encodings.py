"""Encodings of old files: what they say, what their letters say, and two that go astray."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from ilms_sdmx.tables.legacy import decode, decode_legacy

#: Encodings that ReadStat does not decode rightly (cp1258: it shifts letters into the next
#: value) or not at all: their bytes are read as Latin-1, which keeps each, and decoded here.
ASTRAY = frozenset({"cp1258", "windows-1258", "tcvn3", "tcvn-3", "abc", "vni", "viscii"})
_LATIN = "LATIN1"


def reader_encoding(encoding: str) -> str | None:
    """Encoding to ask of ReadStat: Latin-1 where its own decoder goes astray.

    >>> reader_encoding("cp1258"), reader_encoding("cp874"), reader_encoding("")
    ('LATIN1', 'CP874', None)
    """
    if not encoding:
        return None
    if encoding.casefold().replace("_", "-") in ASTRAY:
        return _LATIN
    return encoding.upper()


def restored(text: str, encoding: str) -> str:
    r"""Text that was read as Latin-1, in its own encoding and composed.

    >>> restored("Vi\xea\xf2t Nam", "cp1258")
    'Việt Nam'
    """
    content = text.encode("latin-1", errors="replace")
    legacy = decode_legacy(content, encoding)
    if legacy is None:
        legacy = content.decode(encoding, errors="replace")
    return unicodedata.normalize("NFC", legacy)


def needs_restoring(encoding: str) -> bool:
    """Whether texts were read as Latin-1 and are to be decoded here."""
    return reader_encoding(encoding) == _LATIN and encoding.upper() != _LATIN


def likely_encoding(texts: Iterable[str]) -> str:
    """Encoding in which texts that were read as Latin-1 make sense; empty for ASCII.

    Raises
    ------
    TableError
        There are letters beyond ASCII, and more than one encoding of the region would do.
    """
    joined = "\n".join(texts)
    if joined.isascii():
        return ""
    content = joined.encode("latin-1", errors="replace")
    _, encoding, _ = decode(content, "the labels of the file")
    return encoding
