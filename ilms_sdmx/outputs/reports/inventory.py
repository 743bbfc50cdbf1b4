"""The inventory of sources as a page: heat map, small lines, gaps, and what is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ilms_sdmx.analysis.inventory.catalogue import (
    ABOUT,
    UNKNOWN,
    questionnaire_tables,
    source_inventory,
)
from ilms_sdmx.analysis.inventory.coverage import NEVER, rules
from ilms_sdmx.outputs.reports.catalogues import Catalogue, catalogue
from ilms_sdmx.outputs.reports.comparison_words import area_name
from ilms_sdmx.outputs.reports.grids import Column, Grid, grid
from ilms_sdmx.outputs.reports.pages import render
from ilms_sdmx.outputs.reports.sparklines import Sparkline, sparkline
from ilms_sdmx.structures import facts

if TYPE_CHECKING:
    from ilms_sdmx.analysis.inventory.coverage import Coverage

#: Gaps that the page shows: those worth filling first.
GAPS = 40
_STATES = ("present", "partial", "outdated", "never")


@dataclass(frozen=True, slots=True)
class MapCell:
    """Cell of the heat map.

    Parameters
    ----------
    state
        present, partial, outdated or never.
    text
        What it shows.
    title
        What it means, in words.
    """

    state: str
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class MapRow:
    """Row of the heat map.

    Parameters
    ----------
    heading, title
        Short and long name.
    cells
        One a column.
    line
        Small line of the totals; None where there is none.
    """

    heading: str
    title: str
    cells: tuple[MapCell, ...]
    line: Sparkline | None = None


@dataclass(frozen=True)
class AreaMap:
    """Heat map of one state: its tables with figures by year.

    Parameters
    ----------
    area, name
        Code and name of the state.
    years
        Headings of the columns.
    rows
        Tables with a figure in any year.
    without
        Tables without any.
    """

    area: str
    name: str
    years: tuple[int, ...]
    rows: tuple[MapRow, ...]
    without: str


def inventory_page(coverage: Coverage, *, created: str = "") -> str:
    """One HTML file of an inventory: what there is, what is missing, and who could fill it.

    Parameters
    ----------
    created
        Time to print in the foot; nothing by default, so that the same input gives the same
        bytes.

    Examples
    --------
    >>> from ilms_sdmx import coverage, inventory_page
    >>> "Thailand" in inventory_page(coverage(areas="THA", year=2025))
    True
    """
    words = catalogue("en")
    content: dict[str, Any] = {"kicker": words.text("inventory.kicker")}
    content["lede"] = lede(coverage, words)
    content["tiles"] = _tiles(coverage, words)
    content["states"] = [(state, words.text(f"coverage-state.{state}")) for state in _STATES]
    content["tables"] = table_names()
    content["overview"] = _overview(coverage, words)
    content["areas"] = [_area_map(coverage, area, words) for area in coverage.areas]
    content["numbers"] = _numbers(coverage, words)
    content["gaps"] = _gaps(coverage, words)
    content["sources"] = _sources(coverage, words)
    content["rules"] = _rules(words)
    title = words.text("inventory.title", areas=_names(coverage.areas, words))
    sections = ("overview", "areas", "numbers", "gaps", "sources", "rules")
    contents = [(each, words.text(f"inventory.{each}")) for each in sections]
    template = "inventory.html.j2"
    return render(template, words, title=title, contents=contents, created=created, **content)


def table_names() -> list[tuple[str, str]]:
    """Number and title of the tables of the form, the title of the variant by birth first."""
    titles: dict[str, str] = {}
    for row in facts.rows("dataflows.csv"):
        if row["table"]:
            titles.setdefault(row["table"], row["en"])
    return [(table, titles[table]) for table in questionnaire_tables()]


def lede(coverage: Coverage, words: Catalogue) -> str:
    """Sentence or two that say what is covered."""
    summary = coverage.summary
    with_figures = summary[summary["newest"].notna()]
    fresh = int((with_figures["timeliness"] <= 1).sum())
    count = len(with_figures)
    return words.text(
        "inventory.lede", count=count, all=len(summary), fresh=fresh, year=str(coverage.year)
    )


def _names(areas: Sequence[str], words: Catalogue) -> str:
    """Names of the states, or ASEAN where they are all of its members."""
    if len(areas) == len(facts.rows("asean.csv")):
        return "ASEAN"
    return words.listed([area_name(area) for area in areas])


def _tiles(coverage: Coverage, words: Catalogue) -> list[dict[str, Any]]:
    newest = coverage.matrix[coverage.matrix["year"] == coverage.year - 1]
    tiles = []
    for state in _STATES:
        count = int((newest["state"] == state).sum())
        label = words.text("inventory.tile", state=state, year=str(coverage.year - 1))
        tiles.append({"value": count, "label": label, "kind": ""})
    return tiles


def _overview(coverage: Coverage, words: Catalogue) -> list[MapRow]:
    """Newest year of each table of each state, by how old and how complete it is."""
    rows = []
    titles = dict(table_names())
    for area in coverage.areas:
        of_area = coverage.summary[coverage.summary["ref_area"] == area]
        by_table = {str(row["table"]): row for row in of_area.to_dict("records")}
        cells = []
        for table, title in titles.items():
            cells.append(_newest(by_table[table], title, words))
        rows.append(MapRow(area, area_name(area), tuple(cells)))
    return rows


def _newest(row: Mapping[Any, Any], title: str, words: Catalogue) -> MapCell:
    import pandas as pd

    if pd.isna(row["newest"]):
        return MapCell(NEVER, "", f"{title}: {words.text('coverage-state.never')}")
    state = "outdated"
    if row["timeliness"] <= 1:
        state = "present" if row["completeness"] == 1 else "partial"
    share = words.number(100 * float(row["completeness"]), 0)
    text = words.text("inventory.newest", title=title, year=str(row["newest"]), share=share)
    return MapCell(state, str(row["newest"]), text)


def _area_map(coverage: Coverage, area: str, words: Catalogue) -> AreaMap:
    """Heat map of a state, with a small line of the totals of each table."""
    of_area = coverage.matrix[coverage.matrix["ref_area"] == area]
    summary = coverage.summary[coverage.summary["ref_area"] == area].set_index("table")
    years = tuple(sorted(set(of_area["year"])))
    rows = []
    without = []
    for table, title in table_names():
        if summary["newest"].isna()[table]:
            without.append(table.replace("_", " "))
            continue
        cells = []
        for row in of_area[of_area["table"] == table].to_dict("records"):
            cells.append(_year_cell(row, words))
        line = _line(coverage, area, table, words)
        rows.append(MapRow(table.replace("_", " "), title, tuple(cells), line))
    return AreaMap(area, area_name(area), years, tuple(rows), ", ".join(without))


def _year_cell(row: dict[Any, Any], words: Catalogue) -> MapCell:
    state = str(row["state"])
    title = words.text(f"coverage-state.{state}")
    if row["asked"]:
        title = words.text(
            "inventory.cells", state=title, cells=row["cells"], asked=row["asked"]
        )
    marks = {"present": "●", "partial": share_mark(row), "outdated": "–"}
    return MapCell(state, marks.get(state, ""), f"{row['year']}: {title}")


def share_mark(row: Mapping[Any, Any]) -> str:
    """Share of the cells with a figure in percent, a half circle where no year is whole."""
    if not row["asked"]:
        return "◐"
    share = 100 * row["cells"] / row["asked"]
    return f"{max(round(share), 1)}"


def _line(coverage: Coverage, area: str, table: str, words: Catalogue) -> Sparkline | None:
    """Small line of the totals of the dataflow and source that has most years."""
    totals = coverage.totals
    is_asked = (totals["ref_area"] == area) & (totals["table"] == table)
    series = [rows for _, rows in totals[is_asked].groupby(["dataflow", "source"])]
    if not series:
        return None
    longest = max(series, key=len)
    points = [
        (int(year), float(value))
        for year, value in zip(longest["year"], longest["value"], strict=True)
    ]
    first, last = points[0], points[-1]
    text = words.text(
        "inventory.line",
        first=str(first[0]),
        was=words.number(first[1]),
        last=str(last[0]),
        now=words.number(last[1]),
        source=str(longest["source"].iloc[0]),
    )
    return sparkline(points, first[0], last[0], text)


def _numbers(coverage: Coverage, words: Catalogue) -> Grid:
    """Completeness, timeliness and comparability of each table with figures."""
    with_figures = coverage.summary[coverage.summary["newest"].notna()].copy()
    with_figures["table"] = with_figures["table"].str.replace("_", " ")
    with_figures["ref_area"] = with_figures["ref_area"].map(area_name)
    for name in ("completeness", "over_time", "with_neighbours"):
        shares = with_figures[name].astype("Float64") * 100
        with_figures[name] = [_share(share, words) for share in shares]
    for name in ("first", "newest", "timeliness"):
        with_figures[name] = with_figures[name].astype("str")
    columns = [
        _column("ref_area", words, choice=True),
        _column("table", words, choice=True),
        _column("first", words),
        _column("newest", words),
        _column("completeness", words),
        _column("timeliness", words),
        _column("over_time", words),
        _column("with_neighbours", words),
        _column("sources", words),
        _column("breaks", words),
    ]
    caption = words.text("inventory.numbers-caption")
    return grid("numbers-table", caption, with_figures, columns, words)


def _column(name: str, words: Catalogue, *, choice: bool = False) -> Column:
    return Column(name, words.text(f"inventory-column.{name}"), choice=choice)


def _share(share: Any, words: Catalogue) -> str:
    """Share in percent, `unknown` where there is none."""
    import pandas as pd

    if pd.isna(share):
        return UNKNOWN
    return f"{words.number(float(share), 0)} %"


def _gaps(coverage: Coverage, words: Catalogue) -> Grid:
    """Gaps that are worth filling first."""
    gaps = coverage.gaps.copy()
    gaps["table"] = gaps["table"].str.replace("_", " ")
    gaps["ref_area"] = gaps["ref_area"].map(area_name)
    gaps["newest"] = gaps["newest"].astype("str").replace("<NA>", "never")
    gaps["could_fill"] = gaps["could_fill"].replace("", "no source is known")
    columns = [
        Column("rank", words.text("inventory-column.rank"), number=True),
        _column("ref_area", words, choice=True),
        _column("table", words, choice=True),
        _column("newest", words),
        Column("score", words.text("inventory-column.score"), number=True, decimals=2),
        _column("could_fill", words),
    ]
    caption = words.text("inventory.gaps-caption", count=len(gaps))
    return grid("gaps-table", caption, gaps, columns, words, limit=GAPS)


def _sources(coverage: Coverage, words: Catalogue) -> Grid:
    """What is known of each source, and what is not."""
    inventory = source_inventory(years=coverage.years_by_source)
    of_areas = inventory[inventory["ref_area"].isin(coverage.areas)].copy()
    of_areas["about"] = of_areas["about"].map(ABOUT)
    evidence = of_areas["evidence"] + ": " + of_areas["place"]
    of_areas["evidence"] = evidence.str.strip(": ")
    of_areas["verified"] = of_areas["verified"].map({"Y": "yes", "N": "no", "": ""})
    columns = [
        _column("ref_area", words, choice=True),
        _column("source", words, choice=True),
        _column("about", words, choice=True),
        _column("statement", words),
        _column("verified", words, choice=True),
        _column("evidence", words),
    ]
    caption = words.text("inventory.sources-caption")
    return grid("sources-table", caption, of_areas, columns, words, limit=5000)


def _rules(words: Catalogue) -> list[tuple[str, str]]:
    """Each state and number with its rule."""
    return [(words.text(f"rule-name.{name}"), rule) for name, rule in rules().items()]
