"""Printed percents, recomputed from the counts beside them and compared within their rounding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.checks import Verdicts, headings
from ilms_sdmx.conversion.rules import chosen
from ilms_sdmx.findings import Finding, Place, Severity
from ilms_sdmx.mapping.layout import Bucket, Change, Share, TableLayout, Where, column

if TYPE_CHECKING:
    import pandas as pd


def run_shares(
    figures: pd.DataFrame, layouts: tuple[TableLayout, ...], verdicts: Verdicts, file: str
) -> None:
    """Recompute every percent whose rule says what it is a share or a change of."""
    for layout in layouts:
        own = figures[figures["table"] == layout.name] if len(figures) else figures
        for number, rule in enumerate(layout.rules):
            basis = rule.share or rule.change
            if basis is None or not len(own):
                continue
            for index in own.index[own["share"] == number]:
                _check(own, layout, index, basis, verdicts, file)


def _check(
    own: pd.DataFrame, layout: TableLayout, index: Any, basis: Share | Change, verdicts: Verdicts, file: str
) -> None:
    row = own.loc[index]
    if row["value"] != row["value"]:
        return
    counted = own[~own["role"].isin([Bucket.PERCENT.value, Bucket.IGNORE.value])]
    left = isinstance(basis, Share) and basis.left
    upper = _left(counted, row) if left else _amount(counted, layout, row, basis.of)
    lower = _amount(counted, layout, row, basis.base)
    if upper is None or not lower:
        return
    computed = 100 * upper / lower - (100 if isinstance(basis, Change) else 0)
    printed = float(row["value"])
    agrees = abs(computed - printed) <= 0.5 * float(row["unit"]) + 1e-9
    verdicts.judge(index, agrees)
    if not agrees:
        verdicts.findings.append(_finding(row, computed, isinstance(basis, Change), file))


def _left(counted: pd.DataFrame, row: pd.Series[Any]) -> float | None:
    """Amount of the nearest count to the left in the same row."""
    same = counted[(counted["sheet"] == row["sheet"]) & (counted["row"] == row["row"])]
    same = same[same["column_number"] < row["column_number"]]
    return _sum(same.tail(1))


def _amount(counted: pd.DataFrame, layout: TableLayout, row: pd.Series[Any], where: Where) -> float | None:
    """Sum of the counts that differ from a percent in the headings that are named only."""
    names = [n for n in headings(counted, layout) if n not in where]
    rows = chosen(counted, where)
    for name in names:
        rows &= (counted[column(name)] == row[column(name)]).to_numpy()
    return _sum(counted[rows])


def _sum(frame: pd.DataFrame) -> float | None:
    import pandas as pd

    amounts = pd.to_numeric(frame["value"], errors="coerce") * 10.0 ** frame["multiplier"].astype("float64")
    return float(amounts.sum()) if len(amounts) and amounts.notna().all() else None


def _finding(row: pd.Series[Any], computed: float, change: bool, file: str) -> Finding:
    return Finding(
        "percent-differs",
        Severity.WARNING,
        f"The percent is printed as {row['text']}; recomputed from the counts it is {computed:.1f}.",
        place=Place(file, str(row["sheet"]), str(row["cell"])),
        component="OBS_VALUE",
        read=str(row["text"]),
        expected=f"{computed:.1f}",
        mend="ask the publisher",
        affects="1 percent, used for checking only"
        if not change
        else "1 rate of change, used for checking only",
    )
