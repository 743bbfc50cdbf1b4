"""The sheet of one table: names, fields, cells for figures, checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ilms_sdmx.outputs.questionnaire.checks import (
    Precision,
    counts_the_same,
    same_totals,
    shared_zeros_step,
    sums_of_columns,
    sums_of_row,
    titles_of_rows,
    usual_step,
)
from ilms_sdmx.outputs.questionnaire.forms import FormField, FormRow, FormTable
from ilms_sdmx.outputs.questionnaire.lists import value_list
from ilms_sdmx.outputs.questionnaire.pages import Page
from ilms_sdmx.outputs.questionnaire.plans import (
    CODES,
    FIRST_FIGURES,
    LOCAL,
    MARK,
    NAMES,
    REMARKS,
    SheetPlan,
    key_of,
    text_of,
)
from ilms_sdmx.structures import facts
from ilms_sdmx.tables.addresses import Range, address, column_letters, position

#: Widths of columns, in characters.
_NAME_WIDTH, _LOCAL_WIDTH, _FIGURE_WIDTH, _CHECK_WIDTH = 42, 26, 12, 18
#: Heights of a line in points; that of scripts with signs above and below, and these scripts:
#: Thai and Lao, Burmese, Khmer.
_LINE, _TALL_LINE = 16, 24
_TALL = {*range(0x0E00, 0x0F00), *range(0x1000, 0x10A0), *range(0x1780, 0x1800)}
#: Height of a row of headings: names of two lines fit, those of tall scripts too.
_HEAD_HEIGHT = 40
#: Last column of the value of a field.
_LAST_OF_FIELD = FIRST_FIGURES + 2
#: What a cell for a figure may hold.
FIGURE: Mapping[str, Any] = {
    "validate": "decimal",
    "criteria": ">=",
    "value": 0,
    "error_title": "A number is expected",
    "error_message": "Type digits only. Leave the cell empty where the figure is not known, and"
    f" say why on the sheet {REMARKS}.",
}
#: What a cell for a country may hold, but for the list.
_COUNTRY: Mapping[str, Any] = {
    "validate": "list",
    "input_title": "Country",
    "input_message": "Choose a country from the list.",
    "error_message": "Choose a country from the list, or type its name as it is there.",
}


@dataclass(frozen=True)
class Before:
    """Figures of last year: their period, and their texts by the codes of row and column."""

    period: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)

    def text_at(self, codes: Mapping[str, str]) -> str:
        """Figure of some codes; empty where there is none."""
        return self.texts.get(key_of(codes), "")


@dataclass(frozen=True)
class TableSheet:
    """The sheet of one table while it is written.

    Parameters
    ----------
    page
        Sheet that is written.
    plan
        Where everything is.
    lists
        Cells of each list that cells choose from, by its name.
    before
        Figures of last year.
    """

    page: Page
    plan: SheetPlan
    lists: Mapping[str, str]
    before: Before

    @property
    def table(self) -> FormTable:
        """What is asked."""
        return self.plan.table

    def write(self, alike: SheetPlan | None) -> None:
        """Write the sheet; `alike` is a table before that counts the same persons."""
        self._write_head()
        for form_field in self.table.fields:
            self._write_field(form_field)
        self._write_columns()
        self._write_rows()
        self._write_checks(alike)
        self._finish()

    def _write_head(self) -> None:
        table = self.table
        mark = {"form": MARK, "dataflow": table.full_id, **table.fixed}
        self.page.text(1, CODES, text_of(mark))
        self.page.text(1, NAMES, f"{table.sheet}: {table.title}", "title")
        line = table.heading
        if table.title_local:
            line = f"{table.title_local}. {line}"
        self.page.text(2, NAMES, line, "group")
        last = self.plan.columns[-1]
        self.page.joined(Range(3, NAMES, 3, last), table.instruction, "text")
        figures = last - LOCAL
        width = _NAME_WIDTH + _LOCAL_WIDTH + _FIGURE_WIDTH * figures
        height = height_of(table.instruction, width)
        self.page.height(3, height)

    def _write_field(self, form_field: FormField) -> None:
        row = self.plan.fields[form_field.id]
        self.page.text(row, CODES, f"#{form_field.id}")
        self.page.text(row, NAMES, form_field.label, "name")
        value = _preset(form_field, self.table)
        self.page.joined(Range(row, LOCAL, row, _LAST_OF_FIELD), value, "field")
        self.page.text(row, self._column_of_help(), form_field.help, "help")
        self.page.height(row, _LINE * form_field.lines)
        if form_field.values in self.lists:
            source = self.lists[form_field.values]
            rule = {"validate": "list", "source": source, "error_type": "information"}
            self.page.rule(Range(row, LOCAL, row, LOCAL), rule)

    def _column_of_help(self) -> int:
        """Column of the help of all fields: next to them, or where no paper cuts it."""
        next_to_field = _LAST_OF_FIELD + 1
        longest = max((len(form_field.help) for form_field in self.table.fields), default=0)
        room = _FIGURE_WIDTH * (self.plan.last_printed - _LAST_OF_FIELD)
        if longest <= room:
            return next_to_field
        return max(next_to_field, self.plan.last_printed + 1)

    def _write_columns(self) -> None:
        code_row, first = self.plan.code_row, self.plan.sex_row
        last = first + self.plan.depth - 1
        self.page.text(code_row, CODES, "#columns")
        for column, form in zip(self.plan.columns, self.table.columns, strict=True):
            self.page.text(code_row, column, text_of(form.codes))
            for row, label in enumerate(form.headings, start=first):
                self.page.text(row, column, label, "head")
        for column in self.plan.previous:
            self.page.text(code_row, column, "#before")
            self.page.text(last, column, self.before.period, "before")
        for column, title in enumerate(titles_of_rows(self.plan), start=self.plan.checks):
            self.page.text(last, column, f"Check: {title}", "help")
        for row in range(first, last + 1):
            self.page.height(row, _HEAD_HEIGHT)
            self.page.blank(row, NAMES, "head")
            self.page.blank(row, LOCAL, "head")

    def _write_rows(self) -> None:
        for heading, number in self.plan.headings.items():
            self.page.text(number, NAMES, heading, "group")
        for number, row in self.plan.rows:
            self.page.text(number, CODES, text_of(row.codes))
            if row.is_picked:
                self._write_choice(number)
            else:
                self.page.text(number, NAMES, row.label, "name")
                self.page.text(number, LOCAL, row.local, "name")
            self._write_cells(number, row)
            english = height_of(row.label, _NAME_WIDTH)
            local = height_of(row.local, _LOCAL_WIDTH)
            is_folded = 0 < self.plan.first_of_list <= number
            options = {"level": 1} if is_folded else {}
            self.page.height(number, max(english, local), **options)
        first, last = self.plan.rows[0].number, self.plan.rows[-1].number
        for column in self.plan.columns:
            self.page.rule(Range(first, column, last, column), FIGURE)

    def _write_cells(self, number: int, row: FormRow) -> None:
        """Cells of one row for figures, and last year's figures next to them."""
        for place, column in enumerate(self.plan.columns):
            self.page.blank(number, column, "number")
            if not self.plan.previous:
                continue
            codes = {**row.codes, **self.table.columns[place].codes}
            text = self.before.text_at(codes)
            if text:
                shown = self.plan.previous[place]
                self.page.number(number, shown, float(text), "before")

    def _write_choice(self, number: int) -> None:
        """Row whose country a person chooses; its second name follows by itself."""
        source = self.lists[self.table.partner]
        self.page.blank(number, NAMES, "pick")
        self.page.rule(Range(number, NAMES, number, NAMES), {**_COUNTRY, "source": source})
        cell = address(number, NAMES)
        rows = _with_local_names(source)
        looked_up = f'IFERROR(VLOOKUP({cell},{rows},3,FALSE)&"","")'
        self.page.formula(number, LOCAL, f'=IF({cell}="","",{looked_up})', "name")

    def _write_checks(self, alike: SheetPlan | None) -> None:
        precision = precision_of(self.plan)
        ranges = figures_of(self.plan)
        self.page.formula(self.plan.code_row, NAMES, usual_step(ranges))
        self.page.formula(self.plan.code_row, LOCAL, shared_zeros_step(ranges))
        for number, _ in self.plan.rows:
            sums = sums_of_row(self.plan, number)
            for column, live in enumerate(sums, start=self.plan.checks):
                self.page.formula(number, column, live.formula(precision), "check")
        number = self.plan.last_row + 1
        for title, sums in sums_of_columns(self.plan):
            self.page.text(number, NAMES, f"Check: {title}", "help")
            for column, live in zip(self.plan.columns, sums, strict=True):
                self.page.formula(number, column, live.formula(precision), "check")
            number += 1
        if alike is not None:
            self._compare_totals(number, alike, precision)
        for cells in checks_of(self.plan):
            self.page.judge(cells)

    def _compare_totals(self, number: int, alike: SheetPlan, precision: Precision) -> None:
        title = f"Check: the total is that of {alike.table.sheet}"
        self.page.text(number, NAMES, title, "help")
        there = precision_of(alike)
        for pair in same_totals(self.plan, alike):
            _, column = position(pair.total)
            self.page.formula(number, column, pair.formula(precision, there), "check")

    def _finish(self) -> None:
        last = self.plan.last_printed
        self.page.width(CODES, CODES, 2, hidden=True)
        self.page.width(NAMES, NAMES, _NAME_WIDTH)
        self.page.width(LOCAL, LOCAL, _LOCAL_WIDTH)
        self.page.width(FIRST_FIGURES, last, _FIGURE_WIDTH)
        count = len(titles_of_rows(self.plan))
        if count:
            first_check = self.plan.checks
            self.page.width(first_check, first_check + count - 1, _CHECK_WIDTH)
        self.page.height(self.plan.code_row, None, hidden=True)
        top = self.plan.sex_row + self.plan.depth - 1
        self.page.sheet.freeze_panes(top, FIRST_FIGURES - 1)
        self.page.sheet.repeat_rows(self.plan.sex_row - 1, top - 1)
        self.page.finish(Range(1, NAMES, self.plan.last_row + 3, last))


