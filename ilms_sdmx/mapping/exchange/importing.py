"""Import of structure maps.

Code maps and data sets of a mapping file, and in words what it cannot say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ilms_sdmx.errors import MappingError
from ilms_sdmx.mapping.document import DatasetMap
from ilms_sdmx.mapping.exchange.messages import MALFORMED, Artefact, read_maps, short
from ilms_sdmx.mapping.exchange.representations import Import, codes_of, lines_of
from ilms_sdmx.mapping.model import (
    ComponentMap,
    ComponentMaps,
    DatePatternMap,
    FixedValueMap,
    ImplicitComponentMap,
    MultiComponentMap,
    RepresentationMap,
    sources_of,
)
from ilms_sdmx.mapping.patterns import Pattern

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
        Headings that the data sets call: columns of the flat table that a structure map
        presupposes.
    left
        What a mapping file has no word for, one sentence each.
    """

    codes: Mapping[str, RepresentationMap]
    datasets: tuple[DatasetMap, ...]
    columns: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def from_structure_maps(content: bytes, file: str = "") -> ImportedMaps:
    """Code maps and data sets of the structure maps of a message.

    SDMX-JSON 2.x, SDMX-ML 2.1 and 3.x.

    Raises
    ------
    MappingError
        No such message, or no map in it.
    """
    maps = read_maps(content, file)
    if not maps.structure and not maps.representation:
        raise MappingError(f"{file}: expected structure maps, found none in the message.")
    by_id = {artefact["id"]: artefact for artefact in maps.representation}
    work = Import(by_id)
    for kind in maps.others:
        work.left[f"The {kind} of the message."] = None
    try:
        datasets = tuple(_dataset(artefact, work) for artefact in maps.structure)
        for artefact in maps.representation:
            if artefact["id"] not in work.used:
                codes_of(artefact, 0, work)
    except MALFORMED as error:
        expected = "structure maps as SDMX defines them"
        raise MappingError(f"{file}: expected {expected}, found {error!r}.") from None
    headings = _headings(datasets)
    return ImportedMaps(work.codes, datasets, headings, tuple(work.left))


def _headings(datasets: Iterable[DatasetMap]) -> tuple[str, ...]:
    """Headings that data sets call, each once."""
    called: dict[str, None] = {}
    for dataset in datasets:
        for component in dataset.components:
            for source in sources_of(component):
                called[source] = None
    return tuple(called)


def _dataset(artefact: Artefact, work: Import) -> DatasetMap:
    """Data set of a structure map."""
    target = str(artefact["target"])
    target_name = short(target)
    if "Dataflow=" not in target:
        work.say(artefact, f"its target {target_name} is no dataflow: correct `dataflow`")
    where: dict[str, tuple[Pattern, ...]] = {}
    components: list[ComponentMaps] = []
    for fixed in artefact.get("fixedValueMaps", ()):
        components += _fixed(artefact, fixed, work)
    for one in artefact.get("componentMaps", ()):
        if _is_value(one):
            column = one["source"][0]
            where["column"] = (Pattern(column),)
        else:
            components += _component(artefact, one, work)
    for dates in artefact.get("datePatternMaps", ()):
        components += _dates(artefact, dates, work)
    for kind in ("epochMaps", "frequencyFormatMappings"):
        if artefact.get(kind):
            work.say(artefact, f"its {kind}")
    name = artefact.get("name") or target_name
    kept = _one_each(artefact, components, work)
    dataflow = _dataflow(target)
    return DatasetMap(str(name), dataflow, kept, where=where)


def _is_value(one: Artefact) -> bool:
    """Whether a component map takes the values of one column as they are."""
    targets = list(one["target"])
    has_one_source = len(one["source"]) == 1
    is_plain = "representationMap" not in one
    return targets == [_VALUE] and has_one_source and is_plain


def _dataflow(target: str) -> str:
    """Dataflow that a target names, with its version."""
    named = short(target)
    return named if named.endswith(")") else f"{named}(1.0)"


