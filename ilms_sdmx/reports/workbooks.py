"""Frames as sheets of an Excel workbook."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ilms_sdmx._files import replacing
from ilms_sdmx.errors import TableError
from ilms_sdmx.tables.safe_cells import RISKY, clean, inert

if TYPE_CHECKING:
    import pandas as pd
    from openpyxl.worksheet.worksheet import Worksheet

#: Rows that a sheet of Excel can have, the heading included.
ROWS = 1_048_576


def write_tables(frames: Mapping[str, pd.DataFrame], path: str | Path) -> None:
    """Write a workbook with a sheet for each frame; texts are never formulas.

    Raises
    ------
    TableError
        A frame has more rows than a sheet can hold.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for name, frame in frames.items():
        if len(frame) >= ROWS:
            size = f"{len(frame):,}"
            raise TableError(
                f"expected fewer than {ROWS:,} rows for sheet {name}, found {size}"
            )
        sheet = book.create_sheet(name[:31])
        _fill(sheet, frame)
    with replacing(Path(path)) as stream:
        book.save(stream)


def _fill(sheet: Worksheet, frame: pd.DataFrame) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    sheet.freeze_panes = "A2"
    bold = Font(bold=True)
    heading = []
    for name in frame.columns:
        cell = WriteOnlyCell(sheet, value=str(name))
        cell.font = bold
        heading.append(cell)
    sheet.append(heading)
    as_objects = frame.astype("object")
    plain = as_objects.where(frame.notna(), None)
    for row in plain.itertuples(index=False, name=None):
        cells = [_cell(sheet, value) for value in row]
        sheet.append(cells)


def _cell(sheet: Worksheet, value: Any) -> Any:
    """Value for a cell; a text that Excel would take for a formula becomes a cell."""
    from openpyxl.cell import WriteOnlyCell

    if not isinstance(value, str):
        return value
    text = clean(value)
    if not text.startswith(RISKY):
        return text
    cell = WriteOnlyCell(sheet)
    inert(cell, text)
    return cell
