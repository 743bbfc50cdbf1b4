"""Relations of artefacts: what each refers to, what refers to it, and parts of schemes."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ilms_sdmx.structures.urns import urn


@dataclass
class Relations:
    """References among artefacts, by the URN of each.

    Parameters
    ----------
    artefacts
        Artefacts by their URN, in order.
    children, parents
        URNs that each refers to, and of those that refer to it.
    """

    artefacts: dict[str, Any] = field(default_factory=dict)
    children: dict[str, list[str]] = field(default_factory=dict)
    parents: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, artefacts: Iterable[Any]) -> Relations:
        """Relations of some artefacts; what they refer to outside of them is left out."""
        relations = cls({str(urn(artefact)): artefact for artefact in artefacts})
        for name, artefact in relations.artefacts.items():
            found = []
            for target in _targets(artefact):
                if target in relations.artefacts and target != name:
                    found.append(target)
                    relations.parents.setdefault(target, []).append(name)
            relations.children[name] = found
        return relations

    def related(self, names: Iterable[str], reference: str) -> list[str]:
        """URNs that a kind of reference adds to some artefacts.

        `reference` is `children`, `descendants`, `parents`, `parentsandsiblings`, `ancestors`
        or `all`.
        """
        start = list(names)
        above = _next(start, self.parents)
        siblings = [*above, *_next(above, self.children)]
        match reference:
            case "children":
                found = _next(start, self.children)
            case "descendants":
                found = _closure(start, self.children)
            case "parents":
                found = above
            case "parentsandsiblings":
                found = siblings
            case "ancestors":
                found = _closure(start, self.parents)
            case _:
                found = [*siblings, *_closure(start, self.children)]
        return [name for name in dict.fromkeys(found) if name not in start]


def _next(names: Iterable[str], links: Mapping[str, list[str]]) -> list[str]:
    """URNs one step away."""
    found: list[str] = []
    for name in names:
        found += links.get(name, ())
    return list(dict.fromkeys(found))


def _closure(names: Iterable[str], links: Mapping[str, list[str]]) -> list[str]:
    """URNs any number of steps away."""
    found: dict[str, None] = {}
    edge = list(names)
    while edge:
        edge = [name for name in _next(edge, links) if name not in found]
        found.update(dict.fromkeys(edge))
    return list(found)


def _targets(artefact: Any) -> list[str]:
    """URNs that an artefact refers to."""
    readers: dict[str, Callable[[Any], Iterable[Any]]] = {
        "DataflowDefinition": lambda flow: [flow.structure],
        "DataStructureDefinition": _of_structure,
        "ConceptScheme": _of_concepts,
        "Categorisation": lambda held: [held.artefact, held.category.get_scheme()],
        "ContentConstraint": lambda constraint: constraint.content,
        "HierarchicalCodelist": _of_hierarchies,
        "ProvisionAgreement": lambda agreement: [
            agreement.structure_usage,
            agreement.data_provider.get_scheme(),
        ],
    }
    reader = readers.get(type(artefact).__name__)
    if reader is None:
        return []
    names = [str(urn(target)) for target in reader(artefact)]
    return list(dict.fromkeys(names))


def components_of(structure: Any) -> list[Any]:
    """All components of a data structure definition."""
    parts = (structure.dimensions, structure.measures, structure.attributes)
    components: list[Any] = []
    for part in parts:
        components += part.components
    return components


def list_of(component: Any) -> Any:
    """Codelist of a component or of its concept, None where it has none."""
    representation = component.local_representation
    if representation is None and component.concept_identity is not None:
        representation = component.concept_identity.core_representation
    return None if representation is None else representation.enumerated


def _of_structure(structure: Any) -> list[Any]:
    targets = []
    for component in components_of(structure):
        codelist = list_of(component)
        if codelist is not None:
            targets.append(codelist)
        if component.concept_identity is not None:
            targets.append(component.concept_identity.get_scheme())
    return targets


def _of_concepts(scheme: Any) -> list[Any]:
    targets = []
    for concept in scheme:
        representation = concept.core_representation
        if representation is not None and representation.enumerated is not None:
            targets.append(representation.enumerated)
    return targets


def _of_hierarchies(codelist: Any) -> list[Any]:
    targets = []
    edge: list[Any] = []
    for hierarchy in codelist.hierarchy:
        edge += hierarchy.codes.values()
    while edge:
        code = edge.pop()
        targets.append(code.code.get_scheme())
        edge += code.child
    return targets


def cut(scheme: Any, wanted: Iterable[str], *, above: bool = True) -> Any:
    """Scheme with some of its items, and with `above` those above them; None for none.

    `wanted` are ids, of categories also with their path: `MST.MST_1`.
    """
    ids = frozenset(wanted)
    if type(scheme).__name__ == "CategoryScheme":
        return _cut_categories(scheme, ids)
    kept = set(ids)
    if above:
        for item in scheme:
            if item.id in ids:
                kept.update(_above(item))
    items = {id: item for id, item in scheme.items.items() if id in kept}
    if not items:
        return None
    if len(items) == len(scheme.items):
        return scheme
    part = copy.copy(scheme)
    part.items = items
    part.is_partial = True
    return part


def _above(item: Any) -> list[str]:
    """Ids of the items above an item."""
    ids = []
    parent = item.parent
    while parent is not None and type(parent) is type(item):
        ids.append(parent.id)
        parent = parent.parent
    return ids


def _cut_categories(scheme: Any, wanted: frozenset[str]) -> Any:
    """Scheme with some categories and those that they are in."""
    part = copy.copy(scheme)
    part.items = {}
    part.is_partial = True
    for category in scheme:
        if category.parent is scheme:
            kept = _category(category, wanted)
            if kept is not None:
                part.append(kept)
    return part if part.items else None


def _category(category: Any, wanted: frozenset[str]) -> Any:
    """Category with those below it that are wanted; None where none of them is."""
    below = []
    for child in category.child:
        kept = _category(child, wanted)
        if kept is not None:
            below.append(kept)
    is_wanted = category.id in wanted or category.hierarchical_id in wanted
    if not below and not is_wanted:
        return None
    made = type(category)(
        id=category.id, name=category.name, annotations=list(category.annotations)
    )
    for child in below:
        made.append_child(child)
    return made
