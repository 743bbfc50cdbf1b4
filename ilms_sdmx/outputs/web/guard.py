"""Guard: the outer layer of the page, which every request passes before anything reads it."""

from __future__ import annotations

import asyncio
import hmac
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

#: What a page may load and ask: nothing but what this server gives.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_SAFE = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}
#: Most bytes and lines of the head of a request, and of its path and query.
_HEAD_BYTES, _HEAD_LINES, _ADDRESS_BYTES = 32_000, 100, 8_000
#: Most bytes of a body: of an upload, and of all else.
UPLOAD_BYTES, BODY_BYTES = 64_000_000, 2_000_000
#: Seconds that the next piece of a body may take, and the whole of it.
_PIECE_SECONDS, _BODY_SECONDS = 20.0, 300.0
#: Seconds after which a code by which the page is opened is of no use any more.
CODE_SECONDS = 3600.0
#: Header of the token that a change needs.
TOKEN_HEADER = "x-token"
#: Paths that need no cookie.
_OPEN = ("/enter", "/static/")
#: Path of the service for programs.
SERVICE = "/sdmx"
_METHODS = frozenset({"GET", "HEAD", "POST"})


@dataclass
class Visitors:
    """Who may come in.

    Parameters
    ----------
    hosts
        Values of the header Host that are served, with their port.
    secret
        Value of the cookie.
    token
        Value that every change sends in a header.
    bearer
        Token by which programs read the service for programs.
    code
        One-time code that is exchanged for the cookie; empty as soon as it has been used.
    proxies
        Addresses of proxies that say who a user is; none for the page of one person.
    user_header
        Header in which they say it.
    editors
        Users who may change anything; all others read.
    is_secure
        Whether the address begins with https, as behind a proxy.
    """

    hosts: frozenset[str] = frozenset()
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    bearer: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    code: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    proxies: frozenset[str] = frozenset()
    user_header: str = ""
    editors: frozenset[str] = frozenset()
    is_secure: bool = False
    made: float = field(default_factory=time.monotonic)

    @property
    def cookie(self) -> str:
        """Name of the cookie: cookies are shared between ports, so the port is in it."""
        first = min(self.hosts, default="")
        port = first.rpartition(":")[2]
        return f"ilms-{port}" if port.isdigit() else "ilms"

    def uses_code(self, given: str) -> bool:
        """Whether a code is right; it is of no use from then on."""
        is_fresh = time.monotonic() - self.made < CODE_SECONDS
        is_right = bool(self.code) and _same(given, self.code)
        if is_right:
            self.code = ""
        return is_right and is_fresh


@dataclass(frozen=True)
class Refusal:
    """Answer to a request that is not served.

    Parameters
    ----------
    status
        Status of HTTP.
    text
        What is wrong, in words.
    """

    status: int
    text: str


