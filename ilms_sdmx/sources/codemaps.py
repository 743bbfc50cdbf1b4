"""Code maps of the sources: `dsd/maps` and the crosswalk, as representation maps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from ilms_sdmx import structures
from ilms_sdmx.errors import NotFoundError, StructureError
from ilms_sdmx.mapping.model import MappedValue, RepresentationMap
from ilms_sdmx.periods import parse_period
from ilms_sdmx.structures import facts

Row = Mapping[str, str]
_GROUPS = frozenset({"region", "income", "group"})


def rows(source: str, name: str) -> tuple[dict[str, str], ...]:
    """Lines of `dsd/maps/<source>/<name>.csv`."""
    return facts.rows(f"maps/{source}/{name}.csv")


@cache
def codes(source: str, name: str, codelist: str = "") -> RepresentationMap:
    """Map of a file: `source` to `target`; an empty target says that we have no counterpart."""
    values = []
    for row in rows(source, name):
        label = row["source"]
        code = row["target"] or None
        begins = row.get("valid_from", "")
        ends = row.get("valid_to", "")
        note = row.get("note", "")
        value = MappedValue((label,), code, valid_from=begins, valid_to=ends, note=note)
        values.append(value)
    file = f"dsd/maps/{source}/{name}.csv"
    return RepresentationMap(f"{source}-{name}", tuple(values), codelist, file=file)


@cache
def areas(
    system: str, codelist: str = "CL_AREA", prefix: str = "", own: str = ""
) -> RepresentationMap:
    """Map from the area codes of a system to a codelist of ours.

    Parameters
    ----------
    system
        Column of the crosswalk: `locid`, `m49`, `worldbank`, `oecd`, `eurostat`, `iso3`.
    codelist, prefix
        Target list and the beginning of its codes: `CL_CBR`, `CBR_BRT_`.
    own
        `source/name` of files of the source with its totals, residuals and aggregates,
        separated by blanks; the first file that knows a code counts. Their targets are without
        the prefix.

    Notes
    -----
    An area that the crosswalk knows and the codelist does not have is known without
    counterpart.
    """
    values = []
    for file in own.split():
        source, name = file.split("/")
        for row in rows(source, name):
            value = _own(row, prefix)
            values.append(value)
    known = set(structures.codes(codelist)["code"])
    table = structures.crosswalk()
    in_system = table[table[system] != ""]
    for area in in_system.to_dict("records"):
        code = str(area[system])
        target = _target(area, prefix)
        known_target = target if target in known else None
        note = str(area["name"])
        for spelling in dict.fromkeys((code, code.lstrip("0"))):
            value = MappedValue((spelling,), known_target, note=note)
            values.append(value)
    return RepresentationMap(f"{system}-{codelist}", tuple(values), codelist, file="dsd/maps")


def _target(row: Mapping[Any, Any], prefix: str) -> str:
    """Code of an area in a list of ours.

    None for a region: that of the same number is another elsewhere.
    """
    if row["kind"] in _GROUPS or not row["code"]:
        return ""
    return f"{prefix}{row['code']}"


def _own(row: Row, prefix: str) -> MappedValue:
    """Line of a file of the source; without a target there is no counterpart."""
    label = row["source"]
    target = row["target"]
    code = f"{prefix}{target}" if target else None
    return MappedValue((label,), code, note=row["note"])


def listed(codes: str | int | Iterable[str | int]) -> list[str]:
    """Codes as a list, given as one, joined by `+` or commas, or as an iterable.

    Examples
    --------
    >>> listed("THA+MYS"), listed(764), listed(["THA", 458])
    (['THA', 'MYS'], ['764'], ['THA', '458'])
    """
    given = [codes] if isinstance(codes, str | int) else codes
    separate: list[str] = []
    for text in given:
        separate += str(text).replace(",", "+").split("+")
    stripped = [code.strip() for code in separate]
    return [code for code in stripped if code]


def period(given: str | int, url: str = "") -> str:
    """Period as text, `""` for none.

    Raises
    ------
    NotFoundError
        It is no period of SDMX.
    """
    text = str(given or "").strip()
    if text and parse_period(text) is None:
        raise NotFoundError(f"expected a year or period, 2015 or 2015-Q1, found {text!r}", url)
    return text


def in_system(code: str, system: str) -> str:
    """Code of an area in another system, from its ILO code.

    A code of that system stays as it is.

    Raises
    ------
    StructureError
        No such area.

    Examples
    --------
    >>> in_system("THA", "locid"), in_system("764", "locid")
    ('764', '764')
    """
    table = structures.crosswalk()
    if (table[system] == code).any():
        return code
    found = table.loc[(table["code"] == code) & (table[system] != ""), system]
    if found.empty:
        raise StructureError(f"Expected an area as ILO or {system} code, found {code!r}.")
    return str(found.iloc[0])
