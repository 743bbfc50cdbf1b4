"""Places of the files that travel with the package."""

from importlib.resources import files
from pathlib import Path


def dsd() -> Path:
    """Folder of the structure files.

    A wheel carries `dsd/` inside the package; in a checkout, editable or not, it stands beside the package.
    """
    package = Path(str(files("ilms_sdmx")))
    packaged = package / "dsd"
    return packaged if packaged.is_dir() else package.parent / "dsd"


def examples() -> Path:
    """Folder of the shipped example tables and mappings."""
    return Path(str(files("ilms_sdmx"))) / "examples"
