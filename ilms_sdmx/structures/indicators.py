"""Our own dataflow for indicators of which none of ILO's dataflows speaks, as net migration."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from ilms_sdmx.structures import facts
from ilms_sdmx.structures.concepts import concept as concept_of_ilo
from ilms_sdmx.structures.lists import codelist as codelist_of_ilo

if TYPE_CHECKING:
    from sdmx.model.common import (
        Codelist,
        Concept,
        ConceptScheme,
        DataAttribute,
        Representation,
    )
    from sdmx.model.v21 import (
        DataflowDefinition,
        DataStructureDefinition,
        DimensionDescriptor,
    )

#: Ids without `DF_`, of dataflow and structure alike.
ID = "INDICATORS"
_COMPONENTS = "indicator_components.csv"


def is_ours(id: str) -> bool:
    """Whether an id means this dataflow: `INDICATORS`, `DF_INDICATORS`, or qualified.

    Examples
    --------
    >>> is_ours("ILMS_SDMX:DF_INDICATORS(1.0)"), is_ours("ILO:DF_INDICATORS(1.0)")
    (True, False)
    """
    if not isinstance(id, str):
        raise TypeError(f"expected the id of a dataflow as text, found {id!r}")
    without_version = id.strip().removesuffix(f"({facts.VERSION})")
    bare = without_version.removeprefix(f"{facts.OURS}:")
    name = bare.upper().removeprefix("DF_")
    return name == ID


@cache
def dataflow() -> DataflowDefinition:
    """Make the dataflow `ILMS_SDMX:DF_INDICATORS(1.0)` with its structure.

    Examples
    --------
    >>> [d.id for d in dataflow().structure.dimensions.components][2:6]
    ['MEASURE', 'SEX', 'AGE', 'BREAKDOWN']
    """
    from sdmx.model.v21 import DataflowDefinition

    title = {"en": "Indicators of other producers for which ILO has no dataflow"}
    about = facts.final(facts.OURS, title, "own")
    structure = _structure()
    flow: DataflowDefinition = DataflowDefinition(id=f"DF_{ID}", structure=structure, **about)
    return flow


@cache
def concept_scheme() -> ConceptScheme:
    """Concepts that ILO's schemes do not have: BREAKDOWN."""
    from sdmx.model.common import Concept, ConceptScheme

    title = {"en": "Concepts of indicators of other producers"}
    about = facts.final(facts.OURS, title, "own")
    scheme: ConceptScheme = ConceptScheme(id=f"CS_{ID}", **about)
    known = facts.by_id("concepts.csv")
    for row in facts.rows(_COMPONENTS):
        id = row["id"]
        if id not in known:
            name = {"en": row["en"]}
            concept = Concept(id=id, name=name)
            scheme.append(concept)
    return scheme


@cache
def codelist() -> Codelist:
    """Make the codelist of MEASURE: the indicators that `maps/indicators.csv` harmonises."""
    from sdmx.model.common import Code, Codelist

    title = {"en": "Indicators of other producers"}
    about = facts.final(facts.OURS, title, "own")
    codelist: Codelist = Codelist(id="CL_INDICATOR", **about)
    for row in facts.rows("indicator_codes.csv"):
        name = {"en": row["en"]}
        code = Code(id=row["code"], name=name)
        codelist.append(code)
    return codelist


def ids(kind: str) -> list[str]:
    """Ids of the components of a kind: `dimension`, `time`, `measure` or `attribute`."""
    components = facts.rows(_COMPONENTS)
    return [row["id"] for row in components if row["kind"] == kind]


def codelists() -> list[str]:
    """Ids of ILO's codelists that the structure uses."""
    known = facts.by_id("codelists.csv")
    used = [row["codelist"] for row in facts.rows(_COMPONENTS)]
    return [id for id in used if id in known]


def _structure() -> DataStructureDefinition:
    """Data structure definition of the dataflow."""
    from sdmx.model.v21 import (
        AttributeDescriptor,
        DataStructureDefinition,
        MeasureDescriptor,
        PrimaryMeasure,
    )

    title = {"en": "Indicators of other producers"}
    about = facts.final(facts.OURS, title, "own")
    structure: DataStructureDefinition = DataStructureDefinition(id=ID, **about)
    measures = []
    for id in ids("measure"):
        parts = _parts(id)
        measures.append(PrimaryMeasure(**parts))
    attributes = list(map(_attribute, ids("attribute")))
    structure.dimensions = _dimensions()
    structure.measures = MeasureDescriptor(id="MeasureDescriptor", components=measures)
    structure.attributes = AttributeDescriptor(id="AttributeDescriptor", components=attributes)
    return structure


def _dimensions() -> DimensionDescriptor:
    from sdmx.model.v21 import Dimension, DimensionDescriptor, TimeDimension

    descriptor = DimensionDescriptor(id="DimensionDescriptor")
    for id in ids("dimension"):
        descriptor.append(Dimension(**_parts(id)))
    for id in ids("time"):
        descriptor.append(TimeDimension(**_parts(id)))
    return descriptor


def _attribute(id: str) -> DataAttribute:
    from sdmx.model.common import DataAttribute
    from sdmx.model.v21 import PrimaryMeasureRelationship, UsageStatus

    return DataAttribute(
        **_parts(id),
        related_to=PrimaryMeasureRelationship(),
        usage_status=UsageStatus.conditional,
    )


def _parts(id: str) -> dict[str, Any]:
    return {
        "id": id,
        "concept_identity": _concept(id),
        "local_representation": _representation(id),
    }


def _concept(id: str) -> Concept:
    if id in facts.by_id("concepts.csv"):
        return concept_of_ilo(id)
    concept: Concept = concept_scheme()[id]
    return concept


def _representation(id: str) -> Representation:
    from sdmx.model.common import Facet, FacetValueType, Representation

    row = facts.by_id(_COMPONENTS)[id]
    list_id = row["codelist"]
    if list_id == codelist().id:
        return Representation(enumerated=codelist())
    if list_id:
        return Representation(enumerated=codelist_of_ilo(list_id))
    text_type = row["text_type"]
    kind = FacetValueType[text_type[0].lower() + text_type[1:]]
    return Representation(non_enumerated=[Facet(value_type=kind)])
