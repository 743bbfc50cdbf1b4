"""Identical blocks: the same figures and codes in tables that measure different things."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ilms_sdmx.findings import Finding, find, phrase
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
    pairs = _identical_pairs(cells)
    for pair in pairs.to_dict("records"):
        table = pool.tables[int(pair["table"])]
        table_of = pair["table_of"]
        first = pool.tables[int(table_of)]
        row = int(pair["row"])
        count = int(pair["cells"])
        yield _find_block(table, row, first, count)


def _identical_pairs(cells: pd.DataFrame) -> pd.DataFrame:
    """One row a pair of tables and a block: `cells` they share, and the first `row` of them."""
    pairs = _repeated_pairs(cells)
    by_block = pairs.groupby(["block", "table_of", "table"])
    shared = by_block.agg(cells=("row", "size"), digits=("digits", "sum"), row=("row", "first"))
    shared = shared.reset_index()
    grouped = cells.groupby(["block", "table"])
    sizes = grouped.size()
    blocks = shared[["block", "table"]]
    size = _sizes_of(sizes, blocks)
    size_of_other = _sizes_of(sizes, shared[["block", "table_of"]])
    smaller = np.minimum(size, size_of_other)
    has_cells = shared["cells"] >= _CELLS
    has_share = shared["cells"] >= _SHARE * smaller
    digits = shared["digits"]
    has_digits = digits >= _DIGITS
    return shared[has_cells & has_share & has_digits]


def _repeated_pairs(cells: pd.DataFrame) -> pd.DataFrame:
    """Pairs of equal cells of two tables with different measures, the later table first."""
    is_repeated = cells.duplicated(["block", "content"], keep=False)
    repeated = cells[is_repeated].drop_duplicates(["block", "content", "table"])
    pairs = repeated.merge(repeated, on=["block", "content"], suffixes=("", "_of"))
    table_of = pairs["table_of"]
    is_later = pairs["table"] > table_of
    measure = pairs["measure"]
    measure_of = pairs["measure_of"]
    differs = measure != measure_of
    is_pair = is_later & differs
    return pairs[is_pair]


def _sizes_of(sizes: pd.Series[int], blocks: pd.DataFrame) -> Array:
    """Number of cells of some blocks of tables."""
    index = pd.MultiIndex.from_frame(blocks)
    return sizes.reindex(index).to_numpy()


def _find_block(table: Coded, row: int, first: Coded, cells: int) -> Finding:
    place = table.place(row)
    codes = [table.text(name, row) for name in table.among("REF_AREA", table.time)]
    where = ".".join(codes)
    read = phrase("cells-of", count=cells, table=table.name)
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

    `content` is a hash of the figure and of the country or class it is for, whatever their
    role.
    """
    measure: Array | int = number
    if "MEASURE" in table.dimensions:
        levels = table.levels("MEASURE")
        hashes = hashed([*levels, ""])
        measure = hashes[table.codes("MEASURE")]
    block = _block(table)
    content = _content(table)
    cells = pd.DataFrame({"block": block, "content": content})
    cells["measure"] = measure
    cells["table"] = number
    cells["row"] = np.arange(len(table))
    cells["digits"] = table.digits
    has_figure = table.finite & (table.figures.value != 0)
    is_detail = _is_detail(table)
    used_cells: pd.DataFrame = cells[has_figure & is_detail]
    return used_cells


def _block(table: Coded) -> Array:
    """Hash of area and period of each row."""
    block = np.zeros(len(table), dtype=np.int64)
    for dimension in table.among("REF_AREA", table.time):
        hashes = _code_hashes(table, dimension)
        block = block * np.int64(31) + hashes.view(np.int64)
    return block


def _content(table: Coded) -> Array:
    """Hash of the classes and the figure of each row."""
    scale = table.figures.scale
    value = table.figures.value / scale
    unsigned_zeros = np.ascontiguousarray(value + 0.0)
    bits = unsigned_zeros.view(np.uint64)
    (salt_of_figure,) = hashed(["value"])
    content: Array = salt_of_figure * bits
    for dimension in table.dimensions:
        if dimension not in _NO_CLASS and dimension != table.time:
            code_hashes = _code_hashes(table, dimension)
            content = content + code_hashes
    return content


def _is_detail(table: Coded) -> Array:
    """Mask of the rows with at least one code that is no total."""
    detail = np.zeros(len(table), dtype=bool)
    for dimension in table.dimensions:
        if dimension not in (*_NO_CLASS, "SEX", table.time):
            is_total = table.having(dimension, totals(dimension))
            detail |= ~is_total
    return detail


def _code_hashes(table: Coded, dimension: str) -> Array:
    """Hash of each row's code; of partners without their role: a country is one everywhere."""
    names = []
    for level in table.levels(dimension):
        if level.startswith(PARTNERS):
            _, _, country = level.rpartition("_")
            names.append(country)
        else:
            names.append(f"{dimension}={level}")
    hashes = hashed([*names, ""])
    return hashes[table.codes(dimension)]
