"""Resolving: the definition of a data set, of a structure that was given or of ILMS."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from ilms_sdmx.errors import StructureError
from ilms_sdmx.structures.reading.definition import Definition
from ilms_sdmx.structures.reading.message import StructureMessage
from ilms_sdmx.structures.reading.objects import of_constraint, of_dsd
from ilms_sdmx.structures.reading.reader import read_structure_file, read_structures

if TYPE_CHECKING:
    from sdmx.model.v21 import DataStructureDefinition

#: A data structure definition, a structure message (object, path or bytes), or the id of an ILMS
#: dataflow.
Structure: TypeAlias = (
    "DataStructureDefinition | Definition | StructureMessage"
    " | str | os.PathLike[str] | bytes | None"
)


@dataclass(frozen=True)
class Resolver:
    """Finds the definition of a data set.

    Parameters
    ----------
    given
        Structure that was given; None for data of ILMS dataflows, which bring theirs.
    """

    given: Definition | StructureMessage | None = None

    @classmethod
    def of(cls, structure: Structure) -> Resolver:
        """Resolver for whatever was given as the structure.

        Raises
        ------
        StructureError
            There is no such file and no such dataflow.
        MessageError
            The file or the bytes are no structure message.
        TypeError
            It is no structure.
        """
        if structure is None or isinstance(structure, Definition | StructureMessage):
            return cls(structure)
        if isinstance(structure, bytes):
            return cls(read_structures(structure))
        if isinstance(structure, os.PathLike):
            return cls(read_structure_file(structure))
        if isinstance(structure, str):
            return cls(_named(structure))
        if not hasattr(structure, "dimensions"):
            kind = type(structure).__name__
            raise TypeError(f"expected a data structure definition, found {kind}")
        return cls(of_dsd(structure))

    def __call__(self, dataflow: str, structure: str) -> Definition | None:
        """Definition for the ids of a data set; with empty ids the only one there is."""
        if isinstance(self.given, Definition):
            return self.given
        if self.given is None:
            return _of_dataflow(dataflow) if dataflow else None
        if not dataflow and not structure and len(self.given.definitions) != 1:
            return None
        return self.given.definition(dataflow, structure)


def _named(name: str) -> Definition | StructureMessage:
    """Structure message of a path, else the definition of a dataflow's id."""
    if os.path.exists(name):
        return read_structure_file(name)
    definition = _of_dataflow(name)
    if definition is None:
        raise StructureError(
            f"expected a structure message or the id of an ILMS dataflow, found {name!r}"
        )
    return definition


@cache
def _of_dataflow(dataflow: str) -> Definition | None:
    """Definition of an ILMS dataflow under its constraint; None where there is no such one."""
    from ilms_sdmx import structures
    from ilms_sdmx.structures import indicators

    if indicators.is_ours(dataflow):
        return of_dsd(structures.dataflow(dataflow).structure)
    if not dataflow.startswith("ILO:") and ":" in dataflow:
        return None
    try:
        known = structures.dataflow(dataflow.removeprefix("ILO:").partition("(")[0])
    except StructureError:
        return None
    constraint = of_constraint(structures.constraint(known.id))
    return of_dsd(known.structure).constrained([constraint])
