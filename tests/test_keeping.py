"""What is kept is whole, readable as the umask says, and never lost to a bad answer or another file."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ilms_sdmx import Client, Patience
from ilms_sdmx._files import replacing, write_whole
from ilms_sdmx.cli import run
from ilms_sdmx.database import Database
from ilms_sdmx.downloads.secret import Secret
from ilms_sdmx.downloads.service import Bounds, Service
from ilms_sdmx.errors import FetchError, OutputError, ResponseError
from ilms_sdmx.sources import fetch
from tests.services.ilostat import FLOW, ROWS, Ilostat
from tests.services.server import LocalService, Reply, gzipped


@pytest.fixture
def server() -> Iterator[LocalService]:
    with LocalService() as service:
        yield service


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ILMS_SDMX_CACHE", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


def declare(folder: Path, base: str, *names: str, area: str = "") -> Path:
    lines = ["store: kept", "items:"]
    for name in names:
        item = f"name: {name}, source: ilostat, what: {FLOW}, base_url: {base}{area}"
        lines.append(f"  - {{{item}}}")
    path = folder / "nightly.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def sync(file: Path, *more: str) -> int:
    return run(["sync", str(file), "--refresh", "--attempts", "1", *more])


# --- files ---


def test_an_output_that_is_an_input_is_refused_by_whatever_name(tmp_path: Path) -> None:
    source = tmp_path / "figures.xlsx"
    source.write_bytes(b"figures")
    linked = tmp_path / "linked.xlsx"
    linked.symlink_to(source)
    hard = tmp_path / "hard.xlsx"
    hard.hardlink_to(source)
    for output in (source, linked, hard, tmp_path / "x" / ".." / "figures.xlsx"):
        (tmp_path / "x").mkdir(exist_ok=True)
        with pytest.raises(OutputError, match="it is the input"):
            write_whole(output, b"report", [source])
    assert source.read_bytes() == b"figures"


def test_a_link_stays_and_its_target_is_written(tmp_path: Path) -> None:
    target = tmp_path / "there" / "target.csv"
    target.parent.mkdir()
    link = tmp_path / "link.csv"
    link.symlink_to(target)
    write_whole(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_device_and_a_pipe_are_written_to_and_stay(tmp_path: Path) -> None:
    before = os.stat("/dev/null")
    write_whole(Path("/dev/null"), b"nothing")
    assert os.stat("/dev/null").st_ino == before.st_ino
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    write_whole(pipe, b"through")
    reader.join(10)
    assert got == [b"through"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_full_device_is_an_error_of_the_system(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no full device here")
    with pytest.raises(OSError, match="No space"):
        write_whole(Path("/dev/full"), b"x" * 10)


def test_what_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_bytes(b"old")
    with pytest.raises(TypeError), replacing(path) as stream:
        stream.writelines([b"half", "no bytes"])  # type: ignore[list-item]
    assert [p.name for p in tmp_path.iterdir()] == ["out.csv"]
    assert path.read_bytes() == b"old"


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    program = (
        "import os, sys; from pathlib import Path; from ilms_sdmx._files import replacing\n"
        "with replacing(Path(sys.argv[1])) as stream:\n"
        "    stream.write(b'half'); stream.flush(); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert len(list(tmp_path.iterdir())) == 1
    other = tmp_path / f".out.csv.writing-{os.getpid()}.running"
    other.write_bytes(b"of a process that runs")
    write_whole(path, b"whole")
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([other.name, "out.csv"])


def test_modes_follow_the_umask(server: LocalService, place: Path, umask: None) -> None:
    assert sync(declare(place, Ilostat(server).base, "outflow")) == 0
    out = place / "out.csv"
    base = f"{server.url}/rest"
    assert run(["fetch", "ilostat", FLOW, "--base-url", base, "-o", str(out)]) == 0
    written = [
        out,
        *(p for p in place.rglob("*") if p.suffix in (".parquet", ".data", ".arrow")),
    ]
    assert len(written) > 4
    assert {stat.S_IMODE(p.stat().st_mode) for p in written} == {0o640}
    sidecars = list((place / "cache").rglob("*.json"))
    assert {stat.S_IMODE(p.stat().st_mode) for p in sidecars} == {0o640}


def test_fetch_writes_to_the_terminal_for_a_dash(
    server: LocalService, place: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    base = Ilostat(server).base
    assert run(["fetch", "ilostat", FLOW, "--base-url", base, "-o", "-"]) == 0
    assert capfdbinary.readouterr().out.startswith(b"REF_AREA,")
    assert not Path("-").exists()


# --- the cache ---


def test_a_changed_byte_of_a_kept_result_is_noticed(server: LocalService, place: Path) -> None:
    base = Ilostat(server).base
    client = Client(place / "cache")
    good = fetch("ilostat", FLOW, client=client, base_url=base)
    (table,) = (place / "cache").rglob("*-0.arrow")
    content = table.read_bytes()
    assert b"297.433" in content
    table.write_bytes(content.replace(b"297.433", b"997.433"))
    again = fetch("ilostat", FLOW, client=client, base_url=base)
    pd.testing.assert_frame_equal(again.dataset.observations, good.dataset.observations)


def test_a_copy_of_the_future_is_stale(server: LocalService, tmp_path: Path) -> None:
    server.on("/a", Reply("1"))
    service = Service("Test", server.url)
    ahead = datetime(2031, 1, 1, tzinfo=UTC)
    Client(tmp_path, clock=lambda: ahead).get(service, "a")
    Client(tmp_path, clock=lambda: ahead - timedelta(days=900)).get(service, "a")
    assert len(server.log) == 2


def test_no_header_that_repeats_the_token_is_stored(
    server: LocalService, tmp_path: Path
) -> None:
    token = "abc.DEF-0123456789"
    headers = {
        "ETag": f'"{token}"',
        "Last-Modified": token,
        "X-Pagination": f'{{"k": "{token}"}}',
    }
    server.on("/a", Reply("1", headers=headers))
    server.next("/a", Reply("12", headers=headers, cut=1))
    client = Client(tmp_path, sleep=lambda _: None)
    download = client.get(Service("Test", server.url), "a", secret=Secret(token))
    assert token not in repr(download)
    assert not any(token.encode() in p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())


def test_the_address_is_the_last_of_all_redirects(server: LocalService, tmp_path: Path) -> None:
    server.on("/a", Reply("", 302, {"Location": "/b"}))
    server.on("/b", Reply("1"))
    assert Client(tmp_path).get(Service("Test", server.url), "a").url == f"{server.url}/b"


# --- bounds ---

BOUNDS = Bounds(wire=10_000, unpacked=50_000, seconds=2.0, redirects=2)


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (Reply(b"x" * 20_000), "more than 10,000 bytes came"),
        (Reply(b"x" * 20_000, chunked=True), "more than 10,000 bytes came"),
        (Reply(b"x", length="9999999999"), "more than 10,000 bytes came"),
        (gzipped(b"0" * 5_000_000), "more than 50,000 bytes are packed"),
        (Reply(b"x" * 100, pause=0.1), "more than 2 seconds"),
    ],
    ids=["long", "endless", "declared", "bomb", "slow"],
)
def test_what_exceeds_a_bound_ends_with_its_name_and_leaves_nothing(
    server: LocalService, tmp_path: Path, reply: Reply, message: str
) -> None:
    server.on("/a", reply)
    client = Client(tmp_path, patience=Patience(attempts=1))
    with pytest.raises(ResponseError, match=message):
        client.get(Service("Test", server.url, bounds=BOUNDS), "a")
    left = [p.name for p in tmp_path.rglob("*") if p.is_file() and p.suffix != ".lock"]
    assert left == []


def test_a_bomb_in_a_file_is_not_unpacked(server: LocalService, tmp_path: Path) -> None:
    import gzip

    server.on("/a", Reply(gzip.compress(b"0" * 3_000_000)))
    client = Client(tmp_path, patience=Patience(attempts=1))
    with pytest.raises(ResponseError, match="bytes are packed"):
        client.get(Service("Test", server.url, bounds=BOUNDS), "a", kind="gz")


def test_a_redirect_to_another_host_is_refused_unless_the_service_names_it(
    tmp_path: Path,
) -> None:
    from ilms_sdmx.downloads.transport import _redirected

    service = Service("Test", "https://stat.example.org/rest", hosts=frozenset({"cdn.example"}))
    address = "https://stat.example.org/rest/a"
    assert _redirected(service, address, "b") == "https://stat.example.org/rest/b"
    assert _redirected(service, address, "https://cdn.example/x") == "https://cdn.example/x"
    for location in (
        "https://evil.example/a",
        "https://10.0.0.7/",
        "https://[::1]/",
        "//other/a",
    ):
        with pytest.raises(FetchError, match="another host"):
            _redirected(service, address, location)


# --- sync ---


def held(place: Path, name: str) -> pd.DataFrame:
    """Figures that the database has under a name."""
    return Database(place / "kept").frame(FLOW, name=name)


def test_half_of_the_rows_removes_nothing_unless_accepted(
    server: LocalService, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service = Ilostat(server, list(ROWS))
    file = declare(place, service.base, "outflow")
    assert sync(file) == 0
    before = held(place, "outflow")
    del service.rows[8:]
    assert sync(file) == 4
    assert "EMP_MNAO_SEX_CDS_NB(1.0) are gone: nothing was changed" in capsys.readouterr().out
    pd.testing.assert_frame_equal(held(place, "outflow"), before)
    assert sync(file, "--accept-removals") == 0
    assert len(held(place, "outflow")) == 8


def test_a_whole_area_does_not_go_in_silence(
    server: LocalService, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [row for row in ROWS if row.area == "IDN"]
    others = [row for row in ROWS if row.area == "KOS"][:1]
    service = Ilostat(server, rows + others)
    file = declare(place, service.base, "outflow")
    assert sync(file) == 0
    service.rows.remove(others[0])
    assert sync(file) == 4
    assert "the whole area KOS" in capsys.readouterr().out


def test_any_failure_is_that_of_its_item_alone(
    server: LocalService, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = declare(place, Ilostat(server).base, "broken", "foreign", "good")
    assert sync(file) == 0
    database = Database(place / "kept")
    broken = next(database.manifest.segments_of(name="broken"))
    (place / "kept" / broken.path).write_bytes(b"PAR1 half a table")
    own = (place / "kept" / broken.path).with_name("mine.parquet")
    pd.DataFrame({"a": [1, 2]}).to_parquet(own)
    content = own.read_bytes()
    capsys.readouterr()
    assert sync(file) == 4
    shown = capsys.readouterr()
    assert "broken: failed" in shown.out
    assert "2 unchanged, 1 failed" in shown.out
    assert "mine.parquet is none of the database: it is left alone" in shown.err
    assert own.read_bytes() == content
    lines = (place / "kept" / "log.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["status"] for line in lines[-3:]] == [
        "failed",
        "unchanged",
        "unchanged",
    ]


def test_an_unexpected_error_is_that_of_its_item(
    server: LocalService, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ilms_sdmx.sources import synchronising

    file = declare(place, Ilostat(server).base, "first", "second")
    kept = Database.add

    def add(self: Database, data: object, name: str, **how: Any) -> object:
        if name == "first":
            raise RecursionError("deep")
        return kept(self, data, name, **how)

    monkeypatch.setattr(synchronising.Database, "add", add)
    assert sync(file) == 4
    assert held(place, "second").shape[0] == len(ROWS)


def test_a_store_that_is_a_file_is_an_error_of_each_item(
    server: LocalService, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = declare(place, Ilostat(server).base, "first", "second")
    (place / "kept").write_text("no folder")
    assert sync(file) == 4
    assert "2 failed" in capsys.readouterr().out
