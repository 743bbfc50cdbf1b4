"""Findings of a comparison: they inform, for a difference of figures is no error of either side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ilms_sdmx.comparison.verdicts import Verdict
from ilms_sdmx.findings import Finding, Place, Report, find

if TYPE_CHECKING:
    import pandas as pd

    from ilms_sdmx.comparison.sides import Side


def remarks(pairs: pd.DataFrame, ours: Sequence[Side], theirs: Sequence[Side]) -> Report:
    """Report of a comparison: sources that are one, sides that never meet, residuals below zero."""
    return Report.of(
        [
            *_same_sources(ours, theirs),
            *_never_met(pairs, ours, theirs),
            *_below_zero(pairs),
            *_apart(pairs),
        ]
    )


def _same_sources(ours: Sequence[Side], theirs: Sequence[Side]) -> Iterator[Finding]:
    """Two sides that re-serve one source agree by descent: that corroborates nothing."""
    families: dict[str, list[str]] = {}
    for side in (*ours, *theirs):
        record = side.records.iloc[0]
        families.setdefault(str(record["same_as"] or record["source"]), []).append(side.name)
    served_again = {
        str(r["same_as"]) for s in (*ours, *theirs) for _, r in s.records.iterrows()
    } - {""}
    for family in served_again & families.keys():
        names = families[family]
        if len(names) > 1:
            both = " and ".join(names)
            yield find("comparison-same-source", names=both, source=family)


def _never_met(
    pairs: pd.DataFrame, ours: Sequence[Side], theirs: Sequence[Side]
) -> Iterator[Finding]:
    """Sides that meet nothing on the other side."""
    met = {*pairs["ours_name"], *pairs["theirs_name"]}
    for side in (*ours, *theirs):
        if side.name not in met:
            others = ", ".join(s.name for s in (ours if side in theirs else theirs))
            place = Place(dataflow=side.datasets[0].dataflow)
            yield find(
                "comparison-nothing-common",
                place,
                name=side.name,
                others=others or "anything",
            )


def _below_zero(pairs: pd.DataFrame) -> Iterator[Finding]:
    """Find residuals below zero: there the parts exceed their total."""
    others = pairs[pairs["partner_kind"] == "others"]
    for side in ("ours", "theirs"):
        for row in others[others[side] < -0.5].head(50).to_dict("records"):
            key = {name: str(row[name]) for name in ("area", "sex", "detail", f"{side}_period")}
            yield find(
                "comparison-parts-exceed-total",
                Place(key=key),
                case="" if side == "ours" else "theirs",
                name=str(row[f"{side}_name"]),
                excess=f"{-row[side]:,.10g}",
            )


def _apart(pairs: pd.DataFrame) -> Iterator[Finding]:
    """Totals that may be compared and differ by more than rounding."""
    wanted = (pairs["verdict"] != Verdict.NOT_COMPARABLE.value) & ~pairs["agree"]
    totals = pairs[wanted & (pairs["partner_kind"] == "total") & (pairs["sex"] == "SEX_T")]
    for row in totals.head(200).to_dict("records"):
        key = {name: str(row[name]) for name in ("area", "sex", "detail", "ours_period")}
        yield find(
            "comparison-differs",
            Place(key=key),
            case="caution" if row["reasons"] else "",
            read=f"{row['ours']:,.10g}",
            expected=f"{row['theirs']:,.10g}",
            ours=str(row["ours_name"]),
            theirs=str(row["theirs_name"]),
            difference=f"{row['difference']:,.10g}",
            reasons=str(row["reasons"]),
        )
