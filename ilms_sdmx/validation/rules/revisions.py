"""Revisions: what is new, gone and changed since the previous version of a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from ilms_sdmx.datasets.changes import match_keys
from ilms_sdmx.findings import Finding, Place, find, phrase
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.pool import key_hashes
from ilms_sdmx.validation.coded.table import Coded
from ilms_sdmx.validation.rules.listing import listed

#: Statuses that tell that a figure was revised or is provisional.
_REVISED = ("R", "P")


@dataclass(frozen=True, eq=False)
class _Versions:
    """Rows of two versions of a table, key by key.

    Parameters
    ----------
    now, then
        The versions.
    rows, then_rows
        Rows of the keys that are in both, each key once, in the order of the new version.
    new, gone
        Rows of the new version, and of the previous one, whose keys the other lacks.
    """

    now: Coded
    then: Coded
    rows: Array
    then_rows: Array
    new: Array
    gone: Array

    @classmethod
    def of(cls, now: Coded, then: Coded) -> _Versions:
        first_now = np.flatnonzero(now.first)
        first_then = np.flatnonzero(then.first)
        keys_now = key_hashes(now)[first_now]
        keys_then = key_hashes(then)[first_then]
        matches = match_keys(keys_then, keys_now)
        rows = first_now[matches.later]
        then_rows = first_then[matches.earlier]
        new = first_now[matches.added]
        gone = first_then[matches.removed]
        return cls(now, then, rows, then_rows, new, gone)

    @property
    def changed(self) -> Array:
        """Places in `rows` whose figures differ."""
        figures = self.now.figures
        now = figures.value[self.rows]
        then = self.then.figures.value[self.then_rows]
        now_absent = np.isnan(now)
        both_absent = now_absent & np.isnan(then)
        is_same = (now == then) | both_absent
        now_scaled = self.now.has("UNIT_MULT")
        are_scaled = now_scaled and self.then.has("UNIT_MULT")
        if are_scaled:
            is_same |= np.isclose(now, then, rtol=1e-12, atol=0.0)
        return np.flatnonzero(~is_same)


def find_revisions(coded: Coded, previous: Coded) -> Iterator[Finding]:
    """Findings of the differences of a table from its previous version, key by key."""
    versions = _Versions.of(coded, previous)
    changed = versions.changed
    rows = versions.rows[changed]
    then_rows = versions.then_rows[changed].tolist()
    row_list = rows.tolist()
    row_before = dict(zip(row_list, then_rows, strict=True))
    find_change = partial(_find_change, coded, previous, row_before)
    yield from listed("revision-changed", coded, rows, find_change)
    find_loss = partial(_find_loss, coded, previous)
    yield from listed("revision-gone", coded, versions.gone, find_loss)
    if len(versions.new):
        yield _find_new(versions)


def _find_change(
    coded: Coded, previous: Coded, row_before: dict[int, int], row: int
) -> Finding:
    then_row = row_before[row]
    place = coded.place(row)
    read = coded.printed(row)
    before = previous.printed(then_row)
    now_value = coded.figures.value[row]
    then_value = previous.figures.value[then_row]
    status = coded.text("OBS_STATUS", row)
    status_before = previous.text("OBS_STATUS", then_row)
    is_flagged = status in _REVISED or status != status_before
    case = "unflagged"
    if is_flagged:
        case = ""
    change = _change(now_value, then_value)
    now = read or phrase("absent")
    return find(
        "revision-changed",
        place,
        case=case,
        component=coded.measure,
        read=read,
        expected=before,
        before=before or phrase("absent"),
        now=now,
        change=change,
    )


def _change(now: float, then: float) -> str:
    """Change in per cent, as ` (+5.0 %)`; empty where there is no such number."""
    if then == 0:
        return ""
    if not np.isfinite(now):
        return ""
    if not np.isfinite(then):
        return ""
    difference = now - then
    change = 100 * difference / abs(then)
    return f" ({change:+.1f} %)"


def _find_loss(coded: Coded, previous: Coded, row: int) -> Finding:
    key = previous.key(row)
    place = Place(dataflow=coded.name, key=key)
    expected = previous.text(coded.measure, row)
    return find("revision-gone", place, read=phrase("no-observation"), expected=expected)


def _find_new(versions: _Versions) -> Finding:
    coded = versions.now
    count = len(versions.new)
    spread = ""
    if coded.time:
        periods = coded.texts(coded.time, versions.new)
        spread = f", {min(periods)} to {max(periods)}"
    first_row = int(versions.new[0])
    place = coded.place(first_row)
    plural = "s"
    if count == 1:
        plural = ""
    affects = f"{count:,} observation{plural}"
    common = len(versions.rows)
    return find(
        "revision-new", place, affects=affects, count=count, spread=spread, common=common
    )
