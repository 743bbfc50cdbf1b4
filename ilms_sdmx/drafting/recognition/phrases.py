"""Pieces of texts: what several have in common, and the shortest that says something."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import takewhile

#: Most words of a run.
_LONGEST_RUN = 9


def same_start(texts: Iterable[str]) -> str:
    """Characters with which all texts begin.

    >>> same_start(["Deployed, 2018", "Deployed, 2019"])
    'Deployed, 201'
    """
    columns = zip(*texts, strict=False)
    alike = takewhile(_is_one_letter, columns)
    return "".join(letters[0] for letters in alike)


def _is_one_letter(letters: tuple[str, ...]) -> bool:
    return len(set(letters)) == 1


def same_end(texts: Iterable[str]) -> str:
    """Characters with which all texts end.

    >>> same_end(["2018 of women", "2019 of women"])
    ' of women'
    """
    backwards = [text[::-1] for text in texts]
    return same_start(backwards)[::-1]


def shortest_run(text: str, fits: Callable[[str], bool]) -> str:
    """Shortest run of at most nine words that fits, without marks at its end; empty for none.

    >>> shortest_run("Workers sent abroad in 2019, by market", lambda run: "2019" in run)
    '2019'
    """
    return min(filter(fits, _runs(text)), key=len, default="")


def _runs(text: str) -> Iterator[str]:
    """Runs of words of a text, without marks at their ends."""
    words = text.split()
    for first in range(len(words)):
        end = min(len(words), first + _LONGEST_RUN)
        for after in range(first + 1, end + 1):
            yield " ".join(words[first:after]).strip(" ,;:")


def expression_of(text: str) -> str:
    """Expression that means just this text, its blanks readable."""
    return re.escape(text).replace(r"\ ", " ")
