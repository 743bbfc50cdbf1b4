"""Relations: which codes of a dimension add up to which, by the aggregation rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.pool import totals
from ilms_sdmx.validation.coded.table import Coded

if TYPE_CHECKING:
    import pandas as pd

#: Versions whose codes are partner countries: any may be absent and is then in the residual.
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
_NOT_RELATED = ("REF_AREA", "FREQ", "MEASURE")


@dataclass(frozen=True)
class Relation:
    """One code that others add up to.

    Parameters
    ----------
    rule
        Id of the rule that a broken sum breaks.
    dimension
        Dimension of the codes.
    version
        Classification version of the parts.
    total
        Code that the parts add up to.
    parts
        Codes that add up, with the residual and the optional ones.
    optional
        Parts that may be absent without making the sum incomplete: the residual, "other".
    groups
        Codes that mean several parts, each with those that are known. It is a part like others
        where none of its members is listed; one whose members are not known may repeat what is
        listed.
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
        for part in self.parts:
            if part in self.optional and part.endswith("_X"):
                return part
        return ""

    @property
    def essential(self) -> tuple[str, ...]:
        """Parts that must be there for the sum to be complete."""
        parts = []
        for part in self.parts:
            if part not in self.optional:
                parts.append(part)
        return tuple(parts)

    def is_among(self, codes: Collection[str]) -> bool:
        """Whether the total and one of what it is made of are among some codes."""
        if self.total not in codes:
            return False
        members = {*self.parts, *(code for code, _ in self.groups)}
        return not members.isdisjoint(codes)


#: Units of measure that can be added; a rate, an hour or an amount of money cannot.
_COUNTED = ("PS", "PER", "PERS", "PERSONS", "NB", "NUMBER", "")
_NOT_ADDED = ("_RT", "_DT", "_IN", "_GR")
_MEANS = ("EAR_", "HOW_")


def additive(coded: Coded) -> Array:
    """Mask of the rows whose figures can be added up: counts of persons, no rates and no means.

    MEASURE says it for ILO's indicators, UNIT_MEASURE for others; where neither is reported,
    all can.
    """
    return coded.finite & countable(coded)


def countable(coded: Coded) -> Array:
    """Mask of the rows that count persons, whether their figure is reported or withheld."""
    mask = coded.first.copy()
    if "MEASURE" in coded.dimensions:
        is_count = [_is_count(level) for level in coded.levels("MEASURE")]
        mask &= coded.where("MEASURE", is_count, absent=True)
    if coded.has("UNIT_MEASURE"):
        levels = coded.levels("UNIT_MEASURE")
        is_counted = [level.upper() in _COUNTED for level in levels]
        mask &= coded.where("UNIT_MEASURE", is_counted, absent=True)
    return mask


def _is_count(measure: str) -> bool:
    if measure.endswith(_NOT_ADDED):
        return False
    return not measure.startswith(_MEANS)


def is_partner(coded: Coded, dimension: str) -> bool:
    """Whether a dimension lists partner countries, of which a table shows only some."""
    levels = coded.levels(dimension)
    if len(levels) > _MANY:
        return True
    return any(level.startswith(_PARTNERS) for level in levels)


def relations_of(coded: Coded) -> list[Relation]:
    """Relations between the codes of a data set's dimensions."""
    related: list[Relation] = []
    for dimension in coded.dimensions:
        if dimension in _NOT_RELATED:
            continue
        if dimension == coded.time:
            continue
        levels = set(coded.levels(dimension))
        ours = _among(_of_codelist(dimension), levels)
        related += ours or _among(_foreign(dimension), levels)
    return related


def _among(candidates: Iterable[Relation], codes: Collection[str]) -> list[Relation]:
    return [relation for relation in candidates if relation.is_among(codes)]


