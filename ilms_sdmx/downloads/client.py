"""The client: cache first, then the service, politely and as often as it is worth trying."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import quote, urlsplit

import requests
from filelock import FileLock

from ilms_sdmx.downloads.answers import check
from ilms_sdmx.downloads.cache import Cache, Download, default_folder
from ilms_sdmx.downloads.secret import Secret, public
from ilms_sdmx.downloads.service import Service
from ilms_sdmx.downloads.transport import Answer, Progress, allow_legacy_tls, session, transfer
from ilms_sdmx.errors import FetchError, NotFoundError, ResponseError, UnavailableError

_log = logging.getLogger(__name__)
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_KEPT = ("x-pagination", "content-disposition", "last-modified")


def now() -> datetime:
    """Time of the machine, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Patience:
    """How often a request is tried, and the seconds between tries: `first`, doubled each time up to `most`.

    After a 403 the wait is at least `burst`. A service that asks (Retry-After) for more than `longest`
    seconds is left alone.
    """

    attempts: int = 5
    first: float = 1.0
    most: float = 60.0
    burst: float = 30.0
    longest: float = 600.0

    def wait(self, attempt: int, status: int, asked: float | None) -> float:
        """Seconds to wait after a failed attempt, counted from 0."""
        own = min(self.most, self.first * float(2**attempt))
        return max(own, self.burst if status == 403 else 0.0, asked or 0.0)


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
        path
            Below the address of the service, or a whole address.
        params
            Query; `+` and `,` stay as they are, as SDMX services expect.
        kind
            What the answer must be: `json`, `xml`, `csv`, `xlsx`, `gz`; `""` anything but HTML.

        Raises
        ------
        UnavailableError
            The service did not answer after all attempts, or `offline` and nothing is kept.
        NotFoundError
            It knows no such address, dataflow, key or data, or wants a token.
        ResponseError
            The answer is not what the service documents.
        """
        url = _with_query(service.url(path), params or {})
        stem = self.cache.stem(public(url), accept)
        found = self._kept(service, stem, url) or self._fetched(
            service, url, stem, accept, kind, secret
        )
        if self._trail is not None:
            place = stem.relative_to(self.cache.folder).as_posix()
            self._trail.append((place, found.sha256, service.fresh.total_seconds()))
        return found

    @contextmanager
    def recorded(self) -> Iterator[list[tuple[str, str, float]]]:
        """Record the downloads of a block: place in the cache, hash, seconds for which each is fresh."""
        before, self._trail = self._trail, []
        try:
            yield self._trail
        finally:
            self._trail = before

    def _fetched(
        self,
        service: Service,
        url: str,
        stem: Path,
        accept: str,
        kind: str,
        secret: Secret | None,
    ) -> Download:
        try:
            stem.parent.mkdir(parents=True, exist_ok=True)
            with self._gate, FileLock(f"{stem}.lock"):
                # Another process may have fetched it while this one waited.
                return self._kept(service, stem, url) or self._ask(
                    service, url, stem, accept, kind, secret
                )
        except FetchError:
            raise
        except OSError as error:
            advice = f"cannot write to the cache folder {self.cache.folder}: set ILMS_SDMX_CACHE to another"
            raise UnavailableError(advice, public(url)) from error

    def _kept(self, service: Service, stem: Path, url: str) -> Download | None:
        found = self.cache.find(stem)
        if self.offline:
            if found is None:
                raise UnavailableError(
                    "offline, and not in the cache: fetch it once online", public(url)
                )
            return found
        fresh = found is not None and found.age(self.clock()) < service.fresh
        return found if fresh and not self.refresh else None

    def _ask(
        self,
        service: Service,
        url: str,
        stem: Path,
        accept: str,
        kind: str,
        secret: Secret | None,
    ) -> Download:
        old = self.cache.find(stem)
        headers = {**service.headers, "Accept": accept, **(_conditions(old) if old else {})}
        for attempt in range(self.patience.attempts):
            status, asked = 0, None
            try:
                answer = self._once(service, url, headers, secret, stem)
                status, asked = answer.status, _retry_after(answer, self.clock())
                check(service, answer, kind, secret)
                return self._finish(service, url, stem, answer, old)
            except UnavailableError as error:
                final = (
                    attempt + 1 >= self.patience.attempts
                    or (asked or 0) > self.patience.longest
                )
                if final:
                    raise _last(error, attempt + 1, asked, old) from error
                wait = self.patience.wait(attempt, status, asked)
                _log.warning("%s; waiting %.0f s", error, wait)
                self._sleep(wait)
        raise UnavailableError("no attempt was allowed: set attempts to 1 or more", public(url))

    def _once(
        self,
        service: Service,
        url: str,
        headers: Mapping[str, str],
        secret: Secret | None,
        stem: Path,
    ) -> Answer:
        self._pace(service, url)
        if self._session is None:
            self._session = session()
        if service.legacy_tls:
            allow_legacy_tls(self._session, service.base)
        _log.info("GET %s", public(url))
        return transfer(
            self._session,
            url,
            headers=headers,
            secret=secret,
            timeout=service.timeout,
            part=stem.with_name(f"{stem.name}.part"),
            progress=self.progress,
        )

    def _pace(self, service: Service, url: str) -> None:
        host = urlsplit(url).hostname or ""
        if host in _LOOPBACK:
            return
        with self._pacing:
            start = self.clock().timestamp()
            turn = max(start, self._next.get(host, 0.0))
            self._next[host] = turn + service.pace
        if turn > start:
            self._sleep(turn - start)

    def _finish(
        self, service: Service, url: str, stem: Path, answer: Answer, old: Download | None
    ) -> Download:
        moment = self.clock().isoformat(timespec="seconds")
        if answer.path is None:
            if old is None:
                raise ResponseError(
                    "the service says unchanged to a first request", public(url)
                )
            same = replace(old, checked=moment)
            self.cache.keep(stem, same)
            return replace(same, state="unchanged")
        digest = hashlib.sha256(answer.path.read_bytes()).hexdigest()
        path = answer.path.replace(stem.with_name(f"{stem.name}.{digest[:12]}.data"))
        unchanged = old is not None and old.sha256 == digest
        new = Download(
            source=service.source,
            edition=answer.headers.get("last-modified", ""),
            licence=service.licence,
            url=public(url),
            retrieved=old.retrieved if old and unchanged else moment,
            checked=moment,
            sha256=digest,
            path=path,
            content_type=answer.headers.get("content-type", ""),
            etag=answer.headers.get("etag", ""),
            modified=answer.headers.get("last-modified", ""),
            headers=tuple(
                (name, answer.headers[name]) for name in _KEPT if name in answer.headers
            ),
        )
        self.cache.keep(stem, new)
        return replace(new, state="unchanged" if unchanged else "fetched")


def _conditions(old: Download) -> dict[str, str]:
    conditions = {"If-None-Match": old.etag, "If-Modified-Since": old.modified}
    return {name: value for name, value in conditions.items() if value}


def _retry_after(answer: Answer, time: datetime) -> float | None:
    value = answer.headers.get("retry-after", "").strip()
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - time).total_seconds())
    except (ValueError, TypeError):
        return None


def _last(
    error: UnavailableError, attempts: int, asked: float | None, old: Download | None
) -> UnavailableError:
    tries = "1 attempt" if attempts == 1 else f"{attempts} attempts"
    again = f"; the service asks to wait {asked:.0f} s" if asked else ""
    kept = f"; a copy of {old.checked[:10]} is kept: use it with offline" if old else ""
    return UnavailableError(f"{error.args[0]} ({tries}{again}{kept})", error.url)


def _with_query(url: str, params: Mapping[str, str]) -> str:
    if any(c.isspace() for c in url):
        raise NotFoundError("expected an address without spaces", public(url))
    query = "&".join(
        f"{quote(k, safe='')}={quote(v, safe='+,:;.@|~*')}"
        for k, v in params.items()
        if v != ""
    )
    return f"{url}{'&' if '?' in url else '?'}{query}" if query else url
