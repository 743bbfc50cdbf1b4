"""Answers: which reply each kind of request gets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeAlias

import orjson

from ilms_sdmx.database.database import Database
from ilms_sdmx.database.manifest import FILE, Manifest
from ilms_sdmx.errors import IlmsError, RequestError
from ilms_sdmx.messages.xml.names import Reference
from ilms_sdmx.outputs.service import availability, figures
from ilms_sdmx.outputs.service.catalogue import Catalogue, Selection, allowed_codes
from ilms_sdmx.outputs.service.data import data_answer
from ilms_sdmx.outputs.service.languages import chosen_language, named_in
from ilms_sdmx.outputs.service.negotiation import Chosen, negotiated, offered
from ilms_sdmx.outputs.service.registrations import (
    registrations_asked,
    registrations_message,
)
from ilms_sdmx.outputs.service.replies import Answer, Asked, Service, failed, moment_of, nothing
from ilms_sdmx.outputs.service.requests import Request, parse_request
from ilms_sdmx.outputs.service.schemas import XmlSchema
from ilms_sdmx.outputs.service.versions import (
    changed,
    is_known,
    refuse_earlier,
    version_headers,
)
from ilms_sdmx.structures import structure_json, structure_ml
from ilms_sdmx.structures.facts import LANGUAGES
from ilms_sdmx.structures.urns import urn

_Maker: TypeAlias = "Callable[[Manifest, Request, Chosen, dict[str, str]], Answer]"


class Answerer:
    """Answers from one database, whose manifest is read again where it has changed.

    Parameters
    ----------
    folder
        Folder of the database.
    service
        What the service is.
    """

    def __init__(self, folder: str | Path, service: Service | None = None) -> None:
        self._folder = Path(folder)
        self._service = service or Service()
        self._areas = figures.Areas()
        self._catalogue: tuple[tuple[str, ...], Catalogue] | None = None
        self._known: tuple[tuple[int, ...], Manifest] | None = None

    def titles(self) -> dict[str, str]:
        """Dataflows with figures, each with its name; none while they cannot be read."""
        try:
            manifest = self._manifest()
        except IlmsError:
            return {}
        catalogue = self._structures(manifest)
        return {dataflow: catalogue.title_of(dataflow) for dataflow in manifest.schemas}

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
        word = request.option("format")
        version = request.option("formatVersion")
        chosen = negotiated(asked.accept, offered(request), word, version)
        manifest = self._manifest()
        language = request.option("lang") or asked.accept_language
        chosen = replace(chosen, language=chosen_language(language))
        headers = version_headers(manifest, request, asked, chosen)
        if is_known(asked, headers, changed(manifest, request)):
            return Answer(304, headers)
        headers["Content-Type"] = chosen.content_type
        headers["Content-Language"] = chosen.language
        makers: dict[str, _Maker] = {
            "data": self._data,
            "availability": self._availability,
            "structure": self._structure,
            "schema": self._schema,
            "metadata": self._metadata,
            "registration": partial(self._registration, self._service.address or asked.origin),
        }
        return makers[request.kind](manifest, request, chosen, headers)

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

    def _data(
        self,
        manifest: Manifest,
        request: Request,
        chosen: Chosen,
        headers: dict[str, str],
    ) -> Answer:
        snapshot = figures.Snapshot(str(self._folder), manifest, self._areas)
        return data_answer(snapshot, request, chosen, headers, self._service)

    def _availability(
        self,
        manifest: Manifest,
        request: Request,
        chosen: Chosen,
        headers: dict[str, str],
    ) -> Answer:
        snapshot = figures.Snapshot(str(self._folder), manifest, self._areas)
        schemas = figures.schemas_asked(manifest, request, self._service.provider)
        found = availability.available(snapshot, schemas, request)
        if not found:
            return nothing(request, headers)
        references = _availability_references(request)
        catalogue = self._structures(manifest)
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
            self._catalogue = (dataflows, Catalogue(self._service.provider, dataflows))
        return self._catalogue[1]

    def _structure(
        self,
        manifest: Manifest,
        request: Request,
        chosen: Chosen,
        headers: dict[str, str],
    ) -> Answer:
        refuse_earlier(request)
        selection = self._structures(manifest).selected(request)
        if selection is None:
            return nothing(request, headers)
        return Answer(200, headers, self._message(selection, chosen, "STRUCTURES"))

    def _schema(
        self,
        manifest: Manifest,
        request: Request,
        chosen: Chosen,
        headers: dict[str, str],
    ) -> Answer:
        """Schema of the data of one artefact, or the structures that tell the same."""
        refuse_earlier(request)
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

    def _metadata(
        self,
        manifest: Manifest,
        request: Request,
        chosen: Chosen,
        headers: dict[str, str],
    ) -> Answer:
        """The database holds no set of reference metadata: the answer is that there is none."""
        return nothing(request, headers)

    def _registration(
        self,
        address: str,
        manifest: Manifest,
        request: Request,
        chosen: Chosen,
        headers: dict[str, str],
    ) -> Answer:
        agreements = self._structures(manifest).agreements
        found = registrations_asked(manifest, agreements, request)
        if not found:
            return nothing(request, headers)
        version = chosen.media.format.rpartition("-")[2]
        prepared = moment_of(self._service.clock())
        return Answer(200, headers, registrations_message(found, address, version, prepared))

    def _message(self, selection: Selection, chosen: Chosen, id: str) -> bytes:
        """Structure message of some artefacts."""
        prepared = moment_of(self._service.clock())
        _, _, version = chosen.media.format.rpartition("-")
        if chosen.media.ending == "xml":
            return structure_ml.write(selection, version, id, prepared)
        body = structure_json.write(selection, version, id, prepared)
        if chosen.language != LANGUAGES[0]:
            body = orjson.dumps(named_in(orjson.loads(body), chosen.language))
        return body


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
        400 for no truth value.
    """
    # No structure has a dimension of measures, so that explicit measures change nothing.
    for name in ("deletion", "explicitMeasure"):
        if request.option(name) not in ("", "true", "false"):
            raise RequestError(400, f"expected true or false under {name}")
