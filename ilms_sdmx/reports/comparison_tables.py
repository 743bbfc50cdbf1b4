"""Tables of a comparison report, each from its frame: what stands in a cell is what stands in the frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from ilms_sdmx.reports.comparison_words import area_name, counts, said
from ilms_sdmx.reports.grids import Column, Grid, grid

if TYPE_CHECKING:
    from ilms_sdmx.comparison.comparisons import Comparison
    from ilms_sdmx.reports.catalogues import Catalogue

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
]
_PAIRS += [
    "theirs",
    "gap_days",
    "difference",
    "ratio",
    "verdict",
    "reasons",
    "ours_share",
    "theirs_share",
]
_PAIRS += ["ours_residual", "theirs_residual"]


def shown(comparison: Comparison) -> pd.DataFrame:
    """Pairs in the order in which a reader looks for them: totals and the latest first, largest first."""
    pairs = comparison.pairs.assign(position=range(len(comparison.pairs)))
    rank = pairs["sex"].astype("str").map({"SEX_T": 0}).fillna(1)
    kind = (
        pairs["partner_kind"]
        .astype("str")
        .map({"total": 0, "country": 1, "group": 2})
        .fillna(3)
    )
    pairs = pairs.assign(rank=rank, kind=kind, latest=pairs["ours_period"].astype("str"))
    for name in ("area", "ours_name"):
        pairs[name] = pairs[name].astype("str")
    ascending = [True, True, True, False, True, False]
    keys = ["rank", "area", "ours_name", "latest", "kind", "ours"]
    return pairs.sort_values(keys, ascending=ascending, kind="stable").drop(
        columns=["rank", "kind", "latest"]
    )


def pair_grid(comparison: Comparison, words: Catalogue, cells: Cells | None = None) -> Grid:
    """All pairs; the figures lead to where they come from."""
    frame = shown(comparison)
    top = frame.head(LIMIT)
    places = {
        side: [comparison.place(p, side) for p in top["position"]]
        for side in ("ours", "theirs")
    }
    text = top.assign(
        area=[area_name(a) for a in top["area"]],
        partner=[area_name(a) for a in top["partner"]],
        sex=[said(words, "sex", s.removeprefix("SEX_")) for s in top["sex"].astype("str")],
        badge=top["verdict"].astype("str"),
        verdict=[words.text(f"verdict.{v}") for v in top["verdict"]],
    )
    for side, found in places.items():
        text[f"{side}_link"] = [_address(p, cells) for p in found]
        text[f"{side}_place"] = [place_text(p) for p in found]
    names = [n for n in _PAIRS if n != "detail" or (top["detail"] != "").any()]
    columns = [_column(n, words) for n in names]
    columns += [
        Column(f"{s}_place", words.text(f"places.{s}"), address=f"{s}_link") for s in places
    ]
    ids = [f"pair-{p}" for p in top["position"]]
    table = grid("pairs-table", words.text("pairs.caption"), text, columns, words, LIMIT, ids)
    left_out = len(frame) - len(top)
    return Grid(
        table.id, table.caption, table.columns, table.rows, table.interactive, left_out, ids
    )


def _address(place: Mapping[str, str], cells: Cells | None) -> str:
    return cells(place) if cells and place.get("cell") else place["address"]


def _column(name: str, words: Catalogue) -> Column:
    heading = words.text(f"pairs.{name}")
    links = {"ours": "ours_link", "theirs": "theirs_link"}
    badge = "badge" if name == "verdict" else ""
    number = name in _NUMBERS
    return Column(
        name, heading, number, name in _CHOICES, _NUMBERS.get(name), links.get(name, ""), badge
    )


def place_text(place: dict[str, str]) -> str:
    """Where a figure comes from, on one line: the cell, or source, edition and table."""
    if place.get("cell"):
        return " > ".join(
            filter(
                None, [place.get("file") or place["source"], place.get("sheet"), place["cell"]]
            )
        )
    edition = place["edition"] if place["edition"] not in place["source"] else ""
    parts = [f"{place['source']} {edition}".strip(), place["table"]]
    retrieved = place.get("retrieved", "")
    return ", ".join(filter(None, [*parts, retrieved[:10]]))


def source_grid(comparison: Comparison, words: Catalogue, *, paired: bool) -> Grid:
    """Who says what: one row for each thing that a side counts.

    `paired` are those that stand in pairs, and all of ours; the others speak in the mirror only.
    """
    pairs, records = comparison.pairs, comparison.records
    mirror = comparison.mirror[comparison.mirror["ratio"].notna()]
    ours = records["side"].isin({side.name for side in comparison.ours})
    first = ours | records.index.isin({*pairs["ours_record"], *pairs["theirs_record"]})
    further = records.index.isin({*mirror["origin_record"], *mirror["host_record"]}) & ~first
    records = records[first if paired else further]
    number = (
        comparison.observations.groupby("record").size().reindex(records.index, fill_value=0)
    )
    names = ["refugees", "method", "data_type", "notes", "table", "licence", "retrieved"]
    keys = ["side", "kind", "direction", "criterion", "scope", "ages", *names, "address"]
    grouped = records.assign(observations=number).groupby(keys, sort=False, observed=True)
    frame = grouped.agg(observations=("observations", "sum")).reset_index()
    frame["counts"] = [
        ". ".join(filter(None, [counts(r, words), r["notes"]])) for _, r in frame.iterrows()
    ]
    columns = [Column("side", words.text("sources.side"), address="address")]
    wanted = ["counts", *(n for n in names if n != "notes" and (frame[n] != "").any())]
    columns += [Column(n, words.text(f"sources.{n}")) for n in wanted]
    columns.append(Column("observations", words.text("sources.observations"), number=True))
    id = "sources-table" if paired else "other-sources-table"
    return grid(id, words.text("sources.caption"), frame, columns, words)


def mirror_grid(mirror: pd.DataFrame, words: Catalogue) -> Grid:
    """Pairs of which both sides speak, both sexes, largest first."""
    frame = mirror[mirror["ratio"].notna() & (mirror["sex"] == "SEX_T")].copy()
    frame = frame.sort_values("host_says", ascending=False, kind="stable")
    frame["badge"] = frame["verdict"]
    frame["verdict"] = [words.text(f"verdict.{v}") for v in frame["verdict"]]
    for name in ("origin", "host"):
        frame[name] = [area_name(a) for a in frame[name]]
    numbers = {
        "origin_says": None,
        "host_says": None,
        "ratio": 3,
        "origin_rank": 0,
        "host_rank": 0,
        "gap_days": 0,
    }
    names = ["origin", "host", "origin_says", "host_says", "ratio", "origin_rank", "host_rank"]
    names += [
        "origin_name",
        "origin_period",
        "host_name",
        "host_period",
        "gap_days",
        "verdict",
        "reasons",
    ]
    choices = {"origin", "host", "origin_name", "host_name", "verdict"}
    columns = [
        Column(
            n,
            words.text(f"mirror.{n}"),
            n in numbers,
            n in choices,
            numbers.get(n),
            badge="badge" if n == "verdict" else "",
        )
        for n in names
    ]
    return grid("mirror-table", words.text("mirror.caption"), frame, columns, words, 1000)


def revision_grid(comparison: Comparison, words: Catalogue) -> Grid:
    """Revisions of the totals and countries of the areas that ours reports for, both sexes."""
    revisions = comparison.revisions
    areas = set(comparison.pairs["area"].astype("str"))
    mine = revisions["host"].isin(areas) | (
        revisions["origin"].isin(areas) & (revisions["host"] == "TOTAL")
    )
    frame = revisions[mine & (revisions["sex"] == "SEX_T") & (revisions["detail"] == "")].copy()
    frame = frame.sort_values("change", key=abs, ascending=False, kind="stable")
    for name in ("origin", "host"):
        frame[name] = [area_name(a) for a in frame[name]]
    names = {"host": "mirror.host", "origin": "mirror.origin"}
    numbers = {"older": None, "newer": None, "change": None, "ratio": 3}
    order = [
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
    columns = [
        Column(
            n,
            words.text(names.get(n, f"revisions.{n}")),
            n in numbers,
            n in names,
            numbers.get(n),
        )
        for n in order
    ]
    return grid("revisions-table", words.text("revisions.caption"), frame, columns, words, 500)


def coverage_grid(comparison: Comparison, words: Catalogue) -> Grid:
    """Show what exists where, for the areas of ours and their totals."""
    areas = set(comparison.pairs["area"].astype("str")) or set(
        comparison.coverage["area"].astype("str")
    )
    frame = comparison.coverage
    frame = frame[frame["area"].isin(areas)].copy()
    frame["area"] = [area_name(a) for a in frame["area"]]
    frame["kind"] = [said(words, "kind", k) for k in frame["kind"]]
    numbers = {"figures", "missing", "partners"}
    names = ["side", "area", "period", "kind", "table", "figures", "missing", "partners"]
    columns = [
        Column(
            n, words.text(f"coverage-table.{n}"), n in numbers, n in {"side", "area", "period"}
        )
        for n in names
    ]
    return grid(
        "coverage-table", words.text("coverage-table.caption"), frame, columns, words, 1000
    )


def tidy(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a frame for JSON: missing is null, categories are text."""
    plain = frame.astype(dict.fromkeys(frame.columns, "object"))
    rows: list[Any] = plain.where(frame.notna(), None).to_dict("records")
    return rows
