"""Which character groups thousands and which begins the fraction.

Declared, or inferred with its evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache

from ilms_sdmx.findings import phrase
from ilms_sdmx.words.text import western_digits

#: Spaces that group digits (no-break, narrow, thin, figure) and apostrophes, as one character
#: each.
SPACES = "\u00a0\u2009\u2007\u202f\u2008\u2002\u2003\u3000"
_SAME = str.maketrans(
    {**dict.fromkeys(SPACES, " "), "’": "'", "‘": "'", "٫": ".", "，": ",", "．": "."}
)
#: Digits with separators between or, malformed, next to them.
TOKEN = re.compile(r"\d(?:\d|[.,'](?=\d)|[.,] (?=\d)| [.,] ?(?=\d)| (?=\d{3}(?!\d)))*")


@dataclass(frozen=True, slots=True)
class Separators:
    """One way to write numbers.

    Parameters
    ----------
    decimal
        The character before the fraction.
    group
        The one between groups of three.
    forms
        Of `FORMS`, those that numbers may have as well.
    """

    decimal: str = "."
    group: str = ","
    forms: frozenset[str] = field(default=frozenset(), repr=False)

    def __str__(self) -> str:
        decimal = _name_of_sign(self.decimal)
        group = _name_of_sign(self.group)
        return phrase("separators", decimal=decimal, group=group)


def _name_of_sign(sign: str) -> str:
    """Name of a sign between digits."""
    ids = {" ": "a-space", "'": "an-apostrophe", "": "nothing"}
    return phrase(ids[sign]) if sign in ids else repr(sign)


#: Zeros in front (`007`), blanks next to a separator (`330, 040`), groups of two digits before
#: the last three (`1,65,355`): forms that numbers have only where a mapping says so.
#: Signs of numbers below zero: a minus behind (`142-`), or a triangle (`▲91`, `△43`).
ZEROS, BLANKS, LAKHS, SIGNS = FORMS = ("leading_zeros", "blanks", "lakhs", "signs")
_SIGNED = re.compile(r"[▲△▼▽] ?(?P<before>\d.*)|(?P<behind>\d.*\d|\d) ?[-−–]")
_BLANKS = re.compile(r" *([.,']) *")
_ZEROS = re.compile(r"^0+(?=\d)")

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
    decimal = re.escape(way.decimal)
    group = re.escape(way.group)
    grouped = ""
    if way.group:
        grouped = rf"[1-9]\d{{0,2}}(?:{group}\d{{3}})+|"
    if way.group and LAKHS in way.forms:
        grouped += rf"[1-9]\d?(?:{group}\d{{2}})*{group}\d{{3}}|"
    return re.compile(rf"(?P<whole>{grouped}0|[1-9]\d*)(?:{decimal}(?P<part>\d+))?")


def strict(token: str, way: Separators) -> str:
    """Lexical form of digits with separators, empty where they are not written that way.

    >>> strict("1.234,50", Separators(",", ".")), strict("58.44", Separators(",", "."))
    ('1234.50', '')
    >>> strict("330, 040", Separators(forms=frozenset({"blanks"})))
    '330040'
    """
    signed = _SIGNED.fullmatch(token) if SIGNS in way.forms else None
    if signed is not None:
        plain = strict(signed["before"] or signed["behind"], way)
        return f"-{plain}" if plain else ""
    number = _pattern(way).fullmatch(_in_usual_form(token, way))
    if number is None:
        return ""
    whole, part = number["whole"], number["part"]
    if way.group:
        whole = whole.replace(way.group, "")
    if part:
        return f"{whole}.{part}"
    return whole


def _in_usual_form(token: str, way: Separators) -> str:
    """Digits without the blanks and the zeros that a way of writing allows."""
    if not way.forms:
        return token
    shown = token
    if BLANKS in way.forms:
        shown = _BLANKS.sub(r"\1", shown)
    if ZEROS in way.forms:
        shown = _ZEROS.sub("", shown)
    return shown


def form_of(token: str, way: Separators) -> str:
    """Form that a number would need to be read in a way of writing, empty for none of one form.

    >>> [form_of(text, Separators()) for text in ("007", "1,65,355", "1,2")]
    ['leading_zeros', 'lakhs', '']
    """
    for form in FORMS:
        allowing = replace(way, forms=way.forms | {form})
        if strict(token, allowing):
            return form
    return ""


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
        Positions of a total and of its parts; a reading under which a sum fails is not
        possible.

    Examples
    --------
    >>> infer_separators(["1.234.567", "586.802"]).separators
    Separators(decimal=',', group='.')
    >>> infer_separators(["586.802", "494.609"]).separators is None
    True
    """
    marked = _with_separators(texts)
    if not marked:
        count = 0
        for text in texts:
            numbers = TOKEN.findall(prepared(text))
            count += len(numbers)
        evidence = phrase("no-separator", count=count)
        return Inference(Separators(".", ","), evidence)
    values_of = {way: _values(marked, way, whole) for way in WAYS}
    return _decide(texts, marked, values_of, list(sums), whole)


#: Way to write numbers to the values that it gives them, empty where one is not written that
#: way.
_Values = dict[Separators, list[str]]
#: Position of a text, and a number with a separator in it.
_Marked = list[tuple[int, str]]


