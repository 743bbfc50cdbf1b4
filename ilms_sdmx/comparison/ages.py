"""Age bands added up to the ages that the other side counts, where they tile them exactly."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ilms_sdmx.comparison.sides import keys

if TYPE_CHECKING:
    from ilms_sdmx.comparison.sides import Side

#: Upper bound of an open band.
OPEN = 200
_BAND = re.compile(r"(?:Y|^)(?:(\d+)-(\d+)|GE(\d+)|(\d+)\+|LT(\d+))$")


def ages(text: str) -> tuple[int, int] | None:
    """First and last completed year of an age band, by code or text; None where it is none.

    Examples
    --------
    >>> from ilms_sdmx.comparison.ages import ages
    >>> [ages(t) for t in ("AGE_5YRBANDS_Y15-19", "AGE_AGGREGATE_YGE65", "15+", "AGE_AGGREGATE_YLT15", "all")]
    [(15, 19), (65, 200), (15, 200), (0, 14), None]
    """
    found = _BAND.search(text)
    if not found:
        return None
    low, high, at_least, plus, below = (int(n) if n else None for n in found.groups())
    if low is not None and high is not None:
        return low, high
    first = at_least if at_least is not None else plus
    return (first, OPEN) if first is not None else (0, (below or 1) - 1)


def with_ages(side: Side, wanted: str) -> Side | None:
    """Figures of a side for all of `wanted` ages; None where it has no bands that give them.

    They are the sum of bands that tile them, or, for ages without an upper bound, everybody less the bands
    below; in either case only where every band is there. Everybody of 15 years and over is the population of
    working age.
    """
    target = ages(wanted)
    details = [str(c) for c in side.figures["detail"].cat.categories]
    bands = [next((t for t in d.split() if t.startswith("AGE_")), "") for d in details]
    if target is None or not any(bands) or (side.records["ages"] == wanted).any():
        return None
    codes = set(bands) - {""}
    if chosen := _tiling(target, codes):
        terms = dict.fromkeys(chosen, 1)
    elif target[1] == OPEN and (below := _tiling((0, target[0] - 1), codes)):
        terms = {"": 1} | dict.fromkeys(below, -1)
    else:
        return None
    return _summed(side, _terms(side, details, bands, terms), len(terms), wanted)


def _terms(
    side: Side, details: list[str], bands: list[str], terms: dict[str, int]
) -> pd.DataFrame:
    """Figures that enter the sum, with their sign, without their band."""
    figures = side.figures
    codes = figures["detail"].cat.codes.to_numpy()
    sign = np.array([terms.get(band, 0) for band in bands])[codes]
    # A total is everybody only where its record says so.
    everybody = (side.records["ages"] == "all").to_numpy()[
        figures["record"].to_numpy() - side.records.index[0]
    ]
    banded = np.array([band != "" for band in bands])[codes]
    taken = (sign != 0) & (banded | everybody) & figures["value"].notna().to_numpy()
    rest = [
        " ".join(t for t in d.split() if t != band)
        for d, band in zip(details, bands, strict=True)
    ]
    parts: pd.DataFrame = figures.assign(value=figures["value"] * sign)[taken].reset_index(
        drop=True
    )
    parts["detail"] = pd.Categorical([rest[c] for c in parts["detail"].cat.codes])
    return parts


def _summed(side: Side, parts: pd.DataFrame, number: int, wanted: str) -> Side | None:
    numbers = keys(parts, ["host", "origin", "sex", "detail", "period"])
    grouped = parts["value"].groupby(numbers)
    complete = (grouped.transform("size") == number).to_numpy()
    first = complete & ~pd.Series(numbers).duplicated().to_numpy()
    if not first.any():
        return None
    summed = parts.assign(value=grouped.transform("sum"), row=np.int32(-1))[first].reset_index(
        drop=True
    )
    scope = side.records["scope"].where(side.records["scope"] != "all", "working-age")
    records = side.records.assign(
        ages=wanted, scope=scope if wanted == "15+" else side.records["scope"]
    )
    return replace(
        side, name=f"{side.name}, {wanted}", figures=summed, records=records, findings=()
    )


def _tiling(target: tuple[int, int], codes: set[str]) -> list[str]:
    """Bands of one classification version that follow each other from the first to the last age wanted."""
    for version in sorted({code.rpartition("_")[0] for code in codes}):
        bands = {
            code: ages(code) for code in sorted(codes) if code.rpartition("_")[0] == version
        }
        found, at = [], target[0]
        while at <= target[1]:
            # Of bands that begin alike the shortest: they are the parts of the longer ones.
            ends = [
                (b[1], c) for c, b in bands.items() if b and b[0] == at and b[1] <= target[1]
            ]
            if not ends:
                break
            end, code = min(ends)
            found.append(code)
            at = end + 1
        if found and at > target[1]:
            return found
    return []
