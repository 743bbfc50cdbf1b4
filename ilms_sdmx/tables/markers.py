"""Signs in place of figures.

What they usually mean; what they mean in a source, the source says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ilms_sdmx.words.text import clean
from ilms_sdmx.words.vocabulary import of_kind

_Meanings = tuple[tuple[str, str], ...]
_SIGNS: dict[str, _Meanings] = {
    "-": (
        ("zero", "nil in Viet Nam, Thailand"),
        ("N", "nil or negligible in Singapore"),
        ("O", "unsaid"),
    ),
    "--": (("zero", "nil"), ("N", "negligible")),
    "..": (("O", "not available"),),
    "...": (("O", "occurred, no information in Viet Nam; not available in Indonesia"),),
    "…": (("O", "not available"),),
    "s": (("Q", "suppressed, a small number in Singapore"),),
    "*": (("N", "less than half the unit"), ("Q", "suppressed"), ("U", "low reliability")),
    "**": (("N", "less than half the unit"), ("U", "low reliability")),
    "x": (("Q", "suppressed"), ("M", "not applicable")),
    "xx": (("Q", "suppressed"),),
    ":": (("O", "not available"),),
    "c": (("Q", "confidential"),),
    "0*": (("N", "less than half the unit"),),
    "#": (("Q", "suppressed"), ("U", "low reliability")),
    "?": (("O", "unknown"),),
}


def _with_words() -> dict[str, _Meanings]:
    """Meanings of signs, and of the words of all languages that are used like signs."""
    meanings = dict(_SIGNS)
    for word in of_kind("marker"):
        meanings[word.word] = (*meanings.get(word.word, ()), (word.value, word.note))
    return meanings


#: Sign or word to what offices of the region are known to mean by it: SDMX observation
#: statuses, or `zero`.
MARKERS = _with_words()


def as_marker(text: str) -> str:
    """Sign of the vocabulary that a text is, dashes of all kinds as `-`; empty for other texts.

    >>> as_marker(" – "), as_marker("N.A."), as_marker("5")
    ('-', 'n.a.', '')
    """
    plain = clean(text).casefold()
    if plain not in MARKERS:
        return ""
    return plain


def marker_candidates(texts: Iterable[str]) -> Counter[str]:
    """Texts that look like marks in place of figures, as printed, with their numbers."""
    return Counter(text.strip() for text in texts if as_marker(text))


#: Letter behind a year or figure to the SDMX observation status that it usually says.
_LETTERS = {"p": "P", "e": "E", "r": "A", "b": "B", "u": "U", "f": "F"}


def flags_line(mark: str) -> str:
    """Line of a mapping that declares a mark, with the status that its letter usually says.

    >>> flags_line("p"), flags_line("*")
    ('flags: {p: P}', "flags: {'*': <status>}")
    """
    key = mark
    if not mark.isalpha():
        key = f"'{mark}'"
    return f"flags: {{{key}: {_LETTERS.get(mark.casefold(), '<status>')}}}"
