"""Rules of completeness: missing periods and cells, changing codes, zeros, copied years."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ilms_sdmx.findings import Finding, find
from ilms_sdmx.validation.arithmetic.relations import is_partner
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.pool import hashed, signs
from ilms_sdmx.validation.coded.series import Series, ordinals, whole_steps
from ilms_sdmx.validation.coded.table import Coded
from ilms_sdmx.validation.rules.listing import listed

#: A block is complete but for a few cells when at least this share of its cells is there.
_COMPLETE = 0.8
#: Digits that two years must share, in so many cells, before the one is called a copy of the
#: other.
_DIGITS, _CELLS = 8, 3
#: Digits that a row of one code shares with the period before when it was copied, beyond the
#: first three of each figure: a rate may well stay what it was.
_ROW_DIGITS, _STEADY = 3, 3
#: A zero is odd next to figures of so many rounding units.
_LARGE = 50
#: Codes of a block that are named when they come or go.
_NAMED = 8
_TABLE = ("REF_AREA", "FREQ", "MEASURE")


def find_gaps(coded: Coded) -> Iterator[Finding]:
    """Findings of all rules of completeness."""
    if not coded.time:
        return
    yield from _find_missing_periods(coded)
    yield from _find_missing_cells(coded)
    yield from _find_changed_labels(coded)
    yield from _find_zeros(coded)
    yield from _find_copied_years(coded)


def _table_dimensions(coded: Coded) -> list[str]:
    return [dimension for dimension in coded.dimensions if dimension in _TABLE]


def _find_missing_periods(coded: Coded) -> Iterator[Finding]:
    """Findings of periods that an area's whole table skips."""
    missing = _missing_periods(coded)

    def make(row: int) -> Finding:
        period = coded.text(coded.time, row)
        place = coded.place(row)
        count = missing[row]
        return find("period-gap", place, component=coded.time, count=count, period=period)

    late_rows = np.array(sorted(missing), dtype=np.int64)
    yield from listed("period-gap", coded, late_rows, make)


def _missing_periods(coded: Coded) -> dict[int, int]:
    """Row of a period after a gap to the number of periods that are missing before it."""
    dimensions = _table_dimensions(coded)
    area, _ = coded.groups(dimensions)
    ordinal = ordinals(coded)
    frame = pd.DataFrame({"area": area, "at": ordinal})
    frame["row"] = np.arange(len(coded))
    known = frame[coded.finite].dropna()
    periods = known.drop_duplicates(["area", "at"])
    periods = periods.sort_values(["area", "at"])
    apart = periods.groupby("area")["at"].diff()
    periods["step"] = whole_steps(apart.to_numpy())
    grouped = periods.groupby("area")
    shortest_step = grouped["step"].transform("min")
    step = periods["step"]
    is_wide_step = step > 1
    is_late = is_wide_step & (shortest_step == 1)
    late = periods[is_late]
    count = (late["step"] - 1).astype(int)
    row = late["row"].tolist()
    pairs = zip(row, count.tolist(), strict=True)
    return dict(pairs)


def _listed_dimensions(coded: Coded) -> list[str]:
    """Dimensions that break a table down, without sex and lists of partners: any may lack."""
    breakdowns = _breakdowns(coded)
    return [dimension for dimension in breakdowns if not is_partner(coded, dimension)]


def _breakdowns(coded: Coded) -> list[str]:
    """Dimensions that break a table down, without sex."""
    fixed = {*_TABLE, "SEX", coded.time}
    return [dimension for dimension in coded.dimensions if dimension not in fixed]


def _find_missing_cells(coded: Coded) -> Iterator[Finding]:
    """Findings of cells that lack in the cross of sex and the codes of an area and period."""
    if "SEX" not in coded.dimensions:
        return
    breakdowns = _breakdowns(coded)
    if not breakdowns:
        return
    table_dimensions = _table_dimensions(coded)
    block, blocks = coded.groups([*table_dimensions, coded.time])
    code, codes = coded.groups(breakdowns)
    sex = coded.codes("SEX")
    rows = np.arange(len(coded))
    all_cells = pd.DataFrame({"block": block, "code": code, "sex": sex, "row": rows})
    has_sex = sex >= 0
    cells = all_cells[coded.first & has_sex]
    present = np.bincount(cells["block"], minlength=blocks)
    sexes = len(coded.levels("SEX"))
    width = _distinct_in_blocks(cells, "sex", sexes, blocks)
    height = _distinct_in_blocks(cells, "code", codes, blocks)
    has_columns = width > 1
    is_large = has_columns & (height > 2)
    expected = width * height
    is_nearly_complete = _is_nearly_complete(present, expected)
    nearly_complete = is_large & is_nearly_complete
    in_nearly_complete = nearly_complete[cells["block"]]
    dimension = breakdowns[-1]
    yield from _find_lacking(coded, dimension, cells[in_nearly_complete])


def _is_nearly_complete(present: Array, expected: Array) -> Array:
    """Mark blocks that lack a few of the cells that are expected."""
    lacks_some = present < expected
    has_most = present >= _COMPLETE * expected
    return np.asarray(lacks_some & has_most)


