"""Figures that may be meant otherwise: exact estimates, and blanks among figures."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from ilms_sdmx.conversion.figures.model import Figures
from ilms_sdmx.findings import Finding, Place, find
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.tables.addresses import column_letters

#: Digits of a number that is rounded to nothing: four and more, the last neither 0 nor 5.
_EXACT = re.compile(r"[1-9]\d{2,}[1-46-9]")
#: Buckets of the figures that are written.
_WRITTEN = (Bucket.OBSERVATION, Bucket.TOTAL, Bucket.OF_WHICH)


def find_exact_estimates(figures: Figures) -> list[Finding]:
    """Findings of figures with words such as *about* that are printed to the last person."""
    has_words = figures.bound != ""
    is_ignored = figures.in_bucket(Bucket.IGNORE)
    worded = figures.only(has_words & figures.has_value & ~is_ignored)
    findings = []
    places = worded.places()
    for place, text, value in zip(places, worded.text, worded.value, strict=True):
        without_point = str(value).replace(".", "")
        digits = without_point.lstrip("0")
        if _EXACT.fullmatch(digits):
            read = str(text)
            finding = find("estimate-not-rounded", place, read=read, value=value)
            findings.append(finding)
    return findings


def find_blanks(figures: Figures) -> list[Finding]:
    """Findings of cells that are blank with figures on all four sides, by table and sheet."""
    findings = []
    for table in figures.table.unique():
        of_table = figures.of_table(table)
        for sheet in of_table.sheet.unique():
            of_sheet = of_table.only(of_table.sheet == sheet)
            blanks = _blanks(of_sheet)
            if blanks:
                finding = _blank(str(table), str(sheet), blanks)
                findings.append(finding)
    return findings


def _blank(table: str, sheet: str, blanks: list[str]) -> Finding:
    """Finding of the blank cells of a table on a sheet."""
    count = len(blanks)
    cells = ", ".join(blanks)
    place = Place(sheet=sheet, cell=blanks[0])
    return find("blank-among-figures", place, count=count, cells=cells, table=table)


def _blanks(figures: Figures) -> list[str]:
    """Addresses of the blanks among the figures of one table on one sheet."""
    row_of_figures = figures.row.to_numpy()
    column_of_figures = figures.column_number.to_numpy()
    rows, row_numbers = pd.factorize(row_of_figures, sort=True)
    columns, column_numbers = pd.factorize(column_of_figures, sort=True)
    shape = len(row_numbers), len(column_numbers)
    is_filled = np.zeros(shape, dtype=bool)
    is_filled[rows, columns] = True
    if is_filled.all():
        return []
    is_written = np.zeros(shape, dtype=bool)
    in_buckets = figures.in_bucket(*_WRITTEN)
    written = in_buckets.to_numpy()
    is_written[rows[written], columns[written]] = True
    is_blank = ~is_filled & _is_surrounded(is_written)
    cells = []
    for row, column in np.argwhere(is_blank):
        number = int(column_numbers[column])
        letters = column_letters(number)
        cells.append(f"{letters}{row_numbers[row]}")
    return cells


def _is_surrounded(is_written: np.ndarray) -> np.ndarray:
    """Which places have a figure somewhere left and right of them, above and below."""
    surrounded = np.ones_like(is_written)
    for axis in (0, 1):
        before = np.logical_or.accumulate(is_written, axis=axis)
        backwards = np.flip(is_written, axis=axis)
        after_backwards = np.logical_or.accumulate(backwards, axis=axis)
        after = np.flip(after_backwards, axis=axis)
        surrounded &= before & after
    return surrounded
