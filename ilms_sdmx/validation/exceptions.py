"""Exceptions: findings that a person accepts, with a reason, a name and a date."""

from __future__ import annotations

import csv
import datetime
import io
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from ilms_sdmx._files import text_of
from ilms_sdmx.errors import MappingError
from ilms_sdmx.findings import Finding, Place, find
from ilms_sdmx.findings.groups import hung
from ilms_sdmx.validation.catalogue import RULES

FIELDS = ("rule", "place", "reason", "name", "expires")
_OTHER_WILDCARDS = frozenset("?[]")
_WILDCARDS = frozenset("*?[]")
_FIELD_LIST = ", ".join(FIELDS)


@dataclass(frozen=True)
class Accepted:
    """Findings of one rule at some places that a person accepts.

    Parameters
    ----------
    rule
        Id of the rule.
    place
        Pattern of the place: `*` is any text. It is compared with the key (`THA.A.*.2024`), the
        dataflow and the key with a space between, the cell (`Table 1!B4`), and the whole place
        as printed.
    reason
        Why it is accepted.
    name
        Who accepts it.
    expires
        Last day on which it holds.
    file, line
        File and line where it is written.
    """

    rule: str
    place: str
    reason: str
    name: str
    expires: datetime.date
    file: str = ""
    line: int = 0

    def matches(self, finding: Finding) -> bool:
        """Whether it accepts a finding."""
        if self.rule != finding.rule:
            return False
        return self.fits(_texts_of(finding))

    def fits(self, texts: Iterable[str]) -> bool:
        """Whether its pattern takes one of the texts of a place."""
        return any(_fits(text, self.place) for text in texts)


def _fits(text: str, pattern: str) -> bool:
    """Whether a text is as a pattern says; the usual one, with `*` alone, is not compiled."""
    if not _OTHER_WILDCARDS.isdisjoint(pattern):
        return fnmatchcase(text, pattern)
    first, *others = pattern.split("*")
    if not others:
        return text == pattern
    *middle, last = others
    if not text.startswith(first):
        return False
    start = len(first)
    for part in middle:
        found = text.find(part, start)
        if found < 0:
            return False
        start = found + len(part)
    if not text.endswith(last):
        return False
    return len(text) - len(last) >= start


def _texts_of(finding: Finding) -> tuple[str, ...]:
    """Texts of the place of a finding that a pattern may be about."""
    place = finding.place
    key = ".".join(place.key.values())
    series = f"{place.dataflow} {key}"
    cell = f"{place.sheet}!{place.cell}"
    return (key, series, cell, str(place))


def read_exceptions(path: str | os.PathLike[str]) -> tuple[Accepted, ...]:
    """Exceptions of a YAML file (a list of mappings) or a CSV file (one a row).

    Raises
    ------
    MappingError
        The file cannot be read, or an entry lacks a field, names no rule, or has no date; with
        its line.
    """
    name = os.fspath(path)
    try:
        text = text_of(Path(path))
    except (OSError, ValueError) as error:
        raise MappingError(
            f"{name}: expected a file of exceptions, but it cannot be read: {error}"
        ) from None
    is_csv = name.lower().endswith(".csv")
    entries = _csv_entries(text) if is_csv else _yaml_entries(text, name)
    accepted = []
    for entry, line in entries:
        accepted.append(_accepted(entry, name, line))
    return tuple(accepted)


def _csv_entries(text: str) -> Iterator[tuple[Mapping[str, Any], int]]:
    """Rows of a CSV file with their lines."""
    reader = csv.DictReader(io.StringIO(text))
    for row in reader:
        yield row, reader.line_num


def _yaml_entries(text: str, name: str) -> Iterator[tuple[Mapping[str, Any], int]]:
    """Entries of a YAML file with their lines."""
    entries = _yaml_list(text, name)
    # ruamel's lists know their lines, its types do not say so.
    lines: Any = getattr(entries, "lc", None)
    for number, entry in enumerate(entries):
        line = int(lines.item(number)[0]) + 1
        if not isinstance(entry, dict):
            raise MappingError(
                f"{name}, line {line}: expected a mapping with {_FIELD_LIST}, found {entry!r}"
            )
        yield entry, line


