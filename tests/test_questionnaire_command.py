"""`ilms-sdmx questionnaire`: a form is made, filled and read, with exit statuses as documented."""

from __future__ import annotations

import random
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from ilms_sdmx import Dataset, form_table, read, read_questionnaire, write
from ilms_sdmx.cli import run
from ilms_sdmx.database import Database
from ilms_sdmx.structures.output import to_bytes
from tests.questionnaires import figures


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    data = figures(form_table("POP_MNAS_SEX_CRS_NB", "LAO", "2024"), random.Random(4))
    write(data, tmp_path / "data.csv")
    return tmp_path


def new(*options: str) -> int:
    return run(["questionnaire", "new", "--area", "lao", "--year", "2024", *options])


def test_a_form_is_made_filled_and_read(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert new("--tables", "MNA 1", "-o", "form.xlsx") == 0
    assert (
        run(["questionnaire", "fill", "form.xlsx", "--from", "data.csv", "-o", "f.xlsx"]) == 0
    )
    assert run(["questionnaire", "read", "f.xlsx", "-o", "back.csv", "--cells", "c.csv"]) == 0
    (one,), (two,) = read(folder / "data.csv").datasets, read(folder / "back.csv").datasets
    names = list(one.components.dimensions)
    before, after = (d.observations.astype("str").sort_values(names) for d in (one, two))
    assert before["OBS_VALUE"].tolist() == after["OBS_VALUE"].tolist()
    assert "18 figures filled in" in capsys.readouterr().err
    assert "observation" in (folder / "c.csv").read_text(encoding="utf-8")


def test_errors_end_with_2_and_write_nothing_unless_asked(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert new("--tables", "MNA 1", "-o", "form.xlsx") == 0
    assert (
        run(["questionnaire", "fill", "form.xlsx", "--from", "data.csv", "-o", "f.xlsx"]) == 0
    )
    book = openpyxl.load_workbook("f.xlsx")
    book["MNA 1"]["D20"] = "many"
    book.save("f.xlsx")
    assert run(["questionnaire", "read", "f.xlsx", "-o", "back.csv"]) == 2
    told = capsys.readouterr()
    assert "f.xlsx > 'MNA 1' > D20" in told.out
    assert "back.csv was not written" in told.err
    assert not (folder / "back.csv").exists()
    assert run(["questionnaire", "read", "f.xlsx", "-o", "back.csv", "--partial"]) == 2
    assert (folder / "back.csv").exists()


def test_last_year_is_shown_next_to_the_cells(folder: Path) -> None:
    form = ["questionnaire", "new", "--area", "LAO", "--year", "2025", "--tables", "MNA 1"]
    assert run([*form, "--previous", "data.csv", "-o", "form.xlsx"]) == 0
    sheet = openpyxl.load_workbook("form.xlsx")["MNA 1"]
    assert sheet["E18"].value == "2024"
    shown = [sheet.cell(row, 5).value for row in range(19, 285)]
    total = read(folder / "data.csv").datasets[0].observations.astype("str")
    wanted = total[(total["CRS"] == "CRS_RES_TOTAL") & (total["SEX"] == "SEX_T")]
    assert shown[0] == float(wanted["OBS_VALUE"].iloc[0])
    assert run(["questionnaire", "read", "form.xlsx"]) == 0


def test_a_form_is_filled_from_the_database_and_goes_back_into_it(folder: Path) -> None:
    at = ["--time", "2026-01-01T00:00:00Z"]
    assert run(["db", "add", "data.csv", "--name", "office", *at]) == 0
    assert new("--tables", "MNA 1", "--tables", "MNA 5", "-o", "form.xlsx") == 0
    assert (
        run(["questionnaire", "fill", "form.xlsx", "--from", "db:", "-o", "filled.xlsx"]) == 0
    )
    (back,) = read_questionnaire("filled.xlsx").datasets
    database = Database("ilms-db")
    added = database.add(back, "office", at="2026-02-01T00:00:00Z")
    assert (added.added, added.changed, added.removed) == (0, 0, 0)
    before = [
        "questionnaire",
        "fill",
        "form.xlsx",
        "--from",
        "db:@2025-01-01",
        "-o",
        "old.xlsx",
    ]
    assert run(before) == 0
    assert read_questionnaire("old.xlsx").datasets == ()
    assert (
        run(["questionnaire", "fill", "form.xlsx", "--from", "none.csv", "-o", "x.xlsx"]) == 3
    )


def test_any_structure_message_gives_a_form(folder: Path) -> None:
    message = to_bytes(dataflow="EMP_MNAO_SEX_EDU_NB").replace(b'"ILO"', b'"XYZ"')
    path = folder / "own.xml"
    path.write_bytes(message.replace(b"EMP_MNAO_SEX_EDU_NB", b"OWN"))
    form = ["questionnaire", "new", "--area", "laos", "--year", "2024", "-s", "own.xml"]
    assert run([*form, "-o", "form.xlsx"]) == 0
    book = openpyxl.load_workbook("form.xlsx")
    (sheet,) = [book[name] for name in book.sheetnames if "OWN" in name]
    first = next(
        row for row in range(1, sheet.max_row + 1) if "EDU=" in str(sheet.cell(row, 1).value)
    )
    sheet.cell(first, 4, 12.5)
    book.save("filled.xlsx")
    read_ = ["questionnaire", "read", "filled.xlsx", "-o", "back.csv"]
    assert run(read_) == 4
    assert run([*read_, "-s", "own.xml"]) < 2
    (data,) = read(folder / "back.csv").datasets
    assert data.dataflow.startswith("XYZ:")
    assert data.observations["OBS_VALUE"].tolist() == ["12.5"]


def test_last_year_is_that_of_the_frequency_of_the_form(folder: Path) -> None:
    (data,) = read(folder / "data.csv").datasets
    frame = data.observations.astype("str").replace("nan", "")
    quarter = frame.assign(FREQ="Q", TIME_PERIOD="2024-Q4", OBS_VALUE="1")
    old = frame.assign(TIME_PERIOD="2014-10-01/P1Y", OBS_VALUE="2")
    mixed = pd.concat([quarter, frame, old], ignore_index=True)
    write(Dataset(mixed, data.components, data.dataflow), folder / "mixed.csv")
    form = ["questionnaire", "new", "--area", "LAO", "--year", "2025", "--tables", "MNA 1"]
    assert run([*form, "--previous", "mixed.csv", "-o", "form.xlsx"]) == 0
    sheet = openpyxl.load_workbook("form.xlsx")["MNA 1"]
    assert sheet["E18"].value == "2024"
    shown = {sheet.cell(row, 5).value for row in range(19, 285)} - {None}
    assert not shown & {1, 2}


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (
            ["new", "--area", "LAO", "--year", "2024", "--tables", "X", "-o", "f.xlsx"],
            3,
            "MST_1",
        ),
        (["new", "--area", "JJJ", "--year", "2024", "-o", "f.xlsx"], 3, "JJJ"),
        (["fill", "data.csv", "--from", "data.csv", "-o", "f.xlsx"], 4, "xlsx"),
        (["fill", "data.csv", "--from", "data.csv", "-o", "data.csv"], 3, "is the input"),
        (["read", "data.csv"], 4, "no questionnaire"),
        (
            ["describe", "data.csv", "--table", "x", "--area", "L", "--year", "1", "-o", "y"],
            3,
            "=",
        ),
    ],
)
def test_misuse_is_told(
    arguments: list[str],
    status: int,
    says: str,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["questionnaire", *arguments]) == status
    assert says in capsys.readouterr().err
    assert not (folder / "f.xlsx").exists()
