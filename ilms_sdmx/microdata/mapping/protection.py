"""Reading of what a mapping says about protection: rules as data."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ilms_sdmx.errors import MappingError, ProtectionError
from ilms_sdmx.mapping.file.nodes import Node
from ilms_sdmx.microdata.mapping.keys import allowed_keys
from ilms_sdmx.microdata.mapping.model import MicrodataMapping, ReleaseProtection

if TYPE_CHECKING:
    from ilms_sdmx.analysis.protection import ProtectionRules

_METHODS = ("suppression", "rounding", "perturbation")
_BASES = ("3", "5")
#: Contributors that the rule of p per cent looks at.
_OF_P_PERCENT = 2
_NUMBER = re.compile(r"\d+(\.\d+)?")


def read_protection(node: Node) -> ReleaseProtection:
    """What a mapping says under `protection:`."""
    fields = node.fields(allowed_keys("protection"))
    must = []
    for below in fields.get("must", ()):
        part = {name: code.text() for name, code in below.items()}
        must.append(part)
    method = "suppression"
    if "method" in fields:
        method = fields["method"].choice(_METHODS)
    base = int(fields["base"].choice(_BASES)) if "base" in fields else 5
    seconds = _number(fields["seconds"]) if "seconds" in fields else 60.0
    return ReleaseProtection(_rules(node, fields), tuple(must), method, base, seconds)


def contributors_needed(mapping: MicrodataMapping) -> int:
    """How many of the largest contributors to an amount the rules of a mapping look at."""
    if mapping.protection is None:
        return 0
    rules = mapping.protection.rules
    of_dominance = rules.dominance[0] if rules.dominance else 0
    of_share = _OF_P_PERCENT if rules.p_percent else 0
    return max(of_dominance, of_share)


def _rules(node: Node, fields: dict[str, Node]) -> ProtectionRules:
    """Rules, of which each says itself what it cannot be."""
    from ilms_sdmx.analysis.protection import ProtectionRules

    settings: dict[str, Any] = {}
    if "minimum" in fields:
        settings["minimum"] = fields["minimum"].integer()
    if "p_percent" in fields:
        settings["p_percent"] = _number(fields["p_percent"])
    if "group" in fields:
        settings["group"] = fields["group"].flag()
    if "dominance" in fields:
        settings["dominance"] = [_number(below) for below in fields["dominance"]]
    try:
        return ProtectionRules.of(settings)
    except ProtectionError as error:
        where = f"{node.file}, line {node.line}, at {node.path}"
        raise MappingError(f"{where}: {error}.") from None


def _number(node: Node) -> float:
    text = node.text()
    if not _NUMBER.fullmatch(text):
        node.fail("a number of 0 or more", repr(text))
    return float(text)
