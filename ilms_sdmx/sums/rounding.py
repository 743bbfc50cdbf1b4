"""What rounding allows: half the step of every figure that takes part, the total among them.

The three functions take single numbers and whole columns alike. They are the only place that
says how far a sum may be off; a test reads the source for a second one.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

#: Share of what rounding allows by which floating point may blur it.
_BLUR = 1e-6


def allowance(steps: Any) -> Any:
    """Largest difference that rounding explains.

    Parameters
    ----------
    steps
        Sum of the rounding steps of all parts and of the total: a number, or a column of them.
        Decimals and whole numbers stay exact; a little is added to floats, for what floating
        point blurs.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from ilms_sdmx.sums import allowance
    >>> allowance(3 * Decimal("0.1"))
    Decimal('0.15')
    """
    if _is_exact(steps):
        return steps / 2
    return steps * 0.5 * (1 + _BLUR)


def agrees(difference: Any, allowed: Any) -> Any:
    """Whether a difference, either way, is no more than what is allowed."""
    return abs(difference) <= allowed


def exceeds(difference: Any, allowed: Any) -> Any:
    """Whether a difference is above zero by more than what is allowed."""
    return difference > allowed


def _is_exact(steps: Any) -> bool:
    """Whether steps are decimals or whole numbers, or a column of them, rather than floats."""
    if isinstance(steps, Decimal | int):
        return True
    kind = getattr(getattr(steps, "dtype", None), "kind", "")
    return kind in {"O", "i", "u"}
