"""National dataflows: structures built from the mapping, under the agency of the office."""

from __future__ import annotations

import re
from dataclasses import dataclass
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
    from sdmx.model.common import Representation
    from sdmx.model.v21 import Codelist, DataflowDefinition, DataStructureDefinition

    from ilms_sdmx.structures.bundle import Bundle

#: Attributes by their usual ids; anything else is a dimension. They are attached to the
#: observation.
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
#: OBS_STATUS of a dataflow of the office: letters of SDMX, never ILO's.
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


def build_dataflow(dataset: DatasetMap, mapping: MappingDocument) -> DataflowDefinition:
    """Dataflow with its structure, concepts and codelists, all from the mapping.

    Codelists hold the codes of the code maps, named by their names or by the first label that
    gives them; a dimension that takes labels as they are has none and holds text; REF_AREA,
    FREQ, SEX and UNIT_MULT use those of ILO.
    """
    from sdmx.model import common, v21

    agency_id, _, identifier = dataset.dataflow.partition(":")
    dataflow_id, _, bracketed = identifier.partition("(")
    version = bracketed.rstrip(")") or "1.0"
    stem = dataflow_id.removeprefix("DF_")
    title = dataset.title or mapping.title or stem
    concepts_title = f"Concepts of {stem}"
    agency = common.Agency(id=agency_id)
    kept: dict[str, Any] = {"maintainer": agency, "version": version}
    concepts = common.ConceptScheme(id=f"CS_{stem}", name=concepts_title, **kept)
    structure = v21.DataStructureDefinition(id=stem, name=title, **kept)
    builder = _Builder(structure, concepts, agency, version, mapping)
    components = _component_maps(dataset)
    builder.add_components(components, dataset)
    name = str(structure.name)
    return v21.DataflowDefinition(id=dataflow_id, name=name, structure=structure, **kept)


def _component_maps(dataset: DatasetMap) -> dict[str, ComponentMaps]:
    """Maps of a data set by component, time last, with status and note where it has none."""
    maps = {}
    for component in dataset.components:
        maps[component.target] = component
    maps.setdefault("OBS_STATUS", FixedValueMap("OBS_STATUS", "A"))
    maps.setdefault("COMMENT_OBS", ImplicitComponentMap("note", "COMMENT_OBS"))
    if "TIME_PERIOD" in maps:
        maps["TIME_PERIOD"] = maps.pop("TIME_PERIOD")
    return maps


@dataclass(frozen=True, eq=False)
class _Builder:
    """Builder of a structure.

    Parameters
    ----------
    structure
        The structure, to which components are added.
    concepts
        Scheme of its concepts.
    agency
        Agency of the office.
    version
        Version of all that is built.
    mapping
        The mapping, for messages.
    """

    structure: DataStructureDefinition
    concepts: Any
    agency: Any
    version: str
    mapping: MappingDocument

    def add_components(self, maps: dict[str, ComponentMaps], dataset: DatasetMap) -> None:
        """Add the components of a data set, their concepts first."""
        for name, component in maps.items():
            self._add_concept(name, dataset.names.get(name, ""))
            if name not in ATTRIBUTES:
                self._add_dimension(name, component)
        self._add_concept("OBS_VALUE", "Observation value")
        self._add_measure()
        for name in ATTRIBUTES:
            if name in maps:
                self._add_attribute(name, maps[name])

    def _add_concept(self, name: str, text: str) -> None:
        """Add a concept, named by its id where the mapping does not name it."""
        from sdmx.model import common

        if not text or text == name:
            text = _in_words(name)
        self.concepts.append(common.Concept(id=name, name=text))

    def _add_dimension(self, name: str, component: ComponentMaps) -> None:
        """Add a dimension, of time, with a codelist or of text."""
        from sdmx.model import v21

        order = len(self.structure.dimensions.components) + 1
        is_time = isinstance(component, DatePatternMap)
        kind = v21.TimeDimension if is_time else v21.Dimension
        dimension = kind(id=name, concept_identity=self.concepts[name], order=order)
        if is_time:
            dimension.local_representation = _text("observationalTimePeriod")
        elif isinstance(component, ImplicitComponentMap) and name not in SHARED:
            dimension.local_representation = _text("string")
        else:
            dimension.local_representation = _coded(self._codelist(name, component))
        self.structure.dimensions.append(dimension)

    def _add_measure(self) -> None:
        """Add the observation value."""
        from sdmx.model import v21

        concept = self.concepts["OBS_VALUE"]
        measure = v21.PrimaryMeasure(id="OBS_VALUE", concept_identity=concept)
        measure.local_representation = _text("double")
        self.structure.measures.append(measure)

    def _add_attribute(self, name: str, component: ComponentMaps) -> None:
        """Add an attribute of the observation."""
        from sdmx.model import common, v21

        attribute = common.DataAttribute(
            id=name,
            concept_identity=self.concepts[name],
            usage_status=common.UsageStatus.conditional,
            related_to=v21.PrimaryMeasureRelationship(),
        )
        if name == "OBS_STATUS":
            statuses = self._own_list("CL_OBS_STATUS", "Observation status", STATUSES)
            attribute.local_representation = _coded(statuses)
        elif name in SHARED:
            attribute.local_representation = _coded(self._codelist(name, component))
        else:
            attribute.local_representation = _text("string")
        self.structure.attributes.append(attribute)

    def _codelist(self, name: str, component: ComponentMaps) -> Codelist:
        """Codelist of a component: ILO's, or one of the codes that its map may give."""
        from ilms_sdmx import structures

        if name in SHARED:
            return structures.codelist(SHARED[name])
        representation = getattr(component, "representation", None)
        if representation is not None and representation.codelist:
            return structures.codelist(representation.codelist)
        codes = _codes(component, representation)
        for code in codes:
            if not _CODE.fullmatch(code):
                raise MappingError(
                    f"{self.mapping.name}: expected codes of letters, digits, '_' and '-' "
                    f"for {name}, found {code!r}."
                )
        return self._own_list(f"CL_{name}", _in_words(name), codes)

    def _own_list(self, id_: str, name: str, codes: dict[str, str]) -> Codelist:
        """Codelist of the office."""
        from sdmx.model import common

        codelist: Any = common.Codelist(
            id=id_, maintainer=self.agency, version=self.version, name=name
        )
        for code, text in codes.items():
            codelist.append(common.Code(id=code, name=text))
        own_list: Codelist = codelist
        return own_list


