"""Rules of completeness: missing periods, missing cells, codes that come and go, zeros, copied years."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from ilms_sdmx.findings import Finding
from ilms_sdmx.validation.coded import Array, Coded
from ilms_sdmx.validation.coded.pool import hashed, signs
from ilms_sdmx.validation.raising import finding, listed
from ilms_sdmx.validation.relations import is_partner
from ilms_sdmx.validation.series import Series, ordinals

#: A block is complete but for a few cells when at least this share of its cells is there.
_COMPLETE = 0.8
#: Digits that two years must share, in so many cells, before the one is called a copy of the other.
_DIGITS, _CELLS = 8, 3
#: Digits that a row of one code shares with the period before when it was copied, beyond the first three of
#: each figure: a rate may well stay what it was.
_ROW_DIGITS, _STEADY = 3, 3
#: A zero is odd beside figures of so many rounding units.
_LARGE = 50


def gap_findings(coded: Coded) -> Iterator[Finding]:
    """Check completeness by all its rules."""
    if not coded.time:
        return
    yield from _gaps(coded)
    yield from _cells(coded)
    yield from _labels(coded)
    yield from _zeros(coded)
    yield from _copied_years(coded)


def _by_area(coded: Coded) -> list[str]:
    return [d for d in coded.dimensions if d in ("REF_AREA", "FREQ", "MEASURE")]


def _gaps(coded: Coded) -> Iterator[Finding]:
    """Periods that an area's whole table skips."""
    area, _ = coded.groups(_by_area(coded))
    frame = pd.DataFrame({"area": area, "at": ordinals(coded), "row": np.arange(len(coded))})
    frame = (
        frame[coded.finite].dropna().drop_duplicates(["area", "at"]).sort_values(["area", "at"])
    )
    step = frame.groupby("area")["at"].diff().to_numpy()
    usual = frame.assign(step=step).groupby("area")["step"].transform("min").to_numpy()
    late = np.flatnonzero((step > 1) & (usual == 1))
    rows, steps = (
        frame["row"].to_numpy(),
        dict(zip(frame["row"].to_numpy()[late], step[late], strict=True)),
    )

    def make(row: int) -> Finding:
        missing = int(steps[row]) - 1
        return finding(
            "period-gap",
            f"{missing} {'period is' if missing == 1 else 'periods are'} missing before "
            f"{coded.text(coded.time, row)}.",
            coded.place(row),
            component=coded.time,
            expected="every period between the first and the last",
            fix="Report the missing periods, or say in a note that there was no collection.",
        )

    yield from listed("period-gap", coded, np.sort(rows[late]), make)


def _codes_of(coded: Coded) -> list[str]:
    """Dimensions that break a table down, but sex and lists of partners, of which any may be absent."""
    fixed = {*_by_area(coded), "SEX", coded.time}
    return [d for d in coded.dimensions if d not in fixed and not is_partner(coded, d)]


def _cells(coded: Coded) -> Iterator[Finding]:
    """Cells missing in the cross of sex and the codes of a block of one area and period."""
    if "SEX" not in coded.dimensions:
        return
    rest = [d for d in coded.dimensions if d not in (*_by_area(coded), "SEX", coded.time)]
    if not rest:
        return
    block, blocks = coded.groups([*_by_area(coded), coded.time])
    code, codes = coded.groups(rest)
    sexes = len(coded.levels("SEX"))
    frame = pd.DataFrame(
        {"block": block, "code": code, "sex": coded.codes("SEX"), "row": np.arange(len(coded))}
    )
    frame = frame[coded.first & (coded.codes("SEX") >= 0)]
    there = np.bincount(frame["block"], minlength=blocks)
    width = np.bincount(
        np.unique(frame["block"] * sexes + frame["sex"]) // sexes, minlength=blocks
    )
    height = np.bincount(
        np.unique(frame["block"] * codes + frame["code"]) // codes, minlength=blocks
    )
    nearly = (
        (there < width * height)
        & (there >= _COMPLETE * width * height)
        & (width > 1)
        & (height > 2)
    )
    yield from _missing(coded, rest[-1], frame[nearly[frame["block"]]])


def _missing(coded: Coded, dimension: str, frame: pd.DataFrame) -> Iterator[Finding]:
    """Cells that blocks lack which have all others."""
    usual = frame.groupby("block")["sex"].agg(set)
    cells = frame.groupby(["block", "code"]).agg(sex=("sex", set), row=("row", "first"))
    lacking = [
        usual[b] - s
        for b, s in zip(cells.index.get_level_values("block"), cells["sex"], strict=True)
    ]
    absent = {
        int(row): min(sexes) for row, sexes in zip(cells["row"], lacking, strict=True) if sexes
    }

    def make(row: int) -> Finding:
        sex = coded.levels("SEX")[absent[row]]
        return finding(
            "missing-cell",
            f"{sex} is missing for {coded.text(dimension, row)}, in a block that is otherwise complete.",
            coded.place(row, SEX=sex),
            component="SEX",
            expected="a figure, or an observation without one and OBS_STATUS that says why",
            fix="Report the cell: 0 if there is none, no value with a status if it is not known.",
        )

    yield from listed("missing-cell", coded, np.array(sorted(absent), dtype=np.int64), make)


