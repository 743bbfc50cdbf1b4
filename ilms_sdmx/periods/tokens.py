"""Words and numbers of a printed period, in the languages of the region, as a short shape."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from ilms_sdmx.periods.calendars.eras import common_year
from ilms_sdmx.periods.calendars.numbered import with_common_years
from ilms_sdmx.words.text import clean, one_look, western_digits
from ilms_sdmx.words.vocabulary import Word, by_first_letter, of_kind

#: Letter of each kind of token in a shape; other kinds only set a flag or mean nothing.
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
    "open_before": "S",
    "open_behind": "U",
    "other_year": "E",
    "week": "k",
    "year_ended": "w",
    "months_ended": "v",
}
_KINDS = (*_LETTER, "era", "year", "asat", "filler")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_MARKS = (
    "\u0300-\u036f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
    "\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd\u17b4-\u17d3\u102b-\u103e"
)
#: A strange piece: a word, or one letter with its marks in the scripts without spaces.
_LETTERS = re.compile(
    rf"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff][{_MARKS}]*"
    r"|(?:(?![\u0e00-\u109f\u1780-\u17ff])[^\W\d_]|[\u0300-\u036f])+"
)
#: Code of the first letter of Thai, with which the scripts without spaces begin.
_FIRST_LETTER_WITHOUT_SPACES = 0x0E00
#: The word that the letters of `9T-2019` and `T12/2022` are short for.
_MONTH = next(word.word for word in of_kind("monthword") if word.language == "vi")
#: A word between a year and the month up to which it runs.
_THROUGH = next(of_kind("through")).word
#: `9T-2019`, `9M2019`: nine months.
_COUNTED = re.compile(r"\b(\d{1,2})\s?[tm][-/ ]{0,2}(?=\d{4})")
#: `2019 9M`: nine months behind the year.
_COUNTED_BEHIND = re.compile(r"(?<=\d{4})[-/ ]{1,2}(\d{1,2})\s?m\b")
#: `T12/2022`: the twelfth month.
_NUMBERED = re.compile(r"\bt(\d{1,2})(?=\s?[-/.]\s?\d{4})")
#: `2018 a junho`: the year up to a month, in Portuguese.
_YEAR_TO_MONTH = re.compile(r"(?<=\d{4})\s+a\s+(?=[^\W\d_]{3})")
#: Signs of ordinals: `1º trimestre`.
_ORDINAL = re.compile(r"(?<=\d)\.?[ºª]")
#: `2019M03`, `2019-S1`: the forms of SDMX and ILOSTAT.
_CODED = re.compile(r"\b(\d{4})-?m(\d{1,2})\b")
_HALF = re.compile(r"\b(\d{4})[- ]?s([12])\b")
#: `2019Q1`, `2019BE`: what is behind the year is no mark of the figures.
_CODED_QUARTER = re.compile(r"\d{4}(?:q|s|m|h|be)\b")
#: `2020 p/`, `Dec 2021 (P)`: a letter of status apart, at the end and with a sign of a mark.
_APART = re.compile(r"(?<=\d)\s*(?:\(\s*([perbuf])\s*/?\s*\)|\s([perbuf])\s*/)\s*$")
#: What is behind a word that leaves a period open, and what makes a range of it.
_BEGINS_OPEN = re.compile(r"-?e?(?:[YMqho]|n[-/]?(?:M|n[-/]?Y))")
_RANGE = re.compile(r"e?[nYMqho/]*[nYMqho]-?[t-]e?[nYMqho]")
#: What is behind *year ended*.
_BEGINS_MONTH = re.compile("e?n?M")
#: `2019p`, `2019**`; letters that may be a part of the year (`2016Q`, `2016TI`) are no mark.
_ATTACHED = re.compile(r"\b(\d{4})([abcdefgijlnopruvwxyz]|p[epr]|rr|xx|\*{1,2})(?=$|[\s)])")
#: `2016QIV`: a quarter by a Roman numeral without a blank.
_ROMAN_QUARTER = re.compile(r"(?<![^\W\d_])q(iv|i{1,3})\b")
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}


@dataclass(slots=True)
class Tokens:
    """A printed period taken apart.

    Parameters
    ----------
    mark
        Letters behind a year, as in `2019p`.
    shape
        One letter a token: `Y` year, `n` small number, `M` month, `q`, `h`, `F`, `t` (to),
        `-`, `/`; `x` is a word that belongs to no period. `S` and `U` leave the period next to
        them open (`since 2016`, `2016 onwards`), `E` says that its year is of another count.
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
        """Append a word of no period, joined to the one before where no space is between."""
        if joined and self.strange and self.shape.endswith("x"):
            self.strange[-1] += piece
        else:
            self.strange.append(piece)
            self.add("x")


