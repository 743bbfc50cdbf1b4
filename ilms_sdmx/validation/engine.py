"""Validation of data sets and messages: every rule over every table, all findings at once."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias

import numpy as np

from ilms_sdmx.findings import Finding, find, phrase
from ilms_sdmx.structures.reading.resolving import Structure
from ilms_sdmx.validation.arithmetic.evaluated import evaluate
from ilms_sdmx.validation.arithmetic.relations import relations_of
from ilms_sdmx.validation.catalogue import RULES
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.pool import Pool
from ilms_sdmx.validation.coded.table import Coded
from ilms_sdmx.validation.coverage import (
    coverage_of_tables,
    tested_rows,
    tested_together,
    with_tests,
)
from ilms_sdmx.validation.exceptions import (
    Accepted,
    divided,
    find_idle_exceptions,
    read_exceptions,
)
from ilms_sdmx.validation.intake import Data, Intake
from ilms_sdmx.validation.result import Validation
from ilms_sdmx.validation.rules.ages import find_ages_not_covered
from ilms_sdmx.validation.rules.ahead import find_periods_ahead
from ilms_sdmx.validation.rules.along_time.jumps import find_jumps
from ilms_sdmx.validation.rules.blocks import find_identical_blocks
from ilms_sdmx.validation.rules.constraints import find_outside_constraints
from ilms_sdmx.validation.rules.disclosure import find_recomputable_cells
from ilms_sdmx.validation.rules.earnings import find_annual_earnings
from ilms_sdmx.validation.rules.gaps import find_gaps
from ilms_sdmx.validation.rules.lifetimes import find_codes_of_other_times
from ilms_sdmx.validation.rules.means import evaluate_means, find_means_outside
from ilms_sdmx.validation.rules.plausibility import find_implausible_figures
from ilms_sdmx.validation.rules.repetition import find_repeated_values
from ilms_sdmx.validation.rules.revisions import find_revisions
from ilms_sdmx.validation.rules.shares import find_shifted_shares
from ilms_sdmx.validation.rules.structure import find_structure_faults
from ilms_sdmx.validation.rules.sums import find_broken_sums
from ilms_sdmx.validation.rules.tables import (
    compare_identities,
    compare_repeats,
    find_broken_identities,
    find_different_totals,
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
        Data sets, messages, or files of messages in any format. Several are also compared with
        each other: tables of one questionnaire belong together.
    structure
        Structure of foreign data: a data structure definition, or a structure message (path or
        bytes). Data of ILMS dataflows bring their own.
    exceptions
        Findings that a person accepts, or the YAML or CSV file that lists them.
    previous
        What was sent the last time, to be told of revisions.
    today
        Day on which exceptions must still hold, and after which no period of a data set begins
        whose message does not say when it was prepared; by default that of the clock.
    progress
        Called with the number of tables done and of all tables.

    Returns
    -------
    Validation
        All findings, the findings that exceptions accept, and how far arithmetic tests each
        table and each observation.

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
    ...     {"REF_AREA": "KHM", "FREQ": "A", "MEASURE": "POP_MNAS_NB",
    ...      "SEX": ["SEX_F", "SEX_M", "SEX_T"], "CRS": "CRS_RES_TOTAL", "TIME_PERIOD": "2010",
    ...      "OBS_VALUE": ["60.541", "133.269", "72.728"]},
    ...     dtype="str")
    >>> components = Components(tuple(figures)[:6])
    >>> report = validate(Dataset(figures, components, "ILO:DF_POP_MNAS_SEX_CRS_NB(1.0)"))
    >>> [(f.rule, f.read, f.expected) for f in report]
    [('sex-sum', '72.728', '193.810 (within 0.0015 for rounding)')]
    >>> "sexes swapped" in report.findings[0].cause
    True
    """
    known_exceptions = _exceptions(exceptions)
    day = today or datetime.date.today()  # noqa: DTZ011 - a local day
    current = Intake.of([data, *more], structure)
    before: tuple[Coded, ...] = ()
    if previous is not None:
        before = Intake.of([previous], structure).tables
    tables = current.tables
    findings = list(current.findings)
    tested = []
    for number, table in enumerate(tables):
        checked = _checked(table, table.prepared or day)
        tested.append(checked.tested)
        findings += checked.findings
        findings += _find_since(before, table)
        if progress is not None:
            progress(number + 1, len(tables))
    if tables:
        between = _checked_together(tables)
        findings += between.findings
        tested = list(map(np.maximum, tested, between.tested))
    kept, accepted = divided(findings, known_exceptions, day)
    used = []
    for _, exception in accepted:
        used.append(exception)
    kept += find_idle_exceptions(known_exceptions, used, day)
    coverage = coverage_of_tables(tables, tested)
    observations = with_tests(tables, tested)
    return Validation(tuple(kept), coverage, tuple(accepted), observations)


