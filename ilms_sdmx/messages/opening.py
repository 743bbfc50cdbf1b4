"""Opening a source: path, bytes or file object, packed or plain, as one bounded stream of bytes."""

from __future__ import annotations

import codecs
import gzip
import io
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeAlias, cast

from ilms_sdmx.errors import MessageError

#: Told how many bytes have been read, and how many there are.
Progress: TypeAlias = Callable[[int, int], None]
Readable: TypeAlias = "str | os.PathLike[str] | bytes | IO[bytes]"

HEAD = 64 * 1024
#: A packed file may grow this many times, and any file to the free allowance, before it counts as a bomb.
RATIO = 300
ALLOWANCE = 64 * 1024 * 1024
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNMARKED = (
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
    (b"{\0", "utf-16-le"),
    (b"\0{", "utf-16-be"),
)


@dataclass
class Source:
    """Bytes of one message, unpacked: `name` for error messages, `stream` to read, `head` its first bytes.

    `head` has been peeked at, not consumed: `stream` starts with it.
    """

    name: str
    stream: IO[bytes]
    head: bytes

    @property
    def encoding(self) -> str:
        """Encoding that the first bytes give away (byte order mark, UTF-16 without one), else empty."""
        for mark, name in _BOMS:
            if self.head.startswith(mark):
                return name
        return next((name for start, name in _UNMARKED if self.head.startswith(start)), "")

    def utf8(self, encoding: str = "") -> IO[bytes]:
        """Stream of the same text as UTF-8 without a byte order mark.

        `encoding` is what the format itself declares; a byte order mark is stronger. Without either the
        bytes pass unchanged. Undecodable bytes raise MessageError with their offset.
        """
        known = self.encoding or encoding
        if known.lower().replace("_", "-") in ("", "utf-8", "utf8", "ascii", "us-ascii"):
            return self.stream
        try:
            "x".encode(
                known
            )  # knows encodings of text only: `rot13` and `base64` are codecs too
            decoder = codecs.getincrementaldecoder(known)()
        except LookupError:
            raise MessageError(f"{self.name}: unknown encoding {known!r}") from None
        return cast(
            "IO[bytes]", io.BufferedReader(_Recoded(self, decoder), buffer_size=1 << 20)
        )

    def text(self, encoding: str = "") -> str:
        """First characters of the source, whatever its encoding; never raises for a character cut in half."""
        known = self.encoding or encoding or "utf-8"
        return (
            codecs.getincrementaldecoder(known)(errors="replace")
            .decode(self.head)
            .lstrip("\ufeff")
        )


class _Recoded(io.RawIOBase):
    """Raw stream that decodes a source and gives UTF-8."""

    def __init__(self, source: Source, decoder: codecs.IncrementalDecoder) -> None:
        self._source, self._decoder, self._ready, self._read = source, decoder, b"", 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        while not self._ready:
            raw = self._source.stream.read(1 << 20)
            try:
                self._ready = self._decoder.decode(raw, final=not raw).encode("utf-8")
            except UnicodeError as error:
                place = f"{self._source.name}: after byte {self._read}"
                raise MessageError(f"{place}: not the encoding it claims: {error}") from None
            self._read += len(raw)
            if not raw:
                break
        size = min(len(view), len(self._ready))
        view[:size], self._ready = self._ready[:size], self._ready[size:]
        return size


class _Bounded(io.RawIOBase):
    """Raw stream over unpacked bytes that refuses to grow out of proportion, and names what is broken."""

    def __init__(self, name: str, unpacked: IO[bytes], packed_size: int) -> None:
        self._name, self._unpacked = name, unpacked
        self._limit = max(ALLOWANCE, packed_size * RATIO)
        self._given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        try:
            data = self._unpacked.read(len(view))
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError) as error:
            raise MessageError(f"{self._name}: broken or truncated archive: {error}") from None
        self._given += len(data)
        if self._given > self._limit:
            raise MessageError(
                f"{self._name}: unpacks to more than {RATIO} times its size: refused as a bomb"
            )
        view[: len(data)] = data
        return len(data)


@contextmanager
def open_source(source: Readable, progress: Progress | None = None) -> Iterator[Source]:
    """Open a path, bytes or a binary file object; gzip and zip are unpacked by their content.

    Parameters
    ----------
    source
        A path, the bytes themselves, or a file object open for reading bytes (left open).
    progress
        Told how many bytes have been read, packed as they are, and how many there are, 0 if that is unknown.

    Raises
    ------
    MessageError
        The path cannot be opened, or the file is empty, a broken archive, an archive of several files, or
        unpacks out of proportion.
    TypeError
        Not a path, bytes or a binary file object.
    """
    if isinstance(source, bytes):
        yield _unpacked("<bytes>", _watched(io.BytesIO(source), progress))
    elif isinstance(source, str | os.PathLike):
        with _opened(Path(source)) as stream:
            yield _unpacked(Path(source).name, _watched(stream, progress))
    elif hasattr(source, "encoding"):
        raise TypeError("expected a file object open for reading bytes, found one for text")
    elif hasattr(source, "read"):
        yield _unpacked(str(getattr(source, "name", "<stream>")), _watched(source, progress))
    else:
        raise TypeError(
            f"expected a path, bytes or a binary file object, found {type(source).__name__}"
        )


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise MessageError(f"{path}: {error.strerror}") from None
    except ValueError as error:  # a name that no file can have
        raise MessageError(f"{str(path)!r}: {error}") from None


