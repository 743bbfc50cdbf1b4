"""Given: the structure that a caller passes, asked for each data set by what this refers to."""

from __future__ import annotations

from typing import TypeAlias

from ilms_sdmx.errors import StructureError
from ilms_sdmx.structures.components import Components
from ilms_sdmx.structures.reading import resolving

#: Mere components, or whatever names or holds structures: the id of an ILMS dataflow, a
#: structure message (path, bytes, URL or object), or sdmx1's objects.
Structure: TypeAlias = "Components | resolving.Structure"


class Given:
    """Structure that was given, or none.

    Parameters
    ----------
    structure
        What the caller passed.
    """

    def __init__(self, structure: Structure = None) -> None:
        self._structure = structure
        self._components: Components | None = None
        self._resolve: resolving.Resolver | None = None
        if isinstance(structure, Components):
            self._components = structure
        elif structure is not None:
            self._resolve = resolving.Resolver.of(structure)

    def __bool__(self) -> bool:
        return self._components is not None or self._resolve is not None

    def components(
        self, dataflow: str = "", structure: str = "", provision: str = ""
    ) -> Components | None:
        """Roles of the components of a data set, None where no structure was given.

        Raises
        ------
        StructureError
            Several structures were given, and the data set refers to none of them.
        """
        if self._resolve is None:
            return self._components
        definition = self._resolve(dataflow, structure)
        if definition is None:
            raise self._unclear(provision)
        return definition.components

    def reference(self) -> tuple[str, str]:
        """Dataflow and structure that were given, each empty where that is not known."""
        return self._only_dataflow(), self.identity()

    def _only_dataflow(self) -> str:
        """Dataflow that was given, empty where there is none or more than one."""
        held = self._resolve and self._resolve.given
        flows = tuple(getattr(held, "dataflows", ()))
        if len(flows) == 1:
            return str(flows[0])
        if isinstance(self._structure, str) and held is not None and not flows:
            return _of_package(self._structure)
        return ""

    def identity(self, dataflow: str = "", structure: str = "") -> str:
        """Short reference of the data structure definition, empty for mere components."""
        if self._resolve is None:
            return ""
        definition = self._resolve(dataflow, structure)
        if definition is None or definition.id.startswith(":"):
            return ""
        return definition.id

    def holds(self, component: str) -> bool:
        """Whether any of several structures has a component of that id."""
        held = getattr(self._resolve and self._resolve.given, "definitions", {})
        return any(component in definition.fields for definition in held.values())

    def _unclear(self, provision: str) -> StructureError:
        """Error where the data set names nothing that tells which structure is meant."""
        held = getattr(self._resolve and self._resolve.given, "definitions", ())
        named = provision and f"only the provision agreement {provision}"
        return StructureError(
            f"expected data that name their dataflow or structure, found"
            f" {named or 'no reference'}; the structure message holds"
            f" {', '.join(held) or 'no structure'}"
        )


def _of_package(name: str) -> str:
    """Short reference of a dataflow that travels with the package, empty for other names."""
    from ilms_sdmx import structures

    try:
        known = structures.dataflow(name)
    except StructureError:
        return ""
    agency = known.maintainer.id if known.maintainer else ""
    return f"{agency}:{known.id}({known.version})"
