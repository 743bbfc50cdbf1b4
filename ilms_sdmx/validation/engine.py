"""Validation of data sets and messages: every rule over every table, all findings at once."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from ilms_sdmx.datasets import OBSERVATION, Components, Dataset
from ilms_sdmx.errors import MessageError, StructureError
from ilms_sdmx.findings import Finding, Place, Severity
from ilms_sdmx.validation import structure_messages
from ilms_sdmx.validation.block_rules import block_findings
from ilms_sdmx.validation.catalogue import RULES
from ilms_sdmx.validation.coded import Array, Coded
from ilms_sdmx.validation.constraint_rules import constraint_findings
from ilms_sdmx.validation.definitions import Definition, of_constraint, of_dsd
from ilms_sdmx.validation.disclosure_rules import disclosure_findings
from ilms_sdmx.validation.exceptions import Accepted, accept, read_exceptions
from ilms_sdmx.validation.gap_rules import gap_findings
from ilms_sdmx.validation.header_rules import header_findings
from ilms_sdmx.validation.mean_rules import mean_findings
from ilms_sdmx.validation.plausibility_rules import plausibility_findings
from ilms_sdmx.validation.pool import Pool
from ilms_sdmx.validation.raising import finding
from ilms_sdmx.validation.relations import relations
from ilms_sdmx.validation.result import Validation
from ilms_sdmx.validation.revision_rules import revision_findings
from ilms_sdmx.validation.structure_rules import structure_findings
from ilms_sdmx.validation.sums import evaluate, sum_findings
from ilms_sdmx.validation.table_rules import table_findings
from ilms_sdmx.validation.time_rules import time_findings

if TYPE_CHECKING:
    from sdmx.model.v21 import DataStructureDefinition

    from ilms_sdmx.messages import Message

#: A data set, a message, a file of one, its bytes, or several of them.
Data: TypeAlias = "Dataset | Message | str | os.PathLike[str] | bytes | Iterable[Any]"
#: A data structure definition, a structure message (object, path or bytes), or the id of an ILMS dataflow.
Structure: TypeAlias = (
    "DataStructureDefinition | Definition | structure_messages.StructureMessage"
    " | str | os.PathLike[str] | bytes | None"
)
#: Exceptions, or the file that states them.
Exceptions: TypeAlias = "str | os.PathLike[str] | Iterable[Accepted]"


def validate(
    data: Data,
    *more: Data,
    structure: Structure = None,
    exceptions: Exceptions = (),
    previous: Data | None = None,
    today: datetime.date | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Validation:
    """Check one or several data sets by every rule.

    Parameters
    ----------
    data, more
        Data sets, messages, or files of messages in any format. Several are also compared with each other:
        tables of one questionnaire belong together.
    structure
        Structure of foreign data: a data structure definition, or a structure message (path or bytes). Data
        of ILMS dataflows bring their own.
    exceptions
        Findings that a person accepts, or the YAML or CSV file that lists them.
    previous
        What was sent the last time, to be told of revisions.
    today
        Day on which exceptions must still hold; by default that of the clock.
    progress
        Called with the number of tables done and of all tables.

    Returns
    -------
    Validation
        All findings, the coverage of arithmetic by table, and the findings that exceptions accept.

    Raises
    ------
    MessageError
        A file is not the message it should be.
    StructureError
        `structure` is not known, or has not the structure of the data.
    MappingError
        The file of exceptions is wrong.

    Examples
    --------
    >>> import pandas as pd
    >>> from ilms_sdmx import Components, Dataset, validate
    >>> figures = pd.DataFrame(
    ...     {"REF_AREA": "KHM", "FREQ": "A", "MEASURE": "POP_MNAS_NB", "SEX": ["SEX_F", "SEX_M", "SEX_T"],
    ...      "CRS": "CRS_RES_TOTAL", "TIME_PERIOD": "2010", "OBS_VALUE": ["60.541", "133.269", "72.728"]},
    ...     dtype="str")
    >>> report = validate(Dataset(figures, Components(tuple(figures)[:6]), "ILO:DF_POP_MNAS_SEX_CRS_NB(1.0)"))
    >>> [(f.rule, f.read, f.expected) for f in report]
    [('sex-sum', '72.728', '193.810 (within 0.0015 for rounding)')]
    >>> "sexes swapped" in report.findings[0].cause
    True
    """
    accepting = (
        read_exceptions(exceptions) if isinstance(exceptions, str | os.PathLike) else tuple(exceptions)
    )
    found: list[Finding] = []
    tables = _tables([data, *more], structure, found)
    before = _tables([previous], structure, []) if previous is not None else []
    touched = [np.zeros(len(table), dtype=bool) for table in tables]
    for number, table in enumerate(tables):
        found += _table_findings(table, touched[number])
        found += _revisions(table, before)
        if progress is not None:
            progress(number + 1, len(tables))
    if tables:
        pool = Pool.of(tuple(tables))
        found += table_findings(pool, touched)
        found += block_findings(pool)
    kept, accepted = accept(found, accepting, today or datetime.date.today())  # noqa: DTZ011 - a local day
    return Validation(tuple(kept), _coverage(tables, touched), tuple(accepted))


def _table_findings(table: Coded, touched: Array) -> list[Finding]:
    """Check one table by all rules that look at it alone; `touched` is set where arithmetic looked."""
    sums = [evaluate(table, relation) for relation in relations(table)]
    for one in sums:
        touched |= one.touched
    found = [
        *_unknown(table),
        *structure_findings(table, _frequencies(table)),
        *constraint_findings(table),
        *sum_findings(table, sums),
        *mean_findings(table, [one.relation for one in sums], touched),
        *plausibility_findings(table, [one.relation for one in sums]),
        *time_findings(table),
        *gap_findings(table),
        *disclosure_findings(table, sums),
    ]
    # A cell that its sum determines is told of once, with the figure that it must have.
    known = {tuple(f.place.key.values()) for f in found if f.rule == "recomputable-cell"}
    found = [f for f in found if f.rule != "missing-cell" or tuple(f.place.key.values()) not in known]
    order = {rule: number for number, rule in enumerate(RULES)}
    return sorted(found, key=lambda f: order[f.rule])


def _unknown(table: Coded) -> Iterator[Finding]:
    if table.definition is None:
        yield finding(
            "structure-unknown",
            f"The structure of {table.name or 'the data'} is unknown: codes and constraints are not checked.",
            Place(dataflow=table.name),
            expected="a dataflow of ILMS, or a structure message given as `structure`",
            mend="Give the structure message: --structure FILE, or structure= in Python.",
        )


def _revisions(table: Coded, before: list[Coded]) -> Iterator[Finding]:
    for previous in before:
        if previous.name == table.name and previous.dimensions == table.dimensions:
            yield from revision_findings(table, previous)


def _frequencies(table: Coded) -> dict[str, str]:
    """ILO's codes of frequency to SDMX's; nothing for other agencies, whose codes are SDMX's."""
    if not table.name.startswith("ILO:"):
        return {}
    from ilms_sdmx.structures import code_map

    pairs = code_map("FREQ")
    return dict(zip(pairs["source"], pairs["target"], strict=True))


