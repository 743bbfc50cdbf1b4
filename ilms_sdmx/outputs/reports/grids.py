"""Tables of a report: columns with headings, rows of cells that know how they sort."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from ilms_sdmx.outputs.reports.catalogues import Catalogue


@dataclass(frozen=True, slots=True)
class Column:
    """Column of a table of a report.

    Parameters
    ----------
    name
        Column of the frame.
    heading
        What the reader sees above it.
    number
        Whether it is aligned and sorted as figures.
    choice
        Whether the reader can choose among its values.
    decimals
        Decimals that are shown; None for all that a figure has.
    address, badge
        Columns of the frame that hold a link and a style; empty for none.
    """

    name: str
    heading: str
    number: bool = False
    choice: bool = False
    decimals: int | None = None
    address: str = ""
    badge: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """Cell of a table of a report.

    Parameters
    ----------
    text
        What the reader sees.
    value
        What it sorts by where that is not the text.
    address, badge
        Link and style; empty for none.
    """

    text: str
    value: str | None = None
    address: str = ""
    badge: str = ""


@dataclass(frozen=True)
class Grid:
    """Table of a report.

    Parameters
    ----------
    id, caption
        Id on the page, and what the table shows.
    columns, rows
        Headings, and a cell for each of them in every row.
    interactive
        Whether the reader can sort and search it.
    left_out
        Number of rows that the page does not show.
    ids
        Ids of the rows on the page; empty for none.
    """

    id: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    interactive: bool = True
    left_out: int = 0
    ids: Sequence[str] = ()


def grid(
    id: str,
    caption: str,
    frame: pd.DataFrame,
    columns: Sequence[Column],
    catalogue: Catalogue,
    limit: int = 2000,
    ids: Sequence[str] = (),
) -> Grid:
    """Grid of the first `limit` rows of a frame; missing values are empty cells.

    A column's `address` and `badge` name further columns of the frame that hold a link and a
    style; `ids` are the ids of the rows on the page.
    """
    shown = frame.head(limit)
    cells_of_columns = [_cells(shown, column, catalogue) for column in columns]
    rows = list(zip(*cells_of_columns, strict=True))
    return Grid(
        id,
        caption,
        columns,
        rows,
        interactive=len(rows) > 5,
        left_out=max(0, len(frame) - limit),
        ids=ids,
    )


def _cells(frame: pd.DataFrame, column: Column, catalogue: Catalogue) -> list[Cell]:
    """Cells of a column of a frame."""
    values = frame[column.name].tolist()
    links = badges = [""] * len(values)
    if column.address:
        links = list(map(_link, frame[column.address]))
    if column.badge:
        badges = frame[column.badge].astype("str").tolist()
    cells = []
    for value, link, badge in zip(values, links, badges, strict=True):
        cells.append(_cell(value, link, badge, column, catalogue))
    return cells


def _cell(value: Any, address: str, badge: str, column: Column, catalogue: Catalogue) -> Cell:
    if value is None or value != value or str(value) == "<NA>":
        return Cell("", "")
    if not column.number:
        return Cell(str(value), None, address, badge)
    return Cell(catalogue.number(value, column.decimals), repr(value), address, badge)


def _link(value: Any) -> str:
    """Address that a page may link to: the web, or a place in this page or the next one."""
    text = str(value)
    is_address = text.startswith(("https://", "http://", "#"))
    is_page = re.fullmatch(r"(?!/)[^:\\]+\.html#[^:\\]+", text)
    if is_address or is_page:
        return text
    return ""
