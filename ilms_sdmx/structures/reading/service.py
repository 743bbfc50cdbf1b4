"""Structures that an SDMX service gives, asked by what a data message refers to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ilms_sdmx.errors import NotFoundError, StructureError
from ilms_sdmx.structures.reading.message import StructureMessage
from ilms_sdmx.structures.reading.reader import read_structures

if TYPE_CHECKING:
    from ilms_sdmx.downloads.client import Client
    from ilms_sdmx.downloads.service import Service
    from ilms_sdmx.structures.reading.definition import Definition

#: A path that asks for structures already, in REST 1.x and 2.x.
_QUERY = re.compile(r"/(dataflow|datastructure|structure|provisionagreement)/", re.IGNORECASE)
_FILE = re.compile(r"\.(xml|json)(\.gz)?$", re.IGNORECASE)
_IDENTITY = re.compile(r"(?P<agency>[^:]*):(?P<id>[^(]+)\((?P<version>[^)]*)\)")
_ACCEPT = "application/vnd.sdmx.structure+xml;version=2.1, application/xml;q=0.9, */*;q=0.5"


@dataclass(frozen=True)
class ServiceStructures:
    """Structures of a service; each is asked for when a data set refers to it.

    Parameters
    ----------
    address
        Address before `/dataflow` (or, in version 3.0, `/structure`).
    version
        Version of its REST interface: `2.1` or `3.0`.
    client
        What asks; by default one with the cache of the platform.
    service
        Manners of the service, where they are known.
    """

    address: str
    version: str = "2.1"
    client: Client | None = field(default=None, compare=False)
    service: Service | None = field(default=None, compare=False)

    def definition(self, dataflow: str = "", structure: str = "") -> Definition:
        """Definition for a dataflow or a structure, from the cache while that is fresh.

        Raises
        ------
        StructureError
            The service has neither.
        FetchError
            The service does not answer, or with something else.
        """
        return self.message(dataflow, structure).definition(dataflow, structure)

    def message(self, dataflow: str = "", structure: str = "") -> StructureMessage:
        """Structure message of a dataflow, else of a structure.

        Raises
        ------
        StructureError
            The service has neither.
        FetchError
            The service does not answer, or with something else.
        """
        for path in self._paths(dataflow, structure):
            try:
                return fetched(self._url(path), self.client, self.service)
            except NotFoundError:
                continue
        raise StructureError(
            f"expected the structure of {dataflow or structure} from {self.address},"
            " but the service has none"
        )

    def _paths(self, dataflow: str, structure: str) -> Iterator[str]:
        """Paths to ask for: the dataflow with what it refers to, else the structure."""
        for kind, identity in (("dataflow", dataflow), ("datastructure", structure)):
            match = _IDENTITY.fullmatch(identity)
            if match:
                version = match["version"] or "latest"
                yield f"{kind}/{match['agency']}/{match['id']}/{version}"

    def _url(self, path: str) -> str:
        """Address of a query for a structure and all that it refers to."""
        folder = "structure/" if self.version == "3.0" else ""
        return f"{self.address.rstrip('/')}/{folder}{path}?references=descendants"


def at_address(address: str) -> StructureMessage | ServiceStructures:
    """Structure message at an address, or the structures of the service that is there."""
    path = urlsplit(address).path
    if _QUERY.search(path) or _FILE.search(path):
        return fetched(address)
    return ServiceStructures(address)


def fetched(
    address: str, client: Client | None = None, service: Service | None = None
) -> StructureMessage:
    """Structure message at an address, from the cache while that is fresh.

    Raises
    ------
    FetchError
        The address does not answer, knows no such structure, or answers with something else.
    """
    from ilms_sdmx.downloads.client import Client
    from ilms_sdmx.downloads.service import Service

    asking = client or Client()
    host = urlsplit(address).hostname or "SDMX"
    _, message = asking.read(
        lambda answer: read_structures(answer.content, address),
        service or Service(host, address),
        address,
        accept=_ACCEPT,
    )
    return message
