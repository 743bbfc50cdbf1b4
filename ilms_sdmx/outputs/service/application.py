"""Application: the service over HTTP, for any server of ASGI."""

from __future__ import annotations

import hmac
import re
import threading
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ilms_sdmx.errors import IlmsError
from ilms_sdmx.outputs.exchange.registration import Provider
from ilms_sdmx.outputs.service.answers import Answerer
from ilms_sdmx.outputs.service.pages import description, landing
from ilms_sdmx.outputs.service.replies import Answer, Asked, Limits, Service, failed
from ilms_sdmx.outputs.service.streams import PIECE, Stream

if TYPE_CHECKING:
    from starlette.requests import Request as HttpRequest
    from starlette.responses import Response

#: Methods that the service has.
_METHODS = "GET, HEAD, OPTIONS"
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Last-Modified, Content-Language",
}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": _METHODS,
    "Access-Control-Allow-Headers": "Accept, Accept-Encoding, If-None-Match, If-Modified-Since",
    "Access-Control-Max-Age": "86400",
}
_SAFE = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_HOST = re.compile(r"[A-Za-z0-9._\[\]:-]{1,255}")
#: Most bytes and lines of the head of a request.
_HEAD_BYTES, _HEAD_LINES = 32_000, 100


@dataclass(frozen=True)
class Access:
    """Who may ask.

    Parameters
    ----------
    hosts
        Values of the header Host that are served, with their port; all where it is empty.
    token
        Secret that a client sends as `Authorization: Bearer TOKEN`; none where it is empty.
    """

    hosts: tuple[str, ...] = ()
    token: str = ""


def application(
    folder: str | Path,
    *,
    limits: Limits | None = None,
    access: Access | None = None,
    provider: Provider | None = None,
    address: str = "",
) -> Any:
    """Application of ASGI that serves a database, read-only.

    It can be part of another application: `Mount("/sdmx", application("ilms-db"))` of
    Starlette; its page, its description and CORS are then under that path only.

    Parameters
    ----------
    folder
        Folder of the database.
    limits
        What requests may take.
    access
        Who may ask; everybody where it is None.
    provider
        Office whose figures these are: it gets provision agreements and registrations.
    address
        Address under which it is reached, as `https://data.office.gov`, for registrations;
        that of each request where it is empty.
    """
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.routing import Route
    from starlette_compress import CompressMiddleware, add_compress_type

    for media_type in _media_types():
        add_compress_type(media_type)
    bounds = limits or Limits()
    service = Service(bounds, provider, address=address.rstrip("/"))
    gate = _Gate(Answerer(folder, service), bounds, access or Access())
    methods = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH"]
    routes = [Route("/{path:path}", gate.respond, methods=methods)]
    return Starlette(routes=routes, middleware=[Middleware(CompressMiddleware)])


def _media_types() -> Iterable[str]:
    from ilms_sdmx.outputs.service.negotiation import DATA_2, REGISTRY, SCHEMA_2

    return dict.fromkeys(each.name for each in (*DATA_2, *SCHEMA_2, *REGISTRY))