def _with_separators(texts: Sequence[str]) -> _Marked:
    """Numbers of texts that have a separator, each with the position of its text."""
    marked = []
    for position, text in enumerate(texts):
        for token in TOKEN.findall(prepared(text)):
            shown = token.strip()
            if not shown.isdigit():
                marked.append((position, shown))
    return marked


def _values(marked: _Marked, way: Separators, whole: bool) -> list[str]:
    """Values of numbers written in one way.

    A fraction is none where only whole persons are counted.
    """
    values = [strict(token, way) for _, token in marked]
    if not whole:
        return values
    return ["" if "." in value else value for value in values]


def _decide(
    texts: Sequence[str],
    marked: _Marked,
    values_of: _Values,
    sums: list[tuple[int, Sequence[int]]],
    whole: bool,
) -> Inference:
    complete = {way: values for way, values in values_of.items() if all(values)}
    possible = _distinct(complete)
    suspicious = None
    if not whole:
        suspicious = _suspicious_grouping(marked, possible)
    if suspicious is not None:
        return _doubtful(marked, values_of, suspicious, possible)
    agreeing = [way for way in possible if sums and _sums_agree(texts, way, sums)]
    if len(agreeing) == 1 and len(possible) > 1:
        only = agreeing[0]
        evidence = phrase("sums-agree-under", count=len(sums), reading=str(only))
        return Inference(only, evidence)
    if not possible:
        return _best(marked, values_of)
    ways = tuple(possible)
    count = len(marked)
    if len(ways) == 1:
        id = "only-reading-of-persons" if whole else "only-reading"
        evidence = phrase(id, count=count, reading=str(ways[0]))
        return Inference(ways[0], evidence)
    readings = str(ways[0])
    for way in ways[1:]:
        readings = phrase("or-reading", first=readings, second=str(way))
    evidence = phrase("several-readings", count=count, readings=readings)
    return Inference(None, evidence, (), ways)


def _suspicious_grouping(marked: _Marked, possible: _Values) -> Separators | None:
    """Way to group that most numbers seem to have, where the only reading makes fractions."""
    grouping = _mostly_groups([token for _, token in marked])
    if grouping is None:
        return None
    decimals = [way.decimal for way in possible]
    if decimals != [grouping.group]:
        return None
    return grouping


def _doubtful(
    marked: _Marked, values_of: _Values, grouping: Separators, possible: _Values
) -> Inference:
    """No decision: most numbers look grouped, some cannot be."""
    odd = _odd(marked, values_of[grouping])
    total = len(marked)
    not_grouped = len(odd)
    grouped = total - not_grouped
    evidence = phrase(
        "mostly-grouped",
        grouped=grouped,
        total=total,
        mark=repr(grouping.group),
        others=not_grouped,
    )
    candidates = dict.fromkeys([grouping, *possible])
    return Inference(None, evidence, odd, tuple(candidates))


def _distinct(values_of: _Values) -> _Values:
    """One way for each set of values.

    Ways that differ in characters no number has are the same.
    """
    way_of: dict[tuple[str, ...], Separators] = {}
    for way, values in values_of.items():
        way_of.setdefault(tuple(values), way)
    distinct: _Values = {}
    for way in way_of.values():
        distinct[way] = values_of[way]
    return distinct


def _mostly_groups(tokens: list[str]) -> Separators | None:
    """Way to group that half of the numbers or more have, when the rest reads as fractions."""
    for way in (Separators(",", "."), Separators(".", ",")):
        if not all(way.group in token for token in tokens):
            continue
        grouped = 0
        for token in tokens:
            has_one_mark = token.count(way.group) == 1
            if has_one_mark and strict(token, way):
                grouped += 1
        if len(tokens) / 2 <= grouped < len(tokens):
            return way
    return None


def _odd(marked: _Marked, values: list[str]) -> tuple[int, ...]:
    """Positions of the texts whose numbers have no value."""
    positions = []
    for (position, _), value in zip(marked, values, strict=True):
        if not value:
            positions.append(position)
    return tuple(dict.fromkeys(positions))


def _best(marked: _Marked, values_of: _Values) -> Inference:
    """Way that three quarters of the numbers fit and no other comes near; the rest is odd."""
    distinct = _distinct(values_of)
    fitting: dict[Separators, int] = {}
    for way, values in distinct.items():
        numbers = list(filter(None, values))
        fitting[way] = len(numbers)
    ways = sorted(fitting, key=fitting.__getitem__, reverse=True)
    best = ways[0]
    count = fitting[best]
    total = len(marked)
    least_near = count - total / 4
    near = [way for way in ways[1:] if fitting[way] >= least_near]
    if near or count < 0.75 * total:
        candidates = tuple(filter(fitting.__getitem__, ways))
        return Inference(None, phrase("no-one-reading"), (), candidates)
    odd = _odd(marked, distinct[best])
    evidence = phrase("most-fit", count=count, total=total, reading=str(best))
    return Inference(best, evidence, odd)


def _sums_agree(
    texts: Sequence[str], way: Separators, sums: list[tuple[int, Sequence[int]]]
) -> bool:
    for total, parts in sums:
        sum_of_parts = sum(_value(texts[part], way) for part in parts)
        if sum_of_parts != _value(texts[total], way):
            return False
    return True


def _value(text: str, way: Separators) -> Decimal:
    """Value of the first number of a text, zero where there is none."""
    token = TOKEN.search(prepared(text))
    if token is None:
        return Decimal(0)
    number = token.group().strip()
    value = strict(number, way)
    return Decimal(value or "0")
