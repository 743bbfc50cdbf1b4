"""Areas as people name them: `thailand`, `TH`, `THA`, `764`."""

from __future__ import annotations

from functools import lru_cache

from ilms_sdmx.errors import StructureError
from ilms_sdmx.labels.matching import match_label
from ilms_sdmx.labels.times import area_of
from ilms_sdmx.structures import facts
from ilms_sdmx.structures.identifiers import nearest

#: Partner codes with a name for every country.
_PREFIX = "CDS_DES_"
#: Kinds of the crosswalk that are one country or area.
_KINDS = frozenset({"country", "former", "part"})


def known_area(text: str | int) -> str:
    """Code of ILO for a country or area that somebody names, which must be one.

    Parameters
    ----------
    text
        As for `area_code`.

    Raises
    ------
    StructureError
        There is no such area; the message names the nearest.

    Examples
    --------
    >>> known_area("Lao PDR"), known_area(418)
    ('LAO', 'LAO')
    """
    code = area_code(text)
    codes = facts.by_id("codelists/CL_AREA.csv", "code")
    if code in codes:
        return code
    names = {row["en"]: row["code"] for row in codes.values()}
    near = []
    for name in nearest(str(text), names):
        near.append(f"{name} ({names[name]})")
    listed = ", ".join(near)
    raise StructureError(
        f"Expected an area by its name or a code of it, such as Thailand, THA, TH or 764, found"
        f" {text!r}. The nearest are {listed}."
    )


def area_code(text: str | int) -> str:
    """Code of ILO for a country or area: of its codes, or of its name in any known language.

    Codes are ILO's, those of ISO in two and three letters, and the number of M49. Case makes no
    difference. What is not known comes back as it is.

    >>> [area_code(text) for text in ("thailand", "TH", "tha", "ประเทศไทย", "Việt Nam", "C1")]
    ['THA', 'THA', 'THA', 'THA', 'VNM', 'C1']
    >>> area_code(764), area_code("004")
    ('THA', 'AFG')
    """
    if isinstance(text, bool) or not isinstance(text, str | int):
        raise TypeError(f"expected an area as text, such as THA or Thailand, found {text!r}")
    if isinstance(text, int):
        text = f"{text:03d}"
    shown = text.strip()
    if shown.isdigit():
        shown = shown.zfill(3)
    code = _codes().get(shown.upper())
    if code:
        return code
    if not shown:
        return text
    named = area_of(match_label(shown, _PREFIX).code)
    return _codes().get(named, text)


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    """Codes of letters and of M49 to ILO's; an area that is goes before one that was."""
    codes: dict[str, str] = {}
    rows = [row for row in facts.rows("crosswalk.csv") if row["kind"] in _KINDS and row["code"]]
    rows.sort(key=_is_past)
    for name in ("code", "iso3", "iso2", "m49"):
        for row in rows:
            if row[name]:
                codes.setdefault(row[name], row["code"])
    return codes


def _is_past(row: dict[str, str]) -> bool:
    """Whether an area is no more."""
    return row["kind"] == "former"
