"""`sync` against services and disks that fail: no bad figure reaches the store, no good one is lost."""

from __future__ import annotations

import ctypes
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from ilms_sdmx.cli import run
from ilms_sdmx.database import Database
from tests.services import undesa
from tests.services.ilostat import FLOW, ROWS, Ilostat
from tests.services.server import LocalService
from tests.test_believing import CASES, KINDS, TEXT_KINDS, Misbehaving, Spoil
from tests.test_sync import assert_whole

ROOT = Path(__file__).parents[1]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ILMS_SDMX_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ILMS_SDMX_UNDESA_TOKEN", undesa.TOKEN)
    return tmp_path


@pytest.fixture
def server() -> Iterator[LocalService]:
    with LocalService() as service:
        yield service


def declare(folder: Path, server: LocalService, sources: list[str]) -> Path:
    """Declaration with one item a source."""
    lines = ["store: kept", "items:"]
    for source in sources:
        case = CASES[source]
        lines += [f"  - name: {source}", f"    source: {source}", f"    what: '{case.what}'"]
        lines.append(f"    base_url: {server.url}/{case.path}")
        lines += [f"    {name}: {value!r}" for name, value in case.options.items()]
    path = folder / "nightly.yaml"
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return path


def stored(folder: Path) -> dict[str, bytes]:
    """Files of the store by name, but for its log and its locks."""
    files = {}
    for path in sorted((folder / "kept").rglob("*")):
        is_data = path.is_file() and path.name not in (".lock", "log.jsonl")
        if is_data:
            files[str(path.relative_to(folder))] = path.read_bytes()
    return files


def spoil_all(services: Misbehaving, sources: list[str], spoil: Spoil) -> None:
    """Spoil what each service answers; two sources may ask the same one."""
    cases = {CASES[source].data: CASES[source] for source in sources}
    for case in cases.values():
        services.spoil(case, spoil)


def _kinds() -> list[object]:
    """Every kind, one of them in the gate."""
    kinds: list[object] = ["half"]
    for kind in [*KINDS, *TEXT_KINDS]:
        if kind != "half":
            kinds.append(pytest.param(kind, marks=pytest.mark.slow))
    return kinds