def _one_each(
    artefact: Artefact, components: Iterable[ComponentMaps], work: Import
) -> tuple[ComponentMaps, ...]:
    """One map for each component, the first."""
    first: dict[str, ComponentMaps] = {}
    for component in components:
        if component.target in first:
            work.say(artefact, f"a further map of {component.target}")
        else:
            first[component.target] = component
    return tuple(first.values())


def _fixed(artefact: Artefact, one: Artefact, work: Import) -> list[ComponentMaps]:
    """Component with one value for all; several values have no word in a mapping."""
    texts = one.get("values", ())
    values = list(map(str, texts))
    target = one.get("target")
    if target and len(values) == 1:
        fixed = FixedValueMap(str(target), values[0])
        return [fixed]
    source = one.get("source")
    end = f"target {target}" if target else f"source {source}"
    listed = ", ".join(values) or "(none)"
    work.say(artefact, f"the fixed values {listed} of its {end}")
    return []


def _dates(artefact: Artefact, one: Artefact, work: Import) -> list[ComponentMaps]:
    """Components of periods; a mapping reads them as they are printed."""
    pattern = one.get("sourcePattern")
    locale = one.get("locale")
    shown = f"the pattern {pattern!r} ({locale})"
    work.say(artefact, f"{shown}: periods are read as printed")
    components: list[ComponentMaps] = []
    for pair in one["mappedComponents"]:
        source = str(pair["source"])
        target = str(pair["target"])
        components.append(DatePatternMap((source,), target))
    return components


def _component(artefact: Artefact, one: Artefact, work: Import) -> list[ComponentMaps]:
    """Components of a component map, one for each of its targets."""
    sources = tuple(map(str, one["source"]))
    targets = tuple(map(str, one["target"]))
    urn = str(one.get("representationMap", ""))
    name = _id_of(urn)
    if name not in work.maps:
        if name:
            missing = f"the representation map {name}, which the message does not hold"
            work.say(artefact, missing)
        return _copied(artefact, sources, targets, work)
    work.used.add(name)
    representation = work.maps[name]
    if targets == (_TIME,):
        return [_period(representation, sources, work)]
    components: list[ComponentMaps] = []
    count = len(targets)
    for position, target in enumerate(targets):
        codes = codes_of(representation, position, work, one_of=count)
        component: ComponentMaps = MultiComponentMap(sources, target, codes)
        if len(sources) == 1:
            component = ComponentMap(sources[0], target, codes)
        components.append(component)
    return components


def _id_of(urn: str) -> str:
    """Id of the artefact that a URN names."""
    _, _, named = short(urn).rpartition(":")
    return named.partition("(")[0]


def _copied(
    artefact: Artefact, sources: tuple[str, ...], targets: tuple[str, ...], work: Import
) -> list[ComponentMaps]:
    """Components that take what is in the source."""
    if targets == (_TIME,):
        return [DatePatternMap(sources)]
    if len(sources) == len(targets) == 1:
        component = ImplicitComponentMap(sources[0], targets[0])
        return [component]
    listed_sources = ", ".join(sources)
    listed_targets = ", ".join(targets)
    work.say(artefact, f"the map of {listed_sources} to {listed_targets} without values")
    return []


def _period(representation: Artefact, sources: tuple[str, ...], work: Import) -> DatePatternMap:
    """Time with the labels that the map decides; other labels are read as printed."""
    lines = lines_of(representation, 0, work)
    decided: dict[str, str] = {}
    for line in lines:
        is_limited = line.valid_from or line.valid_to
        if line.code and not line.regex and not is_limited:
            label = " ".join(line.source)
            decided[label] = line.code
    if len(decided) < len(lines):
        lost = "lines with expressions or limits of time, which periods do not have"
        work.say(representation, lost)
    return DatePatternMap(sources, _TIME, periods=decided)
