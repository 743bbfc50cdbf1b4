"""`ilms-sdmx db`: converted tables and messages go in, what was known on a day comes out."""

import os
from pathlib import Path

import pandas as pd
import pytest

from ilms_sdmx import convert, example, read, write, write_conversion
from ilms_sdmx.cli import run
from ilms_sdmx.database import Database
from tests.test_database import FLOW, row, stock

EXAMPLE = "tha-abroad"
NAME = "thai_workers_abroad_2567_Q1"
STOCK = "DF_POP_MNAS_SEX_CRS_NB"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ILMS_SDMX_DB", str(tmp_path / "db"))
    return tmp_path


@pytest.fixture
def converted(place: Path) -> Path:
    """Folder that `convert` wrote."""
    conversion = convert(*example(EXAMPLE))
    write_conversion(conversion, place / "out", prepared="2026-01-01T00:00:00Z")
    return place / "out"


def test_a_conversion_is_added_with_cells_and_findings_and_added_once(
    converted: Path, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["db", "add", str(converted), "--provider", "DOE", "--time", "2026-01-02"]
    assert run(arguments) == 0
    assert "19 observations, 19 added" in capsys.readouterr().out
    assert run(arguments) == 0
    assert "19 observations, unchanged" in capsys.readouterr().out
    database = Database(place / "db")
    (vintage,) = database.show()
    assert (vintage.name, vintage.provider, vintage.address) == (NAME, "DOE", f"{NAME}.xlsx")
    assert len(vintage.sha256) == 64
    frame = database.frame(STOCK)
    assert set(frame["origin_sheet"]) == {"สรุป"}
    assert frame["origin_cell"].notna().all()


def test_a_conversion_in_memory_is_the_same_as_its_files(converted: Path, place: Path) -> None:
    assert run(["db", "add", str(converted), "--name", "a", "--time", "2026-01-02"]) == 0
    other = Database(place / "other")
    other.add(convert(*example(EXAMPLE)), "a", at="2026-01-02")
    for flow in other.manifest.schemas:
        left = Database(place / "db").get(flow).observations.astype("object")
        right = other.get(flow).observations.astype("object")
        pd.testing.assert_frame_equal(left, right[left.columns])
    assert other.show()[0].sha256 == Database(place / "db").show()[0].sha256


def test_what_goes_in_comes_out_on_any_day_in_any_format(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for day, value in (("2026-01-01", "1.10"), ("2026-02-01", "1.20")):
        write(stock(row(value=value), row("THA", "5")), place / "m.csv", "sdmx-csv-1.0")
        assert run(["db", "add", str(place / "m.csv"), "--time", day, "--who", "me"]) == 0
    capsys.readouterr()
    out = place / "then.xml"
    figures = f"{FLOW}/PHL"
    said = ["--as-of", "2026-01-31", "-f", "sdmx-ml-3.0", "-o", str(out)]
    assert run(["db", "get", figures, *said]) == 0
    (then,) = read(out, structure=FLOW).datasets
    assert then.observations["OBS_VALUE"].tolist() == ["1.10"]
    assert run(["db", "get", figures]) == 0
    assert ",1.20" in capsys.readouterr().out
    assert run(["db", "history", figures]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == [
        "2026-01-01T00:00:00Z",
        "2026-02-01T00:00:00Z",
    ]
    assert run(["db", "list"]) == 0
    heading, line = capsys.readouterr().out.splitlines()
    held = dict(zip(heading.split("\t"), line.split("\t"), strict=True))
    assert (held["name"], held["figures"], held["areas"], held["additions"]) == (
        "m",
        "2",
        "2",
        "2",
    )
    assert run(["db", "show", "m"]) == 0
    assert "+0 ~1 -0\tme" in capsys.readouterr().out


def test_an_export_has_one_source_an_area(place: Path) -> None:
    database = Database(place / "db")
    database.add(stock(row(value="100")), "census", at="2026-01-01", source="AA:1")
    database.add(stock(row(value="80")), "survey", at="2026-01-01", source="BA:1")
    assert run(["db", "export", str(place / "x")]) == 0
    (path,) = (place / "x").iterdir()
    (dataset,) = read(path).datasets
    assert dataset.observations["OBS_VALUE"].tolist() == ["80"]
    assert run(["db", "export", str(place / "x"), "--prefer", "AA"]) == 0
    assert read(path).datasets[0].observations["OBS_VALUE"].tolist() == ["100"]


def test_a_message_is_merged_or_is_the_whole(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = place / "m.csv"
    rows = [row(cds=f"CDS_DES_{number}") for number in range(10)]
    write(stock(*rows), path, "sdmx-csv-1.0")
    assert run(["db", "add", str(path), "--time", "2026-01-01"]) == 0
    write(stock(rows[0]), path, "sdmx-csv-1.0")
    assert run(["db", "add", str(path), "--time", "2026-01-02"]) == 4
    assert "9 of 10 keys" in capsys.readouterr().err
    assert run(["db", "add", str(path), "--time", "2026-01-02", "--merge"]) == 0
    assert "unchanged" in capsys.readouterr().out
    removals = ["--time", "2026-01-02", "--accept-removals"]
    assert run(["db", "add", str(path), *removals]) == 0
    assert "9 removed" in capsys.readouterr().out


def test_a_validation_is_kept_with_the_addition(place: Path) -> None:
    women = row(sex="SEX_F", value="60")
    men = row(sex="SEX_M", value="50")
    write(stock(row(value="100"), women, men), place / "m.csv", "sdmx-csv-1.0")
    assert run(["db", "add", str(place / "m.csv"), "--validate"]) == 0
    (vintage,) = Database(place / "db").show()
    assert vintage.validation["error"] > 0


def test_damage_is_said_and_the_manifest_restored(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = Database(place / "db")
    database.add(stock(row()), "a", at="2026-01-01")
    assert run(["db", "check"]) == 0
    assert "1 files are as they were written" in capsys.readouterr().out
    (place / "db" / "manifest.json").write_bytes(b"{")
    assert run(["db", "list"]) == 4
    assert "db check --restore" in capsys.readouterr().err
    assert run(["db", "check", "--restore"]) == 0
    (place / "db" / database.manifest.segments[0].path).write_bytes(b"PAR1")
    assert run(["db", "check"]) == 2
    assert "nothing before it is kept" in capsys.readouterr().out
    assert run(["db", "gc"]) == 0


def test_queries_are_answered_as_csv(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("duckdb")
    Database(place / "db").add(stock(row()), "a", at="2026-01-01")
    query = "select OBS_VALUE, OBS_VALUE_TEXT, figure_number from DF_POP_MNAO_SEX_CDS_NB"
    assert run(["db", "sql", query]) == 0
    head = "OBS_VALUE,OBS_VALUE_TEXT,figure_number"
    assert capsys.readouterr().out == f"{head}\n1.1,1.10,1.1\n"
    query = "select sum(OBS_VALUE) as total from DF_POP_MNAO_SEX_CDS_NB_history"
    assert run(["db", "sql", query]) == 0
    assert capsys.readouterr().out == "total\n1.1\n"
    assert run(["db", "sql", "selec 1"]) == 4


def test_where_there_is_no_database_nothing_is_made(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (["list"], ["show"], ["gc"], ["check"], ["get", "X"], ["history", "X"]):
        assert run(["db", *command]) == 4
        assert "there is no database" in capsys.readouterr().err
    assert not os.path.exists(place / "db")
    assert run(["db", "add", str(place)]) == 4
    assert "has no conversion" in capsys.readouterr().err
