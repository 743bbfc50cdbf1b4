"""Plan: which component of a data set goes to which level of a JSON message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ilms_sdmx.datasets import Components, Dataset
from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages import pool
from ilms_sdmx.messages.json import keys

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Plan:
    """Level of each component of a data set.

    Parameters
    ----------
    components
        Roles of all components.
    varying
        Dimension inside a series; empty for a flat data set.
    whole, group, series, observation
        Attributes at each level.
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
        return (
            tuple(d for d in self.components.dimensions if d != self.varying)
            if self.varying
            else ()
        )

    @property
    def inside(self) -> tuple[str, ...]:
        """Dimensions of an observation key."""
        return (self.varying,) if self.varying else self.components.dimensions

    @classmethod
    def of(cls, dataset: Dataset, layout: str) -> Plan:
        """Plan for data sets like this one: an attribute goes as high as its values and attachment allow."""
        components = dataset.components
        varying = _varying(dataset, layout)
        group = {
            a: key
            for key, frame in dataset.attached.items()
            for a in frame.columns
            if a not in key
        }
        rest = [a for a in components.attributes if a not in group]
        whole = tuple(
            a
            for a in rest
            if not components.attributes[a] and one_value(dataset.observations[a])
        )
        above = [d for d in components.dimensions if d != varying]
        of_series = [
            a
            for a in rest
            if 0 < len(components.attributes[a]) == len({*components.attributes[a]} & {*above})
        ]
        series = _constants(dataset.observations, of_series, above) if varying else ()
        observation = tuple(a for a in rest if a not in whole and a not in series)
        return cls(components, varying, whole, group, series, observation)


def _varying(dataset: Dataset, layout: str) -> str:
    """Dimension inside a series; none where series would tear the order of the observations apart.

    A series can be named once only, so with the layout `series` rows of one series must stand together.
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
    above = [d for d in dimensions if d != "TIME_PERIOD"]
    return "TIME_PERIOD" if _together(dataset.observations, above) else ""


def _together(frame: pd.DataFrame, key: Sequence[str]) -> bool:
    """Whether the rows of each key stand together."""
    return keys.together([pool.distinct(frame[name])[0] for name in key])


def gathered(frame: pd.DataFrame, key: Sequence[str]) -> pd.DataFrame:
    """Frame with the rows of each key together: itself where they are."""
    if _together(frame, key):
        return frame
    return frame.iloc[keys.order([pool.distinct(frame[name])[0] for name in key])]


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
    columns = [pool.distinct(frame[name])[0] for name in key]
    return tuple(a for a in attributes if keys.constant(pool.distinct(frame[a])[0], columns))
