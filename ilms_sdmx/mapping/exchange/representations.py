"""Import of representation maps: lines of code maps, and what a code map has no word for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR
from operator import attrgetter
from typing import Any

from ilms_sdmx.errors import MappingError
from ilms_sdmx.mapping.exchange.messages import MALFORMED, Artefact, read_maps, short
from ilms_sdmx.mapping.expressions import ExpressionError
from ilms_sdmx.mapping.file.code_tables import UNDECIDED
from ilms_sdmx.mapping.model import MappedValue, RepresentationMap
from ilms_sdmx.mapping.resolving import expression_of
from ilms_sdmx.periods import Period, parse_period
from ilms_sdmx.periods.making import longest_from, longest_until
from ilms_sdmx.words.text import folded

_ILO = re.compile(r"ILO:(CL_\w+)\(")
#: Kinds of moments; other periods are taken as they are.
_MOMENTS = ("GregorianDay", "DateTime")


@dataclass
class Import:
    """Import of one message as it goes on.

    Its representation maps, those in use, and what is left.
    """

    maps: dict[str, Artefact]
    codes: dict[str, RepresentationMap] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    left: dict[str, None] = field(default_factory=dict)

    def say(self, artefact: Artefact, words: str) -> None:
        """Note what of a map is left."""
        name = artefact["id"]
        self.left[f"{name}: {words}."] = None


def from_sdmx(content: bytes, name: str, file: str = "") -> tuple[MappedValue, ...]:
    """Lines of a representation map of a structure message.

    Parameters
    ----------
    name
        Id of the representation map, or its name; not needed where the message has only one.

    Raises
    ------
    MappingError
        No such message, no such map in it, or a line that a code map has no word for.
    """
    maps = read_maps(content, file).representation
    artefact = _named(maps, name)
    if artefact is None:
        ids = ", ".join(one["id"] for one in maps)
        listed = ids or "none"
        raise MappingError(f"{file}: expected a representation map {name!r}, found {listed}.")
    work = Import({})
    try:
        lines = lines_of(artefact, 0, work)
    except MALFORMED as error:
        raise MappingError(f"{file}: expected representation maps, found {error!r}.") from None
    if work.left:
        left = " ".join(work.left)
        raise MappingError(f"{file}: expected what a code map can say, found in {left}")
    return lines


def _named(maps: tuple[Artefact, ...], name: str) -> Artefact | None:
    """Representation map of an id or a name; the only one, whatever its name."""
    for artefact in maps:
        if name in (artefact["id"], artefact.get("name")):
            return artefact
    return maps[0] if len(maps) == 1 else None


def codes_of(
    artefact: Artefact, position: int, work: Import, *, one_of: int = 1
) -> RepresentationMap:
    """Code map of one target of a representation map; each of several targets has its own."""
    name = str(artefact["id"])
    if one_of > 1:
        name = f"{name}_{position + 1}"
    if name not in work.codes:
        codelist = _codelist(artefact, position)
        lines = lines_of(artefact, position, work)
        ordered = sorted(lines, key=attrgetter("regex"))
        work.codes[name] = RepresentationMap(name, tuple(ordered), codelist)
    return work.codes[name]


def _codelist(artefact: Artefact, position: int) -> str:
    """Codelist of ILO at one target, empty where the target is another."""
    targets = list(artefact.get("target", ()))
    if position >= len(targets):
        return ""
    urn = str(targets[position].get("codelist", ""))
    named = _ILO.match(short(urn))
    return named.group(1) if named else ""


def lines_of(artefact: Artefact, position: int, work: Import) -> tuple[MappedValue, ...]:
    """Lines of one target of a representation map, in order."""
    codes: dict[tuple[Any, ...], str | None] = {}
    kept = []
    for mapping in artefact.get("representationMappings", ()):
        line = _line(artefact, mapping, position, work)
        if line is None:
            continue
        labels = tuple(map(folded, line.source))
        key = (labels, line.regex, line.valid_from, line.valid_to)
        known_code = codes.setdefault(key, line.code)
        if known_code == line.code:
            kept.append(line)
            continue
        label = " | ".join(line.source)
        contradiction = f"the code {line.code} of {label}, which has {known_code} already"
        work.say(artefact, contradiction)
    return tuple(kept)


def _line(
    artefact: Artefact, mapping: Artefact, position: int, work: Import
) -> MappedValue | None:
    """Line of a code map; None for one that a code map has no word for."""
    values = mapping["sourceValues"]
    targets = mapping.get("targetValues")
    # A line without targets gives no code, whichever of them is asked for.
    code = str(targets[position]) if targets else ""
    regex = any(value.get("isRegEx") for value in values)
    texts = [str(value["value"]) for value in values]
    problem = _beyond(values, code, regex)
    if problem:
        labels = " | ".join(texts)
        work.say(artefact, f"the line of {labels} with {problem}")
        return None
    sources = []
    for value, text in zip(values, texts, strict=True):
        is_plain = regex and not value.get("isRegEx")
        sources.append(re.escape(text) if is_plain else text)
    begins = period_from(_moment(mapping, "validFrom"))
    ends = period_to(_moment(mapping, "validTo"))
    return MappedValue(tuple(sources), code or None, regex, begins, ends)


def _moment(mapping: Artefact, key: str) -> str:
    """Moment that limits a line, empty for none."""
    moment = mapping.get(key)
    return str(moment) if moment else ""


def _beyond(values: list[Artefact], code: str, regex: bool) -> str:
    """Say what of a line a code map has no word for."""
    for value in values:
        begins = value.get("startIndex")
        ends = value.get("endIndex")
        if begins is not None or ends is not None:
            return "a part of a value"
    if code == UNDECIDED:
        return "the code ?"
    if not regex:
        return ""
    if re.search(r"\\\d|\$\d", code):
        return "a code made of the label"
    try:
        for value in values:
            expression_of(str(value["value"])).check()
    except ExpressionError as error:
        return f"an expression that is not read ({error.found})"
    return ""


def period_from(moment: str) -> str:
    """Period with which a moment begins, the longest: `2017-01-01T00:00:00Z` is `2017`."""
    period = _moment_period(moment)
    return longest_from(period.first).text if period else moment


def period_to(moment: str) -> str:
    """Period with which a moment ends, the longest: `2017-12-31T23:59:59Z` is `2017`."""
    period = _moment_period(moment)
    return longest_until(period.last).text if period else moment


def _moment_period(moment: str) -> Period | None:
    """Day or second of a text; None for other periods, and for days that no calendar has."""
    period = parse_period(moment)
    if period is None or period.kind not in _MOMENTS:
        return None
    has_date = MINYEAR <= period.year <= MAXYEAR
    return period if has_date else None
