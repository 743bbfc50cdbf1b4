"""Targets: the structure of each data set, and its structure map made of the mapping."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.figures.footnotes import ATTRIBUTES, NOTE
from ilms_sdmx.conversion.filling.labels import OwnLists, names_of_codes
from ilms_sdmx.conversion.filling.national import build
from ilms_sdmx.datasets import Components
from ilms_sdmx.errors import MappingError
from ilms_sdmx.mapping.document import DatasetMap, MappingDocument
from ilms_sdmx.mapping.file.nodes import nearest
from ilms_sdmx.mapping.layout import column
from ilms_sdmx.mapping.model import (
    ComponentMap,
    ComponentMaps,
    DatePatternMap,
    FixedValueMap,
    ImplicitComponentMap,
    MappedValue,
    MultiComponentMap,
    RepresentationMap,
    StructureMap,
)

if TYPE_CHECKING:
    from sdmx.model.v21 import DataflowDefinition

#: Column of the figures that holds the status in the codes of the target.
STATUS = "obs_status"


@dataclass(frozen=True, eq=False)
class Target:
    """Where the figures of one data set go.

    `own` tells a dataflow that was built from the table, whose structure is written beside the data. `lists`
    holds the names of the codes of a structure of the user's own, by codelist.
    """

    dataset: DatasetMap
    dataflow: DataflowDefinition
    components: Components
    structure_map: StructureMap
    own: bool
    lists: OwnLists = field(default_factory=dict)

    @property
    def dataflow_id(self) -> str:
        """Identifier as `ILO:DF_POP_MNAO_SEX_CDS_NB(1.0)`."""
        return self.dataset.dataflow

    @property
    def structure_id(self) -> str:
        """Identifier of the data structure definition."""
        found: Any = self.dataflow.structure
        agency = (
            found.maintainer.id if found.maintainer else self.dataset.dataflow.partition(":")[0]
        )
        return f"{agency}:{found.id}({found.version or '1.0'})"


def target(dataset: DatasetMap, mapping: MappingDocument, folder: Path) -> Target:
    """Structure of one data set: ILO's, the user's own, or one built from the mapping.

    Raises
    ------
    StructureError
        No such dataflow at ILO; the message names the nearest.
    MappingError
        A component that the structure does not have.
    """
    agency = dataset.dataflow.partition(":")[0]
    if dataset.structure:
        dataflow, own = _of_file(dataset, mapping, folder), False
    elif agency == "ILO":
        from ilms_sdmx import structures

        dataflow, own = structures.dataflow(dataset.dataflow), False
    else:
        dataflow, own = build(dataset, mapping), True
    components = Components.of(dataflow.structure)
    for component in dataset.components:
        if component.target not in components.columns:
            raise MappingError(
                f"{mapping.name}, line {dataset.line}: expected a component of {dataset.dataflow}, found "
                f"{component.target!r}{nearest(component.target, components.columns)}; it has "
                f"{', '.join(components.columns)}."
            )
    _known_codes(dataset, dataflow, mapping)
    maps = [_coded(c, dataflow) for c in dataset.components]
    lists = _lists(dataset, dataflow, mapping) if dataset.structure else {}
    return Target(
        dataset, dataflow, components, _structure_map(dataset, maps, components), own, lists
    )


def _lists(
    dataset: DatasetMap, dataflow: DataflowDefinition, mapping: MappingDocument
) -> OwnLists:
    """Names of the codes of a structure message; codelists of ILO in it are matched as ILO's are."""
    dsd: Any = dataflow.structure
    every = [_enumerated(c) for c in [*dsd.dimensions.components, *dsd.attributes.components]]
    found = {str(x.id): x for x in every if x is not None}
    for component in dataset.components:
        representation = getattr(component, "representation", None)
        if representation and representation.match and representation.codelist not in found:
            there = ", ".join(found) or "it has none"
            raise MappingError(
                f"{mapping.name}, codes: {representation.id}: expected a codelist of {dataset.structure} "
                f"to match with ({there}), found {representation.codelist!r}."
            )
    return {k: names_of_codes(x) for k, x in found.items() if not _of_ilo(x)}


def _of_ilo(codelist: Any) -> bool:
    return codelist.maintainer is not None and str(codelist.maintainer.id) == "ILO"


def _coded(component: ComponentMaps, dataflow: DataflowDefinition) -> ComponentMaps:
    """Map of labels taken as they stand: where the component has a codelist they must be its codes."""
    if not isinstance(component, ImplicitComponentMap):
        return component
    dsd: Any = dataflow.structure
    every = [*dsd.dimensions.components, *dsd.attributes.components]
    listed = _enumerated(next((c for c in every if c.id == component.target), None))
    if listed is None:
        return component
    lines = tuple(MappedValue((str(code.id),), str(code.id)) for code in listed)
    if component.target in {a.id for a in dsd.attributes.components}:
        lines = (*lines, MappedValue(("",), ""))  # a blank label: the attribute is absent
    start = f"{component.target}_"
    prefix = start if any(line.source[0].startswith(start) for line in lines) else ""
    return ComponentMap(
        component.source, component.target, RepresentationMap("", lines, str(listed.id), prefix)
    )


