"""Text made comparable: one form for what looks the same, in every script of the region."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

#: Characters without width, which copies from PDF and web pages and CLDR's Khmer names contain.
_INVISIBLE = dict.fromkeys(
    [0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xAD, 0x200E, 0x200F, 0x202A, 0x202C]
)
_QUOTES = str.maketrans("‘’‛`´“”„«»‐‑‒–—―−﹣－", "'''''" + '"""""' + "-" * 9)
_TONES = "\u0e48\u0e49\u0e4a\u0e4b"
_LAO_TONES = "\u0ec8\u0ec9\u0eca\u0ecb"
#: SARA AM typed as two characters; the tone mark is before or (in some editors) after the ring.
_THAI_AM = re.compile(f"([{_TONES}]?)\u0e4d([{_TONES}]?)\u0e32")
_LAO_AM = re.compile(f"([{_LAO_TONES}]?)\u0ecd([{_LAO_TONES}]?)\u0eb2")
_SPACE = re.compile(r"\s+")
#: The Burmese letter WA typed for the digit zero next to digits, and digits typed for letters.
_BURMESE_ZERO = re.compile("(?<=[\u1040-\u1049])\u101d+(?![\u1000-\u103f])")
_BURMESE_WA = re.compile("\u1040(?=[\u102b-\u103e]|[\u1000-\u1021]\u103a)")
_BURMESE_RA = re.compile("\u1047(?=[\u102b-\u103e])")
#: Spellings that look the same and the one for comparison: pairs of an expression and what it
#: becomes.
_LOOKS_OF_SCRIPTS = (
    (
        re.compile("[\u0e00-\u0e7f]"),
        (
            ("\u0e40\u0e40", "\u0e41"),
            (f"([{_TONES}])([\u0e31\u0e34-\u0e39])", "\\2\\1"),
        ),
    ),
    (
        re.compile("[\u0e80-\u0eff]"),
        (
            ("\u0ec0\u0ec0", "\u0ec1"),
            ("\u0edc", "\u0eab\u0e99"),
            ("\u0edd", "\u0eab\u0ea1"),
            ("\u0eab\u0ebc", "\u0eab\u0ea5"),
            (f"([{_LAO_TONES}])([\u0eb1\u0eb4-\u0eb9\u0ebb])", "\\2\\1"),
        ),
    ),
    (
        re.compile("[\u1000-\u109f]"),
        (
            ("\u1029", "\u101e\u103c"),
            ("\u102a", "\u101e\u103c\u1031\u102c\u103a"),
            ("\u1025(?=[\u1039\u103a])", "\u1009"),
        ),
    ),
    (
        re.compile("[\u1780-\u17ff]"),
        (
            ("\u17c1\u17b8", "\u17be"),
            ("\u17c1\u17b6", "\u17c4"),
            ("\u17c6\u17b6", "\u17b6\u17c6"),
            ("([\u17b7-\u17ba\u17be\u17d0])([\u17bb\u17c9\u17ca])", "\\2\\1"),
            ("[\u17c9\u17ca](?=[\u17b7-\u17ba\u17be\u17d0])", "\u17bb"),
            ("\u17d2\u178a", "\u17d2\u178f"),
            ("(\u17d2\u179a)(\u17d2[\u1780-\u17a2])", "\\2\\1"),
        ),
    ),
)
#: Eth and the African D, typed for the Vietnamese D with a stroke.
_STROKED = str.maketrans("\u00d0\u00f0\u0189", "\u0110\u0111\u0110")
#: Vietnamese syllables that end in two vowels, the tone on the first (`hòa`); the newer rule is
#: `hoà`.
_TONE_ON_FIRST = re.compile("([òóỏõọ])([ae])(?!\\w)|([ùúủũụ])(y)(?!\\w)", re.IGNORECASE)
#: Scripts without spaces between words: Thai and Lao, Burmese, Khmer; for classes of
#: expressions.
JOINED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_JOINED = re.compile(f"[{JOINED}]")
#: First code behind the letters of Latin in which languages of the region are written.
_END_OF_LATIN = 0x0250
#: A blank between two letters of such scripts: offices set it where a line or a phrase ends.
_BLANK_IN_JOINED = re.compile(f"(?<=[{JOINED}]) (?=[{JOINED}])")


def is_joined(character: str) -> bool:
    """Whether a character is of a script that puts no spaces between words."""
    return bool(_JOINED.match(character))


