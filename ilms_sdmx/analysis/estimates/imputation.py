"""Odds ratios for states without a national table: a regression, and what it must beat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ilms_sdmx.errors import EstimateError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

#: Columns of a state that the models look at; `log_ratio` is known in the first frame only.
COLUMNS = (
    "region",
    "income_group",
    "sex",
    "migrants",
    "non_migrants",
    "labour_force",
    "log_ratio",
)
#: Weight of the ridge: a group with this many states is half believed.
RIDGE = 1.0


def ratio_of_one(known: pd.DataFrame, wanted: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Log odds ratio 0 for all: migrants take part as non-migrants of the state do."""
    import numpy as np

    return np.zeros(len(wanted))


def regional_mean(known: pd.DataFrame, wanted: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Mean of the log odds ratios of a region and sex, else of the sex, else of all."""
    import numpy as np

    means = []
    for region, sex in zip(wanted["region"], wanted["sex"], strict=True):
        of_sex = known[known["sex"] == sex]
        of_region = of_sex[of_sex["region"] == region]
        pool = next((each for each in (of_region, of_sex, known) if len(each)), known)
        means.append(pool["log_ratio"].mean() if len(pool) else 0.0)
    return np.asarray(means, dtype=float)


def regression(known: pd.DataFrame, wanted: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Log odds ratios by a ridge regression on what is known of every state.

    Region of the ILO, income group of the World Bank, sex, the share of migrants in the
    population (as a log odds) and participation in the labour force (as a log odds). The mean
    is not drawn to 0, everything else is, by `RIDGE` once the numbers have one scale.
    """
    import numpy as np

    if not len(known):
        return np.zeros(len(wanted))
    scales = _scales(known)
    design = _design(known, known, scales)
    target = known["log_ratio"].to_numpy(dtype=float)
    penalty = np.full(design.shape[1], RIDGE)
    penalty[0] = 0.0
    normal = design.T @ design + np.diag(penalty)
    coefficients = np.linalg.solve(normal, design.T @ target)
    predicted: np.ndarray[Any, Any] = _design(known, wanted, scales) @ coefficients
    return predicted


#: Models by name, the one that is used where none is named first.
MODELS: Mapping[str, Callable[[Any, Any], Any]] = {
    "regression": regression,
    "regional-mean": regional_mean,
    "ratio-one": ratio_of_one,
}
#: What each model says of itself in the note of a figure.
DESCRIPTIONS: Mapping[str, str] = {
    "regression": "ridge regression of log odds ratios on region, income group, sex, share of "
    "migrants and participation",
    "regional-mean": "mean log odds ratio of the region and sex",
    "ratio-one": "odds ratio 1, migrants take part as non-migrants do",
}


def model_of(name: str) -> Callable[[Any, Any], Any]:
    """Model of a name.

    Raises
    ------
    EstimateError
        There is no such model.
    """
    if name not in MODELS:
        raise EstimateError(f"expected a model of {', '.join(MODELS)}, found {name!r}")
    return MODELS[name]


def _numbers(rows: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Share of migrants and participation, each as a log odds."""
    import numpy as np

    migrants = rows["migrants"].to_numpy(dtype=float)
    others = rows["non_migrants"].to_numpy(dtype=float)
    labour = rows["labour_force"].to_numpy(dtype=float)
    people = migrants + others
    share = _log_odds(migrants / people)
    participation = _log_odds(labour / people)
    return np.column_stack([share, participation])


def _log_odds(shares: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Log odds of shares, those of 0 and 1 held at what a sample could tell."""
    import numpy as np

    inside = np.clip(shares, 1e-4, 1 - 1e-4)
    odds: np.ndarray[Any, Any] = np.log(inside) - np.log1p(-inside)
    return odds


def _scales(known: pd.DataFrame) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Mean and spread of the numbers of the states that are known."""
    import numpy as np

    numbers = _numbers(known)
    spread = numbers.std(axis=0)
    return numbers.mean(axis=0), np.where(spread > 0, spread, 1.0)


def _design(
    known: pd.DataFrame,
    rows: pd.DataFrame,
    scales: tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]],
) -> np.ndarray[Any, Any]:
    """Columns of the regression: 1, groups as they are known, and the two numbers."""
    import numpy as np

    columns = [np.ones(len(rows))]
    for name in ("region", "income_group", "sex"):
        for group in sorted(set(known[name])):
            is_group = (rows[name] == group).to_numpy(dtype=float)
            columns.append(is_group)
    mean, spread = scales
    numbers = (_numbers(rows) - mean) / spread
    return np.column_stack([*columns, numbers])
