"""Sync: what holds now, what changed by key, and nothing lost when a run is killed at any moment."""

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
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ilms_sdmx import Client
from ilms_sdmx.cli import run
from ilms_sdmx.database import Database
from ilms_sdmx.database.moving import BEFORE, move_store
from ilms_sdmx.datasets.changes import compare_frames
from ilms_sdmx.errors import DatabaseError, MappingError
from ilms_sdmx.records import RECORD_COLUMNS
from ilms_sdmx.sources import read_declaration
from ilms_sdmx.sources.synchronising import append_line
from tests.services.ilostat import FLOW, ROWS, Ilostat
from tests.services.server import LocalService, Reply

ROOT = Path(__file__).parents[1]
ID = f"ILO:DF_{FLOW}(1.0)"


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
db: kept
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


def held(place: Path, name: str = "outflow") -> pd.DataFrame:
    """Figures that a database has under a name."""
    return Database(place / "kept").frame(FLOW, name=name)


def told(values: "pd.Series[str]") -> list[str]:
    """Values in order, absent ones as empty texts."""
    return sorted(values.astype("object").fillna("").astype("str"))


def assert_whole(folder: Path, item: str = "outflow") -> None:
    """What holds now is what the events lead to, and every file is the one that was written."""
    database = Database(folder)
    assert not database.check().without_notes()
    state: dict[tuple[str, ...], dict[str, object]] = {}
    for row in database.history(FLOW, name=item).to_dict("records"):
        key = tuple(str(row[name]) for name in database.manifest.schemas[ID].keys)
        if row["figure_change"] == "removed":
            del state[key]
        else:
            state[key] = {str(name): value for name, value in row.items()}
    now = database.frame(FLOW, name=item)
    values = pd.Series([row["OBS_VALUE"] for row in state.values()])
    assert told(now["OBS_VALUE"]) == told(values)


