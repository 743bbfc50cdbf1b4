"""Rules on keys, with or without a structure: periods, duplicates, partial keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd

from ilms_sdmx.datasets import OBSERVATION
from ilms_sdmx.findings import Finding, find
from ilms_sdmx.periods import holds, parse_period
from ilms_sdmx.validation.coded.columns import UNAVAILABLE, Array
from ilms_sdmx.validation.coded.table import Coded
from ilms_sdmx.validation.rules.listing import TextFault, listed, listed_texts


def find_key_faults(coded: Coded, frequencies: Mapping[str, str]) -> Iterator[Finding]:
    """Findings of every rule on keys; `frequencies` translates foreign codes of FREQ."""
    yield from _find_duplicates(coded)
    yield from _find_empty_dimensions(coded)
    if coded.time:
        yield from _find_no_periods(coded)
        yield from _find_other_frequencies(coded, frequencies)
    yield from _find_varying_attributes(coded)


def _find_empty_dimensions(coded: Coded) -> Iterator[Finding]:
    if coded.dataset.action == "Delete":
        return
    for dimension in coded.dimensions:
        levels = coded.levels(dimension)
        is_empty = []
        for level in levels:
            is_empty.append(level == "")
        is_without = coded.where(dimension, is_empty, absent=True)
        rows = np.flatnonzero(is_without)
        make = partial(_find_empty_dimension, coded, dimension)
        yield from listed("empty-dimension", coded, rows, make)


def _find_empty_dimension(coded: Coded, dimension: str, row: int) -> Finding:
    place = coded.place(row)
    return find("empty-dimension", place, component=dimension)


def _find_no_periods(coded: Coded) -> Iterator[Finding]:
    is_wrong = []
    for level in coded.levels(coded.time):
        is_wrong.append(level not in UNAVAILABLE and parse_period(level) is None)
    bad = coded.where(coded.time, is_wrong)
    make = partial(_find_no_period, coded)
    yield from listed_texts("time-format", coded, coded.time, bad, make)


def _find_no_period(coded: Coded, fault: TextFault) -> Finding:
    place = coded.place(fault.row)
    return find(
        "time-format",
        place,
        component=coded.time,
        read=fault.text,
        affects=fault.affects,
    )


def _find_other_frequencies(coded: Coded, frequencies: Mapping[str, str]) -> Iterator[Finding]:
    """Findings of periods that are not of the frequency of their row."""
    if "FREQ" not in coded.dimensions:
        return
    for frequency in coded.levels("FREQ"):
        is_other = _is_other_frequency(coded, frequencies.get(frequency, frequency))
        is_of_other = coded.where(coded.time, is_other)
        has_frequency = coded.having("FREQ", [frequency])
        bad = is_of_other & has_frequency
        make = partial(_find_other_frequency, coded, frequency)
        yield from listed_texts("time-format", coded, coded.time, bad, make)


def _is_other_frequency(coded: Coded, frequency: str) -> list[bool]:
    """Whether each level of time is a period, but not one of a frequency."""
    is_other = []
    for level in coded.levels(coded.time):
        period = parse_period(level)
        is_other.append(period is not None and not holds(frequency, period))
    return is_other


def _find_other_frequency(coded: Coded, frequency: str, fault: TextFault) -> Finding:
    place = coded.place(fault.row)
    return find(
        "time-format",
        place,
        case="frequency",
        component=coded.time,
        read=fault.text,
        affects=fault.affects,
        frequency=frequency,
    )


def _find_duplicates(coded: Coded) -> Iterator[Finding]:
    keys, size = coded.others()
    if size == len(coded):
        return
    is_repeated = pd.Series(keys).duplicated(keep="first")
    again = np.flatnonzero(is_repeated)
    first_rows = _first_rows(keys, np.arange(len(keys)), size)
    firsts = first_rows[keys]
    observations = coded.dataset.observations
    columns = map(str, observations)
    contents = []
    for column in columns:
        if column not in coded.dimensions:
            contents.append(column)
    columns_of_row = [*coded.dimensions, *contents]
    whole, _ = coded.groups(columns_of_row)
    is_equal = whole[again] == whole[firsts[again]]
    completes = _completes(coded, again, firsts[again], contents)
    is_conflict = ~is_equal & ~completes
    conflicting = again[is_conflict]
    find_conflict = partial(_find_conflict, coded, firsts, contents)
    yield from listed("duplicate-conflict", coded, conflicting, find_conflict)
    find_equal = partial(_find_equal, coded, firsts, contents)
    yield from listed("duplicate-equal", coded, again[is_equal], find_equal)


def _first_rows(groups: Array, rows: Array, size: int) -> Array:
    """First of some rows in each group, -1 for a group that has none of them."""
    first = np.full(size, -1)
    backwards = rows[::-1]
    first[groups[backwards]] = backwards
    return first


def _completes(coded: Coded, rows: Array, firsts: Array, columns: Sequence[str]) -> Array:
    """Mask of rows that only add to their first.

    What a data set to be merged leaves out, it leaves as it is.
    """
    if coded.dataset.action != "Merge":
        return np.zeros(len(rows), dtype=bool)
    completes = np.ones(len(rows), dtype=bool)
    for column in columns:
        codes = coded.codes(column)
        here = codes[rows]
        first = codes[firsts]
        is_absent_here = here < 0
        is_left_out = is_absent_here | (first < 0)
        completes &= (here == first) | is_left_out
    return completes


def _find_conflict(coded: Coded, firsts: Array, contents: Sequence[str], row: int) -> Finding:
    first = int(firsts[row])
    differing = []
    for column in contents:
        if coded.text(column, row) != coded.text(column, first):
            differing.append(column)
    shown = differing or _measures(coded, contents)
    place = coded.place(row)
    read = _values(coded, shown, row)
    expected = _values(coded, shown, first)
    components = ", ".join(differing)
    return find(
        "duplicate-conflict",
        place,
        component=components,
        read=read,
        expected=expected,
        first=coded.spot(first),
    )


def _find_equal(coded: Coded, firsts: Array, contents: Sequence[str], row: int) -> Finding:
    place = coded.place(row)
    row_of_first = int(firsts[row])
    first = coded.spot(row_of_first)
    measures = _measures(coded, contents)
    read = _values(coded, measures, row)
    return find("duplicate-equal", place, read=read, first=first)


def _measures(coded: Coded, contents: Sequence[str]) -> list[str]:
    measures = coded.dataset.components.measures
    return [name for name in measures if name in contents]


def _values(coded: Coded, columns: Sequence[str], row: int) -> str:
    """Values of some columns in a row, as `OBS_VALUE=1.5, OBS_STATUS=A`."""
    values = []
    for column in columns:
        text = coded.text(column, row)
        values.append(f"{column}={text}")
    return ", ".join(values)


def _find_varying_attributes(coded: Coded) -> Iterator[Finding]:
    attributes = coded.dataset.components.attributes
    for attribute, attachment in attributes.items():
        if coded.has(attribute) and _is_partial(coded, attachment):
            yield from _find_varying(coded, attribute, attachment)


def _is_partial(coded: Coded, attachment: tuple[str, ...]) -> bool:
    """Whether an attribute is attached to a part of the key that the table has."""
    if attachment == OBSERVATION:
        return False
    return set(attachment) < set(coded.dimensions)


def _find_varying(coded: Coded, attribute: str, on: tuple[str, ...]) -> Iterator[Finding]:
    """Findings of the first row of each partial key that differs from the row before it."""
    codes = coded.codes(attribute)
    groups, size = coded.groups(on)
    filled = np.flatnonzero(codes >= 0)
    first_rows = _first_rows(groups, filled, size)
    firsts = first_rows[groups]
    first_of_filled = firsts[filled]
    is_different = codes[filled] != codes[first_of_filled]
    different = filled[is_different]
    groups_of_different = pd.Series(groups[different])
    is_repeated = groups_of_different.duplicated().to_numpy()
    rows = different[~is_repeated]
    make = partial(_find_variation, coded, attribute, on, firsts)
    yield from listed("attribute-varies", coded, rows, make)


def _find_variation(
    coded: Coded, attribute: str, on: tuple[str, ...], firsts: Array, row: int
) -> Finding:
    first = int(firsts[row])
    place = coded.place(row)
    read = coded.text(attribute, row)
    other = coded.text(attribute, first)
    key = ".".join(coded.key(first).values())
    case = "data-set"
    if on:
        case = ""
    attached = ", ".join(on)
    return find(
        "attribute-varies",
        place,
        case=case,
        component=attribute,
        read=read,
        attached=attached,
        other=other,
        key=key,
    )
