"""Tables of a report: columns with headings, rows of cells that know how they sort."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from ilms_sdmx.reports.catalogues import Catalogue


@dataclass(frozen=True, slots=True)
class Column:
    """Heading of a column of a frame; `number` aligns and sorts it as figures, `choice` offers its values."""

    name: str
    heading: str
    number: bool = False
    choice: bool = False
    decimals: int | None = None
    address: str = ""
    badge: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell; `value` is what it sorts by where that is not the text."""

    text: str
    value: str | None = None
    address: str = ""
    badge: str = ""


@dataclass(frozen=True)
class Grid:
    """A table of a report."""

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
    """Grid of the first `limit` rows of a frame; missing values are empty cells, `ids` those of the rows.

    A column's `address` and `badge` name further columns of the frame that hold a link and a style.
    """
    shown = frame.head(limit)
    lists = [_cells(shown, column, catalogue) for column in columns]
    rows = list(zip(*lists, strict=True))
    return Grid(id, caption, columns, rows, len(rows) > 5, max(0, len(frame) - limit), ids)


def _cells(frame: pd.DataFrame, column: Column, catalogue: Catalogue) -> list[Cell]:
    values = frame[column.name].tolist()
    links = [_link(v) for v in frame[column.address]] if column.address else [""] * len(values)
    badges = frame[column.badge].astype("str").tolist() if column.badge else [""] * len(values)
    return [
        _cell(v, a, b, column, catalogue) for v, a, b in zip(values, links, badges, strict=True)
    ]


def _cell(value: Any, address: str, badge: str, column: Column, catalogue: Catalogue) -> Cell:
    if value is None or value != value or str(value) == "<NA>":
        return Cell("", "")
    if not column.number:
        return Cell(str(value), None, address, badge)
    return Cell(catalogue.number(value, column.decimals), repr(value), address, badge)


def _link(value: Any) -> str:
    """Address that a page may link to: the web, a place in a page here or beside it, nothing that runs."""
    text = str(value)
    beside = re.fullmatch(r"(?!/)[^:\\]+\.html#[^:\\]+", text)
    return text if beside or text.startswith(("https://", "http://", "#")) else ""
