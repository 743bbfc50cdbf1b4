"""`cat`, `transform` and `inspect`: what a user sees, in bounded memory."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from ilms_sdmx.cli import run
from ilms_sdmx.messages import read

TEXT = """DATAFLOW,REF_AREA,FREQ,TIME_PERIOD,OBS_VALUE,OBS_STATUS,SOURCE
ILO:DF_X(1.0),PHL,A,2023,1827.80,R,"LFS, ""annual"" round"
ILO:DF_X(1.0),THA,A,2023,,,
ILO:DF_X(1.0),THA,A,2024,NaN,U,
"""


@pytest.fixture
def message(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_cat_shows_a_table_and_how_much_is_left(
    message: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["cat", str(message), "--head", "1"]) == 0
    out = capsys.readouterr().out
    assert "ILO:DF_X(1.0)" in out
    assert "1827.80" in out
    assert "THA" not in out
    assert "1 of 3 observations" in out


def test_cat_prints_csv(message: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cat", "--csv", str(message), "-n", "2"]) == 0
    assert capsys.readouterr().out == (
        "REF_AREA,FREQ,TIME_PERIOD,OBS_VALUE,OBS_STATUS,SOURCE\n"
        'PHL,A,2023,1827.80,R,"LFS, ""annual"" round"\n'
        "THA,A,2023,,,\n"
    )


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("out.xml", "sdmx-ml-2.1"),
        ("out.json", "sdmx-json-2.0"),
        ("out.csv", "sdmx-csv-1.0"),
        ("out.xml.gz", "sdmx-ml-2.1"),
    ],
)
def test_transform_takes_the_format_from_the_name(
    message: Path, name: str, format: str
) -> None:
    target = message.with_name(name)
    assert run(["transform", str(message), str(target)]) == 0
    found = read(target)
    assert found.format == format
    assert found.datasets[0].observations["OBS_VALUE"].tolist()[0] == "1827.80"
    assert (target.read_bytes()[:2] == b"\x1f\x8b") is name.endswith(".gz")


def test_transform_changes_the_action(message: Path) -> None:
    target = message.with_name("out.csv")
    arguments = [
        "transform",
        str(message),
        str(target),
        "-f",
        "sdmx-csv-2.1",
        "--action",
        "Merge",
        "--separator",
        ";",
    ]
    assert run(arguments) == 0
    assert (
        target.read_text(encoding="utf-8")
        .splitlines()[1]
        .startswith("dataflow;ILO:DF_X(1.0);M;PHL")
    )


def test_transform_takes_roles_from_a_structure(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.json"
    source.write_text(
        "DATAFLOW,REF_AREA,FREQ,MEASURE,SEX,CDS,TIME_PERIOD,OBS_VALUE,UNIT_MULT\n"
        "ILO:DF_EMP_MNAO_SEX_CDS_NB(1.0),PHL,A,EMP_MNAO_NB,SEX_T,CDS_DES_TOTAL,2023,1827.80,3\n"
    )
    assert run(["transform", str(source), str(target), "-s", "DF_EMP_MNAO_SEX_CDS_NB"]) == 0
    assert read(target).datasets[0].components.attributes["UNIT_MULT"] == ("MEASURE",)


def test_nothing_is_left_where_transform_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.xml"
    source.write_text("DATAFLOW,D,OBS_VALUE\nX:F(1.0),a,1\nX:F(1.0),b\n")
    assert run(["transform", str(source), str(target)]) == 4
    assert "line 3: expected 3 fields, found 2" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["in.csv"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["transform", "{in}", "out.dat"], "say --format"),
        (["transform", "{in}", "out.xml", "--separator", ";"], "--separator is for SDMX-CSV"),
    ],
)
def test_misuse_is_named(
    message: Path, arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([a.replace("{in}", str(message)) for a in arguments]) == 3
    assert expected in capsys.readouterr().err


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cat", str(tmp_path / "none.xml")]) == 4
    assert "No such file" in capsys.readouterr().err


def test_inspect_says_what_is_there(message: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["inspect", str(message)]) == 0
    out = capsys.readouterr().out
    for line in (
        "Format        sdmx-csv-1.0",
        "  holds       3 observations in 2 series",
        "  periods     2023 to 2024",
        "  dimension   REF_AREA: 2 codes: PHL, THA",
        "  measure     OBS_VALUE: 2 values, 1 of them no numbers",
        "  attribute   SOURCE (observation): 1 values",
    ):
        assert line in out.splitlines()


def test_inspect_in_json(message: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["inspect", "--json", str(message)]) == 0
    tree = json.loads(capsys.readouterr().out)
    [data] = tree["data sets"]
    assert (data["observations"], data["series"], data["periods"]) == (3, 2, ["2023", "2024"])
    assert data["attributes"]["SOURCE"] == {"level": "observation", "values": 1}
    assert tree["findings"][0]["rule"] == "inferred-components"


def test_standard_input_and_output(message: Path) -> None:
    packed = gzip.compress(message.read_bytes())
    command = [sys.executable, "-m", "ilms_sdmx", "transform", "-", "-", "-f", "sdmx-json-2.0"]
    done = subprocess.run(command, input=packed, capture_output=True, check=True)
    assert read(done.stdout).datasets[0].observations["REF_AREA"].tolist() == [
        "PHL",
        "THA",
        "THA",
    ]


PROGRAM = """
import resource, sys
from ilms_sdmx.cli import run
from ilms_sdmx.messages import read_batches

