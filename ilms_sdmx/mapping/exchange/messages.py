"""Structure and representation maps of a message, in the shape of SDMX-JSON whatever the format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from ilms_sdmx.errors import MappingError
from ilms_sdmx.mapping.exchange.xml import maps_of_xml

#: A map as SDMX-JSON 2.0 writes it: keys to texts, lists and further maps.
Artefact = dict[str, Any]
#: What reading of a map that is not as SDMX defines it raises.
MALFORMED = (KeyError, TypeError, IndexError, AttributeError, ValueError)
_SPACE = b" \t\r\n\xef\xbb\xbf"


@dataclass(frozen=True)
class Maps:
    """Maps of one message, those of each kind by id and in order; `others` names what else maps there."""

    structure: tuple[Artefact, ...]
    representation: tuple[Artefact, ...]
    others: tuple[str, ...] = ()


def read_maps(content: bytes, file: str = "") -> Maps:
    """Read the maps of a structure message: SDMX-JSON 2.0 or 2.1, SDMX-ML 2.1, 3.0 or 3.1.

    Raises
    ------
    MappingError
        No such message.
    """
    try:
        data = (
            maps_of_xml(content)
            if content.lstrip(_SPACE)[:1] == b"<"
            else orjson.loads(content)["data"]
        )
        structure, representation = (
            data.get("structureMaps", ()),
            data.get("representationMaps", ()),
        )
        # An id is what everything else goes by; a message without one is none.
        for artefact in (*structure, *representation):
            artefact["id"]
    except MALFORMED as error:
        expected = "representation or structure maps in SDMX-JSON 2.0, SDMX-ML 2.1 or 3.0"
        raise MappingError(f"{file}: expected {expected}, found {error!r}.") from None
    others = tuple(k for k in data if k.endswith("Maps") and data[k] and k not in _KNOWN)
    return Maps(tuple(structure), tuple(representation), others)


_KNOWN = ("structureMaps", "representationMaps")


def short(urn: str) -> str:
    """Part of a URN after its class: `ILO:CL_CDS(1.0)`."""
    return urn.rpartition("=")[2]


def is_maps(content: bytes) -> bool:
    """Whether bytes look like a structure message with structure maps, before they are read."""
    head = content.lstrip(_SPACE)[:1]
    return (head == b"{" and b'"structureMaps"' in content) or (
        head == b"<" and b"StructureMap" in content
    )
