"""Rules between tables: one total in all of them, order and identities of measures, rates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ilms_sdmx.findings import Finding, find, phrase
from ilms_sdmx.sums import agrees, allowance, exceeds
from ilms_sdmx.validation.arithmetic.identities import Identity, known_identities
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.pool import Pool, totals
from ilms_sdmx.validation.coded.table import Coded
from ilms_sdmx.validation.rules.listing import LISTED, number


@dataclass(frozen=True, eq=False)
class Repeats:
    """Quantities that several tables report.

    Parameters
    ----------
    entries
        Entries of the pool, those of one quantity together.
    start, length
        Where each quantity begins in `entries`, and how many entries it has.
    apart
        Whether its figures differ by more than rounding explains.
    """

    entries: Array
    start: Array
    length: Array
    apart: Array


@dataclass(frozen=True, eq=False)
class ComparedIdentity:
    """An identity between measures, compared wherever all its operands are reported.

    Parameters
    ----------
    identity
        The identity.
    columns
        Entries of the pool for each operand.
    difference
        Left less right side.
    wrong
        Whether rounding does not explain the difference.
    """

    identity: Identity
    columns: tuple[Array, ...]
    difference: Array
    wrong: Array


def compare_repeats(pool: Pool) -> Repeats:
    """Quantities that several tables, or versions of a classification, report."""
    entries, length = _repeated(pool)
    start = np.cumsum(length) - length
    if len(start):
        table = pool.table[entries]
        last_table = np.maximum.reduceat(table, start)
        first_table = np.minimum.reduceat(table, start)
        across = last_table > first_table
        entries = entries[np.repeat(across, length)]
        length = length[across]
        start = np.cumsum(length) - length
    apart = _apart(pool, entries, start)
    return Repeats(entries, start, length, apart)


def _repeated(pool: Pool) -> tuple[Array, Array]:
    """Entries of quantities that are there more than once, and how many each of them has."""
    if len(pool.tables) < 2:
        nothing = np.array([], dtype=np.int64)
        return nothing, nothing
    quantity = pool.quantity
    order = np.argsort(quantity, kind="stable")
    ordered = quantity[order]
    is_first = np.ones(len(order), dtype=bool)
    key_before = ordered[:-1]
    is_first[1:] = ordered[1:] != key_before
    start = np.flatnonzero(is_first)
    start_and_end = np.append(start, len(order))
    length = np.diff(start_and_end)
    is_repeated = length > 1
    entries = order[np.repeat(is_repeated, length)]
    return entries, length[is_repeated]


def _apart(pool: Pool, entries: Array, start: Array) -> Array:
    """Whether the figures of each quantity differ by more than rounding explains."""
    if not len(start):
        return np.array([], dtype=bool)
    value = pool.value[entries]
    unit = pool.unit[entries]
    greatest = np.maximum.reduceat(value, start)
    least = np.minimum.reduceat(value, start)
    largest_unit = np.maximum.reduceat(unit, start)
    steps = 2 * largest_unit
    allowed = allowance(steps)
    difference = greatest - least
    return np.asarray(exceeds(difference, allowed))


def compare_identities(pool: Pool) -> list[ComparedIdentity]:
    """Identities of measures, with the figures of all tables that report their operands."""
    if len(pool.measures) < 2:
        return []
    compared = []
    for identity in known_identities():
        columns = pool.matched(identity.operands)
        if len(columns[0]):
            difference, tolerance = _difference(pool, identity.operator, columns)
            wrong = _is_wrong(identity.operator, difference, tolerance)
            compared_identity = ComparedIdentity(identity, columns, difference, wrong)
            compared.append(compared_identity)
    return compared


def _difference(pool: Pool, operator: str, columns: Sequence[Array]) -> tuple[Array, Array]:
    """Left less right side, and what rounding allows."""
    values = [pool.value[column] for column in columns]
    units = [pool.unit[column] for column in columns]
    if operator == "/":
        return _difference_of_rate(values, units)
    left, *right = values
    difference = left - np.sum(right, axis=0)
    steps = np.sum(units, axis=0)
    return difference, allowance(steps)


def _difference_of_rate(values: Sequence[Array], units: Sequence[Array]) -> tuple[Array, Array]:
    """Rate less the one that its numerator and denominator give, and what rounding allows."""
    rate, above, below = values
    unit, unit_above, unit_below = units
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient = above / below
        recomputed = 100 * quotient
        step_of_below = np.abs(quotient) * unit_below
        steps = unit_above + step_of_below
        steps_in_percent = 100 * steps
        step = steps_in_percent / np.abs(below)
    allowed = allowance(unit + step)
    return rate - recomputed, allowed


def _is_wrong(operator: str, difference: Array, tolerance: Array) -> Array:
    if operator == "<=":
        return np.asarray(exceeds(difference, tolerance))
    is_right = agrees(difference, tolerance)
    is_wrong: Array = np.isfinite(difference) & ~is_right
    return is_wrong


def find_different_totals(pool: Pool, repeats: Repeats) -> Iterator[Finding]:
    """Findings of one total that has several values in the tables that report it."""
    different = np.flatnonzero(repeats.apart)
    for quantity in different[:LISTED].tolist():
        start = repeats.start[quantity]
        end = start + repeats.length[quantity]
        entries = np.sort(repeats.entries[start:end])
        yield _find_total(pool, entries.tolist())


def _find_total(pool: Pool, entries: list[int]) -> Finding:
    odd = _odd_one(pool, entries)
    others = [entry for entry in entries if entry != odd]
    table, row = pool.where(odd)
    place = table.place(row)
    read = _text(pool, odd)
    expected = _text(pool, others[0])
    cause = _different_sources(pool, entries)
    figures = [_in_words(pool, entry) for entry in others]
    in_words = ", ".join(figures)
    return find(
        "table-total", place, read=read, expected=expected, cause=cause, others=in_words
    )


def _in_words(pool: Pool, entry: int) -> str:
    """Figure of an entry with its table, and the total of the table that it is."""
    table, row = pool.where(entry)
    covers = _totals_of(table, row)
    covered = ""
    if covers:
        covered = f" ({covers})"
    printed = table.printed(row)
    return f"{printed} in {table.name}{covered}"


def _totals_of(table: Coded, row: int) -> str:
    """Codes of totals in a row but for the sex: over what the figure is a total."""
    codes = []
    for dimension, code in table.key(row).items():
        if dimension != "SEX" and code in totals(dimension):
            codes.append(code)
    return ", ".join(codes)


def _odd_one(pool: Pool, entries: list[int]) -> int:
    """Entry farthest from the middle of three or more witnesses, else the last.

    Versions of a classification in one table are one witness: who made one made the other.
    """
    witnesses = _witnesses(pool, entries)
    if len(witnesses) < 3:
        return entries[-1]
    values = np.round(pool.value[witnesses], 9)
    middle = np.median(values)
    apart = np.abs(values - middle)
    farthest = int(np.argmax(apart))
    return witnesses[farthest]


def _witnesses(pool: Pool, entries: list[int]) -> list[int]:
    """First entry of each figure that a table gives."""
    first: dict[tuple[int, float], int] = {}
    for entry in entries:
        figure = round(float(pool.value[entry]), 9)
        table_number = int(pool.table[entry])
        first.setdefault((table_number, figure), entry)
    return list(first.values())


def _different_sources(pool: Pool, entries: Sequence[int]) -> str:
    """Words for the sources that tables name, where they name several."""
    sources = set()
    for entry in entries:
        table, row = pool.where(entry)
        source = table.text("SOURCE", row)
        if source:
            sources.add(source)
    if len(sources) < 2:
        return ""
    names = "; ".join(sorted(sources))
    return phrase("different-sources", sources=names)


def _text(pool: Pool, entry: int) -> str:
    table, row = pool.where(entry)
    return table.printed(row)


def _name(pool: Pool, entry: int) -> str:
    """Name of the table of an entry."""
    table, _ = pool.where(entry)
    return table.name


def find_broken_identities(
    pool: Pool, compared_identities: Sequence[ComparedIdentity]
) -> Iterator[Finding]:
    """Findings of identities between measures that do not hold."""
    for compared in compared_identities:
        wrong = np.flatnonzero(compared.wrong)
        for number_of_key in wrong[:LISTED].tolist():
            yield _find_identity(pool, compared, number_of_key)


def _find_identity(pool: Pool, compared: ComparedIdentity, number_of_key: int) -> Finding:
    identity = compared.identity
    entries = []
    for column in compared.columns:
        entries.append(int(column[number_of_key]))
    first, *others = entries
    table, row = pool.where(first)
    place = table.place(row)
    read = table.printed(row)
    difference = float(compared.difference[number_of_key])
    expected = _expected(pool, first, difference)
    if identity.operator == "<=":
        expected = phrase("at-most", value=expected)
    names = []
    for entry in others:
        names.append(_name(pool, entry))
    other_tables = ", ".join(names)
    figures = _figures(pool, identity, entries)
    return find(
        identity.rule,
        place,
        component="MEASURE",
        read=read,
        expected=expected,
        affects=other_tables,
        note=identity.note,
        relation=identity.text,
        figures=figures,
    )


def _expected(pool: Pool, entry: int, difference: float) -> str:
    """Figure that an entry should have, by its difference from it."""
    table, row = pool.where(entry)
    value = float(pool.value[entry]) - difference
    if not pool.scaled:
        scale = table.figures.scale
        value *= float(scale[row])
    return number(value, table, row)


def _figures(pool: Pool, identity: Identity, entries: Sequence[int]) -> str:
    """Measures of an identity with their figures."""
    figures = []
    operands = identity.operands
    for (measure, _), entry in zip(operands, entries, strict=True):
        figure = _text(pool, entry)
        figures.append(f"{measure} {figure}")
    return ", ".join(figures)
