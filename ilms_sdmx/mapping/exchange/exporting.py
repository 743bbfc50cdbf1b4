"""Export of code maps and data sets for other SDMX software.

Representation and structure maps.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import orjson

from ilms_sdmx.mapping.document import DatasetMap, MappingDocument
from ilms_sdmx.mapping.exchange.messages import Artefact
from ilms_sdmx.mapping.model import (
    ComponentMaps,
    DatePatternMap,
    FixedValueMap,
    MappedValue,
    RepresentationMap,
    sources_of,
)
from ilms_sdmx.periods import parse_period
from ilms_sdmx.structures.structure_json import SCHEMAS

_URN = "urn:sdmx:org.sdmx.infomodel"
_ANY_TEXT = {"dataType": "String"}
_OUTSIDE = re.compile(r"[^A-Za-z0-9_.-]+")


def to_sdmx(document: MappingDocument, agency: str, prepared: str) -> bytes:
    """Structure message (SDMX-JSON 2.0) of the code maps and data sets of a mapping file.

    Every code map with lines becomes a representation map, every data set a structure map.
    `left_out` says what SDMX has no word for.

    Parameters
    ----------
    agency
        Id of the agency that maintains the maps.
    prepared
        Time of the header, ISO 8601.
    """
    code_lists = _code_lists(document, agency)
    representations = list(code_lists.values())
    structures = []
    for number, dataset in enumerate(document.datasets, 1):
        periods = _periods(dataset, number, agency)
        structure = _structure(dataset, agency, number, code_lists, periods)
        structures.append(structure)
        representations += periods.values()
    data = {}
    if representations:
        data["representationMaps"] = representations
    if structures:
        data["structureMaps"] = structures
    meta = {
        "schema": SCHEMAS["2.0"],
        "id": "MAPS",
        "test": False,
        "prepared": prepared,
        "sender": {"id": agency},
    }
    message = {"meta": meta, "data": data}
    return orjson.dumps(message, option=orjson.OPT_INDENT_2)


def _code_lists(document: MappingDocument, agency: str) -> dict[str, Artefact]:
    """Representation maps of the code maps that have lines, by the name of the code map."""
    ids = _ids(document.codes)
    representations = {}
    for name, code_map in document.codes.items():
        if _lines(code_map):
            representations[name] = _representation(code_map, ids[name], agency)
    return representations


def left_out(document: MappingDocument) -> tuple[str, ...]:
    """Say what `to_sdmx` leaves out because SDMX has no word for it, one sentence each.

    Examples
    --------
    >>> from ilms_sdmx import example, read_mapping
    >>> left_out(read_mapping(example("phl-emigrants")[1]))[0]
    'Tables: where they lie, their rules, checks and conventions.'
    """
    sentences = ["Tables: where they lie, their rules, checks and conventions."]
    for codes in document.codes.values():
        for words in _beyond(codes):
            sentences.append(f"Code map {codes.id}: {words}.")
    for dataset in document.datasets:
        for words in _beyond_dataset(dataset):
            sentences.append(f"Data set {dataset.name}: {words}.")
    return tuple(sentences)


def _beyond(codes: RepresentationMap) -> Iterable[str]:
    """Words for what a representation map cannot say of a code map."""
    nowhere = []
    for line in codes.values:
        if line.code is None:
            label = " | ".join(line.source)
            nowhere.append(label)
    if nowhere:
        listed = ", ".join(nowhere)
        yield f"labels for which there is no place ({listed})"
    if codes.match:
        yield "matching of other labels by the names of the codelist"
    if any(line.name or line.note for line in codes.values):
        yield "names of codes and notes"
    id_there = _id(codes.id)
    if id_there != codes.id:
        yield f"its name, which is {id_there} there"


def _beyond_dataset(dataset: DatasetMap) -> Iterable[str]:
    """Words for what a structure map cannot say of a data set."""
    if dataset.tables or dataset.where:
        yield "which tables and figures it takes"
    if dataset.names or dataset.title:
        yield "names of an own dataflow"
    for component in dataset.components:
        if isinstance(component, DatePatternMap):
            yield from _beyond_periods(component)
        for source in sources_of(component):
            id_there = _id(source)
            if id_there != source:
                yield f"the heading {source!r}, which is {id_there} there"


def _beyond_periods(component: DatePatternMap) -> Iterable[str]:
    """Words for what a structure map cannot say of the reading of periods."""
    target = component.target
    options = component.options
    yield f"how {target} is read from words, numerals and calendars"
    if "year" in options:
        year = options["year"]
        yield f"the year {year} of labels that name none"
    if options.get("report_as") == "year":
        yield "that periods are reported as years"
    if component.periods and len(component.sources) != 1:
        yield f"periods of {target} decided for several headings together"


def _lines(representation: RepresentationMap) -> list[MappedValue]:
    """Lines of a code map that give a code."""
    return [line for line in representation.values if line.code is not None]


def _id(name: str) -> str:
    """Id that SDMX accepts for a name of a person's own."""
    accepted = _OUTSIDE.sub("_", name)
    accepted = accepted.strip(".")
    if accepted[:1].isalpha():
        return accepted
    return f"M_{accepted}"


