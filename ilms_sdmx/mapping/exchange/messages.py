"""Structure and representation maps of a message.

In the shape of SDMX-JSON whatever the format.
"""

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
    """Maps of one message, those of each kind by id and in order.

    `others` names what else maps there.
    """

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
        data = _data(content)
        maps = []
        for key in _KNOWN:
            maps.append(tuple(data.get(key, ())))
            for artefact in maps[-1]:
                # An id is what everything else goes by; a message without one is none.
                artefact["id"]
    except MALFORMED as error:
        expected = "representation or structure maps in SDMX-JSON 2.0, SDMX-ML 2.1 or 3.0"
        raise MappingError(f"{file}: expected {expected}, found {error!r}.") from None
    others = []
    for key, artefacts in data.items():
        if key.endswith("Maps") and artefacts and key not in _KNOWN:
            others.append(key)
    structure, representation = maps
    return Maps(structure, representation, tuple(others))


def _data(content: bytes) -> dict[str, Any]:
    """Artefacts of a message by kind, whatever its format."""
    if content.lstrip(_SPACE)[:1] == b"<":
        return maps_of_xml(content)
    data: dict[str, Any] = orjson.loads(content)["data"]
    return data


_KNOWN = ("structureMaps", "representationMaps")


def short(urn: str) -> str:
    """Part of a URN after its class: `ILO:CL_CDS(1.0)`."""
    return urn.rpartition("=")[2]


def is_maps(content: bytes) -> bool:
    """Whether bytes look like a structure message with structure maps, before they are read."""
    head = content.lstrip(_SPACE)[:1]
    if head == b"{":
        return b'"structureMaps"' in content
    return head == b"<" and b"StructureMap" in content
