"""Nearest labels for a person to choose from; a score decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from ilms_sdmx.findings import Candidate
from ilms_sdmx.labels.lines import label_lines
from ilms_sdmx.words.text import folded

#: Score out of 100 below which nothing is offered.
FLOOR = 55.0
_OF_AREAS = frozenset({"countries", "nationalities", "territories"})


@lru_cache(maxsize=64)
def _choices(kinds: frozenset[str], prefix: str) -> dict[str, str]:
    """Folded labels of some kinds and their codes."""
    code_of: dict[str, str] = {}
    for line in label_lines():
        if line.kind not in kinds:
            continue
        if line.file in _OF_AREAS or line.code.startswith(prefix):
            code_of.setdefault(folded(line.label), line.code)
    return code_of


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
    """Names most like a label, best first, each code once.

    `choices` gives the codes of folded names.
    """
    from rapidfuzz import fuzz, process

    limit = 3 * count
    likenesses = process.extract(
        folded(label), choices.keys(), scorer=fuzz.ratio, limit=limit, score_cutoff=FLOOR
    )
    best: dict[str, Candidate] = {}
    for name, likeness, _ in likenesses:
        code = choices[name]
        if not code.startswith(prefix):
            code = prefix + code
        score = round(float(likeness), 1)
        best.setdefault(code, Candidate(code, name, score))
    candidates = tuple(best.values())
    return candidates[:count]
