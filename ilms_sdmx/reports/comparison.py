"""Comparison reports: page, workbook and JSON of one comparison."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ilms_sdmx.comparison.verdicts import Reason, Verdict
from ilms_sdmx.reports import comparison_tables as tables
from ilms_sdmx.reports import comparison_words as says
from ilms_sdmx.reports import findings
from ilms_sdmx.reports.catalogues import Catalogue, catalogue
from ilms_sdmx.reports.comparison_figures import area_figures, heat_figure
from ilms_sdmx.reports.figures import Figure
from ilms_sdmx.reports.pages import json_text, render
from ilms_sdmx.reports.workbooks import write_tables

if TYPE_CHECKING:
    import pandas as pd

    from ilms_sdmx.comparison.comparisons import Comparison

#: Areas that get a section with charts; all are in the tables.
AREAS = 12


def comparison_page(
    comparison: Comparison,
    *,
    name: str = "",
    words: Catalogue | None = None,
    created: str = "",
    cells: tables.Cells | None = None,
) -> str:
    """One HTML file that shows a comparison: summary, charts with cautions, tables that sort and filter.

    Parameters
    ----------
    name
        What to call it in the title; by default the areas.
    words
        Message catalogue, English by default.
    cells
        Address of the cell at a place, such as `reports.conversion.cell_addresses` gives; our figures lead
        there.
    created
        Time to print in the foot; nothing by default, so that the same input gives the same bytes.
    """
    words = words or catalogue("en")
    areas = _areas(comparison)
    drawn = figures(comparison, words)
    mirror = tables.mirror_grid(comparison.mirror, words)
    sections = [_section(comparison, a, drawn, words) for a in areas[:AREAS]]
    revisions = tables.revision_grid(comparison, words)
    heat = [f for f in drawn if f.id == "heat"]
    return render(
        "comparison.html.j2",
        words,
        title=words.text(
            "comparison.title", name=name or words.listed([says.area_name(a) for a in areas])
        ),
        kicker=words.text("comparison.kicker"),
        contents=_contents(sections, bool(mirror.rows or heat), bool(revisions.rows), words),
        created=created,
        credits=_credits(comparison.records),
        charts={f.id: f.specification for f in drawn} or None,
        sentences=says.sentences(comparison, words),
        corroboration=says.corroboration(comparison),
        tiles=_tiles(comparison.pairs, words),
        sources=tables.source_grid(comparison, words, paired=True),
        other_sources=tables.source_grid(comparison, words, paired=False),
        areas=sections,
        mirror=mirror,
        mirror_figures=heat,
        mirror_coverage=_mirror_coverage(comparison.mirror, words),
        revisions=revisions,
        pairs=tables.pair_grid(comparison, words, cells),
        reasons=[(r.word, words.text(f"reason.{r.word}")) for r in Reason],
        coverage=tables.coverage_grid(comparison, words),
        findings=findings.rows(comparison.report, words),
        total=len(comparison.report),
    )


def figures(comparison: Comparison, words: Catalogue | None = None) -> list[Figure]:
    """Figures of the report; each gives its altair chart, its SVG and its PNG."""
    words = words or catalogue("en")
    linked = set(tables.shown(comparison)["position"].head(tables.LIMIT))
    areas = _areas(comparison)
    found = [f for area in areas[:AREAS] for f in area_figures(comparison, area, words, linked)]
    heat = heat_figure(comparison.mirror, areas, words)
    return [*found, *([heat] if heat else [])]


def comparison_json(comparison: Comparison) -> str:
    """JSON of every frame of a comparison and of its findings."""
    frames = {name: tables.tidy(frame) for name, frame in _frames(comparison).items()}
    return json_text({**frames, "findings": tables.tidy(comparison.report.frame())})


def write_comparison_workbook(comparison: Comparison, path: str | Path) -> None:
    """Excel workbook with a sheet for each frame of a comparison; texts are never formulas."""
    write_tables(_frames(comparison) | {"findings": comparison.report.frame()}, path)


def _frames(comparison: Comparison) -> dict[str, pd.DataFrame]:
    """Frames of a comparison; further ones of the comparators only as far as they touch the areas of ours."""
    areas = set(_areas(comparison))
    coverage = comparison.coverage
    return {
        "summary": comparison.summary,
        "pairs": comparison.pairs,
        "mirror": _touching(comparison.mirror, areas),
        "revisions": _touching(comparison.revisions, areas),
        "coverage": coverage[coverage["area"].isin(areas)],
        "series": _touching(comparison.series, areas),
        "records": comparison.records.drop(columns="part"),
    }


def _touching(frame: pd.DataFrame, areas: set[str]) -> pd.DataFrame:
    return frame[frame["host"].isin(areas) | frame["origin"].isin(areas)]


def _areas(comparison: Comparison) -> list[str]:
    """Areas of ours, those with the most pairs first."""
    return [
        str(a) for a in comparison.pairs["area"].astype("str").value_counts(sort=True).index
    ]


def _section(
    comparison: Comparison, area: str, drawn: list[Figure], words: Catalogue
) -> dict[str, Any]:
    return {
        "id": f"area-{area}",
        "name": says.area_name(area),
        "totals": says.of_totals(comparison, area, words),
        "figures": [f for f in drawn if f.id.split("-")[1:2] == [area]],
    }


def _contents(
    sections: list[dict[str, Any]], mirror: bool, revisions: bool, words: Catalogue
) -> list[tuple[str, str]]:
    chosen = {"summary": True, "sources": True}
    first = [(key, words.text(f"{key}.heading")) for key in chosen]
    middle = [(s["id"], s["name"]) for s in sections]
    later = {"mirror": mirror, "revisions": revisions, "pairs": True, "reasons": True}
    rest = [(key, words.text(f"{key}.heading")) for key, present in later.items() if present]
    last = [
        ("coverage", words.text("compared.coverage")),
        ("findings", words.text("findings.heading")),
    ]
    return [*first, *middle, *rest, *last]


def _tiles(pairs: pd.DataFrame, words: Catalogue) -> list[dict[str, str]]:
    numbers = pairs["verdict"].astype("str").value_counts()
    kinds = {Verdict.COMPARABLE: "good", Verdict.CAUTION: "warning", Verdict.NOT_COMPARABLE: ""}
    tiles = [
        {"value": words.number(len(pairs)), "label": words.text("comparison.pairs"), "kind": ""}
    ]
    return tiles + [
        {
            "value": words.number(int(numbers.get(v.value, 0))),
            "label": words.text(f"verdict.{v}"),
            "kind": kind,
        }
        for v, kind in kinds.items()
    ]


def _mirror_coverage(mirror: pd.DataFrame, words: Catalogue) -> str:
    pairs = (
        mirror[mirror["sex"] == "SEX_T"]
        .groupby(["origin", "host"])[["origin_says", "host_says"]]
        .count()
    )
    origin, host = pairs["origin_says"] > 0, pairs["host_says"] > 0
    return words.text(
        "mirror.coverage",
        all=len(pairs),
        both=int((origin & host).sum()),
        host=int((host & ~origin).sum()),
        origin=int((origin & ~host).sum()),
    )


def _credits(records: pd.DataFrame) -> list[str]:
    found = records[["source", "edition", "licence", "address", "retrieved"]].drop_duplicates()
    return [
        ", ".join(filter(None, row)) + "." for row in found.itertuples(index=False, name=None)
    ]