def first_alike(plan: SheetPlan, plans: Sequence[SheetPlan]) -> SheetPlan | None:
    """First table before another that counts the same persons; None where it is the first."""
    for other in plans:
        if other is plan or other.table.sheet == plan.table.sheet:
            return None
        if counts_the_same(plan, other):
            return other
    return None


def precision_of(plan: SheetPlan) -> Precision:
    """Cells of a sheet that say how its figures are rounded."""
    usual, zeros = column_letters(NAMES), column_letters(LOCAL)
    return Precision(f"${usual}${plan.code_row}", f"${zeros}${plan.code_row}")


def figures_of(plan: SheetPlan) -> list[str]:
    """Ranges of the figures of a sheet."""
    first, last = plan.rows[0].number, plan.rows[-1].number
    return [_range(first, column, last, column) for column in plan.columns]


def checks_of(plan: SheetPlan) -> list[str]:
    """Ranges of the checks of a sheet; none for means and rates, which do not add up."""
    across = len(titles_of_rows(plan))
    if not across:
        return []
    first, last = plan.rows[0].number, plan.rows[-1].number
    of_rows = _range(first, plan.checks, last, plan.checks + across - 1)
    # One row more than the sums: the one of the total of another table.
    top, down = plan.last_row + 1, len(sums_of_columns(plan))
    of_columns = _range(top, plan.columns[0], top + down, plan.columns[-1])
    return [of_rows, of_columns]


def _range(top: int, left: int, bottom: int, right: int) -> str:
    return f"{address(top, left)}:{address(bottom, right)}"


def _with_local_names(source: str) -> str:
    """Cells of a list of names with those of the codes and local names behind them."""
    sheet, _, cells = source.removeprefix("=").partition("!")
    first, _, last = cells.replace("$", "").partition(":")
    top, left = position(first)
    bottom, _ = position(last)
    right = column_letters(left + 2)
    return f"{sheet}!${column_letters(left)}${top}:${right}${bottom}"


def height_of(text: str, width: int) -> float:
    """Height of a row that shows a text whole; signs above and below the line need more."""
    lines = len(text) // (width - 2) + 1
    is_tall = any(ord(character) in _TALL for character in text)
    return lines * (_TALL_LINE if is_tall else _LINE)


def _preset(form_field: FormField, table: FormTable) -> str:
    """What a field says before anybody fills it."""
    if form_field.id != "multiplier" or table.is_foreign:
        return ""
    power = facts.by_id("dataflows.csv")[table.dataflow]["unit_mult"]
    multipliers = value_list("multipliers")
    return multipliers.names[multipliers.codes.index(power)]
