"""Registrations: where the figures of each provision agreement are, as a registry tells it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lxml import etree

from ilms_sdmx.database.manifest import Manifest, time_of
from ilms_sdmx.outputs.service.requests import Request
from ilms_sdmx.structures.urns import urn

if TYPE_CHECKING:
    from sdmx.model.common import ProvisionAgreement

_BASE = "http://www.sdmx.org/resources/sdmxml/schemas/v"
#: What a registration is about; any of them, where a query names no kind of its own.
_ARTEFACTS = ("dataflow", "datastructure", "provisionagreement")


@dataclass(frozen=True, slots=True)
class Registration:
    """Registration of the figures of one dataflow.

    Parameters
    ----------
    agreement
        Agreement under which they are provided.
    updated
        Time of the last addition.
    """

    agreement: ProvisionAgreement
    updated: str

    @property
    def id(self) -> str:
        """Its id, the same for as long as there is the dataflow."""
        return f"REG_{self.flow.id}"

    @property
    def flow(self) -> Any:
        """Dataflow that it is about."""
        return self.agreement.structure_usage


def registrations_asked(
    manifest: Manifest, agreements: Iterable[ProvisionAgreement], request: Request
) -> list[Registration]:
    """Registrations that a request asks for, in the order of the agreements."""
    after = request.time("updatedAfter")
    before = request.time("updatedBefore")
    asked = []
    for agreement in agreements:
        registration = Registration(agreement, _updated(manifest, agreement))
        updated = time_of(registration.updated)
        # Both bounds are exclusive.
        is_in_time = (after is None or updated > after) and (before is None or updated < before)
        if is_in_time and _is_asked(registration, request):
            asked.append(registration)
    return asked


def _updated(manifest: Manifest, agreement: ProvisionAgreement) -> str:
    """Time of the last addition to the dataflow of an agreement."""
    usage: Any = agreement.structure_usage
    flow = urn(usage)
    name = f"{flow.agency}:{flow.id}({flow.version})"
    last = max(segment.last for segment in manifest.segments_of(name))
    times = {vintage.number: vintage.time for vintage in manifest.vintages}
    return times[last]


def _is_asked(registration: Registration, request: Request) -> bool:
    """Whether a request names a registration: its id, its office, or what it is about."""
    names = _names_of(registration)
    wanted = [names[artefact] for artefact in _ARTEFACTS]
    if request.context in names:
        wanted = [names[request.context]]
    return any(request.reference.names(*name) for name in wanted)


def _names_of(registration: Registration) -> dict[str, tuple[str, str, str]]:
    """Agency, id and version by which each context of a query names a registration."""
    agreement = registration.agreement
    flow = urn(registration.flow)
    structure = urn(registration.flow.structure)
    provision = urn(agreement)
    office: Any = agreement.data_provider
    return {
        "id": ("", registration.id, ""),
        "provider": (office.get_scheme().maintainer.id, office.id, ""),
        "dataflow": (flow.agency, flow.id, flow.version),
        "datastructure": (structure.agency, structure.id, structure.version),
        "provisionagreement": (provision.agency, provision.id, provision.version),
    }


def registrations_message(
    registrations: Iterable[Registration], address: str, version: str, prepared: str
) -> bytes:
    """Answer of a registry (`QueryRegistrationResponse`) in a version of SDMX-ML.

    Parameters
    ----------
    registrations
        What it tells.
    address
        Address of the service, where the figures are.
    version
        `2.1`, `3.0` or `3.1`.
    prepared
        Time of the message.
    """
    space = _BASE + version.replace(".", "_")
    spaces = {"mes": f"{space}/message", "reg": f"{space}/registry", "com": f"{space}/common"}
    writer = _Writer(spaces, version)
    root = etree.Element(writer.tag("mes:RegistryInterface"), nsmap=spaces)
    header = writer.add(root, "mes:Header")
    writer.add(header, "mes:ID", "REGISTRATIONS")
    writer.add(header, "mes:Test", "false")
    writer.add(header, "mes:Prepared", prepared)
    writer.add(header, "mes:Sender", id="REGISTRY")
    writer.add(header, "mes:Receiver", id="ANY")
    response = writer.add(root, "mes:QueryRegistrationResponse")
    writer.add(response, "reg:StatusMessage", status="Success")
    for registration in registrations:
        writer.add_result(response, registration, address)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


@dataclass(frozen=True, slots=True)
class _Writer:
    """Elements of a message of one version.

    Parameters
    ----------
    spaces
        Namespaces by prefix.
    version
        Version of SDMX-ML.
    """

    spaces: dict[str, str]
    version: str

    def tag(self, name: str) -> str:
        """Name of an element with its namespace."""
        prefix, _, local = name.partition(":")
        return f"{{{self.spaces[prefix]}}}{local}"

    def add(
        self, parent: etree._Element, name: str, text: str = "", **attributes: str
    ) -> etree._Element:
        """Element added to another one."""
        element = etree.SubElement(parent, self.tag(name), attributes)
        if text:
            element.text = text
        return element

    def add_result(
        self, parent: etree._Element, registration: Registration, address: str
    ) -> None:
        """Add a registration to a response."""
        result = self.add(parent, "reg:QueryResult", timeSeriesMatch="false")
        found = self.add(result, "reg:DataResult")
        told = self.add(
            found,
            "reg:Registration",
            id=registration.id,
            lastUpdated=registration.updated,
            indexTimeSeries="true",
            indexReportingPeriod="true",
        )
        self._add_agreement(told, registration.agreement)
        flow = urn(registration.flow)
        place = self.add(told, "reg:Datasource")
        path = f"/v2/data/dataflow/{flow.agency}/{flow.id}/{flow.version}"
        self.add(place, "reg:SimpleDataSource", address + path)
        kinds = {"isRESTDatasource": "true", "isWebServiceDatasource": "false"}
        queryable = self.add(place, "reg:QueryableDataSource", **kinds)
        self.add(queryable, "com:DataURL", f"{address}/v2")

    def _add_agreement(self, parent: etree._Element, agreement: ProvisionAgreement) -> None:
        """Add a reference to an agreement, which SDMX 3 writes as a URN."""
        name = urn(agreement)
        if self.version != "2.1":
            self.add(parent, "reg:ProvisionAgreement", str(name))
            return
        reference = self.add(parent, "reg:ProvisionAgreement")
        attributes = {"agencyID": name.agency, "id": name.id, "version": name.version}
        attributes |= {"package": "registry", "class": "ProvisionAgreement"}
        etree.SubElement(reference, "Ref", attributes)
