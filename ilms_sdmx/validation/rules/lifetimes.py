"""Codes have a time: areas that were there no more, or not yet, in the period of a figure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

import numpy as np

from ilms_sdmx.findings import Finding, find
from ilms_sdmx.periods import parse_period
from ilms_sdmx.structures.lifetimes import Lifetime, lifetime_of
from ilms_sdmx.validation.arithmetic.relations import PARTNERS
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.table import Coded
from ilms_sdmx.validation.rules.listing import TextFault, listed_texts

#: Lists of what a person keeps from the past: a country of birth may be there no more.
_OF_BIRTH = "CBR_BRT"


def find_codes_of_other_times(coded: Coded) -> Iterator[Finding]:
    """Findings of areas that were not there in the period of a figure."""
    if not coded.time:
        return
    for dimension in coded.dimensions:
        levels = coded.levels(dimension)
        lifetimes = []
        for level in levels:
            lifetimes.append(_lifetime_of(dimension, level))
        if any(lifetimes):
            yield from _find_in_dimension(coded, dimension, lifetimes)


def _lifetime_of(dimension: str, code: str) -> Lifetime | None:
    """Lifetime of the area that a code names; None where it has no bounds or names no area."""
    if dimension != "REF_AREA" and not code.startswith(PARTNERS):
        return None
    area = re.sub(r"^[A-Z0-9]+_[A-Z0-9]+_", "", code)
    return lifetime_of(area)


def _find_in_dimension(
    coded: Coded, dimension: str, lifetimes: list[Lifetime | None]
) -> Iterator[Finding]:
    levels = coded.levels(coded.time)
    periods = []
    for text in levels:
        periods.append(parse_period(text))
    shape = (len(lifetimes) + 1, len(periods) + 1)
    ended = np.zeros(shape, dtype=bool)
    early = np.zeros(shape, dtype=bool)
    for place, lifetime in enumerate(lifetimes):
        if lifetime is None:
            continue
        for column, period in enumerate(periods):
            if period is not None:
                ended[place, column] = lifetime.is_over(period)
                early[place, column] = lifetime.is_to_come(period)
    codes = coded.codes(dimension)
    times = coded.codes(coded.time)
    bad = ended[codes, times]
    yield from _find_faults(coded, dimension, bad, "")
    yield from _find_faults(coded, dimension, early[codes, times], "early")


def _find_faults(coded: Coded, dimension: str, bad: Array, case: str) -> Iterator[Finding]:
    make = partial(_find_fault, coded, dimension, case)
    yield from listed_texts("code-of-other-time", coded, dimension, bad, make)


def _find_fault(coded: Coded, dimension: str, case: str, fault: TextFault) -> Finding:
    lifetime = _lifetime_of(dimension, fault.text) or Lifetime()
    is_birth = fault.text.startswith(_OF_BIRTH)
    if is_birth and not case:
        case = "birth"
    place = coded.place(fault.row)
    period = coded.text(coded.time, fault.row)
    first = str(lifetime.first or "")
    last = str(lifetime.last or "")
    return find(
        "code-of-other-time",
        place,
        case=case,
        component=dimension,
        read=fault.text,
        affects=fault.affects,
        first=first,
        last=last,
        period=period,
    )
