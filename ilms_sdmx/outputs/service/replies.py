"""Replies: a request as it came, what it gets, and the answer that says what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import orjson
from lxml import etree

from ilms_sdmx.errors import RequestError
from ilms_sdmx.outputs.exchange.registration import Provider
from ilms_sdmx.outputs.service.requests import Request
from ilms_sdmx.outputs.service.streams import Stream

_MES = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
_COM = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common"
#: Status of HTTP to the code of SDMX 2.1.
_CODES = {400: "140", 401: "110", 403: "150", 404: "100", 413: "510", 414: "140", 406: "140"}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request, and all together, may take.

    Parameters
    ----------
    observations
        Figures of one answer; with more it is 413.
    held
        Figures of an answer that has to be held at once: sorted, or what changed.
    streams
        Large answers that are sent at one time; with more it is 503.
    answers
        Answers that are looked up at one time; others wait for their turn.
    waiting
        Requests that wait for their turn; with more it is 503.
    idle
        Seconds after which a client that takes nothing is left.
    """

    observations: int = 20_000_000
    held: int = 2_000_000
    streams: int = 32
    answers: int = 8
    waiting: int = 500
    idle: float = 60


@dataclass(frozen=True)
class Answer:
    """What a request gets.

    Parameters
    ----------
    status
        Status of HTTP.
    headers
        Headers, without those of the connection.
    body
        Bytes, or a stream of them.
    """

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | Stream = b""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came.

    Parameters
    ----------
    path, query
        As they were sent.
    accept, accept_language, if_none_match, if_modified_since
        Headers; empty where they are absent.
    origin
        Address under which the service was asked, as `https://data.office.gov/sdmx`.
    """

    path: str
    query: str = ""
    accept: str = ""
    accept_language: str = ""
    if_none_match: str = ""
    if_modified_since: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """What a service is, whatever it is asked for.

    Parameters
    ----------
    limits
        What a request may take.
    provider
        Office whose figures these are, None where it is not told.
    clock
        Time of the messages.
    address
        Address under which it is reached; that of each request where it is empty.
    """

    limits: Limits = field(default_factory=Limits)
    provider: Provider | None = None
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    address: str = ""


def nothing(request: Request, headers: dict[str, str]) -> Answer:
    """Answer without figures: 204, and for version 1 404.

    Raises
    ------
    RequestError
        Version 1 has no answer without content.
    """
    if request.version == 1:
        raise RequestError(404, "there is nothing for this request")
    return Answer(204, {name: headers[name] for name in headers if name != "Content-Type"})


def failed(status: int, message: str, asked: Asked) -> Answer:
    """Answer that says what is wrong, as XML where the client asks for that, else as JSON."""
    wants_xml = "xml" in asked.accept and "json" not in asked.accept
    is_of_version_1 = asked.path.startswith("/v1") and "json" not in asked.accept
    sentence = message[:1].upper() + message[1:]
    if wants_xml or is_of_version_1:
        headers = {"Content-Type": "application/xml; charset=utf-8"}
        return Answer(status, headers, _error_xml(status, sentence))
    error = {"code": status, "title": sentence}
    headers = {"Content-Type": "application/json; charset=utf-8"}
    return Answer(status, headers, orjson.dumps({"errors": [error]}))


def _error_xml(status: int, sentence: str) -> bytes:
    names = {"mes": _MES, "com": _COM}
    root = etree.Element(f"{{{_MES}}}Error", nsmap=names)
    code = _CODES.get(status, str(status))
    said = etree.SubElement(root, f"{{{_MES}}}ErrorMessage", code=code)
    text = etree.SubElement(said, f"{{{_COM}}}Text")
    text.text = "".join(sign if sign.isprintable() else "?" for sign in sentence)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def joined(body: bytes | Iterable[bytes]) -> bytes:
    """All bytes of an answer."""
    if isinstance(body, bytes):
        return body
    return b"".join(body)


def moment_of(time: datetime) -> str:
    """Time as the headers of messages have it."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
