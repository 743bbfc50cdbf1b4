"""One request: bytes to a file, resumed where they broke off, whole or not at all."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import ssl
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.util.ssl_ import create_urllib3_context

from ilms_sdmx.downloads.deadline import DeadlineAdapter, deadline
from ilms_sdmx.downloads.secret import Secret, public
from ilms_sdmx.downloads.service import (
    USER_AGENT,
    Bounds,
    ExceededError,
    Service,
    UnreadableError,
)
from ilms_sdmx.errors import FetchError, NotFoundError, ResponseError, UnavailableError

Progress = Callable[[int, int], None]
_CHUNK = 1 << 16
#: What a body other than data is read to, at most.
_HEAD = 1 << 16
#: Names of this machine.
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
#: Headers by which a copy is confirmed: an altered one would confirm nothing.
_VALIDATORS = frozenset({"etag", "last-modified"})
#: OpenSSL's SSL_OP_LEGACY_SERVER_CONNECT, which Python names from 3.12 on.
_LEGACY_SERVER_CONNECT = 0x4


def certificate_file() -> str:
    """File or folder of the certificates that answers are checked with."""
    from requests.utils import DEFAULT_CA_BUNDLE_PATH

    named = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    return named or str(DEFAULT_CA_BUNDLE_PATH)


@dataclass(frozen=True)
class Answer:
    """Status and headers (lower-case names); the body in a file (200, 206) or in `head`."""

    status: int
    headers: Mapping[str, str]
    url: str
    head: bytes = b""
    path: Path | None = None


class _LegacyAdapter(DeadlineAdapter):
    """Adapter for one host that does not know RFC 5746; certificates are checked as ever."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        context = create_urllib3_context()
        context.options |= ssl.Options(_LEGACY_SERVER_CONNECT)
        super().init_poolmanager(*args, ssl_context=context, **kwargs)


def session() -> requests.Session:
    """Session with our name and without surprises.

    Proxies and certificates as requests reads them.
    """
    made = requests.Session()
    made.headers.update(
        {"User-Agent": USER_AGENT, "Accept-Language": "en", "Accept-Encoding": "gzip"}
    )
    made.mount("https://", DeadlineAdapter())
    made.mount("http://", DeadlineAdapter())
    return made


def allow_legacy_tls(made: requests.Session, base: str) -> None:
    """Give the legacy option to the addresses under `base`, to no other."""
    if base.startswith("https://") and base not in made.adapters:
        made.mount(base, _LegacyAdapter())


def transfer(
    made: requests.Session,
    service: Service,
    url: str,
    *,
    headers: Mapping[str, str],
    secret: Secret | None,
    part: Path,
    progress: Progress | None = None,
) -> Answer:
    """Answer to a GET, its body in `part`, continued if an earlier transfer left one there.

    Raises
    ------
    UnavailableError
        No connection, time-out, or a body that broke off.
    NotFoundError, ResponseError
        The address is none; the service sends us round in circles, away from https or to
        another host; the answer exceeds a bound of the service.
    """
    asked = {**headers, **_continue(part)}
    transfer_end = time.monotonic() + service.bounds.seconds
    seconds = service.bounds.seconds
    with deadline(seconds) as limit:
        try:
            with translated(url):
                response = _follow(made, service, url, asked, secret)
                with response:
                    clean_headers = _clean(response.headers, secret)
                    answer = Answer(response.status_code, clean_headers, public(response.url))
                    limits = _Limits(service.bounds, transfer_end, answer.url, part)
                    return _receive(response, answer, part, progress, limits)
        except UnavailableError:
            if limit.has_passed:
                _Limits(service.bounds, transfer_end, public(url), part).exceed_time()
            raise


def _follow(
    made: requests.Session,
    service: Service,
    url: str,
    headers: Mapping[str, str],
    secret: Secret | None,
) -> requests.Response:
    """Response at the end of all redirects; a token goes to the first host alone."""
    address = url
    for _ in range(service.bounds.redirects + 1):
        is_first_host = urlsplit(address)[:2] == urlsplit(url)[:2]
        response = made.get(
            address,
            headers=headers,
            auth=secret if is_first_host else None,
            timeout=service.timeout,
            stream=True,
            allow_redirects=False,
        )
        location = made.get_redirect_target(response)
        if not location:
            return response
        response.close()
        address = _redirected(service, address, location)
    raise ResponseError("the service redirects in circles: please report it", public(url))


