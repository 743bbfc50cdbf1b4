"""What figures are by the words above them: persons, or percents, money, means, changes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ilms_sdmx.words import is_unit_line, leading_word, power_of, says, words_in
from ilms_sdmx.words.text import clean

#: Kinds of words of figures that count nobody, each with what a question calls them.
_OTHER_MEASURES = {
    "currency": "money",
    "money": "money",
    "mean": "a mean or median",
    "ratio": "a ratio",
}
#: Kinds of units of which the parts add up to all.
_ADDED = frozenset({"persons", "money", "change", "change in persons"})
#: Words in brackets: `(persons)`.
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")


@dataclass(frozen=True)
class Unit:
    """What the figures under some words are.

    Parameters
    ----------
    kind
        `persons`, `percent`, `change` with or without what it is counted in, or what a
        question calls another measure.
    text
        Words that say so.
    """

    kind: str
    text: str

    @property
    def counts(self) -> bool:
        """Whether the figures are numbers of persons at a time or in a time."""
        return self.kind == "persons"

    @property
    def can_be_added(self) -> bool:
        """Whether figures of parts add up to those of all."""
        return self.kind in _ADDED


def says_unit(text: str) -> bool:
    """Whether a text says in what its figures are counted, if it says other things too.

    >>> says_unit("Foreign workers (persons)"), says_unit("in percent"), says_unit("Thailand")
    (True, True, False)
    """
    if is_unit_line(text) or power_of(text):
        return True
    if says(text, "percent", "currency"):
        return True
    in_brackets = _BRACKETS.findall(clean(text))
    return any(map(is_unit_line, in_brackets))


def other_measure(text: str) -> str:
    """What the figures under a label are where they are no persons, empty where they are.

    >>> other_measure("Transfers in thousand euros"), other_measure("Workers")
    ('money', '')
    """
    for kind, name in _OTHER_MEASURES.items():
        if says(text, kind):
            return name
    return ""


def unit_of(texts: Iterable[str], *, most: int) -> Unit | None:
    """Unit that the first of some texts with a unit says; None where none says one.

    Parameters
    ----------
    texts
        Titles of one table, the nearest first, and the corner of its header.
    most
        Largest figure of the table: percents of persons are not larger than 100.
    """
    for text in texts:
        unit = _unit(text, most)
        if unit is not None:
            return unit
    return None


def _kind_of_change(text: str) -> str:
    """What a change is counted in: persons, percent, or not said."""
    if says(text, "percent", "rate"):
        return "change in percent"
    if power_of(text) or says(text, "unit"):
        return "change in persons"
    return "change"


def _unit(text: str, most: int) -> Unit | None:
    """Unit that a text says; None where it says none."""
    measure = other_measure(text)
    if measure:
        return Unit(measure, text)
    counts = leading_word(text, "count") is not None
    if says(text, "percent", "rate", "share") and not counts and most <= 100:
        return Unit("percent", text)
    if says(text, "change"):
        return Unit(_kind_of_change(text), text)
    if counts or words_in(text, "unit"):
        return Unit("persons", text)
    return None
