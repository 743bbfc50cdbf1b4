"""VTL: the sums of a dataflow as hierarchical rulesets, for partners who run that language."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ilms_sdmx.validation.catalogue import RULES
from ilms_sdmx.validation.relations import Relation, of_dataflow

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def to_vtl(dataflow: str) -> str:
    """Write the sums of an ILMS dataflow as VTL 2.0 text.

    Each classification version becomes a hierarchical ruleset and a `check_hierarchy` over the data set,
    named by the dataflow's id. Rules between tables and along time are left out. VTL compares exactly:
    who reads the result must allow for rounding.

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

    found = structures.dataflow(dataflow)
    allowed = structures.allowed(found.id)
    lines = [f"/* Sums of {found.id}: rules of ilms-sdmx as VTL 2.0 */", ""]
    if structures.additive(found.id):
        for dimension, codes in allowed.items():
            for version, relations in _by_version(of_dataflow(dimension, codes)).items():
                lines += _ruleset(str(found.id), dimension, version, relations)
    return "\n".join(lines) + "\n"


def _by_version(relations: list[Relation]) -> dict[str, list[Relation]]:
    """Relations by the version of their parts; one total once in each ruleset, as VTL demands."""
    grouped: dict[str, dict[str, Relation]] = {}
    for relation in relations:
        name = (
            relation.version if relation.rule != "overlap-total" else f"{relation.version}_REST"
        )
        if relation.partners and not relation.residual:
            continue
        grouped.setdefault(name, {}).setdefault(relation.total, relation)
    return {name: list(by_total.values()) for name, by_total in grouped.items()}


def _ruleset(
    dataflow: str, dimension: str, version: str, relations: list[Relation]
) -> Iterator[str]:
    name = f"{dimension}_{version}"
    yield f"define hierarchical ruleset {name} (variable rule {dimension}) is"
    yield ";\n".join(f"    {_rule(relation)}" for relation in relations)
    yield "end hierarchical ruleset;"
    yield ""
    mode = "non_zero" if any(relation.optional for relation in relations) else "non_null"
    yield f"CHECK_{name} := check_hierarchy({dataflow}, {name} rule {dimension} {mode} invalid);"
    yield ""


def _rule(relation: Relation) -> str:
    parts = " + ".join(_code(part) for part in relation.parts)
    sign = ">=" if relation.bound else "="
    level = RULES[relation.rule].severity
    return f'{_code(relation.total)} {sign} {parts} errorcode "{relation.rule}" errorlevel "{level}"'


def _code(code: str) -> str:
    return code if _PLAIN.fullmatch(code) else f"'{code}'"
