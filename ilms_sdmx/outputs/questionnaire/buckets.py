"""What each cell of a filled form was read as, and what a person typed into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ilms_sdmx.tables.cells import Cell, Workbook

if TYPE_CHECKING:
    import pandas as pd


class Buckets:
    """Bucket of each cell that something has read."""

    def __init__(self) -> None:
        self._bucket_of: dict[tuple[str, int, int], str] = {}

    def put(self, sheet: str, row: int, column: int, bucket: str) -> None:
        """Say what a cell was read as; the first word holds."""
        self._bucket_of.setdefault((sheet, row, column), bucket)

    def frame(self, workbook: Workbook) -> pd.DataFrame:
        """All cells of a workbook with their bucket; what nobody read is of the form."""
        import pandas as pd

        lines = []
        for sheet in workbook:
            for cell in sheet:
                key = (sheet.name, cell.row, cell.column)
                bucket = self._bucket_of.get(key, "form")
                lines.append((sheet.name, cell.address, cell.text, bucket))
        return pd.DataFrame(lines, columns=["sheet", "cell", "text", "bucket"], dtype="str")


def said_in(cell: Cell) -> str:
    """What a person typed into a cell, raised and lowered characters too."""
    text = cell.value if isinstance(cell.value, str) else cell.text
    return text.strip()