assert run(["transform", *sys.argv[1:3], "-f", sys.argv[3]]) == 0
with read_batches(sys.argv[2]) as batches:
    count = sum(map(len, batches))
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.parametrize("format", ["sdmx-csv-2.0", "sdmx-json-2.0", "sdmx-ml-2.1"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, format: str) -> None:
    """Many times the observations may not take much more memory: batches are let go."""
    peaks = {}
    for size in (30_000, 300_000):
        source, target = tmp_path / f"{size}.csv", tmp_path / "out"
        with source.open("w") as stream:
            stream.write("DATAFLOW,REF_AREA,TIME_PERIOD,OBS_VALUE\n")
            stream.writelines(
                f"X:F(1.0),{i // 60},{1960 + i % 60},{i}.5\n" for i in range(size)
            )
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(source), str(target), format],
            capture_output=True,
            check=True,
            encoding="utf-8",
        )
        count, peaks[size] = map(int, done.stdout.split())
        assert count == size
    assert peaks[300_000] - peaks[30_000] < 150


def test_the_commands_offer_every_format_that_can_be_written() -> None:
    from ilms_sdmx.cli.outputs import MESSAGES
    from ilms_sdmx.messages.dispatch import WRITERS

    assert sorted(MESSAGES) == sorted(WRITERS)


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    rows = "".join(f"dataflow,ILO:DF(1.0),I,{n},{n}\n" for n in range(200_000))
    source = tmp_path / "data.csv"
    source.write_text(f"STRUCTURE,STRUCTURE_ID,ACTION,A,OBS_VALUE\n{rows}", encoding="utf-8")
    command = [sys.executable, "-m", "ilms_sdmx", "cat", "--csv", str(source)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline().strip() == b"A,OBS_VALUE"
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 0


def test_a_table_wider_than_the_page_says_once_what_is_the_same_in_all_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "data.csv"
    head = "STRUCTURE,STRUCTURE_ID,ACTION,REF_AREA,MEASURE,CDS,OBS_VALUE"
    rows = [
        f"dataflow,ILO:DF(1.0),I,VNM,EMP_MNAO_NB,{code},{n}"
        for n, code in enumerate(("JPN", "KOR"))
    ]
    source.write_text("\n".join([head, *rows]), encoding="utf-8")
    monkeypatch.setenv("COLUMNS", "30")
    assert run(["cat", str(source)]) == 0
    narrow = " ".join(capsys.readouterr().out.split())
    assert "REF_AREA VNM" in narrow
    assert narrow.count("VNM") == 1
    assert all(code in narrow for code in ("JPN", "KOR"))
    monkeypatch.setenv("COLUMNS", "120")
    assert run(["cat", str(source)]) == 0
    assert capsys.readouterr().out.count("VNM") == 2
    assert run(["cat", str(source), "--head", "0"]) == 0
    assert "0 of 2 observations" in capsys.readouterr().out
