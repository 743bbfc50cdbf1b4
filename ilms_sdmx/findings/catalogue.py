"""Catalogue of every rule: severity, title, meaning, remedy and texts."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from ilms_sdmx.findings.model import FieldValue, Severity

if TYPE_CHECKING:
    from pathlib import Path

#: Groups of rules, each a file in `dsd/findings/`, in the order in which reports list them.
GROUPS = (
    "structure",
    "sums",
    "tables",
    "plausibility",
    "time",
    "disclosure",
    "revision",
    "exceptions",
    "workbooks",
    "mapping",
    "conversion",
    "messages",
    "sources",
    "questionnaire",
    "exchange",
    "comparison",
    "database",
    "microdata",
    "protection",
    "dsd",
)
#: Groups whose rules `validate` applies.
VALIDATED = GROUPS[:8]
#: Cases that every rule of `validate` has, from a file of their own.
COMMON = ("more", "more-values")
#: What an entry may say of a case.
_TEXTS = ("text", "one", "expected", "cause", "fix")
#: First line of the section of a rule.
_HEAD = re.compile(r"^\[([a-z-]+)\]$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a rule: how grave it is and what is said.

    Parameters
    ----------
    severity
        An error prevents transmission, a warning does not, a note informs.
    text
        One sentence with named fields in braces, as `str.format` takes them.
    one
        The sentence where the field `count` is 1; empty where one sentence serves for all
        counts.
    expected
        What should have been there, with the same fields; empty where the maker says it.
    cause
        Likely cause, with the same fields; empty where the maker says it, or nobody can.
    fix
        The step that fixes it, with the same fields; empty where the maker says it, or nobody
        can.
    """

    severity: Severity
    text: str
    one: str = ""
    expected: str = ""
    cause: str = ""
    fix: str = ""

    def message(self, fields: Mapping[str, FieldValue]) -> str:
        """Sentence of the case with its fields filled in; a missing field is a KeyError."""
        if self.one and fields.get("count") == 1:
            return self.one.format_map(fields)
        return self.text.format_map(fields)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what must hold, and what is said where it does not.

    Parameters
    ----------
    id
        Stable kebab-case id, the name of its page in `docs/reference/rules/`.
    severity
        What its findings are: an error prevents transmission, a warning does not, a note
        informs.
    group
        File of the catalogue that it is in: `structure`, `sums`, `conversion`, ...
    title
        What must hold, or what was noticed, in one sentence.
    means
        What a finding of the rule means, in a few sentences.
    remedy
        What to do about it.
    cases
        Case by its name; the usual one has the empty name.
    """

    id: str
    severity: Severity
    group: str
    title: str
    means: str
    remedy: str
    cases: Mapping[str, Case]

    @property
    def page(self) -> str:
        """Page of the rule in the documentation."""
        return f"docs/reference/rules/{self.id}.md"


class Catalogue(Mapping[str, Rule]):
    """Rules by their id, in the order in which reports list them.

    Parameters
    ----------
    sections
        Group of each rule and its section of the file of that group. A section is parsed when
        its rule is first asked for, because few rules are met in one run.
    """

    def __init__(self, sections: Mapping[str, tuple[str, str]]) -> None:
        self._sections = sections
        self._rules: dict[str, Rule] = {}

    def __getitem__(self, id: str) -> Rule:
        rule = self._rules.get(id)
        if rule is None:
            group, section = self._sections[id]
            rule = _parsed(id, group, section)
            self._rules[id] = rule
        return rule

    def __contains__(self, id: object) -> bool:
        return id in self._sections

    def __iter__(self) -> Iterator[str]:
        return iter(self._sections)

    def __len__(self) -> int:
        return len(self._sections)

    def of_groups(self, groups: Collection[str]) -> Catalogue:
        """Only the rules of these groups."""
        kept = {}
        for id, (group, section) in self._sections.items():
            if group in groups:
                kept[id] = (group, section)
        return Catalogue(kept)


@cache
def rules() -> Catalogue:
    """Every rule by its id, in the order in which reports list them.

    Examples
    --------
    >>> rules()["sex-sum"].title
    'Men and women (and other) add up to the total.'
    """
    sections = {}
    for group in GROUPS:
        for id, section in _sections(group):
            sections[id] = (group, section)
    return Catalogue(sections)


def _sections(group: str) -> Iterator[tuple[str, str]]:
    """Id of each rule of a group, and its section of the file."""
    text = _text(group)
    heads = _HEAD.finditer(text)
    head = next(heads, None)
    while head is not None:
        start = head.start()
        next_head = next(heads, None)
        end = len(text) if next_head is None else next_head.start()
        yield head[1], text[start:end]
        head = next_head


@cache
def _folder() -> Path:
    from ilms_sdmx._files import shipped

    return shipped.dsd() / "findings"


def _text(name: str) -> str:
    file = _folder() / f"{name}.toml"
    return file.read_text(encoding="utf-8")


def _parsed(id: str, group: str, section: str) -> Rule:
    import tomllib

    entry = tomllib.loads(section)[id]
    severity = Severity(entry["severity"])
    tables: dict[str, dict[str, str]] = {}
    if group in VALIDATED:
        common_text = _text("common")
        tables |= tomllib.loads(common_text)
    tables |= entry.get("cases", {})
    cases = {}
    for name, table in tables.items():
        cases[name] = _case(table, severity)
    if "text" in entry:
        cases[""] = _case(entry, severity)
    title = entry["title"]
    means = _one_line(entry["means"])
    remedy = _one_line(entry["remedy"])
    return Rule(id, severity, group, title, means, remedy, cases)


def _case(entry: dict[str, str], severity_of_rule: Severity) -> Case:
    texts = {}
    for name in _TEXTS:
        if name in entry:
            texts[name] = entry[name]
    severity = entry.get("severity", severity_of_rule)
    return Case(Severity(severity), **texts)


def _one_line(text: str) -> str:
    words = text.split()
    return " ".join(words)
