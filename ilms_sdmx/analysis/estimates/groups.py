"""Regions of the ILO and income groups of the World Bank that states belong to."""

from __future__ import annotations

from collections.abc import Iterable

from ilms_sdmx.structures import facts

_AREAS = "codelists/CL_AREA.csv"
WORLD = "X01"


def region_of(area: str) -> str:
    """Region of the ILO of a state, empty where none is known.

    >>> region_of("THA"), region_of("DEU"), region_of("ZZZ")
    ('X40', 'X60', '')
    """
    return facts.by_id(_AREAS, "code").get(area, {}).get("ilo_region", "")


def income_group_of(area: str) -> str:
    """Income group of the World Bank in the list of May 2026, empty where none is known."""
    return facts.by_id(_AREAS, "code").get(area, {}).get("wb_income_group", "")


def name_of(area: str) -> str:
    """English name of an area, or its code."""
    return facts.by_id(_AREAS, "code").get(area, {}).get("en", "") or area


def members(areas: Iterable[str]) -> dict[str, list[str]]:
    """Areas of a list by group: the world, then regions, then income groups."""
    listed = list(areas)
    groups: dict[str, list[str]] = {WORLD: listed}
    for group_of in (region_of, income_group_of):
        found: dict[str, list[str]] = {}
        for area in listed:
            group = group_of(area)
            if group:
                found.setdefault(group, []).append(area)
        groups |= dict(sorted(found.items()))
    return groups
