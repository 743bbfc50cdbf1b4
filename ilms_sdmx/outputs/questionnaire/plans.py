"""Where everything of a table is on its sheet: rows and columns, counted from 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ilms_sdmx.outputs.questionnaire.forms import FormColumn, FormRow, FormTable

#: Columns of the codes (hidden), of the names, and of the names in the office's language.
CODES, NAMES, LOCAL = 1, 2, 3
FIRST_FIGURES = 4
FIRST_FIELD = 5
#: First cell of the codes of a sheet: what says that a sheet is one of ours, and which.
MARK = "ilms-form-1"
#: Sheets that hold no table.
START, REMARKS, LISTS = "Start", "Remarks", "Lists"
OTHERS = "Other figures"
#: Columns of a line on the sheet of remarks: sheet, cell, what is said, its value.
REMARK_COLUMNS = ("Sheet", "Cell", "What", "Value")
FIRST_REMARK = 4
#: Columns of a line on the sheet of other figures, the one of the figure, and its first line.
OTHER_COLUMNS = ("Sheet", "Codes", "Figure")
OTHER_FIGURE = 3
FIRST_OTHER = 4


class Placed(NamedTuple):
    """A row of the form and the row of the sheet that it is in."""

    number: int
    row: FormRow


@dataclass(frozen=True)
class SheetPlan:
    """Places of one table.

    Parameters
    ----------
    table
        What is asked.
    fields
        Row of each field by its id.
    code_row, sex_row
        Hidden row of the codes of columns; first of the rows of headings.
    headings
        Row of the heading of each group of rows.
    rows
        Rows of figures.
    columns
        Column of the sheet of each column of figures.
    previous
        Column of last year's figures next to each, empty where none are shown.
    checks
        First column of the checks of a row.
    last_row
        Last row that is used.
    """

    table: FormTable
    fields: Mapping[str, int]
    code_row: int
    sex_row: int
    headings: Mapping[str, int]
    rows: tuple[Placed, ...]
    columns: tuple[int, ...]
    previous: tuple[int, ...]
    checks: int
    last_row: int

    @property
    def depth(self) -> int:
        """Rows of headings above the figures."""
        return max(len(column.labels) for column in self.table.columns)

    @property
    def first_of_list(self) -> int:
        """First row of the full list of countries; 0 in a table without."""
        picked = [placed.number for placed in self.rows if placed.row.is_picked]
        return picked[-1] + 2 if picked else 0

    @property
    def last_printed(self) -> int:
        """Last column that goes on paper: what checks say is for the screen."""
        return self.checks - 1

    def column_of(self, codes: Mapping[str, str]) -> int:
        """Column of the sheet that holds a combination of codes; 0 where none does."""
        for number, column in zip(self.columns, self.table.columns, strict=True):
            if column.codes == codes:
                return number
        return 0


def plan(table: FormTable, *, with_previous: bool = False) -> SheetPlan:
    """Places of a table on its sheet."""
    fields = {field.id: FIRST_FIELD + n for n, field in enumerate(table.fields)}
    code_row = FIRST_FIELD + len(fields) + 1
    sex_row = code_row + 1
    depth = max(len(column.labels) for column in table.columns)
    number = sex_row + depth
    headings: dict[str, int] = {}
    rows = []
    for row in table.rows:
        if row.group and row.group not in headings:
            headings[row.group] = number
            number += 1
        rows.append(Placed(number, row))
        number += 1
    width = 2 if with_previous else 1
    columns = [FIRST_FIGURES + width * n for n in range(len(table.columns))]
    previous = [column + 1 for column in columns] if with_previous else []
    return SheetPlan(
        table,
        fields,
        code_row,
        sex_row,
        headings,
        tuple(rows),
        tuple(columns),
        tuple(previous),
        columns[-1] + width,
        number,
    )


def text_of(codes: Mapping[str, str]) -> str:
    """Codes as the hidden cells hold them: `SEX=SEX_T;CBR=CBR_BIR_TOTAL`."""
    return ";".join(f"{dimension}={code}" for dimension, code in codes.items())


def key_of(codes: Mapping[str, str]) -> str:
    """Codes in one order, to tell cells apart whatever order their codes are in."""
    return text_of(dict(sorted(codes.items())))


def codes_of(text: str) -> dict[str, str]:
    """Codes that a hidden cell holds; empty for any other text.

    >>> from ilms_sdmx.outputs.questionnaire.plans import codes_of
    >>> codes_of("SEX=SEX_T;CBR=CBR_BIR_TOTAL")
    {'SEX': 'SEX_T', 'CBR': 'CBR_BIR_TOTAL'}
    """
    codes = {}
    for part in text.split(";"):
        dimension, separator, code = part.partition("=")
        if not separator or not dimension or not code:
            return {}
        codes[dimension.strip()] = code.strip()
    return codes


def names_of(column: FormColumn) -> str:
    """Names of a column on one line."""
    return ", ".join(column.labels)
