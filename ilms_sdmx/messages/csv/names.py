"""Names: what the structures that travel with the package call components and codes."""

from __future__ import annotations

from typing import Any

from ilms_sdmx.errors import StructureError


def names_of_dataflow(dataflow: str) -> dict[str, dict[str, str]]:
    """English names of a dataflow's codes by component, its name under the empty code.

    Empty where no dataflow of that id travels with the package.
    """
    from ilms_sdmx import structures

    try:
        definition = structures.dataflow(dataflow).structure
    except StructureError:
        return {}
    names = {}
    for descriptor in (definition.dimensions, definition.measures, definition.attributes):
        for component in descriptor.components:
            names[component.id] = _names(component)
    return names


def _names(component: Any) -> dict[str, str]:
    """Name of a component, and those of its codes."""
    concept = component.concept_identity
    names = {"": _english(concept) or component.id}
    representation = component.local_representation
    if representation is None and concept is not None:
        representation = concept.core_representation
    codes = representation.enumerated if representation is not None else None
    for code in codes or ():
        names[code.id] = _english(code) or code.id
    return names


def _english(artefact: Any) -> str:
    """English name of an artefact, empty where it has none."""
    if artefact is None:
        return ""
    return str(artefact.name.localizations.get("en", ""))
