"""Writing SDMX-JSON 1.0, 2.0 and 2.1 data messages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any

import orjson

from ilms_sdmx.datasets import Dataset
from ilms_sdmx.errors import MessageError
from ilms_sdmx.findings import find
from ilms_sdmx.messages import about
from ilms_sdmx.messages.json import meta
from ilms_sdmx.messages.json.dataset import Body
from ilms_sdmx.messages.json.plan import Plan
from ilms_sdmx.messages.writing import Job

_CLASSES = {
    "dataflow": ("Dataflow", "dataflow"),
    "structure": ("DataStructure", "datastructure"),
    "provision": ("ProvisionAgreement", "provisionagreement"),
}
_ACTIONS = ("Information", "Append", "Replace", "Delete", "Merge")
_ZONE = re.compile(r"(Z|[+-]\d\d:\d\d)$")


def write(job: Job) -> None:
    """Write data sets as SDMX-JSON; the option `names` is as for SDMX-CSV.

    The structure comes after the data, so that values can be listed as they are met.

    Raises
    ------
    MessageError
        The version cannot carry a composite value, a wildcard, or several structures; or a
        later batch contradicts what was decided on the first.
    TypeError
        An option that SDMX-JSON does not have.
    """
    unknown = sorted(set(job.options) - {"names"})
    if unknown:
        raise TypeError(f"no option {', '.join(unknown)} for {job.format}; there is names")
    try:
        _Message(job).write()
    except orjson.JSONEncodeError as error:
        raise MessageError(f"{job.format} cannot carry the header: {error}") from None


class _Message:
    """Message being written."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._version = job.format.removeprefix("sdmx-json-")
        self._bodies: list[Body] = []
        self._artefacts: list[list[dict[str, str]]] = []
        self._names: list[str] = []

    def write(self) -> None:
        """Write everything."""
        stream = self._job.stream
        header = self._job.header
        timed = replace(header, prepared=_moment(header.prepared))
        tree = meta.header_tree(timed, self._version)
        stream.write(b'{"meta":' + orjson.dumps(tree) + b',\n"data":{"dataSets":[')
        for number, batches in enumerate(self._job.sets):
            stream.write(b",\n" if number else b"\n")
            self._data_set(number, batches)
        stream.write(b"\n],\n" + self._structures() + b"}}\n")

    def _data_set(self, number: int, batches: Iterator[Dataset]) -> None:
        """Write a data set."""
        stream = self._job.stream
        first = next(batches)
        body = self._body(first)
        links = _links(first)
        self._artefacts.append(links)
        self._names.append(first.dataflow or first.structure or first.provision or "Data")
        start: dict[str, Any] = {}
        if self._version != "1.0":
            start["structure"] = number
        start["action"] = self._action(first)
        start["links"] = links
        start |= about.in_json(first.about)
        name = b"series" if body.plan.varying else b"observations"
        stream.write(orjson.dumps(start).removesuffix(b"}") + b',"%s":{' % name)
        for batch in chain([first], batches):
            self._batch(body, batch)
        stream.write(body.end().encode() + b"}")
        if body.keys_left_out:
            finding = find("keys-left-out", format=self._job.format, count=body.keys_left_out)
            self._job.left_out.append(finding)
            body.keys_left_out = 0
        members = body.members()
        if first.action == "Delete" and not body.any and not members:
            raise MessageError(
                f"data set {number} has no row, and as SDMX-JSON its action Delete would "
                "delete everything"
            )
        for member, value in members.items():
            stream.write(b"," + orjson.dumps(member) + b":" + orjson.dumps(value))
        stream.write(b"}")

    def _batch(self, body: Body, batch: Dataset) -> None:
        """Write the observations of a batch."""
        if batch.components.columns != body.plan.components.columns:
            raise MessageError(
                "the batches of one data set have different components; write them as data sets"
            )
        for text in body.text(batch):
            self._job.stream.write(text)

    def _body(self, first: Dataset) -> Body:
        """Body of the next data set; in 1.0 all data sets share one structure."""
        if self._version == "1.0":
            if self._bodies:
                return self._same_body(self._bodies[0], first)
            _refuse(first)
        names: Mapping[str, Mapping[str, str]] = self._job.options.get("names", {})
        body = Body(Plan.of(first, self._job.layout), self._version, names)
        self._bodies.append(body)
        return body

    def _same_body(self, body: Body, first: Dataset) -> Body:
        """Body of the data sets before, for one more of the same structure."""
        if body.plan.components.columns != first.components.columns:
            raise MessageError(
                "SDMX-JSON 1.0 cannot carry data sets of different structures; "
                "write sdmx-json-2.0"
            )
        body.start()
        return body

    def _action(self, dataset: Dataset) -> str:
        """Spell the action as the version does: before 2.1 Append is the name of Merge."""
        action = dataset.action
        if action not in _ACTIONS:
            raise MessageError(f"expected an action of {', '.join(_ACTIONS)}, found {action!r}")
        if action == "Merge" and self._version != "2.1":
            return "Append"
        return action

    def _structures(self) -> bytes:
        """Member with the structures, after the data."""
        trees = []
        for number, body in enumerate(self._bodies):
            trees.append(self._structure(body, number))
        if self._version != "1.0":
            return b'"structures":' + orjson.dumps(trees)
        tree = trees[0] if trees else {"dimensions": {}}
        return b'"structure":' + orjson.dumps(tree)

    def _structure(self, body: Body, number: int) -> dict[str, Any]:
        """Structure of a data set as an object."""
        first_version = self._version == "1.0"
        links = self._artefacts[number]
        if first_version and len(self._artefacts) > 1:
            links = []
        tree: dict[str, Any] = {
            "links": links,
            "name": self._names[number],
            "dimensions": _dimensions(body),
            "attributes": _attributes(body),
        }
        if first_version:
            del tree["attributes"]["dimensionGroup"]
            return tree
        form = {"format": {"dataType": "Double"}} if body.numeric else {}
        measures = []
        for name in body.plan.components.measures:
            measures.append({"id": name, "name": name, **form})
        tree["measures"] = {"observation": measures}
        tree["dataSets"] = [number]
        return tree


