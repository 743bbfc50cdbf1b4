"""Definitions from sdmx1's objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ilms_sdmx.errors import StructureError
from ilms_sdmx.structures.components import OBSERVATION, Components, group_of
from ilms_sdmx.structures.reading.definition import (
    Constraint,
    CubeRegion,
    Definition,
    Field,
    Selection,
    known_cascade,
)
from ilms_sdmx.structures.reading.identities import of_parts
from ilms_sdmx.structures.reading.message import StructureMessage

if TYPE_CHECKING:
    from sdmx.message import StructureMessage as SdmxMessage
    from sdmx.model.common import BaseDataflow
    from sdmx.model.v21 import ContentConstraint, DataStructureDefinition

#: sdmx1's attribute names to SDMX's facet names.
_FACETS = {
    "min_length": "minLength",
    "max_length": "maxLength",
    "min_value": "minValue",
    "max_value": "maxValue",
    "decimals": "decimals",
    "pattern": "pattern",
}


def of_dsd(dsd: DataStructureDefinition) -> Definition:
    """Definition of sdmx1's data structure definition, 2.1 or 3.0."""
    components = Components.of(dsd)
    by_id = _components_by_id(dsd)
    fields = {}
    for name in components.columns:
        role = _role(by_id[name], components)
        attachment: tuple[str, ...] = ()
        if role == "attribute":
            attachment = components.attributes.get(name, OBSERVATION)
        fields[name] = _field(by_id[name], role, attachment)
    agency = dsd.maintainer.id if dsd.maintainer else ""
    identity = f"{agency}:{dsd.id}({dsd.version})"
    return Definition(identity, fields, groups=components.groups)


def of_flow(dataflow: BaseDataflow) -> Definition:
    """Definition of the structure that one of sdmx1's dataflows refers to.

    Raises
    ------
    StructureError
        The dataflow comes without its structure.
    """
    dsd: Any = dataflow.structure
    if dsd is None or not dsd.dimensions.components:
        raise StructureError(
            f"expected a dataflow with its structure, found {dataflow.id} without components:"
            " give the structure message with its data structure definition"
        )
    return of_dsd(dsd)


def of_sdmx1_message(message: SdmxMessage) -> StructureMessage:
    """Definitions, dataflows and constraints of a structure message that sdmx1 has read."""
    from sdmx.model.common import ConstraintRoleType

    definitions = {}
    for dsd in message.structure.values():
        if dsd.dimensions.components:
            definition = of_dsd(dsd)
            definitions[definition.id] = definition
    dataflows = {}
    for dataflow in message.dataflow.values():
        if dataflow.structure is not None:
            dataflows[_identity(dataflow)] = _identity(dataflow.structure)
    constraints = []
    for constraint in message.constraint.values():
        role = getattr(constraint.role, "role", None)
        if role != ConstraintRoleType.actual:
            made = of_constraint(constraint)
            for subject in constraint.content:
                constraints.append((_identity(subject), made))
    return StructureMessage(definitions, dataflows, tuple(constraints))


def _identity(artefact: Any) -> str:
    agency = artefact.maintainer.id if artefact.maintainer else ""
    version = str(artefact.version) if artefact.version else None
    return of_parts(agency, artefact.id, version)


def _components_by_id(dsd: DataStructureDefinition) -> dict[str, Any]:
    by_id: dict[str, Any] = {}
    for descriptor in (dsd.dimensions, dsd.measures, dsd.attributes):
        for component in descriptor.components:
            by_id[component.id] = component
    return by_id


def _role(component: Any, components: Components) -> str:
    if component.id in components.dimensions:
        is_time = type(component).__name__ == "TimeDimension"
        if is_time:
            return "time"
        return "dimension"
    if component.id in components.attributes:
        return "attribute"
    return "measure"


def _field(component: Any, role: str, attachment: tuple[str, ...]) -> Field:
    concept = component.concept_identity
    representation = component.local_representation
    if representation is None and concept is not None:
        representation = concept.core_representation
    codelist = representation.enumerated if representation is not None else None
    codelist_id = codelist.id if codelist is not None else ""
    codes = _codes(codelist)
    facets, text_type = _facets(representation)
    field = Field(component.id, role, codelist_id, codes, text_type, facets)
    if role != "attribute":
        return field
    status = getattr(component, "usage_status", None)
    mandatory = getattr(status, "name", "") == "mandatory"
    return replace(field, mandatory=mandatory, attachment=attachment, group=group_of(component))


def _codes(codelist: Any) -> dict[str, str] | None:
    """Codes to parents; None where there is no codelist or only a reference to one."""
    if codelist is None:
        return None
    if not len(codelist):
        return None
    if codelist.is_external_reference:
        return None
    return {code.id: _parent(code, codelist.items) for code in codelist}


def _parent(code: Any, codes: Mapping[str, Any]) -> str:
    """Id of the code above one, empty for the list itself, which sdmx1 also calls a parent."""
    parent: Any = getattr(code, "parent", None)
    if parent is None:
        return ""
    parent_id = str(parent.id)
    is_code = codes.get(parent_id) is parent
    if is_code:
        return parent_id
    return ""


def _facets(representation: Any) -> tuple[dict[str, str], str]:
    """Facets by their SDMX names, and the text type."""
    facets: dict[str, str] = {}
    text_type = ""
    stated = representation.non_enumerated if representation is not None else None
    for facet in stated or ():
        if facet.value_type is not None:
            text_type = facet.value_type.name
        for attribute, name in _FACETS.items():
            value = getattr(facet.type, attribute, None)
            if value is not None:
                facets[name] = str(value)
    return facets, text_type[:1].upper() + text_type[1:]


def of_constraint(constraint: ContentConstraint) -> Constraint:
    """Constraint of sdmx1's content constraint (sdmx1 leaves its booleans as text)."""
    regions = tuple(map(_region, constraint.data_content_region))
    return Constraint(constraint.id, regions, _keys(constraint.data_content_keys))


def _region(region: Any) -> CubeRegion:
    selections = {}
    for component, selection in region.member.items():
        selections[component.id] = _selection(selection)
    return CubeRegion(selections, _is_true(region.included))


def _keys(key_set: Any) -> tuple[CubeRegion, ...]:
    if key_set is None:
        return ()
    keys = []
    for key in key_set.keys:
        selections = {}
        for value in key.key_value.values():
            values = ((str(value.value), ""),)
            selections[value.value_for.id] = Selection(values)
        is_true = _is_true(key_set.included)
        included = is_true and _is_true(key.included)
        keys.append(CubeRegion(selections, included))
    return tuple(keys)


def _selection(selection: Any) -> Selection:
    values = []
    start = end = ""
    for value in selection.values:
        if hasattr(value, "value"):
            values.append((str(value.value), known_cascade(value.cascade_values)))
        else:
            start = _bound(getattr(value, "start", None))
            end = _bound(getattr(value, "end", None))
    include = _is_true(selection.included)
    return Selection(tuple(values), include, start, end)


def _bound(period: Any) -> str:
    if period is None:
        return ""
    return str(period.period)


def _is_true(value: Any) -> bool:
    return str(value).lower() != "false"
