"""How far an imputed ratio is from the national one: each state hidden in turn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ilms_sdmx.analysis.estimates import groups
from ilms_sdmx.analysis.estimates.estimating import checked_benchmark, with_ratios
from ilms_sdmx.analysis.estimates.harmonising import harmonised_ratios
from ilms_sdmx.analysis.estimates.imputation import MODELS, model_of
from ilms_sdmx.analysis.estimates.ratios import migrants_in_labour_force

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

COLUMNS = ("model", "region", "states", "median_error", "error_of_90", "error_of_sum")


def leave_one_out(
    national: pd.DataFrame,
    benchmark: pd.DataFrame,
    *,
    year: int,
    models: Sequence[str] = tuple(MODELS),
) -> pd.DataFrame:
    """Errors of each model by region, and of the world: what hiding a state costs.

    Each state with a national table is hidden with both sexes, its ratio imputed from the
    others, and the result compared with the one by its own ratio.

    Returns
    -------
    DataFrame
        `model`, `region` (its code; X01 is the world), `states`, `median_error` and
        `error_of_90` (median and 90th percentile of `|log(imputed / national)|`) and
        `error_of_sum` (of the sum of the region: imputed / national - 1).

    Raises
    ------
    EstimateError
        As `estimate_migrant_labour_force`.
    """
    import pandas as pd

    margins = checked_benchmark(benchmark)
    ratios, _ = harmonised_ratios(national, year)
    states = with_ratios(margins, ratios)
    known = states[states["log_ratio"].notna()].reset_index(drop=True)
    own = known["log_ratio"].to_numpy(dtype=float)
    true = _migrants(known, own)
    rows = []
    for name in models:
        imputed = _migrants(known, _hidden(known, name))
        rows += _rows(name, known, true, imputed)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _hidden(known: pd.DataFrame, name: str) -> np.ndarray[Any, Any]:
    """Imputed log ratios, each from the tables of all other states."""
    import numpy as np

    impute = model_of(name)
    imputed = np.zeros(len(known))
    for area in known["ref_area"].unique():
        is_hidden = (known["ref_area"] == area).to_numpy()
        imputed[is_hidden] = impute(known[~is_hidden], known[is_hidden])
    return imputed


def _migrants(states: pd.DataFrame, log_ratios: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    import numpy as np

    margins = (states["migrants"], states["non_migrants"], states["labour_force"])
    return migrants_in_labour_force(*margins, np.exp(log_ratios))


def _rows(
    name: str, known: pd.DataFrame, true: np.ndarray[Any, Any], imputed: np.ndarray[Any, Any]
) -> list[tuple[Any, ...]]:
    """Errors of a model by region, the world last."""
    import numpy as np

    regions = known["region"].to_numpy()
    rows: list[tuple[Any, ...]] = []
    for region in [*sorted(set(regions)), groups.WORLD]:
        is_inside = (regions == region) | (region == groups.WORLD)
        inside = is_inside & (true > 0) & (imputed > 0)
        if not inside.any():
            continue
        errors = np.abs(np.log(imputed[inside] / true[inside]))
        median = float(np.median(errors))
        nine_tenths = float(np.quantile(errors, 0.9))
        of_sum = float(imputed[is_inside].sum() / true[is_inside].sum() - 1)
        count = int(known.loc[is_inside, "ref_area"].nunique())
        rows.append((name, region, count, median, nine_tenths, of_sum))
    return rows