class _Gate:
    """Answers to requests of HTTP, a few at a time."""

    def __init__(self, answerer: Answerer, limits: Limits, access: Access) -> None:
        from anyio import CapacityLimiter

        self._answerer = answerer
        self._limits = limits
        self._turns = CapacityLimiter(limits.answers)
        self._room = threading.BoundedSemaphore(limits.streams)
        self._access = access

    async def respond(self, http: HttpRequest) -> Response:
        """Answer to one request."""
        from anyio.to_thread import run_sync

        asked = _asked(http)
        refusal = self._refusal(http, asked)
        if refusal is not None:
            return self._response(refusal)
        if http.method == "OPTIONS":
            return self._response(Answer(204, {**_PREFLIGHT, "Allow": _METHODS}))
        if asked.path == "/openapi.json":
            content = description(http.scope.get("root_path", ""))
            return self._response(Answer(200, {"Content-Type": "application/json"}, content))
        if self._turns.statistics().tasks_waiting >= self._limits.waiting:
            return self._busy(asked)
        answer: Answer
        if asked.path == "/":
            root = http.scope.get("root_path", "")
            answer = await run_sync(self._page, root, limiter=self._turns)
        else:
            answer = await run_sync(self._answered, asked, limiter=self._turns)
        if not isinstance(answer.body, Stream):
            return self._response(answer)
        if http.method == "HEAD":
            answer.body.close()
            return self._response(Answer(answer.status, answer.headers))
        if not self._room.acquire(blocking=False):
            answer.body.close()
            return self._busy(asked)
        return _sent(answer, self._limits.idle, self._room)

    def _response(self, answer: Answer) -> Response:
        """Response of an answer that is whole."""
        from starlette.responses import Response

        assert isinstance(answer.body, bytes)
        if len(answer.body) > PIECE:
            return _sent(answer, self._limits.idle)
        return Response(answer.body, answer.status, {**_SAFE, **_CORS, **answer.headers})

    def _busy(self, asked: Asked) -> Response:
        """Answer while there is no room: 503, with the time after which to ask again."""
        busy = failed(503, "the service is busy: ask again in some seconds", asked)
        return self._response(Answer(503, {**busy.headers, "Retry-After": "5"}, busy.body))

    def _page(self, root: str) -> Answer:
        """Page for people."""
        headers = {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": _POLICY,
        }
        return Answer(200, headers, landing(root, self._answerer.titles()))

    def _answered(self, asked: Asked) -> Answer:
        """Answer whose first piece has been written, so that an error is a status."""
        answer = self._answerer.answer(asked)
        if not isinstance(answer.body, Stream):
            return answer
        try:
            whole = answer.body.begin()
        except IlmsError as error:
            answer.body.close()
            return failed(406, f"the figures have no place in this format: {error}", asked)
        if whole is not None:
            return Answer(answer.status, answer.headers, whole)
        return answer

    def _refusal(self, http: HttpRequest, asked: Asked) -> Answer | None:
        """Answer to what is not served at all: another method, host, or a client unknown."""
        size = sum(len(name) + len(value) for name, value in http.headers.raw)
        if size > _HEAD_BYTES or len(http.headers.raw) > _HEAD_LINES:
            return failed(431, "the head of the request is too long", asked)
        if self._access.hosts and http.headers.get("host", "") not in self._access.hosts:
            return failed(421, "this host is not served here", asked)
        if http.method not in ("GET", "HEAD", "OPTIONS"):
            answer = failed(405, "the service can only be read", asked)
            return Answer(405, {**answer.headers, "Allow": _METHODS}, answer.body)
        if self._access.token and http.method != "OPTIONS":
            given = http.headers.get("authorization", "").encode()
            wanted = f"Bearer {self._access.token}".encode()
            if not hmac.compare_digest(given, wanted):
                answer = failed(401, "expected Authorization: Bearer with the token", asked)
                headers = {**answer.headers, "WWW-Authenticate": "Bearer"}
                return Answer(401, headers, answer.body)
        return None


def _asked(http: HttpRequest) -> Asked:
    """Request as it came, percent signs and all."""
    raw = http.scope.get("raw_path") or http.scope["path"].encode()
    # Mounted in another application, the paths begin behind the place where it is mounted.
    root = quote(http.scope.get("root_path", ""))
    path = raw.decode("latin-1").removeprefix(root)
    query = http.scope["query_string"].decode("latin-1")
    headers = http.headers
    return Asked(
        path,
        query,
        headers.get("accept", ""),
        headers.get("accept-language", ""),
        headers.get("if-none-match", ""),
        headers.get("if-modified-since", ""),
        _origin(http) + root,
    )


def _origin(http: HttpRequest) -> str:
    """Scheme and host of a request, empty where the host is none."""
    host = http.headers.get("host", "")
    if _HOST.fullmatch(host) is None:
        return ""
    return f"{http.scope['scheme']}://{host}"


def _sent(
    answer: Answer, idle: float, room: threading.BoundedSemaphore | None = None
) -> Response:
    """Response that is sent a piece at a time; a client that takes none for long is left.

    `room` is freed behind a stream, whose writer has then ended.
    """
    from anyio import fail_after
    from starlette.responses import StreamingResponse

    body = answer.body
    headers = {**_SAFE, **_CORS, **answer.headers}
    if isinstance(body, bytes):
        headers["Content-Length"] = str(len(body))

    class Sent(StreamingResponse):
        """Response after which everything has ended, however it went."""

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            async def send_in_time(message: Any) -> None:
                with fail_after(idle):
                    await send(message)

            try:
                await super().__call__(scope, receive, send_in_time)
            except TimeoutError:
                # The connection ends with an answer that is visibly cut.
                return
            finally:
                if isinstance(body, Stream):
                    body.close()
                if room is not None:
                    room.release()

    return Sent(_pieces(body), answer.status, headers)


async def _pieces(body: bytes | Stream) -> AsyncIterator[bytes]:
    from starlette.concurrency import run_in_threadpool

    if isinstance(body, bytes):
        for start in range(0, len(body), PIECE):
            yield body[start : start + PIECE]
        return
    while piece := await run_in_threadpool(body.next):
        yield piece
