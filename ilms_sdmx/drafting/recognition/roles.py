"""Roles of labels: what the figures below or next to them are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from ilms_sdmx.mapping.buckets import Bucket

#: Label that means every label of a heading.
EVERY_LABEL = "/./"
#: Rules of which the first wins: columns to leave out, parts, then totals.
_ORDER = (Bucket.IGNORE, Bucket.PERCENT, Bucket.OF_WHICH, Bucket.TOTAL)
#: Buckets of figures that are no counts.
NO_COUNTS = frozenset({Bucket.PERCENT, Bucket.IGNORE})


@dataclass(frozen=True)
class Role:
    """Role of a label.

    Parameters
    ----------
    heading, label
        Name of the heading, and its label or `EVERY_LABEL`.
    bucket
        Bucket of the figures.
    question
        What a person must decide, empty where the role is certain.
    reason
        Why the figures are ignored.
    sex
        Code of the sex whose figures are a part of others, empty for none.
    is_count
        Whether the figures count where those of all other labels are shares.
    is_sum_of_some
        Whether the figures are the sum of some rows only, next to it or indented below it.
    is_open
        Whether a person must say the bucket: nothing proves the one that is supposed.
    """

    heading: str
    label: str
    bucket: Bucket
    question: str = ""
    reason: str = ""
    sex: str = ""
    is_count: bool = False
    is_sum_of_some: bool = False
    is_open: bool = False


@dataclass(frozen=True)
class Roles:
    """Roles of the labels of a table; the first of a label wins.

    Parameters
    ----------
    roles
        Roles in order.
    """

    roles: tuple[Role, ...] = ()

    def __iter__(self) -> Iterator[Role]:
        """Roles in order."""
        return iter(self.roles)

    def __add__(self, others: Iterable[Role]) -> Roles:
        """Roles with others behind them."""
        return Roles((*self.roles, *others))

    def of(self, heading: str) -> list[Role]:
        """Roles of the labels of a heading."""
        return [role for role in self.roles if role.heading == heading]

    def buckets(self, heading: str) -> dict[str, Bucket]:
        """Label of a heading to its bucket."""
        buckets: dict[str, Bucket] = {}
        for role in self.of(heading):
            buckets[role.label] = role.bucket
        return buckets

    def totals(self, heading: str) -> list[str]:
        """Labels of a heading that are totals."""
        totals: list[str] = []
        for role in self.of(heading):
            if role.bucket is Bucket.TOTAL:
                totals.append(role.label)
        return totals

    def labels_in(self, buckets: Collection[Bucket]) -> set[str]:
        """Labels of any heading that are in some buckets."""
        return {role.label for role in self.roles if role.bucket in buckets}

    def is_share(self, heading: str, label: str) -> bool:
        """Whether a label is of figures that are no counts, which no data set takes."""
        roles = self.of(heading)
        own = [role for role in roles if role.label == label]
        return any(role.bucket in NO_COUNTS for role in own)

    @property
    def of_shares(self) -> list[str]:
        """Headings of which all labels but some are shares."""
        return [role.heading for role in self.roles if role.label == EVERY_LABEL]

    @property
    def counts(self) -> list[Role]:
        """Roles of labels that count where those of all other labels are shares."""
        return [role for role in self.roles if role.is_count]

    @property
    def tell_sex(self) -> bool:
        """Whether a label is of one sex whose figures are a part of others."""
        return any(role.sex for role in self.roles)

    def without_heading(self, heading: str) -> Roles:
        """Roles but those of a heading."""
        return Roles(tuple(role for role in self.roles if role.heading != heading))

    def without_label(self, heading: str, label: str) -> Roles:
        """Roles but those of one label."""
        kept: list[Role] = []
        for role in self.roles:
            if (role.heading, role.label) != (heading, label):
                kept.append(role)
        return Roles(tuple(kept))

    def in_order(self) -> Roles:
        """Roles of which the first wins; where all others are shares, under every total too."""
        of_shares = self.of_shares

        def place(role: Role) -> tuple[bool, bool, int]:
            is_rest = role.label == EVERY_LABEL
            return role.heading not in of_shares, is_rest, _ORDER.index(role.bucket)

        return Roles(tuple(sorted(self.roles, key=place)))
