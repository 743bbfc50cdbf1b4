"""Checks of sums: totals against their parts, hierarchies by indent, shares that add up to 100."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.checks.sections import SECTION, sections
from ilms_sdmx.conversion.figures.rules import chosen
from ilms_sdmx.findings import Finding, Place, Severity
from ilms_sdmx.mapping.layout import GIVEN, Bucket, Check, TableLayout, column

if TYPE_CHECKING:
    import pandas as pd

#: Roles of figures that sums are made of, unless a check names others.
SUMMED = (Bucket.OBSERVATION.value, Bucket.TOTAL.value, Bucket.OF_WHICH.value)


@dataclass
class Verdicts:
    """What checks said: index of each total checked, whether it agrees, the parts compared, and the findings.

    A total whose parts are incomplete, or not printed, is not checked. `exact` holds the figures that had to
    fit; the others had to be no larger than something.
    """

    agree: dict[Any, bool] = field(default_factory=dict)
    touched: list[pd.Index] = field(default_factory=list)
    exact: list[pd.Index] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def covered(self) -> pd.Index:
        """Index of the figures that any comparison used."""
        import pandas as pd

        every: pd.Index = pd.Index([*self.agree]).append(self.touched).unique()
        return every

    def judge(self, index: Any, agrees: bool) -> None:
        """Note one comparison; a figure agrees if all its comparisons do."""
        self.agree[index] = self.agree.get(index, True) and agrees

    def judge_all(self, indices: Any, agree: Any) -> None:
        """Note many comparisons."""
        for index, agrees in zip(indices, agree, strict=True):
            self.judge(index, bool(agrees))


def run_checks(figures: pd.DataFrame, layouts: tuple[TableLayout, ...], file: str) -> Verdicts:
    """Every check of every table."""
    verdicts = Verdicts()
    for layout in layouts:
        if layout.checks and len(own := _of_table(figures, layout)):
            for check in layout.checks:
                _run(own, layout, check, verdicts, file)
    return verdicts


def _of_table(figures: pd.DataFrame, layout: TableLayout) -> pd.DataFrame:
    """Figures of one table with what checks need: headings, place, and `amount` in units of one."""
    if not len(figures):
        return figures
    named = [n for n in figures.columns if n.startswith(":")]
    own = (figures["table"] == layout.name).to_numpy()
    needed = figures[[*GIVEN, *named, "cell", "row", "text", "role", "unit"]]
    needed = needed.assign(amount=amounts_of(figures))
    return needed if own.all() else needed[own]


def _run(
    own: pd.DataFrame, layout: TableLayout, check: Check, verdicts: Verdicts, file: str
) -> None:
    domain = own[chosen(own, check.where)]
    if not check.where:
        domain = domain[domain["role"].isin(SUMMED) | domain.index.isin(_named(domain, check))]
    domain = domain[~domain["role"].isin([Bucket.IGNORE.value])]
    if check.tree:
        _run_tree(domain, layout, check, verdicts, file)
        return
    every = domain[chosen(domain, check.total)] if check.total else domain.iloc[:0]
    inner = every["role"] == Bucket.OF_WHICH.value
    for totals in (
        (every[~inner], every[inner]) if not check.parts and inner.any() else (every,)
    ):
        _run_sums(own, domain, totals, layout, check, verdicts, file)


def _run_sums(
    own: pd.DataFrame,
    domain: pd.DataFrame,
    totals: pd.DataFrame,
    layout: TableLayout,
    check: Check,
    verdicts: Verdicts,
    file: str,
) -> None:
    """Compare totals with all figures beside them, or with the parts that the check names."""
    parts = domain[chosen(domain, check.parts)] if check.parts else _other(domain, totals)
    others = unvaried(own, layout, [*check.total, *check.parts])
    if check.constant:
        _compare_constant(check, line_up(parts.iloc[:0], parts, others)[1], verdicts, file)
        return
    if check.rows:
        totals, parts = sections(totals, parts, check.rows)
        others = [*others, SECTION]
    totals, parts = line_up(totals, parts, others)
    if not check.parts:
        parts = _observations_first(parts, _called(parts, layout, check))
    _compare(check, totals, parts, verdicts, file)


def line_up(
    left: pd.DataFrame, right: pd.DataFrame, others: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both frames with the number of their group: equal where all other headings are equal."""
    import pandas as pd

    if not others:
        return left.assign(group=0), right.assign(group=0)
    both = pd.concat([left[others], right[others]])
    numbers = both.groupby(others, sort=False, dropna=False).ngroup().to_numpy()
    return left.assign(group=numbers[: len(left)]), right.assign(group=numbers[len(left) :])


