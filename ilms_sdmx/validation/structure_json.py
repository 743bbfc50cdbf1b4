"""Structure messages in SDMX-JSON 1.0 and 2.x, read to the same definitions as those in XML."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ilms_sdmx.datasets import OBSERVATION
from ilms_sdmx.errors import MessageError
from ilms_sdmx.validation.definitions import Constraint, Definition, Field, Region, Selection
from ilms_sdmx.validation.structure_messages import StructureMessage, of_urn

Node = Mapping[str, Any]
_FACETS = ("minLength", "maxLength", "minValue", "maxValue", "decimals", "pattern")


def read_json_structures(data: bytes, name: str = "structure message") -> StructureMessage:
    """Definitions of an SDMX-JSON structure message's bytes.

    Raises
    ------
    MessageError
        The bytes are no JSON, or no structure message.
    """
    try:
        content = json.loads(data)["data"]
        concepts = {
            _id(s) + f".{c['id']}": c
            for s in content.get("conceptSchemes", ())
            for c in s["concepts"]
        }
        lists = {
            _id(c): _codes(c)
            for part in ("codelists", "valueLists")
            for c in content.get(part, ())
        }
        structures = [
            _definition(s, lists, concepts) for s in content.get("dataStructures", ())
        ]
        flows = {_id(f): of_urn(f.get("structure", "")) for f in content.get("dataflows", ())}
        constraints = tuple(_constraints(content))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise MessageError(
            f"{name}: expected an SDMX-JSON structure message, found {error!r}"
        ) from None
    return StructureMessage({s.id: s for s in structures}, flows, constraints)


def _id(node: Node) -> str:
    return f"{node.get('agencyID', '')}:{node['id']}({node.get('version', '1.0')})"


def _codes(node: Node) -> dict[str, str]:
    items = node.get("codes") or node.get("valueItems") or ()
    return {code["id"]: code.get("parent") or "" for code in items}


def _definition(
    node: Node, lists: Mapping[str, Any], concepts: Mapping[str, Node]
) -> Definition:
    parts = node.get("dataStructureComponents") or {}
    groups = {g["id"]: tuple(g.get("groupDimensions", ())) for g in parts.get("groups", ())}
    fields = {}
    for role, component in _components(parts):
        field = _field(role, component, lists, concepts, groups)
        fields[field.id] = field
    return Definition(_id(node), fields, groups=groups)


def _components(parts: Node) -> Iterator[tuple[str, Node]]:
    dimensions = parts.get("dimensionList") or {}
    for dimension in sorted(
        dimensions.get("dimensions", ()), key=lambda d: d.get("position", 0)
    ):
        yield "dimension", dimension
    times = dimensions.get("timeDimensions") or [dimensions.get("timeDimension")]
    yield from (("time", time) for time in times if time)
    measures = parts.get("measureList") or {}
    for measure in measures.get("measures") or [measures.get("primaryMeasure")]:
        if measure:
            yield "measure", measure
    for attribute in (parts.get("attributeList") or {}).get("attributes", ()):
        yield "attribute", attribute


def _field(
    role: str,
    node: Node,
    lists: Mapping[str, Mapping[str, str]],
    concepts: Mapping[str, Node],
    groups: Mapping[str, tuple[str, ...]],
) -> Field:
    concept = concepts.get(of_urn(node.get("conceptIdentity", "")), {})
    shown = node.get("localRepresentation") or concept.get("coreRepresentation") or {}
    codelist = of_urn(shown.get("enumeration", ""))
    related = node.get("attributeRelationship") or {}
    text = (
        shown.get("format") or shown.get("textFormat") or shown.get("enumerationFormat") or {}
    )
    return Field(
        node["id"],
        role,
        codelist=codelist.partition(":")[2].partition("(")[0],
        codes=lists.get(codelist) or None,
        text_type=str(text.get("dataType") or text.get("textType") or ""),
        facets={f: str(text[f]) for f in _FACETS if text.get(f) is not None},
        mandatory=str(node.get("usage") or node.get("assignmentStatus")).lower() == "mandatory",
        attachment=_attachment(related, groups) if role == "attribute" else (),
    )


def _attachment(node: Node, groups: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    if "group" in node:
        return groups.get(str(node["group"]).rpartition(".")[2], ())
    if "dimensions" in node:
        return tuple(str(d).rpartition(".")[2] for d in node["dimensions"])
    return (
        ()
        if node and not {"observation", "primaryMeasure", "measures"} & set(node)
        else OBSERVATION
    )


def _constraints(content: Node) -> Iterator[tuple[str, Constraint]]:
    for node in (*content.get("dataConstraints", ()), *content.get("contentConstraints", ())):
        if str(node.get("role") or node.get("type") or "Allowed").lower() == "actual":
            continue
        regions = tuple(_region(r) for r in node.get("cubeRegions", ()))
        keys = tuple(_key(k, s) for s in node.get("dataKeySets", ()) for k in s.get("keys", ()))
        for subjects in (node.get("constraintAttachment") or {}).values():
            for subject in subjects if isinstance(subjects, list) else ():
                yield of_urn(subject), Constraint(node["id"], regions, keys)


def _included(node: Node) -> bool:
    return bool(node.get("include", node.get("isIncluded", True)))


def _region(node: Node) -> Region:
    chosen = (
        *node.get("keyValues", ()),
        *node.get("components", ()),
        *node.get("attributes", ()),
    )
    return Region({c["id"]: _selection(c) for c in chosen}, _included(node))


def _key(node: Node, keyset: Node) -> Region:
    included = _included(node) and _included(keyset)
    return Region({c["id"]: _selection(c) for c in node.get("keyValues", ())}, included)


def _selection(node: Node) -> Selection:
    values = node.get("values", [node["value"]] if "value" in node else [])
    pairs = tuple(
        (str(v.get("value")), _cascade(v.get("cascadeValues")))
        if isinstance(v, dict)
        else (str(v), "")
        for v in values
    )
    span = node.get("timeRange") or {}
    start = span.get("startPeriod") or span.get("afterPeriod") or {}
    end = span.get("endPeriod") or span.get("beforePeriod") or {}
    return Selection(
        pairs, _included(node), str(start.get("period", "")), str(end.get("period", ""))
    )


def _cascade(value: object) -> str:
    text = str(value).lower()
    return text if text in ("true", "excluderoot") else ""
