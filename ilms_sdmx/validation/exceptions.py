"""Exceptions: findings that a person accepts, with a reason, a name and a date."""

from __future__ import annotations

import csv
import datetime
import io
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from ilms_sdmx.errors import MappingError
from ilms_sdmx.findings import Finding, Place, find
from ilms_sdmx.validation.catalogue import RULES

FIELDS = ("rule", "place", "reason", "name", "expires")
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
        place = finding.place
        key = ".".join(place.key.values())
        series = f"{place.dataflow} {key}"
        cell = f"{place.sheet}!{place.cell}"
        texts = (key, series, cell, str(place))
        return any(fnmatchcase(text, self.place) for text in texts)


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
        text = Path(path).read_text(encoding="utf-8-sig")
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
    missing = [field for field in FIELDS if entry.get(field) in (None, "")]
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
    expires = _date(_stripped(entry, "expires"), where)
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

    An exception that is past its date accepts nothing.
    """
    valid: dict[str, list[Accepted]] = {}
    for exception in exceptions:
        if exception.expires >= today:
            valid.setdefault(exception.rule, []).append(exception)
    kept = []
    accepted = []
    for finding in findings:
        exception_of_finding = _matching(valid.get(finding.rule, ()), finding)
        if exception_of_finding is None:
            kept.append(finding)
        else:
            accepted.append((finding, exception_of_finding))
    return kept, accepted


def _matching(exceptions: Iterable[Accepted], finding: Finding) -> Accepted | None:
    """First exception that accepts a finding."""
    for exception in exceptions:
        if exception.matches(finding):
            return exception
    return None


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
    line = f"line {exception.line}" if exception.line else ""
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
