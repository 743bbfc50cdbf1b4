"""Dataflows and their data structure definitions, and the concordance of old and new ids."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from ilms_sdmx.structures import facts, indicators
from ilms_sdmx.structures.concepts import concept
from ilms_sdmx.structures.identifiers import resolve
from ilms_sdmx.structures.lists import codelist

if TYPE_CHECKING:
    import pandas as pd
    from sdmx.model.common import (
        AttributeRelationship,
        BaseAnnotation,
        DataAttribute,
        Representation,
    )
    from sdmx.model.v21 import DataflowDefinition, DataStructureDefinition


def ids() -> list[str]:
    """Ids of all dataflows without `DF_`: stocks, flows, nationals abroad, each by id."""
    return [row["id"] for row in facts.rows("dataflows.csv")]


def dimensions(id: str) -> list[str]:
    """Dimensions of a dataflow (bare current id) in key order, TIME_PERIOD last."""
    row = facts.by_id("dataflows.csv")[id]
    return ["REF_AREA", "FREQ", "MEASURE", *row["classifications"].split(), "TIME_PERIOD"]


def attributes() -> list[str]:
    """Attributes that every dataflow has, in the order of the structure."""
    components = facts.rows("components.csv")
    return [row["id"] for row in components if row["kind"] == "attribute"]


def measure(id: str) -> str:
    """Code of MEASURE of a dataflow: one a dataflow, its id without the classifications."""
    topic, variant, *_, unit = id.split("_")
    return f"{topic}_{variant}_{unit}"


def dataflow(id: str) -> DataflowDefinition:
    """Dataflow with its data structure definition, codelists and all, ready for use.

    Parameters
    ----------
    id
        Current or old id, with or without `DF_`, agency and version; `resolve` says which
        answered. Besides, `DF_INDICATORS` of our own agency, for indicators of which ILO has no
        dataflow.

    Returns
    -------
    DataflowDefinition
        `ILO:DF_<id>(1.0)`; `.structure` is `ILO:<id>(1.0)`, every enumeration a filled
        codelist. The same object at each call. The annotation PREDECESSOR has the id used until
        2026, MODULE and QUESTIONNAIRE_TABLE the place in the questionnaire, EVIDENCE says
        whether the key is verified or inferred.

    Raises
    ------
    StructureError
        No such dataflow; the message names the three nearest.

    Examples
    --------
    >>> flow = dataflow("MNA_OPOP_SEX_CDS_NB")
    >>> flow.id, [d.id for d in flow.structure.dimensions.components][-2:]
    ('DF_POP_MNAO_SEX_CDS_NB', ['CDS', 'TIME_PERIOD'])
    """
    if indicators.is_ours(id):
        return indicators.dataflow()
    return _dataflow(resolve(id).id)


def dataflows() -> list[DataflowDefinition]:
    """All 84 dataflows of ILO: migrant stocks, migrant flows, nationals abroad."""
    return [_dataflow(id) for id in ids()]


@cache
def _dataflow(id: str) -> DataflowDefinition:
    """Dataflow with its structure."""
    from sdmx.model.v21 import DataflowDefinition

    row = facts.by_id("dataflows.csv")[id]
    about = facts.maintained(facts.ILO)
    about["name"] = facts.names(row)
    about["is_final"] = True
    about["annotations"] = _annotations(row)
    structure = _structure(id)
    return DataflowDefinition(id=f"DF_{id}", structure=structure, **about)


def _annotations(row: facts.Row) -> list[BaseAnnotation]:
    from sdmx.model.v21 import Annotation

    facts_of_ours = {
        "PREDECESSOR": row["old"],
        "MODULE": row["module"],
        "QUESTIONNAIRE_TABLE": row["table"],
    }
    found: list[BaseAnnotation] = [facts.evidence("catalogue-2026-08")]
    for type, title in facts_of_ours.items():
        if title:
            annotation = Annotation(id=f"{facts.OURS}_{type}", type=type, title=title)
            found.append(annotation)
    return found


@cache
def _structure(id: str) -> DataStructureDefinition:
    """Data structure definition of a dataflow."""
    from sdmx.model.v21 import DataStructureDefinition, MeasureDescriptor, PrimaryMeasure

    row = facts.by_id("dataflows.csv")[id]
    name = facts.names(row)
    about = facts.final(facts.ILO, name, row["key_source"])
    structure: DataStructureDefinition = DataStructureDefinition(id=id, **about)
    identity = concept("OBS_VALUE")
    representation = _representation("OBS_VALUE")
    value = PrimaryMeasure(
        id="OBS_VALUE", concept_identity=identity, local_representation=representation
    )
    structure.measures = MeasureDescriptor(id="MeasureDescriptor", components=[value])
    _add_dimensions(structure)
    _add_attributes(structure)
    return structure


def _add_dimensions(dsd: DataStructureDefinition) -> None:
    from sdmx.model.v21 import Dimension, DimensionDescriptor, TimeDimension

    dsd.dimensions = DimensionDescriptor(id="DimensionDescriptor")
    for id in dimensions(dsd.id):
        kind = TimeDimension if id == "TIME_PERIOD" else Dimension
        representation = _representation(id)
        dimension = kind(
            id=id, concept_identity=concept(id), local_representation=representation
        )
        dsd.dimensions.append(dimension)


def _add_attributes(dsd: DataStructureDefinition) -> None:
    from sdmx.model.v21 import AttributeDescriptor

    table = facts.by_id("components.csv")
    components = [_attribute(table[id], dsd) for id in attributes()]
    dsd.attributes = AttributeDescriptor(id="AttributeDescriptor", components=components)


def _attribute(row: facts.Row, dsd: DataStructureDefinition) -> DataAttribute:
    from sdmx.model.common import DataAttribute
    from sdmx.model.v21 import UsageStatus

    id = row["id"]
    relationship = _relationship(row["attachment"], dsd)
    return DataAttribute(
        id=id,
        concept_identity=concept(id),
        local_representation=_representation(id),
        related_to=relationship,
        usage_status=UsageStatus.conditional,
    )


def _relationship(attachment: str, dsd: DataStructureDefinition) -> AttributeRelationship:
    from sdmx.model.common import DimensionRelationship
    from sdmx.model.v21 import PrimaryMeasureRelationship

    if attachment == "OBS_VALUE":
        return PrimaryMeasureRelationship()
    attached = [dsd.dimensions.get(id) for id in attachment.split()]
    return DimensionRelationship(dimensions=attached)


@cache
def _representation(id: str) -> Representation | None:
    """Codelist of the component's concept, or its text type; None where ILO states neither."""
    from sdmx.model.common import Facet, FacetValueType, Representation

    list_id = facts.by_id("concepts.csv")[id]["codelist"]
    if list_id:
        return Representation(enumerated=codelist(list_id))
    text_type = facts.by_id("components.csv")[id]["text_type"]
    if not text_type:
        return None
    value_type = FacetValueType[text_type[0].lower() + text_type[1:]]
    return Representation(non_enumerated=[Facet(value_type=value_type)])


