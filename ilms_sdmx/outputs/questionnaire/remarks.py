"""The sheet of remarks: what a person says of single cells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ilms_sdmx.findings import Finding, Place, find
from ilms_sdmx.outputs.questionnaire.buckets import Buckets, said_in
from ilms_sdmx.outputs.questionnaire.forms import FormTable
from ilms_sdmx.outputs.questionnaire.layouts import SheetLayout
from ilms_sdmx.outputs.questionnaire.lists import REMARKS_ON, status_list
from ilms_sdmx.outputs.questionnaire.others import Others
from ilms_sdmx.outputs.questionnaire.plans import FIRST_REMARK, OTHER_FIGURE, OTHERS, REMARKS
from ilms_sdmx.tables.addresses import address, position
from ilms_sdmx.tables.cells import Sheet

#: Value of a remark that says that an attribute has none.
NONE = "(none)"
#: Remarks by the row and column of their cell: attribute and value.
Remarks = dict[tuple[int, int], dict[str, str]]


def read_remarks(
    sheet: Sheet | None, layouts: Sequence[SheetLayout], others: Others, buckets: Buckets
) -> tuple[dict[str, Remarks], list[Finding]]:
    """Remarks on single cells, by sheet, and what is wrong with others."""
    remarks: dict[str, Remarks] = {}
    findings: list[Finding] = []
    if sheet is None:
        return remarks, findings
    layout_of = {layout.sheet: layout for layout in layouts}
    for row in range(FIRST_REMARK, sheet.rows + 1):
        texts = [said_in(sheet.at(row, column)) for column in range(1, 5)]
        if not any(texts):
            continue
        name, cell, what, value = texts
        for column in range(1, 5):
            buckets.put(REMARKS, row, column, "remark")
        place = Place(sheet=REMARKS, cell=address(row, 1))
        at = _position(cell)
        layout = _layout_at(name, at, layout_of, others)
        if layout is None:
            findings.append(find("form-remark", place, read=f"{name} {cell}".strip()))
            continue
        attribute = _attribute_of(what, layout.table)
        if not attribute:
            expected = ", ".join(REMARKS_ON)
            findings.append(
                find("form-remark", place, case="what", read=what, expected=expected)
            )
            continue
        code = value
        is_coded = attribute == "OBS_STATUS" and not layout.table.is_foreign
        if is_coded and value != NONE:
            code = status_list().code_of(value)
        if not code:
            expected = ", ".join(status_list().names)
            findings.append(
                find("form-remark", place, case="value", read=value, expected=expected)
            )
            continue
        remarks.setdefault(name, {}).setdefault(at, {})[attribute] = code
    return remarks, findings


def _layout_at(
    name: str, at: tuple[int, int], layout_of: Mapping[str, SheetLayout], others: Others
) -> SheetLayout | None:
    """Layout of the table whose figure a cell is for; None where it is for none."""
    row, column = at
    if name == OTHERS and column == OTHER_FIGURE:
        for sheet, lines in others.items():
            if row in lines:
                return layout_of[sheet]
    layout = layout_of.get(name)
    if layout is None or row not in layout.rows or column not in layout.columns:
        return None
    return layout


def _attribute_of(what: str, table: FormTable) -> str:
    """Attribute that a remark is about; empty for words that say none."""
    if table.components is not None:
        return what if what in table.components.attributes else ""
    return REMARKS_ON.get(what, "")


def _position(cell: str) -> tuple[int, int]:
    """Row and column of an address; zeros for anything else."""
    if not re.fullmatch(r"[A-Za-z]{1,3}[1-9][0-9]{0,6}", cell):
        return 0, 0
    return position(cell.upper())
