"""Source sheets drawn as they stand, every cell with the colour of what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ilms_sdmx.tables.addresses import Range, column_letters
from ilms_sdmx.tables.cells import Cell, Kind, Sheet

if TYPE_CHECKING:
    from ilms_sdmx.conversion.result.conversions import Conversion
    from ilms_sdmx.findings import Finding
    from ilms_sdmx.reports.catalogues import Catalogue

#: Cells and columns that a page draws of one sheet: beyond, a browser is no longer quick.
CELLS, COLUMNS = 20_000, 200


@dataclass(frozen=True, slots=True)
class Drawn:
    """One cell of a drawn sheet; `card` is what is shown beside it, one line a fact."""

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
    """A drawn sheet."""

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

    places: Mapping[tuple[str, str], list[dict[str, Any]]]
    findings: Mapping[tuple[str, str], list[tuple[str, Finding]]]
    rows: Mapping[tuple[str, str], str]
    refused: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def of(cls, conversion: Conversion, rows: Mapping[tuple[str, str], str]) -> Accounts:
        """Accounts of a conversion."""
        places: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for row in conversion.provenance.to_dict("records"):
            places.setdefault((row["sheet"], row["cell"]), []).append(
                {str(k): v for k, v in row.items()}
            )
        findings: dict[tuple[str, str], list[tuple[str, Finding]]] = {}
        for number, finding in enumerate(conversion.report.findings, 1):
            key = finding.place.sheet, finding.place.cell
            findings.setdefault(key, []).append((f"finding-{number}", finding))
        return cls(places, findings, rows, conversion.refused)

    def wrong(self, place: tuple[str, str]) -> bool:
        """Whether a cell stands in a finding, by itself or with others."""
        return place in self.refused or bool(self.findings.get(place))


def cell_id(number: int, address: str) -> str:
    """Id of a cell on the page, by the number of its sheet."""
    return f"cell-{number}-{address}"


def draw(
    sheet: Sheet, number: int, accounts: Accounts, words: Catalogue, linked: set[str]
) -> DrawnSheet:
    """Sheet as it stands; `linked` are the ids of findings that the page shows."""
    columns = min(sheet.columns, COLUMNS)
    shown = min(sheet.rows, max(1, CELLS // max(columns, 1)))
    rows = []
    for row in range(1, shown + 1):
        cells = [
            _drawn(sheet, row, c, number, accounts, words, linked)
            for c in range(1, columns + 1)
        ]
        rows.append((row, [cell for cell in cells if cell is not None]))
    letters = [column_letters(c) for c in range(1, columns + 1)]
    return DrawnSheet(sheet.name, letters, rows, sheet.hidden, sheet.rows - shown)


def _drawn(
    sheet: Sheet,
    row: int,
    column: int,
    number: int,
    accounts: Accounts,
    words: Catalogue,
    linked: set[str],
) -> Drawn | None:
    merge = sheet.merge(row, column)
    if merge and (row, column) != (merge.top, merge.left):
        return None
    cell = sheet.at(row, column)
    spans = _spans(merge, sheet)
    key = sheet.name, cell.address
    if cell.kind is Kind.EMPTY and key not in accounts.places:
        return Drawn(rows=spans[0], columns=spans[1])
    found = accounts.findings.get(key, [])
    places = accounts.places.get(key, [])
    target = next((f"#{id}" for id, _ in found if id in linked), "")
    if not target and key in accounts.rows:
        target = f"#{accounts.rows[key]}"
    return Drawn(
        cell.text,
        cell_id(number, cell.address),
        _style(cell, places, accounts.wrong(key)),
        card(cell, places, [f for _, f in found], words, refused=key in accounts.refused),
        target,
        cell.superscript,
        *spans,
    )


def _spans(merge: Range | None, sheet: Sheet) -> tuple[int, int]:
    """Rows and columns of a merge, as far as they are drawn."""
    if merge is None:
        return 1, 1
    bottom, right = min(merge.bottom, sheet.rows), min(merge.right, sheet.columns, COLUMNS)
    return bottom - merge.top + 1, max(1, right - merge.left + 1)


def _style(cell: Cell, places: list[dict[str, Any]], wrong: bool) -> str:
    names = [str(places[0]["bucket"])] if places else []
    if cell.kind is Kind.NUMBER:
        names.append("figure")
    return " ".join([*names, *(["wrong"] if wrong else [])])


def card(
    cell: Cell,
    places: list[dict[str, Any]],
    findings: list[Finding],
    words: Catalogue,
    *,
    refused: bool = False,
) -> str:
    """Say what became of a cell, one line a fact; `refused` where no data set could take its figure."""
    lines = [cell.address]
    for place in places:
        lines.append(
            " – ".join(
                filter(None, [words.text(f"bucket.{place['bucket']}"), _value(place, words)])
            )
        )
        lines += [words.text("card.rule", text=place["rule"])] if place["rule"] else []
        lines += [observation(place)] if place["OBS_VALUE"] else []
        lines += [words.text("card.note", text=place["note"])] if place["note"] else []
    if cell.extra.formula:
        lines.append(words.text("card.formula", text=cell.extra.formula))
    if cell.comment:
        lines.append(words.text("card.comment", text=cell.comment))
    lines += [words.text("card.refused")] if refused else []
    lines += [words.text("card.finding", text=f.message) for f in findings]
    return "\n".join(lines)


def _value(place: dict[str, Any], words: Catalogue) -> str:
    return words.text("card.read", text=place["value"]) if place["value"] else ""


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
    key = ".".join(str(v) for k, v in place.items() if k not in _NO_KEY and v)
    return f"{place['dataflow']} {key} = {place['OBS_VALUE']}"
