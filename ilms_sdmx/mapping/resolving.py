"""Resolving of labels to codes: the line of the map, else a name or alias of the codelist, else unknown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from ilms_sdmx.findings import Candidate
from ilms_sdmx.mapping.model import MappedValue, RepresentationMap, fold

#: Match of one label with a codelist: code or None, how it was found, nearest candidates.
Matcher = Callable[[RepresentationMap, str], tuple[str | None, str, tuple[Candidate, ...]]]


@dataclass(frozen=True, slots=True)
class Resolved:
    """What became of one label.

    `how` is `line`, `pattern`, the word of the matcher (`name`, `alias`, ...), `skipped` where the map says
    that the dataflow has no place for the label, or `unknown`.
    """

    code: str | None
    how: str
    candidates: tuple[Candidate, ...] = ()
    line: MappedValue | None = None


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
        Asked for a single label that no line knows, where the map allows it.
    """
    line = _line(representation, labels, period)
    if line is not None:
        return Resolved(
            line.code, "skipped" if line.code is None else "pattern" if line.regex else "line", (), line
        )
    if matcher is None or len(labels) != 1 or not (representation.match and representation.codelist):
        return UNKNOWN
    code, how, candidates = matcher(representation, labels[0])
    return Resolved(code, how if code else "unknown", candidates)


def _line(representation: RepresentationMap, labels: tuple[str, ...], period: str) -> MappedValue | None:
    exact, patterns = _index(representation.values)
    folded = tuple(map(fold, labels))
    for line in exact.get(folded, ()):
        if _holds(line, period):
            return line
    for line, compiled in patterns:
        if _holds(line, period) and all(p.fullmatch(t) for p, t in zip(compiled, folded, strict=False)):
            return line
    return None


def _holds(line: MappedValue, period: str) -> bool:
    """Whether a line holds at a period, compared by the digits that both write."""
    if not period:
        return not (line.valid_from or line.valid_to)
    after = not line.valid_from or period[: len(line.valid_from)] >= line.valid_from
    return after and (not line.valid_to or period[: len(line.valid_to)] <= line.valid_to)


Index = tuple[dict[tuple[str, ...], list[MappedValue]], list[tuple[MappedValue, tuple[re.Pattern[str], ...]]]]


@lru_cache(maxsize=256)
def _index(values: tuple[MappedValue, ...]) -> Index:
    exact: dict[tuple[str, ...], list[MappedValue]] = {}
    patterns = []
    for line in values:
        if line.regex:
            compiled = tuple(re.compile(s, re.IGNORECASE) for s in line.source)
            patterns.append((line, compiled))
        else:
            exact.setdefault(tuple(map(fold, line.source)), []).append(line)
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
