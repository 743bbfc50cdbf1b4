"""Codelists of a structure: what the codes and the labels of a mapping must be found in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.filling.labels import NamesOfCodes, names_of_codes
from ilms_sdmx.errors import MappingError
from ilms_sdmx.mapping.document import DatasetMap, MappingDocument
from ilms_sdmx.mapping.file.nodes import nearest
from ilms_sdmx.mapping.model import (
    ComponentMap,
    ComponentMaps,
    FixedValueMap,
    ImplicitComponentMap,
    MappedValue,
    RepresentationMap,
)

if TYPE_CHECKING:
    from sdmx.model.v21 import DataflowDefinition


def _codelists(dataflow: DataflowDefinition) -> dict[str, Any]:
    """Component of a dataflow to its codelist; components without one are left out."""
    structure: Any = dataflow.structure
    codelists = {}
    for component in (*structure.dimensions.components, *structure.attributes.components):
        codelist = _codelist(component)
        if codelist is not None:
            codelists[component.id] = codelist
    return codelists


def _codelist(component: Any) -> Any:
    """Codelist of a component or of its concept; None where it has none or only its name."""
    representation = component.local_representation
    if not representation:
        representation = component.concept_identity.core_representation
    codelist = getattr(representation, "enumerated", None)
    if codelist is None or not len(codelist.items):
        return None
    return codelist


def names_in_structure(dataflow: DataflowDefinition) -> NamesOfCodes:
    """Names of the codes of a structure message.

    Labels for ILO's codelists are matched as ILO's.
    """
    names = {}
    for codelist in _codelists(dataflow).values():
        maintainer = codelist.maintainer
        if maintainer is None or str(maintainer.id) != "ILO":
            names[str(codelist.id)] = names_of_codes(codelist)
    return names


def check_lists(
    dataset: DatasetMap, dataflow: DataflowDefinition, mapping: MappingDocument
) -> None:
    """Refuse a code map with a codelist which the structure does not have."""
    codelists = _codelists(dataflow).values()
    known = {str(codelist.id): None for codelist in codelists}
    for component in dataset.components:
        representation = getattr(component, "representation", None)
        if not representation or not representation.match:
            continue
        codelist_id = representation.codelist
        if codelist_id not in known:
            names = ", ".join(known) or "it has none"
            where = f"{mapping.name}, codes: {representation.id}"
            expected = f"a codelist of {dataset.structure} to match with ({names})"
            raise MappingError(f"{where}: expected {expected}, found {codelist_id!r}.")


def check_codes(
    dataset: DatasetMap, dataflow: DataflowDefinition, mapping: MappingDocument
) -> None:
    """Refuse codes of the mapping that the codelist of their component does not have."""
    codelists = _codelists(dataflow)
    for component in dataset.components:
        codelist = codelists.get(component.target)
        if codelist is None:
            continue
        for code in _codes_of_map(component):
            if code not in codelist:
                where = _where(component, dataset)
                near = nearest(code, [known.id for known in codelist])
                raise MappingError(
                    f"{mapping.name}, {where}: expected a code of {codelist.id} for "
                    f"{component.target}, found {code!r}{near}."
                )


def _codes_of_map(component: ComponentMaps) -> list[str]:
    """Codes that a component map may give."""
    if isinstance(component, FixedValueMap):
        return [component.value]
    representation = getattr(component, "representation", None)
    if not representation:
        return []
    return [line.code for line in representation.values if line.code]


def _where(component: ComponentMaps, dataset: DatasetMap) -> str:
    """Place of a component map in the mapping."""
    representation = getattr(component, "representation", None)
    return f"codes: {representation.id}" if representation else f"line {dataset.line}"


def with_codes(component: ComponentMaps, dataflow: DataflowDefinition) -> ComponentMaps:
    """Component map whose labels must be codes, where they are taken as they are.

    A map of another kind, or of a component without a codelist, is left as it is.
    """
    if not isinstance(component, ImplicitComponentMap):
        return component
    target = component.target
    codelist = _codelists(dataflow).get(target)
    if codelist is None:
        return component
    codes = [str(code.id) for code in codelist]
    lines = [MappedValue((code,), code) for code in codes]
    start = f"{target}_"
    prefix = start if any(code.startswith(start) for code in codes) else ""
    if _is_attribute(target, dataflow):
        blank = MappedValue(("",), "")  # a blank label: the attribute is absent
        lines.append(blank)
    representation = RepresentationMap("", tuple(lines), str(codelist.id), prefix)
    return ComponentMap(component.source, target, representation)


def _is_attribute(name: str, dataflow: DataflowDefinition) -> bool:
    """Whether a component is an attribute."""
    structure: Any = dataflow.structure
    attributes = structure.attributes.components
    return any(attribute.id == name for attribute in attributes)
