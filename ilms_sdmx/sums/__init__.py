"""Sums: whether figures add up to a total, within what their rounding allows."""

from ilms_sdmx.sums.comparing import SumComparison, SumVerdict, Term, compare
from ilms_sdmx.sums.exact import places_of, whole_numbers
from ilms_sdmx.sums.rounding import agrees, allowance, exceeds
from ilms_sdmx.sums.steps import (
    LEAST_ROUNDED,
    in_words,
    printed_decimals,
    printed_step,
    shared_zeros,
    shared_zeros_of_groups,
    zeros_at_end,
)

__all__ = [
    "LEAST_ROUNDED",
    "SumComparison",
    "SumVerdict",
    "Term",
    "agrees",
    "allowance",
    "compare",
    "exceeds",
    "in_words",
    "places_of",
    "printed_decimals",
    "printed_step",
    "shared_zeros",
    "shared_zeros_of_groups",
    "whole_numbers",
    "zeros_at_end",
]
