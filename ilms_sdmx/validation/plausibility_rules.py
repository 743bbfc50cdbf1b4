"""Rules on single figures and on pairs of codes: signs, shares, years read as values, repeated figures."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ilms_sdmx.findings import Finding
from ilms_sdmx.periods import parse_period
from ilms_sdmx.validation.coded import Array, Coded
from ilms_sdmx.validation.coded.pool import hashed
from ilms_sdmx.validation.gap_rules import digits
from ilms_sdmx.validation.raising import affected, finding, listed
from ilms_sdmx.validation.relations import Relation

#: Shares of a whole, in per cent; other rates (growth, indices) may be above 100.
_SHARES = ("EAP_DWAP_RT", "EMP_DWAP_RT", "EIP_DWAP_RT", "UNE_DEAP_RT", "EIP_NEET_RT")
#: What floating point may leave of a whole number of persons.
_WHOLE = 1e-4
#: Significant digits that the figures of two codes share before the one is taken for a copy of the other.
_REPEATED = 6
#: Eras in which a figure may be its own year (Gregorian, Buddhist, Solar Hijri), how many must be, and which
#: share of the figures of their area and period, for a large table has such figures by chance.
_ERAS, _YEARS, _YEAR_SHARE = (0, 543, -621), 2, 0.1


def plausibility_findings(coded: Coded, relations: list[Relation]) -> Iterator[Finding]:
    """Check single figures and pairs of codes by all rules on them."""
    yield from _negative(coded)
    yield from _above_hundred(coded)
    yield from _fractions(coded)
    yield from _years(coded)
    yield from _repeated(coded, relations)


def _figure(
    coded: Coded, rule: str, mask: Array, message: str, expected: str, fix: str
) -> Iterator[Finding]:
    measure = coded.dataset.components.measures[0]
    yield from listed(
        rule,
        coded,
        np.flatnonzero(mask),
        lambda row: finding(
            rule,
            message,
            coded.place(row),
            component=measure,
            read=coded.text(measure, row),
            expected=expected,
            fix=fix,
        ),
    )


def _counted(coded: Coded) -> Array:
    """Mark measures that count: all of ILO's numbers."""
    if "MEASURE" not in coded.dimensions:
        return np.zeros(len(coded), dtype=bool)
    return coded.having("MEASURE", [m for m in coded.levels("MEASURE") if m.endswith("_NB")])


def _shared(coded: Coded) -> Array:
    """Mark measures that are a share of a whole."""
    if "MEASURE" not in coded.dimensions:
        return np.zeros(len(coded), dtype=bool)
    return coded.having("MEASURE", _SHARES)


def _persons(coded: Coded) -> Array:
    """Rows that count persons, by their unit where it is reported."""
    if "UNIT_MEASURE" not in coded.dataset.observations:
        return np.zeros(len(coded), dtype=bool)
    return coded.having("UNIT_MEASURE", ("PS", "PER", "PERS"))


def _negative(coded: Coded) -> Iterator[Finding]:
    with np.errstate(invalid="ignore"):
        mask = (coded.figures.value < 0) & (_counted(coded) | _shared(coded) | _persons(coded))
    fix = "Correct the sign, or replace a marker such as -1 by no value and a status."
    yield from _figure(
        coded, "negative-value", mask, "The figure is negative.", "0 or more", fix
    )


def _above_hundred(coded: Coded) -> Iterator[Finding]:
    with np.errstate(invalid="ignore"):
        mask = (coded.figures.value > 100) & _shared(coded)
    fix = "Check the decimal point, and that the figure is a rate and not a number."
    yield from _figure(
        coded, "rate-above-hundred", mask, "A share is above 100 per cent.", "0 to 100", fix
    )


def _fractions(coded: Coded) -> Iterator[Finding]:
    """Report areas and periods with parts of persons, where UNIT_MULT says in what the figures are."""
    if "UNIT_MULT" not in coded.dataset.observations:
        return
    stated = ~coded.having("UNIT_MULT", [""]) & (coded.codes("UNIT_MULT") >= 0)
    value = np.where(
        coded.finite & stated & (_persons(coded) | _counted(coded)), coded.figures.value, 0.0
    )
    odd = np.flatnonzero(np.abs(value - np.round(value)) > _WHOLE)
    block, _ = coded.groups(
        [d for d in coded.dimensions if d in ("REF_AREA", "MEASURE", coded.time)]
    )
    _, first, count = np.unique(block[odd], return_index=True, return_counts=True)
    counts = dict(zip(odd[first].tolist(), count.tolist(), strict=True))
    measure = coded.dataset.components.measures[0]

    def make(row: int) -> Finding:
        thousand = coded.text("UNIT_MULT", row) == "0"
        return finding(
            "part-of-person",
            f"The figure is {value[row]:.10g} persons.",
            coded.place(row),
            component=measure,
            read=coded.text(measure, row),
            expected="a whole number of persons",
            cause="figures in thousands with UNIT_MULT 0, or an estimate that was not rounded"
            if thousand
            else "",
            fix="Correct UNIT_MULT if the figures are in thousands, else round them to whole persons.",
            affects=affected(coded, odd[block[odd] == block[row]][:5], counts[row]),
        )

    yield from listed("part-of-person", coded, np.array(sorted(counts), dtype=np.int64), make)


