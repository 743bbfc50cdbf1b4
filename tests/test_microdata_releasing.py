"""Harmonised records are in ILO's names and codes, and say how many persons may be recognised."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from ilms_sdmx.cli import run
from ilms_sdmx.errors import TableError
from ilms_sdmx.microdata import write_records
from tests.microdata import MAPPING, expected, survey, write

pytest.importorskip("duckdb")


def test_the_codes_are_those_of_the_ilo(tmp_path: Path) -> None:
    frame = survey(5, 200)
    counted = write_records(write(tmp_path, frame), tmp_path / "records.parquet")
    found = pd.read_parquet(tmp_path / "records.parquet")
    persons = expected(frame, "POP_XWAP")
    assert counted.rows == len(found) == len(persons)
    assert found["ilo_wgt"].sum() == pytest.approx(persons["wgt"].sum())
    assert (found["ilo_sex"] == 2).sum() == (persons["sex"] == 2).sum()
    assert (found["ilo_lfs"] == 1).sum() == len(expected(frame, "EMP_TEMP"))
    assert (found["ilo_age_5yrbands"] == 14).sum() == (persons["age"] >= 65).sum()
    employed = expected(frame, "EMP_TEMP")
    assert (found["ilo_job1_eco_isic4"] == 7).sum() == (employed["ind"] == "47").sum()
    assert (found["ilo_job1_ocu_isco08"] == 10).sum() == (employed["occ"] == "0").sum()
    assert (found["ilo_edu_isced11"] == 11).sum() == (persons["edu"] == 9).sum()
    assert (found["cbr"] == "MMR").sum() == (persons["born"] == "MMR").sum()


def test_no_identifier_and_no_order_of_the_file_is_in_them(tmp_path: Path) -> None:
    frame = survey(5, 150)
    write_records(write(tmp_path / "a", frame), tmp_path / "a.parquet")
    mixed = frame.sample(frac=1, random_state=1)
    write_records(write(tmp_path / "b", mixed), tmp_path / "b.parquet")
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    names = set(pd.read_parquet(tmp_path / "a.parquet").columns)
    assert not names & {"id", "person", "psu", "stratum", "household"}


def test_those_who_are_alone_are_counted(tmp_path: Path) -> None:
    rows = ["id,sex,age,born"] + [f"{n},1,30,THA" for n in range(12)] + ["99,2,44,MMR"]
    (tmp_path / "persons.csv").write_text("\n".join(rows))
    (tmp_path / "mapping.yaml").write_text(
        "microdata: 1\nkind: census\narea: THA\nperiods: {2020: persons.csv}\n"
        "variables: {sex: {variable: sex, codes: {1: M, 2: F}}, age: age, birth: born}\n"
    )
    counted = write_records(tmp_path / "mapping.yaml", tmp_path / "r.parquet")
    assert (counted.rows, counted.smallest, counted.few, counted.alone) == (13, 1, 1, 1)
    assert "1 of them are alone" in str(counted)


def test_the_command_writes_records_only_when_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, survey(6, 120))
    assert run(["tabulate", str(path), "-o", str(tmp_path / "out")]) in (0, 1)
    assert not list((tmp_path / "out").glob("*.parquet"))
    target = tmp_path / "records.parquet"
    arguments = ["tabulate", str(path), "-o", str(tmp_path / "out"), "--write-records"]
    assert run([*arguments, str(target)]) in (0, 1)
    assert "the smallest group alike" in capsys.readouterr().err
    assert target.is_file()


def test_records_with_errors_are_not_written(tmp_path: Path) -> None:
    frame = survey(6, 60)
    frame.loc[frame.index[:5], "sex"] = 3
    with pytest.raises(TableError, match="has the value 3"):
        write_records(write(tmp_path, frame, MAPPING), tmp_path / "r.parquet")
    assert not (tmp_path / "r.parquet").exists()
    with pytest.raises(TableError, match=r"ends in \.parquet"):
        write_records(write(tmp_path, frame, MAPPING), tmp_path / "r.csv")


def test_last_year_is_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    some = f"{MAPPING}tables: [DF_EMP_TEMP_SEX_AGE_CBR_NB, DF_POP_XWAP_SEX_AGE_CBR_NB]\n"
    path = write(tmp_path, survey(6, 200), some)
    assert run(["tabulate", str(path), "-o", str(tmp_path / "out")]) in (0, 1)
    capsys.readouterr()
    changed = survey(6, 200).assign(wgt=lambda frame: frame["wgt"] * 3)
    path = write(tmp_path, changed, some)
    before = str(tmp_path / "out" / "tables.xml")
    run(["tabulate", str(path), "-o", str(tmp_path / "new"), "--previous", before])
    assert "revision-changed" in capsys.readouterr().err
