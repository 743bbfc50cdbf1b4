"""Identical blocks: the same figures for the same codes in tables that measure different things."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ilms_sdmx.findings import Finding
from ilms_sdmx.validation.coded import Array, Coded
from ilms_sdmx.validation.coded.pool import Pool, hashed, totals
from ilms_sdmx.validation.gap_rules import digits
from ilms_sdmx.validation.raising import finding
from ilms_sdmx.validation.relations import PARTNERS

#: Cells, share of the smaller block and significant digits that two blocks share before they are identical.
_CELLS, _SHARE, _DIGITS = 3, 0.6, 10


def block_findings(pool: Pool) -> Iterator[Finding]:
    """One finding for each pair of tables, area and period with identical blocks."""
    if len(pool.tables) < 2:
        return
    frame = pd.concat(
        [_cells(number, table) for number, table in enumerate(pool.tables)], ignore_index=True
    )
    sizes = frame.groupby(["block", "table"]).size()
    frame = frame[frame.duplicated(["block", "content"], keep=False)]
    frame = frame.drop_duplicates(["block", "content", "table"])
    pairs = frame.merge(frame, on=["block", "content"], suffixes=("", "_of"))
    pairs = pairs[
        (pairs["table"] > pairs["table_of"]) & (pairs["measure"] != pairs["measure_of"])
    ]
    shared = pairs.groupby(["block", "table_of", "table"]).agg(
        cells=("row", "size"),
        digits=("digits", "sum"),
        row=("row", "first"),
        row_of=("row_of", "first"),
    )
    for found in shared.reset_index().to_dict("records"):
        block, one, other = found["block"], found["table_of"], found["table"]
        smaller = min(sizes[(block, one)], sizes[(block, other)])
        enough = found["cells"] >= _CELLS and found["digits"] >= _DIGITS
        if enough and found["cells"] >= _SHARE * smaller:
            yield _identical(
                pool.tables[other], int(found["row"]), pool.tables[one], int(found["cells"])
            )


def _identical(table: Coded, row: int, first: Coded, cells: int) -> Finding:
    where = ".".join(c for d, c in table.key(row).items() if d in ("REF_AREA", table.time))
    return finding(
        "identical-blocks",
        f"{cells} figures of {where} are the same as in {first.name}.",
        table.place(row),
        read=f"{cells} cells of {table.name}",
        expected=f"figures other than those of {first.name}, which measures something else",
        cause="one table copied into the place of another",
        fix="Find out which table the figures belong to, and withdraw the other.",
        affects=first.name,
    )


def _cells(number: int, table: Coded) -> pd.DataFrame:
    """Figures that are neither zero nor totals, with the country or class they are for, whatever its role."""
    used = np.flatnonzero(table.finite & (table.figures.value != 0) & _detail(table))
    area = table.combined([])
    for dimension in ("REF_AREA", table.time):
        if dimension in table.dimensions:
            area = area * np.int64(31) + _plain(table, dimension).view(np.int64)
    content = np.zeros(len(table), dtype=np.uint64)
    for dimension in table.dimensions:
        if dimension not in ("REF_AREA", "FREQ", "MEASURE", table.time):
            content += _plain(table, dimension)
    value = table.figures.value / table.figures.scale
    content += hashed(["value"])[0] * np.ascontiguousarray(value + 0.0).view(np.uint64)
    measure = (
        hashed([*table.levels("MEASURE"), ""])[table.codes("MEASURE")]
        if "MEASURE" in table.dimensions
        else number
    )
    frame = pd.DataFrame(
        {"block": area, "content": content, "measure": measure, "table": number}
    )
    frame["row"], frame["digits"] = np.arange(len(table)), digits(table)
    return frame.iloc[used]


def _detail(table: Coded) -> Array:
    """Rows with at least one code that is no total."""
    detail = np.zeros(len(table), dtype=bool)
    for dimension in table.dimensions:
        if dimension not in ("REF_AREA", "FREQ", "MEASURE", "SEX", table.time):
            detail |= ~table.having(dimension, totals(dimension))
    return detail


def _plain(table: Coded, dimension: str) -> Array:
    """Hash of each row's code; of partners without their role, so that one country is one in all tables."""
    levels = [
        level.rpartition("_")[2] if level.startswith(PARTNERS) else f"{dimension}={level}"
        for level in table.levels(dimension)
    ]
    return hashed([*levels, ""])[table.codes(dimension)]
