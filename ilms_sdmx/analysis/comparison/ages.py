"""Age bands added up to the ages that the other side counts, where they tile them exactly."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ilms_sdmx.analysis.comparison.meets import records_of_groups
from ilms_sdmx.analysis.comparison.sides import keys

if TYPE_CHECKING:
    from ilms_sdmx.analysis.comparison.sides import Side

#: Upper bound of an open band.
OPEN = 200
_BAND = re.compile(r"(?:Y|^)(?:(\d+)-(\d+)|GE(\d+)|(\d+)\+|LT(\d+))$")


def age_range(text: str) -> tuple[int, int] | None:
    """First and last completed year of an age band, by code or text; None where it is none.

    Examples
    --------
    >>> from ilms_sdmx.analysis.comparison.ages import age_range
    >>> bands = ["AGE_5YRBANDS_Y15-19", "AGE_AGGREGATE_YGE65", "AGE_AGGREGATE_YLT15"]
    >>> [age_range(text) for text in [*bands, "15+", "all"]]
    [(15, 19), (65, 200), (0, 14), (15, 200), None]
    """
    band = _BAND.search(text)
    if not band:
        return None
    low, high, at_least, plus, below = band.groups()
    if low and high:
        return int(low), int(high)
    first = at_least or plus
    if first:
        return int(first), OPEN
    return 0, int(below) - 1


@dataclass(frozen=True)
class _Banded:
    """Details of a side and the age band in each.

    Parameters
    ----------
    details
        Categories of the column `detail`.
    bands
        Code of the age band in each of them, empty where there is none.
    """

    details: list[str]
    bands: list[str]

    @classmethod
    def of(cls, side: Side) -> _Banded:
        """Bands of the details of a side."""
        details = []
        for category in side.figures["detail"].cat.categories:
            details.append(str(category))
        return cls(details, [_band_of(detail) for detail in details])

    def without_bands(self) -> list[str]:
        """Details with their band left out."""
        rest = []
        for detail, band in zip(self.details, self.bands, strict=True):
            without_band = " ".join(part for part in detail.split() if part != band)
            rest.append(without_band)
        return rest


def _band_of(detail: str) -> str:
    for part in detail.split():
        if part.startswith("AGE_"):
            return part
    return ""


def with_ages(side: Side, wanted: str) -> Side | None:
    """Figures of a side for all of `wanted` ages; None where it has no bands that give them.

    They are the sum of bands that tile them, or, for ages without an upper bound, everybody
    less the bands below; in either case only where every band is there. Everybody of 15 years
    and over is the population of working age.
    """
    target = age_range(wanted)
    banded = _Banded.of(side)
    codes = set(banded.bands) - {""}
    ages = side.records["ages"]
    has_them = (ages == wanted).any()
    if target is None:
        return None
    if not codes:
        return None
    if has_them:
        return None
    signs = _signs(target, codes)
    if not signs:
        return None
    return _summed(side, _terms(side, banded, signs), len(signs), wanted)


def _signs(target: tuple[int, int], codes: set[str]) -> dict[str, int]:
    """Sign with which each band, or everybody (`""`), enters the sum for some ages.

    Empty where none gives them.
    """
    tiles = _tiling(target, codes)
    if tiles:
        return dict.fromkeys(tiles, 1)
    first, last = target
    below = _tiling((0, first - 1), codes) if last == OPEN else []
    if not below:
        return {}
    return {"": 1} | dict.fromkeys(below, -1)


def _terms(side: Side, banded: _Banded, signs: dict[str, int]) -> pd.DataFrame:
    """Figures that enter the sum, with their sign, without their band."""
    figures = side.figures
    codes = figures["detail"].cat.codes.to_numpy()
    sign_of_band = []
    is_band = []
    for band in banded.bands:
        sign_of_band.append(signs.get(band, 0))
        is_band.append(band != "")
    sign = np.array(sign_of_band)[codes]
    has_band = np.array(is_band)[codes]
    # A total is everybody only where its record says so.
    ages = side.records["ages"]
    counts_all = (ages == "all").to_numpy()
    record = figures["record"].to_numpy()
    first_label = side.records.index[0]
    record_rows = record - first_label
    is_everybody = counts_all[record_rows]
    is_known = has_band | is_everybody
    is_term = is_known & (sign != 0)
    value = figures["value"]
    has_value = value.notna().to_numpy()
    signed = figures.assign(value=value * sign)
    chosen = signed[is_term & has_value]
    terms: pd.DataFrame = chosen.reset_index(drop=True)
    details = np.array(banded.without_bands(), dtype=object)
    codes_of_terms = terms["detail"].cat.codes
    terms["detail"] = pd.Categorical(details[codes_of_terms])
    return terms


def _summed(side: Side, terms: pd.DataFrame, number: int, wanted: str) -> Side | None:
    """Side with the sums of the terms; None where a term is missing."""
    numbers = keys(terms, ["host", "origin", "sex", "detail", "period"])
    grouped = terms["value"].groupby(numbers)
    size = grouped.transform("size")
    is_complete = (size == number).to_numpy()
    is_repeated = pd.Series(numbers).duplicated()
    is_first = ~is_repeated.to_numpy()
    is_sum = is_complete & is_first
    if not is_sum.any():
        return None
    held = side.records
    next_label = int(held.index[-1]) + 1
    record_rows = terms["record"].to_numpy()
    made, record = records_of_groups(held, record_rows, numbers, next_label)
    row = np.int32(-1)
    value = grouped.transform("sum")
    with_sums = terms.assign(value=value, row=row, record=record)
    sums = with_sums[is_sum].reset_index(drop=True)
    records = pd.concat([held, made])
    if wanted == "15+":
        scope = records["scope"]
        records = records.assign(scope=scope.where(scope != "all", "working-age"))
    records = records.assign(ages=wanted)
    name = f"{side.name}, {wanted}"
    return replace(side, name=name, figures=sums, records=records, findings=())


def _tiling(target: tuple[int, int], codes: set[str]) -> list[str]:
    """Bands of one classification version that follow each other over the ages wanted."""
    codes_by_version: dict[str, list[str]] = {}
    for code in sorted(codes):
        version, _, _ = code.rpartition("_")
        of_version = codes_by_version.setdefault(version, [])
        of_version.append(code)
    for version in sorted(codes_by_version):
        bands = {}
        for code in codes_by_version[version]:
            band = age_range(code)
            if band:
                bands[code] = band
        tiles = _tiles(target, bands)
        if tiles:
            return tiles
    return []


def _tiles(target: tuple[int, int], bands: dict[str, tuple[int, int]]) -> list[str]:
    """Codes of the bands that follow each other over all ages wanted.

    None where one is missing.
    """
    tiles = []
    age, last = target
    while age <= last:
        candidates = []
        for code, (band_first, band_last) in bands.items():
            if band_first == age and band_last <= last:
                candidates.append((band_last, code))
        if not candidates:
            return []
        # Of bands that begin alike the shortest: they are the parts of the longer ones.
        band_last, code = min(candidates)
        tiles.append(code)
        age = band_last + 1
    return tiles
