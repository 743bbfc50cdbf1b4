"""Which cell of a form holds which figure: read from our own forms, or described in a file.

A form of another maker, such as the one that the ILO sends, is described once in a YAML file:
its sheets, and for each the dataflow, the codes of the rows and columns, and the cells of the
fields. Everything after that is the same for all forms.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ilms_sdmx._files import file_name, text_of
from ilms_sdmx.errors import MappingError, StructureError, TableError
from ilms_sdmx.labels.areas import area_code
from ilms_sdmx.outputs.questionnaire.foreign import foreign_table
from ilms_sdmx.outputs.questionnaire.forms import FormTable, form_table
from ilms_sdmx.outputs.questionnaire.plans import (
    CODES,
    MARK,
    NAMES,
    SheetPlan,
    codes_of,
    plan,
)
from ilms_sdmx.structures.flows import dimensions
from ilms_sdmx.structures.identifiers import resolve
from ilms_sdmx.structures.reading.resolving import Resolver, Structure
from ilms_sdmx.tables.addresses import column_number, position
from ilms_sdmx.tables.cells import Sheet, Workbook


@dataclass(frozen=True)
class SheetLayout:
    """Places of one table on a sheet.

    Parameters
    ----------
    sheet
        Name of the sheet.
    dataflow
        Bare id of the dataflow.
    fixed
        Code of each dimension that is the same for the whole sheet.
    rows, columns
        Codes of each row and column of figures, by its number from 1; the code `?` of a
        dimension says that a person names the country in the row.
    names
        Column in which rows have their names.
    fields
        Cell of each field of `dsd/questionnaire/fields.csv`, by its id.
    before
        Columns of figures that are only shown.
    heads
        First row of the headings of columns; 0 where nobody says it.
    foreign
        What is asked, where it is of another structure than those of ILMS.
    plan
        Plan of the sheet where the form is ours, else None.
    """

    sheet: str
    dataflow: str
    fixed: Mapping[str, str]
    rows: Mapping[int, Mapping[str, str]]
    columns: Mapping[int, Mapping[str, str]]
    names: int = NAMES
    fields: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    before: frozenset[int] = frozenset()
    heads: int = 0
    foreign: FormTable | None = None
    plan: SheetPlan | None = None

    @property
    def table(self) -> FormTable:
        """What the structures say of the table."""
        if self.foreign is not None:
            return self.foreign
        fixed = self.fixed
        return form_table(
            self.dataflow,
            fixed["REF_AREA"],
            fixed["TIME_PERIOD"],
            frequency=fixed.get("FREQ", "A"),
        )

    def codes_at(self, row: int, column: int) -> dict[str, str]:
        """Code of every dimension at a cell of figures."""
        return {**self.fixed, **self.rows[row], **self.columns[column]}


def layouts_of(workbook: Workbook, structure: Structure = None) -> list[SheetLayout]:
    """Layouts of the sheets of one of our own forms, from its hidden codes.

    Parameters
    ----------
    workbook
        The form.
    structure
        Structure message of a form that is for another structure than those of ILMS.

    Raises
    ------
    TableError
        No sheet is one of ours, or one is for a structure that is not given.
    """
    layouts = []
    for sheet in workbook:
        mark = _mark(sheet)
        if mark:
            layouts.append(_layout(sheet, mark, structure))
    if not layouts:
        raise TableError(
            f"{workbook.name} is no questionnaire of `ilms-sdmx questionnaire new`: no sheet"
            " has its hidden codes. Describe the form in a layout file and give it with"
            " --layout, or copy the figures into a new questionnaire."
        )
    return layouts


def _mark(sheet: Sheet) -> dict[str, str]:
    """What the first cell of a sheet of ours says of it; empty for other sheets."""
    codes = codes_of(sheet.at(1, CODES).text)
    return codes if codes.get("form") == MARK else {}


def _layout(sheet: Sheet, mark: dict[str, str], structure: Structure) -> SheetLayout:
    rows: dict[int, Mapping[str, str]] = {}
    columns: dict[int, Mapping[str, str]] = {}
    before = set()
    fields = {}
    code_row = 0
    for row in range(2, sheet.rows + 1):
        text = sheet.at(row, CODES).text
        codes = codes_of(text)
        if codes:
            rows[row] = codes
        elif text == "#columns":
            code_row = row
        elif text.startswith("#"):
            fields[text.removeprefix("#")] = (row, NAMES + 1)
    for column in range(NAMES + 1, sheet.columns + 1):
        text = sheet.at(code_row, column).text if code_row else ""
        codes = codes_of(text)
        if codes:
            columns[column] = codes
        elif text == "#before":
            before.add(column)
    fixed = {name: code for name, code in mark.items() if name not in ("form", "dataflow")}
    dataflow = mark.get("dataflow", "")
    foreign = None
    if is_of_ilms(dataflow):
        dataflow = resolve(dataflow).id
    else:
        foreign = _foreign(sheet, dataflow, fixed, structure)
    layout = SheetLayout(
        sheet.name, dataflow, fixed, rows, columns, fields=fields, foreign=foreign
    )
    sheet_plan = plan(layout.table, with_previous=bool(before))
    return SheetLayout(
        sheet.name,
        dataflow,
        fixed,
        rows,
        columns,
        fields=fields,
        before=frozenset(before),
        heads=code_row + 1,
        foreign=foreign,
        plan=sheet_plan,
    )


def _foreign(
    sheet: Sheet, dataflow: str, fixed: Mapping[str, str], structure: Structure
) -> FormTable:
    """What is asked by a sheet for another structure than those of ILMS."""
    if structure is None:
        raise TableError(
            f"sheet {sheet.name!r} is for {dataflow}: give its structure message with"
            " --structure"
        )
    definition = Resolver.of(structure)(dataflow, "")
    time = definition.time if definition is not None else ""
    codes = {name: code for name, code in fixed.items() if name != time}
    return foreign_table(dataflow, structure, codes, fixed.get(time, ""))


def is_of_ilms(dataflow: str) -> bool:
    """Whether a dataflow is one whose structure travels with the package."""
    try:
        resolve(dataflow)
    except StructureError:
        return False
    return True


def read_layout(
    path: str | os.PathLike[str], *, area: str = "", period: str = ""
) -> list[SheetLayout]:
    """Layouts of the sheets of a form of another maker, from the file that describes it.

    Parameters
    ----------
    path
        YAML file; `docs/how-to/send-it-to-the-ilo.md` shows one.
    area, period
        State and period of the form, where the file does not say them.

    Raises
    ------
    MappingError
        The file is not as described; the message names the sheet and what was expected.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    area = area_code(area)
    name = file_name(path)
    try:
        content = YAML(typ="safe", pure=True).load(text_of(Path(path)))
    except (YAMLError, ValueError) as error:
        raise MappingError(f"{name}: expected a YAML file in UTF-8; {error}") from error
    except RecursionError as error:
        raise MappingError(f"{name}: it is nested too deep.") from error
    if not isinstance(content, dict) or not isinstance(content.get("sheets"), list):
        raise MappingError(f"{name}: expected a list `sheets:`.")
    given = {"REF_AREA": area, "TIME_PERIOD": period, "FREQ": "A"}
    layouts = []
    for number, entry in enumerate(content["sheets"], start=1):
        where = f"{name}, sheet {number}"
        layouts.append(_described(entry, where, given))
    return layouts


