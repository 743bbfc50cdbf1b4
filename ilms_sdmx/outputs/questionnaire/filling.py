"""Filling a questionnaire, ours or another maker's, from data sets."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from ilms_sdmx._files import file_name
from ilms_sdmx.errors import TableError
from ilms_sdmx.findings import Finding, Place, Report, find
from ilms_sdmx.messages.intake import datasets_in
from ilms_sdmx.outputs.questionnaire.editing import WorkbookEditor
from ilms_sdmx.outputs.questionnaire.forms import PICKED, PICKS
from ilms_sdmx.outputs.questionnaire.layouts import SheetLayout, layouts_of
from ilms_sdmx.outputs.questionnaire.lists import REMARKS_ON, country_list, value_list
from ilms_sdmx.outputs.questionnaire.notes import attributes_of, values_of
from ilms_sdmx.outputs.questionnaire.others import free_dimensions, is_allowed
from ilms_sdmx.outputs.questionnaire.plans import (
    FIRST_OTHER,
    FIRST_REMARK,
    LISTS,
    OTHER_FIGURE,
    OTHERS,
    REMARKS,
    START,
    codes_of,
    key_of,
    text_of,
)
from ilms_sdmx.outputs.questionnaire.reading import units_of
from ilms_sdmx.outputs.questionnaire.remarks import NONE
from ilms_sdmx.structures.reading.resolving import Structure
from ilms_sdmx.structures.sums import PARTNERS
from ilms_sdmx.tables.addresses import address
from ilms_sdmx.tables.cells import Kind, Sheet, Workbook
from ilms_sdmx.tables.workbooks import read_workbook

_WHAT_OF = {attribute: what for what, attribute in REMARKS_ON.items()}


@dataclass(frozen=True)
class Filled:
    """A filled form.

    Parameters
    ----------
    content
        Bytes of the workbook.
    report
        Findings: what has no place in the form, what was not written over.
    written
        Number of figures that are in the form now.
    """

    content: bytes
    report: Report
    written: int


def fill_questionnaire(
    form: str | os.PathLike[str] | bytes,
    data: Any,
    *,
    layouts: Sequence[SheetLayout] = (),
    structure: Structure = None,
    overwrite: bool = False,
) -> Filled:
    """Fill figures of data sets into a questionnaire; nothing else of the workbook changes.

    Parameters
    ----------
    form
        Empty or partly filled workbook (.xlsx, .xlsm): a path or bytes.
    data
        Data sets, or whatever holds them.
    layouts
        Where a form of another maker has its figures, from `read_layout`; by default the
        hidden codes of our own forms say it.
    structure
        Structure message of a form for another structure than those of ILMS.
    overwrite
        Replace figures that are in the form already.

    Returns
    -------
    Filled
        The workbook and what was found.

    Raises
    ------
    TableError
        The form is no workbook of this kind, or no questionnaire of ours and no layout is
        given.
    TypeError
        `data` is nothing that holds data sets.

    Notes
    -----
    A table has one source: of data sets with several for one table nothing is filled, and an
    error says so.

    Examples
    --------
    >>> import io
    >>> import pandas as pd
    >>> from ilms_sdmx import (Components, Dataset, fill_questionnaire, form_tables,
    ...     read_questionnaire, write_questionnaire)
    >>> form = io.BytesIO()
    >>> write_questionnaire(form_tables("LAO", "2024", tables=["MNA 5"]), form)
    >>> figures = pd.DataFrame(
    ...     {"REF_AREA": "LAO", "FREQ": "A", "MEASURE": "EMP_MNAO_NB", "SEX": ["SEX_T"],
    ...      "EDU": "EDU_AGGREGATE_TOTAL", "TIME_PERIOD": "2024", "OBS_VALUE": "56.10"})
    >>> dataset = Dataset(figures, Components(tuple(figures)[:6]),
    ...     "ILO:DF_EMP_MNAO_SEX_EDU_NB(1.0)")
    >>> filled = fill_questionnaire(form.getvalue(), dataset)
    >>> filled.written
    1
    >>> read_questionnaire(filled.content).datasets[0].observations["OBS_VALUE"].tolist()
    ['56.10']
    """
    name = "form" if isinstance(form, bytes) else file_name(form)
    content = form if isinstance(form, bytes) else Path(form).read_bytes()
    workbook = read_workbook(content)
    if workbook.format != "xlsx":
        raise TableError(f"{name}: expected an .xlsx workbook, found {workbook.format}.")
    used = list(layouts) or layouts_of(workbook, structure)
    filling = _Filling(workbook, WorkbookEditor(content, name), overwrite)
    by_flow: dict[str, list[Any]] = {}
    for dataset in datasets_in(data):
        by_flow.setdefault(dataset.dataflow, []).append(dataset)
    layout_of = {layout.table.full_id: layout for layout in used}
    for dataflow, datasets in by_flow.items():
        rows = [row for dataset in datasets for row in _rows(dataset)]
        layout = layout_of.get(dataflow)
        if layout is None:
            filling.leave_out(dataflow, rows)
        else:
            filling.fill(layout, rows)
    if not layouts:
        filling.editor.forget_results(START)
    report = Report.of(filling.findings).at(file=name)
    return Filled(filling.editor.content(), report, filling.written)


#: One observation: text by component, empty where absent.
Row = dict[str, str]


def _rows(dataset: Any) -> list[Row]:
    frame = dataset.observations.astype("str")
    frame = frame.where(dataset.observations.notna(), "")
    return [
        {str(name): str(value) for name, value in row.items()}
        for row in frame.to_dict("records")
    ]


class _Filling:
    """The form while it is filled."""

    def __init__(self, workbook: Workbook, editor: WorkbookEditor, overwrite: bool) -> None:
        self.editor = editor
        self.overwrite = overwrite
        self.findings: list[Finding] = []
        self.written = 0
        self.sheets = {sheet.name: sheet for sheet in workbook}
        self.next_remark = _first_free(self.sheets.get(REMARKS), FIRST_REMARK)
        self.next_line = _first_free(self.sheets.get(OTHERS), FIRST_OTHER)
        self.lines = _lines_of(self.sheets.get(OTHERS))
        self.styles = _decimal_styles(self.sheets.get(LISTS), editor)

    def leave_out(self, dataflow: str, rows: list[Row], case: str = "") -> None:
        """Tell of figures that the form has no cell for."""
        if not rows:
            return
        names = [_key(row) for row in rows[:3]]
        place = Place(dataflow=dataflow)
        read = "; ".join(names)
        self.findings.append(
            find("form-left-out", place, case=case, read=read, count=len(rows))
        )

    def fill(self, layout: SheetLayout, rows: list[Row]) -> None:
        """Fill one table."""
        if layout.sheet not in self.sheets:
            place = Place(sheet=layout.sheet)
            names = ", ".join(self.sheets)
            self.findings.append(
                find("sheet-not-found", place, case="form", read=layout.sheet, expected=names)
            )
            return
        wanted: list[Row] = []
        others: list[Row] = []
        for row in rows:
            is_of_form = all(row.get(name, code) == code for name, code in layout.fixed.items())
            (wanted if is_of_form else others).append(row)
        self.leave_out(layout.table.full_id, others, "elsewhere")
        sources = sorted({row.get("SOURCE", "") for row in wanted} - {""})
        if len(sources) > 1:
            place = Place(sheet=layout.sheet, dataflow=layout.table.full_id)
            flow = f"DF_{layout.dataflow}"
            read, count = "; ".join(sources), len(sources)
            self.findings.append(
                find(
                    "form-left-out",
                    place,
                    case="sources",
                    read=read,
                    count=count,
                    dataflow=flow,
                )
            )
            return
        if wanted:
            self._fill(layout, wanted)

    def _fill(self, layout: SheetLayout, rows: list[Row]) -> None:
        if not self._is_of_one_source(layout, rows):
            return
        said = self._fill_fields(layout, rows)
        places = _Places(layout, rows)
        for number, name in places.picked.items():
            self._set(layout, layout.sheet, (number, layout.names), name)
        components = layout.table.components
        measure = components.measures[0] if components else "OBS_VALUE"
        missing: list[Row] = []
        for row in rows:
            sheet, place = layout.sheet, places.of(row)
            needs_line = place is None or not (row[measure] or _differs(layout, row, said))
            if needs_line:
                sheet, place = OTHERS, self._line_of(layout, row)
            if place is None:
                missing.append(row)
                continue
            if self._fill_cell(layout, sheet, place, row[measure]):
                self.written += 1
                self._add_remarks(layout, sheet, place, row, said)
        self.leave_out(layout.table.full_id, missing)

    def _is_of_one_source(self, layout: SheetLayout, rows: list[Row]) -> bool:
        """Whether the form names no other source for the table than its figures have."""
        if "source" not in layout.fields or self.overwrite:
            return True
        place = layout.fields["source"]
        held = self.sheets[layout.sheet].at(*place).text.strip()
        source = rows[0].get("SOURCE", "")
        if not held or not source or held == source:
            return True
        self._refuse(layout, layout.sheet, place, "occupied", source, held)
        return False

    def _line_of(self, layout: SheetLayout, row: Row) -> tuple[int, int] | None:
        """Cell of a figure on the sheet of other figures; None where it can have none."""
        table = layout.table
        codes = {name: row.get(name, "") for name in free_dimensions(table)}
        if OTHERS not in self.sheets or not is_allowed(table, codes):
            return None
        key = layout.sheet, key_of(codes)
        if key not in self.lines:
            number = self.next_line
            self.next_line += 1
            self.lines[key] = number
            self.editor.set(OTHERS, number, 1, layout.sheet)
            self.editor.set(OTHERS, number, 2, text_of(codes))
        return self.lines[key], OTHER_FIGURE

    def _fill_cell(
        self, layout: SheetLayout, sheet: str, place: tuple[int, int], text: str
    ) -> bool:
        """Write a figure; False where the cell is not free."""
        if not text:
            return True
        try:
            value = Decimal(text)
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite():
            self._refuse(layout, sheet, place, "", text)
            return False
        return self._set(layout, sheet, place, value)

    def _set(
        self,
        layout: SheetLayout,
        sheet: str,
        place: tuple[int, int],
        value: Decimal | str,
    ) -> bool:
        cell = self.sheets[sheet].at(*place)
        text = str(value)
        if cell.extra.formula:
            self._refuse(layout, sheet, place, "formula", text)
            return False
        is_free = cell.kind is Kind.EMPTY or self.overwrite or cell.text.strip() in ("", text)
        if not is_free:
            self._refuse(layout, sheet, place, "occupied", text, cell.text.strip())
            return False
        style = None
        if isinstance(value, Decimal):
            style = self._style(value)
        self.editor.set(sheet, *place, value, style)
        return True

    def _style(self, value: Decimal) -> str | None:
        """Style that keeps zeros at the end of a figure, where the form has one."""
        exponent = value.as_tuple().exponent
        decimals = -exponent if isinstance(exponent, int) else 0
        has_zeros = decimals > 0 and str(value).endswith("0")
        return self.styles.get(decimals) if has_zeros else None

    def _refuse(
        self,
        layout: SheetLayout,
        sheet: str,
        place: tuple[int, int],
        case: str,
        text: str,
        held: str = "",
    ) -> None:
        where = Place(sheet=sheet, cell=address(*place), dataflow=layout.table.full_id)
        if not case:
            self.findings.append(find("form-left-out", where, read=text, count=1))
            return
        self.findings.append(find("form-left-out", where, case=case, read=held, expected=text))

    def _fill_fields(self, layout: SheetLayout, rows: list[Row]) -> Mapping[str, str]:
        """Fill what most figures share into the fields; the attributes that they then say."""
        fields = [field for field in layout.table.fields if field.id in layout.fields]
        common = {}
        attributes = dict.fromkeys(field.attribute for field in fields)
        for attribute in attributes:
            [(text, _)] = Counter(row.get(attribute, "") for row in rows).most_common(1)
            if text:
                common[attribute] = text
        values = values_of(common, fields)
        multipliers = value_list("multipliers")
        for field in fields:
            value = values.get(field.id, "")
            if not value:
                continue
            shown = value
            if field.id == "multiplier" and value in multipliers.codes:
                shown = multipliers.names[multipliers.codes.index(value)]
            cell = layout.fields[field.id]
            self.editor.set(layout.sheet, *cell, shown)
        if "multiplier" in layout.fields and "multiplier" not in values:
            self.editor.set(layout.sheet, *layout.fields["multiplier"], "")
        return {**units_of(layout.table), **attributes_of(values, layout.table.fields)}

    def _add_remarks(
        self,
        layout: SheetLayout,
        sheet: str,
        place: tuple[int, int],
        row: Row,
        said: Mapping[str, str],
    ) -> None:
        """Say on the sheet of remarks what a figure has that the fields do not say."""
        if REMARKS not in self.sheets:
            return
        for what, text in _differs(layout, row, said).items():
            line = (sheet, address(*place), what, text or NONE)
            for column, value in enumerate(line, start=1):
                self.editor.set(REMARKS, self.next_remark, column, value)
            self.next_remark += 1


def _differs(layout: SheetLayout, row: Row, said: Mapping[str, str]) -> dict[str, str]:
    """What a figure says that the fields of its table do not, by the words of remarks."""
    what_of = _WHAT_OF
    if layout.table.components is not None:
        what_of = {name: name for name in layout.table.components.attributes}
    differing = {}
    for attribute, what in what_of.items():
        text = row.get(attribute, "")
        if text != said.get(attribute, ""):
            differing[what] = text
    return differing


class _Places:
    """Cell of each combination of codes of a table.

    Parameters
    ----------
    layout
        Layout of the sheet.
    rows
        Observations that are to be filled in: they decide which countries are named in the
        rows where a person chooses one.
    """

    def __init__(self, layout: SheetLayout, rows: list[Row]) -> None:
        self._layout = layout
        self._row_of: dict[str, int] = {}
        self.picked: dict[int, str] = {}
        choices = []
        for number, codes in layout.rows.items():
            if PICKED in codes.values():
                choices.append(number)
            else:
                self._row_of[key_of(codes)] = number
        self._column_of = {key_of(codes): number for number, codes in layout.columns.items()}
        self._row_names = list(next(iter(layout.rows.values()), {}))
        self._column_names = list(next(iter(layout.columns.values()), {}))
        if choices:
            self._pick(choices, rows)

    def _pick(self, choices: list[int], rows: list[Row]) -> None:
        """Name countries in the rows that are for it, where they are enough."""
        dimension = self._row_names[0]
        prefix = PARTNERS[f"CL_{dimension}"]
        sizes: dict[str, float] = {}
        for row in rows:
            code = row[dimension]
            if code in (f"{prefix}_TOTAL", f"{prefix}_X"):
                continue
            sizes[code] = max(sizes.get(code, 0.0), _size(row["OBS_VALUE"]))
        has_list = any(f"{dimension}={code}" in self._row_of for code in sizes)
        if len(sizes) > min(len(choices), PICKS) and has_list:
            return
        names = country_list(self._layout.table)
        name_of = dict(zip(names.codes, names.names, strict=True))
        known = [code for code in sizes if code in name_of]
        largest = sorted(known, key=lambda code: (-sizes[code], code))
        for number, code in zip(choices, largest, strict=False):
            self.picked[number] = name_of[code]
            self._row_of[key_of({dimension: code})] = number

    def of(self, row: Row) -> tuple[int, int] | None:
        """Row and column of the cell of an observation; None where the form has none."""
        down = {name: row.get(name, "") for name in self._row_names}
        across = {name: row.get(name, "") for name in self._column_names}
        number = self._row_of.get(key_of(down))
        column = self._column_of.get(key_of(across))
        if number is None or column is None:
            return None
        return number, column


def _size(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _key(row: Row) -> str:
    """Key of an observation in words short enough for a message."""
    codes = []
    for name, code in row.items():
        if name == "OBS_VALUE":
            break
        codes.append(code)
    return ".".join(codes)


def _lines_of(sheet: Sheet | None) -> dict[tuple[str, str], int]:
    """Row of each line of other figures, by the sheet of its table and its codes."""
    lines: dict[tuple[str, str], int] = {}
    if sheet is None:
        return lines
    for row in range(FIRST_OTHER, sheet.rows + 1):
        codes = codes_of(sheet.at(row, 2).text)
        if codes:
            lines.setdefault((sheet.at(row, 1).text.strip(), key_of(codes)), row)
    return lines


def _first_free(sheet: Sheet | None, first: int) -> int:
    """First line of a sheet of lines that is empty, and all below it."""
    last = first - 1
    for cell in sheet or ():
        if cell.text.strip():
            last = max(last, cell.row)
    return last + 1


def _decimal_styles(sheet: Sheet | None, editor: WorkbookEditor) -> dict[int, str]:
    """Style of figures with each number of decimals, from the hidden sheet of our forms."""
    styles: dict[int, str] = {}
    if sheet is None:
        return styles
    for cell in sheet:
        if cell.text != "#styles":
            continue
        row = cell.row + 1
        while sheet.at(row, cell.column).kind is not Kind.EMPTY:
            style = editor.style_of(LISTS, row, cell.column)
            if style is not None:
                styles[row - cell.row - 1] = style
            row += 1
    return styles
