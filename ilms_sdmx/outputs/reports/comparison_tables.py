"""Tables of a comparison report, each from its frame: a cell shows what the frame has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from ilms_sdmx.outputs.reports.comparison_words import area_name, code_text, counts
from ilms_sdmx.outputs.reports.grids import Column, Grid, grid

if TYPE_CHECKING:
    from ilms_sdmx.analysis.comparison.comparisons import Comparison
    from ilms_sdmx.outputs.reports.catalogues import Catalogue

#: Address of the cell at a place, as `Comparison.place` says it.
Cells: TypeAlias = Callable[[Mapping[str, str]], str]
#: Pairs that a page shows; all of them are in the workbook and the JSON.
LIMIT = 2000
_NUMBERS = {"gap_days": 0, "ours": None, "theirs": None, "difference": None, "ratio": 3}
_NUMBERS |= {"ours_share": 3, "theirs_share": 3, "ours_residual": 3, "theirs_residual": 3}
_CHOICES = {"area", "partner", "sex", "ours_name", "theirs_name", "verdict"}
_PAIRS = [
    "area",
    "partner",
    "sex",
    "detail",
    "ours_name",
    "ours_period",
    "ours",
    "theirs_name",
    "theirs_period",
    "theirs",
    "gap_days",
    "difference",
    "ratio",
    "verdict",
    "reasons",
    "ours_share",
    "theirs_share",
    "ours_residual",
    "theirs_residual",
]
#: Kind of a partner to its place in the order; all others come last.
_KIND_RANKS = {"total": 0, "country": 1, "group": 2}
#: What the table of sources says of a record, where it is known.
_ABOUT = ["refugees", "method", "data_type", "notes", "table", "licence", "retrieved"]
_MIRROR = [
    "origin",
    "host",
    "origin_says",
    "host_says",
    "ratio",
    "origin_rank",
    "host_rank",
    "origin_name",
    "origin_period",
    "host_name",
    "host_period",
    "gap_days",
    "verdict",
    "reasons",
]
_MIRROR_NUMBERS = {"origin_says": None, "host_says": None, "ratio": 3}
_MIRROR_NUMBERS |= {"origin_rank": 0, "host_rank": 0, "gap_days": 0}
_MIRROR_CHOICES = {"origin", "host", "origin_name", "host_name", "verdict"}
_REVISIONS = [
    "host",
    "origin",
    "period",
    "source",
    "older_edition",
    "older_counts",
    "older",
    "newer_edition",
    "newer_counts",
    "newer",
    "change",
    "ratio",
]
_REVISION_NUMBERS = {"older": None, "newer": None, "change": None, "ratio": 3}


def shown(comparison: Comparison) -> pd.DataFrame:
    """Pairs as a reader looks for them: totals and the latest first, largest first."""
    pairs = comparison.pairs.copy()
    pairs["position"] = range(len(pairs))
    pairs["area"] = pairs["area"].astype("str")
    pairs["ours_name"] = pairs["ours_name"].astype("str")
    pairs["latest"] = pairs["ours_period"].astype("str")
    sexes = pairs["sex"].astype("str")
    pairs["rank"] = np.where(sexes == "SEX_T", 0, 1)
    kinds = pairs["partner_kind"].astype("str")
    ranks = kinds.map(_KIND_RANKS)
    last_rank = len(_KIND_RANKS)
    pairs["kind"] = ranks.fillna(last_rank)
    ascending = {"rank": True, "area": True, "ours_name": True, "latest": False}
    ascending |= {"kind": True, "ours": False}
    order = list(ascending.values())
    pairs = pairs.sort_values(list(ascending), ascending=order, kind="stable")
    return pairs.drop(columns=["rank", "kind", "latest"])


def pair_grid(comparison: Comparison, words: Catalogue, cells: Cells | None = None) -> Grid:
    """All pairs; the figures lead to where they come from."""
    frame = shown(comparison)
    top = frame.head(LIMIT)
    text = _pair_texts(top, words)
    columns = _pair_columns(top, words)
    for side in ("ours", "theirs"):
        places = [comparison.place(position, side) for position in top["position"]]
        text[f"{side}_link"] = [_address(place, cells) for place in places]
        text[f"{side}_place"] = list(map(place_text, places))
        heading = words.text(f"places.{side}")
        column = Column(f"{side}_place", heading, address=f"{side}_link")
        columns.append(column)
    ids = "pair-" + top["position"].astype("str")
    caption = words.text("pairs.caption")
    table = grid("pairs-table", caption, text, columns, words, LIMIT, list(ids))
    left_out = len(frame) - len(top)
    return replace(table, left_out=left_out)


def _pair_columns(pairs: pd.DataFrame, words: Catalogue) -> list[Column]:
    """Columns of the pairs; the one of details only where there are some."""
    has_detail = pairs["detail"] != ""
    columns = []
    for name in _PAIRS:
        if name != "detail" or has_detail.any():
            columns.append(_column(name, words))
    return columns


def _pair_texts(pairs: pd.DataFrame, words: Catalogue) -> pd.DataFrame:
    """Pairs with words for areas, sexes and verdicts."""
    text = pairs.copy()
    text["area"] = list(map(area_name, pairs["area"]))
    text["partner"] = list(map(area_name, pairs["partner"]))
    sexes = pairs["sex"].astype("str").str.removeprefix("SEX_")
    text["sex"] = [code_text(words, "sex", sex) for sex in sexes]
    text["badge"] = pairs["verdict"].astype("str")
    text["verdict"] = _verdict_texts(pairs, words)
    return text


def _verdict_texts(frame: pd.DataFrame, words: Catalogue) -> list[str]:
    """Words for the verdicts of a frame."""
    return [words.text(f"verdict.{verdict}") for verdict in frame["verdict"]]


def _address(place: Mapping[str, str], cells: Cells | None) -> str:
    """Address to which a figure leads: its cell where that is on a page."""
    if cells and place.get("cell"):
        return cells(place)
    return place["address"]


def _column(name: str, words: Catalogue) -> Column:
    """Heading of a column of the pairs."""
    badge = ""
    if name == "verdict":
        badge = "badge"
    link = ""
    if name in {"ours", "theirs"}:
        link = f"{name}_link"
    heading = words.text(f"pairs.{name}")
    decimals = _NUMBERS.get(name)
    is_number = name in _NUMBERS
    is_choice = name in _CHOICES
    return Column(name, heading, is_number, is_choice, decimals, address=link, badge=badge)


def place_text(place: dict[str, str]) -> str:
    """Where a figure comes from, on one line: the cell, or source, edition and table."""
    if place.get("cell"):
        file = place.get("file") or place["source"]
        parts = [file, place.get("sheet"), place["cell"]]
        return " > ".join(filter(None, parts))
    source = place["source"]
    edition = place["edition"]
    if edition and edition not in source:
        source = f"{source} {edition}"
    day = place.get("retrieved", "")[:10]
    parts = [source.strip(), place["table"], day]
    return ", ".join(filter(None, parts))


def source_grid(comparison: Comparison, words: Catalogue, *, paired: bool) -> Grid:
    """Who says what: one row for each thing that a side counts.

    `paired` are those that are in pairs, and all of ours; the others are in the mirror only.
    """
    records = _records_of(comparison, paired)
    figures_of_record = comparison.observations.groupby("record").size()
    number = figures_of_record.reindex(records.index, fill_value=0)
    keys = ["side", "kind", "direction", "criterion", "scope", "ages", *_ABOUT, "address"]
    grouped = records.assign(observations=number).groupby(keys, sort=False, observed=True)
    sums = grouped.agg(observations=("observations", "sum"))
    frame = sums.reset_index()
    frame["counts"] = [_counts(record, words) for _, record in frame.iterrows()]
    columns = _source_columns(frame, words)
    id = "other-sources-table"
    if paired:
        id = "sources-table"
    caption = words.text("sources.caption")
    return grid(id, caption, frame, columns, words)


def _source_columns(frame: pd.DataFrame, words: Catalogue) -> list[Column]:
    """Columns of the table of sources: those of which any source says something."""
    side = Column("side", words.text("sources.side"), address="address")
    columns = [side, Column("counts", words.text("sources.counts"))]
    for name in _ABOUT:
        is_known = frame[name] != ""
        if name != "notes" and is_known.any():
            heading = words.text(f"sources.{name}")
            columns.append(Column(name, heading))
    heading = words.text("sources.observations")
    columns.append(Column("observations", heading, number=True))
    return columns


def _records_of(comparison: Comparison, paired: bool) -> pd.DataFrame:
    """Records that are in pairs, and all of ours; else the further ones in the mirror."""
    pairs = comparison.pairs
    records = comparison.records
    names = [side.name for side in comparison.ours]
    in_pairs = {*pairs["ours_record"], *pairs["theirs_record"]}
    first = records["side"].isin(names) | records.index.isin(in_pairs)
    if paired:
        return records[first]
    mirror = comparison.mirror
    mirror = mirror[mirror["ratio"].notna()]
    in_mirror = {*mirror["origin_record"], *mirror["host_record"]}
    further = records.index.isin(in_mirror) & ~first
    return records[further]


def _counts(record: pd.Series[Any], words: Catalogue) -> str:
    """What a record counts, with its notes."""
    text = counts(record, words)
    notes = record["notes"]
    if notes:
        return f"{text}. {notes}"
    return text


def mirror_grid(mirror: pd.DataFrame, words: Catalogue) -> Grid:
    """Pairs of which both sides speak, both sexes, largest first."""
    is_both = mirror["ratio"].notna()
    both_sexes = mirror["sex"] == "SEX_T"
    frame = mirror[is_both & both_sexes].copy()
    frame = frame.sort_values("host_says", ascending=False, kind="stable")
    frame["badge"] = frame["verdict"]
    frame["verdict"] = _verdict_texts(frame, words)
    frame["origin"] = list(map(area_name, frame["origin"]))
    frame["host"] = list(map(area_name, frame["host"]))
    columns = []
    for name in _MIRROR:
        heading = words.text(f"mirror.{name}")
        is_number = name in _MIRROR_NUMBERS
        is_choice = name in _MIRROR_CHOICES
        decimals = _MIRROR_NUMBERS.get(name)
        column = Column(name, heading, is_number, is_choice, decimals=decimals)
        if name == "verdict":
            column = replace(column, badge="badge")
        columns.append(column)
    caption = words.text("mirror.caption")
    return grid("mirror-table", caption, frame, columns, words, 1000)


def revision_grid(comparison: Comparison, words: Catalogue) -> Grid:
    """Revisions of the totals and countries of the areas that ours reports for, both sexes."""
    frame = _revisions_of_ours(comparison)
    frame = frame.sort_values("change", key=abs, ascending=False, kind="stable")
    frame["origin"] = list(map(area_name, frame["origin"]))
    frame["host"] = list(map(area_name, frame["host"]))
    columns = []
    for name in _REVISIONS:
        is_area = name in ("host", "origin")
        section = "revisions"
        if is_area:
            section = "mirror"
        heading = words.text(f"{section}.{name}")
        is_number = name in _REVISION_NUMBERS
        decimals = _REVISION_NUMBERS.get(name)
        column = Column(name, heading, is_number, is_area, decimals=decimals)
        columns.append(column)
    caption = words.text("revisions.caption")
    return grid("revisions-table", caption, frame, columns, words, 500)


def _revisions_of_ours(comparison: Comparison) -> pd.DataFrame:
    """Revisions of the areas that ours reports for, both sexes, without detail."""
    revisions = comparison.revisions
    areas = set(comparison.pairs["area"].astype("str"))
    is_host = revisions["host"].isin(areas)
    is_total_host = revisions["host"] == "TOTAL"
    is_origin = revisions["origin"].isin(areas) & is_total_host
    is_ours = is_host | is_origin
    both_sexes = revisions["sex"] == "SEX_T"
    without_detail = revisions["detail"] == ""
    of_ours = revisions[is_ours & both_sexes & without_detail]
    return of_ours.copy()


def coverage_grid(comparison: Comparison, words: Catalogue) -> Grid:
    """Show what exists where, for the areas of ours and their totals."""
    coverage = comparison.coverage
    areas = comparison.pairs["area"].astype("str")
    if areas.empty:
        areas = coverage["area"].astype("str")
    frame = coverage[coverage["area"].isin(set(areas))].copy()
    frame["area"] = list(map(area_name, frame["area"]))
    frame["kind"] = [code_text(words, "kind", kind) for kind in frame["kind"]]
    columns = []
    for name in ("side", "area", "period", "kind", "table", "figures", "missing", "partners"):
        heading = words.text(f"coverage-table.{name}")
        is_number = name in {"figures", "missing", "partners"}
        is_choice = name in {"side", "area", "period"}
        columns.append(Column(name, heading, is_number, is_choice))
    caption = words.text("coverage-table.caption")
    return grid("coverage-table", caption, frame, columns, words, 1000)


def tidy(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a frame for JSON: missing is null, categories are text."""
    as_objects = frame.astype("object")
    plain = as_objects.where(frame.notna(), None)
    rows: list[Any] = plain.to_dict("records")
    return rows
