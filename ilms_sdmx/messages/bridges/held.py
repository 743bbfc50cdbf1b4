"""Held data: what a data set of sdmx1 holds, as texts by level, and as rows of a frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from ilms_sdmx.datasets import OBSERVATION, Components

if TYPE_CHECKING:
    import pandas as pd

Texts = dict[str, str]


@dataclass
class _Row:
    """Texts of one observation: its key, its measure, and its attributes by level."""

    key: Texts
    measure: str
    value: str | None
    on_observation: Texts
    on_series: Texts
    on_groups: list[tuple[Texts, Texts]]


@dataclass
class HeldData:
    """What a data set of sdmx1 holds, as texts.

    Parameters
    ----------
    rows
        Observations.
    dataset
        Attributes of the data set.
    alone
        Keys and attributes of series and groups without observations.
    """

    rows: list[_Row] = field(default_factory=list)
    dataset: Texts = field(default_factory=dict)
    alone: list[tuple[Texts, Texts]] = field(default_factory=list)

    @classmethod
    def of(cls, data: Any) -> HeldData:
        """What a data set holds."""
        held = cls(dataset=_texts(getattr(data, "attrib", {})))
        for observation in data.obs:
            held.rows.append(_row(observation))
        for key, observations in chain(data.series.items(), data.group.items()):
            if not observations:
                held.alone.append((_texts(key.values), _texts(key.attrib)))
        return held

    def components(self, structure: Any) -> Components:
        """Roles of the structure, with what else there is; without one those that are shown."""
        if structure is None or not _is_described(structure):
            return self._shown()
        roles = Components.of(structure)
        attributes = dict(roles.attributes)
        for name, attachment in self._shown().attributes.items():
            if name not in roles.columns:
                attributes[name] = attachment
        return replace(roles, attributes=attributes)

    def _shown(self) -> Components:
        """Roles as the data set shows them."""
        dimensions = dict.fromkeys(chain.from_iterable(row.key for row in self.rows))
        for key, _ in self.alone:
            dimensions |= dict.fromkeys(key)
        if "TIME_PERIOD" in dimensions:
            dimensions["TIME_PERIOD"] = dimensions.pop("TIME_PERIOD")
        measures = dict.fromkeys(row.measure for row in self.rows)
        attributes: dict[str, tuple[str, ...]] = dict.fromkeys(self.dataset, ())
        for attachment, names in self._attributes_by_key():
            for name in names:
                attributes.setdefault(name, attachment)
        return Components(tuple(dimensions), tuple(measures) or ("OBS_VALUE",), attributes)

    def _attributes_by_key(self) -> Iterator[tuple[tuple[str, ...], Iterable[str]]]:
        """Attachments with the names of attributes met there."""
        for key, attributes in self.alone:
            yield tuple(key), attributes
        for row in self.rows:
            for key, attributes in row.on_groups:
                yield tuple(key), attributes
            series = tuple(name for name in row.key if name != "TIME_PERIOD")
            yield series, row.on_series
            yield OBSERVATION, row.on_observation


def _is_described(structure: Any) -> bool:
    """Whether a structure says its roles.

    Sdmx1 makes one of mere names where it was given none.
    """
    attributes = structure.attributes.components
    relations = [attribute.related_to for attribute in attributes]
    return bool(structure.measures.components) and None not in relations


def _row(observation: Any) -> _Row:
    """Texts of an observation."""
    series = observation.series_key
    groups = set(observation.group_keys) | set(getattr(series, "group_keys", ()))
    on_groups = []
    for group in groups:
        on_groups.append((_texts(group.values), _texts(group.attrib)))
    measure = getattr(observation.value_for, "id", None) or "OBS_VALUE"
    value = observation.value
    return _Row(
        _texts(observation.key.values),
        measure,
        None if value is None else _text(value),
        _texts(observation.attached_attribute),
        _texts(getattr(series, "attrib", {})),
        on_groups,
    )


def rows_of(held: HeldData, roles: Components) -> Iterator[dict[str, str | None]]:
    """Rows of a frame: observations of one key with different measures are one row."""
    rows: dict[tuple[str | None, ...], list[dict[str, str | None]]] = {}
    for row in held.rows:
        cells = _cells(row, held.dataset)
        measure = row.measure if row.measure in roles.measures else roles.measures[0]
        rows_of_key = rows.setdefault(tuple(map(row.key.get, roles.dimensions)), [])
        if rows_of_key and measure not in rows_of_key[-1]:
            cells = {**cells, **rows_of_key.pop()}
        rows_of_key.append({**cells, measure: row.value})
    for rows_of_key in rows.values():
        yield from rows_of_key


def _cells(row: _Row, of_dataset: Texts) -> dict[str, str | None]:
    """Cells of a row but for its measure; what is nearer to the observation goes before."""
    cells: dict[str, str | None] = dict(of_dataset)
    for _, attributes in row.on_groups:
        cells |= attributes
    return {**cells, **row.on_series, **row.on_observation, **row.key}


def attached_of(held: HeldData, roles: Components) -> dict[tuple[str, ...], pd.DataFrame]:
    """Attributes of series and groups without observations, as frames by key."""
    import pandas as pd

    rows: dict[tuple[str, ...], list[Texts]] = {}
    for key, attributes in held.alone:
        if key:
            names = tuple(name for name in roles.dimensions if name in key)
            rows.setdefault(names, []).append({**key, **attributes})
    if held.dataset and not held.rows:
        rows[()] = [held.dataset]
    frames = {}
    for names, rows_of_key in rows.items():
        columns = dict.fromkeys([*names, *chain.from_iterable(rows_of_key)])
        frames[names] = pd.DataFrame(rows_of_key, columns=list(columns), dtype="string")
    return frames


def _texts(values: Any) -> Texts:
    """Texts of sdmx1's values by component."""
    texts = {}
    for name, value in values.items():
        texts[name] = _text(value.value)
    return texts


def _text(value: Any) -> str:
    """Text of a value, the id of a code."""
    return str(getattr(value, "id", value))