def _ids(names: Iterable[str]) -> dict[str, str]:
    """Ids of names, each of its own."""
    ids: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        stem = _id(name).replace(".", "_")
        id_there = stem
        number = 1
        while id_there in taken:
            number += 1
            id_there = f"{stem}_{number}"
        taken.add(id_there)
        ids[name] = id_there
    return ids


def _representation(representation: RepresentationMap, id: str, agency: str) -> Artefact:
    """Representation map of a code map."""
    lines = _lines(representation)
    width = len(lines[0].source)
    target = _ANY_TEXT
    if representation.codelist:
        urn = f"{_URN}.codelist.Codelist=ILO:{representation.codelist}(1.0)"
        target = {"codelist": urn}
    content: Artefact = {"id": id, "agencyID": agency, "version": "1.0"}
    content["name"] = representation.id
    content["source"] = [_ANY_TEXT] * width
    content["target"] = [target]
    content["representationMappings"] = list(map(_line, lines))
    return content


def _line(value: MappedValue) -> Artefact:
    """Line of a representation map."""
    sources: list[Artefact] = []
    for label in value.source:
        source: Artefact = {"value": label}
        if value.regex:
            source["isRegEx"] = True
        sources.append(source)
    line: Artefact = {"sourceValues": sources, "targetValues": [value.code]}
    begins = parse_period(value.valid_from)
    if begins is not None:
        line["validFrom"] = f"{begins.first}T00:00:00Z"
    ends = parse_period(value.valid_to)
    if ends is not None:
        line["validTo"] = f"{ends.last}T23:59:59Z"
    return line


def _periods(dataset: DatasetMap, number: int, agency: str) -> dict[str, Artefact]:
    """Representation maps of the periods that a person has decided, by component."""
    representations: dict[str, Artefact] = {}
    for component in dataset.components:
        if not isinstance(component, DatePatternMap) or len(component.sources) != 1:
            continue
        lines = []
        for label, period in component.periods.items():
            lines.append(MappedValue((label,), period))
        if lines:
            name = f"PERIODS_{number}_{component.target}"
            code_map = RepresentationMap(name, tuple(lines))
            representations[component.target] = _representation(code_map, name, agency)
    return representations


def _structure(
    dataset: DatasetMap,
    agency: str,
    number: int,
    code_lists: Mapping[str, Artefact],
    periods: Mapping[str, Artefact],
) -> Artefact:
    """Structure map of a data set."""
    target = f"{_URN}.datastructure.Dataflow={dataset.dataflow}"
    structure: Artefact = {"id": f"MAP_{number}", "agencyID": agency, "version": "1.0"}
    structure["name"] = dataset.name
    structure["target"] = target
    fixed = []
    mapped = []
    for component in dataset.components:
        if isinstance(component, FixedValueMap):
            values = [component.value]
            fixed.append({"target": component.target, "values": values})
        elif sources_of(component):
            content = _component(component, code_lists, periods)
            mapped.append(content)
    if fixed:
        structure["fixedValueMaps"] = fixed
    if mapped:
        structure["componentMaps"] = mapped
    return structure


def _component(
    component: ComponentMaps,
    code_lists: Mapping[str, Artefact],
    periods: Mapping[str, Artefact],
) -> Artefact:
    """Component map, with the representation map that it uses."""
    sources = list(map(_id, sources_of(component)))
    content: Artefact = {"source": sources, "target": [component.target]}
    code_map = getattr(component, "representation", None)
    used = periods.get(component.target)
    if code_map is not None:
        used = code_lists.get(code_map.id)
    if used is None:
        return content
    agency = used["agencyID"]
    id_there = used["id"]
    urn = f"{_URN}.structuremapping.RepresentationMap={agency}:{id_there}(1.0)"
    content["representationMap"] = urn
    return content
