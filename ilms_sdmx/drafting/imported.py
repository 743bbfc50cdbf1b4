"""Mapping files of structure maps, parameter sheets of the SDMX Converter, or workbooks."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from ilms_sdmx.drafting.converter.mappings import parameter_mapping
from ilms_sdmx.drafting.converter.parameters import is_parameters
from ilms_sdmx.drafting.drafts import draft_mapping
from ilms_sdmx.mapping.exchange.importing import from_structure_maps
from ilms_sdmx.mapping.exchange.messages import is_maps
from ilms_sdmx.mapping.exchange.texts import mapping_text
from ilms_sdmx.tables.workbooks import read_workbook


def mapping_of(
    source: str | PathLike[str], *, area: str = "", office: str = "", encoding: str = ""
) -> tuple[str, dict[str, bytes]]:
    """Text of the mapping file of a workbook, of its parameter sheets, or of structure maps.

    Parameters
    ----------
    area, office, encoding
        As for `draft_mapping`.

    Returns
    -------
    tuple
        Text of the mapping file, and the files next to it by name. Lines with `decide:` are
        for a person.

    Raises
    ------
    TableError
        The source is no workbook and no such message.
    MappingError
        Structure maps or parameter sheets that are not as they must be.
    """
    path = Path(source)
    content = b""
    if path.is_file():
        content = path.read_bytes()
    if is_maps(content):
        return mapping_text(from_structure_maps(content, path.name))
    workbook = read_workbook(path, encoding=encoding)
    if is_parameters(workbook):
        return parameter_mapping(workbook, office=office), {}
    return draft_mapping(workbook, area=area, office=office, encoding=encoding), {}
