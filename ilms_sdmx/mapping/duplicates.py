"""Settling of keys that occur twice: equal values are noted and written once, different ones are an error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from ilms_sdmx.datasets import Components
from ilms_sdmx.findings import Finding, Place, Severity

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
        findings.append(_finding(bool(equal.loc[number]), named, places, printed, measure))
    return findings


def _exact(value: object) -> str:
    return str(Decimal(value).normalize()) if isinstance(value, str) and value else ""


def _finding(
    equal: bool, key: dict[str, str], places: list[Place], printed: list[str], measure: str
) -> Finding:
    where = ", ".join(
        f"{p.sheet!r} {p.cell} prints {t!r}" if p.cell else repr(t)
        for p, t in zip(places, printed, strict=True)
    )
    word = "equal" if equal else "different"
    return Finding(
        "repeated-observation" if equal else "conflicting-observations",
        Severity.NOTE if equal else Severity.ERROR,
        f"{len(places)} cells give the same observation with {word} values: {where}.",
        place=replace(places[0], key=key),
        component=measure,
        read=", ".join(printed),
        expected="one value for one key",
        fix=""
        if equal
        else "give the cells different keys, or ignore one of them by a rule with the reason",
        affects="written once" if equal else f"{len(places)} observations, not written",
    )
