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
        The version cannot carry a composite value, a wildcard, or several structures; or a later
        batch contradicts what was decided on the first.
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
        self._job, self._version = job, job.format.removeprefix("sdmx-json-")
        self._bodies: list[Body] = []
        self._artefacts: list[list[dict[str, str]]] = []
        self._names: list[str] = []

    def write(self) -> None:
        """Write everything."""
        job = self._job
        head = meta.tree(
            replace(job.header, prepared=_moment(job.header.prepared)), self._version
        )
        job.stream.write(b'{"meta":' + orjson.dumps(head) + b',\n"data":{"dataSets":[')
        for number, batches in enumerate(job.sets):
            job.stream.write(b",\n" if number else b"\n")
            self._data_set(number, batches)
        job.stream.write(b"\n],\n" + self._structures() + b"}}\n")

    def _data_set(self, number: int, batches: Iterator[Dataset]) -> None:
        first = next(batches)
        body = self._body(first)
        write = self._job.stream.write
        write(b'{"structure":%d,' % number if self._version != "1.0" else b"{")
        links = _links(first)
        self._artefacts.append(links)
        self._names.append(first.dataflow or first.structure or first.provision or "Data")
        write(
            b'"action":'
            + orjson.dumps(self._action(first))
            + b',"links":'
            + orjson.dumps(links)
        )
        name = b"series" if body.plan.varying else b"observations"
        write(b',"%s":{' % name)
        for batch in chain([first], batches):
            self._batch(body, batch)
        write(body.end().encode() + b"}")
        members = body.members()
        if first.action == "Delete" and not (body.any or members):
            raise MessageError(
                f"data set {number} has no row, and as SDMX-JSON its action Delete would delete everything"
            )
        for member, value in members.items():
            write(b"," + orjson.dumps(member) + b":" + orjson.dumps(value))
        write(b"}")

    def _batch(self, body: Body, batch: Dataset) -> None:
        if batch.components.columns != body.plan.components.columns:
            raise MessageError(
                "the batches of one data set have different components; write them as data sets"
            )
        for text in body.text(batch):
            self._job.stream.write(text)

    def _body(self, first: Dataset) -> Body:
        """Body of the next data set; in 1.0 all data sets share one structure."""
        names: Mapping[str, Mapping[str, str]] = self._job.options.get("names", {})
        if self._version == "1.0" and self._bodies:
            body = self._bodies[0]
            if body.plan.components.columns != first.components.columns:
                raise MessageError(
                    "SDMX-JSON 1.0 cannot carry data sets of different structures; write sdmx-json-2.0"
                )
            body.start()
            return body
        if self._version == "1.0":
            self._refuse(first)
        body = Body(Plan.of(first, self._job.layout), self._version, names)
        self._bodies.append(body)
        return body

    def _refuse(self, first: Dataset) -> None:
        components = first.components
        cannot = {
            f"several values or languages ({', '.join(sorted(components.composite))})": components.composite,
            "attributes without observations": first.attached,
            "several measures": len(components.measures) > 1,
        }
        for what, found in cannot.items():
            if found:
                raise MessageError(f"SDMX-JSON 1.0 cannot carry {what}; write sdmx-json-2.0")

    def _action(self, dataset: Dataset) -> str:
        """Spell the action as the version does: before 2.1 Append is the name of Merge."""
        if dataset.action not in _ACTIONS:
            raise MessageError(
                f"expected an action of {', '.join(_ACTIONS)}, found {dataset.action!r}"
            )
        return (
            "Append" if dataset.action == "Merge" and self._version != "2.1" else dataset.action
        )

    def _structures(self) -> bytes:
        trees = [self._structure(body, number) for number, body in enumerate(self._bodies)]
        if self._version == "1.0":
            return b'"structure":' + orjson.dumps(trees[0] if trees else {"dimensions": {}})
        return b'"structures":' + orjson.dumps(trees)

    def _structure(self, body: Body, number: int) -> dict[str, Any]:
        plan, listings = body.plan, body.listings
        position = {d: i for i, d in enumerate(plan.components.dimensions)}
        dimensions = {
            "dataSet": [],
            "series": [listings[d].dimension(position[d]) for d in plan.above],
            "observation": [listings[d].dimension(position[d]) for d in plan.inside],
        }
        levels = {"dataSet": plan.whole, "series": plan.series, "observation": plan.observation}
        if self._version != "1.0":
            levels["dimensionGroup"] = tuple(plan.group)
        attributes = {
            level: [
                listings[a].attribute(plan.group.get(a, plan.components.attributes[a]))
                for a in names
            ]
            for level, names in levels.items()
        }
        tree: dict[str, Any] = {
            "name": self._names[number],
            "dimensions": dimensions,
            "attributes": attributes,
        }
        if self._version == "1.0":
            return {"links": self._artefacts[0] if len(self._artefacts) == 1 else [], **tree}
        form = {"format": {"dataType": "Double"}} if body.numeric else {}
        measures = [{"id": m, "name": m, **form} for m in plan.components.measures]
        return {
            "links": self._artefacts[number],
            **tree,
            "measures": {"observation": measures},
            "dataSets": [number],
        }


def _links(dataset: Dataset) -> list[dict[str, str]]:
    """Links to what a data set conforms to."""
    found = []
    for part, (name, rel) in _CLASSES.items():
        if identifier := getattr(dataset, part):
            package = "registry" if part == "provision" else "datastructure"
            found.append(
                {
                    "urn": f"urn:sdmx:org.sdmx.infomodel.{package}.{name}={identifier}",
                    "rel": rel,
                }
            )
    return found


def _moment(prepared: str) -> str:
    """Time with its zone, which JSON's `date-time` demands: SDMX takes a time without one as UTC."""
    if "T" not in prepared:
        return f"{prepared}T00:00:00Z"
    return prepared if _ZONE.search(prepared) else f"{prepared}Z"
