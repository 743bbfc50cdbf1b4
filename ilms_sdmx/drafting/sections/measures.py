"""What the figures of a drafted data set are: the unit that words say, or a question."""

from __future__ import annotations

from ilms_sdmx.drafting.analysis import Analysis
from ilms_sdmx.drafting.recognition.headings import Heading
from ilms_sdmx.drafting.recognition.units import other_measure
from ilms_sdmx.drafting.sections.dataflows import topics
from ilms_sdmx.drafting.sections.text import comment, question
from ilms_sdmx.labels.rows import row_kind
from ilms_sdmx.words import says

#: Roles of headings that only persons have.
_ROLES_OF_PERSONS = frozenset({"sex", "age"})
_PERSONS = ("UNIT_MEASURE: PS", "UNIT_MULT: 0")


def other_measures(analysis: Analysis) -> dict[str, list[str]]:
    """Labels above columns that say money, means or ratios, by heading."""
    labels: dict[str, list[str]] = {}
    for heading in analysis.columns.values():
        others = _labels_of_other_measures(heading)
        if others:
            labels[heading.name] = others
    return labels


def _labels_of_other_measures(heading: Heading) -> list[str]:
    """Labels of a heading that say money, means or ratios."""
    return [label for label in heading.labels if other_measure(label)]


def labels_of_persons(analysis: Analysis) -> dict[str, list[str]]:
    """Labels above columns of persons where other columns are money, means or ratios."""
    labels: dict[str, list[str]] = {}
    for heading in analysis.columns.values():
        others = _labels_of_other_measures(heading)
        if not others:
            continue
        of_persons: list[str] = []
        for label in heading.labels:
            if label in others or _is_total_of_others(label):
                continue
            if not analysis.roles.is_share(heading.name, label):
                of_persons.append(label)
        labels[heading.name] = of_persons
    return labels


def _is_total_of_others(label: str) -> bool:
    """Whether a label is a total of something that it names: `Total transfers`."""
    kind = row_kind(label)
    if kind.kind != "total" or not kind.rest:
        return False
    return not says(kind.rest, "unit")


def unit_lines(analysis: Analysis) -> list[str]:
    """Lines of the unit of a data set of the office, indented as components."""
    return [f"      {line}" for line in _lines(analysis)]


def _lines(analysis: Analysis) -> tuple[str, ...]:
    """Lines of the unit: what words say, else a question."""
    others = other_measures(analysis)
    for labels in others.values():
        label = labels[0]
        measure = other_measure(label)
        asked = question(f"in what is {label!r} measured? It is {measure}")
        return f"UNIT_MEASURE: ?{asked}", "UNIT_MULT: 0"
    unit = analysis.unit
    if unit is None:
        return _lines_without_unit(analysis)
    if unit.kind in {"percent", "change in percent"}:
        return f"UNIT_MEASURE: PT{comment(unit.text)}", "UNIT_MULT: 0"
    if unit.kind == "change":
        asked = question(f"{unit.text!r}: PS for a change in persons, PT for one in percent")
        return f"UNIT_MEASURE: ?{asked}", "UNIT_MULT: 0"
    if unit.kind in {"persons", "change in persons"}:
        return _PERSONS
    asked = question(f"in what is {unit.text!r} measured? It is {unit.kind}")
    return f"UNIT_MEASURE: ?{asked}", "UNIT_MULT: 0"


def _lines_without_unit(analysis: Analysis) -> tuple[str, ...]:
    """Persons where the words of the table or its file speak of them, else a question."""
    words = _words_of_table(analysis)
    if topics(words):
        return _PERSONS
    for text in words:
        if says(text, "unit"):
            return _PERSONS
    for heading in analysis.headings:
        if heading.role in _ROLES_OF_PERSONS:
            return _PERSONS
    title = analysis.title or analysis.sheet
    asked = question(f"what do the figures of {title!r} count? PS for persons")
    return f"UNIT_MEASURE: ?{asked}", "UNIT_MULT: 0"


def _words_of_table(analysis: Analysis) -> list[str]:
    """Words above a table, in its header, and in the names of its sheet and file."""
    printed = analysis.printed
    columns = [*printed.stubs, *printed.data]
    texts = [*analysis.table.titles, analysis.sheet, analysis.file]
    texts += printed.texts(printed.header, columns)
    return [text.replace("_", " ") for text in texts]