def _coverage(tables: list[Coded], touched: list[Array]) -> pd.DataFrame:
    counts = [int(mask.sum()) for mask in touched]
    shares = [100.0 * c / len(t) if len(t) else 0.0 for c, t in zip(counts, tables, strict=True)]
    return pd.DataFrame(
        {
            "dataflow": [t.name for t in tables],
            "observations": [len(t) for t in tables],
            "touched": counts,
            "share": [round(share, 1) for share in shares],
        }
    )


def _tables(sources: Iterable[Any], structure: Structure, found: list[Finding]) -> list[Coded]:
    """Tables of all sources with their definitions; findings about headers are added to `found`."""
    resolve = _resolver(structure)
    return [_coded(dataset, resolve) for source in sources for dataset in _datasets(source, resolve, found)]


def _coded(dataset: Dataset, resolve: Resolver) -> Coded:
    definition = resolve(dataset.dataflow, dataset.structure)
    if definition is None:
        return Coded(dataset)
    return Coded(replace(dataset, components=_components(dataset, definition)), definition)


def _components(dataset: Dataset, definition: Definition) -> Components:
    """Roles that the structure gives, for the columns that are there; a measure even where it is not."""
    known = definition.components
    measures = (
        tuple(m for m in known.measures if m in dataset.observations) or known.measures or ("OBS_VALUE",)
    )
    columns = set(dataset.observations.columns)
    extra = {str(c): OBSERVATION for c in dataset.observations if c not in definition.fields}
    attributes = {a: on for a, on in known.attributes.items() if a in columns} | extra
    dimensions = tuple(d for d in known.dimensions if d in columns)
    return Components(dimensions, measures, attributes, composite=dataset.components.composite)


