"""Messages for a registry: provision agreements, and where the data of each are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

_BASE = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1"
_SPACES = {
    "mes": f"{_BASE}/message",
    "str": f"{_BASE}/structure",
    "com": f"{_BASE}/common",
    "reg": f"{_BASE}/registry",
}
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_VERSION = "1.0"
#: Id of the scheme of the one office that publishes.
SCHEME = "DATA_PROVIDERS"


@dataclass(frozen=True)
class Provider:
    """The office that publishes.

    Parameters
    ----------
    agency
        Agency that maintains its provision agreements.
    id, name
        Of the office.
    """

    agency: str
    id: str
    name: str = ""


@dataclass(frozen=True)
class Source:
    """Where the data of a dataflow are.

    Parameters
    ----------
    agency, id, version
        Of the dataflow.
    address
        Address of its data file.
    service
        Address of an SDMX service that has them too, up to the version of its interface as
        `https://data.office.gov/v1`; empty for none.
    """

    agency: str
    id: str
    version: str
    address: str
    service: str = ""

    @property
    def agreement(self) -> str:
        """Id of the provision agreement."""
        return f"PA_{self.id}"


def provision_message(provider: Provider, sources: Sequence[Source], prepared: str) -> bytes:
    """Structure message of the office and its provision agreements (SDMX-ML 2.1)."""
    root = _root("mes:Structure", "PROVISION", provider, prepared)
    structures = _add(root, "mes:Structures")
    schemes = _add(structures, "str:OrganisationSchemes")
    urn = "urn:sdmx:org.sdmx.infomodel"
    whole = f"{provider.agency}:{SCHEME}({_VERSION})"
    scheme = _add(
        schemes,
        "str:DataProviderScheme",
        id=SCHEME,
        agencyID=provider.agency,
        version=_VERSION,
        urn=f"{urn}.base.DataProviderScheme={whole}",
    )
    _name(scheme, "Offices that provide data")
    address = f"{urn}.base.DataProvider={whole}.{provider.id}"
    office = _add(scheme, "str:DataProvider", id=provider.id, urn=address)
    _name(office, provider.name or provider.id)
    agreements = _add(structures, "str:ProvisionAgreements")
    for source in sources:
        own = f"{provider.agency}:{source.agreement}({_VERSION})"
        agreement = _add(
            agreements,
            "str:ProvisionAgreement",
            id=source.agreement,
            agencyID=provider.agency,
            version=_VERSION,
            urn=f"{urn}.registry.ProvisionAgreement={own}",
        )
        _name(agreement, f"{provider.name or provider.id}: {source.id}")
        usage = _add(agreement, "str:StructureUsage")
        _refer(usage, "Dataflow", "datastructure", source.agency, source.id, source.version)
        of = _add(agreement, "str:DataProvider")
        _refer(
            of,
            "DataProvider",
            "base",
            provider.agency,
            provider.id,
            maintainableParentID=SCHEME,
            maintainableParentVersion=_VERSION,
        )
    return _bytes(root)


def registration_message(
    provider: Provider, sources: Sequence[Source], prepared: str, action: str = "Replace"
) -> bytes:
    """Request to register where the data are (`SubmitRegistrationsRequest`, SDMX-ML 2.1).

    Sent again it is the same registration, with a new time.
    """
    root = _root("mes:RegistryInterface", "REGISTRATION", provider, prepared)
    submitted = _add(root, "mes:SubmitRegistrationsRequest")
    for source in sources:
        request = _add(submitted, "reg:RegistrationRequest", action=action)
        registration = _add(
            request,
            "reg:Registration",
            lastUpdated=_moment(prepared),
            indexTimeSeries="true",
            indexReportingPeriod="true",
        )
        agreement = _add(registration, "reg:ProvisionAgreement")
        kind = "ProvisionAgreement"
        _refer(agreement, kind, "registry", provider.agency, source.agreement, _VERSION)
        place = _add(registration, "reg:Datasource")
        _add(place, "reg:SimpleDataSource").text = source.address
        if source.service:
            kinds = {"isRESTDatasource": "true", "isWebServiceDatasource": "false"}
            queryable = _add(place, "reg:QueryableDataSource", **kinds)
            _add(queryable, "com:DataURL").text = source.service
    return _bytes(root)


def structures_message(structure: bytes, action: str = "Replace") -> bytes:
    """Request to take the artefacts of a structure message (`SubmitStructureRequest`)."""
    parsed = etree.fromstring(structure, _parser())
    header = parsed.find("mes:Header", _SPACES)
    content = parsed.find("mes:Structures", _SPACES)
    root = etree.Element(_tag("mes:RegistryInterface"), nsmap=_SPACES)
    if header is not None:
        _add_receiver(header)
        root.append(header)
    request = _add(root, "mes:SubmitStructureRequest", action=action)
    if content is not None:
        held = _add(request, "str:Structures")
        for group in list(content):
            held.append(group)
    return _bytes(root)


def _add_receiver(header: etree._Element) -> None:
    """Name the receiver in a header, which a request to a registry must have."""
    sender = header.find("mes:Sender", _SPACES)
    if sender is not None and header.find("mes:Receiver", _SPACES) is None:
        receiver = etree.Element(_tag("mes:Receiver"), {"id": "REGISTRY"})
        sender.addnext(receiver)


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


def _root(name: str, id: str, provider: Provider, prepared: str) -> etree._Element:
    root = etree.Element(_tag(name), nsmap=_SPACES)
    header = _add(root, "mes:Header")
    _add(header, "mes:ID").text = id
    _add(header, "mes:Test").text = "false"
    _add(header, "mes:Prepared").text = _moment(prepared)
    _add(header, "mes:Sender", id=provider.id)
    if name == "mes:RegistryInterface":
        _add(header, "mes:Receiver", id="REGISTRY")
    return root


def _moment(prepared: str) -> str:
    """Time as `xs:dateTime`: a day begins at midnight."""
    return prepared if "T" in prepared else f"{prepared}T00:00:00"


def _tag(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{_SPACES[prefix]}}}{local}"


def _add(parent: etree._Element, name: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, _tag(name), attributes)


def _name(parent: etree._Element, text: str) -> None:
    name = _add(parent, "com:Name")
    name.set(_LANG, "en")
    name.text = text


def _refer(
    parent: etree._Element,
    kind: str,
    package: str,
    agency: str,
    id: str,
    version: str = "",
    **of: str,
) -> None:
    attributes = {"agencyID": agency, "id": id, **of}
    if version:
        attributes["version"] = version
    etree.SubElement(parent, "Ref", {**attributes, "package": package, "class": kind})


def _bytes(root: etree._Element) -> bytes:
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
