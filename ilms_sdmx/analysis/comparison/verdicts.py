"""Whether two figures count the same thing: the verdict on a pair, with its reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import IntFlag, StrEnum, auto
from typing import Any

import numpy as np
import pandas as pd

from ilms_sdmx.analysis.comparison.ages import age_range
from ilms_sdmx.records import MIXED, is_known


class Verdict(StrEnum):
    """What may be done with a pair of figures."""

    COMPARABLE = "comparable"
    CAUTION = "caution"
    NOT_COMPARABLE = "not-comparable"


class Reason(IntFlag):
    """Why a pair is not comparable, or comparable with a caution only; flags add up.

    Up to `IMPOSSIBLE` a reason forbids subtraction; the others ask for care.
    """

    MEASURE = auto()
    KIND = auto()
    CRITERION = auto()
    CRITERION_UNKNOWN = auto()
    SCOPE = auto()
    SCOPE_UNKNOWN = auto()
    AGES = auto()
    IMPOSSIBLE = auto()
    DEFINITION = auto()
    DATE = auto()
    DATE_IMPRECISE = auto()
    RESIDUAL = auto()
    ROUNDING = auto()
    REFUGEES = auto()
    METHOD = auto()
    NOTES = auto()
    STATUS = auto()
    DERIVED = auto()
    SAME_SOURCE = auto()

    @property
    def word(self) -> str:
        """Stable lower-case id, as in frames and catalogues."""
        return str(self.name).lower().replace("_", "-")


#: Reasons that forbid a subtraction.
BLOCKING = (
    Reason.MEASURE
    | Reason.KIND
    | Reason.CRITERION
    | Reason.CRITERION_UNKNOWN
    | Reason.SCOPE
    | Reason.SCOPE_UNKNOWN
    | Reason.AGES
    | Reason.IMPOSSIBLE
)
_Record = Mapping[str, Any]


def _differ(field: str) -> Callable[[_Record, _Record], bool]:
    return lambda ours, theirs: ours[field] != theirs[field]


def _unknown(field: str) -> Callable[[_Record, _Record], bool]:
    return lambda ours, theirs: not (is_known(ours[field]) and is_known(theirs[field]))


def _differ_and_known(field: str) -> Callable[[_Record, _Record], bool]:
    unknown = _unknown(field)
    return lambda ours, theirs: not unknown(ours, theirs) and not _alike(ours, theirs, field)


def _alike(ours: _Record, theirs: _Record, field: str) -> bool:
    """Whether two records say the same.

    Two mixtures are alike only where the source names the same parts.
    """
    if ours[field] != theirs[field]:
        return False
    if ours[field] != MIXED:
        return True
    letters = ours["data_type"]
    if field != "criterion":
        return False
    if not letters:
        return False
    data_type = theirs["data_type"]
    same_letters: bool = letters == data_type
    return same_letters


def _ages(record: _Record) -> object:
    """Ages as first and last year, else the text.

    The total of a classification says nothing of its ages.
    """
    text = str(record["ages"])
    if text.endswith("_TOTAL"):
        return ""
    if not text:
        if record["scope"] == "all":
            return "all"
        return ""
    return age_range(text) or text


def _differ_in_ages(ours: _Record, theirs: _Record) -> bool:
    """Whether both state their ages, and state others.

    Several ages are never those of several others.
    """
    ages = _ages(ours)
    ages_of_theirs = _ages(theirs)
    our_ages, their_ages = ages, ages_of_theirs
    if our_ages == MIXED and their_ages == MIXED:
        return True
    if our_ages == "":
        return False
    if their_ages == "":
        return False
    return our_ages != their_ages


def _family(record: _Record) -> str:
    """First publisher of a figure."""
    same_as = record["same_as"]
    return str(same_as or record["source"])


def _other_abroad(ours: _Record, theirs: _Record) -> bool:
    """Whether two publishers count nationals abroad without saying they mean the same.

    ILO records more than a dozen definitions, from registered departures to estimates of all.
    """
    direction = ours["direction"]
    is_out = direction == "out"
    both_abroad = is_out and theirs["direction"] == "out"
    if not both_abroad:
        return False
    family = _family(ours)
    if family == _family(theirs):
        return False
    notes = ours["notes"]
    same_definition = bool(notes) and ours["notes"] == theirs["notes"]
    return not same_definition


def _differ_in_refugees(ours: _Record, theirs: _Record) -> bool:
    """Whether one includes refugees, wholly or partly, and the other does not say so."""
    refugees = ours["refugees"]
    statements = {refugees, theirs["refugees"]}
    if MIXED in statements:
        return True
    if len(statements) <= 1:
        return False
    return "included" in statements


def _has_estimate(ours: _Record, theirs: _Record) -> bool:
    method = ours["method"]
    their_methods = str(theirs["method"]).split()
    our_methods = str(method).split()
    methods = {*our_methods, *their_methods}
    return bool(_ESTIMATED & methods)


def _has_notes(ours: _Record, theirs: _Record) -> bool:
    notes = ours["notes"]
    return bool(notes or theirs["notes"])


def _same_family(ours: _Record, theirs: _Record) -> bool:
    family = _family(ours)
    family_of_theirs = _family(theirs)
    return family == family_of_theirs


_ESTIMATED = frozenset({"interpolated", "extrapolated", "imputed", "modelled", "projected"})
_RULES: dict[Reason, Callable[[_Record, _Record], bool]] = {
    Reason.MEASURE: _differ("measure"),
    Reason.KIND: _differ("kind"),
    Reason.CRITERION: _differ_and_known("criterion"),
    Reason.CRITERION_UNKNOWN: _unknown("criterion"),
    Reason.SCOPE: _differ_and_known("scope"),
    Reason.SCOPE_UNKNOWN: _unknown("scope"),
    Reason.AGES: _differ_in_ages,
    Reason.DEFINITION: _other_abroad,
    Reason.REFUGEES: _differ_in_refugees,
    Reason.METHOD: _has_estimate,
    Reason.NOTES: _has_notes,
    Reason.SAME_SOURCE: _same_family,
}


def of_records(records: pd.DataFrame, ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Reasons that the two records of each pair give, as a number.

    Two that occur often are read once.

    Parameters
    ----------
    records
        Records by label.
    ours, theirs
        Labels of the two records of each pair.
    """
    our_codes, our_labels = pd.factorize(ours)
    their_codes, their_labels = pd.factorize(theirs)
    width = max(len(their_labels), 1)
    wide_codes = our_codes.astype("int64")
    combined = wide_codes * width + their_codes
    codes, combinations = pd.factorize(combined)
    our_records = records.loc[our_labels].to_dict("records")
    their_records = records.loc[their_labels].to_dict("records")
    flags = np.zeros(len(combinations), dtype="int32")
    for number, combination in enumerate(combinations):
        our_row, their_row = divmod(int(combination), len(their_labels))
        flags[number] = _reasons_of(our_records[our_row], their_records[their_row])
    by_pair: np.ndarray = flags[codes]
    return by_pair


