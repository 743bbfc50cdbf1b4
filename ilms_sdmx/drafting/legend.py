"""Marks in place of figures and behind them: what a legend on the sheet says, or what may be meant."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ilms_sdmx.drafting.found import Found
from ilms_sdmx.drafting.tables import FLAGGED
from ilms_sdmx.drafting.text import comment, quoted
from ilms_sdmx.tables.cells import Kind
from ilms_sdmx.tables.markers import MARKERS, as_marker, marker_candidates
from ilms_sdmx.tables.numbers import read_number
from ilms_sdmx.tables.separators import Separators
from ilms_sdmx.words import alternation, words_in
from ilms_sdmx.words.text import clean

_SIGN = r"-{1,2}|[\u2013\u2014]|\.{2,3}|\u2026|\*{1,3}|#|:|0\*|xx?|s|c|" + alternation("marker")
_FLAG = r"[preubf]"
#: A mark at the beginning of a clause, in brackets or quotes, and what follows it.
_CLAUSE = re.compile(
    rf"^[\s(\[\"\u201c\u2018'\xab]*({_SIGN}|{_FLAG})[)\]\"\u201d\u2019'\xbb/]*\s*"
    rf"(?:=|:|\u2013|\u2014|-|\s{alternation('means')}\s|\s)"
    r"\s*(.{2,160})$",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[;\n|]|,\s+(?=[(\"'*.\-\u2013\u2026])|(?<=\w)\.\s+(?=\W)")
_HEAD = re.compile(rf"^{alternation('legend')}\s*[:\-]?\s*", re.IGNORECASE)
#: Statuses that words may say of a mark; of several in one text the first here counts.
_STATUSES = ("O", "M", "Q", "N", "P", "U", "E", "B", "A", "zero")
_LETTERS = {
    "p": "P",
    "e": "E",
    "r": "A",
    "b": "B",
    "u": "U",
    "f": "F",
    "*": "A",
    "x": "P",
    "xx": "P",
}


@dataclass(frozen=True)
class Legend:
    """What a text says of a mark: its status, and the text."""

    status: str
    text: str


def legends(texts: Iterable[str]) -> dict[str, Legend]:
    """Find the marks that texts explain.

    >>> {mark: said.status for mark, said in legends(["Note: - nil; … not available"]).items()}
    {'-': 'zero', '…': 'O'}
    """
    found: dict[str, Legend] = {}
    for text in dict.fromkeys(map(clean, texts)):
        for clause in re.split(
            r"[;\n|]|,\s+(?=[(\"'*.\-\u2013\u2026])|(?<=\w)\.\s+(?=\W)", _HEAD.sub("", text)
        ):
            match = _CLAUSE.match(clause)
            status = _status(match.group(2)) if match else ""
            if match and status:
                found.setdefault(_mark(match.group(1)), Legend(status, text))
    return found


def _status(text: str) -> str:
    """Status that words mean, empty where they say none of a mark."""
    statuses = {word.value for word in words_in(text[:60], "status")}
    return next((status for status in _STATUSES if status in statuses), "")


def _mark(text: str) -> str:
    """Mark by which a legend is looked up: dashes and dots of all kinds alike."""
    plain = as_marker(text) or text.casefold()
    return {"...": "…", "n.a": "n.a.", "na": "n.a.", "n/a": "n.a."}.get(plain, plain)


def marker_lines(tables: Sequence[Found], way: Separators, texts: Iterable[str]) -> list[str]:
    """Lines of the conventions for marks and words in place of figures, and for flags behind them."""
    said = legends(texts)
    cells = [cell.text for t in tables for _, cell in t.cells() if cell.kind is Kind.TEXT]
    flags = Counter(match.group(2) for t in cells if (match := FLAGGED.fullmatch(t.strip())))
    words = dict.fromkeys(
        t.strip()
        for t in cells
        if not as_marker(t)
        and not FLAGGED.fullmatch(t.strip())
        and not read_number(t, way).numbers
    )
    lines = [_marker(mark, count, said) for mark, count in marker_candidates(cells).items()]
    lines += [
        f"    {quoted(text)}: O{comment('decide: words in place of a figure')}"
        for text in words
    ]
    blanks = sum(len(t.body) * len(t.data) - len(t.cells()) for t in tables)
    asked = f'  # decide: {blanks} cells between figures are blank; `"": O` under markers makes them missing'
    flagged = [_flag(flag, count, said) for flag, count in flags.items()]
    return [
        *(["  markers:", *lines] if lines else []),
        *(["  flags:", *flagged] if flagged else []),
        *([asked] if blanks else []),
    ]


def _marker(mark: str, count: int, said: dict[str, Legend]) -> str:
    legend = said.get(_mark(mark))
    if legend is not None:
        status = legend.status if legend.status in {"zero", "O", "M", "N", "Q"} else "O"
        return (
            f"    {quoted(mark)}: {status}{comment(f'decide: {count} cells; {legend.text!r}')}"
        )
    meanings = "; ".join(f"{code}: {why}" for code, why in MARKERS[as_marker(mark)])
    return f"    {quoted(mark)}: O{comment(f'decide: {count} cells; {meanings}')}"


def _flag(flag: str, count: int, said: dict[str, Legend]) -> str:
    legend = said.get(_mark(flag))
    status = (
        legend.status
        if legend and legend.status in "ABEFPU"
        else _LETTERS.get(flag.casefold(), "A")
    )
    why = repr(legend.text) if legend else "no text on the sheet explains it"
    return f"    {quoted(flag)}: {status}{comment(f'decide: {count} figures; {why}')}"
