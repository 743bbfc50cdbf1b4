"""Components: dimensions, measures and attributes of a structure, as columns of a data set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sdmx.model.common import Component, DataAttribute
    from sdmx.model.v21 import DataStructureDefinition

#: Attachment of an attribute that is reported with each observation.
OBSERVATION: tuple[str, ...] = ("OBS_VALUE",)


@dataclass(frozen=True)
class Components:
    """Dimensions, measures and attributes of a data set, in the order of its structure.

    Parameters
    ----------
    dimensions
        Ids in key order, with the time dimension where there is one.
    measures
        Ids; `("OBS_VALUE",)` in SDMX 2.1.
    attributes
        Id to attachment: `()` the data set, a tuple of dimension ids a series or group,
        `OBSERVATION` each observation.
    composite
        Ids of the components whose values may be several texts or texts in several languages
        (SDMX 3.0 and later). Their text is compact JSON, as `ilms_sdmx.messages.values` packs
        it: `["A","F"]`, `{"en":"Stock","fr":"Stock"}`, or a list of such maps. All other
        components hold plain text.
    groups
        Named groups to which attributes are attached: id to dimension ids. An attribute whose
        attachment is one of these travels in a `Group` of a message instead of on the series.
    multilingual, multivalued
        Ids of the components that have texts in several languages, or several values, by their
        structure (SDMX 3.0 and later), whether their cells do or not: SDMX-ML spells them as
        elements. Those whose cells are packed are in `composite`.
    structured
        Ids of the components whose text may have markup by their structure (XHTML), which
        SDMX-ML spells as elements too. The markup itself is not kept.
    """

    dimensions: tuple[str, ...]
    measures: tuple[str, ...] = ("OBS_VALUE",)
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    composite: frozenset[str] = frozenset()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    multilingual: frozenset[str] = frozenset()
    multivalued: frozenset[str] = frozenset()
    structured: frozenset[str] = frozenset()

    @property
    def columns(self) -> list[str]:
        """Every component id: dimensions, measures, attributes."""
        return [*self.dimensions, *self.measures, *self.attributes]

    @classmethod
    def of(cls, dsd: DataStructureDefinition) -> Components:
        """Components of a data structure definition, attachments resolved."""
        attributes: dict[str, tuple[str, ...]] = {}
        for attribute in dsd.attributes.components:
            attributes[attribute.id] = _attachment(attribute)
        known_groups = {}
        for group in dsd.group_dimensions.values():
            known_groups[group.id] = _ids(group.components)
        groups = named_groups(known_groups, map(group_of, dsd.attributes.components))
        in_order = sorted(dsd.dimensions.components, key=_order)
        dimensions = _ids(in_order)
        measures = _ids(dsd.measures.components)
        return cls(dimensions, measures, attributes, groups=groups)


def named_groups(
    groups: Mapping[str, tuple[str, ...]], names: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """Groups with which attributes travel: those that some attribute names.

    Equal dimensions do not suffice: an attribute of the dimensions of a group is on the series
    unless it names the group.

    Parameters
    ----------
    groups
        Groups of a structure: id to dimension ids.
    names
        Group that each component names, empty where it names none.
    """
    named = set(names)
    return {name: dimensions for name, dimensions in groups.items() if name in named}


def group_of(attribute: Any) -> str:
    """Id of the group that one of sdmx1's attributes names, empty where it names none."""
    related = getattr(attribute, "related_to", None)
    group = getattr(related, "group_key", None)
    if group is None or _attachment(attribute) == OBSERVATION:
        return ""
    return str(group.id)


def _order(dimension: Any) -> tuple[bool, int | None]:
    """Order of a dimension in the key, those without one last."""
    return dimension.order is None, dimension.order


def _ids(components: Iterable[Component]) -> tuple[str, ...]:
    return tuple(component.id for component in components)


def _attachment(attribute: DataAttribute) -> tuple[str, ...]:
    """Attachment of one of sdmx1's attributes, as in `Components.attributes`."""
    from sdmx.model import common, v21, v30

    related: Any = attribute.related_to
    on_observation = (
        v21.PrimaryMeasureRelationship,
        v30.ObservationRelationship,
        v30.MeasureRelationship,
    )
    if isinstance(related, on_observation):
        return OBSERVATION
    # An attribute of dimensions may travel with a group that has more of them.
    group = getattr(related, "group_key", None)
    if group is not None:
        return _ids(group.components)
    if isinstance(related, common.DimensionRelationship):
        return _ids(related.dimensions)
    return ()
