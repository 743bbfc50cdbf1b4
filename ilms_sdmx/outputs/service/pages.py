"""Pages of the service: one for people, and its description for programs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from html import escape
from urllib.parse import quote

import orjson

from ilms_sdmx._files import __version__
from ilms_sdmx.outputs.service.negotiation import (
    DATA_2,
    METADATA_2,
    REGISTRY,
    SCHEMA_2,
    STRUCTURE_2,
    MediaType,
)

_NO_METADATA = "Reference metadata, of which there is none."
#: Paths of the service with what they give.
_PATHS = {
    "/v2/data/{context}/{agencyID}/{resourceID}/{version}/{key}": "Figures (REST 2.2).",
    "/v2/availability/{context}/{agencyID}/{resourceID}/{version}/{key}/{componentID}": (
        "Codes that the figures have."
    ),
    "/v2/structure/{artefactType}/{agencyID}/{resourceID}/{version}": "Structures.",
    "/v2/structure/{artefactType}/{agencyID}/{resourceID}/{version}/{itemID}": "Single items.",
    "/v2/schema/{context}/{agencyID}/{resourceID}/{version}": "Schemas of messages.",
    "/v2/registration/id/{registrationID}": "Where figures are.",
    "/v2/registration/provider/{agencyID}/{providerID}": "Where figures of an office are.",
    "/v2/registration/{context}/{agencyID}/{resourceID}/{version}": (
        "Where figures of a dataflow are."
    ),
    "/v2/metadata/metadataset/{providerID}/{metadatasetID}/{version}": _NO_METADATA,
    "/v2/metadata/metadataflow/{agencyID}/{resourceID}/{version}/{providerRef}": _NO_METADATA,
    "/v2/metadata/structure/{artefactType}/{agencyID}/{resourceID}/{version}": _NO_METADATA,
    "/v1/data/{flowRef}/{key}/{providerRef}": "Figures (REST 1.5).",
    "/v1/availableconstraint/{flowRef}/{key}/{providerRef}/{componentID}": (
        "Codes that the figures have."
    ),
    "/v1/{resource}/{agencyID}/{resourceID}/{version}": "Structures.",
    "/v1/{resource}/{agencyID}/{resourceID}/{version}/{itemID}": "Single items.",
    "/v1/schema/{context}/{agencyID}/{resourceID}/{version}": "Schemas of messages.",
}
#: Further parameters of a kind of request.
_OPTIONS = {
    "data": (
        *("c", "startPeriod", "endPeriod", "updatedAfter", "firstNObservations"),
        *("lastNObservations", "dimensionAtObservation", "attributes", "measures", "detail"),
        *("includeHistory", "offset", "limit", "sort", "asOf", "format", "labels", "lang"),
    ),
    "availability": ("c", "mode", "references", "updatedAfter", "format"),
    "availableconstraint": ("startPeriod", "endPeriod", "mode", "references", "format"),
    "structure": ("references", "detail", "asOf", "format", "lang"),
    "{resource}": ("references", "detail", "format", "lang"),
    "schema": ("dimensionAtObservation", "deletion", "asOf", "format"),
    "registration": ("updatedAfter", "updatedBefore", "format"),
    "metadata": ("detail", "asOf", "format"),
}
#: Media types of a kind of request, where they are not those of structures.
_TYPES = {
    "data": DATA_2,
    "schema": SCHEMA_2,
    "registration": REGISTRY,
    "metadata": METADATA_2,
}
_STATUSES = (
    *("204", "304", "400", "401", "404", "405", "406", "413", "414", "421", "422", "431"),
    *("500", "501", "503"),
)
_EXAMPLES = (
    "/v2/structure/dataflow/ILO/*/~",
    "/v2/data/dataflow/ILO/DF_POP_MNAO_SEX_CDS_NB/~/*?format=csv",
    "/v2/availability/dataflow/ILO/DF_POP_MNAO_SEX_CDS_NB",
)


@cache
def landing(root: str = "") -> bytes:
    """Page for people: which paths there are, with examples.

    `root` is the path under which the service is mounted, empty for none.
    """
    rows = []
    for path, what in _PATHS.items():
        rows.append(f"<tr><td><code>{escape(path)}</code></td><td>{escape(what)}</td></tr>")
    links = []
    for path in _EXAMPLES:
        address = escape(quote(root) + path)
        links.append(f'<li><a href="{address}">{escape(path)}</a></li>')
    types = dict.fromkeys(each.name for each in (*DATA_2, *STRUCTURE_2))
    listed = ", ".join(types)
    text = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>SDMX service</title>'
        "<style>body{font:1rem sans-serif;margin:2rem;max-width:60rem}"
        "td{padding:.2rem 1rem 0 0}</style><h1>SDMX service</h1>"
        "<p>Labour migration statistics by SDMX REST. "
        f'For programs: <a href="{escape(quote(root))}/openapi.json">description</a>.</p>'
        f"<table>{''.join(rows)}</table><h2>Try</h2><ul>{''.join(links)}</ul>"
        f"<p>Media types: {escape(listed)}. In a browser say <code>format=csv</code>, "
        "<code>json</code> or <code>xml</code>.</p></html>"
    )
    return text.encode()


@cache
def description(root: str = "") -> bytes:
    """Description of the service in OpenAPI 3.1."""
    paths = {}
    for path, what in _PATHS.items():
        names = [part.rstrip("}") for part in path.split("{")[1:]]
        parameters = []
        for name in names:
            word = name.partition("}")[0]
            parameter: dict[str, object] = {"name": word, "in": "path", "required": True}
            parameters.append(parameter | {"schema": {"type": "string"}})
        kind = path.split("/")[2]
        types: Sequence[MediaType] = _TYPES.get(kind, STRUCTURE_2)
        for name in _OPTIONS.get(kind, ()):
            parameters.append({"name": name, "in": "query", "schema": {"type": "string"}})
        content: dict[str, dict[str, str]] = {}
        for media in types:
            content[f"{media.name};version={media.version}"] = {}
        answers = {"200": {"description": "The answer.", "content": content}}
        for status in _STATUSES:
            answers[status] = {"description": "See the standard.", "content": {}}
        paths[path] = {"get": {"summary": what, "parameters": parameters, "responses": answers}}
    info = {"title": "SDMX service of ilms-sdmx", "version": __version__}
    servers = [{"url": quote(root) or "/"}]
    document = {"openapi": "3.1.0", "info": info, "servers": servers, "paths": paths}
    return orjson.dumps(document)
