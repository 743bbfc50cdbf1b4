"""Writing an empty questionnaire: a workbook that is pleasant to fill in by hand."""

from __future__ import annotations

import datetime
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ilms_sdmx._files import replacing
from ilms_sdmx.datasets import Dataset
from ilms_sdmx.messages.intake import datasets_in
from ilms_sdmx.outputs.questionnaire.checks import broken_in
from ilms_sdmx.outputs.questionnaire.forms import FormTable
from ilms_sdmx.outputs.questionnaire.lists import FormList, lists_of
from ilms_sdmx.outputs.questionnaire.pages import ENTRY, Page, add_styles
from ilms_sdmx.outputs.questionnaire.plans import (
    FIRST_OTHER,
    FIRST_REMARK,
    LISTS,
    OTHER_COLUMNS,
    OTHER_FIGURE,
    OTHERS,
    REMARK_COLUMNS,
    REMARKS,
    START,
    SheetPlan,
    key_of,
    plan,
    text_of,
)
from ilms_sdmx.outputs.questionnaire.sheets import (
    FIGURE,
    Before,
    TableSheet,
    checks_of,
    figures_of,
    first_alike,
    height_of,
)
from ilms_sdmx.periods import parse_period
from ilms_sdmx.tables.addresses import Range, column_letters

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

#: Time of all forms, so that the same form is the same bytes.
_TIME = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
#: Lines for remarks, and how many of them are seen in an empty form; more can be added below.
_REMARK_LINES = 400
_SEEN_LINES = 20
#: Decimals of the figures that `fill` can keep: a hidden cell holds the style of each.
DECIMAL_STYLES = 10
#: Widths of the columns of the first sheet and of the remarks, in characters.
_START_WIDTHS = (20, 78, 10, 30)
_REMARK_WIDTHS = (22, 10, 24, 60)
_OTHER_WIDTHS = (22, 70, 14)


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
    from xlsxwriter import Workbook

    content = io.BytesIO()
    workbook = Workbook(content, {"in_memory": True, "strings_to_formulas": False})
    workbook.set_properties({"title": "Questionnaire", "created": _TIME})
    _Form(workbook, lists_of(tables)).write(tables, _figures_before(previous, tables))
    workbook.close()
    output = target if not isinstance(target, str | os.PathLike) else Path(target)
    with replacing(output) as stream:
        stream.write(content.getvalue())


def _figures_before(previous: Any, tables: Sequence[FormTable]) -> dict[str, Before]:
    """Figures of the newest period of each table in last year's data sets, by sheet."""
    table_of = {table.full_id: table for table in tables}
    known: dict[str, Before] = {}
    for dataset in datasets_in(previous):
        table = table_of.get(dataset.dataflow)
        if table is None or not len(dataset):
            continue
        before = _newest_before(dataset, table)
        if before.texts:
            known[table.sheet] = before
    return known


def _newest_before(dataset: Dataset, table: FormTable) -> Before:
    """Figures of the last period before that of a table."""
    frame = dataset.observations.astype("str")
    is_of_area = frame["REF_AREA"] == table.fixed["REF_AREA"]
    is_of_frequency = frame["FREQ"] == table.fixed["FREQ"]
    frame = frame[is_of_area & is_of_frequency]
    period = _last_before(frame["TIME_PERIOD"].unique(), table.fixed["TIME_PERIOD"])
    newest = frame[frame["TIME_PERIOD"] == period]
    free = [name for name in dataset.components.dimensions if name not in table.fixed]
    texts = {}
    for row in newest.to_dict("records"):
        codes = {name: str(row[name]) for name in free}
        texts[key_of(codes)] = str(row["OBS_VALUE"])
    return Before(period, texts)


def _last_before(texts: Iterable[str], wanted: str) -> str:
    """Last of some periods that begins before another; empty where none does."""
    end = parse_period(wanted)
    starts = {}
    for text in texts:
        period = parse_period(text)
        if period is not None and end is not None and period.start < end.start:
            starts[text] = period.start
    return max(starts, key=lambda text: starts[text], default="")