class BodyError(Exception):
    """A body that is too long or too slow; `refusal` says which."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.text)
        self.refusal = refusal


class Guard:
    """Layer of ASGI that refuses what does not come from the page itself.

    Parameters
    ----------
    application
        What is behind it.
    visitors
        Who may come in.
    seen
        Called at every request that is served.
    """

    def __init__(
        self, application: Any, visitors: Visitors, seen: Callable[[], None] | None = None
    ) -> None:
        self.application = application
        self.visitors = visitors
        self._seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan":
            await self.application(scope, receive, send)
            return
        if scope["type"] != "http":
            # There is no socket here: none is ever accepted.
            await send({"type": "websocket.close", "code": 1008})
            return
        refusal = self.refusal(scope)
        if refusal is not None:
            await _refuse(refusal, send)
            return
        if self._seen is not None:
            self._seen()
        answer = _Answer(send, is_service=_is_service(scope))
        body = _Body(receive, scope["path"])
        try:
            await self.application(scope, body.receive, answer.send)
        except BodyError as error:
            if not answer.has_begun:
                await _refuse(error.refusal, send)

    def refusal(self, scope: Scope) -> Refusal | None:
        """Why a request is not served; None where it is."""
        headers = scope["headers"]
        size = sum(len(name) + len(value) for name, value in headers)
        address = len(scope.get("raw_path") or b"") + len(scope["query_string"])
        if size > _HEAD_BYTES or len(headers) > _HEAD_LINES or address > _ADDRESS_BYTES:
            return Refusal(431, "The head of the request is too long.")
        told = _Headers(headers)
        if told.of("host") not in self.visitors.hosts:
            return Refusal(421, "This host is not served here.")
        method = scope["method"]
        if method not in _METHODS:
            return Refusal(405, "This method is not served here.")
        if not scope["path"].startswith("/"):
            return Refusal(400, "The address is no path.")
        return self._stranger(scope, told) or self._foreign_change(scope, told)

    def _stranger(self, scope: Scope, told: _Headers) -> Refusal | None:
        """Refusal of who has not come in."""
        path = scope["path"]
        site = told.of("sec-fetch-site")
        if site in ("cross-site", "same-site") and told.of("sec-fetch-mode") != "navigate":
            return Refusal(403, "Another page asks for this.")
        if path == _OPEN[0] or path.startswith(_OPEN[1]):
            return None
        if self.visitors.user_header:
            return self._unknown_user(scope, told)
        if _is_service(scope):
            bearer = f"Bearer {self.visitors.bearer}"
            if _same(told.of("authorization"), bearer):
                return None
        given = _cookie(told.of("cookie"), self.visitors.cookie)
        if not _same(given, self.visitors.secret):
            return Refusal(401, "Open the address that the command has printed.")
        return None

    def _unknown_user(self, scope: Scope, told: _Headers) -> Refusal | None:
        """Refusal of a request that no proxy has let in, or of a change by a reader."""
        user = self.user(scope)
        if not user:
            return Refusal(401, "The proxy has not said who you are.")
        if scope["method"] == "POST" and user not in self.visitors.editors:
            return Refusal(403, "You may read; an editor may change this.")
        return None

    def user(self, scope: Scope) -> str:
        """User as a listed proxy names him, empty for none."""
        client = scope.get("client") or ("", 0)
        if client[0] not in self.visitors.proxies:
            return ""
        return _Headers(scope["headers"]).of(self.visitors.user_header.lower())

    def _foreign_change(self, scope: Scope, told: _Headers) -> Refusal | None:
        """Refusal of a change that does not come from a page of this server."""
        if scope["method"] != "POST":
            return None
        origin = told.of("origin")
        site = told.of("sec-fetch-site")
        scheme = "https" if self.visitors.is_secure else "http"
        own_origin = f"{scheme}://{told.of('host')}"
        if (origin and origin != own_origin) or (site and site != "same-origin"):
            return Refusal(403, "Another page asks for this change.")
        if not origin and not site:
            return Refusal(403, "A change must say which page asks for it.")
        if scope["path"] != _OPEN[0] and not _same(told.of(TOKEN_HEADER), self.visitors.token):
            return Refusal(403, "The page is of an earlier start: load it again.")
        length = told.of("content-length")
        if length and (not length.isdigit() or int(length) > _most(scope["path"])):
            return Refusal(413, "This is larger than what is read here.")
        return None


class _Headers:
    """Headers of a request; one that comes twice is none."""

    def __init__(self, headers: Any) -> None:
        self._values: dict[str, str] = {}
        twice = set()
        for name, value in headers:
            key = name.decode("latin-1").lower()
            if key in self._values:
                twice.add(key)
            self._values[key] = value.decode("latin-1")
        for key in twice:
            self._values[key] = ""

    def of(self, name: str) -> str:
        """Value of a header, empty for none."""
        return self._values.get(name, "")


class _Body:
    """Body of a request, counted and timed while it comes in."""

    def __init__(self, receive: Receive, path: str) -> None:
        self._receive = receive
        self._left = _most(path)
        self._end = time.monotonic() + _BODY_SECONDS
        self._is_whole = False

    async def receive(self) -> dict[str, Any]:
        """Next piece of the body."""
        if self._is_whole:
            return await self._receive()
        seconds = min(_PIECE_SECONDS, self._end - time.monotonic())
        try:
            message = await asyncio.wait_for(self._receive(), max(seconds, 0.01))
        except TimeoutError:
            raise BodyError(Refusal(408, "The request came too slowly.")) from None
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise BodyError(Refusal(413, "This is larger than what is read here."))
        self._is_whole = not message.get("more_body", False)
        return message


class _Answer:
    """Answer that gets the headers of every answer."""

    def __init__(self, send: Send, *, is_service: bool) -> None:
        self._send = send
        self._is_service = is_service
        self.has_begun = False

    async def send(self, message: dict[str, Any]) -> None:
        """Send a piece of the answer."""
        if message["type"] == "http.response.start":
            self.has_begun = True
            message = {**message, "headers": self._headers(message.get("headers", ()))}
        await self._send(message)

    def _headers(self, given: Any) -> list[tuple[bytes, bytes]]:
        """Headers of the answer: no other page may read it, whatever the service says."""
        headers = []
        known = set()
        for name, value in given:
            key = name.decode("latin-1").lower()
            if key.startswith("access-control-"):
                continue
            known.add(key)
            headers.append((name, value))
        for key, text in _SAFE.items():
            if key in known and self._is_service:
                continue
            if key in known:
                headers = [(name, v) for name, v in headers if name.decode().lower() != key]
            headers.append((key.encode(), text.encode()))
        return headers


def _most(path: str) -> int:
    """Most bytes of the body of a request."""
    return UPLOAD_BYTES if path == "/upload" else BODY_BYTES


def _is_service(scope: Scope) -> bool:
    path = scope["path"]
    return bool(path == SERVICE or path.startswith(f"{SERVICE}/"))


def _cookie(header: str, name: str) -> str:
    """Value of a cookie, empty for none."""
    try:
        cookies = SimpleCookie(header)
    except CookieError:
        return ""
    return cookies[name].value if name in cookies else ""


def _same(given: str, wanted: str) -> bool:
    """Whether two secrets are the same, in a time that tells nothing."""
    return hmac.compare_digest(given.encode(), wanted.encode())


async def _refuse(refusal: Refusal, send: Send) -> None:
    """Send a refusal, and let go of what was to come."""
    body = f"{refusal.text}\n".encode()
    headers = {**_SAFE, "content-type": "text/plain; charset=utf-8"}
    headers["content-length"] = str(len(body))
    headers["connection"] = "close"
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    start = {"type": "http.response.start", "status": refusal.status, "headers": encoded}
    await send(start)
    await send({"type": "http.response.body", "body": body})
