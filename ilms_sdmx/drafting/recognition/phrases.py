"""Pieces of texts: what several have in common, and the shortest that says something."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import takewhile


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


def expression_of(text: str) -> str:
    """Expression that means just this text, its blanks readable."""
    return re.escape(text).replace(r"\ ", " ")