def of_dataflow(dimension: str, codes: frozenset[str]) -> list[Relation]:
    """Relations of one dimension among the codes that a dataflow allows, without others."""
    related = []
    for relation in _of_codelist(dimension):
        parts = tuple(part for part in relation.parts if part in codes)
        if parts and relation.total in codes:
            related.append(replace(relation, parts=parts))
    return related


def _foreign(dimension: str) -> list[Relation]:
    """Relations of lists that are not ILO's: only sex is written alike everywhere."""
    if dimension != "SEX":
        return []
    total, parts = _SEX
    optional = frozenset(parts).intersection(_OPTIONAL)
    return [Relation("sex-sum", dimension, "SEX", total, parts, optional)]


@cache
def _of_codelist(dimension: str) -> tuple[Relation, ...]:
    from ilms_sdmx.structures import aggregations

    aggregation_rules = aggregations()
    codelist = aggregation_rules["codelist"]
    is_of_dimension = codelist == f"CL_{dimension}"
    rules_of_dimension = aggregation_rules[is_of_dimension]
    return tuple(_relations(dimension, rules_of_dimension))


def _relations(dimension: str, aggregation_rules: pd.DataFrame) -> Iterator[Relation]:
    members = _members(aggregation_rules)
    overlaps = aggregation_rules[aggregation_rules["relation"] == "overlap"]
    by_sum = aggregation_rules.groupby(["version", "total", "relation"], sort=False)
    for (version, total, kind), rows in by_sum:
        if kind == "overlap":
            continue
        has_same_total = overlaps["total"] == total
        overlapping = tuple(overlaps.loc[has_same_total, "part"])
        rule = _rule(dimension, str(version), str(total), str(kind))
        parts = tuple(rows["part"])
        is_bound = kind == "member"
        relation = Relation(rule, dimension, str(version), str(total), parts, bound=is_bound)
        if kind == "nag":
            told_at = _told_at(relation, overlapping)
            relation = replace(relation, told_at=told_at)
        relation = _with_optional(relation, rows)
        yield _with_partners(relation, overlapping, members)


def _with_optional(relation: Relation, rows: pd.DataFrame) -> Relation:
    """Relation with the parts that may be absent; of a group of partners none may."""
    if relation.version in _PARTNERS and relation.rule != "partner-sum":
        return relation
    is_optional = rows["optional"] == "Y"
    optional = rows.loc[is_optional, "part"]
    return replace(relation, optional=frozenset(optional))


def _with_partners(
    relation: Relation, overlapping: tuple[str, ...], members: dict[str, tuple[str, ...]]
) -> Relation:
    """Relation of partners with its groups of countries."""
    if relation.rule != "partner-sum":
        return relation
    groups = tuple((code, members.get(code, ())) for code in overlapping)
    return replace(relation, groups=groups, partners=True)


def _told_at(relation: Relation, overlapping: tuple[str, ...]) -> str:
    """Part of a second sum that the first does not have: the one that must be recomputed."""
    for part in relation.parts:
        if part in overlapping:
            return part
    return ""


def _members(aggregation_rules: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Group of partner countries to its members."""
    version = aggregation_rules["version"]
    is_partner_version = version.isin(_PARTNERS)
    relation = aggregation_rules["relation"]
    is_member = relation.isin(["member", "sum"])
    groups = aggregation_rules[is_partner_version & is_member]
    is_grand_total = groups["total"].str.endswith("_TOTAL")
    groups = groups[~is_grand_total]
    members = {}
    for total, rows in groups.groupby("total"):
        part = rows["part"]
        members[str(total)] = tuple(part)
    return members


def _rule(dimension: str, version: str, total: str, kind: str) -> str:
    """Id of the rule that a broken sum breaks."""
    if kind == "nag":
        return "overlap-total"
    if dimension == "SEX":
        return "sex-sum"
    if total not in totals(dimension):
        return "nested-total"
    if not total.startswith(f"{version}_"):
        return "nested-total"
    if version in _STATUS:
        return "status-sum"
    if version in _PARTNERS:
        return "partner-sum"
    return "classification-sum"
