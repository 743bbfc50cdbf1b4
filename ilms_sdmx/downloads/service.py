"""How one service wants to be asked, and what its answers mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from ilms_sdmx._files import __version__
from ilms_sdmx.errors import FetchError, NotFoundError, ResponseError, UnavailableError

USER_AGENT = f"ilms-sdmx/{__version__} (labour migration statistics; python-requests)"
#: For services that refuse every client that does not look like a browser; documented where it
#: is used.
BROWSER = f"Mozilla/5.0 (compatible; ilms-sdmx/{__version__})"


class TooLargeError(ResponseError):
    """The service refuses so large an answer: ask for fewer areas or years."""


class ExceededError(ResponseError):
    """The answer exceeds a bound: in bytes, unpacked bytes, seconds or pages."""


class UnreadableError(ResponseError):
    """A body is not what was asked for: the service may be down, so it is asked again."""


class NoDataError(NotFoundError):
    """The service understood the query and has nothing for it."""


@dataclass(frozen=True)
class Fault:
    """A known way in which a service says no.

    Parameters
    ----------
    pattern
        Regular expression found in the first 4,096 characters of the body.
    error
        What it means: `UnavailableError` is tried again, all others are final.
    advice
        What the user does about it.
    statuses
        HTTP statuses under which the pattern counts; 200 for errors dressed as answers.
    """

    pattern: str
    error: type[FetchError]
    advice: str
    statuses: frozenset[int] = frozenset({400, 404, 413, 422, 500})

    def matches(self, status: int, head: str) -> bool:
        """Whether an answer is this fault."""
        if status not in self.statuses:
            return False
        return re.search(self.pattern, head, re.IGNORECASE) is not None


@dataclass(frozen=True)
class Bounds:
    """How much of an answer is taken at most.

    What exceeds ends with an error that names the bound.

    Parameters
    ----------
    wire
        Bytes that come over the network.
    unpacked
        Bytes after gzip is undone, and of all files in a workbook together.
    seconds
        Time for one answer in all.
    pages
        Pages of one answer.
    all_pages
        Bytes of all pages of one answer together, for they are read into one table.
    redirects
        Addresses to which one request is sent on.
    """

    wire: int = 500_000_000
    unpacked: int = 2_000_000_000
    seconds: float = 3600.0
    pages: int = 1000
    all_pages: int = 30_000_000
    redirects: int = 5


#: For services that answer in small pages or tables.
SMALL = Bounds(wire=200_000_000, unpacked=500_000_000, seconds=900.0)


@dataclass(frozen=True)
class Service:
    """One address and the manners it asks for.

    Parameters
    ----------
    source
        Name that downloads carry: `ILOSTAT`.
    base
        Address before every path, without a slash at the end.
    licence
        Under which its data may be used again.
    fresh
        How long a copy in the cache is used without asking again.
    pace
        Seconds between the starts of two requests to the host.
    timeout
        Seconds to connect, and between two pieces of the answer.
    headers
        Sent with every request.
    legacy_tls
        Whether the host lacks RFC 5746 renegotiation; the option is given to this host alone.
    faults
        Known refusals, first match counts.
    burst_403
        Whether a 403 passes by itself (a shield in front of the service) and is tried again.
    html
        Whether HTML is a proper answer.
    bounds
        The most that is taken of one answer.
    hosts
        Other hosts to which the service may send a request on.
    """

    source: str
    base: str
    licence: str = ""
    fresh: timedelta = timedelta(days=1)
    pace: float = 1.0
    timeout: tuple[float, float] = (10.0, 90.0)
    headers: Mapping[str, str] = field(default_factory=dict)
    legacy_tls: bool = False
    faults: tuple[Fault, ...] = ()
    burst_403: bool = False
    html: bool = False
    bounds: Bounds = Bounds()
    hosts: frozenset[str] = frozenset()

    def url(self, path: str) -> str:
        """Address of a path of the service; an address stays as it is."""
        if "://" in path:
            return path
        base = self.base.rstrip("/")
        return f"{base}/{path.lstrip('/')}"

    def fault(self, status: int, head: str) -> tuple[type[FetchError], str] | None:
        """Error that an answer means, with advice; None for a good one."""
        for fault in self.faults:
            if fault.matches(status, head):
                return fault.error, fault.advice
        return None if status in _GOOD else self._general(status)

    def _general(self, status: int) -> tuple[type[FetchError], str]:
        if status == 403 and not self.burst_403:
            return NotFoundError, "the service refuses this address or this client"
        if status in _MEANINGS:
            return _MEANINGS[status]
        if status >= 500:
            return UnavailableError, "the service failed: try again later"
        return (
            ResponseError,
            "the service no longer accepts this kind of request: please report it",
        )


_GOOD = frozenset({200, 206, 304})
_MEANINGS: dict[int, tuple[type[FetchError], str]] = {
    204: (NotFoundError, "the service has no data for this query"),
    401: (NotFoundError, "the service wants a token, or does not accept this one"),
    403: (
        UnavailableError,
        "the shield in front of the service turned us away: try again in an hour or two",
    ),
    404: (
        NotFoundError,
        "no such address, dataflow or key, or no data for it: check the ids and the years",
    ),
    408: (UnavailableError, "the service gave up waiting: try again later"),
    410: (NotFoundError, "the address is gone: look for the successor"),
    413: (TooLargeError, "the answer would be too large: ask for fewer areas or years"),
    422: (NotFoundError, "the key does not fit the dataflow: give one slot for each dimension"),
    429: (UnavailableError, "too many requests: try again later"),
    501: (ResponseError, "the service does not implement this request: please report it"),
}
