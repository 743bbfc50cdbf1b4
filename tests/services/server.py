"""HTTP server on 127.0.0.1 whose routes answer as a service does, and misbehave when told to."""

from __future__ import annotations

import contextlib
import gzip
import re
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, BinaryIO
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass
class Request:
    path: str
    query: dict[str, str]
    headers: dict[str, str]


@dataclass
class Reply:
    """Answer; `cut` ends the connection after so many bytes of the body, `delay` seconds before it starts.

    `length` is what Content-Length says instead of the length of the body, `pause` the seconds between
    single bytes, `drip` that between bytes of the headers; an `endless` body goes on until nobody reads.
    """

    body: bytes | str = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    delay: float = 0.0
    chunked: bool = False
    length: str = ""
    pause: float = 0.0
    drip: float = 0.0
    endless: bool = False

    @property
    def bytes(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else self.body


Route = Callable[[Request], Reply]


class _Quiet(ThreadingHTTPServer):
    """Server that says nothing of clients that hang up, as those do that have seen enough."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class LocalService:
    """Routes by pattern (full match of the path); scripted replies come first, each once."""

    def __init__(self) -> None:
        self.routes: list[tuple[str, Route]] = []
        self.script: list[tuple[str, Reply]] = []
        self.log: list[Request] = []
        self.busy = self.busiest = 0
        self.lock = threading.Lock()
        self.server = _Quiet(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.thread = threading.Thread(
            target=self.server.serve_forever, args=(0.02,), daemon=True
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def on(self, pattern: str, route: Route | Reply) -> None:
        self.routes.append((pattern, route if callable(route) else lambda _: route))

    def next(self, pattern: str, *replies: Reply) -> None:
        self.script += [(pattern, reply) for reply in replies]

    def __enter__(self) -> LocalService:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, request: Request) -> Reply:
        with self.lock:
            self.log.append(request)
            for number, (pattern, reply) in enumerate(self.script):
                if re.fullmatch(pattern, request.path):
                    del self.script[number]
                    return reply
        for pattern, route in self.routes:
            if re.fullmatch(pattern, request.path):
                return route(request)
        return Reply("Not Found", 404)

    def _handler(service) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                with service.lock:
                    service.busy += 1
                    service.busiest = max(service.busiest, service.busy)
                try:
                    parts = urlsplit(self.path)
                    headers = {k.lower(): v for k, v in self.headers.items()}
                    query = dict(
                        parse_qsl(parts.query.replace("+", "%2B"), keep_blank_values=True)
                    )
                    reply = service.answer(Request(unquote(parts.path), query, headers))
                    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                        self.give(reply)
                finally:
                    with service.lock:
                        service.busy -= 1

            def give(self, reply: Reply) -> None:
                time.sleep(reply.delay)
                body = reply.bytes
                if reply.drip or reply.endless:
                    self.close_connection = True
                    go_on(self.wfile, reply)
                    return
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if reply.chunked:
                    self.send_header("Transfer-Encoding", "chunked")
                    self.end_headers()
                    write_chunk(self.wfile, body)
                    return
                if reply.status not in (204, 304):
                    self.send_header("Content-Length", reply.length or str(len(body)))
                self.end_headers()
                if reply.pause:
                    trickle(self.wfile, body, reply.pause)
                    return
                self.wfile.write(body if reply.cut is None else body[: reply.cut])
                if reply.cut is not None:
                    self.wfile.flush()
                    self.close_connection = True
                    self.connection.shutdown(2)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def write_chunk(stream: BinaryIO, body: bytes) -> None:
    """Write a body in one chunk."""
    if body:
        stream.write(b"%x\r\n%s\r\n" % (len(body), body))
    stream.write(b"0\r\n\r\n")


def go_on(stream: BinaryIO, reply: Reply) -> None:
    """Write headers byte by byte, or a body that has no end."""
    if reply.drip:
        trickle(stream, b"HTTP/1.1 200 OK\r\nX-Slow: " + b"s" * 2000, reply.drip)
        return
    stream.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        stream.write(reply.bytes)


def trickle(stream: BinaryIO, body: bytes, pause: float) -> None:
    """Write a body byte by byte."""
    for number in range(len(body)):
        stream.write(body[number : number + 1])
        time.sleep(pause)


def ranged(body: bytes, etag: str = '"v1"') -> Route:
    """Route of a file that can be resumed and revalidated."""

    def route(request: Request) -> Reply:
        headers = {"ETag": etag, "Accept-Ranges": "bytes"}
        if request.headers.get("if-none-match") == etag:
            return Reply(status=304, headers=headers)
        found = re.fullmatch(r"bytes=(\d+)-", request.headers.get("range", ""))
        if not found or request.headers.get("if-range") != etag:
            return Reply(body, headers=headers)
        start = int(found[1])
        headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        return Reply(body[start:], 206, headers)

    return route


def gzipped(body: bytes, cut: int | None = None) -> Reply:
    """Reply in gzip coding, cut short inside the coding if asked."""
    return Reply(gzip.compress(body)[:cut], headers={"Content-Encoding": "gzip"}, chunked=True)
