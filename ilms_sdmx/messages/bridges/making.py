"""Making: observations, series and groups of sdmx1 from the rows of a data set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ilms_sdmx.datasets import Components, Dataset

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Levels:
    """Attributes by the level at which a data set has one value of each.

    Parameters
    ----------
    whole
        Those of the data set.
    series
        Those of series.
    groups
        Names of groups to their attributes.
    observation
        All others.
    dimensions
        Dimensions of a series key, empty where there are no series.
    """

    whole: tuple[str, ...]
    series: tuple[str, ...]
    groups: dict[str, tuple[str, ...]]
    observation: tuple[str, ...]
    dimensions: tuple[str, ...]

    @classmethod
    def of(cls, dataset: Dataset, *, of_dataset: bool) -> Levels:
        """Levels of the attributes of a data set, as their attachments and values allow.

        Sdmx1's data sets of SDMX 3.0 have no attributes: `of_dataset` says whether they have.
        """
        components = dataset.components
        above: tuple[str, ...] = ()
        if "TIME_PERIOD" in components.dimensions:
            above = tuple(name for name in components.dimensions if name != "TIME_PERIOD")
        names_of_groups = {key: name for name, key in components.groups.items()}
        whole: list[str] = []
        series: list[str] = []
        observation: list[str] = []
        groups: dict[str, tuple[str, ...]] = {}
        for name, attachment in components.attributes.items():
            if not _is_constant(dataset.observations, name, attachment):
                observation.append(name)
            elif attachment in names_of_groups:
                group = names_of_groups[attachment]
                groups[group] = (*groups.get(group, ()), name)
            elif not attachment and of_dataset:
                whole.append(name)
            elif attachment and above and set(attachment) <= set(above):
                series.append(name)
            else:
                observation.append(name)
        return cls(tuple(whole), tuple(series), groups, tuple(observation), above)


def _is_constant(frame: pd.DataFrame, name: str, key: tuple[str, ...]) -> bool:
    """Whether an attribute has one value for each key, which may be absent."""
    if name not in frame or not set(key) <= set(frame.columns):
        return False
    distinct = frame[[*key, name]].drop_duplicates()
    if not key:
        return len(distinct) <= 1
    return not distinct.duplicated(list(key)).any()


def records_of(frame: pd.DataFrame) -> list[dict[str, str | None]]:
    """Rows with None where a cell is absent."""
    cells = frame.astype("object").where(frame.notna(), None)
    records: list[Any] = cells.to_dict("records")
    return records


@dataclass(frozen=True)
class Making:
    """Maker of observations of sdmx1.

    Parameters
    ----------
    model
        Module of the information model: 2.1 or 3.0.
    structure
        sdmx1's definition.
    components
        Roles of the columns.
    levels
        Where their attributes go.
    made
        Data set that is being made.
    """

    model: Any
    structure: Any
    components: Components
    levels: Levels
    made: Any
    _series: dict[tuple[str | None, ...], Any] = field(default_factory=dict)
    _groups: dict[tuple[str | None, ...], Any] = field(default_factory=dict)

    def add(self, row: dict[str, str | None]) -> None:
        """Add the observations of a row: one for each measure that has a value."""
        if self.levels.whole:
            self.made.attrib.update(self._attributes(self.levels.whole, row))
        series = self._series_of(row)
        groups = [self._group_of(name, row) for name in self.levels.groups]
        observations = list(self._observations(row, series))
        self.made.obs.extend(observations)
        if series is not None:
            series.group_keys.update(groups)
            self.made.series[series].extend(observations)
        for group in groups:
            self.made.group[group].extend(observations)
        for observation in observations:
            observation.group_keys.update(groups)

    def _observations(self, row: dict[str, str | None], series: Any) -> Iterator[Any]:
        """Observations of a row, at least one."""
        measures = self.components.measures
        filled = [name for name in measures if row[name] is not None]
        names = self.components.dimensions
        if series is not None:
            names = ("TIME_PERIOD",)
        for number, measure in enumerate(filled or measures[:1]):
            attributes = {}
            if not number:
                attributes = self._attributes(self.levels.observation, row)
            yield self.model.Observation(
                dimension=self._key(names, row),
                series_key=series,
                value=row[measure],
                value_for=self._measure(measure),
                attached_attribute=attributes,
            )

    def _series_of(self, row: dict[str, str | None]) -> Any:
        """Series of a row, None where there are none."""
        from sdmx.model import common

        names = self.levels.dimensions
        if not names:
            return None
        values = tuple(map(row.get, names))
        if values not in self._series:
            made_key = self._key(names, row, common.SeriesKey)
            made_key.attrib.update(self._attributes(self.levels.series, row))
            self.made.series[made_key] = []
            self._series[values] = made_key
        return self._series[values]

    def _group_of(self, name: str, row: dict[str, str | None]) -> Any:
        """Key of a named group to which a row belongs."""
        names = self.components.groups[name]
        values = (name, *map(row.get, names))
        if values not in self._groups:
            made_key = self._group_key(names, row, name)
            made_key.attrib.update(self._attributes(self.levels.groups[name], row))
            self.made.group[made_key] = []
            self._groups[values] = made_key
        return self._groups[values]

    def _group_key(self, names: Iterable[str], row: dict[str, str | None], group: str) -> Any:
        """Key of a group, with the group of the structure that it is one of."""
        from sdmx.model import common

        made_key = self._key(names, row, common.GroupKey)
        if group:
            made_key.id = group
            made_key.described_by = self.structure.group_dimensions.get(group)
        return made_key

    def attach(self, key: tuple[str, ...], row: dict[str, str | None]) -> None:
        """Put attributes without observations on a series, a group or the data set."""
        from sdmx.model import common

        attributes = self._attributes(self.components.attributes, row)
        if not key:
            self.made.attrib.update(attributes)
            return
        if key == self.levels.dimensions:
            made_key = self._key(key, row, common.SeriesKey)
            self.made.series[made_key] = []
        else:
            groups = {names: name for name, names in self.components.groups.items()}
            made_key = self._group_key(key, row, groups.get(key, ""))
            self.made.group[made_key] = []
        made_key.attrib.update(attributes)

    def _key(self, names: Iterable[str], row: dict[str, str | None], kind: Any = None) -> Any:
        """Key of the dimensions that have a value."""
        from sdmx.model import common

        codes = {}
        for name in names:
            if row[name] is not None:
                codes[name] = row[name]
        return self.structure.make_key(kind or common.Key, codes)

    def _measure(self, name: str) -> Any:
        """Measure of the structure, or a bare one of that name."""
        for measure in self.structure.measures.components:
            if measure.id == name:
                return measure
        is_old = self.model.__name__.endswith("v21")
        return self.model.PrimaryMeasure(id=name) if is_old else self.model.Measure(id=name)

    def _attributes(self, names: Iterable[str], row: dict[str, str | None]) -> dict[str, Any]:
        """Values of some attributes, those that the row has."""
        from sdmx.model import common

        attributes = {}
        for name in names:
            text = row.get(name)
            if text is not None:
                attribute = self.structure.attributes.get(name)
                attributes[name] = common.AttributeValue(value=text, value_for=attribute)
        return attributes
