"""Writing an empty questionnaire: a workbook that is pleasant to fill in by hand."""

from __future__ import annotations

import dataclasses
import datetime
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ilms_sdmx._files import replacing
from ilms_sdmx.datasets import datasets_of
from ilms_sdmx.questionnaire.checks import (
    Precision,
    broken_in,
    counts_the_same,
    same_totals,
    shared_zeros_step,
    sums_of_columns,
    sums_of_row,
    titles_of_rows,
    usual_step,
)
from ilms_sdmx.questionnaire.forms import FormField, FormTable
from ilms_sdmx.questionnaire.lists import FormList, lists_of
from ilms_sdmx.questionnaire.plans import (
    CODES,
    FIRST_FIGURES,
    FIRST_REMARK,
    LISTS,
    LOCAL,
    MARK,
    NAMES,
    REMARK_COLUMNS,
    REMARKS,
    START,
    SheetPlan,
    plan,
    text_of,
)
from ilms_sdmx.tables.addresses import address, column_letters, position

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

#: Time of all forms, so that the same form is the same bytes.
_TIME = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
#: Lines for remarks; more can be added below.
_REMARK_LINES = 400
#: Decimals of the figures that `fill` can keep: a hidden cell holds the style of each.
DECIMAL_STYLES = 10
_PAGE_WIDTH = 130
#: Result of a formula that nobody has computed: a program that opens the form computes it.
_UNKNOWN = ""
#: Widths of the columns of names and figures, in characters.
_NAME_WIDTH, _LOCAL_WIDTH, _FIGURE_WIDTH = 42, 26, 12
#: Heights of a line in points; that of scripts with signs above and below, and these scripts:
#: Thai and Lao, Burmese, Khmer.
_LINE, _TALL_LINE = 16, 24
_TALL = {*range(0x0E00, 0x0F00), *range(0x1000, 0x10A0), *range(0x1780, 0x1800)}
#: Height of a row of headings: names of two lines fit.
_HEAD_HEIGHT = 30
_BLUE, _GREY, _YELLOW, _RED, _GREEN = "#1F4E79", "#7F7F7F", "#FFF8DC", "#F8CBAD", "#E2EFDA"


def write_questionnaire(
    tables: Sequence[FormTable],
    target: str | os.PathLike[str] | IO[bytes],
    *,
    previous: Any = (),
) -> None:
    """Write an empty questionnaire of some tables as a workbook (.xlsx).

    Parameters
    ----------
    tables
        What is asked, from `form_tables` or `form_table`, all for one state and period.
    target
        File to write, whole or not at all.
    previous
        Data sets of last year: their figures are shown in grey next to the cells.

    Raises
    ------
    ValueError
        No table, or two of one name.
    OutputError
        The file cannot be written.

    Notes
    -----
    The first column and one row of each sheet are hidden and hold the codes by which
    `read_questionnaire` knows every cell. Nothing in the workbook is a macro.

    Examples
    --------
    >>> import io
    >>> from ilms_sdmx import form_tables, write_questionnaire
    >>> form = io.BytesIO()
    >>> write_questionnaire(form_tables("LAO", "2024", tables=["MNA 5"]), form)
    >>> form.getvalue()[:2]
    b'PK'
    """
    names = [table.sheet for table in tables]
    if not names or len(set(names)) < len(names):
        raise ValueError("expected one or more tables, each once")
    figures = _figures_before(previous, tables)
    content = io.BytesIO()
    from xlsxwriter import Workbook

    workbook = Workbook(content, {"in_memory": True, "strings_to_formulas": False})
    workbook.set_properties({"title": "Questionnaire", "created": _TIME})
    form = _Form(workbook, lists_of(tables))
    plans = [plan(table, with_previous=table.sheet in figures) for table in tables]
    start = workbook.add_worksheet(START)
    for sheet_plan in plans:
        form.add_table(
            sheet_plan,
            first_alike(sheet_plan, plans),
            figures.get(sheet_plan.table.sheet, _Before()),
        )
    form.add_remarks(names)
    form.add_lists()
    form.fill_start(start, plans)
    workbook.close()
    output = target if not isinstance(target, str | os.PathLike) else Path(target)
    with replacing(output) as stream:
        stream.write(content.getvalue())


