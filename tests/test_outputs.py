"""Outputs of commands: never an input, a device or a pipe replaced, all files or none, no traceback."""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilms_sdmx import annotate, convert, example, read, to_parquet, write_conversion
from ilms_sdmx._files import all_or_none, replacing, write_whole
from ilms_sdmx.cli import run
from ilms_sdmx.errors import OutputError
from ilms_sdmx.outputs.reports.workbooks import write_tables
from ilms_sdmx.tables.safe_cells import guarded, unguarded

TIME = "2026-11-21T08:00:00Z"
TEXT = """DATAFLOW,REF_AREA,FREQ,TIME_PERIOD,OBS_VALUE,OBS_STATUS
ILO:DF_X(1.0),PHL,A,2023,1827.80,R
ILO:DF_X(1.0),THA,A,2024,12,U
"""
needs_devices = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder with a workbook, its mapping and a message, in which commands run."""
    workbook, mapping = example("brn-local-foreign")
    shutil.copy(workbook, tmp_path / "w.xlsx")
    shutil.copy(mapping, tmp_path / "w.yaml")
    table, mapping = example("phl-emigrants")
    shutil.copy(table, tmp_path / "p.csv")
    shutil.copy(mapping, tmp_path / "p.yaml")
    (tmp_path / "m.csv").write_text(TEXT, encoding="utf-8")
    (tmp_path / "codes.csv").write_text("source,code\nMyanmar,MMR\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def command(*arguments: str, **how: object) -> subprocess.CompletedProcess[bytes]:
    program = [sys.executable, "-m", "ilms_sdmx", *arguments]
    return subprocess.run(program, check=False, timeout=120, **how)  # type: ignore[call-overload, no-any-return]


def piped(path: Path, act: Callable[[], int]) -> tuple[int, bytes]:
    """Exit status of a command, and what somebody reads from the pipe meanwhile."""
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(path.read_bytes()), daemon=True)
    reader.start()
    status = act()
    reader.join(20)
    return status, got[0]


# --- an output is no input ---

CONVERT = ["convert", "w.xlsx", "w.yaml", "-o", "out"]


@pytest.mark.parametrize(
    "arguments",
    [
        [*CONVERT, "--check", "--annotate", "w.xlsx"],
        [*CONVERT, "--report", "w.xlsx"],
        [*CONVERT, "--report", "link.yaml"],
        [*CONVERT, "--annotate", "hard.xlsx"],
        [*CONVERT, "--report", "sub/../w.yaml"],
        ["validate", "m.csv", "--format", "html", "-o", "m.csv"],
        ["validate", "m.csv", "--previous", "w.yaml", "-o", "w.yaml"],
        ["validate", "m.csv", "--exceptions", "w.yaml", "-o", "link.yaml"],
        ["compare", "m.csv", "--with", "snapshot", "--xlsx", "m.csv"],
        ["compare", "m.csv", "--with", "w.xlsx", "--json", "w.xlsx"],
        ["map", "w.xlsx", "-o", "w.xlsx", "--force"],
        ["map", "w.yaml", "-o", "link.yaml", "--force"],
        ["transform", "m.csv", "m.csv"],
        ["transform", "m.csv", "m2.csv", "--structure", "m2.csv"],
        ["fetch", "undesa-stock", "bilateral", "--file", "w.xlsx", "-o", "w.xlsx"],
        ["fetch", "undesa-stock", "bilateral", "--file", "w.xlsx", "--rest", "hard.xlsx"],
    ],
    ids=" ".join,
)
def test_no_output_replaces_an_input(
    place: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("link.yaml").symlink_to("w.yaml")
    os.link("w.xlsx", "hard.xlsx")
    shutil.copy("m.csv", "m2.csv")
    Path("sub").mkdir()
    before = contents(place)
    assert run(arguments) == 3
    assert "not written over" in capsys.readouterr().err
    assert contents(place) == before


def test_a_file_that_the_mapping_names_is_an_input_too(place: Path) -> None:
    mapping = Path("w.yaml").read_text("utf-8")
    head, codes, tail = mapping.partition("\ncodes:\n")
    assert codes
    Path("w.yaml").write_text(f"{head}{codes}  more: {{file: codes.csv}}\n{tail}", "utf-8")
    before = contents(place)
    assert run([*CONVERT, "--report", "codes.csv"]) == 3
    assert contents(place) == before


def test_a_conversion_writes_over_none_of_its_inputs(place: Path) -> None:
    source = place / "w.provenance.csv"
    shutil.copy("w.xlsx", source)
    done = convert("w.xlsx", "w.yaml")
    with pytest.raises(OutputError, match="it is the input"):
        write_conversion(done, place, prepared=TIME, inputs=[source])
    assert source.read_bytes() == Path("w.xlsx").read_bytes()
    with pytest.raises(OutputError, match="it is the input"):
        annotate(done, "w.xlsx", "w.xlsx")


def test_one_pipe_takes_no_two_messages(place: Path) -> None:
    before = contents(place)
    assert run(["convert", "w.xlsx", "w.yaml", "-f", "sdmx-csv-1.0", "-o", "-"]) == 3
    assert run(["convert", "p.csv", "p.yaml", "-o", "-"]) == 3
    assert contents(place) == before


def test_two_outputs_are_two_files(place: Path) -> None:
    assert run([*CONVERT, "--report", "x.html", "--annotate", "sub/../x.html"]) == 3


def test_standard_input_is_an_input(place: Path) -> None:
    with Path("m.csv").open("rb") as stream:
        done = command("transform", "-", "m.csv", stdin=stream, capture_output=True)
    assert done.returncode == 3
    assert Path("m.csv").read_text("utf-8") == TEXT


def test_map_asks_before_it_writes_over_decisions(place: Path) -> None:
    Path("old.yaml").write_text("decided\n", "utf-8")
    Path("link").symlink_to("old.yaml")
    assert run(["map", "w.xlsx", "-o", "link"]) == 3
    assert run(["map", "w.xlsx", "-o", "link", "--force"]) == 1
    assert Path("link").is_symlink()
    assert "mapping: " in Path("old.yaml").read_text("utf-8")


# --- standard output, pipes and devices ---

WRITERS = {
    "map": (["map", "w.xlsx", "-o"], b"mapping: "),
    "validate": (["validate", "m.csv", "--format", "json", "-o"], b'"findings"'),
    "structures": (["structures", "export", "--dataflow", "EMP_STEM_SEX_CCT_NB"], b"Structure"),
    "transform": (["transform", "m.csv", "-f", "sdmx-json-2.0"], b'"dataSets"'),
    "compare": (["compare", "m.csv", "--with", "m.csv", "--json"], b'"ours"'),
    "annotate": ([*CONVERT, "--annotate"], b"PK"),
    "report": ([*CONVERT, "--report"], b"<html"),
    "convert": (["convert", "p.csv", "p.yaml", "-f", "sdmx-csv-1.0", "-o"], b"DATAFLOW,"),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_dash_is_standard_output(
    place: Path, name: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    arguments, expected = WRITERS[name]
    assert run([*arguments, "-"]) in (0, 1, 2)
    out = capfdbinary.readouterr().out
    assert expected in out
    # Nothing else is said where the result goes.
    assert b"wrote" not in out
    assert b"cells:" not in out[:200]
    assert not Path("-").exists()


@pytest.mark.parametrize("name", WRITERS)
def test_a_pipe_is_written_to_and_stays(place: Path, name: str) -> None:
    arguments, expected = WRITERS[name]
    os.mkfifo("pipe")
    status, got = piped(Path("pipe"), lambda: run([*arguments, "pipe"]))
    assert status in (0, 1, 2)
    assert expected in got
    assert stat.S_ISFIFO(os.stat("pipe").st_mode)


@needs_devices
@pytest.mark.parametrize("name", WRITERS)
def test_devices_are_written_to_and_a_full_one_is_said(
    place: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    # A link stands for the device, so that no defect can harm the machine.
    Path("null").symlink_to("/dev/null")
    Path("full").symlink_to("/dev/full")
    before = os.stat("/dev/null").st_ino
    arguments, _ = WRITERS[name]
    assert run([*arguments, "null"]) in (0, 1, 2)
    assert os.stat("/dev/null").st_ino == before
    capsys.readouterr()
    assert run([*arguments, "full"]) == 4
    assert "full cannot be written: No space left" in capsys.readouterr().err
    assert stat.S_ISCHR(os.stat("full").st_mode)


@needs_devices
def test_the_open_file_of_the_process_is_written_to(place: Path) -> None:
    for path in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"):
        done = command("transform", "m.csv", path, "-f", "sdmx-csv-1.0", capture_output=True)
        assert done.stdout.decode() == TEXT, done.stderr
    with Path("log").open("wb") as log:
        log.write(b"before\n")
        log.flush()
        command("transform", "m.csv", "/dev/stdout", "-f", "sdmx-csv-1.0", stdout=log)
    assert Path("log").read_text("utf-8") == f"before\n{TEXT}"


def test_parquet_goes_where_it_should(place: Path) -> None:
    Path("there").mkdir()
    Path("link.parquet").symlink_to("there/x.parquet")
    assert to_parquet("m.csv", "link.parquet") == 2
    assert Path("link.parquet").is_symlink()
    assert Path("there/x.parquet").read_bytes().startswith(b"PAR1")
    assert [p.name for p in Path("there").iterdir()] == ["x.parquet"]


@needs_devices
@pytest.mark.parametrize(
    "arguments",
    [
        ["cat", "m.csv"],
        ["cat", "--csv", "m.csv"],
        ["inspect", "m.csv"],
        ["map", "w.xlsx"],
        ["structures", "codes", "CL_CCT"],
        ["transform", "m.csv", "-", "-f", "sdmx-ml-2.1"],
        ["validate", "m.csv"],
        ["convert", "w.xlsx", "w.yaml", "-o", "out"],
    ],
    ids=" ".join,
)
def test_a_full_standard_output_is_an_error_of_ours(place: Path, arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = command(*arguments, stdout=full, stderr=subprocess.PIPE)
    said = done.stderr.decode()
    assert done.returncode == 4, said
    assert "standard output: No space left on device" in said
    assert "Traceback" not in said
    assert "Exception ignored" not in said


# --- all files or none ---


def test_a_folder_in_the_way_of_one_file_leaves_none(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("out/w.report.json").mkdir(parents=True)
    assert run([*CONVERT, "--report", "page.html", "--annotate", "copy.xlsx"]) == 4
    assert "report.json cannot be written: Is a directory" in capsys.readouterr().err
    assert [p.name for p in Path("out").iterdir()] == ["w.report.json"]
    assert not Path("page.html").exists()
    assert not Path("copy.xlsx").exists()


def test_what_was_there_is_there_again_if_one_file_cannot_get_its_name(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "c"):
        Path(name).write_text("old", "utf-8")
    rename = os.replace

    def failing(source: Path, target: Path) -> None:
        if Path(target).name == "c" and "before" not in Path(source).name:
            raise OSError(28, "No space left on device")
        rename(source, target)

    def write_all() -> None:
        with all_or_none():
            for name in ("a", "b", "c"):
                with replacing(place / name) as stream:
                    stream.write(b"new")

    monkeypatch.setattr("ilms_sdmx._files.writing.os.replace", failing)
    before = contents(place)
    with pytest.raises(OutputError, match="c cannot be written: No space"):
        write_all()
    assert contents(place) == before


def test_check_writes_nothing_and_says_so(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(place)
    options = ["--report", "page.html", "--annotate", "copy.xlsx"]
    assert run([*CONVERT, "--check", *options]) in (0, 1)
    assert "Checked only: nothing is written." in capsys.readouterr().out
    assert contents(place) == before


def test_the_annotated_copy_is_the_same_for_the_same_time(place: Path) -> None:
    for name in ("first.xlsx", "second.xlsx"):
        assert run([*CONVERT, "--annotate", name, "--time", TIME]) in (0, 1)
        time.sleep(1.1)
    assert Path("first.xlsx").read_bytes() == Path("second.xlsx").read_bytes()
    run([*CONVERT, "--annotate", "third.xlsx", "--time", "2020-02-02T02:02:02+07:00"])
    import openpyxl

    modified = openpyxl.load_workbook("third.xlsx").properties.modified
    assert str(modified) == "2020-02-01 19:02:02"


def test_every_file_is_readable_as_the_umask_says(place: Path) -> None:
    before = os.umask(0o027)
    try:
        run([*CONVERT, "--report", "page.html", "--annotate", "copy.xlsx"])
        to_parquet("m.csv", "x.parquet")
    finally:
        os.umask(before)
    written = [*Path("out").iterdir(), Path("page.html"), Path("copy.xlsx"), Path("x.parquet")]
    assert {stat.S_IMODE(p.stat().st_mode) for p in written} == {0o640}


# --- formulas ---

RISKS = [
    '=HYPERLINK("http://example.org")',
    "+cmd|' /C calc'!A0",
    "-2+3+cmd",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "'=1",
    "''-a",
    "\t5",
]
PLAIN = [
    "Japan",
    "'tis",
    "'-5",
    "-5",
    "+5",
    "-1.5E-7",
    "-1 234,5",
    "-.5",
    "-",
    "--",
    "",
    "'",
    "5",
]


@pytest.mark.parametrize("text", RISKS + PLAIN, ids=repr)
def test_a_guarded_text_is_the_text_again(text: str) -> None:
    shown = guarded(text)
    assert unguarded(shown) == text
    if text in RISKS:
        assert shown == f"'{text}"
    else:
        assert shown == text


@given(st.text(alphabet="'=+-@\t\r1. aE", max_size=6))
def test_guarding_is_undone_exactly(text: str) -> None:
    shown = guarded(text)
    assert unguarded(shown) == text
    is_number = re.fullmatch(r"[+-]?[\d., ]+(E[+-]?\d+)?|'*-+", text)
    assert shown[:1] not in ("=", "@", "\t", "\r")
    assert shown[:1] not in ("+", "-") or is_number


def test_cat_guards_texts_for_spreadsheets_and_no_message_is_altered(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        TEXT.replace("OBS_STATUS", "SOURCE").replace(",R\n", ",=1+1\n").replace("12,", "-12,")
    )
    Path("m.csv").write_text(text, "utf-8")
    assert run(["cat", "m.csv", "--for-spreadsheet"]) in (0, 1)
    shown = capsys.readouterr().out
    assert ",'=1+1\n" in shown
    assert ",-12,U\n" in shown
    for format in ("sdmx-csv-1.0", "sdmx-json-2.0", "sdmx-ml-2.1"):
        assert run(["transform", "m.csv", "out.txt", "-f", format]) in (0, 1)
        assert read("out.txt").datasets[0].observations["SOURCE"].tolist() == ["=1+1", "U"]
    to_parquet("m.csv", "x.parquet")
    assert pd.read_parquet("x.parquet")["SOURCE"].tolist() == ["=1+1", "U"]


def test_the_option_is_for_csv_alone(place: Path) -> None:
    assert run(["validate", "m.csv", "--format", "json", "--for-spreadsheet"]) == 3
    assert run(["fetch", "ilostat", "X", "--format", "sdmx-ml-2.1", "--for-spreadsheet"]) == 3
    arguments = ["validate", "m.csv", "--format", "csv", "--for-spreadsheet", "-o", "f.csv"]
    assert run(arguments) in (0, 1, 2)
    assert Path("f.csv").read_text("utf-8").startswith("rule,")


def test_no_cell_of_a_workbook_is_a_formula_and_texts_come_back(place: Path) -> None:
    import openpyxl

    frame = pd.DataFrame({"=A1": RISKS, "n": range(len(RISKS))})
    write_tables({"t": frame}, "x.xlsx")
    rows = list(openpyxl.load_workbook("x.xlsx")["t"])
    assert {cell.data_type for row in rows for cell in row[:1]} == {"s"}
    texts = [str(row[0].value) for row in rows[1:]]
    # A workbook writes a carriage return as it writes the end of a line.
    assert [text.replace("_x000D_", "\r") for text in texts] == RISKS


# --- stopped, full and out of memory ---

WAITING = """
import sys, time
from pathlib import Path
from ilms_sdmx import cli
from ilms_sdmx._files import all_or_none, replacing, working_folder

