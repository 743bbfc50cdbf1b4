"""Ids as people write them: with and without `DF_`, old and new, qualified by agency and version."""

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


class Resolved(NamedTuple):
    """Which dataflow answers to an id.

    `id` is the current id without `DF_`; `asked` what was asked for; `generation` is `current`, or `old` for
    an id that ILOSTAT used until 2026 (MST_, MFL_, MNA_).
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
    return StructureError(
        f"No {kind} {id!r}. The nearest are {', '.join(nearest(id.upper(), known))}."
    )


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
        raise StructureError(
            f"Expected the id of a {kind}, as CL_SEX or ILO:CL_SEX(1.0), found {id!r}."
        )
    agency, version = match["agency"], match["version"] or match["path"]
    if agency not in (None, facts.ILO) or version not in (None, facts.VERSION, "1", "latest"):
        raise StructureError(f"Expected a {kind} of agency ILO, version 1.0, found {id!r}.")
    return match["id"].upper()


@cache
def _aliases() -> dict[str, tuple[str, str]]:
    table = {
        row["old"]: (row["id"], "old") for row in facts.rows("dataflows.csv") if row["old"]
    }
    table |= {row["id"]: (row["id"], "current") for row in facts.rows("dataflows.csv")}
    return table


def resolve(id: str) -> Resolved:
    """Which dataflow an id means, and by which generation of ids it was found.

    Parameters
    ----------
    id
        `EMP_MFRC_SEX_CCT_NB`, `DF_EMP_MFRC_SEX_CCT_NB`, `ILO:DF_EMP_MFRC_SEX_CCT_NB(1.0)`, its URN, its id in
        the bulk files (`EMP_MFRC_SEX_CCT_NB_A`), or the old id (`MST_NCTE_SEX_CCT_NB`) in any of these forms.

    Raises
    ------
    StructureError
        No such dataflow; the message names the three nearest, or what took the place of a retired one.

    Examples
    --------
    >>> resolve("DF_MST_NCTE_SEX_CCT_NB")
    Resolved(id='EMP_MFRC_SEX_CCT_NB', asked='DF_MST_NCTE_SEX_CCT_NB', generation='old')
    """
    key = bare(id, "dataflow").removeprefix("DF_")
    for candidate in (key, re.sub(r"_[AQM]$", "", key)):
        if candidate in _aliases():
            found, generation = _aliases()[candidate]
            return Resolved(found, id, generation)
    if key in facts.by_id("retired.csv"):
        raise _retired(facts.by_id("retired.csv")[key])
    raise unknown("dataflow", key, _aliases())


def _retired(row: facts.Row) -> StructureError:
    """Error for an indicator that has no dataflow any more, with those that come nearest in meaning."""
    successors = " or ".join(f"DF_{id}" for id in row["successors"].split())
    fix = f"Use {successors}." if successors else "Nothing has taken its place."
    return StructureError(f"No dataflow {row['id']!r}: it is retired ({row['note']}). {fix}")
