"""Lines as small as a word: a series drawn in a cell of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 120, 22
_EDGE = 2.5
#: Years without a figure after which the line is not drawn on.
_GAP = 1


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A small line.

    Parameters
    ----------
    lines
        Points of each piece without a gap, as SVG writes them.
    dots
        Places of pieces of one point, and of the last one.
    text
        What it shows, in words.
    """

    lines: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]
    text: str


def sparkline(
    points: Sequence[tuple[int, float]], first: int, last: int, text: str
) -> Sparkline:
    """Small line of figures by year from zero up; a gap of years is a gap of the line.

    Parameters
    ----------
    points
        Year and figure, in order of the years.
    first, last
        Years at the left and at the right end.

    Examples
    --------
    >>> sparkline([(2001, 1.0), (2002, 2.0), (2005, 1.5)], 2001, 2005, "").lines
    ('2.5,11.0 31.2,2.5',)
    """
    highest = max((value for _, value in points), default=0.0) or 1.0
    years = max(last - first, 1)
    pieces: list[list[tuple[float, float]]] = []
    before = None
    for year, value in points:
        across = _EDGE + (year - first) / years * (WIDTH - 2 * _EDGE)
        down = HEIGHT - _EDGE - value / highest * (HEIGHT - 2 * _EDGE)
        if before is None or year - before > _GAP:
            pieces.append([])
        pieces[-1].append((round(across, 1), round(down, 1)))
        before = year
    lines = tuple(_line(piece) for piece in pieces if len(piece) > 1)
    dots = [piece[0] for piece in pieces if len(piece) == 1]
    if pieces and len(pieces[-1]) > 1:
        dots.append(pieces[-1][-1])
    return Sparkline(lines, tuple(dots), text)


def _line(piece: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{across},{down}" for across, down in piece)
