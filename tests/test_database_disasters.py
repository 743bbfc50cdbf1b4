"""The database when things go wrong: kills, two writers, no room, no permission, damage, foreign files."""

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ilms_sdmx.database import Database
from ilms_sdmx.errors import DatabaseError, OutputError
from tests.test_database import FLOW, files, row, stock, values

ROOT = Path(__file__).parents[1]
#: Adds one data set after another to the database in its argument, until it is killed.
WRITER = """
import sys
from ilms_sdmx.database import Database
from tests.test_database import row, stock

folder, name, first, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
database = Database(folder)
for number in range(first, first + count):
    areas = [row(f"A{area:02d}", str(number)) for area in range(4)]
    database.add(stock(*areas), name, at="2030-01-01")
    if number == first:
        print("ready", flush=True)
"""


def writer(folder: Path, name: str, first: int, count: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", WRITER, str(folder), name, str(first), str(count)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, cwd=ROOT)


def test_a_kill_at_any_moment_leaves_a_whole_state(tmp_path: Path) -> None:
    folder = tmp_path / "db"
    database = Database(folder)
    chance = random.Random(17)
    first = 1
    for _ in range(3):
        process = writer(folder, "a", first, 500)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(chance.uniform(0.05, 0.6))
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        assert not database.check().without_notes()
        if database.manifest.number:
            held = values(database.get(FLOW))
            assert len(held) == 4
            assert len(set(held)) == 1
            first = int(held[0]) + 1
    # Whoever writes to a folder next takes away what a killed writer left in it.
    last = [row(f"A{area:02d}", "last") for area in range(4)]
    database.add(stock(*last), "b", at="2030-01-01")
    assert not [found for found in database.check().findings if found.case == "leftover"]
    assert not database.check().findings
    assert database.manifest.number > 1


def test_two_writers_wait_for_each_other(tmp_path: Path) -> None:
    writers = [writer(tmp_path, name, 1, 8) for name in ("a", "b")]
    for process in writers:
        assert process.wait(120) == 0
        assert process.stdout is not None
        process.stdout.close()
    database = Database(tmp_path)
    assert [vintage.number for vintage in database.show()] == list(range(1, 17))
    for name in ("a", "b"):
        history = database.history(FLOW, name=name, key="A00")
        assert history["OBS_VALUE"].tolist() == [str(number) for number in range(1, 9)]
    assert not database.check().findings


@contextmanager
def little_room(size: int) -> Iterator[None]:
    """Let no file grow beyond a size, as where the disk is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("size", [0, 1500, 6000])
def test_a_full_disk_changes_nothing(tmp_path: Path, size: int) -> None:
    """There is no room at all, none for a segment, or none for the manifest alone."""
    database = Database(tmp_path)
    for number in range(20):
        database.add(stock(row(value=str(number))), "a", at="2021-01-01")
    database.add(stock(row()), "a", at="2021-01-01")
    assert (tmp_path / "manifest.json").stat().st_size > 6000
    rows = [row(f"A{number}", str(number)) for number in range(3)]
    with little_room(size), pytest.raises(OutputError, match="cannot be written"):
        database.add(stock(*rows), "a", at="2021-01-02")
    assert values(database.get(FLOW)) == ["1.10"]
    assert database.add(stock(*rows), "a", at="2021-01-02").added == 3
    assert not database.check().findings


@contextmanager
def nobody() -> Iterator[None]:
    """Be a user who may write nothing here."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_folder_that_cannot_be_written_is_read(tmp_path: Path) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        database = Database(folder / "db")
        database.add(stock(row()), "a", at="2021-01-01")
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        with nobody():
            assert values(database.get(FLOW)) == ["1.10"]
            assert len(database.list()) == 1
            assert not database.check().findings
            with pytest.raises(OutputError, match="cannot be written"):
                database.add(stock(row(value="2")), "a", at="2021-01-02")
            with pytest.raises(OutputError, match="cannot be written"):
                Database(folder / "new").add(stock(row()), "a", at="2021-01-02")
    finally:
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o755)
        shutil.rmtree(folder)


def test_a_file_in_the_place_of_the_folder_is_said(tmp_path: Path) -> None:
    path = tmp_path / "db"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot be written"):
        Database(path).add(stock(row()), "a", at="2021-01-02")
    with pytest.raises(DatabaseError, match="cannot be read"):
        Database(path).list()
    assert path.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("how", ["cut", "changed", "gone", "another"])
