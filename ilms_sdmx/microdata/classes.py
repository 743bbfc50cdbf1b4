"""Classes of persons: the codes of each role, and the ILMS codes that they add up to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from ilms_sdmx.structures import facts
from ilms_sdmx.structures.sums import rules

#: Code, in a mapping, of what is not known.
UNKNOWN = "~"
#: Role to the classifications that its codes may be of, the usual one first.
VERSIONS = {
    "education": ("ISCED11", "ISCED97", "AGGREGATE"),
    "industry": ("ISIC4", "ISIC3", "AGGREGATE", "SECTOR"),
    "occupation": ("ISCO08", "ISCO88", "SKILL"),
    "employment_status": ("ICSE93", "ICSE18", "ICSE18A", "AGGREGATE"),
}
#: Role to its dimension.
DIMENSIONS = {
    "sex": "SEX",
    "age": "AGE",
    "education": "EDU",
    "industry": "ECO",
    "occupation": "OCU",
    "employment_status": "STE",
    "birth": "CBR",
    "citizenship": "CCT",
    "residence": "CRS",
    "previous_residence": "CPR",
    "destination": "CDS",
}
#: Dimension of countries to the beginning of its codes.
COUNTRIES = {
    "CBR": "CBR_BRT",
    "CCT": "CCT_CTZ",
    "CRS": "CRS_RES",
    "CPR": "CPR_PRV",
    "CDS": "CDS_DES",
}
#: Codes of the country itself, of others that are not named, and of what is not known, by role.
OWN = {"birth": ("NATIVE", "FOREIGN"), "citizenship": ("CITIZEN", "NONCIT")}
#: Codes of what is not known that are not called X.
_NOT_KNOWN = {"EDU_ISCED11": "9", "EDU_ISCED97": "UNK", "STE_ICSE93": "6"}
#: Codes of roles that are no classification of ILO.
_PLAIN = {
    "sex": ("M", "F", "O", "X"),
    "labour_status": ("employed", "unemployed", "outside", "unknown"),
    "attending": ("yes", "no", "X"),
    "sector": ("public", "private", "X"),
}
#: Five-year bands of age; the last has no end.
BANDS = 16
_BAND = re.compile(r"Y(?:(?P<first>\d+)-(?P<last>\d+)|GE(?P<from>\d+)|LT(?P<below>\d+))")


class Base(NamedTuple):
    """Codes in which records are counted: `prefix` of ILO, `codes`, and place of the unknown.

    The place of a code is the number that the engine counts by.
    """

    role: str
    prefix: str
    codes: tuple[str, ...]
    unknown: int

    @property
    def dimension(self) -> str:
        """Dimension of the role."""
        return DIMENSIONS.get(self.role, "")

    def place(self, code: str) -> int:
        """Number of a code; that of the unknown for what is marked so."""
        return self.unknown if code == UNKNOWN else self.codes.index(code)


@dataclass(frozen=True)
class Level:
    """Codes of ILMS that do not overlap, and which of them each number of a base is in.

    Parameters
    ----------
    codes
        Codes of ILMS.
    target
        Place in `codes` for each number of the base, -1 where it is in none.
    """

    codes: tuple[str, ...]
    target: tuple[int, ...]


def default_version(role: str) -> str:
    """Usual classification of the codes of a role; empty for none."""
    return VERSIONS.get(role, ("",))[0]


@cache
def codes_of_role(role: str, version: str) -> tuple[str, ...]:
    """Codes that a mapping may give to values of a role; none where any text will do.

    >>> codes_of_role("sex", "")
    ('M', 'F', 'O', 'X', '~')
    """
    if role in _PLAIN:
        return (*_PLAIN[role], UNKNOWN)
    if role in VERSIONS:
        return (*_parts(role, version), UNKNOWN)
    dimension = DIMENSIONS.get(role, "")
    if dimension not in COUNTRIES:
        return ()
    own = OWN.get(role, ())
    return (*own, *_countries(dimension), "X", UNKNOWN)


def _countries(dimension: str) -> list[str]:
    """Countries and groups of a dimension, without total and unknown."""
    prefix = f"{COUNTRIES[dimension]}_"
    codes = []
    for row in facts.rows(f"codelists/CL_{dimension}.csv"):
        code = row["code"].removeprefix(prefix)
        if row["code"].startswith(prefix) and code not in ("TOTAL", "X"):
            codes.append(code)
    return codes


@cache
def _parts(role: str, version: str) -> tuple[str, ...]:
    """Codes of a classification that add up to its total."""
    dimension = DIMENSIONS[role]
    prefix = f"{dimension}_{version}"
    start = f"{prefix}_"
    parts = []
    for rule in rules():
        is_own = rule.total == f"{prefix}_TOTAL" and rule.part.startswith(start)
        if is_own and rule.relation == "sum":
            parts.append(rule.part.removeprefix(start))
    return tuple(parts)


def base_of(role: str, version: str, area: str) -> Base:
    """Codes in which records of a role are counted.

    Parameters
    ----------
    role, version
        Role and classification of its codes.
    area
        The country, whose own code is that of natives and citizens.

    Examples
    --------
    >>> base_of("industry", "SECTOR", "THA").codes
    ('AGR', 'IND', 'SER', 'X')
    >>> base_of("birth", "", "THA").codes[:4]
    ('NATIVE', 'FOREIGN', 'X', 'AFG')
    """
    if role in VERSIONS:
        prefix = f"{DIMENSIONS[role]}_{version}"
        codes = _parts(role, version)
        name = _NOT_KNOWN.get(prefix, "X")
        if name not in codes:
            codes = (*codes, name)
        return Base(role, prefix, codes, codes.index(name))
    if role in _PLAIN:
        codes = _PLAIN[role]
        name = "unknown" if role == "labour_status" else "X"
        return Base(role, DIMENSIONS.get(role, ""), codes, codes.index(name))
    dimension = DIMENSIONS[role]
    own = OWN.get(role, ("OWN", "OTHER"))
    others = [code for code in _countries(dimension) if code != area]
    return Base(role, COUNTRIES[dimension], (*own, "X", *others), 2)


def place_of(base: Base, code: str, area: str) -> int:
    """Number of a code of a mapping: the country's own code is that of natives."""
    if code == area and base.dimension in COUNTRIES:
        return 0
    return base.place(code)


