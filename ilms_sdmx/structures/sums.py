"""What adds up to what: totals and parts in a codelist, identities of dataflows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from ilms_sdmx.structures import facts
from ilms_sdmx.structures.identifiers import resolve

if TYPE_CHECKING:
    import pandas as pd

#: Role lists of partner countries: codelist to the prefix of its countries.
PARTNERS = {
    "CL_CBR": "CBR_BRT",
    "CL_CCT": "CCT_CTZ",
    "CL_CRS": "CRS_RES",
    "CL_CPR": "CPR_PRV",
    "CL_CDS": "CDS_DES",
}
_AXES = {"a": ("AGE", "EDU"), "b": ("CBR", "CCT")}


class AggregationRule(NamedTuple):
    """One part of one total.

    Parameters
    ----------
    codelist
        Codelist of total and part.
    version
        Classification version of the part.
    total, part
        The codes.
    relation
        `sum`, `nag`, `overlap` or `member`, as `aggregations` explains them.
    optional
        `Y` where the part may be absent, `N` elsewhere.
    source
        Evidence in `dsd/evidence.csv`.
    """

    codelist: str
    version: str
    total: str
    part: str
    relation: str
    optional: str
    source: str


def aggregations() -> pd.DataFrame:
    """Totals and their parts inside each codelist, one row a part.

    Returns
    -------
    DataFrame
        All text. Rows that agree in `codelist`, `version`, `total` and `relation` are one rule.
        `version` is the classification version of the parts: where it is not that of the total,
        the rule holds across versions (`ECO_AGGREGATE_MEL` = ISIC Rev.4 B + D + E). `relation`
        is one of

        - `sum`: the parts add up to the total; a single part equals it.
        - `nag`: a second way to add up to the total that must not be mixed with the first:
          agriculture and all the rest. `ECO_SECTOR_NAG` = `ECO_SECTOR_TOTAL` -
          `ECO_SECTOR_AGR`, so that the rest also holds what is not classified.
        - `overlap`: the part lies inside the total and may repeat what other parts say (a
          five-year band next to ten-year bands, Asia next to its countries): add it only where
          none of what it repeats is listed. The total lies between the sums without and with
          all such parts.
        - `member`: the part is in the group `total` (ASEAN, Malaysia): the group is at least
          the sum of its members, and only one side of the two is added to a larger total.

        `optional` is `Y` where a missing part means nothing is in it: what is not classified,
        and in lists of partner countries every country, for those not listed are in `X`.
        Otherwise a missing part leaves the rule undecided. `source` names the evidence in
        `dsd/evidence.csv`.

    Notes
    -----
    Only numbers of persons add up (`additive`): a rate or a mean of a total lies between those
    of its parts.

    Examples
    --------
    >>> table = aggregations().query("total == 'ECO_AGGREGATE_MEL' and version == 'ECO_ISIC4'")
    >>> table["part"].tolist()
    ['ECO_ISIC4_B', 'ECO_ISIC4_D', 'ECO_ISIC4_E']
    """
    import pandas as pd

    return pd.DataFrame(list(rules()), columns=list(AggregationRule._fields), dtype="str")


@cache
def rules() -> tuple[AggregationRule, ...]:
    """Rows of `aggregations`."""
    all_rules = list(_classifications())
    for codelist in PARTNERS:
        all_rules += _partners(codelist)
        all_rules += _groups_of_partners(codelist)
    return tuple(all_rules)


def _classifications() -> Iterator[AggregationRule]:
    """Rules of the totals of classifications."""
    for row in facts.rows("aggregations.csv"):
        codelist = row["codelist"]
        version = row["version"]
        total = row["total"]
        relation = row["relation"]
        source = row["source"]
        rule = AggregationRule(codelist, version, total, "", relation, "N", source)
        for part in row["parts"].split():
            code = f"{version}_{part}"
            yield rule._replace(part=code)
        for part in row["optional"].split():
            code = f"{version}_{part}"
            yield rule._replace(part=code, optional="Y")


def _partners(codelist: str) -> Iterator[AggregationRule]:
    """Rules of the total of one list of partner countries."""
    prefix = PARTNERS[codelist]
    start = f"{prefix}_"
    total = f"{prefix}_TOTAL"
    overlapping = {f"{prefix}_{area}" for area in _overlapping_areas()}
    for row in facts.rows(f"codelists/{codelist}.csv"):
        code = row["code"]
        if not code.startswith(start):
            continue
        if code == total:
            continue
        relation = "overlap" if code in overlapping else "sum"
        yield AggregationRule(codelist, prefix, total, code, relation, "Y", "published")


def _groups_of_partners(codelist: str) -> Iterator[AggregationRule]:
    """Rules of the groups that one list of partner countries has."""
    prefix = PARTNERS[codelist]
    codes = facts.by_id(f"codelists/{codelist}.csv", "code")
    for row in facts.rows("country_groups.csv"):
        group = f"{prefix}_{row['group']}"
        if group not in codes:
            continue
        for area in row["members"].split():
            member = f"{prefix}_{area}"
            if member in codes:
                relation, source = row["relation"], row["source"]
                yield AggregationRule(codelist, prefix, group, member, relation, "Y", source)


def _overlapping_areas() -> set[str]:
    """Areas that overlap others: groups that are no countries, and parts of countries."""
    areas = set()
    for row in facts.rows("country_groups.csv"):
        if _is_country(row["group"]):
            areas.update(row["members"].split())
        else:
            areas.add(row["group"])
    return areas


def _is_country(area: str) -> bool:
    return area in facts.by_id("codelists/CL_AREA.csv", "code")


def identities() -> pd.DataFrame:
    """Equations between dataflows, one row a term.

    Returns
    -------
    DataFrame
        All text. Rows with the same `identity` are one equation over the keys that its terms
        share: on every dimension that is in all of them, but for MEASURE and those that `where`
        fixes. `relation` is one of

        ========= =============================================================
        `sum`     the `part` terms add up to the `total` term
        `equal`   the `part` term equals the `total` term
        `at_most` the `part` term is not above the `total` term
        `ratio`   `total` = 100 × `numerator` / `denominator`
        ========= =============================================================

        `side` is the role of the term, `dataflow` its id without `DF_`, `where` the codes that
        select it, as `AGE=AGE_AGGREGATE_TOTAL CBR=CBR_BIR_FOREIGN`, `note` the equation in
        words, `source` its evidence.

    Notes
    -----
    They hold for figures of one source with one coverage. Published tables often mix sources,
    so a break is a matter to look into, not an error.

    Examples
    --------
    >>> table = identities()
    >>> is_of_identity = table["identity"] == "labour-force-AGE-CBR"
    >>> table.loc[is_of_identity, ["side", "dataflow"]].values.tolist()[0]
    ['total', 'EAP_TEAP_SEX_AGE_CBR_NB']
    """
    import pandas as pd

    columns = ["identity", "relation", "side", "dataflow", "where", "note", "source"]
    return pd.DataFrame(list(_terms()), columns=columns, dtype="str")


def _terms() -> Iterator[tuple[str, ...]]:
    """Terms with the axes of their pattern written out, equation by equation."""
    by_identity: dict[str, list[facts.Row]] = {}
    for row in facts.rows("identities.csv"):
        terms = by_identity.setdefault(row["identity"], [])
        terms.append(row)
    for identity, terms in by_identity.items():
        first = terms[0]
        note = first["note"]
        for chosen in _choices(first["dataflow"]):
            name = "-".join((identity, *chosen.values()))
            for row in terms:
                dataflow = row["dataflow"].format(**chosen)
                head = (name, row["relation"], row["side"], dataflow)
                yield (*head, row["where"], note, row["source"])


def _choices(pattern: str) -> Iterator[dict[str, str]]:
    """Values of the axes that a pattern names, each combination once."""
    axes = [axis for axis in _AXES if f"{{{axis}}}" in pattern]
    values_of_axes = [_AXES[axis] for axis in axes]
    for values in product(*values_of_axes):
        yield dict(zip(axes, values, strict=True))


def additive(dataflow_id: str) -> bool:
    """Whether the figures of a dataflow add up over its codes, as numbers of persons do.

    Raises
    ------
    StructureError
        No such dataflow; the message names the three nearest.

    Examples
    --------
    >>> additive("EMP_TEMP_SEX_AGE_CCT_NB"), additive("UNE_DEAP_SEX_AGE_CCT_RT")
    (True, False)
    """
    return facts.by_id("dataflows.csv")[resolve(dataflow_id).id]["unit_measure"] == "PS"