def _distinct_in_blocks(cells: pd.DataFrame, column: str, size: int, blocks: int) -> Array:
    """Count the distinct values of a column in each block."""
    block = cells["block"]
    first_of_block = block * size
    pairs = np.unique(first_of_block + cells[column])
    counts: Array = np.bincount(pairs // size, minlength=blocks)
    return counts


def _find_lacking(coded: Coded, dimension: str, cells: pd.DataFrame) -> Iterator[Finding]:
    """Findings of cells that blocks lack which have all others."""
    sexes_of_block = cells.groupby("block")["sex"].agg(set)
    grouped = cells.groupby(["block", "code"])
    rows_of_code = grouped.agg(sex=("sex", set), row=("row", "first"))
    lacking: dict[int, int] = {}
    for (block, _), sexes, row in rows_of_code.itertuples():
        absent = sexes_of_block[block] - sexes
        if absent:
            lacking[int(row)] = min(absent)
    names = coded.levels("SEX")

    def make(row: int) -> Finding:
        number = lacking[row]
        sex = names[number]
        code = coded.text(dimension, row)
        place = coded.place(row, SEX=sex)
        return find("missing-cell", place, component="SEX", missing=sex, code=code)

    rows = np.array(sorted(lacking), dtype=np.int64)
    yield from listed("missing-cell", coded, rows, make)


def _find_changed_labels(coded: Coded) -> Iterator[Finding]:
    """Findings of codes that an area's table gains or loses from one period to the next."""
    for dimension in _listed_dimensions(coded):
        frame = _codes_of_blocks(coded, dimension)
        by_block = frame.groupby(["area", "at"], sort=True)
        blocks = by_block.agg(set=("hash", "sum"), row=("row", "first"))
        areas = blocks.index.get_level_values("area").to_numpy()
        same_area = np.zeros(len(blocks), dtype=bool)
        area_before = areas[:-1]
        same_area[1:] = areas[1:] == area_before
        codes_before = blocks["set"].shift()
        has_other_codes = blocks["set"] != codes_before
        changed = np.flatnonzero(same_area & has_other_codes.to_numpy())
        if len(changed):
            yield from _find_changes(coded, dimension, frame, blocks, changed)


def _codes_of_blocks(coded: Coded, dimension: str) -> pd.DataFrame:
    """Codes of each area and place in time, once each, with a hash and the first row."""
    dimensions = _table_dimensions(coded)
    area, _ = coded.groups(dimensions)
    codes = coded.codes(dimension)
    at = ordinals(coded)
    rows = np.arange(len(coded))
    frame = pd.DataFrame({"area": area, "at": at, "code": codes, "row": rows})
    known = frame[coded.finite].dropna()
    distinct = known.drop_duplicates(["area", "at", "code"])
    levels = coded.levels(dimension)
    hashes = hashed([*levels, ""])
    code = distinct["code"]
    return distinct.assign(hash=hashes[code])


def _find_changes(
    coded: Coded, dimension: str, frame: pd.DataFrame, blocks: pd.DataFrame, changed: Array
) -> Iterator[Finding]:
    """Findings of the changed blocks of one dimension."""
    rows = blocks["row"].to_numpy()
    changed_blocks = changed.tolist()
    block_of_row = dict(zip(rows[changed].tolist(), changed_blocks, strict=True))
    changed_and_before = np.concatenate([changed, changed - 1])
    near = np.unique(changed_and_before)
    by_block = frame.set_index(["area", "at"]).sort_index()
    near_codes = by_block.loc[blocks.index[near]]
    grouped = near_codes.groupby(["area", "at"])
    code = grouped["code"]
    codes_of_block = code.agg(set)

    def make(row: int) -> Finding:
        number = block_of_row[row]
        block = blocks.index[number]
        block_before = blocks.index[number - 1]
        codes = codes_of_block[block]
        codes_before = codes_of_block[block_before]
        gained = _names(coded, dimension, codes - codes_before)
        lost = _names(coded, dimension, codes_before - codes)
        place = coded.place(row)
        period = coded.text(coded.time, row)
        case = _case_of_change(gained, lost)
        return find(
            "labels-changed",
            place,
            case=case,
            component=dimension,
            gained=gained,
            lost=lost,
            period=period,
        )

    changed_rows = np.array(sorted(block_of_row), dtype=np.int64)
    yield from listed("labels-changed", coded, changed_rows, make)


def _case_of_change(gained: str, lost: str) -> str:
    if gained and lost:
        return "both"
    if gained:
        return "gains"
    return "loses"


def _names(coded: Coded, dimension: str, codes: set[int]) -> str:
    """First few of some codes, in order."""
    levels = coded.levels(dimension)
    names = sorted(levels[code] for code in codes)
    return ", ".join(names[:_NAMED])


def _find_zeros(coded: Coded) -> Iterator[Finding]:
    """Findings of zeros among large figures of a series, at its end and its start.

    A neighbour is large by its own rounding unit: a zero itself shows no decimals.
    """
    series = Series.of(coded)
    if not len(series.rows):
        return
    is_zero = series.value == 0
    large_before = series.before > _LARGE * series.unit_before
    large_after = series.after > _LARGE * series.unit_after
    large_second = _shifted_mask(large_before, series.same)
    is_last = np.isnan(series.after)
    is_last_and_large = is_last & large_second
    falls = is_zero & large_before & (large_after | is_last_and_large)
    zeros_only_so_far = _zeros_only_so_far(series)
    starts = is_zero & large_after & zeros_only_so_far
    yield from _find_odd_zeros(coded, series.rows[falls], case="")
    yield from _find_odd_zeros(coded, series.rows[starts], case="start")


def _shifted_mask(mask: Array, same: Array) -> Array:
    """Mask of the entries whose entry before, in the same series, is marked."""
    before: Array = np.append(False, mask[:-1])
    return before & same


def _zeros_only_so_far(series: Series) -> Array:
    """Mask of the entries up to which their series has nothing but zeros."""
    is_figure = pd.Series(series.value != 0)
    grouped = is_figure.groupby(series.number)
    above = grouped.cumsum()
    is_start: Array = (above == 0).to_numpy()
    return is_start


def _find_odd_zeros(coded: Coded, rows: Array, case: str) -> Iterator[Finding]:
    def make(row: int) -> Finding:
        place = coded.place(row)
        read = coded.printed(row)
        return find("zero-or-missing", place, case=case, read=read)

    yield from listed("zero-or-missing", coded, np.sort(rows), make)


def _find_copied_years(coded: Coded) -> Iterator[Finding]:
    """Findings of tables and rows whose every figure repeats the period before."""
    table_dimensions = _table_dimensions(coded)
    area, _ = coded.groups(table_dimensions)
    telling = coded.digits
    copied_tables = _repeating(coded, area, telling, _DIGITS, _CELLS)
    yield from _find_copies(coded, copied_tables, case="")
    row_group, _ = coded.others("SEX", coded.time)
    beyond_steady = np.maximum(telling - _STEADY, 0)
    copied_rows = _repeating(coded, row_group, beyond_steady, _ROW_DIGITS, 1)
    times = coded.codes(coded.time)
    areas_of_tables = area[copied_tables]
    times_of_tables = times[copied_tables]
    copied_blocks = pd.MultiIndex.from_arrays([areas_of_tables, times_of_tables])
    areas_of_rows = area[copied_rows]
    times_of_rows = times[copied_rows]
    blocks_of_rows = pd.MultiIndex.from_arrays([areas_of_rows, times_of_rows])
    is_told = blocks_of_rows.isin(copied_blocks)
    other_rows = copied_rows[~is_told]
    yield from _find_copies(coded, other_rows, case="row")


def _repeating(coded: Coded, group: Array, telling: Array, least: int, cells: int) -> Array:
    """First row of each group and period whose figures repeat those of the period before.

    They are at least so many digits and cells.
    """
    at = ordinals(coded)
    is_not_zero = coded.figures.value != 0
    has_figure = coded.finite & is_not_zero
    is_usable = has_figure & np.isfinite(at)
    used = np.flatnonzero(is_usable)
    frame = pd.DataFrame({"group": group[used], "at": at[used], "row": used})
    content = _hashed_contents(coded)
    frame["hash"] = content[used]
    frame["digits"] = telling[used]
    grouped = frame.groupby(["group", "at"], sort=True)
    blocks = grouped.agg(
        content=("hash", "sum"),
        cells=("hash", "size"),
        digits=("digits", "sum"),
        row=("row", "first"),
    )
    content_before = blocks["content"].shift()
    is_same = blocks["content"] == content_before
    has_cells = blocks["cells"] >= cells
    digits = blocks["digits"]
    has_digits = digits >= least
    repeating = blocks[is_same & has_cells & has_digits]
    row = repeating["row"].to_numpy()
    rows: Array = np.sort(row)
    return rows


def _hashed_contents(coded: Coded) -> Array:
    """Hash of each row's figure and key, without its period and codes of totals."""
    named_times = []
    for text in coded.levels(coded.time):
        named_times.append(f"{coded.time}={text}")
    hashes = hashed([*named_times, ""])
    hash_of_time = hashes[coded.codes(coded.time)]
    (salt_of_figure,) = hashed(["v"])
    bits = _bits(coded.figures.value)
    salted = salt_of_figure * bits
    content: Array = signs(coded) - hash_of_time + salted
    return content


def _find_copies(coded: Coded, rows: Array, case: str) -> Iterator[Finding]:
    def make(row: int) -> Finding:
        period = coded.text(coded.time, row)
        place = coded.place(row)
        return find("repeated-year", place, case=case, component=coded.time, read=period)

    yield from listed("repeated-year", coded, rows, make)


def _bits(values: Array) -> Array:
    """Bits of numbers; those of -0 are those of 0."""
    unsigned_zeros = np.ascontiguousarray(values + 0.0)
    return unsigned_zeros.view(np.uint64)