@cache
def levels(base: Base, version: str) -> tuple[Level, ...]:
    """Codes of a classification version that the numbers of a base add up to.

    Each level has codes that do not overlap: first the parts, then the total, then codes that
    repeat others. None where the base is too coarse for the version.

    Examples
    --------
    >>> [level.codes for level in levels(base_of("industry", "ISIC4", "THA"), "ECO_SECTOR")]
    [('ECO_SECTOR_AGR', 'ECO_SECTOR_IND', 'ECO_SECTOR_SER', 'ECO_SECTOR_X'),
     ('ECO_SECTOR_TOTAL',), ('ECO_SECTOR_NAG',)]
    """
    if version == "SEX":
        parts = ("SEX_M", "SEX_F", "SEX_O")
        return Level(parts, (0, 1, 2, -1)), Level(("SEX_T",), (0,) * 4)
    if version in ("CBR_BIR", "CCT_CIT"):
        return tuple(_of_origin(base, version))
    if version in COUNTRIES.values():
        return tuple(_of_countries(base, version))
    return tuple(_of_classification(base, version))


@cache
def age_levels(version: str) -> tuple[Level, ...]:
    """Codes of a version of ages that bands of five years add up to.

    >>> [level.codes for level in age_levels("AGE_YTHADULT")]
    [('AGE_YTHADULT_Y15-24', 'AGE_YTHADULT_YGE25'), ('AGE_YTHADULT_YGE15',),
     ('AGE_YTHADULT_Y15-64',)]
    """
    start = f"{version}_"
    total = f"{version}_YGE15" if version == "AGE_YTHADULT" else f"{version}_TOTAL"
    parts = []
    for rule in rules():
        if rule.total == total and rule.part.startswith(start) and rule.relation == "sum":
            parts.append(rule.part)
    whole = Level((total,), (0,) * BANDS)
    found = [_of_bands(tuple(parts)), whole]
    if version == "AGE_YTHADULT":
        found.append(_of_bands(("AGE_YTHADULT_Y15-64",)))
    return tuple(found)


