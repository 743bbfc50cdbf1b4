"""ILOSTAT's SDMX service: its address, its refusals, and what it says of a dataflow."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ilms_sdmx import structures
from ilms_sdmx.datasets import OBSERVATION, Components
from ilms_sdmx.downloads.cache import Download
from ilms_sdmx.downloads.client import Client
from ilms_sdmx.downloads.service import Fault, NoDataError, Service, TooLargeError
from ilms_sdmx.errors import NotFoundError, ResponseError, StructureError, UnavailableError
from ilms_sdmx.sources.reading import json_of

if TYPE_CHECKING:
    import pandas as pd

LICENCE = "CC BY 4.0"
STRUCTURE_JSON = "application/vnd.sdmx.structure+json;version=1.0"
#: Mark of UTF-8 with which some answers begin.
_MARK = b"\xef\xbb\xbf"
_FAULTS = (
    Fault(
        r"ORA-\d+",
        NotFoundError,
        "the key holds a code that the service does not know: check the areas",
    ),
    Fault(
        "languageTag1",
        ResponseError,
        "the service was asked for any language: please report it",
    ),
    Fault(
        "Not enough key values",
        NotFoundError,
        "the key is too short: give one slot for each dimension",
    ),
    Fault(
        "indicator codelist dictionary",
        UnavailableError,
        "the service lost its catalogue: try again later",
    ),
    Fault(
        "not implemented",
        ResponseError,
        "the service does not implement this request: please report it",
    ),
    Fault("No data is found", NoDataError, "ILOSTAT has no data for this key and these years"),
    Fault("requested structures", NotFoundError, "ILOSTAT knows no such dataflow"),
)
#: Paced as ILOSTAT's own clients are: 20 requests a minute; a shield in front answers 403 in
#: bursts.
SERVICE = Service(
    "ILOSTAT",
    "https://sdmx.ilo.org/rest",
    licence=LICENCE,
    fresh=timedelta(days=1),
    pace=3.0,
    timeout=(15.0, 90.0),
    burst_403=True,
    faults=_FAULTS,
)
#: For a query that can be split: a time-out of the gateway means that it was too large.
SPLITTING = replace(
    SERVICE,
    faults=(
        Fault("", TooLargeError, "the service did not finish: ask for less", frozenset({504})),
        *_FAULTS,
    ),
)


@dataclass(frozen=True)
class Description:
    """What ILOSTAT says of a dataflow.

    `updated` is its vintage, `areas` and `years` what its constraint allows (empty where
    unknown).
    """

    id: str
    name: str
    dimensions: tuple[str, ...]
    attributes: tuple[str, ...]
    updated: str = ""
    areas: tuple[str, ...] = ()

    @property
    def components(self) -> Components:
        """Components of the dataflow."""
        return Components(
            self.dimensions, attributes=dict.fromkeys(self.attributes, OBSERVATION)
        )


def at(service: Service, base_url: str) -> Service:
    """Return the service at another address, at its own where none is given."""
    return replace(service, base=base_url) if base_url else service


def identify(dataflow: str) -> str:
    """Id of a dataflow with `DF_`: ours by any of its names, any other as it is."""
    try:
        return f"DF_{structures.resolve(dataflow).id}"
    except StructureError:
        match = re.fullmatch(
            r"(?:ILO[:,])?(?:DF_)?([A-Z0-9_]+)(?:[(,]1\.0\)?)?", dataflow.strip()
        )
        if match is None:
            raise
        return f"DF_{match[1]}"


def describe(client: Client, dataflow: str, base_url: str = "") -> Description:
    """Dimensions, vintage and areas of any dataflow of ILOSTAT, as the service says.

    Raises
    ------
    NotFoundError
        ILOSTAT has no such dataflow.
    ResponseError
        The answer is no structure message.
    """
    id = identify(dataflow)
    service = at(SERVICE, base_url)
    path = f"dataflow/ILO/{id}/latest"
    params = {"references": "all", "detail": "referencepartial"}

    def read(answer: Download) -> Description:
        return _described(answer.content, id, answer.url)

    _, description = client.read(
        read, service, path, params, accept=STRUCTURE_JSON, kind="json"
    )
    return description


@lru_cache(maxsize=32)
def _described(content: bytes, id: str, url: str) -> Description:
    """Description of a dataflow by its structure message."""
    import orjson

    try:
        message = orjson.loads(content.removeprefix(_MARK))
        data = message["data"]
        dataflow = _with_id(data["dataflows"], id)
        structure = _structure_of(data["dataStructures"], dataflow, id)
        parts = structure["dataStructureComponents"]
        name = str(dataflow.get("name", ""))
        dimensions = _dimension_ids(parts["dimensionList"])
        attribute_list = parts.get("attributeList", {})
        attributes = [attribute["id"] for attribute in attribute_list.get("attributes", [])]
        updated = _last_update(dataflow)
        areas = tuple(_constrained(data, "REF_AREA"))
        return Description(id, name, tuple(dimensions), tuple(attributes), updated, areas)
    except (ValueError, KeyError, TypeError) as error:
        message = "expected the structure of the dataflow: please report it"
        raise ResponseError(message, url) from error


def _with_id(artefacts: list[dict[str, Any]], id: str) -> dict[str, Any]:
    """Artefact of an id; a KeyError where there is none."""
    for artefact in artefacts:
        if artefact["id"] == id:
            return artefact
    raise KeyError(id)


def _structure_of(
    structures: list[dict[str, Any]], dataflow: dict[str, Any], id: str
) -> dict[str, Any]:
    """Structure that the dataflow refers to, or that has its id without `DF_`."""
    for structure in structures:
        is_referred_to = structure["id"] in dataflow["structure"]
        if is_referred_to or f"DF_{structure['id']}" == id:
            return structure
    raise KeyError(id)


def _dimension_ids(lists: dict[str, Any]) -> list[str]:
    """Ids of the dimensions in the order of the key, that of time last."""
    dimensions = sorted(lists["dimensions"], key=_position)
    times = lists.get("timeDimensions") or [{"id": "TIME_PERIOD"}]
    components = [*dimensions, *times]
    return [component["id"] for component in components]


def _position(dimension: dict[str, Any]) -> int:
    """Position of a dimension in the key."""
    position = dimension.get("position", 0)
    return int(position)


def _last_update(dataflow: dict[str, Any]) -> str:
    for annotation in dataflow.get("annotations", []):
        if annotation.get("type") == "LAST_UPDATE":
            return str(annotation.get("title", ""))
    return ""


def _constrained(data: dict[str, Any], dimension: str) -> list[str]:
    """Codes of a dimension that the constraint of the answer allows.

    None where it does not say.
    """
    for constraint in data.get("contentConstraints", []):
        for region in constraint.get("cubeRegions", []):
            for key in region.get("keyValues", []):
                if key.get("id") == dimension:
                    return [_code_of(value) for value in key.get("values", [])]
    return []


def _code_of(value: Any) -> Any:
    return value["value"] if isinstance(value, dict) else value


def fetch_catalogue(client: Client, base_url: str = "") -> pd.DataFrame:
    """Every dataflow of ILOSTAT: columns `id`, `name`.

    Raises
    ------
    ResponseError
        The answer is no list of dataflows.
    """
    service = at(SERVICE, base_url)
    params = {"detail": "allstubs"}

    def read(answer: Download) -> pd.DataFrame:
        return _catalogue(answer.content, answer.url)

    _, catalogue = client.read(
        read, service, "dataflow/ILO", params, accept=STRUCTURE_JSON, kind="json"
    )
    return catalogue


@lru_cache(maxsize=4)
def _catalogue(content: bytes, url: str) -> pd.DataFrame:
    """Ids and names of the dataflows of a message."""
    import orjson
    import pandas as pd

    entries = []
    try:
        message = orjson.loads(content.removeprefix(_MARK))
        for dataflow in message["data"]["dataflows"]:
            name = dataflow.get("name")
            if not name:
                names = dataflow.get("names", {})
                name = names.get("en", "")
            entries.append((dataflow["id"], name))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ResponseError("expected a list of dataflows: please report it", url) from error
    return pd.DataFrame(entries, columns=["id", "name"], dtype="str")


def search(catalogue: pd.DataFrame, words: str) -> pd.DataFrame:
    """Entries of a catalogue whose id or name has every word; words in the id first.

    Examples
    --------
    >>> import pandas as pd
    >>> employed = ("DF_EMP_MFRC_SEX_CCT_NB", "Employed foreign citizens")
    >>> entries = [employed, ("DF_UNE", "Unemployment")]
    >>> search(pd.DataFrame(entries, columns=["id", "name"]), "foreign employed")["id"].tolist()
    ['DF_EMP_MFRC_SEX_CCT_NB']
    """
    ids = catalogue["id"].str.lower()
    names = catalogue["name"].str.lower()
    texts = ids + " " + names
    keep = texts.notna()
    rank = keep.astype("int64") * 0
    for word in words.lower().split():
        keep &= texts.str.contains(word, regex=False)
        rank += ids.str.contains(word, regex=False)
    ranked = rank[keep].sort_values(ascending=False, kind="stable")
    entries = catalogue.loc[ranked.index]
    return entries.reset_index(drop=True)


def fetch_structures(client: Client, dataflow: str, base_url: str = "") -> Download:
    """Structure message (SDMX-JSON 1.0) of a dataflow, with codelists and constraint."""
    path = f"dataflow/ILO/{identify(dataflow)}/latest"
    query = {"references": "all", "detail": "referencepartial"}
    service = at(SERVICE, base_url)
    download, _ = client.read(json_of, service, path, query, accept=STRUCTURE_JSON, kind="json")
    return download
