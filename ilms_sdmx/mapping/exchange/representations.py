"""Import of representation maps: lines of code maps, and what a code map has no word for."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, field
from typing import Any

from ilms_sdmx.errors import MappingError
from ilms_sdmx.mapping.exchange.messages import MALFORMED, Artefact, read_maps, short
from ilms_sdmx.mapping.file.code_tables import UNDECIDED
from ilms_sdmx.mapping.model import MappedValue, RepresentationMap
from ilms_sdmx.words.text import folded

_ILO = re.compile(r"ILO:(CL_\w+)\(")


@dataclass
class Import:
    """Import of one message as it goes on: its representation maps, those in use, and what is left."""

    maps: dict[str, Artefact]
    codes: dict[str, RepresentationMap] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    left: dict[str, None] = field(default_factory=dict)

    def say(self, artefact: Artefact, words: str) -> None:
        """Note what of a map is left."""
        self.left[f"{artefact['id']}: {words}."] = None


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
    named = [m for m in maps if name in (m["id"], m.get("name"))] or (
        list(maps) if len(maps) == 1 else []
    )
    if not named:
        there = ", ".join(m["id"] for m in maps) or "none"
        raise MappingError(f"{file}: expected a representation map {name!r}, found {there}.")
    work = Import({})
    try:
        lines = lines_of(named[0], 0, work)
    except MALFORMED as error:
        raise MappingError(f"{file}: expected representation maps, found {error!r}.") from None
    if work.left:
        raise MappingError(
            f"{file}: expected what a code map can say, found in {' '.join(work.left)}"
        )
    return lines


def codes_of(
    artefact: Artefact, position: int, work: Import, *, one_of: int = 1
) -> RepresentationMap:
    """Code map of one target of a representation map; each of several targets has its own."""
    name = str(artefact["id"]) if one_of == 1 else f"{artefact['id']}_{position + 1}"
    if name not in work.codes:
        ends = [str(e.get("codelist", "")) for e in artefact.get("target", ())]
        codelist = _ILO.match(short(ends[position])) if len(ends) > position else None
        lines = tuple(sorted(lines_of(artefact, position, work), key=lambda v: v.regex))
        work.codes[name] = RepresentationMap(name, lines, codelist.group(1) if codelist else "")
    return work.codes[name]


def lines_of(artefact: Artefact, position: int, work: Import) -> tuple[MappedValue, ...]:
    """Lines of one target of a representation map, in order."""
    found = [
        _line(artefact, m, position, work) for m in artefact.get("representationMappings", ())
    ]
    lines = [line for line in found if line is not None]
    known: dict[tuple[Any, ...], str | None] = {}
    kept = []
    for line in lines:
        what = (tuple(map(folded, line.source)), line.regex, line.valid_from, line.valid_to)
        if known.setdefault(what, line.code) != line.code:
            label = " | ".join(line.source)
            work.say(
                artefact, f"the code {line.code} of {label}, which has {known[what]} already"
            )
        else:
            kept.append(line)
    return tuple(kept)


def _line(
    artefact: Artefact, mapping: Artefact, position: int, work: Import
) -> MappedValue | None:
    values = mapping["sourceValues"]
    texts = [str(v["value"]) for v in values]
    targets = mapping.get("targetValues") or [""] * (position + 1)
    regex = any(v.get("isRegEx") for v in values)
    if problem := _beyond(values, str(targets[position]), regex):
        work.say(artefact, f"the line of {' | '.join(texts)} with {problem}")
        return None
    if regex:
        texts = [
            t if v.get("isRegEx") else re.escape(t) for t, v in zip(texts, values, strict=True)
        ]
    return MappedValue(
        tuple(texts),
        str(targets[position]) or None,
        regex,
        _from(str(mapping.get("validFrom") or "")),
        _to(str(mapping.get("validTo") or "")),
    )


def _beyond(values: list[Artefact], code: str, regex: bool) -> str:
    """Say what of a line a code map has no word for."""
    if any(v.get("startIndex") is not None or v.get("endIndex") is not None for v in values):
        return "a part of a value"
    if code == UNDECIDED:
        return "the code ?"
    if not regex:
        return ""
    if re.search(r"\\\d|\$\d", code):
        return "a code made of the label"
    try:
        for value in values:
            re.compile(str(value["value"]))
    except re.error as error:
        return f"an expression that is not read ({error})"
    return ""


def _from(moment: str) -> str:
    """Period with which a moment begins, the longest: `2017-01-01T00:00:00Z` is `2017`."""
    return moment[:10].removesuffix("-01").removesuffix("-01") if len(moment) >= 10 else moment


def _to(moment: str) -> str:
    """Period with which a moment ends, the longest: `2017-12-31T23:59:59Z` is `2017`."""
    day = moment[:10]
    if len(day) < 10:
        return day
    last = calendar.monthrange(int(day[:4]), int(day[5:7]))[1]
    month = day[:7] if int(day[8:10]) == last else day
    return month.removesuffix("-12") if len(month) == 7 else month
