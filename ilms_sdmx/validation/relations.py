"""Relations: which codes of a dimension add up to which, from the aggregation rules of the structures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from ilms_sdmx.validation.coded.pool import totals

if TYPE_CHECKING:
    import pandas as pd

    from ilms_sdmx.validation.coded import Array, Coded

#: Versions whose codes are partner countries: any may be absent, its figure is then in the residual.
PARTNERS = (
    "CBR_BRT",
    "CCT_CTZ",
    "CRS_RES",
    "CPR_PRV",
    "CDS_DES",
    "COR_ORI",
    "COU_ORI",
    "COU_RES",
)
_PARTNERS = (*PARTNERS, "COU_PRV", "COU_DES")
_STATUS = ("CBR_BIR", "CCT_CIT", "MIG_STATUS", "LMS_STATUS")
#: Lists of so many codes in use are taken for lists of partners, whatever their name.
_MANY = 60
#: A closed list of at most so many parts must be complete for its sum to be demanded.
SHORT_LIST = 8
#: Codes of SDMX's cross-domain and OECD's lists of sex, which ILO does not use.
_SEX = ("_T", ("M", "F", "_O", "_U", "_N"))
_OPTIONAL = ("SEX_O", "_O", "_U", "_N", "_X", "X")


@dataclass(frozen=True)
class Relation:
    """One code that others add up to.

    Parameters
    ----------
    rule
        Id of the rule that a broken sum breaks.
    parts
        Codes that add up, the residual and optional ones included.
    optional
        Parts that may be absent without making the sum incomplete: the residual, "other".
    groups
        Codes that stand for several parts, each with those that are known. It is a part like others where
        none of its members is listed; one whose members are not known may repeat what is listed.
    partners
        Whether any part but the residual may be absent.
    bound
        Whether the parts can only be less than the total, for others belong to it as well.
    told_at
        Part at which a broken sum is told of, where that is not the total.
    """

    rule: str
    dimension: str
    version: str
    total: str
    parts: tuple[str, ...]
    optional: frozenset[str] = frozenset()
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    partners: bool = False
    bound: bool = False
    told_at: str = ""

    @property
    def residual(self) -> str:
        """Code of what is not classified or not listed, empty where there is none."""
        return next((p for p in self.parts if p in self.optional and p.endswith("_X")), "")


#: Units of measure that can be added; a rate, an hour or an amount of money cannot.
_COUNTED = ("PS", "PER", "PERS", "PERSONS", "NB", "NUMBER", "")
_NOT_ADDED = ("_RT", "_DT", "_IN", "_GR")
_MEANS = ("EAR_", "HOW_")


def additive(coded: Coded) -> Array:
    """Mask of the rows whose figures can be added up: counts of persons, no rates and no means.

    MEASURE says it for ILO's indicators, UNIT_MEASURE for others; where neither is reported, all can.
    """
    mask = coded.finite.copy()
    if "MEASURE" in coded.dimensions:
        levels = coded.levels("MEASURE")
        table = [
            not level.endswith(_NOT_ADDED) and not level.startswith(_MEANS) for level in levels
        ]
        mask &= np.array([*table, True])[coded.codes("MEASURE")]
    if "UNIT_MEASURE" in coded.dataset.observations:
        units = [level.upper() in _COUNTED for level in coded.levels("UNIT_MEASURE")]
        mask &= np.array([*units, True])[coded.codes("UNIT_MEASURE")]
    return mask


def is_partner(coded: Coded, dimension: str) -> bool:
    """Whether a dimension lists partner countries, of which a table shows only some."""
    levels = coded.levels(dimension)
    return any(level.startswith(_PARTNERS) for level in levels) or len(levels) > _MANY


def relations(coded: Coded) -> list[Relation]:
    """Relations between the codes of a data set's dimensions."""
    found: list[Relation] = []
    for dimension in coded.dimensions:
        if dimension in (coded.time, "REF_AREA", "FREQ", "MEASURE"):
            continue
        present = set(coded.levels(dimension))
        ours = [
            r
            for r in _of_codelist(dimension)
            if r.total in present and present & {*r.parts, *(g for g, _ in r.groups)}
        ]
        found += ours or [
            r for r in _foreign(dimension) if r.total in present and present & set(r.parts)
        ]
    return found


def of_dataflow(dimension: str, codes: frozenset[str]) -> list[Relation]:
    """Relations of one dimension among the codes that a dataflow allows; other parts are left out."""
    kept = [
        replace(r, parts=tuple(p for p in r.parts if p in codes))
        for r in _of_codelist(dimension)
    ]
    return [r for r in kept if r.total in codes and r.parts]


def _foreign(dimension: str) -> list[Relation]:
    """Relations of lists that are not ILO's: only sex is written alike everywhere."""
    if dimension != "SEX":
        return []
    total, parts = _SEX
    return [
        Relation(
            "sex-sum", dimension, "SEX", total, parts, frozenset(parts) & frozenset(_OPTIONAL)
        )
    ]


@cache
def _of_codelist(dimension: str) -> tuple[Relation, ...]:
    from ilms_sdmx.structures import aggregations

    rules = aggregations()
    return tuple(_relations(dimension, rules[rules["codelist"] == f"CL_{dimension}"]))


def _relations(dimension: str, rules: pd.DataFrame) -> Iterator[Relation]:
    inside = _members(rules)
    for (version, total, relation), rows in rules.groupby(
        ["version", "total", "relation"], sort=False
    ):
        if relation == "overlap":
            continue
        rule = _rule(dimension, str(version), str(total), rows, str(relation))
        partners = rule == "partner-sum"
        overlapping = rules[(rules["relation"] == "overlap") & (rules["total"] == total)][
            "part"
        ]
        optional = (
            rows.loc[rows["optional"] == "Y", "part"]
            if partners or version not in _PARTNERS
            else ()
        )
        yield Relation(
            rule,
            dimension,
            str(version),
            str(total),
            tuple(rows["part"]),
            frozenset(optional),
            tuple((code, inside.get(code, ())) for code in overlapping) if partners else (),
            partners,
            bound=relation == "member",
            told_at=_overlapping(rows, overlapping) if relation == "nag" else "",
        )


def _overlapping(rows: pd.DataFrame, overlapping: pd.Series[str]) -> str:
    """Part of a second way to add up that the first does not have: the one that must be recomputed."""
    return next((str(part) for part in rows["part"] if part in set(overlapping)), "")


def _members(rules: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Group of partner countries to its members."""
    groups = rules[rules["version"].isin(_PARTNERS) & rules["relation"].isin(["member", "sum"])]
    groups = groups[~groups["total"].str.endswith("_TOTAL")]
    return {str(total): tuple(rows["part"]) for total, rows in groups.groupby("total")}


def _rule(dimension: str, version: str, total: str, rows: pd.DataFrame, relation: str) -> str:
    if relation == "nag":
        return "overlap-total"
    if dimension == "SEX":
        return "sex-sum"
    if total not in totals(dimension) or not total.startswith(f"{version}_"):
        return "nested-total"
    if version in _STATUS:
        return "status-sum"
    return "partner-sum" if version in _PARTNERS else "classification-sum"