def _years(coded: Coded) -> Iterator[Finding]:
    """Report figures that are their own year, in the Gregorian, Buddhist or Solar Hijri count."""
    if not coded.time:
        return
    year = np.array([*(_year(t) for t in coded.levels(coded.time)), np.nan])[
        coded.codes(coded.time)
    ]
    value = coded.figures.value / coded.figures.scale
    with np.errstate(invalid="ignore"):
        mask = np.logical_or.reduce([value == year + era for era in _ERAS]) & coded.finite
    block = coded.groups([d for d in coded.dimensions if d in ("REF_AREA", coded.time)])
    mask &= _many(mask, coded.finite, block, _YEAR_SHARE) | _many(
        mask, coded.finite, coded.others(coded.time), 1
    )
    fix = "Check that no row of years was read as figures."
    yield from _figure(
        coded, "year-as-value", mask, "The figure is its own year.", "a figure", fix
    )


def _many(mask: Array, of: Array, groups: tuple[Array, int], share: float) -> Array:
    """Mark groups in which at least so many rows, and such a share of mask `of`, are marked."""
    group, size = groups
    count = np.bincount(group[mask], minlength=size)
    many: Array = (count >= _YEARS) & (count >= share * np.bincount(group[of], minlength=size))
    return many[group]


def _year(text: str) -> float:
    period = parse_period(text)
    return float("nan") if period is None else float(period.year)


def _repeated(coded: Coded, relations: list[Relation]) -> Iterator[Finding]:
    """Codes that repeat, for every sex, the figures of another code of the same area and period.

    What must be equal is left out: a total of one part, or a code and the only part of it that is reported.
    An overlapping code that equals the residual is always told, for it says that nothing else was classified.
    """
    for dimension in coded.dimensions:
        mine = [r for r in relations if r.dimension == dimension and r.rule != "nested-total"]
        if dimension in ("SEX", "REF_AREA", "FREQ", "MEASURE", coded.time) or not mine:
            continue
        totals = {r.total for r in relations if r.dimension == dimension}
        yield from _repeats(coded, dimension, totals, _overlaps(mine))


def _overlaps(relations: list[Relation]) -> set[tuple[str, str]]:
    """Pairs of an overlapping code and the residual of its version."""
    extra = {p for r in relations if r.rule == "overlap-total" for p in r.parts}
    residuals = {r.residual for r in relations if r.residual}
    return {(one, other) for one in extra for other in residuals}


def _repeats(
    coded: Coded, dimension: str, totals: set[str], overlaps: set[tuple[str, str]]
) -> Iterator[Finding]:
    frame = _vectors(coded, dimension)
    frame = frame[frame.duplicated(["block", "content"], keep=False)]
    if not len(frame):
        return
    frame = frame[frame["digits"] > 0].sort_values(["block", "content", "code"])
    pairs = frame.merge(frame, on=["block", "content"], suffixes=("", "_of"))
    pairs = pairs[pairs["code"] < pairs["code_of"]]
    levels = np.array(coded.levels(dimension), dtype=object)
    pairs["one"], pairs["other"] = levels[pairs["code"]], levels[pairs["code_of"]]
    named = zip(pairs["one"], pairs["other"], pairs["digits"], strict=True)
    odd = np.array(
        [_odd(one, other, count, totals, overlaps) for one, other, count in named], dtype=bool
    )
    pairs = pairs[odd]
    of = dict(zip(pairs["row_of"].tolist(), pairs["row"].tolist(), strict=True))
    measure = coded.dataset.components.measures[0]
    yield from listed(
        "repeated-value",
        coded,
        np.array(sorted(of), dtype=np.int64),
        lambda row: finding(
            "repeated-value",
            f"{coded.text(dimension, row)} repeats the figures of {coded.text(dimension, of[row])}.",
            coded.place(row),
            component=dimension,
            read=coded.text(measure, row),
            expected=f"figures other than those of {coded.text(dimension, of[row])}",
            cause="a row copied, or an overlapping code reported again as not classified",
            fix="Check both rows against the source and take out the copy.",
        ),
    )


def _odd(
    one: str, other: str, count: int, totals: set[str], overlaps: set[tuple[str, str]]
) -> bool:
    if (one, other) in overlaps or (other, one) in overlaps:
        return True
    version = one.rpartition("_")[0] == other.rpartition("_")[0]
    nested = {one, other} & (totals | {pair[0] for pair in overlaps})
    return version and not nested and count >= _REPEATED


def _vectors(coded: Coded, dimension: str) -> pd.DataFrame:
    """One row a code in a block of one area and period: hash and digits of its figures for every sex."""
    by = [d for d in coded.dimensions if d not in (dimension, "SEX")]
    block, _ = coded.groups(by)
    used = np.flatnonzero(coded.finite)
    frame = pd.DataFrame(
        {"block": block[used], "code": coded.codes(dimension)[used], "row": used}
    )
    sex = np.ones(len(used), dtype=np.uint64)
    if "SEX" in coded.dimensions:
        sex = hashed([*coded.levels("SEX"), ""])[coded.codes("SEX")[used]]
    frame["content"] = sex * np.ascontiguousarray(coded.figures.value[used] + 0.0).view(
        np.uint64
    )
    frame["digits"] = digits(coded)[used]
    return frame.groupby(["block", "code"], sort=False, as_index=False).agg(
        content=("content", "sum"), digits=("digits", "sum"), row=("row", "first")
    )