def _observations_first(parts: pd.DataFrame, called: Any) -> pd.DataFrame:
    """Parts of each group: its observations, or where it has none all but the subtotals."""
    plain = parts["role"] == Bucket.OBSERVATION.value
    with_plain = parts["group"].isin(parts.loc[plain, "group"])
    lowest = ~with_plain & ~called
    with_lowest = parts["group"].isin(parts.loc[lowest, "group"])
    kept: pd.DataFrame = parts[plain | lowest | ~(with_plain | with_lowest)]
    return kept


def _called(parts: pd.DataFrame, layout: TableLayout, check: Check) -> Any:
    """Figures that a rule calls totals or parts of parts by the very headings that a check varies.

    In a column of totals every figure is a total; the subtotals of regions are still none of the parts.
    """
    import numpy as np

    buckets = {Bucket.TOTAL.value, Bucket.OF_WHICH.value}
    rules = [
        r for r in layout.rules if r.bucket in buckets and r.where.keys() <= check.total.keys()
    ]
    return np.logical_or.reduce([chosen(parts, r.where) for r in rules], axis=0) | np.zeros(
        len(parts), bool
    )


def _named(domain: pd.DataFrame, check: Check) -> Any:
    """Figures of any role that a check names by label on both sides."""
    if not check.parts:
        return []
    return domain.index[
        chosen(domain, check.parts) | (chosen(domain, check.total) if check.total else False)
    ]


def _other(domain: pd.DataFrame, totals: pd.DataFrame) -> pd.DataFrame:
    """All that is neither the total nor of which: observations, or where there are none, other totals.

    Where every total is itself of which (all women, of all workers), so are its parts.
    """
    parts = domain[~domain.index.isin(totals.index)]
    of_which = Bucket.OF_WHICH.value
    if len(totals) and (totals["role"] == of_which).all():
        return parts[parts["role"] == of_which]
    return parts[parts["role"].isin([Bucket.OBSERVATION.value, Bucket.TOTAL.value])]


def unvaried(own: pd.DataFrame, layout: TableLayout, varied: list[str]) -> list[str]:
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
    derived = (
        {n for r in layout.rules for n in r.set}
        - {h.name for h in layout.rows}
        - set(layout.columns)
    )
    return [
        n
        for n in dict.fromkeys(["sheet", *names])
        if column(n) in figures.columns and n not in derived
    ]


def amounts_of(frame: pd.DataFrame) -> pd.Series[float]:
    """Values in units of one."""
    import numpy as np
    import pandas as pd

    numbers, distinct = pd.factorize(frame["value"])
    amounts = pd.to_numeric(pd.Series(distinct), errors="coerce").astype("float64")
    values = np.append(amounts.to_numpy(), np.nan)
    powers = frame["multiplier"].to_numpy("float64")
    return pd.Series(values.take(numbers) * 10.0**powers, index=frame.index)


