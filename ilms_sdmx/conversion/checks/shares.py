"""Printed percents, recomputed from the counts beside them and compared within their rounding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.checks.sums import Verdicts, amounts_of, headings, line_up, unvaried
from ilms_sdmx.conversion.figures.rules import chosen
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
            if basis is not None and len(own):
                _check(own, layout, own[own["share"] == number], basis, verdicts, file)


def _check(
    own: pd.DataFrame,
    layout: TableLayout,
    percents: pd.DataFrame,
    basis: Share | Change,
    verdicts: Verdicts,
    file: str,
) -> None:
    """Recompute the percents of one rule and compare them."""
    percents = percents[percents["value"].notna()]
    counted = own[~own["role"].isin([Bucket.PERCENT.value, Bucket.IGNORE.value])]
    left = isinstance(basis, Share) and basis.left
    upper = (
        _left(counted, percents) if left else _by_headings(counted, layout, percents, basis.of)
    )
    alike = _like_left(counted, layout, percents) if left else percents
    lower = _by_headings(counted, layout, alike, basis.base)
    known = upper.notna() & lower.notna() & (lower != 0)
    change = isinstance(basis, Change)
    computed = (100 * upper / lower - (100 if change else 0))[known]
    lined = percents[known]
    away = (computed - lined["value"].astype("float64")).abs()
    agrees = away <= 0.5 * lined["unit"].astype("float64") + 1e-9
    verdicts.judge_all(lined.index, agrees)
    verdicts.exact.append(lined.index)
    for index in lined.index[~agrees]:
        verdicts.findings.append(
            _finding(lined.loc[index], float(computed.loc[index]), change, file)
        )


def _like_left(
    counted: pd.DataFrame, layout: TableLayout, percents: pd.DataFrame
) -> pd.DataFrame:
    """Percents with the headings of the figures before them: `%` beside `2018` is of the total of 2018."""
    nearest = _nearest(counted, percents)
    known = percents[nearest.notna()]
    names = [column(n) for n in headings(counted, layout)]
    own = counted[names].reindex(nearest.dropna().astype("int64")).set_axis(known.index)
    return known.assign(**{name: own[name] for name in names})


def _left(counted: pd.DataFrame, percents: pd.DataFrame) -> pd.Series[float]:
    """Amount of the nearest count to the left in the row of each percent."""
    return _nearest(counted, percents).map(amounts_of(counted))


def _nearest(counted: pd.DataFrame, percents: pd.DataFrame) -> pd.Series[float]:
    """Index of the nearest count to the left in the row of each percent."""
    import pandas as pd

    both = pd.concat([counted, percents]).sort_values(
        ["sheet", "row", "column_number"], kind="stable"
    )
    own = pd.Series(both.index, index=both.index, dtype="float64").where(
        both.index.isin(counted.index)
    )
    return own.groupby([both["sheet"], both["row"]]).ffill().loc[percents.index]


def _by_headings(
    counted: pd.DataFrame, layout: TableLayout, percents: pd.DataFrame, where: Where
) -> pd.Series[float]:
    """Sum of the counts that differ from each percent in the headings that are named only."""
    others = unvaried(counted, layout, list(where))
    percents, found = line_up(percents, counted[chosen(counted, where)], others)
    amounts = amounts_of(found)
    sums = amounts.groupby(found["group"]).sum(min_count=1)
    sums[amounts.isna().groupby(found["group"]).any()] = None
    return percents["group"].map(sums)


def _finding(row: pd.Series[Any], computed: float, change: bool, file: str) -> Finding:
    return Finding(
        "percent-differs",
        Severity.WARNING,
        f"The percent is printed as {row['text']}; recomputed from the counts it is {computed:.1f}.",
        place=Place(file, str(row["sheet"]), str(row["cell"])),
        component="OBS_VALUE",
        read=str(row["text"]),
        expected=f"{computed:.1f}",
        fix="ask the publisher",
        affects="1 percent, used for checking only"
        if not change
        else "1 rate of change, used for checking only",
    )