def _labels(coded: Coded) -> Iterator[Finding]:
    """Codes that an area's table gains or loses from one period to the next."""
    for dimension in _codes_of(coded):
        area, _ = coded.groups(_by_area(coded))
        frame = pd.DataFrame(
            {"area": area, "at": ordinals(coded), "code": coded.codes(dimension)}
        ).assign(row=np.arange(len(coded)))
        frame = frame[coded.finite].dropna().drop_duplicates(["area", "at", "code"])
        hashes = hashed([*coded.levels(dimension), ""])
        frame["hash"] = hashes[frame["code"]]
        blocks = frame.groupby(["area", "at"], sort=True).agg(
            set=("hash", "sum"), row=("row", "first")
        )
        area_of = blocks.index.get_level_values("area").to_numpy()
        same_area = np.append(False, area_of[1:] == area_of[:-1])[: len(blocks)]
        changed = same_area & (blocks["set"] != blocks["set"].shift()).to_numpy()
        near = np.unique(np.concatenate([np.flatnonzero(changed), np.flatnonzero(changed) - 1]))
        frame = (
            frame.set_index(["area", "at"]).sort_index().loc[blocks.index[near]]
            if len(near)
            else frame
        )
        yield from _changes(coded, dimension, frame, blocks, np.flatnonzero(changed))


def _changes(
    coded: Coded, dimension: str, frame: pd.DataFrame, blocks: pd.DataFrame, changed: Array
) -> Iterator[Finding]:
    rows = blocks["row"].to_numpy()
    at = {int(rows[i]): i for i in changed}
    sets = (
        {key: set(codes) for key, codes in frame.groupby(["area", "at"])["code"]}
        if len(changed)
        else {}
    )

    def make(row: int) -> Finding:
        now, then = (sets[blocks.index[at[row] - back]] for back in (0, 1))
        gained, lost = (
            sorted(coded.levels(dimension)[c] for c in diff)
            for diff in (now - then, then - now)
        )
        told = [
            f"{word} {', '.join(c[:8])}"
            for word, c in (("gains", gained), ("loses", lost))
            if c
        ]
        return finding(
            "labels-changed",
            f"{dimension} {' and '.join(told)} in {coded.text(coded.time, row)}.",
            coded.place(row),
            component=dimension,
            expected="the codes of the period before",
            fix="Check that rows of the source were neither lost nor renamed.",
        )

    yield from listed("labels-changed", coded, np.array(sorted(at), dtype=np.int64), make)


def _zeros(coded: Coded) -> Iterator[Finding]:
    """Zeros whose neighbours in time are large."""
    series = Series.of(coded)
    with np.errstate(invalid="ignore"):
        beside = np.fmin(series.before, series.after)
        odd = (series.value == 0) & (beside > _LARGE * series.unit)
    yield from listed(
        "zero-or-missing",
        coded,
        np.sort(series.rows[odd]),
        lambda row: finding(
            "zero-or-missing",
            "A zero stands among large figures of its series.",
            coded.place(row),
            read=coded.text(coded.dataset.components.measures[0], row),
            expected="a figure; or no value and OBS_STATUS M or O where there is none",
            fix="Say whether there was nothing to count, or nothing was counted.",
        ),
    )


def _copied_years(coded: Coded) -> Iterator[Finding]:
    """Periods of an area whose every figure repeats the period before, and rows of others that do."""
    area, _ = coded.groups(_by_area(coded))
    telling = digits(coded)
    years = _repeating(coded, area, telling, _DIGITS, _CELLS)
    yield from _copies(coded, years, "All figures of {time} are those of the period before.")
    row, _ = coded.others("SEX", coded.time)
    told = pd.MultiIndex.from_arrays([area[years], coded.codes(coded.time)[years]])
    rows = _repeating(coded, row, np.maximum(telling - _STEADY, 0), _ROW_DIGITS, 1)
    fresh = ~pd.MultiIndex.from_arrays([area[rows], coded.codes(coded.time)[rows]]).isin(told)
    yield from _copies(coded, rows[fresh], "In {time} the row repeats the period before.")


def _repeating(coded: Coded, group: Array, telling: Array, least: int, cells: int) -> Array:
    """First row of each group and period whose figures, of so many cells and digits, repeat those before."""
    at = ordinals(coded)
    used = np.flatnonzero(coded.finite & np.isfinite(at) & (coded.figures.value != 0))
    times = hashed([*(f"{coded.time}={t}" for t in coded.levels(coded.time)), ""])[
        coded.codes(coded.time)
    ]
    content = (signs(coded) - times + hashed(["v"])[0] * _bits(coded.figures.value))[used]
    frame = pd.DataFrame({"group": group[used], "at": at[used], "hash": content, "row": used})
    frame["digits"] = telling[used]
    blocks = frame.groupby(["group", "at"], sort=True).agg(
        content=("hash", "sum"),
        cells=("hash", "size"),
        digits=("digits", "sum"),
        row=("row", "first"),
    )
    same = (blocks["content"] == blocks["content"].shift()) & (blocks["cells"] >= cells)
    found: Array = np.sort(blocks.loc[same & (blocks["digits"] >= least), "row"].to_numpy())
    return found


def _copies(coded: Coded, rows: Array, message: str) -> Iterator[Finding]:
    yield from listed(
        "repeated-year",
        coded,
        rows,
        lambda row: finding(
            "repeated-year",
            message.format(time=coded.text(coded.time, row)),
            coded.place(row),
            component=coded.time,
            read=coded.text(coded.time, row),
            expected="figures of its own",
            fix="Replace the copied figures by those of this period.",
        ),
    )


def _bits(values: Array) -> Array:
    return np.ascontiguousarray(values + 0.0).view(np.uint64)


def digits(coded: Coded) -> Array:
    """Significant digits of each row's figure as reported, without closing zeros."""
    measure = coded.dataset.components.measures[0]
    if measure not in coded.dataset.observations:
        return np.zeros(len(coded), dtype=np.int64)
    text = pc.utf8_trim(pc.replace_substring(coded.distinct(measure), ".", ""), "0+- ")
    count = pc.utf8_length(text).to_numpy(zero_copy_only=False)
    found: Array = np.append(count, 0)[coded.codes(measure)]
    return found
