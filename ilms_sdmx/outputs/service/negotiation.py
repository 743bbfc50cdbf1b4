"""Negotiation: which media type a request gets, of those that its kind of answer has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ilms_sdmx.errors import RequestError
from ilms_sdmx.outputs.service.requests import Request

#: Longest header that is read, and most media types of it.
_LONGEST, _MOST = 4_000, 60
_WEIGHT = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")
#: Names of media types for everybody to the endings of those of SDMX.
_COMMON = {
    "application/json": "json",
    "text/json": "json",
    "application/xml": "xml",
    "text/xml": "xml",
    "text/csv": "csv",
    "application/csv": "csv",
}


@dataclass(frozen=True, slots=True)
class MediaType:
    """A media type that the service gives.

    Parameters
    ----------
    name
        `application/vnd.sdmx.data+csv`.
    version
        `2.0.0`.
    format
        Format of `write` or `structures.to_bytes`.
    words
        What `format=` calls it, `csv` or `jsondata`.
    parameters
        Parameters that it knows, each with its values.
    time_series
        Whether the message allows nothing but series by time.
    """

    name: str
    version: str
    format: str
    words: tuple[str, ...] = ()
    parameters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    time_series: bool = False

    @property
    def ending(self) -> str:
        """`csv`, `json` or `xml`."""
        return self.name.rpartition("+")[2]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The media type of an answer.

    Parameters
    ----------
    media
        The type.
    parameters
        Values of its parameters.
    language
        Language of its names.
    """

    media: MediaType
    parameters: dict[str, str] = field(default_factory=dict)
    language: str = "en"

    @property
    def content_type(self) -> str:
        """Header of the answer."""
        parts = [self.media.name, f"version={self.media.version}"]
        for name, value in self.parameters.items():
            parts.append(f"{name}={value}")
        if self.media.ending == "csv":
            parts.append("charset=utf-8")
        return "; ".join(parts)


_CSV = {"labels": ("id", "name", "both"), "timeformat": ("original", "normalized")}
_KEYS = {"keys": ("none", "obs", "series", "both")}
_DATA = "application/vnd.sdmx.data+"
_STRUCTURE = "application/vnd.sdmx.structure+"
_SDMX = "application/vnd.sdmx."
#: Media types of SDMX-ML 2.1; those of time series have the same content under another name.
_XML_21 = (
    MediaType(f"{_SDMX}genericdata+xml", "2.1", "sdmx-ml-2.1-generic", ("genericdata",)),
    MediaType(
        f"{_SDMX}structurespecificdata+xml", "2.1", "sdmx-ml-2.1", ("structurespecificdata",)
    ),
    MediaType(
        f"{_SDMX}generictimeseriesdata+xml",
        "2.1",
        "sdmx-ml-2.1-generic",
        ("generictimeseriesdata",),
        time_series=True,
    ),
    MediaType(
        f"{_SDMX}structurespecifictimeseriesdata+xml",
        "2.1",
        "sdmx-ml-2.1",
        ("structurespecifictimeseriesdata",),
        time_series=True,
    ),
)
#: Media types of data for version 2 of the interface, the default first.
DATA_2 = (
    MediaType(f"{_DATA}json", "2.1.0", "sdmx-json-2.1", ("json", "jsondata")),
    MediaType(f"{_DATA}json", "2.0.0", "sdmx-json-2.0"),
    MediaType(f"{_DATA}json", "1.0.0", "sdmx-json-1.0"),
    MediaType(f"{_DATA}csv", "2.1.0", "sdmx-csv-2.1", ("csv", "csvdata"), _CSV | _KEYS),
    MediaType(f"{_DATA}csv", "2.0.0", "sdmx-csv-2.0", (), _CSV | _KEYS),
    MediaType(f"{_DATA}csv", "1.0.0", "sdmx-csv-1.0", (), _CSV),
    MediaType(f"{_DATA}xml", "3.1.0", "sdmx-ml-3.1", ("xml", "xmldata")),
    MediaType(f"{_DATA}xml", "3.0.0", "sdmx-ml-3.0"),
    *(_XML_21[place] for place in (1, 0, 3, 2)),
)
#: The same for version 1, whose default is generic data.
DATA_1 = (
    *_XML_21,
    MediaType(f"{_DATA}json", "1.0.0", "sdmx-json-1.0", ("json", "jsondata")),
    MediaType(f"{_DATA}csv", "1.0.0", "sdmx-csv-1.0", ("csv", "csvdata"), _CSV),
    *(each for each in DATA_2 if each.version not in ("2.1", "1.0.0")),
)
#: Media types of structures, the default of each interface first.
STRUCTURE_2 = (
    MediaType(f"{_STRUCTURE}json", "2.1.0", "sdmx-json-2.1", ("json",)),
    MediaType(f"{_STRUCTURE}json", "2.0.0", "sdmx-json-2.0"),
    MediaType(f"{_STRUCTURE}xml", "3.0.0", "sdmx-ml-3.0", ("xml",)),
    MediaType(f"{_STRUCTURE}xml", "2.1", "sdmx-ml-2.1"),
)
STRUCTURE_1 = (
    MediaType(f"{_STRUCTURE}xml", "2.1", "sdmx-ml-2.1", ("xml",)),
    *(each for each in STRUCTURE_2 if each.version != "2.1"),
)
_SCHEMAS = (
    MediaType(f"{_SDMX}schema+xml", "3.1.0", "xsd-3.1"),
    MediaType(f"{_SDMX}schema+xml", "3.0.0", "xsd-3.0"),
    MediaType(f"{_SDMX}schema+xml", "2.1", "xsd-2.1"),
)
#: Media types of schemas: to validate messages with, and structures to read.
SCHEMA_2 = (*_SCHEMAS, *STRUCTURE_2)
SCHEMA_1 = (*_SCHEMAS[::-1], *STRUCTURE_1)


