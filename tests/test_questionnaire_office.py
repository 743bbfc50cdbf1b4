"""Questionnaires in LibreOffice: its recalculation gives the verdicts of `validate`, and it prints."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from ilms_sdmx import (
    Dataset,
    FormTable,
    fill_questionnaire,
    form_tables,
    read_questionnaire,
    read_workbook,
    validate,
    write_questionnaire,
)
from ilms_sdmx.outputs.questionnaire.checks import same_totals, sums_of_columns, sums_of_row
from ilms_sdmx.outputs.questionnaire.plans import plan
from ilms_sdmx.outputs.questionnaire.sheets import first_alike
from ilms_sdmx.tables.addresses import address, position
from tests.questionnaires import blank, figures

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
pytestmark = [
    pytest.mark.office,
    pytest.mark.skipif(OFFICE is None, reason="there is no LibreOffice"),
]
SUMS = {"sex-sum", "classification-sum", "status-sum", "partner-sum", "parts-exceed-total"}
ALL = form_tables("THA", "2025")
FEW = [table for table in ALL if table.sheet in ("MST 5 birth", "MFL 4 citizenship", "MNA 1")]


def opened(path: Path, ending: str) -> Path:
    """File as LibreOffice opens it, recalculates it and saves it in another folder."""
    target = path.parent / "saved"
    profile = f"-env:UserInstallation=file://{path.parent}/profile"
    command = [str(OFFICE), profile, "--headless", "--convert-to", ending]
    command += ["--outdir", str(target), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return target / path.with_suffix(f".{ending}").name


def damaged(data: Dataset, chance: random.Random, count: int) -> Dataset:
    """Data set some of whose figures are wrong by little or by much."""
    frame = data.observations.copy()
    for row in chance.sample(range(len(frame)), count):
        value = float(str(frame.loc[row, "OBS_VALUE"]))
        changed = value + chance.choice([0.001, 0.01, -0.002, 1, 30, -value / 2])
        # A number in a cell has no zeros at its end: only the format of a cell shows them.
        frame.loc[row, "OBS_VALUE"] = f"{changed:.3f}".rstrip("0").rstrip(".")
    return Dataset(frame, data.components, data.dataflow)


def shown(path: Path, tables: list[FormTable]) -> set[tuple[str, str, str]]:
    """Sheet and cell of each total whose check says that its parts sum to something else."""
    book = read_workbook(path)
    broken = set()
    for table in tables:
        sheet_plan = plan(table)
        sheet = book[table.sheet]
        checked = []
        for number, _ in sheet_plan.rows:
            for place, live in enumerate(sums_of_row(sheet_plan, number)):
                checked.append((address(number, sheet_plan.checks + place), live))
        for line, (_, sums) in enumerate(sums_of_columns(sheet_plan)):
            for column, live in zip(sheet_plan.columns, sums, strict=True):
                checked.append((address(sheet_plan.last_row + 1 + line, column), live))
        alike = first_alike(sheet_plan, [plan(each) for each in tables])
        if alike is not None:
            row = sheet_plan.last_row + 1 + len(sums_of_columns(sheet_plan))
            for pair in same_totals(sheet_plan, alike):
                checked.append((address(row, position(pair.total)[1]), pair))
        for cell, live in checked:
            text = sheet[cell].text
            assert text in ("", "ok") or text.startswith("parts "), (cell, text)
            if text.startswith("parts"):
                kind = "table" if text.startswith("parts of") else "sum"
                broken.add((table.sheet, live.total, kind))
    return broken


def check(tables: list[FormTable], folder: Path, seed: int) -> int:
    chance = random.Random(seed)
    data = []
    for table in tables:
        if table.dataflow.startswith("EAR_"):
            continue
        decimals = chance.choice([0, 1, 3])
        made = figures(table, chance, decimals=decimals, countries=chance.choice([3, 8]))
        data.append(damaged(made, chance, chance.choice([0, 1, 4])))
    path = folder / f"form-{seed}.xlsx"
    path.write_bytes(fill_questionnaire(blank(tables), data).content)
    saved = opened(path, "xlsx")
    back = read_questionnaire(saved)
    told = set()
    for finding in validate(list(back.datasets)):
        if finding.rule in SUMS:
            told.add((finding.place.sheet, finding.place.cell, "sum"))
    assert {f.rule for f in back.report} <= {"form-empty"}
    broken = shown(saved, tables)
    assert {line for line in broken if line[2] == "sum"} == told
    return len(told)


def test_the_checks_of_the_form_say_what_the_validator_says(tmp_path: Path) -> None:
    assert sum(check(FEW, tmp_path, seed) for seed in (1, 2)) > 5


def test_totals_of_two_tables_that_count_the_same_are_compared(tmp_path: Path) -> None:
    tables = form_tables("LAO", "2024", tables=["MNA 4", "MNA 5", "MNA 7"])
    data = [figures(table, random.Random(1)) for table in tables[:2]]
    education = data[1].observations
    of_total = education["EDU"] == "EDU_AGGREGATE_TOTAL"
    total = data[0].observations.set_index("SEX").query("CDS == 'CDS_DES_TOTAL'")["OBS_VALUE"]
    wanted = education.loc[of_total, "SEX"].map(total)
    wanted.iloc[0] = "1.5"
    frame = education.assign(OBS_VALUE=education["OBS_VALUE"].mask(of_total, wanted))
    second = Dataset(frame, data[1].components, data[1].dataflow)
    path = tmp_path / "form.xlsx"
    path.write_bytes(fill_questionnaire(blank(tables), [data[0], second]).content)
    broken = shown(opened(path, "xlsx"), tables)
    assert [line for line in broken if line[2] == "table"] == [("MNA 5", "D19", "table")]


@pytest.mark.slow
def test_the_checks_of_all_tables_say_what_the_validator_says(tmp_path: Path) -> None:
    assert sum(check(ALL, tmp_path, seed) for seed in (3, 4, 5)) > 50


def test_a_form_saved_by_another_program_gives_back_its_figures(tmp_path: Path) -> None:
    data = [figures(table, random.Random(8)) for table in FEW]
    path = tmp_path / "form.xlsx"
    path.write_bytes(fill_questionnaire(blank(FEW), data).content)
    back = read_questionnaire(opened(path, "xlsx"))
    assert not back.report.findings
    assert sum(map(len, back.datasets)) == sum(map(len, data))


@pytest.mark.parametrize("language", ["th", pytest.param("km", marks=pytest.mark.slow)])
def test_a_form_prints_on_few_pages(language: str, tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    tables = form_tables("THA", "2025", tables=["MST 5", "MNA 5"], language=language)
    write_questionnaire(tables, path)
    content = opened(path, "pdf").read_bytes()
    assert content.startswith(b"%PDF")
    assert content.count(b"/Type/Page\n") + content.count(b"/Type/Page/") <= 8
