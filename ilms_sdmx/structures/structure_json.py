"""Structure messages in SDMX-JSON 2.0 and 2.1."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson

from ilms_sdmx.structures import facts
from ilms_sdmx.structures.urns import item_urn, urn

if TYPE_CHECKING:
    from sdmx.model.common import (
        AgencyScheme,
        BaseAnnotation,
        Categorisation,
        Category,
        CategoryScheme,
        Codelist,
        Component,
        ConceptScheme,
        CubeRegion,
        DataAttribute,
        DataProviderScheme,
        HierarchicalCode,
        Item,
        ItemScheme,
        MaintainableArtefact,
        NameableArtefact,
        ProvisionAgreement,
        Representation,
    )
    from sdmx.model.v21 import (
        ContentConstraint,
        DataflowDefinition,
        DataStructureDefinition,
        Hierarchy,
    )

    from ilms_sdmx.structures.bundle import Bundle

#: Schema that a message of each version names.
SCHEMAS = {
    "2.0": "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/"
    "structure-message/tools/"
    "schemas/2.0.0/sdmx-json-structure-schema.json",
    "2.1": "https://json.sdmx.org/2.1/sdmx-json-structure-schema.json",
}
Json = dict[str, Any]


def write(bundle: Bundle, version: str, id: str, prepared: str) -> bytes:
    """Structure message as UTF-8 without white space."""
    languages = list(facts.LANGUAGES)
    sender = {"id": facts.OURS}
    meta = {
        "schema": SCHEMAS[version],
        "id": id,
        "test": False,
        "prepared": prepared,
        "contentLanguages": languages,
        "sender": sender,
    }
    message = {"meta": meta, "data": _data(bundle, version)}
    return orjson.dumps(message)


def _data(bundle: Bundle, version: str) -> Json:
    """Artefacts by their kind; kinds of which there is none are left out."""
    constraint = partial(_constraint, version)
    hierarchies: list[Hierarchy] = []
    for codelist in bundle.hierarchies:
        hierarchies += codelist.hierarchy
    kinds: dict[str, tuple[Callable[[Any], Json], Iterable[Any]]] = {
        "dataStructures": (_structure, bundle.structures),
        "categorySchemes": (_category_scheme, bundle.category_schemes),
        "conceptSchemes": (_concept_scheme, bundle.concept_schemes),
        "codelists": (_codelist, bundle.codelists),
        "hierarchies": (_hierarchy, hierarchies),
        "agencySchemes": (_agency_scheme, bundle.agency_schemes),
        "dataProviderSchemes": (_provider_scheme, bundle.provider_schemes),
        "dataflows": (_dataflow, bundle.dataflows),
        "categorisations": (_categorisation, bundle.categorisations),
        "dataConstraints": (constraint, bundle.constraints),
        "provisionAgreements": (_agreement, bundle.agreements),
    }
    data = {}
    for kind, (write_artefact, artefacts) in kinds.items():
        written = []
        for artefact in artefacts:
            is_stub = bundle.is_stub(artefact)
            if is_stub:
                written.append(_stub(artefact, is_complete=bundle.stubs_are_complete))
            else:
                written.append(write_artefact(artefact))
        if written:
            data[kind] = written
    return data


def _stub(artefact: Any, *, is_complete: bool) -> Json:
    """Artefact of which only identity and name are told."""
    stub = _identity(artefact) if hasattr(artefact, "codes") else _maintainable(artefact)
    if not is_complete:
        stub.pop("annotations", None)
    return stub | {"isExternalReference": True}


def _category_scheme(scheme: CategoryScheme) -> Json:
    return _scheme(scheme, "categories", _categories(scheme))


def _concept_scheme(scheme: ConceptScheme) -> Json:
    return _scheme(scheme, "concepts", map(_concept, scheme))


def _codelist(codelist: Codelist) -> Json:
    return _scheme(codelist, "codes", map(_code, codelist))


def _agency_scheme(scheme: AgencyScheme) -> Json:
    return _scheme(scheme, "agencies", map(_named, scheme))


def _agreement(artefact: ProvisionAgreement) -> Json:
    dataflow = str(urn(artefact.structure_usage))  # type: ignore[arg-type]
    provider = str(item_urn(artefact.data_provider))  # type: ignore[arg-type]
    return _maintainable(artefact) | {"dataflow": dataflow, "dataProvider": provider}


def _provider_scheme(scheme: DataProviderScheme) -> Json:
    return _scheme(scheme, "dataProviders", map(_named, scheme))


def _dataflow(dataflow: DataflowDefinition) -> Json:
    structure = str(urn(dataflow.structure))
    return _maintainable(dataflow) | {"structure": structure}


def _named(artefact: NameableArtefact) -> Json:
    name = str(artefact.name)
    named: Json = {
        "id": artefact.id,
        "name": name,
        "names": artefact.name.localizations,
    }
    if artefact.annotations:
        named["annotations"] = list(map(_annotation, artefact.annotations))
    return named


def _annotation(annotation: BaseAnnotation) -> Json:
    """Annotation with those of its parts that are not empty."""
    texts = annotation.text.localizations
    text = str(annotation.text) if texts else ""
    parts: Json = {"id": annotation.id, "title": annotation.title, "type": annotation.type}
    parts["texts"] = texts
    parts["text"] = text
    return {name: value for name, value in parts.items() if value}


def _maintainable(artefact: MaintainableArtefact) -> Json:
    target = urn(artefact)
    return _named(artefact) | {"agencyID": target.agency, "version": target.version}


def _scheme(scheme: ItemScheme[Any], name: str, items: Iterable[Json]) -> Json:
    found = _maintainable(scheme)
    if scheme.is_partial:
        found["isPartial"] = True
    listed_items = list(items)
    if listed_items:
        found[name] = listed_items
    return found


def _code(code: Item[Any]) -> Json:
    item = _named(code)
    if type(code.parent) is type(code):
        item["parent"] = code.parent.id
    return item


def _concept(concept: Any) -> Json:
    return _named(concept) | _represented("coreRepresentation", concept.core_representation)


def _categories(parent: Any) -> list[Json]:
    """Categories directly below a scheme or a category."""
    children = getattr(parent, "child", None)
    if children is None:
        children = [category for category in parent if category.parent is parent]
    return list(map(_category, children))


def _category(category: Category) -> Json:
    item = _named(category)
    below = _categories(category)
    if below:
        item["categories"] = below
    return item


def _represented(name: str, representation: Representation | None) -> Json:
    """Representation of a component under a name; nothing where there is none."""
    if representation is None:
        return {}
    if representation.enumerated is not None:
        codelist = str(urn(representation.enumerated))
        return {name: {"enumeration": codelist}}
    text_type = representation.non_enumerated[0].value_type
    kind = text_type.name if text_type else "string"
    data_type = kind[0].upper() + kind[1:]
    return {name: {"format": {"dataType": data_type}}}


def _component(component: Component) -> Json:
    found: Json = {"id": component.id}
    if component.concept_identity is not None:
        found["conceptIdentity"] = str(item_urn(component.concept_identity))
    return found | _represented("localRepresentation", component.local_representation)


def _structure(artefact: DataStructureDefinition) -> Json:
    """Data structure definition; the last dimension is that of time."""
    *keys, time = artefact.dimensions.components
    dimensions = []
    for position, key in enumerate(keys):
        dimension = _component(key)
        dimension["position"] = position
        dimensions.append(dimension)
    dimension_list: Json = {"id": "DimensionDescriptor", "dimensions": dimensions}
    dimension_list["timeDimension"] = _component(time)
    measures = list(map(_component, artefact.measures.components))
    attributes = list(map(_attribute, artefact.attributes.components))
    components: Json = {"dimensionList": dimension_list}
    components["measureList"] = {"id": "MeasureDescriptor", "measures": measures}
    components["attributeList"] = {"id": "AttributeDescriptor", "attributes": attributes}
    return _maintainable(artefact) | {"dataStructureComponents": components}


def _attribute(attribute: DataAttribute) -> Json:
    relation: Json = {"observation": {}}
    dimensions = getattr(attribute.related_to, "dimensions", None)
    if dimensions:
        relation = {"dimensions": [dimension.id for dimension in dimensions]}
    return _component(attribute) | {"attributeRelationship": relation}


def _categorisation(artefact: Categorisation) -> Json:
    source = str(urn(artefact.artefact))  # type: ignore[arg-type]
    target = str(item_urn(artefact.category))  # type: ignore[arg-type]
    return _maintainable(artefact) | {"source": source, "target": target}


def _constraint(version: str, artefact: ContentConstraint) -> Json:
    """Constraint of dataflows to the codes of its regions.

    Version 2.0 asks for its role; 2.1 has none, for it keeps allowed and actual content apart.
    """
    targets = [str(urn(target)) for target in artefact.content]  # type: ignore[arg-type]
    regions = list(map(_region, artefact.data_content_region))
    content = _maintainable(artefact)
    if version == "2.0":
        content["role"] = "Allowed"
    content["constraintAttachment"] = {"dataflows": targets}
    content["cubeRegions"] = regions
    return content


def _region(region: CubeRegion) -> Json:
    key_values = []
    for component, selection in region.member.items():
        values = [{"value": value.value} for value in selection.values]
        key_values.append({"id": component.id, "values": values})
    return {"include": True, "keyValues": key_values}


def _hierarchy(hierarchy: Hierarchy) -> Json:
    """Hierarchy with its codes."""
    codes = list(map(_hierarchical_code, hierarchy.codes.values()))
    content = _identity(hierarchy)
    content["hasFormalLevels"] = False
    content["hierarchicalCodes"] = codes
    return content


def _identity(hierarchy: Hierarchy) -> Json:
    """Identity of a hierarchy, which is an artefact of its own here."""
    content = _named(hierarchy)
    content["id"] = f"H_{hierarchy.id}"
    content["agencyID"] = facts.OURS
    content["version"] = facts.VERSION
    return content


def _hierarchical_code(code: HierarchicalCode) -> Json:
    target = str(item_urn(code.code))  # type: ignore[arg-type]
    item: Json = {"id": code.id, "code": target}
    if code.child:
        item["hierarchicalCodes"] = list(map(_hierarchical_code, code.child))
    return item
