"""What the headings of a table are about: time, sex, countries, industries, others."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from ilms_sdmx.labels.lookup import LabelMatch
from ilms_sdmx.labels.matching import match_labels
from ilms_sdmx.labels.rows import row_kind
from ilms_sdmx.periods import read_period
from ilms_sdmx.words import leading_word, says
from ilms_sdmx.words.text import clean, folded, western_digits

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
PERCENTS = ("percent", "share", "rate", "change", "mean", "ratio")
_FOUR_DIGITS = re.compile(r"[12]\d{3}")
#: Labels by which the role of a heading is told.
_MOST_LABELS = 100


@dataclass(frozen=True)
class Heading:
    """One heading of a table: a column of row labels, or a row of the header.

    Parameters
    ----------
    name
        Name in the mapping file.
    role
        A key of `ROLES`, `period`, `measure`, `number` (row numbers) or `category` (national).
    labels
        Distinct labels in order.
    share
        Part of the labels, totals and residuals left out, that speak for the role.
    prefix
        Beginning of the codes of its labels, empty where they have none.
    matches
        Label to the code that it may have.
    """

    name: str
    role: str
    labels: tuple[str, ...]
    share: float = 1.0
    prefix: str = ""
    matches: Mapping[str, LabelMatch] = field(default_factory=dict)

    def code_of(self, label: str) -> str:
        """Code that a label has for certain, empty for none."""
        match = self.matches.get(label)
        if not match:
            return ""
        return match.code


@dataclass(frozen=True)
class _Score:
    """Part of the labels that speak for a role, and the beginning of their codes."""

    share: float
    role: str
    prefix: str = ""


def first_of_role(headings: Iterable[Heading], role: str) -> Heading | None:
    """First of some headings that has a role, None where there is none."""
    for heading in headings:
        if heading.role == role:
            return heading
    return None


def says_percent(label: str) -> bool:
    """Whether a label says that its figures are percents, rates or changes."""
    return says(label, *PERCENTS)


def heading_of(
    labels: Sequence[str], area: str, languages: tuple[str, ...], *, above: bool
) -> Heading:
    """Heading with the role that most labels have; one above columns may be a measure."""
    telling = _telling_labels(labels)
    if above and _count_years(telling):
        return Heading("period", "period", tuple(labels))
    sample = _sample(telling)
    best = _Score(0.0, "category")
    for score in _scores(sample, area, languages, above=above):
        if score.share > best.share or best.role == "category":
            best = score
    if best.share < 0.5:
        return Heading("category", "category", tuple(labels), 1 - best.share)
    matches: dict[str, LabelMatch] = {}
    share = best.share
    if best.prefix:
        matches = match_labels(labels, best.prefix, languages=languages)
        share = _known_share(telling, matches)
    return Heading(best.role, best.role, tuple(labels), share, best.prefix, matches)


def as_areas(heading: Heading, languages: tuple[str, ...]) -> Heading:
    """Heading of countries, of which any label is or may be one; else the same.

    Each label that is none for certain is asked then, and gets no code of the office.
    """
    [prefix] = ROLES["country"]
    matches = match_labels(heading.labels, prefix, languages=languages)
    telling = _telling_labels(heading.labels)
    share = _known_share(telling, matches)
    if not share:
        return heading
    return Heading("country", "country", heading.labels, share, prefix, matches)


def _count_years(labels: Sequence[str]) -> bool:
    """Whether labels are years that follow one another, of whatever era: `1436`, `1437`."""
    digits = [western_digits(label) for label in labels]
    if len(digits) < 2 or not all(_FOUR_DIGITS.fullmatch(text) for text in digits):
        return False
    years = list(map(int, digits))
    steps = {later - earlier for earlier, later in pairwise(years)}
    return steps in ({1}, {-1})


def _telling_labels(labels: Sequence[str]) -> list[str]:
    """Labels without totals and percents; all where no other is left."""
    plain = [label for label in labels if not row_kind(label).kind]
    counts = [label for label in plain if not says_percent(label)]
    return counts or plain or list(labels)


def _sample(labels: Sequence[str]) -> Sequence[str]:
    """Labels by which a role is told: of a long list some from all of its parts."""
    step = 1 + len(labels) // _MOST_LABELS
    return labels[::step]


def _known_share(labels: Sequence[str], matches: Mapping[str, LabelMatch]) -> float:
    """Part of the labels that have a code, or certain ones to choose among."""
    if not labels:
        return 0.0
    known = sum(matches[label].is_known for label in labels)
    return known / len(labels)


def _scores(
    labels: Sequence[str], area: str, languages: tuple[str, ...], *, above: bool
) -> Iterator[_Score]:
    """Scores of all roles, the first of equal ones counts."""

    def says_period(label: str) -> bool:
        return is_period(label, area)

    def says_measure(label: str) -> bool:
        says_count = above and leading_word(folded(label), "count") is not None
        return says_count or says_percent(label)

    yield _Score(_share(labels, says_period), "period")
    yield _Score(_share(labels, says_measure), "measure")
    for role, prefixes in ROLES.items():
        for prefix in prefixes:
            matches = match_labels(labels, prefix, languages=languages)
            yield _Score(_known_share(labels, matches), role, prefix)


def _share(labels: Sequence[str], says: Callable[[str], bool]) -> float:
    """Part of the labels of which something is true."""
    if not labels:
        return 0.0
    return sum(map(says, labels)) / len(labels)


def is_period(label: str, area: str) -> bool:
    """Whether a label says a time, if not always which."""
    return read_period(clean(label), area=area).is_time


def is_row_numbers(texts: Iterable[str]) -> bool:
    """Whether texts count 1, 2, 3."""
    digits = [text.strip(" .") for text in texts]
    for number, text in enumerate(digits, 1):
        if text != str(number):
            return False
    return len(digits) > 1


def named_apart(headings: Iterable[Heading], taken: Collection[str] = ()) -> list[Heading]:
    """Headings under names of their roles that no other has, and that are not taken."""
    names = set(taken)
    named: list[Heading] = []
    for heading in headings:
        name = heading.role
        number = 2
        while name in names:
            name = f"{heading.role}_{number}"
            number += 1
        names.add(name)
        named.append(replace(heading, name=name))
    return named