def read_tokens(text: str, short_years: str = "") -> Tokens:
    """Tokens of a text; words that belong to no period are kept as `strange`."""
    shown, evidence = _with_plain_forms(text)
    mark = ""
    attached = _ATTACHED.search(shown)
    if attached is not None and _CODED_QUARTER.search(shown) is None:
        mark = attached.group(2)
        shown = _ATTACHED.sub(r"\1", shown)
    tokens = Tokens(mark=mark)
    for kind, piece, word in _pieces(shown):
        if word is not None:
            _add_word(tokens, word)
        elif kind == "number":
            _add_number(tokens, piece, short_years)
        elif kind == "mark":
            tokens.add("/" if piece == "/" else "-")
        elif kind != "space":
            tokens.add_strange(piece, kind == "letter")
    tokens.evidence += evidence
    _drop_words_of_no_period(tokens)
    return tokens


def _drop_words_of_no_period(tokens: Tokens) -> None:
    """Leave out words that can speak of a period, but are next to none in a text.

    *From* one period to another is no open one; *before departure* and *hours a week* say
    nothing of time.
    """
    for place in reversed(range(len(tokens.shape))):
        letter = tokens.shape[place]
        end = place + 1
        before = tokens.shape[:place]
        after = tokens.shape[end:]
        speaks = True
        if letter == "S":
            speaks = _BEGINS_OPEN.match(after) is not None and _RANGE.match(after) is None
        elif letter == "U":
            speaks = before.endswith(("Y", "M", "M-", "Mn", "Y-"))
        elif letter == "E":
            speaks = before.endswith("Y") or after.startswith(("Y", "-Y"))
        elif letter == "k":
            speaks = after.startswith("n")
        elif letter in "wv":
            speaks = _BEGINS_MONTH.match(after) is not None
        if not speaks:
            tokens.shape = before + after
            del tokens.values[place]


def _with_plain_forms(text: str) -> tuple[str, list[str]]:
    """Text in lower case with digits 0 to 9, its short forms written out, and the evidence."""
    digits_read = western_digits(text)
    shown = one_look(clean(digits_read)).casefold()
    shown, evidence = with_common_years(shown)
    shown = _signed_date().sub(_slashed_date, shown)
    shown = _portuguese_range().sub(" - ", shown)
    shown = _YEAR_TO_MONTH.sub(f" {_THROUGH} ", shown)
    shown = _ORDINAL.sub("", shown)
    shown = _NUMBERED.sub(rf"{_MONTH} \1", shown)
    shown = _COUNTED.sub(rf"\1 {_MONTH} ", shown)
    shown = _COUNTED_BEHIND.sub(rf" \1 {_MONTH} ", shown)
    shown = _CODED.sub(r"\2/\1", shown)
    shown = _HALF.sub(r"\1 h\2", shown)
    shown = _ROMAN_QUARTER.sub(_quarter, shown)
    apart = _APART.search(shown)
    if apart is None:
        return shown, evidence
    letter = apart.group(1) or apart.group(2)
    return f"{shown[: apart.start()]}{letter}", evidence


def _quarter(match: re.Match[str]) -> str:
    """Quarter by a Roman numeral as it is read: ` q4`."""
    return f" q{_ROMAN[match.group(1)]}"


@lru_cache(maxsize=1)
def _portuguese_range() -> re.Pattern[str]:
    """Expression of `a` between two times: `janeiro a junho`, `2014 a 2016`, `1 a 15 de maio`.

    Elsewhere the letter is a word of another kind.
    """
    names: list[str] = []
    for kind in ("month", "ordinal"):
        for word in of_kind(kind):
            if word.language == "pt":
                plain = one_look(word.word)
                name = re.escape(plain.casefold())
                names.append(name)
    any_name = "|".join(names)
    date = rf"(?:\d{{1,2}}\s+de\s+)?(?:{any_name})\b"
    between = r"\s+a\s+"
    after_year = rf"(?<=\d{{4}}){between}(?=(?:{date}\s+de\s+)?\d{{4}}\b)"
    after_name = rf"(?<=[^\W\d_]){between}(?={date})"
    after_day = rf"(?<=(?<!\d\d\d)\d){between}(?={date})"
    after_sign = rf"(?<=[\u00ba\u00aa]){between}(?=\d\.?[\u00ba\u00aa])"
    after_word = f"{after_name}|{after_day}"
    return re.compile(f"{after_year}|{after_word}|{after_sign}")


