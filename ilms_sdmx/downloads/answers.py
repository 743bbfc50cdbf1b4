"""Judging an answer: data of the kind that was asked for, whole, or an error that says what to do."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

from ilms_sdmx.downloads.secret import Secret
from ilms_sdmx.downloads.service import Service
from ilms_sdmx.downloads.transport import Answer
from ilms_sdmx.errors import FetchError, ResponseError, UnavailableError

#: First bytes that a kind of answer may have.
_STARTS = {"json": (b"{", b"["), "xml": (b"<",), "xlsx": (b"PK",), "gz": (b"\x1f\x8b",)}


def check(service: Service, answer: Answer, kind: str, secret: Secret | None) -> None:
    """Raise what an answer means unless it is data of the kind that was asked for."""
    if answer.status == 304:
        return
    head = answer.head or (_head(answer.path) if answer.path else b"")
    if answer.path and secret and secret.shows_in(answer.path.read_bytes()):
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
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:200]
    if not start:
        return UnavailableError, "the answer is empty: try again later"
    if start[:15].lower().startswith((b"<!doctype html", b"<html")) and not service.html:
        if b"just a moment" in head.lower() or b"challenge" in head.lower():
            return (
                UnavailableError,
                "a shield answers in place of the service: try again in an hour or two",
            )
        return (
            ResponseError,
            "expected data, found a web page: the address has moved, please report it",
        )
    if kind in _STARTS and not start.startswith(_STARTS[kind]):
        return ResponseError, f"expected {kind}, found something else: please report it"
    if answer.path and not _whole(answer.path, head):
        return UnavailableError, "the file is incomplete: try again later"
    return None


def _whole(path: Path, head: bytes) -> bool:
    """Whether a compressed file goes to its end; True for all others."""
    if head.startswith(b"PK"):
        return zipfile.is_zipfile(path)
    if not head.startswith(b"\x1f\x8b"):
        return True
    reader = zlib.decompressobj(wbits=31)
    try:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                reader.decompress(chunk)
    except zlib.error:
        return False
    return reader.eof


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
