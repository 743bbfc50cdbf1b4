"""Figures whose cell names a sex that their headings do not: they are of other persons."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ilms_sdmx.conversion.figures.model import Figures
from ilms_sdmx.findings import Finding, find, phrase
from ilms_sdmx.labels import match_label
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.words import words_in

if TYPE_CHECKING:
    import pandas as pd

#: Two letters or more of any script, with the marks that are written on them.
_WORD = re.compile(
    r"[^\W\d_][\w\u0300-\u036f\u0e30-\u0e4e\u0eb0-\u0ecd\u102b-\u103e\u17b6-\u17d3]+"
)
_SEXES = frozenset({"SEX_M", "SEX_F"})
_BOTH = "SEX_T"
_RULE = "figure-of-another-sex"


def without_other_sex(
    figures: Figures, languages: tuple[str, ...]
) -> tuple[Figures, list[Finding]]:
    """Figures without those whose cell names men or women where no heading does; and findings.

    `12 women` under *Men* is not written, nor `88 men` under *Total*, nor `47 in all` under
    *Men*.
    """
    if not len(figures):
        return figures, []
    sexes = {text: _sex_in_cell(text, languages) for text in figures.text.unique()}
    if not any(sexes.values()):
        return figures, []
    said = figures.text.map(sexes)
    counted = figures.in_role(Bucket.OBSERVATION, Bucket.TOTAL, Bucket.OF_WHICH)
    named = figures.only((said != "") & counted & figures.has_value)
    others = named.only(_is_of_others(named, said, languages))
    findings = []
    for place, text in zip(others.places(), others.text, strict=True):
        affects = phrase("figures-that-are-not-written", count=1)
        findings.append(find(_RULE, place, read=text, affects=affects))
    refused = figures.index.isin(others.index)
    return figures.with_bucket(refused, Bucket.FINDING, why="its cell names a sex"), findings


def _is_of_others(
    figures: Figures, said: pd.Series[str], languages: tuple[str, ...]
) -> pd.Series[bool]:
    """Which figures have no heading of the sex of their cell, or one sex where it says both."""
    import pandas as pd

    said = said.loc[figures.index]
    is_of_both = said == _BOTH
    is_named = pd.Series(False, index=figures.index)
    is_of_one = pd.Series(False, index=figures.index)
    for name in figures.heading_columns():
        if name not in figures.frame.columns:
            continue
        labels = figures.frame[name].fillna("").astype("str")
        sexes = {label: _sex_in(label, languages) for label in labels.unique()}
        of_heading = labels.map(sexes)
        is_named |= of_heading == said
        is_of_one |= of_heading.isin(_SEXES)
    return is_of_one.where(is_of_both, ~is_named)


def _sex_in_cell(text: str, languages: tuple[str, ...]) -> str:
    """Code of the one sex that the words of a cell name, or of both; empty for none."""
    if words_in(text, "in_all"):
        return _BOTH
    return _sex_in(text, languages)


def _sex_in(text: str, languages: tuple[str, ...]) -> str:
    """Code of the one sex that the words of a cell name, empty for none or both."""
    words = _WORD.findall(text)
    if not words:
        return ""
    whole = match_label(" ".join(words), "SEX", languages=languages).code
    if whole:
        return whole if whole in _SEXES else ""
    named = {match_label(word, "SEX", languages=languages).code for word in words}
    sexes = named & _SEXES
    return sexes.pop() if len(sexes) == 1 else ""
