"""Reading of a generated workbook of 76 sheets and 240,000 cells, beside openpyxl's bare read of it.

Run: `python benchmarks/tables.py`. Prints seconds and peak memory; no file is left behind.
"""

import io
import resource
import time

import openpyxl
import xlsxwriter

from ilms_sdmx.tables import read_workbook

SHEETS, ROWS, COLUMNS = 76, 180, 18


def workbook() -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        number = book.add_format({"num_format": "#,##0"})
        for s in range(SHEETS):
            sheet = book.add_worksheet(f"Table {s + 1}")
            sheet.write_row(0, 0, ["Country", *(str(2000 + c) for c in range(1, COLUMNS))])
            for r in range(1, ROWS):
                sheet.write(r, 0, f"Country {r}")
                sheet.write_row(r, 1, [r * 1000 + c * s for c in range(1, COLUMNS)], number)
    return target.getvalue()


def main() -> None:
    data = workbook()
    start = time.perf_counter()
    book = read_workbook(data)
    seconds = time.perf_counter() - start
    cells = sum(map(len, book))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"read_workbook  {cells:,} cells, {len(book)} sheets: {seconds:.2f} s, peak {peak:.0f} MB"
    )
    start = time.perf_counter()
    bare = openpyxl.load_workbook(io.BytesIO(data))
    total = sum(
        1
        for sheet in bare
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    )
    print(f"openpyxl       {total:,} cells: {time.perf_counter() - start:.2f} s")


if __name__ == "__main__":
    main()