_WORDS = frozenset({"sheet", "dataflow", "fixed", "rows", "columns", "names", "fields"})


def _described(entry: Any, where: str, given: Mapping[str, str]) -> SheetLayout:
    """Layout of one sheet from its lines in the file."""
    _refuse_words(entry, where)
    try:
        id = resolve(str(entry["dataflow"])).id
    except StructureError as error:
        raise MappingError(f"{where}: {error}") from error
    fixed = _fixed(entry, where, given)
    rows: dict[int, Mapping[str, str]] = {}
    for key, value in _mapping(entry["rows"], f"{where}, rows").items():
        rows[_number(key, where)] = _codes(value, f"{where}, row {key}", id)
    columns: dict[int, Mapping[str, str]] = {}
    for key, value in _mapping(entry["columns"], f"{where}, columns").items():
        columns[_letter(key, where)] = _codes(value, f"{where}, column {key}", id)
    names = _letter(entry.get("names", "B"), where)
    fields = _fields(entry, where)
    layout = SheetLayout(str(entry["sheet"]), id, fixed, rows, columns, names, fields)
    _refuse_gaps(layout, where)
    _refuse_fields(layout, where)
    measure = layout.table.fixed.get("MEASURE")
    if measure:
        fixed.setdefault("MEASURE", measure)
    return layout


