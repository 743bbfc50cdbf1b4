"""Saving of workbooks (.xlsx): the same content and time give the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from openpyxl import Workbook

#: Time of every part of the archive, and of a workbook without time: the first that a ZIP has.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_PROPERTIES = "docProps/core.xml"
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")


def new_workbook(time: str = "", *, write_only: bool = False) -> Workbook:
    """Workbook without sheets that was made at a time, ISO 8601."""
    from openpyxl import Workbook

    book = Workbook(write_only=write_only)
    for name in book.sheetnames:
        del book[name]
    book.properties.created = _moment(time)
    return book


def open_workbook(content: bytes, time: str = "") -> Workbook:
    """Workbook of its bytes; one that does not say when it was made was made at a time."""
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content))
    if not _says_when_made(content):
        book.properties.created = _moment(time)
    return book


def save_workbook(book: Workbook, stream: IO[bytes], time: str = "") -> None:
    """Write a workbook to a stream, as if it was changed last at a time, ISO 8601."""
    content = io.BytesIO()
    book.save(content)
    stamp = _moment(time).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(content) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == _PROPERTIES:
                part = _MODIFIED.sub(rb"\g<1>" + stamp, part)
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, part)
    stream.write(packed.getbuffer())


def _says_when_made(content: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if _PROPERTIES not in archive.namelist():
            return False
        return b"dcterms:created" in archive.read(_PROPERTIES)


def _moment(time: str) -> datetime:
    """Time in UTC, as workbooks have it; the first of all where it is not ISO 8601."""
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        moment = datetime(*_EPOCH, tzinfo=UTC)
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC)
    return moment.replace(tzinfo=None)
