"""Scales: labels with a meaning only next to each other, as H and M or *skilled*."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ilms_sdmx._files import dsd
from ilms_sdmx.labels.rows import row_kind
from ilms_sdmx.labels.variants import bare
from ilms_sdmx.words.text import folded


@dataclass(frozen=True, slots=True)
class Step:
    """One label of a scale.

    Parameters
    ----------
    scale
        Name of the scale.
    label
        The label, as it is printed.
    language
        Language of the label.
    code
        Whole code that the label has within the scale.
    note
        What a reader of the row must know.
    """

    scale: str
    label: str
    language: str
    code: str
    note: str


@lru_cache(maxsize=1)
def all_steps() -> tuple[Step, ...]:
    """All steps of all scales; the source is `dsd/labels/scales.csv`."""
    path = dsd() / "labels" / "scales.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(lines)
    return tuple(Step(**row) for row in rows)


@lru_cache(maxsize=1)
def _scales() -> dict[tuple[str, str], dict[str, str]]:
    """Codes of the folded labels of each scale in each language."""
    scales: dict[tuple[str, str], dict[str, str]] = {}
    for step in all_steps():
        scale = (step.scale, step.language)
        codes = scales.setdefault(scale, {})
        form = folded(step.label)
        codes[form] = step.code
    return scales


@lru_cache(maxsize=1)
def _codes_of_forms() -> dict[str, dict[str, None]]:
    """Folded label to its codes in all scales, each once."""
    codes_of_forms: dict[str, dict[str, None]] = {}
    for step in all_steps():
        codes = codes_of_forms.setdefault(folded(step.label), {})
        codes[step.code] = None
    return codes_of_forms


def codes_in_scales(form: str, prefix: str) -> tuple[str, ...]:
    """Codes that a form has in any scale, each once."""
    codes = _codes_of_forms().get(form, {})
    return tuple(code for code in codes if code.startswith(prefix))


def steps_of(
    labels: Sequence[str], prefix: str, languages: tuple[str, ...] = ()
) -> dict[str, str]:
    """Codes of labels in the scale that all of them are steps of.

    Nothing where there is none or two.

    Totals and other kinds of rows are no steps. A scale of a declared language is preferred.

    >>> steps_of(["L", "P", "Jumlah"], "SEX_")
    {'L': 'SEX_M', 'P': 'SEX_F'}
    >>> steps_of(["M"], "SEX_")
    {}
    """
    form_of: dict[str, str] = {}
    for label in labels:
        if not row_kind(label).kind:
            form_of[label] = bare(label)
    readings = _readings(frozenset(form_of.values()), prefix, languages)
    if len(readings) != 1:
        return {}
    codes = dict(next(iter(readings)))
    return {label: codes[form] for label, form in form_of.items()}


def _readings(
    forms: frozenset[str], prefix: str, languages: tuple[str, ...]
) -> set[frozenset[tuple[str, str]]]:
    """Different codes of forms in the scales that have them all, declared languages first."""
    declared: set[frozenset[tuple[str, str]]] = set()
    others: set[frozenset[tuple[str, str]]] = set()
    for (_, language), codes in _scales().items():
        reading = _reading(forms, codes, prefix)
        if not reading:
            continue
        readings = declared if language in languages else others
        readings.add(reading)
    return declared or others


def _reading(
    forms: frozenset[str], codes: dict[str, str], prefix: str
) -> frozenset[tuple[str, str]]:
    """Codes of forms in one scale.

    Nothing where it lacks one, or not every code of the scale is there.
    """
    if not forms <= codes.keys():
        return frozenset()
    steps = {}
    for form in forms:
        steps[form] = codes[form]
    printed = set(steps.values())
    is_whole = printed == set(codes.values())
    if not is_whole:
        return frozenset()
    for code in printed:
        if not code.startswith(prefix):
            return frozenset()
    return frozenset(steps.items())
