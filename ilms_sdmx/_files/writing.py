"""Files: how one is written whole or not at all."""

from __future__ import annotations

import codecs
import contextlib
import errno
import io
import os
import platform
import re
import secrets
import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ilms_sdmx.errors import OutputError

#: Bytes that are written at once.
_BLOCK = 1 << 20
#: Folders whose entries are the open files of this process.
_DESCRIPTORS = ("/dev/fd", "/proc/self/fd", f"/proc/{os.getpid()}/fd")
#: Name of a file that is being written: target, machine, process, and a number of its own.
_LEFTOVER = re.compile(
    r"\..*\.writing-(?P<machine>[0-9a-f]{8})-(?P<process>\d+)\.[0-9a-f]+(-before)?"
)


@dataclass(frozen=True)
class _Written:
    """File that is whole and waits for its name; `path` is what a person calls it."""

    part: Path
    target: Path
    path: Path


#: Files that wait until all others are whole; None where each gets its name at once.
_WAITING: ContextVar[list[_Written] | None] = ContextVar("waiting", default=None)


class _Named(io.FileIO):
    """File whose errors name the path that a person gave."""

    def __init__(self, file: int, path: Path) -> None:
        super().__init__(file, "wb")
        self._path = path

    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            # Who reads has seen enough: what that means is for the command to say.
            raise
        except OSError as error:
            raise _not_written(self._path, error) from error


@contextmanager
def replacing(
    path: str | os.PathLike[str] | IO[bytes], inputs: Iterable[Path] = ()
) -> Iterator[IO[bytes]]:
    """File that is whole at the end or as it was before, in the place of a path.

    Parameters
    ----------
    path
        Where it goes. A link stays and its target is written; a device, a pipe or an open file
        such as `/dev/stdout` is written to as it is, never replaced. So is a stream.
    inputs
        Files from which the output is made: none of them is ever written over.

    Raises
    ------
    OutputError
        No file can be made or written there, or it is one of the inputs.
    """
    if not isinstance(path, str | os.PathLike):
        yield path
        return
    place = Path(path)
    _refuse_letters(place)
    _refuse_inputs(place, inputs)
    if is_stream(place):
        with _opened_stream(place) as stream:
            yield stream
        return
    written = _planned(place)
    try:
        with _opened(written) as stream:
            yield stream
        _finish(written)
    except BaseException:
        written.part.unlink(missing_ok=True)
        raise


@contextmanager
def all_or_none() -> Iterator[None]:
    """Let all files that are written inside get their names at the end, or none of them.

    Raises
    ------
    OutputError
        One of them cannot get its name: all are as they were before.
    """
    if _WAITING.get() is not None:
        yield
        return
    waiting: list[_Written] = []
    token = _WAITING.set(waiting)
    try:
        yield
        _name_all(waiting)
    finally:
        _WAITING.reset(token)
        for written in waiting:
            written.part.unlink(missing_ok=True)


@contextmanager
def working_folder(path: Path) -> Iterator[Path]:
    """Folder for files on the way to a path, next to it; it is removed at the end."""
    written = _planned(path)
    if is_stream(path):
        name = Path(tempfile.gettempdir()) / written.part.name
        written = _Written(name, name, path)
    try:
        _remove_leftovers(written.part.parent)
        written.part.mkdir()
    except OSError as error:
        raise _not_written(path, error) from error
    try:
        yield written.part
    finally:
        shutil.rmtree(written.part, ignore_errors=True)


def content_of(path: Path) -> bytes:
    """Bytes of a file, also of one that is written and waits for its name."""
    for written in _WAITING.get() or ():
        if written.path == path:
            return written.part.read_bytes()
    return path.read_bytes()


def file_name(path: str | os.PathLike[str]) -> str:
    """Name of a file as a text that every file and every stream of ours can hold.

    What is no UTF-8, as in names from an archive of an older system, is shown by its bytes.
    """
    return path_shown(Path(path).name)


def path_shown(path: str | os.PathLike[str]) -> str:
    """Path as a text that every stream can hold, whatever encoding the locale gives it."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def named_file(folder: Path, name: str) -> Path:
    """Path of a file called by a text, whatever encoding the locale gives names of files."""
    return folder / os.fsdecode(name.encode("utf-8"))


def text_of(path: Path) -> str:
    """Text of a file that a person wrote, in UTF-8, or in UTF-16 with its mark.

    Raises
    ------
    OSError
        There is no such file, or it cannot be read.
    ValueError
        It is in another encoding; the message names the line, and how the file is saved.
    """
    content = path.read_bytes()
    encoding = "utf-8-sig"
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ValueError(
            f"line {line} is in another encoding than UTF-8: open the file in the editor that"
            " wrote it, and save as UTF-8"
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def write_whole(path: Path, content: bytes, inputs: Iterable[Path] = ()) -> None:
    """Write a file so that readers see the old bytes or the new ones, never a part.

    The bytes are on the disk before the file has its name, so that a power failure leaves no
    part.
    """
    make_folder(path.parent)
    with replacing(path, inputs) as stream:
        stream.write(content)
        stream.flush()
        if not is_stream(path):
            os.fsync(stream.fileno())


def make_folder(path: Path) -> None:
    """Make a folder and those above it where they are not there yet."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _not_written(path, error) from error


def is_stream(path: Path) -> bool:
    """Whether a path is no file to replace: a device, a pipe, a socket, or an open file."""
    if _descriptor_of(path) is not None:
        return True
    return path.exists() and not path.is_file() and not path.is_dir()


def is_same_file(path: Path, other: Path) -> bool:
    """Whether two paths are one file, by whatever name or link."""
    try:
        return path.samefile(other)
    except (OSError, ValueError):
        return False


