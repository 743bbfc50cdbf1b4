"""Drafts of mappings: seconds of the processor, and how they grow with rows, columns and sheets.

Run as `python -m benchmarks.drafting`. Reading the workbook is left out.
"""

from __future__ import annotations

import io
import math
import time

from openpyxl import Workbook

from ilms_sdmx import draft_mapping
from ilms_sdmx.tables.cells import Workbook as Cells
from ilms_sdmx.tables.workbooks import read_workbook

#: Rows and columns of the sheets that are drafted, the largest last.
LONG = ((1250, 20), (2500, 20), (5000, 20))
WIDE = ((60, 62), (60, 125), (60, 250))
SHEETS = ((1, 100, 10), (10, 100, 10))


def table(rows: int, columns: int, sheets: int = 1) -> Cells:
    """Workbook with a total over many groups of workers on each of its sheets."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in range(sheets):
        page = book.create_sheet(f"Part {sheet}")
        groups = columns - 2
        page.append(["Foreign workers by district, 2019"])
        page.append(["District", *(f"Group {group}" for group in range(groups)), "Total"])
        for row in range(rows):
            figures = []
            for group in range(groups):
                figures.append((row * 7919 + group * 104729 + sheet) % 90000 + 10)
            page.append([f"District {row}", *figures, sum(figures)])
    target = io.BytesIO()
    book.save(target)
    return read_workbook(target.getvalue())


def seconds(workbook: Cells) -> float:
    """Seconds of the processor of one draft."""
    start = time.process_time()
    draft_mapping(workbook, area="THA")
    return time.process_time() - start


def growth(first: float, last: float, times: float) -> float:
    """Exponent of the growth from a size to one that is some times as large."""
    return math.log(last / first) / math.log(times)


def main() -> None:
    """Print the seconds and the exponents."""
    draft_mapping(table(5, 5), area="THA")
    for name, sizes in (("rows", LONG), ("columns", WIDE)):
        taken = []
        for rows, columns in sizes:
            taken.append(seconds(table(rows, columns)))
            print(f"{rows:6} rows x {columns:4} columns {taken[-1]:8.2f} s")
        exponent = growth(taken[0], taken[-1], 4)
        print(f"growth with {name}: exponent {exponent:.2f}")
    taken = []
    for sheets, rows, columns in SHEETS:
        taken.append(seconds(table(rows, columns, sheets)))
        print(f"{sheets:3} sheets of {rows} x {columns} {taken[-1]:8.2f} s")
    print(f"growth with sheets: exponent {growth(taken[0], taken[-1], 10):.2f}")


if __name__ == "__main__":
    main()
