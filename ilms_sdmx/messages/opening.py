"""Opening a source: path, bytes or file object, packed or plain, as one stream of bytes."""

from __future__ import annotations

import codecs
import gzip
import io
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeAlias, cast

from ilms_sdmx._files import file_name
from ilms_sdmx.datasets.model import Dataset, is_structure
from ilms_sdmx.errors import MessageError

#: Told how many bytes have been read, and how many there are.
Progress: TypeAlias = Callable[[int, int], None]
Readable: TypeAlias = "str | os.PathLike[str] | bytes | IO[bytes]"

HEAD = 64 * 1024
#: A packed file may grow this many times, and any file to the free allowance, before it counts
#: as a bomb.
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


_SEPARATOR_LINE = re.compile(r"\A\"?sep=[^\r\n]\"?\r?\n", re.IGNORECASE)
#: Id of a dataflow that somebody may give in the place of a path.
_DATAFLOW = re.compile(r"(\w+:)?DF_[A-Z0-9_]+(\([0-9.]+\))?")
#: First bytes of an old workbook, and files that are in the archive of a newer one.
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_MARKS_OF_WORKBOOKS = frozenset({"xl/workbook.xml", "xl/workbook.bin", "content.xml"})
#: Names of encodings whose bytes are UTF-8 already; empty where none is known.
_ALREADY_UTF8 = ("", "utf-8", "utf8", "ascii", "us-ascii")


@dataclass
class Source:
    """Bytes of one message, unpacked.

    Parameters
    ----------
    name
        What to call the source in error messages.
    stream
        Bytes to read.
    head
        First bytes. They have been peeked at, not consumed: `stream` starts with them.
    """

    name: str
    stream: IO[bytes]
    head: bytes

    @property
    def encoding(self) -> str:
        """Encoding that the first bytes show: by a mark, or as UTF-16 without one; or empty."""
        for start, name in (*_BOMS, *_UNMARKED):
            if self.head.startswith(start):
                return name
        return ""

    def utf8(self, encoding: str = "") -> IO[bytes]:
        """Stream of the same text as UTF-8 without a byte order mark.

        `encoding` is what the format itself declares; a byte order mark is stronger. Without
        either the bytes pass unchanged. Undecodable bytes raise MessageError with their offset.
        """
        name = self.encoding or encoding
        if name.lower().replace("_", "-") in _ALREADY_UTF8:
            return self.stream
        try:
            # `encode` knows encodings of text only: `rot13` and `base64` are codecs too.
            "x".encode(name)
            decoder = codecs.getincrementaldecoder(name)()
        except LookupError:
            raise MessageError(f"{self.name}: unknown encoding {name!r}") from None
        return _buffered(_Recoded(self, decoder))

    def text(self, encoding: str = "") -> str:
        """First characters, whatever the encoding; never raises for a character cut in half.

        A line `sep=;` before a table, which Excel writes and understands, is no part of it.
        """
        return _SEPARATOR_LINE.sub("", self._start(encoding), count=1)

    @property
    def separator_line(self) -> str:
        """Line `sep=;` with which Excel begins, empty where there is none."""
        found = _SEPARATOR_LINE.match(self._start())
        return found[0] if found else ""

    def _start(self, encoding: str = "") -> str:
        """First characters, all of them."""
        name = self.encoding or encoding or "utf-8"
        decoder = codecs.getincrementaldecoder(name)(errors="replace")
        return decoder.decode(self.head).lstrip("\ufeff")


def _buffered(raw: io.RawIOBase) -> IO[bytes]:
    """Stream that reads a raw one in large blocks."""
    return cast("IO[bytes]", io.BufferedReader(raw, buffer_size=1 << 20))


