"""Findings of a comparison: they inform, for a difference of figures is no error of either side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from ilms_sdmx.comparison.verdicts import Verdict
from ilms_sdmx.findings import Finding, Place, Report, find
from ilms_sdmx.sums import allowance, exceeds

if TYPE_CHECKING:
    import pandas as pd

    from ilms_sdmx.comparison.sides import Side


#: Columns that tell the groups of partners apart of which one row is what is left of the total.
_GROUP = ("ours_name", "theirs_name", "area", "sex", "detail", "ours_period", "theirs_period")


def remarks(pairs: pd.DataFrame, ours: Sequence[Side], theirs: Sequence[Side]) -> Report:
    """Report of a comparison: sources that are one, sides that never meet, residuals below zero."""
    return Report.of(
        [
            *_same_sources(ours, theirs),
            *_never_met(pairs, ours, theirs),
            *_below_zero(pairs, (*ours, *theirs)),
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


def _below_zero(pairs: pd.DataFrame, sides: Iterable[Side]) -> Iterator[Finding]:
    """Findings of residuals below zero by more than rounding: the parts exceed their total."""
    step_of_side = {side.name: float(side.figures["rounding"].max()) for side in sides}
    is_rest = pairs["partner_kind"] == "others"
    others = pairs[is_rest]
    if not (others[["ours", "theirs"]] < 0).to_numpy().any():
        return
    is_part = (pairs["partner_kind"] == "country").astype("int64")
    groups = is_part.groupby([pairs[name] for name in _GROUP], observed=True)
    terms = groups.transform("sum")[is_rest].to_numpy() + 1
    for side in ("ours", "theirs"):
        steps = others[f"{side}_name"].astype("str").map(step_of_side).to_numpy("float64")
        is_over = exceeds(-others[side].to_numpy(), allowance(steps * terms))
        for row in others[is_over].head(50).to_dict("records"):
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
