"""The artefacts of one structure message: all of `dsd/`, or what one dataflow needs."""

from __future__ import annotations

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
        Categorisation,
        CategoryScheme,
        Codelist,
        ConceptScheme,
        DataProviderScheme,
    )
    from sdmx.model.v21 import (
        ContentConstraint,
        DataflowDefinition,
        DataStructureDefinition,
        HierarchicalCodelist,
    )


@dataclass(frozen=True)
class Bundle:
    """Artefacts that go into one message together; every reference among them resolves inside."""

    codelists: tuple[Codelist, ...]
    concept_schemes: tuple[ConceptScheme, ...]
    dataflows: tuple[DataflowDefinition, ...]
    constraints: tuple[ContentConstraint, ...]
    category_schemes: tuple[CategoryScheme, ...]
    categorisations: tuple[Categorisation, ...]
    provider_schemes: tuple[DataProviderScheme, ...] = ()
    hierarchies: tuple[HierarchicalCodelist, ...] = ()

    @property
    def structures(self) -> tuple[DataStructureDefinition, ...]:
        """Data structure definitions of the dataflows."""
        return tuple(flow.structure for flow in self.dataflows)


def whole() -> Bundle:
    """Everything."""
    return Bundle(
        codelists=(*(lists.codelist(id) for id in lists.codelists()), indicators.codelist()),
        concept_schemes=(*concepts.concept_schemes(), indicators.concept_scheme()),
        dataflows=(*flows.dataflows(), indicators.dataflow()),
        constraints=tuple(constraints.constraint(id) for id in flows.ids()),
        category_schemes=(additions.category_scheme(),),
        categorisations=tuple(additions.categorisations()),
        provider_schemes=(additions.provider_scheme(),),
        hierarchies=tuple(additions.hierarchies(id) for id in additions.hierarchical()),
    )


def partial(dataflow_id: str) -> Bundle:
    """Collect what one dataflow needs: its structure, and codelists cut to the codes that may carry data.

    A heading stays where one of its codes does. Lists of attributes are complete, as ILOSTAT serves them.
    """
    if indicators.is_ours(dataflow_id):
        return _indicators()
    id = resolve(dataflow_id).id
    allowed = constraints.allowed(id)
    found = []
    for component in [*flows.dimensions(id), *flows.attributes()]:
        list_id = facts.by_id("concepts.csv")[component]["codelist"]
        if list_id and component in allowed:
            found.append(lists.partial(list_id, allowed[component]))
        elif list_id:
            found.append(lists.codelist(list_id))
    used = {*flows.dimensions(id), *flows.attributes(), "OBS_VALUE"}
    return Bundle(
        codelists=tuple(found),
        concept_schemes=tuple(concepts.partial(used)),
        dataflows=(flows.dataflow(id),),
        constraints=(constraints.constraint(id),),
        category_schemes=(additions.category_scheme(),),
        categorisations=(additions.categorisation(id),),
    )


def _indicators() -> Bundle:
    """Collect what our own dataflow of indicators needs; it has no constraint and no table of the form."""
    used = {
        *indicators.ids("dimension"),
        *indicators.ids("time"),
        *indicators.ids("attribute"),
        "OBS_VALUE",
    }
    lists_of_concepts = {
        row["codelist"] for row in facts.rows("concepts.csv") if row["id"] in used
    }
    needed = [
        id for id in lists.codelists() if id in {*indicators.codelists(), *lists_of_concepts}
    ]
    return Bundle(
        codelists=(*(lists.codelist(id) for id in needed), indicators.codelist()),
        concept_schemes=(*concepts.partial(used), indicators.concept_scheme()),
        dataflows=(indicators.dataflow(),),
        constraints=(),
        category_schemes=(),
        categorisations=(),
    )
