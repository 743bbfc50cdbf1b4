"""Structure messages in SDMX-JSON 1.0 and 2.x, read to the same definitions as those in XML."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from ilms_sdmx.errors import MessageError
from ilms_sdmx.structures.components import OBSERVATION
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

Node = Mapping[str, Any]
Groups = Mapping[str, tuple[str, ...]]
#: Keys of a relationship that attach an attribute to each observation.
_ON_OBSERVATION = frozenset({"observation", "primaryMeasure", "measures"})
_FAULTS = (ValueError, KeyError, TypeError, AttributeError, RecursionError)


def read(data: bytes, name: str) -> StructureMessage:
    """Definitions of an SDMX-JSON structure message's bytes.

    Raises
    ------
    MessageError
        The bytes are no JSON, or no structure message.
    """
    try:
        with _at("the message"):
            tree = json.loads(data)
            return _message(tree["data"])
    except _FormError as fault:
        raise MessageError(
            f"{name}: expected an SDMX-JSON structure message; {fault}"
        ) from None


class _FormError(Exception):
    """What is wrong with a message, and where."""


@contextmanager
def _at(place: str) -> Iterator[None]:
    """Say where a part of a message is not as it should be; the innermost place goes first."""
    try:
        yield
    except json.JSONDecodeError as error:
        raise _FormError(f"it is no JSON at line {error.lineno}: {error.msg}") from None
    except UnicodeDecodeError as error:
        raise _FormError(f"it is no JSON: byte {error.start} is no {error.encoding}") from None
    except KeyError as error:
        raise _FormError(f"{place} has no {error.args[0]!r}") from None
    except RecursionError:
        raise _FormError(f"{place} is nested too deeply") from None
    except _FAULTS:
        raise _FormError(f"{place} is not of the form that it should have") from None


def _each(node: Node, key: str, what: str = "") -> Iterator[tuple[str, Node]]:
    """Place and node of every object in a list, such as `dataStructures[0]`."""
    nodes = node.get(key) or ()
    if not isinstance(nodes, list | tuple):
        raise _FormError(f"{what}{key} is not a list")
    for number, child in enumerate(nodes):
        place = f"{what}{key}[{number}]"
        if not isinstance(child, Mapping):
            raise _FormError(f"{place} is not an object")
        yield place, child


def _message(content: Node) -> StructureMessage:
    representations = _Representations(_codelists(content), _concepts(content))
    definitions = {}
    for place, node in _each(content, "dataStructures"):
        with _at(place):
            definition = _definition(node, representations, place)
        definitions[definition.id] = definition
    dataflows = {}
    for place, node in _each(content, "dataflows"):
        urn = node.get("structure") or ""
        with _at(place):
            dataflows[_identity(node)] = of_urn(urn)
    return StructureMessage(definitions, dataflows, tuple(_constraints(content)))


@dataclass(frozen=True)
class _Representations:
    """What components refer to: codelists (code to parent) and concepts, by identity."""

    codelists: Mapping[str, Mapping[str, str]]
    concepts: Mapping[str, Node]

    def of(self, component: Node) -> Node:
        """Representation of a component: its local one, else that of its concept."""
        local: Node | None = component.get("localRepresentation")
        if local:
            return local
        urn = component.get("conceptIdentity", "")
        concept = self.concepts.get(of_urn(urn), {})
        return concept.get("coreRepresentation") or {}


def _identity(node: Node) -> str:
    agency = node.get("agencyID", "")
    version = node.get("version", "1.0")
    return of_parts(agency, node["id"], version)


def _concepts(content: Node) -> dict[str, Node]:
    concepts = {}
    for place, scheme in _each(content, "conceptSchemes"):
        with _at(place):
            identity = _identity(scheme)
        for place_of_concept, concept in _each(scheme, "concepts", f"{place}."):
            with _at(place_of_concept):
                concepts[f"{identity}.{concept['id']}"] = concept
    return concepts


def _codelists(content: Node) -> dict[str, dict[str, str]]:
    codelists = {}
    for kind in ("codelists", "valueLists"):
        for place, codelist in _each(content, kind):
            with _at(place):
                codelists[_identity(codelist)] = _codes(codelist, place)
    return codelists


def _codes(codelist: Node, place: str) -> dict[str, str]:
    key = "codes" if codelist.get("codes") else "valueItems"
    parents = {}
    for place_of_code, code in _each(codelist, key, f"{place}."):
        parent = code.get("parent")
        with _at(place_of_code):
            parents[code["id"]] = parent or ""
    return parents


def _definition(node: Node, representations: _Representations, place: str) -> Definition:
    parts = node.get("dataStructureComponents") or {}
    groups = {}
    for place_of_group, group in _each(parts, "groups", f"{place}."):
        group_dimensions = group.get("groupDimensions", ())
        with _at(place_of_group):
            groups[group["id"]] = tuple(group_dimensions)
    fields = []
    for number, (role, component) in enumerate(_components(parts)):
        name = component.get("id") or f"number {number + 1}"
        with _at(f"{place}, component {name} ({role})"):
            fields.append(_field(role, component, representations, groups))
    identity = _identity(node)
    return Definition(identity, fields_by_id(fields, identity), groups=groups)


def _components(parts: Node) -> Iterator[tuple[str, Node]]:
    """Role and node of every component, dimensions in key order."""
    dimension_list = parts.get("dimensionList") or {}
    dimensions = [
        *dimension_list.get("dimensions", ()),
        # A measure dimension has a list of its own in SDMX-JSON 1.0.
        *dimension_list.get("measureDimensions", ()),
    ]
    for dimension in sorted(dimensions, key=lambda node: node.get("position", 0)):
        yield "dimension", dimension
    for time in _several_or_one(dimension_list, "timeDimensions", "timeDimension"):
        yield "time", time
    measure_list = parts.get("measureList") or {}
    for measure in _several_or_one(measure_list, "measures", "primaryMeasure"):
        yield "measure", measure
    attribute_list = parts.get("attributeList") or {}
    for attribute in attribute_list.get("attributes", ()):
        yield "attribute", attribute


def _several_or_one(node: Node, several: str, one: str) -> list[Node]:
    """Nodes under the key of several, else the one under the other key, if any."""
    nodes = node.get(several) or [node.get(one)]
    return [child for child in nodes if child]


def _field(role: str, node: Node, representations: _Representations, groups: Groups) -> Field:
    name = node["id"]
    field = _represented(Field(name, role), node, representations)
    if role != "attribute":
        return field
    usage = node.get("usage") or node.get("assignmentStatus")
    mandatory = str(usage).lower() == "mandatory"
    relationship = node.get("attributeRelationship") or {}
    group = _group_of(relationship)
    attachment = groups.get(group, ()) if group else _attachment(relationship)
    return replace(field, mandatory=mandatory, attachment=attachment, group=group)


def _represented(field: Field, node: Node, representations: _Representations) -> Field:
    """Field with the codelist, text type and facets of its representation."""
    representation = representations.of(node)
    enumeration = representation.get("enumeration", "")
    codelist = of_urn(enumeration)
    codes = representations.codelists.get(codelist) or None
    coded_field = replace(field, codelist=bare_id(codelist), codes=codes)
    text_format = _text_format(representation)
    data_type = text_format.get("dataType")
    text_type = data_type or text_format.get("textType") or ""
    facets = _facets(text_format)
    if field.role in ("measure", "attribute"):
        coded_field = _with_several(coded_field, representation, text_format)
    return replace(coded_field, text_type=str(text_type), facets=facets)


def _with_several(field: Field, representation: Node, text_format: Node) -> Field:
    """Field with whether it has several values or languages."""
    most = representation.get("maxOccurs")
    if most is None:
        most = text_format.get("maxOccurs", 1)
    several_values = str(most) != "1"
    several_languages = text_format.get("isMultiLingual") is True
    return replace(field, multivalued=several_values, multilingual=several_languages)


def _text_format(representation: Node) -> Node:
    for key in ("format", "textFormat", "enumerationFormat"):
        text_format: Node | None = representation.get(key)
        if text_format:
            return text_format
    return {}


def _facets(text_format: Node) -> dict[str, str]:
    facets = {}
    for facet in FACETS:
        if text_format.get(facet) is not None:
            facets[facet] = str(text_format[facet])
    return facets


def _group_of(relationship: Node) -> str:
    """Group that a relationship names, empty where it names none."""
    if "group" in relationship:
        return _last_part(relationship["group"])
    for reference in relationship.get("attachmentGroups") or ():
        # An attribute of dimensions may travel with a group that has more of them.
        return _last_part(reference)
    return ""


def _attachment(relationship: Node) -> tuple[str, ...]:
    """Attachment of an attribute that names no group."""
    if "dimensions" in relationship:
        return tuple(map(_last_part, relationship["dimensions"]))
    if not relationship or _ON_OBSERVATION.intersection(relationship):
        return OBSERVATION
    return ()


def _last_part(reference: object) -> str:
    """Id at the end of a URN, or an id as it is."""
    return str(reference).rpartition(".")[2]


def _constraints(content: Node) -> Iterator[tuple[str, Constraint]]:
    """Pairs of the id of what is constrained and the constraint."""
    for key in ("dataConstraints", "contentConstraints"):
        for place, node in _each(content, key):
            role = node.get("role") or node.get("type")
            if str(role).lower() == "actual":
                continue
            with _at(place):
                regions = _regions(node)
                constraint = Constraint(node["id"], regions, _keys(node))
                subjects = list(_subjects(node))
            for subject in subjects:
                yield subject, constraint


def _subjects(constraint: Node) -> Iterator[str]:
    attachment = constraint.get("constraintAttachment") or {}
    for references in attachment.values():
        if not isinstance(references, list):
            continue
        for reference in references:
            # Data sets and sources have no URN: they are objects, and nothing read here.
            if isinstance(reference, str):
                yield of_urn(reference)


def _regions(constraint: Node) -> tuple[CubeRegion, ...]:
    return tuple(map(_region, constraint.get("cubeRegions", ())))


def _region(node: Node) -> CubeRegion:
    selections = {}
    for kind in ("keyValues", "components", "attributes"):
        for component in node.get(kind, ()):
            selections[component["id"]] = _selection(component)
    return CubeRegion(selections, _is_included(node))


def _keys(constraint: Node) -> tuple[CubeRegion, ...]:
    keys = []
    for key_set in constraint.get("dataKeySets", ()):
        for key in key_set.get("keys", ()):
            included = _is_included(key) and _is_included(key_set)
            keys.append(CubeRegion(_key_selections(key), included))
    return tuple(keys)


def _key_selections(key: Node) -> dict[str, Selection]:
    components = key.get("keyValues", ())
    return {component["id"]: _selection(component) for component in components}


def _is_included(node: Node) -> bool:
    include = node.get("include", node.get("isIncluded", True))
    return bool(include)


def _selection(node: Node) -> Selection:
    values = node.get("values")
    if values is None:
        values = [node["value"]] if "value" in node else []
    # SDMX-JSON 1.0 lists the values that cascade in a list of their own.
    cascading = node.get("cascadeValues") or ()
    pairs = [_value(value) for value in values if value not in cascading]
    pairs += [(str(value), "true") for value in cascading]
    included = _is_included(node)
    time_range = node.get("timeRange") or {}
    start = _bound(time_range, "startPeriod", "afterPeriod")
    end = _bound(time_range, "endPeriod", "beforePeriod")
    return Selection(tuple(pairs), included, start, end)


def _bound(time_range: Node, *keys: str) -> str:
    """Period of the first key that is there, empty where that side is open."""
    for key in keys:
        bound = time_range.get(key)
        if bound:
            return str(bound.get("period", ""))
    return ""


def _value(node: object) -> tuple[str, str]:
    """Pair of a selected value and how it cascades."""
    if isinstance(node, dict):
        value = node.get("value")
        return str(value), known_cascade(node.get("cascadeValues"))
    return str(node), ""