@dataclass(frozen=True)
class _Before:
    """Figures of last year: their period, and their texts by the codes of row and column."""

    period: str = ""
    texts: Mapping[str, str] = dataclasses.field(default_factory=dict)


def _figures_before(previous: Any, tables: Sequence[FormTable]) -> dict[str, _Before]:
    """Figures of the newest period of each table in last year's data sets, by sheet."""
    sheets = {table.full_id: table for table in tables}
    known: dict[str, _Before] = {}
    for dataset in datasets_of(previous):
        table = sheets.get(dataset.dataflow)
        if table is None or not len(dataset):
            continue
        frame = dataset.observations.astype("str")
        is_of_area = frame["REF_AREA"] == table.fixed["REF_AREA"]
        is_before = frame["TIME_PERIOD"] < table.fixed["TIME_PERIOD"]
        frame = frame[is_of_area & is_before]
        newest = frame[frame["TIME_PERIOD"] == frame["TIME_PERIOD"].max()]
        free = [name for name in dataset.components.dimensions if name not in table.fixed]
        texts = {}
        for codes, value in zip(
            newest[free].to_dict("records"), newest["OBS_VALUE"], strict=True
        ):
            texts[_key({str(name): str(code) for name, code in codes.items()})] = value
        if texts:
            known[table.sheet] = _Before(str(newest["TIME_PERIOD"].iloc[0]), texts)
    return known


def _key(codes: Mapping[str, str]) -> str:
    return text_of(dict(sorted(codes.items())))


