"""Suspects: labels that look like figures, figures under several headings at once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ilms_sdmx.conversion.layout.grid import At
from ilms_sdmx.conversion.layout.heads import Heads
from ilms_sdmx.conversion.layout.regions import Region
from ilms_sdmx.findings import Finding, Place, find, phrase, shown_cells
from ilms_sdmx.tables.cells import Kind
from ilms_sdmx.words.text import western_digits

_NUMBER = re.compile(r"\d{1,3}(?:[., \u00a0'\u202f]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?")
#: Years of both eras, months and days written with digits alone.
_TIME = re.compile(r"(?:1[89]|2[0-2]|2[4-7])\d\d|(?:19|20|25)\d\d(?:0[1-9]|1[0-2])(?:[0-3]\d)?")
#: Numbers from here on are no code of a national classification.
_LARGE = 100_000
#: Numbers below may be the numbering of rows.
_SMALL = 1_000


@dataclass(frozen=True)
class Taken:
    """Figures that are taken for something else, and what is said of them.

    Parameters
    ----------
    finding
        The finding.
    sheet
        Name of their sheet.
    cells
        Their addresses.
    """

    finding: Finding
    sheet: str
    cells: tuple[str, ...]


def is_figure(text: str) -> bool:
    """Whether a text is a number and nothing else.

    >>> is_figure("1.234"), is_figure("๑๒"), is_figure("2019/20")
    (True, True, False)
    """
    return _NUMBER.fullmatch(western_digits(text).strip()) is not None


def find_figures_as_labels(region: Region, heads: Heads) -> list[Taken]:
    """Header rows and label columns of figures alone: they would be lost as labels."""
    layout = region.layout
    findings = []
    columns = sorted(heads.columns.labels)
    for row in range(region.top, region.body):
        places = _filled(region, [(row, column) for column in columns])
        findings += _find_in(region, places, "header", line=layout.line)
    for heading in layout.rows:
        column = heads.stubs.columns.get(heading.name)
        is_named = heading.header is not None or heading.column
        if is_named or column is None:
            continue
        places = _filled(region, [(row, column) for row in heads.rows.labels])
        if len(places) > 1:
            findings += _find_in(region, places, "labels", heading=heading.name)
    return findings


def _filled(region: Region, places: list[At]) -> list[At]:
    """Places of a region that have a cell."""
    cells = region.grid.cells
    return [place for place in places if place in cells]


def _find_in(region: Region, places: list[At], where: str, **named: Any) -> list[Taken]:
    """Places that hold labels, where these look like figures."""
    likelihood = _likelihood(region, places)
    if likelihood is None:
        return []
    return [taken(region, places, f"{where}{likelihood}", **named)]


def taken(region: Region, places: list[At], case: str, **named: Any) -> Taken:
    """Figures at some places that are taken for labels, with the finding of them."""
    cells = [region.grid.cells[at] for at in places]
    addresses = tuple(cell.address for cell in cells)
    every_cell = ", ".join(addresses)
    named_cells = shown_cells(every_cell)
    sheet = region.grid.name
    finding = find(
        "figures-as-labels",
        Place(sheet=sheet, cell=addresses[0]),
        case=case,
        read=cells[0].text,
        affects=phrase("cells-read-as-labels", count=len(cells), cells=named_cells),
        table=region.layout.name,
        cells=every_cell,
        **named,
    )
    return Taken(finding, sheet, addresses)


def _likelihood(region: Region, places: list[At]) -> str | None:
    """Whether all cells hold figures: empty where they surely do, `-unsure`, or None.

    Figures are numbers that are no time, and no numbering.
    """
    numbers = []
    for at in places:
        text = western_digits(region.grid.text(at)).strip()
        if region.grid.cells[at].kind is Kind.DATE or not is_number_of_no_time(text):
            return None
        numbers.append(text)
    if any(not number.isdigit() or int(number) >= _LARGE for number in numbers):
        return ""
    if numbers and all(int(number) >= _SMALL for number in numbers):
        return "-unsure"
    return None


def is_number_of_no_time(text: str) -> bool:
    """Whether a text is a number, and no year, month or day.

    >>> is_number_of_no_time("11,500"), is_number_of_no_time("2019")
    (True, False)
    """
    if not _NUMBER.fullmatch(text):
        return False
    return not _TIME.fullmatch(text)


def find_merged_figures(region: Region, heads: Heads) -> list[Finding]:
    """Findings of figures in merged cells under several headings."""
    grid = region.grid
    last_places: dict[At, At] = {}
    for at, origin in grid.origins.items():
        if origin in grid.cells and _differs(heads, at, origin):
            known = last_places.get(origin, at)
            last_places[origin] = max(at, known)
    findings = []
    for origin, last in last_places.items():
        row, column = origin
        last_row, last_column = last
        cell = grid.cells[origin]
        place = Place(sheet=grid.name, cell=cell.address)
        rows = last_row - row + 1
        columns = last_column - column + 1
        finding = find(
            "merged-figure",
            place,
            component="OBS_VALUE",
            read=cell.text,
            affects=phrase("figures-not-written", count=1),
            rows=rows,
            columns=columns,
        )
        findings.append(finding)
    return findings


def _differs(heads: Heads, at: At, origin: At) -> bool:
    """Whether a place has other labels than the place whose cell covers it."""
    of_rows = heads.rows.labels
    of_columns = heads.columns.labels
    row, column = at
    origin_row, origin_column = origin
    row_labels = of_rows.get(origin_row)
    column_labels = of_columns.get(origin_column)
    if row_labels is None or column_labels is None:
        return False
    if of_columns.get(column, column_labels) != column_labels:
        return True
    return of_rows.get(row, row_labels) != row_labels
