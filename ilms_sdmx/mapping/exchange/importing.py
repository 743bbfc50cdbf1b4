"""Import of structure maps: code maps and data sets of a mapping file, and in words what it cannot say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ilms_sdmx.errors import MappingError
from ilms_sdmx.mapping.document import DatasetMap
from ilms_sdmx.mapping.exchange.messages import Artefact, read_maps, short
from ilms_sdmx.mapping.exchange.representations import Import, codes_of, lines_of
from ilms_sdmx.mapping.layout import Pattern
from ilms_sdmx.mapping.model import (
    ComponentMap,
    ComponentMaps,
    DatePatternMap,
    FixedValueMap,
    ImplicitComponentMap,
    MultiComponentMap,
    RepresentationMap,
)

_TIME, _VALUE = "TIME_PERIOD", "OBS_VALUE"


@dataclass(frozen=True)
class ImportedMaps:
    """What a structure message says of a mapping.

    Parameters
    ----------
    codes
        Code maps by name.
    datasets
        One data set a structure map.
    columns
        Headings that the data sets call: columns of the flat table that a structure map presupposes.
    left
        What a mapping file has no word for, one sentence each.
    """

    codes: Mapping[str, RepresentationMap]
    datasets: tuple[DatasetMap, ...]
    columns: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def from_structure_maps(content: bytes, file: str = "") -> ImportedMaps:
    """Code maps and data sets of the structure maps of a message (SDMX-JSON 2.x, SDMX-ML 2.1 and 3.x).

    Raises
    ------
    MappingError
        No such message, or no map in it.
    """
    maps = read_maps(content, file)
    if not maps.structure and not maps.representation:
        raise MappingError(f"{file}: expected structure maps, found none in the message.")
    work = Import({m["id"]: m for m in maps.representation})
    work.left |= {f"The {kind} of the message.": None for kind in maps.others}
    try:
        datasets = tuple(_dataset(m, work) for m in maps.structure)
        for artefact in maps.representation:
            if artefact["id"] not in work.used:
                codes_of(artefact, 0, work)
    except (KeyError, TypeError, IndexError, AttributeError, ValueError) as error:
        raise MappingError(
            f"{file}: expected structure maps as SDMX defines them, found {error!r}."
        ) from None
    called = [s for d in datasets for c in d.components for s in _called(c)]
    return ImportedMaps(work.codes, datasets, tuple(dict.fromkeys(called)), tuple(work.left))


def _called(component: ComponentMaps) -> tuple[str, ...]:
    """Headings that a component is read from."""
    if isinstance(component, MultiComponentMap | DatePatternMap):
        return component.sources
    return () if isinstance(component, FixedValueMap) else (component.source,)


def _dataset(artefact: Artefact, work: Import) -> DatasetMap:
    target = str(artefact["target"])
    if "Dataflow=" not in target:
        work.say(artefact, f"its target {short(target)} is no dataflow: correct `dataflow`")
    where: dict[str, Any] = {}
    components: list[ComponentMaps] = []
    for one in artefact.get("fixedValueMaps", ()):
        components += _fixed(artefact, one, work)
    for one in artefact.get("componentMaps", ()):
        if (
            list(one["target"]) == [_VALUE]
            and len(one["source"]) == 1
            and "representationMap" not in one
        ):
            where["column"] = one["source"][0]
        else:
            components += _component(artefact, one, work)
    for one in artefact.get("datePatternMaps", ()):
        components += _dates(artefact, one, work)
    for kind in ("epochMaps", "frequencyFormatMappings"):
        if artefact.get(kind):
            work.say(artefact, f"its {kind}")
    name = artefact.get("name") or short(target)
    return DatasetMap(
        str(name), _dataflow(target), _once(artefact, components, work), where=_where(where)
    )


def _where(columns: dict[str, str]) -> dict[str, tuple[Pattern, ...]]:
    return {k: (Pattern(v),) for k, v in columns.items()}


def _dataflow(target: str) -> str:
    named = short(target)
    return named if named.endswith(")") else f"{named}(1.0)"


def _once(
    artefact: Artefact, components: list[ComponentMaps], work: Import
) -> tuple[ComponentMaps, ...]:
    """One map a component, the first."""
    found: dict[str, ComponentMaps] = {}
    for component in components:
        if found.setdefault(component.target, component) is not component:
            work.say(artefact, f"a further map of {component.target}")
    return tuple(found.values())


def _fixed(artefact: Artefact, one: Artefact, work: Import) -> list[ComponentMaps]:
    values = list(one.get("values", ()))
    if one.get("target") and len(values) == 1:
        return [FixedValueMap(str(one["target"]), str(values[0]))]
    end = f"target {one['target']}" if one.get("target") else f"source {one.get('source')}"
    work.say(
        artefact, f"the fixed values {', '.join(map(str, values)) or '(none)'} of its {end}"
    )
    return []


def _dates(artefact: Artefact, one: Artefact, work: Import) -> list[ComponentMaps]:
    words = f"the pattern {one.get('sourcePattern')!r} ({one.get('locale')}): periods are read as printed"
    work.say(artefact, words)
    return [
        DatePatternMap((str(p["source"]),), str(p["target"])) for p in one["mappedComponents"]
    ]


def _component(artefact: Artefact, one: Artefact, work: Import) -> list[ComponentMaps]:
    sources, targets = tuple(map(str, one["source"])), tuple(map(str, one["target"]))
    name = short(str(one.get("representationMap", ""))).rpartition(":")[2].partition("(")[0]
    if name and name not in work.maps:
        work.say(artefact, f"the representation map {name}, which the message does not hold")
    if name not in work.maps:
        return _copied(artefact, sources, targets, work)
    work.used.add(name)
    if targets == (_TIME,):
        return [_period(work.maps[name], sources, work)]
    found: list[ComponentMaps] = []
    for position, target in enumerate(targets):
        codes = codes_of(work.maps[name], position, work, one_of=len(targets))
        single = len(sources) == 1
        found.append(
            ComponentMap(sources[0], target, codes)
            if single
            else MultiComponentMap(sources, target, codes)
        )
    return found


def _copied(
    artefact: Artefact, sources: tuple[str, ...], targets: tuple[str, ...], work: Import
) -> list[ComponentMaps]:
    """Components that take what stands in the source."""
    if targets == (_TIME,):
        return [DatePatternMap(sources)]
    if len(sources) == len(targets) == 1:
        return [ImplicitComponentMap(sources[0], targets[0])]
    work.say(
        artefact, f"the map of {', '.join(sources)} to {', '.join(targets)} without values"
    )
    return []


def _period(representation: Artefact, sources: tuple[str, ...], work: Import) -> DatePatternMap:
    """Time with the labels that the map decides; other labels are read as printed."""
    lines = lines_of(representation, 0, work)
    decided = {
        " ".join(v.source): v.code
        for v in lines
        if v.code and not (v.regex or v.valid_from or v.valid_to)
    }
    if len(decided) < len(lines):
        work.say(
            representation,
            "lines with expressions or limits of time, which periods do not have",
        )
    return DatePatternMap(sources, _TIME, periods=decided)
