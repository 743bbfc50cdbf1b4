"""Files: where those of the package are, and how one is written whole or not at all."""

import contextlib
import errno
import glob
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import IO


def dsd() -> Path:
    """Folder of the structure files.

    A wheel carries `dsd/` inside the package; in a checkout, editable or not, it is next to the
    package.
    """
    package = Path(str(files("ilms_sdmx")))
    packaged = package / "dsd"
    return packaged if packaged.is_dir() else package.parent / "dsd"


def examples() -> Path:
    """Folder of the shipped example tables and mappings."""
    return Path(str(files("ilms_sdmx"))) / "examples"


@contextmanager
def replacing(path: Path, inputs: Iterable[Path] = ()) -> Iterator[IO[bytes]]:
    """File that is whole at the end or as it was before, in the place of a path.

    Parameters
    ----------
    path
        Where it goes. A link stays and its target is written; a device, a pipe or a socket is
        written to as it is, never replaced.
    inputs
        Files from which the output is made: none of them is ever written over.

    Raises
    ------
    OSError
        No file can be made or written there, or it is one of the inputs.
    """
    target = _target_of(path)
    _refuse_inputs(path, target, inputs)
    if target.exists() and not target.is_file():
        with target.open("wb") as stream:
            yield stream
        return
    _remove_leftovers(target)
    handle, name = tempfile.mkstemp(
        dir=target.parent, prefix=f"{_prefix(target)}{os.getpid()}."
    )
    try:
        with os.fdopen(handle, "wb", buffering=1 << 20) as stream:
            yield stream
        # As if it had been opened: temporary files are private.
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_whole(path: Path, content: bytes, inputs: Iterable[Path] = ()) -> None:
    """Write a file so that readers see the old bytes or the new ones, never a part.

    The bytes are on the disk before the file has its name, so that a power failure leaves no
    part.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path, inputs) as stream:
        stream.write(content)
        stream.flush()
        if stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            os.fsync(stream.fileno())


def _target_of(path: Path) -> Path:
    """File that a path means once all links are followed, also where it is not there yet."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def _refuse_inputs(path: Path, target: Path, inputs: Iterable[Path]) -> None:
    """Refuse an output that is one of the inputs, by whatever name or link."""
    for source in inputs:
        if target.exists() and source.exists() and target.samefile(source):
            message = f"it is the input {source.name}: give the output another name"
            raise FileExistsError(errno.EEXIST, message, str(path))


def _prefix(target: Path) -> str:
    """Beginning of the names of temporary files of a target.

    The number of the process follows.
    """
    return f".{target.name[:40]}.writing-"


def _remove_leftovers(target: Path) -> None:
    """Remove temporary files of a target whose process has ended."""
    prefix = _prefix(target)
    for leftover in target.parent.glob(f"{glob.escape(prefix)}*"):
        number = leftover.name.removeprefix(prefix).partition(".")[0]
        if number.isdecimal() and not _is_running(int(number)):
            with contextlib.suppress(OSError):
                leftover.unlink()


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


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
