"""The manifest of a database: what was added when, and which files hold its figures."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson

from ilms_sdmx._files import write_whole
from ilms_sdmx.datasets import Components
from ilms_sdmx.errors import DatabaseError, StructureError

#: Version of the layout; another one is refused.
FORMAT = 1
FILE = "manifest.json"
#: Folder of copies of the last manifests.
COPIES = "manifests"
_KEPT_COPIES = 10
_COPY = "[0-9]" * 8 + ".json"
#: Area in the place of figures whose dataflow has no REF_AREA.
WITHOUT_AREA = "_"


@dataclass(frozen=True, slots=True)
class Vintage:
    """What was added at one time, under one name.

    Parameters
    ----------
    number
        Counted from 1.
    time
        ISO 8601 time in UTC.
    name
        Name under which it was added: an item of `sync`, a table of an office.
    provider, who, note
        As they were given.
    source, address, edition, retrieved, sha256
        Which bytes it came from, where they were fetched or read.
    added, changed, removed
        How many figures.
    validation
        Number of findings by severity, empty where nothing was checked.
    rest
        File with the figures that have no place in our structures; empty for none.
    attached
        File with the attributes of series and groups that no observation carries; empty for
        none.
    about
        What the messages said of themselves, by dataflow: `setID`, `validFrom` and the others.
    """

    number: int
    time: str
    name: str
    provider: str = ""
    who: str = ""
    note: str = ""
    source: str = ""
    address: str = ""
    edition: str = ""
    retrieved: str = ""
    sha256: str = ""
    added: int = 0
    changed: int = 0
    removed: int = 0
    validation: dict[str, int] = field(default_factory=dict)
    rest: str = ""
    attached: str = ""
    about: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Segment:
    """A file of events of one dataflow, area and name; it is never written again.

    Parameters
    ----------
    path
        Inside the folder, with `/`.
    dataflow, area, name
        What its figures belong to.
    first, last
        Numbers of the vintages whose events it holds.
    rows, size, sha256
        Number of events, of bytes, and their hash.
    """

    path: str
    dataflow: str
    area: str
    name: str
    first: int
    last: int
    rows: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Schema:
    """Columns of a dataflow, the same in all its files.

    Parameters
    ----------
    dataflow
        Identifier, `ILO:DF_POP_MNAO_SEX_CDS_NB(1.0)`, or the name of a table without one.
    dimensions, measures
        Ids.
    attributes
        Id to attachment.
    composite
        Ids whose values may be several texts.
    groups
        Named groups: id to dimension ids.
    extras
        Columns of comparability records and of provenance that its files have.
    """

    dataflow: str
    dimensions: tuple[str, ...]
    measures: tuple[str, ...]
    attributes: dict[str, tuple[str, ...]]
    composite: tuple[str, ...] = ()
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    extras: tuple[str, ...] = ()

    @classmethod
    def of(cls, dataflow: str, components: Components) -> Schema:
        """Schema of the components of a data set."""
        dimensions = components.dimensions
        measures = components.measures
        attributes = dict(components.attributes)
        groups = dict(components.groups)
        composite = tuple(sorted(components.composite))
        return cls(dataflow, dimensions, measures, attributes, composite, groups)

    @property
    def components(self) -> Components:
        """Components of data sets that are read."""
        composite = frozenset(self.composite)
        roles = Components(self.dimensions, self.measures, self.attributes, composite)
        return replace(roles, groups=self.groups)

    @property
    def columns(self) -> list[str]:
        """All columns of its files but those that say which event a row is."""
        return [*self.components.columns, "figure_source", "figure_number", *self.extras]

    @property
    def keys(self) -> list[str]:
        """Columns that identify a figure within a name."""
        return [*self.dimensions, "figure_source"]

    def joined(self, other: Schema) -> Schema:
        """Schema with the attributes of another one too.

        Raises
        ------
        StructureError
            The other one has other dimensions or measures.
        """
        self._refuse_other_dimensions(other)
        attributes = other.attributes | self.attributes
        groups = other.groups | self.groups
        composite = set(self.composite)
        composite.update(other.composite)
        in_order = sorted(composite)
        extras = dict.fromkeys(self.extras)
        extras |= dict.fromkeys(other.extras)
        joined = replace(self, attributes=attributes, groups=groups)
        return replace(joined, composite=tuple(in_order), extras=tuple(extras))

    def _refuse_other_dimensions(self, other: Schema) -> None:
        """Refuse a schema with other dimensions or measures than this one."""
        own_names = [*self.dimensions, *self.measures]
        other_names = [*other.dimensions, *other.measures]
        if self.dimensions == other.dimensions and self.measures == other.measures:
            return
        expected = ", ".join(own_names)
        found = ", ".join(other_names)
        raise StructureError(
            f"the database has {self.dataflow} with {expected}; found {found}: "
            "give another dataflow to another structure"
        )


@dataclass(frozen=True, slots=True)
class Manifest:
    """State of a database: vintages, schemas and segments, in the order they were added."""

    vintages: tuple[Vintage, ...] = ()
    schemas: dict[str, Schema] = field(default_factory=dict)
    segments: tuple[Segment, ...] = ()

    @property
    def number(self) -> int:
        """Number of the last vintage, 0 for none."""
        if self.vintages:
            return self.vintages[-1].number
        return 0

    @property
    def names(self) -> list[str]:
        """Names under which figures were added, the first one first."""
        return list(dict.fromkeys(vintage.name for vintage in self.vintages))

    def number_at(self, as_of: str | date | None) -> int:
        """Number of the last vintage on a day, or at a time; of all where none is given.

        Raises
        ------
        DatabaseError
            It is no day and no time.
        """
        if as_of is None:
            return self.number
        end = end_of(as_of)
        number = 0
        for vintage in self.vintages:
            if time_of(vintage.time) <= end:
                number = vintage.number
        return number

    def last_of(self, name: str, number: int) -> Vintage | None:
        """Last vintage of a name that is not after a number."""
        last = None
        for vintage in self.vintages:
            if vintage.name == name and vintage.number <= number:
                last = vintage
        return last

    def segments_of(
        self, dataflow: str = "", name: str = "", areas: Iterable[str] = ()
    ) -> Iterator[Segment]:
        """Segments of a dataflow, a name and areas; of all where nothing is given."""
        wanted = frozenset(areas)
        for segment in self.segments:
            if dataflow and segment.dataflow != dataflow:
                continue
            if name and segment.name != name:
                continue
            if wanted and segment.area not in wanted:
                continue
            yield segment


def time_of(text: str) -> datetime:
    """Time of a vintage, in UTC.

    Raises
    ------
    DatabaseError
        It is no ISO 8601 time.
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise DatabaseError(
            f"expected a time as 2026-01-31T12:00:00Z, found {text!r}"
        ) from error
    if time.tzinfo is None:
        return time.replace(tzinfo=UTC)
    return time.astimezone(UTC)


