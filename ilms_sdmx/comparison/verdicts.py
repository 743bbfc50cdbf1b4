"""Whether two figures speak of the same thing: the verdict on a pair, with its reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import IntFlag, StrEnum, auto
from itertools import product
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
    return lambda ours, theirs: any(r[field] in ("", "unknown") for r in (ours, theirs))


def _ages(record: _Record) -> object:
    """Ages as first and last year, else the text; the total of a classification says nothing of its ages."""
    text = str(record["ages"])
    if text.endswith("_TOTAL"):
        return ""
    return ages(text) or text or ("all" if record["scope"] == "all" else "")


def _family(record: _Record) -> str:
    """First publisher of a figure."""
    return str(record["same_as"] or record["source"])


def _other_abroad(ours: _Record, theirs: _Record) -> bool:
    """Whether two publishers count nationals abroad without saying that they mean the same ones.

    ILO records more than a dozen definitions, from registered departures to estimates of all.
    """
    same = bool(ours["notes"]) and ours["notes"] == theirs["notes"]
    return (
        ours["direction"] == theirs["direction"] == "out"
        and _family(ours) != _family(theirs)
        and not same
    )


_ESTIMATED = frozenset({"interpolated", "extrapolated", "imputed", "modelled", "projected"})
_RULES: dict[Reason, Callable[[_Record, _Record], bool]] = {
    Reason.MEASURE: _differ("measure"),
    Reason.KIND: _differ("kind"),
    Reason.CRITERION: lambda a, b: (
        _differ("criterion")(a, b) and not _unknown("criterion")(a, b)
    ),
    Reason.CRITERION_UNKNOWN: _unknown("criterion"),
    Reason.SCOPE: lambda a, b: _differ("scope")(a, b) and not _unknown("scope")(a, b),
    Reason.SCOPE_UNKNOWN: _unknown("scope"),
    Reason.AGES: lambda a, b: "" not in (_ages(a), _ages(b)) and _ages(a) != _ages(b),
    Reason.DEFINITION: _other_abroad,
    Reason.REFUGEES: lambda a, b: (
        _differ("refugees")(a, b) and "included" in (a["refugees"], b["refugees"])
    ),
    Reason.METHOD: lambda a, b: any(_ESTIMATED & set(str(r["method"]).split()) for r in (a, b)),
    Reason.NOTES: lambda a, b: bool(a["notes"] or b["notes"]),
    Reason.SAME_SOURCE: lambda a, b: _family(a) == _family(b),
}


def of_records(ours: pd.DataFrame, theirs: pd.DataFrame) -> np.ndarray:
    """Reasons that two records give, one number for each pair of rows: shape (ours, theirs)."""
    rows: list[list[Any]] = [frame.to_dict("records") for frame in (ours, theirs)]
    flags = [
        sum(int(r) for r, holds in _RULES.items() if holds(a, b)) for a, b in product(*rows)
    ]
    return np.array(flags, dtype="int32").reshape(len(ours), len(theirs))


def verdicts(flags: np.ndarray) -> pd.Categorical[str]:
    """Verdict of each number of reasons; sharing a source is said, but neither allows nor forbids."""
    blocked = (flags & BLOCKING.value) != 0
    careful = (flags & ~(BLOCKING | Reason.SAME_SOURCE).value) != 0
    codes = np.where(blocked, 2, np.where(careful, 1, 0)).astype("int8")
    return pd.Categorical.from_codes(codes, pd.Index([v.value for v in Verdict]))


def reasons(flags: np.ndarray) -> pd.Categorical[str]:
    """Reasons in words, joined by a space; categories are the combinations that occur."""
    distinct, codes = np.unique(flags, return_inverse=True)
    words = [" ".join(r.word for r in Reason(int(flag))) for flag in distinct]
    return pd.Categorical.from_codes(codes.astype("int16"), pd.Index(words))
