"""The package: its version, and where the files are that it brings."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

#: Version of the package, stated once.
__version__ = "0.1.0"


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
