"""Target: where a message goes, a path or a stream, packed or plain."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypeAlias, cast

from ilms_sdmx._files import replacing
from ilms_sdmx.errors import MessageError, OutputError

Writable: TypeAlias = "str | os.PathLike[str] | IO[bytes]"


@contextmanager
def open_target(target: Writable, compression: str) -> Iterator[IO[bytes]]:
    """Open a path or a stream for writing; nothing is left behind on failure.

    A path is written as a temporary file next to it, renamed at the end. `compression` is
    `gzip`, `none`, or `infer`: gzip when the path ends in `.gz`.

    Raises
    ------
    OutputError
        No file can be made or written there, or a temporary file has no place.
    """
    if compression not in ("infer", "gzip", "none"):
        raise MessageError(f"compression is `gzip`, `none` or `infer`, not {compression!r}")
    if not isinstance(target, str | os.PathLike):
        if not hasattr(target, "write"):
            found_type = type(target).__name__
            raise TypeError(f"expected a path or a binary file object, found {found_type}")
        with _packed(target, pack=compression == "gzip") as stream:
            yield stream
        return
    path = Path(target)
    if compression == "infer" and path.suffix == ".gz":
        compression = "gzip"
    pack = compression == "gzip"
    with _named_spool(), replacing(path) as raw, _packed(raw, pack=pack) as stream:
        yield stream


@contextmanager
def _named_spool() -> Iterator[None]:
    """Name the folder of temporary files where one of them has no place.

    Errors of the target name the target.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        folder = tempfile.gettempdir()
        message = f"a temporary file in {folder} cannot be written: {error.strerror}."
        raise OutputError(message, folder) from error


@contextmanager
def _packed(raw: IO[bytes], *, pack: bool) -> Iterator[IO[bytes]]:
    if not pack:
        yield raw
        return
    import gzip

    with gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=1, mtime=0) as stream:
        yield cast("IO[bytes]", stream)
