"""Text made comparable: one form for what looks the same, in every script of the region."""

from __future__ import annotations

import re
import unicodedata

#: Characters without width that copies from PDF and web pages leave behind, and CLDR's Khmer names contain.
_INVISIBLE = dict.fromkeys(
    [0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xAD, 0x200E, 0x200F, 0x202A, 0x202C]
)
_QUOTES = str.maketrans("‘’‛`´“”„«»‐‑‒–—―−﹣－", "'''''" + '"""""' + "-" * 9)
_TONES = "\u0e48\u0e49\u0e4a\u0e4b"
_LAO_TONES = "\u0ec8\u0ec9\u0eca\u0ecb"
#: SARA AM typed as two characters, the tone mark before, between or (as some editors do) after the ring.
_THAI_AM = re.compile(f"([{_TONES}]?)\u0e4d([{_TONES}]?)\u0e32")
_LAO_AM = re.compile(f"([{_LAO_TONES}]?)\u0ecd([{_LAO_TONES}]?)\u0eb2")
_SPACE = re.compile(r"\s+")
#: Scripts that put no spaces between words: Thai and Lao, Burmese, Khmer; for classes of expressions.
JOINED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_JOINED = re.compile(f"[{JOINED}]")


def is_joined(character: str) -> bool:
    """Whether a character is of a script that puts no spaces between words."""
    return bool(_JOINED.match(character))


def recompose(text: str) -> str:
    """Text in NFC with SARA AM of Thai and Lao as one character and nothing invisible in it.

    NFC does not unify the two ways of typing SARA AM, NFKC would also turn `120¹` into `1201`; this is the
    part of it that is wanted.

    >>> recompose("จํานวน") == recompose("จำนวน")
    True
    """
    text = unicodedata.normalize("NFC", text).translate(_INVISIBLE)
    if text.isascii():
        return text
    text = _THAI_AM.sub("\\1\\2\u0e33", text)
    return _LAO_AM.sub("\\1\\2\u0eb3", text)


def western_digits(text: str) -> str:
    """Text whose Thai, Lao, Khmer, Burmese and other decimal digits are 0 to 9; raised digits stay.

    >>> western_digits("๒๕๖๖ ១២ ၃၄"), western_digits("120¹")
    ('2566 12 34', '120¹')
    """
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def clean(text: str) -> str:
    """Text on one line: recomposed, quotes and dashes plain, spaces of all kinds single."""
    return _SPACE.sub(" ", recompose(text).translate(_QUOTES)).strip()


def folded(text: str) -> str:
    """Text for comparison: cleaned, digits western, case folded, dotted leaders and end punctuation off.

    >>> folded("  รวมยอด .......... "), folded("TOTAL:")
    ('รวมยอด', 'total')
    """
    return clean(western_digits(text)).casefold().rstrip(".: …").lstrip()
