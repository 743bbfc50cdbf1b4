"""Structures that the service has, and those that a request names with what they refer to."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from ilms_sdmx.errors import RequestError
from ilms_sdmx.outputs.exchange.registration import Provider
from ilms_sdmx.outputs.service.agreements import agency_scheme, provisions
from ilms_sdmx.outputs.service.references import Reference
from ilms_sdmx.outputs.service.relations import Relations, components_of, cut, list_of
from ilms_sdmx.outputs.service.requests import Request
from ilms_sdmx.structures import bundle, constraints, indicators
from ilms_sdmx.structures.bundle import Bundle
from ilms_sdmx.structures.urns import urn

if TYPE_CHECKING:
    from sdmx.model.v21 import DataStructureDefinition

#: Type of artefact as an address names it to the parts of a bundle that hold it.
TYPES = {
    "dataflow": ("dataflows",),
    "datastructure": ("structures",),
    "codelist": ("codelists",),
    "conceptscheme": ("concept_schemes",),
    "categoryscheme": ("category_schemes",),
    "categorisation": ("categorisations",),
    "agencyscheme": ("agency_schemes",),
    "dataproviderscheme": ("provider_schemes",),
    "organisationscheme": ("agency_schemes", "provider_schemes"),
    "contentconstraint": ("constraints",),
    "allowedconstraint": ("constraints",),
    "dataconstraint": ("constraints",),
    "hierarchicalcodelist": ("hierarchies",),
    "hierarchy": ("hierarchies",),
    "provisionagreement": ("agreements",),
}
#: Parts of a bundle but for its data structures, which are those of its dataflows.
_PARTS = (
    *("codelists", "concept_schemes", "dataflows", "constraints", "category_schemes"),
    *("categorisations", "provider_schemes", "hierarchies", "agency_schemes", "agreements"),
)
_DATAFLOW = "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow="
#: Types of the standard of which this service has none.
_LACKING = """
actualconstraint attachmentconstraint availabilityconstraint categoryschememap
conceptschememap customtypescheme dataconsumerscheme geocodelist geogridcodelist
hierarchyassociation metadataconstraint metadataflow metadataprovideragreement
metadataproviderscheme metadataprovisionagreement metadatastructure namealiasscheme
namepersonalisationscheme organisationschememap organisationunitscheme process
reportingtaxonomy reportingtaxonomymap representationmap rulesetscheme structuremap structureset
transformationscheme userdefinedoperatorscheme valuelist vtlmappingscheme
"""
LACKING = frozenset(_LACKING.split())
#: Types whose artefacts are schemes of items.
_SCHEMES = (
    *("codelists", "concept_schemes", "category_schemes", "agency_schemes"),
    "provider_schemes",
)
_DETAILS = (
    *("full", "raw", "allstubs", "allcompletestubs", "referencestubs"),
    *("referencecompletestubs", "referencepartial"),
)
_WAYS = ("children", "descendants", "parents", "parentsandsiblings", "ancestors", "all")


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
    def is_empty(self) -> bool:
        """Whether there is nothing."""
        return not self.alone and not any(getattr(self, part) for part in _PARTS)

    @property
    def structures(self) -> tuple[DataStructureDefinition, ...]:
        """Data structure definitions of the answer, and none because of a dataflow."""
        return self.alone


class Catalogue:
    """All structures of the service, with what they refer to.

    Parameters
    ----------
    provider
        Office whose figures these are, None where it is not told.
    dataflows
        Dataflows with figures, for which the office has agreements.
    """

    def __init__(self, provider: Provider | None = None, dataflows: Sequence[str] = ()) -> None:
        whole = everything()
        schemes, agreements = provisions(whole, provider, dataflows)
        parts: dict[str, Sequence[Any]] = {}
        for part in _PARTS:
            parts[part] = getattr(whole, part)
        parts["provider_schemes"] = (*whole.provider_schemes, *schemes)
        parts["agreements"] = agreements
        parts["agency_schemes"] = (agency_scheme(provider),)
        parts["structures"] = whole.structures
        self._parts = parts
        artefacts: list[Any] = []
        self._part_of: dict[str, str] = {}
        for part, held in parts.items():
            artefacts += held
            for artefact in held:
                self._part_of[str(urn(artefact))] = part
        self._relations = Relations.of(artefacts)

    @property
    def agreements(self) -> Sequence[Any]:
        """Provision agreements of the office, of the dataflows that have figures."""
        return self._parts["agreements"]

    def title_of(self, dataflow: str) -> str:
        """Name of a dataflow in English, empty where it is none of the package."""
        found = self._relations.artefacts.get(f"{_DATAFLOW}{dataflow}")
        return "" if found is None else str(found.name.localizations.get("en", ""))

    def selected(self, request: Request) -> Selection | None:
        """Artefacts that a request for structures names; None where there are none.

        Raises
        ------
        RequestError
            There is no such type, or it asks for what is not implemented.
        """
        kinds = _kinds(request.context)
        detail = _detail(request)
        references = _references(request)
        named = self._named(kinds, request)
        if not named:
            return None
        return self._with_others(named, detail, references)

    def of_dataflow(self, dataflow: str, references: Sequence[str]) -> Selection:
        """Artefacts of some types, or all, that a dataflow uses, and itself for its type."""
        name = f"{_DATAFLOW}{dataflow}"
        flow = self._relations.artefacts.get(name)
        parts: dict[str, list[Any]] = {}
        if flow is None:
            return _selection(parts, frozenset(), is_complete=False)
        wanted: set[str] = set()
        for reference in references:
            wanted.update(TYPES.get(reference, _PARTS if reference == "all" else ()))
        if "all" in references:
            wanted.add("structures")
        for each in (name, *self._relations.related([name], "descendants")):
            part = self._part_of[each]
            if part in wanted:
                parts.setdefault(part, []).append(self._relations.artefacts[each])
        return _selection(parts, frozenset(), is_complete=False)

    def definition(self, request: Request) -> Any:
        """Dataflow, data structure or agreement whose data a request for a schema is about.

        Raises
        ------
        RequestError
            404 for none, 422 for several, 501 for metadata.
        """
        if request.context.startswith("metadata"):
            raise RequestError(501, "metadata is not implemented: there are figures only")
        found = self._named(TYPES[request.context], request)
        if not found:
            raise RequestError(404, "there is no such structure")
        if len(found) > 1:
            raise RequestError(422, f"expected the name of one structure, found {len(found)}")
        return found[0]

    def content_of(self, artefact: Any) -> Selection:
        """What data of an artefact may hold: its structure, and lists cut to allowed codes."""
        flow = getattr(artefact, "structure_usage", artefact)
        names = self._relations.related([str(urn(flow))], "descendants")
        others = [self._relations.artefacts[name] for name in names]
        parts: dict[str, list[Any]] = {"agency_schemes": list(self._parts["agency_schemes"])}
        if type(flow).__name__ == "DataStructureDefinition":
            parts["structures"] = [flow]
        for name, part in zip(names, _partial([flow], others), strict=True):
            if part is not None:
                parts.setdefault(self._part_of[name], []).append(part)
        return _selection(parts, frozenset(), is_complete=False)

    def _with_others(
        self, named: list[Any], detail: str, references: Iterable[str]
    ) -> Selection:
        """Artefacts with what is added to them."""
        names = [str(urn(artefact)) for artefact in named]
        added = self._added(names, references)
        others = [self._relations.artefacts[name] for name in added]
        if detail == "referencepartial":
            others = _partial(named, others)
        parts: dict[str, list[Any]] = {}
        for name, artefact in zip([*names, *added], [*named, *others], strict=True):
            if artefact is not None:
                parts.setdefault(self._part_of[name], []).append(artefact)
        stubs = _stubs(named, others, detail)
        return _selection(parts, stubs, is_complete="complete" in detail)

    def _named(self, kinds: Iterable[str], request: Request) -> list[Any]:
        """Artefacts that a request names; schemes cut to the items that it asks for."""
        named = []
        for kind in kinds:
            for artefact in self._parts.get(kind, ()):
                found = _asked_for(artefact, kind, request)
                if found is not None:
                    named.append(found)
        return named

    def _added(self, names: list[str], references: Iterable[str]) -> list[str]:
        """URNs that are added to what is named, by the ways and types asked for."""
        added: dict[str, None] = {}
        for reference in references:
            if reference in _WAYS:
                added.update(dict.fromkeys(self._relations.related(names, reference)))
                continue
            parts = TYPES.get(reference, ())
            for name in self._relations.related(names, "all"):
                if self._part_of[name] in parts:
                    added[name] = None
        return list(added)


@cache
def everything() -> Bundle:
    """All structures of the package."""
    return bundle.whole()


def _kinds(context: str) -> tuple[str, ...]:
    """Parts of the bundle that a type of artefact names; all for a wildcard.

    Raises
    ------
    RequestError
        404: there is no such type.
    """
    words = list(TYPES)
    if context not in ("*", "", "structure"):
        words = context.split(",")
    kinds: list[str] = []
    for word in words:
        if word in TYPES:
            kinds += TYPES[word]
        elif word not in LACKING:
            known = ", ".join(TYPES)
            raise RequestError(404, f"expected a type of {known}, found {word[:40]!r}")
    return tuple(dict.fromkeys(kinds))


def _detail(request: Request) -> str:
    """How much is told of each artefact.

    Raises
    ------
    RequestError
        400: there is no such word.
    """
    detail = request.option("detail", "full")
    if detail not in _DETAILS:
        known = ", ".join(_DETAILS)
        raise RequestError(400, f"expected detail={known}, found {detail[:40]!r}")
    return detail


def _references(request: Request) -> list[str]:
    """Ways and types by which other artefacts are added.

    Raises
    ------
    RequestError
        400: there is no such word.
    """
    words = request.option("references", "none").split(",")
    for word in words:
        if word not in ("none", *_WAYS, *TYPES, *LACKING):
            known = ", ".join(("none", *_WAYS, *TYPES))
            raise RequestError(400, f"expected references={known}, found {word[:40]!r}")
    return [word for word in dict.fromkeys(words) if word != "none"]


def _asked_for(artefact: Any, kind: str, request: Request) -> Any:
    """Artefact as a request asks for it, None where it does not."""
    agency = artefact.maintainer.id if artefact.maintainer else ""
    version = str(artefact.version)
    reference = request.reference
    if request.context == "hierarchy":
        return _hierarchies(artefact, reference, agency, version)
    if not reference.names(agency, str(artefact.id), version):
        return None
    if not request.component:
        return artefact
    if kind not in _SCHEMES:
        raise RequestError(400, f"expected no item behind {request.context}: it has none")
    return cut(artefact, request.component.replace("+", ",").split(","), above=False)


def _hierarchies(artefact: Any, reference: Reference, agency: str, version: str) -> Any:
    """Hierarchical codelist with the hierarchies that are named, artefacts of SDMX 3."""
    named = []
    for hierarchy in artefact.hierarchy:
        if reference.names(agency, f"H_{hierarchy.id}", version):
            named.append(hierarchy)
    if not named:
        return None
    part = copy.copy(artefact)
    part.hierarchy = named
    return part


def _partial(named: Iterable[Any], others: Sequence[Any]) -> list[Any]:
    """Artefacts that are referred to, their schemes cut to what is used; None for no part."""
    used = _Used.of([*named, *others])
    for artefact in named:
        if type(artefact).__name__ == "DataflowDefinition":
            _add_allowed(artefact.structure, allowed_codes(artefact), used)
        if type(artefact).__name__ == "DataStructureDefinition":
            _add_allowed(artefact, {}, used)
    return [used.part(artefact) for artefact in others]


@dataclass
class _Used:
    """Items that artefacts use of the schemes that they refer to.

    Parameters
    ----------
    concepts, categories
        Ids; empty where nothing tells which are used.
    lists
        Ids of codelists with the codes that are allowed of each, None for all.
    """

    concepts: set[str] = field(default_factory=set)
    categories: set[str] = field(default_factory=set)
    lists: dict[str, set[str] | None] = field(default_factory=dict)

    @classmethod
    def of(cls, artefacts: Iterable[Any]) -> _Used:
        """What data structures and categorisations use."""
        used = cls()
        for artefact in artefacts:
            kind = type(artefact).__name__
            if kind == "Categorisation":
                used.categories.add(artefact.category.hierarchical_id)
            if kind != "DataStructureDefinition":
                continue
            for component in components_of(artefact):
                used.concepts.add(component.concept_identity.id)
        return used

    def part(self, artefact: Any) -> Any:
        """Artefact, cut to what is used where that is known; None where nothing of it is."""
        match type(artefact).__name__:
            case "Codelist" if self.lists:
                codes = self.lists.get(artefact.id, set())
                return artefact if codes is None else cut(artefact, codes)
            case "ConceptScheme" if self.concepts:
                return cut(artefact, self.concepts)
            case "CategoryScheme" if self.categories:
                return cut(artefact, self.categories)
        return artefact


def allowed_codes(dataflow: Any) -> dict[str, frozenset[str]]:
    """Codes that a dataflow allows, by component; those of the list of all others."""
    if indicators.is_ours(dataflow.id):
        return {}
    return dict(constraints.allowed(dataflow.id))


def _add_allowed(structure: Any, allowed: Mapping[str, frozenset[str]], used: _Used) -> None:
    """Add the codes that are allowed in a data structure, by codelist."""
    for component in components_of(structure):
        codelist = list_of(component)
        if codelist is None:
            continue
        codes = used.lists.setdefault(codelist.id, set())
        if component.id not in allowed:
            used.lists[codelist.id] = None
        elif codes is not None:
            codes.update(allowed[component.id])


def _stubs(named: Iterable[Any], others: Iterable[Any], detail: str) -> frozenset[int]:
    """Numbers of the objects of which only identity and name are told."""
    told: list[Any] = []
    if detail.startswith("all"):
        told += named
    if detail.endswith("stubs"):
        told += others
    stubs = set()
    for artefact in told:
        # An agreement without what it is about is not valid.
        if type(artefact).__name__ != "ProvisionAgreement":
            stubs.add(id(artefact))
        stubs.update(id(hierarchy) for hierarchy in getattr(artefact, "hierarchy", ()))
    return frozenset(stubs)


def _selection(
    parts: dict[str, list[Any]], stubs: frozenset[int], *, is_complete: bool
) -> Selection:
    given: dict[str, Any] = {}
    for part in _PARTS:
        given[part] = tuple(parts.get(part, ()))
    alone = tuple(parts.get("structures", ()))
    selection = Selection(**given, alone=alone)
    return replace(selection, stubs=stubs, stubs_are_complete=is_complete)
