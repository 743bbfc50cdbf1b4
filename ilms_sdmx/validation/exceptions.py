"""Exceptions: findings that a person has looked at and accepts, with a reason, a name and a date."""

from __future__ import annotations

import csv
import datetime
import io
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from ilms_sdmx.errors import MappingError
from ilms_sdmx.findings import Finding, Place
from ilms_sdmx.validation.catalogue import RULES
from ilms_sdmx.validation.raising import finding

FIELDS = ("rule", "place", "reason", "name", "expires")


@dataclass(frozen=True)
class Accepted:
    """Findings of one rule at some places that a person accepts.

    Parameters
    ----------
    rule
        Id of the rule.
    place
        Pattern of the place: `*` stands for any text. It is compared with the key (`THA.A.*.2024`), the
        dataflow and the key with a space between, the cell (`Table 1!B4`), and the whole place as printed.
    reason, name, expires
        Why, who, and the last day on which it holds.
    file, line
        Where it is written.
    """

    rule: str
    place: str
    reason: str
    name: str
    expires: datetime.date
    file: str = ""
    line: int = 0

    def matches(self, found: Finding) -> bool:
        """Whether it accepts a finding."""
        place = found.place
        key = ".".join(place.key.values())
        texts = (key, f"{place.dataflow} {key}", f"{place.sheet}!{place.cell}", str(place))
        return self.rule == found.rule and any(fnmatchcase(text, self.place) for text in texts)


def read_exceptions(path: str | os.PathLike[str]) -> tuple[Accepted, ...]:
    """Exceptions of a YAML file (a list of mappings) or a CSV file (one a row).

    Raises
    ------
    MappingError
        The file cannot be read, or an entry lacks a field, names no rule, or has no date; with its line.
    """
    name = os.fspath(path)
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise MappingError(
            f"{name}: expected a file of exceptions, but it cannot be read: {error}"
        ) from None
    rows = _csv(text) if name.lower().endswith(".csv") else _yaml(text, name)
    return tuple(_accepted(row, name, line) for row, line in rows)


def _csv(text: str) -> Iterator[tuple[Mapping[str, Any], int]]:
    reader = csv.DictReader(io.StringIO(text))
    for row in reader:
        yield row, reader.line_num


def _yaml(text: str, name: str) -> Iterator[tuple[Mapping[str, Any], int]]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        entries: Any = YAML().load(text) or []
    except YAMLError as error:
        raise MappingError(f"{name}: expected YAML, found {error}") from None
    if isinstance(entries, dict):
        entries = entries.get("exceptions", entries)
    if not isinstance(entries, list):
        raise MappingError(
            f"{name}: expected a list of exceptions, each with {', '.join(FIELDS)}"
        )
    lines: Any = getattr(entries, "lc")  # noqa: B009 - ruamel's lists know their lines, its types do not say so
    for number, entry in enumerate(entries):
        line = int(lines.item(number)[0]) + 1
        if not isinstance(entry, dict):
            raise MappingError(
                f"{name}, line {line}: expected a mapping with {', '.join(FIELDS)}, found {entry!r}"
            )
        yield entry, line


def _accepted(row: Mapping[str, Any], file: str, line: int) -> Accepted:
    lacking = [f for f in FIELDS if row.get(f) in (None, "")]
    if lacking:
        raise MappingError(
            f"{file}, line {line}: expected {', '.join(FIELDS)}, found no {', '.join(lacking)}"
        )
    rule = str(row["rule"])
    if rule not in RULES:
        raise MappingError(
            f"{file}, line {line}: expected a rule of `docs/reference/rules`, found {rule!r}"
        )
    try:
        expires = datetime.date.fromisoformat(str(row["expires"]).strip())
    except ValueError:
        raise MappingError(
            f"{file}, line {line}: expected a date as 2027-12-31 in `expires`, found {row['expires']!r}"
        ) from None
    place, reason, name = (str(row[f]).strip() for f in ("place", "reason", "name"))
    return Accepted(rule, place, reason, name, expires, file, line)


def accept(
    findings: Iterable[Finding], exceptions: tuple[Accepted, ...], today: datetime.date
) -> tuple[list[Finding], list[tuple[Finding, Accepted]]]:
    """Divide findings into those that stay, with those about exceptions themselves, and the accepted ones."""
    valid = [e for e in exceptions if e.expires >= today]
    by_rule = {e.rule: [x for x in valid if x.rule == e.rule] for e in valid}
    used: set[int] = set()
    kept, accepted = [], []
    for found in findings:
        exception = next((e for e in by_rule.get(found.rule, ()) if e.matches(found)), None)
        if exception is None:
            kept.append(found)
        else:
            used.add(id(exception))
            accepted.append((found, exception))
    kept += [_expired(e, today) for e in exceptions if e.expires < today]
    kept += [_unmatched(e) for e in valid if id(e) not in used]
    return kept, accepted


def _where(exception: Accepted) -> Place:
    return Place(file=exception.file, cell=f"line {exception.line}" if exception.line else "")


def _expired(exception: Accepted, today: datetime.date) -> Finding:
    return finding(
        "exception-expired",
        f"The exception of {exception.name} for {exception.rule} at {exception.place} is past its date.",
        _where(exception),
        read=exception.expires.isoformat(),
        expected=f"a date not before {today.isoformat()}",
        fix="Look at the finding again: correct the figure, or accept it anew with a later date.",
    )


def _unmatched(exception: Accepted) -> Finding:
    return finding(
        "exception-unmatched",
        f"The exception of {exception.name} for {exception.rule} accepts nothing any more.",
        _where(exception),
        read=exception.place,
        expected="a finding that it accepts",
        fix="Take it out, or correct its place.",
    )
