"""Pages of the service: one for people, and its description for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from urllib.parse import quote

import orjson

from ilms_sdmx._files import __version__
from ilms_sdmx.outputs.service.figures import flow_name
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
#: Most dataflows that the page for people has links of.
_MOST_SHOWN = 300
_STYLE = (
    "body{font:1rem sans-serif;margin:2rem;max-width:70rem}"
    "th,td{padding:.2rem 1rem .2rem 0;text-align:left;vertical-align:top}"
)


def landing(root: str, titles: Mapping[str, str]) -> bytes:
    """Page for people: which figures there are, and which paths.

    `root` is the path under which the service is mounted, empty for none; `titles` are the
    dataflows with figures, each with its name.
    """
    base = escape(quote(root))
    paths = []
    for path, what in _PATHS.items():
        paths.append(f"<tr><td><code>{escape(path)}</code></td><td>{escape(what)}</td></tr>")
    flows = []
    for dataflow in list(titles)[:_MOST_SHOWN]:
        flows.append(_row_of(base, dataflow, titles[dataflow]))
    shown = "<p>There are no figures yet.</p>"
    if flows:
        head = "<tr><th>Dataflow</th><th>Name</th><th>Take</th></tr>"
        shown = f"<table>{head}{''.join(flows)}</table>"
    if len(titles) > _MOST_SHOWN:
        shown += f"<p>And {len(titles) - _MOST_SHOWN} more.</p>"
    types = dict.fromkeys(each.name for each in (*DATA_2, *STRUCTURE_2))
    listed = ", ".join(types)
    text = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>SDMX service</title>'
        f"<style>{_STYLE}</style><main><h1>SDMX service</h1>"
        "<p>Labour migration statistics by SDMX REST. "
        f'For programs: <a href="{base}/openapi.json">description</a>.</p>'
        f"<h2>Figures</h2>{shown}<h2>Paths</h2>"
        f"<table><tr><th>Path</th><th>What it gives</th></tr>{''.join(paths)}</table>"
        f"<p>Media types: {escape(listed)}. In a browser say <code>format=csv</code>, "
        "<code>json</code> or <code>xml</code>.</p></main></html>"
    )
    return text.encode()


def _row_of(base: str, dataflow: str, title: str) -> str:
    """Row of a dataflow with links to its figures, codes and structure."""
    name = flow_name(dataflow)
    path = quote(f"{name.agency}/{name.id}/{name.version}")
    links = {
        "CSV": f"data/dataflow/{path}?format=csv",
        "JSON": f"data/dataflow/{path}?format=json",
        "codes": f"availability/dataflow/{path}",
        "structure": f"structure/dataflow/{path}?references=descendants",
    }
    cells = []
    for word, address in links.items():
        about = escape(f"{word}: {name.id}")
        link = f'<a href="{base}/v2/{escape(address)}" aria-label="{about}">{word}</a>'
        cells.append(link)
    code = f"<code>{escape(name.id)}</code>"
    return f"<tr><td>{code}</td><td>{escape(title)}</td><td>{' '.join(cells)}</td></tr>"


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
