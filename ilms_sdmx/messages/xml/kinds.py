"""Kinds: what the first bytes of an XML message declare, and the format of its root element."""

from __future__ import annotations

import re

from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.opening import Source

_DECLARED = re.compile(rb"^\s*<\?xml[^>]*?\sencoding\s*=\s*[\"']([A-Za-z0-9._\-]+)[\"']")
_VERSION = re.compile(r"/schemas/v(\d)_(\d)/message$", re.IGNORECASE)
#: Ending of the format of a message that has data sets of several kinds (SDMX 1.0 and 2.0).
GROUP = "-group"
_DATA = {
    "StructureSpecificData": "",
    "StructureSpecificTimeSeriesData": "",
    "GenericData": "-generic",
    "GenericTimeSeriesData": "-generic",
    "CompactData": "-compact",
    "MessageGroup": GROUP,
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
    """Name of the encoding in the XML declaration; raises if the bytes cannot be in it."""
    match = _DECLARED.match(source.head)
    if not match:
        return ""
    name = match[1].decode()
    wide = name.lower().startswith(("utf-16", "utf-32", "ucs"))
    if wide and not source.encoding:
        place = f"{source.name}: line 1"
        raise MessageError(f"{place}: declares encoding {name}, but its bytes are not in it")
    return name


def format_of(root: str) -> str:
    """Format of a message by its root element; raises for what is no data message."""
    space, _, local = root.rpartition("}")
    version = _VERSION.search(space)
    if not version:
        raise _no_data(f"element {local} in namespace {space or '(none)'}")
    if local == "Error":
        return "error"
    if local in _OTHERS:
        raise _no_data(f"{_OTHERS[local]} ({local})")
    if local not in _DATA:
        raise _no_data(f"element {local} in namespace {space}")
    return f"sdmx-ml-{version[1]}.{version[2]}{_DATA[local]}"


def is_old(format: str) -> bool:
    """Whether a format is of SDMX 1.0 or 2.0."""
    return format.startswith(("sdmx-ml-1.", "sdmx-ml-2.0"))


def format_of_set(format: str, name: str) -> str:
    """Format of a data set by the namespace of its element, where the message tells none."""
    if not format.endswith(GROUP):
        return format
    space = name.rpartition("}")[0]
    if "/utility" in space or "/cross" in space:
        raise _no_data(f"a data set in namespace {space}")
    kind = "-generic" if space.endswith("/generic") else "-compact"
    return format.removesuffix(GROUP) + kind


def _no_data(what: str) -> MessageError:
    return MessageError(f"expected an SDMX data message, found {what}")
