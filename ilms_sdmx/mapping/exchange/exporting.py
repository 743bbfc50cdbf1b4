"""Export of code maps and data sets for other SDMX software: representation and structure maps."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import orjson

from ilms_sdmx.mapping.document import DatasetMap, MappingDocument
from ilms_sdmx.mapping.model import (
    ComponentMap,
    ComponentMaps,
    DatePatternMap,
    FixedValueMap,
    ImplicitComponentMap,
    MappedValue,
    MultiComponentMap,
    RepresentationMap,
)
from ilms_sdmx.periods import parse_period
from ilms_sdmx.structures.structure_json import SCHEMA

_URN = "urn:sdmx:org.sdmx.infomodel"
_OUTSIDE = re.compile(r"[^A-Za-z0-9_.-]+")


def to_sdmx(document: MappingDocument, agency: str, prepared: str) -> bytes:
    """Structure message (SDMX-JSON 2.0) of the code maps and data sets of a mapping file.

    Every code map with lines becomes a representation map, every data set a structure map. `left_out` says
    what SDMX has no word for.

    Parameters
    ----------
    agency
        Id of the agency that maintains the maps.
    prepared
        Time of the header, ISO 8601.
    """
    ids = _ids(document.codes)
    lists = {
        k: _representation(m, ids[k], agency) for k, m in document.codes.items() if _lines(m)
    }
    maps = []
    for number, dataset in enumerate(document.datasets, 1):
        periods = _periods(dataset, number, agency)
        maps.append(_structure(dataset, agency, number, lists, periods))
        lists |= {f" {number} {k}": v for k, v in periods.items()}
    meta = {
        "schema": SCHEMA,
        "id": "MAPS",
        "test": False,
        "prepared": prepared,
        "sender": {"id": agency},
    }
    data = {"representationMaps": list(lists.values()), "structureMaps": maps}
    message = {"meta": meta, "data": {k: v for k, v in data.items() if v}}
    return orjson.dumps(message, option=orjson.OPT_INDENT_2)


def left_out(document: MappingDocument) -> tuple[str, ...]:
    """Say what `to_sdmx` leaves out because SDMX has no word for it, one sentence each.

    Examples
    --------
    >>> from ilms_sdmx import example, read_mapping
    >>> left_out(read_mapping(example("phl-emigrants")[1]))[0]
    'Tables: where they lie, their rules, checks and conventions.'
    """
    said = ["Tables: where they lie, their rules, checks and conventions."]
    for codes in document.codes.values():
        said += [f"Code map {codes.id}: {words}." for words in _beyond(codes)]
    for dataset in document.datasets:
        said += [f"Data set {dataset.name}: {words}." for words in _beyond_dataset(dataset)]
    return tuple(said)


def _beyond(codes: RepresentationMap) -> Iterable[str]:
    nowhere = [" | ".join(v.source) for v in codes.values if v.code is None]
    if nowhere:
        yield f"labels for which there is no place ({', '.join(nowhere)})"
    if codes.match:
        yield "matching of other labels by the names of the codelist"
    if any(v.name or v.note for v in codes.values):
        yield "names of codes and notes"
    if _id(codes.id) != codes.id:
        yield f"its name, which is {_id(codes.id)} there"


def _beyond_dataset(dataset: DatasetMap) -> Iterable[str]:
    if dataset.tables or dataset.where:
        yield "which tables and figures it takes"
    if dataset.names or dataset.title:
        yield "names of an own dataflow"
    for component in dataset.components:
        if isinstance(component, DatePatternMap):
            yield f"how {component.target} is read from words, numerals and calendars"
            if "year" in component.options:
                yield f"the year {component.options['year']} of labels that name none"
            if component.options.get("report_as") == "year":
                yield "that periods are reported as years"
            if component.periods and len(component.sources) != 1:
                yield f"periods of {component.target} decided for several headings together"
        for source in _sources(component):
            if _id(source) != source:
                yield f"the heading {source!r}, which is {_id(source)} there"


def _lines(representation: RepresentationMap) -> list[MappedValue]:
    return [v for v in representation.values if v.code is not None]


def _id(name: str) -> str:
    """Id that SDMX accepts for a name of a person's own."""
    found = _OUTSIDE.sub("_", name).strip(".")
    return found if found[:1].isalpha() else f"M_{found}"


