"""Kinds: what the first bytes of an XML message declare, and which format its root element begins."""

from __future__ import annotations

import re

from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.opening import Source

_DECLARED = re.compile(rb"^\s*<\?xml[^>]*?\sencoding\s*=\s*[\"']([A-Za-z0-9._\-]+)[\"']")
_VERSION = re.compile(r"/schemas/v(\d)_(\d)/message$", re.IGNORECASE)
_DATA = {
    "StructureSpecificData": "",
    "StructureSpecificTimeSeriesData": "",
    "GenericData": "-generic",
    "GenericTimeSeriesData": "-generic",
    "CompactData": "-compact",
}
_OTHERS = {
    "Structure": "structures",
    "RegistryInterface": "a registry message",
    "GenericMetadata": "metadata",
    "StructureSpecificMetadata": "metadata",
    "CrossSectionalData": "cross-sectional data of SDMX 2.0",
    "UtilityData": "utility data of SDMX 2.0",
}


def declared(source: Source) -> str:
    """Take the encoding that the XML declaration names; raises if the bytes cannot be in it."""
    match = _DECLARED.match(source.head)
    name = match[1].decode() if match else ""
    if name.lower().startswith(("utf-16", "utf-32", "ucs")) and not source.encoding:
        raise MessageError(
            f"{source.name}: line 1: declares encoding {name}, but its bytes are not in it"
        )
    return name


def format_of(root: str) -> str:
    """Format of a message by its root element; raises for what is no data message."""
    space, _, local = root.rpartition("}")
    version = _VERSION.search(space)
    if local == "Error" and version:
        return "error"
    if not version or local not in _DATA:
        known = _OTHERS.get(local) if version else None
        found = (
            f"{known} ({local})"
            if known
            else f"element {local} in namespace {space or '(none)'}"
        )
        raise MessageError(f"expected an SDMX data message, found {found}")
    number = f"{version[1]}.{version[2]}"
    return f"sdmx-ml-{number}{_DATA[local]}"
