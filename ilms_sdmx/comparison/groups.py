"""Groups of partner countries that one side names, added up on the other from all their members."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ilms_sdmx.comparison import areas
from ilms_sdmx.comparison.sides import keys
from ilms_sdmx.comparison.stacking import stack

if TYPE_CHECKING:
    from ilms_sdmx.comparison.sides import Side

#: Fields of a record in which members must agree to be added.
_SAME = ["criterion", "scope", "ages", "measure"]


def with_groups(side: Side, other: Side, partner: str) -> Side:
    """Side with a figure for each group that only `other` names, wherever it has every member.

    Members that count by different criteria, populations or ages are not added.

    Parameters
    ----------
    partner
        `host` or `origin`: the column that names partners.
    """
    own, named = (set(s.figures[partner].cat.categories) for s in (side, other))
    wanted = [group for group in sums() if group in named and group not in own]
    found = [part for part in (_summed(side, group, partner) for group in wanted) if len(part)]
    return replace(side, figures=stack([side.figures, *found])) if found else side


def _summed(side: Side, group: str, partner: str) -> pd.DataFrame:
    """Figures of a group: row -1, the record of one member."""
    members = sums()[group]
    figures = side.figures
    chosen = figures[partner].isin(members).to_numpy() & figures["value"].notna().to_numpy()
    parts = figures[chosen].reset_index(drop=True)
    counts = side.records.groupby(_SAME).ngroup().to_numpy()
    means = counts[parts["record"].to_numpy() - side.records.index[0]]
    focus = "host" if partner == "origin" else "origin"
    numbers = pd.Series(
        keys(parts, [focus, "sex", "detail", "period"]) * (len(counts) + 1) + means
    )
    complete = (numbers.groupby(numbers).transform("size") == len(members)).to_numpy()
    first = complete & ~numbers.duplicated().to_numpy()
    values = parts["value"].groupby(numbers).transform("sum")
    units = parts["rounding"].groupby(numbers).transform("sum")
    rows = parts.assign(value=values, rounding=units, row=np.int32(-1))[first].reset_index(
        drop=True
    )
    rows[partner] = pd.Categorical([group] * len(rows), categories=[group])
    return rows


@cache
def sums() -> dict[str, tuple[str, ...]]:
    """Members of each group that is exactly their sum.

    Examples
    --------
    >>> from ilms_sdmx.comparison.groups import sums
    >>> sums()["USACAN"]
    ('USA', 'CAN')
    """
    from ilms_sdmx import structures

    table = structures.aggregations()
    table = table[
        (table["codelist"].isin(["CL_CRS", "CL_CDS", "CL_CCT"])) & (table["relation"] == "sum")
    ]
    found: dict[str, dict[str, None]] = {}
    for total, part in zip(table["total"], table["part"], strict=True):
        if areas.area(total) != areas.TOTAL:
            found.setdefault(areas.area(total), {})[areas.area(part)] = None
    return {group: tuple(members) for group, members in found.items()}
