"""Character encodings of text files: what is certain is decoded, the rest is asked for."""

from __future__ import annotations

import codecs
from collections.abc import Callable

from ilms_sdmx.errors import TableError
from ilms_sdmx.findings import phrase
from ilms_sdmx.tables.legacy.characters import decode_legacy

#: Byte order marks, the longest first.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Legacy encodings of the region, as candidates for detection.
LEGACY = ("cp874", "cp1258", "cp1252", "cp949")


def decode(data: bytes, name: str, encoding: str = "") -> tuple[str, str, str]:
    """Text of a file, the encoding it was read in, and the evidence where it was inferred.

    A declared encoding (`tcvn3`, `vni` and `viscii` too, which Python lacks) wins; then a byte
    order mark, then valid UTF-8, then what only one legacy encoding of the region makes sense
    of.

    Raises
    ------
    TableError
        When the bytes do not fit the declared encoding, or more than one encoding would do.
    """
    if encoding:
        return _strict(data, encoding, name), encoding, ""
    for mark, marked in _MARKS:
        if data.startswith(mark):
            return _strict(data, marked, name), marked, ""
    wide = _wide(data)
    if wide:
        return _strict(data, wide, name), wide, ""
    try:
        return data.decode("utf-8"), "utf-8", ""
    except UnicodeDecodeError:
        return _legacy(data, name)


def _strict(data: bytes, encoding: str, name: str) -> str:
    legacy = decode_legacy(data, encoding)
    if legacy is not None:
        return legacy
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise TableError(f"{name} is not text in {encoding}: {error}.") from error


def _wide(data: bytes) -> str:
    """Name of an encoding of two bytes a letter, seen by its zeros; empty for others."""
    head = data[:2000]
    if len(head) < 4 or b"\0" not in head:
        return ""
    even = head[0::2].count(0)
    odd = head[1::2].count(0)
    many = len(head) / 5
    if odd > many and not even:
        return "utf-16-le"
    if even > many and not odd:
        return "utf-16-be"
    return ""


def _legacy(data: bytes, name: str) -> tuple[str, str, str]:
    """Text in the only legacy encoding that gives words, its name and the evidence."""
    text_of: dict[str, str] = {}
    for encoding in LEGACY:
        text = _fits(data, encoding)
        if text:
            text_of[encoding] = text
    known = ", ".join(LEGACY)
    if len(text_of) == 1:
        encoding, text = text_of.popitem()
        return text, encoding, phrase("only-encoding", encodings=known)
    raise _encoding_error(name, tuple(text_of))


def _encoding_error(name: str, candidates: tuple[str, ...]) -> TableError:
    """Error about a file whose bytes several legacy encodings would read, or none."""
    why = f"none of {', '.join(LEGACY)} makes words of its bytes"
    if candidates:
        why = f"its bytes would do in {' or '.join(candidates)}"
    return TableError(
        f"{name} is not UTF-8, and {why}: declare the encoding "
        "(`encoding: cp874` under conventions of the mapping)."
    )


def _fits(data: bytes, encoding: str) -> str:
    """Text in an encoding if that reads as words of its language, else nothing."""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return ""
    # A no-break blank is of every language.
    high = [c for c in text if ord(c) > 127 and c != "\u00a0"]
    reads = _READS_AS_WORDS[encoding]
    if not reads(text, high):
        return ""
    return text


def _reads_as_thai(text: str, high: list[str]) -> bool:
    """Whether the letters are Thai, and vowels and tone marks follow consonants."""
    thai = sum("\u0e01" <= c <= "\u0e5b" for c in high)
    if thai <= 0.9 * max(len(high), 1):
        return False
    return _follow(text, _THAI_MARKS, _THAI_LETTERS)


def _reads_as_vietnamese(text: str, high: list[str]) -> bool:
    """Whether enough letters are Vietnamese, and tone marks follow vowels, as they must."""
    vietnamese = sum(map(text.count, _VIETNAMESE))
    if vietnamese <= len(high) / 8:
        return False
    return _follow(text.lower(), _TONES, _VOWELS)


def _reads_as_western(text: str, high: list[str]) -> bool:
    """Whether nearly all letters beyond ASCII are those of Western languages."""
    western = sum(map(_WESTERN.__contains__, high))
    return western > 0.95 * len(high)


def _reads_as_korean(text: str, high: list[str]) -> bool:
    """Whether nearly all letters beyond ASCII are syllables of Korean."""
    korean = sum("\uac00" <= c <= "\ud7a3" for c in high)
    return korean > 0.9 * len(high)


def _follow(text: str, marks: frozenset[str], letters: frozenset[str]) -> bool:
    """Whether a text has marks, and all of them come directly after one of the letters."""
    before = ""
    has_marks = False
    for character in text:
        if character in marks:
            has_marks = True
            if before not in letters:
                return False
        before = character
    return has_marks


_THAI_LETTERS = frozenset(map(chr, range(0x0E01, 0x0E4F)))
_THAI_MARKS = frozenset(map(chr, (0x0E31, *range(0x0E34, 0x0E3B), *range(0x0E47, 0x0E4F))))
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_VOWELS = frozenset("aăâeêioôơuưy")
_VIETNAMESE = (*_TONES, *"đĐơƠưƯ")
_WESTERN = frozenset("éèêëàâáãçíóôõúñüöäßÉÈÀÇÁÍÓÚÑÃÕ–—‘’“”•…°")
_READS_AS_WORDS: dict[str, Callable[[str, list[str]], bool]] = {
    "cp874": _reads_as_thai,
    "cp1258": _reads_as_vietnamese,
    "cp1252": _reads_as_western,
    "cp949": _reads_as_korean,
}
