"""Sheets of a form as they are written: rows and columns counted from 1, styles by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ilms_sdmx.tables.addresses import Range, address

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

#: Result of a formula that nobody has computed: a program that opens the form computes it.
_UNKNOWN = ""
_A4 = 9
#: Rows up to which a sheet is made to fit one page of paper.
_ROWS_OF_A_PAGE = 45
_BLUE, _GREY, _YELLOW, _RED, _GREEN = "#1F4E79", "#7F7F7F", "#FFF8DC", "#F8CBAD", "#E2EFDA"
_BOX: Mapping[str, Any] = {"border": 1, "border_color": "#BFBFBF", "valign": "vcenter"}
#: What a person fills in: yellow, and free although the sheet is protected.
ENTRY: Mapping[str, Any] = {**_BOX, "bg_color": _YELLOW, "locked": False}
#: Properties of each style of a form.
STYLES: Mapping[str, Mapping[str, Any]] = {
    "plain": {},
    "title": {"bold": True, "font_size": 14, "font_color": _BLUE},
    "text": {"text_wrap": True, "valign": "top"},
    "help": {"font_color": _GREY, "italic": True, "valign": "vcenter"},
    "group": {"bold": True, "font_color": _BLUE},
    "name": {**_BOX, "text_wrap": True},
    "head": {**_BOX, "bold": True, "bg_color": "#DDEBF7", "text_wrap": True, "align": "center"},
    "field": {**ENTRY, "align": "left", "text_wrap": True},
    "number": {**ENTRY, "align": "right"},
    "pick": {**ENTRY, "text_wrap": True},
    "entry": {"bg_color": _YELLOW, "border": 1, "border_color": "#BFBFBF"},
    "free field": {"valign": "vcenter", "locked": False, "align": "left"},
    "free number": {"valign": "vcenter", "locked": False, "align": "right"},
    "before": {"font_color": _GREY, "align": "right", "italic": True},
    "check": {"font_size": 9, "font_color": "#9C0006"},
    "good": {"font_color": "#375623", "bg_color": _GREEN},
    "bad": {"font_color": "#9C0006", "bg_color": _RED},
    "link": {"font_color": "#0563C1", "underline": 1},
}


def add_styles(workbook: Workbook) -> dict[str, Format]:
    """Formats of all styles, by name."""
    formats = {}
    for name, properties in STYLES.items():
        formats[name] = workbook.add_format(properties)
    return formats


class Page:
    """One sheet while it is written.

    Parameters
    ----------
    sheet
        Sheet of XlsxWriter.
    styles
        Formats by the name of the style.
    """

    def __init__(self, sheet: Worksheet, styles: Mapping[str, Format]) -> None:
        self.sheet = sheet
        self._styles = styles

    def text(self, row: int, column: int, text: str, style: str = "plain") -> None:
        """Write a text."""
        self.sheet.write_string(row - 1, column - 1, text, self._styles[style])

    def blank(self, row: int, column: int, style: str) -> None:
        """Leave a cell empty, in a style."""
        self.sheet.write_blank(row - 1, column - 1, None, self._styles[style])

    def number(self, row: int, column: int, number: float, style: str) -> None:
        """Write a number."""
        self.sheet.write_number(row - 1, column - 1, number, self._styles[style])

    def formula(self, row: int, column: int, formula: str, style: str = "plain") -> None:
        """Write a formula, to be computed by the program that opens the form."""
        self.sheet.write_formula(row - 1, column - 1, formula, self._styles[style], _UNKNOWN)

    def link(self, row: int, column: int, sheet: str) -> None:
        """Write the name of a sheet that leads to it."""
        target = f"internal:'{sheet}'!D1"
        self.sheet.write_url(row - 1, column - 1, target, self._styles["link"], sheet)

    def joined(self, cells: Range, text: str, style: str) -> None:
        """Write a text over several cells."""
        corners = cells.top - 1, cells.left - 1, cells.bottom - 1, cells.right - 1
        self.sheet.merge_range(*corners, text, self._styles[style])

    def rule(self, cells: Range, rule: Mapping[str, Any]) -> None:
        """Say what cells may hold."""
        corners = cells.top - 1, cells.left - 1, cells.bottom - 1, cells.right - 1
        self.sheet.data_validation(*corners, {**rule, "ignore_blank": True})

    def height(self, row: int, points: float | None, **options: Any) -> None:
        """Set the height of a row, and whether it is hidden or folded."""
        self.sheet.set_row(row - 1, points, None, options)

    def width(self, first: int, last: int, characters: float, **options: Any) -> None:
        """Set the width of columns, and whether they are hidden."""
        self.sheet.set_column(first - 1, last - 1, characters, None, options)

    def judge(self, cells: str) -> None:
        """Colour checks: what holds is green, what does not is red."""
        bad = {"type": "text", "criteria": "begins with", "value": "parts"}
        good = {"type": "cell", "criteria": "==", "value": '"ok"'}
        self.sheet.conditional_format(cells, {**bad, "format": self._styles["bad"]})
        self.sheet.conditional_format(cells, {**good, "format": self._styles["good"]})

    def grow(self, cells: Range) -> None:
        """Show free lines as cells to fill in as far as the lines above them are filled.

        Lines that nobody has come to look empty: a program prints colours and borders of empty
        cells, and would put hundreds of yellow lines on paper.
        """
        first, last = address(cells.top - 1, cells.left), address(cells.top - 1, cells.right)
        formula = f"=COUNTA(${first}:${last})>0"
        corners = cells.top - 1, cells.left - 1, cells.bottom - 1, cells.right - 1
        rule = {"type": "formula", "criteria": formula, "format": self._styles["entry"]}
        self.sheet.conditional_format(*corners, rule)

    def finish(self, printed: Range | None = None, **allowed: bool) -> None:
        """Print on pages as wide as the sheet; protect all but what a person fills in.

        `printed` is what goes on paper; by default every line that there is, for lists that
        grow.
        """
        self.sheet.set_landscape()
        self.sheet.set_paper(_A4)
        is_short = printed is not None and printed.bottom <= _ROWS_OF_A_PAGE
        self.sheet.fit_to_pages(1, 1 if is_short else 0)
        if printed is not None:
            self.sheet.print_area(
                printed.top - 1, printed.left - 1, printed.bottom - 1, printed.right - 1
            )
        self.sheet.set_footer("&L&A&RPage &P of &N")
        self.sheet.hide_gridlines(2)
        options = {"format_columns": True, "format_rows": True, **allowed}
        self.sheet.protect("", options)
