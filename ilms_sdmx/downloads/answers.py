"""Judging an answer: whole data of the kind asked for, or an error that says what to do."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from pathlib import Path

from ilms_sdmx.downloads.secret import Secret
from ilms_sdmx.downloads.service import ExceededError, Service, UnreadableError
from ilms_sdmx.downloads.transport import Answer, unpacked
from ilms_sdmx.errors import FetchError, ResponseError, UnavailableError

#: How web pages begin, comments and declarations left out.
_WEB_PAGE = (b"<!doctype html", b"<html", b"<head", b"<body")
#: First bytes that a kind of answer may have.
_STARTS = {"json": (b"{", b"["), "xml": (b"<",), "xlsx": (b"PK",), "gz": (b"\x1f\x8b",)}


def check(service: Service, answer: Answer, kind: str, secret: Secret | None) -> None:
    """Raise what an answer means unless it is data of the kind that was asked for."""
    if answer.status == 304:
        return
    head = answer.head or (_head(answer.path) if answer.path else b"")
    if answer.path and secret and _shows(answer.path, secret):
        answer.path.unlink()
        raise ResponseError(
            "the answer repeats the token and was thrown away: please report it", answer.url
        )
    found = service.fault(answer.status, head.decode("utf-8", "replace")[:4096])
    found = found or _wrong_body(service, answer, head, kind)
    if found:
        if answer.path:
            answer.path.unlink(missing_ok=True)
        error, advice = found
        raise error(f"{advice}{_said(answer, head, secret)}", answer.url)


def _wrong_body(
    service: Service, answer: Answer, head: bytes, kind: str
) -> tuple[type[FetchError], str] | None:
    start = _without_comments(head.removeprefix(b"\xef\xbb\xbf"))[:200]
    if not start:
        return UnavailableError, "the answer is empty: try again later"
    if start.lower().startswith(_WEB_PAGE) and not service.html:
        if b"just a moment" in head.lower() or b"challenge" in head.lower():
            return (
                UnavailableError,
                "a shield answers in place of the service: try again in an hour or two",
            )
        return (
            UnreadableError,
            "expected data, found a web page: the service is down or the address has moved",
        )
    if kind in _STARTS and not start.startswith(_STARTS[kind]):
        return UnreadableError, f"expected {kind}, found {_beginning(start)}"
    if answer.path is None:
        return None
    size = _size(answer.path, head, service.bounds.unpacked)
    if size is None:
        return UnavailableError, "the file is incomplete: try again later"
    if size > service.bounds.unpacked:
        most = f"{service.bounds.unpacked:,}"
        return ExceededError, f"more than {most} bytes are packed in the answer"
    return None


def _without_comments(head: bytes) -> bytes:
    """Beginning of a body without the comments and declaration that XML allows first."""
    start = head.lstrip()
    while start.startswith((b"<!--", b"<?")):
        end = b"-->" if start.startswith(b"<!--") else b"?>"
        _, _, rest = start.partition(end)
        if not rest.strip():
            return start
        start = rest.lstrip()
    return start


def _beginning(start: bytes) -> str:
    """Beginning of a body as a message shows it: text, or that it is none."""
    text = " ".join(start.decode("utf-8", "replace").split())[:60]
    return (
        repr(text) if text.isprintable() and "\ufffd" not in text else "bytes that are no text"
    )


def _shows(path: Path, secret: Secret) -> bool:
    """Whether the token is in a file, read piece by piece."""
    before = b""
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            if secret.shows_in(before + chunk):
                return True
            before = chunk[-(1 << 14) :]
    return False


def _size(path: Path, head: bytes, most: int) -> int | None:
    """Bytes that are in a file once it is unpacked; None where it ends too early.

    Counting stops behind `most`: nothing that large is unpacked to the end.
    """
    try:
        if head.startswith(b"PK"):
            with zipfile.ZipFile(path) as archive:
                return sum(member.file_size for member in archive.infolist())
        if not head.startswith(b"\x1f\x8b"):
            return path.stat().st_size
        size = 0
        for chunk in unpacked(path):
            size += len(chunk)
            if size > most:
                break
        return size
    except (EOFError, gzip.BadGzipFile, zipfile.BadZipFile, zlib.error):
        return None


def _said(answer: Answer, head: bytes, secret: Secret | None) -> str:
    """Status of an answer, with its text where that is a sentence."""
    words = head.decode("utf-8", "replace").split()
    text = " ".join(words)[:160]
    if answer.status == 200 or not text or text.startswith("<"):
        return f" [HTTP {answer.status}]"
    shown = secret.hide(text) if secret else text
    return f" [HTTP {answer.status}: {shown}]"


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(1 << 14)
