"""What is covered: tables by state and year, with a number for each quality."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ilms_sdmx.analysis.inventory.breaks import Break, breaks_of
from ilms_sdmx.analysis.inventory.catalogue import questionnaire_tables, source_entries
from ilms_sdmx.analysis.inventory.gaps import ranked_gaps
from ilms_sdmx.analysis.inventory.holdings import held_figures, years_by_source
from ilms_sdmx.analysis.inventory.tabulations import Filled, filled, total_codes
from ilms_sdmx.database import Database
from ilms_sdmx.labels.areas import area_code
from ilms_sdmx.structures import facts

if TYPE_CHECKING:
    import pandas as pd

PRESENT, PARTIAL, OUTDATED, NEVER = "present", "partial", "outdated", "never"
MATRIX = ("ref_area", "table", "year", "state", "cells", "asked", "figures", "holders")
SUMMARY = (
    "ref_area",
    "table",
    "first",
    "newest",
    "years",
    "figures",
    "completeness",
    "timeliness",
    "over_time",
    "with_neighbours",
    "sources",
    "breaks",
)


@dataclass(frozen=True, eq=False)
class Coverage:
    """What is covered, and what is missing.

    Parameters
    ----------
    year
        Year of the inventory: the last one of the matrix, from which ages are counted.
    areas
        States, in order.
    matrix
        One row a state, table and year: `state` (present, partial, outdated, never), `cells`
        with a figure of those `asked`, `figures`, and `holders` (office, ILOSTAT).
    summary
        One row a state and table: `first` and `newest` year, `completeness` of the newest,
        `timeliness` in years, comparability `over_time` and `with_neighbours`; missing numbers
        are unknown. `breaks` in words.
    gaps
        Tables that a state lacks or has no longer, the most worth filling first: `rank`,
        `score` and its parts, `newest`, and `could_fill` (sources).
    totals
        Figures of both sexes for the sparklines: `ref_area`, `table`, `dataflow`, `year`,
        `source`, `value`.
    years_by_source
        Years with figures of each source and table.
    """

    year: int
    areas: tuple[str, ...]
    matrix: pd.DataFrame
    summary: pd.DataFrame
    gaps: pd.DataFrame
    totals: pd.DataFrame
    years_by_source: pd.DataFrame

    def __repr__(self) -> str:
        covered = int(self.summary["newest"].notna().sum())
        return (
            f"<Coverage {self.year}: {covered} of {len(self.summary)} tables of "
            f"{len(self.areas)} states have a figure, {len(self.gaps)} gaps>"
        )


def coverage(
    database: Database | None = None,
    *,
    areas: str | Iterable[str] = (),
    year: int,
    years: int = 15,
) -> Coverage:
    """Tables of the questionnaire by state and year: what is there and what is missing.

    Counted are the figures of the database and those of ILOSTAT that travel with the package,
    not what other producers say about a state. The rules of each number are rows of
    `dsd/coverage_rules.csv`.

    Parameters
    ----------
    database
        None for the figures that travel with the package alone.
    areas
        States of ASEAN; all where there are none.
    year
        Year of the inventory.
    years
        Years of the matrix, that one included.

    Raises
    ------
    StructureError
        A state is not in the list.

    Examples
    --------
    >>> from ilms_sdmx import coverage
    >>> thailand = coverage(areas="THA", year=2025)
    >>> newest = thailand.summary.set_index("table")["newest"]
    >>> int(newest["MST_8"]), bool(newest.isna()["MST_1"])
    (2024, True)
    """
    chosen = _chosen(areas)
    everywhere = [row["code"] for row in facts.rows("asean.csv")]
    figures = held_figures(database, everywhere)
    figures = figures[figures["year"] <= year]
    shares = _shares(figures)
    totals = _totals(figures)
    breaks = breaks_of(totals)
    matrix = _matrix(chosen, figures, shares, year, years)
    summary = _summary(everywhere, figures, shares, totals, breaks, year)
    gaps = ranked_gaps(summary, year)
    is_chosen = summary["ref_area"].isin(chosen)
    of_chosen = gaps[gaps["ref_area"].isin(chosen)].reset_index(drop=True)
    of_chosen.insert(0, "rank", range(1, len(of_chosen) + 1))
    totals = totals[totals["ref_area"].isin(chosen)].reset_index(drop=True)
    summary = summary[is_chosen].reset_index(drop=True)
    years_of_sources = years_by_source(None, figures)
    return Coverage(year, tuple(chosen), matrix, summary, of_chosen, totals, years_of_sources)


def rules() -> dict[str, str]:
    """Rule of each state and number, in words."""
    return {row["measure"]: row["rule"] for row in facts.rows("coverage_rules.csv")}


def _chosen(areas: str | Iterable[str]) -> list[str]:
    """States that are asked, each once; all of them for none."""
    named = [areas] if isinstance(areas, str) and areas else list(areas)
    listed = [area_code(area) for area in named]
    for area in listed:
        source_entries(area)
    if listed:
        return list(dict.fromkeys(listed))
    return sorted(row["code"] for row in facts.rows("asean.csv"))


def _shares(figures: pd.DataFrame) -> dict[tuple[str, str, int], Filled]:
    """Filled cells by state, table and year, of the variant with the larger share."""
    best: dict[tuple[str, str, int], Filled] = {}
    whole = figures[figures["is_whole"].astype("bool")]
    groups = whole.groupby(["ref_area", "table", "year", "dataflow"], sort=False)
    for group, rows in groups:
        area, table, year, dataflow = map(str, group)
        values = {}
        for sex, code, value in zip(rows["sex"], rows["code"], rows["value"], strict=True):
            values[sex, code] = value
        found = filled(dataflow, values)
        key = (area, table, int(year))
        if key not in best or found.share > best[key].share:
            best[key] = found
    return best


def _totals(figures: pd.DataFrame) -> pd.DataFrame:
    """Totals of both sexes, one a state, dataflow, year and source."""
    is_total = []
    for id, sex, code in zip(figures["dataflow"], figures["sex"], figures["code"], strict=True):
        is_total.append(sex == "SEX_T" and code in total_codes(id))
    totals = figures[is_total]
    totals = totals[totals["is_whole"].astype("bool")]
    keys = ["ref_area", "table", "dataflow", "year", "source"]
    once = totals.drop_duplicates(keys).sort_values(keys, kind="stable")
    return once.reset_index(drop=True)


def _matrix(
    areas: Sequence[str],
    figures: pd.DataFrame,
    shares: Mapping[tuple[str, str, int], Filled],
    year: int,
    years: int,
) -> pd.DataFrame:
    """State of each table in each year."""
    import pandas as pd

    counts: dict[tuple[Any, ...], int] = {}
    holders: dict[tuple[Any, ...], set[str]] = {}
    columns = (figures["ref_area"], figures["table"], figures["year"], figures["holder"])
    for area, table, of_year, holder in zip(*columns, strict=True):
        key = (area, table, of_year)
        counts[key] = counts.get(key, 0) + 1
        holders.setdefault(key, set()).add(holder)
    first = _first_years(figures)
    rows = []
    for area in areas:
        for table in questionnaire_tables():
            for each in range(year - years + 1, year + 1):
                key = (area, table, each)
                cells = shares.get(key)
                state = _state(cells, key in counts, first.get((area, table)), each)
                numbers = (cells.cells, cells.asked) if cells else (0, 0)
                said = ", ".join(sorted(holders.get(key, set())))
                rows.append((*key, state, *numbers, counts.get(key, 0), said))
    return pd.DataFrame(rows, columns=list(MATRIX))


def _first_years(figures: pd.DataFrame) -> dict[tuple[str, str], int]:
    first: dict[tuple[str, str], int] = {}
    columns = (figures["ref_area"], figures["table"], figures["year"])
    for area, table, year in zip(*columns, strict=True):
        key = (area, table)
        first[key] = min(year, first.get(key, year))
    return first


def _state(cells: Filled | None, has_figures: bool, first: int | None, year: int) -> str:
    if cells is not None and cells.cells == cells.asked:
        return PRESENT
    if has_figures:
        return PARTIAL
    if first is not None and first < year:
        return OUTDATED
    return NEVER


def _summary(
    areas: Sequence[str],
    figures: pd.DataFrame,
    shares: Mapping[tuple[str, str, int], Filled],
    totals: pd.DataFrame,
    breaks: Sequence[Break],
    year: int,
) -> pd.DataFrame:
    """Numbers of each table of each state."""
    import pandas as pd

    groups = dict(list(figures.groupby(["ref_area", "table"])))
    rows = []
    for area in areas:
        for table in questionnaire_tables():
            row: dict[str, Any] = dict.fromkeys(SUMMARY)
            row |= {"ref_area": area, "table": table}
            found = groups.get((area, table))
            if found is not None:
                row |= _numbers(found)
                row["timeliness"] = year - row["newest"]
                cells = shares.get((area, table, row["newest"]))
                row["completeness"] = cells.share if cells else 0.0
                of_table = _inside(breaks, row)
                row["over_time"] = _over_time(totals, of_table, area, table)
                row["with_neighbours"] = _with_neighbours(groups, area, table)
                row["breaks"] = "; ".join(dict.fromkeys(each.text for each in of_table))
            rows.append(row)
    summary = pd.DataFrame(rows, columns=list(SUMMARY))
    for name in ("first", "newest", "years", "figures", "timeliness"):
        summary[name] = summary[name].astype("Int64")
    for name in ("completeness", "over_time", "with_neighbours"):
        summary[name] = summary[name].astype("Float64")
    for name in ("sources", "breaks"):
        summary[name] = summary[name].fillna("").astype("str")
    return summary


def _numbers(figures: pd.DataFrame) -> dict[str, Any]:
    """Years, figures and sources of a table that has some."""
    years = figures["year"]
    sources = dict.fromkeys(source for source in figures["source"] if source)
    return {
        "first": int(years.min()),
        "newest": int(years.max()),
        "years": int(years.nunique()),
        "figures": len(figures),
        "sources": ", ".join(sources),
    }


def _inside(breaks: Iterable[Break], row: Mapping[str, Any]) -> list[Break]:
    """Breaks of a table between the years that have figures."""
    found = []
    for each in breaks:
        is_of_table = (each.ref_area, each.table) == (row["ref_area"], row["table"])
        if is_of_table and row["first"] < each.year <= row["newest"]:
            found.append(each)
    return found


def _over_time(
    totals: pd.DataFrame, breaks: Sequence[Break], area: str, table: str
) -> float | None:
    """Share of the pairs of neighbouring years without a break; None for no pair."""
    is_asked = (totals["ref_area"] == area) & (totals["table"] == table)
    years = sorted(set(totals.loc[is_asked, "year"]))
    pairs = list(pairwise(years))
    if not pairs:
        return None
    broken = 0
    for before, after in pairs:
        broken += any(before < each.year <= after for each in breaks)
    return 1 - broken / len(pairs)


def _with_neighbours(groups: Mapping[Any, pd.DataFrame], area: str, table: str) -> float | None:
    """Share of the other states with the table that count alike; None where there is none."""
    others = []
    for other, of_table in groups:
        if of_table == table and other != area:
            others.append(other)
    if not others:
        return None
    own = _counted(groups[area, table])
    alike = sum(_are_alike(own, _counted(groups[other, table])) for other in others)
    return alike / len(others)


def _counted(figures: pd.DataFrame) -> tuple[frozenset[str], frozenset[str]]:
    """Criteria and definitions of migrants that the figures of a table use."""
    criteria = frozenset(figures["criterion"])
    definitions: set[str] = set()
    by_code = {each.code: each for each in source_entries(all_sources=True)}
    for source in set(figures["source"]):
        if source in by_code:
            definitions.update(by_code[source].texts("migrants"))
    return criteria, frozenset(definitions)


def _are_alike(
    own: tuple[frozenset[str], frozenset[str]], other: tuple[frozenset[str], frozenset[str]]
) -> bool:
    """Whether two states share a criterion and, where both are known, a definition."""
    if not own[0] & other[0]:
        return False
    if own[1] and other[1]:
        return bool(own[1] & other[1])
    return True
