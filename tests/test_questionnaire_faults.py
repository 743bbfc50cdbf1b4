"""Faults that a person makes in a filled form: each is told with its cell and what to do."""

from __future__ import annotations

import datetime
import io
import random
from collections.abc import Callable

import openpyxl
import pytest
from openpyxl.workbook.workbook import Workbook

from ilms_sdmx import (
    FilledForm,
    Finding,
    fill_questionnaire,
    form_table,
    form_tables,
    read_questionnaire,
    validate,
)
from tests.questionnaires import blank, figures

TABLES = [
    *form_tables("THA", "2025", tables=["MST 5"], variant="birth"),
    *form_tables("THA", "2025", tables=["MNA 1", "MNA 5"]),
]
ECO, CRS, EDU = "MST 5 birth", "MNA 1", "MNA 5"
REMARK = "Remarks"
Damage = Callable[[Workbook], None]


@pytest.fixture(scope="module")
def right() -> bytes:
    chance = random.Random(11)
    data = [figures(table, chance, countries=4) for table in TABLES]
    filled = fill_questionnaire(blank(TABLES), data)
    assert not filled.report.findings
    return filled.content


def findings_of(content: bytes) -> tuple[FilledForm, list[Finding]]:
    filled = read_questionnaire(content)
    found = list(filled.report)
    if filled.datasets:
        found += list(validate(list(filled.datasets)))
    return filled, found


