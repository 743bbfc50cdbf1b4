"""Given: the structure that a caller passes, as components and as a reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from ilms_sdmx.datasets import Components

if TYPE_CHECKING:
    from sdmx.model.v21 import DataStructureDefinition

Structure: TypeAlias = "Components | DataStructureDefinition | str | None"


def components_of(structure: Structure) -> Components | None:
    """Roles of the components, None where no structure was given."""
    if isinstance(structure, str):
        return Components.of(_shipped(structure))
    if structure is None or isinstance(structure, Components):
        return structure
    return Components.of(structure)


def _shipped(dataflow: str) -> DataStructureDefinition:
    """Structure of a dataflow that travels with the package."""
    from ilms_sdmx import structures

    definition: DataStructureDefinition = structures.dataflow(dataflow).structure
    return definition


def identity_of(structure: Structure) -> str:
    """Short reference of a data structure definition, empty for mere components."""
    if isinstance(structure, str):
        structure = _shipped(structure)
    if structure is None or isinstance(structure, Components):
        return ""
    if not structure.maintainer:
        return ""
    return f"{structure.maintainer.id}:{structure.id}({structure.version})"
