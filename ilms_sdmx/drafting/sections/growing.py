"""Data sets of a draft as they grow: lines, code maps and constants; and who sends them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ilms_sdmx.drafting.recognition.periods import Decision
from ilms_sdmx.drafting.sections.codes import CodeMap
from ilms_sdmx.drafting.sections.components import TOTAL, Component
from ilms_sdmx.drafting.sections.text import indented


@dataclass(frozen=True)
class Datasets:
    """Data sets of a draft with the code maps and constants that they need.

    Parameters
    ----------
    lines
        Lines of the data sets.
    code_maps
        Name of a code map to the map.
    constants
        Table to the headings that it sets, each with its label.
    """

    lines: tuple[str, ...] = ()
    code_maps: Mapping[str, CodeMap] = field(default_factory=dict)
    constants: Mapping[str, Mapping[str, Decision]] = field(default_factory=dict)

    def with_component(self, component: Component) -> Datasets:
        """Return the same with a component and what it needs."""
        lines = (*self.lines, *indented(component.lines, 6))
        code_maps = dict(self.code_maps)
        if component.code_map is not None:
            name = component.code_map.name
            known = code_maps.get(name, component.code_map)
            code_maps[name] = known.with_codes(component.code_map.codes)
        constants = dict(self.constants)
        for table, heading in component.constants.items():
            constants[table] = {**constants.get(table, {}), heading: Decision(TOTAL)}
        return Datasets(lines, code_maps, constants)

    def with_lines(self, *lines: str) -> Datasets:
        """Return the same with more lines."""
        return replace(self, lines=(*self.lines, *lines))


@dataclass(frozen=True)
class Sender:
    """Who sends the data sets of a draft.

    Parameters
    ----------
    area
        Country, or `?`.
    office
        Id of the office.
    languages
        Languages of the labels.
    """

    area: str
    office: str
    languages: tuple[str, ...]
