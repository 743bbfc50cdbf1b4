"""Conversion reports: the source table, every cell coloured and linked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ilms_sdmx.findings.languages import ENGLISH
from ilms_sdmx.outputs.reports import findings
from ilms_sdmx.outputs.reports.catalogues import Catalogue, catalogue
from ilms_sdmx.outputs.reports.grids import Column, Grid, grid
from ilms_sdmx.outputs.reports.pages import json_text, render
from ilms_sdmx.outputs.reports.sheets import Accounts, DrawnSheet, cell_id, draw
from ilms_sdmx.outputs.reports.validation import dataset_grid

if TYPE_CHECKING:
    import pandas as pd

    from ilms_sdmx.conversion.result.conversions import Conversion
    from ilms_sdmx.findings import Finding

#: Observations that a page lists; all are in the provenance file.
LIMIT = 3000
_HIDDEN = ["file", "sheet", "cell", "text", "bucket", "rule", "value", "also", "checked"]


def conversion_page(
    conversion: Conversion, *, words: Catalogue | None = None, created: str = ""
) -> str:
    """One HTML file that shows what became of every cell of a workbook.

    Findings lead to their cells, cells to their finding or observation, observations back to
    their cells.

    Parameters
    ----------
    words
        Message catalogue, English by default.
    created
        Time to print in the foot; nothing by default, so that the same input gives the same
        bytes.

    Examples
    --------
    >>> from ilms_sdmx.conversion import convert, example
    >>> from ilms_sdmx.outputs.reports.conversion import conversion_page
    >>> page = conversion_page(convert(*example("tha-work-permits")))
    >>> "0 unexplained" in page
    True
    """
    if not hasattr(conversion, "workbook"):
        found = type(conversion).__name__
        raise TypeError(f"expected what `convert` gives, a Conversion; found {found}")
    words = words or catalogue("en")
    conversion = replace(conversion, report=words.report(conversion.report))
    numbers = _sheet_numbers(conversion)
    figures = _figures(conversion)
    sheets = _sheets(conversion, figures, words)
    drawn = _drawn_cells(sheets)

    def anchor(finding: Finding) -> str:
        place = finding.place
        if place.sheet not in numbers:
            return ""
        id = cell_id(numbers[place.sheet], place.cell)
        if id not in drawn:
            return ""
        return id

    sections = ["summary", "findings", "sheets", "observations"]
    if conversion.datasets:
        sections.append("datasets")
    contents = [(section, words.text(f"{section}.heading")) for section in sections]
    title = words.text("conversion.title", name=conversion.workbook.name)
    content: dict[str, Any] = {"sheets": sheets}
    content["kicker"] = words.text("conversion.kicker")
    content["facts"] = _facts(conversion, words)
    content["summary"] = summary(conversion, words)
    content["tiles"] = _tiles(conversion, words)
    content["findings"] = findings.rows(conversion.report, words, anchor)
    content["total"] = len(conversion.report)
    content["legend"] = _legend(conversion, words)
    content["observations"] = _observations(figures, numbers, drawn, words)
    content["datasets"] = dataset_grid(conversion.datasets, words)
    template = "conversion.html.j2"
    return render(template, words, title=title, contents=contents, created=created, **content)


def _sheet_numbers(conversion: Conversion) -> dict[str, int]:
    """Number of each sheet of the workbook, from 1."""
    return {sheet.name: number for number, sheet in enumerate(conversion.workbook, 1)}


def _drawn_cells(sheets: list[DrawnSheet]) -> set[str]:
    """Ids of the cells that the page draws."""
    ids: set[str] = set()
    for sheet in sheets:
        for _, cells in sheet.rows:
            ids.update(cell.id for cell in cells)
    return ids - {""}


def cell_addresses(conversion: Conversion, page: str) -> Callable[[Mapping[str, str]], str]:
    """Give the address of each cell in the conversion report `page`, by its place."""
    numbers = _sheet_numbers(conversion)

    def address(place: Mapping[str, str]) -> str:
        sheet = place["sheet"]
        if sheet not in numbers:
            return ""
        id = cell_id(numbers[sheet], place["cell"])
        return f"{page}#{id}"

    return address


def conversion_json(conversion: Conversion) -> str:
    """JSON of the same content: counts, findings, and every cell with what became of it."""
    report = conversion.report.frame().fillna("")
    content: dict[str, Any] = {"summary": conversion.summary()}
    content["cells"] = conversion.counts
    content["not_written"] = conversion.not_written
    content["findings"] = report.to_dict("records")
    content["provenance"] = conversion.provenance.to_dict("records")
    return json_text(content)


def _figures(conversion: Conversion) -> pd.DataFrame:
    """Rows of the provenance that became observations."""
    rows = conversion.provenance
    has_value = rows["OBS_VALUE"].fillna("") != ""
    return rows[has_value].reset_index(drop=True)


def _sheets(
    conversion: Conversion, figures: pd.DataFrame, words: Catalogue
) -> list[DrawnSheet]:
    """Sheets of the workbook as they are drawn."""
    shown = figures.head(LIMIT)
    row_of_cell: dict[tuple[str, str], str] = {}
    for number, cell in enumerate(zip(shown["sheet"], shown["cell"], strict=True)):
        row_of_cell.setdefault(cell, f"observation-{number}")
    accounts = Accounts.of(conversion, row_of_cell)
    linked = {row.id for row in findings.rows(conversion.report, words)}
    drawn = []
    for number, sheet in enumerate(conversion.workbook, 1):
        drawn.append(draw(sheet, number, accounts, words, linked))
    return drawn


def _observations(
    figures: pd.DataFrame, numbers: dict[str, int], drawn: set[str], words: Catalogue
) -> Grid:
    """Table of the figures that became observations; each leads to its cell."""
    frame = figures.copy()
    frame["place"] = figures["sheet"] + "!" + figures["cell"]
    frame["bucket_text"] = [words.text(f"bucket.{bucket}") for bucket in figures["bucket"]]
    frame["link"] = _links(figures, numbers, drawn)
    heading_of_cell = words.text("observations.cell")
    heading_of_text = words.text("observations.text-column")
    heading_of_bucket = words.text("observations.bucket")
    columns = [Column("place", heading_of_cell, address="link")]
    columns.append(Column("text", heading_of_text))
    columns.append(Column("bucket_text", heading_of_bucket, choice=True))
    columns += _component_columns(figures)
    caption = words.text("observations.caption")
    shown = frame.head(LIMIT)
    ids = [f"observation-{number}" for number in range(len(shown))]
    return grid("observations-table", caption, frame, columns, words, LIMIT, ids)


def _links(figures: pd.DataFrame, numbers: dict[str, int], drawn: set[str]) -> list[str]:
    """Links of the figures to their cells, empty for a cell that the page does not show."""
    links: list[str] = []
    for sheet, cell in zip(figures["sheet"], figures["cell"], strict=True):
        id = cell_id(numbers[sheet], cell)
        link = ""
        if id in drawn:
            link = f"#{id}"
        links.append(link)
    return links


def _component_columns(figures: pd.DataFrame) -> list[Column]:
    """Columns of the components that any of the figures has."""
    columns = []
    for name in figures.columns:
        if name in _HIDDEN:
            continue
        is_filled = figures[name].fillna("") != ""
        if is_filled.any():
            is_choice = name in {"dataflow", "SEX", "TIME_PERIOD"}
            column = Column(name, name, choice=is_choice)
            columns.append(column)
    return columns


def _legend(conversion: Conversion, words: Catalogue) -> list[tuple[str, str, str]]:
    """Bucket, its words and its number of cells, for each colour of the page."""
    legend = []
    for bucket, number in conversion.counts.items():
        if bucket != "finding":
            label = words.text(f"bucket.{bucket}")
            legend.append((bucket, label, words.number(number)))
    return legend


def summary(conversion: Conversion, words: Catalogue) -> str:
    """Line that adds up, as the command prints it in English: the cells of each bucket."""
    if words.language == ENGLISH:
        return conversion.summary()
    parts = []
    for bucket, number in conversion.counts.items():
        name = words.text(f"bucket.{bucket}")
        parts.append(words.text("conversion.part", name=name, number=number))
    count = sum(conversion.counts.values())
    return words.text("conversion.counted", count=count, list=", ".join(parts))


def size(conversion: Conversion, words: Catalogue) -> str:
    """Observations and data sets of a conversion: `504 observations in 1 data set`."""
    number = sum(map(len, conversion.datasets))
    observations = words.text("terminal.observations", count=number)
    datasets = words.text("validation.datasets", count=len(conversion.datasets))
    return words.text("terminal.size", observations=observations, datasets=datasets)


def _tiles(conversion: Conversion, words: Catalogue) -> list[dict[str, Any]]:
    """Tiles of the summary: what became of the cells, then the findings."""
    tiles = []
    for bucket, number in conversion.counts.items():
        if bucket in ("observation", "total", "percent"):
            label = words.text(f"bucket.{bucket}")
            tiles.append({"value": words.number(number), "label": label, "kind": ""})
    refused = sum(conversion.not_written.values())
    if refused:
        label = words.text("conversion.not-written")
        tiles.append({"value": words.number(refused), "label": label, "kind": "error"})
    unexplained = conversion.unexplained
    kind = "good"
    if unexplained:
        kind = "error"
    label = words.text("bucket.finding")
    tiles.append({"value": words.number(unexplained), "label": label, "kind": kind})
    return tiles + findings.tiles(conversion.report, words)


def _facts(conversion: Conversion, words: Catalogue) -> list[tuple[str, str]]:
    """Facts at the head of the page: source, its hash, and the mapping."""
    source = conversion.mapping.source
    known = []
    for key in ("publisher", "title", "address"):
        if key in source:
            known.append(str(source[key]))
    cited = ", ".join(known) or conversion.workbook.name
    facts = [(words.text("conversion.file"), cited)]
    facts.append((words.text("conversion.hash"), conversion.workbook.sha256))
    facts.append((words.text("conversion.mapping"), conversion.mapping.name))
    return facts
