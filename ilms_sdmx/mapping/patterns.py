"""Patterns: words of a cell, with `*` for anything, an expression, or all but some words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ilms_sdmx.mapping.expressions import Expression
from ilms_sdmx.words.text import clean, folded, one_look, western_digits

if TYPE_CHECKING:
    import numpy as np


class Labels:
    """Labels that several patterns are looked for in: each is folded once, for all of them."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def clean(self) -> list[str]:
        """Labels on one line."""
        return list(map(clean, self.texts))

    @cached_property
    def comparable(self) -> list[str]:
        """Labels for words with `*`."""
        return list(map(_comparable, self.texts))

    @cached_property
    def by_words(self) -> dict[str, list[int]]:
        """Places of the labels by their folded words."""
        by_text: dict[str, list[int]] = {}
        for place, text in enumerate(self.texts):
            by_text.setdefault(text, []).append(place)
        places: dict[str, list[int]] = {}
        for text, places_of_text in by_text.items():
            places.setdefault(folded(text), []).extend(places_of_text)
        return places


@dataclass(frozen=True)
class Pattern:
    """Words of a cell: all of its text, with `*` for anything, or `/an expression/` in it.

    Case, blanks and the forms of Unicode make no difference.

    Parameters
    ----------
    text
        The words, or the expression with its slashes.
    line
        Line of the mapping file, 0 where it is not from there.
    """

    text: str
    line: int = 0

    @cached_property
    def expression(self) -> Expression | None:
        """Expression between slashes, None for words."""
        if len(self.text) > 2 and self.text.startswith("/") and self.text.endswith("/"):
            return Expression(self.text[1:-1], ignore_case=True)
        return None

    @cached_property
    def pieces(self) -> list[str]:
        """What is between the signs `*`, none for plain words."""
        if self.expression or "*" not in self.text:
            return []
        return list(map(_comparable, self.text.split("*")))

    @cached_property
    def words(self) -> str:
        """Plain words, folded."""
        return folded(self.text)

    def matches(self, label: str) -> bool:
        """Whether a label has these words."""
        if self.expression:
            return self.expression.search(clean(label)) is not None
        if self.pieces:
            return _fits(_comparable(label), self.pieces)
        return folded(label) == self.words

    def places(self, labels: Labels) -> Iterable[int]:
        """Places of the labels that have these words."""
        expression = self.expression
        if expression:
            for place, text in enumerate(labels.clean):
                if expression.search(text) is not None:
                    yield place
        elif self.pieces:
            yield from _fitting(labels.comparable, self.pieces)
        else:
            yield from labels.by_words.get(self.words, ())

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Except:
    """All labels but those of some patterns.

    Parameters
    ----------
    patterns
        Patterns of the labels that are left out.
    """

    patterns: tuple[Pattern, ...]

    def matches(self, label: str) -> bool:
        """Whether a label has none of these words."""
        return not any(pattern.matches(label) for pattern in self.patterns)

    def places(self, labels: Labels) -> Iterable[int]:
        """Places of the labels that have none of these words."""
        left_out: set[int] = set()
        for pattern in self.patterns:
            left_out.update(pattern.places(labels))
        return (place for place in range(len(labels)) if place not in left_out)

    def __str__(self) -> str:
        words = " or ".join(map(str, self.patterns))
        return f"all except {words}"


#: Words of a label, or all labels but some.
Words = Pattern | Except
#: Headings and the words that their labels must have.
Where = Mapping[str, tuple[Words, ...]]


def any_matches(patterns: Iterable[Words], label: str) -> bool:
    """Whether one of several patterns matches."""
    return any(pattern.matches(label) for pattern in patterns)


def which_match(patterns: Iterable[Words], labels: Labels) -> np.ndarray[Any, np.dtype[Any]]:
    """Which of several labels one of several patterns matches."""
    import numpy as np

    verdicts = np.zeros(len(labels), dtype=bool)
    for pattern in patterns:
        verdicts[list(pattern.places(labels))] = True
    return verdicts


def matches_pieces(text: str, words: str) -> bool:
    """Whether a text has words with `*` for anything, both of them folded already."""
    return _fits(text, words.split("*"))


def _comparable(text: str) -> str:
    """Text on one line in one spelling; unlike a folded one it keeps the signs at its end."""
    return one_look(clean(western_digits(text))).casefold()


def _fits(text: str, pieces: Sequence[str]) -> bool:
    """Whether pieces are in a text in this order, the first and last at its two ends.

    Of the pieces between these each is taken where it comes first, which leaves most room for
    those after it: nothing is tried twice.
    """
    first = pieces[0]
    last = pieces[-1]
    if len(text) < len(first) + len(last):
        return False
    if not (text.startswith(first) and text.endswith(last)):
        return False
    place = len(first)
    end = len(text) - len(last)
    for piece in pieces[1:-1]:
        found = text.find(piece, place, end)
        if found < 0:
            return False
        place = found + len(piece)
    return True


def _fitting(texts: Sequence[str], pieces: Sequence[str]) -> Iterator[int]:
    """Places of the texts that fit pieces; the few of one piece are found by it alone."""
    first = pieces[0]
    for place, text in enumerate(texts):
        if text.startswith(first) and _fits(text, pieces):
            yield place
