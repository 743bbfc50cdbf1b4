"""The best source of each area: one rule, stated, for figures that several sources give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ilms_sdmx.database.tables import SOURCE
from ilms_sdmx.structures import facts

if TYPE_CHECKING:
    import pandas as pd

#: The rule, as commands and pages say it.
RULE = (
    "One source an area and dataflow: those that were preferred, in their order; else by type "
    "(survey, census, register, estimate, as dsd/source_order.csv orders them); else the one "
    "with the latest period; else the one with more figures; else the first by name."
)
_UNKNOWN_TYPE = 99


@dataclass(frozen=True, slots=True, order=True)
class Rank:
    """What a source is compared by, the best one the least."""

    preferred: int
    type_order: int
    latest_period: tuple[int, ...]
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
    if figures[SOURCE].nunique() < 2:
        return figures
    area = figures["REF_AREA"] if "REF_AREA" in figures else figures[SOURCE].map(lambda _: "")
    is_best = figures[SOURCE].notna() & False
    for _, rows in figures.groupby(area.astype("str"), sort=False):
        best = best_source(rows, prefer)
        is_best.loc[rows.index] = rows[SOURCE].astype("str") == best
    return figures[is_best.astype("bool")]


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
            preferred = min(preferred, prefer.index(name))
    latest = ""
    if "TIME_PERIOD" in rows:
        latest = max(rows["TIME_PERIOD"].astype("str"))
    order = _type_order().get(type_of_source, _UNKNOWN_TYPE)
    # A text that is later sorts first.
    latest_first = tuple(-ord(letter) for letter in latest)
    return Rank(preferred, order, latest_first, -len(rows), source)


def _type_order() -> dict[str, int]:
    rows = facts.rows("source_order.csv")
    return {row["type"]: int(row["order"]) for row in rows}
