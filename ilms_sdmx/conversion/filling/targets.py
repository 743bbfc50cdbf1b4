"""Targets: the structure of each data set, and the structure map that leads to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.filling.codelists import (
    check_codes,
    check_lists,
    names_in_structure,
    with_codes,
)
from ilms_sdmx.conversion.filling.labels import NamesOfCodes
from ilms_sdmx.conversion.filling.national import build_dataflow
from ilms_sdmx.conversion.filling.structure_files import read_dataflow
from ilms_sdmx.conversion.filling.structure_maps import structure_map_of
from ilms_sdmx.datasets import Components
from ilms_sdmx.errors import MappingError
from ilms_sdmx.mapping.document import DatasetMap, MappingDocument
from ilms_sdmx.mapping.file.nodes import nearest
from ilms_sdmx.mapping.model import StructureMap

if TYPE_CHECKING:
    from sdmx.model.v21 import DataflowDefinition


@dataclass(frozen=True, eq=False)
class Target:
    """Where the figures of one data set go.

    Parameters
    ----------
    dataset
        The data set of the mapping.
    dataflow
        Its dataflow, with the structure.
    components
        Components of the structure.
    structure_map
        How the headings of the figures become components.
    own
        Whether the dataflow was built from the mapping; its structure is written next to the
        data.
    names
        Names of the codes of a structure of the user's own, by codelist.
    """

    dataset: DatasetMap
    dataflow: DataflowDefinition
    components: Components
    structure_map: StructureMap
    own: bool
    names: NamesOfCodes = field(default_factory=dict)

    @property
    def dataflow_id(self) -> str:
        """Identifier as `ILO:DF_POP_MNAO_SEX_CDS_NB(1.0)`."""
        return self.dataset.dataflow

    @property
    def structure_id(self) -> str:
        """Identifier of the data structure definition."""
        structure: Any = self.dataflow.structure
        agency = self.dataset.dataflow.partition(":")[0]
        if structure.maintainer:
            agency = structure.maintainer.id
        return f"{agency}:{structure.id}({structure.version or '1.0'})"


def target_of(dataset: DatasetMap, mapping: MappingDocument, folder: Path) -> Target:
    """Structure of one data set: ILO's, the user's own, or one built from the mapping.

    Parameters
    ----------
    folder
        Folder of the mapping, in which the user's own structure is.

    Raises
    ------
    StructureError
        No such dataflow at ILO; the message names the nearest.
    MappingError
        A component or a code that the structure does not have.
    """
    dataflow, own = _dataflow(dataset, mapping, folder)
    components = Components.of(dataflow.structure)
    _check_components(dataset, components, mapping)
    check_codes(dataset, dataflow, mapping)
    names: NamesOfCodes = {}
    if dataset.structure:
        check_lists(dataset, dataflow, mapping)
        names = names_in_structure(dataflow)
    maps = [with_codes(component, dataflow) for component in dataset.components]
    structure_map = structure_map_of(dataset, maps, components)
    return Target(dataset, dataflow, components, structure_map, own, names)


def _dataflow(
    dataset: DatasetMap, mapping: MappingDocument, folder: Path
) -> tuple[DataflowDefinition, bool]:
    """Dataflow of a data set, and whether it was built from the mapping."""
    if dataset.structure:
        return read_dataflow(dataset, mapping, folder), False
    agency = dataset.dataflow.partition(":")[0]
    if agency == "ILO":
        from ilms_sdmx import structures

        return structures.dataflow(dataset.dataflow), False
    return build_dataflow(dataset, mapping), True


def _check_components(
    dataset: DatasetMap, components: Components, mapping: MappingDocument
) -> None:
    """Refuse a component of the mapping that the structure does not have."""
    columns = components.columns
    for component in dataset.components:
        name = component.target
        if name in columns:
            continue
        near = nearest(name, columns)
        known = ", ".join(columns)
        where = f"{mapping.name}, line {dataset.line}"
        expected = f"a component of {dataset.dataflow}"
        met = f"{name!r}{near}; it has {known}"
        raise MappingError(f"{where}: expected {expected}, found {met}.")


def status_codes(dataset: DatasetMap) -> dict[str, str]:
    """SDMX status to the code of the target, where the two differ.

    ILO's letters mean other things; a normal value has none.
    """
    if not dataset.dataflow.startswith("ILO:"):
        return {}
    from ilms_sdmx import structures

    lines = structures.code_map("OBS_STATUS")
    codes = {}
    unchanged = {}
    for ilo_code, sdmx_code in zip(lines["source"], lines["target"], strict=True):
        codes[sdmx_code] = ilo_code
        if ilo_code == sdmx_code:
            unchanged[sdmx_code] = ilo_code
    return {**codes, **unchanged, "A": ""}
