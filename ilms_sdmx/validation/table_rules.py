"""Rules between tables: one total in all of them, order and identities of measures, rates recomputed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from ilms_sdmx.findings import Finding
from ilms_sdmx.sums import agrees, allowance, exceeds
from ilms_sdmx.validation.coded import Array
from ilms_sdmx.validation.coded.pool import Pool, totals
from ilms_sdmx.validation.raising import LISTED, finding, number

_KINDS = {
    "sum": ("table-identity", "="),
    "equal": ("table-identity", "="),
    "at_most": ("table-order", "<="),
    "ratio": ("rate", "/"),
}
#: Order in which the sides of an identity are written, the one that is told of first.
_SIDES = {"at_most": ("part", "total"), "ratio": ("total", "numerator", "denominator")}


@dataclass(frozen=True)
class Identity:
    """Identity between measures, whatever tables they stand in.

    `operands` are pairs of a measure and, where it is taken at one class only, the code of the class.
    """

    rule: str
    operator: str
    operands: tuple[tuple[str, str], ...]
    note: str

    @property
    def text(self) -> str:
        """The identity as a formula."""
        left, *right = (f"{m}[{c}]" if c else m for m, c in self.operands)
        sign = {"=": " = ", "<=": " <= ", "/": " = 100 * "}[self.operator]
        return left + sign + (" / " if self.operator == "/" else " + ").join(right)


@cache
def identities() -> tuple[Identity, ...]:
    """Identities of `structures.identities`, each once; those within one measure are sums already."""
    from ilms_sdmx import structures

    found: dict[tuple[object, ...], Identity] = {}
    for _, terms in structures.identities().groupby("identity", sort=False):
        relation = str(terms["relation"].iloc[0])
        rule, operator = _KINDS[relation]
        sides = _SIDES.get(relation, ("total", "part"))
        ordered = [t for side in sides for t in terms[terms["side"] == side].itertuples()]
        operands = tuple(_operand(str(t.dataflow), str(t.where)) for t in ordered)
        if len(set(operands)) == len(operands):
            found.setdefault(
                (operator, operands),
                Identity(rule, operator, operands, str(terms["note"].iloc[0])),
            )
    return tuple(found.values())


def _operand(dataflow: str, where: str) -> tuple[str, str]:
    """Measure of a dataflow, and the one code of `where` that is no total."""
    words = dataflow.split("_")
    pairs = [pair.split("=") for pair in where.split()]
    codes = [code for dimension, code in pairs if code not in totals(dimension)]
    return "_".join((words[0], words[1], words[-1])), codes[0] if codes else ""


def table_findings(pool: Pool, touched: list[Array]) -> Iterator[Finding]:
    """Check tables against each other; rows that took part are set in `touched`, one mask a table."""
    if len(pool.tables) > 1:
        yield from _totals(pool, touched)
    for identity in identities() if len(pool.measures) > 1 else ():
        yield from _identity(pool, identity, touched)


def _touch(pool: Pool, entries: Array, touched: list[Array]) -> None:
    for number_of, mask in enumerate(touched):
        mask[pool.row[entries[pool.table[entries] == number_of]]] = True


def _totals(pool: Pool, touched: list[Array]) -> Iterator[Finding]:
    """One quantity that stands in several tables or versions has one value."""
    mixed = pool.sign + np.uint64(0x9E3779B97F4A7C15) * (pool.measure + 1).astype(np.uint64)
    order = np.argsort(mixed, kind="stable")
    ordered = mixed[order]
    start = (
        np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
        if len(order)
        else np.array([], int)
    )
    length = np.diff(np.append(start, len(order)))
    start, length = start[length > 1], length[length > 1]
    if not len(start):
        return
    inside = (
        np.repeat(start, length)
        + np.arange(length.sum())
        - np.repeat(np.cumsum(length) - length, length)
    )
    entries, edges = order[inside], np.cumsum(length) - length
    table = pool.table[entries]
    across = np.maximum.reduceat(table, edges) > np.minimum.reduceat(table, edges)
    _touch(pool, entries[np.repeat(across, length)], touched)
    spread = np.maximum.reduceat(pool.value[entries], edges) - np.minimum.reduceat(
        pool.value[entries], edges
    )
    unit = np.maximum.reduceat(pool.unit[entries], edges)
    apart = across & exceeds(spread, allowance(2 * unit))
    for group in np.flatnonzero(apart)[:LISTED].tolist():
        yield _total(pool, np.sort(entries[edges[group] : edges[group] + length[group]]))


def _total(pool: Pool, entries: Array) -> Finding:
    """Report the odd one out of three or more, else the last."""
    values = np.round(pool.value[entries], 9)
    odd = (
        int(np.argmax(np.abs(values - np.median(values))))
        if len(entries) > 2
        else len(entries) - 1
    )
    others = [int(e) for e in entries if e != entries[odd]]
    table, row = pool.where(int(entries[odd]))
    said = ", ".join(f"{_text(pool, e)} in {pool.where(e)[0].name}" for e in others)
    sources = {pool.where(int(e))[0].text("SOURCE", pool.where(int(e))[1]) for e in entries} - {
        ""
    }
    different = (
        f"the tables name different sources: {'; '.join(sorted(sources))}"
        if len(sources) > 1
        else ""
    )
    return finding(
        "table-total",
        f"The same total is {_text(pool, int(entries[odd]))} here and {said}.",
        table.place(row),
        read=_text(pool, int(entries[odd])),
        expected=_text(pool, others[0]),
        cause=different,
        fix="Take all tables from one source and vintage, or explain the difference in a note.",
    )


def _text(pool: Pool, entry: int) -> str:
    table, row = pool.where(entry)
    return table.text(table.dataset.components.measures[0], row)


def _identity(pool: Pool, identity: Identity, touched: list[Array]) -> Iterator[Finding]:
    selected = [pool.select(*operand) for operand in identity.operands]
    common = selected[0][0]
    for sign, _ in selected[1:]:
        common = np.intersect1d(common, sign, assume_unique=True)
    if not len(common):
        return
    columns = [entries[np.searchsorted(sign, common)] for sign, entries in selected]
    for entries in columns:
        _touch(pool, entries, touched)
    difference, tolerance = _difference(pool, identity.operator, columns)
    if identity.operator == "<=":
        wrong = exceeds(difference, tolerance)
    else:
        wrong = np.isfinite(difference) & ~agrees(difference, tolerance)
    for place in np.flatnonzero(wrong)[:LISTED].tolist():
        yield _broken(
            pool, identity, [int(c[place]) for c in columns], float(difference[place])
        )


def _difference(pool: Pool, operator: str, columns: list[Array]) -> tuple[Array, Array]:
    """Left less right side, and what rounding allows."""
    value = [pool.value[c] for c in columns]
    unit = [pool.unit[c] for c in columns]
    if operator == "/":
        left, above, below = value
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = 100 * above / below
            step = 100 * (unit[1] + np.abs(rate / 100) * unit[2]) / np.abs(below)
        return left - rate, allowance(unit[0] + step)
    right = np.sum(value[1:], axis=0)
    return value[0] - right, allowance(np.sum(unit, axis=0))


def _broken(pool: Pool, identity: Identity, entries: list[int], difference: float) -> Finding:
    table, row = pool.where(entries[0])
    parts = ", ".join(
        f"{m} {_text(pool, e)}" for (m, _), e in zip(identity.operands, entries, strict=True)
    )
    scale = 1.0 if pool.scaled else float(table.figures.scale[row])
    expected = number((float(pool.value[entries[0]]) - difference) * scale, table, row)
    return finding(
        identity.rule,
        f"{identity.note}: {identity.text}, but {parts}.",
        table.place(row),
        component="MEASURE",
        read=_text(pool, entries[0]),
        expected=f"at most {expected}" if identity.operator == "<=" else expected,
        fix="Compare the two tables with their source: coverage, reference period and unit must agree.",
        affects=", ".join(pool.where(e)[0].name for e in entries[1:]),
    )
