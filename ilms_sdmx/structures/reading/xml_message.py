"""Structure messages in SDMX-ML, and answers of registries, read from elements by local name.

sdmx1 reads 2.1 well, but of 3.0 it drops `usage`, and of constraints the booleans, cascades and
key sets. What is needed here is little, and by local name all versions read alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ilms_sdmx.errors import MessageError
from ilms_sdmx.structures.components import OBSERVATION
from ilms_sdmx.structures.reading import old_message
from ilms_sdmx.structures.reading.definition import (
    FACETS,
    Constraint,
    CubeRegion,
    Definition,
    Field,
    Selection,
    fields_by_id,
    known_cascade,
)
from ilms_sdmx.structures.reading.identities import bare_id, of_parts, of_urn
from ilms_sdmx.structures.reading.message import StructureMessage

if TYPE_CHECKING:
    from lxml.etree import _Element

Groups = Mapping[str, tuple[str, ...]]
_ON_OBSERVATION = ("PrimaryMeasure", "Observation", "Measure")
_ROLES = {
    "Dimension": "dimension",
    "MeasureDimension": "dimension",
    "TimeDimension": "time",
    "PrimaryMeasure": "measure",
    "Measure": "measure",
    "Attribute": "attribute",
}
_CODELISTS = ("Codelist", "ValueList", "GeographicCodelist", "GeoGridCodelist")
_CODES = ("Code", "ValueItem", "GeoFeatureSetCode", "GeoGridCode")


def read(data: bytes, name: str) -> StructureMessage:
    """Definitions of an SDMX-ML structure message's bytes.

    Raises
    ------
    MessageError
        The bytes are no XML, or no structure message.
    """
    root = _root(data, name)
    if "/v2_0/" in str(root.tag):
        return old_message.read(root)
    representations = _Representations(_codelists(root), _concepts(root))
    definitions = {}
    for element in _all(root, "DataStructure"):
        if len(element):
            definition = _definition(element, representations)
            definitions[definition.id] = definition
    constraints = tuple(_constraints(root))
    return StructureMessage(definitions, _dataflows(root), constraints)


def _root(data: bytes, name: str) -> _Element:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise MessageError(
            f"{name}: expected an SDMX-ML structure message, found no XML: {error}"
        ) from None
    if _name(root) not in ("Structure", "RegistryInterface"):
        raise MessageError(f"{name}: expected the element Structure, found {_name(root)}")
    return root


@dataclass(frozen=True)
class _Representations:
    """What components refer to: codelists (code to parent) and concepts, by identity."""

    codelists: Mapping[str, Mapping[str, str]]
    concepts: Mapping[str, _Element]

    def of(self, component: _Element, concept: str) -> _Element | None:
        """Representation of a component: its local one, else that of its concept."""
        local = _first(component, "LocalRepresentation")
        if local is not None:
            return local
        if concept not in self.concepts:
            return local
        return _first(self.concepts[concept], "CoreRepresentation")


def _name(element: _Element) -> str:
    """Local name, empty for comments and processing instructions."""
    _, _, name = str(element.tag).rpartition("}")
    return name if isinstance(element.tag, str) else ""


def _children(element: _Element, *names: str) -> list[_Element]:
    return [child for child in element if _name(child) in names]


def _all(root: _Element, *names: str) -> Iterator[_Element]:
    """Every element of one of the names that has an id: artefacts, no references."""
    for element in root.iter():
        if _name(element) in names and element.get("id"):
            yield element


def _first(element: _Element, name: str) -> _Element | None:
    for child in element:
        if _name(child) == name:
            return child
    return None


def _text(element: _Element) -> str:
    return (element.text or "").strip()


def _is_yes(element: _Element, attribute: str) -> bool:
    """Whether a boolean attribute is true, as it is where it is left out."""
    return element.get(attribute, "true") != "false"


def _identity(element: _Element) -> str:
    agency = element.get("agencyID", "")
    version = element.get("version", "1.0")
    return of_parts(agency, element.get("id"), version)


def _reference(element: _Element) -> str:
    """Identity that an element refers to, by `Ref`, by `URN` or by the URN as its text."""
    ref = _first(element, "Ref")
    if ref is not None:
        return _identity_of_ref(ref)
    urn = _first(element, "URN")
    text = _text(element if urn is None else urn)
    return of_urn(text)


def _identity_of_ref(ref: _Element) -> str:
    scheme = ref.get("maintainableParentID")
    if not scheme:
        return _identity(ref)
    version = ref.get("maintainableParentVersion", "1.0")
    item = str(ref.get("id"))
    return of_parts(ref.get("agencyID", ""), scheme, version, item)


def _referenced_id(element: _Element) -> str:
    """Id that an element refers to, by `Ref` or at the end of a URN."""
    ref = _first(element, "Ref")
    if ref is not None:
        return str(ref.get("id"))
    return _text(element).rpartition(".")[2]


def _concepts(root: _Element) -> dict[str, _Element]:
    concepts = {}
    for scheme in _all(root, "ConceptScheme"):
        for concept in _children(scheme, "Concept"):
            concepts[f"{_identity(scheme)}.{concept.get('id')}"] = concept
    return concepts


def _codelists(root: _Element) -> dict[str, dict[str, str]]:
    codelists = {}
    for codelist in _all(root, *_CODELISTS):
        codes = _children(codelist, *_CODES)
        codelists[_identity(codelist)] = {str(code.get("id")): _parent(code) for code in codes}
    return codelists


def _parent(code: _Element) -> str:
    parent = _first(code, "Parent")
    if parent is None:
        return ""
    ref = _first(parent, "Ref")
    if ref is None:
        return _text(parent)
    return str(ref.get("id"))


def _dataflows(root: _Element) -> dict[str, str]:
    dataflows = {}
    for dataflow in _all(root, "Dataflow"):
        for structure in _children(dataflow, "Structure"):
            dataflows[_identity(dataflow)] = _reference(structure)
    return dataflows


def _definition(element: _Element, representations: _Representations) -> Definition:
    parts = _first(element, "DataStructureComponents")
    if parts is None:
        return Definition(_identity(element), {})
    children = _children(parts, "Group")
    groups = {str(group.get("id")): _group(group) for group in children}
    identity = _identity(element)
    fields = [_field(component, representations, groups) for component in _components(parts)]
    return Definition(identity, fields_by_id(fields, identity), groups=groups)


def _group(group: _Element) -> tuple[str, ...]:
    """Ids of the dimensions of a group."""
    dimensions = []
    for dimension in _children(group, "GroupDimension"):
        reference = _first(dimension, "DimensionReference")
        referenced_id = _referenced_id(dimension if reference is None else reference)
        dimensions.append(referenced_id)
    return tuple(dimensions)


def _components(parts: _Element) -> Iterator[_Element]:
    """Every component, the dimensions in key order."""
    for component_list in _children(parts, "DimensionList", "MeasureList", "AttributeList"):
        components = _children(component_list, *_ROLES)
        if _name(component_list) == "DimensionList":
            components.sort(key=_order)
        yield from components


def _order(dimension: _Element) -> tuple[bool, int]:
    """Place of a dimension in the key; the time dimension is last, whatever its number."""
    position = dimension.get("position", "0")
    number = int(position) if position.isdecimal() else 0
    return _name(dimension) == "TimeDimension", number


def _field(element: _Element, representations: _Representations, groups: Groups) -> Field:
    identity = _first(element, "ConceptIdentity")
    concept = _reference(identity) if identity is not None else ""
    role = _ROLES[_name(element)]
    concept_id = concept.rpartition(".")[2]
    name = element.get("id") or concept_id
    field = Field(name, role)
    representation = representations.of(element, concept)
    if representation is not None:
        field = _represented(field, representation, representations.codelists)
    if role != "attribute":
        return field
    assignment_status = element.get("assignmentStatus")
    usage = assignment_status or element.get("usage") or ""
    mandatory = usage.lower() == "mandatory"
    group = _group_of(element)
    attachment = groups.get(group, ()) if group else _attachment(element)
    return replace(field, mandatory=mandatory, attachment=attachment, group=group)


def _represented(
    field: Field, representation: _Element, codelists: Mapping[str, Mapping[str, str]]
) -> Field:
    """Field with the codelist, text type and facets of a representation."""
    if _may_be_several(field, representation):
        most = representation.get("maxOccurs", "1")
        field = replace(field, multivalued=most != "1")
    enumeration = _first(representation, "Enumeration")
    if enumeration is None:
        return _formatted(field, _first(representation, "TextFormat"))
    codelist = _reference(enumeration)
    codes = codelists.get(codelist) or None
    coded_field = replace(field, codelist=bare_id(codelist), codes=codes)
    return _formatted(coded_field, _first(representation, "EnumerationFormat"))


def _formatted(field: Field, text_format: _Element | None) -> Field:
    if text_format is None:
        return field
    facets = {}
    for facet in FACETS:
        value = text_format.get(facet)
        if value is not None:
            facets[facet] = value
    if _may_be_several(field, text_format):
        told = text_format.get("isMultiLingual")
        field = replace(field, multilingual=told in ("true", "1"))
    return replace(field, text_type=text_format.get("textType", ""), facets=facets)


def _may_be_several(field: Field, element: _Element) -> bool:
    """Whether a component may have several values or languages: from SDMX 3.0 on."""
    is_new = "/v3_" in str(element.tag)
    return is_new and field.role in ("measure", "attribute")


def _group_of(attribute: _Element) -> str:
    """Group that an attribute names, empty where it names none or is on observations."""
    relationship = _first(attribute, "AttributeRelationship")
    if relationship is None or _children(relationship, *_ON_OBSERVATION):
        return ""
    # An attribute of dimensions may travel with a group that has more of them.
    for group in _children(relationship, "Group", "AttachmentGroup"):
        return _referenced_id(group)
    return ""


def _attachment(attribute: _Element) -> tuple[str, ...]:
    """Attachment of an attribute that names no group."""
    relationship = _first(attribute, "AttributeRelationship")
    if relationship is None or _children(relationship, *_ON_OBSERVATION):
        return OBSERVATION
    return tuple(map(_referenced_id, _children(relationship, "Dimension")))


def _constraints(root: _Element) -> Iterator[tuple[str, Constraint]]:
    """Pairs of the id of what is constrained and the constraint."""
    for element in _all(root, "ContentConstraint", "DataConstraint"):
        role = element.get("type") or element.get("role") or "Allowed"
        attachment = _first(element, "ConstraintAttachment")
        if role.lower() == "actual":
            continue
        if attachment is None:
            continue
        constraint = _constraint(element)
        for child in attachment:
            subject = _reference(child)
            if subject:
                yield subject, constraint


def _constraint(element: _Element) -> Constraint:
    name = str(element.get("id"))
    elements = _children(element, "CubeRegion")
    regions = tuple(map(_region, elements))
    return Constraint(name, regions, _keys(element))


def _region(element: _Element) -> CubeRegion:
    """Cube region: KeyValue (2.1, 3.x dimensions) and Attribute or Component children."""
    components = _children(element, "KeyValue", "Attribute", "Component", "Measure")
    return CubeRegion(_selections(components), _is_yes(element, "include"))


def _keys(constraint: _Element) -> tuple[CubeRegion, ...]:
    keys = []
    for key_set in _children(constraint, "DataKeySet"):
        for key in _children(key_set, "Key"):
            is_yes = _is_yes(key, "include")
            included = is_yes and _is_yes(key_set, "isIncluded")
            selections = _selections(_children(key, "KeyValue", "Component"))
            keys.append(CubeRegion(selections, included))
    return tuple(keys)


def _selections(components: list[_Element]) -> dict[str, Selection]:
    return {str(component.get("id")): _selection(component) for component in components}


def _selection(component: _Element) -> Selection:
    values = []
    for value in _children(component, "Value"):
        cascade_values = value.get("cascadeValues")
        values.append((_text(value), known_cascade(cascade_values)))
    start, end = _time_range(component)
    include = _is_yes(component, "include")
    return Selection(tuple(values), include, start, end)


def _time_range(component: _Element) -> tuple[str, str]:
    """First and last period of a component's time range, empty where that side is open."""
    time_range = _first(component, "TimeRange")
    if time_range is None:
        return "", ""
    starts = _children(time_range, "StartPeriod", "AfterPeriod")
    ends = _children(time_range, "EndPeriod", "BeforePeriod")
    return _last_text(starts), _last_text(ends)


def _last_text(elements: list[_Element]) -> str:
    if elements:
        return _text(elements[-1])
    return ""