@lru_cache(maxsize=1)
def _signed_date() -> re.Pattern[str]:
    """Expression of a date with a sign behind each number: `2018年6月30日`, `2018년 6월`."""
    signs: dict[str, str] = {}
    for word in of_kind("date_sign"):
        known = signs.get(word.value, "")
        signs[word.value] = known + re.escape(word.word)
    year = rf"(\d{{4}})\s*[{signs['Y']}]"
    month = rf"(\d{{1,2}})\s*[{signs['M']}]"
    day = rf"(?:\s*(\d{{1,2}})\s*[{signs['D']}])?"
    return re.compile(rf"{year}\s*{month}{day}")


def _slashed_date(match: re.Match[str]) -> str:
    """Date with a sign behind each number, as it is read: `2018/6/30`, `6/2018`."""
    year, month, day = match.groups()
    if day is None:
        return f"{month}/{year}"
    return f"{year}/{month}/{day}"


def _pieces(text: str) -> Iterator[tuple[str, str, Word | None]]:
    """Kind, text and known word of each piece of a text, from left to right."""
    position = end_of_strange = 0
    while position < len(text):
        word = _word_at(text, position, end_of_strange)
        if word is not None:
            yield "word", word.word, word
            position += len(word.word)
            end_of_strange = position
            continue
        kind, piece = _plain_piece(text[position:])
        is_glued = kind == "strange" and position == end_of_strange and position > 0
        if is_glued:
            kind = "letter"
        yield kind, piece, None
        position += len(piece)
        if kind in {"strange", "letter"}:
            end_of_strange = position


def _word_at(text: str, position: int, end_of_strange: int) -> Word | None:
    """Longest known word that a text has at a position."""
    rest = text[position:]
    words = by_first_letter(*_KINDS).get(rest[0], {})
    for form, word in words.items():
        if rest.startswith(form) and _is_whole(text, position, form, end_of_strange):
            return word
    return None


def _plain_piece(rest: str) -> tuple[str, str]:
    """Kind and text of the piece with which a text begins, where that is no known word."""
    number = _NUMBER.match(rest)
    if number is not None:
        return "number", number.group()
    letters = _LETTERS.match(rest)
    if letters is not None:
        return "strange", letters.group()
    sign = rest[0]
    if sign in "-/~":
        return "mark", sign
    if sign in "%‰":
        return "strange", sign
    return "space", sign


def _is_whole(text: str, start: int, form: str, end_of_strange: int) -> bool:
    """Whether a known word is a word of its own.

    In scripts without spaces only short words need a boundary.
    """
    before = text[start - 1 : start]
    if ord(form[0]) >= _FIRST_LETTER_WITHOUT_SPACES:
        if len(form) > 3 or start == end_of_strange:
            return True
        return not _is_letter(before)
    end = start + len(form)
    after = text[end : end + 1]
    if before.isalpha() and form[0].isalpha():
        return False
    if after.isalpha() and form[-1].isalpha():
        return False
    if form == "h":
        return after.isdigit() or before.isdigit()
    return True


def _is_letter(character: str) -> bool:
    if character.isalpha():
        return True
    return bool(character) and unicodedata.category(character).startswith("M")


def _add_word(tokens: Tokens, word: Word) -> None:
    if word.kind in {"asat", "end"}:
        tokens.pending = True
    if word.kind == "asat":
        return
    number = int(word.value or 0)
    if word.kind == "half" and word.value:
        tokens.add("o", number)
    if word.kind in _LETTER:
        letter = _LETTER[word.kind]
        tokens.add(letter, number)


def _add_number(tokens: Tokens, piece: str, short_years: str) -> None:
    if not piece.isdigit():
        _add_dotted(tokens, piece)
        return
    number = int(piece[:9])
    shape_before = tokens.shape.rstrip("-/")
    follows_month = len(piece) == 2 and shape_before.endswith("M")
    calendar = short_years if follows_month else ""
    year, evidence = common_year(number, calendar)
    if year and len(piece) in {2, 4}:
        tokens.add("Y", year)
        if evidence:
            tokens.evidence.append(evidence)
    elif len(piece) <= 2:
        tokens.add("n", number)
    else:
        tokens.add_strange(piece, False)


def _add_dotted(tokens: Tokens, piece: str) -> None:
    """Date written with points, `30.6.2023`; no other number with separators is of a period."""
    parts = piece.split(".")
    all_digits = all(part.isdigit() for part in parts)
    if not all_digits or len(parts) != 3 or len(parts[2]) != 4:
        tokens.add_strange(piece, False)
        return
    for index, part in enumerate(parts):
        if index:
            tokens.add(".")
        _add_number(tokens, part, "")
