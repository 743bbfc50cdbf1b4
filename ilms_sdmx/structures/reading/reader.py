"""Reader of structure messages, in whatever of SDMX's formats they are."""

from __future__ import annotations

import gzip
import os
import zlib
from pathlib import Path

from ilms_sdmx.errors import MessageError, StructureError
from ilms_sdmx.structures.reading.message import StructureMessage

_GZIP = b"\x1f\x8b"
_SPACE_AND_BYTE_ORDER_MARK = b"\xef\xbb\xbf \t\r\n"


def read_structures(data: bytes, name: str = "structure message") -> StructureMessage:
    """Definitions of a structure message's bytes: SDMX-ML 2.0 to 3.1 or SDMX-JSON.

    Parameters
    ----------
    data
        The message; gzip is unpacked.
    name
        What errors call it: the name of its file, or its address.

    Raises
    ------
    MessageError
        The bytes are neither XML nor JSON, or no structure message, or two components of a
        structure have one id.
    """
    from ilms_sdmx.structures.reading import json_message, xml_message

    data = _unpacked(data, name)
    is_json = data.lstrip(_SPACE_AND_BYTE_ORDER_MARK).startswith(b"{")
    read_message = json_message.read if is_json else xml_message.read
    try:
        return read_message(data, name)
    except StructureError as error:
        raise MessageError(f"{name}: {error}") from None


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
    except (OSError, ValueError) as error:
        raise _unreadable(name, error) from None
    return read_structures(data, name)


def _unpacked(data: bytes, name: str) -> bytes:
    """Bytes as they are, or those inside gzip."""
    if not data.startswith(_GZIP):
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise _unreadable(name, error) from None


def _unreadable(name: str, error: Exception) -> MessageError:
    return MessageError(f"{name}: expected a structure message, but it cannot be read: {error}")
