"""Outputs of commands: files, devices, pipes and `-`, and none of them an input."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any, TypeAlias

import click

from ilms_sdmx._files import is_stream, make_folder, replacing
from ilms_sdmx.messages.dispatch import SUFFIXES

#: Path that a person gave, or none.
Given: TypeAlias = "str | os.PathLike[str] | None"
#: Reasons of the system that only an output can have: closed, full, over the quota, too long.
OF_OUTPUTS = frozenset({errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
#: Tables for other tools, by their suffixes.
TABLES = ("xlsx", "parquet")
#: Formats of data messages that the commands offer.
MESSAGES = tuple(
    name for suffix in (".xml", ".json", ".csv") for name in sorted(SUFFIXES[suffix])
)
#: Name of standard input and standard output.
DASH = "-"

FOR_SPREADSHEET = click.option(
    "--for-spreadsheet",
    is_flag=True,
    help="CSV whose texts no spreadsheet takes for formulas: an apostrophe is before them.",
)
LANGUAGE = click.option(
    "--language",
    default="en",
    show_default=True,
    metavar="LANGUAGE",
    help="Language of findings and reports: en, es, fr, id, km, lo, my, th, vi.",
)


def is_standard(output: Given) -> bool:
    """Whether an output goes where the messages of a command go otherwise."""
    if output is None:
        return False
    return str(output) == DASH or str(output) in ("/dev/stdout", "/dev/fd/1")


def target_of(output: str | os.PathLike[str]) -> Path | IO[bytes]:
    """Path to write to, or standard output for `-`; the folder of the path is made."""
    if str(output) == DASH:
        sys.stdout.flush()
        return sys.stdout.buffer
    path = Path(output)
    if not is_stream(path):
        make_folder(path.parent)
    return path


def save(output: str | os.PathLike[str], content: bytes) -> None:
    """Write bytes to a path, or to standard output for `-`."""
    with replacing(target_of(output)) as stream:
        stream.write(content)
        stream.flush()


def refuse_inputs(outputs: Iterable[Given], inputs: Iterable[Given]) -> None:
    """Refuse outputs that are inputs, by whatever name or link, and two that are one file.

    Raises
    ------
    click.UsageError
        The message names both.
    """
    sources: dict[tuple[int, int], str] = {}
    for source in inputs:
        if source is None:
            continue
        identity = _identity(source, sys.stdin)
        if identity is not None:
            sources[identity] = str(source)
    places: set[str] = set()
    for output in outputs:
        if output is None:
            continue
        identity = _identity(output, sys.stdout)
        if identity in sources:
            name = sources[identity]
            advice = "give the output another name"
            raise click.UsageError(f"{output} is the input {name}, not written over: {advice}.")
        place = _place(output)
        if place in places and place != os.devnull:
            raise click.UsageError(f"two outputs go to {output}: give one another name.")
        places.add(place)


def _identity(path: str | os.PathLike[str], standard: Any) -> tuple[int, int] | None:
    """Device and number of a file; None where it is not there, or is none."""
    try:
        file = standard.fileno() if str(path) == DASH else path
        status = os.stat(file)
    except (OSError, ValueError, AttributeError):
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return status.st_dev, status.st_ino


def _place(output: str | os.PathLike[str]) -> str:
    """Place that an output names once links are followed."""
    if is_standard(output):
        return DASH
    return os.path.realpath(output)
