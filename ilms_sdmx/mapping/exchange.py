"""Exchange of code maps with other SDMX software: representation maps and structure maps in SDMX-JSON 2.0."""

from __future__ import annotations

from typing import Any

import orjson

from ilms_sdmx.errors import MappingError
from ilms_sdmx.mapping.document import DatasetMap, MappingDocument
from ilms_sdmx.mapping.model import (
    ComponentMap,
    FixedValueMap,
    ImplicitComponentMap,
    MappedValue,
    MultiComponentMap,
    RepresentationMap,
)

_URN = "urn:sdmx:org.sdmx.infomodel"


def to_sdmx(document: MappingDocument, agency: str, prepared: str) -> bytes:
    """Structure message (SDMX-JSON 2.0) of the code maps and data sets of a mapping file.

    Every code map with lines becomes a representation map, every data set a structure map. What SDMX has no
    word for (where tables lie, matching by name, labels without a place) is left out.

    Parameters
    ----------
    agency
        Id of the agency that maintains the maps.
    prepared
        Time of the header, ISO 8601.
    """
    lists = {m.id: _representation(m, agency) for m in document.codes.values() if _lines(m)}
    maps = [_structure(d, agency, number, lists) for number, d in enumerate(document.datasets, 1)]
    message = {
        "meta": {"id": "MAPS", "test": False, "prepared": prepared, "sender": {"id": agency}},
        "data": {"representationMaps": list(lists.values()), "structureMaps": maps},
    }
    return orjson.dumps(message, option=orjson.OPT_INDENT_2)


def _lines(representation: RepresentationMap) -> list[MappedValue]:
    return [v for v in representation.values if v.code is not None]


def _representation(representation: RepresentationMap, agency: str) -> dict[str, Any]:
    lines = _lines(representation)
    codelist = f"{_URN}.codelist.Codelist=ILO:{representation.codelist}(1.0)"
    return {
        "id": representation.id,
        "agencyID": agency,
        "version": "1.0",
        "name": representation.id,
        "source": [{"dataType": "String"}] * len(lines[0].source),
        "target": [{"codelist": codelist} if representation.codelist else {"dataType": "String"}],
        "representationMappings": [_line(v) for v in lines],
    }


def _line(value: MappedValue) -> dict[str, Any]:
    sources = [{"value": s, **({"isRegEx": True} if value.regex else {})} for s in value.source]
    found: dict[str, Any] = {"sourceValues": sources, "targetValues": [value.code]}
    if value.valid_from:
        found["validFrom"] = _moment(value.valid_from)
    if value.valid_to:
        found["validTo"] = _moment(value.valid_to)
    return found


def _moment(period: str) -> str:
    """Moment with which a year, month or day begins."""
    return f"{period}{'-01' * (2 - period.count('-'))}T00:00:00Z"


def _structure(dataset: DatasetMap, agency: str, number: int, lists: dict[str, Any]) -> dict[str, Any]:
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
    coded = [
        _component(c, agency, lists)
        for c in dataset.components
        if isinstance(c, ComponentMap | MultiComponentMap | ImplicitComponentMap)
    ]
    if coded:
        found["componentMaps"] = coded
    return found


def _component(
    component: ComponentMap | MultiComponentMap | ImplicitComponentMap, agency: str, lists: dict[str, Any]
) -> dict[str, Any]:
    sources = component.sources if isinstance(component, MultiComponentMap) else (component.source,)
    found: dict[str, Any] = {"source": list(sources), "target": [component.target]}
    representation = getattr(component, "representation", None)
    if representation is not None and representation.id in lists:
        urn = f"{_URN}.structuremapping.RepresentationMap={agency}:{representation.id}(1.0)"
        found["representationMap"] = urn
    return found


def from_sdmx(content: bytes, name: str, file: str = "") -> tuple[MappedValue, ...]:
    """Lines of a representation map of a structure message (SDMX-JSON 2.0).

    Parameters
    ----------
    name
        Id of the representation map; not needed where the message has only one.

    Raises
    ------
    MappingError
        No such message or no such map in it.
    """
    try:
        maps = {m["id"]: m for m in orjson.loads(content)["data"]["representationMaps"]}
        chosen = maps.get(name) or (next(iter(maps.values())) if len(maps) == 1 else None)
        if chosen is None:
            raise MappingError(f"{file}: expected a representation map {name!r}, found {', '.join(maps)}.")
        return tuple(_value(m) for m in chosen["representationMappings"])
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise MappingError(
            f"{file}: expected representation maps in SDMX-JSON 2.0, found {error!r}."
        ) from None


def _value(mapping: dict[str, Any]) -> MappedValue:
    sources = mapping["sourceValues"]
    return MappedValue(
        tuple(str(s["value"]) for s in sources),
        str(mapping["targetValues"][0]),
        any(s.get("isRegEx") for s in sources),
        str(mapping.get("validFrom", ""))[:10],
        str(mapping.get("validTo", ""))[:10],
    )
