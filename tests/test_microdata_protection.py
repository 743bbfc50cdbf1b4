"""Protected tables of records: persons are counted unweighted, amounts by who earns them."""

from pathlib import Path

import pandas as pd
import pytest

from ilms_sdmx import Tabulation, find_disclosures, tabulate
from ilms_sdmx.cli import run
from ilms_sdmx.errors import MappingError

pytest.importorskip("duckdb")
pytest.importorskip("highspy")

MAPPING = """
microdata: 1
kind: {kind}
area: THA
periods: {{2024: persons.csv}}
variables:
{weight}  sex: {{variable: sex, codes: {{1: M, 2: F}}}}
  age: age
  birth: born
  occupation: {{variable: occ, codes: {{1: 1, 2: 2, 9: 9}}}}
  employment_status: {{variable: ste, codes: {{1: 1, 3: 3}}}}
  earnings: pay
universe:
  statuses: [{{status: employed, when: work = 1}}, {{status: unemployed, when: work = 2}}]
tables: [{tables}]
decimals: 6
{protection}
"""
TABLES = "EMP_TEMP_SEX_OCU_CBR_NB, EAP_DWAP_SEX_AGE_CBR_RT, EAP_TEAP_SEX_AGE_CBR_NB"
EARNINGS = "EAR_EMTA_SEX_CBR_CUR_NB"


def persons(few: int = 2) -> pd.DataFrame:
    """Sixty persons in every class, and few foreign-born women in occupation 9."""
    rows = []
    for sex in (1, 2):
        for born in ("THA", "MMR"):
            for occupation in (1, 2, 9):
                is_few = (sex, born, occupation) == (2, "MMR", 9)
                rows += [(sex, born, occupation)] * (few if is_few else 20)
    frame = pd.DataFrame(rows, columns=["sex", "born", "occ"])
    frame["age"] = 30
    frame["ste"] = 1
    frame["pay"] = 1000
    frame["work"] = 1
    frame["wgt"] = 50.5
    return frame


