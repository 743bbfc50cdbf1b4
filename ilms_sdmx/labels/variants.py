"""Forms of one printed label, without numbering and marks, languages apart."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from ilms_sdmx.labels.lines import affixes
from ilms_sdmx.words import alternation
from ilms_sdmx.words.text import JOINED, folded, is_joined

_NUMBERING = re.compile(
    r"(?:\(?(?:\d{1,3}(?:\.\d{1,2})*|[ivxl]{1,5}|[a-v])[.)] *"
    r"|\d{1,2} ?- ?|\d{1,2} +|[-•*–] *)(?=[^\W\d_])"
)
_SECTION = re.compile(rf"(?:{alternation('section')} )?[a-v] ?[-:.,] ?(?=\w\w)")
_MARKS = re.compile(r"(?: ?\d/| ?\(\d\)| ?\(\d+(?: ?[+=] ?\d+)+\)| ?[*†‡]+| ?\d/?\))+$")
#: Letter of a section behind its label, in brackets: `real estate (l)`.
_SECTION_BEHIND = re.compile(r" ?\([a-v]\)$")
#: Signs and wide gaps between one label in two languages.
_BETWEEN_LANGUAGES = re.compile(r" */ *|\n| {2,}")
#: Place at which a label goes on in another script: to Latin letters, or from them.
_CHANGE_OF_SCRIPT = re.compile(
    rf"(?<=[^\x00-\u024f\u1e00-\u1eff\s(]) ?(?=[a-z])|(?<=[a-z)])\s+(?=[{JOINED}])"
)


def bare(label: str) -> str:
    """Label folded, without numbering before it and footnote marks after it.

    >>> bare("10. ฮ่องกง 1/"), bare("iv. Pembinaan")
    ('ฮ่องกง', 'pembinaan')
    """
    text = _MARKS.sub("", folded(label))
    text = text.replace(" & ", " and ")
    numbering = _NUMBERING.match(text)
    if numbering is None:
        return text.strip()
    shorter = text[numbering.end() :]
    return (shorter or text).strip()


def script(text: str) -> str:
    """Script of the first letter: `THAI`, `LATIN`, `KHMER`; empty for none."""
    for letter in text:
        if letter.isalpha():
            name = unicodedata.name(letter, "")
            return name.partition(" ")[0]
    return ""


@lru_cache(maxsize=65536)
def parts(label: str) -> tuple[str, ...]:
    """Pieces of a label that each name the same in another language, the label first.

    >>> parts("1. ไต้หวัน / Taiwan")
    ('ไต้หวัน / taiwan', 'ไต้หวัน', 'taiwan')
    """
    text = bare(label)
    pieces = [text]
    for piece in _BETWEEN_LANGUAGES.split(text):
        pieces += _by_script(piece)
    stripped = dict.fromkeys(piece.strip(" .,-:") for piece in pieces)
    return tuple(filter(None, stripped))


def _by_script(text: str) -> list[str]:
    """Text cut where the script changes from one of the region to Latin or back."""
    cut = _CHANGE_OF_SCRIPT.search(text)
    if cut is None:
        return [text]
    return [text[: cut.start()], text[cut.end() :]]


def halves(text: str) -> tuple[tuple[str, str], ...]:
    """Every way to cut a label in two, for two languages without a sign: `lelaki male`."""
    words = text.split(" ")
    if not 1 < len(words) <= 16:
        return ()
    pairs = []
    for cut in range(1, len(words)):
        left = " ".join(words[:cut])
        right = " ".join(words[cut:])
        pairs.append((left, right))
    return tuple(pairs)


def without_brackets(text: str) -> tuple[str, ...]:
    """Text outside the brackets and inside each; nothing where there are none."""
    inner = re.findall(r"\(([^()]*)\)", text)
    outer = re.sub(r" *\([^()]*\) *", " ", text).strip()
    if not inner or not outer:
        return ()
    return (outer, *inner)


def straight(text: str) -> str:
    """Name that was turned round for the alphabet, put right; empty for every other.

    >>> names = ["iran (islamic republic of)", "korea, republic of", "japan"]
    >>> tuple(map(straight, names))
    ('islamic republic of iran', 'republic of korea', '')
    """
    turned = re.fullmatch(r"([^(),]+?)(?:, | ?\()([^(),]+ of(?: the)?)\)?", text)
    if turned is None:
        return ""
    return f"{turned[2]} {turned[1]}"


def without_affixes(text: str) -> str:
    """Label without words around the name of a country: `cambodian workers` is `cambodian`."""
    for affix in affixes():
        if _begins_with(text, affix):
            rest = text[len(affix) :].strip()
            return without_affixes(rest)
        if _ends_with(text, affix):
            rest = text[: -len(affix)].strip()
            return without_affixes(rest)
    return text


def _begins_with(text: str, affix: str) -> bool:
    """Whether a label begins with a word.

    In scripts without spaces its name may follow at once.
    """
    if text == affix or not text.startswith(affix):
        return False
    rest = text[len(affix) :]
    return rest[0] == " " or is_joined(affix[-1])


def _ends_with(text: str, affix: str) -> bool:
    """Whether a label ends with a word.

    In scripts without spaces it may follow its name at once.
    """
    if text == affix or not text.endswith(affix):
        return False
    rest = text[: -len(affix)]
    return rest[-1] == " " or is_joined(affix[0])


def without_section(text: str) -> str:
    """Label without the letter of its section, before it or in brackets behind it.

    >>> without_section("c. manufacturing"), without_section("manufacturing (c)")
    ('manufacturing', 'manufacturing')
    """
    section = _SECTION.match(text)
    label = text[section.end() :] if section else text
    return _SECTION_BEHIND.sub("", label)
