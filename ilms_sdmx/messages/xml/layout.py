"""Layout: at which level of a message each component of a data set stands."""

from __future__ import annotations

from dataclasses import dataclass

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
        Empty when there are no series.
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
    groups: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]

    @property
    def flat(self) -> bool:
        """Whether there are no series."""
        return self.at_observation == ALL


def arrange(components: Components, layout: str) -> Layout:
    """Place components for `series`, `flat`, or the id of the dimension that varies inside a series.

    An attribute of a named group stands on the group; one attached to dimensions that are all part of the
    series key on the series; any other on the observation, and in a flat message every one but those of the
    data set and of groups. `series` of data without TIME_PERIOD are flat.
    """
    at = _at_observation(components, layout)
    series = () if at == ALL else tuple(d for d in components.dimensions if d != at)
    levels: dict[str, list[str]] = {"dataset": [], "series": [], "observation": []}
    groups: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    named = {dims: name for name, dims in components.groups.items()}
    for attribute, attachment in components.attributes.items():
        if attachment in named:
            dims, members = groups.get(named[attachment], (attachment, ()))
            groups[named[attachment]] = (dims, (*members, attribute))
        else:
            levels[_level(attachment, series)].append(attribute)
    return Layout(
        at,
        series,
        tuple(levels["series"]),
        components.dimensions if at == ALL else (at,),
        components.measures,
        tuple(levels["observation"]),
        tuple(levels["dataset"]),
        groups,
    )


def _at_observation(components: Components, layout: str) -> str:
    if layout == "series":
        timed = "TIME_PERIOD" in components.dimensions and len(components.dimensions) > 1
        return "TIME_PERIOD" if timed else ALL
    if layout in ("flat", ALL):
        return ALL
    if layout not in components.dimensions:
        known = ", ".join(components.dimensions)
        raise MessageError(
            f"layout is `series`, `flat` or a dimension ({known}), not {layout!r}"
        )
    return layout


def _level(attachment: tuple[str, ...], series: tuple[str, ...]) -> str:
    if not attachment:
        return "dataset"
    if attachment != OBSERVATION and series and set(attachment) <= set(series):
        return "series"
    return "observation"
