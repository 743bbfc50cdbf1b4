"""Areas as people name them: `thailand`, `TH`, `THA`."""

from __future__ import annotations

from functools import lru_cache

from ilms_sdmx.labels.matching import match_label
from ilms_sdmx.labels.times import area_of
from ilms_sdmx.structures import facts

#: Partner codes with a name for every country.
_PREFIX = "CDS_DES_"
#: Kinds of the crosswalk that are one country or area.
_KINDS = frozenset({"country", "former", "part"})


def area_code(text: str) -> str:
    """Code of ILO for a country or area: of its codes, or of its name in any known language.

    Case makes no difference. What is not known comes back as it is.

    >>> [area_code(text) for text in ("thailand", "TH", "tha", "ประเทศไทย", "Việt Nam", "C1")]
    ['THA', 'THA', 'THA', 'THA', 'VNM', 'C1']
    """
    shown = text.strip()
    code = _codes().get(shown.upper())
    if code:
        return code
    if not shown:
        return text
    named = area_of(match_label(shown, _PREFIX).code)
    return _codes().get(named, text)


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    """Codes of two and three letters to ILO's; an area that is goes before one that was."""
    codes: dict[str, str] = {}
    rows = [row for row in facts.rows("crosswalk.csv") if row["kind"] in _KINDS and row["code"]]
    rows.sort(key=_is_past)
    for name in ("code", "iso3", "iso2"):
        for row in rows:
            if row[name]:
                codes.setdefault(row[name], row["code"])
    return codes


def _is_past(row: dict[str, str]) -> bool:
    """Whether an area is no more."""
    return row["kind"] == "former"
