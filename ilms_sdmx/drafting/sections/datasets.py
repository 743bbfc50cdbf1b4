"""The `datasets` section of a draft: dataflows of ILO, and data sets of the office."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ilms_sdmx.drafting.analysis import Analysis
from ilms_sdmx.drafting.recognition.headings import Heading
from ilms_sdmx.drafting.recognition.periods import Decision
from ilms_sdmx.drafting.sections.components import (
    choice,
    coded,
    counts_of_shares,
    sexes,
)
from ilms_sdmx.drafting.sections.dataflows import (
    BASIC_ROLES,
    Target,
    propose,
    title_of,
    topics,
)
from ilms_sdmx.drafting.sections.growing import Datasets, Sender
from ilms_sdmx.drafting.sections.measures import (
    labels_by_measure,
    labels_of_persons,
)
from ilms_sdmx.drafting.sections.office import Part, with_office, without_total_period
from ilms_sdmx.drafting.sections.text import (
    listed,
    question,
)
from ilms_sdmx.drafting.sections.times import (
    frequency_of_dataflow,
    periods_of_dataflow,
)
from ilms_sdmx.labels.matching import match_label
from ilms_sdmx.labels.rows import row_kind

Where = dict[str, list[str]]
#: Lines of the unit of a dataflow of ILO, and of one of the office.
_UNIT_OF_DATAFLOW = (
    "      UNIT_MEASURE_TYPE: NB",
    "      UNIT_MEASURE: PS",
    "      UNIT_MULT: 3",
)


def draft_datasets(
    analyses: Sequence[Analysis],
    constants: Mapping[str, Mapping[str, Decision]],
    sender: Sender,
) -> Datasets:
    """Draft one data set for each dataflow of ILO, and more of the office where needed."""
    datasets = Datasets(constants=constants)
    targets = {analysis.name: _target(analysis) for analysis in analyses}
    groups = _groups(analyses, targets)
    in_groups: set[str] = set()
    for target, group in groups:
        datasets = _with_dataflow(datasets, group, target, sender)
        in_groups.update(analysis.name for analysis in group)
    for analysis in analyses:
        has_more = _has_more(analysis, targets[analysis.name])
        is_taken = analysis.name in in_groups
        if has_more or not is_taken:
            for part in _parts_of_table(analysis, is_taken=is_taken):
                datasets = with_office(datasets, analysis, sender, part)
    return datasets


def _parts_of_table(analysis: Analysis, *, is_taken: bool) -> list[Part]:
    """Persons, and what else is next to them, each for a data set of its own.

    Persons that a dataflow of ILO takes are in no other.
    """
    by_heading = labels_by_measure(analysis)
    if not by_heading:
        return [Part()]
    parts: list[Part] = []
    name, by_measure = next(iter(by_heading.items()))
    for measure, labels in by_measure.items():
        if measure or not is_taken or _headings_of_persons(analysis):
            label = labels[0] if measure else ""
            parts.append(Part(len(parts) + 1, {name: labels}, label))
    return parts


def _headings_of_persons(analysis: Analysis) -> list[Heading]:
    """Headings that no dataflow of ILO has, but for those over columns of several measures."""
    names = labels_by_measure(analysis).keys()
    beyond = _headings_beyond(analysis, _target(analysis))
    return [heading for heading in beyond if heading.name not in names]


def _groups(
    analyses: Sequence[Analysis], targets: Mapping[str, Target | None]
) -> list[tuple[Target, list[Analysis]]]:
    """Tables of each dataflow, with the proposal for the first of them."""
    groups: dict[str, tuple[Target, list[Analysis]]] = {}
    for analysis in analyses:
        target = targets[analysis.name]
        if target is None:
            continue
        of_columns = [of_column.target for of_column in _targets_of_columns(analysis).values()]
        for proposed in of_columns or [target]:
            if _totals_beyond(analysis, proposed) is not None:
                _, group = groups.setdefault(proposed.dataflow, (proposed, []))
                group.append(analysis)
    return list(groups.values())


@dataclass(frozen=True)
class _TargetOfColumns:
    """Dataflow for some columns of a table whose columns are of several.

    Parameters
    ----------
    target
        Proposal for the dataflow.
    heading, labels
        Heading over the columns, and its labels that are for the dataflow.
    """

    target: Target
    heading: str
    labels: list[str]


def _targets_of_columns(analysis: Analysis) -> dict[str, _TargetOfColumns]:
    """Dataflows of columns that speak of several: sent abroad, foreigners, returned.

    None where all columns are for one.
    """
    prefixes = {heading.role: heading.prefix for heading in analysis.headings}
    for heading in analysis.columns.values():
        if heading.role not in {"category", "measure"}:
            continue
        of_columns: dict[str, _TargetOfColumns] = {}
        for label in heading.labels:
            target = propose([label], prefixes)
            if target is None or analysis.roles.is_share(heading.name, label):
                continue
            new = _TargetOfColumns(target, heading.name, [])
            of_columns.setdefault(target.dataflow, new).labels.append(label)
        if len(of_columns) > 1:
            return of_columns
    return {}


def _has_more(analysis: Analysis, target: Target | None) -> bool:
    """Whether a table has figures that the dataflows of ILO do not take."""
    beyond = _headings_beyond(analysis, target)
    of_columns = _targets_of_columns(analysis)
    for of_column in of_columns.values():
        beyond = [heading for heading in beyond if heading.name != of_column.heading]
    return bool(beyond or labels_of_persons(analysis) or _labels_left(analysis, of_columns))


def _labels_left(analysis: Analysis, of_columns: Mapping[str, _TargetOfColumns]) -> list[str]:
    """Labels over columns that no dataflow of some takes; none where all are for one."""
    taken: list[str] = []
    names: set[str] = set()
    for of_column in of_columns.values():
        taken += of_column.labels
        names.add(of_column.heading)
    left: list[str] = []
    for heading in analysis.columns.values():
        if heading.name in names:
            left += [label for label in heading.labels if label not in taken]
    return left


def _target(analysis: Analysis) -> Target | None:
    """Dataflow for a table: by the words near it and its header, else by all words above.

    Percents, money, means and changes are of no dataflow of the ILMS, which has numbers.
    """
    if analysis.unit is not None and not analysis.unit.counts:
        return None
    printed = analysis.printed
    columns = [*printed.stubs, *printed.data]
    heads = printed.texts(printed.header, columns)
    prefixes: dict[str, str] = {}
    for heading in analysis.headings:
        prefixes[heading.role] = heading.prefix
    words = analysis.table.words
    near = propose([*words.near, *heads], prefixes)
    return near or propose([*words.titles, analysis.sheet, *heads], prefixes)


def _headings_beyond(analysis: Analysis, target: Target | None) -> list[Heading]:
    """Headings that a dataflow has no dimension for, without a second language."""
    known_roles = set(BASIC_ROLES)
    if target:
        known_roles = target.roles
    beyond: list[Heading] = []
    for heading in analysis.headings:
        if heading.role not in known_roles and not analysis.table.is_second_language(heading):
            beyond.append(heading)
    return beyond


def _totals_beyond(analysis: Analysis, target: Target) -> Where | None:
    """Labels of totals of the headings that a dataflow lacks; None where one has none."""
    where: Where = {}
    of_column = _targets_of_columns(analysis).get(target.dataflow)
    if of_column is not None:
        where[of_column.heading] = of_column.labels
    for heading in _headings_beyond(analysis, target):
        if heading.name in where:
            continue
        totals = _totals(analysis, heading)
        if not totals:
            return None
        where[heading.name] = totals[:1]
    return {**where, **counts_of_shares(analysis), **labels_of_persons(analysis)}


def _totals(analysis: Analysis, heading: Heading) -> list[str]:
    """Labels of all figures of a heading, or of foreigners where it tells them apart."""
    foreign = _foreign_labels(analysis, heading)
    if foreign:
        return foreign
    totals = analysis.roles.totals(heading.name)
    if heading.role == "citizenship":
        totals = []
        for label in heading.matches:
            if heading.code_of(label) == "CCT_CIT_NONCIT":
                totals.append(label)
    return totals or _blank_of_totals(analysis, heading)


def _blank_of_totals(analysis: Analysis, heading: Heading) -> list[str]:
    """Blank label where a header row says nothing below each total of another row."""
    own_texts: Mapping[int, str] = {}
    for row, other in analysis.columns.items():
        if other.name == heading.name:
            own_texts = analysis.printed.head(row)
    texts_below: list[str] = []
    for row, other in analysis.columns.items():
        if other.name == heading.name or other.role in {"sex", "period", "measure"}:
            continue
        totals = analysis.roles.totals(other.name)
        for column, text in analysis.printed.head(row).items():
            if text in totals:
                texts_below.append(own_texts.get(column, "-"))
    if texts_below and not any(texts_below):
        return [""]
    return []


def _foreign_labels(analysis: Analysis, heading: Heading) -> list[str]:
    """Labels that alone count foreigners: `Non-local` next to `Local` and `Total`.

    Among many labels of a table of foreigners, one that says so too is but one kind of them.
    """
    if heading.role != "category" or "here" not in topics(heading.labels):
        return []
    foreign: list[str] = []
    others: list[str] = []
    for label in heading.labels:
        if analysis.roles.is_share(heading.name, label):
            continue
        if "here" in topics([label]):
            foreign.append(label)
        elif row_kind(label).kind != "total":
            others.append(label)
    if len(others) > 2 and "here" in topics(analysis.table.titles):
        return []
    if not others or _are_kinds_of_permits(analysis, foreign, others):
        return []
    return foreign


def _are_kinds_of_permits(
    analysis: Analysis, foreign: Sequence[str], others: Sequence[str]
) -> bool:
    """Whether labels are kinds of permits of foreigners: only their total is of all."""
    for label in foreign:
        is_total = row_kind(label).kind == "total"
        if not is_total and not _is_permit(label):
            return False
    if all(map(_is_permit, others)):
        return True
    if "here" not in topics(analysis.table.titles):
        return False
    matches = [match_label(label, "CCT_CIT_") for label in others]
    return not any(match.is_known for match in matches)


def _is_permit(label: str) -> bool:
    """Whether a label names a permit of foreigners."""
    return "permit" in topics([label])


def _where_lines(group: Sequence[Analysis], target: Target) -> list[str]:
    """Line that takes only totals of what the dataflow lacks; other tables are taken whole."""
    wanted: dict[str, dict[str, None]] = {}
    for analysis in group:
        totals = _totals_beyond(analysis, target) or {}
        for name, labels in totals.items():
            wanted.setdefault(name, {}).update(dict.fromkeys(labels))
    if not wanted:
        return without_total_period(group)
    choices: list[str] = []
    for name, distinct_labels in wanted.items():
        or_none = not all(_has_heading(analysis, name) for analysis in group)
        choices.append(choice(name, distinct_labels, or_none=or_none))
    return [f"    where: {{{', '.join(choices)}}}"]


def _has_heading(analysis: Analysis, name: str) -> bool:
    """Whether a table has a heading of a name."""
    return name in {heading.name for heading in analysis.headings}


def _with_dataflow(
    datasets: Datasets, group: Sequence[Analysis], target: Target, sender: Sender
) -> Datasets:
    """Data sets with one for a dataflow of ILO."""
    datasets = datasets.with_lines(*_lines_of_dataflow(group, target, sender))
    frequency = frequency_of_dataflow(group, target.dataflow, sender.area)
    datasets = datasets.with_component(frequency)
    datasets = datasets.with_lines(f"      MEASURE: {target.measure}")
    datasets = datasets.with_component(sexes(group, sender.languages))
    for breakdown in target.breakdowns:
        component = coded(group, breakdown, sender.languages)
        datasets = datasets.with_component(component)
    if target.citizenship:
        datasets = datasets.with_lines(f"      CCT: {target.citizenship}")
    period = periods_of_dataflow(group, sender.area)
    datasets = datasets.with_component(period)
    return datasets.with_lines(*_UNIT_OF_DATAFLOW)


def _dataflow_value(target: Target) -> str:
    """Dataflow with the question whether it is that, open where another fits as well."""
    value = target.dataflow
    asked = title_of(target.name)
    if target.other:
        other = Target(target.other, ())
        title = title_of(other.name)
        asked = f"{value} ({asked}) or {other.dataflow} ({title})"
        value = "?"
    asked = f"{asked}?"
    if target.evidence:
        evidence = ", ".join(target.evidence)
        asked = f"{asked} By the words {evidence}"
    why = question(asked)
    return f"{value}{why}"


def _lines_of_dataflow(group: Sequence[Analysis], target: Target, sender: Sender) -> list[str]:
    """Lines of a dataflow of ILO, from its name to the country."""
    names = [analysis.name for analysis in group]
    area = sender.area
    if area == "?":
        area += question("which country?")
    lines = [f"  - dataflow: {_dataflow_value(target)}"]
    lines.append(f"    tables: {listed(names)}")
    lines += _where_lines(group, target)
    lines.append("    components:")
    lines.append(f"      REF_AREA: {area}")
    return lines
