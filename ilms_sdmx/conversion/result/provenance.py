"""Provenance: one row for every non-empty cell, and for what it became its dataflow, key and value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.figures.footnotes import NOTE
from ilms_sdmx.conversion.filling.filled import Filled
from ilms_sdmx.conversion.result.accounting import FIRST
from ilms_sdmx.mapping.filling import as_text
from ilms_sdmx.tables.cells import Workbook

if TYPE_CHECKING:
    import pandas as pd

#: Column that says how a sum or a recomputed percent looked at a figure.
CHECKED = "checked"

#: Column of the periods that are reported as years.
READ_PERIOD = "period_read"

#: Columns of the provenance after the components of the key.
LAST = ("OBS_VALUE", "UNIT_MULT", "OBS_STATUS", "also", NOTE, CHECKED)

#: Columns of the figures that the provenance is made of.
PRINTED = (
    "sheet",
    "cell",
    "row",
    "column_number",
    "bucket",
    "rule",
    "text",
    "value",
    "status",
    NOTE,
    CHECKED,
)


def provenance(
    workbook: Workbook, figures: pd.DataFrame, filled: Filled, others: pd.DataFrame
) -> pd.DataFrame:
    """Rows of figures and of all other cells, in the order of the workbook.

    A figure that went to several dataflows has one row, with the first in `dataflow` and the others in
    `also`; a figure that went to none has the components that are known of it. The columns of `figures` are
    taken out of it as they are used: all of them twice would be most of the memory of a conversion.
    """
    import numpy as np
    import pandas as pd

    known: list[Any] = [others, figures] if len(figures) else [others]
    sheets = pd.concat([k["sheet"] for k in known]).map(
        {s.name: n for n, s in enumerate(workbook)}
    )
    places = [pd.concat([k[name] for k in known]) for name in ("column_number", "row")]
    order = np.lexsort((*places, sheets))
    columns = {}
    for name, own in _of_figures(workbook.name, figures, filled):
        rest = others[name] if name in others.columns else _empty(others.index)
        whole = pd.concat([rest, own]) if len(own) else rest
        columns[name] = whole.fillna("").array.take(order)
    return pd.DataFrame(columns)


def _components(filled: Filled) -> list[str]:
    names = dict.fromkeys(
        d for t in filled.targets for d in t.components.dimensions if d != "TIME_PERIOD"
    )
    return [*names, "TIME_PERIOD"]


def _empty(index: pd.Index) -> pd.Series[str]:
    import pandas as pd

    return pd.Series(pd.NA, index=index, dtype="str")


def _of_figures(
    file: str, figures: pd.DataFrame, filled: Filled
) -> Iterator[tuple[str, pd.Series[Any]]]:
    """Columns of the figures with their names, in the order of the provenance."""
    import pandas as pd

    flow, also, fresh = _flows(figures, filled)
    first = [(a.keys, rows) for a, rows in zip(filled.applied, fresh, strict=True)]
    known = [(keys, keys.index) for keys in filled.keys]
    made = {"file": _empty(figures.index).fillna(file), "dataflow": flow, "also": also}
    index = figures.index
    for name in FIRST:
        yield name, made.pop(name) if name in made else figures.pop(name)
    for name in _components(filled):
        yield name, _joined(name, [*first, *known], index)
    reported = [a.read_periods for a in filled.applied if a.read_periods is not None]
    if reported:
        yield READ_PERIOD, pd.concat(reported).groupby(level=0).max().reindex(index).fillna("")
    made |= {name: figures.pop(name) for name in (NOTE, CHECKED)}
    for name in LAST:
        own = made.pop(name) if name in made else _joined(name, first, index)
        bare = own.isna() & (flow == "")
        yield name, own.mask(bare, figures["status"]) if name == "OBS_STATUS" else own


def _flows(
    figures: pd.DataFrame, filled: Filled
) -> tuple[pd.Series[str], pd.Series[str], list[pd.Index]]:
    """First dataflow that took each figure, the others that did, and for each target what it took first."""
    flow = also = _empty(figures.index).fillna("")
    fresh = []
    for target, applied in zip(filled.targets, filled.applied, strict=True):
        written = applied.outcome.index[applied.outcome.isin(["written", "repeated"])]
        first = figures.index.isin(written) & (flow == "")
        again = figures.index.isin(written) & ~first
        flow = flow.mask(first, target.dataflow_id)
        if again.any():
            also = also.mask(again, (also + " " + target.dataflow_id).str.strip())
        fresh.append(figures.index[first])
    return flow, also, fresh


def _joined(
    name: str, sources: list[tuple[pd.DataFrame, pd.Index]], index: pd.Index
) -> pd.Series[str]:
    """One component of all figures: of each the first that is known of it."""
    result = _empty(index)
    for keys, rows in sources:
        if name not in keys.columns or not result.hasnans:
            continue
        own = keys[name] if len(rows) == len(keys) else keys.loc[rows, name]
        own = as_text(own)
        own = own if len(own) == len(index) else own.reindex(index)
        result = own if result.isna().all() else result.fillna(own)
    return result
