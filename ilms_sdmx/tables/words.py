"""Words of the region's languages around numbers and periods: multipliers, months, eras, qualifiers."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache

from ilms_sdmx._files import dsd
from ilms_sdmx.tables.text import clean


@dataclass(frozen=True, slots=True)
class Word:
    """A word that has a meaning beside a number or in a period: kind `month`, value `9`."""

    word: str
    language: str
    kind: str
    value: str


@lru_cache(maxsize=1)
def words() -> dict[str, tuple[Word, ...]]:
    """All words by folded form; the source is `dsd/labels/words.csv`."""
    index: dict[str, tuple[Word, ...]] = {}
    text = (dsd() / "labels" / "words.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        word = Word(clean(row["word"]).casefold(), row["language"], row["kind"], row["value"])
        index[word.word] = (*index.get(word.word, ()), word)
    return index


@lru_cache(maxsize=32)
def of_kinds(*kinds: str) -> dict[str, Word]:
    """First word of each form among the given kinds, longest forms first."""
    found = {
        form: w for form, all_ in words().items() for w in reversed(all_) if w.kind in kinds
    }
    return dict(sorted(found.items(), key=lambda item: -len(item[0])))
