"""Intake: data sets, messages and files as coded tables, each with the definition of its structure."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from ilms_sdmx.datasets import OBSERVATION, Components, Dataset, datasets_of
from ilms_sdmx.errors import MessageError, StructureError
from ilms_sdmx.findings import Finding, Severity
from ilms_sdmx.structures.reading.definition import Definition
from ilms_sdmx.structures.reading.message import StructureMessage
from ilms_sdmx.structures.reading.objects import of_constraint, of_dsd
from ilms_sdmx.structures.reading.reader import read_structure_file, read_structures
from ilms_sdmx.validation.catalogue import RULES
from ilms_sdmx.validation.coded import Coded
from ilms_sdmx.validation.coded.joining import joined
from ilms_sdmx.validation.header_rules import header_findings

if TYPE_CHECKING:
    from sdmx.model.v21 import DataStructureDefinition

    from ilms_sdmx.messages import Message

#: A data set, a message, a file of one, its bytes, or several of them.
Data: TypeAlias = "Dataset | Message | str | os.PathLike[str] | bytes | Iterable[Any]"
#: A data structure definition, a structure message (object, path or bytes), or the id of an ILMS dataflow.
Structure: TypeAlias = (
    "DataStructureDefinition | Definition | StructureMessage"
    " | str | os.PathLike[str] | bytes | None"
)


def tables(sources: Iterable[Any], structure: Structure, found: list[Finding]) -> list[Coded]:
    """Tables of all sources with their definitions; findings about headers are added to `found`.

    Data sets of one dataflow are one table, in whatever messages and files they came.
    """
    resolve = _resolver(structure)
    alike: dict[object, list[Coded]] = {}
    for source in sources:
        for dataset, file in _datasets(source, resolve, found):
            table = _coded(dataset, resolve, file)
            alike.setdefault(_kind(table), []).append(table)
    return [tables[0] if len(tables) == 1 else joined(tables) for tables in alike.values()]


def _kind(table: Coded) -> object:
    """Tell which tables are parts of one: none is where no dataflow is named."""
    parts = table.dataset.components
    if not table.name:
        return table
    return (
        table.name,
        tuple(table.dimensions),
        parts.measures,
        table.dataset.action,
        frozenset(parts.composite),
    )


def _coded(dataset: Dataset, resolve: Resolver, file: str) -> Coded:
    definition = resolve(dataset.dataflow, dataset.structure)
    if definition is None:
        return Coded(dataset, file=file)
    return Coded(
        replace(dataset, components=_components(dataset, definition)), definition, file
    )


def _components(dataset: Dataset, definition: Definition) -> Components:
    """Roles that the structure gives, for the columns that are there; a measure even where it is not."""
    known = definition.components
    measures = (
        tuple(m for m in known.measures if m in dataset.observations)
        or known.measures
        or ("OBS_VALUE",)
    )
    columns = set(dataset.observations.columns)
    extra = {str(c): OBSERVATION for c in dataset.observations if c not in definition.fields}
    attributes = {a: on for a, on in known.attributes.items() if a in columns} | extra
    dimensions = tuple(d for d in known.dimensions if d in columns)
    return Components(dimensions, measures, attributes, composite=dataset.components.composite)


def _datasets(
    source: Any, resolve: Resolver, found: list[Finding]
) -> Iterator[tuple[Dataset, str]]:
    """Open whatever was given: its data sets, each with the name of its file."""
    if isinstance(source, Dataset):
        yield source, ""
    elif isinstance(source, str | os.PathLike | bytes) or hasattr(source, "read"):
        name = (
            os.path.basename(os.fspath(source)) if isinstance(source, str | os.PathLike) else ""
        )
        message = _read(source, resolve)
        found.extend(
            f for f in message.report if f.severity is not Severity.NOTE and f.rule not in RULES
        )
        yield from _of_message(message, name, found)
    elif hasattr(source, "header") and hasattr(source, "datasets"):
        yield from _of_message(source, "", found)
    elif isinstance(source, Iterable) and not _holds(source):
        for one in source:
            yield from _datasets(one, resolve, found)
    else:
        for dataset in datasets_of(source):
            yield dataset, ""


def _holds(source: object) -> bool:
    """Whether something is a frame or holds data sets, though it may be gone through."""
    return hasattr(source, "columns") or hasattr(source, "datasets")


def _read(source: Any, resolve: Resolver) -> Message:
    from ilms_sdmx import messages

    known = resolve("", "")
    try:
        return messages.read(source, structure=known.components if known is not None else None)
    except MessageError:
        _refuse_structure(source)
        if known is None or hasattr(source, "read"):
            raise
        return messages.read(
            source
        )  # to tell of all faults, not of the first that stops a reader


def _refuse_structure(source: Any) -> None:
    """Say what a structure message is for, where it is given as data."""
    if not isinstance(source, str | os.PathLike):
        return
    try:
        read_structure_file(source)
    except (MessageError, StructureError):
        return
    name = os.path.basename(os.fspath(source))
    raise MessageError(
        f"{name}: expected data, found a structure message; leave it out of the files of data, and give it as"
        " the structure (--structure) of data that have another than ILMS's"
    )


def _of_message(
    message: Message, name: str, found: list[Finding]
) -> Iterator[tuple[Dataset, str]]:
    if not message.format.startswith("sdmx-csv"):
        found.extend(header_findings(message.header, name))
    yield from ((dataset, name) for dataset in message.datasets)


@dataclass(frozen=True)
class Resolver:
    """Finds the definition of a data set: that of a given structure, else that of the ILMS dataflow."""

    given: Definition | StructureMessage | None = None

    def __call__(self, dataflow: str, structure: str) -> Definition | None:
        """Definition for the ids of a data set; with empty ids the only one there is."""
        if isinstance(self.given, Definition):
            return self.given
        if self.given is not None:
            return self._of_message(self.given, dataflow, structure)
        return _ours(dataflow) if dataflow else None

    @staticmethod
    def _of_message(
        message: StructureMessage, dataflow: str, structure: str
    ) -> Definition | None:
        if not dataflow and not structure and len(message.definitions) != 1:
            return None
        return message.definition(dataflow, structure)


@cache
def _ours(dataflow: str) -> Definition | None:
    from ilms_sdmx import structures
    from ilms_sdmx.structures import indicators

    if indicators.is_ours(dataflow):
        return of_dsd(structures.dataflow(dataflow).structure)
    if not dataflow.startswith("ILO:") and ":" in dataflow:
        return None
    try:
        found = structures.dataflow(dataflow.removeprefix("ILO:").partition("(")[0])
    except StructureError:
        return None
    return of_dsd(found.structure).constrained([of_constraint(structures.constraint(found.id))])


def _resolver(structure: Structure) -> Resolver:
    if structure is None or isinstance(structure, Definition | StructureMessage):
        return Resolver(structure)
    if isinstance(structure, bytes):
        return Resolver(read_structures(structure))
    if isinstance(structure, os.PathLike) or (
        isinstance(structure, str) and os.path.exists(structure)
    ):
        return Resolver(read_structure_file(structure))
    if isinstance(structure, str):
        ours = _ours(structure)
        if ours is None:
            raise StructureError(
                f"expected a structure message or the id of an ILMS dataflow, found {structure!r}"
            )
        return Resolver(ours)
    if not hasattr(structure, "dimensions"):
        raise TypeError(
            f"expected a data structure definition, found {type(structure).__name__}"
        )
    return Resolver(of_dsd(structure))
