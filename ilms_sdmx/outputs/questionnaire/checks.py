"""Sums that the form checks while a person types, as formulas of the sheet.

They are the sums of `dsd/aggregations.csv`, with the rounding that `ilms_sdmx.sums` allows:
half the last decimal of each figure and of the total.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from ilms_sdmx.outputs.questionnaire.forms import FormTable
from ilms_sdmx.outputs.questionnaire.plans import Placed, SheetPlan
from ilms_sdmx.structures.sums import PARTNERS, additive, rules
from ilms_sdmx.sums.steps import LEAST_ROUNDED
from ilms_sdmx.tables.addresses import address, position

#: What a check shows of a sum that holds; what it shows of another begins with `parts`.
HOLDS = "ok"
_BROKEN = "parts"
#: Share of figures that must show a decimal before all are taken to have it: `validate`'s.
_TYPICAL = 0.4
#: Zeros that whole numbers may share.
_MOST_ZEROS = 6
#: Decimals of a figure that make a difference: thousands with three are single persons.
_DECIMALS = 3


@dataclass(frozen=True)
class LiveSum:
    """One total and its parts, as cells or ranges of cells.

    Parameters
    ----------
    total
        Cell of the total.
    required
        Cells of parts without which the list is not complete.
    optional
        Cells or ranges of parts that may be empty.
    """

    total: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()

    def formula(self, precision: Precision) -> str:
        """Formula that is empty, `ok`, or says what the parts sum to."""
        required = _ranges(self.required)
        parts = _ranges([*self.required, *self.optional])
        listed = ",".join(parts)
        steps = "+".join(_step(cells, precision) for cells in (self.total, *parts))
        complete = f"COUNT({','.join(required)})={len(self.required)}"
        above = f"SUM({listed})-{self.total}"
        difference = f"IF({complete},ABS({above}),{above})"
        words = f'"{_BROKEN} "&ROUND(SUM({listed}),6)&", total "&{self.total}'
        holds = f'IF({complete},"{HOLDS}","")'
        judged = f"IF({difference}<=({steps})/2*1.000001,{holds},{words})"
        return f'=IF(COUNT({self.total})*COUNT({listed})=0,"",{judged})'


@dataclass(frozen=True)
class SameTotal:
    """The total of a table and that of another table of the same measure.

    Parameters
    ----------
    total, other
        Cell of the total, and cell of the other total on its own sheet.
    sheet
        Name of the other sheet.
    """

    total: str
    other: str
    sheet: str

    def formula(self, precision: Precision, other: Precision) -> str:
        """Formula that is empty, `ok`, or says what the other total is."""
        there = f"'{self.sheet}'!{self.other}"
        elsewhere = Precision(f"'{self.sheet}'!{other.usual}", f"'{self.sheet}'!{other.zeros}")
        steps = f"{_step(self.total, precision)}+{_step(there, elsewhere)}"
        agrees = f"ABS({self.total}-{there})<=({steps})/2*1.000001"
        words = f'"{_BROKEN} of {self.sheet}: "&{there}'
        judged = f'IF({agrees},"{HOLDS}",{words})'
        return f'=IF(COUNT({self.total})*COUNT({there})=0,"",{judged})'


def same_totals(plan: SheetPlan, first: SheetPlan) -> list[SameTotal]:
    """Totals of a table next to those of the first table that counts the same persons."""
    here, there = _total_row(plan), _total_row(first)
    pairs = []
    for column, form in zip(plan.columns, plan.table.columns, strict=True):
        other = first.column_of(form.codes)
        if other:
            cells = address(here, column), address(there, other)
            pairs.append(SameTotal(*cells, first.table.sheet))
    return pairs


def counts_the_same(plan: SheetPlan, other: SheetPlan) -> bool:
    """Whether two tables have one measure, and one way to tell migrants."""
    if not _adds_up(plan.table):
        return False
    measures = {each.table.fixed.get("MEASURE") for each in (plan, other)}
    dimensions = {tuple(each.table.columns[0].codes) for each in (plan, other)}
    return len(measures) == 1 and len(dimensions) == 1


def _total_row(plan: SheetPlan) -> int:
    """Row of the first total."""
    for placed in plan.rows:
        if all(code.endswith("_TOTAL") for code in placed.row.codes.values()):
            return placed.number
    return plan.rows[0].number


@dataclass(frozen=True)
class Precision:
    """Cells of a sheet that say how its figures are rounded.

    As `validate` judges a block of figures: to the decimals that at least four in ten of them
    show, and to the zeros that all of at least eight whole numbers share.

    Parameters
    ----------
    usual
        Absolute address of the cell of the step that is usual.
    zeros
        Absolute address of the cell by which whole numbers that all end in zeros are rounded.
    """

    usual: str
    zeros: str


def usual_step(ranges: Sequence[str]) -> str:
    """Formula of the step to which at least four in ten of the figures are given."""
    count = f"COUNT({','.join(ranges)})"
    formula = "1"
    for decimals in range(1, _DECIMALS + 1):
        shown = "+".join(_uneven(cells, decimals - 1) for cells in ranges)
        formula = f"IF(({shown})>={_TYPICAL:g}*{count},{10.0**-decimals:g},{formula})"
    return f"=IF({count}=0,1,{formula})"


def shared_zeros_step(ranges: Sequence[str]) -> str:
    """Formula of the power of ten of which all whole numbers of a sheet are multiples."""
    others = "+".join(f'COUNTIF({cells},"<>0")-COUNTBLANK({cells})' for cells in ranges)
    fractions = "+".join(_uneven(cells, 0) for cells in ranges)
    powers = []
    for power in range(1, _MOST_ZEROS + 1):
        uneven = "+".join(_uneven(cells, -power) for cells in ranges)
        powers.append(f"(({uneven})=0)")
    return f"=IF(OR(({fractions})>0,({others})<{LEAST_ROUNDED}),1,10^({'+'.join(powers)}))"


def broken_in(cells: str) -> str:
    """Part of a formula that counts the broken sums in a range of checks."""
    return f'COUNTIF({cells},"{_BROKEN}*")'


def _uneven(cells: str, decimals: int) -> str:
    """How many figures of a range have more decimals; a negative number counts zeros."""
    return f"SUMPRODUCT(ISNUMBER({cells})*({cells}<>ROUND({cells},{decimals})))"


def _step(cells: str, precision: Precision) -> str:
    """Rounding steps of the figures of a cell or range, added up."""
    step = "1"
    share = 0.9
    for decimals in range(_DECIMALS):
        step += f"-{share:g}*({cells}<>ROUND({cells},{decimals}))"
        share = round(share / 10, 6)
    # The smaller of two numbers for each cell of a range: MIN would give one for all.
    smaller = f"({step}+{precision.usual}-ABS({step}-{precision.usual}))/2"
    return f"SUMPRODUCT(ISNUMBER({cells})*{smaller})*{precision.zeros}"


def _ranges(cells: Sequence[str]) -> list[str]:
    """Cells with neighbours below each other joined, so that formulas stay short."""
    joined: list[list[str]] = []
    for cell in cells:
        if joined and ":" not in cell and _is_below(cell, joined[-1][-1]):
            joined[-1].append(cell)
        else:
            joined.append([cell])
    return [part[0] if len(part) == 1 else f"{part[0]}:{part[-1]}" for part in joined]


def _is_below(cell: str, above: str) -> bool:
    if ":" in above:
        return False
    row, column = position(above)
    return position(cell) == (row + 1, column)


def sums_of_row(plan: SheetPlan, number: int) -> list[LiveSum]:
    """Sums across one row: by sex for each status, by status for each sex."""
    if not _adds_up(plan.table):
        return []
    sums = []
    for dimension in plan.table.columns[0].codes:
        others: list[dict[str, str]] = []
        for column in plan.table.columns:
            rest = {name: code for name, code in column.codes.items() if name != dimension}
            if rest not in others:
                others.append(rest)
        for rest in others:
            for total, required, optional in _rules(dimension):
                cells = _cells_across(plan, number, dimension, rest)
                live = _live(cells, total, required, optional)
                if live is not None:
                    sums.append(live)
    return sums


def titles_of_rows(plan: SheetPlan) -> list[str]:
    """What each check of a row compares, in the order of `sums_of_row`."""
    if not plan.rows:
        return []
    names = {"SEX": "Men + women", "CBR": "Native + foreign-born", "CCT": "Citizens + others"}
    titles = []
    for live in sums_of_row(plan, plan.rows[0].number):
        column = plan.table.columns[plan.columns.index(_column(live.total))]
        part = plan.table.columns[plan.columns.index(_column(live.required[0]))]
        changed = [name for name, code in column.codes.items() if part.codes[name] != code]
        rest = [
            label
            for (name, _), label in zip(column.codes.items(), column.labels, strict=True)
            if name not in changed
        ]
        title = names.get(changed[0], changed[0])
        titles.append(", ".join([title, *rest]))
    return titles


def _column(cell: str) -> int:
    return position(cell)[1]


def _cells_across(
    plan: SheetPlan, number: int, dimension: str, rest: Mapping[str, str]
) -> dict[str, str]:
    """Cell of each code of a dimension in one row, the others being given."""
    cells = {}
    for column, form in zip(plan.columns, plan.table.columns, strict=True):
        if {**rest, dimension: form.codes[dimension]} == dict(form.codes):
            cells[form.codes[dimension]] = address(number, column)
    return cells


def sums_of_columns(plan: SheetPlan) -> list[tuple[str, list[LiveSum]]]:
    """Sums down the columns: what is compared, and the sum of each column of figures."""
    if not _adds_up(plan.table):
        return []
    if plan.table.partner:
        return [("Countries + other countries", list(_sums_of_countries(plan)))]
    dimension = list(plan.table.rows[0].codes)[-1]
    lines = []
    for total, required, optional in _rules(dimension):
        sums = []
        for column in plan.columns:
            cells = {}
            for placed in plan.rows:
                code = placed.row.codes[dimension]
                cells[code] = address(placed.number, column)
            live = _live(cells, total, required, optional)
            if live is not None:
                sums.append(live)
        if sums:
            lines.append((_title(plan, dimension, total), sums))
    return lines


def _title(plan: SheetPlan, dimension: str, total: str) -> str:
    for placed in plan.rows:
        if placed.row.codes[dimension] == total:
            return f"Parts of {placed.row.label}, {placed.row.group}".rstrip(", ")
    return "Parts"


def _sums_of_countries(plan: SheetPlan) -> Iterator[LiveSum]:
    """The total against the chosen countries, the others and the whole list."""
    partner = plan.table.partner
    prefix = PARTNERS[f"CL_{partner}"]
    number_of = {placed.row.codes[partner]: placed.number for placed in plan.rows}
    picked = [placed.number for placed in plan.rows if placed.row.is_picked]
    listed = _listed(plan.rows)
    for column in plan.columns:
        picks = f"{address(picked[0], column)}:{address(picked[-1], column)}"
        whole = f"{address(listed[0], column)}:{address(listed[-1], column)}"
        total = address(number_of[f"{prefix}_TOTAL"], column)
        others = address(number_of[f"{prefix}_X"], column)
        yield LiveSum(total, (others,), (picks, whole))


def _listed(rows: Sequence[Placed]) -> list[int]:
    """Rows of the full list, which are behind the row of other countries."""
    last_pick = max(placed.number for placed in rows if placed.row.is_picked)
    return [placed.number for placed in rows if placed.number > last_pick + 1]


def _adds_up(table: FormTable) -> bool:
    """Whether parts of a table sum to a total; of other structures nobody knows."""
    return not table.is_foreign and additive(table.dataflow)


@cache
def _rules(dimension: str) -> tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]:
    """Total, required and optional parts inside each version of a classification."""
    totals: dict[tuple[str, str], dict[str, list[str]]] = {}
    for rule in rules():
        of_version = rule.total.startswith(f"{rule.version}_") and rule.part.startswith(
            f"{rule.version}_"
        )
        if rule.codelist != f"CL_{dimension}" or rule.relation != "sum" or not of_version:
            continue
        parts = totals.setdefault((rule.version, rule.total), {"N": [], "Y": []})
        parts[rule.optional or "N"].append(rule.part)
    made = []
    for (_, total), parts in totals.items():
        made.append((total, tuple(parts["N"]), tuple(parts["Y"])))
    return tuple(made)


def _live(
    cells: Mapping[str, str], total: str, required: Sequence[str], optional: Sequence[str]
) -> LiveSum | None:
    """Sum of cells of the form; None where the form lacks the total or a part."""
    if total not in cells or any(part not in cells for part in required):
        return None
    return LiveSum(
        cells[total],
        tuple(cells[part] for part in required),
        tuple(cells[part] for part in optional if part in cells),
    )
