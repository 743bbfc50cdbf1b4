"""Words and numbers of a printed period, in the region's languages and eras, as a short shape."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from ilms_sdmx.tables.text import clean, western_digits
from ilms_sdmx.tables.words import Word, of_kinds

#: Letter of each kind of token in a shape; kinds that are not here only set a flag or mean nothing.
_LETTER = {
    "month": "M",
    "quarter": "q",
    "half": "h",
    "fiscal": "F",
    "through": "t",
    "monthword": "m",
    "end": "e",
    "ordinal": "o",
    "cumulative": "c",
}
_KINDS = (*_LETTER, "era", "year", "asat", "filler")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_MARKS = "\u0300-\u036f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd\u17b4-\u17d3\u102b-\u103e"
#: A strange piece: a word, or one letter with its marks in the scripts that put no spaces between words.
_LETTERS = re.compile(
    rf"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff][{_MARKS}]*|(?:(?![\u0e00-\u109f\u1780-\u17ff])[^\W\d_]|[\u0300-\u036f])+"
)
#: `9T-2019`, `9M2019`: nine months.
_COUNTED = re.compile(r"\b(\d{1,2})\s?[tm][-/ ]{0,2}(?=\d{4})")
#: `T12/2022`: the twelfth month.
_NUMBERED = re.compile(r"\bt(\d{1,2})(?=\s?[-/.]\s?\d{4})")
#: Signs of ordinals: `1º trimestre`.
_ORDINAL = re.compile(r"(?<=\d)\.?[ºª]")
#: `2019M03`, `2019-S1`: the forms of SDMX and ILOSTAT.
_CODED = re.compile(r"\b(\d{4})-?m(\d{1,2})\b")
_HALF = re.compile(r"\b(\d{4})[- ]?s([12])\b")
#: `2019Q1`, `2019BE`: what stands behind the year is no mark of the figures.
_CODED_QUARTER = re.compile(r"\d{4}(?:q|s|m|h|be)\b")
#: `2020 p/`, `Dec 2021 (P)`: a letter of status that stands apart, only at the end and with a sign of a mark.
_APART = re.compile(r"(?<=\d)\s*(?:\(\s*([perbuf])\s*/?\s*\)|\s([perbuf])\s*/)\s*$")
_ATTACHED = re.compile(r"\b(\d{4})([a-z*]{1,2})(?=$|[\s)])")


@dataclass(slots=True)
class Tokens:
    """A printed period taken apart.

    Parameters
    ----------
    mark
        Letters behind a year, as in `2019p`.
    shape
        One letter a token: `Y` year, `n` small number, `M` month, `q`, `h`, `F`, `t` (to), `-`, `/`; `x` is a
        word that belongs to no period.
    values
        The number of each token: year of the common era, month, quarter.
    """

    shape: str = ""
    values: list[int] = field(default_factory=list)
    as_at: bool = False
    pending: bool = False
    strange: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    mark: str = ""

    def add(self, letter: str, value: int = 0) -> None:
        """Append a token."""
        self.shape += letter
        self.values.append(value)
        self.as_at |= self.pending and letter in "YMnqhe"
        self.pending = False

    def add_strange(self, piece: str, joined: bool) -> None:
        """Append a word that belongs to no period, joined to the one before where no space is between."""
        if joined and self.strange and self.shape.endswith("x"):
            self.strange[-1] += piece
        else:
            self.strange.append(piece)
            self.add("x")


def common_year(number: int, era: str) -> tuple[int, str]:
    """Year of the common era, and the sentence that says how; 0 where the number is no year.

    2400 to 2700 is of the Buddhist Era, 1800 to 2200 of the common era, whatever else is printed.
    """
    if 2400 <= number <= 2700:
        return number - 543, f"{number} of the Buddhist Era is {number - 543}"
    if 1800 <= number <= 2200:
        return number, ""
    if 0 <= number < 100 and era == "buddhist":
        return (
            2500 + number - 543,
            f"{number:02d} is read as 25{number:02d} of the Buddhist Era, as declared",
        )
    if 0 <= number < 100 and era == "common":
        full = 2000 + number if number < 70 else 1900 + number
        return full, f"{number:02d} is read as {full}, as declared"
    return 0, ""


def tokens(text: str, short_years: str = "") -> Tokens:
    """Tokens of a text; words that belong to no period are kept as `strange`."""
    shown = _ORDINAL.sub("", clean(western_digits(text)).casefold())
    shown = _NUMBERED.sub(r"tháng \1", shown)
    shown = _COUNTED.sub(r"\1 tháng ", shown)
    shown = _HALF.sub(r"\1 h\2", _CODED.sub(r"\2/\1", shown))
    if apart := _APART.search(shown):
        shown = f"{shown[: apart.start()]}{apart.group(1) or apart.group(2)}"
    attached = None if _CODED_QUARTER.search(shown) else _ATTACHED.search(shown)
    mark = attached.group(2) if attached else ""
    shown = _ATTACHED.sub(r"\1", shown) if attached else shown
    found = Tokens(mark=mark)
    for kind, piece, word in _pieces(shown):
        if word is not None:
            _add_word(found, word)
        elif kind == "number":
            _add_number(found, piece, short_years)
        elif kind == "mark":
            found.add("/" if piece == "/" else "-")
        elif kind != "space":
            found.add_strange(piece, kind == "letter")
    return found


def _pieces(text: str) -> Iterator[tuple[str, str, Word | None]]:
    known = of_kinds(*_KINDS)
    position = end = 0
    while position < len(text):
        rest = text[position:]
        word = next(
            (
                w
                for form, w in known.items()
                if rest.startswith(form) and _whole(text, position, form, end)
            ),
            None,
        )
        if word is not None:
            yield "word", word.word, word
            position = end = position + len(word.word)
            continue
        kind, match = _plain(rest)
        glued = kind == "strange" and position == end and position > 0
        yield ("letter" if glued else kind), match, None
        position += len(match)
        end = position if kind == "strange" else end


def _plain(rest: str) -> tuple[str, str]:
    if number := _NUMBER.match(rest):
        return "number", number.group()
    if letters := _LETTERS.match(rest):
        return "strange", letters.group()
    return ("mark" if rest[0] in "-/~" else "strange" if rest[0] in "%‰" else "space"), rest[0]


def _whole(text: str, start: int, form: str, end: int) -> bool:
    """Whether a known word stands by itself; in scripts without spaces only short words need a boundary."""
    if ord(form[0]) >= 0x0E00:
        return len(form) > 3 or start == end or not _is_letter(text[start - 1 : start])
    before, after = text[start - 1 : start], text[start + len(form) : start + len(form) + 1]
    letters = not (before.isalpha() and form[0].isalpha()) and not (
        after.isalpha() and form[-1].isalpha()
    )
    return letters and (form != "h" or after.isdigit() or before.isdigit())


def _is_letter(character: str) -> bool:
    return character.isalpha() or bool(
        character and unicodedata.category(character).startswith("M")
    )


def _add_word(found: Tokens, word: Word) -> None:
    if word.kind in {"asat", "end"}:
        found.pending = True
        if word.kind == "asat":
            return
    if word.kind == "half" and word.value:
        found.add("o", int(word.value))
    if word.kind in _LETTER:
        found.add(_LETTER[word.kind], int(word.value or 0))


def _add_number(found: Tokens, piece: str, short_years: str) -> None:
    if not piece.isdigit():
        _add_dotted(found, piece)
        return
    number = int(piece[:9])
    short = len(piece) == 2 and found.shape.rstrip("-/").endswith("M")
    year, evidence = common_year(number, short_years if short else "")
    if year and len(piece) in {2, 4}:
        found.add("Y", year)
        if evidence:
            found.evidence.append(evidence)
    elif len(piece) <= 2:
        found.add("n", number)
    else:
        found.add_strange(piece, False)


def _add_dotted(found: Tokens, piece: str) -> None:
    """Date written with points, `30.6.2023`; any other number with separators is no part of a period."""
    parts = piece.split(".")
    if len(parts) == 3 and all(p.isdigit() for p in parts) and len(parts[2]) == 4:
        for index, part in enumerate(parts):
            if index:
                found.add("/")
            _add_number(found, part, "")
    else:
        found.add_strange(piece, False)
