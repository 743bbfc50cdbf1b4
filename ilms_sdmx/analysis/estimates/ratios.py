"""The arithmetic: an odds ratio from a table of two by two, and margins it is fitted to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from ilms_sdmx.errors import EstimateError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

#: A number, or one a state: a list, an array, a column of a frame.
Numbers: TypeAlias = "float | Sequence[float] | Any"


def odds_ratio(
    migrants: Numbers,
    migrants_active: Numbers,
    non_migrants: Numbers,
    non_migrants_active: Numbers,
) -> np.ndarray[Any, Any]:
    """Odds of migrants to be in the labour force, over those of non-migrants.

    1 says that both take part alike. A table with an empty or negative cell has no ratio: NaN.

    Parameters
    ----------
    migrants, non_migrants
        Persons of working age.
    migrants_active, non_migrants_active
        Those of them in the labour force, in the same unit.

    Examples
    --------
    >>> from ilms_sdmx import odds_ratio
    >>> float(odds_ratio(100, 75, 1000, 600))
    2.0
    """
    import numpy as np

    inside = np.asarray(migrants_active, dtype=float)
    outside = np.asarray(migrants, dtype=float) - inside
    others_inside = np.asarray(non_migrants_active, dtype=float)
    others_outside = np.asarray(non_migrants, dtype=float) - others_inside
    cells = (inside, outside, others_inside, others_outside)
    has_ratio = np.all([cell > 0 for cell in cells], axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = inside / outside * (others_outside / others_inside)
    return np.where(has_ratio & np.isfinite(ratio), ratio, np.nan)


def bounds(
    migrants: Numbers, non_migrants: Numbers, labour_force: Numbers
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Fewest and most migrants that the margins leave room for in the labour force."""
    import numpy as np

    labour = np.asarray(labour_force, dtype=float)
    fewest = np.maximum(labour - np.asarray(non_migrants, dtype=float), 0.0)
    most = np.minimum(labour, np.asarray(migrants, dtype=float))
    return fewest, most


def migrants_in_labour_force(
    migrants: Numbers, non_migrants: Numbers, labour_force: Numbers, ratio: Numbers
) -> np.ndarray[Any, Any]:
    """Migrants in the labour force, by an odds ratio and the margins of a benchmark.

    The table that has the margins and the odds ratio, which is what iterative proportional
    fitting of a national table to the margins would end in. It never leaves its `bounds`.

    Parameters
    ----------
    migrants, non_migrants
        Persons of working age by the benchmark.
    labour_force
        All persons in the labour force by the benchmark, in the same unit.
    ratio
        Odds ratio, more than 0; see `odds_ratio`.

    Raises
    ------
    EstimateError
        A margin is negative or missing, a ratio is no positive number, or more persons are in
        the labour force than there are.

    Examples
    --------
    >>> from ilms_sdmx import migrants_in_labour_force
    >>> [round(float(migrants_in_labour_force(1000, 9000, 6000, r)), 4) for r in (1, 2, 0.5)]
    [600.0, 737.9127, 446.222]
    """
    import numpy as np

    first, others, labour, theta = np.broadcast_arrays(
        np.asarray(migrants, dtype=float),
        np.asarray(non_migrants, dtype=float),
        np.asarray(labour_force, dtype=float),
        np.asarray(ratio, dtype=float),
    )
    _refuse_impossible(first, others, labour, theta)
    found = _root(first, others, labour, theta)
    fewest, most = bounds(first, others, labour)
    held: np.ndarray[Any, Any] = np.clip(found, fewest, most)
    return held


def _root(first: Any, others: Any, labour: Any, theta: Any) -> Any:
    """Root of (1 - theta) x² + b x - theta·first·labour = 0 that lies in the bounds.

    The form that adds numbers of one sign is taken, so that no digit is lost.
    """
    import numpy as np

    b = others - labour + theta * (first + labour)
    product = theta * first * labour
    discriminant = b * b + 4 * (1 - theta) * product
    root = np.sqrt(np.maximum(discriminant, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        stable = 2 * product / (b + root)
        # Only where theta is below 1 can b be negative.
        other_form = (root - b) / (2 * (1 - theta))
    found = np.where(b >= 0, stable, other_form)
    return np.where(product == 0, 0.0, found)


def _refuse_impossible(first: Any, others: Any, labour: Any, theta: Any) -> None:
    import numpy as np

    margins = np.stack([first, others, labour])
    if not np.all(np.isfinite(margins) & (margins >= 0)):
        raise EstimateError(
            "expected margins that are numbers from 0 on, found a negative or missing one: "
            "leave out the states without a benchmark"
        )
    # Beyond this the square of a ratio is no number of a computer.
    if not np.all((theta > 0) & (theta < 1e100)):
        raise EstimateError(
            "expected odds ratios above 0, found another one: impute it, or leave it out"
        )
    people = first + others
    too_many = labour > people * (1 + 1e-12)
    if np.any(too_many):
        place = int(np.argmax(too_many))
        force, all_people = labour.flat[place], people.flat[place]
        raise EstimateError(
            f"expected a labour force of at most the population, {all_people:g}, found "
            f"{force:g}: compare the ages and units of the two benchmarks"
        )
