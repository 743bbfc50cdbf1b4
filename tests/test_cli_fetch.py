"""The command `fetch`: every source against the local services, every format, its exit status."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from ilms_sdmx import Client, Severity, compare, fetch, messages, validate
from ilms_sdmx.cli import run
from ilms_sdmx.database import Database
from ilms_sdmx.errors import NotFoundError
from ilms_sdmx.sources import SOURCES
from tests.services import undesa
from tests.services.ilostat import FLOW, ROWS, Ilostat
from tests.services.others import Others
from tests.services.server import LocalService, Reply


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalService]:
    monkeypatch.setenv("ILMS_SDMX_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ILMS_SDMX_UNDESA_TOKEN", undesa.TOKEN)
    with LocalService() as service:
        Ilostat(service)
        undesa.Undesa(service)
        Others(service)
        yield service


COMMANDS = {
    "ilostat": (["ilostat", FLOW, "--area", "IDN+KHM", "--start", "2024"], "rest", 0),
    "ilostat-bulk": (["ilostat-bulk", FLOW, "--area", "IDN", "--best-source", "all"], "", 0),
    "undesa-stock": (["undesa-stock", "--edition", "2024", "--destination", "764"], "files", 0),
    "undesa-portal": (["undesa-portal", "65", "--area", "THA"], "api/v1", 0),
    "undesa-wpp": (["undesa-wpp", "--area", "THA"], "wpp", 0),
    "worldbank": (["worldbank", "SM.POP.TOTL", "--area", "THA"], "wb", 0),
    "oecd": (["oecd", "B15", "--area", "CHL"], "oecd", 0),
    "eurostat": (["eurostat", "migr_pop3ctb", "--codes", "sex=T"], "eurostat", 0),
    "unsdg": (["unsdg", "SL_EMP_FTLINJUR"], "sdg", 0),
    "sdmx": (["sdmx", "OECD.ELS.IMD:DSD_MIG@DF_MIG(1.0)", "--key", "CHL.W......"], "oecd", 0),
}


def test_every_source_has_its_command_here() -> None:
    assert set(COMMANDS) == set(SOURCES)


@pytest.mark.parametrize("source", COMMANDS)
def test_every_source_by_the_command(server: LocalService, tmp_path: Path, source: str) -> None:
    arguments, path, status = COMMANDS[source]
    output = tmp_path / "out.csv"
    assert (
        run(["fetch", *arguments, "--base-url", f"{server.url}/{path}", "-o", str(output)])
        == status
    )
    frame = pd.read_csv(output, dtype="str")
    assert len(frame)
    assert {"OBS_VALUE", "criterion", "licence", "address"} <= set(frame.columns)


def test_output_in_any_format(server: LocalService, tmp_path: Path) -> None:
    command = ["fetch", "ilostat", FLOW, "--base-url", f"{server.url}/rest", "-o"]
    assert run([*command, str(tmp_path / "sent"), "--format", "sdmx-ml-2.1"]) == 0
    sent = messages.read(tmp_path / "sent").header
    assert sent.sender.id == "ILMS_SDMX"
    assert f"{server.url}/rest/data/" in sent.sources["en"]
    for form in ("sdmx-ml-2.1", "sdmx-csv-1.0"):
        assert run([*command, str(tmp_path / form), "--format", form]) == 0
        assert len(messages.read(tmp_path / form).datasets[0]) == len(ROWS)
    assert run([*command, str(tmp_path / "x.parquet"), "--format", "parquet"]) == 0
    assert len(pd.read_parquet(tmp_path / "x.parquet")) == len(ROWS)


@pytest.mark.parametrize("source", ["undesa-portal", "undesa-wpp", "unsdg"])
def test_messages_of_indicators_have_a_structure_and_conform_to_it(
    server: LocalService, tmp_path: Path, source: str
) -> None:
    arguments, path, _ = COMMANDS[source]
    output = str(tmp_path / "message")
    command = [
        "fetch",
        *arguments,
        "--base-url",
        f"{server.url}/{path}",
        "-o",
        output,
        "--format",
    ]
    for form in (
        "sdmx-ml-2.1",
        "sdmx-ml-2.1-generic",
        "sdmx-ml-3.0",
        "sdmx-json-2.0",
        "sdmx-csv-2.0",
    ):
        assert run([*command, form]) == 0
        report = validate(output)
        assert not [f for f in report if f.severity is not Severity.NOTE], str(report)
        assert not report.of_rule("structure-unknown")


def test_what_has_no_counterpart_can_be_kept(
    server: LocalService, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    rest = tmp_path / "rest.csv"
    status = run(
        ["fetch", "undesa-stock", "--base-url", f"{server.url}/files", "--rest", str(rest)]
    )
    captured = capfd.readouterr()
    assert status == 1
    assert captured.out.startswith("REF_AREA,FREQ")
    assert "figures without counterpart. UN DESA IMS 2024, CC BY 3.0 IGO, http" in captured.err
    assert re.search(r", retrieved 20\d\d-\S+, SHA-256 [0-9a-f]{64}\n", captured.err)
    assert re.search(r"^  \d+ no counterpart in CBR$", captured.err, re.M)
    assert set(pd.read_csv(rest, dtype="str")["reason"]) >= {"no counterpart in CBR"}


def test_offline_repeats_and_refuses(
    server: LocalService, capfd: pytest.CaptureFixture[str]
) -> None:
    command = ["fetch", "ilostat", FLOW, "--base-url", f"{server.url}/rest"]
    assert run([*command, "--offline"]) == 4
    assert "offline, and not in the cache" in capfd.readouterr().err
    assert run(command) == 0
    first = capfd.readouterr().out
    assert run([*command, "--offline"]) == 0
    assert capfd.readouterr().out == first


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["ilsotat", "X"], 3, "expected a source of ilostat"),
        (["ilostat"], 3, "needs to know what"),
        (["worldbank", "--edition", "3"], 3, "no option edition"),
        (["ilostat", FLOW, "--codes", "SEX"], 3, "DIMENSION=CODE"),
        (["ilostat", FLOW, "--format", "parquet"], 3, "give --output"),
        (["undesa-stock", "age", "--edition", "2024"], 4, "no table 2024 by age"),
        (["undesa-stock", "--destination", "XYZ"], 3, "XYZ"),
        (["sdmx", "X:Y(1.0)"], 3, "sdmx needs base_url"),
    ],
)
def test_what_cannot_be_done_is_said(
    server: LocalService,
    capfd: pytest.CaptureFixture[str],
    arguments: list[str],
    status: int,
    message: str,
) -> None:
    assert run(["fetch", *arguments]) == status
    assert message in capfd.readouterr().err


def test_the_cache_is_cleared(server: LocalService, capfd: pytest.CaptureFixture[str]) -> None:
    command = ["fetch", "ilostat", FLOW, "--base-url", f"{server.url}/rest"]
    assert run(command) == 0
    assert run(["fetch", "--clear-cache", "1"]) == 0
    assert "0 files, 0.0 MB removed" in capfd.readouterr().out
    assert run([*command, "--offline"]) == 0
    assert run(["fetch", "--clear-cache", "0"]) == 0
    assert re.search(r"^[1-9]\d* files", capfd.readouterr().out, re.M)
    assert run([*command, "--offline"]) == 4


def test_the_catalogue_is_searched(
    server: LocalService, capfd: pytest.CaptureFixture[str]
) -> None:
    base = ["--base-url", f"{server.url}/rest"]
    assert run(["fetch", "ilostat-search", "mnao", *base]) == 0
    assert capfd.readouterr().out.startswith(f"DF_{FLOW}\t")
    assert run(["fetch", "ilostat-search", "zebra", *base]) == 1


def test_no_token_is_printed_or_kept(
    server: LocalService, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    url = f"{server.url}/api/v1"
    text = json.dumps({"echo": undesa.TOKEN})
    assert run(["fetch", "undesa-portal", "--area", "THA", "--base-url", url]) == 0
    server.next("/api/v1/data/.*", Reply(text), Reply(text, 400))
    for _ in range(2):
        command = [
            "fetch",
            "undesa-portal",
            "--area",
            "THA",
            "--base-url",
            url,
            "--refresh",
            "--attempts",
            "1",
        ]
        assert run(command) == 4
    captured = capfd.readouterr()
    assert undesa.TOKEN not in captured.out + captured.err
    files = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert len(files) > 1
    assert not any(undesa.TOKEN.encode() in p.read_bytes() for p in files)


def test_a_repeat_is_the_same_and_asks_nothing(server: LocalService) -> None:
    first = fetch("undesa-stock", area=["THA"], base_url=f"{server.url}/files")
    asked = len(server.log)
    again = fetch("undesa-stock", area=["THA"], base_url=f"{server.url}/files")
    assert len(server.log) == asked
    assert [p.dataset.dataflow for p in again] == [p.dataset.dataflow for p in first]
    for one, other in zip(first, again, strict=True):
        pd.testing.assert_frame_equal(other.dataset.observations, one.dataset.observations)
        pd.testing.assert_frame_equal(other.records, one.records)
        pd.testing.assert_frame_equal(other.dataset.provenance, one.dataset.provenance)
        assert other.dataset.components == one.dataset.components
    pd.testing.assert_frame_equal(again.rest.astype("str"), first.rest.astype("str"))
    assert (again.report, again.origin) == (first.report, first.origin)


def test_a_result_is_made_anew_when_its_download_is(server: LocalService) -> None:
    base = {"base_url": f"{server.url}/rest"}
    first = fetch("ilostat", FLOW, **base)
    server.next("/rest/data/.*", Reply("No data is found.", 404))
    with pytest.raises(NotFoundError):
        fetch("ilostat", FLOW, client=Client(refresh=True), **base)
    assert len(fetch("ilostat", FLOW, **base)) == len(first)


def test_codes_and_years_may_be_given_in_any_way(server: LocalService) -> None:
    base = {"base_url": f"{server.url}/rest"}
    one = fetch(
        "ilostat", FLOW, area="IDN+KHM", start=2023, end=2024, codes={"SEX": "SEX_T"}, **base
    )
    other = fetch(
        "ilostat",
        FLOW,
        area=["IDN", "KHM"],
        start="2023",
        end="2024",
        codes={"SEX": ["SEX_T"]},
        **base,
    )
    pd.testing.assert_frame_equal(one.dataset.observations, other.dataset.observations)
    stock = {"base_url": f"{server.url}/files"}
    one = fetch("undesa-stock", edition=2024, area=764, start=2024, sex="both", **stock)
    other = fetch(
        "undesa-stock", edition="2024", area=["THA"], start="2024", sex=["both"], **stock
    )
    pd.testing.assert_frame_equal(one.frame(), other.frame())


def test_figures_without_a_dataflow_of_ilo_can_be_written_and_read(
    server: LocalService, tmp_path: Path
) -> None:
    command = ["fetch", "undesa-wpp", "--area", "THA", "--base-url", f"{server.url}/wpp", "-o"]
    for form in ("sdmx-ml-2.1", "sdmx-csv-1.0", "sdmx-json-2.0"):
        assert run([*command, str(tmp_path / form), "--format", form]) == 0
        read = messages.read(tmp_path / form).datasets[0]
        assert sorted(read.observations["OBS_VALUE"]) == ["21.152", "22.713"]


@pytest.mark.parametrize("option", ["--start", "--end"])
def test_what_is_no_period_is_said(
    server: LocalService, capfd: pytest.CaptureFixture[str], option: str
) -> None:
    for source in (["undesa-stock"], ["ilostat", FLOW]):
        assert run(["fetch", *source, option, "soon"]) == 3
        assert "expected a year or period" in capfd.readouterr().err


@pytest.mark.parametrize("form", ["csv", "parquet", "sdmx-csv-1.0", "sdmx-ml-2.1"])
def test_what_was_fetched_comes_back_with_its_records(
    server: LocalService, tmp_path: Path, form: str
) -> None:
    """A file of `fetch` is compared as the answer itself is, whatever its format."""
    address = f"{server.url}/files"
    suffix = form if form in ("csv", "parquet") else form.replace(".", "-")
    path = tmp_path / f"stock.{suffix}"
    command = ["fetch", "undesa-stock", "--edition", "2024", "--destination", "764"]
    options = ["--base-url", address, "--format", form, "-o", str(path)]
    assert run([*command, *options]) == 0
    got = fetch(
        "undesa-stock",
        "bilateral",
        client=Client(),
        edition="2024",
        destination=["764"],
        base_url=address,
    )
    straight = compare(got, got)
    again = compare(got, str(path))
    columns = ["partner", "sex", "ours_period", "verdict", "difference"]
    orders = columns[:3]
    for name in columns:
        ours = straight.pairs.sort_values(orders)[name].astype("str").tolist()
        theirs = again.pairs.sort_values(orders)[name].astype("str").tolist()
        assert ours == theirs, name
    theirs_of_file = again.records.loc[again.pairs["theirs_record"].unique()]
    assert set(theirs_of_file["scope"]) == {"all"}
    assert set(theirs_of_file["edition"]) == {"2024"}


@pytest.mark.parametrize("source", list(COMMANDS))
def test_what_is_fetched_goes_into_a_database_with_its_records(
    server: LocalService, tmp_path: Path, source: str
) -> None:
    arguments, path, _ = COMMANDS[source]
    table = tmp_path / "x.csv"
    run(["fetch", *arguments, "--base-url", f"{server.url}/{path}", "-o", str(table)])
    place = str(tmp_path / "db")
    added = ["db", "add", str(table), "--name", source, "--db", place]
    assert run(added) == 0
    fetched = pd.read_csv(table, dtype="str", keep_default_na=False)
    database = Database(place)
    held = database.frame(name=source)
    assert len(held) == len(fetched)
    assert sorted(held["OBS_VALUE"].astype("object").fillna("")) == sorted(fetched["OBS_VALUE"])
    assert set(held["record_criterion"]) == set(fetched["criterion"])
    assert set(held["record_source"]) == set(fetched["source"])
    assert run(added) == 0
    assert len(database.show()) == 1
