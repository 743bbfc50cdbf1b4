"""Test of published tables: which hidden figures anybody can work out, or nearly."""

from __future__ import annotations

from typing import Any

import numpy as np

from ilms_sdmx.analysis.protection.attack import Attacker, Interval
from ilms_sdmx.analysis.protection.release import Release
from ilms_sdmx.findings import Finding, Report, find
from ilms_sdmx.structures.reading.resolving import Structure
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.intake import Intake


def find_disclosures(
    data: Any,
    *more: Any,
    minimum: int = 3,
    previous: Any = (),
    structure: Structure = None,
) -> Report:
    """Test what anybody can work out about the hidden figures of published tables.

    Every figure that is withheld (OBS_STATUS or CONF_STATUS say it) is looked at, with all that
    the tables publish and all that adds up to what in and between them.

    Parameters
    ----------
    data, more
        Data sets, messages, or files of messages that were published together.
    minimum
        Least number of possible values that a hidden figure of few persons must keep.
    previous
        What earlier releases published, each a vintage of its own, the latest first.
    structure
        Structure of foreign data.

    Returns
    -------
    Report
        `disclosed-cell` for each hidden figure that is known, or known too nearly.

    Examples
    --------
    >>> import pandas as pd
    >>> from ilms_sdmx import Components, Dataset, find_disclosures
    >>> figures = pd.DataFrame(
    ...     {"REF_AREA": "KHM", "FREQ": "A", "MEASURE": "POP_MNAS_NB",
    ...      "SEX": ["SEX_F", "SEX_M", "SEX_T"], "CRS": "CRS_RES_TOTAL", "TIME_PERIOD": "2010",
    ...      "OBS_VALUE": [None, "133", "135"], "OBS_STATUS": ["C", None, None]},
    ...     dtype="str")
    >>> components = Components(tuple(figures)[:6], attributes={"OBS_STATUS": ("OBS_VALUE",)})
    >>> report = find_disclosures(Dataset(figures, components))
    >>> print(report.findings[0].message)
    Anybody can work out the hidden figure: it is 2.
    """
    taken = Intake.of([data, *more], structure)
    if not taken.tables:
        return Report()
    release = Release.of((*taken.tables, *tables_before(previous, structure)))
    known = np.isfinite(release.value)
    attacker = Attacker(release, known)
    return Report(tuple(found_open(release, attacker, release.withheld, minimum)))


def tables_before(previous: Any, structure: Structure) -> tuple[Any, ...]:
    """Tables of earlier releases; those of different vintages stay apart."""
    tables: list[Any] = []
    if previous is None:
        return ()
    for vintage in previous if isinstance(previous, list | tuple) else (previous,):
        tables += Intake.of([vintage], structure).tables
    return tuple(tables)


def found_open(
    release: Release, attacker: Attacker, looked_at: Array, minimum: int
) -> list[Finding]:
    """Findings of the hidden figures among some that an attacker knows too well."""
    findings = []
    for figure in np.flatnonzero(looked_at).tolist():
        interval = attacker.interval(figure)
        finding = _find_disclosure(release, figure, interval, minimum)
        if finding is not None:
            findings.append(finding)
    return findings


def _find_disclosure(
    release: Release, figure: int, interval: Interval | None, minimum: int
) -> Finding | None:
    """Finding of a hidden figure that is known too well; None where it is not."""
    place = place_of(release, figure)
    if interval is None:
        return find("disclosed-cell", place, case="contradiction")
    is_narrow = interval.lower < minimum and interval.width < minimum
    if not is_narrow and not interval.is_exact:
        return None
    case = "" if interval.is_exact else "narrow"
    return find(
        "disclosed-cell",
        place,
        case=case,
        lower=plain(interval.lower),
        upper=plain(interval.upper),
        minimum=minimum,
    )


def place_of(release: Release, figure: int) -> Any:
    """Place of the row in which a figure is printed first."""
    table, row = release.entry_of(figure)
    return table.place(row)


def plain(value: float) -> str:
    """Number as a person writes it, without the dust of a solver."""
    shown = round(value, 3)
    return f"{shown:g}" if shown % 1 else f"{shown:.0f}"