_METADATA = "application/vnd.sdmx.metadata+"
#: Media types of sets of reference metadata.
METADATA_2 = (
    MediaType(f"{_METADATA}json", "2.1.0", "", ("json",)),
    MediaType(f"{_METADATA}json", "2.0.0", ""),
    MediaType(f"{_METADATA}xml", "3.1.0", "", ("xml",)),
    MediaType(f"{_METADATA}xml", "3.0.0", ""),
    MediaType(f"{_METADATA}csv", "2.1.0", "", ("csv",)),
    MediaType(f"{_METADATA}csv", "1.0.0", ""),
    MediaType(f"{_SDMX}genericmetadata+xml", "2.1", ""),
    MediaType(f"{_SDMX}structurespecificmetadata+xml", "2.1", ""),
)
METADATA_1 = (*METADATA_2[-2:], *METADATA_2[:-2])
#: Media types of registrations.
REGISTRY = (
    MediaType(f"{_SDMX}registry+xml", "3.1.0", "sdmx-ml-3.1", ("xml",)),
    MediaType(f"{_SDMX}registry+xml", "3.0.0", "sdmx-ml-3.0"),
    MediaType(f"{_SDMX}registry+xml", "2.1", "sdmx-ml-2.1"),
)
#: Media types of each kind of request, by the version of the interface.
_OFFERED: dict[str, dict[int, tuple[MediaType, ...]]] = {
    "data": {1: DATA_1, 2: DATA_2},
    "availability": {1: STRUCTURE_1, 2: STRUCTURE_2},
    "structure": {1: STRUCTURE_1, 2: STRUCTURE_2},
    "schema": {1: SCHEMA_1, 2: SCHEMA_2},
    "metadata": {1: METADATA_1, 2: METADATA_2},
    "registration": {2: REGISTRY},
}


def offered(request: Request) -> tuple[MediaType, ...]:
    """Media types that there are for a request, the default first."""
    types = _OFFERED[request.kind][request.version]
    if request.kind != "availability":
        return types
    versions = ("2.1", "2.0.0", "2.1.0")
    return tuple(each for each in types if each.version in versions)


@dataclass(frozen=True, slots=True)
class _Wish:
    """One media type that a client asks for, with its weight."""

    name: str
    parameters: dict[str, str]
    weight: float


