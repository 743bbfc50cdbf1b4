"""Rules of protection: which figures tell about persons, by the persons behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from ilms_sdmx.analysis.protection.release import Release
from ilms_sdmx.errors import ProtectionError
from ilms_sdmx.validation.coded.columns import Array

#: Why a figure must be hidden.
MINIMUM = "minimum"
DOMINANCE = "dominance"
P_PERCENT = "p-percent"
GROUP = "group"


@dataclass(frozen=True)
class ProtectionRules:
    """Rules by which a figure must not be published.

    Parameters
    ----------
    minimum
        Least number of persons behind a figure; fewer, but for none, are hidden. 3, 5 and 10
        are usual.
    dominance
        Pair of n and k: hidden where the n largest contributors have more than k per cent of
        an amount. For amounts (earnings), never for counts.
    p_percent
        Hidden where the second largest contributor can work out the largest within so many per
        cent. For amounts.
    group
        Whether a total is told about where all its persons are in one part: who is known to be
        in it is then known whole.

    Raises
    ------
    ProtectionError
        A rule that nothing can meet.

    Examples
    --------
    >>> ProtectionRules(minimum=5).minimum
    5
    >>> ProtectionRules.of({"minimum": 3, "dominance": [1, 75]}).dominance
    (1, 75)
    """

    minimum: int = 3
    dominance: tuple[int, float] | None = None
    p_percent: float | None = None
    group: bool = False

    def __post_init__(self) -> None:
        if self.minimum < 1:
            raise ProtectionError(
                f"expected a minimum of at least 1 person, found {self.minimum}"
            )
        if self.dominance is not None:
            count, share = self.dominance
            if count < 1 or not 0 < share < 100:
                raise ProtectionError(
                    "expected dominance as a number of contributors and a share of 0 to 100"
                    f" per cent, found {count} and {share}"
                )
        if self.p_percent is not None and not 0 < self.p_percent < 100:
            raise ProtectionError(
                f"expected p per cent between 0 and 100, found {self.p_percent}"
            )

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> ProtectionRules:
        """Rules of what a mapping file says under `protection:`.

        Raises
        ------
        ProtectionError
            There is an unknown word, or a value that is none of its kind.
        """
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(settings) - known)
        if unknown:
            raise ProtectionError(
                f"expected {', '.join(sorted(known))} as rules, found {', '.join(unknown)}"
            )
        values = dict(settings)
        dominance = values.get("dominance")
        if dominance is not None:
            values["dominance"] = _pair(dominance)
        for name, kind in (("minimum", int), ("p_percent", (int, float)), ("group", bool)):
            value = values.get(name)
            is_of_kind = isinstance(value, kind)
            is_truth = isinstance(value, bool) and name != "group"
            if value is not None and (is_truth or not is_of_kind):
                raise ProtectionError(f"expected a number or true at {name}, found {value!r}")
        return cls(**values)


def _pair(value: Any) -> tuple[int, float]:
    is_pair = isinstance(value, list | tuple) and len(value) == 2
    if not is_pair or not all(isinstance(number, int | float) for number in value):
        raise ProtectionError(
            f"expected dominance as [contributors, per cent], found {value!r}"
        )
    count, share = value
    return int(count), share


@dataclass(frozen=True, eq=False)
class Contributions:
    """Largest contributors to each figure of a release, for amounts.

    Parameters
    ----------
    largest
        One row a figure: its largest contributors, the largest first; 0 where there are fewer.
    amounts
        Mask of the figures that are amounts.
    """

    largest: Array
    amounts: Array


@dataclass(frozen=True, eq=False)
class Primary:
    """Figures that must be hidden for themselves, and how far they must stay in the dark.

    Parameters
    ----------
    reason
        Why each figure must be hidden, empty where it need not.
    down, up
        How much less and how much more it must be able to be.
    """

    reason: Array
    down: Array
    up: Array

    def of(self, figures: Array) -> Primary:
        """What is said of some figures, under numbers from 0."""
        return Primary(self.reason[figures], self.down[figures], self.up[figures])

    @property
    def figures(self) -> Array:
        """Numbers of the figures, the one that needs most room first."""
        hidden = np.flatnonzero(self.reason != "")
        need = np.maximum(self.down[hidden], self.up[hidden])
        by_need = np.argsort(-need, kind="stable")
        return hidden[by_need]


def find_primary(
    release: Release, rules: ProtectionRules, contributions: Contributions | None = None
) -> Primary:
    """Figures of a release that its rules hide, and the room that each needs.

    A figure of too few persons must be able to be anything between none and the minimum, each
    person counting as much as those behind it do. An amount must be uncertain by as much as the
    rule that it breaks misses.
    """
    size = len(release)
    reason = np.full(size, "", dtype=object)
    down = np.zeros(size)
    up = np.zeros(size)
    persons = np.nan_to_num(release.contributors)
    value = np.nan_to_num(release.value)
    is_small = (persons > 0) & (persons < rules.minimum)
    weight = value[is_small] / persons[is_small]
    reason[is_small] = MINIMUM
    down[is_small] = value[is_small]
    up[is_small] = weight * rules.minimum - value[is_small]
    if rules.group:
        for part in _of_whole_groups(release):
            if not reason[part]:
                reason[part] = GROUP
                room = min(value[part], float(rules.minimum))
                down[part] = room
    if contributions is not None:
        _add_amounts(rules, contributions, value, reason, down, up)
    return Primary(reason, np.minimum(down, value), up)


def _of_whole_groups(release: Release) -> list[int]:
    """Figures that are all of a total which has other parts."""
    equations = release.equations
    value = np.nan_to_num(release.value)
    whole = []
    for number in range(len(equations)):
        if equations.is_limit[number]:
            continue
        of_equation = equations.equation == number
        parts = equations.figure[of_equation & (equations.sign < 0)]
        filled = parts[value[parts] > 0]
        if len(filled) == 1 and len(parts) > 1:
            whole.append(int(filled[0]))
    return whole


def _add_amounts(
    rules: ProtectionRules,
    contributions: Contributions,
    value: Array,
    reason: Array,
    down: Array,
    up: Array,
) -> None:
    largest = contributions.largest
    is_amount = contributions.amounts
    if rules.dominance is not None:
        count, share = rules.dominance
        if largest.shape[1] < count:
            raise ProtectionError(
                f"expected the {count} largest contributors to each amount for the rule of"
                f" dominance, found {largest.shape[1]}"
            )
        of_largest = largest[:, :count].sum(axis=1)
        missing = of_largest * 100 / share - value
        _add(DOMINANCE, np.where(is_amount, missing, 0.0), reason, down, up)
    if rules.p_percent is not None and largest.shape[1] > 1:
        remainder = value - largest[:, 0] - largest[:, 1]
        missing = largest[:, 0] * rules.p_percent / 100 - remainder
        _add(P_PERCENT, np.where(is_amount, missing, 0.0), reason, down, up)


def _add(name: str, missing: Array, reason: Array, down: Array, up: Array) -> None:
    """Mark the figures that miss a rule, and widen the room that they need."""
    is_broken = missing > 0
    reason[is_broken & (reason == "")] = name
    down[is_broken] = np.maximum(down[is_broken], missing[is_broken])
    up[is_broken] = np.maximum(up[is_broken], missing[is_broken])
