"""The client: cache first, then the service, politely and as often as it is worth trying."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, urlsplit

import requests
from filelock import FileLock

from ilms_sdmx.downloads.answers import check
from ilms_sdmx.downloads.cache import Cache, Download, default_folder, digest_of, publish
from ilms_sdmx.downloads.secret import Secret, public
from ilms_sdmx.downloads.service import ExceededError, Service, UnreadableError
from ilms_sdmx.downloads.transport import (
    LOOPBACK,
    Answer,
    Progress,
    allow_legacy_tls,
    session,
    transfer,
)
from ilms_sdmx.errors import (
    FetchError,
    IlmsError,
    IncompleteError,
    NotFoundError,
    ResponseError,
    UnavailableError,
)

_log = logging.getLogger(__name__)
Content = TypeVar("Content")
#: What understands an answer: its content, or an error where it is not what was asked for.
Reader = Callable[[Download], Content]
_KEPT = ("x-pagination", "content-disposition", "last-modified")


def now() -> datetime:
    """Time of the machine, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Patience:
    """How often a request is tried, and the seconds between tries.

    Parameters
    ----------
    attempts
        Number of tries.
    first, most
        Seconds before the second try, doubled each time up to `most`.
    burst
        Seconds after a 403, at least.
    longest
        A service that asks (Retry-After) for more seconds is left alone.
    """

    attempts: int = 5
    first: float = 1.0
    most: float = 60.0
    burst: float = 30.0
    longest: float = 600.0

    def wait(self, attempt: int, status: int, asked: float | None) -> float:
        """Seconds to wait after a failed attempt, counted from 0."""
        doubled = min(self.most, self.first * float(2**attempt))
        least = self.burst if status == 403 else 0.0
        return max(doubled, least, asked or 0.0)


@dataclass(frozen=True)
class _Request:
    """One address to be asked, and where its answer is kept.

    Parameters
    ----------
    service
        The service.
    url
        The address with its query.
    stem
        Place in the cache, without suffix.
    accept, kind, secret
        As in `Client.get`.
    """

    service: Service
    url: str
    stem: Path
    accept: str
    kind: str
    secret: Secret | None


