"""Labels with words such as *change* or *share*: counts by arithmetic, percents, or asked."""

from __future__ import annotations

from dataclasses import replace

from ilms_sdmx.drafting.arithmetic.numbers import NumberGrid
from ilms_sdmx.drafting.arithmetic.results import Arithmetic, Sum
from ilms_sdmx.drafting.arithmetic.sums import with_sums
from ilms_sdmx.drafting.recognition.roles import EVERY_LABEL, Role, Roles
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.words import says

#: Changes of more are no percents.
_LARGEST_PERCENT = 10_000


def with_proven_labels(numbers: NumberGrid, arithmetic: Arithmetic) -> Arithmetic:
    """Arithmetic in which no word alone makes percents of counts.

    `Change of employer` counts persons where the total of its heading adds up with it only.
    What neither a sum nor a recomputed percent nor a percent sign tells is asked.
    """
    unproven = [role for role in arithmetic.roles if _is_unproven(numbers, arithmetic, role)]
    if not unproven:
        return arithmetic
    headings = {role.heading for role in unproven}
    without = Roles(tuple(role for role in arithmetic.roles if role not in unproven))
    counted = with_sums(numbers, replace(arithmetic, roles=without, sums=()))
    proven = _headings_that_add_up(counted) & headings
    roles: list[Role] = []
    for role in arithmetic.roles:
        if role not in unproven:
            roles.append(role)
        elif role.heading not in proven:
            roles.append(_asked(numbers, role))
    return replace(arithmetic, roles=Roles(tuple(roles)))


def _is_unproven(numbers: NumberGrid, arithmetic: Arithmetic, role: Role) -> bool:
    """Whether only a word such as *change* or *share* says that figures are percents."""
    if role.bucket is not Bucket.PERCENT or role.label == EVERY_LABEL:
        return False
    if any(basis.where.get(role.heading) == role.label for basis in arithmetic.bases):
        return False
    if not says(role.label, "percent"):
        return True
    return not _are_small(numbers, role)


def _are_small(numbers: NumberGrid, role: Role) -> bool:
    """Whether no figure under a label is too large for a percent."""
    for place in numbers.places_of((role.heading, role.label)):
        number = numbers.at(*place)
        if number is not None and abs(number) > _LARGEST_PERCENT:
            return False
    return True


def _headings_that_add_up(arithmetic: Arithmetic) -> set[str]:
    """Headings of which all sums agree."""
    return {one_sum.heading for one_sum in arithmetic.sums if _agrees(one_sum)}


def _agrees(one_sum: Sum) -> bool:
    """Whether all sums of a total agree."""
    return one_sum.agree == one_sum.compared > 0


def _asked(numbers: NumberGrid, role: Role) -> Role:
    """Role of which a person must say what the figures are."""
    count = len(numbers.places_of((role.heading, role.label)))
    question = f"what are these {count} figures: observation, percent, rate or other_measure?"
    return replace(role, question=question, is_open=True)
