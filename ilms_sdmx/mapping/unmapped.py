"""Findings about labels and periods that no map knows.

Place, candidates, and the line that fixes them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields

from ilms_sdmx.findings import Finding, Phrase, Place, find, is_phrase, phrase
from ilms_sdmx.mapping.model import RepresentationMap
from ilms_sdmx.mapping.resolving import Resolved
from ilms_sdmx.tables.markers import flags_line

#: Likeness out of 100 from which a candidate is in the line to add, as after a slip of the
#: pen.
LIKELY = 85
#: Texts in the place of an answer that nobody has given.
_UNDECIDED = frozenset({"?", "decide", "decide:"})
#: Letters behind a period that may be a mark of its figures: `2020 r`.
_MARKED = re.compile(r"\d\s*\(?([^\W\d_]{1,2})\)?$")
#: Signs that mean something to YAML, or a pattern, at the beginning of a key.
_SIGNS = frozenset("-?:!&*|>%@`\"'#/~")

#: Signs that mean something to YAML within a key.
_STRUCTURE = re.compile(r": |:$| #|[{}\[\],]")
#: What is written for a code that a person must find, and by how much a candidate must be
#: ahead.
_PLACE, _AHEAD = "<code>", 5


@dataclass(frozen=True, slots=True)
class Spread:
    """Where a problem is.

    Its first place, how many figures it touches, some of their cells.
    """

    place: Place
    figures: int
    cells: tuple[str, ...] = ()

    @property
    def affects(self) -> str:
        """`12 observations (B17, C17, ...), not written`."""
        if not self.cells:
            return phrase("observations-not-written", count=self.figures)
        cells = ", ".join(self.cells)
        if self.figures > len(self.cells):
            cells = f"{cells}, ..."
        return phrase("observations-at-not-written", count=self.figures, cells=cells)


@dataclass(frozen=True, slots=True)
class Question(Finding):
    """A finding that a person answers with a code or a period.

    Parameters
    ----------
    labels
        What the answer is for, one for each heading.
    map
        Code map that asks, empty for a period.
    """

    labels: tuple[str, ...] = ()
    map: str = ""

    @classmethod
    def of(cls, finding: Finding, labels: tuple[str, ...], map: str = "") -> Question:
        """Question that a finding asks."""
        parts = {}
        for part in fields(finding):
            parts[part.name] = getattr(finding, part.name)
        return cls(**parts, labels=labels, map=map)


def find_unknown_label(
    component: str,
    labels: tuple[str, ...],
    resolved: Resolved,
    representation: RepresentationMap,
    spread: Spread,
) -> Question:
    """Make the finding of a label without a code; likeness is shown, never applied."""
    read = " / ".join(labels)
    codelist = representation.codelist
    if not codelist:
        codelist = phrase("the-map", name=repr(representation.id))
    fix = _line_of_time(labels, resolved)
    if not fix:
        code = _likely_code(resolved)
        fix = _line_to_add(component, labels, representation, code)
    affects = spread.affects
    finding = find(
        "unknown-label",
        spread.place,
        component=component,
        read=read,
        candidates=resolved.candidates,
        cause=resolved.reason,
        fix=fix,
        affects=affects,
        codelist=codelist,
    )
    return Question.of(finding, labels, representation.id)


def _line_of_time(labels: tuple[str, ...], resolved: Resolved) -> str:
    """Line for a label whose area was not there in the period; empty for any other label."""
    reason = resolved.reason
    if not isinstance(reason, Phrase) or not is_phrase(reason, "label-before", "label-since"):
        return ""
    codes = [candidate.code for candidate in resolved.candidates]
    code = codes[0] if len(codes) == 1 else _PLACE
    label = _csv(labels)
    if reason.id == "label-before":
        last, _, _ = str(reason.fields["last"]).partition("-")
        return phrase("add-line-of-time", line=f"{label},{code},{int(last) + 1},")
    first, _, _ = str(reason.fields["first"]).partition("-")
    return phrase("add-line-of-time", line=f"{label},{code},,{int(first) - 1}")


def _line_to_add(
    component: str, labels: tuple[str, ...], representation: RepresentationMap, code: str
) -> str:
    """Line that fixes an unknown label, as it can be pasted into its file."""
    if not any(labels):
        blanks = " | ".join(labels)
        line = f'"{blanks}": {code}'
        return phrase("give-blank-a-code", fill=phrase("say-fill"), line=line)
    if representation.file:
        cells = _csv(labels)
        return phrase("add-to-file", file=representation.file, line=f"{cells},{code}")
    line = f"{_key(labels)}: {code}"
    if not representation.id:
        return phrase("give-code-map", component=component, line=line)
    return phrase("add-to-codes", map=representation.id, line=line)


def _key(labels: tuple[str, ...]) -> str:
    """Labels as a key of YAML, in quotes where it would be read as something else."""
    key = " | ".join(labels)
    is_trimmed = key == key.strip()
    begins_plainly = key[:1] not in _SIGNS
    has_structure = _STRUCTURE.search(key)
    if key and is_trimmed and begins_plainly and not has_structure:
        return key
    escaped = key.replace("\\", "\\\\")
    escaped = escaped.replace('"', '\\"')
    return f'"{escaped}"'


def _likely_code(resolved: Resolved) -> str:
    """Code to put into the line that fixes.

    A near one that is far ahead, else a place to fill.
    """
    candidates = resolved.candidates
    if not candidates:
        return _PLACE
    first = candidates[0]
    if first.score < LIKELY:
        return _PLACE
    if len(candidates) == 1:
        return first.code
    second = candidates[1]
    is_ahead = first.score - second.score >= _AHEAD
    return first.code if is_ahead else _PLACE


def find_unknown_period(component: str, label: str, reason: str, spread: Spread) -> Question:
    """Make the finding of a text that is no period."""
    fix = _period_line(label, reason)
    affects = spread.affects
    is_undecided = label.strip().casefold() in _UNDECIDED
    case = "undecided" if is_undecided else ""
    if not label:
        case = "blank"
    finding = find(
        "unknown-period",
        spread.place,
        case=case,
        component=component,
        read=label,
        fix=fix,
        affects=affects,
        reason=reason,
    )
    return Question.of(finding, (label,))


def _period_line(label: str, reason: str) -> str:
    """Line that fixes a text that is no period."""
    if not label:
        return phrase("name-heading-of-period", fill=phrase("say-fill"))
    if label.strip().casefold() in _UNDECIDED:
        return phrase("write-the-period", label=repr(label))
    line = phrase("add-to-periods", label=repr(label))
    if is_phrase(reason, "no-year"):
        return phrase("say-the-year", line=line)
    marked = _MARKED.search(label)
    if not marked or not is_phrase(reason, "it-also-says"):
        return line
    mark = marked[1]
    flags = flags_line(mark)
    return phrase("if-mark", mark=repr(mark), flags=flags, line=line)


def find_malformed_value(text: str, spread: Spread) -> Finding:
    """Make the finding of a text that is no number."""
    affects = spread.affects
    place = spread.place
    return find("malformed-number", place, component="OBS_VALUE", read=text, affects=affects)


def find_incomplete_key(component: str, spread: Spread) -> Finding:
    """Make the finding of a dimension that no map fills."""
    affects = spread.affects
    return find("incomplete-key", spread.place, component=component, affects=affects)


def _csv(labels: tuple[str, ...]) -> str:
    """Labels as cells of a CSV file."""
    cells = []
    for label in labels:
        cells.append(f'"{label}"' if "," in label else label)
    return ",".join(cells)
