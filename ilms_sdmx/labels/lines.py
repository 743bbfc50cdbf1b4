"""Labels of the region's tables and what they mean: the review-ready CSV files under `dsd/labels/`."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from ilms_sdmx._files import dsd
from ilms_sdmx.words.text import folded

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
)


@dataclass(frozen=True, slots=True)
class Label:
    """One line of a label file.

    `kind` is what it names (`country`, `nationality`, `sex`, `total`, `residual`, ...); `code` the code
    without the prefix of a role for countries (`THA`), the whole code for others (`SEX_F`), several
    candidates joined by `|` where the kind is `ambiguous`.
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
    found = []
    for name in FILES:
        text = (dsd() / "labels" / f"{name}.csv").read_text(encoding="utf-8")
        for row in csv.DictReader(text.splitlines()):
            found.append(
                Label(
                    row["label"], row["language"], row["kind"], row["code"], row["note"], name
                )
            )
    return tuple(found)


@lru_cache(maxsize=1)
def lines_by_form() -> dict[str, tuple[Label, ...]]:
    """Lines by folded label."""
    found: dict[str, list[Label]] = {}
    for line in label_lines():
        for form in _forms(line):
            found.setdefault(form, []).append(line)
    return {form: tuple(lines) for form, lines in found.items()}


def _forms(line: Label) -> Iterable[str]:
    """Ways to write a label: as it stands, and CLDR's `Myanmar (Burma)` in its two parts."""
    yield folded(line.label)
    if line.file == "territories" and line.label.endswith(")") and "(" in line.label:
        outer, _, inner = line.label[:-1].partition("(")
        yield folded(outer)
        if line.code == "MMR":
            yield folded(inner)


@lru_cache(maxsize=1)
def affixes() -> tuple[str, ...]:
    """Words around the name of a country that change nothing: `workers`, `สัญชาติ`; longest first."""
    found = {folded(line.label) for line in label_lines() if line.kind == "affix"}
    return tuple(sorted(found, key=lambda word: (-len(word), word)))