def end_of(as_of: str | date) -> datetime:
    """Last moment that a day or a time covers.

    >>> end_of("2026-01-31").isoformat()
    '2026-01-31T23:59:59.999999+00:00'
    """
    text = str(as_of)
    if isinstance(as_of, date):
        text = as_of.isoformat()
    if len(text) == len("2026-01-31"):
        text = f"{text}T23:59:59.999999"
    return time_of(text)


def read_manifest(folder: Path) -> Manifest:
    """Manifest of a folder; an empty one where there is none.

    Raises
    ------
    DatabaseError
        It is damaged, with the copy that is good; or of another version.
    """
    path = folder / FILE
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Manifest()
    except OSError as error:
        raise DatabaseError(f"{path} cannot be read: {error.strerror or error}") from error
    manifest = _parsed(content)
    if manifest is None:
        raise DatabaseError(f"{path} is damaged{_offer(folder)}")
    return manifest


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Make a manifest the one that holds: from the moment the file has its name.

    A copy is kept first, so that a damaged manifest has a good one next to it.
    """
    content = _content(manifest)
    copies = folder / COPIES
    write_whole(copies / f"{manifest.number:08d}.json", content)
    write_whole(folder / FILE, content)
    in_order = sorted(copies.glob(_COPY))
    for old in in_order[:-_KEPT_COPIES]:
        old.unlink(missing_ok=True)


def good_copy(folder: Path) -> Path | None:
    """Newest copy of the manifest that is whole; None for none."""
    copies = sorted((folder / COPIES).glob(_COPY))
    for path in reversed(copies):
        content = path.read_bytes()
        if _parsed(content) is not None:
            return path
    return None


def _offer(folder: Path) -> str:
    """Words for what a person can do where the manifest is damaged."""
    copy = good_copy(folder)
    if copy is None:
        return " and has no good copy: restore the folder from a backup"
    return (
        f"; its last good copy is {COPIES}/{copy.name}: `ilms-sdmx db check --restore` takes it"
    )


def _content(manifest: Manifest) -> bytes:
    """Bytes of a manifest: JSON with a hash of itself."""
    body: dict[str, Any] = {"format": FORMAT}
    body["vintage"] = manifest.number
    schemas = manifest.schemas.values()
    body["vintages"] = _rows_of(manifest.vintages)
    body["schemas"] = _rows_of(schemas)
    body["segments"] = _rows_of(manifest.segments)
    body["sha256"] = _hash(body)
    return orjson.dumps(body, option=orjson.OPT_INDENT_2) + b"\n"


def _rows_of(objects: Iterable[Any]) -> list[dict[str, Any]]:
    """Fields of objects by name, an object a row."""
    return list(map(asdict, objects))


def _hash(body: dict[str, Any]) -> str:
    content = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(content).hexdigest()


def _parsed(content: bytes) -> Manifest | None:
    """Manifest of its bytes; None where they are damaged."""
    try:
        body = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(body, dict):
        return None
    told = body.pop("sha256", "")
    if told != _hash(body):
        return None
    if body["format"] != FORMAT:
        known = f"this program knows {FORMAT}: update it"
        raise DatabaseError(f"the database is of format {body['format']}, {known}")
    vintages = tuple(_all_made(Vintage, body["vintages"]))
    segments = tuple(_all_made(Segment, body["segments"]))
    schemas = {}
    for values in body["schemas"]:
        schema = _schema(values)
        schemas[schema.dataflow] = schema
    return Manifest(vintages, schemas, segments)


def _all_made(kind: Any, rows: list[dict[str, Any]]) -> Iterator[Any]:
    """Objects of rows; what a later program says besides is left out."""
    known = set()
    for each in fields(kind):
        known.add(each.name)
    for row in rows:
        values = {}
        for name in known & row.keys():
            values[name] = row[name]
        yield kind(**values)


def _schema(values: dict[str, Any]) -> Schema:
    """Schema of its fields, in which a list is what was a tuple."""
    plain = dict(values)
    for name in ("dimensions", "measures", "composite", "extras"):
        plain[name] = tuple(plain[name])
    for name in ("attributes", "groups"):
        plain[name] = _tuples(plain[name])
    return Schema(**plain)


def _tuples(lists: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(ids) for name, ids in lists.items()}
