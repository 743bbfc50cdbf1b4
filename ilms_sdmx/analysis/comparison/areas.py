"""Partner codes of all roles as areas: one country is one code, whatever its prefix."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

TOTAL, OTHERS = "TOTAL", "X"
#: Codes of all persons that are foreign, in classifications that only tell foreign from
#: national.
_FOREIGN = {"CCT_CIT_NONCIT", "CBR_BIR_FOREIGN"}
_WORLD = {"X01", "W", "WLD", "_T", "1W", "900"}
#: Kinds of the crosswalk that are one country or area.
_COUNTRIES = {"country", "former", "combined"}
_OTHER = {"X", "_O", "_X", "OTHER"}


def area(code: str) -> str:
    """Area of a partner code: an ILO area code, a group, `TOTAL`, or `X` for all others.

    `CCT_CIT_TOTAL`, nationals and foreigners together, is no total of partners and keeps its
    code.

    Examples
    --------
    >>> from ilms_sdmx.analysis.comparison.areas import area
    >>> codes = ["CCT_CTZ_MMR", "CRS_RES_TOTAL", "CCT_CTZ_X", "CCT_CIT_NONCIT", "X01"]
    >>> [area(code) for code in codes]
    ['MMR', 'TOTAL', 'X', 'TOTAL', 'TOTAL']
    """
    if code in _FOREIGN:
        return TOTAL
    if code.startswith(("CCT_CIT_", "CBR_BIR_")):
        return code
    short = re.sub(r"^[A-Z0-9]+_[A-Z0-9]+_", "", code)
    if short in _WORLD:
        return TOTAL
    if short in _OTHER:
        return OTHERS
    return short


def kinds(codes: Iterable[str]) -> list[str]:
    """Kind of each area: `country`, `total`, `others`, or `group` for anything else."""
    named = {TOTAL: "total", OTHERS: "others"}
    return [named.get(c) or ("country" if _is_country(c) else "group") for c in codes]


def _is_country(code: str) -> bool:
    """Whether the crosswalk has it as a country, past or present.

    A code it lacks is one in ISO's form.
    """
    kind = _known_kinds().get(code)
    if kind:
        return kind in _COUNTRIES
    return re.fullmatch(r"[A-Z]{3}", code) is not None


@cache
def _known_kinds() -> dict[str, str]:
    from ilms_sdmx import structures

    table = structures.crosswalk()
    has_code = table["code"] != ""
    table = table[has_code]
    code = table["code"]
    kind = table["kind"]
    return dict(zip(code, kind, strict=True))


@cache
def names() -> dict[str, str]:
    """English name of each area and group by its code."""
    from ilms_sdmx import structures

    table = structures.crosswalk()
    code = table["code"]
    name = table["name"]
    return dict(zip(code, name, strict=True)) | {
        TOTAL: "All countries",
        OTHERS: "Others",
    }
