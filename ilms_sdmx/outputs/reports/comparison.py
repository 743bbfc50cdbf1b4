"""Comparison reports: page, workbook and JSON of one comparison."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ilms_sdmx._files import replacing
from ilms_sdmx.analysis.comparison.verdicts import Reason, Verdict
from ilms_sdmx.outputs.reports import comparison_tables as tables
from ilms_sdmx.outputs.reports import comparison_words as says
from ilms_sdmx.outputs.reports import findings
from ilms_sdmx.outputs.reports.catalogues import Catalogue, catalogue
from ilms_sdmx.outputs.reports.comparison_figures import area_figures, heat_figure
from ilms_sdmx.outputs.reports.figures import Figure
from ilms_sdmx.outputs.reports.pages import json_line, need_charts, render
from ilms_sdmx.outputs.reports.workbooks import write_tables

if TYPE_CHECKING:
    import pandas as pd

    from ilms_sdmx.analysis.comparison.comparisons import Comparison

#: Areas that get a section with charts; all are in the tables.
AREAS = 12
#: Rows of a frame that are JSON text in memory at once.
_CHUNK = 2_000


def comparison_page(
    comparison: Comparison,
    *,
    name: str = "",
    words: Catalogue | None = None,
    created: str = "",
    cells: tables.Cells | None = None,
) -> str:
    """One HTML file that shows a comparison: summary, charts, tables that sort and filter.

    Parameters
    ----------
    name
        What to call it in the title; by default the areas.
    words
        Message catalogue, English by default.
    cells
        Address of the cell at a place, such as `reports.conversion.cell_addresses` gives; our
        figures lead there.
    created
        Time to print in the foot; nothing by default, so that the same input gives the same
        bytes.
    """
    if not hasattr(comparison, "pairs"):
        found = type(comparison).__name__
        raise TypeError(f"expected what `compare` gives, a Comparison; found {found}")
    need_charts()
    words = words or catalogue("en")
    areas = _areas(comparison)
    drawn = figures(comparison, words)
    content = _content(comparison, drawn, words, cells)
    sections = []
    for area in areas[:AREAS]:
        sections.append(_section(comparison, area, drawn, words))
    content["areas"] = sections
    content["kicker"] = words.text("comparison.kicker")
    if not name:
        area_names = list(map(says.area_name, areas))
        name = words.listed(area_names)
    title = words.text("comparison.title", name=name)
    contents = _contents(sections, content, words)
    template = "comparison.html.j2"
    return render(template, words, title=title, contents=contents, created=created, **content)


def _content(
    comparison: Comparison, drawn: list[Figure], words: Catalogue, cells: tables.Cells | None
) -> dict[str, Any]:
    """What the page shows of a comparison besides the sections of its areas."""
    mirror = comparison.mirror
    charts = {figure.id: figure.specification for figure in drawn}
    content: dict[str, Any] = {"charts": charts or None}
    content["sentences"] = says.sentences(comparison, words)
    content["corroboration"] = says.corroboration(comparison)
    content["tiles"] = _tiles(comparison.pairs, words)
    content["sources"] = tables.source_grid(comparison, words, paired=True)
    content["other_sources"] = tables.source_grid(comparison, words, paired=False)
    content["mirror"] = tables.mirror_grid(mirror, words)
    content["mirror_figures"] = [figure for figure in drawn if figure.id == "heat"]
    content["mirror_coverage"] = _mirror_coverage(mirror, words)
    content["revisions"] = tables.revision_grid(comparison, words)
    content["pairs"] = tables.pair_grid(comparison, words, cells)
    content["reasons"] = _meanings(words)
    content["coverage"] = tables.coverage_grid(comparison, words)
    content["findings"] = findings.rows(words.report(comparison.report), words)
    content["total"] = len(comparison.report)
    content["credits"] = _credits(comparison.records)
    return content


def _meanings(words: Catalogue) -> list[tuple[str, str]]:
    """Word and meaning of every reason."""
    meanings = []
    for reason in Reason:
        meaning = words.text(f"reason.{reason.word}")
        meanings.append((reason.word, meaning))
    return meanings


def figures(comparison: Comparison, words: Catalogue | None = None) -> list[Figure]:
    """Figures of the report; each gives its altair chart, its SVG and its PNG."""
    words = words or catalogue("en")
    shown = tables.shown(comparison)
    linked = set(shown["position"].head(tables.LIMIT))
    areas = _areas(comparison)
    drawn: list[Figure] = []
    for area in areas[:AREAS]:
        drawn += area_figures(comparison, area, words, linked)
    heat = heat_figure(comparison.mirror, comparison.records, areas, words)
    if heat is not None:
        drawn.append(heat)
    return drawn


def comparison_json(comparison: Comparison) -> str:
    """JSON of every frame of a comparison and of its findings."""
    return b"".join(_json_chunks(comparison)).decode("utf-8")


def write_comparison_json(comparison: Comparison, path: str | Path | IO[bytes]) -> None:
    """Write what `comparison_json` gives, some thousands of rows at a time."""
    with replacing(path) as stream:
        for chunk in _json_chunks(comparison):
            stream.write(chunk)


def _json_chunks(comparison: Comparison) -> Iterator[bytes]:
    """JSON of every frame, one row a line; only one chunk of rows is in memory as text."""
    frames = _frames(comparison)
    frames["findings"] = comparison.report.frame()
    before = "{"
    for name in sorted(frames):
        yield f'{before}\n"{name}": ['.encode()
        yield from _json_rows(frames[name])
        yield b"]"
        before = ","
    yield b"\n}\n"


def _json_rows(frame: pd.DataFrame) -> Iterator[bytes]:
    """Rows of a frame as JSON, with what parts them."""
    separator = b"\n"
    for start in range(0, len(frame), _CHUNK):
        rows = tables.tidy(frame.iloc[start : start + _CHUNK])
        lines = b",\n".join(map(json_line, rows))
        yield separator + lines
        separator = b",\n"


def write_comparison_workbook(comparison: Comparison, path: str | Path | IO[bytes]) -> None:
    """Excel workbook with a sheet for each frame of a comparison; texts are never formulas."""
    frames = _frames(comparison)
    frames["findings"] = comparison.report.frame()
    write_tables(frames, path)


def _frames(comparison: Comparison) -> dict[str, pd.DataFrame]:
    """Frames of a comparison, those of the comparators for the areas of ours only."""
    areas = set(_areas(comparison))
    frames = {"summary": comparison.summary, "pairs": comparison.pairs}
    frames["mirror"] = _touching(comparison.mirror, areas)
    frames["revisions"] = _touching(comparison.revisions, areas)
    coverage = comparison.coverage
    of_areas = coverage["area"].isin(areas)
    frames["coverage"] = coverage[of_areas]
    frames["series"] = _touching(comparison.series, areas)
    frames["records"] = comparison.records.drop(columns="part")
    return frames


def _touching(frame: pd.DataFrame, areas: set[str]) -> pd.DataFrame:
    of_host = frame["host"].isin(areas)
    of_origin = frame["origin"].isin(areas)
    return frame[of_host | of_origin]


def _areas(comparison: Comparison) -> list[str]:
    """Areas of ours, those with the most pairs first."""
    areas = comparison.pairs["area"].astype("str")
    pairs_of_area = areas.value_counts(sort=True)
    return list(map(str, pairs_of_area.index))


def _section(
    comparison: Comparison, area: str, drawn: list[Figure], words: Catalogue
) -> dict[str, Any]:
    """What the page shows of one area."""
    figures_of_area = []
    for figure in drawn:
        parts = figure.id.split("-")
        if parts[1:2] == [area]:
            figures_of_area.append(figure)
    return {
        "id": f"area-{area}",
        "name": says.area_name(area),
        "totals": says.of_totals(comparison, area, words),
        "figures": figures_of_area,
    }


def _contents(
    sections: list[dict[str, Any]], content: dict[str, Any], words: Catalogue
) -> list[tuple[str, str]]:
    """Id and heading of every section that the page has."""
    has_mirror = content["mirror"].rows or content["mirror_figures"]
    contents = [
        ("summary", words.text("summary.heading")),
        ("sources", words.text("sources.heading")),
    ]
    for section in sections:
        contents.append((section["id"], section["name"]))
    if has_mirror:
        contents.append(("mirror", words.text("mirror.heading")))
    contents.append(("reasons", words.text("reasons.heading")))
    contents.append(("coverage", words.text("compared.coverage")))
    contents.append(("findings", words.text("findings.heading")))
    if content["mirror"].rows:
        contents.append(("statements", words.text("mirror.caption")))
    if content["revisions"].rows:
        contents.append(("revisions", words.text("revisions.heading")))
    contents.append(("pairs", words.text("pairs.heading")))
    return contents


def _tiles(pairs: pd.DataFrame, words: Catalogue) -> list[dict[str, str]]:
    """Tiles of the summary: the number of pairs, and of those with each verdict."""
    verdicts = pairs["verdict"].astype("str")
    numbers = verdicts.value_counts()
    kinds = {Verdict.COMPARABLE: "good", Verdict.CAUTION: "warning", Verdict.NOT_COMPARABLE: ""}
    label = words.text("comparison.pairs")
    tiles = [{"value": words.number(len(pairs)), "label": label, "kind": ""}]
    for verdict, kind in kinds.items():
        count = int(numbers.get(verdict.value, 0))
        label = words.text(f"verdict.{verdict}")
        tiles.append({"value": words.number(count), "label": label, "kind": kind})
    return tiles


def _mirror_coverage(mirror: pd.DataFrame, words: Catalogue) -> str:
    """Say of how many pairs of countries both sides speak, and of how many one of them."""
    is_both_sexes = mirror["sex"] == "SEX_T"
    both_sexes = mirror[is_both_sexes]
    by_pair = both_sexes.groupby(["origin", "host"])
    statements = by_pair[["origin_says", "host_says"]].count()
    has_origin = statements["origin_says"] > 0
    has_host = statements["host_says"] > 0
    both = has_origin & has_host
    count = int(both.sum())
    numbers = {"all": len(statements), "both": count}
    numbers["host"] = int(has_host.sum()) - count
    numbers["origin"] = int(has_origin.sum()) - count
    return words.text("mirror.coverage", **numbers)


def _credits(records: pd.DataFrame) -> list[str]:
    """One sentence for each source, edition and licence."""
    columns = ["source", "edition", "licence", "address", "retrieved"]
    sources = records[columns].drop_duplicates()
    credits = []
    for row in sources.itertuples(index=False, name=None):
        known = filter(None, row)
        credits.append(", ".join(known) + ".")
    return credits
