"""Identities between measures: what the labour force is made of, and what a rate is of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from ilms_sdmx.validation.coded.pool import totals

if TYPE_CHECKING:
    import pandas as pd

_KINDS = {
    "sum": ("table-identity", "="),
    "equal": ("table-identity", "="),
    "at_most": ("table-order", "<="),
    "ratio": ("rate", "/"),
}
#: Order in which the sides of an identity are written, the one that is told of first.
_SIDES = {"at_most": ("part", "total"), "ratio": ("total", "numerator", "denominator")}
_SIGNS = {"=": " = ", "<=": " <= ", "/": " = 100 * "}


@dataclass(frozen=True)
class Identity:
    """Identity between measures, in whatever tables they are.

    Parameters
    ----------
    rule
        Id of the rule that it breaks where it does not hold.
    operator
        `=`, `<=` or `/`: the first operand against the others.
    operands
        Pairs of a measure and, where it is taken at one class only, the code of the class.
    note
        What it says, in words.
    """

    rule: str
    operator: str
    operands: tuple[tuple[str, str], ...]
    note: str

    @property
    def text(self) -> str:
        """The identity as a formula."""
        names = []
        for measure, code in self.operands:
            name = measure
            if code:
                name = f"{measure}[{code}]"
            names.append(name)
        left, *others = names
        between = " + "
        if self.operator == "/":
            between = " / "
        right = between.join(others)
        sign = _SIGNS[self.operator]
        return f"{left}{sign}{right}"


@cache
def known_identities() -> tuple[Identity, ...]:
    """Identities of `structures.identities`, each once; those within one measure are sums."""
    from ilms_sdmx import structures

    distinct: dict[tuple[object, ...], Identity] = {}
    table = structures.identities()
    for _, terms in table.groupby("identity", sort=False):
        identity = _identity(terms)
        distinct_operands = set(identity.operands)
        if len(distinct_operands) == len(identity.operands):
            distinct.setdefault((identity.operator, identity.operands), identity)
    return tuple(distinct.values())


def _identity(terms: pd.DataFrame) -> Identity:
    first = terms.iloc[0]
    relation = str(first["relation"])
    rule, operator = _KINDS[relation]
    sides = _SIDES.get(relation, ("total", "part"))
    operands = tuple(_operands(terms, sides))
    note = str(first["note"])
    return Identity(rule, operator, operands, note)


def _operands(terms: pd.DataFrame, sides: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for side in sides:
        of_side = terms[terms["side"] == side]
        dataflows = of_side["dataflow"]
        places = of_side["where"]
        for dataflow, where in zip(dataflows, places, strict=True):
            measure = _measure(str(dataflow))
            code = _code(str(where))
            yield measure, code


def _measure(dataflow: str) -> str:
    """Measure of a dataflow, as `EMP_TEMP_NB` of `EMP_TEMP_SEX_AGE_NB`."""
    words = dataflow.split("_")
    return f"{words[0]}_{words[1]}_{words[-1]}"


def _code(where: str) -> str:
    """First code that is no total of codes like `SEX=SEX_T STE=STE_ICSE93_1`; else empty."""
    for pair in where.split():
        dimension, code = pair.split("=")
        if code not in totals(dimension):
            return code
    return ""
