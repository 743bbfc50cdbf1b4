"""The tutorial from the records to the questionnaire, followed to the letter."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from ilms_sdmx.cli import run

pytest.importorskip("duckdb")
pytest.importorskip("pyreadstat")

PAGE = Path(__file__).parents[1] / "docs" / "tutorial" / "first-tabulation.md"
COMMANDS = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)


@pytest.mark.slow
def test_the_tutorial_goes_from_the_records_to_a_filled_questionnaire(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = []
    for line in "".join(COMMANDS).splitlines():
        program, *arguments = line.split()
        assert program == "ilms-sdmx"
        assert run(arguments) in (0, 1), line
        captured = capsys.readouterr()
        shown.append(captured.out + captured.err)
    inspected = shown[1]
    assert "Refused" in inspected
    assert "Does not know" in inspected
    # What the page says of the tables.
    assert "Sixty-four tables" in PAGE.read_text(encoding="utf-8")
    report = json.loads(Path("out/report.json").read_text(encoding="utf-8"))
    assert len(report["tables"]) == 64
    cells = pd.read_csv("out/cells.csv", low_memory=False)
    few = cells[cells["n"] < 5]
    assert set(few["status"]) == {"S"}
    assert (cells.loc[cells["n"].between(5, 14), "status"] == "U").all()
    assert cells["se"].notna().any()
    from ilms_sdmx import read_questionnaire

    assert read_questionnaire("filled.xlsx").datasets
    populations = pd.read_csv("permits/populations.csv")
    assert {"stock", "inflow", "outflow"} <= set(populations["group"])


def test_a_line_that_is_deleted_stops_with_the_value_and_what_to_add(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["tabulate", "--example", "survey", "--copy", "sandovia"]) == 0
    mapping = Path("sandovia/survey.yaml")
    text = mapping.read_text(encoding="utf-8")
    start = text.index("  birth:")
    line = "    missing: [999]\n"
    mapping.write_text(text[:start] + text[start:].replace(line, "", 1), encoding="utf-8")
    assert run(["tabulate", "sandovia/survey.yaml", "-o", "out"]) == 2
    said = capsys.readouterr().err
    assert "C05_BIRTH (birth) has the value 999 in" in said
    assert "missing: [999]" in said
    assert not Path("out").exists()
