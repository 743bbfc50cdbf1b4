"""Facets: what text type and facets of a component say of one value."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from ilms_sdmx.findings import phrase
from ilms_sdmx.periods import parse_period

if TYPE_CHECKING:
    from ilms_sdmx.structures.reading.definition import Field

_INTEGER = re.compile(r"[+-]?\d+")
_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)")
_DOUBLE = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|NaN|INF|-INF")
_URI = re.compile(r"[^\s<>\"{}|\\^`]+")
_RANGES = {"Integer": 2**31, "Short": 2**15, "Long": 2**63}


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


def _integer(size: int) -> Callable[[str], bool]:
    return lambda text: _INTEGER.fullmatch(text) is not None and -size <= int(text) < size


def _period(*kinds: str) -> Callable[[str], bool]:
    """Test whether a text is a period of one of some kinds; of any where none is named."""

    def is_period(text: str) -> bool:
        period = parse_period(text)
        if period is None:
            return False
        if not kinds:
            return True
        return period.kind in kinds

    return is_period


_GREGORIAN = ("GregorianYear", "GregorianYearMonth", "GregorianDay")
_REPORTING = (
    "ReportingYear",
    "ReportingSemester",
    "ReportingTrimester",
    "ReportingQuarter",
    "ReportingMonth",
    "ReportingWeek",
    "ReportingDay",
)


#: Text type to its test; types not listed (String, XHTML ...) take any text.
TYPES: dict[str, Callable[[str], bool]] = {
    "BigInteger": _matches(_INTEGER),
    **{name: _integer(size) for name, size in _RANGES.items()},
    "Count": _matches(_INTEGER),
    "Incremental": _matches(_DOUBLE),
    "Decimal": _matches(_DECIMAL),
    "Double": _matches(_DOUBLE),
    "Float": _matches(_DOUBLE),
    "Numeric": _matches(re.compile(r"\d+")),
    "Alpha": _matches(re.compile(r"[A-Za-z]+")),
    "AlphaNumeric": _matches(re.compile(r"[A-Za-z0-9]+")),
    "Boolean": _matches(re.compile(r"true|false|0|1")),
    "URI": _matches(_URI),
    "ObservationalTimePeriod": _period(),
    "StandardTimePeriod": _period(*_GREGORIAN, "DateTime", *_REPORTING),
    "BasicTimePeriod": _period(*_GREGORIAN, "DateTime"),
    "GregorianTimePeriod": _period(*_GREGORIAN),
    "ReportingTimePeriod": _period(*_REPORTING),
    **{kind: _period(kind) for kind in (*_GREGORIAN, *_REPORTING, "DateTime", "TimeRange")},
}


def misfit(text: str, field: Field, *, facets_only: bool = False) -> str:
    """Say what a value should have been, in words; empty where it fits.

    Examples
    --------
    >>> from ilms_sdmx.structures.reading import Field
    >>> misfit("P1YY", Field("TIME_FORMAT", "attribute", facets={"maxLength": "3"}))
    'at most 3 characters'
    """
    has_type = TYPES.get(field.text_type)
    if has_type is not None and not facets_only and not has_type(text.strip()):
        return phrase("value-of-type", type=field.text_type)
    for facet, bound in field.facets.items():
        reason = _facet_misfit(text, facet, bound)
        if reason:
            return reason
    return ""


def _facet_misfit(text: str, facet: str, bound: str) -> str:
    """Say what a facet asks of a text; empty where the text fits."""
    if facet == "maxLength" and len(text) > int(bound):
        return phrase("at-most-characters", bound=bound)
    if facet == "minLength" and len(text) < int(bound):
        return phrase("at-least-characters", bound=bound)
    if facet == "pattern" and not _has_pattern(bound)(text):
        return phrase("of-pattern", bound=bound)
    number = text.strip()
    if _DECIMAL.fullmatch(number) is None:
        return ""
    return _number_misfit(number, facet, bound)


def _number_misfit(number: str, facet: str, bound: str) -> str:
    """Say what a facet of numbers asks of one; empty where it fits."""
    if facet == "minValue" and float(number) < float(bound):
        return phrase("number-not-under", bound=bound)
    if facet == "maxValue" and float(number) > float(bound):
        return phrase("number-not-over", bound=bound)
    _, _, decimals = number.partition(".")
    if facet == "decimals" and len(decimals) > int(bound):
        return phrase("at-most-decimals", bound=bound)
    return ""


@cache
def _has_pattern(bound: str) -> Callable[[str], bool]:
    """Test of an XML Schema pattern; one that Python cannot read accepts everything."""
    name_classes = bound.replace(r"\i", "[A-Za-z_:]").replace(r"\c", r"[\w.:-]")
    try:
        return _matches(re.compile(name_classes))
    except re.error:
        return lambda _text: True
