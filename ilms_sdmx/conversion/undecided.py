"""Open questions of a mapping: the figures that wait for an answer, and what is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ilms_sdmx.conversion.figures.model import Figures
from ilms_sdmx.conversion.filling.filled import Filled, are_wanted
from ilms_sdmx.findings import Finding, Place, find, phrase
from ilms_sdmx.mapping.document import DatasetMap, MappingDocument, OpenQuestion, Path
from ilms_sdmx.mapping.file.reading import STRICT
from ilms_sdmx.mapping.model import (
    ComponentMap,
    ComponentMaps,
    DatePatternMap,
    FixedValueMap,
    MultiComponentMap,
    RepresentationMap,
)

#: What a caller may want of open questions: that they stop, or that their figures wait.
STOP, SKIP = "stop", "skip"
UNDECIDED = (STOP, SKIP)
#: Component of the unit.
_UNIT = "UNIT_MEASURE"
#: Keys of a table that no figure depends on: another key or check says what is wrong with them.
_WITHOUT_FIGURES = frozenset({"checks", "name", "read"})


@dataclass(frozen=True, eq=False)
class Waiting:
    """What waits for the answers to the open questions of a mapping.

    Parameters
    ----------
    mapping
        The mapping; what is not decided of its labels is open in it.
    questions
        Questions whose figures wait. A proposal does not make them wait where the questions
        stop the writing of all.
    figures
        Line of a question to which figures wait for it.
    """

    mapping: MappingDocument
    questions: tuple[OpenQuestion, ...] = ()
    figures: Mapping[int, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, mapping: MappingDocument, undecided: str) -> Waiting:
        """What waits under a mapping, before any figure is read."""
        if mapping.version < STRICT:
            return cls(mapping)
        questions = mapping.questions
        if undecided == STOP:
            return cls(mapping, tuple(one for one in questions if one.is_open))
        return cls(_with_open_labels(mapping, questions), questions)

    def datasets(self) -> dict[int, OpenQuestion]:
        """Number of a data set to the first question for which it waits as a whole."""
        waiting: dict[int, OpenQuestion] = {}
        for question in self.questions:
            for number, dataset in enumerate(self.mapping.datasets):
                if any(_holds_dataset(path, number, dataset) for path in question.paths):
                    waiting.setdefault(number, question)
        return waiting

    def with_figures(self, figures: Figures) -> Waiting:
        """Return the same with the figures of each question, as far as places tell them."""
        by_line = {}
        for question in self.questions:
            rows = _no_rows(figures)
            for path in question.paths:
                rows |= self._rows(path, figures)
            for number, dataset in enumerate(self.mapping.datasets):
                if any(_holds_dataset(path, number, dataset) for path in question.paths):
                    rows |= are_wanted(figures, dataset)
            by_line[question.line] = rows
        return replace(self, figures=by_line)

    def _rows(self, path: Path, figures: Figures) -> Any:
        """Which figures wait for what is at a path, data sets and labels apart."""
        if path[:1] in (("conventions",), ("headings",)) or path[:2] == ("source", "area"):
            return ~_no_rows(figures)
        if path == ("tables",):
            return ~_no_rows(figures)
        if path[:1] != ("tables",) or (path[2:3] and path[2] in _WITHOUT_FIGURES):
            return _no_rows(figures)
        layout = self.mapping.tables[int(path[1])]
        rows = figures.table == layout.name
        is_rule = path[2:3] == ("rules",) and len(path) > 3 and "where" not in path
        if is_rule:
            rows &= figures.having(layout.rules[int(path[3])].where)
        return rows

    def units(self, figures: Figures) -> Any:
        """Unit in which each figure is written, as far as the mapping itself says it.

        That of a data set which waits for an answer is another one than all others.
        """
        held = self.datasets()
        units = _no_rows(figures).astype("str").where(_no_rows(figures), "")
        for number, dataset in enumerate(self.mapping.datasets):
            unit = f"? {number}" if number in held else _unit_of(dataset)
            rows = are_wanted(figures, dataset) & (units == "")
            units = units.where(~rows, unit)
        return units

    def known(self, figures: Figures) -> Figures:
        """Figures without the values of which an open rule asks what they are.

        A sum with such a part is compared with nothing.
        """
        rows = _no_rows(figures)
        for question in self.questions:
            if any(_bears_on_value(path) for path in question.paths):
                rows |= self.figures[question.line]
        return figures.with_values("value", rows, None)

    def ready(self, figures: Figures) -> Figures:
        """Figures that wait for no answer as a part of their table."""
        rows = _no_rows(figures)
        for question in self.questions:
            if not any(_is_of_dataset(path) for path in question.paths):
                rows |= self.figures[question.line]
        return figures.only(~rows)

    def left(self, figures: Figures, filled: Filled) -> Filled:
        """Return what is filled, with the figures that a data set wants and that wait."""
        rows = _no_rows(figures)
        for waiting in self.figures.values():
            rows |= waiting
        wanted = _no_rows(figures)
        for dataset in self.mapping.datasets:
            wanted |= are_wanted(figures, dataset)
        waiting_rows = rows & wanted & ~figures.index.isin(filled.offered())
        return replace(filled, waiting=figures.index[waiting_rows])

    def numbers(self, filled: Filled) -> dict[int, int]:
        """Line of each question to the number of figures that wait for it."""
        numbers = {}
        for line, rows in self.figures.items():
            numbers[line] = int(rows[rows.index.isin(filled.waiting)].sum())
        for applied in filled.applied:
            for line, rows in applied.open_lines.items():
                numbers[line] = numbers.get(line, 0) + int(rows.sum())
        return numbers


def _unit_of(dataset: DatasetMap) -> str:
    """Unit of all figures of a data set, empty where the mapping does not say one."""
    for component in dataset.components:
        if component.target == _UNIT and isinstance(component, FixedValueMap):
            return component.value
    return ""


def _no_rows(figures: Figures) -> Any:
    import pandas as pd

    return pd.Series(False, index=figures.index)


def _bears_on_value(path: Path) -> bool:
    """Whether a path leads to what a rule of a table says, but for a status or a note."""
    is_of_rule = path[:1] == ("tables",) and path[2:3] == ("rules",)
    return is_of_rule and path[-1] not in ("status", "note")


def _is_of_dataset(path: Path) -> bool:
    """Whether a path leads to data sets or codes, whose figures other data sets may take."""
    return path[:1] in (("datasets",), ("codes",))


def _holds_dataset(path: Path, number: int, dataset: DatasetMap) -> bool:
    """Whether a data set as a whole waits for what is at a path."""
    if path == ("datasets",):
        return True
    if path[:2] == ("datasets", number):
        return "periods" not in path
    is_of_map = path[:1] == ("codes",) and len(path) > 1
    if not is_of_map or (path[2:3] and path[2] in ("values", "names")):
        return False
    maps = {_representation(component) for component in dataset.components}
    return path[1] in maps


def _representation(component: ComponentMaps) -> str:
    """Name of the code map of a component, empty for none."""
    representation = getattr(component, "representation", None)
    return representation.id if representation else ""


def _with_open_labels(
    mapping: MappingDocument, questions: Iterable[OpenQuestion]
) -> MappingDocument:
    """Mapping in which the labels on lines with `decide:` have no code and no period."""
    lines = {question.line for question in questions}
    codes = {name: _with_open_lines(one, lines) for name, one in mapping.codes.items()}
    datasets = []
    for number, dataset in enumerate(mapping.datasets):
        components = []
        for component in dataset.components:
            components.append(_with_open_component(component, codes, questions, number))
        datasets.append(replace(dataset, components=tuple(components)))
    return replace(mapping, codes=codes, datasets=tuple(datasets))


def _with_open_lines(representation: RepresentationMap, lines: set[int]) -> RepresentationMap:
    """Code map without the codes of some lines of the file."""
    mapped_values = []
    for mapped in representation.values:  # noqa: PD011
        if mapped.line in lines:
            mapped = replace(mapped, code=None, is_open=True)
        mapped_values.append(mapped)
    return replace(representation, values=tuple(mapped_values))


def _with_open_component(
    component: ComponentMaps,
    codes: Mapping[str, RepresentationMap],
    questions: Iterable[OpenQuestion],
    number: int,
) -> ComponentMaps:
    """Component with its open code map, or its open periods."""
    if isinstance(component, DatePatternMap):
        start = ("datasets", number, "components", component.target, "periods")
        periods = dict(component.periods)
        for question in questions:
            for path in question.paths:
                if path[:5] == start and path[5:6] and str(path[5]) in periods:
                    periods[str(path[5])] = f"?{question.line}"
        return replace(component, periods=periods)
    if not isinstance(component, ComponentMap | MultiComponentMap):
        return component
    known = component.representation
    return replace(component, representation=codes.get(known.id, known))


def find_questions(
    mapping: MappingDocument, undecided: str, numbers: Mapping[int, int]
) -> Iterator[Finding]:
    """Findings of the open questions of a mapping, one for each.

    Parameters
    ----------
    undecided
        Whether they stop, or their figures wait.
    numbers
        Line of a question to the number of figures that wait for it.
    """
    if mapping.version < STRICT:
        return
    for question in mapping.questions:
        number = numbers.get(question.line, 0)
        affects = ""
        if undecided == SKIP or question.is_open:
            affects = phrase("figures-not-written", count=number)
        yield find(
            "undecided",
            Place(mapping.name),
            case="skipped" if undecided == SKIP else "",
            read=question.text,
            affects=affects,
            line=question.line,
            asked=question.asked or phrase("is-open", question=question.text),
        )


def find_version(mapping: MappingDocument, workbook: str) -> list[Finding]:
    """Finding of a mapping file of a version that proposes more than it asks.

    Parameters
    ----------
    workbook
        Name of the workbook.
    """
    if mapping.version >= STRICT:
        return []
    place = Place(mapping.name)
    read = f"mapping: {mapping.version}"
    book = workbook or "WORKBOOK"
    return [find("mapping-version", place, read=read, file=mapping.name, workbook=book)]
