"""Protection of data sets before they are published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ilms_sdmx.analysis.protection.disclosures import tables_before
from ilms_sdmx.analysis.protection.perturbation import perturbed
from ilms_sdmx.analysis.protection.publication import Asked, Publication
from ilms_sdmx.analysis.protection.result import Protection
from ilms_sdmx.analysis.protection.rounding import rounded
from ilms_sdmx.analysis.protection.rules import ProtectionRules
from ilms_sdmx.errors import ProtectionError
from ilms_sdmx.structures.reading.resolving import Structure
from ilms_sdmx.validation.intake import Intake

#: Methods of protection.
METHODS = ("suppression", "rounding", "perturbation")


def protect(
    data: Any,
    *more: Any,
    rules: ProtectionRules | None = None,
    method: str = "suppression",
    must: Sequence[Mapping[str, str]] = (),
    contributors: str = "",
    contributions: Sequence[str] = (),
    amounts: Any = (),
    withheld: str = "",
    previous: Any = (),
    base: int = 5,
    secret: str = "",
    seconds: float = 60.0,
    structure: Structure = None,
) -> Protection:
    """Protect tables that go out together, so that no figure tells about few persons.

    Parameters
    ----------
    data, more
        Data sets, messages, or files of messages: all tables of one release.
    rules
        Rules by which a figure must not be published; by default at least 3 persons.
    method
        `suppression` hides figures, and others so that no sum gives them back: it guarantees
        that each hidden figure of too few persons can be anything between none and the minimum.
        `rounding` brings all figures to multiples of `base` and keeps all sums. `perturbation`
        adds noise that is the same for a figure wherever it is printed; sums then miss by a
        little.
    must
        Figures that must be published: parts of keys, as `{"SEX": "SEX_T"}`.
    contributors
        Column of observations, or of their provenance, with the persons behind each figure; by
        default a figure in whole persons is their number.
    contributions
        Columns of the amounts with the largest contributors to each, the largest first: what
        dominance and p per cent look at.
    amounts
        Data sets of amounts behind means that are published, with the keys of the means but
        for MEASURE: total earnings. They are not published themselves, but anybody can work
        them out from means and persons, so that a mean is hidden with its amount.
    withheld
        Column of observations, or of their provenance, with the status of what is not published
        in any case (S: not significant). It hides others for nothing, and keeps its status.
    previous
        What earlier releases published: one vintage, or a list of them, the latest first.
    base
        Base of rounding: 3 or 5.
    secret
        Secret text of the office, for perturbation. It is kept nowhere.
    seconds
        Time for the search. After it, whole sums are hidden around what is left, and the report
        says so.
    structure
        Structure of foreign data.

    Returns
    -------
    Protection
        The data sets as they may go out, and what became of each figure.

    Raises
    ------
    ProtectionError
        The method or the rules are none, or no rounding was found in time.
    MessageError, StructureError
        As `validate`.

    Examples
    --------
    >>> import pandas as pd
    >>> from ilms_sdmx import Components, Dataset, protect
    >>> figures = pd.DataFrame(
    ...     {"REF_AREA": "KHM", "FREQ": "A", "MEASURE": "POP_MNAS_NB",
    ...      "SEX": ["SEX_F", "SEX_M", "SEX_T"], "CRS": "CRS_RES_TOTAL", "TIME_PERIOD": "2010",
    ...      "OBS_VALUE": ["2", "133", "135"]},
    ...     dtype="str")
    >>> components = Components(tuple(figures)[:6])
    >>> release = protect(Dataset(figures, components, "ILO:DF_POP_MNAS_SEX_CRS_NB(1.0)"))
    >>> release.datasets[0].observations["OBS_STATUS"].fillna("").tolist()
    ['C', '', 'C']
    """
    if method not in METHODS:
        raise ProtectionError(f"expected {', '.join(METHODS)}, found {method}")
    taken = Intake.of([data, *more], structure)
    if not taken.tables:
        raise ProtectionError("expected one or more data sets, found none")
    asked = Asked(
        rules or ProtectionRules(), must, contributors, tuple(contributions), withheld
    )
    behind = Intake.of([amounts], structure).tables
    before = tables_before(previous, structure)
    publication = Publication(taken.tables, behind, before, asked)
    findings = [*taken.findings, *publication.findings()]
    if method == "suppression":
        return publication.suppressed(findings, seconds)
    if method == "rounding":
        values = rounded(publication.release, base, seconds)
        return publication.changed(findings, method, values, float(base))
    values = perturbed(publication.release, secret)
    return publication.changed(findings, method, values, np.nan)
