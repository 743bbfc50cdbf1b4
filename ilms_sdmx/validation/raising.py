"""Raising of findings by the rules that still give their own text."""

from __future__ import annotations

from typing import Any

from ilms_sdmx.findings import Finding, Place
from ilms_sdmx.validation.catalogue import RULES
from ilms_sdmx.validation.rules.listing import LISTED as LISTED
from ilms_sdmx.validation.rules.listing import affected as affected
from ilms_sdmx.validation.rules.listing import listed as listed
from ilms_sdmx.validation.rules.listing import number as number


def finding(rule: str, message: str, place: Place, **rest: Any) -> Finding:
    """Make a finding, with the severity that the catalogue gives its rule."""
    return Finding(rule, RULES[rule].severity, message, place, **rest)
