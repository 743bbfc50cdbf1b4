"""Structure messages in SDMX-ML 2.0: key families, with their concepts by id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ilms_sdmx.structures.components import OBSERVATION
from ilms_sdmx.structures.reading.definition import FACETS, Definition, Field
from ilms_sdmx.structures.reading.identities import of_parts
from ilms_sdmx.structures.reading.message import StructureMessage

if TYPE_CHECKING:
    from lxml.etree import _Element

Codelists = Mapping[str, Mapping[str, str]]
Groups = Mapping[str, tuple[str, ...]]
#: Elements of components, in the order of a definition, and their roles.
_ROLES = {
    "Dimension": "dimension",
    "TimeDimension": "time",
    "PrimaryMeasure": "measure",
    "Attribute": "attribute",
}


def read(root: _Element) -> StructureMessage:
    """Definitions of the root element of a structure message."""
    codelists = {}
    for codelist in root.iter("{*}CodeList"):
        codelists[str(codelist.get("id"))] = _codes(codelist)
    definitions = {}
    for family in root.iter("{*}KeyFamily"):
        parts = family.find("{*}Components")
        if parts is not None:
            definition = _definition(_identity(family), parts, codelists)
            definitions[definition.id] = definition
    return StructureMessage(definitions, dict(_dataflows(root)), ())


def _identity(element: _Element) -> str:
    agency = element.get("agencyID")
    version = element.get("version")
    return of_parts(agency, element.get("id"), version)


def _codes(codelist: _Element) -> dict[str, str]:
    """Codes to parents."""
    codes = {}
    for code in codelist.iter("{*}Code"):
        codes[str(code.get("value"))] = code.get("parentCode", "")
    return codes


def _dataflows(root: _Element) -> Iterator[tuple[str, str]]:
    """Dataflows with the key family of each."""
    for dataflow in root.iter("{*}Dataflow"):
        reference = dataflow.find("{*}KeyFamilyRef")
        if reference is not None:
            agency = reference.findtext("{*}KeyFamilyAgencyID")
            identifier = reference.findtext("{*}KeyFamilyID")
            version = reference.findtext("{*}Version")
            yield _identity(dataflow), of_parts(agency, identifier, version)


def _definition(identity: str, parts: _Element, codelists: Codelists) -> Definition:
    groups = {}
    for group in parts.findall("{*}Group"):
        dimensions = group.findall("{*}DimensionRef")
        groups[str(group.get("id"))] = tuple(map(_text, dimensions))
    fields = {}
    for name, role in _ROLES.items():
        for element in parts.findall(f"{{*}}{name}"):
            field = _field(element, role, codelists)
            fields[field.id] = field
    in_series = tuple(name for name, field in fields.items() if field.role == "dimension")
    for element in parts.findall("{*}Attribute"):
        field = fields[str(element.get("conceptRef"))]
        attachment = _attachment(element, in_series, groups)
        mandatory = element.get("assignmentStatus") == "Mandatory"
        fields[field.id] = replace(
            field, attachment=attachment, mandatory=mandatory, group=_group_of(element)
        )
    return Definition(identity, fields, groups=groups)


def _text(element: _Element) -> str:
    return (element.text or "").strip()


def _field(element: _Element, role: str, codelists: Codelists) -> Field:
    """Component without its attachment."""
    codelist = element.get("codelist", "")
    concept_ref = element.get("conceptRef")
    codes = codelists.get(codelist) or None
    field = Field(str(concept_ref), role, codelist, codes)
    text_format = element.find("{*}TextFormat")
    if text_format is None:
        return field
    facets = {}
    for facet in FACETS:
        value = text_format.get(facet)
        if value is not None:
            facets[facet] = value
    text_type = text_format.get("textType", "")
    return replace(field, text_type=text_type, facets=facets)


def _attachment(
    attribute: _Element, dimensions: tuple[str, ...], groups: Groups
) -> tuple[str, ...]:
    """Attachment of an attribute by its level."""
    level = attribute.get("attachmentLevel", "")
    if level == "DataSet":
        return ()
    if level == "Series":
        return dimensions
    if level == "Group":
        return groups.get(_group_of(attribute), ())
    return OBSERVATION


def _group_of(attribute: _Element) -> str:
    """Group that an attribute names, empty where it names none."""
    if attribute.get("attachmentLevel", "") != "Group":
        return ""
    return str(attribute.findtext("{*}AttachmentGroup", "")).strip()
