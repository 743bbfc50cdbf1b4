"""Reading SDMX-JSON data messages 1.0, 2.0 and 2.1, and what services sent before 1.0."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import IO, Any, cast

from ilms_sdmx.datasets import OBSERVATION, Components
from ilms_sdmx.datasets.given import Given
from ilms_sdmx.errors import IncompleteError, MessageError
from ilms_sdmx.findings import Finding, find
from ilms_sdmx.messages.batches import Batch
from ilms_sdmx.messages.header import StructureReference
from ilms_sdmx.messages.json import columns, meta, observations, skeleton
from ilms_sdmx.messages.json.observations import Entries
from ilms_sdmx.messages.json.sets import JsonDataSet, SetReader
from ilms_sdmx.messages.json.skeleton import Region
from ilms_sdmx.messages.json.structure import Structure, structure_of
from ilms_sdmx.messages.message import Note
from ilms_sdmx.messages.opening import Source

#: What is copied to be read twice stays in memory up to this size.
_SPOOL = 64 << 20
_ACTIONS = ("Information", "Append", "Replace", "Delete", "Merge")
#: Names of artefacts as `Structure` has them to kinds of a reference, the most telling first.
_KINDS = {
    "dataflow": "dataflow",
    "structure": "datastructure",
    "provision": "provisionagreement",
}


class JsonReading:
    """SDMX-JSON message being read: iterate over it once."""

    def __init__(self, source: Source, given: Given) -> None:
        self._name = source.name
        self._given = given
        self._stream = _rereadable(source)
        if self._stream is not source.stream:
            weakref.finalize(self, self._stream.close)
        message = skeleton.read(self._stream, source.name)
        document = message.document
        self._regions = message.regions
        _refuse_errors(document, source.name)
        self._data = _object(document, "data") if "data" in document else document
        self.format = f"sdmx-json-{_version(document, self._data)}"
        self.findings: list[Finding] = []
        self.footer = _notes(document)
        self._sets = self._described(frozenset())
        if any(region.nested for region in self._regions):
            self._sets = self._described(frozenset(self._composites()))
        header_object = _object(document, "meta", "header")
        self.header = meta.read_header(header_object, self._references())

    def _described(self, composite: frozenset[str]) -> list[JsonDataSet]:
        """Data sets with their structures; `composite` are ids of composite components."""
        datasets = []
        trees = _objects(self._data.get("dataSets", []), "dataSets")
        for number, tree in enumerate(trees):
            described = self._described_structure(number, tree)
            datasets.append(self._data_set(number, tree, described, composite))
        return datasets

    def _described_structure(self, number: int, tree: Mapping[str, Any]) -> Mapping[str, Any]:
        """Structure object of a data set: the one it names, or the only one."""
        trees: Any = [self._data.get("structure")]
        which = "0"
        if "structures" in self._data:
            trees = self._data["structures"]
            which = str(tree.get("structure", "0"))
        listed = isinstance(trees, list) and which.isdecimal() and int(which) < len(trees)
        if not listed:
            raise MessageError(
                f"{self._name}: dataSets[{number}]: there is no structure {which}"
            )
        described = trees[int(which)]
        if not isinstance(described, dict):
            raise MessageError(f"{self._name}: expected a structure, found none")
        return described

    def _data_set(
        self,
        number: int,
        tree: Mapping[str, Any],
        described: Mapping[str, Any],
        composite: frozenset[str],
    ) -> JsonDataSet:
        """Data set of its parsed object and that of its structure."""
        links = tree.get("links")
        if not isinstance(links, list):
            links = []
        default = "Merge" if self.format.endswith("2.1") else "Information"
        action = tree.get("action", default)
        if action not in _ACTIONS:
            raise MessageError(
                f"{self._name}: dataSets[{number}]: expected an action, found {action!r}"
            )
        try:
            structure = structure_of(described, links, composite)
        except MessageError as error:
            raise MessageError(f"{self._name}: {error}") from None
        regions = [region for region in self._regions if region.dataset == number]
        return JsonDataSet(number, tree, structure, regions, str(action))

    def _composites(self) -> set[str]:
        """Ids of components that turn out to be composite in the data."""
        ids: set[str] = set()
        for dataset in self._sets:
            for region in dataset.regions:
                if region.nested:
                    ids |= self._composites_in(region, dataset.structure)
        return ids

    def _composites_in(self, region: Region, structure: Structure) -> set[str]:
        """Ids of components that turn out to be composite in some bulk."""
        ids: set[str] = set()
        for entries in self._entries(region):
            ids |= columns.composites(entries, structure)
        return ids

    def _entries(self, region: Region) -> Iterator[Entries]:
        """Entries of some bulk; errors name the data set."""
        try:
            yield from observations.read(self._stream, region)
        except MessageError as error:
            place = f"{self._name}: dataSets[{region.dataset}].{region.name}"
            raise MessageError(f"{place}: {error}") from None

    def _references(self) -> list[StructureReference]:
        """What each data set conforms to."""
        references = []
        for dataset in self._sets:
            references.append(_reference(dataset))
        return references

    def __iter__(self) -> Iterator[Batch]:
        for dataset in self._sets:
            roles = self._roles(dataset)
            reader = SetReader(self._name, dataset, roles, self._entries, self._odd)
            yield from reader.batches()

    def _roles(self, dataset: JsonDataSet) -> Components:
        """Roles of the components: those of the given structure, else those in the message."""
        roles = dataset.structure.components
        if dataset.structure.annotated:
            self._add(find("annotations-left-out"))
        given = self._given.components(**dataset.structure.artefact)
        if given is None:
            return roles
        missing = [d for d in given.dimensions if d not in roles.dimensions]
        if missing:
            raise MessageError(
                f"{self._name}: the message lacks the dimensions {', '.join(missing)}"
            )
        attributes = dict(given.attributes)
        for name in roles.columns:
            if name not in given.columns:
                attributes[name] = OBSERVATION
                self._add(find("unknown-component", case="kept", component=name))
        composite = given.composite | roles.composite
        return replace(given, attributes=attributes, composite=composite)

    def _odd(self, component: str, what: str) -> None:
        """Keep a finding about an index without a value, once."""
        self._add(find("index-without-value", component=component, reason=what))

    def _add(self, finding: Finding) -> None:
        """Keep a finding, once."""
        if finding not in self.findings:
            self.findings.append(finding)


def _reference(dataset: JsonDataSet) -> StructureReference:
    """What a data set conforms to, and the dimension inside its series."""
    kind = target = ""
    for name, kind_of_name in _KINDS.items():
        if name in dataset.structure.artefact:
            kind = kind_of_name
            target = dataset.structure.artefact[name]
            break
    inside = dataset.structure.observation.dimensions
    flat = len(inside) != 1 or all(r.name == "observations" for r in dataset.regions)
    dimension = "AllDimensions" if flat else inside[0].id
    return StructureReference(f"S{dataset.number}", kind, target, dimension)


def read(source: Source, given: Given) -> JsonReading:
    """Start reading an SDMX-JSON data message of any version."""
    return JsonReading(source, given)


def _rereadable(source: Source) -> IO[bytes]:
    """Stream of the text that can be read twice: the structure may come behind the data."""
    stream = source.utf8()
    if stream is source.stream and stream.seekable() and stream.tell() == 0:
        return stream
    copy = tempfile.SpooledTemporaryFile(_SPOOL)  # noqa: SIM115 - lives as long as the reading
    shutil.copyfileobj(stream, copy, 1 << 20)
    copy.seek(0)
    return cast("IO[bytes]", copy)


def _version(document: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    """Version of the message: what it names, else what its shape shows."""
    schema = _object(document, "meta").get("schema", "")
    named = f"{document.get('$schema', '')} {schema}"
    for version in ("2.1", "2.0", "1.0"):
        if f"/{version}" in named:
            return version
    return "2.0" if "structures" in data else "1.0"


def _refuse_errors(document: Mapping[str, Any], name: str) -> None:
    """Refuse a message that has nothing but errors, and what is no data message at all."""
    data = document.get("data", document)
    if not isinstance(data, dict):
        data = document
    elif "dataSets" in data:
        return
    for note in _notes(document):
        _, text = next(iter(note.texts), ("", ""))
        raise IncompleteError(f"{name}: the service answers with error {note.code}: {text}")
    members = ", ".join(data) or "nothing"
    raise MessageError(f"{name}: expected a data message with dataSets, found {members}")


def _notes(document: Mapping[str, Any]) -> tuple[Note, ...]:
    """Errors that came with the message, as notes."""
    errors = document.get("errors")
    if not isinstance(errors, list):
        return ()
    return tuple(_error(error) for error in errors if isinstance(error, dict))


def _error(tree: Mapping[str, Any]) -> Note:
    """Note of a parsed error."""
    texts = []
    for name in ("title", "detail"):
        by_language = tree.get(f"{name}s")
        if not isinstance(by_language, dict) or not by_language:
            text = tree.get(name)
            by_language = {"en": text} if isinstance(text, str) else {}
        for language, text in by_language.items():
            texts.append((str(language), str(text)))
    return Note(str(tree.get("code", "")), "Error", tuple(texts))


def _object(tree: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """First member of some names that is there; empty where it is no object."""
    for name in names:
        if name in tree:
            member = tree[name]
            return member if isinstance(member, dict) else {}
    return {}


def _objects(listed: Any, name: str) -> list[Mapping[str, Any]]:
    """List of objects, refused if it is anything else."""
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise MessageError(f"expected a list of objects under {name!r}")
    return listed
