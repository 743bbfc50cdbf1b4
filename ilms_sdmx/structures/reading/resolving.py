"""Resolving: the definition of a data set, of a structure that was given or of ILMS."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from ilms_sdmx.errors import StructureError
from ilms_sdmx.structures.reading.definition import Definition
from ilms_sdmx.structures.reading.message import StructureMessage
from ilms_sdmx.structures.reading.objects import (
    of_constraint,
    of_dsd,
    of_flow,
    of_sdmx1_message,
)
from ilms_sdmx.structures.reading.reader import read_structure_file, read_structures
from ilms_sdmx.structures.reading.service import ServiceStructures

if TYPE_CHECKING:
    from sdmx.message import StructureMessage as SdmxMessage
    from sdmx.model.common import BaseDataflow
    from sdmx.model.v21 import DataStructureDefinition

#: The id of an ILMS dataflow; a structure message as path, bytes, URL or object; a definition,
#: or sdmx1's message, dataflow or data structure definition.
Structure: TypeAlias = (
    "DataStructureDefinition | BaseDataflow | SdmxMessage | Definition | StructureMessage"
    " | ServiceStructures | str | os.PathLike[str] | bytes | None"
)
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_KINDS = "a structure message (path, bytes, URL or object), a data structure definition"


@dataclass(frozen=True)
class Resolver:
    """Finds the definition of a data set.

    Parameters
    ----------
    given
        Structure that was given; None for data of ILMS dataflows, which bring theirs.
    """

    given: Definition | StructureMessage | ServiceStructures | None = None

    @classmethod
    def of(cls, structure: Structure) -> Resolver:
        """Resolver for whatever was given as the structure.

        Raises
        ------
        StructureError
            There is no such file and no such dataflow.
        MessageError
            The file or the bytes are no structure message.
        FetchError
            The address does not give one.
        TypeError
            It is no structure.
        """
        ready = Definition | StructureMessage | ServiceStructures
        if structure is None or isinstance(structure, ready):
            return cls(structure)
        if isinstance(structure, bytes):
            return cls(read_structures(structure))
        if isinstance(structure, os.PathLike):
            return cls(read_structure_file(structure))
        if isinstance(structure, str):
            return cls(_named(structure))
        return cls(_of_object(structure))

    def __call__(self, dataflow: str, structure: str) -> Definition | None:
        """Definition for the ids of a data set; with empty ids the only one there is."""
        if isinstance(self.given, Definition):
            return self.given
        if self.given is None:
            if dataflow:
                return _of_dataflow(dataflow)
            return None
        if dataflow or structure:
            return self.given.definition(dataflow, structure)
        if isinstance(self.given, StructureMessage) and len(self.given.definitions) == 1:
            return self.given.definition()
        return None


def _of_object(structure: Any) -> Definition | StructureMessage:
    """Definition of an object of sdmx1, or those of its message."""
    if hasattr(structure, "dimensions"):
        return of_dsd(structure)
    if hasattr(structure, "codelist") and hasattr(structure, "dataflow"):
        return of_sdmx1_message(structure)
    if hasattr(structure, "structure"):
        return of_flow(structure)
    kind = type(structure).__name__
    raise TypeError(f"expected {_KINDS} or the id of an ILMS dataflow, found {kind}")


def _named(name: str) -> Definition | StructureMessage | ServiceStructures:
    """Structure message of a path or an address, else the definition of a dataflow's id."""
    from ilms_sdmx.structures.reading import service

    if _ADDRESS.match(name):
        return service.at_address(name)
    if os.path.exists(name):
        return read_structure_file(name)
    definition = _of_dataflow(name)
    if definition is None:
        raise StructureError(
            f"expected a structure message or the id of an ILMS dataflow, found {name!r}"
            f"{_advice(name)}"
        )
    return definition


def _advice(name: str) -> str:
    """What may be meant where a name is no file and no dataflow."""
    from ilms_sdmx import structures

    if os.sep in name:
        return ": there is no such file"
    if name.endswith((".xml", ".json", ".gz")):
        return ": there is no such file"
    try:
        structures.dataflow(name)
    except StructureError as error:
        return f": {error}"
    return ""


@cache
def _of_dataflow(dataflow: str) -> Definition | None:
    """Definition of an ILMS dataflow under its constraint; None where there is no such one."""
    from ilms_sdmx import structures
    from ilms_sdmx.structures import indicators

    if indicators.is_ours(dataflow):
        return of_dsd(structures.dataflow(dataflow).structure)
    if not dataflow.startswith(("ILO:", "urn:")) and ":" in dataflow:
        return None
    try:
        known = structures.dataflow(dataflow)
    except StructureError:
        return None
    constraint = of_constraint(structures.constraint(known.id))
    return of_dsd(known.structure).constrained([constraint])
