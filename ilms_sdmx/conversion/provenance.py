"""Provenance: one row for every non-empty cell, and for what it became its dataflow, key and value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ilms_sdmx.conversion.accounting import FIRST
from ilms_sdmx.conversion.filling import Filled
from ilms_sdmx.tables.cells import Workbook

if TYPE_CHECKING:
    import pandas as pd

#: Columns of the provenance after the components of the key.
LAST = ("OBS_VALUE", "UNIT_MULT", "OBS_STATUS", "also")


def provenance(
    workbook: Workbook, figures: pd.DataFrame, filled: Filled, others: pd.DataFrame
) -> pd.DataFrame:
    """Rows of figures and of all other cells, in the order of the workbook.

    A figure that went to several dataflows has one row, with the first in `dataflow` and the others in
    `also`; a figure that went to none has the components that are known of it.
    """
    import numpy as np
    import pandas as pd

    own = _of_figures(workbook, figures, filled)
    whole = pd.concat([others, own]) if len(own) else others
    sheets = whole["sheet"].map({s.name: n for n, s in enumerate(workbook)})
    order = np.lexsort((whole["column_number"], whole["row"], sheets))
    components = _components(filled)
    whole = whole.reindex(columns=[*FIRST, *components, *LAST]).astype("str").fillna("")
    return whole.iloc[order].reset_index(drop=True)


def _components(filled: Filled) -> list[str]:
    names = dict.fromkeys(d for t in filled.targets for d in t.components.dimensions if d != "TIME_PERIOD")
    return [*names, "TIME_PERIOD"]


def _of_figures(workbook: Workbook, figures: pd.DataFrame, filled: Filled) -> pd.DataFrame:
    import pandas as pd

    if not len(figures):
        return figures
    rows = figures[["sheet", "cell", "row", "column_number", "bucket", "rule", "text", "value"]].assign(
        file=workbook.name
    )
    components = _components(filled)
    rows = rows.assign(dataflow="", also="")
    empty = pd.Series(pd.NA, index=rows.index, dtype="str")
    rows[[*components, *LAST[:3]]] = pd.concat([empty] * (len(components) + 3), axis=1)
    first: dict[object, int] = {}
    for number, (target, applied) in enumerate(zip(filled.targets, filled.applied, strict=True)):
        written = applied.outcome.index[applied.outcome.isin(["written", "repeated"])]
        fresh = written[(rows.loc[written, "dataflow"] == "").to_numpy()]
        again = written.difference(fresh)
        rows.loc[fresh, "dataflow"] = target.dataflow_id
        rows.loc[again, "also"] = (rows.loc[again, "also"] + " " + target.dataflow_id).str.strip()
        _take(rows, applied.keys.loc[fresh], [*components, *LAST[:3]])
        first |= dict.fromkeys(fresh, number)
    for keys in filled.keys:
        _take(rows, keys, components)
    status = rows["OBS_STATUS"].isna() & (rows["dataflow"] == "")
    rows.loc[status, "OBS_STATUS"] = figures.loc[status, "status"]
    return rows


def _take(rows: pd.DataFrame, keys: pd.DataFrame, names: list[str]) -> None:
    """Fill what is still missing from the keys of one data set."""
    for name in names:
        if name in keys.columns:
            rows[name] = rows[name].fillna(keys[name].astype("str").reindex(rows.index))