def test_a_database_is_filled_kept_and_brought_up_to_date(
    server: LocalService, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service = Ilostat(server, list(ROWS))
    file = declare(place, service.base)
    assert run(["sync", str(file)]) == 0
    assert "14 observations, 14 added" in capsys.readouterr().out
    first = held(place)
    before = {p: p.stat().st_mtime_ns for p in (place / "kept").rglob("*.parquet")}
    assert run(["sync", str(file), "--refresh"]) == 0
    assert "unchanged" in capsys.readouterr().out
    assert {p: p.stat().st_mtime_ns for p in (place / "kept").rglob("*.parquet")} == before
    service.rows[0] = replace(service.rows[0], value="299.999", status="B")
    del service.rows[1]
    assert run(["sync", str(file), "--refresh"]) == 0
    assert "1 changed, 1 removed" in capsys.readouterr().out
    history = Database(place / "kept").history(FLOW)
    changed = history[history["figure_change"] == "changed"].iloc[0]
    assert (changed["OBS_VALUE"], changed["OBS_STATUS"]) == ("299.999", "B")
    same = history.loc[history["CDS"] == changed["CDS"]]
    assert "297.433" in set(same["OBS_VALUE"])
    assert len(held(place)) == len(first) - 1
    assert_whole(place / "kept")


def test_other_engines_read_the_database_as_it_is(server: LocalService, place: Path) -> None:
    pytest.importorskip("duckdb")
    assert run(["sync", str(declare(place, Ilostat(server).base))]) == 0
    query = (
        f"select OBS_VALUE_TEXT, record_criterion from DF_{FLOW} where CDS = 'CDS_DES_TOTAL'"
    )
    where = "and SEX = 'SEX_T' and REF_AREA = 'PHL'"
    found = Database(place / "kept").sql(f"{query} {where}")
    assert found["OBS_VALUE_TEXT"].tolist() == ["1827.799"]


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
        ("db: x\nstore: y\nitems: []\n", r"line 2.*db alone"),
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
    for number in range(3):
        service.rows[0] = replace(service.rows[0], value=f"{number}.5")
        process = start(file, place)
        time.sleep(whole * chance.uniform(0.5, 1.0))
        process.send_signal(signal.SIGKILL)
        process.wait(60)
        assert_whole(place / "kept")
    assert start(file, place).wait(60) == 0
    assert_whole(place / "kept")
    assert "2.5" in set(held(place)["OBS_VALUE"])


def test_two_runs_at_once_do_the_work_once(server: LocalService, place: Path) -> None:
    file = declare(place, Ilostat(server).base)
    runs = [start(file, place) for _ in range(2)]
    assert [process.wait(60) for process in runs] == [0, 0]
    assert len(Database(place / "kept").show("outflow")) == 1
    assert_whole(place / "kept")


def test_a_table_that_is_no_longer_fetched_is_emptied_and_remembered(
    server: LocalService, tmp_path: Path
) -> None:
    from ilms_sdmx.sources import fetch

    base = Ilostat(server).base
    got = fetch("ilostat", FLOW, client=Client(tmp_path / "c"), base_url=base)
    database = Database(tmp_path / "s")
    other = replace(got, dataset=replace(got.dataset, dataflow="ILO:DF_OTHER(1.0)"))
    database.add(replace(got, also=(other,)), "x", at="2026-01-01")
    added = database.add(got, "x", at="2026-01-02")
    assert {flow: counts["removed"] for flow, counts in added.counts.items()} == {
        ID: 0,
        "ILO:DF_OTHER(1.0)": len(got),
    }
    assert database.frame("DF_OTHER").empty
    assert len(database.frame("DF_OTHER", as_of="2026-01-01")) == len(got)


def old_store(folder: Path, item: str, states: list[pd.DataFrame], keys: list[str]) -> None:
    """Store as `sync` kept it before there was a database: a table, its changes, and a log."""
    before = states[0].iloc[:0]
    lines = []
    for number, state in enumerate(states, 1):
        change = compare_frames(before, state, keys, RECORD_COLUMNS)
        path = folder / item / "changes" / FLOW / f"{number:06d}-aaa-bbb.parquet"
        write_old(path, change, keys)
        changes = [{"table": FLOW, "added": len(change), "changed": 0, "removed": 0}]
        time = f"2025-0{number}-01T00:00:00+00:00"
        lines.append(json.dumps({"time": time, "item": item, "changes": changes}))
        before = state
    write_old(folder / item / f"{FLOW}.parquet", before, keys)
    write_old(folder / item / "rest" / f"{FLOW}.parquet", before.iloc[:0], [])
    with (folder / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write("\n".join(lines) + '\n{"half')


def write_old(path: Path, frame: pd.DataFrame, keys: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pandas(frame.astype("str"), preserve_index=False)
    pq.write_table(table.replace_schema_metadata({"keys": json.dumps(keys)}), path)


def test_a_store_of_before_is_read_with_its_history_and_moved(
    server: LocalService, place: Path
) -> None:
    from ilms_sdmx.sources import fetch

    base = Ilostat(server).base
    got = fetch("ilostat", FLOW, client=Client(place / "c"), base_url=base, area=["IDN", "PHL"])
    now = got.dataset.observations.join(got.records.drop(columns="retrieved")).astype("str")
    then = now.iloc[1:].copy()
    then.loc[then.index[0], "OBS_VALUE"] = "0.5"
    keys = list(got.dataset.components.dimensions)
    old_store(place / "kept", "outflow", [then, now], keys)
    own = place / "kept" / "outflow" / "mine.parquet"
    pd.DataFrame({"a": [1]}).to_parquet(own)
    assert run(["sync", str(declare(place, base))]) == 0
    database = Database(place / "kept")
    assert [vintage.time[:10] for vintage in database.show("outflow")][:2] == [
        "2025-01-01",
        "2025-02-01",
    ]
    assert sum(vintage.changed for vintage in database.show("outflow")) == 1
    known = database.frame(FLOW, as_of="2025-01-15")
    assert told(known["OBS_VALUE"]) == told(then["OBS_VALUE"])
    assert told(held(place)["OBS_VALUE"]) == told(now["OBS_VALUE"])
    assert set(held(place)["record_criterion"]) == set(now["criterion"])
    assert own.exists()
    assert (place / "kept" / BEFORE / "outflow" / f"{FLOW}.parquet").exists()
    assert not (place / "kept" / "outflow" / f"{FLOW}.parquet").exists()
    assert run(["sync", str(place / "nightly.yaml"), "--refresh"]) == 0
    assert_whole(place / "kept")


def test_a_table_of_before_that_is_damaged_stops_the_move_and_nothing_is_lost(
    tmp_path: Path,
) -> None:
    keys = ["REF_AREA", "TIME_PERIOD"]
    state = pd.DataFrame({"REF_AREA": ["PHL"], "TIME_PERIOD": ["2013"], "OBS_VALUE": ["1"]})
    old_store(tmp_path, "good", [state], keys)
    old_store(tmp_path, "bad", [state], keys)
    damaged = tmp_path / "bad" / f"{FLOW}.parquet"
    whole = damaged.read_bytes()
    damaged.write_bytes(b"PAR1 half")
    database = Database(tmp_path)
    with pytest.raises(DatabaseError, match="restore it or move it elsewhere"):
        move_store(database)
    assert not (tmp_path / "manifest.json").exists()
    damaged.write_bytes(whole)
    assert move_store(database) == ["bad", "good"]
    assert set(database.manifest.names) == {"bad", "good"}
    # What comes later and is unknown to the database stays where it is.
    old_store(tmp_path, "later", [state], keys)
    assert move_store(database) == []
    assert (tmp_path / "later" / f"{FLOW}.parquet").exists()


def test_a_token_is_not_taken_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(
        "items:\n  - {name: a, source: undesa-portal, token: very-secret}\n", encoding="utf-8"
    )
    with pytest.raises(MappingError, match="token") as caught:
        read_declaration(path)
    assert "very-secret" not in str(caught.value)
