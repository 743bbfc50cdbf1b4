"""Disclosure: cells that are withheld, or simply absent, and can be recomputed from totals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ilms_sdmx.findings import Finding, Severity
from ilms_sdmx.sums import exceeds
from ilms_sdmx.validation.coded import Array, Coded
from ilms_sdmx.validation.raising import LISTED, finding, number
from ilms_sdmx.validation.sums import Sums

#: Share of the sums of an area and period that must have a part for its absence elsewhere to be telling.
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
        if attribute in coded.dataset.observations:
            mask |= coded.having(attribute, codes)
    return mask


def disclosure_findings(coded: Coded, sums: list[Sums]) -> Iterator[Finding]:
    """Cells without a figure that exactly one sum determines, each once."""
    silent = ~np.isfinite(coded.figures.value)
    told: set[tuple[str, ...]] = set()
    for one in sums:
        if one.relation.rule == "nested-total":
            continue
        for group, part in _determined(coded, one):
            place = _place(coded, one, int(one.row[group]), part)
            if place not in told and len(told) < LISTED:
                told.add(place)
                yield _found(coded, one, group, part, silent)


def _place(coded: Coded, sums: Sums, row: int, part: str) -> tuple[str, ...]:
    return tuple((coded.key(row) | {sums.relation.dimension: part}).values())


def _determined(coded: Coded, sums: Sums) -> Iterator[tuple[int, str]]:
    """Pick groups that lack exactly one part, and that part; its figure is what the total leaves."""
    relation = sums.relation
    if relation.partners:
        yield from _withheld_partner(coded, sums)
        return
    essential = [p for p in relation.parts if p not in relation.optional]
    levels = coded.levels(relation.dimension)
    usual = [levels.index(p) for p in essential if p in levels]
    if len(usual) < 2 or len(usual) < len(essential):
        return
    present = np.zeros((len(usual), len(sums.row)), dtype=bool)
    codes = coded.codes(relation.dimension)
    for place, code in enumerate(usual):
        present[place, sums.groups[sums.touched & (codes == code)]] = True
    lacking = (present.sum(axis=0) == len(usual) - 1) & exceeds(sums.difference, sums.tolerance)
    block = _blocks(coded, sums)
    blocks = int(block.max(initial=-1)) + 1
    usually = np.array([np.bincount(block[row], minlength=blocks) for row in present])
    usually = usually >= _USUAL * np.bincount(
        block[np.isfinite(sums.difference)], minlength=blocks
    )
    empty = _empty(coded, sums)
    for group in np.flatnonzero(lacking).tolist():
        place = int(np.argmin(present[:, group]))
        if usually[place, block[group]] or empty[group]:
            yield group, levels[usual[place]]


def _empty(coded: Coded, sums: Sums) -> Array:
    """Mark groups with an observation of a part that has no figure: somebody chose not to give it."""
    silent = ~np.isfinite(coded.figures.value) & coded.having(
        sums.relation.dimension, sums.relation.parts
    )
    counts: Array = np.bincount(sums.groups[silent], minlength=len(sums.row))
    return counts > 0


def _blocks(coded: Coded, sums: Sums) -> Array:
    """Area and period of each group: a part absent from its whole block is not reported by design."""
    number_of, _ = coded.groups([d for d in ("REF_AREA", coded.time) if d in coded.dimensions])
    block = np.zeros(len(sums.row), dtype=np.int64)
    block[sums.groups] = number_of
    return block


def _withheld_partner(coded: Coded, sums: Sums) -> Iterator[tuple[int, str]]:
    """In a list of partners with its residual only a cell that is there without a figure can be missing."""
    relation = sums.relation
    empty = ~np.isfinite(coded.figures.value) & coded.having(relation.dimension, relation.parts)
    residual = coded.finite & coded.having(relation.dimension, [relation.residual])
    others = np.bincount(sums.groups[residual], minlength=len(sums.row)) > 0
    count = np.bincount(sums.groups[empty], minlength=len(sums.row))
    alone = (count == 1) & exceeds(sums.difference, sums.tolerance)
    rows = np.flatnonzero(empty)
    for row in rows[alone[sums.groups[rows]]].tolist():
        group, part = int(sums.groups[row]), coded.text(relation.dimension, row)
        if others[group] or part == relation.residual:
            yield group, part


def _found(coded: Coded, sums: Sums, group: int, part: str, silent: Array) -> Finding:
    row = int(sums.row[group])
    key = coded.key(row) | {sums.relation.dimension: part}
    mine = np.flatnonzero(
        silent & (sums.groups == group) & coded.having(sums.relation.dimension, [part])
    )
    value = number(float(sums.difference[group]), coded, row)
    place = (
        coded.place(int(mine[0]))
        if len(mine)
        else coded.place(row, **{sums.relation.dimension: part})
    )
    secret = bool(len(mine) and withheld(coded)[mine[0]])
    state = "withheld" if secret else "missing" if len(mine) else "absent"
    # Nothing says of a cell that is merely missing that it was meant to be secret: that is a note.
    made = finding(
        "recomputable-cell",
        f"The {state} figure of {part} is what {sums.relation.total} leaves: {value}.",
        place,
        component=sums.relation.dimension,
        read="no figure",
        expected="a second cell withheld in the same sum, or the figure itself",
        fix="Withhold a second cell of the sum if the figure is confidential; report it if it is not.",
        affects=".".join(key.values()),
    )
    return made if secret else replace(made, severity=Severity.NOTE)
