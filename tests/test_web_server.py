"""The server of the page as a process: its address, its one-time code, its end."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from ilms_sdmx import example
from ilms_sdmx.outputs.web import server as servers
from ilms_sdmx.outputs.web.server import PageServer


async def hello(scope: Any, receive: Any, send: Any) -> None:
    """Smallest application of ASGI."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


def test_a_workbook_is_opened_with_a_code_that_is_good_once(tmp_path: Path) -> None:
    workbook, _ = example("vnm-outflow")
    command = [sys.executable, "-m", "ilms_sdmx", "ui", str(workbook), "--no-browser"]
    command += ["--projects", str(tmp_path / "p"), "--db", str(tmp_path / "db")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        found = re.fullmatch(r"(http://127\.0\.0\.1:\d+)/enter#([\w-]+)\|(/p/\w+)", address)
        assert found, address
        origin, code, project = found.groups()
        with httpx.Client(base_url=origin, headers={"origin": origin}) as client:
            assert client.get(project).status_code == 401
            assert client.post("/enter", json={"code": "x"}).status_code == 401
            came = client.post("/enter", json={"code": code})
            assert came.status_code == 200
            cookie = came.headers["set-cookie"]
            assert "HttpOnly" in cookie
            assert "samesite=strict" in cookie.lower()
            page = client.get(project)
            assert page.status_code == 200
            assert "server" not in page.headers
            with httpx.Client(base_url=origin, headers={"origin": origin}) as stranger:
                assert stranger.post("/enter", json={"code": code}).status_code == 401
                assert stranger.get(project).status_code == 401
            found_token = re.search(r'name="token" content="([^"]+)"', page.text)
            assert found_token
            ended = client.post("/quit", headers={"x-token": found_token[1]}, content=b"{}")
            assert ended.status_code == 200
        assert process.wait(timeout=60) == 0


def test_a_workbook_that_is_none_ends_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("no table at all\n", "utf-8")
    command = [sys.executable, "-m", "ilms_sdmx", "ui", str(path), "--no-browser"]
    command += ["--projects", str(tmp_path / "p")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 4
    assert "holds no table" in done.stderr
    assert list((tmp_path / "p").iterdir()) == []


def test_an_idle_server_ends_but_not_while_a_task_runs() -> None:
    server = PageServer("127.0.0.1", 0, idle=0.3)
    busy_until = time.monotonic() + 1.0
    ready = threading.Event()
    thread = threading.Thread(
        target=server.run,
        args=(hello, lambda: time.monotonic() < busy_until, ready.set),
    )
    thread.start()
    assert ready.wait(20)
    thread.join(20)
    assert not thread.is_alive()
    assert time.monotonic() > busy_until


def test_a_head_that_is_half_sent_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "HEAD_SECONDS", 0.4)
    server = PageServer("127.0.0.1", 0, idle=0)
    ready = threading.Event()
    thread = threading.Thread(target=server.run, args=(hello, lambda: False, ready.set))
    thread.start()
    assert ready.wait(20)
    try:
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as half:
            half.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
            assert half.recv(10) == b""
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as whole:
            whole.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert whole.recv(12) == b"HTTP/1.1 200"
    finally:
        server.end()
        thread.join(20)
    assert not thread.is_alive()
