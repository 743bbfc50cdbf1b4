"""One request: bytes to a file, resumed where they broke off, whole or not at all."""

from __future__ import annotations

import contextlib
import gzip
import json
import ssl
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.util.ssl_ import create_urllib3_context

from ilms_sdmx.downloads.secret import Secret, public
from ilms_sdmx.downloads.service import USER_AGENT
from ilms_sdmx.errors import FetchError, NotFoundError, ResponseError, UnavailableError

Progress = Callable[[int, int], None]
_CHUNK = 1 << 16
#: What a body other than data is read to, at most.
_HEAD = 1 << 16
#: OpenSSL's SSL_OP_LEGACY_SERVER_CONNECT, which Python names from 3.12 on.
_LEGACY_SERVER_CONNECT = 0x4


@dataclass(frozen=True)
class Answer:
    """Status and headers (lower-case names), with the body in a file (200, 206) or its head in `head`."""

    status: int
    headers: Mapping[str, str]
    url: str
    head: bytes = b""
    path: Path | None = None


class _LegacyAdapter(HTTPAdapter):
    """Adapter for one host that does not know RFC 5746; certificates are checked as ever."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        context = create_urllib3_context()
        context.options |= ssl.Options(_LEGACY_SERVER_CONNECT)
        super().init_poolmanager(*args, ssl_context=context, **kwargs)


def session() -> requests.Session:
    """Session with our name and without surprises; proxies and certificates as requests reads them."""
    made = requests.Session()
    made.max_redirects = 5
    made.headers.update(
        {"User-Agent": USER_AGENT, "Accept-Language": "en", "Accept-Encoding": "gzip"}
    )
    return made


def allow_legacy_tls(made: requests.Session, base: str) -> None:
    """Give the legacy option to the addresses under `base`, to no other."""
    if base.startswith("https://") and base not in made.adapters:
        made.mount(base, _LegacyAdapter())


def transfer(
    made: requests.Session,
    url: str,
    *,
    headers: Mapping[str, str],
    secret: Secret | None,
    timeout: tuple[float, float],
    part: Path,
    progress: Progress | None = None,
) -> Answer:
    """Answer to a GET, its body in `part`, continued if an earlier transfer left one there.

    Raises
    ------
    UnavailableError
        No connection, time-out, or a body that broke off.
    NotFoundError, ResponseError
        The address is none; the service sends us round in circles or away from https.
    """
    asked = {**headers, **_continue(part)}
    with translated(url):
        response = made.get(url, headers=asked, auth=secret, timeout=timeout, stream=True)
        with response:
            if url.startswith("https:") and not response.url.startswith("https:"):
                raise ResponseError(
                    "the service redirects from https to http: please report it", public(url)
                )
            answer = Answer(
                response.status_code,
                {k.lower(): v for k, v in response.headers.items()},
                public(response.url),
            )
            return _receive(response, answer, part, progress)


def _receive(
    response: requests.Response, answer: Answer, part: Path, progress: Progress | None
) -> Answer:
    """Answer with its body in `part`, or with the head of a refusal."""
    if answer.status == 416:
        _drop(part)
        raise UnavailableError("the file changed while it was being resumed", answer.url)
    if answer.status not in (200, 206):
        head = response.raw.read(_HEAD, decode_content=True) or b""
        return Answer(answer.status, answer.headers, answer.url, head=head)
    offset = _offset(answer, part)
    _note_validator(part, answer)
    total = offset + int(answer.headers.get("content-length") or 0)
    received = _save(response, part, offset, total, progress)
    if "content-length" in answer.headers and received != total:
        advice = f"the answer broke off: {received:,} of {total:,} bytes"
        raise UnavailableError(advice, answer.url)
    _validator(part).unlink(missing_ok=True)
    _decode(part, answer)
    return Answer(answer.status, answer.headers, answer.url, path=part)


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
    response: requests.Response, part: Path, offset: int, total: int, progress: Progress | None
) -> int:
    got = offset
    with part.open("ab" if offset else "wb") as file:
        for chunk in response.raw.stream(_CHUNK, decode_content=False):
            file.write(chunk)
            got += len(chunk)
            if progress:
                progress(got, total)
    return got


def _decode(part: Path, answer: Answer) -> None:
    """Undo the transfer coding; half a gzip stream is a broken transfer."""
    coding = answer.headers.get("content-encoding", "identity").strip().lower()
    if coding in ("identity", ""):
        return
    if coding not in ("gzip", "x-gzip"):
        raise ResponseError(
            f"expected no coding or gzip, found {coding}: please report it", answer.url
        )
    try:
        part.write_bytes(gzip.decompress(part.read_bytes()))
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        _drop(part)
        raise UnavailableError(
            "the answer broke off inside its gzip coding", answer.url
        ) from error


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
        "the certificate was not accepted: behind a proxy set REQUESTS_CA_BUNDLE to its certificate",
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
    """Turn what requests and urllib3 raise into our errors; the address is shown without secrets."""
    try:
        yield
    except FetchError:
        raise
    except (OSError, HTTPError) as error:
        kind, advice = _meaning(error)
        raise kind(advice, public(url)) from error


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
    """Tell a connection that was never made from one that broke off, and what to do about it."""
    cause = error.args[0] if error.args else None
    if isinstance(getattr(cause, "reason", None), NewConnectionError):
        return "no connection to the service: check the network, behind a proxy set HTTPS_PROXY"
    return "the connection failed or broke off: try again later"
