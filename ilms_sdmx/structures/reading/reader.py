"""Reader of structure messages, in whatever of SDMX's formats they are."""

from __future__ import annotations

import gzip
import os
import zlib
from pathlib import Path

from ilms_sdmx.errors import MessageError
from ilms_sdmx.structures.reading.message import StructureMessage

_GZIP = b"\x1f\x8b"
_SPACE_AND_BYTE_ORDER_MARK = b"\xef\xbb\xbf \t\r\n"


def read_structures(data: bytes, name: str = "structure message") -> StructureMessage:
    """Definitions of a structure message's bytes: SDMX-ML 2.1, 3.0, 3.1 or SDMX-JSON.

    Parameters
    ----------
    data
        The message, not compressed.
    name
        What errors call it: the name of its file, or its address.

    Raises
    ------
    MessageError
        The bytes are neither XML nor JSON, or no structure message.
    """
    from ilms_sdmx.structures.reading import json_message, xml_message

    if data.lstrip(_SPACE_AND_BYTE_ORDER_MARK).startswith(b"{"):
        return json_message.read(data, name)
    return xml_message.read(data, name)


def read_structure_file(path: str | os.PathLike[str]) -> StructureMessage:
    """Definitions of a structure message's file; gzip is unpacked.

    Raises
    ------
    MessageError
        The file cannot be read, or is no structure message.
    """
    name = os.fspath(path)
    try:
        data = Path(path).read_bytes()
        if data.startswith(_GZIP):
            data = gzip.decompress(data)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise MessageError(
            f"{name}: expected a structure message, but it cannot be read: {error}"
        ) from None
    return read_structures(data, name)
