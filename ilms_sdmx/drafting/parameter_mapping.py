"""Mapping file of a workbook with parameter sheets of Eurostat's SDMX Converter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ilms_sdmx.conversion.accounting import UNEXPLAINED, account
from ilms_sdmx.conversion.extraction import Extraction, extract
from ilms_sdmx.conversion.grid import grids
from ilms_sdmx.conversion.locating import locate
from ilms_sdmx.drafting.parameter_components import Parts, parts_of
from ilms_sdmx.drafting.parameter_ranges import Extent, extent
from ilms_sdmx.drafting.parameter_sheets import Parameters, read_parameters
from ilms_sdmx.mapping.document import MappingDocument
from ilms_sdmx.mapping.imported_text import dump, pattern
from ilms_sdmx.mapping.reading import parse_mapping
from ilms_sdmx.tables.addresses import MAX_ROWS, column_letters
from ilms_sdmx.tables.cells import Kind, Sheet, Workbook
from ilms_sdmx.tables.text import clean

#: SDMX status of a value that is missing.
MISSING = "O"
#: Most cells outside the tables that are named one by one.
_NAMED = 200


@dataclass(frozen=True)
class _Sheet:
    """One parameter sheet with what it gives."""

    parameters: Parameters
    extent: Extent
    sheets: list[Sheet]
    parts: Parts

    @property
    def name(self) -> str:
        return re.sub(r"\W+", "_", self.parameters.sheet).strip("_").lower()


def parameter_mapping(workbook: Workbook, *, office: str = "") -> str:
    """Write the mapping file (YAML) that reads what the parameter sheets of a workbook say.

    Tables are found by their words where these give the same figures with the same labels, else by address.
    Lines with `decide:` name every element and setting that a mapping file has no word for.

    Raises
    ------
    MappingError
        A parameter sheet that the Converter would not take either.
    """
    every = [_read(workbook, p, n) for n, p in enumerate(read_parameters(workbook))]
    content = _content(workbook, every, office)
    content, by_words = _anchored(workbook, every, content)
    left = [f"{s.parameters.sheet}, {words}" for s in every for words in s.parts.left]
    outside = _outside(workbook, content)
    said = [
        "decide: the dataflow; put `structure: dsd.xml` below it for a structure of your own"
    ]
    said += [f"decide: left out of {words}" for words in left] + outside
    where = "their words" if by_words else "addresses: an inserted row breaks them"
    head = [
        f"Made from the parameter sheets of the SDMX Converter in {workbook.name}; tables by {where}."
    ]
    return "".join(f"# {' '.join(line.split())}\n" for line in head + said) + dump(content)


def _read(workbook: Workbook, parameters: Parameters, number: int) -> _Sheet:
    sheets = [workbook[name] for name in parameters.data]
    area = extent(parameters, sheets)
    suffix = f"_{number + 1}" if number else ""
    return _Sheet(parameters, area, sheets, parts_of(parameters, area, sheets, suffix))


def _content(workbook: Workbook, every: list[_Sheet], office: str) -> dict[str, Any]:
    """Content of the mapping file, its tables by address."""
    stem = re.sub(r"\W+", "_", workbook.name.partition(".")[0].upper()).strip("_")
    flow = f"{office or 'OFFICE'}:DF_{stem}(1.0)"
    several = len(every) > 1
    return {
        "mapping": 1,
        "title": workbook.name,
        "conventions": {"decimal": ".", "group": "", **_markers(every)},
        "headings": [h for s in every for h in s.parts.headings],
        "tables": [_table(s) for s in every],
        "notes": [],
        "ignore": _ignored(workbook, every),
        "codes": {k: {"values": v} for s in every for k, v in s.parts.codes.items()},
        "datasets": [
            {
                "name": s.parameters.sheet,
                "dataflow": flow,
                **({"tables": [s.name]} if several else {}),
                "components": s.parts.components,
            }
            for s in every
        ],
    }


def _markers(every: list[_Sheet]) -> dict[str, Any]:
    """Signs in place of figures; a default value for blank cells that is no zero is said to be left."""
    found: dict[str, str] = {}
    for sheet in every:
        said = sheet.parameters.settings
        if mark := said.get("MissingObservationCharacter"):
            found[mark] = MISSING
        if "DefaultValue" in said:
            default = said["DefaultValue"].casefold()
            if default in ("0", "nan", "null"):
                found[""] = "zero" if default == "0" else MISSING
            else:
                sheet.parts.left.append(
                    f"DefaultValue {said['DefaultValue']}: blank cells are no figures"
                )
    return {"markers": found} if found else {}


def _table(sheet: _Sheet) -> dict[str, Any]:
    parts = sheet.parts
    content = {
        "name": sheet.name,
        "sheets": [pattern(name) for name in sheet.parameters.data],
        "figures": sheet.extent.ranges,
        "rows": [*parts.rows, *_unused(sheet)],
        "columns": parts.columns,
        "beside": parts.beside,
    }
    return {k: v for k, v in content.items() if v or k == "rows"}


def _unused(s: _Sheet) -> list[dict[str, Any]]:
    """Columns of words before the figures that no element names: labels for people."""
    named = {str(row["column"]) for row in s.parts.rows}
    rows = range(s.extent.top, (s.extent.bottom or MAX_ROWS) + 1)
    before = [
        c for sheet in s.sheets for c in sheet if c.row in rows and c.column < s.extent.left
    ]
    letters = dict.fromkeys(
        column_letters(c.column) for c in sorted(before, key=lambda c: c.column)
    )
    return [{"name": f"column {x}", "column": x} for x in letters if x not in named]


def _ignored(workbook: Workbook, every: list[_Sheet]) -> list[dict[str, Any]]:
    """Sheets that are not data, and the rows and columns that the parameters skip."""
    data = {name for s in every for name in s.parameters.data}
    others = [pattern(s.name) for s in workbook if s.name not in data] if data else []
    found: list[dict[str, Any]] = []
    if others:
        found.append({"text": "*", "sheets": others, "why": "not read by the SDMX Converter"})
    for s in every:
        sheets = (
            {"sheets": [pattern(n) for n in s.parameters.data]} if s.parameters.data else {}
        )
        if skipped := s.extent.skipped:
            why = f"skipped by {s.parameters.sheet}"
            found.append({"text": "*", **sheets, "cells": skipped, "why": why})
    return found


def _extraction(
    workbook: Workbook, content: dict[str, Any]
) -> tuple[MappingDocument, Extraction]:
    document = parse_mapping(dump(content), workbook.name)
    regions, _ = locate(grids(workbook), document.tables, workbook.name)
    return document, extract(regions, document, workbook.name)


def _anchored(
    workbook: Workbook, every: list[_Sheet], content: dict[str, Any]
) -> tuple[dict[str, Any], bool]:
    """Content whose tables are found by their words, if that gives the same figures with the same labels."""
    tables = [_by_words(s) for s in every]
    if not all(tables):
        return content, False
    by_words = {**content, "tables": tables}
    before, after = (_figures(_extraction(workbook, c)[1]) for c in (content, by_words))
    return (by_words, True) if before == after and before else (content, False)


def _figures(extraction: Extraction) -> list[tuple[tuple[str, str], ...]]:
    """Figures with their labels, comparable."""
    frame = extraction.figures
    names = sorted(
        n
        for n in frame.columns
        if n.startswith(":") or n in ("table", "sheet", "cell", "value")
    )
    texts = frame[names].astype("str").fillna("")
    return sorted(
        tuple(zip(names, row, strict=True)) for row in texts.itertuples(index=False, name=None)
    )


def _by_words(s: _Sheet) -> dict[str, Any]:
    """Table by the words of its header; empty where it has none that can tell."""
    area, parts = s.extent, s.parts
    if not (s.sheets and parts.columns and parts.rows) or len(area.ranges) > 1 or parts.beside:
        return {}
    sheet = s.sheets[0]
    top = min(int(c["row"]) for c in parts.columns)
    header = sorted({c.row for c in sheet if top <= c.row < area.top})
    left = [c for c in sheet if c.row == top and c.column < area.left and c.kind is Kind.TEXT]
    if top not in header or not left:
        return {}
    named = {int(c["row"]): c["name"] for c in parts.columns}
    end = _below(sheet, area)
    return {
        "name": s.name,
        "sheets": [pattern(name) for name in s.parameters.data],
        "begin": pattern(clean(left[0].text)),
        **({"end": pattern(end)} if end else {}),
        "header": str(len(header)),
        "rows": [_row_by_words(row, sheet, header) for row in _table(s)["rows"]],
        "columns": [named.get(row) for row in header],
    }


def _row_by_words(row: dict[str, Any], sheet: Sheet, header: list[int]) -> dict[str, Any]:
    above = [
        sheet.at(number, c.column)
        for number in header
        for c in sheet
        if _is(c.column, row["column"])
    ]
    words = next((clean(c.text) for c in above if c.kind is Kind.TEXT and clean(c.text)), "")
    return {"name": row["name"], **({"header": pattern(words)} if words else {})}


def _is(column: int, letters: str) -> bool:
    return column_letters(column) == letters


def _below(sheet: Sheet, area: Extent) -> str:
    """Words of the first cell below the figures."""
    below = [c for c in sheet if area.bottom and c.row > area.bottom]
    return clean(below[0].text) if below else ""


def _outside(workbook: Workbook, content: dict[str, Any]) -> list[str]:
    """Put what stands outside the tables under notes and ignore; returns what is to be decided."""
    document, extraction = _extraction(workbook, content)
    others, _ = account(workbook, extraction, document, {})
    unknown = others[others["rule"] == UNEXPLAINED]
    if not len(unknown) or len(unknown) > _NAMED:
        return []
    rows = list(unknown[["sheet", "cell", "text"]].itertuples(index=False, name=None))
    words = [(s, c, t) for s, c, t in rows if workbook[s][c].kind is Kind.TEXT]
    content["notes"] = list(dict.fromkeys(pattern(clean(text)) for _, _, text in words))
    numbers = [(s, c) for s, c, _ in rows if workbook[s][c].kind is not Kind.TEXT]
    for sheet in dict.fromkeys(s for s, _ in numbers):
        cells = [c for s, c in numbers if s == sheet]
        why = "outside of what the parameter sheet reads"
        content["ignore"].append(
            {"text": "*", "sheets": [pattern(sheet)], "cells": cells, "why": why}
        )
    said = "decide: numbers outside of what the parameter sheets read are ignored, by address"
    return [said] if numbers else []
