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
#: Codes that may be the answer for a measure.
_CODES = {"money": ": US for US dollars, LC for the local currency, CR for another"}
_PERSONS = ("UNIT_MEASURE: PS", "UNIT_MULT: 0")


def labels_by_measure(analysis: Analysis) -> dict[str, dict[str, list[str]]]:
    """Labels above columns of money, means or ratios next to persons: heading, measure, labels.

    The measure of persons is the empty text. A total of others is of their measure.
    """
    by_heading: dict[str, dict[str, list[str]]] = {}
    for heading in analysis.columns.values():
        others = [label for label in heading.labels if other_measure(label)]
        if not others:
            continue
        labels: dict[str, list[str]] = {}
        for label in heading.labels:
            if label in others or not analysis.roles.is_share(heading.name, label):
                measure = _measure_of(analysis, heading, label, others)
                labels.setdefault(measure, []).append(label)
        by_heading[heading.name] = labels
    return by_heading


def _measure_of(analysis: Analysis, heading: Heading, label: str, others: list[str]) -> str:
    """What the figures under a label are, empty for persons: by its words, or by its parts."""
    if label in others:
        return other_measure(label)
    for one_sum in analysis.arithmetic.sums:
        is_of_label = (one_sum.heading, one_sum.total) == (heading.name, label)
        if is_of_label and one_sum.parts:
            return other_measure(one_sum.parts[0])
    if _is_total_of_others(label):
        return other_measure(others[0])
    return ""


def labels_of_persons(analysis: Analysis) -> dict[str, list[str]]:
    """Labels above columns of persons where other columns are money, means or ratios."""
    labels: dict[str, list[str]] = {}
    for name, by_measure in labels_by_measure(analysis).items():
        labels[name] = by_measure.get("", [])
    return labels


def _is_total_of_others(label: str) -> bool:
    """Whether a label is a total of something that it names: `Total transfers`."""
    kind = row_kind(label)
    if kind.kind != "total" or not kind.rest:
        return False
    return not says(kind.rest, "unit")


def unit_lines(analysis: Analysis, label: str = "") -> list[str]:
    """Lines of the unit of a data set of the office, indented as components.

    Parameters
    ----------
    label
        Label of the money, mean or ratio that the data set is of, empty for none.
    """
    if not label:
        return [f"      {line}" for line in _lines(analysis)]
    lines = _asked_lines(label, other_measure(label))
    return [f"      {line}" for line in lines]


def _lines(analysis: Analysis) -> tuple[str, ...]:
    """Lines of the unit: what words say, else a question."""
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
    return _asked_lines(unit.text, unit.kind)


def _asked_lines(text: str, measure: str) -> tuple[str, ...]:
    """Lines that ask in what money, a mean or a ratio is measured."""
    codes = _CODES.get(measure, "")
    asked = question(f"in what is {text!r} measured? It is {measure}{codes}")
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
