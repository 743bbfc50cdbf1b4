"""Resolving of labels to codes.

The line of the map, else a name or alias of the codelist, else unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

from ilms_sdmx.findings import Candidate, phrase
from ilms_sdmx.mapping.expressions import Expression
from ilms_sdmx.mapping.model import MappedValue, RepresentationMap
from ilms_sdmx.mapping.patterns import matches_pieces
from ilms_sdmx.periods import Period, parse_period
from ilms_sdmx.words.text import clean, folded

#: Match of one label with the codelist of a map: its code where the map asks for that, else
#: candidates. The period is that of the figures, empty for any.
Matcher = Callable[[RepresentationMap, str, str], "Resolved"]


@dataclass(frozen=True, slots=True)
class Resolved:
    """What became of one label.

    `how` is `line`, `pattern`, the word of the matcher (`name`, `alias`, ...), `skipped` where
    the map says that the dataflow has no place for the label, `open` where nobody has decided
    its line yet, or `unknown`.
    """

    code: str | None
    how: str
    candidates: tuple[Candidate, ...] = ()
    line: MappedValue | None = None
    reason: str = ""

    @property
    def is_matched(self) -> bool:
        """Whether the code is that of a name of the codelist, and of no line of the map."""
        return self.code is not None and self.line is None


UNKNOWN = Resolved(None, "unknown")


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a code map, with its expressions and the time for which it holds."""

    value: MappedValue
    expressions: tuple[Expression, ...] = ()
    begins: Period | None = None
    ends: Period | None = None

    @classmethod
    def of(cls, value: MappedValue) -> _Line:
        """Line of a code map, ready to be looked up."""
        expressions: tuple[Expression, ...] = ()
        if value.regex:
            expressions = tuple(map(expression_of, value.source))
        begins = parse_period(value.valid_from)
        ends = parse_period(value.valid_to)
        return cls(value, expressions, begins, ends)

    def holds(self, period: str) -> bool:
        """Whether the line holds on the day with which a period begins."""
        if not period:
            return not (self.value.valid_from or self.value.valid_to)
        time = parse_period(period)
        if time is None:
            return False
        if self.begins is not None and time.start < self.begins.start:
            return False
        return self.ends is None or time.start < self.ends.end

    def fits(self, texts: Iterable[str]) -> bool:
        """Whether every expression matches the whole of its text."""
        pairs = zip(self.expressions, texts, strict=False)
        return all(expression.fullmatch(text) is not None for expression, text in pairs)


def expression_of(source: str) -> Expression:
    """Expression of a line of a code map, which must match the whole label."""
    text = f"^{source}" if source.startswith("(?!") else source
    return Expression(text, ignore_case=True)


@dataclass(eq=False)
class Resolver:
    """Labels of one code map to its codes: the lines are put in order once, for all labels.

    Parameters
    ----------
    representation
        The code map.
    matcher
        Asked for a single label that no line knows, where the map has a codelist.
    """

    representation: RepresentationMap
    matcher: Matcher | None = None
    exact: dict[tuple[str, ...], list[_Line]] = field(default_factory=dict)
    patterns: list[_Line] = field(default_factory=list)

    def __post_init__(self) -> None:
        for value in self.representation.values:
            line = _Line.of(value)
            if value.regex:
                self.patterns.append(line)
            else:
                words = tuple(map(folded, value.source))
                self.exact.setdefault(words, []).append(line)

    def resolve(self, labels: tuple[str, ...], period: str = "") -> Resolved:
        """Code of the labels of one figure.

        Parameters
        ----------
        labels
            One for each source heading.
        period
            Period of the figure, for lines that hold only for a time.
        """
        line = self._line(labels, period)
        if line is not None:
            return Resolved(line.code, _how(line), line=line)
        found = UNKNOWN
        if self.matcher and len(labels) == 1 and self.representation.codelist:
            found = self.matcher(self.representation, labels[0], "")
        if found.code is not None or len(labels) != 1:
            return found
        near = self._partly(labels[0])
        return replace(found, reason=near) if near else found

    def _line(self, labels: tuple[str, ...], period: str) -> MappedValue | None:
        """First line that holds for labels and a period: exact labels before expressions."""
        words = tuple(map(folded, labels))
        for line in self.exact.get(words, ()):
            if line.holds(period):
                return line.value
        if not self.patterns:
            return None
        texts = list(map(clean, labels))
        for line in self.patterns:
            if line.fits(texts) and line.holds(period):
                return line.value
        return None

    @cached_property
    def _starred(self) -> list[str]:
        """Labels of lines with a plain `*`, which was perhaps meant for anything."""
        return [words[0] for words in self.exact if len(words) == 1 and "*" in words[0]]

    def _partly(self, label: str) -> str:
        """Why a line of the map that was perhaps meant for a label does not hold."""
        text = clean(label)
        for line in self.patterns:
            if line.expressions[0].search(text):
                source = line.value.source[0]
                wider = f".*{source.strip('^$')}.*"
                return phrase("must-match-whole", source=source, wider=wider)
        for words in self._starred:
            if matches_pieces(folded(label), words):
                wider = words.replace("*", ".*")
                return phrase("star-is-plain", wider=wider)
        return ""


def _how(line: MappedValue) -> str:
    """How a line of a map gives its code."""
    if line.is_open:
        return "open"
    if line.code is None:
        return "skipped"
    return "pattern" if line.regex else "line"


def resolve(
    representation: RepresentationMap,
    labels: tuple[str, ...],
    period: str = "",
    matcher: Matcher | None = None,
) -> Resolved:
    """Code of the labels of one figure, as `Resolver.resolve` finds it."""
    return Resolver(representation, matcher).resolve(labels, period)


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
    resolver = Resolver(representation, matcher)
    resolved = []
    for labels, period in zip(rows, periods, strict=True):
        resolved.append(resolver.resolve(labels, period))
    return resolved
