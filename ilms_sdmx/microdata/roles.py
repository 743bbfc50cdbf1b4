"""Roles of variables, and what speaks for them: names of known files, words, values."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ilms_sdmx._files import dsd
from ilms_sdmx.labels.matching import match_label
from ilms_sdmx.words.text import folded

if TYPE_CHECKING:
    from ilms_sdmx.microdata.files.variables import Variable

#: Prefixes of the codes that labels of each kind of value may mean.
_PREFIXES = {
    "SEX": ("SEX_",),
    "COUNTRY": ("CBR_BRT_", "CBR_BIR_"),
    "EDU": ("EDU_ISCED11_", "EDU_AGGREGATE_"),
    "STE": ("STE_ICSE93_",),
    "ECO": ("ECO_ISIC4_",),
    "OCU": ("OCU_ISCO08_",),
}
#: Share of the labels that must mean codes of one kind before that is evidence.
_MOST = 0.6
#: Labels that are looked at.
_ENOUGH = 60
#: Role of what identifies a person.
PERSONAL = "personal"


@dataclass(frozen=True)
class VariableRole:
    """What a variable may be for.

    Parameters
    ----------
    id, meaning
        Name in a mapping, and what it is in words.
    kind
        What its values are: `code`, `number`, `date`, `id`.
    values
        What its values are looked at for, empty for nothing.
    """

    id: str
    kind: str
    meaning: str
    values: str


@dataclass(frozen=True)
class Proposal:
    """A role that a variable may have, with all that speaks for it; a person decides.

    Parameters
    ----------
    role, variable
        The role and the name of the variable.
    evidence
        Sentences, each one thing that speaks for it.
    profile
        Known kind of file whose name the variable has, empty for none.
    """

    role: str
    variable: str
    evidence: tuple[str, ...]
    profile: str = ""

    @property
    def is_proven(self) -> bool:
        """Whether two things of different kinds speak for it."""
        return len(self.evidence) > 1


@lru_cache(maxsize=1)
def roles() -> Mapping[str, VariableRole]:
    """Roles by id; the source is `dsd/microdata/roles.csv`."""
    found = {}
    for row in rows("roles.csv"):
        found[row["role"]] = VariableRole(row["role"], row["kind"], row["en"], row["values"])
    return found


@lru_cache(maxsize=8)
def rows(file: str) -> tuple[dict[str, str], ...]:
    """Rows of a file of facts on microdata."""
    path = dsd() / "microdata" / file
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(csv.DictReader(lines))


@lru_cache(maxsize=1)
def _roles_of_words() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for row in rows("words.csv"):
        word = folded(row["word"])
        found[word] = (*found.get(word, ()), row["role"])
    return found


def is_personal(variable: Variable) -> bool:
    """Whether name or label say that a variable identifies a person.

    >>> from ilms_sdmx.microdata import Variable
    >>> is_personal(Variable("PASSPORT_NO")), is_personal(Variable("SEX"))
    (True, False)
    """
    for text in (variable.name, variable.label):
        words = folded(text.replace("_", " "))
        if PERSONAL in _roles_of_words().get(words, ()):
            return True
        for word, named in _roles_of_words().items():
            if PERSONAL in named and _is_in(word, words):
                return True
    return False


def _is_in(word: str, text: str) -> bool:
    """Whether a word is in a text, as a whole."""
    return f" {word} " in f" {text} "


def profiles_of(names: Collection[str]) -> Counter[str]:
    """Number of the names that each known kind of file has too."""
    counts: Counter[str] = Counter()
    for row in rows("profiles.csv"):
        if row["variable"] in names:
            counts[row["profile"]] += 1
    return counts


def proposals(
    variable: Variable, numbers: Mapping[str, float], names: Collection[str] = ()
) -> list[Proposal]:
    """Roles that a variable may have, each with its evidence.

    Parameters
    ----------
    variable
        The variable.
    numbers
        What is known of its numbers: `count`, `distinct`, `negative`, `zero`, `fractions` and
        `above` (those above 120); empty for texts.
    names
        Names of all variables of the file.
    """
    shared = profiles_of(names)
    found: dict[str, list[str]] = {}
    profile_of = {}
    for role, named in _profiled(variable.name).items():
        # Files of several kinds may have one name: that is one thing that speaks for it.
        sentences = [_of_profile(row, shared[row["profile"]]) for row in named]
        found[role] = [f"its name is one of {', or of '.join(sentences)}"]
        profile_of[role] = max(named, key=lambda row: shared[row["profile"]])["profile"]
    for role in _said_by(variable):
        found.setdefault(role, []).append("a word for it is its name or label")
    known = _known_values(variable)
    made = []
    for role, evidence in found.items():
        sentence = _of_values(roles()[role], variable, known, numbers)
        if sentence:
            evidence.append(sentence)
        profile = profile_of.get(role, "")
        made.append(Proposal(role, variable.name, tuple(evidence), profile))
    if not made and "SEX" in known:
        sentence = _counted(known["SEX"], "mean a sex")
        made.append(Proposal("sex", variable.name, (sentence,)))
    return made


def _profiled(name: str) -> dict[str, list[dict[str, str]]]:
    """Rows of the known kinds of files that have a variable of a name, by role."""
    found: dict[str, list[dict[str, str]]] = {}
    for row in rows("profiles.csv"):
        if row["variable"] == name:
            found.setdefault(row["role"], []).append(row)
    return found


def _of_profile(row: Mapping[str, str], count: int) -> str:
    note = f" ({row['note']})" if row["note"] else ""
    others = f", {count} of whose names the file has" if count > 1 else ""
    return f"{row['profile']}{others}{note}"


def _said_by(variable: Variable) -> Collection[str]:
    """Roles whose word is the name or the label of a variable, or is in its label."""
    said = {}
    for text in (variable.name, variable.label):
        words = folded(text.replace("_", " "))
        for word, named in _roles_of_words().items():
            is_whole = word == words
            if is_whole or (len(word.split()) > 1 and _is_in(word, words)):
                said.update(dict.fromkeys(named))
    said.pop(PERSONAL, None)
    return list(said)


def _known_values(variable: Variable) -> dict[str, tuple[int, int]]:
    """Kind of codes that most labels of the values mean: how many do, and of how many."""
    labels = []
    for value, label in variable.labels.items():
        if not variable.is_missing(value):
            labels.append(label)
    labels = labels[:_ENOUGH]
    if len(labels) < 2:
        return {}
    known = {}
    for kind, prefixes in _PREFIXES.items():
        count = 0
        for label in labels:
            count += any(match_label(label, prefix).code for prefix in prefixes)
        if count >= _MOST * len(labels):
            known[kind] = (count, len(labels))
    return known


def _of_values(
    role: VariableRole,
    variable: Variable,
    known: Mapping[str, tuple[int, int]],
    numbers: Mapping[str, float],
) -> str:
    """Sentence on the values where they speak for a role."""
    if role.values in known:
        return _counted(known[role.values], "mean codes of it")
    if variable.kind == "date" and role.kind == "date":
        return "its values are dates"
    if not numbers.get("count"):
        return ""
    if role.values == "age" and not numbers["above"] and numbers["distinct"] > 20:
        return "its numbers are from 0 to 120"
    if role.values == "positive" and not numbers["negative"] and numbers["distinct"] > 1:
        return "none of its numbers is below zero"
    return ""


def _counted(counts: tuple[int, int], what: str) -> str:
    return f"{counts[0]} of {counts[1]} labels of its values {what}"
