"""Reading a filled questionnaire back into data sets, every cell accounted for."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ilms_sdmx.datasets import Components, Dataset
from ilms_sdmx.findings import Finding, Place, Report, find, phrase
from ilms_sdmx.labels.matching import match_label
from ilms_sdmx.outputs.questionnaire.buckets import Buckets, said_in
from ilms_sdmx.outputs.questionnaire.forms import PICKED, FormTable
from ilms_sdmx.outputs.questionnaire.layouts import SheetLayout, layouts_of
from ilms_sdmx.outputs.questionnaire.lists import (
    country_list,
    value_list,
)
from ilms_sdmx.outputs.questionnaire.notes import attributes_of
from ilms_sdmx.outputs.questionnaire.numbers import figure_in
from ilms_sdmx.outputs.questionnaire.others import read_others
from ilms_sdmx.outputs.questionnaire.plans import (
    OTHER_FIGURE,
    OTHERS,
    REMARKS,
    key_of,
    names_of,
)
from ilms_sdmx.outputs.questionnaire.remarks import NONE, Remarks, read_remarks
from ilms_sdmx.structures import facts
from ilms_sdmx.structures.flows import dataflow
from ilms_sdmx.structures.reading.resolving import Structure
from ilms_sdmx.structures.sums import PARTNERS
from ilms_sdmx.tables.addresses import address
from ilms_sdmx.tables.cells import Cell, Kind, Sheet
from ilms_sdmx.tables.workbooks import read_workbook

if TYPE_CHECKING:
    import pandas as pd

#: What the reading of workbooks tells that every form has: hidden codes, formulas of checks. A
#: cell of a figure whose formula has no result is told when it is read.
_OF_FORMS = frozenset({"formula-without-result", "hidden-cells", "hidden-sheet"})


@dataclass(frozen=True, eq=False)
class FilledForm:
    """What a filled questionnaire says.

    Parameters
    ----------
    datasets
        One data set a table with figures, its provenance naming sheet and cell.
    report
        Findings, each with its cell.
    cells
        Every cell that is not empty, one row each: `sheet`, `cell`, `text`, and `bucket`
        (`observation`, `field`, `remark`, `form` for what the form itself says, `outside` and
        `finding` for what was not read).
    """

    datasets: tuple[Dataset, ...]
    report: Report
    cells: pd.DataFrame

    def __repr__(self) -> str:
        count = sum(map(len, self.datasets))
        return f"<FilledForm: {count:,} figures in {len(self.datasets)} tables>"


@dataclass(frozen=True)
class _Figure:
    """One figure as read: its codes, its text, where it is, and what is said of it alone."""

    codes: Mapping[str, str]
    text: str
    sheet: str
    row: int
    column: int
    shown: str
    remarks: Mapping[str, str] = field(default_factory=dict)

    @property
    def cell(self) -> str:
        return address(self.row, self.column)


def read_questionnaire(
    source: str | os.PathLike[str] | bytes,
    *,
    layouts: Sequence[SheetLayout] = (),
    structure: Structure = None,
) -> FilledForm:
    """Read a filled questionnaire: one of ours, or any form that layouts describe.

    Parameters
    ----------
    source
        Workbook: a path or bytes.
    layouts
        Where a form of another maker has its figures, from `read_layout`; by default the
        hidden codes of our own forms say it.
    structure
        Structure message of a form for another structure than those of ILMS.

    Raises
    ------
    TableError
        It is no workbook, or no questionnaire of ours and no layout is given.

    Examples
    --------
    >>> import io
    >>> from ilms_sdmx import form_tables, read_questionnaire, write_questionnaire
    >>> form = io.BytesIO()
    >>> write_questionnaire(form_tables("LAO", "2024", tables=["MNA 5"]), form)
    >>> filled = read_questionnaire(form.getvalue())
    >>> filled
    <FilledForm: 0 figures in 0 tables>
    >>> [finding.rule for finding in filled.report]
    ['form-empty']
    """
    workbook = read_workbook(source)
    used = list(layouts) or layouts_of(workbook, structure)
    sheets = {sheet.name: sheet for sheet in workbook}
    findings = [each for each in workbook.findings if each.rule not in _OF_FORMS]
    findings += _find_sheets(used, sheets)
    buckets = Buckets()
    others, found = read_others(sheets.get(OTHERS), used, buckets)
    findings += found
    remarks, found = read_remarks(sheets.get(REMARKS), used, others, buckets)
    findings += found
    datasets = []
    for layout in _first_of_each(used):
        sheet = sheets.get(layout.sheet)
        if sheet is None:
            continue
        reading = _SheetReading(layout, sheet, remarks, buckets)
        reading.lines = others.get(layout.sheet, {})
        reading.other_sheet = sheets.get(OTHERS)
        dataset, found = reading.read()
        findings += found
        if dataset is not None:
            datasets.append(dataset)
    report = Report.of(findings).at(file=workbook.name)
    return FilledForm(tuple(datasets), report, buckets.frame(workbook))


def _first_of_each(layouts: Sequence[SheetLayout]) -> Iterator[SheetLayout]:
    """Layouts without those of a table that another sheet has already."""
    seen = set()
    for layout in layouts:
        if layout.dataflow not in seen:
            seen.add(layout.dataflow)
            yield layout


def _find_sheets(
    layouts: Sequence[SheetLayout], sheets: Mapping[str, Sheet]
) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for layout in layouts:
        place = Place(sheet=layout.sheet)
        if layout.sheet not in sheets:
            held = ", ".join(sheets)
            yield find("sheet-not-found", place, case="form", read=layout.sheet, expected=held)
        elif layout.dataflow in first:
            names = f"{first[layout.dataflow]} and {layout.sheet}"
            dataflow_id = f"DF_{layout.dataflow}"
            yield find("form-sheet", place, read=names, dataflow=dataflow_id)
        first.setdefault(layout.dataflow, layout.sheet)


class _SheetReading:
    """One sheet on its way to a data set."""

    def __init__(
        self,
        layout: SheetLayout,
        sheet: Sheet,
        remarks: Mapping[str, Remarks],
        buckets: Buckets,
    ) -> None:
        self.layout = layout
        self.sheet = sheet
        self.remarks = remarks
        self.own_remarks = remarks.get(layout.sheet, {})
        self.buckets = buckets
        self.table = layout.table
        self.lines: Mapping[int, Mapping[str, str]] = {}
        self.other_sheet: Sheet | None = None
        self.findings: list[Finding] = []

    def read(self) -> tuple[Dataset | None, list[Finding]]:
        """Data set of the sheet, None where it has no figure, and what was found."""
        wrong_rows, wrong_columns = self._check_form()
        figures = self._figures(wrong_rows, wrong_columns)
        figures = self._each_once([*figures, *self._other_figures()])
        values = self._fields(has_figures=bool(figures))
        self._find_outside()
        if not figures:
            if not self.findings:
                self.findings.append(find("form-empty", self._place()))
            return None, self.findings
        return self._dataset(figures, values), self.findings

    def _place(self, row: int = 0, column: int = 0, sheet: str = "") -> Place:
        cell = address(row, column) if row else ""
        flow = self.table.full_id
        return Place(sheet=sheet or self.layout.sheet, cell=cell, dataflow=flow)

    def _add(self, rule: str, row: int, column: int, **said: Any) -> None:
        self.findings.append(find(rule, self._place(row, column), **said))

    def _check_form(self) -> tuple[set[int], set[int]]:
        """Rows and columns whose names are not those of the form; what is missing is told."""
        plan = self.layout.plan
        if plan is None:
            return set(), set()
        self._find_missing()
        wrong_rows = set()
        label_of = {key_of(row.codes): row.label for row in self.table.rows if row.label}
        for number, codes in self.layout.rows.items():
            expected = label_of.get(key_of(codes), "")
            shown = self.sheet.at(number, self.layout.names).text
            if expected and _plain(shown) != _plain(expected):
                wrong_rows.add(number)
                self._add(
                    "form-label", number, self.layout.names, read=shown, expected=expected
                )
        wrong_columns = set()
        for number, codes in self.layout.columns.items():
            for form in self.table.columns:
                if dict(form.codes) != dict(codes):
                    continue
                for level, expected in enumerate(form.labels):
                    row = self.layout.heads + level
                    shown = self.sheet.at(row, number).text
                    if _plain(shown.partition("\n")[0]) != _plain(expected):
                        wrong_columns.add(number)
                        self._add("form-label", row, number, read=shown, expected=expected)
        return wrong_rows, wrong_columns

    def _find_missing(self) -> None:
        rows = [key_of(codes) for codes in self.layout.rows.values()]
        missing = []
        for row in self.table.rows:
            text = key_of(row.codes)
            if text in rows:
                rows.remove(text)
            else:
                missing.append(row.label or phrase("country-to-choose"))
        if missing:
            names = ", ".join(missing[:5])
            self.findings.append(
                find("form-rows", self._place(), read=names, count=len(missing))
            )
        there = [dict(codes) for codes in self.layout.columns.values()]
        lost = [names_of(form) for form in self.table.columns if dict(form.codes) not in there]
        if lost:
            names = "; ".join(lost[:5])
            self.findings.append(
                find("form-columns", self._place(), read=names, count=len(lost))
            )

    def _figures(self, wrong_rows: set[int], wrong_columns: set[int]) -> list[_Figure]:
        merged = self._find_merged()
        figures = []
        for row, codes in self.layout.rows.items():
            cells = self._cells_of_row(row)
            if PICKED in codes.values():
                codes = self._picked(row, codes, has_figures=bool(cells))
            for column, cell in cells:
                is_wrong = row in wrong_rows or column in wrong_columns or not codes
                if is_wrong or (row, column) in merged:
                    self.buckets.put(self.layout.sheet, row, column, "finding")
                    continue
                text = self._number(cell) if cell is not None else ""
                if text is None:
                    continue
                shown = cell.text if cell is not None else ""
                whole = {**self.layout.fixed, **codes, **self.layout.columns[column]}
                said = self.own_remarks.get((row, column), {})
                at = self.layout.sheet, row, column
                figures.append(_Figure(whole, text, *at, shown, said))
        return figures

    def _cells_of_row(self, row: int) -> list[tuple[int, Cell | None]]:
        """Cells of a row that hold something or have a remark."""
        cells: list[tuple[int, Cell | None]] = []
        for column in self.layout.columns:
            cell = self.sheet.at(row, column)
            is_blank = cell.kind is Kind.EMPTY or not cell.text.strip()
            if not is_blank or cell.uncached:
                cells.append((column, cell))
            elif (row, column) in self.own_remarks:
                cells.append((column, None))
        return cells

    def _picked(
        self, row: int, codes: Mapping[str, str], *, has_figures: bool
    ) -> dict[str, str]:
        """Codes of a row whose country a person names; empty where it cannot be known."""
        column = self.layout.names
        name = said_in(self.sheet.at(row, column))
        dimension = next(name for name, code in codes.items() if code == PICKED)
        if name:
            self.buckets.put(self.layout.sheet, row, column, "field")
        if not name:
            if has_figures:
                self._add("figure-without-heading", row, column, case="country")
            return {}
        entries = country_list(self.table)
        code = entries.code_of(name)
        if code:
            return {**codes, dimension: code}
        match = match_label(name, f"{PARTNERS[f'CL_{dimension}']}_")
        if match.code in entries.codes:
            said = {"read": name, "code": match.code}
            self._add("form-country", row, column, **said)
            return {**codes, dimension: match.code}
        near = match.candidates
        unknown: dict[str, Any] = {"component": dimension, "candidates": near}
        self._add("unknown-label", row, column, case="country", read=name, **unknown)
        return {}

    def _number(self, cell: Cell, sheet: str = "") -> str | None:
        """Lexical form of a figure; None where the cell holds none, which is told."""
        text, found = figure_in(cell, self._place(cell.row, cell.column, sheet))
        self.findings += found
        bucket = "finding" if text is None else "observation"
        self.buckets.put(sheet or self.layout.sheet, cell.row, cell.column, bucket)
        return text

    def _other_figures(self) -> list[_Figure]:
        """Figures of the sheet of other figures; a line without a figure has no value."""
        figures = []
        for row, codes in self.lines.items():
            assert self.other_sheet is not None
            cell = self.other_sheet.at(row, OTHER_FIGURE)
            text: str | None = ""
            if cell.uncached or cell.text.strip():
                text = self._number(cell, OTHERS)
            if text is None:
                continue
            whole = {**self.layout.fixed, **codes}
            said = self.remarks.get(OTHERS, {}).get((row, OTHER_FIGURE), {})
            at = OTHERS, row, OTHER_FIGURE
            figures.append(_Figure(whole, text, *at, cell.text, said))
        return figures

    def _find_merged(self) -> set[tuple[int, int]]:
        """Cells of figures that a merge joins."""
        joined = set()
        for merge in self.sheet.merges:
            cells = []
            for row in range(merge.top, merge.bottom + 1):
                for column in range(merge.left, merge.right + 1):
                    if row in self.layout.rows and column in self.layout.columns:
                        cells.append((row, column))
            if cells:
                first = address(merge.top, merge.left)
                text = f"{first}:{address(merge.bottom, merge.right)}"
                self._add("merged-figure", *cells[0], case="form", read=text)
                joined.update(cells)
        return joined

    def _each_once(self, figures: list[_Figure]) -> list[_Figure]:
        """Figures without those that are given twice; unlike ones are told and left out."""
        first: dict[str, _Figure] = {}
        unlike = set()
        for figure in figures:
            key = key_of(figure.codes)
            other = first.setdefault(key, figure)
            if other is figure:
                continue
            said: dict[str, Any] = {"read": figure.shown, "cell": other.cell}
            place = self._place(figure.row, figure.column, figure.sheet)
            if other.text == figure.text:
                self.findings.append(find("repeated-observation", place, case="form", **said))
                continue
            said["other"] = other.shown
            self.findings.append(find("conflicting-observations", place, case="form", **said))
            unlike.add(key)
        return [figure for key, figure in first.items() if key not in unlike]

    def _fields(self, *, has_figures: bool) -> dict[str, str]:
        """Value of each field, codes where the field has a list."""
        values = {}
        for form_field in self.table.fields:
            if form_field.id not in self.layout.fields:
                continue
            row, column = self.layout.fields[form_field.id]
            cell = self.sheet.at(row, column)
            text = said_in(cell)
            if not text:
                continue
            self.buckets.put(self.layout.sheet, row, column, "field")
            value = text
            if form_field.id == "multiplier":
                value = value_list("multipliers").code_of(text)
                if not value:
                    expected = ", ".join(value_list("multipliers").names)
                    said = {"read": text, "field": form_field.label, "expected": expected}
                    self._add("form-field", row, column, **said)
            values[form_field.id] = value
        if has_figures and "source" in self.layout.fields and not values.get("source"):
            row, column = self.layout.fields["source"]
            self._add("form-field", row, column, case="empty", field="Source")
        return values

    def _find_outside(self) -> None:
        """Figures and texts that are in no cell of the form."""
        plan = self.layout.plan
        if plan is None:
            return
        fields = {row for row, _ in self.layout.fields.values()}
        last = max(self.layout.rows, default=0)
        first = min(self.layout.rows, default=0)
        own = {*self.layout.columns, *self.layout.before, 1, 2, 3}
        for cell in self.sheet:
            is_in_table = first <= cell.row <= last
            is_head = cell.row < first and cell.row not in fields
            if cell.extra.formula or cell.kind is Kind.EMPTY or not cell.text.strip():
                continue
            if cell.row in self.layout.rows and cell.column in own:
                continue
            is_of_form = is_head or cell.row in fields or cell.text.startswith("Check: ")
            if cell.kind is Kind.NUMBER and not (is_head and cell.column < 4):
                self._outside(cell, "form")
            elif not is_of_form and not (is_in_table and cell.column in (1, 2, 3)):
                self._outside(cell, "form-word")

    def _outside(self, cell: Cell, case: str) -> None:
        self.buckets.put(self.layout.sheet, cell.row, cell.column, "outside")
        self._add("unexplained-cell", cell.row, cell.column, case=case, read=cell.text.strip())

    def _dataset(self, figures: list[_Figure], values: Mapping[str, str]) -> Dataset:
        import pandas as pd

        table = self.table
        components = table.components
        if components is None:
            components = Components.of(dataflow(table.dataflow).structure)
        said = {**units_of(table), **attributes_of(values, table.fields)}
        columns: dict[str, list[str | None]] = {}
        for dimension in components.dimensions:
            columns[dimension] = [figure.codes[dimension] for figure in figures]
        measure = components.measures[0]
        columns[measure] = [figure.text or None for figure in figures]
        for attribute in components.attributes:
            texts = []
            for figure in figures:
                text = figure.remarks.get(attribute, said.get(attribute, ""))
                texts.append(None if text in ("", NONE) else text)
            columns[attribute] = texts
        frame = pd.DataFrame(columns, columns=components.columns, dtype="str")
        provenance = pd.DataFrame(
            {
                "sheet": [figure.sheet for figure in figures],
                "cell": [figure.cell for figure in figures],
                "text": [figure.shown for figure in figures],
            },
            dtype="str",
        )
        structure = table.structure or table.full_id.replace("DF_", "", 1)
        return Dataset(frame, components, table.full_id, structure, provenance=provenance)


def units_of(table: FormTable) -> dict[str, str]:
    """Unit of all figures of a table of ILMS; nothing for other structures."""
    if table.is_foreign:
        return {}
    flow = facts.by_id("dataflows.csv")[table.dataflow]
    return {
        "UNIT_MEASURE_TYPE": flow["unit_measure_type"],
        "UNIT_MEASURE": flow["unit_measure"],
    }


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
