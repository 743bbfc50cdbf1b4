"""Areas in time: what a code says when, under which name, and what followed it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from ilms_sdmx.periods import Period
from ilms_sdmx.structures import facts


@dataclass(frozen=True, slots=True)
class Lifetime:
    """First and last day of an area as its code says it; an open end is None."""

    first: date | None = None
    last: date | None = None

    def is_over(self, period: Period) -> bool:
        """Whether the area was there no more when a period began."""
        if self.last is None:
            return False
        return period.start > self.last.toordinal()

    def is_to_come(self, period: Period) -> bool:
        """Whether the area was not there yet when a period ended."""
        if self.first is None:
            return False
        return period.end <= self.first.toordinal()

    def holds(self, period: Period) -> bool:
        """Whether the area was there on some day of a period."""
        if self.is_over(period):
            return False
        return not self.is_to_come(period)


@dataclass(frozen=True, slots=True)
class FormerArea:
    """A name or a code of an area that was valid until a day.

    Parameters
    ----------
    name
        English name of that time.
    code
        ILO's code: that of today where only the name is another (`MMR` for Burma), or the code
        of the past that lists of partner countries have (`CS1`).
    iso2, iso3, m49
        Codes of that time at ISO 3166 and in M49; empty for none.
    lifetime
        Its first and last day.
    followed_by
        ILO's codes of what was there on the day after.
    continued_by
        Code of today that statistics use for the years before too (`SDN` for Sudan with the
        south); empty where no code is.
    evidence
        Where the row is from.
    """

    name: str
    code: str
    iso2: str
    iso3: str
    m49: str
    lifetime: Lifetime
    followed_by: tuple[str, ...]
    continued_by: str
    evidence: str


@cache
def former_areas() -> tuple[FormerArea, ...]:
    """All names and codes of the past; the source is `dsd/former_areas.csv`.

    Examples
    --------
    >>> by_iso3 = {each.iso3: each for each in former_areas()}
    >>> by_iso3["BUR"].code, by_iso3["CSK"].followed_by
    ('MMR', ('CZE', 'SVK'))
    """
    areas = []
    for row in facts.rows("former_areas.csv"):
        followed_by = tuple(row["followed_by"].split())
        area = FormerArea(
            name=row["name"],
            code=row["code"],
            iso2=row["iso2"],
            iso3=row["iso3"],
            m49=row["m49"],
            lifetime=_lifetime(row),
            followed_by=followed_by,
            continued_by=row["continued_by"],
            evidence=row["evidence"],
        )
        areas.append(area)
    return tuple(areas)


def lifetime_of(code: str) -> Lifetime | None:
    """Lifetime of the area of a code, None where it has no bounds that matter.

    A code of today that statistics use for earlier years too has none.

    Examples
    --------
    >>> lifetime_of("CS1").last.isoformat(), lifetime_of("SSD").first.isoformat()
    ('1992-12-31', '2011-07-09')
    >>> lifetime_of("SDN"), lifetime_of("THA")
    (None, None)
    """
    return _lifetimes().get(code)


def followers_of(code: str) -> tuple[str, ...]:
    """Codes of what was there after the area of a code of the past.

    >>> followers_of("SCG"), followers_of("THA")
    (('SRB', 'MNE'), ())
    """
    for area in former_areas():
        if area.code == code and code not in area.followed_by:
            return area.followed_by
    return ()


def forerunners_of(code: str) -> tuple[str, ...]:
    """Codes of the areas in which the area of a code was before.

    >>> forerunners_of("SVK"), forerunners_of("SSD"), forerunners_of("MMR")
    (('CS1',), ('SDN',), ())
    """
    forerunners = []
    for area in former_areas():
        if code in area.followed_by and area.code != code:
            forerunners.append(area.code)
    return tuple(forerunners)


@cache
def _lifetimes() -> dict[str, Lifetime]:
    """Lifetimes by code of the areas that the crosswalk bounds, but for those continued."""
    continued = {area.continued_by for area in former_areas()}
    lifetimes = {}
    for row in facts.rows("crosswalk.csv"):
        code = row["code"]
        is_bounded = row["valid_from"] or row["valid_to"]
        if code and is_bounded and code not in continued:
            lifetimes[code] = _lifetime(row)
    return lifetimes


def _lifetime(row: facts.Row) -> Lifetime:
    """Days between which a row of a file is valid."""
    day = _day(row["valid_from"])
    return Lifetime(day, _day(row["valid_to"]))


def _day(text: str) -> date | None:
    if text:
        return date.fromisoformat(text)
    return None
