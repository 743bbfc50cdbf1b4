"""Labels of the region's tables and what they mean: the CSV files of `dsd/labels/`."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from ilms_sdmx._files import dsd
from ilms_sdmx.words.text import folded, unspaced

#: Files of labels, the most particular first.
FILES = (
    "countries",
    "nationalities",
    "territories",
    "sex",
    "citizenship",
    "industry",
    "occupation",
    "status",
    "education",
    "rows",
    "groups",
)


@dataclass(frozen=True, slots=True)
class Label:
    """One line of a label file.

    `kind` is what it names (`country`, `nationality`, `sex`, `total`, `residual`, ...); `code`
    the code without the prefix of a role for countries (`THA`), the whole code for others
    (`SEX_F`), several candidates joined by `|` where the kind is `ambiguous`.
    """

    label: str
    language: str
    kind: str
    code: str
    note: str
    file: str

    @property
    def source(self) -> str:
        """`name` for an official name of a territory, `alias` for every other line."""
        return "name" if self.file == "territories" else "alias"


@lru_cache(maxsize=1)
def label_lines() -> tuple[Label, ...]:
    """All lines of all label files."""
    lines = []
    for name in FILES:
        path = dsd() / "labels" / f"{name}.csv"
        with path.open(encoding="utf-8", newline="") as stream:
            rows = csv.DictReader(stream)
            lines += [Label(**row, file=name) for row in rows]
    return tuple(lines)


@lru_cache(maxsize=1)
def lines_by_form() -> dict[str, tuple[Label, ...]]:
    """Lines by folded label."""
    lines_of: dict[str, list[Label]] = {}
    for line in label_lines():
        for form in dict.fromkeys(_forms(line)):
            lines_of.setdefault(form, []).append(line)
    return {form: tuple(lines) for form, lines in lines_of.items()}


def _forms(line: Label) -> Iterable[str]:
    """Forms of a label: as it is written, without optional blanks, and in CLDR's two parts."""
    label = line.label
    text = folded(label)
    yield text
    yield unspaced(text)
    is_primary = line.file == "territories" and line.note == "CLDR"
    if not is_primary or not label.endswith(")"):
        return
    outer, bracket, inner = label[:-1].partition("(")
    if not bracket:
        return
    yield folded(outer)
    if line.code == "MMR":
        yield folded(inner)


@lru_cache(maxsize=1)
def affixes() -> tuple[str, ...]:
    """Words around the name of a country that change nothing: `workers`, `สัญชาติ`.

    Longest first.
    """
    forms = set()
    for line in label_lines():
        if line.kind == "affix":
            form = folded(line.label)
            forms.add(form)
    longest_first = sorted(forms, key=_longest_first)
    return tuple(longest_first)


def _longest_first(word: str) -> tuple[int, str]:
    """Key that sorts words by length, the longest first, then by letter."""
    return -len(word), word
