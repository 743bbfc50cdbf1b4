"""Unused: rules and checks of the mapping that meet no figure, as when a label has changed since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ilms_sdmx.conversion.figures.rules import chosen
from ilms_sdmx.findings import Finding, Place, Severity
from ilms_sdmx.mapping.layout import Check, TableLayout, Where

if TYPE_CHECKING:
    import pandas as pd


def unused(figures: pd.DataFrame, layouts: tuple[TableLayout, ...], file: str) -> list[Finding]:
    """Tell of checks whose total or parts stand nowhere: the sums that they should hold are not looked at."""
    findings = []
    for layout in layouts:
        own = figures[figures["table"] == layout.name] if len(figures) else figures
        if len(own):
            findings += [_finding(layout, c, file) for c in layout.checks if not _meets(own, c)]
    return findings


def _meets(figures: pd.DataFrame, check: Check) -> bool:
    """Whether the figures that a check compares are there."""
    return all(chosen(figures, where).any() for where in (check.total, check.parts) if where)


def _finding(layout: TableLayout, check: Check, file: str) -> Finding:
    missing = check.total or check.parts
    return Finding(
        "check-without-figures",
        Severity.WARNING,
        f"No figure of the table {layout.name!r} is what a check compares: {_words(missing)}.",
        place=Place(file),
        expected=f"figures for the check of line {check.line} of the mapping",
        fix="correct the labels of the check, or take it away",
        affects="sums that are not compared",
    )


def _words(where: Where) -> str:
    return ", ".join(
        f"{name} is {' or '.join(map(str, patterns))}" for name, patterns in where.items()
    )
