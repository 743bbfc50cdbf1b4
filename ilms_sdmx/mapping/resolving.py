"""Resolving of labels to codes.

The line of the map, else a name or alias of the codelist, else unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from ilms_sdmx.findings import Candidate
from ilms_sdmx.mapping.model import MappedValue, RepresentationMap
from ilms_sdmx.periods import parse_period
from ilms_sdmx.words.text import clean, folded

#: Match of one label with the codelist of a map: its code where the map asks for that, else
#: candidates.
Matcher = Callable[[RepresentationMap, str], "Resolved"]


@dataclass(frozen=True, slots=True)
class Resolved:
    """What became of one label.

    `how` is `line`, `pattern`, the word of the matcher (`name`, `alias`, ...), `skipped` where
    the map says that the dataflow has no place for the label, or `unknown`.
    """

    code: str | None
    how: str
    candidates: tuple[Candidate, ...] = ()
    line: MappedValue | None = None
    reason: str = ""


UNKNOWN = Resolved(None, "unknown")


def resolve(
    representation: RepresentationMap,
    labels: tuple[str, ...],
    period: str = "",
    matcher: Matcher | None = None,
) -> Resolved:
    """Code of the labels of one figure.

    Parameters
    ----------
    labels
        One for each source heading.
    period
        Period of the figure, for lines that hold only for a time.
    matcher
        Asked for a single label that no line knows, where the map has a codelist.
    """
    line = _line(representation, labels, period)
    if line is not None:
        return Resolved(
            line.code,
            "skipped" if line.code is None else "pattern" if line.regex else "line",
            (),
            line,
        )
    asked = matcher is not None and len(labels) == 1 and representation.codelist
    found = matcher(representation, labels[0]) if matcher and asked else UNKNOWN
    if found.code is None and (near := _partly(representation, labels)):
        return replace(found, reason=near)
    return found


def _partly(representation: RepresentationMap, labels: tuple[str, ...]) -> str:
    """Why a pattern of the map that was perhaps meant for the labels does not hold."""
    if len(labels) != 1:
        return ""
    text = clean(labels[0])
    exact, patterns = _index(representation.values)
    for line, expressions in patterns:
        source = line.source[0]
        if expressions[0].search(text):
            wider = f".*{source.strip('^$')}.*"
            return f"/{source}/ must match the whole label; is /{wider}/ meant?"
    for words in exact:
        if len(words) != 1 or "*" not in words[0]:
            continue
        pieces = map(re.escape, words[0].split("*"))
        if re.fullmatch(".*".join(pieces), folded(text)):
            wider = words[0].replace("*", ".*")
            return f"* is a plain sign in a code map; is /{wider}/ meant?"
    return ""


def _line(
    representation: RepresentationMap, labels: tuple[str, ...], period: str
) -> MappedValue | None:
    """First line that holds for labels and a period: of exact labels, then of expressions."""
    exact, patterns = _index(representation.values)
    for line in exact.get(tuple(map(folded, labels)), ()):
        if _holds(line, period):
            return line
    texts = list(map(clean, labels)) if patterns else []
    for line, expressions in patterns:
        if _holds(line, period) and _match_all(expressions, texts):
            return line
    return None


def _match_all(expressions: Iterable[re.Pattern[str]], texts: Iterable[str]) -> bool:
    """Whether every expression matches the whole of its text."""
    pairs = zip(expressions, texts, strict=False)
    return all(expression.fullmatch(text) is not None for expression, text in pairs)


def _holds(line: MappedValue, period: str) -> bool:
    """Whether a line holds on the day with which a period begins."""
    if not period:
        return not (line.valid_from or line.valid_to)
    time = parse_period(period)
    if time is None:
        return False
    begins = parse_period(line.valid_from)
    ends = parse_period(line.valid_to)
    if begins is not None and time.start < begins.start:
        return False
    return ends is None or time.start < ends.end


Index = tuple[
    dict[tuple[str, ...], list[MappedValue]],
    list[tuple[MappedValue, tuple[re.Pattern[str], ...]]],
]


@lru_cache(maxsize=256)
def _index(values: tuple[MappedValue, ...]) -> Index:
    """Lines by their exact labels, and lines of expressions with these compiled."""
    exact: dict[tuple[str, ...], list[MappedValue]] = {}
    patterns = []
    for line in values:
        if line.regex:
            expressions = [re.compile(source, re.IGNORECASE) for source in line.source]
            patterns.append((line, tuple(expressions)))
        else:
            labels = tuple(map(folded, line.source))
            exact.setdefault(labels, []).append(line)
    return exact, patterns


def has_validity(representation: RepresentationMap) -> bool:
    """Whether any line holds only for a time."""
    return any(v.valid_from or v.valid_to for v in representation.values)


def resolve_all(
    representation: RepresentationMap,
    rows: Iterable[tuple[str, ...]],
    periods: Iterable[str],
    matcher: Matcher | None,
) -> list[Resolved]:
    """`resolve` over distinct labels."""
    return [resolve(representation, r, p, matcher) for r, p in zip(rows, periods, strict=True)]
