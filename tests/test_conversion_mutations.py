"""One cell of a table spoiled: it is told of, or it was no figure, or nothing could have told."""

import unicodedata
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from ilms_sdmx import Conversion, convert, example, examples
from ilms_sdmx.mapping import MappingDocument, read_mapping
from ilms_sdmx.tables.cells import Cell, Kind, Workbook, position
from ilms_sdmx.tables.workbooks import read_workbook

#: Sheets whose sums are of approximate figures or rounded percents: a changed digit may stay within rounding.
ROUNDED = {("khm-abroad", "Working abroad 2021"), ("sgp-work-passes", "June 2013")}
#: Components that hold words about an observation, not the observation.
WORDS = ("COMMENT_OBS", "NOTE_CLASSIF")


@cache
def opened(name: str) -> tuple[Workbook, MappingDocument, Conversion]:
    """Workbook whose cells are spoiled and fixed, its mapping, and its conversion as published."""
    source, mapping = example(name)
    workbook, document = read_workbook(source), read_mapping(mapping)
    return workbook, document, convert(workbook, document)


def told(done: Conversion) -> list[tuple[str, ...]]:
    return sorted((f.rule, f.place.sheet, f.place.cell, f.message, f.read) for f in done.report)


def observations(done: Conversion) -> set[tuple[str, ...]]:
    frame = done.frame()
    kept = frame.drop(columns=[c for c in WORDS if c in frame])
    return {tuple(map(str, row)) for row in kept.fillna("").itertuples(index=False)}


def spoiled(name: str, sheet: str, address: str, text: str | Decimal) -> Conversion:
    """Conversion with another content in one cell."""
    workbook, document, _ = opened(name)
    cell = workbook[sheet].cells[position(address)]
    before = cell.value, cell.kind, cell.extra
    cell.value, cell.kind = text, Kind.NUMBER if isinstance(text, Decimal) else Kind.TEXT
    if cell.extra.text is not None:
        cell.extra = replace(cell.extra, text=str(text))
    try:
        return convert(workbook, document)
    finally:
        cell.value, cell.kind, cell.extra = before


def cells(name: str, buckets: set[str], most: int) -> list[dict[str, Any]]:
    """Rows of the provenance of some cells in given buckets, spread over the workbook."""
    rows = opened(name)[2].provenance
    rows = rows[rows["bucket"].isin(buckets) & (rows["text"] != "")].drop_duplicates(
        ["sheet", "cell"]
    )
    return [
        {str(k): v for k, v in r.items()}
        for r in rows.iloc[:: len(rows) // most + 1].to_dict("records")
    ]


def next_digit(cell: Cell) -> str | Decimal:
    """Content of a cell with its first digit one higher, 9 becoming 1; in any script."""
    text = str(cell.value)
    place = next(n for n, c in enumerate(text) if c.isdecimal())
    value = unicodedata.decimal(text[place])
    changed = (
        f"{text[:place]}{chr(ord(text[place]) - value + value % 9 + 1)}{text[place + 1 :]}"
    )
    return Decimal(changed) if cell.kind is Kind.NUMBER else changed


FIGURES = {"observation", "total", "of_which", "percent"}


@pytest.mark.parametrize("most", [3, pytest.param(12, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", examples())
def test_a_wrong_digit_is_told_of_or_the_provenance_says_that_no_check_could_tell(
    name: str, most: int
) -> None:
    workbook, _, published = opened(name)
    for row in cells(name, FIGURES, most):
        cell = workbook[row["sheet"]][row["cell"]]
        if (name, row["sheet"]) in ROUNDED or not any(c.isdecimal() for c in str(cell.value)):
            continue
        done = spoiled(name, row["sheet"], row["cell"], next_digit(cell))
        assert told(done) != told(published) or row["checked"] != "fit", (
            row["sheet"],
            row["cell"],
        )


@pytest.mark.parametrize("most", [3, pytest.param(16, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", examples())
def test_a_spoiled_label_or_note_is_told_of_or_changes_no_observation(
    name: str, most: int
) -> None:
    published = opened(name)[2]
    for row in cells(name, {"label", "note", "ignore"}, most):
        done = spoiled(name, row["sheet"], row["cell"], f"Qzx{row['text'][1:]}")
        said = told(done) != told(published)
        assert said or observations(done) == observations(published), (
            row["sheet"],
            row["cell"],
            row["text"],
        )


@pytest.mark.parametrize("most", [2, pytest.param(6, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", examples())
def test_a_figure_that_is_words_is_told_of_and_not_written(name: str, most: int) -> None:
    for row in cells(name, FIGURES, most):
        done = spoiled(name, row["sheet"], row["cell"], "n.k.")
        rows = done.provenance
        own = rows[(rows["sheet"] == row["sheet"]) & (rows["cell"] == row["cell"])]
        assert (own["OBS_VALUE"] == "").all()
        assert ("malformed-number", row["sheet"], row["cell"]) in {t[:3] for t in told(done)}


@pytest.mark.parametrize("name", examples())
def test_what_is_checked_is_counted_as_the_manifest_says(name: str) -> None:
    done = opened(name)[2]
    assert set(done.provenance["checked"]) <= {"", "bound", "fit"}
    assert (done.provenance["checked"] != "").sum() == done.covered
    assert not done.provenance.loc[done.provenance["value"] == "", "checked"].any()


def test_a_rule_whose_label_the_source_no_longer_has_is_told_of() -> None:
    """Otherwise the figures would lose their status without a word."""
    done = spoiled("brn-local-foreign", "1 April 2024", "B3", "Foreign wrokers")
    (found, *_) = done.report.of_rule("label-not-found")
    assert found.expected == "Foreign workers"
    assert "Foreign wrokers" in found.read
