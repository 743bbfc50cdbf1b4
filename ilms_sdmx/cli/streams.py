"""Streams of the process: UTF-8 wherever they lead to a file or a pipe, signs elsewhere."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def use_utf8() -> None:
    """Let no text end in an error because of a code page.

    Files and pipes get UTF-8 whatever the locale says, as every file of ours is; a terminal
    keeps its encoding, and what this lacks is shown by a replacement sign.
    """
    for stream in (sys.stdout, sys.stderr):
        _take_any_text(stream)
    with contextlib.suppress(AttributeError, ValueError, OSError):
        if not sys.stdin.isatty():
            sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]


def _take_any_text(stream: Any) -> None:
    """Set encoding and errors of one stream; what is none of ours to set stays as it is."""
    with contextlib.suppress(AttributeError, ValueError, OSError):
        if stream.isatty():
            stream.reconfigure(errors="replace")
        else:
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def shows_progress() -> bool:
    """Whether a bar may be drawn: on a terminal to which nothing else is written meanwhile."""
    return sys.stderr.isatty() and not sys.stdout.isatty()


@contextlib.contextmanager
def source_of(file: Path) -> Iterator[Any]:
    """Source of a path, with a progress bar where one may be drawn."""
    if str(file) == "-":
        yield sys.stdin.buffer
    elif not shows_progress() or not file.is_file():
        yield file
    else:
        from rich.console import Console
        from rich.progress import Progress

        progress = Progress(console=Console(stderr=True), transient=True)
        with progress, progress.open(file, "rb", description=file.name) as stream:
            yield stream


def forget_output() -> None:
    """Let nothing more go to standard output, which takes no more."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
