"""Structure messages in SDMX-JSON 2.0."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import orjson

from ilms_sdmx.structures import facts
from ilms_sdmx.structures.urns import item_urn, urn

if TYPE_CHECKING:
    from sdmx.model.common import (
        BaseAnnotation,
        Categorisation,
        Category,
        Component,
        DataAttribute,
        HierarchicalCode,
        Item,
        ItemScheme,
        MaintainableArtefact,
        NameableArtefact,
        Representation,
    )
    from sdmx.model.v21 import ContentConstraint, DataStructureDefinition, Hierarchy

    from ilms_sdmx.structures.bundle import Bundle

SCHEMA = (
    "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/structure-message/tools/schemas/2.0.0/"
    "sdmx-json-structure-schema.json"
)
Json = dict[str, Any]


def write(bundle: Bundle, id: str, prepared: str) -> bytes:
    """Structure message as UTF-8 without white space."""
    meta = {
        "schema": SCHEMA,
        "id": id,
        "test": False,
        "prepared": prepared,
        "contentLanguages": list(facts.LANGUAGES),
        "sender": {"id": facts.OURS},
    }
    return orjson.dumps({"meta": meta, "data": _data(bundle)})


def _data(bundle: Bundle) -> Json:
    groups = {
        "dataStructures": [_structure(artefact) for artefact in bundle.structures],
        "categorySchemes": [
            _scheme(s, "categories", _categories(s)) for s in bundle.category_schemes
        ],
        "conceptSchemes": [
            _scheme(s, "concepts", [_concept(c) for c in s]) for s in bundle.concept_schemes
        ],
        "codelists": [_scheme(s, "codes", [_code(c, s) for c in s]) for s in bundle.codelists],
        "hierarchies": [_hierarchy(h) for lists in bundle.hierarchies for h in lists.hierarchy],
        "dataProviderSchemes": [
            _scheme(s, "dataProviders", map(_named, s)) for s in bundle.provider_schemes
        ],
        "dataflows": [
            _maintainable(f) | {"structure": str(urn(f.structure))} for f in bundle.dataflows
        ],
        "categorisations": [_categorisation(artefact) for artefact in bundle.categorisations],
        "dataConstraints": [_constraint(artefact) for artefact in bundle.constraints],
    }
    return {name: artefacts for name, artefacts in groups.items() if artefacts}


def _named(artefact: NameableArtefact) -> Json:
    found: Json = {
        "id": artefact.id,
        "name": str(artefact.name),
        "names": artefact.name.localizations,
    }
    if artefact.annotations:
        found["annotations"] = [_annotation(annotation) for annotation in artefact.annotations]
    return found


def _annotation(annotation: BaseAnnotation) -> Json:
    texts = annotation.text.localizations
    found = {
        "id": annotation.id,
        "title": annotation.title,
        "type": annotation.type,
        "texts": texts,
    }
    if texts:
        found["text"] = str(annotation.text)
    return {name: value for name, value in found.items() if value}


def _maintainable(artefact: MaintainableArtefact) -> Json:
    target = urn(artefact)
    return _named(artefact) | {"agencyID": target.agency, "version": target.version}


def _scheme(scheme: ItemScheme[Any], name: str, items: Iterable[Json]) -> Json:
    partial = {"isPartial": True} if scheme.is_partial else {}
    found = list(items)
    return _maintainable(scheme) | partial | ({name: found} if found else {})


def _code(code: Item[Any], codelist: ItemScheme[Any]) -> Json:
    parent = (
        {} if code.parent is None or code.parent is codelist else {"parent": code.parent.id}
    )
    return _named(code) | parent


def _concept(concept: Any) -> Json:
    return _named(concept) | _represented("coreRepresentation", concept.core_representation)


def _categories(parent: Any) -> list[Json]:
    children = (
        parent.child if hasattr(parent, "child") else [c for c in parent if c.parent is parent]
    )
    return [_category(child) for child in children]


def _category(category: Category) -> Json:
    below = _categories(category)
    return _named(category) | ({"categories": below} if below else {})


def _represented(name: str, representation: Representation | None) -> Json:
    if representation is None:
        return {}
    if representation.enumerated is not None:
        return {name: {"enumeration": str(urn(representation.enumerated))}}
    text_type = representation.non_enumerated[0].value_type
    kind = text_type.name if text_type else "string"
    return {name: {"format": {"dataType": kind[0].upper() + kind[1:]}}}


def _component(component: Component) -> Json:
    found: Json = {"id": component.id}
    if component.concept_identity is not None:
        found["conceptIdentity"] = str(item_urn(component.concept_identity))
    return found | _represented("localRepresentation", component.local_representation)


def _structure(artefact: DataStructureDefinition) -> Json:
    *keys, time = artefact.dimensions.components
    dimensions = [_component(d) | {"position": place} for place, d in enumerate(keys)]
    components = {
        "dimensionList": {
            "id": "DimensionDescriptor",
            "dimensions": dimensions,
            "timeDimension": _component(time),
        },
        "measureList": {
            "id": "MeasureDescriptor",
            "measures": [_component(m) for m in artefact.measures.components],
        },
        "attributeList": {
            "id": "AttributeDescriptor",
            "attributes": [_attribute(a) for a in artefact.attributes.components],
        },
    }
    return _maintainable(artefact) | {"dataStructureComponents": components}


def _attribute(attribute: DataAttribute) -> Json:
    dimensions = getattr(attribute.related_to, "dimensions", None)
    relation: Json = (
        {"dimensions": [d.id for d in dimensions]} if dimensions else {"observation": {}}
    )
    return _component(attribute) | {"attributeRelationship": relation}


def _categorisation(artefact: Categorisation) -> Json:
    ends = {"source": str(urn(artefact.artefact)), "target": str(item_urn(artefact.category))}  # type: ignore[arg-type]
    return _maintainable(artefact) | ends


def _constraint(artefact: ContentConstraint) -> Json:
    targets = [str(urn(target)) for target in artefact.content]  # type: ignore[arg-type]
    regions = [
        {
            "include": True,
            "keyValues": [
                {
                    "id": component.id,
                    "values": [{"value": value.value} for value in selection.values],
                }
                for component, selection in region.member.items()
            ],
        }
        for region in artefact.data_content_region
    ]
    rest = {
        "role": "Allowed",
        "constraintAttachment": {"dataflows": targets},
        "cubeRegions": regions,
    }
    return _maintainable(artefact) | rest


def _hierarchy(hierarchy: Hierarchy) -> Json:
    identity = {"id": f"H_{hierarchy.id}", "agencyID": facts.OURS, "version": facts.VERSION}
    codes = [_hierarchical_code(code) for code in hierarchy.codes.values()]
    return _named(hierarchy) | identity | {"hasFormalLevels": False, "hierarchicalCodes": codes}


def _hierarchical_code(code: HierarchicalCode) -> Json:
    below = [_hierarchical_code(child) for child in code.child]
    found = {"id": code.id, "code": str(item_urn(code.code))}  # type: ignore[arg-type]
    return found | ({"hierarchicalCodes": below} if below else {})
