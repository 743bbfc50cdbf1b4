"""Blank cells among the parts of a total: lines in which other groups have a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def blank_parts(parts: pd.DataFrame) -> pd.Series[int]:
    """Number of parts that are blank in each group that has any blank, by its number.

    Groups are next to each other where they have figures in the same lines: rows, where each
    group is in one column, or columns. A line in which one of them has no figure is a blank.
    """
    import pandas as pd

    for own, across in (("column_number", "row"), ("row", "column_number")):
        spread = _spread(parts, own)
        is_one = spread == 0
        is_several = _spread(parts, across) > 0
        lined = parts[is_one & is_several]
        if len(lined):
            return _missing_lines(lined, across)
    return pd.Series(dtype="int64")


def _spread(parts: pd.DataFrame, name: str) -> pd.Series[int]:
    """Distance from the first to the last row, or column, of the group of each part."""
    numbers = parts[name].groupby(parts["group"])
    return numbers.transform("max") - numbers.transform("min")


def _missing_lines(parts: pd.DataFrame, across: str) -> pd.Series[int]:
    """Number of lines of the groups next to it in which a group has no figure."""
    grouped = parts.groupby(["sheet", across], sort=False)
    lines = grouped.ngroup()
    blocks = _blocks(parts["group"], lines)
    lines_of_block = lines.groupby(blocks).nunique()
    lines_of_group = lines.groupby(parts["group"]).nunique()
    block_of_group = blocks.groupby(parts["group"]).first()
    missing = block_of_group.map(lines_of_block) - lines_of_group
    return missing[missing > 0]


def _blocks(groups: pd.Series[int], lines: pd.Series[int]) -> pd.Series[int]:
    """Number of the block of each part: groups that share a line are in one block."""
    blocks = groups
    while True:
        grouped = blocks.groupby(lines)
        of_lines = grouped.transform("min")
        of_groups = of_lines.groupby(groups).transform("min")
        if (of_groups == blocks).all():
            return blocks
        blocks = of_groups
