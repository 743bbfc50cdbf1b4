"""Findings of figures that the page shows otherwise than they are written."""

from __future__ import annotations

import re

from ilms_sdmx.conversion.figures.appearance import (
    MARKED,
    PERCENT,
    SCALED,
    VEILED,
    marks_next_to_digits,
)
from ilms_sdmx.conversion.figures.model import Figures
from ilms_sdmx.findings import Finding, find, phrase
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.tables.markers import flags_line

#: Buckets in which a percent is what it should be.
_SHARES = (Bucket.PERCENT, Bucket.RATIO, Bucket.RATE, Bucket.IGNORE)
#: Way of showing to the rule that tells of it, and the phrase of what becomes of the figures.
_RULES = {
    PERCENT: ("percent-as-figure", "figures-as-shown"),
    SCALED: ("shown-in-thousands", "figures-as-held-not-shown"),
    VEILED: ("shown-without-digits", "figures-as-held"),
    MARKED: ("shown-with-mark", "figures-without-shown"),
}


def find_shown_otherwise(figures: Figures, table: str) -> list[Finding]:
    """Findings of figures that the page shows otherwise, one a way of showing."""
    findings = []
    ways = [str(way) for way in figures.shown.dropna().unique()]
    for kind in _RULES:
        own_ways = [way for way in ways if kind in way.split()]
        if not own_ways:
            continue
        expected_so = _SHARES if kind == PERCENT else (Bucket.IGNORE,)
        rows = figures.shown.isin(own_ways) & figures.has_value
        rows &= ~figures.in_role(*expected_so)
        if rows.any():
            findings.append(_finding(kind, figures.only(rows), table))
    return findings


def _finding(kind: str, figures: Figures, table: str) -> Finding:
    """Finding of the figures of a table that are shown in one way."""
    rule, outcome = _RULES[kind]
    count = len(figures)
    text = str(figures.text.iloc[0])
    mark = marks_next_to_digits(text)
    value = str(figures.value.iloc[0])
    flags = flags_line(mark)
    expression = re.escape(mark)
    place = figures.place()
    return find(
        rule,
        place,
        component="OBS_VALUE",
        read=text,
        affects=phrase(outcome, count=count),
        count=count,
        table=table,
        value=value,
        flags=flags,
        mark=expression,
    )
