"""Source sheets drawn as they are, every cell with the colour of what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from ilms_sdmx.tables.addresses import Range, column_letters
from ilms_sdmx.tables.cells import Cell, Kind, Sheet

if TYPE_CHECKING:
    from ilms_sdmx.conversion.result.conversions import Conversion
    from ilms_sdmx.findings import Finding
    from ilms_sdmx.outputs.reports.catalogues import Catalogue

#: Sheet and cell.
Place: TypeAlias = tuple[str, str]
#: Cells and columns that a page draws of one sheet: beyond, a browser is no longer quick.
CELLS, COLUMNS = 20_000, 200


@dataclass(frozen=True, slots=True)
class Drawn:
    """One cell of a drawn sheet.

    Parameters
    ----------
    text
        What the cell shows.
    id
        Id on the page; empty for a cell without content.
    style
        Styles, by which it has its colour.
    card
        What became of it, one line a fact.
    address
        Where it leads: its finding or its observation.
    raised
        Text in raised type behind it.
    rows, columns
        Size of a merged cell.
    """

    text: str = ""
    id: str = ""
    style: str = ""
    card: str = ""
    address: str = ""
    raised: str = ""
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True)
class DrawnSheet:
    """A drawn sheet.

    Parameters
    ----------
    name
        Name of the sheet.
    letters
        Letters of its columns.
    rows
        Number and cells of each row.
    hidden
        Whether the workbook hides it.
    left_out
        Number of rows that are not drawn.
    """

    name: str
    letters: Sequence[str]
    rows: Sequence[tuple[int, Sequence[Drawn]]]
    hidden: bool = False
    left_out: int = 0


@dataclass(frozen=True)
class Accounts:
    """What became of the cells of a workbook.

    Parameters
    ----------
    places
        Rows of the provenance by sheet and cell.
    findings
        Id on the page and finding, by sheet and cell.
    rows
        Id on the page of the row of its first observation, by sheet and cell.
    refused
        Sheet and cell of figures that no data set could take.
    """

    places: Mapping[Place, list[dict[str, Any]]]
    findings: Mapping[Place, list[tuple[str, Finding]]]
    rows: Mapping[Place, str]
    refused: frozenset[Place] = frozenset()

    @classmethod
    def of(cls, conversion: Conversion, rows: Mapping[Place, str]) -> Accounts:
        """Accounts of a conversion."""
        rows_of_cell: dict[Place, list[dict[str, Any]]] = {}
        provenance = conversion.provenance
        columns = list(map(str, provenance.columns))
        for values in provenance.itertuples(index=False, name=None):
            row = dict(zip(columns, values, strict=True))
            place = row["sheet"], row["cell"]
            rows_of_place = rows_of_cell.setdefault(place, [])
            rows_of_place.append(row)
        findings: dict[Place, list[tuple[str, Finding]]] = {}
        for number, finding in enumerate(conversion.report.findings, 1):
            place = finding.place.sheet, finding.place.cell
            entry = (f"finding-{number}", finding)
            findings_of_place = findings.setdefault(place, [])
            findings_of_place.append(entry)
        return cls(rows_of_cell, findings, rows, conversion.refused)

    def wrong(self, place: Place) -> bool:
        """Whether a cell has a finding, by itself or with others."""
        if place in self.refused:
            return True
        return bool(self.findings.get(place))


def cell_id(number: int, address: str) -> str:
    """Id of a cell on the page, by the number of its sheet."""
    return f"cell-{number}-{address}"


def draw(
    sheet: Sheet, number: int, accounts: Accounts, words: Catalogue, linked: set[str]
) -> DrawnSheet:
    """Sheet as it is; `linked` are the ids of findings that the page shows."""
    columns = min(sheet.columns, COLUMNS)
    most_rows = CELLS // max(columns, 1)
    most_rows = max(1, most_rows)
    shown = min(sheet.rows, most_rows)
    rows = []
    for row in range(1, shown + 1):
        cells = []
        for column in range(1, columns + 1):
            merge = sheet.merge(row, column)
            if merge is not None and (row, column) != (merge.top, merge.left):
                continue
            cell = _drawn(sheet, row, column, number, accounts, words, linked)
            cells.append(cell)
        rows.append((row, cells))
    letters = list(map(column_letters, range(1, columns + 1)))
    return DrawnSheet(sheet.name, letters, rows, sheet.hidden, sheet.rows - shown)


def _drawn(
    sheet: Sheet,
    row: int,
    column: int,
    number: int,
    accounts: Accounts,
    words: Catalogue,
    linked: set[str],
) -> Drawn:
    """Cell as the page draws it, with what became of it."""
    cell = sheet.at(row, column)
    merge = sheet.merge(row, column)
    rows, columns = _spans(merge, sheet)
    place = sheet.name, cell.address
    if cell.kind is Kind.EMPTY and place not in accounts.places:
        return Drawn(rows=rows, columns=columns)
    id = cell_id(number, cell.address)
    accounted = accounts.places.get(place, [])
    is_wrong = accounts.wrong(place)
    style = _style(cell, accounted, is_wrong)
    card = _card(cell, place, accounts, words)
    address = _target(place, accounts, linked)
    raised = cell.superscript
    return Drawn(cell.text, id, style, card, address, raised, rows, columns)


def _card(cell: Cell, place: Place, accounts: Accounts, words: Catalogue) -> str:
    """Say what became of a cell, from the accounts."""
    findings = [finding for _, finding in accounts.findings.get(place, [])]
    rows = accounts.places.get(place, [])
    is_refused = place in accounts.refused
    return card(cell, rows, findings, words, refused=is_refused)


def _target(place: Place, accounts: Accounts, linked: set[str]) -> str:
    """Where a cell leads: to its first finding that the page shows, else to its observation."""
    for id, _ in accounts.findings.get(place, []):
        if id in linked:
            return f"#{id}"
    if place in accounts.rows:
        return f"#{accounts.rows[place]}"
    return ""


def _spans(merge: Range | None, sheet: Sheet) -> tuple[int, int]:
    """Rows and columns of a merge, as far as they are drawn."""
    if merge is None:
        return 1, 1
    bottom = min(merge.bottom, sheet.rows)
    right = min(merge.right, sheet.columns, COLUMNS)
    rows = bottom - merge.top + 1
    columns = right - merge.left + 1
    return rows, max(1, columns)


def _style(cell: Cell, places: list[dict[str, Any]], wrong: bool) -> str:
    """Styles of a cell: its bucket, whether it is a figure, and whether it is wrong."""
    styles = []
    if places:
        styles.append(str(places[0]["bucket"]))
    if cell.kind is Kind.NUMBER:
        styles.append("figure")
    if wrong:
        styles.append("wrong")
    return " ".join(styles)


def card(
    cell: Cell,
    places: list[dict[str, Any]],
    findings: list[Finding],
    words: Catalogue,
    *,
    refused: bool = False,
) -> str:
    """Say what became of a cell, one line a fact.

    `refused` says that no data set could take its figure.
    """
    lines = [cell.address]
    for place in places:
        lines += _account(place, words)
    if cell.extra.formula:
        lines.append(words.text("card.formula", text=cell.extra.formula))
    if cell.comment:
        lines.append(words.text("card.comment", text=cell.comment))
    if refused:
        lines.append(words.text("card.refused"))
    for finding in findings:
        lines.append(words.text("card.finding", text=finding.message))
    return "\n".join(lines)


def _account(place: dict[str, Any], words: Catalogue) -> list[str]:
    """Say what one row of the provenance says of a cell, one line a fact."""
    bucket = words.text(f"bucket.{place['bucket']}")
    if place["value"]:
        value = words.text("card.read", text=place["value"])
        bucket = f"{bucket} – {value}"
    lines = [bucket]
    if place["rule"]:
        lines.append(words.text("card.rule", text=place["rule"]))
    if place["OBS_VALUE"]:
        lines.append(observation(place))
    if place["note"]:
        lines.append(words.text("card.note", text=place["note"]))
    return lines


#: Columns of the provenance that are no component of a key.
_NO_KEY = {
    "file",
    "sheet",
    "cell",
    "bucket",
    "rule",
    "text",
    "value",
    "dataflow",
    "also",
    "note",
    "checked",
}
_NO_KEY |= {"OBS_VALUE", "UNIT_MULT", "OBS_STATUS"}


def observation(place: dict[str, Any]) -> str:
    """Dataflow, key and value of an observation, on one line."""
    codes = [str(code) for name, code in place.items() if name not in _NO_KEY and code]
    key = ".".join(codes)
    return f"{place['dataflow']} {key} = {place['OBS_VALUE']}"
