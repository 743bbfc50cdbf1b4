"""Answers of a person: one filled list for every code map that asked, and for periods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ilms_sdmx.mapping.document import DatasetMap
from ilms_sdmx.mapping.file.code_tables import Row, load, read_rows
from ilms_sdmx.mapping.file.codes import mapped
from ilms_sdmx.mapping.file.nodes import Node, nearest
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
        Bytes of the lists.
    """

    codes: Mapping[str, tuple[MappedValue, ...]] = field(default_factory=dict)
    periods: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    files: tuple[bytes, ...] = ()

    def added(self, representation: RepresentationMap) -> RepresentationMap:
        """Code map with the lines of its answers."""
        lines = self.codes.get(representation.id, ())
        values = sorted((*representation.values, *lines), key=lambda v: v.regex)
        return replace(representation, values=tuple(values)) if lines else representation

    def decided(self, dataset: DatasetMap) -> DatasetMap:
        """Add the periods of the answers to a data set.

        What the mapping file itself decides comes first.
        """
        components = tuple(self._component(c) for c in dataset.components)
        return replace(dataset, components=components) if self.periods else dataset

    def _component(self, component: ComponentMaps) -> ComponentMaps:
        found = self.periods.get(component.target)
        if not found or not isinstance(component, DatePatternMap):
            return component
        return replace(component, periods={**found, **component.periods})


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
    for item in node if node.is_list else [node]:
        files.append(load(item, folder))
        for row in read_rows(item, files[-1]):
            if row.asks_period:
                periods.setdefault(row.text("component"), {})[row.source] = _period(item, row)
            elif row.asks_label:
                own = lines.setdefault(_map(item, row, codes), [])
                _add(item, row, own, codes[row.text("map")])
    return Answers({k: tuple(v) for k, v in lines.items()}, periods, tuple(files))


def _period(node: Node, row: Row) -> str:
    """Period that a person has given."""
    period = row.decided(node)
    where = f"in row {row.number} of {node.text()}"
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
        expected = (
            f"one of the code maps {known} under map in row {row.number} of {node.text()}"
        )
        node.fail(expected, repr(name) + nearest(name, codes))
    return name


def _add(
    node: Node, row: Row, lines: list[MappedValue], representation: RepresentationMap
) -> None:
    """Add the line of a row, unless the same label has another code for all time already."""
    line = mapped(node, row)
    for known in (*representation.values, *lines):
        if known.code != line.code and _is_same_label(known, line):
            known_code = f"{known.code or 'no code'} for {row.source!r}"
            node.fail(
                f"{known_code}, as the code map {representation.id!r} says",
                f"{line.code or 'no code'} in row {row.number} of {node.text()}",
            )
    lines.append(line)


def _is_same_label(one: MappedValue, other: MappedValue) -> bool:
    """Whether two lines are for the same labels, both for all time."""
    if one.regex != other.regex:
        return False
    for line in (one, other):
        if line.valid_from or line.valid_to:
            return False
    return list(map(folded, one.source)) == list(map(folded, other.source))
