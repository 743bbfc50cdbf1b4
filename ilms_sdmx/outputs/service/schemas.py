"""Schemas: what data of a dataflow may hold, as XML Schema and as structures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from xml.sax.saxutils import quoteattr

from ilms_sdmx.datasets import Components
from ilms_sdmx.errors import RequestError
from ilms_sdmx.messages.xml.heading import namespace
from ilms_sdmx.messages.xml.layout import ALL, Layout, arrange
from ilms_sdmx.messages.xml.names import Reference
from ilms_sdmx.outputs.service.relations import components_of, list_of

_XS = "http://www.w3.org/2001/XMLSchema"
#: Where the schemas of the standard are that each refers to.
_OFFICIAL = "https://registry.sdmx.org/schemas/v"
#: Type of a text by the type of its concept; any other is text.
_TYPES = {"double": "xs:double", "integer": "xs:integer", "decimal": "xs:decimal"}
_TIME = "common:ObservationalTimePeriodType"


class XmlSchema:
    """Schema of data in SDMX-ML for one structure and dimension at the observations.

    Parameters
    ----------
    structure
        Data structure definition.
    allowed
        Codes that are allowed of some components; those of their list of all others.
    version
        `2.1`, `3.0` or `3.1` of SDMX-ML.
    is_of_deletions
        Whether dimensions may be left out and values be anything.
    """

    def __init__(
        self,
        structure: Any,
        allowed: Mapping[str, Iterable[str]],
        version: str,
        *,
        is_of_deletions: bool = False,
    ) -> None:
        self._structure = structure
        self._allowed = allowed
        self._is_old = version == "2.1"
        self._is_of_deletions = is_of_deletions
        self._start = version.replace(".", "_")
        self._types: list[str] = []
        self._kinds: dict[str, str] = {}

    def written(self, target: Reference, at_observation: str) -> bytes:
        """The schema; messages name it by the namespace of the target.

        Raises
        ------
        RequestError
            422: there is no such dimension.
        """
        layout = _layout(Components.of(self._structure), at_observation)
        for component in components_of(self._structure):
            self._kinds[component.id] = self._kind(component)
        self._add_sets(layout)
        base = f"http://www.sdmx.org/resources/sdmxml/schemas/v{self._start}"
        own = quoteattr(namespace(target, layout.at_observation))
        common = f"{_OFFICIAL}{self._start}/SDMXCommon.xsd"
        specific = f"{_OFFICIAL}{self._start}/SDMXDataStructureSpecific.xsd"
        lines = [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<xs:schema xmlns:xs="{_XS}" xmlns:own={own} targetNamespace={own}',
            f' xmlns:dsd="{base}/data/structurespecific" xmlns:common="{base}/common"',
            ' elementFormDefault="qualified" attributeFormDefault="unqualified">',
            f'<xs:import namespace="{base}/common" schemaLocation="{common}"/>',
            f'<xs:import namespace="{base}/data/structurespecific"',
            f' schemaLocation="{specific}"/>',
            *self._types,
            "</xs:schema>",
        ]
        return "\n".join(lines).encode()

    def _kind(self, component: Any) -> str:
        """Type of the values of a component; a list of its codes is added to the schema."""
        if component.id == "TIME_PERIOD":
            return _TIME
        if self._is_of_deletions and component not in self._structure.dimensions.components:
            return "xs:string"
        codes = self._allowed.get(component.id)
        codelist = list_of(component)
        if codes is None and codelist is not None:
            codes = codelist.items
        if codes is not None:
            self._types.append(_list_type(component.id, sorted(codes)))
            return f"own:{component.id}.Codes"
        representation = component.local_representation
        for facet in getattr(representation, "non_enumerated", ()):
            if facet.value_type is not None:
                return _TYPES.get(facet.value_type.name, "xs:string")
        return "xs:string"

    def _add_sets(self, layout: Layout) -> None:
        """Add the types of data sets, of series and of observations."""
        child = "Obs" if layout.flat else "Series"
        several = ' maxOccurs="unbounded"' if self._is_old else ""
        form = 'form="unqualified"'
        rows = f'<xs:element name="{child}" type="own:{child}Type" {form}{several}/>'
        content = f'<xs:choice minOccurs="0">{rows}</xs:choice>'
        whole = self._attributes(layout.dataset_attributes, "optional")
        if not self._is_old:
            atts = f'<xs:element name="Atts" type="own:AttsType" {form}/>'
            content = f'<xs:choice minOccurs="0" maxOccurs="unbounded">{atts}{rows}</xs:choice>'
            whole = ""
        provider = (
            '<xs:element name="DataProvider" type="common:DataProviderReferenceType"'
            f' {form} minOccurs="0"/>'
        )
        self._add("DataSetType", provider + content, whole)
        key = "optional" if self._is_of_deletions else "required"
        comp = ""
        if not self._is_old:
            comp = (
                f'<xs:element name="Comp" type="dsd:CompType" {form} minOccurs="0"'
                ' maxOccurs="unbounded"/>'
            )
        if not layout.flat:
            observations = (
                f'<xs:element name="Obs" type="own:ObsType" {form} minOccurs="0"'
                ' maxOccurs="unbounded"/>'
            )
            series = self._attributes(layout.series, key)
            series += self._attributes(layout.series_attributes, "optional")
            self._add("SeriesType", comp + observations, series)
        values = (*layout.measures, *layout.observation_attributes)
        names = self._attributes(layout.observation, key)
        self._add("ObsType", comp, names + self._attributes(values, "optional"))
        if not self._is_old:
            every = [component.id for component in components_of(self._structure)]
            others = [name for name in every if name not in layout.measures]
            self._add("AttsType", comp, self._attributes(others, "optional"))

    def _attributes(self, names: Iterable[str], use: str) -> str:
        """Components as attributes of an element."""
        attributes = []
        for name in names:
            kind = self._kinds[name]
            attributes.append(f'<xs:attribute name="{name}" type="{kind}" use="{use}"/>')
        return "".join(attributes)

    def _add(self, name: str, content: str, attributes: str) -> None:
        """Add a type that restricts the one of the standard of the same name."""
        annotations = '<xs:element ref="common:Annotations" minOccurs="0"/>'
        self._types.append(
            f'<xs:complexType name="{name}"><xs:complexContent>'
            f'<xs:restriction base="dsd:{name}"><xs:sequence>{annotations}{content}'
            f"</xs:sequence>{attributes}</xs:restriction></xs:complexContent></xs:complexType>"
        )


def _layout(components: Components, at_observation: str) -> Layout:
    """Layout of data with a dimension at the observations."""
    known = ("", "TIME_PERIOD", ALL, *components.dimensions)
    if at_observation not in known:
        listed = ", ".join((*components.dimensions, ALL))
        message = f"expected dimensionAtObservation={listed}"
        raise RequestError(422, f"{message}, found {at_observation[:60]!r}")
    return arrange(components, at_observation or "series")


def _list_type(name: str, codes: Iterable[str]) -> str:
    """Type of the codes of a component."""
    values = "".join(f"<xs:enumeration value={quoteattr(code)}/>" for code in codes)
    return (
        f'<xs:simpleType name="{name}.Codes"><xs:restriction base="xs:string">{values}'
        "</xs:restriction></xs:simpleType>"
    )
