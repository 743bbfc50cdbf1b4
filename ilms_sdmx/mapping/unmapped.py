"""Findings about labels and periods that no map knows.

Place, candidates, and the line that fixes them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields

from ilms_sdmx.findings import Finding, Place, find
from ilms_sdmx.mapping.model import RepresentationMap
from ilms_sdmx.mapping.resolving import Resolved
from ilms_sdmx.tables.markers import flags_line

#: Likeness out of 100 from which a candidate is in the line to add, as after a slip of the
#: pen.
LIKELY = 85
#: What fixes a label that is blank because it is printed once for several rows or columns.
FILL = (
    "say `fill: true` of the rows, or `fill_columns`, where a blank repeats the label before it"
)
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

    def __str__(self) -> str:
        """`12 observations (B17, C17, ...), not written`."""
        noun = "observation" if self.figures == 1 else "observations"
        if not self.cells:
            return f"{self.figures} {noun}, not written"
        cells = ", ".join(self.cells)
        more = ", ..." if self.figures > len(self.cells) else ""
        return f"{self.figures} {noun} ({cells}{more}), not written"


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
        parts = {part.name: getattr(finding, part.name) for part in fields(finding)}
        return cls(**parts, labels=labels, map=map)


def find_unknown_label(
    component: str,
    labels: tuple[str, ...],
    found: Resolved,
    representation: RepresentationMap,
    spread: Spread,
) -> Question:
    """Make the finding of a label without a code; likeness is shown, never applied."""
    finding = find(
        "unknown-label",
        spread.place,
        component=component,
        read=" / ".join(labels),
        candidates=found.candidates,
        cause=found.reason,
        fix=_line(component, labels, representation, _likely(found)),
        affects=str(spread),
        codelist=representation.codelist or f"the map {representation.id!r}",
    )
    return Question.of(finding, labels, representation.id)


def _line(
    component: str, labels: tuple[str, ...], representation: RepresentationMap, code: str
) -> str:
    """Line that fixes an unknown label, as it can be pasted into its file."""
    if not any(labels):
        return f'{FILL}; or give the blank a code:  "{" | ".join(labels)}": {code}'
    if representation.file:
        return f"add to {representation.file}:  {_csv(labels)},{code}"
    if not representation.id:
        return f"give {component} a code map under codes, with the line  {_key(labels)}: {code}"
    return f"add to codes: {representation.id}:  {_key(labels)}: {code}"


def _key(labels: tuple[str, ...]) -> str:
    """Labels as a key of YAML, in quotes where it would be read as something else."""
    key = " | ".join(labels)
    is_blank = not key or key != key.strip()
    if not is_blank and key[0] not in _SIGNS and not _STRUCTURE.search(key):
        return key
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _likely(found: Resolved) -> str:
    """Code to put into the line that fixes.

    A near one that is far ahead, else a place to fill.
    """
    scores = [candidate.score for candidate in found.candidates[:2]]
    if not scores or scores[0] < LIKELY:
        return _PLACE
    if len(scores) > 1 and scores[0] - scores[1] < _AHEAD:
        return _PLACE
    return found.candidates[0].code


def find_unknown_period(component: str, label: str, reason: str, spread: Spread) -> Question:
    """Make the finding of a text that is no period."""
    finding = find(
        "unknown-period",
        spread.place,
        component=component,
        read=label,
        fix=_period_line(label, reason),
        affects=str(spread),
        reason=reason,
    )
    return Question.of(finding, (label,))


def _period_line(label: str, reason: str) -> str:
    """Line that fixes a text that is no period."""
    if not label:
        return FILL
    period = "<period, as 2019, 2019-Q1 or 2019-01-01/P6M>"
    line = f"add to periods of the mapping:  {label!r}: {period}"
    if "year is not printed" in reason:
        heading = "name the heading that says the year, as  period: [month, year]"
        return f"{heading}  or say  year: 2019; or {line}"
    marked = _MARKED.search(label)
    if marked and "it also says" in reason:
        mark = marked[1]
        flag = f"if {mark!r} is a mark of the figures, add to conventions:  {flags_line(mark)}"
        return f"{flag}; or {line}"
    return line


def find_malformed_value(text: str, spread: Spread) -> Finding:
    """Make the finding of a text that is no number."""
    return find(
        "malformed-number",
        spread.place,
        component="OBS_VALUE",
        read=text,
        affects=str(spread),
    )


def find_incomplete_key(component: str, spread: Spread) -> Finding:
    """Make the finding of a dimension that no map fills."""
    return find("incomplete-key", spread.place, component=component, affects=str(spread))


def _csv(labels: tuple[str, ...]) -> str:
    """Labels as cells of a CSV file."""
    cells = []
    for label in labels:
        cells.append(f'"{label}"' if "," in label else label)
    return ",".join(cells)
