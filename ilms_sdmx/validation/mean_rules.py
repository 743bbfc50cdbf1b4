"""Means: a rate or mean of a total lies between those of its parts, whatever their weights."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ilms_sdmx.findings import Finding
from ilms_sdmx.sums import allowance
from ilms_sdmx.validation.coded import Array, Coded
from ilms_sdmx.validation.raising import finding, listed, number
from ilms_sdmx.validation.relations import Relation, additive


def mean_findings(coded: Coded, relations: list[Relation], touched: Array) -> Iterator[Finding]:
    """Check rates and means; rows that took part are set in `touched`."""
    usable = coded.finite & ~additive(coded)
    if not usable.any():
        return
    for relation in relations:
        if relation.rule in ("sex-sum", "status-sum", "classification-sum"):
            yield from _between(coded, relation, usable, touched)


def _between(
    coded: Coded, relation: Relation, usable: Array, touched: Array
) -> Iterator[Finding]:
    groups, _ = coded.others(relation.dimension)
    figures = coded.figures
    total = np.flatnonzero(usable & coded.having(relation.dimension, [relation.total]))
    part = usable & coded.having(relation.dimension, relation.parts)
    frame = pd.DataFrame(
        {"group": groups[part], "value": figures.value[part], "unit": figures.unit[part]}
    )
    spans = frame.groupby("group").agg(
        low=("value", "min"), high=("value", "max"), unit=("unit", "max")
    )
    needed = [p for p in relation.parts if p not in relation.optional]
    counted = groups[part & coded.having(relation.dimension, needed)]
    spans = spans[np.bincount(counted, minlength=len(coded) + 1)[spans.index] == len(needed)]
    total = total[np.isin(groups[total], spans.index)]
    span = spans.loc[groups[total]]
    slack = allowance(span["unit"].to_numpy() + figures.unit[total])
    value = figures.value[total]
    outside = (value < span["low"].to_numpy() - slack) | (
        value > span["high"].to_numpy() + slack
    )
    touched[total] = True
    touched[np.flatnonzero(part)[np.isin(groups[part], spans.index)]] = True

    def make(row: int) -> Finding:
        low, high = (
            number(float(spans.loc[groups[row], side]), coded, row) for side in ("low", "high")
        )
        read = coded.text(coded.dataset.components.measures[0], row)
        return finding(
            "rate-between",
            f"{relation.total} is {read}, though its parts lie between {low} and {high}.",
            coded.place(row),
            component=relation.dimension,
            read=read,
            expected=f"{low} to {high}",
            fix=f"Correct {relation.total} or its parts in the source.",
        )

    yield from listed("rate-between", coded, np.sort(total[outside]), make)