def _known_codes(
    dataset: DatasetMap, dataflow: DataflowDefinition, mapping: MappingDocument
) -> None:
    """Refuse codes of the mapping that the codelist of their component does not have."""
    dsd: Any = dataflow.structure
    found = {c.id: c for c in [*dsd.dimensions.components, *dsd.attributes.components]}
    for component in dataset.components:
        listed = _enumerated(found.get(component.target))
        if listed is None:
            continue
        representation = getattr(component, "representation", None)
        lines = [v.code for v in representation.values if v.code] if representation else []
        wanted = [component.value] if isinstance(component, FixedValueMap) else lines
        for code in wanted:
            if code not in listed:
                where = (
                    f"codes: {representation.id}" if representation else f"line {dataset.line}"
                )
                raise MappingError(
                    f"{mapping.name}, {where}: expected a code of {listed.id} for {component.target}, "
                    f"found {code!r}{nearest(code, [c.id for c in listed])}."
                )


def _enumerated(component: Any) -> Any:
    """Codelist of a component, its own or that of its concept; None where it has none or only its name."""
    if component is None:
        return None
    own = component.local_representation or component.concept_identity.core_representation
    listed = getattr(own, "enumerated", None)
    return listed if listed is not None and len(listed.items) else None


def _structure_map(
    dataset: DatasetMap, filled_by: list[ComponentMaps], components: Components
) -> StructureMap:
    maps: list[ComponentMaps] = [_by_column(c) for c in filled_by]
    filled = {c.target for c in maps}
    if "OBS_STATUS" in components.columns and "OBS_STATUS" not in filled:
        maps.append(ImplicitComponentMap(STATUS, "OBS_STATUS"))
    if (place := note_attribute(components)) and place not in filled:
        maps.append(ImplicitComponentMap(NOTE, place))
    multiplier = _multiplier(dataset, next((c for c in maps if c.target == "UNIT_MULT"), None))
    return StructureMap(
        dataset.name, dataset.dataflow, tuple(maps), value="value", target_multiplier=multiplier
    )


def _multiplier(dataset: DatasetMap, component: ComponentMaps | None) -> int | None:
    """Power of ten in which values are written: 0 where none is said, None where each figure has its own."""
    if component is None:
        return 0
    if not isinstance(component, FixedValueMap):
        return None
    if not component.value.lstrip("-").isdigit():
        raise MappingError(
            f"data set {dataset.name!r}: expected a power of ten for UNIT_MULT, found {component.value!r}."
        )
    return int(component.value)


def note_attribute(components: Components) -> str:
    """Attribute of the observation that holds its notes; empty where the structure has none."""
    own = {a for a, of in components.attributes.items() if set(of) <= set(components.measures)}
    return next((a for a in ATTRIBUTES if a in own), "")


def _by_column(component: ComponentMaps) -> ComponentMaps:
    """Map whose sources are columns of the figures rather than headings."""
    if isinstance(component, MultiComponentMap | DatePatternMap):
        return replace(component, sources=tuple(map(column, component.sources)))
    if isinstance(component, ComponentMap | ImplicitComponentMap):
        return replace(component, source=column(component.source))
    return component


def _load_reader() -> None:
    """Load the reader of 3.0; it expects that of 2.1 to have met no message with a namespace of its own."""
    from sdmx.reader.xml import v21

    parser = v21.Reader.parser
    known = set(v21.Reader.format.NS.values())
    own = {key: parser.pop(key) for key in list(parser) if key[0].namespace not in known}
    try:
        import_module("sdmx.reader.xml.v30")
    finally:
        parser.update(own)


def _of_file(dataset: DatasetMap, mapping: MappingDocument, folder: Path) -> DataflowDefinition:
    """Dataflow of a structure message beside the mapping."""
    import sdmx

    _load_reader()
    path = folder / dataset.structure
    if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
        raise MappingError(
            f"{mapping.name}, line {dataset.line}: expected a structure message beside the mapping, "
            f"found no file {dataset.structure!r}."
        )
    try:
        with path.open("rb") as file:
            message: Any = sdmx.read_sdmx(file)
    except Exception as error:  # the reader raises whatever its parsers raise
        raise MappingError(
            f"{path.name}: expected an SDMX structure message ({error})."
        ) from error
    wanted = dataset.dataflow.partition(":")[2].partition("(")[0]
    flows = {f.id: f for f in message.dataflow.values()} or _flows_of(message)
    if wanted not in flows:
        raise MappingError(
            f"{mapping.name}, line {dataset.line}: expected a dataflow of {path.name}, found {wanted!r}"
            f"{nearest(wanted, list(flows))}."
        )
    found: DataflowDefinition = flows[wanted]
    return found


def _flows_of(message: Any) -> dict[str, Any]:
    """Dataflows for a message that holds structures alone: each under the id of its structure."""
    from sdmx.model import v21

    return {
        dsd.id: v21.DataflowDefinition(
            id=dsd.id,
            maintainer=dsd.maintainer,
            version=dsd.version,
            name=dsd.name,
            structure=dsd,
        )
        for dsd in message.structure.values()
    }


def status_codes(target: Target) -> dict[str, str]:
    """SDMX status to the code of the target: ILO's letters mean other things, a normal value has none."""
    if not target.dataset.dataflow.startswith("ILO:"):
        return {}
    from ilms_sdmx import structures

    lines = structures.code_map("OBS_STATUS")
    same = {t: s for s, t in zip(lines["source"], lines["target"], strict=True) if s == t}
    other = {t: s for s, t in zip(lines["source"], lines["target"], strict=True)}
    return {**other, **same, "A": ""}
