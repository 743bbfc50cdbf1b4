"""Rules on keys, with or without a structure: empty dimensions, periods, duplicates, partial keys."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ilms_sdmx.datasets import OBSERVATION
from ilms_sdmx.findings import Finding
from ilms_sdmx.periods import holds, parse_period
from ilms_sdmx.validation.coded import Array, Coded
from ilms_sdmx.validation.raising import SPECIAL, by_text, finding, listed


def key_findings(coded: Coded, frequencies: dict[str, str]) -> Iterator[Finding]:
    """Check a table by every rule on keys; `frequencies` translates foreign codes of FREQ."""
    yield from _duplicates(coded)
    yield from _empty_dimensions(coded)
    yield from _times(coded, frequencies)
    yield from _varying(coded)


def _empty_dimensions(coded: Coded) -> Iterator[Finding]:
    if coded.dataset.action == "Delete":
        return
    for dimension in coded.dimensions:
        empty = (coded.codes(dimension) < 0) | coded.having(dimension, [""])
        yield from listed(
            "empty-dimension",
            coded,
            np.flatnonzero(empty),
            lambda row, dimension=dimension: finding(  # type: ignore[misc]
                "empty-dimension",
                f"{dimension} has no value.",
                coded.place(row),
                component=dimension,
                expected="a code",
                fix=f"Give {dimension} a code, or leave the observation out.",
            ),
        )


def _times(coded: Coded, frequencies: dict[str, str]) -> Iterator[Finding]:
    if not coded.time:
        return
    levels = coded.levels(coded.time)
    table = np.array(
        [parse_period(level) is None and level not in SPECIAL for level in levels] + [False]
    )
    wrong = table[coded.codes(coded.time)]

    def malformed(text: str, row: int, rows: str) -> Finding:
        return _time_finding(
            coded, row, text, "an SDMX period such as 2024, 2024-Q1 or 2024-01", rows
        )

    yield from by_text("time-format", coded, coded.time, wrong, malformed)
    if "FREQ" in coded.dimensions:
        yield from _frequencies(coded, frequencies, wrong)


def _frequencies(coded: Coded, frequencies: dict[str, str], wrong: Array) -> Iterator[Finding]:
    periods = [parse_period(level) for level in coded.levels(coded.time)]
    for number, frequency in enumerate(coded.levels("FREQ")):
        meant = frequencies.get(frequency, frequency)
        misfits = [p is not None and not holds(meant, p) for p in periods]
        table = np.array([*misfits, False])
        bad = table[coded.codes(coded.time)] & (coded.codes("FREQ") == number) & ~wrong

        def make(text: str, row: int, rows: str, frequency: str = frequency) -> Finding:
            return _time_finding(coded, row, text, f"a period of frequency {frequency}", rows)

        yield from by_text("time-format", coded, coded.time, bad, make)


def _time_finding(coded: Coded, row: int, text: str, expected: str, rows: str) -> Finding:
    return finding(
        "time-format",
        f"{coded.time} {text!r} is not {expected}.",
        coded.place(row),
        component=coded.time,
        read=text,
        expected=expected,
        fix="Write the period in SDMX's form, or correct FREQ.",
        affects=rows,
    )


def _duplicates(coded: Coded) -> Iterator[Finding]:
    keys, size = coded.others()
    if size == len(coded):
        return
    again = np.flatnonzero(pd.Series(keys).duplicated(keep="first"))
    first = np.full(size, -1)
    first[keys[::-1]] = np.arange(len(keys))[::-1]
    rest = [str(c) for c in coded.dataset.observations if c not in coded.dimensions]
    whole, _ = coded.groups([*coded.dimensions, *rest])
    same = whole[again] == whole[first[keys[again]]]
    yield from listed(
        "duplicate-conflict",
        coded,
        again[~same & ~_completed(coded, again, first[keys[again]], rest)],
        lambda row: _duplicate(coded, row, int(first[keys[row]]), rest, conflict=True),
    )
    yield from listed(
        "duplicate-equal",
        coded,
        again[same],
        lambda row: _duplicate(coded, row, int(first[keys[row]]), rest, conflict=False),
    )


def _completed(coded: Coded, rows: Array, firsts: Array, columns: list[str]) -> Array:
    """Mark rows that only add to their first: what a data set to be merged leaves out, it leaves as it is."""
    if coded.dataset.action != "Merge":
        return np.zeros(len(rows), dtype=bool)
    pairs = [(coded.codes(column)[rows], coded.codes(column)[firsts]) for column in columns]
    agree = [(now == then) | (now < 0) | (then < 0) for now, then in pairs]
    return np.logical_and.reduce(agree, axis=0) if agree else np.ones(len(rows), dtype=bool)


def _duplicate(
    coded: Coded, row: int, first: int, rest: list[str], *, conflict: bool
) -> Finding:
    differ = [c for c in rest if coded.text(c, row) != coded.text(c, first)]
    shown = differ or [c for c in coded.dataset.components.measures if c in rest]
    where = f" (first at {coded.spot(first)})"
    said = "different contents" if conflict else "equal contents"
    return finding(
        "duplicate-conflict" if conflict else "duplicate-equal",
        f"The key is reported more than once, with {said}{where}.",
        coded.place(row),
        component=", ".join(differ),
        read=", ".join(f"{c}={coded.text(c, row)}" for c in shown),
        expected=", ".join(f"{c}={coded.text(c, first)}" for c in shown)
        if conflict
        else "one observation",
        fix="Keep the right one of the two." if conflict else "Keep one of the two.",
    )


def _varying(coded: Coded) -> Iterator[Finding]:
    for attribute, attachment in coded.dataset.components.attributes.items():
        known = set(attachment) <= set(coded.dimensions) and set(attachment) != set(
            coded.dimensions
        )
        if (
            attachment == OBSERVATION
            or not known
            or attribute not in coded.dataset.observations
        ):
            continue
        codes = coded.codes(attribute)
        group, size = coded.groups(list(attachment))
        filled = np.flatnonzero(codes >= 0)
        first = np.full(size, -1)
        first[group[filled[::-1]]] = filled[::-1]
        bad = filled[codes[filled] != codes[first[group[filled]]]]
        once = bad[~pd.Series(group[bad]).duplicated().to_numpy()]

        def make(
            row: int, attribute: str = attribute, on: tuple[str, ...] = attachment
        ) -> Finding:
            other = int(first[group[row]])  # noqa: B023 - `listed` is used up before the next attribute
            return finding(
                "attribute-varies",
                f"{attribute} varies, but is attached to {', '.join(on) or 'the data set'}.",
                coded.place(row),
                component=attribute,
                read=coded.text(attribute, row),
                expected=f"{coded.text(attribute, other)}, as in {'.'.join(coded.key(other).values())}",
                fix=f"Give {attribute} one value for each {', '.join(on) or 'data set'}.",
            )

        yield from listed("attribute-varies", coded, once, make)
