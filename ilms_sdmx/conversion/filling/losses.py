"""Findings of figures that are not written: equal ones of several data sets are one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.figures.model import Figures
from ilms_sdmx.findings import Finding
from ilms_sdmx.mapping.duplicates import Loss
from ilms_sdmx.mapping.unmapped import Question, Spread

if TYPE_CHECKING:
    import pandas as pd

#: Cells that a finding names.
_SHOWN = 12
#: Finding about figures that are written.
_WRITTEN = "repeated-observation"


def find_losses(
    losses: Iterable[Loss], figures: Figures, refused: pd.Index[Any]
) -> list[Finding]:
    """Findings of figures that are not written, whose numbers add up.

    Parameters
    ----------
    losses
        Findings of all data sets, each with the numbers of its figures.
    figures
        All figures.
    refused
        Numbers of the figures that no data set took although one wants them.

    Notes
    -----
    Equal findings of several data sets are one, with the figures of all of them. A figure with
    two faults counts at the first finding that names it.
    """
    findings = []
    counted = refused[:0]
    for finding, numbers in _merged(losses):
        if finding.rule == _WRITTEN:
            findings.append(finding)
            continue
        fresh = numbers.intersection(refused).difference(counted)
        counted = counted.union(fresh)
        affects = _affects(numbers, fresh, counted, figures)
        findings.append(replace(finding, affects=affects))
    return findings


def _merged(losses: Iterable[Loss]) -> list[Loss]:
    """Findings with the figures of all that say the same; each code map asks for itself."""
    merged: dict[tuple[str, str], Loss] = {}
    for finding, numbers in losses:
        code_map = finding.map if isinstance(finding, Question) else ""
        key = (finding.message, code_map)
        if key in merged:
            first, known = merged[key]
            merged[key] = (first, known.union(numbers))
        else:
            merged[key] = (finding, numbers)
    return list(merged.values())


def _affects(
    numbers: pd.Index[Any], fresh: pd.Index[Any], counted: pd.Index[Any], figures: Figures
) -> str:
    """What a finding affects: figures that it names first, and those that others name too."""
    parts = []
    if len(fresh):
        parts.append(str(_spread(fresh, figures)))
    again = len(numbers.intersection(counted).difference(fresh))
    if again:
        parts.append(f"{again} more named by a finding above")
    elsewhere = len(numbers.difference(counted))
    if elsewhere:
        parts.append(f"{elsewhere} written by another data set only")
    return "; ".join(parts)


def _spread(numbers: pd.Index[Any], figures: Figures) -> Spread:
    """Where some figures are."""
    lost = figures.frame.loc[numbers]
    shown = lost.iloc[:_SHOWN]
    cells = list(map(str, shown["cell"]))
    if len(set(shown["sheet"])) > 1:
        pairs = zip(shown["sheet"], cells, strict=True)
        cells = [f"{sheet}!{cell}" for sheet, cell in pairs]
    place = Figures(shown).place()
    return Spread(place, len(lost), tuple(cells))
