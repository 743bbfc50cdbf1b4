"""VTL: the sums of a dataflow as hierarchical rulesets, for partners who run that language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ilms_sdmx.validation.arithmetic.relations import Relation, of_dataflow
from ilms_sdmx.validation.catalogue import RULES

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def to_vtl(dataflow: str) -> str:
    """Write the sums of an ILMS dataflow as VTL 2.0 text.

    Each classification version becomes a hierarchical ruleset and a `check_hierarchy` over the
    data set, named by the dataflow's id. Rules between tables and along time are left out. VTL
    compares exactly: who reads the result must allow for rounding.

    Raises
    ------
    StructureError
        No such dataflow.

    Examples
    --------
    >>> print(to_vtl("EMP_TEMP_SEX_STE_CCT_NB").splitlines()[2])
    define hierarchical ruleset SEX_SEX (variable rule SEX) is
    """
    from ilms_sdmx import structures

    known = structures.dataflow(dataflow)
    lines = [f"/* Sums of {known.id}: rules of ilms-sdmx as VTL 2.0 */", ""]
    if structures.additive(known.id):
        for dimension, codes in structures.allowed(known.id).items():
            allowed_relations = of_dataflow(dimension, codes)
            by_ruleset = _by_ruleset(allowed_relations)
            for name, relations in by_ruleset.items():
                lines += _ruleset(str(known.id), dimension, name, relations)
    text = "\n".join(lines)
    return f"{text}\n"


def _by_ruleset(relations: Iterable[Relation]) -> dict[str, list[Relation]]:
    """Relations by the version of their parts; one total once a ruleset, as VTL demands."""
    by_total: dict[tuple[str, str], Relation] = {}
    for relation in relations:
        if not relation.partners or relation.residual:
            name = _ruleset_name(relation)
            by_total.setdefault((name, relation.total), relation)
    by_ruleset: dict[str, list[Relation]] = {}
    for (name, _), relation in by_total.items():
        by_ruleset.setdefault(name, []).append(relation)
    return by_ruleset


def _ruleset_name(relation: Relation) -> str:
    if relation.rule == "overlap-total":
        return f"{relation.version}_REST"
    return relation.version


def _ruleset(
    dataflow: str, dimension: str, version: str, relations: Iterable[Relation]
) -> Iterator[str]:
    """Lines of one ruleset and of its check."""
    name = f"{dimension}_{version}"
    rules = [f"    {_rule(relation)}" for relation in relations]
    has_optional = any(relation.optional for relation in relations)
    mode = "non_null"
    if has_optional:
        mode = "non_zero"
    check = f"check_hierarchy({dataflow}, {name} rule {dimension} {mode} invalid)"
    yield f"define hierarchical ruleset {name} (variable rule {dimension}) is"
    yield ";\n".join(rules)
    yield "end hierarchical ruleset;"
    yield ""
    yield f"CHECK_{name} := {check};"
    yield ""


def _rule(relation: Relation) -> str:
    total = _code(relation.total)
    parts = " + ".join(map(_code, relation.parts))
    sign = "="
    if relation.bound:
        sign = ">="
    sum_of_parts = f"{total} {sign} {parts}"
    level = RULES[relation.rule].severity
    return f'{sum_of_parts} errorcode "{relation.rule}" errorlevel "{level}"'


def _code(code: str) -> str:
    if _PLAIN.fullmatch(code):
        return code
    return f"'{code}'"
