"""Validation of data sets and messages: every rule over every table, all findings at once."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

import numpy as np
import pandas as pd

from ilms_sdmx.findings import Finding
from ilms_sdmx.validation import intake
from ilms_sdmx.validation.block_rules import block_findings
from ilms_sdmx.validation.catalogue import RULES
from ilms_sdmx.validation.coded import Array, Coded
from ilms_sdmx.validation.coded.pool import Pool
from ilms_sdmx.validation.constraint_rules import constraint_findings
from ilms_sdmx.validation.disclosure_rules import disclosure_findings
from ilms_sdmx.validation.exceptions import Accepted, accept, read_exceptions
from ilms_sdmx.validation.gap_rules import find_gaps
from ilms_sdmx.validation.mean_rules import mean_findings
from ilms_sdmx.validation.plausibility_rules import plausibility_findings
from ilms_sdmx.validation.raising import finding
from ilms_sdmx.validation.relations import relations
from ilms_sdmx.validation.result import Validation
from ilms_sdmx.validation.revision_rules import revision_findings
from ilms_sdmx.validation.share_rules import share_findings
from ilms_sdmx.validation.structure_rules import structure_findings
from ilms_sdmx.validation.sums import evaluate, sum_findings
from ilms_sdmx.validation.table_rules import table_findings
from ilms_sdmx.validation.time_rules import find_jumps

#: Exceptions, or the file that states them.
Exceptions: TypeAlias = "str | os.PathLike[str] | Iterable[Accepted]"


def validate(
    data: intake.Data,
    *more: intake.Data,
    structure: intake.Structure = None,
    exceptions: Exceptions = (),
    previous: intake.Data | None = None,
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
        read_exceptions(exceptions)
        if isinstance(exceptions, str | os.PathLike)
        else tuple(exceptions)
    )
    found: list[Finding] = []
    tables = intake.tables([data, *more], structure, found)
    before = intake.tables([previous], structure, []) if previous is not None else []
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
        *find_jumps(table),
        *share_findings(table, sums),
        *find_gaps(table),
        *disclosure_findings(table, sums),
    ]
    order = {rule: number for number, rule in enumerate(RULES)}
    return sorted(_once(found), key=lambda f: order[f.rule])


def _once(found: list[Finding]) -> list[Finding]:
    """Leave out what another finding explains.

    A cell that its sum determines is told of once, with the figure that it must have; shares that move
    because one of their figures jumps are told of at that figure.
    """
    known = {_key(f) for f in found if f.rule == "recomputable-cell"}
    jumps = [f for f in found if f.rule in ("year-jump", "factor-slip")]
    of = {f.component for f in found if f.rule == "share-shift"}
    moved = {_key(f, dimension) for dimension in of for f in jumps}
    return [
        f
        for f in found
        if not (f.rule == "missing-cell" and _key(f) in known)
        and not (f.rule == "share-shift" and _key(f, f.component) in moved)
    ]


def _key(found: Finding, without: str = "") -> tuple[str, ...]:
    """Codes of a finding's key, but that of one dimension."""
    return tuple("" if d == without else code for d, code in found.place.key.items())


def _unknown(table: Coded) -> Iterator[Finding]:
    if table.definition is None:
        yield finding(
            "structure-unknown",
            f"The structure of {table.name or 'the data'} is unknown: codes and constraints are not checked.",
            table.here,
            expected="a dataflow of ILMS, or a structure message given as `structure`",
            fix="Give the structure message: --structure FILE, or structure= in Python.",
        )


def _revisions(table: Coded, before: list[Coded]) -> Iterator[Finding]:
    for previous in before:
        if previous.name == table.name and previous.dimensions == table.dimensions:
            yield from revision_findings(table, previous)


def _frequencies(table: Coded) -> dict[str, str]:
    """ILO's codes of frequency to SDMX's; nothing for other agencies, whose codes are SDMX's."""
    known = table.definition.id if table.definition else table.name
    if not known.startswith("ILO:"):
        return {}
    from ilms_sdmx.structures import code_map

    pairs = code_map("FREQ")
    return dict(zip(pairs["source"], pairs["target"], strict=True))


def _coverage(tables: list[Coded], touched: list[Array]) -> pd.DataFrame:
    counts = [int(mask.sum()) for mask in touched]
    shares = [
        100.0 * c / len(t) if len(t) else 0.0 for c, t in zip(counts, tables, strict=True)
    ]
    return pd.DataFrame(
        {
            "dataflow": [t.name for t in tables],
            "observations": [len(t) for t in tables],
            "touched": counts,
            "share": [round(share, 1) for share in shares],
        }
    )
