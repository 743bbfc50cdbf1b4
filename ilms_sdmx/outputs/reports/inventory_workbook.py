"""The inventory of sources as a workbook: heat map in colours, small lines, and the tables."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ilms_sdmx._files import replacing
from ilms_sdmx.analysis.inventory.catalogue import source_inventory
from ilms_sdmx.analysis.inventory.coverage import rules
from ilms_sdmx.outputs.reports.comparison_words import area_name
from ilms_sdmx.outputs.reports.inventory import share_mark, table_names
from ilms_sdmx.tables.safe_cells import clean

if TYPE_CHECKING:
    import pandas as pd

    from ilms_sdmx.analysis.inventory.coverage import Coverage

_COLOURS = {
    "present": {"bg_color": "#0B6E4F", "font_color": "#FFFFFF"},
    "partial": {"bg_color": "#A8DDB5"},
    "outdated": {"bg_color": "#FDE2B3"},
    "never": {},
}
_MARKS = {"present": "●", "outdated": "–", "never": ""}
#: Bounds of the time that a workbook says it was made: the same inventory gives the same bytes.
_FIXED = (1980, 1, 1)


def write_inventory_workbook(coverage: Coverage, path: str | Path | IO[bytes]) -> None:
    """Write an inventory as an Excel workbook.

    Sheets: the heat map (a row a state and table, a column a year, a small line at the end),
    the totals that the lines show, the numbers of each table, gaps, sources and rules.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    from datetime import datetime

    import xlsxwriter

    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(content, options)
    book.set_properties({"title": "Inventory of sources", "created": datetime(*_FIXED)})  # noqa: DTZ001
    formats = {state: book.add_format(_look(state)) for state in _COLOURS}
    formats["heading"] = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
    formats["wrapped"] = book.add_format({"text_wrap": True, "valign": "top"})
    map_sheet = book.add_worksheet("Map")
    totals = _totals(coverage)
    _write_frame(book.add_worksheet("Totals"), totals, formats)
    _write_map(map_sheet, coverage, totals, formats)
    _write_frame(book.add_worksheet("Numbers"), coverage.summary, formats)
    _write_frame(book.add_worksheet("Gaps"), coverage.gaps, formats)
    inventory = source_inventory(years=coverage.years_by_source)
    of_areas = inventory[inventory["ref_area"].isin(coverage.areas)]
    _write_frame(book.add_worksheet("Sources"), of_areas, formats)
    _write_frame(book.add_worksheet("Rules"), _rules(), formats)
    book.close()
    with replacing(path) as stream:
        stream.write(content.getvalue())


def _look(state: str) -> dict[str, Any]:
    centred = {"align": "center", "border": 1, "border_color": "#D3DAE3"}
    return centred | _COLOURS[state]


def _totals(coverage: Coverage) -> pd.DataFrame:
    """Totals by state and table in rows and by year in columns, of the longest source."""
    import pandas as pd

    rows = []
    for (area, table), of_table in coverage.totals.groupby(["ref_area", "table"]):
        series = [each for _, each in of_table.groupby(["dataflow", "source"])]
        longest = max(series, key=len)
        row: dict[Any, Any] = {"ref_area": area, "table": table}
        row["source"] = longest["source"].iloc[0]
        for year, value in zip(longest["year"], longest["value"], strict=True):
            row[int(year)] = value
        rows.append(row)
    frame = pd.DataFrame(rows, columns=None if rows else ["ref_area", "table", "source"])
    texts = ["ref_area", "table", "source"]
    years = sorted(set(frame.columns) - set(texts))
    return frame[[*texts, *years]]


def _write_map(
    sheet: Any, coverage: Coverage, totals: pd.DataFrame, formats: dict[str, Any]
) -> None:
    """Write the heat map with a small line for each table that has totals."""
    years = sorted(set(coverage.matrix["year"]))
    headings = ["State", "Table", "Title", *map(str, years), "Total"]
    for column, heading in enumerate(headings):
        sheet.write_string(0, column, heading, formats["heading"])
    lines = _lines(totals)
    titles = dict(table_names())
    row = 0
    for (area, table), cells in coverage.matrix.groupby(["ref_area", "table"], sort=False):
        row += 1
        texts = (area_name(area), str(table).replace("_", " "), titles[str(table)])
        for column, text in enumerate(texts):
            sheet.write_string(row, column, text)
        in_time = cells.sort_values("year").to_dict("records")
        for column, cell in enumerate(in_time, 3):
            state = str(cell["state"])
            mark = share_mark(cell) if state == "partial" else _MARKS[state]
            sheet.write_string(row, column, mark, formats[state])
        place = lines.get((str(area), str(table)))
        if place:
            look = {"range": place, "last_point": True, "show_hidden": True}
            sheet.add_sparkline(row, 3 + len(years), look)
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 9)
    sheet.set_column(2, 2, 60)
    sheet.set_column(3, 2 + len(years), 5)
    sheet.set_column(3 + len(years), 3 + len(years), 22)
    sheet.freeze_panes(1, 3)
    sheet.autofilter(0, 0, row, 2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _lines(totals: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Cells of the totals of each state and table."""
    from xlsxwriter.utility import xl_range_abs

    found = {}
    last = len(totals.columns) - 1
    for row, (area, table) in enumerate(
        zip(totals["ref_area"], totals["table"], strict=True), 1
    ):
        cells = xl_range_abs(row, 3, row, last)
        found[str(area), str(table)] = f"Totals!{cells}"
    return found


def _rules() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(list(rules().items()), columns=["measure", "rule"])


def _write_frame(sheet: Any, frame: pd.DataFrame, formats: dict[str, Any]) -> None:
    """Write a frame; numbers are numbers, missing values are empty cells."""
    for column, name in enumerate(frame.columns):
        sheet.write_string(0, column, str(name), formats["heading"])
        values = frame[name].tolist()
        _write_column(sheet, column, values, formats)
        longest = max((len(str(value)) for value in values), default=0)
        sheet.set_column(column, column, min(max(longest, len(str(name)), 6), 70))
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _write_column(
    sheet: Any, column: int, values: Sequence[Any], formats: dict[str, Any]
) -> None:
    import pandas as pd

    for row, value in enumerate(values, 1):
        if pd.isna(value):
            continue
        if isinstance(value, int | float):
            sheet.write_number(row, column, value)
        else:
            sheet.write_string(row, column, clean(str(value)), formats["wrapped"])