def negotiated(
    accept: str, offered: Sequence[MediaType], word: str = "", version: str = ""
) -> Chosen:
    """Media type of an answer: the one with the greatest weight, of equal ones the first.

    Parameters
    ----------
    accept
        Header of the request; empty for anything.
    offered
        Media types, the default first.
    word, version
        Parameters `format` and `formatVersion`, which come before the header.

    Raises
    ------
    RequestError
        406: there is no such answer.

    Examples
    --------
    >>> negotiated("text/csv;q=0.5, application/json", DATA_2).media.format
    'sdmx-json-2.1'
    >>> wished = "application/vnd.sdmx.data+csv;version=1.0.0;labels=both"
    >>> negotiated(wished, DATA_2).content_type
    'application/vnd.sdmx.data+csv; version=1.0.0; labels=both; charset=utf-8'
    """
    if word:
        return Chosen(_by_word(word, version, offered))
    wishes = _wishes(accept)
    best: tuple[float, Chosen] | None = None
    for media in offered:
        weight, parameters = _weight(media, wishes)
        if weight > 0 and (best is None or weight > best[0]):
            best = (weight, Chosen(media, parameters))
    if best is None:
        names = ", ".join(dict.fromkeys(each.name for each in offered))
        raise RequestError(406, f"expected to be asked for one of {names}")
    return best[1]


def _by_word(word: str, version: str, offered: Iterable[MediaType]) -> MediaType:
    """Media type that a word names, as `csv`, or its whole name."""
    for media in offered:
        names = (media.ending, media.name, media.format, *media.words)
        if word in names and (not version or _is_version(version, media.version)):
            return media
    known = ", ".join(dict.fromkeys(each.ending for each in offered))
    raise RequestError(406, f"expected format={known}, found {word[:40]!r}")


def _wishes(accept: str) -> list[_Wish]:
    """Media types of a header; anything where it is empty."""
    if not accept.strip():
        return [_Wish("*/*", {}, 1.0)]
    if len(accept) > _LONGEST:
        raise RequestError(400, "expected a shorter header Accept")
    wishes = []
    for item in accept.split(",")[:_MOST]:
        name, *further = [part.strip() for part in item.split(";")]
        parameters = {}
        for part in further:
            key, _, value = part.partition("=")
            parameters[key.strip().lower()] = value.strip().strip('"')
        weight = parameters.pop("q", "1")
        known = float(weight) if _WEIGHT.fullmatch(weight) else 1.0
        wishes.append(_Wish(name.lower(), parameters, known))
    return wishes


def _weight(media: MediaType, wishes: Iterable[_Wish]) -> tuple[float, dict[str, str]]:
    """Weight of a media type by the most specific wish that fits it, and its parameters."""
    found: tuple[int, float, dict[str, str]] = (-1, 0.0, {})
    for wish in wishes:
        specific = _fit(media, wish)
        if specific > found[0]:
            parameters = {}
            for name, value in wish.parameters.items():
                if name in media.parameters and value in media.parameters[name]:
                    parameters[name] = value
            found = (specific, wish.weight, parameters)
    return found[1], found[2]


def _fit(media: MediaType, wish: _Wish) -> int:
    """How specifically a wish names a media type, -1 where it does not."""
    version = wish.parameters.get("version", "")
    if version and not _is_version(version, media.version):
        return -1
    for name, value in wish.parameters.items():
        if name in media.parameters and value not in media.parameters[name]:
            return -1
    if wish.name == media.name:
        return 4 + bool(version)
    if _COMMON.get(wish.name) == media.ending:
        return 2
    if wish.name == "application/*":
        return 1
    return 0 if wish.name == "*/*" else -1


def _is_version(wanted: str, version: str) -> bool:
    """Whether a version is the one asked for, with wildcards, and with or without its zeros."""
    parts = wanted.split(".")
    known = version.split(".")
    length = max(len(parts), len(known))
    parts += ["0"] * (length - len(parts))
    known += ["0"] * (length - len(known))
    for place, part in enumerate(parts):
        digits = part.rstrip("+~*")
        if part != digits:
            return not digits or int(known[place]) >= int(digits)
        if not part.isdigit() or int(part) != int(known[place]):
            return False
    return True
