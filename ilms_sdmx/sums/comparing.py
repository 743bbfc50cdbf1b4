"""One total compared with its parts, in exact decimal arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from ilms_sdmx.sums.rounding import agrees, allowance, exceeds


class SumVerdict(StrEnum):
    """What can be said of a total and its parts.

    Parameters
    ----------
    AGREES
        The parts are equal to the total within rounding.
    AT_MOST
        The parts are less than the total, and not all of them had to be printed.
    OPEN
        The parts are less than the total, and one of them has no figure: nothing can be said.
    NESTED
        Some parts may be inside others. With all of them the parts are too much, without they
        are too little: nothing can be said.
    DIFFERS
        Rounding does not explain the difference.
    """

    AGREES = "agrees"
    AT_MOST = "at most"
    OPEN = "open"
    NESTED = "nested"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class Term:
    """A figure that takes part in a sum.

    Parameters
    ----------
    value
        The figure; None where a cell is there without one.
    step
        Unit to which the figure is rounded, 0 for an exact count.
    nested
        Whether the figure may repeat what other parts hold.
    """

    value: Decimal | None
    step: Decimal = Decimal(0)
    nested: bool = False


@dataclass(frozen=True, slots=True)
class SumComparison:
    """A total and the sum of its parts: what was compared, and what can be said of it.

    Parameters
    ----------
    summed
        Sum of the parts that have a figure and are not nested.
    total
        The printed total.
    allowed
        Largest difference that rounding explains.
    parts
        Number of the parts that were added.
    missing
        Number of the parts without a figure.
    nested
        Sum of the parts that may be inside others.
    bounded
        Whether the parts may be less than the total, as not all of them are printed.
    """

    summed: Decimal
    total: Decimal
    allowed: Decimal
    parts: int
    missing: int = 0
    nested: Decimal = Decimal(0)
    bounded: bool = False

    @property
    def difference(self) -> Decimal:
        """Sum of the parts less the total: above zero where the parts are too much."""
        return self.summed - self.total

    @property
    def verdict(self) -> SumVerdict:
        """What can be said of the total and its parts."""
        with_nested = self.difference + self.nested
        if agrees(self.difference, self.allowed) or agrees(with_nested, self.allowed):
            return SumVerdict.AGREES
        if exceeds(self.difference, self.allowed):
            return SumVerdict.DIFFERS
        if exceeds(with_nested, self.allowed):
            return SumVerdict.NESTED
        if self.bounded:
            return SumVerdict.AT_MOST
        if self.missing:
            return SumVerdict.OPEN
        return SumVerdict.DIFFERS


def compare(
    parts: Sequence[Term], total: Term, *, bounded: bool = False
) -> SumComparison | None:
    """Comparison of a total with its parts.

    None where there is no total, or no part with a figure.

    The order of the parts changes nothing.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from ilms_sdmx.sums import Term, compare
    >>> tenth = Decimal("0.1")
    >>> parts = [Term(Decimal("11.4"), tenth), Term(Decimal("9.7"), tenth)]
    >>> near, far = (compare(parts, Term(Decimal(t), tenth)) for t in ("21.2", "21.9"))
    >>> near.verdict.value, far.verdict.value, far.difference
    ('agrees', 'differs', Decimal('-0.8'))
    """
    if total.value is None:
        return None
    summed = nested = Decimal(0)
    steps = total.step
    count = 0
    for part in parts:
        if part.value is None:
            continue
        count += 1
        steps += part.step
        if part.nested:
            nested += part.value
        else:
            summed += part.value
    if not count:
        return None
    missing = len(parts) - count
    allowed = allowance(steps)
    return SumComparison(summed, total.value, allowed, count, missing, nested, bounded)
