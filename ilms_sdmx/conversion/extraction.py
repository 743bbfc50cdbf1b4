"""Extraction: from the sheets of a workbook to figures with headings, buckets and values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ilms_sdmx.conversion.checks.doubtful import find_blanks, find_exact_estimates
from ilms_sdmx.conversion.checks.sums import run_checks
from ilms_sdmx.conversion.checks.taken import find_taken
from ilms_sdmx.conversion.figures.free_headings import free_labels
from ilms_sdmx.conversion.figures.gathering import gather
from ilms_sdmx.conversion.figures.model import WHILE_READING, Figures
from ilms_sdmx.conversion.figures.parts import taken_apart, without_marks
from ilms_sdmx.conversion.figures.pinned import (
    Above,
    Pinned,
    find_new_labels,
    period_reader,
    read_pins,
    rows_above,
)
from ilms_sdmx.conversion.figures.problems import (
    find_corrected,
    find_figures_without_heading,
    find_inferred_separators,
    find_malformed,
    find_missing_headings,
    without_heading,
)
from ilms_sdmx.conversion.figures.reading import (
    are_notes,
    not_numbers,
    texts_to_read,
    with_percents_shown,
    with_values,
)
from ilms_sdmx.conversion.figures.rules import find_unused_labels, with_rules
from ilms_sdmx.conversion.figures.shown import find_shown_otherwise
from ilms_sdmx.conversion.figures.suspects import Taken, find_merged_figures
from ilms_sdmx.conversion.figures.values import Values, read_texts, separators_of
from ilms_sdmx.conversion.layout.heads import Heads, heads_of
from ilms_sdmx.conversion.layout.regions import Region
from ilms_sdmx.findings import Finding, phrase
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.mapping.document import Correction, MappingDocument
from ilms_sdmx.mapping.layout import TableLayout
from ilms_sdmx.tables.addresses import position
from ilms_sdmx.tables.separators import Inference

#: Region with its labels.
Headed = tuple[Region, Heads]
#: Sheet to the places of cells, row and column as the workbook counts them.
Places = dict[str, set[tuple[int, int]]]


@dataclass(frozen=True, eq=False)
class Extraction:
    """Figures of all tables.

    Parameters
    ----------
    figures
        The figures, with their values.
    labels
        Places of the labels of the tables.
    findings
        What is wrong with labels and figures.
    pinned
        Places of the cells that pins read.
    above
        Rows above the tables with pins.
    taken
        Figures that are taken for labels without proof.
    """

    figures: Figures
    labels: Places
    findings: tuple[Finding, ...]
    pinned: Places = field(default_factory=dict)
    above: tuple[Above, ...] = ()
    taken: tuple[Taken, ...] = ()


def extract(regions: list[Region], mapping: MappingDocument, file: str) -> Extraction:
    """Figures of every region, table by table.

    Parameters
    ----------
    file
        Name of the file, which may say a label of all its figures.
    """
    of_tables = []
    findings = []
    labels: Places = {}
    pinned_places: Places = {}
    above = []
    taken: list[Taken] = []
    is_period = period_reader(mapping)
    for layout in mapping.tables:
        headed = [(region, heads_of(region)) for region in regions if region.layout is layout]
        if not headed:
            continue
        for region, heads in headed:
            places = labels.setdefault(region.grid.name, set())
            places.update(_label_places(region, heads, mapping))
            findings += find_missing_headings(region, heads)
            taken += find_taken(region, heads, mapping)
        pinned = [read_pins(region, is_period, file) for region, _ in headed]
        for (region, _), pins in zip(headed, pinned, strict=True):
            pinned_places.setdefault(region.grid.name, set()).update(pins.cells)
            findings += pins.findings
            above.append(rows_above(region))
        read, findings_of_table = _read_table(headed, pinned, layout, mapping, file)
        of_tables.append(read.without(*WHILE_READING))
        findings += findings_of_table
    figures = Figures.joined(of_tables)
    rows = tuple(filter(None, above))
    findings += [each.finding for each in taken]
    return Extraction(figures, labels, tuple(findings), pinned_places, rows, tuple(taken))


def _label_places(
    region: Region, heads: Heads, mapping: MappingDocument
) -> set[tuple[int, int]]:
    """Places of the labels of a region, as the workbook counts rows and columns."""
    places = set()
    for at in heads.places:
        cell = region.grid.cells.get(at)
        if cell is not None:
            places.add((cell.row, cell.column))
    for heading in mapping.headings:
        if heading.cell:
            places.add(position(heading.cell))
    return places


def _read_table(
    headed: list[Headed],
    pinned: list[Pinned],
    layout: TableLayout,
    mapping: MappingDocument,
    file: str,
) -> tuple[Figures, list[Finding]]:
    """Figures of one table as they are read, and the findings about them."""
    corrections = {correction.text: correction for correction in mapping.corrections}
    free = []
    for (region, _), pins in zip(headed, pinned, strict=True):
        free.append({**free_labels(region, mapping.headings, file), **pins.labels})
    gathered = gather(headed, free)
    printed = without_marks(gathered, layout.conventions, corrections)
    parted = taken_apart(printed, layout)
    ruled = with_rules(parted, layout)
    separators, values = _values(ruled, layout, corrections)
    valued = with_values(ruled, values)
    malformed = not_numbers(valued)
    notes = are_notes(valued, malformed, mapping.notes)
    figures = valued.only(~notes)
    malformed = malformed[~notes]
    figures = figures.with_values("value", malformed, None)
    figures = figures.with_bucket(malformed, Bucket.FINDING, why="no number")
    headless = without_heading(figures, layout)
    read = figures.with_bucket(headless, Bucket.FINDING, why="no label next to or above it")
    read = with_percents_shown(read)
    corrected = read.only(read.how == "correction")
    findings = find_unused_labels(parted, layout)
    findings += find_inferred_separators(separators, read, layout)
    unread = [name for _, heads in headed for name in heads.missing(layout)]
    findings += find_malformed(read.only(malformed), values, unread)
    findings += find_corrected(corrected, corrections)
    findings += find_figures_without_heading(read.only(headless))
    findings += find_shown_otherwise(read, layout.name)
    merged = _find_merged(headed, read)
    in_merged_cells = _at_places(read, merged)
    read = read.with_bucket(in_merged_cells, Bucket.FINDING, why="in a merged cell")
    read = _without_changed(read, headed, pinned)
    findings += find_new_labels(read, layout)
    findings += find_exact_estimates(read)
    findings += find_blanks(read)
    return read, findings + merged


def _without_changed(figures: Figures, headed: list[Headed], pinned: list[Pinned]) -> Figures:
    """Figures of which those end in findings whose title, unit or sheet has changed."""
    for (region, _), pins in zip(headed, pinned, strict=True):
        if not pins.is_changed or region.top >= region.bottom:
            continue
        grid = region.grid
        numbers = grid.row_numbers
        first_row = numbers[region.top]
        last_row = numbers[region.bottom - 1]
        is_in_rows = figures.row.between(first_row, last_row)
        is_in_sheet = figures.sheet == grid.name
        is_ignored = figures.in_bucket(Bucket.IGNORE)
        rows = is_in_rows & is_in_sheet & ~is_ignored
        figures = figures.with_bucket(rows, Bucket.FINDING, why="what is above it has changed")
    return figures


def _values(
    figures: Figures, layout: TableLayout, corrections: dict[str, Correction]
) -> tuple[Inference, Values]:
    """Separators of the numbers of a table, and what is read of its texts with them."""
    conventions = layout.conventions
    texts = texts_to_read(figures)
    separators = separators_of(texts, conventions)
    if separators.separators is None and layout.checks:
        separators = _separators_by_sums(figures, layout, corrections, texts, separators)
    values = read_texts(texts, separators, conventions, corrections)
    return separators, values


def _separators_by_sums(
    figures: Figures,
    layout: TableLayout,
    corrections: dict[str, Correction],
    texts: list[str],
    unsure: Inference,
) -> Inference:
    """Separators under which all totals agree that can be compared, if only these do."""
    agreeing = []
    for candidate in unsure.candidates:
        trial = Inference(candidate, "")
        values = read_texts(texts, trial, layout.conventions, corrections)
        read = with_values(figures, values)
        agree = run_checks(read, (layout,)).agree
        if agree and all(agree.values()):
            reading = str(candidate)
            evidence = phrase("sums-agree-under", count=len(agree), reading=reading)
            agreeing.append(Inference(candidate, evidence))
    return agreeing[0] if len(agreeing) == 1 else unsure


def _find_merged(headed: list[Headed], figures: Figures) -> list[Finding]:
    """Findings of figures in merged cells, of those that the mapping does not ignore."""
    findings = []
    for region, heads in headed:
        for finding in find_merged_figures(region, heads):
            if _at_places(figures, [finding]).any():
                findings.append(finding)
    return findings


def _at_places(figures: Figures, findings: list[Finding]) -> Any:
    """Which figures are at the places of findings and not ignored."""
    import pandas as pd

    rows = pd.Series(False, index=figures.index)
    for finding in findings:
        place = finding.place
        same_sheet = figures.sheet == place.sheet
        same_cell = figures.cell == place.cell
        rows |= same_sheet & same_cell
    is_ignored = figures.in_bucket(Bucket.IGNORE)
    return rows & ~is_ignored