def _datasets(source: Any, resolve: Resolver, found: list[Finding]) -> Iterator[Dataset]:
    if isinstance(source, Dataset):
        yield source
    elif isinstance(source, str | os.PathLike | bytes):
        from ilms_sdmx import messages

        known = resolve("", "")
        try:
            message = messages.read(source, structure=known.components if known is not None else None)
        except MessageError:
            if known is None:
                raise
            message = messages.read(source)  # to tell of all faults, not of the first that stops a reader
        found.extend(f for f in message.report if f.severity is not Severity.NOTE and f.rule not in RULES)
        name = os.path.basename(os.fspath(source)) if not isinstance(source, bytes) else ""
        yield from _of_message(message, name, found)
    elif hasattr(source, "header") and hasattr(source, "datasets"):
        yield from _of_message(source, "", found)
    elif hasattr(source, "datasets"):
        yield from source.datasets
    else:
        for one in source:
            yield from _datasets(one, resolve, found)


def _of_message(message: Message, name: str, found: list[Finding]) -> Iterator[Dataset]:
    if not message.format.startswith("sdmx-csv"):
        found.extend(header_findings(message.header, name))
    yield from message.datasets


@dataclass(frozen=True)
class Resolver:
    """Finds the definition of a data set: that of a given structure, else that of the ILMS dataflow."""

    given: Definition | structure_messages.StructureMessage | None = None

    def __call__(self, dataflow: str, structure: str) -> Definition | None:
        """Definition for the ids of a data set; with empty ids the only one there is."""
        if isinstance(self.given, Definition):
            return self.given
        if self.given is not None:
            return self._of_message(self.given, dataflow, structure)
        return _ours(dataflow) if dataflow else None

    @staticmethod
    def _of_message(
        message: structure_messages.StructureMessage, dataflow: str, structure: str
    ) -> Definition | None:
        if not dataflow and not structure and len(message.definitions) != 1:
            return None
        return message.definition(dataflow, structure)


@cache
def _ours(dataflow: str) -> Definition | None:
    from ilms_sdmx import structures

    if not dataflow.startswith("ILO:") and ":" in dataflow:
        return None
    try:
        found = structures.dataflow(dataflow.removeprefix("ILO:").partition("(")[0])
    except StructureError:
        return None
    return of_dsd(found.structure).constrained([of_constraint(structures.constraint(found.id))])


def _resolver(structure: Structure) -> Resolver:
    if structure is None or isinstance(structure, Definition | structure_messages.StructureMessage):
        return Resolver(structure)
    if isinstance(structure, bytes):
        return Resolver(structure_messages.read_structures(structure))
    if isinstance(structure, os.PathLike) or (isinstance(structure, str) and os.path.exists(structure)):
        return Resolver(structure_messages.read_structure_file(structure))
    if isinstance(structure, str):
        ours = _ours(structure)
        if ours is None:
            raise StructureError(
                f"expected a structure message or the id of an ILMS dataflow, found {structure!r}"
            )
        return Resolver(ours)
    return Resolver(of_dsd(structure))
