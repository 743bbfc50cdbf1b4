"""Nearest labels for a person to choose from; a score decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from ilms_sdmx.findings import Candidate
from ilms_sdmx.labels.lines import label_lines
from ilms_sdmx.words.text import folded

#: Score out of 100 below which nothing is offered.
FLOOR = 55.0


@lru_cache(maxsize=64)
def _choices(kinds: frozenset[str], prefix: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in label_lines():
        if line.kind in kinds and (
            line.file in {"countries", "nationalities", "territories"}
            or line.code.startswith(prefix)
        ):
            found.setdefault(folded(line.label), line.code)
    return found


def suggest(
    label: str, kinds: frozenset[str], prefix: str = "", *, count: int = 3
) -> tuple[Candidate, ...]:
    """Labels most like one, best first, each code once, with its score out of 100.

    Plain edit likeness is used: token scores rate *Đài Loan (Trung Quốc)* as China.
    """
    return suggest_among(label, _choices(kinds, prefix), prefix, count=count)


def suggest_among(
    label: str, choices: Mapping[str, str], prefix: str = "", *, count: int = 3
) -> tuple[Candidate, ...]:
    """Names most like a label, best first, each code once; `choices` gives the codes of folded names."""
    from rapidfuzz import fuzz, process

    found = process.extract(
        folded(label), choices.keys(), scorer=fuzz.ratio, limit=3 * count, score_cutoff=FLOOR
    )
    best: dict[str, Candidate] = {}
    for name, score, _ in found:
        code = choices[name]
        whole = code if code.startswith(prefix) else prefix + code
        best.setdefault(whole, Candidate(whole, name, round(float(score), 1)))
    return tuple(best.values())[:count]
