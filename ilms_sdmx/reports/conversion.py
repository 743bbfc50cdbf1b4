"""Conversion reports: the source table with every cell coloured, linked to findings and observations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ilms_sdmx.reports import findings
from ilms_sdmx.reports.catalogues import Catalogue, catalogue
from ilms_sdmx.reports.grids import Column, Grid, grid
from ilms_sdmx.reports.pages import json_text, render
from ilms_sdmx.reports.sheets import Accounts, DrawnSheet, cell_id, draw
from ilms_sdmx.reports.validation import dataset_grid

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

    Findings lead to their cells, cells to their finding or observation, observations back to their cells.

    Parameters
    ----------
    words
        Message catalogue, English by default.
    created
        Time to print in the foot; nothing by default, so that the same input gives the same bytes.

    Examples
    --------
    >>> from ilms_sdmx.conversion import convert, example
    >>> from ilms_sdmx.reports.conversion import conversion_page
    >>> page = conversion_page(convert(*example("tha-work-permits")))
    >>> "0 unexplained" in page
    True
    """
    words = words or catalogue("en")
    numbers = {sheet.name: n for n, sheet in enumerate(conversion.workbook, 1)}
    figures = _figures(conversion)
    sheets = _sheets(conversion, figures, words)
    drawn = {cell.id for sheet in sheets for _, row in sheet.rows for cell in row if cell.id}

    def anchor(finding: Finding) -> str:
        place = finding.place
        id = cell_id(numbers[place.sheet], place.cell) if place.sheet in numbers else ""
        return id if id in drawn else ""

    sections = ["summary", "findings", "sheets", "observations", "datasets"]
    return render(
        "conversion.html.j2",
        words,
        title=words.text("conversion.title", name=conversion.workbook.name),
        kicker=words.text("conversion.kicker"),
        contents=[
            (key, words.text(f"{key}.heading"))
            for key in sections
            if key != "datasets" or conversion.datasets
        ],
        facts=_facts(conversion, words),
        created=created,
        summary=conversion.summary(),
        tiles=_tiles(conversion, words),
        findings=findings.rows(conversion.report, words, anchor),
        total=len(conversion.report),
        legend=_legend(conversion, words),
        sheets=sheets,
        observations=_observations(figures, numbers, drawn, words),
        datasets=dataset_grid(conversion.datasets, words),
    )


def cell_addresses(conversion: Conversion, page: str) -> Callable[[Mapping[str, str]], str]:
    """Give the address of each cell in the conversion report `page`, by a place with sheet and cell."""
    numbers = {sheet.name: n for n, sheet in enumerate(conversion.workbook, 1)}
    return lambda place: (
        f"{page}#{cell_id(numbers[place['sheet']], place['cell'])}"
        if place["sheet"] in numbers
        else ""
    )


def conversion_json(conversion: Conversion) -> str:
    """JSON of the same content: counts, findings, and every cell with what became of it."""
    return json_text(
        {
            "summary": conversion.summary(),
            "cells": conversion.counts,
            "not_written": conversion.not_written,
            "findings": conversion.report.frame().fillna("").to_dict("records"),
            "provenance": conversion.provenance.to_dict("records"),
        }
    )


def _figures(conversion: Conversion) -> pd.DataFrame:
    """Rows of the provenance that became observations."""
    rows = conversion.provenance
    return rows[rows["OBS_VALUE"].fillna("") != ""].reset_index(drop=True)


def _sheets(
    conversion: Conversion, figures: pd.DataFrame, words: Catalogue
) -> list[DrawnSheet]:
    shown = figures.head(LIMIT)
    first: dict[tuple[str, str], str] = {}
    for number, key in enumerate(zip(shown["sheet"], shown["cell"], strict=True)):
        first.setdefault(key, f"observation-{number}")
    accounts = Accounts.of(conversion, first)
    linked = {row.id for row in findings.rows(conversion.report, words)}
    return [
        draw(sheet, n, accounts, words, linked)
        for n, sheet in enumerate(conversion.workbook, 1)
    ]


def _observations(
    figures: pd.DataFrame, numbers: dict[str, int], drawn: set[str], words: Catalogue
) -> Grid:
    ids = [
        cell_id(numbers[s], c) for s, c in zip(figures["sheet"], figures["cell"], strict=True)
    ]
    frame = figures.assign(
        place=[f"{s}!{c}" for s, c in zip(figures["sheet"], figures["cell"], strict=True)],
        link=[f"#{id}" if id in drawn else "" for id in ids],
        bucket_text=[words.text(f"bucket.{b}") for b in figures["bucket"]],
    )
    keys = [
        c for c in figures.columns if c not in _HIDDEN and (figures[c].fillna("") != "").any()
    ]
    columns = [
        Column("place", words.text("observations.cell"), address="link"),
        Column("text", words.text("observations.text-column")),
        Column("bucket_text", words.text("observations.bucket"), choice=True),
        *(Column(c, c, choice=c in {"dataflow", "SEX", "TIME_PERIOD"}) for c in keys),
    ]
    rows = [f"observation-{n}" for n in range(min(len(frame), LIMIT))]
    return grid(
        "observations-table",
        words.text("observations.caption"),
        frame,
        columns,
        words,
        LIMIT,
        rows,
    )


def _legend(conversion: Conversion, words: Catalogue) -> list[tuple[str, str, str]]:
    counts = conversion.counts
    return [
        (b, words.text(f"bucket.{b}"), words.number(n))
        for b, n in counts.items()
        if b != "finding"
    ]


def _tiles(conversion: Conversion, words: Catalogue) -> list[dict[str, Any]]:
    counts = conversion.counts
    unexplained = conversion.unexplained
    tiles = [
        {"value": words.number(n), "label": words.text(f"bucket.{b}"), "kind": ""}
        for b, n in counts.items()
        if b in ("observation", "total", "percent")
    ]
    kind = "error" if unexplained else "good"
    if refused := sum(conversion.not_written.values()):
        label = words.text("conversion.not-written")
        tiles.append({"value": words.number(refused), "label": label, "kind": "error"})
    return [
        *tiles,
        {
            "value": words.number(unexplained),
            "label": words.text("bucket.finding"),
            "kind": kind,
        },
        *findings.tiles(conversion.report, words),
    ]


def _facts(conversion: Conversion, words: Catalogue) -> list[tuple[str, str]]:
    source = conversion.mapping.source
    cited = ", ".join(str(source[k]) for k in ("publisher", "title", "address") if k in source)
    return [
        (words.text("conversion.file"), cited or conversion.workbook.name),
        (words.text("conversion.hash"), conversion.workbook.sha256),
        (words.text("conversion.mapping"), conversion.mapping.name),
    ]
