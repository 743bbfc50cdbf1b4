"""Drafting the layout of a form of another maker, from the labels of its rows and columns."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from ilms_sdmx.errors import TableError
from ilms_sdmx.labels.areas import area_code
from ilms_sdmx.labels.matching import match_label
from ilms_sdmx.outputs.questionnaire.forms import FormTable, form_table
from ilms_sdmx.structures.constraints import version
from ilms_sdmx.structures.sums import PARTNERS
from ilms_sdmx.tables.addresses import column_letters
from ilms_sdmx.tables.cells import Sheet
from ilms_sdmx.tables.workbooks import read_workbook

#: What ILO's forms show where a person chooses a country.
_DOTS = ("...", "…")
#: Fewest rows of a sheet whose labels are known before it is taken for the table.
_FEWEST = 2


def describe_form(
    form: str | os.PathLike[str] | bytes, tables: Mapping[str, str], *, area: str, period: str
) -> str:
    """Draft the layout file of a form: what its labels say, and what a person must add.

    Parameters
    ----------
    form
        Workbook: a path or bytes.
    tables
        Dataflow of each sheet by the name of the sheet.
    area, period
        State and period of the form.

    Returns
    -------
    str
        YAML that `read_layout` reads. Rows and columns whose labels are not known are
        comments; nothing is guessed.

    Raises
    ------
    TableError
        The workbook has no such sheet, or no row of it is known.
    """
    area = area_code(area)
    workbook = read_workbook(form)
    sheets = {sheet.name: sheet for sheet in workbook}
    lines = [
        "# Where the figures of this form are. Read every line before you use it.",
        "sheets:",
    ]
    for name, dataflow in tables.items():
        if name not in sheets:
            names = ", ".join(sheets)
            raise TableError(f"the workbook has no sheet {name!r}; it has {names}.")
        table = form_table(dataflow, area, period)
        lines += _described(sheets[name], table)
    return "\n".join(lines) + "\n"


def _described(sheet: Sheet, table: FormTable) -> Iterator[str]:
    rows, names = _rows(sheet, table)
    if len(rows) < _FEWEST:
        raise TableError(
            f"sheet {sheet.name!r}: no column has labels of DF_{table.dataflow}; look whether"
            " the sheet is the one of this table."
        )
    columns = _columns(sheet, table, min(rows), names)
    fixed = table.fixed
    yield f'  - sheet: "{sheet.name}"'
    yield f"    dataflow: {table.dataflow}"
    yield f'    fixed: {{REF_AREA: {fixed["REF_AREA"]}, TIME_PERIOD: "{fixed["TIME_PERIOD"]}"}}'
    yield f"    names: {column_letters(names)}"
    yield "    columns:"
    if not columns:
        yield "      # no heading is known; for example"
        yield f"      # {column_letters(names + 1)}: {_shown(table.columns[0].codes)}"
    for column, codes in columns.items():
        lacking = [name for name in table.columns[0].codes if name not in codes]
        mark = "# " if lacking else ""
        add = f"  # say {', '.join(lacking)} too" if lacking else ""
        yield f"      {mark}{column_letters(column)}: {_shown(codes)}{add}"
    yield "    rows:"
    for row in range(min(rows), max(rows) + 1):
        label = sheet.at(row, names).text.strip()
        if row in rows:
            yield f"      {row}: {_shown(rows[row])}  # {label}"
        elif label:
            yield f"      # {row}: {label!r} is not known"
    yield "    # fields: {source: C3, period: C4}"


def _shown(codes: Mapping[str, str]) -> str:
    parts = [f'{name}: "{code}"' for name, code in codes.items()]
    return "{" + ", ".join(parts) + "}"


def _rows(sheet: Sheet, table: FormTable) -> tuple[dict[int, dict[str, str]], int]:
    """Codes of the rows of the column that has most labels of the table, and its number."""
    dimension = next(iter(table.rows[0].codes))
    codes = {row.codes[dimension] for row in table.rows if not row.is_picked}
    prefixes = list(dict.fromkeys(version(row.codes[dimension]) for row in table.rows))
    best: dict[int, dict[str, str]] = {}
    names = 0
    for column in range(1, min(sheet.columns, 8) + 1):
        known: dict[int, dict[str, str]] = {}
        given: set[str] = set()
        for row in range(1, sheet.rows + 1):
            code = _code(sheet.at(row, column).text, prefixes, codes - given, table.partner)
            if code:
                known[row] = {dimension: code}
                given |= {code} - {"?"}
        if len(known) > len(best):
            best, names = known, column
    return best, names


def _code(label: str, prefixes: list[str], codes: set[str], partner: str) -> str:
    """Code of a label; `?` of dots where a country is to be chosen; empty for others."""
    text = " ".join(label.split())
    if partner and text in _DOTS:
        return "?"
    if not text:
        return ""
    beginnings = (
        [f"{PARTNERS[f'CL_{partner}']}_"] if partner else [f"{p}_" for p in prefixes if p]
    )
    for beginning in beginnings:
        match = match_label(text, beginning)
        if match.code in codes:
            return match.code
    return ""


def _columns(
    sheet: Sheet, table: FormTable, first: int, names: int
) -> dict[int, dict[str, str]]:
    """Codes of columns from the headings above the first row."""
    prefixes = {}
    for dimension, code in table.columns[0].codes.items():
        prefixes[dimension] = "SEX_" if dimension == "SEX" else f"{version(code)}_"
    columns: dict[int, dict[str, str]] = {}
    for column in range(names + 1, sheet.columns + 1):
        codes: dict[str, str] = {}
        for row in range(first - 1, max(first - 6, 0), -1):
            text = sheet.filled(row, column).text.strip()
            for dimension, prefix in prefixes.items():
                match = match_label(text, prefix) if text else None
                if match is not None and match.code:
                    codes.setdefault(dimension, match.code)
        if codes:
            columns[column] = codes
    return columns
