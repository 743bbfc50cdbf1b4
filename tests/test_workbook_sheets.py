"""Workbooks of frames: what a spreadsheet reads is what the frame has, quickly and the same each time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from ilms_sdmx.errors import TableError
from ilms_sdmx.outputs.reports import workbooks
from ilms_sdmx.outputs.reports.workbooks import write_tables

FRAME = pd.DataFrame(
    {
        "area": pd.Categorical(["Côte d’Ivoire", "<b>&", "ປະເທດລາວ"]),
        "formula": ["=1+1", "-5 per cent", "  two  spaces "],
        "figure": [1.5, np.nan, -2e-7],
        "count": pd.array([3, None, 12_345_678_901], dtype="Int64"),
        "agree": [True, False, True],
        "ratio": [np.inf, 0.1, 2.0],
    }
)


def test_a_spreadsheet_reads_what_the_frame_has(tmp_path: Path) -> None:
    path = tmp_path / "tables.xlsx"
    write_tables(
        {"pairs": FRAME, 'odd "name" & more than thirty-one characters': FRAME[:0]}, path
    )
    book = openpyxl.load_workbook(path)
    rows = [[cell.value for cell in row] for row in book["pairs"].iter_rows()]
    assert rows[0] == list(FRAME.columns)
    assert rows[1] == ["Côte d’Ivoire", "=1+1", 1.5, 3, True, "inf"]
    assert rows[2] == ["<b>&", "-5 per cent", None, None, False, 0.1]
    assert rows[3] == ["ປະເທດລາວ", "  two  spaces ", -2e-7, 12_345_678_901, True, 2]
    formula = book["pairs"]["B2"]
    assert formula.data_type != "f"
    assert formula.quotePrefix
    assert book["pairs"].freeze_panes == "A2"
    assert book["pairs"]["A1"].font.b
    names = CalamineWorkbook.from_path(path).sheet_names
    assert names == ["pairs", 'odd "name" & more than thirty-o']


def test_the_same_frame_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_tables({"pairs": FRAME}, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_rows_of_many_columns_are_all_there(tmp_path: Path) -> None:
    numbers = np.random.default_rng(5).random((2_000, 14))
    columns = {f"n{place}": numbers[:, place] for place in range(14)}
    codes = np.arange(2_000) % 250
    for place in range(18):
        texts = [f"code {number}" for number in range(250)]
        columns[f"c{place}"] = pd.Categorical.from_codes(codes, pd.Index(texts))
    frame = pd.DataFrame(columns)
    write_tables({"pairs": frame}, tmp_path / "large.xlsx")
    sheet = CalamineWorkbook.from_path(tmp_path / "large.xlsx").get_sheet_by_index(0)
    header, *rows = sheet.to_python()
    assert header == list(frame.columns)
    assert [tuple(row) for row in rows] == list(frame.itertuples(index=False, name=None))


def test_more_rows_than_a_sheet_holds_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "ROWS", 3)
    with pytest.raises(TableError, match="fewer than 3 rows for sheet pairs"):
        write_tables({"pairs": FRAME}, tmp_path / "no.xlsx")
    assert not (tmp_path / "no.xlsx").exists()
