"""Answers: status, headers and bytes of what a request gets."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import IO, Any

import orjson
from lxml import etree

from ilms_sdmx._files import __version__
from ilms_sdmx.database.database import Database
from ilms_sdmx.database.manifest import FILE, Manifest, Schema, time_of
from ilms_sdmx.datasets import Dataset
from ilms_sdmx.errors import IlmsError, RequestError
from ilms_sdmx.messages.header import Header, Party, StructureReference
from ilms_sdmx.messages.writing import write
from ilms_sdmx.messages.xml.names import Reference
from ilms_sdmx.outputs.exchange.registration import Provider
from ilms_sdmx.outputs.service import availability, figures, revised
from ilms_sdmx.outputs.service.catalogue import Catalogue, Selection, allowed_codes
from ilms_sdmx.outputs.service.languages import chosen_language, named_in, names_in
from ilms_sdmx.outputs.service.negotiation import (
    DATA_1,
    DATA_2,
    SCHEMA_1,
    SCHEMA_2,
    STRUCTURE_1,
    STRUCTURE_2,
    Chosen,
    negotiated,
)
from ilms_sdmx.outputs.service.requests import Request, parse_request
from ilms_sdmx.outputs.service.schemas import XmlSchema
from ilms_sdmx.outputs.service.streams import Stream
from ilms_sdmx.structures import structure_json, structure_ml
from ilms_sdmx.structures.facts import EDITION, LANGUAGES, OURS
from ilms_sdmx.structures.urns import urn

_MES = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
_COM = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common"
#: Most dataflows of one answer whose codes have names in it.
_MOST_NAMED = 50
#: Most figures of a message that is written at once.
_SMALL = 5_000
#: Status of HTTP to the code of SDMX 2.1.
_CODES = {400: "140", 401: "110", 403: "150", 404: "100", 413: "510", 414: "140", 406: "140"}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request, and all together, may take.

    Parameters
    ----------
    observations
        Figures of one answer; with more it is 413.
    held
        Figures of an answer that has to be held at once: sorted, or what changed.
    streams
        Large answers that are sent at one time; with more it is 503.
    answers
        Answers that are looked up at one time; others wait for their turn.
    waiting
        Requests that wait for their turn; with more it is 503.
    idle
        Seconds after which a client that takes nothing is left.
    """

    observations: int = 20_000_000
    held: int = 2_000_000
    streams: int = 32
    answers: int = 8
    waiting: int = 500
    idle: float = 60


