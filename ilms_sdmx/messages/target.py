"""Target: where a message goes, a path or a stream, packed or plain."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypeAlias, cast

from ilms_sdmx._files import replacing
from ilms_sdmx.errors import MessageError

Writable: TypeAlias = "str | os.PathLike[str] | IO[bytes]"


@contextmanager
def open_target(target: Writable, compression: str) -> Iterator[IO[bytes]]:
    """Open a path or a stream for writing; nothing is left behind on failure.

    A path is written as a temporary file next to it, renamed at the end. `compression` is
    `gzip`, `none`, or `infer`: gzip when the path ends in `.gz`.

    Raises
    ------
    MessageError
        No file can be made there.
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
    try:
        with replacing(path) as raw, _packed(raw, pack=compression == "gzip") as stream:
            yield stream
    except OSError as error:
        raise MessageError(f"{path}: {error.strerror or error}") from None


@contextmanager
def _packed(raw: IO[bytes], *, pack: bool) -> Iterator[IO[bytes]]:
    if not pack:
        yield raw
        return
    import gzip

    with gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=1, mtime=0) as stream:
        yield cast("IO[bytes]", stream)
