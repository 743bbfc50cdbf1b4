"""Reading SDMX-JSON data messages 1.0, 2.0 and 2.1, and what services sent before 1.0."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any, cast

from ilms_sdmx.datasets import OBSERVATION, Components
from ilms_sdmx.errors import MessageError
from ilms_sdmx.findings import Finding, find
from ilms_sdmx.messages.batches import Batch
from ilms_sdmx.messages.header import StructureReference
from ilms_sdmx.messages.json import columns, meta, observations, skeleton
from ilms_sdmx.messages.json.observations import Entries
from ilms_sdmx.messages.json.sets import DataSet, Reader
from ilms_sdmx.messages.json.skeleton import Region
from ilms_sdmx.messages.json.structure import structure
from ilms_sdmx.messages.message import Note
from ilms_sdmx.messages.opening import Source

if TYPE_CHECKING:
    pass

#: What is copied to be read twice stays in memory up to this size.
_SPOOL = 64 << 20
_ACTIONS = ("Information", "Append", "Replace", "Delete", "Merge")


class JsonReading:
    """SDMX-JSON message being read: iterate over it once."""

    def __init__(self, source: Source, components: Components | None) -> None:
        self._name = source.name
        self._stream = _rereadable(source)
        if self._stream is not source.stream:
            weakref.finalize(self, self._stream.close)
        found = skeleton.read(self._stream, source.name)
        document, self._regions = found.document, found.regions
        _refuse_errors(document, source.name)
        self._data = _object(document, "data") if "data" in document else document
        self.format = f"sdmx-json-{_version(document, self._data)}"
        self.findings: list[Finding] = []
        self.footer = _notes(document)
        self._components = components
        self._sets = self._described(frozenset())
        if any(region.nested for region in self._regions):
            self._sets = self._described(frozenset(self._composites()))
        self.header = meta.header(_object(document, "meta", "header"), self._references())

    def _described(self, composite: frozenset[str]) -> list[DataSet]:
        """Find the data sets with their structures; `composite` are components that turned out to be so."""
        trees = self._data.get("structures", [self._data.get("structure")])
        found = []
        for number, tree in enumerate(_objects(self._data.get("dataSets", []), "dataSets")):
            which = tree.get("structure", "0") if "structures" in self._data else "0"
            if (
                not str(which).isdecimal()
                or not isinstance(trees, list)
                or int(which) >= len(trees)
            ):
                raise MessageError(
                    f"{self._name}: dataSets[{number}]: there is no structure {which}"
                )
            if not isinstance(trees[int(which)], dict):
                raise MessageError(f"{self._name}: expected a structure, found none")
            found.append(self._data_set(number, tree, trees[int(which)], composite))
        return found

    def _data_set(
        self,
        number: int,
        tree: Mapping[str, Any],
        described: Mapping[str, Any],
        composite: frozenset[str],
    ) -> DataSet:
        links = tree.get("links") or []
        action = tree.get("action", "Merge" if self.format.endswith("2.1") else "Information")
        if action not in _ACTIONS:
            raise MessageError(
                f"{self._name}: dataSets[{number}]: expected an action, found {action!r}"
            )
        try:
            found = structure(described, links if isinstance(links, list) else [], composite)
        except MessageError as error:
            raise MessageError(f"{self._name}: {error}") from None
        regions = [r for r in self._regions if r.dataset == number]
        return DataSet(number, tree, found, regions, str(action))

    def _composites(self) -> set[str]:
        found: set[str] = set()
        for each in self._sets:
            for region in each.regions:
                if region.nested:
                    for entries in self._entries(region):
                        found |= columns.composites(entries, each.structure)
        return found

    def _entries(self, region: Region) -> Iterator[Entries]:
        try:
            yield from observations.read(self._stream, region)
        except MessageError as error:
            place = f"{self._name}: dataSets[{region.dataset}].{region.name}"
            raise MessageError(f"{place}: {error}") from None

    def _references(self) -> list[StructureReference]:
        found = []
        for each in self._sets:
            artefact = each.structure.artefact
            kind = next(
                (k for k in ("dataflow", "structure", "provision") if k in artefact), ""
            )
            names = {"structure": "datastructure", "provision": "provisionagreement"}
            inside = [d.id for d in each.structure.observation.dimensions]
            flat = len(inside) != 1 or all(r.name == "observations" for r in each.regions)
            varying = "AllDimensions" if flat else inside[0]
            reference = StructureReference(
                f"S{each.number}", names.get(kind, kind), artefact.get(kind, ""), varying
            )
            found.append(reference)
        return found

    def __iter__(self) -> Iterator[Batch]:
        for each in self._sets:
            yield from Reader(
                self._name, each, self._roles(each), self._entries, self._odd
            ).batches()

    def _roles(self, each: DataSet) -> Components:
        """Roles of the components: those of the given structure, else those that the message tells."""
        told = each.structure.components
        if each.structure.annotated:
            self._add(find("annotations-left-out"))
        if self._components is None:
            return told
        known = set(self._components.columns)
        missing = [d for d in self._components.dimensions if d not in told.dimensions]
        if missing:
            raise MessageError(
                f"{self._name}: the message lacks the dimensions {', '.join(missing)}"
            )
        extra = [c for c in told.columns if c not in known]
        for name in extra:
            self._add(find("unknown-component", case="kept", component=name))
        attributes = {**self._components.attributes, **dict.fromkeys(extra, OBSERVATION)}
        composite = self._components.composite | told.composite
        return replace(self._components, attributes=attributes, composite=composite)

    def _odd(self, component: str, what: str) -> None:
        self._add(find("index-without-value", component=component, reason=what))

    def _add(self, finding: Finding) -> None:
        if finding not in self.findings:
            self.findings.append(finding)


def read(source: Source, components: Components | None) -> JsonReading:
    """Start reading an SDMX-JSON data message of any version."""
    return JsonReading(source, components)


def _rereadable(source: Source) -> IO[bytes]:
    """Stream of the text that can be read twice: the structure may stand behind the data."""
    stream = source.utf8()
    if stream is source.stream and stream.seekable() and stream.tell() == 0:
        return stream
    copy = tempfile.SpooledTemporaryFile(_SPOOL)  # noqa: SIM115 - lives as long as the reading
    while text := stream.read(1 << 20):
        copy.write(text)
    copy.seek(0)
    return cast("IO[bytes]", copy)


def _version(document: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    """Version of the message: what it says, else what its shape says."""
    said = f"{document.get('$schema', '')} {_object(document, 'meta').get('schema', '')}"
    for version in ("2.1", "2.0", "1.0"):
        if f"/{version}" in said:
            return version
    return "2.0" if "structures" in data else "1.0"


def _refuse_errors(document: Mapping[str, Any], name: str) -> None:
    """Refuse a message that has nothing but errors, and what is no data message at all."""
    data = document.get("data", document)
    if isinstance(data, dict) and "dataSets" in data:
        return
    for note in _notes(document):
        text = next((t for _, t in note.texts), "")
        raise MessageError(f"{name}: the service answers with error {note.code}: {text}")
    found = ", ".join(data if isinstance(data, dict) else document) or "nothing"
    raise MessageError(f"{name}: expected a data message with dataSets, found {found}")


def _notes(document: Mapping[str, Any]) -> tuple[Note, ...]:
    """Errors that came with the message, as notes."""
    found: Any = document.get("errors") or []
    return (
        tuple(_error(e) for e in found if isinstance(e, dict))
        if isinstance(found, list)
        else ()
    )


def _error(tree: Mapping[str, Any]) -> Note:
    texts: list[tuple[Any, Any]] = []
    for name in ("title", "detail"):
        spoken = tree.get(f"{name}s")
        one = {"en": tree[name]} if isinstance(tree.get(name), str) else {}
        texts += list((spoken if isinstance(spoken, dict) and spoken else one).items())
    return Note(str(tree.get("code", "")), "Error", tuple((str(a), str(b)) for a, b in texts))


def _object(tree: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    found: Any = next((tree[n] for n in names if n in tree), {})
    return found if isinstance(found, dict) else {}


def _objects(found: Any, name: str) -> list[Mapping[str, Any]]:
    if not isinstance(found, list) or not all(isinstance(f, dict) for f in found):
        raise MessageError(f"expected a list of objects under {name!r}")
    return found
