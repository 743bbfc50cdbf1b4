"""Partner codes of all roles as areas: one country is one code, whatever its prefix."""

from __future__ import annotations

import re
from collections.abc import Iterable

TOTAL, OTHERS = "TOTAL", "X"
#: Codes of all persons that are foreign, in classifications that only tell foreign from national.
_FOREIGN = {"CCT_CIT_NONCIT", "CBR_BIR_FOREIGN"}
_WORLD = {"X01", "W", "WLD", "_T", "1W", "900"}
#: Groups of countries whose codes have three letters too.
_GROUPS = {"CIS", "EUR", "OCE"}
_OTHER = {"X", "_O", "_X", "OTHER"}


def area(code: str) -> str:
    """Area of a partner code: an ILO area code, a group, `TOTAL`, or `X` for all others.

    `CCT_CIT_TOTAL`, nationals and foreigners together, is no total of partners and keeps its code.

    Examples
    --------
    >>> from ilms_sdmx.comparison.areas import area
    >>> [area(c) for c in ("CCT_CTZ_MMR", "CRS_RES_TOTAL", "CCT_CTZ_X", "CCT_CIT_NONCIT", "X01")]
    ['MMR', 'TOTAL', 'X', 'TOTAL', 'TOTAL']
    """
    if code in _FOREIGN:
        return TOTAL
    if code.startswith(("CCT_CIT_", "CBR_BIR_")):
        return code
    short = re.sub(r"^[A-Z0-9]+_[A-Z0-9]+_", "", code)
    if short in _WORLD:
        return TOTAL
    return OTHERS if short in _OTHER else short


def kinds(codes: Iterable[str]) -> list[str]:
    """Kind of each area: `country`, `total`, `others`, or `group` for anything else."""
    named = {TOTAL: "total", OTHERS: "others"}
    return [named.get(c) or ("country" if _is_country(c) else "group") for c in codes]


def _is_country(code: str) -> bool:
    """Three capitals, as ILO's area codes of countries past and present are; `DE2` is the former east."""
    return code not in _GROUPS and re.fullmatch(r"[A-Z]{2}[A-Z0-9]", code) is not None
