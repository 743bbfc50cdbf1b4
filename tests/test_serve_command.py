"""`ilms-sdmx serve` starts only where it is safe to."""

import http.client
import socket
import threading
import time
from pathlib import Path

import pytest
import uvicorn

from ilms_sdmx.cli import run
from ilms_sdmx.database import Database
from tests.test_service import figures


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Database(tmp_path / "db").add(figures(("PHL",)), "office", at="2024-01-01")
    (tmp_path / "token").write_text("0123456789abcdef\n", encoding="utf-8")
    (tmp_path / "short").write_text("secret", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("options", "starts"),
    [
        ("", True),
        ("--port 0", True),
        ("--host 0.0.0.0", False),
        ("--host 0.0.0.0 --public", False),
        ("--host 0.0.0.0 --allowed-host data.office.gov", False),
        ("--host 0.0.0.0 --allowed-host data.office.gov --public", True),
        ("--host 0.0.0.0 --allowed-host data.office.gov --token-file token", True),
        ("--host 0.0.0.0 --allowed-host data.office.gov --token-file short", False),
        ("--host 0.0.0.0 --allowed-host data.office.gov --token-file none", False),
    ],
)
def test_it_starts_only_where_others_are_kept_out_or_let_in_on_purpose(
    options: str, starts: bool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    started: list[object] = []
    monkeypatch.setattr(uvicorn.Server, "run", lambda _, sockets: started.extend(sockets))
    port = [] if "--port" in options else ["--port", "0"]
    status = run(["serve", "db", *options.split(), *port])
    assert (status == 0, len(started)) == (starts, int(starts))


def test_a_port_of_its_own_is_said_and_others_are_refused_by_their_host(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[str, int]] = []

    def run_and_ask(server: uvicorn.Server, sockets: list[socket.socket]) -> None:
        thread = threading.Thread(target=original, args=(server, sockets), daemon=True)
        server.config.lifespan = "off"
        thread.start()
        while not server.started:
            time.sleep(0.01)
        said = capsys.readouterr().err.strip()
        for host in (said.removeprefix("http://").rstrip("/"), "evil.example"):
            connection = http.client.HTTPConnection(*sockets[0].getsockname()[:2])
            connection.request("GET", "/", headers={"Host": host})
            asked.append((said, connection.getresponse().status))
            connection.close()
        server.should_exit = True
        thread.join(10)

    original = uvicorn.Server.run
    monkeypatch.setattr(uvicorn.Server, "run", run_and_ask)
    assert run(["serve", str(folder / "db"), "--port", "0"]) == 0
    assert [status for _, status in asked] == [200, 421]
    assert not asked[0][0].endswith(":0/")


@pytest.mark.parametrize(
    ("options", "starts"),
    [
        ("--agency PHL --provider PSA", True),
        ("--agency PHL --provider PSA --name Office --address https://data.office.gov", True),
        ("--agency PHL", False),
        ("--provider PSA", False),
        ("--agency PHL --provider PSA --address office", False),
    ],
)
def test_an_office_has_agreements_and_registrations(
    options: str, starts: bool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    answered: list[bytes] = []
    paths = ("/v1/provisionagreement", "/v2/registration/provider/PHL/PSA")

    def run_and_ask(server: uvicorn.Server, sockets: list[socket.socket]) -> None:
        thread = threading.Thread(target=original, args=(server, sockets), daemon=True)
        server.config.lifespan = "off"
        thread.start()
        while not server.started:
            time.sleep(0.01)
        for path in paths:
            connection = http.client.HTTPConnection(*sockets[0].getsockname()[:2])
            connection.request("GET", path)
            answered.append(connection.getresponse().read())
            connection.close()
        server.should_exit = True
        thread.join(10)

    original = uvicorn.Server.run
    monkeypatch.setattr(uvicorn.Server, "run", run_and_ask)
    status = run(["serve", "db", "--port", "0", *options.split()])
    assert (status == 0, len(answered)) == (starts, 2 * starts)
    if starts:
        assert b"PA_DF_POP_MNAO_SEX_CDS_NB" in answered[0]
        address = b"https://data.office.gov" if "--address" in options else b"http://127.0.0.1"
        assert b"<com:DataURL>" + address in answered[1]


def test_a_port_that_is_taken_is_said(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert run(["serve", str(folder / "db"), "--port", str(port)]) != 0


def test_a_folder_without_a_database_is_refused(tmp_path: Path) -> None:
    assert run(["serve", str(tmp_path)]) != 0
