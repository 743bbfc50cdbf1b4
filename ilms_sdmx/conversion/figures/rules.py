"""Rules of a table: which figures are totals or shares, and what headings they really have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.figures.model import Figures
from ilms_sdmx.findings import Finding, Place, find, phrase
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.mapping.layout import GIVEN, TableLayout, TableRule, column
from ilms_sdmx.mapping.patterns import Except, Pattern, Where, Words

if TYPE_CHECKING:
    import numpy as np

#: Most labels of a table that a finding lists.
_MOST_LABELS = 12
#: Figures and value of one thing that a rule says.
Choice = tuple["np.ndarray", str | int]


def with_rules(figures: Figures, layout: TableLayout) -> Figures:
    """Figures with what the rules of their table say of them.

    The columns are `bucket`, `rule`, `multiplier`, `status`, `rounding`, `share` and `note`,
    and the headings that rules set. Of two rules that set the same thing the first wins;
    headings are matched as printed, those that the parts of a cell have too.

    `summed_as` is the bucket by which sums are compared, whatever the order of the rules: what
    any rule calls a percent, or of which, is no part of a sum of other figures.
    """
    start: dict[str, Any] = {"bucket": Bucket.OBSERVATION.value, "rule": layout.name}
    start["multiplier"] = layout.multiplier or 0
    start["status"] = layout.status
    start["rounding"] = layout.rounding
    start["share"] = -1
    start["note"] = layout.note
    result = figures.with_columns(start)
    changes: dict[str, list[Choice]] = {}
    notes = []
    for number, rule in enumerate(layout.rules):
        rows = figures.having(rule.where)
        for name, value in _changes(rule, number, layout.name):
            changes.setdefault(name, []).append((rows, value))
        if rule.note:
            notes.append((rows, rule.note))
    for name, choices in changes.items():
        result = result.with_choices(name, choices[::-1])
    result = _with_buckets_of_parts(result)
    result = _with_summed_as(result, changes.get("bucket", []))
    return _with_notes(result, notes)


def _with_buckets_of_parts(figures: Figures) -> Figures:
    """Figures that are parts of a cell with the buckets that these name.

    A percent stays one in the row of a total; what is ignored stays ignored.
    """
    if "part_bucket" not in figures.frame.columns:
        return figures
    named = figures.frame["part_bucket"]
    is_percent = named == Bucket.PERCENT.value
    is_observed = figures.in_bucket(Bucket.OBSERVATION)
    is_count = figures.in_bucket(Bucket.OBSERVATION, Bucket.TOTAL, Bucket.OF_WHICH)
    rows = (named != "") & (is_observed | (is_percent & is_count))
    if not rows.any():
        return figures
    return figures.with_values("bucket", rows, named[rows])


def _with_summed_as(figures: Figures, choices: Sequence[Choice]) -> Figures:
    """Figures with the bucket by which sums are compared."""
    result = figures.with_columns({"summed_as": figures.bucket})
    strongest = []
    for bucket in (Bucket.OF_WHICH.value, Bucket.PERCENT.value):
        strongest += [choice for choice in choices if choice[1] == bucket]
    is_ignored = figures.in_bucket(Bucket.IGNORE).to_numpy()
    counted = [(rows & ~is_ignored, bucket) for rows, bucket in strongest]
    return result.with_choices("summed_as", counted) if counted else result


def _with_notes(figures: Figures, notes: list[tuple[np.ndarray, str]]) -> Figures:
    """Figures with the notes of rules behind those that they have: each text is made once."""
    import numpy as np
    import pandas as pd

    if not notes:
        return figures
    numbers, distinct = pd.factorize(figures.note)
    texts = list(map(str, distinct))
    for rows, note in notes:
        numbers_of_rows = np.unique(numbers[rows])
        for old in numbers_of_rows.tolist():
            has_old = rows & (numbers == old)
            numbers[has_old] = len(texts)
            text = texts[old]
            texts.append(f"{text}; {note}" if text else note)
    all_notes = pd.array(texts, dtype="str")
    return figures.with_columns({"note": all_notes.take(numbers)})


def _changes(rule: TableRule, number: int, table: str) -> Iterator[tuple[str, str | int]]:
    """Columns that a rule sets, with their values."""
    if rule.bucket:
        yield "bucket", rule.bucket
    if rule.status:
        yield "status", rule.status
    if rule.rounding:
        yield "rounding", rule.rounding
    for name, label in rule.set.items():
        yield column(name), label
    if rule.bucket:
        why = f" ({rule.why})" if rule.why else ""
        yield "rule", f"{table}: {in_words(rule.where)}{why}"
    if rule.multiplier is not None:
        yield "multiplier", rule.multiplier
    if rule.share or rule.change:
        yield "share", number


def in_words(where: Where) -> str:
    """Words for the headings that a rule or a check names: `sex is Men or Women`."""
    conditions = []
    for name, patterns in where.items():
        labels = " or ".join(map(str, patterns))
        conditions.append(f"{name} is {labels}")
    return ", ".join(conditions)


def find_unused_labels(printed: Figures, layout: TableLayout) -> list[Finding]:
    """Findings of labels that a rule names and no figure has, as printed."""
    if not len(printed):
        return []
    lines = {}
    for rule in layout.rules:
        for name in rule.where:
            for label in _unused_labels(printed, rule.where, name):
                lines[name, label] = rule.line
    place = Place(sheet=str(printed.sheet.iloc[0]))
    findings = []
    for (name, label), line in lines.items():
        labels = printed.labels(name)[:_MOST_LABELS]
        finding = find(
            "label-not-found",
            place,
            read=", ".join(labels),
            expected=label,
            affects=phrase("rule-does-nothing"),
            table=layout.name,
            heading=name,
            line=line,
        )
        findings.append(finding)
    return findings


def _unused_labels(printed: Figures, where: Where, name: str) -> list[str]:
    """Labels of a heading in the condition of a rule that no figure has."""
    if name in GIVEN:
        return []
    unused = []
    for pattern in _every_pattern(where[name]):
        if not printed.chooser.has_label(name, pattern):
            unused.append(str(pattern))
    return unused


def _every_pattern(words: Iterable[Words]) -> Iterator[Pattern]:
    """Patterns of the words of a heading, those of what is left out too."""
    for one in words:
        if isinstance(one, Except):
            yield from one.patterns
        else:
            yield one
