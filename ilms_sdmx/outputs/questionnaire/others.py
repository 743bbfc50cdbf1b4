"""The sheet of other figures: what a table may hold and its sheet has no cell for.

A form asks each figure once and leaves out what repeats others, as the working ages next to all
ages, and what few states have, as a third sex or the single groups of a classification. A line
of this sheet gives such a figure by the codes of its class.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ilms_sdmx.findings import Finding, Place, find
from ilms_sdmx.outputs.questionnaire.buckets import Buckets, said_in
from ilms_sdmx.outputs.questionnaire.forms import FormTable
from ilms_sdmx.outputs.questionnaire.layouts import SheetLayout
from ilms_sdmx.outputs.questionnaire.plans import FIRST_OTHER, OTHER_FIGURE, OTHERS, codes_of
from ilms_sdmx.structures.constraints import allowed
from ilms_sdmx.tables.addresses import address
from ilms_sdmx.tables.cells import Sheet

#: Codes by the row of the sheet of other figures, for each sheet of a table.
Others = dict[str, dict[int, dict[str, str]]]


def free_dimensions(table: FormTable) -> list[str]:
    """Dimensions that differ inside a table: those of its rows and of its columns."""
    return [*table.rows[0].codes, *table.columns[0].codes]


def is_allowed(table: FormTable, codes: Mapping[str, str]) -> bool:
    """Whether a figure of some codes is one of the table."""
    return not any(_wrong(table, codes))


def read_others(
    sheet: Sheet | None, layouts: Sequence[SheetLayout], buckets: Buckets
) -> tuple[Others, list[Finding]]:
    """Lines of other figures, by the sheet of their table, and what is wrong with others."""
    others: Others = {}
    findings: list[Finding] = []
    if sheet is None:
        return others, findings
    table_of = {layout.sheet: layout.table for layout in layouts}
    for row in range(FIRST_OTHER, sheet.rows + 1):
        texts = [said_in(sheet.at(row, column)) for column in range(1, OTHER_FIGURE + 1)]
        if not any(texts):
            continue
        name, written, _ = texts
        for column in range(1, OTHER_FIGURE + 1):
            buckets.put(OTHERS, row, column, "finding")
        place = Place(sheet=OTHERS, cell=address(row, 1))
        table = table_of.get(name)
        if table is None:
            expected = ", ".join(table_of)
            findings.append(
                find("form-other", place, read=name or "no sheet", expected=expected)
            )
            continue
        codes = codes_of(written)
        wrong = list(_find_wrong(table, codes, Place(sheet=OTHERS, cell=address(row, 2))))
        findings += wrong
        if wrong:
            continue
        for column in range(1, OTHER_FIGURE):
            buckets.put(OTHERS, row, column, "field")
        others.setdefault(name, {})[row] = codes
    return others, findings


def _find_wrong(table: FormTable, codes: Mapping[str, str], place: Place) -> Iterator[Finding]:
    """What is wrong with the codes of a line."""
    free = free_dimensions(table)
    for name in codes:
        if name not in free:
            expected = ", ".join(free)
            yield find("form-other", place, case="codes", read=name, expected=expected)
    for name in _wrong(table, codes):
        code = codes.get(name, "")
        if code:
            yield find("unknown-label", place, case="form", read=code, component=name)
        else:
            yield find("incomplete-key", place, case="form", component=name)


def _wrong(table: FormTable, codes: Mapping[str, str]) -> Iterator[str]:
    """Dimensions for which some codes have none, or one that the table cannot have."""
    known: Mapping[str, frozenset[str]] = {}
    if not table.is_foreign:
        known = allowed(table.dataflow)
    for name in free_dimensions(table):
        code = codes.get(name, "")
        if not code or (known and code not in known[name]):
            yield name