class _Watched:
    """File object that tells how far it has been read, and is otherwise the one it stands for."""

    def __init__(self, stream: IO[bytes], progress: Progress) -> None:
        self._stream, self._progress = stream, progress
        self._sized = _seekable(stream)
        self._given, self._total = 0, _size(stream) + (stream.tell() if self._sized else 0)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def read(self, size: int = -1) -> bytes:
        """Read as the stream does, and tell."""
        data = self._stream.read(size)
        self._given = self._stream.tell() if self._sized else self._given + len(data)
        self._progress(self._given, self._total)
        return data


def _watched(stream: IO[bytes], progress: Progress | None) -> IO[bytes]:
    return stream if progress is None else cast("IO[bytes]", _Watched(stream, progress))


class _Forwarded(io.RawIOBase):
    """Raw stream over bytes read ahead and what follows; closing it leaves the original open."""

    def __init__(self, ahead: bytes, stream: IO[bytes]) -> None:
        self._ahead, self._stream = ahead, stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        data = self._ahead[: len(view)] or self._stream.read(len(view))
        self._ahead = self._ahead[len(data) :]
        view[: len(data)] = data
        return len(data)


def _unpacked(name: str, stream: IO[bytes]) -> Source:
    """Source of a stream, one layer of packing removed."""
    start, stream = _peek(stream, 4)
    if start.startswith(b"\x1f\x8b"):
        inner = cast("IO[bytes]", gzip.GzipFile(fileobj=stream))
        stream = _bounded(name, inner, _size(stream))
    elif start.startswith(b"PK\x03\x04"):
        name, stream = _only_member(name, stream)
    head, stream = _peek(stream, HEAD)
    if head.startswith((b"\x1f\x8b", b"PK\x03\x04")):
        raise MessageError(f"{name}: packed twice; unpack it once first")
    if not head.strip():
        raise MessageError(f"{name}: expected an SDMX message, found an empty file")
    return Source(name, stream, head)


def _bounded(name: str, unpacked: IO[bytes], packed_size: int) -> IO[bytes]:
    return cast(
        "IO[bytes]",
        io.BufferedReader(_Bounded(name, unpacked, packed_size), buffer_size=1 << 20),
    )


def _peek(stream: IO[bytes], size: int) -> tuple[bytes, IO[bytes]]:
    """First bytes of a stream, and a stream that starts with them."""
    here = stream.tell() if _seekable(stream) else -1
    parts, missing = [], size
    while missing and (part := stream.read(missing)):
        parts.append(part)
        missing -= len(part)
    head = b"".join(parts)
    if here >= 0:
        stream.seek(here)
        return head, stream
    return head, cast(
        "IO[bytes]", io.BufferedReader(_Forwarded(head, stream), buffer_size=1 << 20)
    )


def _seekable(stream: IO[bytes]) -> bool:
    return bool(getattr(stream, "seekable", lambda: False)())


def _size(stream: IO[bytes]) -> int:
    """Bytes from here to the end, 0 where that cannot be known."""
    if not _seekable(stream):
        return 0
    here = stream.tell()
    end = stream.seek(0, io.SEEK_END)
    stream.seek(here)
    return end - here


def _only_member(name: str, stream: IO[bytes]) -> tuple[str, IO[bytes]]:
    """Name and stream of the one file in a zip archive."""
    seekable = stream if _seekable(stream) else io.BytesIO(stream.read())
    try:
        archive = zipfile.ZipFile(seekable)
        members = [
            m
            for m in archive.infolist()
            if not m.is_dir() and not m.filename.startswith("__MACOSX/")
        ]
        if len(members) != 1:
            found = ", ".join(m.filename for m in members[:5]) or "none"
            raise MessageError(
                f"{name}: expected one file in the archive, found {len(members)}: {found}"
            )
        if members[0].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise MessageError(
                f"{name}: packed in a way that cannot be unpacked piece by piece; use deflate"
            )
        inner = archive.open(members[0])
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise MessageError(f"{name}: broken or encrypted zip archive: {error}") from None
    return f"{name}:{members[0].filename}", _bounded(name, inner, members[0].compress_size)
