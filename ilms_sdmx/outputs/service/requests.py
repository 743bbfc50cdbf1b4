"""Requests: what an address of the SDMX REST interface asks for, of versions 2 and 1."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import unquote

from ilms_sdmx.errors import RequestError
from ilms_sdmx.outputs.service.conditions import TIME, Condition, parse_condition
from ilms_sdmx.outputs.service.references import Reference, reference_of

#: Longest path and longest query that are read.
LONGEST_PATH, LONGEST_QUERY = 4_000, 8_000
#: Contexts of data; `*` is any.
_CONTEXTS = ("dataflow", "datastructure", "provisionagreement", "*")
_DAY = re.compile(r"--\d{2}-\d{2}")
#: Contexts of schemas.
_SCHEMA_CONTEXTS = (
    *("datastructure", "metadatastructure", "dataflow", "metadataflow"),
    *("provisionagreement", "metadataprovisionagreement"),
)
#: Most keys, and most places of a key.
_MOST_KEYS, _MOST_PLACES = 500, 100
_FURTHER = ("format", "formatVersion", "lang", "compression", "labels")
_PARAMETER = re.compile(r"c\[(?P<component>[^\[\]]*)\]")
_CODE = re.compile(r"[A-Za-z0-9_@$.:/-]+")

#: Codes of each dimension; any where there are none.
KeyCodes = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Request:
    """What a request asks for.

    Parameters
    ----------
    kind
        `data`, `availability`, `structure` or `schema`.
    version
        2 or 1: the interface.
    context
        `dataflow`, `datastructure`, `provisionagreement`, `*`, or the type of a structure.
    reference
        Artefacts that it names.
    keys
        Keys, each a tuple of codes for each dimension; none for all.
    component
        Component of an availability, or item of a structure; empty for all.
    conditions
        Conditions on components.
    options
        All other parameters, by name; those that are absent have their default.
    """

    kind: str
    version: int
    context: str
    reference: Reference
    keys: tuple[KeyCodes, ...] = ()
    component: str = ""
    conditions: tuple[Condition, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)

    def option(self, name: str, default: str = "") -> str:
        """Value of a parameter."""
        return self.options.get(name, default)

    def number(self, name: str, least: int = 1) -> int | None:
        """Whole number of a parameter, None where it is absent.

        Raises
        ------
        RequestError
            It is no such number.
        """
        text = self.option(name)
        if not text:
            return None
        is_number = text.isascii() and text.isdigit() and len(text) <= 12
        if not is_number or int(text) < least:
            raise RequestError(
                400, f"expected a whole number from {least} under {name}, found {text[:40]!r}"
            )
        return int(text)

    def time(self, name: str) -> datetime | None:
        """Time of a parameter in UTC, None where it is absent.

        Raises
        ------
        RequestError
            It is no time.
        """
        text = self.option(name)
        if not text:
            return None
        try:
            time = datetime.fromisoformat(text.replace(" ", "+"))
        except ValueError:
            message = f"expected a time such as 2026-01-31T08:00:00Z under {name}"
            raise RequestError(400, f"{message}, found {text[:40]!r}") from None
        if time.tzinfo is None:
            return time.replace(tzinfo=UTC)
        return time.astimezone(UTC)


def parse_request(path: str, query: str = "") -> Request:
    """Request of a path and a query as they were sent, percent signs and all.

    Raises
    ------
    RequestError
        With the status: 400 for what is not of the interface, 404 for a path that it does not
        have, 414 for one that is too long, 501 for what is not implemented.

    Examples
    --------
    >>> request = parse_request("/v2/data/dataflow/ILO/DF_X/~/PHL.*", "c[TIME_PERIOD]=2013")
    >>> request.reference.ids, request.keys[0][0], request.conditions[0].codes
    (('DF_X',), ('PHL',), ('2013',))
    >>> parse_request("/v1/data/ILO,DF_X,1.0/A+Q../all", "startPeriod=2010").keys[0]
    (('A', 'Q'), (), ())
    """
    if len(path) > LONGEST_PATH or len(query) > LONGEST_QUERY:
        raise RequestError(414, f"expected a path of at most {LONGEST_PATH} characters")
    parts = [_decoded(part) for part in path.strip("/").split("/")]
    parameters = _parameters(query)
    interface = parts[0] if parts else ""
    if interface == "v2":
        return _of_version_2(parts[1:], parameters)
    if interface == "v1":
        return _of_version_1(parts[1:], parameters)
    raise RequestError(404, "expected a path that begins with /v2 or /v1")


def _decoded(text: str) -> str:
    """Text without percent signs; no byte of control may be in it.

    Raises
    ------
    RequestError
        It is no UTF-8, or has bytes of control.
    """
    try:
        plain = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise RequestError(400, "expected UTF-8 in the address") from None
    if not plain.isprintable():
        raise RequestError(400, "expected printable characters in the address")
    return plain


def _parameters(query: str) -> dict[str, str]:
    """Parameters of a query; a plus sign is a plus sign.

    Raises
    ------
    RequestError
        One comes twice.
    """
    parameters: dict[str, str] = {}
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        key = _decoded(name)
        if key in parameters:
            raise RequestError(400, f"expected {key[:60]} once")
        parameters[key] = _decoded(value)
    return parameters


def _of_version_2(parts: list[str], parameters: dict[str, str]) -> Request:
    """Request of the interface of SDMX 3."""
    kind, rest = _first(parts)
    readers: dict[str, Callable[[list[str], dict[str, str]], Request]] = {
        "data": _data_2,
        "availability": _availability_2,
        "structure": _structure_2,
        "schema": _schema,
        "metadata": _metadata_2,
        "registration": _registration,
    }
    if kind not in readers:
        known = ", ".join(readers)
        raise RequestError(404, f"expected one of {known} behind /v2, found {kind[:40]!r}")
    return readers[kind](rest, parameters)


def _data_2(rest: list[str], parameters: dict[str, str]) -> Request:
    context, agency, id, version, key = _filled(rest, 5, "data")
    known = (
        *("updatedAfter", "firstNObservations", "lastNObservations", "dimensionAtObservation"),
        *("attributes", "measures", "includeHistory", "offset", "limit", "sort", "asOf"),
        "reportingYearStartDay",
    )
    options, conditions = _options(parameters, known)
    reference = reference_of(agency, id, version)
    keys = _keys_2(key)
    context = _context(context)
    request = Request("data", 2, context, reference, keys, "", conditions, options)
    return _checked(request)


def _availability_2(rest: list[str], parameters: dict[str, str]) -> Request:
    context, agency, id, version, key, component = _filled(rest, 6, "availability")
    known = ("updatedAfter", "references", "mode", "reportingYearStartDay")
    options, conditions = _options(parameters, known)
    reference = reference_of(agency, id, version)
    keys = _keys_2(key)
    component = _component(component)
    context = _context(context)
    request = Request(
        "availability", 2, context, reference, keys, component, conditions, options
    )
    return _checked(request)


def _structure_2(rest: list[str], parameters: dict[str, str]) -> Request:
    kind, agency, id, version, item = _filled(rest, 5, "structure")
    options, _ = _options(parameters, ("detail", "references", "asOf"))
    reference = reference_of(agency, id, version)
    return Request("structure", 2, kind, reference, (), _component(item), (), options)


def _schema(rest: list[str], parameters: dict[str, str], interface: int = 2) -> Request:
    context, agency, id, version = _filled(rest, 4, "schema")
    known = ("dimensionAtObservation", "deletion", "asOf", "explicitMeasure")
    options, _ = _options(parameters, known)
    if context not in _SCHEMA_CONTEXTS:
        listed = ", ".join(_SCHEMA_CONTEXTS)
        raise RequestError(400, f"expected a context of {listed}, found {context[:40]!r}")
    reference = reference_of(agency, id, version)
    return Request("schema", interface, context, reference, options=options)


def _metadata_2(rest: list[str], parameters: dict[str, str]) -> Request:
    """Request for reference metadata: by its sets, their collection, or a structure."""
    count = 4 if rest[:1] == ["metadataset"] else 5
    parts = _filled(rest, count, "metadata")
    context, *others = parts + [""] * (5 - count)
    options, _ = _options(parameters, ("detail", "asOf"))
    if options.get("detail", "full") not in ("full", "allstubs"):
        raise RequestError(400, "expected full or allstubs under detail")
    match context:
        case "metadataset":
            _, id, version, _ = others
            reference = reference_of("", id, version)
        case "metadataflow":
            agency, id, version, _ = others
            reference = reference_of(agency, id, version)
        case "structure":
            _, agency, id, version = others
            reference = reference_of(agency, id, version)
        case _:
            known = "metadataset, metadataflow or structure"
            raise RequestError(404, f"expected {known} behind metadata, found {context[:40]!r}")
    request = Request("metadata", 2, context, reference, options=options)
    request.time("asOf")
    return request


def _metadata_1(rest: list[str], parameters: dict[str, str]) -> Request:
    """Request for reference metadata of version 1, whose path is that of figures."""
    flow, _, provider = _filled(rest, 3, "metadata")
    known = ("updatedAfter", "detail", "references")
    options, _ = _options_1(parameters, known)
    options["provider"] = _provider(provider)
    request = Request("metadata", 1, "metadataflow", _flow(flow), options=options)
    request.time("updatedAfter")
    return request


def _registration(rest: list[str], parameters: dict[str, str]) -> Request:
    """Request for registrations: by their ids, an office, or what they are about."""
    count = {"id": 2, "provider": 3}.get(rest[0] if rest else "", 4)
    parts = _filled(rest, count, "registration")
    context, *others = parts + [""] * (4 - count)
    options, _ = _options(parameters, ("updatedAfter", "updatedBefore"))
    match context:
        case "id":
            reference = reference_of("", others[0], "")
        case "provider":
            reference = reference_of(others[0], others[1], "")
        case _:
            context = _context(context)
            reference = reference_of(*others)
    request = Request("registration", 2, context, reference, options=options)
    request.time("updatedAfter")
    request.time("updatedBefore")
    return request


def _of_version_1(parts: list[str], parameters: dict[str, str]) -> Request:
    """Request of the interface of SDMX 2.1."""
    kind, rest = _first(parts)
    if kind == "data":
        return _data_1(rest, parameters)
    if kind == "availableconstraint":
        return _availability_1(rest, parameters)
    if kind == "schema":
        return _schema(rest, parameters, 1)
    if kind == "metadata":
        return _metadata_1(rest, parameters)
    if not kind:
        raise RequestError(404, "expected a resource behind /v1")
    agency, id, version, item = _filled(rest, 4, kind)
    options, _ = _options(parameters, ("detail", "references"))
    reference = reference_of(agency, id, version)
    return Request("structure", 1, kind, reference, (), _component(item), (), options)


def _data_1(rest: list[str], parameters: dict[str, str]) -> Request:
    flow, key, provider = _filled(rest, 3, "data")
    known = (
        *("updatedAfter", "firstNObservations", "lastNObservations", "dimensionAtObservation"),
        *("detail", "includeHistory"),
    )
    options, conditions = _options_1(parameters, known)
    reference = _flow(flow)
    options["provider"] = _provider(provider)
    request = Request("data", 1, "dataflow", reference, _keys_1(key), "", conditions, options)
    return _checked(request)


def _availability_1(rest: list[str], parameters: dict[str, str]) -> Request:
    flow, key, provider, component = _filled(rest, 4, "availableconstraint")
    known = ("updatedAfter", "mode", "references")
    options, conditions = _options_1(parameters, known)
    component = _component(component)
    options["provider"] = _provider(provider)
    reference = _flow(flow)
    keys = _keys_1(key)
    request = Request(
        "availability", 1, "dataflow", reference, keys, component, conditions, options
    )
    return _checked(request)


def _first(parts: list[str]) -> tuple[str, list[str]]:
    """First part of a path, and the others."""
    if not parts:
        return "", []
    return parts[0], parts[1:]


def _filled(rest: list[str], count: int, kind: str) -> list[str]:
    """Parts of a path, those that are left out empty.

    Raises
    ------
    RequestError
        There are more of them.
    """
    if len(rest) > count:
        raise RequestError(404, f"expected at most {count} parts behind {kind[:40]}")
    return rest + [""] * (count - len(rest))


def _context(text: str) -> str:
    context = text or "*"
    if context not in _CONTEXTS:
        known = ", ".join(_CONTEXTS)
        raise RequestError(400, f"expected a context of {known}, found {text[:40]!r}")
    return context


def _component(text: str) -> str:
    if text in ("", "*", "all"):
        return ""
    if any(_CODE.fullmatch(each) is None for each in text.replace("+", ",").split(",")):
        raise RequestError(400, f"expected the id of a component, found {text[:60]!r}")
    return text


def _provider(text: str) -> str:
    """Providers of a path: `AGENCY,ID` or `ID`, several by `+`, empty for all.

    Raises
    ------
    RequestError
        One is no identifier.
    """
    if text in ("", "all"):
        return ""
    for each in text.split("+"):
        reference_of(*each.split(",")[:2])
    return text


def _flow(text: str) -> Reference:
    """Reference of `AGENCY,ID,VERSION`, of which the first and the last may be absent."""
    parts = text.split(",")
    if len(parts) > 3:
        raise RequestError(400, f"expected AGENCY,ID,VERSION, found {text[:80]!r}")
    if len(parts) == 1:
        return reference_of("", parts[0], "")
    return reference_of(*parts)


def _keys_2(text: str) -> tuple[KeyCodes, ...]:
    """Keys of version 2: several between commas."""
    if text in ("", "*"):
        return ()
    keys = text.split(",")
    if len(keys) > _MOST_KEYS:
        raise RequestError(413, f"expected at most {_MOST_KEYS} keys")
    return tuple(_key(each) for each in keys)


def _keys_1(text: str) -> tuple[KeyCodes, ...]:
    """Key of version 1."""
    if text in ("", "all"):
        return ()
    return (_key(text),)


def _key(text: str) -> KeyCodes:
    """Codes of each dimension of a key."""
    places = text.split(".")
    if len(places) > _MOST_PLACES:
        raise RequestError(400, "expected a key with a place for each dimension")
    key = []
    for place in places:
        codes: tuple[str, ...] = ()
        if place not in ("", "*"):
            codes = tuple(place.split("+"))
        for code in codes:
            if _CODE.fullmatch(code) is None:
                raise RequestError(400, f"expected a code in the key, found {code[:60]!r}")
        key.append(codes)
    return tuple(key)


def _options(
    parameters: Mapping[str, str], known: tuple[str, ...]
) -> tuple[dict[str, str], tuple[Condition, ...]]:
    """Parameters that a kind of request has, and conditions on components.

    Raises
    ------
    RequestError
        It has no such parameter.
    """
    options = {}
    conditions = []
    for name, value in parameters.items():
        match = _PARAMETER.fullmatch(name)
        if match:
            conditions.append(parse_condition(match["component"], value))
        elif name in known or name in _FURTHER:
            options[name] = value
        else:
            names = ", ".join(known)
            raise RequestError(400, f"expected a parameter of {names}, found {name[:60]!r}")
    return options, tuple(conditions)


def _options_1(
    parameters: dict[str, str], known: tuple[str, ...]
) -> tuple[dict[str, str], tuple[Condition, ...]]:
    """Parameters of version 1, whose bounds of time become conditions."""
    bounds = {"startPeriod": "ge", "endPeriod": "le"}
    others = {}
    conditions = []
    for name, value in parameters.items():
        if name in bounds:
            conditions.append(parse_condition(TIME, f"{bounds[name]}:{value}"))
        else:
            others[name] = value
    options, further = _options(others, known)
    return options, (*conditions, *further)


def _checked(request: Request) -> Request:
    """Request whose parameters have been read once, so that an error comes before any figure.

    Raises
    ------
    RequestError
        A parameter has a value that it cannot have, or two contradict each other.
    """
    for name in ("firstNObservations", "lastNObservations", "limit"):
        request.number(name)
    request.number("offset", 0)
    start = request.option("reportingYearStartDay")
    if start not in ("", "--01-01"):
        is_day = _DAY.fullmatch(start) is not None
        message = "reportingYearStartDay is not implemented but for --01-01"
        raise RequestError(501 if is_day else 400, message)
    after = request.time("updatedAfter")
    as_of = request.time("asOf")
    if after and as_of and after > as_of:
        raise RequestError(422, "updatedAfter is later than asOf")
    words = {
        "includeHistory": ("true", "false"),
        "detail": ("full", "dataonly", "serieskeysonly", "nodata"),
        "mode": ("exact", "available"),
        "labels": ("id", "name", "both"),
    }
    for name, known in words.items():
        value = request.option(name)
        if value and value not in known:
            listed = ", ".join(known)
            raise RequestError(400, f"expected {listed} under {name}, found {value[:40]!r}")
    return request
