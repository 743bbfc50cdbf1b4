"""Findings of a comparison: they inform, for a difference of figures is no error of either side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ilms_sdmx.comparison.verdicts import Verdict
from ilms_sdmx.findings import Finding, Place, Report, Severity

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
            message = (
                f"{both} are one source ({family}): agreement between them is no corroboration."
            )
            yield Finding("comparison-same-source", Severity.NOTE, message)


def _never_met(
    pairs: pd.DataFrame, ours: Sequence[Side], theirs: Sequence[Side]
) -> Iterator[Finding]:
    """Sides that meet nothing on the other side."""
    met = {*pairs["ours_name"], *pairs["theirs_name"]}
    for side in (*ours, *theirs):
        if side.name not in met:
            others = (
                ", ".join(s.name for s in (ours if side in theirs else theirs)) or "anything"
            )
            yield Finding(
                "comparison-nothing-common",
                Severity.NOTE,
                f"{side.name} has no figure in common with {others}.",
                Place(dataflow=side.datasets[0].dataflow),
                expected="the same areas, partners, sexes and details at dates near each other",
            )


def _below_zero(pairs: pd.DataFrame) -> Iterator[Finding]:
    """Find residuals below zero: there the parts exceed their total."""
    others = pairs[pairs["partner_kind"] == "others"]
    for side in ("ours", "theirs"):
        for row in others[others[side] < -0.5].head(50).to_dict("records"):
            key = {name: str(row[name]) for name in ("area", "sex", "detail", f"{side}_period")}
            yield Finding(
                "comparison-parts-exceed-total",
                Severity.WARNING if side == "ours" else Severity.NOTE,
                f"{row[f'{side}_name']}: the countries add up to {-row[side]:,.10g} more than the total.",
                Place(key=key),
                fix="Validate the data set: a total or a country is wrong.",
            )


def _apart(pairs: pd.DataFrame) -> Iterator[Finding]:
    """Totals that may be compared and differ by more than rounding."""
    wanted = (pairs["verdict"] != Verdict.NOT_COMPARABLE.value) & ~pairs["agree"]
    totals = pairs[wanted & (pairs["partner_kind"] == "total") & (pairs["sex"] == "SEX_T")]
    for row in totals.head(200).to_dict("records"):
        key = {name: str(row[name]) for name in ("area", "sex", "detail", "ours_period")}
        caution = f" Caution: {row['reasons']}." if row["reasons"] else ""
        yield Finding(
            "comparison-differs",
            Severity.NOTE,
            f"{row['ours_name']} and {row['theirs_name']} differ by {row['difference']:,.10g}.{caution}",
            Place(key=key),
            read=f"{row['ours']:,.10g}",
            expected=f"{row['theirs']:,.10g}",
        )
