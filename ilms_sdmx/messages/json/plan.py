"""Plan: which component of a data set goes to which level of a JSON message."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ilms_sdmx.datasets import Components, Dataset
from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages import pool
from ilms_sdmx.messages.json import keys

if TYPE_CHECKING:
    import pandas as pd

_ID = re.compile(r"[A-Za-z][A-Za-z0-9_\-]*")


@dataclass(frozen=True)
class Plan:
    """Level of each component of a data set.

    Parameters
    ----------
    components
        Roles of all components.
    varying
        Dimension inside a series; empty for a flat data set.
    whole
        Attributes of the data set.
    group
        Attributes of groups, each with the dimensions of its key.
    series, observation
        Attributes at these levels.
    """

    components: Components
    varying: str
    whole: tuple[str, ...]
    group: Mapping[str, tuple[str, ...]]
    series: tuple[str, ...]
    observation: tuple[str, ...]

    @property
    def above(self) -> tuple[str, ...]:
        """Dimensions of a series key."""
        return _without(self.components.dimensions, self.varying) if self.varying else ()

    @property
    def inside(self) -> tuple[str, ...]:
        """Dimensions of an observation key."""
        return (self.varying,) if self.varying else self.components.dimensions

    @classmethod
    def of(cls, dataset: Dataset, layout: str) -> Plan:
        """Plan for data sets like this one.

        An attribute goes as high as its values and attachment allow.
        """
        components = dataset.components
        _refuse_ids(components)
        varying = _varying(dataset, layout)
        above = _without(components.dimensions, varying)
        group = group_attributes(dataset)
        whole = []
        below = []
        of_series = []
        for attribute, attachment in components.attributes.items():
            if attribute in group:
                continue
            if not attachment and one_value(dataset.observations[attribute]):
                whole.append(attribute)
                continue
            below.append(attribute)
            if varying and attachment and set(attachment) <= set(above):
                of_series.append(attribute)
        series = _constants(dataset.observations, of_series, above)
        observation = tuple(name for name in below if name not in series)
        return cls(components, varying, tuple(whole), group, series, observation)


def _refuse_ids(components: Components) -> None:
    """Refuse ids of components that the schema of SDMX-JSON does not allow."""
    for name in components.columns:
        if not _ID.fullmatch(name):
            raise MessageError(
                f"{name!r} cannot be the id of a component in SDMX-JSON; write sdmx-csv-2.0, or"
                " rename the column"
            )


def _without(names: Sequence[str], name: str) -> tuple[str, ...]:
    """Names without one of them."""
    return tuple(filter(name.__ne__, names))


def group_attributes(dataset: Dataset) -> dict[str, tuple[str, ...]]:
    """Attributes without observations, each with the dimensions of its key.

    Those of a data set without rows are none: they have a place of their own.
    """
    keys_of_attributes = {}
    for key, frame in dataset.attached.items():
        for name in frame.columns:
            if key and name not in key:
                keys_of_attributes[name] = key
    return keys_of_attributes


def _varying(dataset: Dataset, layout: str) -> str:
    """Dimension inside a series; empty where series would change the order of observations.

    A series can be named once only, so with the layout `series` its rows must be next to each
    other.
    """
    dimensions = dataset.components.dimensions
    if not dimensions:
        raise MessageError("SDMX-JSON cannot carry data without dimensions; write sdmx-csv-2.0")
    if layout == "flat" or len(dimensions) < 2:
        return ""
    if layout != "series":
        if layout not in dimensions:
            raise MessageError(f"layout {layout!r}: the data set has no such dimension")
        return layout
    if "TIME_PERIOD" not in dimensions:
        return ""
    above = _without(dimensions, "TIME_PERIOD")
    return "TIME_PERIOD" if _together(dataset.observations, above) else ""


def _together(frame: pd.DataFrame, key: Sequence[str]) -> bool:
    """Whether the rows of each key are next to each other."""
    return keys.together(_codes(frame, key))


def _codes(frame: pd.DataFrame, names: Sequence[str]) -> list[keys.Codes]:
    """Codes of some columns."""
    columns = []
    for name in names:
        codes, _ = pool.distinct(frame[name])
        columns.append(codes)
    return columns


def gathered(frame: pd.DataFrame, key: Sequence[str]) -> pd.DataFrame:
    """Frame with the rows of each key together: itself where they are."""
    columns = _codes(frame, key)
    if keys.together(columns):
        return frame
    return frame.iloc[keys.order(columns)]


def one_value(values: pd.Series) -> bool:
    """Whether all rows have the same value, or none has one."""
    return len(values.drop_duplicates()) <= 1


def _constants(
    frame: pd.DataFrame, attributes: Sequence[str], key: Sequence[str]
) -> tuple[str, ...]:
    """Those of some attributes that have one value for each key."""
    if not attributes:
        return ()
    frame = gathered(frame[[*key, *attributes]], key)
    columns = _codes(frame, key)
    constants = []
    for attribute, codes in zip(attributes, _codes(frame, attributes), strict=True):
        if keys.constant(codes, columns):
            constants.append(attribute)
    return tuple(constants)
