"""The store: what holds now, what changed by key, and nothing lost when a run is killed at any moment."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from ilms_sdmx import Client
from ilms_sdmx.changes import compare_frames
from ilms_sdmx.cli import run
from ilms_sdmx.errors import MappingError
from ilms_sdmx.records import RECORD_COLUMNS
from ilms_sdmx.sources import Store, read_declaration
from ilms_sdmx.sources.store import append_line, keys_of
from tests.services.ilostat import FLOW, ROWS, Ilostat
from tests.services.server import LocalService, Reply

ROOT = Path(__file__).parents[1]


@pytest.fixture
def server() -> Iterator[LocalService]:
    with LocalService() as service:
        yield service


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ILMS_SDMX_CACHE", str(tmp_path / "cache"))
    return tmp_path


def declare(folder: Path, base: str, extra: str = "") -> Path:
    text = f"""\
store: kept
items:
  - name: outflow
    source: ilostat
    what: {FLOW}
    area: [IDN, PHL]
    base_url: {base}
{extra}"""
    path = folder / "nightly.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def replayed(store: Store, item: str, table: str) -> pd.DataFrame:
    """Table that the changes of a store lead to."""
    keys = keys_of(store.folder / item / f"{table}.parquet")
    state: dict[tuple[str, ...], dict[str, object]] = {}
    for change in store.changes(item, table):
        for row in change.to_dict("records"):
            key = tuple(str(row[k]) for k in keys)
            if row["change"] == "removed":
                del state[key]
            else:
                state[key] = {
                    str(c)[6:]: v for c, v in row.items() if str(c).startswith("after_")
                }
    rows = [dict(zip(keys, key, strict=True)) | rest for key, rest in sorted(state.items())]
    return pd.DataFrame(rows).astype("str")


def assert_whole(folder: Path, item: str = "outflow") -> None:
    """What holds now is what the changes say, and is read by another engine as it is."""
    store = Store(folder)
    now = store.table(item, FLOW)
    then = replayed(store, item, FLOW)
    pd.testing.assert_frame_equal(
        then, now[then.columns].sort_values(list(then.columns[:6]), ignore_index=True)
    )


def test_a_store_is_filled_kept_and_brought_up_to_date(
    server: LocalService, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service = Ilostat(server, list(ROWS))
    file = declare(place, service.base)
    assert run(["sync", str(file)]) == 0
    assert "14 observations, 14 added" in capsys.readouterr().out
    first = Store(place / "kept").table("outflow", FLOW)
    before = {p: p.stat().st_mtime_ns for p in (place / "kept").rglob("*.parquet")}
    assert run(["sync", str(file), "--refresh"]) == 0
    assert "unchanged" in capsys.readouterr().out
    assert {p: p.stat().st_mtime_ns for p in (place / "kept").rglob("*.parquet")} == before
    service.rows[0] = replace(service.rows[0], value="299.999", status="B")
    del service.rows[1]
    assert run(["sync", str(file), "--refresh"]) == 0
    assert "1 changed, 1 removed" in capsys.readouterr().out
    (_, change) = Store(place / "kept").changes("outflow", FLOW)
    row = change[change["change"] == "changed"].iloc[0]
    assert (row["before_OBS_VALUE"], row["after_OBS_VALUE"], row["after_OBS_STATUS"]) == (
        "297.433",
        "299.999",
        "B",
    )
    assert len(Store(place / "kept").table("outflow", FLOW)) == len(first) - 1
    assert_whole(place / "kept")


def test_other_engines_read_the_store_as_it_is(server: LocalService, place: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    assert run(["sync", str(declare(place, Ilostat(server).base))]) == 0
    path = place / "kept" / "outflow" / f"{FLOW}.parquet"
    query = f"select OBS_VALUE from '{path}' where CDS = 'CDS_DES_TOTAL' and SEX = 'SEX_T' and REF_AREA = 'PHL'"
    assert duckdb.sql(query).fetchall() == [("1827.799",)]
    assert "criterion" in pq.read_schema(path).names


def test_one_failure_leaves_the_other_items_and_its_own_data(
    server: LocalService, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service = Ilostat(server)
    second = f"  - {{name: other, source: ilostat, what: {FLOW}, area: KHM, base_url: {service.base}}}\n"
    file = declare(place, service.base, second)
    assert run(["sync", str(file)]) == 0
    server.next("/rest/data/.*IDN.*", Reply("", 500))
    assert run(["sync", str(file), "--refresh", "--attempts", "1"]) == 4
    shown = capsys.readouterr().out
    assert "outflow: failed" in shown
    assert "1 failed" in shown
    assert_whole(place / "kept")
    lines = [
        json.loads(line)
        for line in (place / "kept" / "log.jsonl").read_text("utf-8").splitlines()
    ]
    assert [(line["item"], line["status"]) for line in lines] == [
        ("outflow", "changed"),
        ("other", "changed"),
        ("outflow", "failed"),
        ("other", "unchanged"),
    ]
    assert lines[0]["sha256"]
    assert lines[0]["address"].startswith("http://127.0.0.1")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("items: []\nstoer: x\n", r"line 2.*did you mean 'store'"),
        ("store: x\n", "the key 'items'"),
        ("items:\n  - {name: a}\n", r"line 2.*the key 'source'"),
        ("items:\n  - {name: a, source: ilosat}\n", "did you mean 'ilostat'"),
        ("items:\n  - {name: a, source: unsdg, edition: 1}\n", "edition"),
        ("items:\n  - {name: ../a, source: unsdg}\n", "a name of letters"),
        (
            "items:\n  - {name: a, source: unsdg}\n  - {name: a, source: unsdg}\n",
            "line 3.*no other item",
        ),
        ("items: [\n", "expected YAML"),
    ],
)
def test_a_wrong_declaration_says_where(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MappingError, match=message):
        read_declaration(path)
    assert run(["sync", str(path)]) == 3


def test_only_chosen_items_run(server: LocalService, place: Path) -> None:
    file = declare(place, Ilostat(server).base)
    assert run(["sync", str(file), "--only", "nothing"]) == 3
    assert run(["sync", str(file), "--only", "outflow"]) == 0


def test_a_change_that_was_begun_and_not_made_is_dropped(
    server: LocalService, place: Path
) -> None:
    file = declare(place, Ilostat(server).base)
    run(["sync", str(file)])
    kept = place / "kept" / "outflow"
    (made,) = (kept / "changes" / FLOW).glob("*.parquet")
    begun = made.with_name(f"000002-{made.stem.split('-')[2]}-abcdefabcdef.parquet")
    begun.write_bytes(made.read_bytes())
    (kept / f".{FLOW}.parquet.half").write_bytes(b"half")
    assert run(["sync", str(file)]) == 0
    assert not begun.exists()
    assert not list(kept.glob(".*"))
    assert_whole(place / "kept")


def test_an_unfinished_line_of_the_log_is_closed(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_bytes(b'{"item": "half')
    append_line(log, '{"item": "b"}')
    append_line(log, '{"item": "c"}')
    assert log.read_text().splitlines() == ['{"item": "half', '{"item": "b"}', '{"item": "c"}']


def test_differences_ignore_how_a_figure_was_fetched() -> None:
    old = pd.DataFrame(
        {"K": ["a", "b"], "OBS_VALUE": ["1", None], "edition": ["x", "x"]}, dtype="str"
    )
    new = pd.DataFrame(
        {"K": ["a", "b"], "OBS_VALUE": ["1", None], "edition": ["y", "y"]}, dtype="str"
    )
    assert compare_frames(old, new, ["K"], RECORD_COLUMNS).empty
    new.loc[1, "OBS_VALUE"] = "2"
    changed = compare_frames(old, new, ["K"], RECORD_COLUMNS)
    assert changed["change"].tolist() == ["changed"]


def start(file: Path, place: Path) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "ILMS_SDMX_CACHE": str(place / "cache"),
    }
    command = [sys.executable, "-m", "ilms_sdmx", "sync", str(file), "--refresh"]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def test_a_run_killed_at_any_moment_loses_nothing(server: LocalService, place: Path) -> None:
    service = Ilostat(server, list(ROWS))
    file = declare(place, service.base)
    begun = time.monotonic()
    assert start(file, place).wait(60) == 0
    whole = time.monotonic() - begun
    chance = random.Random(5)
    for number in range(5):
        service.rows[0] = replace(service.rows[0], value=f"{number}.5")
        process = start(file, place)
        time.sleep(whole * chance.uniform(0.5, 1.0))
        process.send_signal(signal.SIGKILL)
        process.wait(60)
        assert_whole(place / "kept")
    assert start(file, place).wait(60) == 0
    assert_whole(place / "kept")
    assert "4.5" in set(Store(place / "kept").table("outflow", FLOW)["OBS_VALUE"])


def test_two_runs_at_once_do_the_work_once(server: LocalService, place: Path) -> None:
    file = declare(place, Ilostat(server).base)
    runs = [start(file, place) for _ in range(2)]
    assert [process.wait(60) for process in runs] == [0, 0]
    assert len(Store(place / "kept").changes("outflow", FLOW)) == 1
    assert_whole(place / "kept")


def test_a_table_that_is_no_longer_fetched_is_emptied_and_remembered(
    server: LocalService, tmp_path: Path
) -> None:
    from ilms_sdmx.sources import fetch

    base = Ilostat(server).base
    got = fetch("ilostat", FLOW, client=Client(tmp_path / "c"), base_url=base)
    store = Store(tmp_path / "s")
    store.keep(
        "x",
        replace(
            got,
            also=(replace(got, dataset=replace(got.dataset, dataflow="ILO:DF_OTHER(1.0)")),),
        ),
    )
    changes = store.keep("x", got, accept_removals=True)
    assert {(c.table, c.removed) for c in changes} == {(FLOW, 0), ("OTHER", len(got))}
    assert store.table("x", "OTHER").empty
    assert store.changes("x", "OTHER")[-1]["before_OBS_VALUE"].notna().any()


def test_a_token_is_not_taken_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(
        "items:\n  - {name: a, source: undesa-portal, token: very-secret}\n", encoding="utf-8"
    )
    with pytest.raises(MappingError, match="token") as caught:
        read_declaration(path)
    assert "very-secret" not in str(caught.value)
