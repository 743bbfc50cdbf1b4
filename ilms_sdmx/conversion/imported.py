"""Mapping files made from what other software says: structure maps of SDMX."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from ilms_sdmx.mapping.imported_text import mapping_text
from ilms_sdmx.mapping.importing import from_structure_maps
from ilms_sdmx.mapping.sdmx_maps import is_maps


def imported_mapping(source: str | PathLike[str]) -> tuple[str, dict[str, bytes]] | None:
    """Make a mapping file from a structure message with structure maps.

    Returns
    -------
    tuple or None
        Text of the mapping file, and the files that stand beside it by name; None where the source is no such
        message. Lines with `decide:` name what could not be carried.

    Raises
    ------
    MappingError
        The source looks like such a message and is none.
    """
    path = Path(source)
    if not path.is_file():
        return None
    content = path.read_bytes()
    return mapping_text(from_structure_maps(content, path.name)) if is_maps(content) else None