def _compare(
    check: Check, totals: pd.DataFrame, parts: pd.DataFrame, verdicts: Verdicts, file: str
) -> None:
    """Compare every total with the sum of the parts of its group."""
    sums = _sums(check, parts)
    lined = totals[totals["amount"].notna() & totals["group"].isin(sums.index)]
    if lined.empty:
        return
    amounts = lined["amount"]
    found = sums.loc[lined["group"]].set_axis(lined.index)
    units = float(check.rounding) if check.rounding else lined["unit"].astype("float64")
    slack = 0.5 * (found["unit"] + units) + 1e-6
    difference = (found["amount"] - amounts).round(6)
    equal = difference.abs() <= slack
    bounded = (check.relation == "at_most") | (found["missing"] > 0)
    agrees = equal.where(~bounded, difference <= slack)
    judged = (found["missing"] == 0) | equal | ~agrees
    verdicts.judge_all(lined.index[judged], agrees[judged])
    verdicts.touched.append(parts.index[parts["group"].isin(lined["group"])])
    fitted = lined[~bounded]
    verdicts.exact += [fitted.index, parts.index[parts["group"].isin(fitted["group"])]]
    marked = parts[
        (parts["role"] != Bucket.OBSERVATION.value)
        & parts["group"].isin(lined.loc[judged, "group"])
    ]
    by_group = agrees[judged].groupby(lined.loc[judged, "group"]).all()
    verdicts.judge_all(marked.index, marked["group"].map(by_group).astype("bool"))
    for index in lined.index[~agrees]:
        group = parts[parts["group"] == lined.loc[index, "group"]]
        numbers = (float(found.loc[index, "amount"]), float(amounts.loc[index]))
        verdicts.findings.append(
            _finding(check, lined.loc[index], group, *numbers, bool(bounded.loc[index]), file)
        )


def _sums(check: Check, parts: pd.DataFrame) -> pd.DataFrame:
    """Sum, number of missing parts and units of rounding of each group that has any amount."""
    import pandas as pd

    amounts = parts["amount"]
    units = (
        pd.Series(float(check.rounding), index=parts.index)
        if check.rounding
        else parts["unit"].astype("float64")
    )
    frame = pd.DataFrame(
        {"amount": amounts, "missing": amounts.isna().astype("int64"), "unit": units}
    )
    sums = frame.groupby(parts["group"]).sum()
    return sums[amounts.notna().groupby(parts["group"]).any()]


def _compare_constant(check: Check, parts: pd.DataFrame, verdicts: Verdicts, file: str) -> None:
    for _, group in parts.groupby("group", sort=False):
        amounts = group["amount"]
        if not amounts.notna().all():
            continue
        agrees = (
            abs(float(amounts.sum()) - float(check.constant))
            <= 0.5 * float(group["unit"].sum()) + 1e-6
        )
        verdicts.touched.append(group.index)
        verdicts.exact.append(group.index)
        for index in group.index:
            verdicts.judge(index, agrees)
        if not agrees:
            numbers = (float(amounts.sum()), float(check.constant))
            verdicts.findings.append(
                _finding(check, group.iloc[0], group, *numbers, False, file)
            )


def _run_tree(
    domain: pd.DataFrame, layout: TableLayout, check: Check, verdicts: Verdicts, file: str
) -> None:
    """Compare each label with the sum of those one level below it."""
    name, parent = column(check.tree), column(f"{check.tree}.parent")
    if parent not in domain.columns:
        return
    others = unvaried(domain, layout, [check.tree])
    totals = domain[domain[name].isin(domain[parent])].assign(node=lambda d: d[name])
    parts = domain[domain[parent] != ""].assign(node=lambda d: d[parent])
    _compare(check, *line_up(totals, parts, [*others, "node"]), verdicts, file)


def _finding(
    check: Check,
    total: pd.Series[Any],
    parts: pd.DataFrame,
    summed: float,
    amount: float,
    at_most: bool,
    file: str,
) -> Finding:
    cells = ", ".join(parts["cell"].astype("str").head(12)) + (
        ", ..." if len(parts) > 12 else ""
    )
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
        fix="ask the publisher, or say in the mapping what is not a part",
        affects=f"1 total and {len(parts)} parts; all are written as printed",
    )


def _shown(number: float, signed: bool = False) -> str:
    text = f"{number:+,.6f}" if signed else f"{number:,.6f}"
    return text.rstrip("0").rstrip(".").replace(",", " ")
