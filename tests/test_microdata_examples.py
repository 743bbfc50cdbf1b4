"""The shipped records are made up, and go from the file to the questionnaire."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from ilms_sdmx._files import examples
from ilms_sdmx.cli import run
from ilms_sdmx.microdata import Tabulation, tabulate
from ilms_sdmx.microdata.shipped import copy_microdata_example, microdata_example
from tests import sandovia

pytest.importorskip("pyreadstat")
FOLDER = examples() / "microdata"


@pytest.fixture(scope="module")
def made() -> Tabulation:
    return tabulate(microdata_example("survey"))


def test_the_files_are_what_the_generator_makes(tmp_path: Path) -> None:
    sandovia.write_csv(tmp_path / "lfs2024.csv", sandovia.survey_rows())
    sandovia.write_csv(tmp_path / "permits.csv", sandovia.permit_rows())
    for name in ("lfs2024.csv", "permits.csv"):
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes()


def test_the_state_does_not_exist() -> None:
    from ilms_sdmx.structures.countries import is_for_users

    for name in ("survey.yaml", "register.yaml"):
        text = (FOLDER / name).read_text(encoding="utf-8")
        assert "made up" in text.splitlines()[0]
        assert "area: ZZZ" in text
    assert is_for_users("ZZZ")


def test_text_and_spss_make_the_same_tables(made: Tabulation, tmp_path: Path) -> None:
    copy_microdata_example("survey", tmp_path)
    path = tmp_path / "survey.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("2024: lfs2024.sav", "2024: lfs2024.csv"), encoding="utf-8")
    other = tabulate(path)
    assert other.cells.equals(made.cells)
    for mine, theirs in zip(made.datasets, other.datasets, strict=True):
        assert mine.observations.equals(theirs.observations)


def test_the_survey_fills_the_questionnaire(made: Tabulation) -> None:
    from ilms_sdmx import (
        fill_questionnaire,
        form_tables,
        read_questionnaire,
        write_questionnaire,
    )

    form = io.BytesIO()
    write_questionnaire(form_tables("ZZZ", "2024", tables=["MST 5", "MST 8"]), form)
    filled = fill_questionnaire(form.getvalue(), list(made.datasets))
    read = read_questionnaire(filled.content)
    by_flow = {each.dataflow: each for each in read.datasets}
    trade = by_flow["ILO:DF_EMP_TEMP_SEX_ECO_CBR_NB(1.0)"].observations
    whole = trade[(trade["SEX"] == "SEX_T") & (trade["ECO"] == "ECO_AGGREGATE_MAN")]
    cells = made.cells[
        (made.cells["DATAFLOW"] == "DF_EMP_TEMP_SEX_ECO_CBR_NB")
        & (made.cells["SEX"] == "SEX_T")
        & (made.cells["ECO"] == "ECO_AGGREGATE_MAN")
    ].set_index("CBR")
    figures = whole.dropna(subset="OBS_VALUE")
    assert len(figures) > 1
    for _, row in figures.iterrows():
        persons = cells.loc[row["CBR"], "estimate"]
        assert float(row["OBS_VALUE"]) == pytest.approx(persons / 1000, abs=6e-4)


def test_the_only_error_is_that_the_state_is_in_no_list(made: Tabulation) -> None:
    from ilms_sdmx import validate

    found = validate(list(made.datasets))
    errors = {(each.rule, each.read) for each in found if str(each.severity) == "error"}
    assert errors == {("unknown-code", "ZZZ")}


def test_examples_are_copied_and_not_over_changes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["tabulate", "--example", "register", "--copy", str(tmp_path)]
    assert run(arguments) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["permits.csv", "register.yaml"]
    (tmp_path / "register.yaml").write_text("mine")
    assert run(arguments) == 4
    assert "nothing is copied" in capsys.readouterr().err
    assert run(["tabulate"]) == 3
    assert run(["tabulate", "--copy", str(tmp_path), str(tmp_path / "register.yaml")]) == 3
