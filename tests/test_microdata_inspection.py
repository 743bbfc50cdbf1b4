"""What a file of records holds is told, and nobody in it is shown."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from ilms_sdmx.cli import run
from ilms_sdmx.microdata import inspect_microdata, read_microdata

pyreadstat = pytest.importorskip("pyreadstat")


def survey(path: Path, count: int = 60) -> None:
    """Survey of made-up persons, with names, telephones and a lonely answer."""
    numbers = range(count)
    frame = pd.DataFrame(
        {
            "ID": [float(number) for number in numbers],
            "FULL_NAME": [f"Person{number:03d}" for number in numbers],
            "q7": [f"+66 81 {number:06d}" for number in numbers],
            "Q2": [1.0 + number % 2 for number in numbers],
            "Q3": [float(number % 70) for number in numbers],
            "Q4": [764.0] * (count - 13) + [104.0] * 12 + [418.0],
            "Q9": [1.0] * (count - 10) + [98.0] * 6 + [99.0] * 4,
            "WGT": [100.5 + number % 7 for number in numbers],
        }
    )
    pyreadstat.write_sav(
        frame,
        str(path),
        column_labels=[
            "Person number",
            "Name",
            "Mobile phone",
            "Sex",
            "Age in completed years",
            "Country of birth",
            "Worked last week",
            "Final weight",
        ],
        variable_value_labels={
            "Q2": {1.0: "Male", 2.0: "Female"},
            "Q4": {764.0: "Thailand", 104.0: "Myanmar", 418.0: "Lao PDR"},
            "Q9": {1.0: "Yes", 98.0: "Refused", 99.0: "Not asked"},
        },
        missing_ranges={"Q9": [{"lo": 98, "hi": 99}]},
    )


def test_variables_labels_missing_codes_and_roles_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    survey(tmp_path / "lfs.sav")
    assert run(["inspect", str(tmp_path / "lfs.sav")]) == 0
    shown = capsys.readouterr().out
    assert "lfs.sav: 60 records, 8 variables" in shown
    assert "1 Male 30; 2 Female 30" in shown
    assert "missing: 98 Refused 6; 99 Not asked 4" in shown
    for role, variable in [("sex", "Q2"), ("age", "Q3"), ("birth", "Q4"), ("weight", "WGT")]:
        assert any(line.split()[:2] == [role, f"{variable}:"] for line in shown.splitlines())


def test_nobody_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    survey(tmp_path / "lfs.sav")
    for extra in ([], ["--json"]):
        assert run(["inspect", str(tmp_path / "lfs.sav"), *extra]) == 0
        shown = capsys.readouterr().out
        assert "Person00" not in shown
        assert "+66" not in shown
        # Only one person was born there: the label is of the file, the value of a person.
        assert "418 Lao PDR 1" not in shown


def test_roles_have_their_evidence(tmp_path: Path) -> None:
    survey(tmp_path / "lfs.sav")
    found = inspect_microdata(read_microdata(tmp_path / "lfs.sav", tmp_path))
    evidence = {each.role: each.evidence for each in found.proposals()}
    assert evidence["birth"] == (
        "a word for it is its name or label",
        "3 of 3 labels of its values mean codes of it",
    )
    proven = {each.role for each in found.proposals() if each.is_proven}
    assert {"sex", "age", "birth", "weight"} <= proven
    personal = {each.variable.name for each in found.variables if each.is_personal}
    assert personal == {"FULL_NAME", "q7"}


def test_json_is_plain(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_text("SEXE\n" + "F\n" * 6)
    (tmp_path / "b.csv").write_text("SEXE\n" + "M\n" * 7)
    assert run(["inspect", "--json", str(tmp_path)]) == 0
    trees = json.loads(capsys.readouterr().out)
    assert [tree["records"] for tree in trees] == [6, 7]
    assert trees[0]["variables"][0]["values"] == {"F": 6}


def test_names_of_a_known_kind_of_file_are_recognised(tmp_path: Path) -> None:
    names = ["ilo_wgt", "ilo_sex", "ilo_lfs", "ilo_job1_eco_isic4"]
    (tmp_path / "ilo.csv").write_text(",".join(names) + "\n" + "1,2,3,4\n" * 5)
    found = inspect_microdata(read_microdata(tmp_path / "ilo.csv", tmp_path))
    roles = {each.role: each for each in found.proposals()}
    assert set(roles) == {"weight", "sex", "labour_status", "industry"}
    assert "ilo, 4 of whose names the file has" in roles["sex"].evidence[0]


def test_a_message_is_still_a_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    message = "DATAFLOW,REF_AREA,TIME_PERIOD,OBS_VALUE\nA:B(1.0),THA,2020,1\n"
    (tmp_path / "message.csv").write_text(message)
    run(["inspect", str(tmp_path / "message.csv")])
    assert "sdmx-csv" in capsys.readouterr().out.lower()
