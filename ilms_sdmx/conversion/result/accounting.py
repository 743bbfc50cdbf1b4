"""Accounting: every non-empty cell in one bucket, with the rule that put it there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ilms_sdmx.conversion.extraction import Extraction
from ilms_sdmx.conversion.figures.pinned import Above, find_new_words
from ilms_sdmx.conversion.figures.suspects import is_figure
from ilms_sdmx.conversion.layout.grid import is_blank, printed
from ilms_sdmx.conversion.layout.regions import Missing
from ilms_sdmx.findings import Finding, Place, find, phrase
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.mapping.document import Ignored, MappingDocument
from ilms_sdmx.mapping.layout import TableLayout
from ilms_sdmx.mapping.patterns import any_matches
from ilms_sdmx.tables.cells import Cell, Kind, Sheet, Workbook

if TYPE_CHECKING:
    import pandas as pd

#: Rule, in the provenance, of a cell that the mapping says nothing about.
UNEXPLAINED = "unexplained"
#: Columns of the provenance before the components.
FIRST = ("file", "sheet", "cell", "bucket", "rule", "text", "value", "dataflow")
#: Beginning of the rule of a cell that is a note.
NOTE = "note: "
#: Unexplained cells from which on a sheet is told of as a whole.
_MANY = 50

#: Name of a sheet to the places of the footnotes that figures refer to, with their marks.
UsedLegend = Mapping[str, Mapping[tuple[int, int], str]]


@dataclass(frozen=True, eq=False)
class Account:
    """Cells that are no figures.

    Parameters
    ----------
    rows
        Their rows of the provenance, in the columns of `FIRST`, with row and column of the
        cell.
    unexplained
        Name of a sheet to its cells that the mapping says nothing about.
    """

    rows: pd.DataFrame
    unexplained: dict[str, list[Cell]]


def account(
    workbook: Workbook, extraction: Extraction, mapping: MappingDocument, legend: UsedLegend
) -> Account:
    """Bucket of every cell of a workbook that is no figure."""
    import pandas as pd

    rows = []
    unexplained: dict[str, list[Cell]] = {}
    figures_of_sheet = _places_of_figures(extraction)
    for sheet in workbook:
        name = sheet.name
        explainer = _Explainer(sheet, mapping, extraction, legend)
        figures = figures_of_sheet.get(name, set())
        others = sheet.cells.keys() - figures
        for place in sorted(others):
            cell = sheet.cells[place]
            if is_blank(cell):
                continue
            bucket, rule = explainer.bucket(place, cell)
            first = (workbook.name, name, cell.address, bucket.value, rule)
            rows.append((*first, printed(cell), "", "", *place))
            if bucket is Bucket.FINDING:
                of_sheet = unexplained.setdefault(name, [])
                of_sheet.append(cell)
    frame = pd.DataFrame(rows, columns=[*FIRST, "row", "column_number"])
    texts = dict.fromkeys(FIRST, "str")
    return Account(frame.astype(texts), unexplained)


def _places_of_figures(extraction: Extraction) -> dict[str, set[tuple[int, int]]]:
    """Name of each sheet to the places of its figures."""
    figures = extraction.figures
    by_sheet = figures.frame.groupby("sheet", sort=False).indices
    rows = figures.row.to_numpy()
    columns = figures.column_number.to_numpy()
    places_of_sheet = {}
    for name, numbers in by_sheet.items():
        own_rows = rows[numbers].tolist()
        own_columns = columns[numbers].tolist()
        own_places = zip(own_rows, own_columns, strict=True)
        places_of_sheet[str(name)] = set(own_places)
    return places_of_sheet


class _Explainer:
    """What a mapping says of the cells of one sheet that are no figures."""

    def __init__(
        self,
        sheet: Sheet,
        mapping: MappingDocument,
        extraction: Extraction,
        legend: UsedLegend,
    ) -> None:
        self.sheet = sheet
        self.mapping = mapping
        self.labels = extraction.labels.get(sheet.name, set())
        self.pinned = extraction.pinned.get(sheet.name, set())
        self.legend = legend.get(sheet.name, {})
        self.hidden = mapping.conventions.hidden == "ignore"

    def bucket(self, place: tuple[int, int], cell: Cell) -> tuple[Bucket, str]:
        """Bucket and rule of a cell."""
        if self.hidden and self.sheet.is_hidden(cell.row, cell.column):
            return Bucket.IGNORE, "hidden"
        if place in self.labels:
            return Bucket.LABEL, "label of a table"
        if place in self.pinned:
            return Bucket.NOTE, "read by the mapping"
        return self._by_rule(cell) or self._by_legend(place) or self._by_text(cell)

    def _by_rule(self, cell: Cell) -> tuple[Bucket, str] | None:
        """Bucket of a cell that the mapping ignores or notes."""
        for ignored in self.mapping.ignore:
            if self._covers(ignored, cell) and ignored.text.matches(cell.text):
                return Bucket.IGNORE, ignored.why
        for note in self.mapping.notes:
            if note.matches(cell.text):
                return Bucket.NOTE, f"{NOTE}{note}"
        return None

    def _by_legend(self, place: tuple[int, int]) -> tuple[Bucket, str] | None:
        """Bucket of a cell of a footnote that figures refer to."""
        mark = self.legend.get(place)
        return (Bucket.NOTE, f"footnote {mark}") if mark else None

    def _by_text(self, cell: Cell) -> tuple[Bucket, str]:
        """Bucket of a cell that is a label by its text, or that nothing explains."""
        for layout in self.mapping.tables:
            if _is_label(layout, cell.text):
                return Bucket.LABEL, f"label of {layout.name}"
        if self._is_heading(cell):
            return Bucket.LABEL, "heading outside the table"
        return Bucket.FINDING, UNEXPLAINED

    def _covers(self, ignored: Ignored, cell: Cell) -> bool:
        """Whether a rule reaches to the place of a cell."""
        if ignored.sheets and not any_matches(ignored.sheets, self.sheet.name):
            return False
        if not ignored.cells:
            return True
        return any((cell.row, cell.column) in area for area in ignored.cells)

    def _is_heading(self, cell: Cell) -> bool:
        """Whether a cell holds a heading of the figures that is outside their table.

        A number is one only as a whole, as a year alone in its cell.
        """
        for heading in self.mapping.headings:
            if heading.text is None or heading.cell:
                continue
            match = heading.text.search(cell.text)
            if match is None:
                continue
            if cell.kind is Kind.TEXT or match.group(1) == cell.text:
                return True
        return False


def _is_label(layout: TableLayout, text: str) -> bool:
    """Whether a text is the title of a table or one of its declared labels."""
    if layout.title and layout.begin and layout.begin.matches(text):
        return True
    return any_matches(layout.labels, text)


def find_unexplained(
    account: Account,
    workbook: Workbook,
    above: Sequence[Above],
    area: str,
    missing: Mapping[str, Missing],
    told: Collection[tuple[str, str]] = (),
) -> Iterator[Finding]:
    """Findings of unexplained cells, or one for a sheet that no table and no rule knows.

    Parameters
    ----------
    above
        Rows above the tables with pins, where a new word may change what figures mean.
    area
        Country of the workbook.
    missing
        Name of a sheet to the table that is not on it: its cells are told of once.
    told
        Sheet and address of cells that another finding names: adding them to the notes would
        hide it.
    """
    for name, cells in account.unexplained.items():
        count = len(cells)
        if name in missing and count > 1:
            yield _without_table(name, count, missing[name])
            continue
        half = len(workbook[name]) // 2
        if count > _MANY and count > half:
            affects = phrase("cells-alone", count=count)
            place = Place(sheet=name)
            yield find("unexplained-sheet", place, affects=affects, count=count, sheet=name)
            continue
        for cell in cells:
            if (name, cell.address) in told:
                continue
            new_words = _find_new_words(name, cell, above, area)
            yield new_words or _unexplained_cell(name, cell)


def _without_table(sheet: str, count: int, missing: Missing) -> Finding:
    """Finding of the cells of a sheet whose table was not found."""
    layout = missing.layout
    near = missing.near
    return find(
        "unexplained-sheet",
        Place(sheet=sheet),
        case="table",
        read=near,
        affects=phrase("cells-alone", count=count),
        count=count,
        table=layout.name,
        begin=str(layout.begin),
        near=phrase("near", near=repr(near)) if near else "",
        instead=phrase("if-it-is-now", near=repr(near)) if near else "",
        line=layout.line,
    )


def _find_new_words(
    sheet: str, cell: Cell, above: Sequence[Above], area: str
) -> Finding | None:
    """Finding of a text above a table with pins that says what no pin has."""
    for rows in above:
        if rows.sheet == sheet and rows.first_row <= cell.row <= rows.last_row:
            finding = find_new_words(cell, rows, area)
            if finding is not None:
                return finding
    return None


def _unexplained_cell(sheet: str, cell: Cell) -> Finding:
    """Finding of one cell: an error where it holds a figure."""
    text = cell.text
    place = Place(sheet=sheet, cell=cell.address)
    is_number = cell.kind is not Kind.TEXT or is_figure(text)
    case = "" if is_number else "word"
    shown = text[:80]
    short = text[:60]
    return find(
        "unexplained-cell",
        place,
        case=case,
        read=text,
        affects=phrase("cells-alone", count=1),
        shown=shown,
        short=short,
    )