def unspaced(text: str) -> str:
    """Text without the blanks between letters of scripts that put none between words.

    >>> unspaced("ការ លក់ដុំ และ retail trade") == "ការលក់ដុំและ retail trade"
    True
    """
    return _BLANK_IN_JOINED.sub("", text)


def has_foreign_letters(text: str) -> bool:
    """Whether a text has letters of a script in which the region's languages are not written.

    >>> has_foreign_letters("여성"), has_foreign_letters("หญิง"), has_foreign_letters("Mulher")
    (True, False, False)
    """
    for character in text:
        is_latin = ord(character) < _END_OF_LATIN or "\u1e00" <= character <= "\u1eff"
        if character.isalpha() and not is_latin and not is_joined(character):
            return True
    return False


def recompose(text: str) -> str:
    """Text in NFC with SARA AM of Thai and Lao as one character and nothing invisible in it.

    NFC does not unify the two forms of SARA AM, and NFKC would also turn `120¹` into `1201`;
    this is the part of it that is wanted.

    >>> recompose("จํานวน") == recompose("จำนวน")
    True
    """
    text = unicodedata.normalize("NFC", text).translate(_INVISIBLE)
    if text.isascii():
        return text
    text = _THAI_AM.sub("\\1\\2\u0e33", text)
    return _LAO_AM.sub("\\1\\2\u0eb3", text)


def western_digits(text: str) -> str:
    """Text whose decimal digits of every script are 0 to 9; raised digits stay.

    >>> western_digits("๒๕๖๖ ១២ ၃၄"), western_digits("120¹")
    ('2566 12 34', '120¹')
    """
    if text.isascii():
        return text
    if "\u101d" in text:
        text = _BURMESE_ZERO.sub(_zeros, text)
    text = _BURMESE_WA.sub("\u101d", text)
    text = _BURMESE_RA.sub("\u101b", text)
    return "".join(map(_western_digit, text))


def _western_digit(character: str) -> str:
    """Digit 0 to 9 of a decimal digit; another character as it is."""
    if not character.isdecimal():
        return character
    number = unicodedata.decimal(character)
    return str(number)


def _zeros(letters: re.Match[str]) -> str:
    """Digits zero, one for each letter that was typed for one."""
    return "\u1040" * len(letters.group())


def one_look(text: str) -> str:
    """Text in which two spellings that look the same, or are two rules for one word, are one.

    The accents of Vietnamese follow the newer rule, letters of Lao that are written as one are
    two, signs of Khmer, Thai and Lao come in one order.

    >>> one_look("Cộng hòa") == one_look("Cộng hoà"), one_look("ໝ") == one_look("ຫມ")
    (True, True)
    """
    if text.isascii():
        return text
    text = _TONE_ON_FIRST.sub(_tone_on_second, text.translate(_STROKED))
    for script, looks in _looks():
        if script.search(text) is None:
            continue
        for look, spelling in looks:
            text = look.sub(spelling, text)
    return text


@lru_cache(maxsize=1)
def _looks() -> tuple[tuple[re.Pattern[str], tuple[tuple[re.Pattern[str], str], ...]], ...]:
    """Spellings of each script as expressions."""
    looks_of_scripts = []
    for script, pairs in _LOOKS_OF_SCRIPTS:
        looks = tuple((re.compile(look), spelling) for look, spelling in pairs)
        looks_of_scripts.append((script, looks))
    return tuple(looks_of_scripts)


def _tone_on_second(syllable: re.Match[str]) -> str:
    """Two vowels with the tone of the first on the second."""
    first, second = filter(None, syllable.groups())
    letters = unicodedata.normalize("NFD", first)
    base = letters[0]
    tone = letters[1]
    accented = unicodedata.normalize("NFC", second + tone)
    return f"{base}{accented}"


def clean(text: str) -> str:
    """Text on one line: recomposed, quotes and dashes plain, spaces of all kinds single."""
    if text.isascii():
        words = text.replace("`", "'").split()
        return " ".join(words)
    plain_text = recompose(text).translate(_QUOTES)
    line = _SPACE.sub(" ", plain_text)
    return line.strip()


@lru_cache(maxsize=65536)
def folded(text: str) -> str:
    """Text for comparison: cleaned, one spelling for one look, digits western, case folded.

    Dotted leaders and punctuation at its end are left out.

    >>> folded("  รวมยอด .......... "), folded("TOTAL:")
    ('รวมยอด', 'total')
    """
    line = clean(western_digits(text))
    comparable = one_look(line).casefold()
    without_leaders = comparable.rstrip(".: …")
    return without_leaders.lstrip()
