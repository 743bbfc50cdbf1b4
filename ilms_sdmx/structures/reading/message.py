"""Structure message: the definitions, dataflows and constraints that one message holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ilms_sdmx.errors import StructureError
from ilms_sdmx.structures.reading.definition import Constraint, Definition
from ilms_sdmx.structures.reading.identities import bare_id, nearest


@dataclass(frozen=True)
class StructureMessage:
    """What a structure message says about data.

    Parameters
    ----------
    definitions
        Structure id `AGENCY:ID(VERSION)` to its definition, without constraints.
    dataflows
        Dataflow id to the id of its structure.
    constraints
        Pairs of the id of what is constrained and the constraint; only those that restrict
        (`type="Actual"` says what there is, not what may be).
    """

    definitions: Mapping[str, Definition]
    dataflows: Mapping[str, str]
    constraints: tuple[tuple[str, Constraint], ...]

    def definition(self, dataflow: str = "", structure: str = "") -> Definition:
        """Definition for a dataflow or a structure, under every constraint on either.

        Parameters
        ----------
        dataflow, structure
            Ids as `AGENCY:ID(VERSION)`; agency and version may differ where one id is alike.

        Raises
        ------
        StructureError
            The message has neither; it says which ones it has.
        """
        known_flow = nearest(dataflow, self.dataflows)
        definition = self._without_constraints(known_flow, structure or dataflow)
        if definition is None and known_flow:
            raise StructureError(
                f"expected the structure of {known_flow}, found the dataflow without it:"
                " ask the service for both (references=all)"
            )
        if definition is None:
            wanted = dataflow or structure
            known = ", ".join([*self.dataflows, *self.definitions])
            if not known:
                known = "other things than data structures"
            raise StructureError(f"expected the structure of {wanted}, found only {known}")
        if not definition.dimensions:
            raise StructureError(
                f"expected the components of {definition.id}, found only its name:"
                " ask the service for it in full (detail=full)"
            )
        subjects = self._subjects(definition, known_flow)
        constraints = [of for subject, of in self.constraints if subject in subjects]
        return definition.constrained(constraints)

    def _without_constraints(self, known_flow: str, name: str) -> Definition | None:
        """Definition of a dataflow, else the one of that name, else the only one there is."""
        structure = self.dataflows.get(known_flow, "")
        if not structure:
            structure = nearest(name, self.definitions)
        if not structure and len(self.definitions) == 1:
            (structure,) = self.definitions
        known_structure = nearest(structure, self.definitions)
        return self.definitions.get(known_structure)

    def _subjects(self, definition: Definition, known_flow: str) -> set[str]:
        """Ids whose constraints hold for data of a definition."""
        if known_flow:
            return {definition.id, known_flow}
        if len(self.dataflows) == 1:
            ((flow, structure),) = self.dataflows.items()
            if bare_id(structure) == bare_id(definition.id):
                return {definition.id, flow}
        return {definition.id}