def _of_bands(codes: tuple[str, ...]) -> Level:
    target = [-1] * BANDS
    for place, code in enumerate(codes):
        for band in range(BANDS):
            if _holds(code, band * 5):
                target[band] = place
    return Level(codes, tuple(target))


def _holds(code: str, age: int) -> bool:
    match = _BAND.search(code)
    if match is None:
        return False
    if match["from"]:
        return age >= int(match["from"])
    if match["below"]:
        return age < int(match["below"])
    return int(match["first"]) <= age <= int(match["last"])


def _of_origin(base: Base, version: str) -> list[Level]:
    """Native and foreign, citizens and others."""
    own, other = OWN[base.role]
    parts = (f"{version}_{own}", f"{version}_{other}", f"{version}_X")
    target = [1] * len(base.codes)
    target[0] = 0
    target[base.unknown] = 2
    whole = Level((f"{version}_TOTAL",), (0,) * len(base.codes))
    return [Level(parts, tuple(target)), whole]


def _of_countries(base: Base, version: str) -> list[Level]:
    """Countries of those who are from elsewhere: the country itself is in none."""
    codes = [f"{version}_X"]
    target = [0] * len(base.codes)
    for place in range(3, len(base.codes)):
        target[place] = len(codes)
        codes.append(f"{version}_{base.codes[place]}")
    whole = [0] * len(base.codes)
    # Who is of unknown origin is not known to be foreign; who left is abroad, wherever it is.
    outside = (0, base.unknown) if base.role in OWN else (0,)
    for place in outside:
        target[place] = whole[place] = -1
    return [Level(tuple(codes), tuple(target)), Level((f"{version}_TOTAL",), tuple(whole))]


def _of_classification(base: Base, version: str) -> list[Level]:
    own = _members(version, base)
    if not own:
        return []
    parts = tuple(code for code in own if code in _summing(version))
    target = [-1] * len(base.codes)
    for place, code in enumerate(parts):
        for number in own[code]:
            target[number] = place
    if -1 in target:
        return []
    found = [Level(parts, tuple(target))]
    found.append(Level((f"{version}_TOTAL",), (0,) * len(base.codes)))
    if version == "ECO_SECTOR":
        found.append(_not_agriculture(own["ECO_SECTOR_AGR"], len(base.codes)))
    return found


def _not_agriculture(inside: tuple[int, ...], count: int) -> Level:
    target = [0] * count
    for number in inside:
        target[number] = -1
    return Level(("ECO_SECTOR_NAG",), tuple(target))


def _summing(version: str) -> set[str]:
    """Codes of a version that add up to its total."""
    found = {f"{version}_X"}
    for rule in rules():
        if rule.total == f"{version}_TOTAL" and rule.relation == "sum":
            found.add(rule.part)
    return found


def _members(version: str, base: Base) -> Mapping[str, tuple[int, ...]]:
    """Numbers of a base in each code of a version."""
    if version == base.prefix:
        return {f"{version}_{code}": (place,) for place, code in enumerate(base.codes)}
    members: dict[str, tuple[int, ...]] = {}
    for code, part in _steps(version, base.prefix):
        if part in base.codes:
            members[code] = (*members.get(code, ()), base.codes.index(part))
    if not members:
        return {}
    placed = {number for numbers in members.values() for number in numbers}
    if base.unknown not in placed:
        members[f"{version}_X"] = (*members.get(f"{version}_X", ()), base.unknown)
    return members


def _steps(version: str, prefix: str) -> Iterator[tuple[str, str]]:
    """Code of a version and code of a base that is in it, by the rules of the structures."""
    start = f"{prefix}_"
    for rule in rules():
        is_whole = rule.total.endswith("_TOTAL") or rule.total.startswith(start)
        if rule.relation != "sum" or is_whole or not rule.part.startswith(start):
            continue
        if rule.total.startswith(f"{version}_"):
            yield rule.total, rule.part.removeprefix(start)