def _refuse_words(entry: Any, where: str) -> None:
    """Refuse a sheet that says what nobody knows, or not what is needed."""
    if not isinstance(entry, dict):
        raise MappingError(f"{where}: expected `sheet:`, `dataflow:`, `rows:` and `columns:`.")
    unknown = sorted(set(map(str, entry)) - _WORDS)
    if unknown:
        words = ", ".join(unknown)
        raise MappingError(f"{where}: {words} is not a word of a layout.")
    lacking = sorted({"sheet", "dataflow", "rows", "columns"} - set(entry))
    if lacking:
        words = ", ".join(lacking)
        raise MappingError(f"{where}: {words} is missing.")


def _fixed(entry: dict[str, Any], where: str, given: Mapping[str, str]) -> dict[str, str]:
    """Codes of the whole sheet: those of the file, then those of the command."""
    fixed = {name: code for name, code in given.items() if code}
    for name, code in _mapping(entry.get("fixed") or {}, f"{where}, fixed").items():
        fixed[str(name)] = str(code)
    lacking = [name for name in ("REF_AREA", "TIME_PERIOD") if name not in fixed]
    if lacking:
        words = " and ".join(lacking)
        raise MappingError(f"{where}: {words} must be under `fixed:`, or --area and --period.")
    return fixed


def _fields(entry: dict[str, Any], where: str) -> dict[str, tuple[int, int]]:
    """Cell of each field by its id."""
    fields = {}
    for key, cell in _mapping(entry.get("fields") or {}, f"{where}, fields").items():
        fields[str(key)] = _cell(cell, where)
    return fields


def _refuse_fields(layout: SheetLayout, where: str) -> None:
    """Refuse a field that no table has."""
    known = sorted(form_field.id for form_field in layout.table.fields)
    for name in layout.fields:
        if name not in known:
            words = ", ".join(known)
            raise MappingError(f"{where}: {name} is no field; expected one of {words}.")


def _refuse_gaps(layout: SheetLayout, where: str) -> None:
    """Refuse a layout in which a cell does not have one code for every dimension."""
    free = [*next(iter(layout.rows.values()), {}), *next(iter(layout.columns.values()), {})]
    stated = {*free, *layout.fixed, "MEASURE"}
    missing = [name for name in dimensions(layout.dataflow) if name not in stated]
    if missing:
        raise MappingError(f"{where}: no row, column or `fixed:` says {', '.join(missing)}.")


def _mapping(value: Any, where: str) -> dict[Any, Any]:
    if not isinstance(value, dict):
        raise MappingError(f"{where}: expected lines `name: value`, found {value!r}.")
    return value


def _number(key: Any, where: str) -> int:
    if isinstance(key, int) and key > 0:
        return key
    raise MappingError(f"{where}: expected the number of a row, found {key!r}.")


def _letter(key: Any, where: str) -> int:
    text = str(key)
    if text.isalpha() and text.isascii() and len(text) <= 3:
        return column_number(text.upper())
    raise MappingError(f"{where}: expected the letter of a column, found {key!r}.")


def _cell(value: Any, where: str) -> tuple[int, int]:
    try:
        return position(str(value).upper())
    except (ValueError, TableError) as error:
        raise MappingError(f"{where}: expected a cell such as D7, found {value!r}.") from error


def _codes(value: Any, where: str, id: str) -> dict[str, str]:
    known = dimensions(id)
    codes = {}
    for name, code in _mapping(value, where).items():
        if name not in known:
            words = ", ".join(known)
            raise MappingError(f"{where}: {name} is no dimension; expected one of {words}.")
        codes[str(name)] = str(code)
    return codes
