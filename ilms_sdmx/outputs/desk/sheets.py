"""Sheets with the role of every cell, why it has it, and by which rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ilms_sdmx.conversion.figures.model import Figures
from ilms_sdmx.conversion.result.conversions import Conversion
from ilms_sdmx.mapping.document import DatasetMap
from ilms_sdmx.mapping.layout import column
from ilms_sdmx.mapping.model import (
    ComponentMap,
    ComponentMaps,
    FixedValueMap,
    MultiComponentMap,
    sources_of,
)
from ilms_sdmx.outputs.desk.questions import names_of_codes
from ilms_sdmx.tables.cells import Kind, Sheet


@dataclass(frozen=True)
class CellRole:
    """One cell of a sheet, and what it is.

    Parameters
    ----------
    cell
        Address.
    row, column
        Counted from 1.
    text
        What the cell shows.
    role
        Bucket of its figure, `label`, `note`, `missing` or `finding`.
    rule
        Rule of the mapping that says so.
    value
        Number that is read, empty for none.
    dataflow
        Dataflow of the observation that it becomes, empty for none.
    findings
        What is wrong with it or worth knowing.
    is_refused
        Whether a data set wants its figure and could not take it.
    is_number
        Whether the cell holds a number.
    raised
        Marks in raised type behind it.
    """

    cell: str
    row: int
    column: int
    text: str
    role: str
    rule: str
    value: str = ""
    dataflow: str = ""
    findings: tuple[str, ...] = ()
    is_refused: bool = False
    is_number: bool = False
    raised: str = ""


@dataclass(frozen=True)
class SheetRoles:
    """A sheet with the role of every cell.

    Parameters
    ----------
    name
        Name of the sheet.
    rows, columns
        Its size.
    cells
        Cells that are not empty, in reading order.
    merges
        Merged cells: top, left, bottom, right.
    counts
        Number of cells of each role.
    is_hidden
        Whether the workbook hides it.
    """

    name: str
    rows: int
    columns: int
    cells: tuple[CellRole, ...]
    merges: tuple[tuple[int, int, int, int], ...]
    counts: Mapping[str, int]
    is_hidden: bool = False


@dataclass(frozen=True)
class ComponentSource:
    """Where one component of an observation comes from.

    Parameters
    ----------
    component
        Id of the component.
    code, name
        Its value, and the name of the code.
    how
        `fixed`, `map`, `period` or `label`.
    heading, label
        Heading that it is read from, and its label.
    map, line
        Code map, and the line of the mapping file that gave the code; 0 for a match by name.
    """

    component: str
    code: str
    name: str
    how: str
    heading: str = ""
    label: str = ""
    map: str = ""
    line: int = 0


def sheet_roles(conversion: Conversion) -> tuple[SheetRoles, ...]:
    """Sheets of a converted workbook, with the role of every cell.

    Examples
    --------
    >>> from ilms_sdmx import convert, example
    >>> sheet, = sheet_roles(convert(*example("phl-emigrants")))
    >>> sheet.counts["observation"], sheet.cells[0].role
    (460, 'label')
    """
    accounts = _accounts(conversion)
    findings: dict[tuple[str, str], list[str]] = {}
    for finding in conversion.report:
        place = finding.place.sheet, finding.place.cell
        findings.setdefault(place, []).append(finding.message)
    sheets = []
    for sheet in conversion.workbook:
        cells = tuple(_cells(sheet, accounts, findings, conversion.refused))
        counts = Counter(cell.role for cell in cells)
        merges = []
        for merge in sheet.merges:
            merges.append((merge.top, merge.left, merge.bottom, merge.right))
        sheets.append(
            SheetRoles(
                sheet.name,
                sheet.rows,
                sheet.columns,
                cells,
                tuple(merges),
                dict(counts),
                sheet.hidden,
            )
        )
    return tuple(sheets)


def _accounts(conversion: Conversion) -> dict[tuple[str, str], tuple[str, str, str, str]]:
    """Bucket, rule, value and dataflow of each cell."""
    first = conversion.provenance.drop_duplicates(["sheet", "cell"])
    names = ["sheet", "cell", "bucket", "rule", "value", "dataflow"]
    columns = [first[name].astype("str") for name in names]
    accounts = {}
    for sheet, cell, *account in zip(*columns, strict=True):
        bucket, rule, value, dataflow = account
        accounts[sheet, cell] = (bucket, rule, value, dataflow)
    return accounts


def _cells(
    sheet: Sheet,
    accounts: Mapping[tuple[str, str], tuple[str, str, str, str]],
    findings: Mapping[tuple[str, str], list[str]],
    refused: frozenset[tuple[str, str]],
) -> Iterator[CellRole]:
    """Cells of a sheet that hold anything, or that the mapping says something of."""
    for cell in sheet:
        place = sheet.name, cell.address
        bucket, rule, value, dataflow = accounts.get(place, ("", "", "", ""))
        if cell.kind is Kind.EMPTY or not cell.text:
            continue
        yield CellRole(
            cell.address,
            cell.row,
            cell.column,
            cell.text,
            bucket,
            rule,
            value,
            dataflow,
            tuple(findings.get(place, ())),
            place in refused,
            cell.kind is Kind.NUMBER,
            cell.superscript,
        )


def sources_of_cell(
    conversion: Conversion, figures: Figures, sheet: str, cell: str
) -> list[dict[str, Any]]:
    """Observations that a cell becomes, with the source of each component.

    Parameters
    ----------
    figures
        Figures of the workbook, with their headings.
    """
    rows = conversion.provenance
    rows = rows[(rows["sheet"] == sheet) & (rows["cell"] == cell)]
    frame = figures.frame
    headed = frame[(frame["sheet"] == sheet) & (frame["cell"] == cell)]
    told = []
    for number, (_, row) in enumerate(rows.iterrows()):
        if not len(headed):
            continue
        labels = dict(headed.iloc[min(number, len(headed) - 1)])
        for dataset in conversion.mapping.datasets:
            if not _is_of(dataset, str(row["dataflow"]), str(labels["table"])):
                continue
            sources = [_source(component, row, labels) for component in dataset.components]
            told.append(
                {
                    "dataflow": dataset.dataflow,
                    "value": str(row["OBS_VALUE"]),
                    "status": str(row["OBS_STATUS"]),
                    "components": [source for source in sources if source.code],
                }
            )
            break
    return told


def _is_of(dataset: DatasetMap, dataflow: str, table: str) -> bool:
    """Whether an observation is of a data set."""
    if dataset.tables and table not in dataset.tables:
        return False
    return dataflow == dataset.dataflow


def _source(component: ComponentMaps, row: Any, labels: Mapping[str, Any]) -> ComponentSource:
    """Where one component of an observation comes from."""
    target = component.target
    code = str(row.get(target, "") or "")
    if isinstance(component, FixedValueMap):
        return ComponentSource(target, code or component.value, "", "fixed")
    texts = [str(labels.get(column(name), "") or "") for name in sources_of(component)]
    heading, label = ", ".join(sources_of(component)), " | ".join(filter(None, texts))
    if not isinstance(component, ComponentMap | MultiComponentMap):
        how = "period" if target == "TIME_PERIOD" else "label"
        return ComponentSource(target, code, "", how, heading, label)
    representation = component.representation
    line = 0
    for mapped in representation.values:
        if mapped.code == code and mapped.source == tuple(texts):
            line = mapped.line
    name = ""
    if representation.codelist:
        name = names_of_codes(representation.codelist).get(code, "")
    return ComponentSource(target, code, name, "map", heading, label, representation.id, line)