def forbidden(flags: np.ndarray) -> np.ndarray:
    """Whether the reasons of each pair forbid a subtraction."""
    is_forbidden: np.ndarray = (flags & BLOCKING.value) != 0
    return is_forbidden


def _reasons_of(ours: Mapping[Any, Any], theirs: Mapping[Any, Any]) -> int:
    """Sum of the reasons that hold between two records."""
    flags = 0
    for reason, holds in _RULES.items():
        if holds(ours, theirs):
            flags |= reason.value
    return flags


def verdicts_of(flags: np.ndarray) -> pd.Categorical[str]:
    """Verdict of each number of reasons.

    Sharing a source is said, but neither allows nor forbids.
    """
    blocked = forbidden(flags)
    blocking = BLOCKING | Reason.SAME_SOURCE
    others = flags & ~blocking.value
    code_of_careful = np.where(others != 0, 1, 0)
    codes = np.where(blocked, 2, code_of_careful).astype("int8")
    words = pd.Index([verdict.value for verdict in Verdict])
    return pd.Categorical.from_codes(codes, words)


def reasons(flags: np.ndarray) -> pd.Categorical[str]:
    """Reasons in words, joined by a space; categories are the combinations that occur."""
    codes, distinct = pd.factorize(flags, sort=True)
    words = []
    for flag in distinct:
        words.append(_words(int(flag)))
    return pd.Categorical.from_codes(codes.astype("int16"), pd.Index(words))


def _words(flags: int) -> str:
    """Ids of the reasons that a number adds up, joined by a space."""
    return " ".join(reason.word for reason in Reason(flags))
