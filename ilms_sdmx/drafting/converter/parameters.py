"""Parameter sheets of Eurostat's SDMX Converter: elements, settings, transcodings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NoReturn

from ilms_sdmx.errors import MappingError
from ilms_sdmx.tables.cells import Cell, Sheet, Workbook

#: Beginnings of the names of sheets that are not data, as the Converter compares them.
PARAMETER, MAP, VALUES, TRANSCODING = "Parameter", "Parameter_mapping", "VAL", "Trans"
#: Settings of a parameter sheet, each followed by its value in the next cell.
SETTINGS = (
    *(
        "DataStart",
        "DataEnd",
        "NumColumns",
        "MaxEmptyRows",
        "MaxEmptyColumns",
        "SkipRows",
        "SkipColumns",
    ),
    *(
        "SkipObservationWithValue",
        "SkipIncompleteKeys",
        "MissingObservationCharacter",
        "DefaultValue",
    ),
    *("ConceptSeparator", "SubfieldSeparator", "TranscodingSheet", "CodesFromExternalFile"),
    *("RoundingPrecision", "RoundToFit", "formatValues", "ErrorIfEmpty"),
)
#: Spellings that the Converter takes too.
_SPELLINGS = {"numcolums": "NumColumns", "maxnumofemptycolums": "MaxEmptyColumns"}
_BY_NAME = {s.casefold(): s for s in SETTINGS} | _SPELLINGS
HEADER = ("element", "type", "postype", "position")
TYPES = ("DIM", "ATT", "MES")
POSITIONS = (
    "CELL",
    "ROW",
    "COLUMN",
    "FIX",
    "SKIP",
    "OBS_LEVEL",
    "MIXED",
    "CELL_EXT",
    "ROW_EXT",
    "COLUMN_EXT",
)
_ADDRESS = re.compile(r"[A-Z]{1,3}[1-9]\d*")


@dataclass(frozen=True)
class Element:
    """One component and the place of its value.

    Parameters
    ----------
    id
        Component.
    kind
        `DIM`, `ATT` or `MES`.
    how
        Kind of position: `CELL`, `ROW`, `COLUMN`, `FIX`, `SKIP`, `OBS_LEVEL`, `MIXED`, ...
    position
        Address, number of a row, letters of a column, steps to the right, or the fixed value.
    part
        Which of several values in one cell, from 1; 0 for the whole cell.
    """

    id: str
    kind: str
    how: str
    position: str = ""
    part: int = 0

    @property
    def halves(self) -> tuple[Element, ...]:
        """Two places of an element that has two; the second counts where the first is blank."""
        words = self.position.split()
        if self.how != "MIXED" or len(words) != 4:
            return ()
        halves: list[Element] = []
        for how, written in (words[:2], words[2:]):
            place, _, part = written.upper().partition("/")
            if part and not part.isdigit():
                return ()
            number = int(part or 0)
            half = Element(self.id, self.kind, how.upper(), place, number)
            halves.append(half)
        return tuple(halves)

    @property
    def is_cell(self) -> bool:
        """Whether the value is in one cell with an address."""
        if self.how != "CELL":
            return False
        return bool(_ADDRESS.fullmatch(self.position))


@dataclass(frozen=True)
class Parameters:
    """One parameter sheet, and the data sheets to which it applies.

    Parameters
    ----------
    sheet
        Name of the parameter sheet.
    elements
        Components in the order of the sheet.
    settings
        Name of a setting to its value.
    data
        Names of the data sheets, none where the file holds none.
    transcoding
        Component to label to code.
    occurrences
        Whether the sheet has a column of occurrences.
    """

    sheet: str
    elements: tuple[Element, ...]
    settings: Mapping[str, str]
    data: tuple[str, ...] = ()
    transcoding: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    occurrences: bool = False

    @property
    def separator(self) -> str:
        """Sign between several values of one cell."""
        return self.settings.get("ConceptSeparator", "") or ";"


def is_parameters(workbook: Workbook) -> bool:
    """Whether a workbook has a parameter sheet of the SDMX Converter."""
    return any(_is_parameter_sheet(sheet) for sheet in workbook)


def _is_parameter_sheet(sheet: Sheet) -> bool:
    if not sheet.name.startswith(PARAMETER) or sheet.name.startswith(MAP):
        return False
    rows = _rows(sheet)
    if not rows:
        return False
    header = [text.casefold() for text in _row_texts(sheet, rows[0])]
    return tuple(header[:4]) == HEADER


def read_parameters(workbook: Workbook) -> tuple[Parameters, ...]:
    """Parameter sheets of a workbook in order, those that a `Parameter_mapping` names only.

    Raises
    ------
    MappingError
        A type, a kind of position, a setting or a sheet that the Converter would not take:
        sheet and cell.
    """
    assignments = _assignments(workbook)
    parameter_sheets = list(filter(_is_parameter_sheet, workbook))
    assigned_names: set[str] = set()
    for names in assignments.values():
        assigned_names.update(names)
    if assignments:
        _refuse_unknown_sheets(workbook, assigned_names, parameter_sheets)
    parameters: list[Parameters] = []
    for sheet in parameter_sheets:
        if assignments and sheet.name not in assigned_names:
            continue
        data_sheets = _data_sheets(workbook, sheet.name, assignments)
        parameters.append(_parameters(workbook, sheet, data_sheets))
    return tuple(parameters)


def _refuse_unknown_sheets(
    workbook: Workbook, assigned_names: set[str], parameter_sheets: list[Sheet]
) -> None:
    known_names = {sheet.name for sheet in parameter_sheets}
    for name in assigned_names - known_names:
        choices = ", ".join(sorted(known_names))
        _fail(workbook, MAP, "", f"one of the parameter sheets {choices}", repr(name))


def _assignments(workbook: Workbook) -> dict[str, list[str]]:
    """Parameter sheets of each data sheet, as the sheet `Parameter_mapping` says."""
    assignments: dict[str, list[str]] = {}
    for sheet in workbook:
        if not sheet.name.startswith(MAP):
            continue
        for row in _rows(sheet)[1:]:
            data_sheet = sheet.at(row, 1).text.strip()
            parameter_sheet = sheet.at(row, 2).text.strip()
            if data_sheet and parameter_sheet:
                assignments.setdefault(data_sheet, []).append(parameter_sheet)
    return assignments


def _data_sheets(
    workbook: Workbook, parameter_sheet: str, assignments: Mapping[str, list[str]]
) -> tuple[str, ...]:
    """Names of the data sheets of a parameter sheet; all visible ones without a map."""
    if assignments:
        sheet_names = {sheet.name for sheet in workbook}
        assigned: list[str] = []
        for data_sheet, parameter_sheets in assignments.items():
            if parameter_sheet in parameter_sheets and data_sheet in sheet_names:
                assigned.append(data_sheet)
        return tuple(assigned)
    other_beginnings = (PARAMETER, TRANSCODING, VALUES, "Val")
    visible: list[str] = []
    for sheet in workbook:
        if not sheet.hidden and not sheet.name.startswith(other_beginnings):
            visible.append(sheet.name)
    return tuple(visible)


def _parameters(workbook: Workbook, sheet: Sheet, data: tuple[str, ...]) -> Parameters:
    rows = _rows(sheet)
    elements: list[Element] = []
    for row in rows[1:]:
        element = _element(workbook, sheet, row)
        if element is not None:
            elements.append(element)
    settings: dict[str, str] = {}
    for row in rows:
        settings.update(_settings(sheet, row))
    _check_start(workbook, sheet, settings)
    transcoding = _transcoding(workbook, settings.get("TranscodingSheet", ""))
    header = [text.casefold() for text in _row_texts(sheet, rows[0])]
    occurrences = "occurrences" in header
    return Parameters(sheet.name, tuple(elements), settings, data, transcoding, occurrences)


def _check_start(workbook: Workbook, sheet: Sheet, settings: Mapping[str, str]) -> None:
    """Refuse a parameter sheet without the address at which its figures begin."""
    start = settings.get("DataStart", "")
    if _ADDRESS.fullmatch(start.upper()):
        return
    read = "none"
    if "DataStart" in settings:
        read = repr(start)
    _fail(workbook, sheet.name, "", "DataStart with the address of the first value", read)


def _element(workbook: Workbook, sheet: Sheet, row: int) -> Element | None:
    """Element of a row; None for a row of settings alone."""
    texts: list[str] = []
    for column in range(1, 8):
        cell = sheet.at(row, column)
        texts.append(typed(cell))
    name, kind, how, position = texts[:4]
    kind = kind.upper()
    how = how.upper()
    if not name or not (kind or how):
        return None
    _check_words(workbook, sheet.name, row, kind, how)
    if how == "MIXED":
        words = " ".join(texts[3:])
        return Element(name, kind, how, words.strip())
    if how in ("FIX", "SKIP"):
        return Element(name, kind, how, position)
    place, _, part = position.upper().partition("/")
    if part and not part.strip().isdigit():
        address = f"D{row}"
        _fail(workbook, sheet.name, address, "a number after the slash", repr(position))
    number = int(part or 0)
    return Element(name, kind, how, place.strip(), number)


def _check_words(workbook: Workbook, sheet: str, row: int, kind: str, how: str) -> None:
    """Refuse a type and a kind of position that the Converter does not know."""
    if kind not in TYPES:
        types = ", ".join(TYPES)
        expected = f"one of the types {types}"
        _fail(workbook, sheet, f"B{row}", expected, repr(kind))
    if how not in POSITIONS:
        positions = ", ".join(POSITIONS)
        expected = f"one of the positions {positions}"
        _fail(workbook, sheet, f"C{row}", expected, repr(how))


def _settings(sheet: Sheet, row: int) -> Iterator[tuple[str, str]]:
    """Names of the settings of a row, each with the value in the next cell."""
    cells = [cell for cell in sheet if cell.row == row and cell.column > 4]
    for number, cell in enumerate(cells):
        setting = _setting_name(cell)
        if not setting:
            continue
        following = cells[number + 1 :]
        value = ""
        if following and not _setting_name(following[0]):
            value = typed(following[0])
        yield setting, value


def _setting_name(cell: Cell) -> str:
    """Name of the setting that a cell names, empty for none."""
    return _BY_NAME.get(cell.text.strip().casefold(), "")


def _transcoding(workbook: Workbook, name: str) -> dict[str, dict[str, str]]:
    """Component to label to code, from a sheet with Text, Dimension and Value."""
    transcoding: dict[str, dict[str, str]] = {}
    for sheet in workbook:
        if not name or sheet.name != name:
            continue
        for row in _rows(sheet)[1:]:
            text = typed(sheet.at(row, 1))
            component = typed(sheet.at(row, 2))
            code = typed(sheet.at(row, 3))
            if text and component and code:
                # Of two lines for one text the Converter takes the last.
                transcoding.setdefault(component, {})[text] = code
    return transcoding


def _rows(sheet: Sheet) -> list[int]:
    """Numbers of the rows that have cells."""
    return sorted({cell.row for cell in sheet})


def _row_texts(sheet: Sheet, row: int) -> list[str]:
    return [cell.text.strip() for cell in sheet if cell.row == row]


def typed(cell: Cell) -> str:
    """Text of a cell, a number as it was typed."""
    if isinstance(cell.value, Decimal):
        return format(cell.value.normalize(), "f")
    return cell.text.strip()


def _fail(workbook: Workbook, sheet: str, cell: str, expected: str, read: str) -> NoReturn:
    names = (workbook.name, f"'{sheet}'", cell)
    place = " > ".join(filter(None, names))
    raise MappingError(f"{place}: expected {expected}, found {read}.")
