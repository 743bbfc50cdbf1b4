"""Stubs: the columns in which the labels of rows are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from ilms_sdmx.conversion.layout.grid import At, Grid
from ilms_sdmx.conversion.layout.places import place_of_number
from ilms_sdmx.conversion.layout.regions import Region
from ilms_sdmx.mapping.layout import RowHeading


@dataclass(frozen=True, eq=False)
class Stubs:
    """Columns of the row headings of a region.

    Parameters
    ----------
    columns
        Name of each row heading to its column.
    further
        Name to further columns over which its labels are spread.
    """

    columns: dict[str, int]
    further: dict[str, tuple[int, ...]]

    @cached_property
    def every(self) -> frozenset[int]:
        """All columns of row labels."""
        columns = set(self.columns.values())
        columns.update(*self.further.values())
        return frozenset(columns)

    def place(self, grid: Grid, name: str, row: int) -> At:
        """Place of the label of a row: the last of its columns that is not blank."""
        first = self.columns[name]
        for column in reversed(self.further.get(name, ())):
            if grid.text((row, column)):
                return row, column
        return row, first


def stubs_of(region: Region) -> Stubs:
    """Columns of each row heading: by address, under its header, or the next that is free."""
    columns = {}
    further = {}
    free = list(region.columns)
    for find_column in _WAYS:
        for heading in region.layout.rows:
            column = find_column(region, heading, free)
            if column is None:
                continue
            columns[heading.name] = column
            further[heading.name] = _further_columns(heading, column, free)
            taken = {column, *further[heading.name]}
            free = [known for known in free if known not in taken]
    return Stubs(columns, further)


def _column_by_address(region: Region, heading: RowHeading, free: list[int]) -> int | None:
    """Column of a heading that the mapping names by address."""
    if not heading.column:
        return None
    return place_of_number(region.grid.column_numbers, heading.column)


def _column_by_header(region: Region, heading: RowHeading, free: list[int]) -> int | None:
    """Free column under the header of a heading."""
    if heading.column or heading.header is None:
        return None
    for column in free:
        for row in range(region.top, region.body):
            if heading.header.matches(region.header_text(row, column)):
                return column
    return None


def _next_column(region: Region, heading: RowHeading, free: list[int]) -> int | None:
    """First free column, for a heading of which nothing is said."""
    if heading.column or heading.header is not None or not free:
        return None
    return free[0]


_WAYS: tuple[Callable[[Region, RowHeading, list[int]], int | None], ...] = (
    _column_by_address,
    _column_by_header,
    _next_column,
)


def _further_columns(heading: RowHeading, column: int, free: list[int]) -> tuple[int, ...]:
    """Free columns after the column of a heading over which its labels are spread."""
    is_named = heading.column or heading.header is not None
    if not is_named:
        return tuple(free[1 : heading.spread])
    end = column + heading.spread
    return tuple(number for number in free if column < number < end)
