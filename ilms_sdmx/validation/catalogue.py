"""Catalogue of rules: id, severity, group and title; the ids are stable, and each has a page of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ilms_sdmx.findings import Severity

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of validation.

    Parameters
    ----------
    id
        Stable kebab-case id, the name of its page in `docs/reference/rules/`.
    severity
        What its findings are: an error prevents transmission, a warning does not, a note informs.
    group
        `structure`, `sums`, `tables`, `plausibility`, `time`, `disclosure`, `revision` or `exceptions`.
    title
        What must hold, in one sentence.
    """

    id: str
    severity: Severity
    group: str
    title: str


_RULES = (
    Rule("structure-unknown", NOTE, "structure", "The structure of the data is known."),
    Rule(
        "missing-component",
        ERROR,
        "structure",
        "Every dimension and measure of the structure is reported.",
    ),
    Rule(
        "unknown-component", ERROR, "structure", "Every column is a component of the structure."
    ),
    Rule(
        "empty-dimension", ERROR, "structure", "No observation lacks the value of a dimension."
    ),
    Rule("unknown-code", ERROR, "structure", "Every code is in the codelist of its component."),
    Rule(
        "outside-constraint",
        ERROR,
        "structure",
        "Every key is allowed by the content constraints.",
    ),
    Rule(
        "facet",
        ERROR,
        "structure",
        "Every value fits the text type and facets of its component.",
    ),
    Rule(
        "time-format",
        ERROR,
        "structure",
        "TIME_PERIOD is an SDMX period, and one of the frequency.",
    ),
    Rule(
        "duplicate-conflict",
        ERROR,
        "structure",
        "No key is reported twice with different contents.",
    ),
    Rule("duplicate-equal", WARNING, "structure", "No observation is repeated word for word."),
    Rule("not-numeric", ERROR, "structure", "The measure is a number."),
    Rule("missing-attribute", ERROR, "structure", "Every mandatory attribute is reported."),
    Rule(
        "attribute-varies",
        ERROR,
        "structure",
        "An attribute has one value for each key it is attached to.",
    ),
    Rule("header", ERROR, "structure", "The header names sender, id, time and structure."),
    Rule("sex-sum", ERROR, "sums", "Men and women (and other) add up to the total."),
    Rule(
        "classification-sum",
        ERROR,
        "sums",
        "Classes of one version of a classification add up to its total.",
    ),
    Rule("status-sum", ERROR, "sums", "Classes of birth or citizenship add up to the total."),
    Rule(
        "partner-sum", ERROR, "sums", "Partner countries and the residual add up to the total."
    ),
    Rule(
        "nested-total",
        ERROR,
        "sums",
        "A code equals the codes it is made of, in whatever version they are.",
    ),
    Rule(
        "overlap-total",
        ERROR,
        "sums",
        "A code that overlaps others equals the total less what it leaves out.",
    ),
    Rule(
        "parts-exceed-total",
        ERROR,
        "sums",
        "The parts reported are together not more than their total.",
    ),
    Rule(
        "parts-short",
        NOTE,
        "sums",
        "Where parts are not reported, the total says what is missing.",
    ),
    Rule(
        "rate-between",
        WARNING,
        "sums",
        "A rate or mean of a total lies between those of its parts.",
    ),
    Rule(
        "table-total",
        WARNING,
        "tables",
        "One total has one value in every table that reports it.",
    ),
    Rule(
        "table-order",
        WARNING,
        "tables",
        "Employed are not more than labour force, nor labour force than population.",
    ),
    Rule(
        "table-identity",
        WARNING,
        "tables",
        "Employed and unemployed add up to the labour force, and the like.",
    ),
    Rule(
        "rate", WARNING, "tables", "A rate is the one that its numerator and denominator give."
    ),
    Rule("identical-blocks", WARNING, "tables", "No two tables hold the same figures."),
    Rule("repeated-value", WARNING, "plausibility", "No code repeats the figures of another."),
    Rule(
        "negative-value",
        ERROR,
        "plausibility",
        "Numbers of persons, hours and rates are not negative.",
    ),
    Rule(
        "rate-above-hundred",
        ERROR,
        "plausibility",
        "A share of a whole is not more than 100 per cent.",
    ),
    Rule(
        "factor-slip",
        WARNING,
        "plausibility",
        "No figure is 10, 100 or 1000 times its neighbours.",
    ),
    Rule("part-of-person", WARNING, "plausibility", "A number of persons is a whole number."),
    Rule(
        "year-as-value", WARNING, "plausibility", "No figure is the year that heads its column."
    ),
    Rule(
        "zero-or-missing",
        NOTE,
        "plausibility",
        "A zero among large figures is a zero, not a missing value.",
    ),
    Rule(
        "year-jump",
        WARNING,
        "time",
        "A figure follows its own past and that of the figures beside it.",
    ),
    Rule(
        "share-shift",
        WARNING,
        "time",
        "Sexes and classes keep the share of their total that they had.",
    ),
    Rule("level-shift", WARNING, "time", "A shift of a whole table carries a break flag."),
    Rule(
        "repeated-year",
        WARNING,
        "time",
        "Neither a year nor a row of a table repeats the year before.",
    ),
    Rule("period-gap", WARNING, "time", "No period is missing between the first and the last."),
    Rule(
        "missing-cell",
        NOTE,
        "time",
        "No cell is missing inside a block that is otherwise complete.",
    ),
    Rule(
        "labels-changed",
        NOTE,
        "time",
        "A table has the same codes from one period to the next.",
    ),
    Rule(
        "recomputable-cell",
        WARNING,
        "disclosure",
        "A suppressed cell cannot be recomputed from its totals.",
    ),
    Rule(
        "revision-changed",
        NOTE,
        "revision",
        "Figures that differ from the previous version are known.",
    ),
    Rule(
        "revision-gone", WARNING, "revision", "No observation of the previous version is gone."
    ),
    Rule(
        "revision-new",
        NOTE,
        "revision",
        "Observations that the previous version lacked are known.",
    ),
    Rule(
        "exception-unmatched",
        WARNING,
        "exceptions",
        "Every accepted exception still accepts something.",
    ),
    Rule("exception-expired", WARNING, "exceptions", "No accepted exception is past its date."),
)

#: Rule id to rule, in the order in which reports list them.
RULES: Mapping[str, Rule] = MappingProxyType({rule.id: rule for rule in _RULES})


def rules() -> Mapping[str, Rule]:
    """Every rule of `validate` by its id, in the order in which reports list them.

    Examples
    --------
    >>> rules()["sex-sum"].title
    'Men and women (and other) add up to the total.'
    """
    return RULES
