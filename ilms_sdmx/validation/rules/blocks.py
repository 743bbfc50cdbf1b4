"""Identical blocks: the same figures for the same codes in tables that measure different things."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ilms_sdmx.findings import Finding, find
from ilms_sdmx.validation.arithmetic.relations import PARTNERS
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.pool import Pool, hashed, totals
from ilms_sdmx.validation.coded.table import Coded

#: Cells, share of the smaller block and significant digits that identical blocks share.
_CELLS, _SHARE, _DIGITS = 3, 0.6, 10
_NO_CLASS = ("REF_AREA", "FREQ", "MEASURE")


def find_identical_blocks(pool: Pool) -> Iterator[Finding]:
    """Findings of pairs of tables that have an identical block of one area and period."""
    if len(pool.tables) < 2:
        return
    frames = [_cells(number, table) for number, table in enumerate(pool.tables)]
    cells = pd.concat(frames, ignore_index=True)
    for pair in _identical_pairs(cells).to_dict("records"):
        table = pool.tables[int(pair["table"])]
        first = pool.tables[int(pair["table_of"])]
        yield _find_block(table, int(pair["row"]), first, int(pair["cells"]))


def _identical_pairs(cells: pd.DataFrame) -> pd.DataFrame:
    """One row a pair of tables and a block: `cells` they share, and the first `row` of them."""
    by_block = _repeated_pairs(cells).groupby(["block", "table_of", "table"])
    shared = by_block.agg(cells=("row", "size"), digits=("digits", "sum"), row=("row", "first"))
    shared = shared.reset_index()
    sizes = cells.groupby(["block", "table"]).size()
    size = _sizes_of(sizes, shared[["block", "table"]])
    size_of_other = _sizes_of(sizes, shared[["block", "table_of"]])
    smaller = np.minimum(size, size_of_other)
    has_many_cells = (shared["cells"] >= _CELLS) & (shared["cells"] >= _SHARE * smaller)
    has_many_digits = shared["digits"] >= _DIGITS
    return shared[has_many_cells & has_many_digits]


def _repeated_pairs(cells: pd.DataFrame) -> pd.DataFrame:
    """Pairs of equal cells of two tables that measure different things, the later table first."""
    is_repeated = cells.duplicated(["block", "content"], keep=False)
    repeated = cells[is_repeated].drop_duplicates(["block", "content", "table"])
    pairs = repeated.merge(repeated, on=["block", "content"], suffixes=("", "_of"))
    is_pair = pairs["table"] > pairs["table_of"]
    differs = pairs["measure"] != pairs["measure_of"]
    return pairs[is_pair & differs]


def _sizes_of(sizes: pd.Series[int], blocks: pd.DataFrame) -> Array:
    """Number of cells of some blocks of tables."""
    index = pd.MultiIndex.from_frame(blocks)
    return sizes.reindex(index).to_numpy()


def _find_block(table: Coded, row: int, first: Coded, cells: int) -> Finding:
    place = table.place(row)
    codes = [table.text(name, row) for name in table.among("REF_AREA", table.time)]
    where = ".".join(codes)
    read = f"{cells} cells of {table.name}"
    name = first.name
    return find(
        "identical-blocks",
        place,
        read=read,
        affects=name,
        count=cells,
        where=where,
        table=name,
    )


def _cells(number: int, table: Coded) -> pd.DataFrame:
    """Figures that are neither zero nor totals, one row each.

    `content` is a hash of the figure and of the country or class it is for, whatever their role.
    """
    measure: Array | int = number
    if "MEASURE" in table.dimensions:
        measure = hashed([*table.levels("MEASURE"), ""])[table.codes("MEASURE")]
    cells = pd.DataFrame(
        {
            "block": _block(table),
            "content": _content(table),
            "measure": measure,
            "table": number,
            "row": np.arange(len(table)),
            "digits": table.digits,
        }
    )
    is_used = table.finite & (table.figures.value != 0) & _is_detail(table)
    used_cells: pd.DataFrame = cells[is_used]
    return used_cells


def _block(table: Coded) -> Array:
    """Hash of area and period of each row."""
    block = np.zeros(len(table), dtype=np.int64)
    for dimension in table.among("REF_AREA", table.time):
        block = block * np.int64(31) + _code_hashes(table, dimension).view(np.int64)
    return block


def _content(table: Coded) -> Array:
    """Hash of the classes and the figure of each row."""
    value = table.figures.value / table.figures.scale
    bits = np.ascontiguousarray(value + 0.0).view(np.uint64)
    content: Array = hashed(["value"])[0] * bits
    for dimension in table.dimensions:
        if dimension not in _NO_CLASS and dimension != table.time:
            content = content + _code_hashes(table, dimension)
    return content


def _is_detail(table: Coded) -> Array:
    """Mask of the rows with at least one code that is no total."""
    detail = np.zeros(len(table), dtype=bool)
    for dimension in table.dimensions:
        if dimension not in (*_NO_CLASS, "SEX", table.time):
            detail |= ~table.having(dimension, totals(dimension))
    return detail


def _code_hashes(table: Coded, dimension: str) -> Array:
    """Hash of each row's code; of partners without their role, so that a country is one everywhere."""
    names = []
    for level in table.levels(dimension):
        is_partner = level.startswith(PARTNERS)
        names.append(level.rpartition("_")[2] if is_partner else f"{dimension}={level}")
    return hashed([*names, ""])[table.codes(dimension)]
