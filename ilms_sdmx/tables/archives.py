"""Zip archives of office files opened safely.

Bounded in size, never encrypted, XML without entities.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ilms_sdmx.errors import TableError

if TYPE_CHECKING:
    from lxml.etree import _Element

#: Largest total of unpacked parts in bytes, and the largest ratio above which a big part is
#: taken for a bomb.
MAX_UNPACKED = 400_000_000
MAX_RATIO = 250
RATIO_FROM = 20_000_000

_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
)


class Archive:
    """Parts of an office file, by name."""

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except _BROKEN as error:
            raise TableError(f"{name} is not a whole workbook: {error}.") from error
        self._parts = {
            info.filename.replace("\\", "/").lstrip("/"): info for info in self._zip.infolist()
        }
        self._refuse_bombs()

    def _refuse_bombs(self) -> None:
        total = 0
        for part, info in self._parts.items():
            if info.flag_bits & 1:
                raise TableError(
                    f"{self.name} is protected by a password: save a copy without one."
                )
            size = info.file_size
            packed = max(info.compress_size, 1)
            total += size
            is_bomb = size > RATIO_FROM and size / packed > MAX_RATIO
            if is_bomb or total > MAX_UNPACKED:
                raise self._too_large(part, size, packed)

    def _too_large(self, part: str, size: int, packed: int) -> TableError:
        unpacked_size = f"{size / 1e6:,.0f} MB"
        packed_size = f"{packed / 1e6:,.1f} MB"
        sizes = f"{unpacked_size} from {packed_size}"
        return TableError(f"{self.name}: its part {part} unpacks to {sizes}; that is not read.")

    def __contains__(self, part: str) -> bool:
        return part in self._parts

    def names(self) -> list[str]:
        """Names of all parts."""
        return list(self._parts)

    def read(self, part: str) -> bytes:
        """Bytes of a part.

        Raises
        ------
        TableError
            When the part is missing or damaged.
        """
        if part not in self._parts:
            raise TableError(f"{self.name} is not a whole workbook: it lacks its part {part}.")
        try:
            data = self._zip.read(self._parts[part])
        except _BROKEN as error:
            raise TableError(f"{self.name} is damaged in its part {part}: {error}.") from error
        refuse_doctype(data, f"{self.name}, part {part}")
        return data

    def tree(self, part: str) -> _Element:
        """Root element of an XML part."""
        from lxml import etree

        try:
            root: _Element = etree.fromstring(self.read(part), _parser())
        except etree.XMLSyntaxError as error:
            raise TableError(f"{self.name} is damaged in its part {part}: {error}.") from error
        return root

    def elements(
        self, part: str, *tags: str, check: Callable[[bytes], None] | None = None
    ) -> Iterator[_Element]:
        """Elements of the given tags at their end, one after another.

        Each is cleared after use.

        `check` looks at the bytes before any element is made of them.
        """
        from lxml import etree

        data = self.read(part)
        if check:
            check(data)
        source = io.BytesIO(data)
        options: Any = {"resolve_entities": False, "no_network": True, "remove_comments": True}
        try:
            for _, element in etree.iterparse(source, events=("end",), tag=tags, **options):
                yield element
                element.clear()
        except etree.XMLSyntaxError as error:
            raise TableError(f"{self.name} is damaged in its part {part}: {error}.") from error


def refuse_doctype(data: bytes, where: str) -> None:
    """Refuse a document type declaration, which office files never have and attacks need."""
    wide = b"\0" in data[:64]
    head = data
    if wide:
        head = data.replace(b"\0", b"")
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise TableError(
            f"{where} declares a document type; office files have none, so it is not read."
        )


def _parser() -> Any:
    from lxml import etree

    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True
    )
