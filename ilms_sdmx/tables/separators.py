"""Which character groups thousands and which begins the fraction: declared, or inferred with its evidence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from ilms_sdmx.words.text import western_digits

#: Spaces that group digits (no-break, narrow, thin, figure) and apostrophes, as one character each.
SPACES = "\u00a0\u2009\u2007\u202f\u2008\u2002\u2003\u3000"
_SAME = str.maketrans(
    {**dict.fromkeys(SPACES, " "), "’": "'", "‘": "'", "٫": ".", "，": ",", "．": "."}
)
#: Digits with separators between or, malformed, beside them.
TOKEN = re.compile(r"\d(?:\d|[.,'](?=\d)|[.,] (?=\d)| [.,] ?(?=\d)| (?=\d{3}(?!\d)))*")


@dataclass(frozen=True, slots=True)
class Separators:
    """One way to write numbers: the character before the fraction, and the one between groups of three."""

    decimal: str = "."
    group: str = ","

    def __str__(self) -> str:
        names = {".": "'.'", ",": "','", " ": "a space", "'": "an apostrophe", "": "nothing"}
        return (
            f"{names[self.decimal]} before the fraction, {names[self.group]} between thousands"
        )


#: Every way that is tried.
WAYS = tuple(Separators(d, g) for g in (",", ".", " ", "'", "") for d in (".", ",") if d != g)


@dataclass(frozen=True, slots=True)
class Inference:
    """What a column of texts says about its separators.

    Parameters
    ----------
    separators
        None where more than one reading is possible, or none.
    evidence
        Why, in one sentence.
    odd
        Positions of the texts that do not fit the reading.
    candidates
        The readings that are possible where none is certain.
    """

    separators: Separators | None
    evidence: str
    odd: tuple[int, ...] = ()
    candidates: tuple[Separators, ...] = ()


def prepared(text: str) -> str:
    """Text whose digits are western and whose spaces and apostrophes are plain."""
    return western_digits(text.translate(_SAME))


@lru_cache(maxsize=64)
def _pattern(way: Separators) -> re.Pattern[str]:
    decimal, group = re.escape(way.decimal), re.escape(way.group)
    grouped = rf"[1-9]\d{{0,2}}(?:{group}\d{{3}})+|" if way.group else ""
    return re.compile(rf"(?P<whole>{grouped}0|[1-9]\d*)(?:{decimal}(?P<part>\d+))?")


def strict(token: str, way: Separators) -> str:
    """Lexical form of digits with separators, empty where they are not written that way.

    >>> strict("1.234,50", Separators(",", ".")), strict("58.44", Separators(",", "."))
    ('1234.50', '')
    """
    found = _pattern(way).fullmatch(token)
    if not found:
        return ""
    whole = found["whole"].replace(way.group, "") if way.group else found["whole"]
    return whole + (f".{found['part']}" if found["part"] else "")


def infer_separators(
    texts: Sequence[str], *, whole: bool = False, sums: Iterable[tuple[int, Sequence[int]]] = ()
) -> Inference:
    """Separators of a column, where one reading is the only one possible.

    Parameters
    ----------
    texts
        The cells of a column or table, as displayed.
    whole
        Whether the figures are known to count whole persons, so that a fraction cannot be.
    sums
        Positions of a total and of its parts; a reading under which a sum fails is not possible.

    Examples
    --------
    >>> infer_separators(["1.234.567", "586.802"]).separators
    Separators(decimal=',', group='.')
    >>> infer_separators(["586.802", "494.609"]).separators is None
    True
    """
    tokens = [
        (i, t.strip()) for i, text in enumerate(texts) for t in TOKEN.findall(prepared(text))
    ]
    marked = [(i, t) for i, t in tokens if not t.isdigit()]
    if not marked:
        return Inference(Separators(".", ","), f"none of {len(tokens)} numbers has a separator")
    fits = {way: [strict(t, way) for _, t in marked] for way in WAYS}
    if whole:
        fits = {w: [v if "." not in v else "" for v in values] for w, values in fits.items()}
    return _decide(texts, marked, fits, list(sums), whole)


_Fits = dict[Separators, list[str]]


def _decide(
    texts: Sequence[str],
    marked: list[tuple[int, str]],
    fits: _Fits,
    sums: list[tuple[int, Sequence[int]]],
    whole: bool,
) -> Inference:
    possible = _distinct({w: v for w, v in fits.items() if all(v)})
    suspicious = _mostly_groups([t for _, t in marked])
    if suspicious and not whole and [way.decimal for way in possible] == [suspicious.group]:
        group, odd = suspicious, _odd(marked, fits[suspicious])
        possible = {group: fits[group], **possible}
        return Inference(
            None,
            f"{len(marked) - len(odd)} of {len(marked)} numbers have three digits after {group.group!r} and "
            f"look grouped, {len(odd)} do not",
            odd,
            tuple(possible),
        )
    agreeing = [w for w in possible if _sums_agree(texts, w, sums)] if sums else []
    if len(agreeing) == 1 and len(possible) > 1:
        return Inference(
            agreeing[0], f"{len(sums)} sums agree under this reading only: {agreeing[0]}"
        )
    if len(possible) == 1:
        (way,) = possible
        why = "the figures count whole persons, and " if whole else ""
        return Inference(
            way,
            f"{why}all numbers with a separator ({len(marked)}) fit only this reading: {way}",
        )
    if possible:
        ways = "; or ".join(str(w) for w in possible)
        return Inference(
            None,
            f"all numbers with a separator ({len(marked)}) can be read in more than one way: {ways}",
            (),
            tuple(possible),
        )
    return _best(marked, fits)


def _distinct(fits: _Fits) -> _Fits:
    """One way for each set of values; ways that differ in characters no number has are the same."""
    seen: dict[tuple[str, ...], Separators] = {}
    for way, values in fits.items():
        seen.setdefault(tuple(values), way)
    return {way: fits[way] for way in seen.values()}


def _mostly_groups(tokens: list[str]) -> Separators | None:
    """Way to group that half of the numbers or more have, when the rest reads as fractions."""
    for mark, way in ((".", Separators(",", ".")), (",", Separators(".", ","))):
        like = [t for t in tokens if t.count(mark) == 1 and strict(t, way)]
        if len(tokens) > len(like) >= len(tokens) / 2 and all(mark in t for t in tokens):
            return way
    return None


def _odd(marked: list[tuple[int, str]], values: list[str]) -> tuple[int, ...]:
    return tuple(
        dict.fromkeys(i for (i, _), value in zip(marked, values, strict=True) if not value)
    )


def _best(marked: list[tuple[int, str]], fits: _Fits) -> Inference:
    """Way that three quarters of the numbers fit and no other comes near, the rest being odd."""
    ways = sorted(_distinct(fits).items(), key=lambda item: -sum(map(bool, item[1])))
    (way, values), counts = ways[0], [sum(map(bool, v)) for _, v in ways]
    if counts[0] >= 0.75 * len(marked) and counts[0] - counts[1] > len(marked) / 4:
        odd = _odd(marked, values)
        text = f"{counts[0]} of {len(marked)} numbers with a separator fit only this reading: {way}"
        return Inference(way, text, odd)
    return Inference(
        None, "no one reading fits the numbers", (), tuple(w for w, v in ways if any(v))
    )


def _sums_agree(
    texts: Sequence[str], way: Separators, sums: list[tuple[int, Sequence[int]]]
) -> bool:
    return all(
        _value(texts[total], way) == sum(_value(texts[p], way) for p in parts)
        for total, parts in sums
    )


def _value(text: str, way: Separators) -> Decimal:
    found = TOKEN.search(prepared(text))
    return Decimal((strict(found.group().strip(), way) if found else "") or "0")
