"""Areas of labels in time: what a name of the past may mean, and whether a code was there."""

from __future__ import annotations

from collections.abc import Collection

from ilms_sdmx.findings import Candidate, phrase
from ilms_sdmx.periods import parse_period
from ilms_sdmx.structures.lifetimes import followers_of, forerunners_of, lifetime_of


def area_of(code: str) -> str:
    """Area of a code with the prefix of its role, `CS1` of `CDS_DES_CS1`."""
    _, _, area = code.rpartition("_")
    return area


def followers(code: str, prefix: str, codes: Collection[str]) -> tuple[Candidate, ...]:
    """Codes of a codelist for what followed the area of a code that it does not have."""
    area = area_of(code)
    return _candidates(followers_of(area), prefix, codes)


def reason_against(code: str, when: str, label: str = "") -> str:
    """Why the area of a code cannot be meant in a period; empty where it can.

    >>> reason_against("CDS_DES_CS1", "1995", "Czechoslovakia")
    'Czechoslovakia is CDS_DES_CS1, which was there until 1992-12-31'
    >>> reason_against("CDS_DES_CS1", "1992")
    ''
    """
    area = area_of(code)
    lifetime = lifetime_of(area)
    if lifetime is None:
        return ""
    period = parse_period(when)
    if period is None:
        return ""
    if lifetime.is_over(period):
        return phrase("label-before", label=label, code=code, last=str(lifetime.last))
    if lifetime.is_to_come(period):
        return phrase("label-since", label=label, code=code, first=str(lifetime.first))
    return ""


def candidates_in(
    code: str, prefix: str, when: str, codes: Collection[str]
) -> tuple[Candidate, ...]:
    """Codes of what was there in a period where the area of a code was not."""
    area = area_of(code)
    relatives = (*followers_of(area), *forerunners_of(area))
    in_time = [each for each in relatives if not reason_against(each, when)]
    return _candidates(in_time, prefix, codes)


def _candidates(
    areas: Collection[str], prefix: str, codes: Collection[str]
) -> tuple[Candidate, ...]:
    """Candidates for areas, those that a codelist has; all where no codelist is known."""
    candidates = []
    for area in areas:
        code = prefix + area
        if not codes or code in codes:
            candidates.append(Candidate(code, area, 100.0))
    return tuple(candidates)
