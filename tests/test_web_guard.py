"""The guard of the page: each hostile request has its status, before anything reads it."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from ilms_sdmx.outputs.web import guard as guards
from ilms_sdmx.outputs.web.guard import Guard, Visitors

HOST = "127.0.0.1:5000"
OWN = f"http://{HOST}"
COOKIE = "ilms-5000"
Heads = list[tuple[str, str]]


class Behind:
    """Application that reads the body and says that it was reached."""

    def __init__(self) -> None:
        self.reached = 0
        self.read = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.reached += 1
        more = True
        while more:
            message = await receive()
            self.read += len(message.get("body", b""))
            more = message.get("more_body", False)
        headers = [(b"content-type", b"text/plain"), (b"access-control-allow-origin", b"*")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok"})


def visitors(**more: Any) -> Visitors:
    return Visitors(frozenset({HOST, "localhost:5000"}), **more)


def asked(
    guard: Guard,
    method: str,
    path: str,
    headers: Heads,
    body: list[bytes] | None = None,
    *,
    query: bytes = b"",
    client: str = "127.0.0.1",
    wait: float = 0.0,
) -> tuple[int, dict[str, str]]:
    """Status and headers of the answer to one request."""
    pieces = list(body or [b""])
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if wait:
            await asyncio.sleep(wait)
        piece = pieces.pop(0) if pieces else b""
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "headers": [(name.encode(), value.encode()) for name, value in headers],
        "client": (client, 1),
    }
    asyncio.run(guard(scope, receive, send))
    told = {k.decode().lower(): v.decode() for k, v in sent[0]["headers"]}
    return sent[0]["status"], told


def of(visitor: Visitors, *more: tuple[str, str], leave: tuple[str, ...] = ()) -> Heads:
    """Headers of a request of the page itself, with some more and without some."""
    own = {
        "host": HOST,
        "cookie": f"{COOKIE}={visitor.secret}",
        "origin": OWN,
        "sec-fetch-site": "same-origin",
        "x-token": visitor.token,
    }
    kept = [(name, value) for name, value in own.items() if name not in leave]
    names = {name for name, _ in more}
    return [(name, value) for name, value in kept if name not in names] + list(more)


#: Method, path, headers that replace those of the page, headers that it leaves out, status.
HOSTILE: list[tuple[str, str, Heads, tuple[str, ...], int]] = [
    ("GET", "/", [], (), 200),
    ("GET", "/", [("host", "localhost:5000")], (), 200),
    ("GET", "/", [], ("cookie",), 401),
    ("GET", "/", [("cookie", "ilms-5000=x")], (), 401),
    ("GET", "/", [("cookie", "ilms-5001={secret}")], (), 401),
    ("GET", "/p/0123456789abcdef", [], ("cookie",), 401),
    ("GET", "/database", [], ("cookie",), 401),
    ("GET", "/sdmx/v2/structure", [], ("cookie",), 401),
    ("GET", "/sdmx/v2/structure", [("authorization", "Bearer {bearer}")], ("cookie",), 200),
    ("GET", "/", [("authorization", "Bearer {bearer}")], ("cookie",), 401),
    ("GET", "/sdmx", [("authorization", "Bearer x")], ("cookie",), 401),
    ("GET", "/sdmxx", [("authorization", "Bearer {bearer}")], ("cookie",), 401),
    ("GET", "/", [("host", "evil.example")], (), 421),
    ("GET", "/", [("host", "evil.example:5000")], (), 421),
    ("GET", "/", [("host", "127.0.0.1")], (), 421),
    ("GET", "/", [("host", "127.0.0.1:5001")], (), 421),
    ("GET", "/", [("host", "127.0.0.1:5000.evil.example")], (), 421),
    ("GET", "/", [("host", "[::1]:5000")], (), 421),
    ("GET", "/", [("host", "")], (), 421),
    ("GET", "/", [], ("host",), 421),
    ("GET", "/", [("host", HOST), ("host", "evil.example")], (), 421),
    ("GET", "/", [("host", "evil.example"), ("x-forwarded-host", HOST)], (), 421),
    ("GET", "/enter", [("host", "evil.example")], (), 421),
    ("GET", "/static/page.css", [("host", "evil.example")], (), 421),
    ("GET", "/", [("sec-fetch-site", "cross-site")], (), 403),
    ("GET", "/", [("sec-fetch-site", "same-site"), ("sec-fetch-mode", "no-cors")], (), 403),
    ("GET", "/", [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")], (), 200),
    ("POST", "/upload", [], (), 200),
    ("POST", "/upload", [], ("sec-fetch-site",), 200),
    ("POST", "/upload", [], ("origin",), 200),
    ("POST", "/upload", [], ("origin", "sec-fetch-site"), 403),
    ("POST", "/upload", [("origin", "http://evil.example")], (), 403),
    ("POST", "/upload", [("origin", "null")], (), 403),
    ("POST", "/upload", [("origin", "http://127.0.0.1:5001")], (), 403),
    ("POST", "/upload", [("origin", "https://127.0.0.1:5000")], (), 403),
    ("POST", "/upload", [("origin", f"{OWN}.evil.example")], (), 403),
    ("POST", "/upload", [("origin", "http://localhost:5000")], (), 403),
    ("POST", "/upload", [("sec-fetch-site", "same-site")], (), 403),
    ("POST", "/upload", [("sec-fetch-site", "none")], (), 403),
    ("POST", "/upload", [], ("x-token",), 403),
    ("POST", "/upload", [("x-token", "x")], (), 403),
    ("POST", "/upload", [("x-token", "{token}"), ("x-token", "{token}")], (), 403),
    ("POST", "/upload", [], ("cookie",), 401),
    ("POST", "/upload", [("content-length", "1000000000")], (), 413),
    ("POST", "/upload", [("content-length", "-1")], (), 413),
    ("POST", "/upload", [("content-length", "x")], (), 413),
    ("POST", "/p/x/answer", [("content-length", "3000000")], (), 413),
    ("POST", "/enter", [], ("cookie", "x-token"), 200),
    ("POST", "/enter", [("origin", "http://evil.example")], ("cookie",), 403),
    ("PUT", "/upload", [], (), 405),
    ("DELETE", "/p/x", [], (), 405),
    ("OPTIONS", "/upload", [("access-control-request-method", "POST")], (), 405),
    ("TRACE", "/", [], (), 405),
    ("GET", "http://evil.example/", [], (), 400),
    ("GET", "/", [("x-long", "x" * 40_000)], (), 431),
    ("GET", "/", [(f"x-{number}", "") for number in range(200)], (), 431),
    ("GET", "/" + "a" * 9000, [], (), 431),
    ("GET", "/", [("range", "bytes=" + ",".join(["0-1"] * 50))], (), 200),
]


def filled(visitor: Visitors, headers: Heads) -> Heads:
    """Headers with the secrets of this start in their places."""
    secrets = {"secret": visitor.secret, "token": visitor.token, "bearer": visitor.bearer}

    def value(text: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda match: secrets[match[1]], text)

    return [(name, value(text)) for name, text in headers]


@pytest.mark.parametrize(("method", "path", "headers", "leave", "status"), HOSTILE)
def test_a_request_has_its_status(
    method: str, path: str, headers: Heads, leave: tuple[str, ...], status: int
) -> None:
    behind = Behind()
    visitor = visitors()
    sent = of(visitor, *filled(visitor, headers), leave=leave)
    got, told = asked(Guard(behind, visitor), method, path, sent)
    assert got == status
    assert behind.reached == (status == 200)
    policy = told["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert told["x-content-type-options"] == "nosniff"
    assert told["referrer-policy"] == "no-referrer"
    assert told["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in told


def test_a_body_is_counted_while_it_comes_whatever_its_head_says() -> None:
    behind = Behind()
    visitor = visitors()
    pieces = [b"x" * 1_000_000] * 70
    status, _ = asked(Guard(behind, visitor), "POST", "/upload", of(visitor), pieces)
    assert status == 413
    assert behind.read <= guards.UPLOAD_BYTES
    status, _ = asked(
        Guard(behind, visitor), "POST", "/p/x/mark", of(visitor), [b"x" * 1_500_000] * 2
    )
    assert status == 413


def test_a_slow_body_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guards, "_PIECE_SECONDS", 0.05)
    visitor = visitors()
    status, _ = asked(
        Guard(Behind(), visitor), "POST", "/upload", of(visitor), [b"x"] * 3, wait=0.3
    )
    assert status == 408


@pytest.mark.parametrize("origin", ["", OWN, "http://evil.example"])
def test_no_socket_is_ever_opened(origin: str) -> None:
    behind = Behind()
    visitor = visitors()
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [(k.encode(), v.encode()) for k, v in of(visitor, ("origin", origin))]
    scope = {"type": "websocket", "path": "/", "headers": headers, "query_string": b""}
    asyncio.run(Guard(behind, visitor)(scope, receive, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]
    assert behind.reached == 0


def test_a_code_opens_the_page_once_and_not_for_ever() -> None:
    visitor = visitors()
    code = visitor.code
    assert len(code) >= 40
    assert not visitor.uses_code("")
    assert not visitor.uses_code(code[:-1])
    assert visitor.uses_code(code)
    assert not visitor.uses_code(code)
    assert not visitor.uses_code("")
    late = visitors()
    late.made -= guards.CODE_SECONDS + 1
    assert not late.uses_code(late.code)


def test_each_start_has_secrets_of_its_own() -> None:
    one, other = visitors(), visitors()
    for name in ("secret", "token", "bearer", "code"):
        assert getattr(one, name) != getattr(other, name)
        assert len(getattr(one, name)) >= 40


def shared() -> Visitors:
    """Server of an office behind a proxy."""
    return Visitors(
        frozenset({"data.example"}),
        proxies=frozenset({"10.0.0.1"}),
        user_header="X-User",
        editors=frozenset({"ana"}),
        is_secure=True,
    )


@pytest.mark.parametrize(
    ("method", "client", "headers", "status"),
    [
        ("GET", "10.0.0.1", [("x-user", "ana")], 200),
        ("GET", "10.0.0.1", [("x-user", "ben")], 200),
        ("GET", "10.0.0.1", [], 401),
        ("GET", "10.0.0.2", [("x-user", "ana")], 401),
        ("GET", "127.0.0.1", [("x-user", "ana")], 401),
        ("GET", "10.0.0.1", [("x-user", "ana"), ("x-user", "ben")], 401),
        ("POST", "10.0.0.1", [("x-user", "ana")], 200),
        ("POST", "10.0.0.1", [("x-user", "ben")], 403),
        ("POST", "10.0.0.1", [("x-user", "ana"), ("origin", "https://evil.example")], 403),
    ],
)
def test_users_come_through_the_proxy_and_only_editors_change(
    method: str, client: str, headers: Heads, status: int
) -> None:
    visitor = shared()
    own = {"host": "data.example", "x-token": visitor.token, "origin": "https://data.example"}
    names = {name for name, _ in headers}
    sent = [(name, value) for name, value in own.items() if name not in names] + headers
    got, _ = asked(Guard(Behind(), visitor), method, "/upload", sent, client=client)
    assert got == status