def _redirected(service: Service, address: str, location: str) -> str:
    """Address to which a redirect leads, if the service may send a request there."""
    try:
        target = urljoin(address, location)
        host = urlsplit(target).hostname or ""
    except ValueError as error:
        message = "the service redirects to what is no address: please report it"
        raise ResponseError(message, public(address)) from error
    if urlsplit(address).scheme == "https" and urlsplit(target).scheme != "https":
        message = "the service redirects from https to http: please report it"
        raise ResponseError(message, public(address))
    base_host = urlsplit(service.base).hostname or ""
    known_hosts = {base_host, *service.hosts}
    if base_host in LOOPBACK:
        known_hosts |= LOOPBACK
    if host not in known_hosts:
        message = (
            f"the service redirects to another host, {host or 'none'}: "
            "give its address as base URL if you trust it"
        )
        raise ResponseError(message, public(address))
    return target


def _clean(headers: Mapping[str, str], secret: Secret | None) -> dict[str, str]:
    """Headers by lower-case names; one that repeats the token holds it nowhere any more."""
    clean = {}
    for name, value in headers.items():
        lower = name.lower()
        if secret is None or not secret.shows_in(value.encode("utf-8", "replace")):
            clean[lower] = value
        elif lower not in _VALIDATORS:
            clean[lower] = secret.hide(value)
    return clean


@dataclass(frozen=True)
class _Limits:
    """Bounds of one answer, which raise where it exceeds them.

    Parameters
    ----------
    bounds
        Those of the service.
    end
        Monotonic time at which the transfer must be done.
    url, part
        Address for the error, and file that is removed.
    """

    bounds: Bounds
    end: float
    url: str
    part: Path

    def refuse_wire(self, size: int) -> None:
        """Refuse more bytes than may come, or a transfer that takes too long."""
        if size > self.bounds.wire:
            self._exceed(f"more than {self.bounds.wire:,} bytes came")
        if time.monotonic() > self.end:
            self.exceed_time()

    def exceed_time(self) -> NoReturn:
        """Refuse a transfer that takes too long."""
        self._exceed(f"it took more than {self.bounds.seconds:,.0f} seconds")

    def refuse_unpacked(self, size: int) -> None:
        """Refuse more bytes than may be in the answer once it is unpacked."""
        if size > self.bounds.unpacked:
            self._exceed(f"more than {self.bounds.unpacked:,} bytes are packed in it")

    def _exceed(self, what: str) -> NoReturn:
        _drop(self.part)
        advice = "ask for fewer areas or years; if that does not help, please report it"
        raise ExceededError(f"the answer is too large: {what}: {advice}", self.url)


def _receive(
    response: requests.Response,
    answer: Answer,
    part: Path,
    progress: Progress | None,
    limits: _Limits,
) -> Answer:
    """Answer with its body in `part`, or with the head of a refusal."""
    if answer.status == 416:
        _drop(part)
        raise UnavailableError("the file changed while it was being resumed", answer.url)
    if answer.status not in (200, 206):
        head = _head_of(response, limits)
        return Answer(answer.status, answer.headers, answer.url, head=head)
    offset = _offset(answer, part)
    total = offset + _declared_length(answer)
    limits.refuse_wire(total)
    _note_validator(part, answer)
    received = _save(response, part, offset, total, progress, limits)
    if "content-length" in answer.headers and received != total:
        advice = f"the answer broke off: {received:,} of {total:,} bytes"
        raise UnavailableError(advice, answer.url)
    _validator(part).unlink(missing_ok=True)
    _decode(part, answer, limits)
    return Answer(answer.status, answer.headers, answer.url, path=part)


def _head_of(response: requests.Response, limits: _Limits) -> bytes:
    """Beginning of a body, as much as says why the service refuses."""
    head = b""
    while len(head) < _HEAD:
        chunk = response.raw.read1(_HEAD, decode_content=True)
        if not chunk:
            break
        limits.refuse_wire(len(chunk))
        head += chunk
    return head[:_HEAD]


def _declared_length(answer: Answer) -> int:
    """Length that an answer states, 0 where it states none."""
    text = answer.headers.get("content-length", "0").strip()
    if text.isascii() and text.isdecimal() and len(text) < 19:
        return int(text)
    raise UnreadableError(f"the answer states a length of {text[:40]!r}", answer.url)


def _offset(answer: Answer, part: Path) -> int:
    """Bytes of a part that an answer continues; 0 for a whole answer."""
    if answer.status != 206:
        return 0
    offset = part.stat().st_size
    content_range = answer.headers.get("content-range", "")
    if not content_range.startswith(f"bytes {offset}-"):
        _drop(part)
        raise UnavailableError("the service resumed at another place than asked", answer.url)
    return offset


def _save(
    response: requests.Response,
    part: Path,
    offset: int,
    total: int,
    progress: Progress | None,
    limits: _Limits,
) -> int:
    """Write a body to its file as it comes; the bytes that the file has then."""
    received = offset
    with part.open("ab" if offset else "wb") as file:
        while chunk := response.raw.read1(_CHUNK, decode_content=False):
            received += len(chunk)
            limits.refuse_wire(received)
            file.write(chunk)
            if progress:
                progress(received, total)
    return received