class _Form:
    """The workbook that is written: its formats, its lists, its sheets.

    Parameters
    ----------
    workbook
        Workbook of XlsxWriter.
    lists
        Lists that cells choose from, by name.
    """

    def __init__(self, workbook: Workbook, lists: Mapping[str, FormList]) -> None:
        self.workbook = workbook
        self.lists = lists
        self.list_column = {name: 3 * place for place, name in enumerate(lists)}
        box = {"border": 1, "border_color": "#BFBFBF", "valign": "vcenter"}
        head = {
            **box,
            "bold": True,
            "bg_color": "#DDEBF7",
            "text_wrap": True,
            "align": "center",
        }
        entry = {**box, "bg_color": _YELLOW, "locked": False}
        self.title = self._format(bold=True, font_size=14, font_color=_BLUE)
        self.text = self._format(text_wrap=True, valign="top")
        self.help = self._format(font_color=_GREY, italic=True)
        self.group = self._format(bold=True, font_color=_BLUE)
        self.name = self._format(**box, text_wrap=True)
        self.head = self._format(**head)
        self.field = self._format(**entry, align="left")
        self.number = self._format(**entry, align="right")
        self.pick = self._format(**entry, text_wrap=True)
        self.before = self._format(font_color=_GREY, align="right", italic=True)
        self.check = self._format(font_size=9, font_color="#9C0006")
        self.good = self._format(font_color="#375623", bg_color=_GREEN)
        self.bad = self._format(font_color="#9C0006", bg_color=_RED)
        self.link = self._format(font_color="#0563C1", underline=1)

    def _format(self, **properties: Any) -> Format:
        return self.workbook.add_format(properties)

    def add_table(
        self, sheet_plan: SheetPlan, alike: SheetPlan | None, before: _Before
    ) -> None:
        """Sheet of one table."""
        sheet = self.workbook.add_worksheet(sheet_plan.table.sheet)
        self._head(sheet, sheet_plan)
        self._fields(sheet, sheet_plan)
        self._columns(sheet, sheet_plan, before.period)
        self._rows(sheet, sheet_plan, before)
        self._checks(sheet, sheet_plan, alike)
        self._page(sheet, sheet_plan)

    def _head(self, sheet: Worksheet, sheet_plan: SheetPlan) -> None:
        table = sheet_plan.table
        mark = {"form": MARK, "dataflow": table.full_id, **table.fixed}
        sheet.write_string(0, CODES - 1, text_of(mark))
        sheet.write_string(0, NAMES - 1, f"{table.sheet}: {table.title}", self.title)
        line = f"{table.state}, {table.fixed['TIME_PERIOD']}"
        if table.title_local:
            line = f"{table.title_local}. {line}"
        sheet.write_string(1, NAMES - 1, line, self.group)
        last = sheet_plan.columns[-1]
        sheet.merge_range(2, NAMES - 1, 2, last - 1, table.instruction, self.text)
        width = _NAME_WIDTH + _LOCAL_WIDTH + _FIGURE_WIDTH * (last - LOCAL)
        sheet.set_row(2, _height(table.instruction, width))

    def _fields(self, sheet: Worksheet, sheet_plan: SheetPlan) -> None:
        for field in sheet_plan.table.fields:
            row = sheet_plan.fields[field.id] - 1
            sheet.write_string(row, CODES - 1, f"#{field.id}")
            sheet.write_string(row, NAMES - 1, field.label, self.name)
            sheet.merge_range(
                row, LOCAL - 1, row, FIRST_FIGURES + 1, _preset(field, sheet_plan), self.field
            )
            sheet.write_string(row, FIRST_FIGURES + 2, field.help, self.help)
            if field.values in self.lists:
                rule = {
                    "validate": "list",
                    "source": self._range(field.values),
                    "error_type": "information",
                    "ignore_blank": True,
                }
                sheet.data_validation(row, LOCAL - 1, row, LOCAL - 1, rule)

    def _range(self, name: str) -> str:
        """Cells of a list on the sheet of lists."""
        column = column_letters(self.list_column[name] + 1)
        return f"={LISTS}!${column}$2:${column}${len(self.lists[name].names) + 1}"

    def _columns(self, sheet: Worksheet, sheet_plan: SheetPlan, period: str) -> None:
        code_row = sheet_plan.code_row - 1
        sheet.write_string(code_row, CODES - 1, "#columns")
        first = sheet_plan.sex_row - 1
        depth = len(sheet_plan.table.columns[0].labels)
        for column, form in zip(sheet_plan.columns, sheet_plan.table.columns, strict=True):
            sheet.write_string(code_row, column - 1, text_of(form.codes))
            for level, label in enumerate(form.labels):
                sheet.write_string(first + level, column - 1, label, self.head)
        for column in sheet_plan.previous:
            sheet.write_string(code_row, column - 1, "#before")
            sheet.write_string(first + depth - 1, column - 1, period, self.before)
        for place, title in enumerate(titles_of_rows(sheet_plan)):
            column = sheet_plan.checks + place - 1
            sheet.write_string(first + depth - 1, column, f"Check: {title}", self.help)
        for level in range(depth):
            sheet.set_row(first + level, _HEAD_HEIGHT)
            sheet.write_blank(first + level, NAMES - 1, None, self.head)
            sheet.write_blank(first + level, LOCAL - 1, None, self.head)

    def _rows(self, sheet: Worksheet, sheet_plan: SheetPlan, before: _Before) -> None:
        for heading, number in sheet_plan.headings.items():
            sheet.write_string(number - 1, NAMES - 1, heading, self.group)
        list_begins = _first_of_list(sheet_plan)
        for number, row in sheet_plan.rows:
            sheet.write_string(number - 1, CODES - 1, text_of(row.codes))
            if row.is_picked:
                self._pick(sheet, sheet_plan, number)
            else:
                sheet.write_string(number - 1, NAMES - 1, row.label, self.name)
                sheet.write_string(number - 1, LOCAL - 1, row.local, self.name)
            for place, column in enumerate(sheet_plan.columns):
                sheet.write_blank(number - 1, column - 1, None, self.number)
                codes = {**row.codes, **sheet_plan.table.columns[place].codes}
                text = before.texts.get(_key(codes), "")
                if text and sheet_plan.previous:
                    shown = sheet_plan.previous[place]
                    sheet.write_number(number - 1, shown - 1, float(text), self.before)
            lines = max(_height(row.label, _NAME_WIDTH), _height(row.local, _LOCAL_WIDTH))
            options = {"level": 1} if list_begins and number >= list_begins else {}
            sheet.set_row(number - 1, lines, None, options)
        self._validate(sheet, sheet_plan)

    def _pick(self, sheet: Worksheet, sheet_plan: SheetPlan, number: int) -> None:
        """Row whose country a person chooses; its second name follows by itself."""
        name = sheet_plan.table.partner
        sheet.write_blank(number - 1, NAMES - 1, None, self.pick)
        rule = {
            "validate": "list",
            "source": self._range(name),
            "input_title": "Country",
            "input_message": "Choose a country from the list.",
            "error_message": "Choose a country from the list, or type its name as it is there.",
        }
        sheet.data_validation(number - 1, NAMES - 1, number - 1, NAMES - 1, rule)
        first = self.list_column[name] + 1
        count = len(self.lists[name].names) + 1
        table = f"{LISTS}!${column_letters(first)}$2:${column_letters(first + 2)}${count}"
        cell = address(number, NAMES)
        formula = f'=IF({cell}="","",IFERROR(VLOOKUP({cell},{table},3,FALSE)&"",""))'
        sheet.write_formula(number - 1, LOCAL - 1, formula, self.name, _UNKNOWN)

    def _validate(self, sheet: Worksheet, sheet_plan: SheetPlan) -> None:
        rule = {
            "validate": "decimal",
            "criteria": ">=",
            "value": 0,
            "error_title": "A number is expected",
            "error_message": "Type digits only. Leave the cell empty where the figure is not"
            f" known, and say why on the sheet {REMARKS}.",
        }
        first, last = sheet_plan.rows[0].number - 1, sheet_plan.rows[-1].number - 1
        for column in sheet_plan.columns:
            sheet.data_validation(first, column - 1, last, column - 1, rule)

    def _checks(self, sheet: Worksheet, sheet_plan: SheetPlan, alike: SheetPlan | None) -> None:
        precision = self._precision(sheet, sheet_plan)
        for number, _ in sheet_plan.rows:
            for place, live in enumerate(sums_of_row(sheet_plan, number)):
                formula = live.formula(precision)
                column = sheet_plan.checks + place - 1
                sheet.write_formula(number - 1, column, formula, self.check, _UNKNOWN)
        number = sheet_plan.last_row + 1
        for title, sums in sums_of_columns(sheet_plan):
            sheet.write_string(number - 1, NAMES - 1, f"Check: {title}", self.help)
            for column, live in zip(sheet_plan.columns, sums, strict=True):
                formula = live.formula(precision)
                sheet.write_formula(number - 1, column - 1, formula, self.check, _UNKNOWN)
            number += 1
        if alike is not None:
            title = f"Check: the total is that of {alike.table.sheet}"
            sheet.write_string(number - 1, NAMES - 1, title, self.help)
            for pair in same_totals(sheet_plan, alike):
                formula = pair.formula(precision, _precision_of(alike))
                column = position(pair.total)[1] - 1
                sheet.write_formula(number - 1, column, formula, self.check, _UNKNOWN)
        checked = _checked(sheet_plan)
        bad = {"type": "text", "criteria": "begins with", "value": "parts", "format": self.bad}
        good = {"type": "cell", "criteria": "==", "value": '"ok"', "format": self.good}
        for cells in checked:
            sheet.conditional_format(cells, bad)
            sheet.conditional_format(cells, good)

    def _precision(self, sheet: Worksheet, sheet_plan: SheetPlan) -> Precision:
        """Hidden cells that say how the figures of a sheet are rounded."""
        row = sheet_plan.code_row - 1
        ranges = _figures(sheet_plan)
        sheet.write_formula(row, NAMES - 1, usual_step(ranges), None, _UNKNOWN)
        sheet.write_formula(row, LOCAL - 1, shared_zeros_step(ranges), None, _UNKNOWN)
        return _precision_of(sheet_plan)

    def _page(self, sheet: Worksheet, sheet_plan: SheetPlan) -> None:
        sheet.set_column(CODES - 1, CODES - 1, 2, None, {"hidden": True})
        sheet.set_column(NAMES - 1, NAMES - 1, _NAME_WIDTH)
        sheet.set_column(LOCAL - 1, LOCAL - 1, _LOCAL_WIDTH)
        sheet.set_column(FIRST_FIGURES - 1, sheet_plan.columns[-1], _FIGURE_WIDTH)
        checks = len(titles_of_rows(sheet_plan))
        if checks:
            sheet.set_column(sheet_plan.checks - 1, sheet_plan.checks + checks - 2, 18)
        sheet.set_row(sheet_plan.code_row - 1, None, None, {"hidden": True})
        depth = len(sheet_plan.table.columns[0].labels)
        top = sheet_plan.sex_row - 1 + depth
        sheet.freeze_panes(top, FIRST_FIGURES - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(sheet_plan.sex_row - 1, top - 1)
        sheet.print_area(0, NAMES - 1, sheet_plan.last_row + 2, sheet_plan.columns[-1] - 1)
        sheet.set_footer("&L&A&RPage &P of &N")
        sheet.hide_gridlines(2)
        sheet.protect("", {"format_columns": True, "format_rows": True})

    def add_remarks(self, sheets: Sequence[str]) -> None:
        """Sheet on which a person says what a single cell needs: a status, a note."""
        sheet = self.workbook.add_worksheet(REMARKS)
        sheet.write_string(0, 0, "Remarks on single cells", self.title)
        sheet.merge_range(
            1,
            0,
            1,
            4,
            "One line for each cell that is provisional, estimated, confidential or missing, or"
            " that needs a note. Give the sheet and the cell, such as D21, choose what you say,"
            " and say it.",
            self.text,
        )
        sheet.set_row(1, 32)
        for column, title in enumerate(REMARK_COLUMNS):
            sheet.write_string(FIRST_REMARK - 2, column, title, self.head)
        last = FIRST_REMARK - 2 + _REMARK_LINES
        for row in range(FIRST_REMARK - 1, last + 1):
            for column in range(len(REMARK_COLUMNS)):
                sheet.write_blank(row, column, None, self.field)
        first = FIRST_REMARK - 1
        chosen = {0: "tables", 2: "remarks", 3: "statuses"}
        for column, name in chosen.items():
            rule = {"validate": "list", "source": self._range(name), "ignore_blank": True}
            if name == "statuses":
                rule["error_type"] = "information"
            sheet.data_validation(first, column, last, column, rule)
        sheet.set_column(0, 0, 22)
        sheet.set_column(1, 1, 10)
        sheet.set_column(2, 2, 24)
        sheet.set_column(3, 3, 60)
        sheet.freeze_panes(first, 0)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.print_area(0, 0, 40, 3)
        sheet.protect("", {"format_columns": True, "format_rows": True, "insert_rows": True})

    def add_lists(self) -> None:
        """Hidden sheet of everything that cells choose from, and of styles of figures."""
        sheet = self.workbook.add_worksheet(LISTS)
        for name, entries in self.lists.items():
            column = self.list_column[name]
            sheet.write_string(0, column, name)
            for row, (label, code, local) in enumerate(entries.rows(), start=1):
                sheet.write_string(row, column, label)
                sheet.write_string(row, column + 1, code)
                sheet.write_string(row, column + 2, local)
        column = 3 * len(self.lists)
        sheet.write_string(0, column, "#styles")
        for decimals in range(DECIMAL_STYLES):
            code = "0" if not decimals else "0." + "0" * decimals
            style = {"border": 1, "border_color": "#BFBFBF", "bg_color": _YELLOW}
            number = self._format(**style, locked=False, align="right", num_format=code)
            sheet.write_number(decimals + 1, column, 0, number)
        sheet.hide()

    def fill_start(self, sheet: Worksheet, plans: Sequence[SheetPlan]) -> None:
        """First sheet: what to do, and how far each table is."""
        table = plans[0].table
        sheet.write_string(
            0, 0, "International labour migration statistics: questionnaire", self.title
        )
        line = f"{table.state}, {table.fixed['TIME_PERIOD']}"
        sheet.write_string(1, 0, line, self.group)
        for row, text in enumerate(_STEPS, start=3):
            sheet.merge_range(row, 0, row, 3, text, self.text)
            sheet.set_row(row, _height(text, _PAGE_WIDTH))
        first = len(_STEPS) + 5
        for column, title in enumerate(("Table", "What it asks", "Figures", "Checks")):
            sheet.write_string(first - 1, column, title, self.head)
        for row, sheet_plan in enumerate(plans, start=first):
            name = sheet_plan.table.sheet
            sheet.write_url(row, 0, f"internal:'{name}'!D1", self.link, name)
            sheet.write_string(row, 1, sheet_plan.table.title, self.name)
            figures = ",".join(f"'{name}'!{cells}" for cells in _figures(sheet_plan))
            sheet.write_formula(row, 2, f"=COUNT({figures})", self.name, _UNKNOWN)
            checked = _checked(sheet_plan)
            broken = "+".join(broken_in(f"'{name}'!{cells}") for cells in checked)
            if not broken:
                continue
            formula = f'=IF(({broken})=0,"","parts and totals: look at "&({broken}))'
            sheet.write_formula(row, 3, formula, self.name, _UNKNOWN)
        bad = {"type": "text", "criteria": "begins with", "value": "parts", "format": self.bad}
        sheet.conditional_format(first, 3, first + len(plans), 3, bad)
        sheet.set_column(0, 0, 20)
        sheet.set_column(1, 1, 78)
        sheet.set_column(2, 2, 10)
        sheet.set_column(3, 3, 30)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.protect("", {"format_columns": True, "format_rows": True})


_STEPS = (
    "1. Fill the yellow cells. Figures are asked in thousands, with up to three decimals; type"
    " digits, a point or comma as your computer wants it, and no blanks.",
    "2. Leave a cell empty where the figure is not known; type 0 only where it is known to"
    " be nothing. Say on the sheet Remarks which cells are provisional, estimated or"
    " confidential.",
    "3. Above each table say which source the figures are from and whom they count. Give one"
    " source for a table; a second source goes into a second workbook.",
    "4. Next to and below the figures, checks show ok, or what the parts sum to. Rounding is"
    " allowed for.",
    "5. Do not insert, delete or move rows and columns: use Remarks for what has no place.",
)


def _height(text: str, width: int) -> float:
    """Height of a row that shows a text whole; signs above and below the line need more."""
    lines = len(text) // (width - 2) + 1
    is_tall = any(ord(character) in _TALL for character in text)
    return lines * (_TALL_LINE if is_tall else _LINE)


def _preset(field: FormField, sheet_plan: SheetPlan) -> str:
    """What a field says before anybody fills it."""
    is_of_persons = not sheet_plan.table.dataflow.startswith(("EAR_", "HOW_"))
    counted = sheet_plan.table.dataflow.endswith("_NB") and is_of_persons
    if field.id == "multiplier":
        return "Thousands" if counted else "Units"
    return ""


def _first_of_list(sheet_plan: SheetPlan) -> int:
    """First row of the full list of countries; 0 in a table without."""
    if not sheet_plan.table.partner:
        return 0
    picked = [placed.number for placed in sheet_plan.rows if placed.row.is_picked]
    return picked[-1] + 2


def _figures(sheet_plan: SheetPlan) -> list[str]:
    """Ranges of the figures of a sheet."""
    first, last = sheet_plan.rows[0].number, sheet_plan.rows[-1].number
    ranges = []
    for column in sheet_plan.columns:
        ranges.append(f"{address(first, column)}:{address(last, column)}")
    return ranges


def _precision_of(sheet_plan: SheetPlan) -> Precision:
    """Cells of a sheet that say how its figures are rounded."""
    letters = column_letters(NAMES), column_letters(LOCAL)
    return Precision(*(f"${letter}${sheet_plan.code_row}" for letter in letters))


def first_alike(sheet_plan: SheetPlan, plans: Sequence[SheetPlan]) -> SheetPlan | None:
    """First table before another that counts the same persons; None where it is the first."""
    for other in plans:
        if other is sheet_plan:
            return None
        if counts_the_same(sheet_plan, other):
            return other
    return None


def _checked(sheet_plan: SheetPlan) -> Iterable[str]:
    """Ranges of the checks of a sheet."""
    ranges = []
    first, last = sheet_plan.rows[0].number, sheet_plan.rows[-1].number
    across = len(titles_of_rows(sheet_plan))
    if across:
        left, right = sheet_plan.checks, sheet_plan.checks + across - 1
        ranges.append(f"{address(first, left)}:{address(last, right)}")
    down = len(sums_of_columns(sheet_plan)) + 1
    if across:
        top = sheet_plan.last_row + 1
        left, right = sheet_plan.columns[0], sheet_plan.columns[-1]
        ranges.append(f"{address(top, left)}:{address(top + down - 1, right)}")
    return ranges