def test_damage_is_named_and_what_is_good_is_offered(tmp_path: Path, how: str) -> None:
    database = Database(tmp_path)
    database.add(stock(row(value="1"), row("THA", "9")), "a", at="2021-01-01")
    database.add(stock(row(value="2"), row("THA", "9")), "a", at="2021-02-01")
    segment = database.manifest.segments[-1]
    path = tmp_path / segment.path
    content = path.read_bytes()
    if how == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif how == "changed":
        path.write_bytes(content[:60] + bytes([content[60] ^ 255]) + content[61:])
    elif how == "another":
        path.write_bytes((tmp_path / database.manifest.segments[0].path).read_bytes())
    else:
        path.unlink()
    (found,) = database.check().of_rule("database-damaged")
    assert found.place.file == segment.path
    assert "the last good vintage is 1" in found.message
    with pytest.raises(DatabaseError, match="the last good vintage is 1"):
        database.get(FLOW, key="PHL")
    assert values(database.get(FLOW, key="PHL", as_of="2021-01-31")) == ["1"]
    assert values(database.get(FLOW, key="THA")) == ["9"]


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\xff\xfe"])
def test_a_damaged_manifest_is_named_and_restored(tmp_path: Path, damage: bytes) -> None:
    database = Database(tmp_path)
    database.add(stock(row(value="1")), "a", at="2021-01-01")
    database.add(stock(row(value="2")), "a", at="2021-02-01")
    (tmp_path / "manifest.json").write_bytes(damage)
    with pytest.raises(DatabaseError, match=r"00000002\.json"):
        database.get(FLOW)
    with pytest.raises(DatabaseError, match="damaged"):
        database.add(stock(row()), "a", at="2021-03-01")
    assert database.check().of_rule("database-damaged")
    assert database.restore().name == "00000002.json"
    assert values(database.get(FLOW)) == ["2"]
    assert (tmp_path / "manifest.damaged.json").read_bytes() == damage


def test_a_number_that_was_changed_in_the_manifest_is_found(tmp_path: Path) -> None:
    database = Database(tmp_path)
    database.add(stock(row()), "a", at="2021-01-01")
    path = tmp_path / "manifest.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"rows": 1', '"rows": 2'), encoding="utf-8")
    with pytest.raises(DatabaseError, match="damaged"):
        database.list()


def test_what_a_killed_addition_left_is_no_figure_and_goes(tmp_path: Path) -> None:
    database = Database(tmp_path)
    database.add(stock(row(value="1")), "a", at="2021-01-01")
    manifest = (tmp_path / "manifest.json").read_bytes()
    database.add(stock(row(value="2"), row("THA")), "a", at="2021-01-02")
    (tmp_path / "manifest.json").write_bytes(manifest)
    assert values(database.get(FLOW)) == ["1"]
    cases = [found.case for found in database.check().findings]
    assert cases == ["leftover", "leftover"]
    database.add(stock(row(value="1")), "a", at="2021-01-02")
    assert not database.check().findings


def test_files_of_others_are_neither_read_nor_removed(tmp_path: Path) -> None:
    database = Database(tmp_path)
    database.add(stock(row()), "a", at="2021-01-01")
    own = tmp_path / database.manifest.segments[0].path
    others = {
        own.with_name("mine.parquet"): own.read_bytes(),
        own.with_name("00000001-0123456789abcdef.parquet"): b"not Parquet at all",
        tmp_path / "notes.txt": b"mine",
        tmp_path / "rest" / "mine.parquet": b"mine",
        tmp_path / "manifests" / "readme.md": b"mine",
    }
    for path, content in others.items():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    database.add(stock(row(value="2")), "a", at="2021-01-02")
    database.gc()
    for path, content in others.items():
        assert path.read_bytes() == content
    assert values(database.get(FLOW)) == ["2"]
    foreign = database.check().of_rule("database-foreign")
    assert {Path(found.place.file).name for found in foreign} == {
        "mine.parquet",
        "00000001-0123456789abcdef.parquet",
    }


def test_many_small_files_become_one_and_every_event_stays(tmp_path: Path) -> None:
    database = Database(tmp_path)
    for number in range(1, 10):
        day = f"2021-01-{number:02d}"
        database.add(stock(row(value=str(number)), row("THA", "5")), "a", at=day)
    before = database.history(FLOW)
    known = {day: values(database.get(FLOW, as_of=f"2021-01-0{day}")) for day in range(1, 10)}
    assert database.gc().joined == 9
    assert len([path for path in files(tmp_path) if path.suffix == ".parquet"]) == 2
    assert database.history(FLOW).equals(before)
    for day, expected in known.items():
        assert values(database.get(FLOW, as_of=f"2021-01-0{day}")) == expected
    database.add(stock(row(value="10")), "a", at="2021-02-01")
    assert values(database.get(FLOW)) == ["10"]
    assert not database.check().findings


def test_a_manifest_of_a_later_program_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(tmp_path)
    monkeypatch.setattr("ilms_sdmx.database.manifest.FORMAT", 2)
    database.add(stock(row()), "a", at="2021-01-01")
    monkeypatch.undo()
    with pytest.raises(DatabaseError, match="of format 2"):
        database.list()
