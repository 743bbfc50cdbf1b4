"""National dataflows: structure of a breakdown that ILMS has no place for, under the office's own agency."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ilms_sdmx.errors import MappingError
from ilms_sdmx.mapping.document import DatasetMap, MappingDocument
from ilms_sdmx.mapping.model import (
    ComponentMap,
    ComponentMaps,
    DatePatternMap,
    FixedValueMap,
    ImplicitComponentMap,
    MultiComponentMap,
    RepresentationMap,
)

if TYPE_CHECKING:
    from sdmx.model.v21 import Codelist, DataflowDefinition, DataStructureDefinition

#: Attributes by their usual ids; anything else is a dimension. They are attached to the observation.
ATTRIBUTES = (
    "OBS_STATUS",
    "UNIT_MEASURE",
    "UNIT_MULT",
    "DECIMALS",
    "SOURCE",
    "NOTE_SOURCE",
    "NOTE_INDICATOR",
    "NOTE_CLASSIF",
    "COMMENT_OBS",
    "TIME_PERIOD_LABEL",
)
#: Codelists of ILO that components of these ids use.
SHARED = {
    "REF_AREA": "CL_AREA",
    "FREQ": "CL_FREQ",
    "SEX": "CL_SEX",
    "UNIT_MEASURE": "CL_UNIT_MEASURE",
    "UNIT_MULT": "CL_UNIT_MULT",
}
_CODE = re.compile(r"[A-Za-z0-9_@$\-]+")
#: OBS_STATUS of an own dataflow: letters of SDMX, never ILO's.
STATUSES = {
    "A": "Normal value",
    "B": "Time series break",
    "E": "Estimated value",
    "I": "Imputed value",
    "K": "Data included in another category",
    "L": "Missing value; data exist but were not collected",
    "M": "Missing value; data cannot exist",
    "N": "Not significant",
    "O": "Missing value",
    "P": "Provisional value",
    "Q": "Missing value; suppressed",
    "U": "Low reliability",
}


def build(dataset: DatasetMap, mapping: MappingDocument) -> DataflowDefinition:
    """Dataflow with its structure, concepts and codelists, all from the mapping.

    Codelists hold the codes of the code maps, named by their names or by the first label that gives them; a
    dimension that takes labels as they stand has none and holds text; REF_AREA, FREQ, SEX and UNIT_MULT use
    those of ILO.
    """
    from sdmx.model import common, v21

    agency = common.Agency(id=dataset.dataflow.partition(":")[0])
    dataflow_id, _, version = dataset.dataflow.partition(":")[2].partition("(")
    version = version.rstrip(")") or "1.0"
    stem = dataflow_id.removeprefix("DF_")
    concepts = common.ConceptScheme(
        id=f"CS_{stem}", maintainer=agency, version=version, name=f"Concepts of {stem}"
    )
    dsd = v21.DataStructureDefinition(
        id=stem, maintainer=agency, version=version, name=dataset.title or mapping.title or stem
    )
    maps = {c.target: c for c in dataset.components}
    if "OBS_STATUS" not in maps:
        maps["OBS_STATUS"] = FixedValueMap("OBS_STATUS", "A")
    maps.setdefault("COMMENT_OBS", ImplicitComponentMap("note", "COMMENT_OBS"))
    ordered = sorted(maps, key=lambda n: n == "TIME_PERIOD")
    for name in ordered:
        concept = _concept(concepts, name, dataset.names.get(name, name))
        if name in ATTRIBUTES:
            continue
        _dimension(dsd, name, concept, maps[name], agency, version, mapping)
    measure = v21.PrimaryMeasure(
        id="OBS_VALUE", concept_identity=_concept(concepts, "OBS_VALUE", "Observation value")
    )
    measure.local_representation = common.Representation(
        non_enumerated=[common.Facet(value_type=common.FacetValueType.double)]
    )
    dsd.measures.append(measure)
    for name in (n for n in ATTRIBUTES if n in maps):
        _attribute(dsd, name, concepts[name], maps[name], agency, version, mapping)
    return v21.DataflowDefinition(
        id=dataflow_id, maintainer=agency, version=version, name=str(dsd.name), structure=dsd
    )


def _concept(scheme: Any, name: str, text: str) -> Any:
    from sdmx.model import common

    concept = common.Concept(
        id=name, name=text.replace("_", " ").capitalize() if text == name else text
    )
    scheme.append(concept)
    return concept


def _dimension(
    dsd: DataStructureDefinition,
    name: str,
    concept: Any,
    component: ComponentMaps,
    agency: Any,
    version: str,
    mapping: MappingDocument,
) -> None:
    from sdmx.model import common, v21

    order = len(dsd.dimensions.components) + 1
    if isinstance(component, DatePatternMap):
        time = v21.TimeDimension(id=name, concept_identity=concept, order=order)
        facet = common.Facet(value_type=common.FacetValueType.observationalTimePeriod)
        time.local_representation = common.Representation(non_enumerated=[facet])
        dsd.dimensions.append(time)
        return
    dimension = v21.Dimension(id=name, concept_identity=concept, order=order)
    if isinstance(component, ImplicitComponentMap) and name not in SHARED:
        text = common.Facet(value_type=common.FacetValueType.string)
        dimension.local_representation = common.Representation(non_enumerated=[text])
    else:
        codes = _codelist(name, component, agency, version, mapping)
        dimension.local_representation = common.Representation(enumerated=codes)
    dsd.dimensions.append(dimension)


def _attribute(
    dsd: DataStructureDefinition,
    name: str,
    concept: Any,
    component: ComponentMaps,
    agency: Any,
    version: str,
    mapping: MappingDocument,
) -> None:
    from sdmx.model import common, v21

    attribute = common.DataAttribute(
        id=name,
        concept_identity=concept,
        usage_status=common.UsageStatus.conditional,
        related_to=v21.PrimaryMeasureRelationship(),
    )
    if name == "OBS_STATUS":
        listed = _own_list("CL_OBS_STATUS", "Observation status", STATUSES, agency, version)
        attribute.local_representation = common.Representation(enumerated=listed)
    elif name in SHARED:
        codes = _codelist(name, component, agency, version, mapping)
        attribute.local_representation = common.Representation(enumerated=codes)
    else:
        facet = common.Facet(value_type=common.FacetValueType.string)
        attribute.local_representation = common.Representation(non_enumerated=[facet])
    dsd.attributes.append(attribute)


def _codelist(
    name: str, component: ComponentMaps, agency: Any, version: str, mapping: MappingDocument
) -> Codelist:
    from ilms_sdmx import structures

    representation = getattr(component, "representation", None)
    if name in SHARED:
        return structures.codelist(SHARED[name])
    if representation is not None and representation.codelist:
        return structures.codelist(representation.codelist)
    codes = _codes(component, representation)
    for code in codes:
        if not _CODE.fullmatch(code):
            raise MappingError(
                f"{mapping.name}: expected codes of letters, digits, '_' and '-' for {name}, found {code!r}."
            )
    listed: Codelist = _own_list(
        f"CL_{name}", name.replace("_", " ").capitalize(), codes, agency, version
    )
    return listed


def _codes(
    component: ComponentMaps, representation: RepresentationMap | None
) -> dict[str, str]:
    """Code to name: that of the map, else the first label that gives it."""
    if isinstance(component, FixedValueMap):
        return {component.value: component.value.replace("_", " ").capitalize()}
    found: dict[str, str] = {}
    if representation is not None and isinstance(component, ComponentMap | MultiComponentMap):
        for line in representation.values:
            if line.code is not None:
                named = line.name or found.get(line.code) or " / ".join(line.source)
                found[line.code] = named
    return found


def _own_list(id_: str, name: str, codes: dict[str, str], agency: Any, version: str) -> Any:
    from sdmx.model import common

    listed: Any = common.Codelist(id=id_, maintainer=agency, version=version, name=name)
    for code, text in codes.items():
        listed.append(common.Code(id=code, name=text))
    return listed


def structure_message(dataflow: DataflowDefinition, prepared: str) -> bytes:
    """Structure message (SDMX-ML 2.1) of a dataflow with all that it refers to.

    Parameters
    ----------
    prepared
        Time of the header, ISO 8601.
    """
    if dataflow.maintainer is not None and dataflow.maintainer.id == "ILO":
        from ilms_sdmx import structures

        return structures.to_bytes("sdmx-ml-2.1", dataflow.id, prepared)
    from ilms_sdmx.structures import structure_ml
    from ilms_sdmx.structures.bundle import Bundle

    dsd: Any = dataflow.structure
    components = [
        *dsd.dimensions.components,
        *dsd.attributes.components,
        *dsd.measures.components,
    ]
    lists = [getattr(c.local_representation, "enumerated", None) for c in components]
    schemes = [c.concept_identity.parent for c in components]
    found = Bundle(
        codelists=tuple({x.id: x for x in lists if x is not None}.values()),
        concept_schemes=tuple({s.id: s for s in schemes if s is not None}.values()),
        dataflows=(dataflow,),
        constraints=(),
        category_schemes=(),
        categorisations=(),
    )
    return structure_ml.write(found, "2.1", f"STRUCTURE_{dsd.id}", prepared)