def _yaml_list(text: str, name: str) -> list[Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        content: Any = YAML().load(text) or []
    except YAMLError as error:
        raise MappingError(f"{name}: expected YAML, found {error}") from None
    if isinstance(content, dict):
        content = content.get("exceptions", content)
    if not isinstance(content, list):
        raise MappingError(f"{name}: expected a list of exceptions, each with {_FIELD_LIST}")
    return content


def _accepted(entry: Mapping[str, Any], file: str, line: int) -> Accepted:
    where = f"{file}, line {line}"
    missing = []
    for field in FIELDS:
        if entry.get(field) in (None, ""):
            missing.append(field)
    if missing:
        raise MappingError(f"{where}: expected {_FIELD_LIST}, found no {', '.join(missing)}")
    rule = str(entry["rule"])
    if rule not in RULES:
        raise MappingError(
            f"{where}: expected a rule of `docs/reference/rules`, found {rule!r}"
        )
    place = _stripped(entry, "place")
    reason = _stripped(entry, "reason")
    name = _stripped(entry, "name")
    stripped = _stripped(entry, "expires")
    expires = _date(stripped, where)
    return Accepted(rule, place, reason, name, expires, file, line)


def _stripped(entry: Mapping[str, Any], field: str) -> str:
    text = str(entry[field])
    return text.strip()


def _date(text: str, where: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise MappingError(
            f"{where}: expected a date as 2027-12-31 in `expires`, found {text!r}"
        ) from None


def divided(
    findings: Iterable[Finding], exceptions: Sequence[Accepted], today: datetime.date
) -> tuple[list[Finding], list[tuple[Finding, Accepted]]]:
    """Findings that stay, and those that an exception accepts, with it.

    An exception that is past its date accepts nothing. One that accepts a broken sum accepts
    that sum alone: the others of its cause stay, and the first of them says it.
    """
    valid = [exception for exception in exceptions if exception.expires >= today]
    by_rule: dict[str, list[Accepted]] = {}
    for exception in valid:
        by_rule.setdefault(exception.rule, []).append(exception)
    indexes = {}
    for rule, of_rule in by_rule.items():
        indexes[rule] = _PatternIndex.of(of_rule)
    kept = []
    accepted = []
    for finding in findings:
        index = indexes.get(finding.rule)
        exception_of_finding = None
        if index:
            exception_of_finding = index.first_for(finding)
        if exception_of_finding is None:
            kept.append(finding)
        else:
            accepted.append((finding, exception_of_finding))
    leads = {finding.name: finding for finding, _ in accepted if finding.cause}
    return _hung_again(kept, leads), accepted


def _hung_again(kept: list[Finding], gone: Mapping[str, Finding]) -> list[Finding]:
    """Findings of which those that hung under one that is gone hang under another."""
    by_lead: dict[str, list[Finding]] = {}
    for number, finding in enumerate(kept):
        lead = None
        if finding.under:
            lead = gone.get(finding.under.name)
        if lead is None:
            by_lead[str(number)] = [finding]
            continue
        orphan = replace(finding, cause=lead.cause, under=None)
        by_lead.setdefault(lead.name, []).append(orphan)
    again = []
    for findings in by_lead.values():
        again += hung(findings) if len(findings) > 1 else findings
    return again


@dataclass(frozen=True)
class _PatternIndex:
    """Exceptions of one rule, found by a code that their pattern names.

    A code between two points of a pattern must be a code of the place, so that only few
    patterns are compared with each place. Of a pattern without one, what its letters are in
    twos and threes must be in the place.

    Parameters
    ----------
    exceptions
        The exceptions, in order.
    by_code
        Numbers of the exceptions whose rarest code is this; those without one are under `""`.
    codes
        Codes that the pattern of each exception names, or letters that it has.
    by_letters
        Whether any pattern is found by its letters.
    """

    exceptions: Sequence[Accepted]
    by_code: Mapping[str, Sequence[int]]
    codes: Sequence[frozenset[str]]
    by_letters: bool

    @classmethod
    def of(cls, exceptions: Sequence[Accepted]) -> _PatternIndex:
        codes_of_patterns = []
        by_letters = False
        for exception in exceptions:
            codes = _literal_codes(exception.place)
            if not codes:
                codes = _literal_letters(exception.place)
                by_letters = True
            codes_of_patterns.append(codes)
        frequency: Counter[str] = Counter()
        for codes in codes_of_patterns:
            frequency.update(codes)
        by_code: dict[str, list[int]] = {}
        for number, codes in enumerate(codes_of_patterns):
            rarest = min(sorted(codes), key=frequency.__getitem__, default="")
            by_code.setdefault(rarest, []).append(number)
        return cls(exceptions, by_code, codes_of_patterns, by_letters)

    def first_for(self, finding: Finding) -> Accepted | None:
        """First exception that accepts a finding."""
        texts = _texts_of(finding)
        codes = {""}
        for text in texts:
            codes.update(text.split("."))
            if self.by_letters:
                codes.update(_letters(text))
        numbers: list[int] = []
        for code in codes:
            numbers += self.by_code.get(code, ())
        for number in sorted(numbers):
            names_place = self.codes[number] <= codes
            if names_place and self.exceptions[number].fits(texts):
                return self.exceptions[number]
        return None


def _literal_codes(pattern: str) -> frozenset[str]:
    """Parts of a pattern between points that have no wildcard."""
    parts = []
    for part in pattern.split("."):
        if part and not _WILDCARDS.intersection(part):
            parts.append(part)
    return frozenset(parts)


def _literal_letters(pattern: str) -> frozenset[str]:
    """Letters in twos and threes that any place must have which a pattern takes."""
    if not _OTHER_WILDCARDS.isdisjoint(pattern):
        return frozenset()
    letters: set[str] = set()
    for part in pattern.split("*"):
        letters.update(_letters(part))
    return frozenset(letters)


def _letters(text: str) -> Iterator[str]:
    """Letters of a text in twos and threes, marked so that they are no codes."""
    for size in (2, 3):
        for start in range(len(text) - size + 1):
            yield "=" + text[start : start + size]


def find_idle_exceptions(
    exceptions: Sequence[Accepted], used: Iterable[Accepted], today: datetime.date
) -> Iterator[Finding]:
    """Findings of exceptions that are past their date, or accept nothing any more."""
    used_ids = {id(exception) for exception in used}
    for exception in exceptions:
        if exception.expires < today:
            yield _find_expired(exception, today)
    for exception in exceptions:
        if exception.expires >= today and id(exception) not in used_ids:
            yield _find_unmatched(exception)


def _place(exception: Accepted) -> Place:
    line = ""
    if exception.line:
        line = f"line {exception.line}"
    return Place(file=exception.file, cell=line)


def _find_expired(exception: Accepted, today: datetime.date) -> Finding:
    place = _place(exception)
    last_day = exception.expires.isoformat()
    return find(
        "exception-expired",
        place,
        read=last_day,
        name=exception.name,
        accepted=exception.rule,
        where=exception.place,
        today=today.isoformat(),
    )


def _find_unmatched(exception: Accepted) -> Finding:
    place = _place(exception)
    return find(
        "exception-unmatched",
        place,
        read=exception.place,
        name=exception.name,
        accepted=exception.rule,
    )
