"""What a report is made of: sections of paragraphs, cautions, tables and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from string import Formatter
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from ilms_sdmx.outputs.reports.catalogues import Catalogue
    from ilms_sdmx.outputs.reports.figures import Figure


@dataclass(frozen=True, slots=True)
class Reference:
    """A number as it is printed, and the entry of the list of figures that it leads to.

    Parameters
    ----------
    text
        The number.
    id
        Id of the entry.
    title
        Where it is from, in a line.
    """

    text: str
    id: str
    title: str = ""


#: A piece of a sentence, of a cell, of a heading.
Part: TypeAlias = "str | Reference"
#: Pieces in order.
Line: TypeAlias = "tuple[Part, ...]"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences.

    Parameters
    ----------
    lines
        One a sentence.
    is_lead
        Whether they are the ones to read first.
    """

    lines: tuple[Line, ...]
    is_lead: bool = False


@dataclass(frozen=True, slots=True)
class ComparabilityBox:
    """What must be known before figures are compared.

    Parameters
    ----------
    heading
        What it is about.
    lines
        One a statement.
    """

    heading: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class LinkedTable:
    """A table whose numbers are linked.

    Parameters
    ----------
    caption
        What it shows.
    headings
        One a column.
    rows
        A line a cell.
    numbers
        Places of the columns of numbers.
    """

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]
    numbers: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart.

    Parameters
    ----------
    figure
        The chart with its title, words and sources.
    """

    figure: Figure


Block: TypeAlias = "Paragraph | ComparabilityBox | LinkedTable | Picture"


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of a report.

    Parameters
    ----------
    id, heading
        Id on the page, and its heading.
    blocks
        What it holds, in order.
    """

    id: str
    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class AnalyticalReport:
    """An analytical report of a state or a region.

    Parameters
    ----------
    title, kicker
        Its title, and the line above it.
    chapters
        Its parts, in order.
    origins
        Entry of every figure of the database that it prints: id, value as it is kept, power of
        ten, dataflow, key, period, source, name it is kept under, cell, edition.
    derived
        Entry of every number that was worked out: id, number, and how.
    """

    title: str
    kicker: str
    chapters: Sequence[Chapter]
    origins: Sequence[dict[str, str]] = field(default=())
    derived: Sequence[dict[str, str]] = field(default=())

    def __repr__(self) -> str:
        return (
            f"<AnalyticalReport {self.title!r}: {len(self.chapters)} chapters, "
            f"{len(self.origins)} figures, {len(self.derived)} worked out>"
        )


def line(words: Catalogue, key: str, **values: Part | Line) -> Line:
    """Sentence of a catalogue with its fields filled by texts and linked numbers."""
    parts: list[Part] = []
    for literal, name, _, _ in Formatter().parse(words.messages[key]):
        if literal:
            parts.append(literal)
        if name is None:
            continue
        value = values[name]
        if isinstance(value, tuple):
            parts.extend(value)
        else:
            parts.append(value)
    return tuple(parts)


def listed(words: Catalogue, lines: Sequence[Line]) -> Line:
    """Several pieces with commas and a last `and`."""
    parts: list[Part] = []
    last = len(lines) - 1
    between = words.messages["analysis.and"]
    for place, each in enumerate(lines):
        if place:
            parts.append(between if place == last else ", ")
        parts.extend(each)
    return tuple(parts)


def text_of(parts: Line) -> str:
    """Text of a line without its links."""
    return "".join(part.text if isinstance(part, Reference) else part for part in parts)
