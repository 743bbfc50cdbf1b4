"""Code maps of the sources: files under `dsd/maps` and the crosswalk of areas, as representation maps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from ilms_sdmx import structures
from ilms_sdmx.errors import NotFoundError, StructureError
from ilms_sdmx.mapping.model import MappedValue, RepresentationMap
from ilms_sdmx.structures import facts

Row = Mapping[str, str]
_GROUPS = frozenset({"region", "income", "group"})


def rows(source: str, name: str) -> tuple[dict[str, str], ...]:
    """Lines of `dsd/maps/<source>/<name>.csv`."""
    return facts.rows(f"maps/{source}/{name}.csv")


@cache
def codes(source: str, name: str, codelist: str = "") -> RepresentationMap:
    """Map of a file: `source` to `target`; an empty target says that we have no counterpart."""
    values = tuple(
        MappedValue(
            (row["source"],),
            row["target"] or None,
            valid_from=row.get("valid_from", ""),
            valid_to=row.get("valid_to", ""),
            note=row.get("note", ""),
        )
        for row in rows(source, name)
    )
    return RepresentationMap(
        f"{source}-{name}", values, codelist, file=f"dsd/maps/{source}/{name}.csv"
    )


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
        `source/name` of files of the source with its totals, residuals and aggregates, separated by blanks;
        the first file that knows a code counts. Their targets are without the prefix.

    Notes
    -----
    An area that the crosswalk knows and the codelist does not have is known without counterpart.
    """
    known = set(structures.codes(codelist)["code"])
    values = [_own(row, prefix) for name in own.split() for row in rows(*name.split("/"))]
    table = structures.crosswalk()
    for row in table[table[system] != ""].to_dict("records"):
        # A region of ILO is not the region of the same number elsewhere.
        single = row["kind"] not in _GROUPS
        target = f"{prefix}{row['code']}" if single and row["code"] else ""
        for code in dict.fromkeys((row[system], str(row[system]).lstrip("0"))):
            values.append(
                MappedValue(
                    (str(code),), target if target in known else None, note=str(row["name"])
                )
            )
    return RepresentationMap(f"{system}-{codelist}", tuple(values), codelist, file="dsd/maps")


def _own(row: Row, prefix: str) -> MappedValue:
    return MappedValue(
        (row["source"],),
        f"{prefix}{row['target']}" if row["target"] else None,
        note=row["note"],
    )


def listed(codes: str | int | Iterable[str | int]) -> list[str]:
    """List codes however they were given: one, several joined by `+` or commas, or an iterable of them.

    Examples
    --------
    >>> listed("THA+MYS"), listed(764), listed(["THA", 458])
    (['THA', 'MYS'], ['764'], ['THA', '458'])
    """
    given = [codes] if isinstance(codes, str | int) else list(codes)
    return [
        code.strip()
        for text in given
        for code in str(text).replace(",", "+").split("+")
        if code.strip()
    ]


def period(given: str | int, url: str = "") -> str:
    """Period as text, `""` for none.

    Raises
    ------
    NotFoundError
        It does not begin with a year.
    """
    text = str(given or "").strip()
    if text and not re.fullmatch(r"[12]\d{3}(-[0-9A-Z-]+)?", text):
        raise NotFoundError(f"expected a year or period, 2015 or 2015-Q1, found {text!r}", url)
    return text


def in_system(code: str, system: str) -> str:
    """Code of an area in another system, from its ILO code; a code of that system stays as it is.

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
