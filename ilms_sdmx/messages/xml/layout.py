"""Layout: at which level of a message each component of a data set is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ilms_sdmx.datasets import OBSERVATION, Components
from ilms_sdmx.errors import MessageError

ALL = "AllDimensions"


@dataclass(frozen=True)
class Layout:
    """Level of every component.

    Parameters
    ----------
    at_observation
        Dimension that varies inside a series; `AllDimensions` when there are no series.
    series, series_attributes
        Dimensions and attributes of the series; empty when there are no series.
    observation, measures, observation_attributes
        Dimensions, measures and attributes of the observation.
    dataset_attributes
        Attributes of the whole data set.
    groups
        Group id to its dimensions and attributes.
    """

    at_observation: str
    series: tuple[str, ...]
    series_attributes: tuple[str, ...]
    observation: tuple[str, ...]
    measures: tuple[str, ...]
    observation_attributes: tuple[str, ...]
    dataset_attributes: tuple[str, ...]
    groups: Mapping[str, GroupLayout]

    @property
    def flat(self) -> bool:
        """Whether there are no series."""
        return self.at_observation == ALL


class GroupLayout(NamedTuple):
    """Columns of one group.

    Parameters
    ----------
    dimensions
        Those of its key.
    attributes
        Those that it has a value of.
    """

    dimensions: tuple[str, ...]
    attributes: tuple[str, ...] = ()

    @property
    def columns(self) -> list[str]:
        """Dimensions, then attributes."""
        return [*self.dimensions, *self.attributes]

    def with_attribute(self, name: str) -> GroupLayout:
        """Group with one attribute more."""
        return self._replace(attributes=(*self.attributes, name))


def arrange(components: Components, layout: str) -> Layout:
    """Layout for `series`, `flat`, or the dimension that varies inside a series.

    An attribute of a named group is on the group; one attached to dimensions that are all part
    of the series key is on the series; any other is on the observation. In a flat message every
    attribute is on the observation but those of the data set and of groups. `series` of data
    without TIME_PERIOD are flat.
    """
    at = _at_observation(components, layout)
    series: tuple[str, ...] = ()
    observation = components.dimensions
    if at != ALL:
        series = tuple(filter(at.__ne__, components.dimensions))
        observation = (at,)
    levels: dict[str, list[str]] = {"dataset": [], "series": [], "observation": []}
    groups: dict[str, GroupLayout] = {}
    group_names = {dimensions: name for name, dimensions in components.groups.items()}
    for attribute, attachment in components.attributes.items():
        group_name = group_names.get(attachment)
        if group_name is None:
            levels[_level(attachment, series)].append(attribute)
            continue
        group = groups.get(group_name, GroupLayout(attachment))
        groups[group_name] = group.with_attribute(attribute)
    return Layout(
        at,
        series,
        tuple(levels["series"]),
        observation,
        components.measures,
        tuple(levels["observation"]),
        tuple(levels["dataset"]),
        groups,
    )


def _at_observation(components: Components, layout: str) -> str:
    """Dimension that varies inside a series, `AllDimensions` for a flat message."""
    dimensions = components.dimensions
    if layout == "series":
        timed = "TIME_PERIOD" in dimensions and len(dimensions) > 1
        return "TIME_PERIOD" if timed else ALL
    if layout in ("flat", ALL):
        return ALL
    if layout in dimensions:
        return layout
    expected = f"`series`, `flat` or a dimension ({', '.join(dimensions)})"
    raise MessageError(f"layout is {expected}, not {layout!r}")


def _level(attachment: tuple[str, ...], series: tuple[str, ...]) -> str:
    """Level of an attribute outside groups: `dataset`, `series` or `observation`."""
    if not attachment:
        return "dataset"
    if not series or attachment == OBSERVATION:
        return "observation"
    return "series" if set(attachment) <= set(series) else "observation"
