"""Parameter sheets of Eurostat's SDMX Converter as they stand: elements, settings, transcodings."""

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


@dataclass(frozen=True)
class Element:
    """One component: where its value stands.

    Parameters
    ----------
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


@dataclass(frozen=True)
class Parameters:
    """One parameter sheet, and the data sheets to which it applies; none where the file holds none."""

    sheet: str
    elements: tuple[Element, ...]
    settings: Mapping[str, str]
    data: tuple[str, ...] = ()
    transcoding: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    occurrences: bool = False


def is_parameters(workbook: Workbook) -> bool:
    """Whether a workbook has a parameter sheet of the SDMX Converter."""
    return any(_is_parameter_sheet(sheet) for sheet in workbook)


def _is_parameter_sheet(sheet: Sheet) -> bool:
    named = sheet.name.startswith(PARAMETER) and not sheet.name.startswith(MAP)
    rows = sorted({cell.row for cell in sheet})[:1]
    return (
        named and bool(rows) and tuple(t.casefold() for t in _row(sheet, rows[0])[:4]) == HEADER
    )


def read_parameters(workbook: Workbook) -> tuple[Parameters, ...]:
    """Parameter sheets of a workbook in their order, those that a `Parameter_mapping` names only.

    Raises
    ------
    MappingError
        A type, a kind of position, a setting or a sheet that the Converter would not take: sheet and cell.
    """
    named = _assignments(workbook)
    sheets = [s for s in workbook if _is_parameter_sheet(s)]
    if named:
        known = {s.name for s in sheets}
        for name in {n for names in named.values() for n in names} - known:
            _fail(
                workbook,
                MAP,
                "",
                f"one of the parameter sheets {', '.join(sorted(known))}",
                repr(name),
            )
        chosen = [s for s in sheets if any(s.name in names for names in named.values())]
    else:
        chosen = sheets
    return tuple(_parameters(workbook, s, _data(workbook, s.name, named)) for s in chosen)


def _assignments(workbook: Workbook) -> dict[str, list[str]]:
    """Read which parameter sheets each data sheet has, as the sheet `Parameter_mapping` says."""
    found: dict[str, list[str]] = {}
    for sheet in workbook:
        if sheet.name.startswith(MAP):
            rows = sorted({cell.row for cell in sheet})
            for row in rows[1:]:
                data, parameter = (sheet.at(row, column).text.strip() for column in (1, 2))
                if data and parameter:
                    found.setdefault(data, []).append(parameter)
    return found


def _data(
    workbook: Workbook, parameter: str, named: Mapping[str, list[str]]
) -> tuple[str, ...]:
    """List the data sheets of a parameter sheet; all visible ones where no map names them."""
    if named:
        there = [sheet.name for sheet in workbook]
        return tuple(
            name for name, names in named.items() if parameter in names and name in there
        )
    others = (PARAMETER, TRANSCODING, VALUES, "Val")
    return tuple(s.name for s in workbook if not s.hidden and not s.name.startswith(others))


def _parameters(workbook: Workbook, sheet: Sheet, data: tuple[str, ...]) -> Parameters:
    rows = sorted({cell.row for cell in sheet})
    elements = [e for row in rows[1:] if (e := _element(workbook, sheet, row)) is not None]
    settings = {k: v for row in rows for k, v in _settings(sheet, row)}
    if not re.fullmatch(r"[A-Z]{1,3}[1-9]\d*", settings.get("DataStart", "").upper()):
        found = repr(settings.get("DataStart", "")) if "DataStart" in settings else "none"
        _fail(workbook, sheet.name, "", "DataStart with the address of the first value", found)
    lists = _transcoding(workbook, settings.get("TranscodingSheet", ""))
    occurrences = any(t.casefold() == "occurrences" for t in _row(sheet, rows[0]))
    return Parameters(sheet.name, tuple(elements), settings, data, lists, occurrences)


def _element(workbook: Workbook, sheet: Sheet, row: int) -> Element | None:
    """Element of a row; None for a row of settings alone."""
    name, kind, how, position = (typed(sheet.at(row, column)) for column in range(1, 5))
    kind, how = kind.upper(), how.upper()
    if not name or not (kind or how):
        return None
    if kind not in TYPES:
        _fail(
            workbook, sheet.name, f"B{row}", f"one of the types {', '.join(TYPES)}", repr(kind)
        )
    if how not in POSITIONS:
        _fail(
            workbook,
            sheet.name,
            f"C{row}",
            f"one of the positions {', '.join(POSITIONS)}",
            repr(how),
        )
    if how == "MIXED":
        position = " ".join(typed(sheet.at(row, column)) for column in range(4, 8)).strip()
    if how in ("FIX", "SKIP", "MIXED"):
        return Element(name, kind, how, position)
    place, _, part = position.upper().partition("/")
    if part and not part.strip().isdigit():
        _fail(workbook, sheet.name, f"D{row}", "a number after the slash", repr(position))
    return Element(name, kind, how, place.strip(), int(part or 0))


def _settings(sheet: Sheet, row: int) -> Iterator[tuple[str, str]]:
    cells = [c for c in sheet if c.row == row and c.column > 4]
    for cell, following in zip(cells, [*cells[1:], None], strict=False):
        if (name := _BY_NAME.get(cell.text.strip().casefold())) is not None:
            beside = following is not None and following.text.strip().casefold() not in _BY_NAME
            yield name, typed(following) if following is not None and beside else ""


def _transcoding(workbook: Workbook, name: str) -> dict[str, dict[str, str]]:
    """Component to label to code, from a sheet with Text, Dimension and Value."""
    found: dict[str, dict[str, str]] = {}
    for sheet in workbook:
        if name and sheet.name == name:
            for row in sorted({cell.row for cell in sheet})[1:]:
                text, component, value = (typed(sheet.at(row, column)) for column in (1, 2, 3))
                if text and component and value:
                    # Of two lines for one text the Converter takes the last.
                    found.setdefault(component, {})[text] = value
    return found


def _row(sheet: Sheet, row: int) -> list[str]:
    return [cell.text.strip() for cell in sheet if cell.row == row]


def typed(cell: Cell) -> str:
    """Text of a cell, a number as it was typed."""
    if isinstance(cell.value, Decimal):
        return format(cell.value.normalize(), "f")
    return cell.text.strip()


def _fail(workbook: Workbook, sheet: str, cell: str, expected: str, found: str) -> NoReturn:
    where = " > ".join(p for p in (workbook.name, f"'{sheet}'", cell) if p)
    raise MappingError(f"{where}: expected {expected}, found {found}.")
