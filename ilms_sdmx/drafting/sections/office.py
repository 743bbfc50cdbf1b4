"""Data sets of the office: every heading of a table, so that nothing is lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ilms_sdmx.drafting.analysis import Analysis
from ilms_sdmx.drafting.recognition.headings import Heading
from ilms_sdmx.drafting.sections.codes import CodeMap, OfficeLabel
from ilms_sdmx.drafting.sections.components import (
    Component,
    choice,
    country_question,
    counts_of_shares,
    needs_sex,
    sexes,
)
from ilms_sdmx.drafting.sections.growing import Datasets, Sender
from ilms_sdmx.drafting.sections.measures import unit_lines
from ilms_sdmx.drafting.sections.text import comment, patterns, quoted
from ilms_sdmx.drafting.sections.times import frequency_of_table, periods_of_table
from ilms_sdmx.labels.rows import row_kind


@dataclass(frozen=True)
class Part:
    """Figures of a table for one data set of the office.

    Parameters
    ----------
    number
        Number of the data set of the table, from 1.
    where
        Labels of its columns by heading, none for all columns.
    label
        Label of what is no person, empty for persons or for all.
    """

    number: int = 1
    where: Mapping[str, Sequence[str]] = field(default_factory=dict)
    label: str = ""


def with_office(datasets: Datasets, analysis: Analysis, sender: Sender, part: Part) -> Datasets:
    """Data sets with one of the office that has every heading: nothing is lost."""
    datasets = datasets.with_lines(*_lines_of_table(analysis, sender, part))
    components = [frequency_of_table(analysis, sender.area)]
    for heading in analysis.headings:
        labels = _national_labels(analysis, heading)
        if labels:
            component = _national(analysis, heading, labels)
            components.append(component)
    components.append(sexes([analysis], sender.languages))
    components.append(periods_of_table(analysis))
    for component in components:
        datasets = datasets.with_component(component)
    return datasets.with_lines(*unit_lines(analysis, part.label))


def _lines_of_table(analysis: Analysis, sender: Sender, part: Part) -> list[str]:
    """Lines of a dataflow of the office, from its name to the country."""
    number = f"_{part.number}" if part.number > 1 else ""
    dataflow = f"{sender.office}:DF_{analysis.name.upper()}{number}(1.0)"
    title = analysis.title or _unit_in_corner(analysis) or analysis.sheet
    lines = [f"  - dataflow: {dataflow}{comment('write a name of your own here')}"]
    lines.append(f"    title: {quoted(title)}")
    lines.append(f"    tables: [{analysis.name}]")
    lines += _where_counts(analysis, part)
    lines.append("    components:")
    lines.append(f"      REF_AREA: {sender.area}")
    return lines


def _where_counts(analysis: Analysis, part: Part) -> list[str]:
    """Line that takes only the figures of a part, and rows that count among shares."""
    choices: list[str] = []
    wanted = {**counts_of_shares(analysis), **part.where}
    for name, labels in wanted.items():
        choices.append(choice(name, labels, or_none=False))
    if not choices:
        return without_total_period([analysis])
    return [f"    where: {{{', '.join(choices)}}}"]


def without_total_period(group: Iterable[Analysis]) -> list[str]:
    """Line that leaves out totals over periods, none where there are none."""
    totals: dict[str, None] = {}
    for analysis in group:
        heading = analysis.heading_of("period")
        for label in heading.labels if heading else ():
            is_total = row_kind(label).kind == "total"
            if is_total and label not in analysis.periods.decided:
                totals[label] = None
    if not totals:
        return []
    words = patterns(totals)
    return [f"    where: {{period: {{except: {words}}}}}  # a total over periods is none"]


def _national_labels(analysis: Analysis, heading: Heading) -> list[str]:
    """Labels that a heading has in a data set of the office, none for no dimension."""
    if heading.role in {"period", "number", "sex"}:
        return []
    if analysis.table.is_second_language(heading):
        return []
    labels: list[str] = []
    for label in heading.labels:
        if not analysis.roles.is_share(heading.name, label):
            labels.append(label)
    is_one_measure = heading.role == "measure" and len(labels) < 2
    if is_one_measure:
        return []
    return labels


def _national(analysis: Analysis, heading: Heading, labels: Sequence[str]) -> Component:
    """Component of a heading with codes of the office."""
    name = f"{analysis.name}_{heading.name}"
    code_map = CodeMap(name, table=analysis.name, heading=heading.name)
    of_office: list[OfficeLabel] = []
    for label in labels:
        code = ""
        if heading.role == "country":
            code = heading.code_of(label)
            if not code and label and not row_kind(label).kind:
                asked = country_question(heading.matches[label])
                code_map = code_map.with_codes({label: asked})
                continue
        of_office.append(OfficeLabel(label, code.removeprefix(heading.prefix)))
    code_map = code_map.with_labels(of_office)
    if needs_sex(analysis) and "TOTAL" not in code_map.names:
        code_map = code_map.with_total()
    title = _text_over(analysis, heading) or heading.name
    place = f"{{from: {heading.name}, codes: {name}, name: {quoted(title)}}}"
    component_id = heading.name.upper()
    return Component([f"{component_id}: {place}"], code_map)


def _unit_in_corner(analysis: Analysis) -> str:
    """Text over the labels that says what all figures are, empty for none."""
    unit = analysis.unit
    if unit is None or unit.text not in analysis.table.corner:
        return ""
    return unit.text


def _text_over(analysis: Analysis, heading: Heading) -> str:
    """First text over a column of labels, empty for none."""
    printed = analysis.printed
    for column, other in analysis.rows.items():
        if other is heading:
            texts = dict.fromkeys(printed.texts(printed.header, [column]))
            texts.pop(_unit_in_corner(analysis), None)
            return next(filter(None, texts), "")
    return ""
