"""Forms of one printed label: numbering and footnote marks off, languages and brackets apart."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from ilms_sdmx.labels.lines import affixes
from ilms_sdmx.words import alternation
from ilms_sdmx.words.text import folded

_NUMBERING = re.compile(
    r"(?:\(?(?:\d{1,3}(?:\.\d{1,2})*|[ivxl]{1,5}|[a-v])[.)] *|\d{1,2} ?- ?|\d{1,2} +|[-•*–] *)(?=[^\W\d_])"
)
_SECTION = re.compile(rf"(?:{alternation('section')} )?[a-v] ?[-:.,] ?(?=\w\w)")
_MARKS = re.compile(r"(?: ?\d/| ?\(\d\)| ?\(\d+(?: ?[+=] ?\d+)+\)| ?[*†‡]+| ?\d/?\))+$")
_BROKEN = re.compile(
    r"(?<=[\u0e00-\u0eff\u1780-\u17ff]) ?- (?=[\u0e00-\u0eff\u1780-\u17ff])|(?<=\w)- (?=\w)"
)


def bare(label: str) -> str:
    """Label folded, without numbering before it and footnote marks after it.

    >>> bare("10. ฮ่องกง 1/"), bare("iv. Pembinaan")
    ('ฮ่องกง', 'pembinaan')
    """
    text = _MARKS.sub("", folded(label)).replace(" & ", " and ")
    shorter = _NUMBERING.sub("", text, count=1) if _NUMBERING.match(text) else text
    return (shorter or text).strip()


def script(text: str) -> str:
    """Script of the first letter: `THAI`, `LATIN`, `KHMER`; empty for none."""
    letter = next((c for c in text if c.isalpha()), "")
    return unicodedata.name(letter, "").partition(" ")[0] if letter else ""


@lru_cache(maxsize=65536)
def parts(label: str) -> tuple[str, ...]:
    """Pieces of a label that each name the same thing in another language, the label itself first.

    >>> parts("1. ไต้หวัน / Taiwan")
    ('ไต้หวัน / taiwan', 'ไต้หวัน', 'taiwan')
    """
    text = bare(label)
    pieces = [text]
    for piece in re.split(r" */ *|\n| {2,}", text):
        pieces += _by_script(piece)
    return tuple(dict.fromkeys(p.strip(" .,-:") for p in pieces if p.strip(" .,-:")))


def _by_script(text: str) -> list[str]:
    """Text cut where the script changes from one of the region to Latin or back."""
    cut = re.search(
        r"(?<=[^\x00-\u024f\u1e00-\u1eff\s(]) ?(?=[a-z])|(?<=[a-z)])\s+(?=[\u0e00-\u109f\u1780-\u17ff])",
        text,
    )
    return [text[: cut.start()], text[cut.end() :]] if cut else [text]


def halves(text: str) -> tuple[tuple[str, str], ...]:
    """Every way to cut a label in two, for two languages without a sign between: `lelaki male`."""
    words = text.split(" ")
    if not 1 < len(words) <= 16:
        return ()
    return tuple((" ".join(words[:n]), " ".join(words[n:])) for n in range(1, len(words)))


def without_brackets(text: str) -> tuple[str, ...]:
    """Text outside the brackets and inside each; nothing where there are none."""
    inner = re.findall(r"\(([^()]*)\)", text)
    outer = re.sub(r" *\([^()]*\) *", " ", text).strip()
    return (outer, *inner) if inner and outer else ()


def straight(text: str) -> str:
    """Name that was turned round for the alphabet, put right; empty for every other.

    >>> straight("iran (islamic republic of)"), straight("korea, republic of"), straight("japan")
    ('islamic republic of iran', 'republic of korea', '')
    """
    turned = re.fullmatch(r"([^(),]+?)(?:, | ?\()([^(),]+ of(?: the)?)\)?", text)
    return f"{turned[2]} {turned[1]}" if turned else ""


def without_affixes(text: str) -> str:
    """Label without words around the name of a country: `cambodian workers` is `cambodian`."""
    for affix in affixes():
        spaced = ord(affix[-1]) < 0x0E00
        if text.startswith(affix + " ") or (
            not spaced and text.startswith(affix) and text != affix
        ):
            return without_affixes(text[len(affix) :].strip())
        if text.endswith(" " + affix):
            return without_affixes(text[: -len(affix)].strip())
    return text


def without_section(text: str) -> str:
    """Label without the letter of its section: `c. manufacturing` is `manufacturing`."""
    return _SECTION.sub("", text, count=1) if _SECTION.match(text) else text