def _decode(part: Path, answer: Answer, limits: _Limits) -> None:
    """Undo the transfer coding; half a gzip stream is a broken transfer."""
    coding = answer.headers.get("content-encoding", "identity").strip().lower()
    if coding in ("identity", ""):
        return
    if coding not in ("gzip", "x-gzip"):
        raise ResponseError(
            f"expected no coding or gzip, found {coding}: please report it", answer.url
        )
    plain = part.with_name(f"{part.name}.plain")
    size = 0
    try:
        with plain.open("wb") as file:
            for chunk in unpacked(part):
                size += len(chunk)
                limits.refuse_unpacked(size)
                file.write(chunk)
        plain.replace(part)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        _drop(part)
        message = "the answer broke off inside its gzip coding"
        raise UnavailableError(message, answer.url) from error
    finally:
        plain.unlink(missing_ok=True)


def unpacked(path: Path) -> Iterator[bytes]:
    """Bytes of a gzip file piece by piece, however much is packed in it.

    Raises
    ------
    EOFError, gzip.BadGzipFile, zlib.error
        The file ends too early, or is no gzip.
    """
    with gzip.open(path) as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _validator(part: Path) -> Path:
    return part.with_name(f"{part.name}.resume")


def _note_validator(part: Path, answer: Answer) -> None:
    """Note by what a part can be continued, if it can."""
    validator = answer.headers.get("etag", "")
    if not validator or validator.startswith("W/"):
        validator = answer.headers.get("last-modified", "")
    if validator and "content-encoding" not in answer.headers:
        _validator(part).write_text(json.dumps(validator), encoding="utf-8")
    else:
        _validator(part).unlink(missing_ok=True)


def _continue(part: Path) -> dict[str, str]:
    """Headers that ask for the rest of a part, none if there is no part that can be trusted."""
    try:
        validator = json.loads(_validator(part).read_text(encoding="utf-8"))
        size = part.stat().st_size
    except (OSError, ValueError):
        _drop(part)
        return {}
    # A coded answer cannot be continued: the bytes of the rest would belong to another stream.
    resume = {"Range": f"bytes={size}-", "If-Range": validator, "Accept-Encoding": "identity"}
    return resume if size else {}


def _drop(part: Path) -> None:
    part.unlink(missing_ok=True)
    _validator(part).unlink(missing_ok=True)


#: What requests raises, the first that fits, to our error and what to do.
_MEANINGS: tuple[tuple[tuple[type[Exception], ...], type[FetchError], str], ...] = (
    (
        (requests.exceptions.SSLError,),
        UnavailableError,
        "the certificate was not accepted: behind a proxy set REQUESTS_CA_BUNDLE "
        "to its certificate",
    ),
    (
        (requests.exceptions.ProxyError,),
        UnavailableError,
        "the proxy did not answer: see HTTPS_PROXY and NO_PROXY",
    ),
    (
        (requests.exceptions.TooManyRedirects,),
        ResponseError,
        "the service redirects in circles: please report it",
    ),
    (
        (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema),
        NotFoundError,
        "expected an address as https://host/path: fix the address",
    ),
    (
        (requests.exceptions.InvalidSchema,),
        NotFoundError,
        "expected an address with http or https: fix the address",
    ),
    ((requests.exceptions.Timeout,), UnavailableError, "no answer in time: try again later"),
)


@contextlib.contextmanager
def translated(url: str) -> Any:
    """Turn what requests and urllib3 raise into our errors, addresses without secrets."""
    try:
        yield
    except FetchError:
        raise
    except (OSError, HTTPError) as error:
        kind, advice = _meaning(error)
        raise kind(advice, public(url)) from error
    except ValueError as error:
        message = f"the answer is no HTTP answer ({error}): please report it"
        raise UnreadableError(message, public(url)) from error


def _meaning(error: Exception) -> tuple[type[FetchError], str]:
    for types, kind, advice in _MEANINGS:
        if isinstance(error, types):
            return kind, advice
    if isinstance(error, requests.exceptions.RequestException | HTTPError):
        return UnavailableError, _connection(error)
    # requests raises a bare OSError of certificates that are not where they should be.
    if "certificate" in str(error):
        return (
            UnavailableError,
            "the certificates to check with are missing: REQUESTS_CA_BUNDLE names no file",
        )
    raise error


def _connection(error: Exception) -> str:
    """Tell a connection never made from one that broke off, and what to do about it."""
    cause = error.args[0] if error.args else None
    if isinstance(getattr(cause, "reason", None), NewConnectionError):
        return "no connection to the service: check the network, behind a proxy set HTTPS_PROXY"
    return "the connection failed or broke off: try again later"