def _dimensions(body: Body) -> dict[str, list[dict[str, Any]]]:
    """Dimensions by level, with the values that were written."""
    positions = {}
    for position, name in enumerate(body.plan.components.dimensions):
        positions[name] = position
    levels = {"dataSet": (), "series": body.plan.above, "observation": body.plan.inside}
    listed: dict[str, list[dict[str, Any]]] = {}
    for level, names in levels.items():
        listed[level] = []
        for name in names:
            listed[level].append(body.listings[name].dimension(positions[name]))
    return listed


def _attributes(body: Body) -> dict[str, list[dict[str, Any]]]:
    """Attributes by level, with the values that were written."""
    plan = body.plan
    attachments = {**plan.components.attributes, **plan.group}
    levels = {
        "dataSet": plan.whole,
        "series": plan.series,
        "observation": plan.observation,
        "dimensionGroup": tuple(plan.group),
    }
    listed: dict[str, list[dict[str, Any]]] = {}
    for level, names in levels.items():
        listed[level] = []
        for name in names:
            listed[level].append(body.listings[name].attribute(attachments[name]))
    return listed


def _refuse(dataset: Dataset) -> None:
    """Refuse what SDMX-JSON 1.0 has no place for."""
    composite = sorted(dataset.components.composite)
    reasons = []
    if composite:
        reasons.append(f"several values or languages ({', '.join(composite)})")
    if dataset.attached:
        reasons.append("attributes without observations")
    if len(dataset.components.measures) > 1:
        reasons.append("several measures")
    if reasons:
        raise MessageError(f"SDMX-JSON 1.0 cannot carry {reasons[0]}; write sdmx-json-2.0")


def _links(dataset: Dataset) -> list[dict[str, str]]:
    """Links to what a data set conforms to."""
    links = []
    for part, (name, rel) in _CLASSES.items():
        identifier = getattr(dataset, part)
        if identifier:
            package = "registry" if part == "provision" else "datastructure"
            urn = f"urn:sdmx:org.sdmx.infomodel.{package}.{name}={identifier}"
            links.append({"urn": urn, "rel": rel})
    return links


def _moment(prepared: str) -> str:
    """Time with its zone, which JSON's `date-time` demands; SDMX means UTC without one."""
    if "T" not in prepared:
        return f"{prepared}T00:00:00Z"
    return prepared if _ZONE.search(prepared) else f"{prepared}Z"
