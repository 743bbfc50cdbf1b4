"""Structure maps of data sets: the columns of the figures that become components."""

from __future__ import annotations

from dataclasses import replace

from ilms_sdmx.conversion.filling.notes import NOTE, note_attribute
from ilms_sdmx.datasets import Components
from ilms_sdmx.errors import MappingError
from ilms_sdmx.mapping.document import DatasetMap
from ilms_sdmx.mapping.layout import column
from ilms_sdmx.mapping.model import (
    ComponentMap,
    ComponentMaps,
    DatePatternMap,
    FixedValueMap,
    ImplicitComponentMap,
    MultiComponentMap,
    StructureMap,
)

#: Column of the figures that holds the status in the codes of the target.
STATUS = "obs_status"


def structure_map_of(
    dataset: DatasetMap, maps: list[ComponentMaps], components: Components
) -> StructureMap:
    """Structure map of a data set, with status and notes where the mapping sets none."""
    by_target: dict[str, ComponentMaps] = {}
    whole = []
    for component in maps:
        with_columns = _by_column(component)
        by_target.setdefault(component.target, with_columns)
        whole.append(with_columns)
    if "OBS_STATUS" in components.columns and "OBS_STATUS" not in by_target:
        whole.append(ImplicitComponentMap(STATUS, "OBS_STATUS"))
    attribute = note_attribute(components)
    if attribute and attribute not in by_target:
        whole.append(ImplicitComponentMap(NOTE, attribute))
    multiplier = _multiplier(dataset, by_target.get("UNIT_MULT"))
    return StructureMap(
        dataset.name,
        dataset.dataflow,
        tuple(whole),
        value="value",
        target_multiplier=multiplier,
    )


def _by_column(component: ComponentMaps) -> ComponentMaps:
    """Map whose sources are columns of the figures rather than headings."""
    if isinstance(component, MultiComponentMap | DatePatternMap):
        return replace(component, sources=tuple(map(column, component.sources)))
    if isinstance(component, ComponentMap | ImplicitComponentMap):
        return replace(component, source=column(component.source))
    return component


def _multiplier(dataset: DatasetMap, component: ComponentMaps | None) -> int | None:
    """Power of ten in which values are written.

    It is 0 where the mapping says none, and None where each figure has its own.
    """
    if component is None:
        return 0
    if not isinstance(component, FixedValueMap):
        return None
    power = component.value
    if not power.lstrip("-").isdigit():
        raise MappingError(
            f"data set {dataset.name!r}: expected a power of ten for UNIT_MULT, "
            f"found {power!r}."
        )
    return int(power)
