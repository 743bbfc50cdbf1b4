"""Mapping files from what other software says: structure maps, parameter sheets of the SDMX Converter."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from ilms_sdmx.conversion.parameter_mapping import parameter_mapping
from ilms_sdmx.conversion.parameter_sheets import is_parameters
from ilms_sdmx.errors import TableError
from ilms_sdmx.mapping.imported_text import mapping_text
from ilms_sdmx.mapping.importing import from_structure_maps
from ilms_sdmx.mapping.sdmx_maps import is_maps
from ilms_sdmx.tables.workbooks import read_workbook


def imported_mapping(source: str | PathLike[str], *, office: str = "") -> tuple[str, dict[str, bytes]] | None:
    """Make a mapping file from structure maps, or from the parameter sheets of a workbook.

    Returns
    -------
    tuple or None
        Text of the mapping file, and the files that stand beside it by name; None where the source is
        neither. Lines with `decide:` name what could not be carried.

    Raises
    ------
    MappingError
        The source looks like one of these and is none.
    """
    path = Path(source)
    if not path.is_file():
        return None
    content = path.read_bytes()
    if is_maps(content):
        return mapping_text(from_structure_maps(content, path.name))
    try:
        workbook = read_workbook(path)
    except TableError:
        return None
    return (parameter_mapping(workbook, office=office), {}) if is_parameters(workbook) else None
