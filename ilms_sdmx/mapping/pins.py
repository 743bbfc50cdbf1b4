"""Pins: the words that a mapping was made from, with places for what changes every year."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ilms_sdmx.periods import is_kind
from ilms_sdmx.periods.kinds import ANY
from ilms_sdmx.words import is_unit_line, power_of
from ilms_sdmx.words.text import clean, one_look, western_digits

#: A place in braces: `{year}`, `{period: 9 months}`, `{number}`.
_PLACE = re.compile(r"\{\s*([^{}:]+?)\s*(?::\s*([^{}:]+?)\s*)?\}")
#: A place of a figure with its separators, which gives no label.
NUMBER = "number"
#: A place of other words, which gives none either: another heading reads them, or the sheets of
#: a table differ in them. They name no period, no unit and no power of ten.
WORDS = "any"
_FIGURE = re.compile(r"\d[\d.,\u00a0\u202f' ]*")
#: Longest text that is compared with a pin, and most words in a place of any words.
_LONGEST, _MOST_WORDS = 2000, 40

#: Whether a text in a place is a period of a kind.
IsPeriod = Callable[[str, str], bool]


@dataclass(frozen=True)
class Place:
    """An open place of a pin: the heading that it gives, and the kind of its period.

    A place of a figure (`number`) or of other words (`any`) has no kind.
    """

    name: str
    kind: str


@dataclass(frozen=True)
class Pin:
    """A text that a mapping has read.

    Parameters
    ----------
    text
        The text, with open places in braces.
    line
        Line of the mapping file.
    """

    text: str
    line: int = 0

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Open places, from the left; those of figures and words have no kind."""
        return tuple(piece for piece in self._pieces if isinstance(piece, Place))

    @property
    def names(self) -> tuple[str, ...]:
        """Headings to which the places give labels."""
        return tuple(place.name for place in self.places if place.kind)

    @property
    def words(self) -> str:
        """Fixed texts, without what is open."""
        pieces = [piece for piece in self._pieces if isinstance(piece, str)]
        return "".join(pieces)

    @cached_property
    def _pieces(self) -> list[str | Place]:
        """Fixed texts and open places, from the left."""
        pieces: list[str | Place] = []
        end = 0
        for match in _PLACE.finditer(self.text):
            place = _place(match)
            if place is not None:
                pieces += [self.text[end : match.start()], place]
                end = match.end()
        return [*pieces, self.text[end:]]

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        """Expression of the whole text, each place a group."""
        return self._expression_with("(.+?)")

    @property
    def _has_words(self) -> bool:
        """Whether it has a place of any words."""
        return any(place.name == WORDS and not place.kind for place in self.places)

    def _expression_with(self, first_words: str) -> re.Pattern[str]:
        """Expression of the whole text with one for its first place of any words."""
        parts = []
        words = first_words
        for piece in self._pieces:
            if not isinstance(piece, Place):
                parts.append(_expression_of(piece))
            elif piece.name == WORDS and not piece.kind:
                parts.append(words)
                words = "(.+?)"
            else:
                parts.append("(.+?)")
        return re.compile("".join(parts), re.IGNORECASE)

    def _expressions(self, text: str) -> Iterator[re.Pattern[str]]:
        """Expressions that are tried: with any words, one for each number of these."""
        if not self._has_words:
            yield self._expression
            return
        most = min(text.count(" ") + 1, _MOST_WORDS)
        for more in range(most):
            yield self._expression_with(rf"(\S+(?: \S+){{{more}}})")

    def read(self, text: str, is_period: IsPeriod) -> dict[str, str] | None:
        """Labels that a text gives to headings; None where it is not the text of the pin.

        Parameters
        ----------
        is_period
            Whether a text is a period of a kind.

        Examples
        --------
        >>> pin = Pin("Foreign workers, {year} (persons)")
        >>> pin.read("Foreign workers, 2018  (Persons)", lambda text, kind: text.isdigit())
        {'year': '2018'}
        >>> pin.read("Foreign workers, 2018 (thousands)", lambda text, kind: True) is None
        True
        """
        shown = _shown(text)
        if len(shown) > _LONGEST:
            return None
        for expression in self._expressions(shown):
            match = expression.fullmatch(shown)
            labels = None
            if match is not None:
                labels = self._labels(match.groups(), is_period)
            if labels is not None:
                return labels
        return None

    def _labels(self, groups: tuple[str, ...], is_period: IsPeriod) -> dict[str, str] | None:
        """Labels of what is in the places, None where it may not be there."""
        labels: dict[str, str] = {}
        for place, words in zip(self.places, groups, strict=True):
            label = words.strip()
            if not _fits(place, label, is_period):
                return None
            if place.kind and labels.setdefault(place.name, label) != label:
                return None
        return labels

    def __str__(self) -> str:
        return self.text


def _fits(place: Place, label: str, is_period: IsPeriod) -> bool:
    """Whether a text may be in an open place."""
    if place.kind:
        return is_period(label, place.kind)
    if place.name == WORDS:
        return not (power_of(label) or is_unit_line(label) or is_period(label, ANY))
    return _FIGURE.fullmatch(western_digits(label)) is not None


def _place(match: re.Match[str]) -> Place | None:
    """Open place of what is in braces, None where that is plain text."""
    name, kind = match.groups()
    if kind is None:
        if name in (NUMBER, WORDS):
            return Place(name, "")
        return Place(name, name) if is_kind(name) else None
    return Place(name, kind) if is_kind(kind) else None


def _expression_of(piece: str) -> str:
    """Expression of a fixed text, whatever blanks are at its ends."""
    words = _shown(piece)
    if piece and not words:
        return " "
    left = " ?" if piece[:1].isspace() else ""
    right = " ?" if piece[-1:].isspace() and words else ""
    return f"{left}{re.escape(words)}{right}"


def _shown(text: str) -> str:
    """Text on one line in which spellings of one look are one."""
    return one_look(clean(text)).strip()


def place_of(name: str, kind: str) -> str:
    """Open place as it is written: `{year}`, or `{period: year}` under another name."""
    return f"{{{name}}}" if name == kind else f"{{{name}: {kind}}}"


@dataclass(frozen=True)
class Pins:
    """What a mapping has read of one table.

    Parameters
    ----------
    texts
        Texts above the table.
    labels
        Heading to the labels that it had.
    sheet, file
        Name of the sheet and of the file, None where they say nothing.
    line
        Line of the mapping file.
    """

    texts: tuple[Pin, ...] = ()
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sheet: Pin | None = None
    file: Pin | None = None
    line: int = 0

    @property
    def names(self) -> list[str]:
        """Headings to which the texts and names give labels."""
        names: list[str] = []
        for pin in (*self.texts, self.sheet, self.file):
            if pin is not None:
                names += pin.names
        return names
