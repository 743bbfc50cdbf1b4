"""Runs of words of a text: the shortest that says something."""

from __future__ import annotations

from collections.abc import Callable, Iterator

#: Most words of a run.
_LONGEST_RUN = 9
#: Marks that are no part of a run at its ends, and brackets with those that open them.
_MARKS = " ,;:"
_PAIRS = {")": "(", "]": "["}


def shortest_run(text: str, fits: Callable[[str], bool]) -> str:
    """Shortest run of at most nine words that fits, without marks at its end; empty for none.

    >>> shortest_run("Workers sent abroad in 2019, by market", lambda run: "2019" in run)
    '2019'
    >>> shortest_run("Workers (as of 11 May 2022)", lambda run: run.startswith("11 May 2022"))
    '11 May 2022'
    """
    return min(filter(fits, _runs(text)), key=len, default="")


def _runs(text: str) -> Iterator[str]:
    """Runs of words of a text, without marks at their ends."""
    words = text.split()
    for first in range(len(words)):
        end = min(len(words), first + _LONGEST_RUN)
        for after in range(first + 1, end + 1):
            yield _without_marks(" ".join(words[first:after]))


def _without_marks(run: str) -> str:
    """Run without marks at its ends, and without brackets that begin or end outside it."""
    shown = run.strip(_MARKS)
    for closing, opening in _PAIRS.items():
        surplus = shown.count(closing) - shown.count(opening)
        if surplus > 0 and shown.endswith(closing):
            shown = shown.removesuffix(closing).rstrip(_MARKS)
        if surplus < 0 and shown.startswith(opening):
            shown = shown.removeprefix(opening).lstrip(_MARKS)
    return shown
