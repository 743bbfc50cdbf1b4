"""Checks of sums: totals against their parts, hierarchies by indent, shares that add up to 100."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.rules import chosen
from ilms_sdmx.findings import Finding, Place, Severity
from ilms_sdmx.mapping.layout import Bucket, Check, TableLayout, column

if TYPE_CHECKING:
    import pandas as pd

#: Roles of figures that sums are made of, unless a check names others.
SUMMED = (Bucket.OBSERVATION.value, Bucket.TOTAL.value, Bucket.OF_WHICH.value)


@dataclass
class Verdicts:
    """What checks said: index of each figure checked, whether it agrees, and the findings.

    A total whose parts are incomplete, or not printed, is not checked.
    """

    agree: dict[Any, bool] = field(default_factory=dict)
    touched: set[Any] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    def judge(self, index: Any, agrees: bool) -> None:
        """Note one comparison; a figure agrees if all its comparisons do."""
        self.agree[index] = self.agree.get(index, True) and agrees


def run_checks(figures: pd.DataFrame, layouts: tuple[TableLayout, ...], file: str) -> Verdicts:
    """Every check of every table."""
    verdicts = Verdicts()
    for layout in layouts:
        own = figures[figures["table"] == layout.name] if len(figures) else figures
        for check in layout.checks:
            if len(own):
                _run(own, layout, check, verdicts, file)
    return verdicts


def _run(own: pd.DataFrame, layout: TableLayout, check: Check, verdicts: Verdicts, file: str) -> None:
    domain = own[chosen(own, check.where)]
    if not check.where:
        domain = domain[domain["role"].isin(SUMMED) | domain.index.isin(_named(domain, check))]
    domain = domain[~domain["role"].isin([Bucket.IGNORE.value])]
    if check.tree:
        _run_tree(domain, layout, check, verdicts, file)
        return
    totals = domain[chosen(domain, check.total)] if check.total else domain.iloc[:0]
    parts = domain[chosen(domain, check.parts)] if check.parts else _other(domain, totals)
    others = _others(own, layout, [*check.total, *check.parts])
    groups = dict(list(_grouped(parts, others)))
    if check.constant:
        for key, group in groups.items():
            _compare_constant(check, group, verdicts, file, key)
        return
    for key, group in _grouped(totals, others):
        for total in group.index:
            _compare(check, domain.loc[total], groups.get(key, parts.iloc[:0]), verdicts, file)


def _named(domain: pd.DataFrame, check: Check) -> Any:
    """Figures of any role that a check names by label on both sides."""
    if not check.parts:
        return []
    return domain.index[chosen(domain, check.parts) | (chosen(domain, check.total) if check.total else False)]


def _other(domain: pd.DataFrame, totals: pd.DataFrame) -> pd.DataFrame:
    """All that is neither the total nor of which: observations, or where there are none, other totals."""
    parts = domain[~domain.index.isin(totals.index)]
    return parts[parts["role"].isin([Bucket.OBSERVATION.value, Bucket.TOTAL.value])]


def _others(own: pd.DataFrame, layout: TableLayout, varied: list[str]) -> list[str]:
    """Columns of the headings that must be equal in a total and its parts.

    Of two columns of row labels, as in two languages, the second varies with the first.
    """
    rows = [h.name for h in layout.rows]
    parallel = rows if set(rows) & set(varied) and _parallel(own, rows, varied) else []
    names = [n for n in headings(own, layout) if n not in varied and n not in parallel]
    return [column(n) for n in names]


def _parallel(own: pd.DataFrame, rows: list[str], varied: list[str]) -> bool:
    """Whether the row labels that vary decide all other row labels."""
    keys = [column(n) for n in rows if n in varied]
    others = [column(n) for n in rows if n not in varied and column(n) in own.columns]
    lines = own.drop_duplicates(["sheet", "row"])
    return bool(others) and not lines.duplicated(["sheet", *keys]).any()


def headings(figures: pd.DataFrame, layout: TableLayout) -> list[str]:
    """Names of the printed headings of a table, without levels, parents and what rules derive."""
    names = [h.name for h in layout.rows] + [n for n in layout.columns if n]
    names += ["column"] if not layout.columns else []
    names += [layout.blocks.name] if layout.blocks else []
    names += list(layout.set)
    names += [n for c in layout.cells for p in c.parts for n in p if n != "bucket"]
    derived = {n for r in layout.rules for n in r.set} - {h.name for h in layout.rows} - set(layout.columns)
    return [n for n in dict.fromkeys(["sheet", *names]) if column(n) in figures.columns and n not in derived]


def _grouped(frame: pd.DataFrame, others: list[str]) -> Any:
    if not others:
        return [((), frame)] if len(frame) else []
    return frame.groupby(others, sort=False, dropna=False)


def _amounts(frame: pd.DataFrame) -> pd.Series[float]:
    import pandas as pd

    return pd.to_numeric(frame["value"], errors="coerce") * 10.0 ** frame["multiplier"].astype("float64")


def _compare(check: Check, total: pd.Series[Any], parts: pd.DataFrame, verdicts: Verdicts, file: str) -> None:
    amount = (
        float(total["value"]) * 10.0 ** float(total["multiplier"])
        if total["value"] == total["value"]
        else None
    )
    if not check.parts and not check.tree and (parts["role"] == Bucket.OBSERVATION.value).any():
        parts = parts[parts["role"] == Bucket.OBSERVATION.value]
    amounts = _amounts(parts)
    if amount is None or parts.empty or amounts.notna().sum() == 0:
        return
    complete = bool(amounts.notna().all())
    summed = round(float(amounts.sum()), 6)
    units = [float(total["unit"]), *parts["unit"].astype("float64")]
    if check.rounding:
        units = [float(check.rounding)] * len(units)
    slack = 0.5 * sum(units) + 1e-6
    difference = summed - amount
    equal = abs(difference) <= slack
    at_most = check.relation == "at_most" or not complete
    agrees = difference <= slack if at_most else equal
    verdicts.touched |= set(parts.index)
    if complete or equal or not agrees:
        for index in [total.name, *parts.index[parts["role"] != Bucket.OBSERVATION.value]]:
            verdicts.judge(index, agrees)
    if not agrees:
        verdicts.findings.append(_finding(check, total, parts, summed, amount, at_most, file))


def _compare_constant(check: Check, parts: pd.DataFrame, verdicts: Verdicts, file: str, key: Any) -> None:
    amounts = _amounts(parts)
    if not amounts.notna().all():
        return
    slack = 0.5 * float(parts["unit"].sum()) + 1e-6
    verdicts.touched |= set(parts.index)
    agrees = abs(float(amounts.sum()) - float(check.constant)) <= slack
    for index in parts.index:
        verdicts.judge(index, agrees)
    if not agrees:
        verdicts.findings.append(
            _finding(check, parts.iloc[0], parts, float(amounts.sum()), float(check.constant), False, file)
        )


def _run_tree(domain: pd.DataFrame, layout: TableLayout, check: Check, verdicts: Verdicts, file: str) -> None:
    """Each label against the sum of those one level below it."""
    name, parent, level = (column(f"{check.tree}{end}") for end in ("", ".parent", ".level"))
    if parent not in domain.columns:
        return
    others = _others(domain, layout, [check.tree])
    for _, group in _grouped(domain, others):
        for index, row in group.iterrows():
            below = group[(group[parent] == row[name]) & (group["row"] > row["row"])]
            below = below[below[level].astype("float64") > float(row[level])]
            if len(below):
                _compare(check, domain.loc[index], below, verdicts, file)


def _finding(
    check: Check,
    total: pd.Series[Any],
    parts: pd.DataFrame,
    summed: float,
    amount: float,
    at_most: bool,
    file: str,
) -> Finding:
    cells = ", ".join(parts["cell"].astype("str").head(12)) + (", ..." if len(parts) > 12 else "")
    word = "at most" if at_most else "equal to"
    return Finding(
        "total-differs",
        Severity.WARNING,
        f"The parts sum to {_shown(summed)}, the total is {_shown(amount)}: "
        f"difference {_shown(summed - amount, True)}.",
        place=Place(file, str(total["sheet"]), str(total["cell"])),
        component="OBS_VALUE",
        read=str(total["text"]),
        expected=f"the sum of {cells} {word} it (line {check.line} of the mapping)",
        mend="ask the publisher, or say in the mapping what is not a part",
        affects=f"1 total and {len(parts)} parts; all are written as printed",
    )


def _shown(number: float, signed: bool = False) -> str:
    text = f"{number:+,.6f}" if signed else f"{number:,.6f}"
    return text.rstrip("0").rstrip(".").replace(",", " ")