def _exceptions(exceptions: Exceptions) -> tuple[Accepted, ...]:
    if isinstance(exceptions, str | os.PathLike):
        return read_exceptions(exceptions)
    return tuple(exceptions)


class _Checked(NamedTuple):
    """Findings of one table, and how far arithmetic tests each of its rows."""

    findings: list[Finding]
    tested: Array


class _CheckedTogether(NamedTuple):
    """Findings between tables, and how far arithmetic tests each row of each table there."""

    findings: list[Finding]
    tested: list[Array]


def _checked(table: Coded, day: datetime.date) -> _Checked:
    """Table checked by all rules that look at it alone, as on a day."""
    related = relations_of(table)
    sums = []
    for relation in related:
        sums.append(evaluate(table, relation))
    means = evaluate_means(table, related)
    frequencies = _frequencies(table)
    findings = [
        *_find_unknown_structure(table),
        *find_structure_faults(table, frequencies),
        *find_outside_constraints(table),
        *find_broken_sums(table, sums),
        *find_means_outside(table, means),
        *find_implausible_figures(table),
        *find_codes_of_other_times(table),
        *find_periods_ahead(table, day),
        *find_ages_not_covered(table),
        *find_repeated_values(table, related),
        *find_annual_earnings(table),
        *find_jumps(table),
        *find_shifted_shares(table, sums),
        *find_gaps(table),
        *find_recomputable_cells(table, sums),
    ]
    findings_of_table = _without_explained(findings)
    order = {}
    for number, rule in enumerate(RULES):
        order[rule] = number
    # What hangs under another finding stays behind it, whatever its own rule.
    findings_of_table.sort(key=lambda finding: order[finding.lead.rule])
    tested = tested_rows(table, sums, means)
    return _Checked(findings_of_table, tested)


def _checked_together(tables: tuple[Coded, ...]) -> _CheckedTogether:
    """Tables checked against each other."""
    pool = Pool.of(tables)
    repeats = compare_repeats(pool)
    identities = compare_identities(pool)
    findings = [
        *find_different_totals(pool, repeats),
        *find_broken_identities(pool, identities),
        *find_identical_blocks(pool),
    ]
    tested = tested_together(pool, repeats, identities)
    return _CheckedTogether(findings, tested)


def _without_explained(findings: list[Finding]) -> list[Finding]:
    """Findings without those that another one explains.

    A cell that its sum determines is told of once, with the figure that it must have; shares
    that move because one of their figures jumps are told of at that figure.
    """
    recomputable = {_key(finding) for finding in _of_rules(findings, "recomputable-cell")}
    jumps = _of_rules(findings, "year-jump", "factor-slip")
    told_in_time = {_key(finding) for finding in findings if finding.case.startswith("annual")}
    shifting_dimensions = set()
    for shift in _of_rules(findings, "share-shift"):
        shifting_dimensions.add(shift.component)
    jumping: set[tuple[str, ...]] = set()
    for dimension in shifting_dimensions:
        jumping.update(_key(jump, dimension) for jump in jumps)
    kept = []
    for finding in findings:
        if finding.rule == "missing-cell" and _key(finding) in recomputable:
            continue
        if finding.rule == "share-shift" and _key(finding, finding.component) in jumping:
            continue
        if finding.rule == "earnings-of-a-year" and _key(finding) in told_in_time:
            continue
        kept.append(finding)
    return kept


def _of_rules(findings: Iterable[Finding], *rules: str) -> list[Finding]:
    return [finding for finding in findings if finding.rule in rules]


def _key(finding: Finding, without: str = "") -> tuple[str, ...]:
    """Codes of a finding's key, but that of one dimension."""
    codes = []
    for dimension, code in finding.place.key.items():
        codes.append("" if dimension == without else code)
    return tuple(codes)


def _find_unknown_structure(table: Coded) -> Iterator[Finding]:
    if table.definition is None:
        name = table.name or phrase("the-data")
        yield find("structure-unknown", table.here, name=name)


def _find_since(before: Iterable[Coded], table: Coded) -> Iterator[Finding]:
    """Findings of what changed since the previous version of a table, where there is one."""
    for previous in before:
        if previous.name == table.name and previous.dimensions == table.dimensions:
            yield from find_revisions(table, previous)


def _frequencies(table: Coded) -> dict[str, str]:
    """ILO's codes of frequency to SDMX's; nothing for agencies whose codes are SDMX's."""
    structure = table.definition.id if table.definition else table.name
    if not structure.startswith("ILO:"):
        return {}
    from ilms_sdmx.structures import code_map

    pairs = code_map("FREQ")
    source = pairs["source"]
    target = pairs["target"]
    return dict(zip(source, target, strict=True))
