"""Character encodings of text files: what is certain is decoded, the rest is asked for."""

from __future__ import annotations

import codecs

from ilms_sdmx.errors import TableError
from ilms_sdmx.tables.legacy import decode_legacy

#: Byte order marks, the longest first.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Legacy encodings of the region, as candidates for detection.
LEGACY = ("cp874", "cp1258", "cp1252")


def decode(data: bytes, name: str, encoding: str = "") -> tuple[str, str, str]:
    """Text of a file, the encoding it was read in, and the evidence for it.

    A declared encoding (`tcvn3`, `vni` and `viscii` too, which Python lacks) wins; then a byte
    order mark, then valid UTF-8, then what only one legacy encoding of the region makes sense of.

    Raises
    ------
    TableError
        When the bytes do not fit the declared encoding, or more than one encoding would do.
    """
    if encoding:
        return _strict(data, encoding, name), encoding, "declared"
    for mark, found in _MARKS:
        if data.startswith(mark):
            return _strict(data, found, name), found, "byte order mark"
    if wide := _wide(data):
        return _strict(data, wide, name), wide, "every second byte is zero"
    try:
        return data.decode("utf-8"), "utf-8", "valid UTF-8"
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
    head = data[:2000]
    if len(head) < 4 or b"\0" not in head:
        return ""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > len(head) / 5 and not even:
        return "utf-16-le"
    return "utf-16-be" if even > len(head) / 5 and not odd else ""


def _legacy(data: bytes, name: str) -> tuple[str, str, str]:
    fitting = [(text, found) for found in LEGACY if (text := _fits(data, found))]
    if len(fitting) != 1:
        fits = " or ".join(found for _, found in fitting)
        why = (
            f"its bytes would do in {fits}"
            if fits
            else f"none of {', '.join(LEGACY)} makes words of its bytes"
        )
        raise TableError(
            f"{name} is not UTF-8, and {why}: declare the encoding "
            "(`encoding: cp874` under conventions of the mapping)."
        )
    text, found = fitting[0]
    return text, found, f"the only encoding of {', '.join(LEGACY)} that gives words"


def _fits(data: bytes, encoding: str) -> str:
    """Text in an encoding if that reads as words of its language, else nothing."""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return ""
    high = [c for c in text if ord(c) > 127 and c != "\u00a0"]  # a blank is of every language
    if encoding == "cp874":
        return text if _share(high, "\u0e01", "\u0e5b") > 0.9 and _is_thai(text) else ""
    if encoding == "cp1258":
        marks = sum(text.count(c) for c in "\u0300\u0301\u0303\u0309\u0323đĐơƠưƯ")
        return text if marks > len(high) / 8 and _marks_follow_vowels(text) else ""
    plain = sum(c in "éèêëàâáãçíóôõúñüöäßÉÈÀÇÁÍÓÚÑÃÕ–—‘’“”•…°" for c in high)
    return text if plain > 0.95 * len(high) else ""


def _share(characters: list[str], first: str, last: str) -> float:
    return sum(first <= c <= last for c in characters) / max(len(characters), 1)


def _is_thai(text: str) -> bool:
    """Whether vowels and tone marks above and below follow Thai consonants, as they must."""
    marks = [
        i
        for i, c in enumerate(text)
        if "\u0e34" <= c <= "\u0e3a" or "\u0e47" <= c <= "\u0e4e" or c == "\u0e31"
    ]
    good = sum(i > 0 and "\u0e01" <= text[i - 1] <= "\u0e4e" for i in marks)
    return bool(marks) and good == len(marks)


def _marks_follow_vowels(text: str) -> bool:
    marks = [i for i, c in enumerate(text) if c in "\u0300\u0301\u0303\u0309\u0323"]
    good = sum(i > 0 and text[i - 1].lower() in "aăâeêioôơuưy" for i in marks)
    return bool(marks) and good == len(marks)