@pytest.mark.parametrize("kind", _kinds())
def test_no_bad_answer_of_any_source_reaches_the_store(
    server: LocalService, place: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    services = Misbehaving(server)
    sources = [s for s, case in CASES.items() if kind in KINDS or case.form == "csv"]
    file = declare(place, server, sources)
    assert run(["sync", str(file)]) in (0, 1)
    before = stored(place)
    assert set(Database(place / "kept").manifest.names) == set(sources)
    spoil_all(services, sources, (KINDS | TEXT_KINDS)[kind])
    capsys.readouterr()
    assert run(["sync", str(file), "--refresh", "--attempts", "1"]) == 4
    shown = capsys.readouterr()
    assert f"{len(sources)} failed" in shown.out
    assert "Traceback" not in shown.out + shown.err
    assert stored(place) == before
    assert run(["sync", str(file), "--offline"]) in (0, 1)
    assert stored(place) == before


#: Runs `sync` once, so that all is loaded, then in a child for every number that it reads. The
#: child ends as by `kill -9` before that step of all that change the disk. Says how it ended, and
#: after how many steps.
KILLED = """
import os, sys, time
time.sleep = lambda seconds: None
from ilms_sdmx.cli import run
steps, last = 0, 0

def count():
    global steps
    steps += 1
    if steps == last:
        os._exit(137)

def counted(name):
    real = getattr(os, name)
    def step(*arguments, **options):
        count()
        return real(*arguments, **options)
    setattr(os, name, step)

for name in ("replace", "rename", "fsync", "unlink", "remove", "link", "mkdir", "open"):
    counted(name)
report = os.dup(1)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
run(["sync", sys.argv[1], "--refresh"])
for line in sys.stdin:
    last = int(line)
    child = os.fork()
    if not child:
        code = run(["sync", sys.argv[1], "--refresh"])
        os.write(report, f"{steps} ".encode())
        os._exit(code)
    _, status = os.waitpid(child, 0)
    os.write(report, f"{os.waitstatus_to_exitcode(status)}\\n".encode())
"""


class Killed:
    """A process that runs `sync` again and again, and is killed at a step of each run."""

    def __init__(self, file: Path) -> None:
        command = [sys.executable, "-c", KILLED, str(file)]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            encoding="utf-8",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def at(self, step: int) -> list[int]:
        """Steps of a run that came to its end, if it did, and its exit code."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{step}\n")
        self.process.stdin.flush()
        return [int(word) for word in self.process.stdout.readline().split()]

    def close(self) -> None:
        self.process.communicate()


def check_kills(server: LocalService, place: Path, most: int) -> None:
    """Kill a run that brings one new figure before steps on the disk, `most` of them or all."""
    service = Ilostat(server, list(ROWS))
    file = declare(place, server, ["ilostat"])
    killed = Killed(file)
    count, code = killed.at(-1)
    assert code == 0
    assert count > 20, count
    for step in range(1, count + 1, max(1, count // most)):
        service.rows[0] = replace(service.rows[0], value=f"{step}.5")
        killed.at(step)
        assert_whole(place / "kept", item="ilostat")
        *_, code = killed.at(-1)
        assert code == 0
        assert_whole(place / "kept", item="ilostat")
        values = Database(place / "kept").frame(FLOW, name="ilostat")["OBS_VALUE"]
        assert f"{step}.5" in set(values)
    killed.close()
    left = [path for path in place.rglob("*") if "writing" in path.name]
    assert [*left, *place.rglob("*.part")] == []


def test_a_kill_before_a_step_on_the_disk_loses_nothing(
    server: LocalService, place: Path
) -> None:
    check_kills(server, place, most=3)


@pytest.mark.slow
def test_a_kill_before_every_step_on_the_disk_loses_nothing(
    server: LocalService, place: Path
) -> None:
    check_kills(server, place, most=10_000)


def test_a_store_that_is_read_only_is_an_error_of_each_item(
    server: LocalService, place: Path
) -> None:
    """Nobody may write into the folder, and the process is not allowed to do it all the same."""
    Ilostat(server)
    Misbehaving(server)
    file = declare(place, server, ["ilostat", "eurostat"])
    (place / "kept").mkdir()
    (place / "kept").chmod(0o555)
    command = [sys.executable, "-B", "-m", "ilms_sdmx", "sync", str(file)]
    done = subprocess.run(
        command,
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        cwd=ROOT,
        preexec_fn=respect_permissions,
    )
    assert done.returncode == 4
    assert "ilostat: failed" in done.stdout
    assert "eurostat: failed" in done.stdout
    assert "Permission denied" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert list((place / "kept").iterdir()) == []


def respect_permissions() -> None:
    """Take from the superuser the right to write where nobody may."""
    drop_from_bounding_set, overriding = 24, 1
    ctypes.CDLL(None).prctl(drop_from_bounding_set, overriding, 0, 0, 0)


@pytest.mark.parametrize(
    "room", [pytest.param(room, marks=pytest.mark.slow) for room in (0, 300, 6_000)] + [2_000]
)
def test_a_disk_without_room_is_an_error_and_leaves_the_store(
    server: LocalService, place: Path, room: int
) -> None:
    """A quota on the size of files stands for the full disk: whatever is written, it ends there."""
    service = Ilostat(server, list(ROWS))
    file = declare(place, server, ["ilostat"])
    assert run(["sync", str(file)]) == 0
    before = stored(place)
    service.rows[0] = replace(service.rows[0], value="7.5")
    command = [sys.executable, "-B", "-m", "ilms_sdmx", "sync", str(file), "--refresh"]
    done = subprocess.run(
        command,
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        cwd=ROOT,
        preexec_fn=partial(limit_files, room),
    )
    assert "Traceback" not in done.stdout + done.stderr
    assert done.returncode == (4 if stored(place) == before else 0)
    assert ("1 failed" in done.stdout) == (done.returncode == 4)
    assert run(["sync", str(file), "--refresh"]) == 0
    assert_whole(place / "kept", item="ilostat")
    assert "7.5" in set(Database(place / "kept").frame(FLOW, name="ilostat")["OBS_VALUE"])


def limit_files(room: int) -> None:
    """Bound the size of what this process writes into any file."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
