"""Settling of keys that occur twice: equal values are noted and written once, different ones are an error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from ilms_sdmx.datasets import Components
from ilms_sdmx.findings import Finding, Place, find

if TYPE_CHECKING:
    import pandas as pd

#: Most findings made, and most cells named in one: data written twice over would drown all else.
MOST, SHOWN = 1000, 20


def settle(
    keys: pd.DataFrame,
    outcome: pd.Series[str],
    components: Components,
    figures: pd.DataFrame,
    place: Callable[[int], Place],
) -> list[Finding]:
    """Mark repeated keys in `outcome` (`repeated`, `conflict`) and say so.

    Of equal ones the first is written; of different ones none is, for nothing says which is right.
    """
    dimensions = list(components.dimensions)
    measure = components.measures[0]
    chosen = keys.loc[outcome == "written", dimensions]
    repeated = chosen[chosen.duplicated(keep=False)].astype("str")
    if repeated.empty:
        return []
    groups = repeated.groupby(dimensions, sort=False).ngroup()
    exact = keys.loc[repeated.index, measure].map(
        {v: _exact(v) for v in keys[measure].unique()}
    )
    equal = exact.astype("object").fillna("").groupby(groups).nunique().eq(1)
    outcome[repeated.index] = (
        equal.loc[groups].map({True: "repeated", False: "conflict"}).to_numpy()
    )
    first = repeated.index[~groups.duplicated() & equal.loc[groups].to_numpy()]
    outcome[first] = "written"
    findings = []
    for number in range(min(len(equal), MOST)):
        rows = keys.index.get_indexer(groups.index[groups == number])
        named = {d: str(keys[d].iloc[rows[0]]) for d in dimensions}
        texts = (figures["text"] if "text" in figures.columns else keys[measure]).iloc[
            rows[:SHOWN]
        ]
        printed = [str(t) for t in texts]
        places = [place(int(p)) for p in rows[:SHOWN]]
        findings.append(
            _find_repetition(bool(equal.loc[number]), named, places, printed, measure)
        )
    return findings


def _exact(value: object) -> str:
    return str(Decimal(value).normalize()) if isinstance(value, str) and value else ""


def _find_repetition(
    equal: bool, key: dict[str, str], places: list[Place], printed: list[str], measure: str
) -> Finding:
    """Make the finding of cells that give one observation, with equal or different values."""
    cells = [
        f"{place.sheet!r} {place.cell} prints {text!r}" if place.cell else repr(text)
        for place, text in zip(places, printed, strict=True)
    ]
    count = len(places)
    return find(
        "repeated-observation" if equal else "conflicting-observations",
        replace(places[0], key=key),
        component=measure,
        read=", ".join(printed),
        affects="written once" if equal else f"{count} observations, not written",
        count=count,
        cells=", ".join(cells),
    )
