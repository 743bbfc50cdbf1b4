"""Ids as people write them: with and without `DF_`, old and new, or qualified."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from typing import NamedTuple

from ilms_sdmx.errors import StructureError
from ilms_sdmx.structures import facts

_FORM = re.compile(
    r"""(?:urn:sdmx:[\w.]+=)?            # a URN
        (?:(?P<agency>[\w.]+)[:,])?      # ILO: or ILO,
        (?P<id>[\w@$-]+)
        (?:\((?P<version>[^)]*)\)|,(?P<path>[\w.]+))?  # (1.0) or ,1.0""",
    re.VERBOSE,
)

#: Versions that mean the one that is shipped.
_VERSIONS = (None, facts.VERSION, "1", "latest")


class Resolved(NamedTuple):
    """Which dataflow answers to an id.

    Parameters
    ----------
    id
        Current id without `DF_`.
    asked
        What was asked for.
    generation
        `current`, or `old` for an id that ILOSTAT used until 2026 (`MST_`, `MFL_`, `MNA_`).
    """

    id: str
    asked: str
    generation: str


def nearest(id: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Known ids that look most like `id`, best first."""
    return get_close_matches(id, list(known), n=count, cutoff=0.0)


def unknown(kind: str, id: str, known: Iterable[str]) -> StructureError:
    """Error that names the three nearest ids."""
    if not isinstance(id, str):
        raise TypeError(f"expected the name of a {kind} as text, found {id!r}")
    ids = nearest(id.upper(), known)
    near = ", ".join(ids)
    return StructureError(f"No {kind} {id!r}. The nearest are {near}.")


def bare(id: str, kind: str) -> str:
    """Id without agency and version, in upper case.

    Raises
    ------
    StructureError
        Agency other than ILO or version other than 1.0: only those are shipped.
    """
    if not isinstance(id, str):
        raise TypeError(f"expected the id of a {kind} as text, found {id!r}")
    match = _FORM.fullmatch(id.strip())
    if match is None:
        expected = f"the id of a {kind}, as CL_SEX or ILO:CL_SEX(1.0)"
        raise StructureError(f"Expected {expected}, found {id!r}.")
    agency = match["agency"]
    version = match["version"] or match["path"]
    is_of_ilo = agency in (None, facts.ILO)
    if not is_of_ilo or version not in _VERSIONS:
        raise StructureError(f"Expected a {kind} of agency ILO, version 1.0, found {id!r}.")
    name = match["id"]
    return name.upper()


@cache
def _aliases() -> dict[str, tuple[str, str]]:
    """Old and current ids to the current id and the generation."""
    aliases = {}
    for row in facts.rows("dataflows.csv"):
        if row["old"]:
            aliases[row["old"]] = (row["id"], "old")
    for row in facts.rows("dataflows.csv"):
        aliases[row["id"]] = (row["id"], "current")
    return aliases


def resolve(id: str) -> Resolved:
    """Which dataflow an id means, and by which generation of ids it was found.

    Parameters
    ----------
    id
        `EMP_MFRC_SEX_CCT_NB`, `DF_EMP_MFRC_SEX_CCT_NB`, `ILO:DF_EMP_MFRC_SEX_CCT_NB(1.0)`, its
        URN, its id in the bulk files (`EMP_MFRC_SEX_CCT_NB_A`), or the old id
        (`MST_NCTE_SEX_CCT_NB`) in any of these forms.

    Raises
    ------
    StructureError
        No such dataflow; the message names the three nearest, or what took the place of a
        retired one.

    Examples
    --------
    >>> resolve("DF_MST_NCTE_SEX_CCT_NB")
    Resolved(id='EMP_MFRC_SEX_CCT_NB', asked='DF_MST_NCTE_SEX_CCT_NB', generation='old')
    """
    key = bare(id, "dataflow").removeprefix("DF_")
    without_frequency = re.sub(r"_[AQM]$", "", key)
    aliases = _aliases()
    for candidate in (key, without_frequency):
        if candidate in aliases:
            current, generation = aliases[candidate]
            return Resolved(current, id, generation)
    retired = facts.by_id("retired.csv")
    if key in retired:
        raise _retired(retired[key])
    raise unknown("dataflow", key, aliases)


def _retired(row: facts.Row) -> StructureError:
    """Error for an indicator without a dataflow today, with those nearest in meaning."""
    id = row["id"]
    note = row["note"]
    fix = "Nothing has taken its place."
    successors = [f"DF_{successor}" for successor in row["successors"].split()]
    if successors:
        listed = " or ".join(successors)
        fix = f"Use {listed}."
    return StructureError(f"No dataflow {id!r}: it is retired ({note}). {fix}")
