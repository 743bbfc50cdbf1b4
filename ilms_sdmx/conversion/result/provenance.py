"""Provenance: one row for every non-empty cell, and what it became: dataflow, key and value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.figures.model import Figures
from ilms_sdmx.conversion.filling.filled import WRITTEN, Filled
from ilms_sdmx.conversion.filling.notes import NOTE
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
#: Columns of the figures of which the provenance is made.
USED = (
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

#: Components of figures that are known, and the numbers of the figures.
Known = tuple["pd.DataFrame", "pd.Index[Any]"]


def provenance_of(
    workbook: Workbook, figures: dict[str, pd.Series[Any]], filled: Filled, others: pd.DataFrame
) -> pd.DataFrame:
    """Rows of figures and of all other cells, in the order of the workbook.

    A figure that went to several dataflows has one row, with the first in `dataflow` and the
    others in `also`; a figure that went to none has the components that are known of it.

    Parameters
    ----------
    figures
        Columns of the figures by name. Each is taken out as it is used: all of them twice would
        be most of the memory of a conversion.
    others
        Rows of the cells that are no figures.
    """
    import pandas as pd

    order = _order(workbook, figures, others)
    columns = {}
    for name, of_figures in _columns(workbook.name, figures, filled):
        whole = _nothing(others.index)
        if name in others.columns:
            whole = others[name]
        if len(of_figures):
            whole = pd.concat([whole, of_figures])
        columns[name] = whole.fillna("").array.take(order)
    return pd.DataFrame(columns)


def used_columns(figures: Figures) -> dict[str, pd.Series[Any]]:
    """Columns of the figures of which the provenance is made, by name."""
    return {name: figures.frame[name] for name in USED}


def _order(workbook: Workbook, figures: dict[str, pd.Series[Any]], others: pd.DataFrame) -> Any:
    """Positions of all rows by sheet, row and column, those of other cells first."""
    import numpy as np
    import pandas as pd

    places = []
    for name in ("column_number", "row", "sheet"):
        parts = [others[name]]
        if len(figures[name]):
            parts.append(figures[name])
        places.append(pd.concat(parts))
    sheets = {}
    for number, sheet in enumerate(workbook):
        sheets[sheet.name] = number
    columns, rows, names = places
    return np.lexsort((columns, rows, names.map(sheets)))


def _columns(
    file: str, figures: dict[str, pd.Series[Any]], filled: Filled
) -> Iterator[tuple[str, pd.Series[Any]]]:
    """Columns of the figures with their names, in the order of the provenance."""
    index = figures["row"].index
    flow, also, taken_first = _flows(index, filled)
    taken = []
    for applied, rows in zip(filled.applied, taken_first, strict=True):
        taken.append((applied.keys, rows))
    known = [(keys, keys.index) for keys in filled.keys]
    files = _nothing(index).fillna(file)
    made = {"file": files, "dataflow": flow, "also": also}
    for name in FIRST:
        holder = made if name in made else figures
        yield name, holder.pop(name)
    for name in _components(filled):
        yield name, _component(name, [*taken, *known], index)
    read_periods = _read_periods(index, filled)
    if read_periods is not None:
        yield READ_PERIOD, read_periods
    made[NOTE] = figures.pop(NOTE)
    made[CHECKED] = figures.pop(CHECKED)
    for name in LAST:
        column = made.pop(name) if name in made else _component(name, taken, index)
        if name == "OBS_STATUS":
            is_open = column.isna() & (flow == "")
            column = column.mask(is_open, figures["status"])
        yield name, column


def _components(filled: Filled) -> list[str]:
    """Dimensions of all data sets, time last."""
    names = {}
    for target in filled.targets:
        names.update(dict.fromkeys(target.components.dimensions))
    names.pop("TIME_PERIOD", None)
    return [*names, "TIME_PERIOD"]


def _read_periods(index: pd.Index[Any], filled: Filled) -> pd.Series[str] | None:
    """Period that was read of each figure which is reported as a year.

    None where there is none.
    """
    import pandas as pd

    several = []
    for applied in filled.applied:
        if applied.read_periods is not None:
            several.append(applied.read_periods)
    if not several:
        return None
    first_periods = pd.concat(several).groupby(level=0).max()
    return first_periods.reindex(index).fillna("")


def _nothing(index: pd.Index[Any]) -> pd.Series[str]:
    """Column in which all is missing."""
    import pandas as pd

    return pd.Series(pd.NA, index=index, dtype="str")


def _flows(
    index: pd.Index[Any], filled: Filled
) -> tuple[pd.Series[str], pd.Series[str], list[pd.Index[Any]]]:
    """First dataflow that took each figure, the others, and what each target took first."""
    flow = _nothing(index).fillna("")
    also = flow
    taken_first = []
    for target, applied in zip(filled.targets, filled.applied, strict=True):
        dataflow = target.dataflow_id
        outcome = applied.outcome
        written = outcome.index[outcome.isin(WRITTEN)]
        taken = index.isin(written)
        first = taken & (flow == "")
        again = taken & ~first
        flow = flow.mask(first, dataflow)
        if again.any():
            listed = also + " " + dataflow
            also = also.mask(again, listed.str.strip())
        taken_first.append(index[first])
    return flow, also, taken_first


def _component(name: str, sources: list[Known], index: pd.Index[Any]) -> pd.Series[str]:
    """One component of all figures: of each the first that is known of it."""
    result = _nothing(index)
    for keys, rows in sources:
        if name not in keys.columns or not result.hasnans:
            continue
        codes = keys[name]
        if len(rows) != len(keys):
            codes = codes.loc[rows]
        texts = as_text(codes)
        if len(texts) != len(index):
            texts = texts.reindex(index)
        result = texts if result.isna().all() else result.fillna(texts)
    return result