def damaged(content: bytes, damage: Damage) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    damage(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def put(sheet: str, cell: str, value: object, number_format: str = "") -> Damage:
    def damage(book: Workbook) -> None:
        book[sheet][cell] = value
        if number_format:
            book[sheet][cell].number_format = number_format

    return damage


def swap(sheet: str, one: str, other: str) -> Damage:
    def damage(book: Workbook) -> None:
        cells = book[sheet]
        cells[one].value, cells[other].value = cells[other].value, cells[one].value

    return damage


def times(sheet: str, cell: str, factor: float) -> Damage:
    def damage(book: Workbook) -> None:
        book[sheet][cell].value = float(book[sheet][cell].value) * factor

    return damage


def remark(*texts: str) -> Damage:
    def damage(book: Workbook) -> None:
        for column, text in enumerate(texts, start=1):
            book[REMARK].cell(4, column, text)

    return damage


def other(*values: object) -> Damage:
    def damage(book: Workbook) -> None:
        for column, value in enumerate(values, start=1):
            book["Other figures"].cell(4, column, value)

    return damage


def delete_row(book: Workbook) -> None:
    book[ECO].delete_rows(23)


def delete_rows(book: Workbook) -> None:
    book[EDU].delete_rows(21, 2)


def delete_column(book: Workbook) -> None:
    book[EDU].delete_cols(5)


def insert_row(book: Workbook) -> None:
    book[EDU].insert_rows(22)
    for column in (4, 5, 6):
        book[EDU].cell(22, column, 12.5)


def shift_down(book: Workbook) -> None:
    """Names and figures pasted one row too far, as from another table."""
    sheet = book[EDU]
    for row in range(23, 19, -1):
        for column in (2, 4, 5, 6):
            sheet.cell(row, column).value = sheet.cell(row - 1, column).value


def shift_right(book: Workbook) -> None:
    sheet = book[EDU]
    for row in range(19, 25):
        for column in (7, 6, 5):
            sheet.cell(row, column).value = sheet.cell(row, column - 1).value
        sheet.cell(row, 4).value = None


def shift_figures_down(book: Workbook) -> None:
    sheet = book[EDU]
    for row in range(25, 19, -1):
        sheet.cell(row, 4).value = sheet.cell(row - 1, 4).value


def merge(book: Workbook) -> None:
    book[EDU].merge_cells("E22:F22")


def rename(book: Workbook) -> None:
    book[EDU].title = "Education"


def copy_sheet(book: Workbook) -> None:
    book.copy_worksheet(book[EDU])


def pick_twice(book: Workbook) -> None:
    book[CRS]["B21"] = book[CRS]["B20"].value


def in_list_too(book: Workbook) -> None:
    """A chosen country filled in the full list too, with another figure."""
    name = book[CRS]["B20"].value
    for row in range(26, 290):
        if book[CRS].cell(row, 2).value == name:
            book[CRS].cell(row, 4, 1.5)


def clear_codes(book: Workbook) -> None:
    """Hidden codes of some rows lost, as by another program or a careless paste."""
    for row in (22, 23):
        book[EDU].cell(row, 1).value = None


def all_thousands(book: Workbook) -> None:
    """One column typed in persons where thousands are asked."""
    for row in range(19, 25):
        cell = book[EDU].cell(row, 6)
        cell.value = float(cell.value) * 1000


#: What is done, the rule that tells it, and a cell or sheet that the finding names.
FAULTS: dict[str, tuple[Damage, str, str]] = {
    "words for a figure": (put(EDU, "E22", "about twelve"), "malformed-number", "E22"),
    "a dash for nothing": (put(EDU, "E22", "-"), "malformed-number", "E22"),
    "not available in words": (put(EDU, "E22", "n.a."), "malformed-number", "E22"),
    "comma for decimals": (put(EDU, "E22", "12,5"), "malformed-number", "E22"),
    "blank for thousands": (put(EDU, "E22", "12 500.5"), "malformed-number", "E22"),
    "a footnote mark": (put(EDU, "E22", "12.5*"), "malformed-number", "E22"),
    "a unit behind": (put(EDU, "E22", "12.5 thousand"), "malformed-number", "E22"),
    "two figures": (put(EDU, "E22", "12.5 (3.1%)"), "malformed-number", "E22"),
    "a number as text": (put(EDU, "E22", "812.5"), "form-number", "E22"),
    "Thai digits as text": (put(EDU, "E22", "๘๑๒.๕"), "form-number", "E22"),
    "a date": (put(EDU, "E22", datetime.date(2025, 5, 12)), "malformed-number", "E22"),
    "a percentage": (put(EDU, "E22", 0.125, "0.0%"), "percent-as-figure", "E22"),
    "an error of a formula": (put(EDU, "E22", "#REF!"), "malformed-number", "E22"),
    "a truth value": (put(EDU, "E22", True), "malformed-number", "E22"),
    "a negative figure": (put(EDU, "E22", -12.5), "negative-value", "E22"),
    "sexes changed places": (swap(EDU, "D22", "E22"), "sex-sum", "D22"),
    "a total typed wrong": (times(EDU, "D19", 1.1), "sex-sum", "D19"),
    "a figure ten times too large": (times(EDU, "E22", 10), "sex-sum", "D22"),
    "a class left out of the total": (times(ECO, "D23", 3), "classification-sum", "D21"),
    "parts of birth do not fit": (times(ECO, "E23", 2), "status-sum", "D23"),
    "others too large": (times(CRS, "D25", 4), "partner-sum", "D19"),
    "one column in persons": (all_thousands, "sex-sum", "D19"),
    "a row deleted": (delete_row, "form-rows", ""),
    "rows deleted": (delete_rows, "form-rows", ""),
    "a column deleted": (delete_column, "form-columns", ""),
    "a row inserted": (insert_row, "unexplained-cell", "D22"),
    "a table pasted one row too far": (shift_down, "form-label", "B20"),
    "figures pasted one column too far": (shift_right, "unexplained-cell", "G2"),
    "figures pasted one row too far": (shift_figures_down, "unexplained-cell", "D25"),
    "a name typed over": (put(EDU, "B22", "Primary"), "form-label", "B22"),
    "a heading typed over": (put(EDU, "E18", "Women"), "form-label", "E18"),
    "a figure next to the table": (put(EDU, "J22", 5), "unexplained-cell", "J22"),
    "a figure below the table": (put(EDU, "D40", 5), "unexplained-cell", "D40"),
    "cells merged": (merge, "merged-figure", "E22"),
    "a sheet copied": (copy_sheet, "form-sheet", ""),
    "codes lost": (clear_codes, "form-rows", ""),
    "a country that is none": (put(CRS, "B20", "Atlantis"), "unknown-label", "B20"),
    "a country in another spelling": (put(CRS, "B20", "Korea (ROK)"), "form-country", "B20"),
    "figures without a country": (put(CRS, "B20", None), "figure-without-heading", "B20"),
    "a country chosen twice": (pick_twice, "conflicting-observations", "D21"),
    "a country in both lists": (in_list_too, "conflicting-observations", ""),
    "no source": (put(EDU, "C5", None), "form-field", "C5"),
    "a unit of its own": (put(EDU, "C6", "hundreds"), "form-field", "C6"),
    "another figure of no table": (other("MNA 9", "SEX=SEX_O", 1), "form-other", "A4"),
    "another figure without a class": (other(EDU, "SEX=SEX_O", 1), "incomplete-key", "B4"),
    "another figure of no class": (
        other(EDU, "SEX=SEX_O;EDU=EDU_ISCED11_99", 1),
        "unknown-label",
        "B4",
    ),
    "another figure of a dimension that is none": (
        other(EDU, "SEX=SEX_O;EDU=EDU_ISCED11_5;AGE=Y15", 1),
        "form-other",
        "B4",
    ),
    "words for another figure": (
        other(EDU, "SEX=SEX_O;EDU=EDU_ISCED11_5", "few"),
        "malformed-number",
        "C4",
    ),
    "a figure given in two places": (
        other(EDU, "SEX=SEX_F;EDU=EDU_AGGREGATE_BAS", 1),
        "conflicting-observations",
        "C4",
    ),
    "a remark about no cell": (remark(EDU, "B22", "Status", "P"), "form-remark", "A4"),
    "a remark about no sheet": (remark("MNA 9", "D22", "Status", "P"), "form-remark", "A4"),
    "a remark in its own words": (remark(EDU, "D22", "Comment", "P"), "form-remark", "A4"),
    "a status that is none": (remark(EDU, "D22", "Status", "PROV"), "form-remark", "A4"),
    "a remark without a value": (remark(EDU, "D22", "Status"), "form-remark", "A4"),
}


def test_a_right_form_gives_no_finding_whoever_saved_it(right: bytes) -> None:
    for content in (right, damaged(right, lambda book: None)):
        filled, found = findings_of(content)
        assert len(filled.datasets) == 3
        assert not found


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_its_cell_and_what_to_do(name: str, right: bytes) -> None:
    damage, rule, cell = FAULTS[name]
    content = damaged(right, damage)
    _, found = findings_of(content)
    told = [finding for finding in found if finding.rule == rule]
    assert told, [str(finding) for finding in found]
    assert any(finding.place.cell.startswith(cell) for finding in told)
    assert all(finding.fix for finding in told)


def test_a_sheet_with_another_name_is_still_known(right: bytes) -> None:
    filled, found = findings_of(damaged(right, rename))
    assert len(filled.datasets) == 3
    assert not found


def test_a_figure_that_cannot_be_read_is_never_written(right: bytes) -> None:
    for name in ("words for a figure", "a percentage", "a name typed over", "cells merged"):
        filled, _ = findings_of(damaged(right, FAULTS[name][0]))
        data = next(d for d in filled.datasets if "SEX_EDU" in d.dataflow)
        assert data.provenance is not None
        assert "E22" not in set(data.provenance["cell"])
        cells = filled.cells
        own = cells[(cells["sheet"] == EDU) & (cells["cell"] == "E22")]
        assert set(own["bucket"]) == {"finding"}


def test_a_status_and_a_note_reach_their_observation(right: bytes) -> None:
    def damage(book: Workbook) -> None:
        remark(EDU, "e22", "Status", "P - Provisional")(book)
        for column, text in enumerate((EDU, "F22", "Note on the class", "new levels"), start=1):
            book[REMARK].cell(5, column, text)
        for column, text in enumerate((CRS, "D100", "Status", "C"), start=1):
            book[REMARK].cell(6, column, text)

    filled, found = findings_of(damaged(right, damage))
    assert not [finding for finding in found if finding.rule.startswith("form-")]
    by_flow = {data.dataflow: data for data in filled.datasets}
    data = by_flow["ILO:DF_EMP_MNAO_SEX_EDU_NB(1.0)"]
    assert data.provenance is not None
    at = dict(zip(data.provenance["cell"], data.provenance.index, strict=True))
    assert data.observations.loc[at["E22"], "OBS_STATUS"] == "P"
    assert data.observations.loc[at["F22"], "NOTE_CLASSIF"] == "new levels"
    countries = by_flow["ILO:DF_POP_MNAS_SEX_CRS_NB(1.0)"].observations
    (confidential,) = countries[countries["OBS_STATUS"] == "C"].to_dict("records")
    assert confidential["OBS_VALUE"] != confidential["OBS_VALUE"]


def test_any_dataflow_has_a_form() -> None:
    table = form_table("UNE_DEAP_SEX_AGE_CBR_RT", "VNM", "2024-Q1", frequency="Q")
    data = figures(table, random.Random(5), decimals=1)
    rates = data.observations.assign(OBS_VALUE="4.5", UNIT_MULT="0")
    filled = fill_questionnaire(
        blank([table]), type(data)(rates, data.components, data.dataflow)
    )
    (back,) = read_questionnaire(filled.content).datasets
    assert set(back.observations["FREQ"]) == {"Q"}
    assert len(back) == len(data)
