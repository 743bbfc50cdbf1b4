"""The artefacts of one structure message: all of `dsd/`, or what one dataflow needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ilms_sdmx.structures import (
    additions,
    concepts,
    constraints,
    facts,
    flows,
    indicators,
    lists,
)
from ilms_sdmx.structures.identifiers import resolve

if TYPE_CHECKING:
    from sdmx.model.common import (
        AgencyScheme,
        Categorisation,
        CategoryScheme,
        Codelist,
        ConceptScheme,
        DataProviderScheme,
        ProvisionAgreement,
    )
    from sdmx.model.v21 import (
        ContentConstraint,
        DataflowDefinition,
        DataStructureDefinition,
        HierarchicalCodelist,
    )


@dataclass(frozen=True)
class Bundle:
    """Artefacts that go into one message together.

    Every reference among them resolves inside.
    """

    codelists: tuple[Codelist, ...]
    concept_schemes: tuple[ConceptScheme, ...]
    dataflows: tuple[DataflowDefinition, ...]
    constraints: tuple[ContentConstraint, ...]
    category_schemes: tuple[CategoryScheme, ...]
    categorisations: tuple[Categorisation, ...]
    provider_schemes: tuple[DataProviderScheme, ...] = ()
    hierarchies: tuple[HierarchicalCodelist, ...] = ()
    agency_schemes: tuple[AgencyScheme, ...] = ()
    agreements: tuple[ProvisionAgreement, ...] = ()
    #: Numbers of the objects that are told by identity and name, and with annotations too.
    stubs: frozenset[int] = frozenset()
    stubs_are_complete: bool = False

    def is_stub(self, artefact: object) -> bool:
        """Whether of an artefact only its identity and its name are written."""
        return id(artefact) in self.stubs

    @property
    def structures(self) -> tuple[DataStructureDefinition, ...]:
        """Data structure definitions of the dataflows."""
        return tuple(flow.structure for flow in self.dataflows)


def whole() -> Bundle:
    """Everything."""
    codelists = list(map(lists.codelist, lists.codelists()))
    codelists.append(indicators.codelist())
    concept_schemes = concepts.concept_schemes()
    concept_schemes.append(indicators.concept_scheme())
    dataflows = [*flows.dataflows(), indicators.dataflow()]
    all_constraints = map(constraints.constraint, flows.ids())
    category_scheme = additions.category_scheme()
    categorisations = additions.categorisations()
    provider_scheme = additions.provider_scheme()
    hierarchies = map(additions.hierarchies, additions.hierarchical())
    return Bundle(
        codelists=tuple(codelists),
        concept_schemes=tuple(concept_schemes),
        dataflows=tuple(dataflows),
        constraints=tuple(all_constraints),
        category_schemes=(category_scheme,),
        categorisations=tuple(categorisations),
        provider_schemes=(provider_scheme,),
        hierarchies=tuple(hierarchies),
    )


def partial(dataflow_id: str) -> Bundle:
    """What one dataflow needs: its structure, and codelists cut to allowed codes.

    A heading stays where one of its codes does. Lists of attributes are complete, as ILOSTAT
    serves them.
    """
    if indicators.is_ours(dataflow_id):
        return _indicators()
    id = resolve(dataflow_id).id
    components = [*flows.dimensions(id), *flows.attributes()]
    codelists = _codelists(components, constraints.allowed(id))
    concept_schemes = concepts.partial({*components, "OBS_VALUE"})
    dataflow = flows.dataflow(id)
    constraint = constraints.constraint(id)
    category_scheme = additions.category_scheme()
    categorisation = additions.categorisation(id)
    return Bundle(
        codelists=tuple(codelists),
        concept_schemes=tuple(concept_schemes),
        dataflows=(dataflow,),
        constraints=(constraint,),
        category_schemes=(category_scheme,),
        categorisations=(categorisation,),
    )


def _codelists(
    components: Iterable[str], allowed: Mapping[str, frozenset[str]]
) -> Iterator[Codelist]:
    """Codelists of components, cut to the codes that are allowed."""
    for component in components:
        list_id = facts.by_id("concepts.csv")[component]["codelist"]
        if list_id and component in allowed:
            yield lists.partial(list_id, allowed[component])
        elif list_id:
            yield lists.codelist(list_id)


def _indicators() -> Bundle:
    """What our dataflow of indicators needs; it has no constraint and no table of the form."""
    used = {"OBS_VALUE"}
    for kind in ("dimension", "time", "attribute"):
        used.update(indicators.ids(kind))
    needed = set(indicators.codelists())
    for row in facts.rows("concepts.csv"):
        if row["id"] in used:
            needed.add(row["codelist"])
    codelists = []
    for id in lists.codelists():
        if id in needed:
            codelists.append(lists.codelist(id))
    codelists.append(indicators.codelist())
    concept_schemes = concepts.partial(used)
    concept_schemes.append(indicators.concept_scheme())
    dataflow = indicators.dataflow()
    return Bundle(
        codelists=tuple(codelists),
        concept_schemes=tuple(concept_schemes),
        dataflows=(dataflow,),
        constraints=(),
        category_schemes=(),
        categorisations=(),
    )