def _ids(names: Iterable[str]) -> dict[str, str]:
    """Ids of names, each of its own."""
    found: dict[str, str] = {}
    for name in names:
        stem = _id(name).replace(".", "_")
        taken = set(found.values())
        numbered = (stem if n == 1 else f"{stem}_{n}" for n in range(1, len(taken) + 2))
        found[name] = next(i for i in numbered if i not in taken)
    return found


def _representation(representation: RepresentationMap, id: str, agency: str) -> dict[str, Any]:
    lines = _lines(representation)
    codelist = f"{_URN}.codelist.Codelist=ILO:{representation.codelist}(1.0)"
    return {
        "id": id,
        "agencyID": agency,
        "version": "1.0",
        "name": representation.id,
        "source": [{"dataType": "String"}] * len(lines[0].source),
        "target": [
            {"codelist": codelist} if representation.codelist else {"dataType": "String"}
        ],
        "representationMappings": [_line(v) for v in lines],
    }


def _line(value: MappedValue) -> dict[str, Any]:
    sources = [{"value": s, **({"isRegEx": True} if value.regex else {})} for s in value.source]
    found: dict[str, Any] = {"sourceValues": sources, "targetValues": [value.code]}
    begins = parse_period(value.valid_from)
    if begins is not None:
        found["validFrom"] = f"{begins.first}T00:00:00Z"
    ends = parse_period(value.valid_to)
    if ends is not None:
        found["validTo"] = f"{ends.last}T23:59:59Z"
    return found


def _periods(dataset: DatasetMap, number: int, agency: str) -> dict[str, dict[str, Any]]:
    """Representation maps of the periods that a person has decided, by component."""
    found = {}
    for component in dataset.components:
        if (
            isinstance(component, DatePatternMap)
            and component.periods
            and len(component.sources) == 1
        ):
            lines = tuple(MappedValue((k,), v) for k, v in component.periods.items())
            name = f"PERIODS_{number}_{component.target}"
            found[component.target] = _representation(
                RepresentationMap(name, lines), name, agency
            )
    return found


def _structure(
    dataset: DatasetMap,
    agency: str,
    number: int,
    lists: dict[str, Any],
    periods: dict[str, Any],
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": f"MAP_{number}",
        "agencyID": agency,
        "version": "1.0",
        "name": dataset.name,
        "target": f"{_URN}.datastructure.Dataflow={dataset.dataflow}",
    }
    fixed = [c for c in dataset.components if isinstance(c, FixedValueMap)]
    if fixed:
        found["fixedValueMaps"] = [{"target": c.target, "values": [c.value]} for c in fixed]
    coded = [_component(c, lists, periods) for c in dataset.components if _sources(c)]
    if coded:
        found["componentMaps"] = coded
    return found


def _sources(component: ComponentMaps) -> tuple[str, ...]:
    if isinstance(component, MultiComponentMap | DatePatternMap):
        return component.sources
    return (
        (component.source,)
        if isinstance(component, ComponentMap | ImplicitComponentMap)
        else ()
    )


def _component(
    component: ComponentMaps, lists: dict[str, Any], periods: dict[str, Any]
) -> dict[str, Any]:
    sources = [_id(s) for s in _sources(component)]
    found: dict[str, Any] = {"source": sources, "target": [component.target]}
    representation = getattr(component, "representation", None)
    used = (
        periods.get(component.target)
        if representation is None
        else lists.get(representation.id)
    )
    if used is not None:
        urn = f"{_URN}.structuremapping.RepresentationMap={used['agencyID']}:{used['id']}(1.0)"
        found["representationMap"] = urn
    return found
