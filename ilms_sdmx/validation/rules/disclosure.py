"""Disclosure: cells that are withheld, or simply absent, and can be recomputed from totals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ilms_sdmx.findings import Finding, find, phrase
from ilms_sdmx.sums import exceeds
from ilms_sdmx.validation.arithmetic.evaluated import Sums
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.table import Coded
from ilms_sdmx.validation.rules.listing import LISTED, number

#: Share of the sums of an area and period that must have a part for its absence elsewhere to be
#: telling.
_USUAL = 0.5
#: Statuses of observation and of confidentiality that say that a figure is withheld.
_WITHHELD = {
    "OBS_STATUS": ("C", "Q"),
    "CONF_STATUS": ("C", "S", "D", "N"),
    "OBS_CONF": ("C", "S", "D", "N"),
}


def withheld(coded: Coded) -> Array:
    """Mask of the rows whose status says that their figure is not for publication."""
    mask = np.zeros(len(coded), dtype=bool)
    for attribute, codes in _WITHHELD.items():
        if coded.has(attribute):
            mask |= coded.having(attribute, codes)
    return mask


def find_recomputable_cells(coded: Coded, sums: Sequence[Sums]) -> Iterator[Finding]:
    """Findings of cells without a figure that exactly one sum determines, each once."""
    told: set[tuple[str, ...]] = set()
    for evaluated in sums:
        if evaluated.relation.rule == "nested-total":
            continue
        for group, part in _determined(coded, evaluated):
            key = _key(coded, evaluated, group, part)
            if key not in told and len(told) < LISTED:
                told.add(key)
                yield _find_cell(coded, evaluated, group, part)


def _key(coded: Coded, sums: Sums, group: int, part: str) -> tuple[str, ...]:
    """Codes of the cell of a part."""
    row_of_total = int(sums.row[group])
    key = coded.key(row_of_total)
    key[sums.relation.dimension] = part
    return tuple(key.values())


def _determined(coded: Coded, sums: Sums) -> Iterator[tuple[int, str]]:
    """Pairs of a group that lacks exactly one part, and that part: the total gives it."""
    relation = sums.relation
    if relation.partners:
        yield from _determined_partners(coded, sums)
        return
    essential = relation.essential
    levels = coded.levels(relation.dimension)
    if len(essential) < 2:
        return
    if not set(essential) <= set(levels):
        return
    codes = []
    for part in essential:
        codes.append(levels.index(part))
    present = _present(coded, sums, codes)
    count = present.sum(axis=0)
    lacks_one = count == len(codes) - 1
    is_short = exceeds(sums.difference, sums.tolerance)
    groups = np.flatnonzero(lacks_one & is_short)
    present_in_groups = present[:, groups]
    missing = np.argmin(present_in_groups, axis=0)
    usual = _usually_present(coded, sums, present)
    has_empty_part = _has_empty_part(coded, sums)
    is_usual = usual[missing, groups]
    is_telling = is_usual | has_empty_part[groups]
    telling_groups = groups[is_telling]
    telling_places = missing[is_telling]
    for group, place in zip(telling_groups, telling_places, strict=True):
        yield int(group), essential[place]


def _present(coded: Coded, sums: Sums, codes: Sequence[int]) -> Array:
    """Whether each code (row) has a figure in each group (column)."""
    shape = (len(codes), len(sums.row))
    present = np.zeros(shape, dtype=bool)
    dimension = sums.relation.dimension
    codes_of_rows = coded.codes(dimension)
    for place, code in enumerate(codes):
        rows = sums.touched & (codes_of_rows == code)
        present[place, sums.groups[rows]] = True
    return present


def _usually_present(coded: Coded, sums: Sums, present: Array) -> Array:
    """Whether each code (row) is usual in the area and period of each group (column).

    A part that its whole block lacks is not reported by design.
    """
    number_of_block, blocks = coded.blocks()
    block = np.zeros(len(sums.row), dtype=np.int64)
    block[sums.groups] = number_of_block
    compared_blocks = block[np.isfinite(sums.difference)]
    compared = np.bincount(compared_blocks, minlength=blocks)
    usual = np.zeros_like(present)
    for place, has_part in enumerate(present):
        count = np.bincount(block[has_part], minlength=blocks)
        is_often_there = count >= _USUAL * compared
        usual[place] = is_often_there[block]
    return usual


def _has_empty_part(coded: Coded, sums: Sums) -> Array:
    """Mask of the groups with a part that has no figure: somebody left it out."""
    is_empty = _empty_parts(coded, sums)
    counts: Array = np.bincount(sums.groups[is_empty], minlength=len(sums.row))
    return counts > 0


def _empty_parts(coded: Coded, sums: Sums) -> Array:
    """Mask of the rows of parts that have no figure."""
    dimension = sums.relation.dimension
    parts = sums.relation.parts
    is_part = coded.having(dimension, parts)
    has_figure = np.isfinite(coded.figures.value)
    return is_part & ~has_figure


def _determined_partners(coded: Coded, sums: Sums) -> Iterator[tuple[int, str]]:
    """Pairs of group and part in a list of partners.

    Any partner may be absent, so only a cell that is there without a figure can be missing.
    """
    relation = sums.relation
    is_empty = _empty_parts(coded, sums)
    is_of_residual = coded.having(relation.dimension, [relation.residual])
    is_residual = coded.finite & is_of_residual
    size = len(sums.row)
    residuals = np.bincount(sums.groups[is_residual], minlength=size)
    empty_parts = np.bincount(sums.groups[is_empty], minlength=size)
    has_residual = residuals > 0
    is_short = exceeds(sums.difference, sums.tolerance)
    is_determined = is_short & (empty_parts == 1)
    is_in_determined = is_determined[sums.groups]
    rows = np.flatnonzero(is_empty & is_in_determined)
    for row in rows.tolist():
        group = int(sums.groups[row])
        part = coded.text(relation.dimension, row)
        if has_residual[group] or part == relation.residual:
            yield group, part


def _find_cell(coded: Coded, sums: Sums, group: int, part: str) -> Finding:
    """Finding of a cell; that it was meant to be secret is known only of a withheld one."""
    relation = sums.relation
    row_of_total = int(sums.row[group])
    difference = float(sums.difference[group])
    value = number(difference, coded, row_of_total)
    rows = _rows_without_figure(coded, sums, group, part)
    if len(rows):
        row = int(rows[0])
        is_withheld = withheld(coded)[row]
        case = "missing"
        if is_withheld:
            case = ""
        place = coded.place(row)
    else:
        case = "absent"
        place = coded.place(row_of_total, **{relation.dimension: part})
    key = ".".join(_key(coded, sums, group, part))
    return find(
        "recomputable-cell",
        place,
        case=case,
        component=relation.dimension,
        read=phrase("no-figure"),
        affects=key,
        part=part,
        whole=relation.total,
        value=value,
    )


def _rows_without_figure(coded: Coded, sums: Sums, group: int, part: str) -> Array:
    dimension = sums.relation.dimension
    is_part = coded.having(dimension, [part])
    is_silent = ~np.isfinite(coded.figures.value)
    is_in_group = sums.groups == group
    return np.flatnonzero(is_silent & is_in_group & is_part)