def _refuse_letters(path: Path) -> None:
    """Refuse a name that this system cannot give a file under its locale."""
    try:
        os.fsencode(path)
    except UnicodeEncodeError as error:
        shown = ascii(str(path))
        advice = "this locale has no such letters in names of files; set LANG=C.UTF-8"
        raise OutputError(f"{shown} cannot be written: {advice}.", str(path)) from error


def _refuse_inputs(path: Path, inputs: Iterable[Path]) -> None:
    """Refuse an output that is one of the inputs."""
    for source in inputs:
        if is_same_file(path, source):
            message = f"it is the input {source.name}: give the output another name"
            raise OutputError(f"{path} cannot be written: {message}.", str(path))


def _not_written(path: Path, error: OSError) -> OutputError:
    """Error of the file that a person asked for, with the reason of the system."""
    if isinstance(error, OutputError):
        return error
    reason = error.strerror or error
    return OutputError(f"{path} cannot be written: {reason}.", str(path))


def _descriptor_of(path: Path) -> int | None:
    """Number of the open file that a path such as `/dev/stdout` means."""
    step = path
    for _ in range(40):
        folder = os.path.realpath(step.parent)
        if folder in _DESCRIPTORS and step.name.isdecimal():
            return int(step.name)
        if not step.is_symlink():
            return None
        step = Path(folder) / os.readlink(step)
    return None


@contextmanager
def _opened_stream(path: Path) -> Iterator[IO[bytes]]:
    """Device, pipe or open file, written to from where it is."""
    try:
        descriptor = _descriptor_of(path)
        if descriptor is None:
            handle = os.open(path, os.O_WRONLY)
        else:
            # What was said before comes before.
            sys.stdout.flush()
            handle = os.dup(descriptor)
        raw = _Named(handle, path)
    except OSError as error:
        raise _not_written(path, error) from error
    with io.BufferedWriter(raw, _BLOCK) as stream:
        yield stream


@contextmanager
def _opened(written: _Written) -> Iterator[IO[bytes]]:
    """File next to its place, readable as the umask says."""
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
    try:
        if written.target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        _remove_leftovers(written.target.parent)
        handle = os.open(written.part, flags, 0o666)
    except OSError as error:
        raise _not_written(written.path, error) from error
    with io.BufferedWriter(_Named(handle, written.path), _BLOCK) as stream:
        yield stream


def _planned(path: Path) -> _Written:
    """Names of a file: its place once links are followed, and the one until it is whole."""
    target = path
    if path.is_symlink():
        target = Path(os.path.realpath(path))
    process = f"{_machine()}-{os.getpid()}"
    name = f".{target.name[:40]}.writing-{process}.{secrets.token_hex(4)}"
    return _Written(target.with_name(name), target, path)


def _finish(written: _Written) -> None:
    """Give a whole file its name, or let it wait for the others."""
    waiting = _WAITING.get()
    if waiting is None:
        _name_all([written])
        return
    for other in waiting:
        if other.target == written.target:
            message = f"{other.path} is written already: give it another name"
            raise OutputError(f"{written.path} cannot be written: {message}.", str(other.path))
    waiting.append(written)


def _name_all(waiting: list[_Written]) -> None:
    """Give all files their names; where one cannot get it, all are as they were before."""
    for written in waiting:
        if written.target.is_dir():
            error = IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            raise _not_written(written.path, error)
    named: list[tuple[_Written, Path | None]] = []
    try:
        for written in waiting:
            before = None
            if len(waiting) > 1:
                before = _kept(written)
            named.append((written, before))
            _rename(written)
    except BaseException:
        for written, before in reversed(named):
            _restore(written, before)
        raise
    for _, before in named:
        if before is not None:
            before.unlink(missing_ok=True)


def _rename(written: _Written) -> None:
    try:
        os.replace(written.part, written.target)
    except OSError as error:
        raise _not_written(written.path, error) from error


def _kept(written: _Written) -> Path | None:
    """Second name of the file that is replaced; None where there is none."""
    if not written.target.exists():
        return None
    before = written.part.with_name(f"{written.part.name}-before")
    try:
        try:
            os.link(written.target, before)
        except OSError:
            # Not every file system has links.
            shutil.copy2(written.target, before)
    except OSError as error:
        before.unlink(missing_ok=True)
        raise _not_written(written.path, error) from error
    return before


def _restore(written: _Written, before: Path | None) -> None:
    """Put a file back as it was before; one that did not get its name is there still."""
    with contextlib.suppress(OSError):
        if before is not None:
            os.replace(before, written.target)
            # Two names of one file are not replaced by each other.
            before.unlink(missing_ok=True)
        elif not written.part.exists():
            written.target.unlink(missing_ok=True)


def _remove_leftovers(folder: Path) -> None:
    """Remove files that processes of this machine were writing when they ended."""
    for leftover in folder.glob(".*.writing-*"):
        name = _LEFTOVER.fullmatch(leftover.name)
        if name is None or name["machine"] != _machine():
            continue
        if not _is_running(int(name["process"])):
            _remove(leftover)


def _remove(leftover: Path) -> None:
    if leftover.is_dir():
        shutil.rmtree(leftover, ignore_errors=True)
        return
    with contextlib.suppress(OSError):
        leftover.unlink()


def _machine() -> str:
    """Short mark of this machine: others may write into the same folder."""
    return f"{zlib.crc32(platform.node().encode()):08x}"


def _is_running(process: int) -> bool:
    """Whether a process of this machine runs, whoever started it."""
    if os.name == "nt":
        # There a signal of 0 would end the process.
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
