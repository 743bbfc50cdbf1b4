"""Rules between tables: one total in all of them, order and identities of measures, rates recomputed."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from ilms_sdmx import _files
from ilms_sdmx.findings import Finding
from ilms_sdmx.validation.coded import Array
from ilms_sdmx.validation.pool import Pool
from ilms_sdmx.validation.raising import LISTED, finding, number

_OPERAND = re.compile(r"(\w+)(?:\[([\w-]+)\])?")
_BLUR = 1e-6


@dataclass(frozen=True)
class Identity:
    """Row of `dsd/rules/identities.csv`: operands are a measure and, where given, one code of it."""

    rule: str
    operands: tuple[tuple[str, str], ...]
    operator: str
    text: str
    note: str


@cache
def identities() -> tuple[Identity, ...]:
    """Identities between measures that `dsd/` states."""
    with (_files.dsd() / "rules" / "identities.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Identity(
                row["rule"],
                tuple((m, c or "") for m, c in _OPERAND.findall(f"{row['left']} {row['right']}")),
                row["operator"],
                f"{row['left']} {'=' if row['operator'] == '/' else row['operator']} {row['right']}",
                row["note"],
            )
            for row in csv.DictReader(file)
        )


def table_findings(pool: Pool, touched: list[Array]) -> Iterator[Finding]:
    """Findings between tables; rows that took part are set in `touched`, one mask a table."""
    yield from _totals(pool, touched)
    for identity in identities():
        yield from _identity(pool, identity, touched)


def _touch(pool: Pool, entries: Array, touched: list[Array]) -> None:
    for number_of, mask in enumerate(touched):
        mask[pool.row[entries[pool.table[entries] == number_of]]] = True


def _totals(pool: Pool, touched: list[Array]) -> Iterator[Finding]:
    """One quantity that stands in several tables or versions has one value."""
    mixed = pool.sign + np.uint64(0x9E3779B97F4A7C15) * (pool.measure + 1).astype(np.uint64)
    order = np.argsort(mixed, kind="stable")
    ordered = mixed[order]
    start = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])) if len(order) else np.array([], int)
    length = np.diff(np.append(start, len(order)))
    start, length = start[length > 1], length[length > 1]
    if not len(start):
        return
    inside = np.repeat(start, length) + np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    entries = order[inside]
    _touch(pool, entries, touched)
    edges = np.cumsum(length) - length
    spread = np.maximum.reduceat(pool.value[entries], edges) - np.minimum.reduceat(pool.value[entries], edges)
    unit = np.maximum.reduceat(pool.unit[entries], edges)
    for group in np.flatnonzero(spread > unit * (1 + _BLUR))[:LISTED].tolist():
        yield _total(pool, np.sort(entries[edges[group] : edges[group] + length[group]]))


def _total(pool: Pool, entries: Array) -> Finding:
    """The odd one out of three or more, else the last."""
    values = np.round(pool.value[entries], 9)
    odd = int(np.argmax(np.abs(values - np.median(values)))) if len(entries) > 2 else len(entries) - 1
    others = [int(e) for e in entries if e != entries[odd]]
    table, row = pool.where(int(entries[odd]))
    said = ", ".join(f"{_text(pool, e)} in {pool.where(e)[0].name}" for e in others)
    sources = {pool.where(int(e))[0].text("SOURCE", pool.where(int(e))[1]) for e in entries} - {""}
    different = f"the tables name different sources: {'; '.join(sorted(sources))}" if len(sources) > 1 else ""
    return finding(
        "table-total",
        f"The same total is {_text(pool, int(entries[odd]))} here and {said}.",
        table.place(row),
        read=_text(pool, int(entries[odd])),
        expected=_text(pool, others[0]),
        cause=different,
        mend="Take all tables from one source and vintage, or explain the difference in a note.",
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
    wrong = difference > tolerance if identity.operator == "<=" else np.abs(difference) > tolerance
    for place in np.flatnonzero(wrong)[:LISTED].tolist():
        yield _broken(pool, identity, [int(c[place]) for c in columns], float(difference[place]))


def _difference(pool: Pool, operator: str, columns: list[Array]) -> tuple[Array, Array]:
    """Left less right side, and what rounding allows."""
    value = [pool.value[c] for c in columns]
    unit = [pool.unit[c] for c in columns]
    if operator == "/":
        left, above, below = value
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = 100 * above / below
            blur = 100 * (0.5 * unit[1] + np.abs(rate / 100) * 0.5 * unit[2]) / np.abs(below)
        return left - rate, (0.5 * unit[0] + blur) * (1 + _BLUR)
    right = np.sum(value[1:], axis=0)
    return value[0] - right, 0.5 * np.sum(unit, axis=0) * (1 + _BLUR)


def _broken(pool: Pool, identity: Identity, entries: list[int], difference: float) -> Finding:
    table, row = pool.where(entries[0])
    parts = ", ".join(f"{m} {_text(pool, e)}" for (m, _), e in zip(identity.operands, entries, strict=True))
    scale = 1.0 if pool.scaled else float(table.figures.scales[row])
    expected = number((float(pool.value[entries[0]]) - difference) * scale, table, row)
    return finding(
        identity.rule,
        f"{identity.note}: {identity.text}, but {parts}.",
        table.place(row),
        component="MEASURE",
        read=_text(pool, entries[0]),
        expected=f"at most {expected}" if identity.operator == "<=" else expected,
        mend="Compare the two tables with their source: coverage, reference period and unit must agree.",
        affects=", ".join(pool.where(e)[0].name for e in entries[1:]),
    )

