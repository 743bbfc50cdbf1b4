"""Whether two figures count the same thing: the verdict on a pair, with its reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import IntFlag, StrEnum, auto
from typing import Any

import numpy as np
import pandas as pd

from ilms_sdmx.comparison.ages import ages


class Verdict(StrEnum):
    """What may be done with a pair of figures."""

    COMPARABLE = "comparable"
    CAUTION = "caution"
    NOT_COMPARABLE = "not-comparable"


class Reason(IntFlag):
    """Why a pair is not comparable, or comparable with a caution only; flags add up.

    Up to `AGES` a reason forbids subtraction; the others ask for care.
    """

    MEASURE = auto()
    KIND = auto()
    CRITERION = auto()
    CRITERION_UNKNOWN = auto()
    SCOPE = auto()
    SCOPE_UNKNOWN = auto()
    AGES = auto()
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
)
_Record = Mapping[str, Any]


def _differ(field: str) -> Callable[[_Record, _Record], bool]:
    return lambda ours, theirs: ours[field] != theirs[field]


def _unknown(field: str) -> Callable[[_Record, _Record], bool]:
    unknown = ("", "unknown")
    return lambda ours, theirs: ours[field] in unknown or theirs[field] in unknown


def _differ_and_known(field: str) -> Callable[[_Record, _Record], bool]:
    differ, unknown = _differ(field), _unknown(field)
    return lambda ours, theirs: differ(ours, theirs) and not unknown(ours, theirs)


def _ages(record: _Record) -> object:
    """Ages as first and last year, else the text; the total of a classification says nothing of its ages."""
    text = str(record["ages"])
    if text.endswith("_TOTAL"):
        return ""
    if not text:
        return "all" if record["scope"] == "all" else ""
    return ages(text) or text


def _differ_in_ages(ours: _Record, theirs: _Record) -> bool:
    """Whether both state their ages, and state others."""
    our_ages, their_ages = _ages(ours), _ages(theirs)
    return our_ages != "" and their_ages != "" and our_ages != their_ages


def _family(record: _Record) -> str:
    """First publisher of a figure."""
    return str(record["same_as"] or record["source"])


def _other_abroad(ours: _Record, theirs: _Record) -> bool:
    """Whether two publishers count nationals abroad without saying that they mean the same ones.

    ILO records more than a dozen definitions, from registered departures to estimates of all.
    """
    both_abroad = ours["direction"] == "out" and theirs["direction"] == "out"
    if not both_abroad or _family(ours) == _family(theirs):
        return False
    same_definition = bool(ours["notes"]) and ours["notes"] == theirs["notes"]
    return not same_definition


def _differ_in_refugees(ours: _Record, theirs: _Record) -> bool:
    """Whether one of them includes refugees and the other does not say so."""
    statements = {ours["refugees"], theirs["refugees"]}
    return len(statements) > 1 and "included" in statements


def _has_estimate(ours: _Record, theirs: _Record) -> bool:
    methods = {*str(ours["method"]).split(), *str(theirs["method"]).split()}
    return bool(_ESTIMATED & methods)


def _has_notes(ours: _Record, theirs: _Record) -> bool:
    return bool(ours["notes"] or theirs["notes"])


def _same_family(ours: _Record, theirs: _Record) -> bool:
    return _family(ours) == _family(theirs)


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


def of_records(ours: pd.DataFrame, theirs: pd.DataFrame) -> np.ndarray:
    """Reasons that two records give, one number for each pair of rows: shape (ours, theirs)."""
    matrix = np.zeros((len(ours), len(theirs)), dtype="int32")
    their_records = theirs.to_dict("records")
    for row, our_record in enumerate(ours.to_dict("records")):
        for column, their_record in enumerate(their_records):
            matrix[row, column] = _reasons_of(our_record, their_record)
    return matrix


def _reasons_of(ours: Mapping[Any, Any], theirs: Mapping[Any, Any]) -> int:
    """Sum of the reasons that hold between two records."""
    flags = 0
    for reason, holds in _RULES.items():
        if holds(ours, theirs):
            flags |= reason.value
    return flags


def verdicts(flags: np.ndarray) -> pd.Categorical[str]:
    """Verdict of each number of reasons; sharing a source is said, but neither allows nor forbids."""
    blocked = (flags & BLOCKING.value) != 0
    careful = (flags & ~(BLOCKING | Reason.SAME_SOURCE).value) != 0
    codes = np.where(blocked, 2, np.where(careful, 1, 0)).astype("int8")
    return pd.Categorical.from_codes(codes, pd.Index([v.value for v in Verdict]))


def reasons(flags: np.ndarray) -> pd.Categorical[str]:
    """Reasons in words, joined by a space; categories are the combinations that occur."""
    distinct, codes = np.unique(flags, return_inverse=True)
    words = [_words(int(flag)) for flag in distinct]
    return pd.Categorical.from_codes(codes.astype("int16"), pd.Index(words))


def _words(flags: int) -> str:
    """Ids of the reasons that a number adds up, joined by a space."""
    return " ".join(reason.word for reason in Reason(flags))
