"""Intake: data sets, messages and files as coded tables, each with its structure."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, TypeAlias

from ilms_sdmx._files import file_name
from ilms_sdmx.datasets import OBSERVATION, Components, Dataset, datasets_of, is_source
from ilms_sdmx.errors import MessageError, StructureError
from ilms_sdmx.findings import Finding, Report
from ilms_sdmx.periods import parse_period
from ilms_sdmx.structures.reading.definition import Definition
from ilms_sdmx.structures.reading.reader import read_structure_file
from ilms_sdmx.structures.reading.resolving import Resolver, Structure
from ilms_sdmx.validation.catalogue import RULES
from ilms_sdmx.validation.coded.joining import joined
from ilms_sdmx.validation.coded.table import Coded
from ilms_sdmx.validation.rules.headers import find_header_faults

if TYPE_CHECKING:
    from ilms_sdmx.messages import Header, Message

#: A data set, a message, a file of one, its bytes, or several of them.
Data: TypeAlias = "Dataset | Message | str | os.PathLike[str] | bytes | Iterable[Any]"


@dataclass(frozen=True)
class Intake:
    """What was taken in.

    Parameters
    ----------
    tables
        Tables with their definitions. Data sets of one dataflow are one table, in whatever
        messages and files they came.
    findings
        Findings of the reading and of the headers of messages.
    """

    tables: tuple[Coded, ...]
    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, sources: Iterable[Any], structure: Structure) -> Intake:
        """Tables of all sources."""
        resolve = Resolver.of(structure)
        findings: list[Finding] = []
        parts: dict[object, list[Coded]] = {}
        for source in sources:
            for opened in _opened(source, resolve):
                findings += opened.findings
                for dataset in opened.datasets:
                    table = _coded(dataset, resolve, opened)
                    kind = _kind(table)
                    parts.setdefault(kind, []).append(table)
        return cls(tuple(map(_whole, parts.values())), tuple(findings))


@dataclass(frozen=True)
class _Opened:
    """Data sets of one source, its file, what is wrong with it, and the day it was prepared."""

    datasets: Iterable[Dataset]
    file: str = ""
    findings: tuple[Finding, ...] = ()
    prepared: date | None = None


def _opened(source: Any, resolve: Resolver) -> Iterator[_Opened]:
    """Open whatever was given."""
    if is_source(source):
        yield _of_file(source, resolve)
    elif hasattr(source, "header") and hasattr(source, "datasets"):
        findings = _findings_of_header(source)
        prepared = _day(source.header)
        yield _Opened(source.datasets, findings=findings, prepared=prepared)
    elif isinstance(source, Dataset) or not _is_several(source):
        yield _Opened(datasets_of(source))
    else:
        for one in source:
            yield from _opened(one, resolve)


def _is_several(source: object) -> bool:
    """Whether something is to be gone through; a frame and what holds data sets are not."""
    if hasattr(source, "columns"):
        return False
    if hasattr(source, "datasets"):
        return False
    return isinstance(source, Iterable)


def _of_file(source: Any, resolve: Resolver) -> _Opened:
    message = _message(source, resolve)
    name = ""
    if isinstance(source, str | os.PathLike):
        name = file_name(source)
    findings_of_reading = _findings_of_reading(message)
    findings_of_header = _findings_of_header(message)
    findings = (*findings_of_reading, *findings_of_header)
    report = Report(findings)
    report_of_file = report.at(file=name)
    prepared = _day(message.header)
    return _Opened(message.datasets, name, report_of_file.findings, prepared)


def _findings_of_reading(message: Message) -> list[Finding]:
    """Findings of the reading that no rule of validation makes again, without the notes."""
    findings = []
    for finding in message.report.without_notes():
        if finding.rule not in RULES:
            findings.append(finding)
    return findings


def _findings_of_header(message: Message) -> tuple[Finding, ...]:
    if message.format.startswith("sdmx-csv"):
        return ()
    return tuple(find_header_faults(message.header))


def _day(header: Header) -> date | None:
    """Day on which a message was prepared, None where its header does not say it."""
    period = parse_period(header.prepared.strip())
    if period and period.year < 9999:
        return period.first
    return None


def _message(source: Any, resolve: Resolver) -> Message:
    from ilms_sdmx import messages

    if resolve.given is None:
        return _read(source)
    try:
        return messages.read(source, structure=resolve.given, partial=True)
    except (MessageError, StructureError):
        if hasattr(source, "read"):
            raise
        # Without the structure the message tells of all faults, not of the first that stops a
        # reader.
        return _read(source)


def _read(source: Any) -> Message:
    from ilms_sdmx import messages

    try:
        return messages.read(source, partial=True)
    except MessageError:
        _refuse_structure(source)
        raise


def _refuse_structure(source: Any) -> None:
    """Say what a structure message is for, where it is given as data."""
    if not isinstance(source, str | os.PathLike):
        return
    try:
        read_structure_file(source)
    except (MessageError, StructureError):
        return
    name = file_name(source)
    raise MessageError(
        f"{name}: expected data, found a structure message; leave it out of the files of data,"
        " and give it as the structure (--structure) of data that have another than ILMS's"
    )


def _kind(table: Coded) -> object:
    """What is equal for the parts of one table; one without a dataflow is part of no other."""
    if not table.name:
        return table
    components = table.dataset.components
    dimensions = tuple(table.dimensions)
    composite = frozenset(components.composite)
    action = table.dataset.action
    return table.name, dimensions, components.measures, action, composite


def _whole(parts: list[Coded]) -> Coded:
    if len(parts) == 1:
        return parts[0]
    return joined(parts)


def _coded(dataset: Dataset, resolve: Resolver, opened: _Opened) -> Coded:
    definition = resolve(dataset.dataflow, dataset.structure)
    file, prepared = opened.file, opened.prepared
    if definition is None:
        return Coded(dataset, file=file, prepared=prepared)
    components = _components(dataset, definition)
    whole = replace(dataset, components=components)
    return Coded(whole, definition, file, prepared=prepared)


def _components(dataset: Dataset, definition: Definition) -> Components:
    """Roles that the structure gives to the columns that there are.

    There is a measure even where it has no column; a column that the structure does not know is
    an attribute of observations.
    """
    known = definition.components
    columns = list(map(str, dataset.observations.columns))
    dimensions = [name for name in known.dimensions if name in columns]
    measures = [name for name in known.measures if name in columns]
    attributes = {name: on for name, on in known.attributes.items() if name in columns}
    for column in columns:
        if column not in definition.fields:
            attributes[column] = OBSERVATION
    known_measures = tuple(measures) or known.measures or ("OBS_VALUE",)
    composite = dataset.components.composite
    return Components(tuple(dimensions), known_measures, attributes, composite=composite)
