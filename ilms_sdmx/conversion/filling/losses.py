"""Findings of figures that are not written: equal ones of several data sets are one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.figures.model import Figures
from ilms_sdmx.findings import Finding, Place, find, phrase
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.mapping.duplicates import Loss
from ilms_sdmx.mapping.unmapped import Question, Spread
from ilms_sdmx.tables.addresses import column_letters

if TYPE_CHECKING:
    import pandas as pd

#: Cells that a finding shows; its field `cells` has all.
_SHOWN = 12
#: Finding about figures that are written.
_WRITTEN = "repeated-observation"
#: Fewest figures of a column that may be said to be read twice.
_LEAST_FIGURES = 2


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of a table on a sheet, as the workbook counts it."""

    table: str
    sheet: str
    number: int


def find_losses(
    losses: Sequence[Loss], figures: Figures, refused: pd.Index[Any]
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
        rows = figures.frame.loc[numbers]
        addresses = _addresses(rows)
        cells = ", ".join(addresses)
        fields = {"cells": cells, **finding.fields}
        findings.append(replace(finding, affects=affects, fields=fields))
    findings += find_columns_read_twice(losses, figures)
    return findings


def find_columns_read_twice(losses: Iterable[Loss], figures: Figures) -> list[Finding]:
    """Findings of columns all of whose figures give the observations of another column.

    Equal values under one key are harmless where a total is printed twice; a whole column is
    more likely another year, sex or unit that the mapping does not tell apart.
    """
    pairs: Counter[tuple[_Column, _Column]] = Counter()
    for finding, numbers in losses:
        if finding.rule == _WRITTEN:
            pairs.update(_pairs_of(figures.frame.loc[numbers]))
    findings = []
    for (first, second), count in pairs.items():
        if count >= _LEAST_FIGURES and count == _size_of(second, figures):
            findings.append(_read_twice(first, second, figures))
    return findings


def _pairs_of(same_key: pd.DataFrame) -> set[tuple[_Column, _Column]]:
    """First column of one observation, with each other column of its table that has it too."""
    tables = same_key["table"].tolist()
    sheets = same_key["sheet"].tolist()
    numbers = same_key["column_number"].tolist()
    places = list(map(_Column, tables, sheets, numbers))
    first = places[0]
    pairs = set()
    for place in places[1:]:
        same_table = place.table == first.table
        same_sheet = place.sheet == first.sheet
        is_other = place.number != first.number
        if same_table and same_sheet and is_other:
            pairs.add((first, place))
    return pairs


def _rows_of(column: _Column, figures: Figures) -> pd.DataFrame:
    """Figures of a column that data sets may take."""
    is_taken = ~figures.in_bucket(Bucket.IGNORE) & figures.has_value
    is_of_table = (figures.table == column.table) & (figures.sheet == column.sheet)
    is_of_column = figures.column_number == column.number
    return figures.frame[is_taken & is_of_table & is_of_column]


def _size_of(column: _Column, figures: Figures) -> int:
    """Number of the figures of a column."""
    return len(_rows_of(column, figures))


def _read_twice(first: _Column, second: _Column, figures: Figures) -> Finding:
    """Finding of a column that gives what another one gives."""
    rows = _rows_of(second, figures)
    cells = rows["cell"].tolist()
    texts = rows["text"].tolist()
    place = Place(sheet=second.sheet, cell=cells[0])
    affects = phrase("figures-written-once", count=len(cells))
    first_letters = column_letters(first.number)
    second_letters = column_letters(second.number)
    return find(
        "column-read-twice",
        place,
        read=texts[0],
        affects=affects,
        table=second.table,
        first=first_letters,
        second=second_letters,
    )


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
        parts.append(_spread(fresh, figures).affects)
    again = len(numbers.intersection(counted).difference(fresh))
    if again:
        parts.append(phrase("named-above", count=again))
    elsewhere = len(numbers.difference(counted))
    if elsewhere:
        parts.append(phrase("written-elsewhere", count=elsewhere))
    affects = parts[0] if parts else ""
    for part in parts[1:]:
        affects = phrase("both", first=affects, second=part)
    return affects


def _spread(numbers: pd.Index[Any], figures: Figures) -> Spread:
    """Where some figures are."""
    lost = figures.frame.loc[numbers]
    shown = lost.iloc[:_SHOWN]
    cells = _addresses(shown)
    place = Figures(shown).place()
    return Spread(place, len(lost), tuple(cells))


def _addresses(rows: pd.DataFrame) -> list[str]:
    """Addresses of some figures, with the sheets where they are on several."""
    cells = list(map(str, rows["cell"]))
    if len(set(rows["sheet"])) <= 1:
        return cells
    pairs = zip(rows["sheet"], cells, strict=True)
    return [f"{sheet}!{cell}" for sheet, cell in pairs]