class _Recoded(io.RawIOBase):
    """Raw stream that decodes a source and gives UTF-8."""

    def __init__(self, source: Source, decoder: codecs.IncrementalDecoder) -> None:
        self._source = source
        self._decoder = decoder
        self._ready = b""
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        ended = False
        while not self._ready and not ended:
            ended = self._decode_block()
        view = memoryview(buffer)
        size = min(len(view), len(self._ready))
        view[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size

    def _decode_block(self) -> bool:
        """Decode the next block; whether the source has ended."""
        raw = self._source.stream.read(1 << 20)
        try:
            text = self._decoder.decode(raw, final=not raw)
            self._ready = text.encode("utf-8")
        except UnicodeError as error:
            place = f"{self._source.name}: after byte {self._read}"
            raise MessageError(f"{place}: not the encoding it claims: {error}") from None
        self._read += len(raw)
        return not raw


class _Bounded(io.RawIOBase):
    """Raw stream over unpacked bytes that refuses to grow out of proportion."""

    def __init__(self, name: str, unpacked: IO[bytes], packed_size: int) -> None:
        self._name = name
        self._unpacked = unpacked
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
        Told how many bytes have been read, packed as they are, and how many there are, 0 if
        that is unknown.

    Raises
    ------
    MessageError
        The path cannot be opened, or the file is empty, a broken archive, an archive of several
        files, or unpacks out of proportion.
    TypeError
        Not a path, bytes or a binary file object.
    """
    if isinstance(source, bytes):
        yield _unpacked("<bytes>", _watched(io.BytesIO(source), progress))
    elif isinstance(source, str | os.PathLike):
        path = Path(source)
        with _opened(path) as stream:
            yield _unpacked(file_name(path), _watched(stream, progress))
    elif hasattr(source, "encoding"):
        raise TypeError("expected a file object open for reading bytes, found one for text")
    elif hasattr(source, "read"):
        name = getattr(source, "name", "<stream>")
        yield _unpacked(str(name), _watched(source, progress))
    else:
        raise TypeError(f"expected a path, bytes or a binary file object, {_found(source)}")


def _found(source: object) -> str:
    """What somebody gave in the place of a source, and what to do."""
    found_type = type(source).__name__
    if isinstance(source, Dataset):
        return f"found {found_type}, which is read already"
    if is_structure(source):
        return f"then the structure; found the structure first ({found_type})"
    return f"found {found_type}"


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        advice = ""
        if _DATAFLOW.fullmatch(str(path)):
            advice = "; this is the id of a dataflow: give the data first, then their structure"
        raise MessageError(f"{path}: {error.strerror}{advice}") from None
    except OSError as error:
        raise MessageError(f"{path}: {error.strerror}") from None
    except ValueError as error:  # a name that no file can have
        raise MessageError(f"{str(path)!r}: {error}") from None


class _Watched:
    """File object that tells how far it has been read, and otherwise is the one inside it."""

    def __init__(self, stream: IO[bytes], progress: Progress) -> None:
        self._stream = stream
        self._progress = progress
        self._sized = _seekable(stream)
        self._given = 0
        self._total = 0
        if self._sized:
            self._total = stream.tell() + _size(stream)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def read(self, size: int = -1) -> bytes:
        """Read as the stream does, and tell."""
        data = self._stream.read(size)
        self._given += len(data)
        if self._sized:
            self._given = self._stream.tell()
        self._progress(self._given, self._total)
        return data


def _watched(stream: IO[bytes], progress: Progress | None) -> IO[bytes]:
    """Stream that tells how far it has been read, where that is asked for."""
    if progress is None:
        return stream
    return cast("IO[bytes]", _Watched(stream, progress))


class _Forwarded(io.RawIOBase):
    """Raw stream over bytes read ahead and what follows; the original stays open."""

    def __init__(self, ahead: bytes, stream: IO[bytes]) -> None:
        self._ahead = ahead
        self._stream = stream

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
    start, stream = _peek(stream, len(_OLE))
    if start == _OLE:
        raise _workbook(name)
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
    """Stream over unpacked bytes that refuses to grow out of proportion."""
    return _buffered(_Bounded(name, unpacked, packed_size))


def _peek(stream: IO[bytes], size: int) -> tuple[bytes, IO[bytes]]:
    """First bytes of a stream, and a stream that starts with them."""
    position = stream.tell() if _seekable(stream) else -1
    head = b""
    while len(head) < size:
        part = stream.read(size - len(head))
        if not part:
            break
        head += part
    if position < 0:
        return head, _buffered(_Forwarded(head, stream))
    stream.seek(position)
    return head, stream


def _seekable(stream: IO[bytes]) -> bool:
    """Whether a stream can go back; one that does not say cannot."""
    seekable = getattr(stream, "seekable", None)
    return bool(seekable and seekable())


def _size(stream: IO[bytes]) -> int:
    """Bytes from here to the end, 0 where that cannot be known."""
    if not _seekable(stream):
        return 0
    position = stream.tell()
    end = stream.seek(0, io.SEEK_END)
    stream.seek(position)
    return end - position


def _only_member(name: str, stream: IO[bytes]) -> tuple[str, IO[bytes]]:
    """Name and stream of the one file in a zip archive."""
    seekable = stream if _seekable(stream) else io.BytesIO(stream.read())
    try:
        archive = zipfile.ZipFile(seekable)
        member = _single(name, archive)
        unpacked = archive.open(member)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise MessageError(f"{name}: broken or encrypted zip archive: {error}") from None
    return f"{name}:{member.filename}", _bounded(name, unpacked, member.compress_size)


def _is_of_desktop(path: str) -> bool:
    """Whether a file of an archive is one that a desktop puts next to what a person chose."""
    name = path.rpartition("/")[2]
    is_hidden = name.startswith(".") or path.startswith("__MACOSX/")
    return is_hidden or name.lower() in ("thumbs.db", "desktop.ini")


def _workbook(name: str) -> MessageError:
    """What to do with a workbook, which no message is."""
    return MessageError(
        f"{name}: this is a workbook: convert it first (ilms-sdmx convert {name} MAPPING; the"
        f" mapping is drafted by ilms-sdmx map {name}), or give compare its --mapping"
    )


def _single(name: str, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The one file in a zip archive; folders and what desktops add are not counted."""
    members = []
    for member in archive.infolist():
        if not member.is_dir() and not _is_of_desktop(member.filename):
            members.append(member)
    if _MARKS_OF_WORKBOOKS & set(archive.namelist()):
        raise _workbook(name)
    if len(members) != 1:
        names = ", ".join(member.filename for member in members[:5]) or "none"
        expected = "expected one file in the archive"
        raise MessageError(f"{name}: {expected}, found {len(members)}: {names}")
    if members[0].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise MessageError(
            f"{name}: packed in a way that cannot be unpacked piece by piece; use deflate"
        )
    return members[0]
