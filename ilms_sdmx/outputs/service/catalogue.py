"""Structures that the service has, and those that a request names with what they refer to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cache
from typing import TYPE_CHECKING, Any

from ilms_sdmx.errors import RequestError
from ilms_sdmx.outputs.service.requests import Request
from ilms_sdmx.structures import bundle
from ilms_sdmx.structures.bundle import Bundle

if TYPE_CHECKING:
    from sdmx.model.v21 import DataStructureDefinition

#: Type of artefact as an address names it to the part of a bundle that holds it.
TYPES = {
    "dataflow": "dataflows",
    "datastructure": "structures",
    "codelist": "codelists",
    "conceptscheme": "concept_schemes",
    "categoryscheme": "category_schemes",
    "categorisation": "categorisations",
    "dataproviderscheme": "provider_schemes",
    "contentconstraint": "constraints",
    "allowedconstraint": "constraints",
    "dataconstraint": "constraints",
    "hierarchicalcodelist": "hierarchies",
    "hierarchy": "hierarchies",
}
#: Types of the standard of which this service has none.
_LACKING = """
actualconstraint agencyscheme attachmentconstraint availabilityconstraint categoryschememap
conceptschememap customtypescheme dataconsumerscheme geocodelist geogridcodelist
hierarchyassociation metadataconstraint metadataflow metadataprovideragreement
metadataproviderscheme metadataprovisionagreement metadatastructure namepersonalisationscheme
organisationscheme organisationschememap organisationunitscheme process provisionagreement
reportingtaxonomy reportingtaxonomymap representationmap rulesetscheme structuremap structureset
transformationscheme userdefinedoperatorscheme valuelist vtlmappingscheme
"""
LACKING = frozenset(_LACKING.split())
_REFERENCES = (
    *("none", "children", "descendants", "parents", "parentsandsiblings", "ancestors", "all"),
    *TYPES,
)


@dataclass(frozen=True)
class Selection(Bundle):
    """Artefacts of an answer; data structures may be there without their dataflow.

    Parameters
    ----------
    alone
        Data structures.
    """

    alone: tuple[DataStructureDefinition, ...] = ()

    @property
    def structures(self) -> tuple[DataStructureDefinition, ...]:
        """Data structure definitions of the answer, and none because of a dataflow."""
        return self.alone


@cache
def everything() -> Bundle:
    """All structures of the package."""
    return bundle.whole()


def selected(request: Request) -> Selection | None:
    """Artefacts that a request for structures names; None where there are none.

    Raises
    ------
    RequestError
        There is no such type, or it asks for what is not implemented.
    """
    kinds = _kinds(request.context)
    detail = request.option("detail", "full")
    if detail not in ("full", "raw", "referencepartial", "referencestubs"):
        raise RequestError(501, f"detail={detail[:40]} is not implemented: leave it out")
    references = request.option("references", "none")
    if references not in _REFERENCES and references not in LACKING:
        known = ", ".join(_REFERENCES)
        raise RequestError(400, f"expected references={known}, found {references[:40]!r}")
    if request.component:
        raise RequestError(501, "single items are not implemented: ask for the whole scheme")
    parts: dict[str, list[Any]] = {}
    for kind in kinds:
        parts[kind] = _named(kind, request)
    if not any(parts.values()):
        return None
    _add_references(parts, references)
    return _selection(parts)


def _kinds(context: str) -> tuple[str, ...]:
    """Parts of the bundle that a type of artefact names; all for a wildcard.

    Raises
    ------
    RequestError
        404: there is no such type.
    """
    if context in ("*", "", "structure"):
        return tuple(dict.fromkeys(TYPES.values()))
    kinds = []
    for word in context.split(","):
        if word in TYPES:
            kinds.append(TYPES[word])
        elif word not in LACKING:
            known = ", ".join(TYPES)
            raise RequestError(404, f"expected a type of {known}, found {word[:40]!r}")
    return tuple(kinds)


def _named(kind: str, request: Request) -> list[Any]:
    """Artefacts of one kind that a request names."""
    named = []
    for artefact in getattr(everything(), kind):
        agency = artefact.maintainer.id if artefact.maintainer else ""
        if request.reference.names(agency, str(artefact.id), str(artefact.version)):
            named.append(artefact)
    return named


def _add_references(parts: dict[str, list[Any]], references: str) -> None:
    """Add what the artefacts refer to, and what refers to them."""
    if references == "none":
        return
    goes_up = references in ("parents", "parentsandsiblings", "ancestors", "all")
    if goes_up:
        _add_parents(parts)
    if references in ("children", "descendants", "parentsandsiblings", "all"):
        _add_children(parts)
    elif references in TYPES:
        named = {kind: list(found) for kind, found in parts.items()}
        _add_parents(named)
        _add_children(named)
        kind = TYPES[references]
        parts[kind] = _once([*parts.get(kind, ()), *named.get(kind, ())])


def _add_children(parts: dict[str, list[Any]]) -> None:
    """Add data structures of dataflows, and lists and concepts of data structures."""
    whole = everything()
    flows = parts.get("dataflows", ())
    structures = [*parts.get("structures", ()), *(flow.structure for flow in flows)]
    parts["structures"] = _once(structures)
    ids = set()
    for structure in parts["structures"]:
        for component in _components(structure):
            ids.add(_list_of(component))
    lists = [each for each in whole.codelists if each.id in ids]
    parts["codelists"] = _once([*parts.get("codelists", ()), *lists])
    if parts["structures"]:
        concepts = whole.concept_schemes
        parts["concept_schemes"] = _once([*parts.get("concept_schemes", ()), *concepts])


def _add_parents(parts: dict[str, list[Any]]) -> None:
    """Add what refers to the artefacts: dataflows of structures, structures of lists."""
    whole = everything()
    lists = {each.id for each in parts.get("codelists", ())}
    using = []
    if lists:
        for structure in whole.structures:
            if any(_list_of(each) in lists for each in _components(structure)):
                using.append(structure)
    parts["structures"] = _once([*parts.get("structures", ()), *using])
    ids = {each.id for each in parts["structures"]}
    flows = [each for each in whole.dataflows if each.structure.id in ids]
    parts["dataflows"] = _once([*parts.get("dataflows", ()), *flows])
    own = {each.id for each in parts["dataflows"]}
    constraints = [each for each in whole.constraints if each.id.removeprefix("CC_") in own]
    parts["constraints"] = _once([*parts.get("constraints", ()), *constraints])
    categorisations = [each for each in whole.categorisations if _id_of(each) in own]
    parts["categorisations"] = _once([*parts.get("categorisations", ()), *categorisations])


def _id_of(categorisation: Any) -> str:
    """Id of the artefact that a categorisation puts into a category."""
    return str(categorisation.artefact.id)


def _components(structure: Any) -> list[Any]:
    return [*structure.dimensions.components, *structure.attributes.components]


def _list_of(component: Any) -> str:
    """Id of the codelist of a component; empty for none."""
    representation = component.local_representation
    if representation is None or representation.enumerated is None:
        return ""
    return str(representation.enumerated.id)


def _once(artefacts: Iterable[Any]) -> list[Any]:
    """Artefacts, each once, in their order."""
    return list({id(each): each for each in artefacts}.values())


def _selection(parts: dict[str, list[Any]]) -> Selection:
    given = {}
    for field in fields(Bundle):
        given[field.name] = tuple(parts.get(field.name, ()))
    return Selection(**given, alone=tuple(parts.get("structures", ())))
