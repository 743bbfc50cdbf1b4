"""Files: where those are that travel with the package, and how one is written whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import IO


def dsd() -> Path:
    """Folder of the structure files.

    A wheel carries `dsd/` inside the package; in a checkout, editable or not, it is next to the package.
    """
    package = Path(str(files("ilms_sdmx")))
    packaged = package / "dsd"
    return packaged if packaged.is_dir() else package.parent / "dsd"


def examples() -> Path:
    """Folder of the shipped example tables and mappings."""
    return Path(str(files("ilms_sdmx"))) / "examples"


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """File next to a path that takes its place at the end; if anything fails nothing of it is left.

    Raises
    ------
    OSError
        No file can be made or written there.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb", buffering=1 << 20) as stream:
            yield stream
        os.chmod(
            name, 0o666 & ~_umask()
        )  # as if it had been opened: temporary files are private
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
