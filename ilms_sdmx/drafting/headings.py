"""What the headings of a table are about: time, sex, countries, industries, or something national."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ilms_sdmx.labels.matching import LabelMatch, match_label
from ilms_sdmx.labels.rows import row_kind
from ilms_sdmx.periods import NO_YEAR, read_period
from ilms_sdmx.words import leading_word, says
from ilms_sdmx.words.text import clean, folded

#: Role to the beginnings of codes that its labels may have, the most detailed first.
ROLES: dict[str, tuple[str, ...]] = {
    "sex": ("SEX_",),
    "age": ("AGE_AGGREGATE_", "AGE_5YRBANDS_", "AGE_10YRBANDS_", "AGE_YTHADULT_"),
    "country": ("CDS_DES_",),
    "citizenship": ("CCT_CIT_",),
    "industry": ("ECO_ISIC4_", "ECO_SECTOR_", "ECO_AGGREGATE_"),
    "occupation": ("OCU_ISCO08_", "OCU_SKILL_"),
    "status": ("STE_ICSE93_", "STE_AGGREGATE_"),
    "education": ("EDU_ISCED11_", "EDU_AGGREGATE_"),
}
#: Kinds of words of a heading whose figures count nobody.
PERCENTS = ("percent", "share", "rate", "change")


@dataclass(frozen=True)
class Heading:
    """One heading of a table: a column of row labels, or a row of the header.

    Parameters
    ----------
    role
        A key of `ROLES`, `period`, `measure`, `number` (row numbers) or `category` (anything national).
    share
        Part of the labels, totals and residuals left out, that speak for the role.
    """

    name: str
    role: str
    labels: tuple[str, ...]
    share: float = 1.0
    prefix: str = ""
    matches: dict[str, LabelMatch] = field(default_factory=dict)


def heading(
    labels: Sequence[str], area: str, languages: tuple[str, ...], *, above: bool
) -> Heading:
    """Role of labels by what most of them are; only those above columns may say what is counted."""
    plain = [t for t in labels if not row_kind(t).kind]
    telling = [t for t in plain if not says(t, *PERCENTS)] or plain or list(labels)
    scores: list[tuple[float, str, str]] = [
        (_share(telling, lambda t: is_period(t, area)), "period", "")
    ]
    counts = _share(
        telling,
        lambda t: (
            says(t, *PERCENTS) or (above and leading_word(folded(t), "count") is not None)
        ),
    )
    scores.append((counts, "measure", ""))
    for role, prefixes in ROLES.items():
        scores += [
            (_share(telling, lambda t, p=prefix: _known(t, p, languages)), role, prefix)
            for prefix in prefixes
        ]
    share, role, prefix = max(scores, key=lambda s: s[0])
    if share < 0.5:
        return Heading("category", "category", tuple(labels), 1 - share)
    matches = {t: match_label(t, prefix, languages=languages) for t in labels} if prefix else {}
    return Heading(role, role, tuple(labels), share, prefix, matches)


def is_period(label: str, area: str) -> bool:
    """Whether a label says a time, if not always which."""
    found = read_period(clean(label), area=area)
    return bool(found.time_period) or found.reason == NO_YEAR or "declare " in found.reason


def _known(label: str, prefix: str, languages: tuple[str, ...]) -> bool:
    match = match_label(label, prefix, languages=languages)
    return bool(match.code) or "may mean" in match.reason


def _share(labels: Sequence[str], test: object) -> float:
    assert callable(test)
    return sum(bool(test(t)) for t in labels) / len(labels) if labels else 0.0


def is_row_numbers(texts: Iterable[str]) -> bool:
    """Whether texts count 1, 2, 3."""
    digits = [t.strip(" .") for t in texts]
    return len(digits) > 1 and digits == [str(n) for n in range(1, len(digits) + 1)]
