"""Names: what the structures that travel with the package call components and codes."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ilms_sdmx.datasets import Components, Dataset
from ilms_sdmx.errors import StructureError


def names_of_dataflow(dataflow: str, language: str = "en") -> dict[str, dict[str, str]]:
    """Names of a dataflow's codes by component, its name under the empty code.

    English where there is none in the language; empty where no dataflow of that id travels
    with the package.
    """
    from ilms_sdmx import structures

    try:
        definition = structures.dataflow(dataflow).structure
    except StructureError:
        return {}
    return _names_of_definition(definition, language)


def names_of_structure(structure: Any, dataset: Dataset) -> dict[str, dict[str, str]]:
    """Names as the structure that was given has them; empty where they cannot be told.

    `structure` is the id of a dataflow that travels with the package, a structure message of
    SDMX-ML 2.1, 3.0 or SDMX-JSON (path or bytes), or an object of sdmx1.
    """
    if structure is None or isinstance(structure, Components):
        return {}
    if isinstance(structure, str) and not os.path.exists(structure):
        return names_of_dataflow(structure)
    if isinstance(structure, str | os.PathLike | bytes):
        structure = _read_by_sdmx1(structure)
    definition = _definition(structure, dataset)
    return {} if definition is None else _names_of_definition(definition)


def _read_by_sdmx1(source: str | os.PathLike[str] | bytes) -> Any:
    """Structure message as sdmx1 reads it, None where it does not: only names are lost then."""
    import sdmx

    data = source if isinstance(source, bytes) else Path(source).read_bytes()
    try:
        return sdmx.read_sdmx(io.BytesIO(data))
    except Exception:
        return None


def _definition(structure: Any, dataset: Dataset) -> Any:
    """Data structure definition of sdmx1 in what was given, None where it is not clear."""
    if hasattr(structure, "dimensions"):
        return structure
    held = getattr(structure, "structure", None)
    if not isinstance(held, Mapping):
        return held
    if len(held) == 1:
        return next(iter(held.values()))
    flow = structure.dataflow.get(_bare(dataset.dataflow))
    return held.get(_bare(dataset.structure)) if flow is None else flow.structure


def _bare(identity: str) -> str:
    """Id without agency and version."""
    return identity.partition(":")[2].partition("(")[0]


def _names_of_definition(definition: Any, language: str = "en") -> dict[str, dict[str, str]]:
    """Names of components and of their codes."""
    names = {}
    for descriptor in (definition.dimensions, definition.measures, definition.attributes):
        for component in descriptor.components:
            names[component.id] = _names(component, language)
    return names


def _names(component: Any, language: str) -> dict[str, str]:
    """Name of a component, and those of its codes."""
    concept = component.concept_identity
    names = {"": _name(concept, language) or component.id}
    representation = component.local_representation
    if representation is None and concept is not None:
        representation = concept.core_representation
    codes = representation.enumerated if representation is not None else None
    for code in codes or ():
        names[code.id] = _name(code, language) or code.id
    return names


def _name(artefact: Any, language: str) -> str:
    """Name of an artefact in a language, else in English; empty where it has none."""
    if artefact is None:
        return ""
    names = artefact.name.localizations
    return str(names.get(language) or names.get("en", ""))