class Client:
    """Cached, paced and patient GET requests, at most two at once.

    Parameters
    ----------
    folder
        Cache folder; default that of the platform, or `ILMS_SDMX_CACHE`.
    offline
        Answer from the cache whatever its age, or raise `UnavailableError`.
    refresh
        Ask the service even where the copy in the cache is fresh.
    clock, sleep
        Time and waiting, for tests.
    progress
        Called with bytes received and bytes expected (0 if unknown).

    Examples
    --------
    >>> from ilms_sdmx import Client
    >>> Client(offline=True).offline
    True
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        offline: bool = False,
        refresh: bool = False,
        patience: Patience | None = None,
        clock: Callable[[], datetime] = now,
        sleep: Callable[[float], None] = time.sleep,
        progress: Progress | None = None,
    ) -> None:
        self.cache = Cache(folder or default_folder())
        self.offline = offline
        self.refresh = refresh
        self.patience = patience or Patience()
        self.clock = clock
        self.progress = progress
        self._sleep = sleep
        self._session: requests.Session | None = None
        self._gate = threading.BoundedSemaphore(2)
        self._pacing = threading.Lock()
        self._next: dict[str, float] = {}
        self._trail: list[tuple[str, str, float]] | None = None

    def get(
        self,
        service: Service,
        path: str = "",
        params: Mapping[str, str] | None = None,
        *,
        accept: str = "*/*",
        kind: str = "",
        secret: Secret | None = None,
    ) -> Download:
        """Download of an address of a service, from the cache while that is fresh.

        Parameters
        ----------
        service
            The service.
        path
            Below the address of the service, or a whole address.
        params
            Query; `+` and `,` stay as they are, as SDMX services expect.
        accept
            Media type that is asked for.
        kind
            What the answer must be: `json`, `xml`, `csv`, `xlsx`, `gz`; `""` anything but HTML.
        secret
            Token that is sent with the request.

        Raises
        ------
        UnavailableError
            The service did not answer after all attempts, or `offline` and nothing is kept.
        NotFoundError
            It knows no such address, dataflow, key or data, or wants a token.
        ResponseError
            The answer is not what the service documents.
        """
        download, _ = self.read(
            _as_it_is, service, path, params, accept=accept, kind=kind, secret=secret
        )
        return download

    def read(
        self,
        reader: Reader[Content],
        service: Service,
        path: str = "",
        params: Mapping[str, str] | None = None,
        *,
        accept: str = "*/*",
        kind: str = "",
        secret: Secret | None = None,
    ) -> tuple[Download, Content]:
        """Download of an address and what a reader makes of it.

        Only what it understands is kept.

        Parameters
        ----------
        reader
            Reads an answer to its end. Whatever it raises says that the answer is not what was
            asked for: the service is asked again, and the copy in the cache stays as it is. A
            `NotFoundError` is an answer of the service, which is not asked again.
        service, path, params, accept, kind, secret
            As in `get`.

        Raises
        ------
        UnavailableError, NotFoundError, ResponseError
            As `get`.
        """
        url = _with_query(service.url(path), params or {})
        stem = self.cache.stem(public(url), accept)
        request = _Request(service, url, stem, accept, kind, secret)
        download, content = self._kept(request, reader) or self._fetched(request, reader)
        if self._trail is not None:
            place = stem.relative_to(self.cache.folder).as_posix()
            self._trail.append((place, download.sha256, service.fresh.total_seconds()))
        return download, content

    @contextmanager
    def recorded(self) -> Iterator[list[tuple[str, str, float]]]:
        """Record the downloads of a block: place in the cache, hash, seconds it is fresh."""
        before, self._trail = self._trail, []
        try:
            yield self._trail
        finally:
            self._trail = before

    def _fetched(self, request: _Request, reader: Reader[Content]) -> tuple[Download, Content]:
        stem = request.stem
        try:
            stem.parent.mkdir(parents=True, exist_ok=True)
            with self._gate, FileLock(f"{stem}.lock"):
                # Another process may have fetched it while this one waited.
                return self._kept(request, reader) or self._ask(request, reader)
        except FetchError:
            raise
        except OSError as error:
            folder = self.cache.folder
            advice = (
                f"cannot write to the cache folder {folder}: set ILMS_SDMX_CACHE to another"
            )
            raise UnavailableError(advice, public(request.url)) from error

    def _kept(
        self, request: _Request, reader: Reader[Content]
    ) -> tuple[Download, Content] | None:
        """Download in the cache, if it is understood and may be used without the service."""
        kept = self.cache.find(request.stem)
        if self.offline:
            if kept is None:
                advice = "offline, and not in the cache: fetch it once online"
                raise UnavailableError(advice, public(request.url))
            return kept, _understood(reader, kept)
        if kept is None or self.refresh:
            return None
        if not kept.is_fresh(self.clock(), request.service.fresh):
            return None
        try:
            return kept, _understood(reader, kept)
        except UnreadableError:
            return None

    def _ask(self, request: _Request, reader: Reader[Content]) -> tuple[Download, Content]:
        """Download from the service, tried as often as patience allows."""
        old = self.cache.find(request.stem)
        headers = {**request.service.headers, "Accept": request.accept}
        conditions = {} if old is None else _conditions(old)
        for attempt in range(self.patience.attempts):
            status, asked = 0, None
            try:
                answer = self._once(request, headers | conditions)
                status, asked = answer.status, _retry_after(answer, self.clock())
                check(request.service, answer, request.kind, request.secret)
                return self._finish(request, answer, old, reader)
            except (UnavailableError, UnreadableError) as error:
                is_last = attempt + 1 >= self.patience.attempts
                if is_last or (asked or 0) > self.patience.longest:
                    raise _last(error, attempt + 1, asked, old) from error
                if isinstance(error, UnreadableError):
                    conditions = {}
                wait = self.patience.wait(attempt, status, asked)
                _log.warning("%s; waiting %.0f s", error, wait)
                self._sleep(wait)
        advice = "no attempt was allowed: set attempts to 1 or more"
        raise UnavailableError(advice, public(request.url))

    def _once(self, request: _Request, headers: Mapping[str, str]) -> Answer:
        service = request.service
        stem = request.stem
        self._pace(service, request.url)
        if self._session is None:
            self._session = session()
        if service.legacy_tls:
            allow_legacy_tls(self._session, service.base)
        _log.info("GET %s", public(request.url))
        return transfer(
            self._session,
            service,
            request.url,
            headers=headers,
            secret=request.secret,
            part=stem.with_name(f"{stem.name}.part"),
            progress=self.progress,
        )

    def _pace(self, service: Service, url: str) -> None:
        host = urlsplit(url).hostname or ""
        if host in LOOPBACK:
            return
        with self._pacing:
            start = self.clock().timestamp()
            turn = max(start, self._next.get(host, 0.0))
            self._next[host] = turn + service.pace
        if turn > start:
            self._sleep(turn - start)

    def _finish(
        self, request: _Request, answer: Answer, old: Download | None, reader: Reader[Content]
    ) -> tuple[Download, Content]:
        """Download of a good answer and its content, kept once it is understood."""
        moment = self.clock().isoformat(timespec="seconds")
        if answer.path is not None:
            new = _new(request, answer, answer.path, moment)
            try:
                content = _understood(reader, new)
            except BaseException:
                answer.path.unlink(missing_ok=True)
                raise
            return self._keep(request, new, old), content
        if old is None:
            advice = "the service says unchanged to a first request"
            raise ResponseError(advice, public(request.url))
        content = _understood(reader, old)
        confirmed = replace(old, checked=moment)
        self.cache.keep(request.stem, confirmed)
        return replace(confirmed, state="unchanged"), content

    def _keep(self, request: _Request, new: Download, old: Download | None) -> Download:
        """New download, kept; the same bytes as before were retrieved when those were."""
        state = "fetched"
        if old is not None and old.sha256 == new.sha256:
            new = replace(new, retrieved=old.retrieved)
            state = "unchanged"
        stem = request.stem
        path = stem.with_name(f"{stem.name}.{new.sha256[:12]}.data")
        publish(new.path, path)
        kept = replace(new, path=path)
        self.cache.keep(stem, kept)
        return replace(kept, state=state)


def _as_it_is(_: Download) -> None:
    """Nothing is read: any answer of the right kind is understood."""


def _understood(reader: Reader[Content], download: Download) -> Content:
    """Content of a download; whatever fails in the reading says that it is no such answer."""
    try:
        return reader(download)
    except (UnavailableError, NotFoundError, UnreadableError, ExceededError, IncompleteError):
        raise
    except FetchError as error:
        raise UnreadableError(str(error.args[0]), download.url) from error
    except IlmsError as error:
        raise UnreadableError(f"the answer cannot be read: {error}", download.url) from error
    except Exception as error:
        message = f"the answer cannot be read ({type(error).__name__}: {error})"
        raise UnreadableError(message[:300], download.url) from error


def _new(request: _Request, answer: Answer, part: Path, moment: str) -> Download:
    """Download of bytes that have come and are not yet kept."""
    headers = answer.headers
    kept_headers = tuple((name, headers[name]) for name in _KEPT if name in headers)
    return Download(
        source=request.service.source,
        edition=headers.get("last-modified", ""),
        licence=request.service.licence,
        url=answer.url,
        retrieved=moment,
        checked=moment,
        sha256=digest_of(part),
        path=part,
        content_type=headers.get("content-type", ""),
        etag=headers.get("etag", ""),
        modified=headers.get("last-modified", ""),
        headers=kept_headers,
    )


def _conditions(old: Download) -> dict[str, str]:
    conditions = {"If-None-Match": old.etag, "If-Modified-Since": old.modified}
    return {name: value for name, value in conditions.items() if value}


def _retry_after(answer: Answer, time: datetime) -> float | None:
    value = answer.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdecimal():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - time).total_seconds())
    except (ValueError, TypeError):
        return None


def _last(
    error: UnavailableError | UnreadableError,
    attempts: int,
    asked: float | None,
    old: Download | None,
) -> FetchError:
    """Error of the last attempt: how many there were, and what can be done."""
    words = ["1 attempt" if attempts == 1 else f"{attempts} attempts"]
    if asked:
        words.append(f"the service asks to wait {asked:.0f} s")
    if old is not None:
        words.append(f"a copy of {old.checked[:10]} is kept: use it with offline")
    return type(error)(f"{error.args[0]} ({'; '.join(words)})", error.url)


def _with_query(url: str, params: Mapping[str, str]) -> str:
    """Address with a query; parameters without a value are left out."""
    if any(character.isspace() for character in url):
        raise NotFoundError("expected an address without spaces", public(url))
    pairs = []
    for name, value in params.items():
        if value != "":
            pairs.append(f"{quote(name, safe='')}={quote(value, safe='+,:;.@|~*')}")
    if not pairs:
        return url
    separator = "&" if "?" in url else "?"
    return url + separator + "&".join(pairs)