class _Form:
    """The workbook that is written.

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
        self._styles = add_styles(workbook)
        self._cells_of_list: dict[str, str] = {}
        for place, (name, entries) in enumerate(lists.items()):
            letter = column_letters(_column_of_list(place))
            last = len(entries.names) + 1
            self._cells_of_list[name] = f"={LISTS}!${letter}$2:${letter}${last}"

    def write(self, tables: Sequence[FormTable], before: Mapping[str, Before]) -> None:
        """Write all sheets."""
        plans = [plan(table, with_previous=table.sheet in before) for table in tables]
        start = self._add_page(START)
        for sheet_plan in plans:
            name = sheet_plan.table.sheet
            page = self._add_page(name)
            figures = before.get(name, Before())
            sheet = TableSheet(page, sheet_plan, self._cells_of_list, figures)
            sheet.write(first_alike(sheet_plan, plans))
        self._write_remarks(self._add_page(REMARKS))
        self._write_others(self._add_page(OTHERS), tables[0])
        self._write_lists(self._add_page(LISTS))
        self._write_start(start, plans)

    def _add_page(self, name: str) -> Page:
        return Page(self.workbook.add_worksheet(name), self._styles)

    def _write_remarks(self, page: Page) -> None:
        """Sheet on which a person says what a single cell needs: a status, a note."""
        page.text(1, 1, "Remarks on single cells", "title")
        page.joined(Range(2, 1, 2, 4), _REMARK_HELP, "text")
        page.height(2, 32)
        for column, title in enumerate(REMARK_COLUMNS, start=1):
            page.text(FIRST_REMARK - 1, column, title, "head")
            page.width(column, column, _REMARK_WIDTHS[column - 1])
        last = _leave_lines(page, FIRST_REMARK, ["field"] * len(REMARK_COLUMNS))
        for column, name in {1: "sheets", 3: "remarks", 4: "statuses"}.items():
            rule = {"validate": "list", "source": self._cells_of_list[name]}
            if name == "statuses":
                rule["error_type"] = "information"
            page.rule(Range(FIRST_REMARK, column, last, column), rule)
        page.sheet.freeze_panes(FIRST_REMARK - 1, 0)
        page.finish(insert_rows=True)

    def _write_others(self, page: Page, table: FormTable) -> None:
        """Sheet of figures that a table may have and its sheet has no cell for."""
        page.text(1, 1, OTHERS, "title")
        example = {**table.rows[-1].codes, **table.columns[-1].codes}
        words = _OTHER_HELP.format(text_of(example))
        page.joined(Range(2, 1, 2, OTHER_FIGURE), words, "text")
        page.height(2, height_of(words, sum(_OTHER_WIDTHS)))
        for column, title in enumerate(OTHER_COLUMNS, start=1):
            page.text(FIRST_OTHER - 1, column, title, "head")
            page.width(column, column, _OTHER_WIDTHS[column - 1])
        last = _leave_lines(page, FIRST_OTHER, ["field"] * (OTHER_FIGURE - 1) + ["number"])
        rule = {"validate": "list", "source": self._cells_of_list["tables"]}
        page.rule(Range(FIRST_OTHER, 1, last, 1), rule)
        page.rule(Range(FIRST_OTHER, OTHER_FIGURE, last, OTHER_FIGURE), FIGURE)
        page.sheet.freeze_panes(FIRST_OTHER - 1, 0)
        page.finish(insert_rows=True)

    def _write_lists(self, page: Page) -> None:
        """Hidden sheet of everything that cells choose from, and of styles of figures."""
        for place, (name, entries) in enumerate(self.lists.items()):
            column = _column_of_list(place)
            page.text(1, column, name)
            for row, texts in enumerate(entries.rows(), start=2):
                for further, text in enumerate(texts):
                    page.text(row, column + further, text)
        column = _column_of_list(len(self.lists))
        page.text(1, column, "#styles")
        for decimals in range(DECIMAL_STYLES):
            code = "0" if not decimals else "0." + "0" * decimals
            properties = {**ENTRY, "align": "right", "num_format": code}
            number = self.workbook.add_format(properties)
            page.sheet.write_number(decimals + 1, column - 1, 0, number)
        page.sheet.hide()

    def _write_start(self, page: Page, plans: Sequence[SheetPlan]) -> None:
        """First sheet: what to do, and how far each table is."""
        table = plans[0].table
        page.text(1, 1, "International labour migration statistics: questionnaire", "title")
        page.text(2, 1, table.heading, "group")
        width = sum(_START_WIDTHS)
        for row, text in enumerate(_STEPS, start=4):
            page.joined(Range(row, 1, row, 4), text, "text")
            page.height(row, height_of(text, width))
        head = len(_STEPS) + 5
        for column, title in enumerate(("Table", "What it asks", "Figures", "Checks"), start=1):
            page.text(head, column, title, "head")
            page.width(column, column, _START_WIDTHS[column - 1])
        for row, sheet_plan in enumerate(plans, start=head + 1):
            _write_state(page, row, sheet_plan)
        last = head + len(plans)
        page.judge(f"D{head + 1}:D{last}")
        page.finish(Range(1, 1, last, 4))


def _leave_lines(page: Page, first: int, styles: Sequence[str]) -> int:
    """Leave lines of a list empty, a style for each column; the number of the last line."""
    last = first + _REMARK_LINES - 1
    for row in range(first, last + 1):
        is_seen = row < first + _SEEN_LINES
        for column, style in enumerate(styles, start=1):
            page.blank(row, column, style if is_seen else f"free {style}")
    page.grow(Range(first + _SEEN_LINES, 1, last, len(styles)))
    return last


def _column_of_list(place: int) -> int:
    """First of the three columns of a list: names, codes, local names."""
    return 3 * place + 1


def _write_state(page: Page, row: int, sheet_plan: SheetPlan) -> None:
    """Line of the first sheet about one table."""
    name = sheet_plan.table.sheet
    page.link(row, 1, name)
    page.text(row, 2, sheet_plan.table.title, "name")
    ranges = [f"'{name}'!{cells}" for cells in figures_of(sheet_plan)]
    page.formula(row, 3, f"=COUNT({','.join(ranges)})", "name")
    counts = [broken_in(f"'{name}'!{cells}") for cells in checks_of(sheet_plan)]
    if not counts:
        page.blank(row, 4, "name")
        return
    broken = "+".join(counts)
    words = f'"parts and totals: look at "&({broken})'
    page.formula(row, 4, f'=IF(({broken})=0,"",{words})', "name")


_REMARK_HELP = (
    "One line for each cell that is provisional, estimated, confidential or missing, or that"
    " needs a note. Give the sheet and the cell, such as D21, choose what you say, and say it."
)
_OTHER_HELP = (
    "One line for each figure that its table has no cell for, such as a third sex or a group of"
    " a classification that is not asked. Choose the sheet of the table, give the codes of the"
    " class, such as {}, and the figure."
)
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
    "5. Do not insert, delete or move rows and columns: figures that have no cell go to the"
    " sheet Other figures, everything else to Remarks.",
)