@dataclass(frozen=True)
class Answer:
    """What a request gets.

    Parameters
    ----------
    status
        Status of HTTP.
    headers
        Headers, without those of the connection.
    body
        Bytes, or a stream of them.
    """

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | Stream = b""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came.

    Parameters
    ----------
    path, query
        As they were sent.
    accept, accept_language, if_none_match, if_modified_since
        Headers; empty where they are absent.
    """

    path: str
    query: str = ""
    accept: str = ""
    accept_language: str = ""
    if_none_match: str = ""
    if_modified_since: str = ""


class Answerer:
    """Answers from one database, whose manifest is read again where it has changed.

    Parameters
    ----------
    folder
        Folder of the database.
    limits
        What a request may take.
    provider
        Office whose figures these are, None where it is not told.
    clock
        Time of the messages.
    """

    def __init__(
        self,
        folder: str | Path,
        limits: Limits | None = None,
        provider: Provider | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._folder = Path(folder)
        self._limits = limits or Limits()
        self._provider = provider
        self._clock = clock
        self._areas = figures.Areas()
        self._catalogue: tuple[tuple[str, ...], Catalogue] | None = None
        self._known: tuple[tuple[int, ...], Manifest] | None = None

    def answer(self, asked: Asked) -> Answer:
        """Answer to a request; whatever is wrong with it is an answer too."""
        try:
            return self._answer(asked)
        except RequestError as error:
            # The older interface does not know 422.
            is_old = error.status == 422 and asked.path.startswith("/v1")
            return failed(400 if is_old else error.status, str(error), asked)
        except IlmsError:
            # What is wrong inside is for the office: `ilms-sdmx db check` says it.
            return failed(500, "the figures cannot be read now", asked)

    def _answer(self, asked: Asked) -> Answer:
        request = parse_request(asked.path, asked.query)
        chosen = _chosen(request, asked)
        manifest = self._manifest()
        language = request.option("lang") or asked.accept_language
        chosen = replace(chosen, language=chosen_language(language))
        headers = self._headers(manifest, request, asked, chosen)
        if _is_known(asked, headers, _changed(manifest, request)):
            return Answer(304, headers)
        headers["Content-Type"] = chosen.content_type
        headers["Content-Language"] = chosen.language
        snapshot = figures.Snapshot(str(self._folder), manifest, self._areas)
        if request.kind == "data":
            return self._data(snapshot, request, chosen, headers)
        if request.kind == "availability":
            return self._availability(snapshot, request, chosen, headers)
        if request.kind == "structure":
            return self._structure(manifest, request, chosen, headers)
        return self._schema(manifest, request, chosen, headers)

    def _manifest(self) -> Manifest:
        """Manifest of the database as it is now, read once for each state of its file."""
        path = self._folder / FILE
        try:
            stat = path.stat()
        except FileNotFoundError:
            return Manifest()
        mark = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        if self._known is None or self._known[0] != mark:
            self._known = (mark, Database(self._folder).manifest)
        return self._known[1]

    def _headers(
        self, manifest: Manifest, request: Request, asked: Asked, chosen: Chosen
    ) -> dict[str, str]:
        """Headers that say which version of which answer it is."""
        last = _changed(manifest, request)
        version = (__version__, str(manifest.number), last)
        parts = (*version, chosen.content_type, chosen.language, asked.path, asked.query)
        digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        headers = {"ETag": f'W/"{digest[:32]}"', "Vary": "Accept, Accept-Language"}
        if last:
            modified = time_of(last).strftime("%a, %d %b %Y %H:%M:%S GMT")
            headers["Last-Modified"] = modified
        return headers

    def _data(
        self,
        snapshot: figures.Snapshot,
        request: Request,
        chosen: Chosen,
        headers: dict[str, str],
    ) -> Answer:
        """Stream of figures; 204 or 404 where there are none."""
        schemas = figures.schemas_asked(snapshot.manifest, request, self._provider)
        self._refuse_large(snapshot, schemas, request)
        if figures.is_of_series(request):
            _refuse_series(request, chosen)
        if request.option("includeHistory") == "true":
            found = revised.history(snapshot, schemas, request)
        elif request.option("updatedAfter"):
            found = revised.updates(snapshot, schemas, request)
        else:
            found = figures.batches(snapshot, schemas, request)
        first = next(found, None)
        if first is None:
            return _nothing(request, headers)
        _check_layout(first, request)
        options = _options(schemas, request, chosen)
        header = Header(sender=Party(OURS))
        if chosen.media.ending == "xml":
            # Known beforehand, so that nothing has to wait until all figures are there.
            header = replace(header, structures=_structures(snapshot, schemas, request))
        layout = _layout(request.option("dimensionAtObservation"))
        second = next(found, None)
        # What is there as a whole is written as such: nothing has to be remembered meanwhile.
        datasets: Iterable[Dataset] = [first]
        if second is not None:
            datasets = chain([first, second], found)
        format = chosen.media.format
        clock = self._clock

        def write_message(stream: IO[bytes]) -> None:
            write(
                datasets, stream, format, header=header, layout=layout, clock=clock, **options
            )

        if second is None and len(first) <= _SMALL:
            # Without a thread of its own; and its length is known before it is sent.
            return Answer(200, headers, _written(write_message))
        return Answer(200, headers, Stream(write_message))

    def _refuse_large(
        self, snapshot: figures.Snapshot, schemas: Iterable[Schema], request: Request
    ) -> None:
        """Refuse an answer that is too large, before any figure is read.

        Raises
        ------
        RequestError
            413.
        """
        options = ("sort", "updatedAfter", "includeHistory")
        is_held = any(request.option(name) not in ("", "false") for name in options)
        most = self._limits.observations
        if is_held:
            most = min(most, self._limits.held)
        is_cut = request.number("limit") is not None and not is_held
        bound = figures.size_bound(snapshot.manifest, schemas, request)
        if bound > most and not is_cut:
            message = f"expected to be asked for at most {most:,} figures"
            raise RequestError(413, f"{message}: ask for fewer areas, or with limit")

    def _availability(
        self,
        snapshot: figures.Snapshot,
        request: Request,
        chosen: Chosen,
        headers: dict[str, str],
    ) -> Answer:
        schemas = figures.schemas_asked(snapshot.manifest, request, self._provider)
        found = availability.available(snapshot, schemas, request)
        if not found:
            return _nothing(request, headers)
        references = _availability_references(request)
        catalogue = self._structures(snapshot.manifest)
        selection = catalogue.of_dataflow(found[0].dataflow, references)
        structures = self._message(selection, chosen, "AVAILABILITY")
        if chosen.media.ending == "json":
            body = availability.to_json(found, chosen.media.version, structures)
        else:
            body = availability.to_xml(found, structures)
        return Answer(200, headers, body)

    def _structures(self, manifest: Manifest) -> Catalogue:
        """All structures, made once for each set of dataflows with figures."""
        dataflows = tuple(manifest.schemas)
        if self._catalogue is None or self._catalogue[0] != dataflows:
            self._catalogue = (dataflows, Catalogue(self._provider, dataflows))
        return self._catalogue[1]

    def _structure(
        self,
        manifest: Manifest,
        request: Request,
        chosen: Chosen,
        headers: dict[str, str],
    ) -> Answer:
        selection = self._structures(manifest).selected(request)
        if selection is None:
            return _nothing(request, headers)
        return Answer(200, headers, self._message(selection, chosen, "STRUCTURES"))

    def _schema(
        self,
        manifest: Manifest,
        request: Request,
        chosen: Chosen,
        headers: dict[str, str],
    ) -> Answer:
        """Schema of the data of one artefact, or the structures that tell the same."""
        _refuse_options(request)
        catalogue = self._structures(manifest)
        artefact = catalogue.definition(request)
        if not chosen.media.format.startswith("xsd"):
            selection = catalogue.content_of(artefact)
            return Answer(200, headers, self._message(selection, chosen, "SCHEMA"))
        flow = getattr(artefact, "structure_usage", artefact)
        structure = getattr(flow, "structure", flow)
        allowed = {} if structure is flow else allowed_codes(flow)
        schema = XmlSchema(
            structure,
            allowed,
            chosen.media.format.removeprefix("xsd-"),
            is_of_deletions=request.option("deletion") == "true",
        )
        name = urn(artefact)
        target = Reference(request.context, name.agency, name.id, name.version)
        body = schema.written(target, request.option("dimensionAtObservation"))
        return Answer(200, headers, body)

    def _message(self, selection: Selection, chosen: Chosen, id: str) -> bytes:
        """Structure message of some artefacts."""
        prepared = _moment(self._clock())
        _, _, version = chosen.media.format.rpartition("-")
        if chosen.media.ending == "xml":
            return structure_ml.write(selection, version, id, prepared)
        body = structure_json.write(selection, version, id, prepared)
        if chosen.language != LANGUAGES[0]:
            body = orjson.dumps(named_in(orjson.loads(body), chosen.language))
        return body


def _chosen(request: Request, asked: Asked) -> Chosen:
    """Media type of the answer to a request."""
    word = request.option("format")
    version = request.option("formatVersion")
    offered = STRUCTURE_2 if request.version == 2 else STRUCTURE_1
    if request.kind == "data":
        offered = DATA_2 if request.version == 2 else DATA_1
    if request.kind == "schema":
        offered = SCHEMA_2 if request.version == 2 else SCHEMA_1
    if request.kind == "availability":
        versions = ("2.1", "2.0.0", "2.1.0")
        offered = tuple(each for each in offered if each.version in versions)
    return negotiated(asked.accept, offered, word, version)


def _options(schemas: Sequence[Schema], request: Request, chosen: Chosen) -> dict[str, Any]:
    """Options of the format of an answer."""
    options: dict[str, Any] = {}
    if chosen.media.time_series:
        options["time_series"] = True
    for name, value in chosen.parameters.items():
        options["time_format" if name == "timeformat" else name] = value
    labels = request.option("labels")
    if labels and chosen.media.ending == "csv":
        options["labels"] = labels
    if chosen.media.ending == "json" or options.get("labels", "id") != "id":
        names: dict[str, dict[str, str]] = {}
        for schema in schemas[:_MOST_NAMED]:
            names |= names_in(schema.dataflow, chosen.language)
        options["names"] = names
    return options


def _written(write_message: Callable[[IO[bytes]], None]) -> bytes:
    """Whole message of a few figures.

    Raises
    ------
    RequestError
        406: the figures have no place in the format.
    """
    written = io.BytesIO()
    try:
        write_message(written)
    except RequestError:
        raise
    except IlmsError as error:
        raise RequestError(406, f"the figures have no place in this format: {error}") from None
    return written.getvalue()


def _structures(
    snapshot: figures.Snapshot, schemas: Sequence[Schema], request: Request
) -> tuple[StructureReference, ...]:
    """References of a header to the dataflows that may have figures in an answer."""
    dimension = request.option("dimensionAtObservation") or "TIME_PERIOD"
    structures = []
    for number, schema in enumerate(schemas, 1):
        if figures.size_bound(snapshot.manifest, [schema], request):
            at = dimension if dimension in schema.dimensions else "AllDimensions"
            name = schema.dataflow
            structures.append(StructureReference(f"S{number}", "dataflow", name, at))
    return tuple(structures)


def _refuse_series(request: Request, chosen: Chosen) -> None:
    """Refuse series without observations where a format or an option has no place for them.

    Raises
    ------
    RequestError
        501.
    """
    is_without_place = chosen.media.ending == "json" or chosen.media.format == "sdmx-csv-1.0"
    if is_without_place:
        message = "series without observations are not implemented in this format"
        raise RequestError(501, f"{message}: ask for SDMX-ML or SDMX-CSV 2")
    for name in ("updatedAfter", "includeHistory"):
        if request.option(name) not in ("", "false"):
            raise RequestError(501, f"{name} is not implemented without observations")


def _check_layout(dataset: Dataset, request: Request) -> None:
    """Refuse a dimension at the observations that the figures do not have.

    Raises
    ------
    RequestError
        422.
    """
    dimension = request.option("dimensionAtObservation")
    dimensions = dataset.components.dimensions
    if dimension not in ("", "TIME_PERIOD", "AllDimensions", *dimensions):
        known = ", ".join((*dimensions, "AllDimensions"))
        message = f"expected dimensionAtObservation={known}"
        raise RequestError(422, f"{message}, found {dimension[:60]!r}")


def _availability_references(request: Request) -> list[str]:
    """Types of artefacts that are sent with an availability.

    Raises
    ------
    RequestError
        There is no such type.
    """
    known = ("all", "datastructure", "conceptscheme", "codelist", "dataproviderscheme")
    words = request.option("references", "none").split(",")
    for word in words:
        if word not in ("none", *known, "dataflow", "valuelist"):
            listed = ", ".join(("none", *known, "dataflow"))
            raise RequestError(400, f"expected references={listed}, found {word[:40]!r}")
    return words


def _refuse_options(request: Request) -> None:
    """Refuse options of a schema that it cannot have.

    Raises
    ------
    RequestError
        501 for earlier schemas and for measures that are dimensions; 400 for no truth value.
    """
    if request.option("asOf"):
        raise RequestError(501, "earlier structures are not kept: leave out asOf")
    for name in ("deletion", "explicitMeasure"):
        if request.option(name) not in ("", "true", "false"):
            raise RequestError(400, f"expected true or false under {name}")
    if request.option("explicitMeasure") == "true":
        raise RequestError(501, "explicitMeasure is not implemented: leave it out")


def _changed(manifest: Manifest, request: Request) -> str:
    """Time at which what is asked for last changed; empty where there is nothing."""
    if request.kind in ("structure", "schema"):
        return EDITION
    return manifest.vintages[-1].time if manifest.vintages else ""


def _is_known(asked: Asked, headers: dict[str, str], changed: str) -> bool:
    """Whether the client has the answer already."""
    if asked.if_none_match:
        marks = [mark.strip() for mark in asked.if_none_match.split(",")[:100]]
        return "*" in marks or headers["ETag"] in marks
    if not asked.if_modified_since or not changed:
        return False
    since = _date(asked.if_modified_since)
    return since is not None and time_of(changed).replace(microsecond=0) <= since


def _date(text: str) -> datetime | None:
    """Time of a header, as HTTP and as JavaScript write it; None for anything else."""
    from email.utils import parsedate_to_datetime

    try:
        time = parsedate_to_datetime(text[:100].partition("(")[0])
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _layout(dimension: str) -> str:
    """Layout of a message for a dimension at the observations."""
    layouts = {"": "series", "TIME_PERIOD": "series", "AllDimensions": "flat"}
    return layouts.get(dimension, dimension)


def _nothing(request: Request, headers: dict[str, str]) -> Answer:
    """Answer without figures: 204, and for version 1 404.

    Raises
    ------
    RequestError
        Version 1 has no answer without content.
    """
    if request.version == 1:
        raise RequestError(404, "there is nothing for this request")
    return Answer(204, {name: headers[name] for name in headers if name != "Content-Type"})


def _moment(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def failed(status: int, message: str, asked: Asked) -> Answer:
    """Answer that says what is wrong, as XML where the client asks for that, else as JSON."""
    wants_xml = "xml" in asked.accept and "json" not in asked.accept
    is_of_version_1 = asked.path.startswith("/v1") and "json" not in asked.accept
    sentence = message[:1].upper() + message[1:]
    if wants_xml or is_of_version_1:
        headers = {"Content-Type": "application/xml; charset=utf-8"}
        return Answer(status, headers, _error_xml(status, sentence))
    error = {"code": status, "title": sentence}
    headers = {"Content-Type": "application/json; charset=utf-8"}
    return Answer(status, headers, orjson.dumps({"errors": [error]}))


def _error_xml(status: int, sentence: str) -> bytes:
    names = {"mes": _MES, "com": _COM}
    root = etree.Element(f"{{{_MES}}}Error", nsmap=names)
    code = _CODES.get(status, str(status))
    said = etree.SubElement(root, f"{{{_MES}}}ErrorMessage", code=code)
    text = etree.SubElement(said, f"{{{_COM}}}Text")
    text.text = "".join(sign if sign.isprintable() else "?" for sign in sentence)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def joined(body: bytes | Iterable[bytes]) -> bytes:
    """All bytes of an answer."""
    if isinstance(body, bytes):
        return body
    return b"".join(body)