def written(
    folder: Path,
    frame: pd.DataFrame,
    protection: str = "protection: {minimum: 3}",
    tables: str = TABLES,
    kind: str = "census",
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    frame.to_csv(folder / "persons.csv", index=False)
    weight = "  weight: wgt\n" if kind == "survey" else ""
    path = folder / "mapping.yaml"
    text = MAPPING.format(kind=kind, weight=weight, tables=tables, protection=protection)
    path.write_text(text)
    return path


def jobs(made: Tabulation, **codes: str) -> pd.DataFrame:
    """Rows of the table by occupation that have some codes."""
    frames = [each.observations for each in made.datasets if "_OCU_" in each.dataflow]
    (frame,) = frames or [each.observations for each in made.datasets]
    for name, code in codes.items():
        frame = frame[frame[name] == code]
    return frame


SMALL = {"SEX": "SEX_F", "CBR": "CBR_BIR_FOREIGN", "OCU": "OCU_ISCO08_9"}


def test_few_persons_are_confidential_and_no_sum_gives_them_back(tmp_path: Path) -> None:
    made = tabulate(written(tmp_path, persons()))
    found = jobs(made, **SMALL)
    assert found["OBS_VALUE"].isna().all()
    assert found["OBS_STATUS"].tolist() == ["C"]
    assert made.protection is not None
    assert {"minimum", "sum"} <= set(made.protection.cells["reason"])
    assert not find_disclosures(made.datasets, minimum=3).errors
    hidden = made.cells[made.cells["status"] == "C"]
    assert len(hidden)
    assert hidden[["n", "estimate", "lower", "upper"]].isna().all().all()
    shown = made.cells[made.cells["status"] != "C"]
    assert shown["n"].notna().all()


def test_without_protection_or_with_a_reason_the_old_rule_holds(tmp_path: Path) -> None:
    plain = tabulate(written(tmp_path, persons(), ""))
    assert plain.protection is None
    assert jobs(plain, **SMALL)["OBS_VALUE"].isna().all()
    allowed = tabulate(written(tmp_path, persons()), allow="asked by the parliament")
    assert allowed.protection is None
    assert jobs(allowed, **SMALL)["OBS_VALUE"].notna().all()
    assert [f.rule for f in allowed.report if f.severity.name == "WARNING"] == [
        "cells-withheld"
    ]


def test_what_counts_is_persons_of_the_sample_and_s_and_u_stay_apart(tmp_path: Path) -> None:
    # Two persons of weight 50.5 are 101 persons, and still two.
    made = tabulate(written(tmp_path, persons(2), kind="survey"))
    assert jobs(made, **SMALL)["OBS_STATUS"].tolist() == ["C"]
    made = tabulate(written(tmp_path, persons(4), kind="survey"))
    found = jobs(made, **SMALL)
    assert found["OBS_STATUS"].tolist() == ["S"]
    assert found["OBS_VALUE"].isna().all()
    assert made.protection is not None
    assert not len(made.protection.cells)
    made = tabulate(written(tmp_path, persons(9), kind="survey"))
    assert jobs(made, **SMALL)["OBS_STATUS"].tolist() == ["U"]
    assert jobs(made, **SMALL)["OBS_VALUE"].notna().all()


@pytest.mark.parametrize(
    ("protection", "reason"),
    [
        ("protection: {minimum: 3, dominance: [1, 75]}", "dominance"),
        ("protection: {minimum: 3, p_percent: 10}", "p-percent"),
    ],
)
def test_earnings_of_one_who_has_nearly_all_are_hidden(
    tmp_path: Path, protection: str, reason: str
) -> None:
    frame = persons(20)
    is_small = (frame["sex"] == 2) & (frame["born"] == "MMR")
    frame.loc[frame.index[is_small][0], "pay"] = 10_000_000
    made = tabulate(written(tmp_path, frame, protection, EARNINGS))
    found = jobs(made, SEX="SEX_F", CBR="CBR_BIR_FOREIGN")
    assert found["OBS_STATUS"].tolist() == ["C"]
    assert made.protection is not None
    reasons = set(made.protection.cells["reason"])
    assert reason in reasons
    # The mean of all women would tell it with that of the native-born.
    assert jobs(made, SEX="SEX_F")["OBS_STATUS"].eq("C").sum() >= 2
    even = tabulate(written(tmp_path, persons(20), protection, EARNINGS))
    assert even.protection is not None
    assert not len(even.protection.cells)
    medians = made.cells[(made.cells["STATISTIC"] == "median") & (made.cells["status"] == "C")]
    means = made.cells[(made.cells["STATISTIC"] == "mean") & (made.cells["status"] == "C")]
    assert len(medians) == len(means) > 0


def test_what_must_be_published_and_cannot_be_protected_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    must = "protection: {minimum: 3, must: [{CBR: CBR_BIR_TOTAL}, {CBR: CBR_BIR_NATIVE}]}"
    mapping = written(tmp_path, persons(), must)
    assert run(["tabulate", str(mapping), "-o", str(tmp_path / "out")]) == 2
    assert not (tmp_path / "out").exists()
    assert "cannot be protected" in capsys.readouterr().err


def test_the_command_writes_the_list_for_the_office(tmp_path: Path) -> None:
    mapping = written(tmp_path, persons())
    out = tmp_path / "out"
    assert run(["tabulate", str(mapping), "-o", str(out)]) == 0
    cells = pd.read_csv(out / "protection.csv")
    assert (cells.loc[cells["reason"] == "minimum", "upper"] >= 3 - 1e-6).all()


@pytest.mark.parametrize(
    ("written_as", "words"),
    [
        ("protection: {minimum: 0}", "at least 1 person"),
        ("protection: {minimun: 3}", "did you mean minimum|minimun"),
        ("protection: {dominance: [1]}", "dominance as"),
        ("protection: {method: hiding}", "suppression"),
        ("protection: {base: 4}", "'4'"),
        ("protection: {p_percent: many}", "number of 0 or more"),
    ],
)
def test_a_rule_that_is_none_is_told_with_its_line(
    tmp_path: Path, written_as: str, words: str
) -> None:
    with pytest.raises(MappingError, match=words) as told:
        tabulate(written(tmp_path, persons(), written_as))
    assert "mapping.yaml, line 17" in str(told.value)
