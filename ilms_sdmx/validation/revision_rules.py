"""Revision: what is new, gone and changed since the previous version of a table."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ilms_sdmx.changes import match_keys
from ilms_sdmx.findings import Finding, Place
from ilms_sdmx.validation.coded import Array, Coded
from ilms_sdmx.validation.coded.pool import hashed
from ilms_sdmx.validation.raising import finding, listed

#: Statuses that tell that a figure was revised or is provisional.
_REVISED = ("R", "P")


def revision_findings(coded: Coded, previous: Coded) -> Iterator[Finding]:
    """Differences of a table from its previous version, key by key, and their sum."""
    first_now, first_then = np.flatnonzero(coded.first), np.flatnonzero(previous.first)
    matches = match_keys(_keys(previous)[first_then], _keys(coded)[first_now])
    rows, old = first_now[matches.later], first_then[matches.earlier]
    new, gone = first_now[matches.added], first_then[matches.removed]
    changed = _different(coded, rows, previous, old)
    yield from _changed(coded, rows[changed], previous, old[changed])
    yield from _gone(coded, previous, gone)
    if len(new):
        yield _summary(coded, new, len(rows))


def _keys(table: Coded) -> Array:
    """Hash of each row's whole key, the same in both versions."""
    key = np.zeros(len(table), dtype=np.uint64)
    for dimension in table.dimensions:
        key += hashed([*(f"{dimension}={level}" for level in table.levels(dimension)), ""])[
            table.codes(dimension)
        ]
    return key


def _different(coded: Coded, rows: Array, previous: Coded, old: Array) -> Array:
    now, then = coded.figures.value[rows], previous.figures.value[old]
    same = (now == then) | (np.isnan(now) & np.isnan(then))
    if (
        "UNIT_MULT" in coded.dataset.observations
        and "UNIT_MULT" in previous.dataset.observations
    ):
        same |= np.isclose(now, then, rtol=1e-12, atol=0.0)
    return np.flatnonzero(~same)


def _changed(coded: Coded, rows: Array, previous: Coded, old: Array) -> Iterator[Finding]:
    of = dict(zip(rows.tolist(), old.tolist(), strict=True))
    measure = coded.dataset.components.measures[0]

    def make(row: int) -> Finding:
        now, then = coded.text(measure, row), previous.text(measure, of[row])
        by = _by(coded, row, previous, of[row])
        status = coded.text("OBS_STATUS", row)
        silent = status not in _REVISED and status == previous.text("OBS_STATUS", of[row])
        return finding(
            "revision-changed",
            f"The figure was {then or 'absent'} and is {now or 'absent'}{by}.",
            coded.place(row),
            component=measure,
            read=now,
            expected=then,
            fix="Say that the figure is revised: OBS_STATUS R or P, or a note."
            if silent
            else "",
        )

    yield from listed("revision-changed", coded, rows, make)


def _by(coded: Coded, row: int, previous: Coded, old: int) -> str:
    now, then = coded.figures.value[row], previous.figures.value[old]
    if not (np.isfinite(now) and np.isfinite(then)) or then == 0:
        return ""
    return f" ({100 * (now - then) / abs(then):+.1f} %)"


def _gone(coded: Coded, previous: Coded, gone: Array) -> Iterator[Finding]:
    measure = coded.dataset.components.measures[0]
    yield from listed(
        "revision-gone",
        coded,
        gone,
        lambda row: finding(
            "revision-gone",
            "The previous version has this observation, this one has not.",
            Place(dataflow=coded.name, key=previous.key(row)),
            read="no observation",
            expected=previous.text(measure, row),
            fix="Report it again, or send its deletion on purpose.",
        ),
    )


def _summary(coded: Coded, new: Array, common: int) -> Finding:
    time = coded.texts(coded.time, new) if coded.time else []
    spread = f", {min(time)} to {max(time)}" if time else ""
    count = f"{len(new):,} observation{'s' if len(new) != 1 else ''}"
    return finding(
        "revision-new",
        f"{count} {'are' if len(new) != 1 else 'is'} new{spread}; {common:,} in both versions.",
        coded.place(int(new[0])),
        affects=count,
    )
