"""Availability: which codes the figures of a request have, and how many series there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from lxml import etree

from ilms_sdmx.database.manifest import Schema
from ilms_sdmx.errors import RequestError
from ilms_sdmx.outputs.service.conditions import TIME
from ilms_sdmx.outputs.service.figures import Snapshot, flow_name, parts_of
from ilms_sdmx.outputs.service.requests import KeyCodes, Request
from ilms_sdmx.structures.facts import OURS

_MES = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
_STR = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure"
_COM = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common"


@dataclass
class Availability:
    """What there is of a dataflow under a request.

    Parameters
    ----------
    dataflow
        Its identifier.
    values
        Codes by dimension, in order.
    observations, series
        How many there are.
    """

    dataflow: str
    values: dict[str, list[str]] = field(default_factory=dict)
    observations: int = 0
    series: int = 0


def available(
    snapshot: Snapshot, schemas: Iterable[Schema], request: Request
) -> list[Availability]:
    """What there is of each dataflow; none that has no figures.

    Raises
    ------
    RequestError
        A dataflow has no such dimension.
    """
    found = []
    for schema in schemas:
        asked = _dimensions(schema, request)
        one = _counted(snapshot, schema, request, asked)
        if request.option("mode") == "available":
            for name in asked:
                wider = _widened(request, schema, name)
                one.values[name] = _counted(snapshot, schema, wider, [name]).values[name]
        if one.observations or any(one.values.values()):
            found.append(one)
    return found


def _dimensions(schema: Schema, request: Request) -> list[str]:
    """Dimensions that are asked for."""
    if not request.component:
        return list(schema.dimensions)
    names = list(dict.fromkeys(request.component.replace("+", ",").split(",")))
    for name in names:
        if name not in schema.dimensions:
            known = ", ".join(schema.dimensions)
            raise RequestError(422, f"expected a dimension of {known}, found {name[:60]!r}")
    return names


def _counted(
    snapshot: Snapshot, schema: Schema, request: Request, names: list[str]
) -> Availability:
    """Codes of some dimensions, and numbers of series and observations."""
    values: dict[str, set[str]] = {name: set() for name in names}
    one = Availability(schema.dataflow)
    key = [name for name in schema.dimensions if name != TIME]
    for part in parts_of(snapshot, schema, request):
        observations = part.observations
        one.observations += len(part)
        one.series += len(observations[key].drop_duplicates())
        for name in names:
            values[name].update(map(str, observations[name].unique()))
    one.values = {name: sorted(codes) for name, codes in values.items()}
    return one


def _widened(request: Request, schema: Schema, name: str) -> Request:
    """Request that allows all codes of one dimension, and of the others what it did."""
    dimensions = [each for each in schema.dimensions if each != TIME]
    keys: list[KeyCodes] = []
    for key in request.keys:
        places = list(key)
        if name in dimensions and dimensions.index(name) < len(places):
            places[dimensions.index(name)] = ()
        keys.append(tuple(places))
    conditions = tuple(each for each in request.conditions if each.component != name)
    return replace(request, keys=tuple(keys), conditions=conditions)


def to_xml(found: Iterable[Availability], structures: bytes) -> bytes:
    """Structure message of SDMX-ML 2.1 with a constraint of what there is added to it."""
    root = etree.fromstring(structures, etree.XMLParser(resolve_entities=False))
    parent = root.find(f"{{{_MES}}}Structures")
    assert parent is not None
    constraints = etree.SubElement(parent, f"{{{_STR}}}Constraints")
    for one in found:
        _add_constraint(constraints, one)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _add_constraint(parent: etree._Element, one: Availability) -> None:
    name = flow_name(one.dataflow)
    constraint = etree.SubElement(
        parent,
        f"{{{_STR}}}ContentConstraint",
        id=f"CA_{name.id}",
        agencyID=OURS,
        version="1.0",
        type="Actual",
    )
    annotations = etree.SubElement(constraint, f"{{{_COM}}}Annotations")
    for id, count in (("obs_count", one.observations), ("series_count", one.series)):
        annotation = etree.SubElement(annotations, f"{{{_COM}}}Annotation", id=id)
        etree.SubElement(annotation, f"{{{_COM}}}AnnotationTitle").text = str(count)
        etree.SubElement(annotation, f"{{{_COM}}}AnnotationType").text = "sdmx_metrics"
    title = etree.SubElement(constraint, f"{{{_COM}}}Name")
    title.text = f"Codes with figures in {name.id}"
    attachment = etree.SubElement(constraint, f"{{{_STR}}}ConstraintAttachment")
    flow = etree.SubElement(attachment, f"{{{_STR}}}Dataflow")
    reference = etree.SubElement(flow, "Ref", id=name.id, version=name.version)
    reference.set("agencyID", name.agency)
    reference.set("class", "Dataflow")
    region = etree.SubElement(constraint, f"{{{_STR}}}CubeRegion", include="true")
    for dimension, codes in one.values.items():
        values = etree.SubElement(region, f"{{{_COM}}}KeyValue", id=dimension)
        for code in codes:
            etree.SubElement(values, f"{{{_COM}}}Value").text = code


def to_json(found: Iterable[Availability], version: str, structures: bytes) -> bytes:
    """Structure message of SDMX-JSON 2.0 or 2.1 with a constraint of what there is added."""
    make = _constraint_21 if version == "2.1.0" else _constraint_20
    kind = "availabilityConstraints" if version == "2.1.0" else "dataConstraints"
    message = orjson.loads(structures)
    message["data"][kind] = [make(one) for one in found]
    return orjson.dumps(message)


def _constraint_21(one: Availability) -> dict[str, Any]:
    """Constraint of SDMX-JSON 2.1, which has places for the numbers."""
    return {
        "constraintAttachment": {"dataflow": _urn(one)},
        "cubeRegion": {"keyValues": _key_values(one)},
        "seriesCount": one.series,
        "obsCount": one.observations,
    }


def _constraint_20(one: Availability) -> dict[str, Any]:
    """Constraint of SDMX-JSON 2.0, whose annotations have the numbers."""
    name = flow_name(one.dataflow)
    annotations = []
    for id, count in (("obs_count", one.observations), ("series_count", one.series)):
        annotations.append({"id": id, "title": str(count), "type": "sdmx_metrics"})
    return {
        "id": f"CA_{name.id}",
        "agencyID": OURS,
        "version": "1.0",
        "name": f"Codes with figures in {name.id}",
        "role": "Actual",
        "annotations": annotations,
        "constraintAttachment": {"dataflows": [_urn(one)]},
        "cubeRegions": [{"include": True, "keyValues": _key_values(one)}],
    }


def _urn(one: Availability) -> str:
    name = flow_name(one.dataflow)
    kind = "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow"
    return f"{kind}={name.agency}:{name.id}({name.version})"


def _key_values(one: Availability) -> list[dict[str, Any]]:
    values = []
    for dimension, codes in one.values.items():
        listed = [{"value": code} for code in codes]
        values.append({"id": dimension, "include": True, "values": listed})
    return values
