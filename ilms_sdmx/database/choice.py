"""The best source of each area: one rule, stated, for figures that several sources give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ilms_sdmx.database.tables import RECORD, SOURCE
from ilms_sdmx.periods import parse_period
from ilms_sdmx.structures import facts

if TYPE_CHECKING:
    import pandas as pd

#: The rule, as commands and pages say it.
RULE = (
    "One source an area and dataflow: those that were preferred, in their order; else those of "
    "offices before those of comparators that were fetched; else by type "
    "(survey, census, register, estimate, as dsd/source_order.csv orders them); else the one "
    "with the latest day; else the one with more figures; else the first by name."
)
_UNKNOWN_TYPE = 99
#: Column that only fetched figures fill: who publishes them.
_PRODUCER = f"{RECORD}source"


@dataclass(frozen=True, slots=True, order=True)
class Rank:
    """What a source is compared by, the best one the least."""

    preferred: int
    is_fetched: bool
    type_order: int
    latest_day: int
    figures: int
    name: str


def of_best_source(figures: pd.DataFrame, prefer: Sequence[str] = ()) -> pd.DataFrame:
    """Figures of one dataflow, those of the best source of each area.

    Parameters
    ----------
    figures
        Current figures, of all sources.
    prefer
        Sources, or types of sources as `BA`, that come before all others.
    """
    import pandas as pd

    if figures[SOURCE].nunique() < 2:
        return figures
    if "REF_AREA" not in figures:
        return _of_source(figures, best_source(figures, prefer))
    taken = []
    for _, rows in figures.groupby(figures["REF_AREA"].astype("str"), sort=False):
        best = best_source(rows, prefer)
        taken.append(_of_source(rows, best))
    kept = pd.concat(taken).index
    return figures.loc[figures.index.isin(kept)]


def _of_source(figures: pd.DataFrame, source: str) -> pd.DataFrame:
    return figures[figures[SOURCE].astype("str") == source]


def best_source(figures: pd.DataFrame, prefer: Sequence[str] = ()) -> str:
    """Source of figures of one area and dataflow that comes first by the rule."""
    ranks = []
    for source, rows in figures.groupby(figures[SOURCE].astype("str"), sort=True):
        ranks.append(_rank(str(source), rows, list(prefer)))
    return min(ranks).name


def _rank(source: str, rows: pd.DataFrame, prefer: list[str]) -> Rank:
    type_of_source, _, _ = source.partition(":")
    preferred = len(prefer)
    for name in (source, type_of_source):
        if name in prefer:
            place = prefer.index(name)
            preferred = min(preferred, place)
    is_fetched = False
    if _PRODUCER in rows:
        producers = _texts(rows[_PRODUCER])
        is_fetched = bool(producers.ne("").all())
    orders = _type_order()
    order = orders.get(type_of_source, _UNKNOWN_TYPE)
    latest = _latest_day(rows)
    return Rank(preferred, is_fetched, order, -latest, -len(rows), source)


def _texts(column: pd.Series[Any]) -> pd.Series[str]:
    """Texts of a column, empty where one is missing."""
    return column.astype("object").fillna("").astype("str")


def _latest_day(rows: pd.DataFrame) -> int:
    """Number of the last day that the figures are of; 0 where there is none."""
    if "TIME_PERIOD" not in rows:
        return 0
    latest = 0
    for text in rows["TIME_PERIOD"].astype("str").unique():
        period = parse_period(text)
        if period is not None:
            latest = max(latest, period.last.toordinal())
    return latest


def _type_order() -> dict[str, int]:
    rows = facts.rows("source_order.csv")
    return {row["type"]: int(row["order"]) for row in rows}