def work(arguments=None):
    with all_or_none(), working_folder(Path("out.csv")) as folder:
        (folder / "half").write_bytes(b"half")
        with replacing(Path("one.csv")) as stream:
            stream.write(b"whole")
        with replacing(Path("out.csv")) as stream:
            stream.write(b"half")
            stream.flush()
            print("ready", flush=True)
            time.sleep(60)

cli.cli.main = lambda *a, **k: work()
cli.main([])
"""


DEFAULT = """
import signal
handler = signal.default_int_handler if {number} == signal.SIGINT else signal.SIG_DFL
signal.signal({number}, handler)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_leaves_nothing(place: Path, number: signal.Signals) -> None:
    before = contents(place)
    # What a shell starts in the background ignores Ctrl-C, and so would the program.
    program = [sys.executable, "-c", f"{DEFAULT.format(number=int(number))}{WAITING}"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(number)
        process.wait(20)
    assert process.returncode not in (0, 1)
    assert contents(place) == before


def test_what_a_kill_leaves_is_cleaned_by_the_next_run(place: Path) -> None:
    before = contents(place)
    program = [sys.executable, "-c", WAITING]
    with subprocess.Popen(program, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
    assert len(contents(place)) == len(before) + 3
    # Those of another machine, and of a process that runs, are not ours to remove.
    names = [f".x.writing-00000000-{process.pid}.00", f".x.writing-ffffffff-{os.getpid()}.00"]
    for name in names:
        Path(name).write_bytes(b"of others")
    write_whole(place / "next.csv", b"whole")
    assert set(contents(place)) - set(before) == {"next.csv", *names}


def _little_space() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ([*CONVERT], "w.xml"),
        ([*CONVERT, "--annotate", "copy.xlsx"], "copy.xlsx"),
        (["map", "w.xlsx", "-o", "draft.yaml"], "draft.yaml"),
        (["structures", "export", "all.xml"], "all.xml"),
        (["validate", "m.csv", "--format", "html", "-o", "page.html"], "page.html"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_has_no_room_is_named_and_nothing_is_left(
    place: Path, arguments: list[str], name: str
) -> None:
    before = contents(place)
    done = command(*arguments, capture_output=True, preexec_fn=_little_space)
    said = done.stderr.decode()
    assert done.returncode == 4, said
    assert "Traceback" not in said
    assert "cannot be written: File too large" in said
    assert name.rpartition(".")[2] in said
    assert contents(place) == before


def test_too_little_memory_is_an_error_of_ours(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def hungry(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("ilms_sdmx.conversion.converting.convert", hungry)
    assert run(CONVERT) == 4
    assert "not enough memory" in capsys.readouterr().err


def test_a_message_written_to_a_pipe_is_read_from_it(place: Path) -> None:
    os.mkfifo("pipe")
    _, got = piped(
        Path("pipe"), lambda: run(["transform", "m.csv", "pipe", "-f", "sdmx-ml-2.1"])
    )
    assert len(read(got).datasets[0]) == 2