def concordance() -> pd.DataFrame:
    """Old and current ids, one row a dataflow.

    Returns
    -------
    DataFrame
        Columns `old` (`MST_`, `MFL_`, `MNA_`; `""` for those added under the new scheme), `new`
        (without `DF_`), `module` (MST, MFL, MNA) and `note`. Ids are ILO's; the pairing is
        inferred from labels and classifications, for ILO published none.

    Examples
    --------
    >>> pairs = concordance().set_index("old")["new"]
    >>> pairs["MNA_OEMP_SEX_CDS_NB"]
    'EMP_MNAO_SEX_CDS_NB'
    """
    import pandas as pd

    table = []
    for row in facts.rows("dataflows.csv"):
        note = "no predecessor"
        if row["old"]:
            note = "pairing inferred from label and classifications"
        table.append((row["old"], row["id"], row["module"], note))
    return pd.DataFrame(table, columns=["old", "new", "module", "note"], dtype="str")


def catalogue() -> pd.DataFrame:
    """All dataflows on a page, one row each, all text.

    Returns
    -------
    DataFrame
        Columns `id` (without `DF_`), `module`, `table` (of the questionnaire, `""` if not
        asked), `old`, `classifications`, `unit_measure` (`""` where it depends on the
        currency), `unit_measure_type`, `unit_mult`, `versions` (of classifications, that may
        carry data), `questionnaire` (versions printed on the form), `en`, `fr`, `es` (titles),
        `title_source`, `key_source` (see `dsd/evidence.csv`).

    Examples
    --------
    >>> catalogue()["module"].value_counts().to_dict()
    {'MST': 69, 'MFL': 8, 'MNA': 7}
    """
    return facts.frame("dataflows.csv")
