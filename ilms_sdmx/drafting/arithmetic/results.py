"""What the figures of a table say: roles of labels, sums that agree, bases of percents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ilms_sdmx.drafting.recognition.roles import Role, Roles

Labels = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Sum:
    """A total of a heading, and how many of its sums agree.

    Parameters
    ----------
    heading, total
        Name of the heading, and its label of the total.
    agree, compared
        How many sums agree, of how many.
    is_more
        Whether every total is more than its sum.
    parts
        Labels of the parts where they are not all others.
    where
        Headings and labels of the figures that alone are compared.
    over
        Name of the heading of which all labels are parts.
    rounded_to
        Words for what all figures are rounded to, where some sums agree for that only.
    """

    heading: str
    total: str
    agree: int
    compared: int
    is_more: bool = False
    parts: tuple[str, ...] = ()
    where: tuple[tuple[str, str], ...] = ()
    over: str = ""
    rounded_to: str = ""

    @property
    def why(self) -> str:
        """Evidence; a conversion names each sum that does not agree."""
        if self.is_more:
            return "the parts add up to less: `relation: at_most` where not all are printed"
        evidence = f"{self.agree} of {self.compared} sums agree"
        if self.rounded_to:
            evidence += f" within rounding to {self.rounded_to}"
        return evidence

    def together(self, other: Sum) -> Sum:
        """Sum of two sheets, counted together."""
        agree = self.agree + other.agree
        compared = self.compared + other.compared
        is_more = self.is_more and other.is_more
        rounded_to = self.rounded_to or other.rounded_to
        counted = replace(other, agree=agree, compared=compared)
        return replace(counted, is_more=is_more, rounded_to=rounded_to)


@dataclass(frozen=True)
class Basis:
    """What percents are a share or a change of, and how many come out.

    Parameters
    ----------
    where
        Headings of the percents, each with its label.
    of, base
        Headings that differ: of the numerator, and of the denominator or earlier figure.
    is_change
        Whether the percents are changes.
    is_left
        Whether the numerator is the figure to the left.
    agree, compared
        How many percents come out, of how many.
    """

    where: Mapping[str, str]
    of: Labels
    base: Labels
    is_change: bool = False
    is_left: bool = False
    agree: int = 0
    compared: int = 0

    def counted(self, agree: int, compared: int) -> Basis:
        """Return the same basis with the number of percents that come out."""
        return replace(self, agree=agree, compared=compared)

    @property
    def id(self) -> str:
        """Text that only the same basis has."""
        return repr((self.where, self.of, self.base, self.is_change, self.is_left))

    @property
    def why(self) -> str:
        """Evidence; a conversion names each percent that does not come out."""
        return f"{self.agree} of {self.compared} come out when recomputed"


@dataclass(frozen=True)
class Arithmetic:
    """What the figures of a table say.

    Parameters
    ----------
    roles
        Roles of its labels.
    sums
        Totals to check.
    bases
        What percents are a share or a change of.
    """

    roles: Roles
    sums: tuple[Sum, ...] = ()
    bases: tuple[Basis, ...] = ()

    def with_roles(self, *roles: Role) -> Arithmetic:
        """Return the same with more roles."""
        return replace(self, roles=self.roles + roles)

    def in_order(self) -> Arithmetic:
        """Return the same with roles of which the first wins."""
        return replace(self, roles=self.roles.in_order())

    def with_sums(self, *sums: Sum) -> Arithmetic:
        """Return the same with more sums."""
        return replace(self, sums=self.sums + sums)

    def with_bases(self, *bases: Basis) -> Arithmetic:
        """Return the same with more bases."""
        return replace(self, bases=self.bases + bases)


def sums_together(sums: Iterable[Sum]) -> tuple[Sum, ...]:
    """Sums of several sheets, those of one total counted together."""
    by_total: dict[tuple[str, str], Sum] = {}
    for one in sums:
        key = one.heading, one.total
        known = by_total.get(key)
        by_total[key] = one if known is None else known.together(one)
    return tuple(by_total.values())


def bases_together(bases: Iterable[Basis]) -> tuple[Basis, ...]:
    """Bases of several sheets, those that are alike counted together."""
    by_id: dict[str, Basis] = {}
    for basis in bases:
        known = by_id.get(basis.id)
        if known is None:
            by_id[basis.id] = basis
        else:
            agree = known.agree + basis.agree
            by_id[basis.id] = known.counted(agree, known.compared + basis.compared)
    return tuple(by_id.values())