def _text(kind: str) -> Representation:
    """Representation of a component that holds a text of some kind."""
    from sdmx.model import common

    facet = common.Facet(value_type=common.FacetValueType[kind])
    return common.Representation(non_enumerated=[facet])


def _coded(codelist: Codelist) -> Representation:
    """Representation of a component that holds codes."""
    from sdmx.model import common

    return common.Representation(enumerated=codelist)


def _in_words(name: str) -> str:
    """Name of a component as words: `Obs status` for `OBS_STATUS`."""
    return name.replace("_", " ").capitalize()


def _codes(
    component: ComponentMaps, representation: RepresentationMap | None
) -> dict[str, str]:
    """Code to name: that of the map, else the first label that gives it."""
    if isinstance(component, FixedValueMap):
        return {component.value: _in_words(component.value)}
    codes: dict[str, str] = {}
    if representation is None or not isinstance(component, ComponentMap | MultiComponentMap):
        return codes
    for line in representation.values:
        if line.code is not None:
            first_label = codes.get(line.code) or " / ".join(line.source)
            codes[line.code] = line.name or first_label
    return codes


def structure_message(dataflow: DataflowDefinition, prepared: str) -> bytes:
    """Structure message (SDMX-ML 2.1) of a dataflow with all that it refers to.

    Parameters
    ----------
    prepared
        Time of the header, ISO 8601.
    """
    from ilms_sdmx.structures import structure_ml

    if dataflow.maintainer is not None and dataflow.maintainer.id == "ILO":
        from ilms_sdmx import structures

        return structures.to_bytes("sdmx-ml-2.1", dataflow.id, prepared)
    structure: Any = dataflow.structure
    name = f"STRUCTURE_{structure.id}"
    return structure_ml.write(_bundle(dataflow), "2.1", name, prepared)


def _bundle(dataflow: DataflowDefinition) -> Bundle:
    """Dataflow with the codelists and concept schemes of its structure."""
    from ilms_sdmx.structures.bundle import Bundle

    structure: Any = dataflow.structure
    codelists = {}
    schemes = {}
    for part in (structure.dimensions, structure.attributes, structure.measures):
        for component in part.components:
            codelist = getattr(component.local_representation, "enumerated", None)
            if codelist is not None:
                codelists[codelist.id] = codelist
            scheme = component.concept_identity.parent
            if scheme is not None:
                schemes[scheme.id] = scheme
    return Bundle(
        codelists=tuple(codelists.values()),
        concept_schemes=tuple(schemes.values()),
        dataflows=(dataflow,),
        constraints=(),
        category_schemes=(),
        categorisations=(),
    )
