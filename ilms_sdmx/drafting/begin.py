"""Where a table begins: a text that stands once on each of its sheets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ilms_sdmx.conversion.layout.grid import Grid
from ilms_sdmx.drafting.found import Found, row_texts
from ilms_sdmx.drafting.text import pattern, quoted, same_start
from ilms_sdmx.words.text import clean, folded


@dataclass(frozen=True)
class Begin:
    """Beginning of a table.

    Parameters
    ----------
    pattern
        As the mapping writes it.
    title
        Whether it is a title above the header rather than a cell of the header.
    doubt
        Question where the text is not unique.
    texts
        Texts of the cells that it means.
    """

    pattern: str
    title: bool
    doubt: str
    texts: frozenset[str]


def begin_of(founds: Sequence[Found]) -> Begin:
    """Beginning of a table on all of its sheets: a text, or titles alike but for a period."""
    choices = [_candidates(found) for found in founds]
    for text, title in choices[0]:
        same = [
            next((t for t, is_title in own if folded(t) == folded(text)), "") for own in choices
        ]
        if all(same) and all(_counts(f.grid)[folded(text)] == 1 for f in founds):
            return Begin(pattern(text), title, "", frozenset(same))
    titles = [next((t for t, is_title in own if is_title), "") for own in choices]
    if len(founds) > 1 and all(titles) and (words := _around(titles)):
        regex = re.compile(words, re.IGNORECASE)
        if all(
            sum(bool(regex.search(clean(t))) for _, t in f.grid.texts()) == 1 for f in founds
        ):
            return Begin(quoted(f"/{words}/"), True, "", frozenset(titles))
    text, title = choices[0][0] if choices[0] else ("", False)
    return Begin(
        pattern(text),
        title,
        "decide: this text stands more than once on the sheet",
        frozenset([text]),
    )


def _around(titles: list[str]) -> str:
    """Expression of titles that begin and end alike; empty where too little is alike."""
    left = same_start(titles)
    right = same_start([t[len(left) :][::-1] for t in titles])[::-1]
    if len(left) + len(right) < 6:
        return ""
    return f"^{re.escape(left)}.*{re.escape(right)}$".replace(r"\ ", " ")


@lru_cache(maxsize=4)
def _counts(grid: Grid) -> Counter[str]:
    """How often each text stands on a sheet."""
    return Counter(folded(text) for _, text in grid.texts())


def _candidates(found: Found) -> list[tuple[str, bool]]:
    """Texts at which a table may begin, the best first, and whether each is a title."""
    first = found.header[0] if found.header else found.body[0]
    corner = [found.text(first, column) for column in (*found.stubs, *found.data)]
    title = found.text(found.title, found.left) if found.title is not None else ""
    if found.title is not None and not title:
        title = row_texts(found.grid, [found.title])[0]
    adjacent = found.title is not None and not set(range(found.title + 1, first)) - {
        *found.blocks
    }
    candidates = [(t, False) for t in corner if t and found.header] + (
        [(title, True)] if adjacent else []
    )
    if found.right is not None:
        candidates = [(t, is_title) for t, is_title in candidates if is_title or t == corner[0]]
    candidates += [] if found.header or adjacent else [(t, False) for t in corner if t]
    return candidates or [(corner[0], False)]
