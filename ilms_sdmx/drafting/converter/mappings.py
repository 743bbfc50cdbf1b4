"""Mapping file of a workbook with parameter sheets of Eurostat's SDMX Converter."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ilms_sdmx.conversion.extraction import Extraction, extract
from ilms_sdmx.conversion.layout.grid import grids
from ilms_sdmx.conversion.layout.regions import locate
from ilms_sdmx.conversion.result.accounting import UNEXPLAINED, account
from ilms_sdmx.drafting.converter.extents import Extent, extent_of
from ilms_sdmx.drafting.converter.parameters import Parameters, read_parameters
from ilms_sdmx.drafting.converter.parts import Parts, parts_of
from ilms_sdmx.mapping.document import MappingDocument
from ilms_sdmx.mapping.exchange.texts import dump, pattern
from ilms_sdmx.mapping.file.reading import parse_mapping
from ilms_sdmx.tables.addresses import MAX_ROWS, column_letters
from ilms_sdmx.tables.cells import Kind, Sheet, Workbook
from ilms_sdmx.words.text import clean

#: SDMX status of a value that is missing.
MISSING = "O"
#: Most cells outside the tables that are named one by one.
_MOST_NAMED = 200
#: Question about the numbers outside the tables.
_IGNORED_BY_ADDRESS = (
    "decide: numbers outside of what the parameter sheets read are ignored, by address"
)

Content = dict[str, Any]


@dataclass(frozen=True)
class _Sheet:
    """One parameter sheet with what it gives.

    Parameters
    ----------
    parameters, extent
        Parameter sheet, and the place of its figures.
    sheets
        Data sheets at hand.
    parts
        Parts of the mapping file.
    """

    parameters: Parameters
    extent: Extent
    sheets: list[Sheet]
    parts: Parts

    @property
    def table(self) -> str:
        """Name of the table in the mapping file."""
        return re.sub(r"\W+", "_", self.parameters.sheet).strip("_").lower()

    @property
    def patterns(self) -> list[str]:
        """Patterns of the names of the data sheets."""
        return list(map(pattern, self.parameters.data))

    @property
    def default(self) -> str:
        """Value of blank cells, empty where the parameters name none."""
        return self.parameters.settings.get("DefaultValue", "")

    @property
    def left(self) -> list[str]:
        """Words for what the mapping file cannot say."""
        left = list(self.parts.left)
        named = "DefaultValue" in self.parameters.settings
        if named and self.default.casefold() not in ("0", "nan", "null"):
            left.append(f"DefaultValue {self.default}: blank cells are no figures")
        return left


def parameter_mapping(workbook: Workbook, *, office: str = "") -> str:
    """Text of the mapping file (YAML) that reads what the parameter sheets of a workbook say.

    Tables are found by their words where these give the same figures with the same labels, else
    by address. Lines with `decide:` name every element and setting that a mapping file has no
    word for.

    Raises
    ------
    MappingError
        A parameter sheet that the Converter would not take either.
    """
    sheets: list[_Sheet] = []
    for number, parameters in enumerate(read_parameters(workbook), 1):
        sheets.append(_sheet(workbook, parameters, number))
    by_address = _content(workbook, sheets, office)
    content = _with_words(workbook, sheets, by_address)
    places = "their words"
    if content is None:
        content = by_address
        places = "addresses: an inserted row breaks them"
    outside = _outside(workbook, content)
    content = {
        **content,
        "notes": outside.notes,
        "ignore": content["ignore"] + outside.ignored,
    }
    source = f"the parameter sheets of the SDMX Converter in {workbook.name}"
    comments = [f"Made from {source}; tables by {places}."]
    comments += _questions(sheets)
    comments += outside.questions
    lines = [f"# {' '.join(text.split())}\n" for text in comments]
    return "".join(lines) + dump(content)


def _questions(sheets: Sequence[_Sheet]) -> list[str]:
    """Questions about the dataflow, and about what the mapping file cannot say."""
    questions = [
        "decide: the dataflow; put `structure: dsd.xml` below it for a structure of your own"
    ]
    for sheet in sheets:
        for words in sheet.left:
            questions.append(f"decide: left out of {sheet.parameters.sheet}, {words}")
    return questions


def _sheet(workbook: Workbook, parameters: Parameters, number: int) -> _Sheet:
    """Parameter sheet with what it gives; names of all but the first end in their number."""
    sheets = [workbook[name] for name in parameters.data]
    extent = extent_of(parameters, sheets)
    suffix = ""
    if number > 1:
        suffix = f"_{number}"
    return _Sheet(parameters, extent, sheets, parts_of(parameters, extent, sheets, suffix))


def _content(workbook: Workbook, sheets: Sequence[_Sheet], office: str) -> Content:
    """Content of the mapping file, its tables by address."""
    stem = workbook.name.partition(".")[0].upper()
    flow_id = re.sub(r"\W+", "_", stem).strip("_")
    flow = f"{office or 'OFFICE'}:DF_{flow_id}(1.0)"
    headings: list[Content] = []
    codes: Content = {}
    for sheet in sheets:
        headings += sheet.parts.headings
        for name, values in sheet.parts.codes.items():
            codes[name] = {"values": values}
    content: Content = {"mapping": 2}
    content["title"] = workbook.name
    content["conventions"] = _conventions(sheets)
    content["headings"] = headings
    content["tables"] = list(map(_table_by_address, sheets))
    content["notes"] = []
    content["ignore"] = _ignored(workbook, sheets)
    content["codes"] = codes
    content["datasets"] = _datasets(sheets, flow)
    return content


def _datasets(sheets: Sequence[_Sheet], flow: str) -> list[Content]:
    """One data set for each parameter sheet; several name their tables."""
    datasets: list[Content] = []
    for sheet in sheets:
        dataset: Content = {"name": sheet.parameters.sheet, "dataflow": flow}
        if len(sheets) > 1:
            dataset["tables"] = [sheet.table]
        dataset["components"] = sheet.parts.components
        datasets.append(dataset)
    return datasets


def _conventions(sheets: Sequence[_Sheet]) -> Content:
    """Separators, and signs and blanks in place of figures."""
    markers: dict[str, str] = {}
    for sheet in sheets:
        sign = sheet.parameters.settings.get("MissingObservationCharacter")
        if sign:
            markers[sign] = MISSING
        default = sheet.default.casefold()
        if default == "0":
            markers[""] = "zero"
        elif default in ("nan", "null"):
            markers[""] = MISSING
    conventions: Content = {"decimal": ".", "group": ""}
    if markers:
        conventions["markers"] = markers
    return conventions


def _table_by_address(sheet: _Sheet) -> Content:
    """Table found by the addresses of its figures."""
    parts = sheet.parts
    table: Content = {"name": sheet.table}
    if sheet.patterns:
        table["sheets"] = sheet.patterns
    ranges = sheet.extent.ranges
    if ranges:
        table["figures"] = ranges
    table["rows"] = _row_headings(sheet)
    if parts.columns:
        table["columns"] = list(parts.columns)
    if parts.beside:
        table["beside"] = list(parts.beside)
    return table


def _row_headings(sheet: _Sheet) -> list[Content]:
    """Headings of label columns, and columns of words before the figures: labels for people."""
    headings = list(sheet.parts.rows)
    named_letters = {str(heading["column"]) for heading in headings}
    for column in _columns_before(sheet):
        letters = column_letters(column)
        if letters not in named_letters:
            headings.append({"name": f"column {letters}", "column": letters})
    return headings


def _columns_before(sheet: _Sheet) -> list[int]:
    """Columns before the figures that have a cell next to them."""
    extent = sheet.extent
    rows = range(extent.top, (extent.bottom or MAX_ROWS) + 1)
    columns: set[int] = set()
    for data_sheet in sheet.sheets:
        for cell in data_sheet:
            if cell.row in rows and cell.column < extent.left:
                columns.add(cell.column)
    return sorted(columns)


def _ignored(workbook: Workbook, sheets: Sequence[_Sheet]) -> list[Content]:
    """Sheets that are not data, and the rows and columns that the parameters skip."""
    ignored: list[Content] = []
    data_names: set[str] = set()
    for sheet in sheets:
        data_names.update(sheet.parameters.data)
    other_sheets = [pattern(sheet.name) for sheet in workbook if sheet.name not in data_names]
    if data_names and other_sheets:
        why = "not read by the SDMX Converter"
        ignored.append({"text": "*", "sheets": other_sheets, "why": why})
    for sheet in sheets:
        skipped = sheet.extent.skipped
        if not skipped:
            continue
        entry: Content = {"text": "*"}
        if sheet.parameters.data:
            entry["sheets"] = sheet.patterns
        entry["cells"] = skipped
        entry["why"] = f"skipped by {sheet.parameters.sheet}"
        ignored.append(entry)
    return ignored


def _extraction(
    workbook: Workbook, content: Mapping[str, Any]
) -> tuple[MappingDocument, Extraction]:
    """Document of a content, and the figures that it reads."""
    document = parse_mapping(dump(content), workbook.name)
    regions = locate(grids(workbook), document.tables)
    return document, extract(regions, document, workbook.name)


def _with_words(
    workbook: Workbook, sheets: Sequence[_Sheet], by_address: Content
) -> Content | None:
    """Content whose tables are found by their words; None where that gives other figures."""
    tables = list(map(_table_by_words, sheets))
    if not all(tables):
        return None
    by_words = {**by_address, "tables": tables}
    _, address_extraction = _extraction(workbook, by_address)
    _, words_extraction = _extraction(workbook, by_words)
    figures = _labelled_figures(address_extraction)
    figures_by_words = _labelled_figures(words_extraction)
    if figures and figures == figures_by_words:
        return by_words
    return None


def _labelled_figures(extraction: Extraction) -> list[tuple[tuple[str, str], ...]]:
    """Figures with their labels, comparable."""
    frame = extraction.figures.frame
    names: list[str] = []
    for name in sorted(frame.columns):
        if name.startswith(":") or name in ("table", "sheet", "cell", "value"):
            names.append(name)
    texts = frame[names].astype("str").fillna("")
    rows: list[tuple[tuple[str, str], ...]] = []
    for row in texts.itertuples(index=False, name=None):
        rows.append(tuple(zip(names, row, strict=True)))
    return sorted(rows)


def _table_by_words(sheet: _Sheet) -> Content:
    """Table found by the words of its header; empty where it has none that can tell."""
    extent = sheet.extent
    parts = sheet.parts
    if not sheet.sheets or not parts.columns or not parts.rows:
        return {}
    if len(extent.ranges) > 1 or parts.beside:
        return {}
    first_sheet = sheet.sheets[0]
    name_of_row: dict[int, str] = {}
    for column in parts.columns:
        row = int(column["row"])
        name_of_row[row] = column["name"]
    top = min(name_of_row)
    with_cells = {cell.row for cell in first_sheet}
    header = sorted(row for row in with_cells if top <= row < extent.top)
    begin = _first_words(first_sheet, top, extent.left)
    if top not in header or begin is None:
        return {}
    table: Content = {"name": sheet.table, "sheets": sheet.patterns, "begin": pattern(begin)}
    end = _words_below(first_sheet, extent)
    if end:
        table["end"] = pattern(end)
    table["header"] = str(len(header))
    rows: list[Content] = []
    for heading in _row_headings(sheet):
        rows.append(_row_by_words(heading, first_sheet, header))
    table["rows"] = rows
    table["columns"] = list(map(name_of_row.get, header))
    return table


def _first_words(sheet: Sheet, row: int, left: int) -> str | None:
    """Words of the first text of a row before a column, None where there is none."""
    for cell in sheet:
        if cell.row == row and cell.column < left and cell.kind is Kind.TEXT:
            return clean(cell.text)
    return None


def _row_by_words(heading: Content, sheet: Sheet, header: Sequence[int]) -> Content:
    """Heading of a label column, found by the words above it where there are some."""
    by_words: Content = {"name": heading["name"]}
    words = _words_above(sheet, heading["column"], header)
    if words:
        by_words["header"] = pattern(words)
    return by_words


def _words_above(sheet: Sheet, letters: str, header: Sequence[int]) -> str:
    """Words of the first text above a column, empty for none."""
    columns = {cell.column for cell in sheet if column_letters(cell.column) == letters}
    for row in header:
        for column in columns:
            cell = sheet.at(row, column)
            words = clean(cell.text)
            if cell.kind is Kind.TEXT and words:
                return words
    return ""


def _words_below(sheet: Sheet, extent: Extent) -> str:
    """Words of the first cell below the figures."""
    for cell in sheet:
        if extent.bottom and cell.row > extent.bottom:
            return clean(cell.text)
    return ""


@dataclass(frozen=True)
class _Outside:
    """Cells outside the tables.

    Parameters
    ----------
    notes
        Patterns of texts.
    ignored
        Places of numbers by sheet.
    questions
        Words for what is to be decided.
    """

    notes: list[str]
    ignored: list[Content]
    questions: list[str]


def _outside(workbook: Workbook, content: Mapping[str, Any]) -> _Outside:
    """Cells outside the tables: texts are notes, numbers are ignored; none of too many."""
    document, extraction = _extraction(workbook, content)
    account_of_cells = account(workbook, extraction, document, {})
    others = account_of_cells.rows
    is_unexplained = others["rule"] == UNEXPLAINED
    unknown = others[is_unexplained]
    if len(unknown) > _MOST_NAMED:
        return _Outside([], [], [])
    notes: dict[str, None] = {}
    cells_of_sheet: dict[str, list[str]] = {}
    rows = unknown[["sheet", "cell", "text"]].itertuples(index=False, name=None)
    for sheet, cell, text in rows:
        if workbook[sheet][cell].kind is Kind.TEXT:
            note = pattern(clean(text))
            notes[note] = None
        else:
            cells_of_sheet.setdefault(sheet, []).append(cell)
    ignored: list[Content] = []
    for sheet, cells in cells_of_sheet.items():
        entry: Content = {"text": "*", "sheets": [pattern(sheet)]}
        entry["cells"] = cells
        entry["why"] = "outside of what the parameter sheet reads"
        ignored.append(entry)
    questions: list[str] = []
    if ignored:
        questions.append(_IGNORED_BY_ADDRESS)
    return _Outside(list(notes), ignored, questions)
