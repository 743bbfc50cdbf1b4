"""Drafts of wide, long and many sheets: the cost grows with the cells, not with a power of them."""

from io import BytesIO
from time import process_time

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from ilms_sdmx import draft_mapping

#: Seconds of a machine that is busy with other work; a cost that is a product takes minutes.
MOST_SECONDS = 30


def page_of(book: Workbook, rows: int, groups: int, number: int = 0) -> Worksheet:
    """Sheet with a total over many groups of workers."""
    page = book.create_sheet(f"Part {number}")
    labels = [f"Group {group}" for group in range(groups)]
    page.append(["Foreign workers by district, 2019"])
    page.append(["District", *labels, "Total"])
    for row in range(rows):
        figures = [
            (row * 7919 + group * 104729 + number) % 90000 + 10 for group in range(groups)
        ]
        page.append([f"District {row}", *figures, sum(figures)])
    return page


def seconds_of_draft(book: Workbook) -> float:
    """Seconds of the processor that the draft of a workbook takes."""
    book.remove(book.worksheets[0])
    target = BytesIO()
    book.save(target)
    start = process_time()
    draft_mapping(target.getvalue(), area="THA")
    return process_time() - start


def test_a_sheet_of_250_columns_in_repeating_blocks_is_drafted_within_seconds() -> None:
    book = Workbook()
    page = book.create_sheet("Wide")
    header: list[object] = ["Country"]
    for block in range(42):
        header += [
            f"{what} {block}" for what in ("Year", "Notes", "Survey", "Total", "Percent", "Aim")
        ]
    page.append(header)
    for row in range(60):
        line: list[object] = [f"Country {row}"]
        for block in range(42):
            count = (row * 7919 + block * 104729) % 90000 + 10
            line += [1990 + block % 30, "a", "LFS", count, count % 1000 / 10, row % 9]
        page.append(line)
    assert seconds_of_draft(book) < MOST_SECONDS


@pytest.mark.parametrize(("sheets", "rows", "groups"), [(1, 2500, 18), (10, 100, 9)])
def test_long_sheets_and_many_sheets_are_drafted_within_seconds(
    sheets: int, rows: int, groups: int
) -> None:
    book = Workbook()
    for number in range(sheets):
        page_of(book, rows, groups, number)
    assert seconds_of_draft(book) < MOST_SECONDS
