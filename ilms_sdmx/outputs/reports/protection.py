"""Reports of protection: figures by reason, what is lost, what can still be added up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ilms_sdmx.outputs.reports import findings
from ilms_sdmx.outputs.reports.catalogues import Catalogue, catalogue
from ilms_sdmx.outputs.reports.grids import Column, Grid, grid
from ilms_sdmx.outputs.reports.pages import json_text, render

if TYPE_CHECKING:
    import pandas as pd

    from ilms_sdmx.analysis.protection import Protection

#: Columns of a number that are shown without decimals, and those with some.
_WHOLE = ("figures", "published", "sums", "all_sums")
_ENDS = ("lower", "upper")


def protection_page(
    protection: Protection,
    *,
    name: str = "",
    words: Catalogue | None = None,
    created: str = "",
) -> str:
    """One HTML file that shows what became of the figures of a release.

    It is for the office alone: it says which figures are hidden, and how nearly anybody can
    work them out.

    Parameters
    ----------
    protection
        The protected release.
    name
        What to call it in the title; by default its tables.
    words
        Message catalogue, English by default.
    created
        Time to print in the foot; nothing by default, so that the same input gives the same
        bytes.
    """
    words = words or catalogue("en")
    report = words.report(protection.report)
    content: dict[str, Any] = {
        "kicker": words.text("protection.kicker"),
        "summary": _summary(protection, words),
        "findings": findings.rows(report, words),
        "meanings": findings.meanings(report, words),
        "total": len(report),
        "reasons": _grid("reasons", reasons(protection), words),
        "tables": _grid("tables", protection.published, words),
        "cells": _grid("cells", protection.cells, words),
    }
    title = name or ", ".join(protection.published["dataflow"])
    contents = [("summary", words.text("summary.heading"))]
    if content["findings"]:
        contents.append(("findings", words.text("findings.heading")))
    for section in ("reasons", "tables", "cells"):
        if content[section].rows:
            contents.append((section, words.text(f"protection.{section}")))
    return render(
        "protection.html.j2",
        words,
        title=words.text("protection.title", name=title),
        contents=contents,
        created=created,
        **content,
    )


def protection_json(protection: Protection) -> str:
    """JSON of the same content: figures by reason, tables, cells, findings."""
    by_reason = reasons(protection)
    content = {
        "method": protection.method,
        "least": protection.least,
        "gap": protection.gap,
        "reasons": dict(zip(by_reason["reason"], by_reason["figures"], strict=True)),
        "tables": protection.published.to_dict("records"),
        "cells": protection.cells.to_dict("records"),
        "findings": protection.report.frame().to_dict("records"),
    }
    return json_text(content)


def reasons(protection: Protection) -> pd.DataFrame:
    """Number of figures by `reason`, the most frequent first."""
    counts = protection.cells["reason"].value_counts()
    return counts.rename_axis("reason").reset_index(name="figures")


def _summary(protection: Protection, words: Catalogue) -> str:
    """Sentence or two that say how much is lost."""
    figures = int(protection.published["figures"].sum())
    said = words.text(
        "protection.summary",
        hidden=f"{len(protection.cells):,}",
        figures=f"{figures:,}",
        method=protection.method,
    )
    is_known = protection.gap == protection.gap
    if not is_known:
        return said
    gap = words.text("protection.gap", gap=f"{protection.gap:.0%}")
    return f"{said} {gap}"


def _grid(id: str, frame: pd.DataFrame, words: Catalogue) -> Grid:
    """Table of a frame; headings are words of the catalogue."""
    columns = []
    for name in frame.columns:
        key = "table" if name == "dataflow" else name.replace("_", "-")
        heading = words.text(f"protection.{key}")
        decimals = 0 if name in _WHOLE else 3
        is_number = name in (*_WHOLE, *_ENDS, "persons")
        is_choice = name in ("dataflow", "reason")
        columns.append(Column(name, heading, is_number, is_choice, decimals))
    return grid(id, words.text(f"protection.{id}"), frame, columns, words)
