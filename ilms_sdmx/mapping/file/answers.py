"""Answers of a person: one filled list for every code map that asked, and for periods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from operator import attrgetter
from pathlib import Path

from ilms_sdmx.mapping.document import DatasetMap
from ilms_sdmx.mapping.file.code_tables import NamedFile, Row, load, read_rows
from ilms_sdmx.mapping.file.codes import mapped
from ilms_sdmx.mapping.file.nodes import Node, with_nearest
from ilms_sdmx.mapping.model import (
    ComponentMaps,
    DatePatternMap,
    MappedValue,
    RepresentationMap,
)
from ilms_sdmx.periods import parse_period
from ilms_sdmx.words.text import folded


@dataclass(frozen=True)
class Answers:
    """What the lists of a mapping file say.

    Parameters
    ----------
    codes
        Code map to the lines that a person has added.
    periods
        Component to label to SDMX period.
    files
        The lists.
    """

    codes: Mapping[str, tuple[MappedValue, ...]] = field(default_factory=dict)
    periods: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    files: tuple[NamedFile, ...] = ()

    def added(self, representation: RepresentationMap) -> RepresentationMap:
        """Code map with the lines of its answers."""
        lines = self.codes.get(representation.id, ())
        if not lines:
            return representation
        values = [*representation.values, *lines]
        values.sort(key=attrgetter("regex"))
        return replace(representation, values=tuple(values))

    def decided(self, dataset: DatasetMap) -> DatasetMap:
        """Add the periods of the answers to a data set.

        What the mapping file itself decides comes first.
        """
        if not self.periods:
            return dataset
        components = tuple(map(self._component, dataset.components))
        return replace(dataset, components=components)

    def _component(self, component: ComponentMaps) -> ComponentMaps:
        """Component with the periods that a person has given."""
        answered = self.periods.get(component.target)
        if not answered or not isinstance(component, DatePatternMap):
            return component
        periods = {**answered, **component.periods}
        return replace(component, periods=periods)


def read_answers(
    node: Node | None, folder: Path, codes: Mapping[str, RepresentationMap]
) -> Answers:
    """Answers of the files that a mapping file names.

    Each row says by `map` which code map it is for.

    Raises
    ------
    MappingError
        A question that is still open, a code map that does not exist, or an answer that
        contradicts a line of its code map or another answer.
    """
    if node is None:
        return Answers()
    lines: dict[str, list[MappedValue]] = {}
    periods: dict[str, dict[str, str]] = {}
    files = []
    items = node if node.is_list else (node,)
    for item in items:
        file = load(item, folder)
        files.append(file)
        for row in read_rows(item, file.content):
            if row.asks_period:
                component = row.text("component")
                of_component = periods.setdefault(component, {})
                of_component[row.source] = _period(item, row)
            elif row.asks_label:
                name = _map(item, row, codes)
                of_map = lines.setdefault(name, [])
                _add(item, row, of_map, codes[name])
    by_map = {name: tuple(of_map) for name, of_map in lines.items()}
    return Answers(by_map, periods, tuple(files))


def _period(node: Node, row: Row) -> str:
    """Period that a person has given."""
    period = row.decided(node)
    where = row.place(node)
    if not period:
        node.fail(f"a period {where}", f"nothing for {row.source!r}")
    if parse_period(period) is None:
        node.fail(f"a period such as 2019-Q1 {where}", repr(period))
    return period


def _map(node: Node, row: Row, codes: Mapping[str, RepresentationMap]) -> str:
    """Name of the code map that a row is for."""
    name = row.text("map")
    if name not in codes:
        known = ", ".join(codes) or "(there are none)"
        expected = f"one of the code maps {known} under map {row.place(node)}"
        node.fail(expected, with_nearest(name, codes))
    return name


def _add(
    node: Node, row: Row, lines: list[MappedValue], representation: RepresentationMap
) -> None:
    """Add the line of a row, unless the same label has another code for all time already."""
    line = mapped(node, row)
    known_lines = (*representation.values, *lines)
    for known in known_lines:
        if known.code == line.code or not _is_same_label(known, line):
            continue
        known_code = known.code or "no code"
        code = line.code or "no code"
        owner = f"as the code map {representation.id!r} says"
        node.fail(f"{known_code} for {row.source!r}, {owner}", f"{code} {row.place(node)}")
    lines.append(line)


def _is_same_label(one: MappedValue, other: MappedValue) -> bool:
    """Whether two lines are for the same labels, both for all time."""
    if one.regex != other.regex:
        return False
    for line in (one, other):
        if line.valid_from or line.valid_to:
            return False
    labels = list(map(folded, one.source))
    other_labels = list(map(folded, other.source))
    return labels == other_labels
