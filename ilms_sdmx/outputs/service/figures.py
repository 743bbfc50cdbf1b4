"""Figures that a request asks for, area by area: memory does not grow with the answer."""

from __future__ import annotations

import copy
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ilms_sdmx.database.database import Database
from ilms_sdmx.database.manifest import Manifest, Schema
from ilms_sdmx.datasets import Components, Dataset
from ilms_sdmx.errors import RequestError
from ilms_sdmx.messages import pool
from ilms_sdmx.outputs.exchange.registration import Provider
from ilms_sdmx.outputs.service.conditions import TIME, which_fulfil
from ilms_sdmx.outputs.service.requests import KeyCodes, Request
from ilms_sdmx.periods import parse_period
from ilms_sdmx.structures.facts import OURS

if TYPE_CHECKING:
    import pandas as pd

_FLOW = re.compile(r"(?P<agency>[^:]+):(?P<id>[^(]+)\((?P<version>[^)]+)\)")
_AREA = "REF_AREA"


@dataclass(frozen=True, slots=True)
class _Area:
    """Figures of one area as bare columns.

    A frame that lives long remembers every other one that was ever taken from it; columns that
    belong to none do not.

    Parameters
    ----------
    empty
        Data set of the area without its figures.
    columns
        Values of each column, in order.
    count
        Number of figures.
    """

    empty: Dataset
    columns: Mapping[str, Any]
    count: int

    @classmethod
    def of(cls, dataset: Dataset) -> _Area:
        """Columns of a data set."""
        frame = dataset.observations
        columns = {str(name): frame[name].array for name in frame.columns}
        empty = replace(dataset, observations=frame.iloc[:0].copy(), provenance=None)
        return cls(empty, columns, len(frame))

    def with_codes(self, wanted: Mapping[str, list[str]]) -> Dataset:
        """Figures that have one of the codes wanted of each dimension."""
        import pandas as pd

        fulfilled = np.ones(self.count, dtype=bool)
        for name, codes in wanted.items():
            fulfilled &= _has_code(self.columns[name], codes)
        rows = np.flatnonzero(fulfilled)
        chosen = {name: values.take(rows) for name, values in self.columns.items()}
        frame = pd.DataFrame(chosen, copy=False)
        # Plain names are found at once; those of Arrow are made anew each time.
        frame.columns = pd.Index(list(chosen), dtype="object")
        return _with_frame(self.empty, frame)


class Areas:
    """Figures of whole areas that were read last: small ones, so that memory is bounded.

    What is added makes a new number of the manifest, so nothing old is ever given.

    Parameters
    ----------
    most
        Figures that are kept at the most; an area of more than an eighth of them is not.
    """

    def __init__(self, most: int = 200_000) -> None:
        self._most = most
        self._held: OrderedDict[tuple[object, ...], _Area] = OrderedDict()
        self._count = 0
        self._lock = threading.Lock()

    def takes(self, count: int) -> bool:
        """Whether an area of so many figures is kept."""
        return count <= self._most // 8

    def get(self, key: tuple[object, ...], read: Callable[[], Dataset]) -> _Area:
        """Figures of a key, read where they are not held."""
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
                return found
        area = _Area.of(read())
        with self._lock:
            if key not in self._held:
                self._held[key] = area
                self._count += area.count
            while self._count > self._most:
                _, oldest = self._held.popitem(last=False)
                self._count -= oldest.count
        return area


class Snapshot(Database):
    """Database as its manifest was when a request came: what is added later is not seen.

    Parameters
    ----------
    folder
        Folder of the database.
    manifest
        Its manifest.
    areas
        Areas that were read last, for small answers.
    """

    def __init__(self, folder: str, manifest: Manifest, areas: Areas | None = None) -> None:
        super().__init__(folder)
        self._manifest = manifest
        self._areas = areas or Areas()

    @property
    def manifest(self) -> Manifest:
        """The manifest as it was."""
        return self._manifest

    def area(
        self, schema: Schema, area: str, wanted: Mapping[str, list[str]], moment: str | None
    ) -> Dataset:
        """Figures of an area with the codes that are wanted."""
        key = {name: codes for name, codes in wanted.items() if name != _AREA}
        segments = self.manifest.segments_of(schema.dataflow, areas=[area] if area else ())
        rows = sum(segment.rows for segment in segments)
        if not self._areas.takes(rows):
            if area:
                key[_AREA] = [area]
            return replace(self.get(schema.dataflow, key=key, as_of=moment), provenance=None)

        def read() -> Dataset:
            of_area = {_AREA: [area]} if area else {}
            return self.get(schema.dataflow, key=of_area, as_of=moment)

        number = self.manifest.number_at(moment)
        name = (number, len(self.manifest.vintages), schema.dataflow, area)
        return self._areas.get(name, read).with_codes(key)


def _has_code(column: Any, codes: Iterable[str]) -> np.ndarray:
    """Which values of a column are one of some codes."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    values, texts = pool.distinct(pd.Series(column, copy=False))
    known = pc.is_in(texts, pa.array(codes, pa.string())).to_numpy(zero_copy_only=False)
    # The last answers the number of a missing value, -1.
    is_wanted = np.append(known, False)
    has_code: np.ndarray = is_wanted[values]
    return has_code


@dataclass(frozen=True, slots=True)
class FlowName:
    """Parts of the identifier of a dataflow."""

    agency: str
    id: str
    version: str


def flow_name(dataflow: str) -> FlowName:
    """Parts of an identifier; a table without one is a dataflow of ours.

    >>> flow_name("ILO:DF_X(1.0)")
    FlowName(agency='ILO', id='DF_X', version='1.0')
    """
    match = _FLOW.fullmatch(dataflow)
    if match is None:
        return FlowName(OURS, dataflow, "1.0")
    return FlowName(match["agency"], match["id"], match["version"])


def schemas_asked(
    manifest: Manifest, request: Request, provider: Provider | None = None
) -> list[Schema]:
    """Schemas of the dataflows that a request names, of the office that it names."""
    if not _is_of(provider, request.option("provider")):
        return []
    asked = []
    for dataflow, schema in manifest.schemas.items():
        name = flow_name(dataflow)
        agency = name.agency
        id = name.id
        version = name.version
        if request.context == "datastructure":
            id = id.removeprefix("DF_")
        if request.context == "provisionagreement":
            if provider is None:
                continue
            agency, id, version = provider.agency, f"PA_{id}", "1.0"
        if request.reference.names(agency, id, version):
            asked.append(schema)
    return asked


def _is_of(provider: Provider | None, asked: str) -> bool:
    """Whether figures are of an office that is asked for, `AGENCY,ID` or `ID` of several."""
    if asked in ("", "all"):
        return True
    if provider is None:
        return False
    names = (provider.id, f"{provider.agency},{provider.id}", f"{provider.agency},all")
    return any(each in names for each in asked.split("+"))


def size_bound(manifest: Manifest, schemas: Iterable[Schema], request: Request) -> int:
    """Number of figures that an answer may have at the most."""
    size = 0
    for schema in schemas:
        areas = _wanted(schema, request).get(_AREA, ())
        for segment in manifest.segments_of(schema.dataflow, areas=areas):
            size += segment.rows
    return size


def batches(
    snapshot: Snapshot, schemas: Iterable[Schema], request: Request
) -> Iterator[Dataset]:
    """Data sets of a request that have figures, those of one dataflow with one number."""
    left = request.number("limit")
    skip = request.number("offset", 0) or 0
    is_cut = left is not None or bool(skip)
    for number, schema in enumerate(schemas):
        for dataset in _of_schema(snapshot, schema, request):
            if is_cut:
                dataset = replace(dataset, attached={})
                count = len(dataset)
                dataset = rows_of(dataset, np.arange(skip, count))
                skip = max(0, skip - count)
            if left is not None:
                dataset = rows_of(dataset, np.arange(min(left, len(dataset))))
                left -= len(dataset)
            if len(dataset):
                told = series_alone(dataset) if is_of_series(request) else dataset
                yield told if told.number == number else replace(told, number=number)
            if left == 0:
                return


def _of_schema(snapshot: Snapshot, schema: Schema, request: Request) -> Iterator[Dataset]:
    """Figures of one dataflow, an area at a time; all at once where they are sorted."""
    order = request.option("sort")
    parts = parts_of(snapshot, schema, request)
    if not order:
        yield from parts
        return
    whole = list(parts)
    if not whole:
        return
    import pandas as pd

    frames = [part.observations.astype("object") for part in whole]
    joined = pd.concat(frames, ignore_index=True)
    dataset = replace(whole[0], observations=joined, attached={}, provenance=None)
    yield rows_of(dataset, _order(dataset, order))


def parts_of(snapshot: Snapshot, schema: Schema, request: Request) -> Iterator[Dataset]:
    """Figures of each area of a dataflow that fulfil the conditions of a request."""
    wanted = _wanted(schema, request)
    if any(not codes for codes in wanted.values()):
        return
    as_of = request.time("asOf")
    moment = as_of.isoformat() if as_of else None
    for area in _areas(snapshot.manifest, schema, wanted):
        dataset = snapshot.area(schema, area, wanted, moment)
        if not len(dataset):
            continue
        fulfilled = which_fulfil(dataset.observations, request.conditions)
        fulfilled &= _of_keys(dataset, request.keys)
        selected = rows_of(dataset, np.flatnonzero(fulfilled))
        selected = _of_ends(selected, request)
        if is_of_series(request):
            selected = rows_of(selected, _first_of_series(selected))
        if len(selected):
            yield _cut(selected, request)


def _areas(manifest: Manifest, schema: Schema, wanted: Mapping[str, list[str]]) -> list[str]:
    """Areas of a dataflow that are asked for; one without a name where it has no areas."""
    if _AREA not in schema.dimensions:
        return [""]
    areas = wanted.get(_AREA, ())
    segments = manifest.segments_of(schema.dataflow, areas=areas)
    return sorted({segment.area for segment in segments})


def _wanted(schema: Schema, request: Request) -> dict[str, list[str]]:
    """Codes of each dimension that a request allows, where it names some.

    Raises
    ------
    RequestError
        A key has more places than the dataflow has dimensions.
    """
    wanted: dict[str, set[str]] = {}
    dimensions = [name for name in schema.dimensions if name != TIME]
    for key in request.keys:
        if len(key) > len(dimensions):
            expected = ".".join(dimensions)
            raise RequestError(422, f"expected a key as {expected}, found {len(key)} places")
    for place, name in enumerate(dimensions):
        codes: set[str] = set()
        for key in request.keys:
            if place >= len(key) or not key[place]:
                codes.clear()
                break
            codes.update(key[place])
        if codes:
            wanted[name] = codes
    for condition in request.conditions:
        named = set(condition.codes)
        if named and condition.component in dimensions:
            known = wanted.get(condition.component, named)
            wanted[condition.component] = known & named
    return {name: sorted(codes) for name, codes in wanted.items()}


def _of_keys(dataset: Dataset, keys: tuple[KeyCodes, ...]) -> np.ndarray:
    """Which figures have one of several keys; one key has been asked for already."""
    fulfilled = np.ones(len(dataset), dtype=bool)
    if len(keys) < 2:
        return fulfilled
    dimensions = [name for name in dataset.components.dimensions if name != TIME]
    texts = {name: dataset.observations[name].astype("str") for name in dimensions}
    any_key = np.zeros(len(dataset), dtype=bool)
    for key in keys:
        has_key = fulfilled.copy()
        for name, codes in zip(dimensions, key, strict=False):
            if codes:
                has_key &= texts[name].isin(codes).to_numpy()
        any_key |= has_key
    return any_key


def _of_ends(dataset: Dataset, request: Request) -> Dataset:
    """First or last figures of each series, in time."""
    first = request.number("firstNObservations")
    last = request.number("lastNObservations")
    if (first is None and last is None) or TIME not in dataset.components.dimensions:
        return dataset
    in_time = np.argsort(_instants(dataset.observations[TIME]), kind="stable")
    series = [name for name in dataset.components.dimensions if name != TIME]
    grouped = dataset.observations.iloc[in_time].astype("str").groupby(series, sort=False)
    from_start = grouped.cumcount().to_numpy()
    from_end = grouped.cumcount(ascending=False).to_numpy()
    kept = np.zeros(len(dataset), dtype=bool)
    if first is not None:
        kept |= from_start < first
    if last is not None:
        kept |= from_end < last
    rows = np.sort(in_time[kept])
    return rows_of(dataset, rows)


def is_of_series(request: Request) -> bool:
    """Whether a request asks for series without their observations."""
    is_bare = request.option("detail") in ("serieskeysonly", "nodata")
    return is_bare or request.option("measures") == "none"


def _first_of_series(dataset: Dataset) -> np.ndarray:
    """First row of each series."""
    series = [name for name in dataset.components.dimensions if name != TIME]
    is_repeated = dataset.observations[series].astype("str").duplicated()
    return np.flatnonzero(~is_repeated.to_numpy())


def series_alone(dataset: Dataset) -> Dataset:
    """Series of a data set with one row for each, without observations."""
    components = dataset.components
    series = tuple(name for name in components.dimensions if name != TIME)
    told = list(series)
    for name, attachment in components.attributes.items():
        if attachment and set(attachment) <= set(series):
            told.append(name)
    keys = dataset.observations[told].astype("string").reset_index(drop=True)
    return replace(dataset, observations=dataset.observations.iloc[:0], attached={series: keys})


def _instants(column: pd.Series) -> np.ndarray:
    """First day of each period, to order them by."""
    import pandas as pd

    codes, distinct = pd.factorize(column.astype("str"))
    days = []
    for text in distinct.tolist():
        period = parse_period(str(text))
        days.append(period.start if period else 0)
    return np.array(days, dtype="int64")[codes]


def _order(dataset: Dataset, text: str) -> np.ndarray:
    """Rows in the order of `DIM:desc+OTHER`, or of all dimensions.

    Raises
    ------
    RequestError
        There is no such component, or no such direction.
    """
    keys: dict[str, np.ndarray] = {}
    dimensions = dataset.components.dimensions
    names = list(dimensions) if text in ("*", "series_key") else text.split("+")
    for each in names:
        name, _, direction = each.partition(":")
        if name not in dataset.observations.columns or direction not in ("", "asc", "desc"):
            raise RequestError(
                422, f"expected sort=COMPONENT:asc or :desc, found {each[:60]!r}"
            )
        if name in keys:
            # It decides nothing any more; a thousand times it would only cost.
            continue
        column = dataset.observations[name]
        ranks = _instants(column) if name == TIME else _ranks(column)
        keys[name] = -ranks if direction == "desc" else ranks
    return np.lexsort(list(keys.values())[::-1])


def _ranks(column: pd.Series) -> np.ndarray:
    import pandas as pd

    codes, _ = pd.factorize(column.astype("str"), sort=True)
    return codes.astype("int64")


def _cut(dataset: Dataset, request: Request) -> Dataset:
    """Data set with the attributes and measures that are asked for."""
    components = dataset.components
    detail = request.option("detail", "full")
    attributes = _attributes(components, request, detail)
    measures = _measures(components, request)
    if attributes == set(components.attributes) and measures == components.measures:
        return dataset
    kept = {}
    for name, attachment in components.attributes.items():
        if name in attributes:
            kept[name] = attachment
    cut = replace(components, attributes=kept, measures=measures)
    frame = dataset.observations[cut.columns]
    attached = dataset.attached if attributes else {}
    return replace(dataset, observations=frame, components=cut, attached=attached)


def _attributes(components: Components, request: Request, detail: str) -> set[str]:
    """Ids of the attributes that are asked for."""
    if detail in ("dataonly", "serieskeysonly"):
        return set()
    asked = request.option("attributes", "all")
    attributes: set[str] = set()
    for word in asked.split(","):
        for name, attachment in components.attributes.items():
            level = "series"
            if not attachment:
                level = "dataset"
            elif TIME in attachment or set(components.dimensions) <= set(attachment):
                level = "obs"
            if word in ("dsd", "all", name, level):
                attributes.add(name)
    return attributes


def _measures(components: Components, request: Request) -> tuple[str, ...]:
    """Ids of the measures that are asked for."""
    asked = request.option("measures", "all")
    if asked in ("all", "none"):
        return components.measures
    named = asked.split(",")
    return tuple(name for name in components.measures if name in named)


def rows_of(dataset: Dataset, rows: np.ndarray) -> Dataset:
    """Data set with some of its rows."""
    if len(rows) == len(dataset) and bool((np.diff(rows) == 1).all()):
        return dataset
    frame = dataset.observations.iloc[rows].reset_index(drop=True)
    return _with_frame(dataset, frame)


def _with_frame(dataset: Dataset, frame: pd.DataFrame) -> Dataset:
    """Data set with another frame of the same columns, which need not be looked at again."""
    made = copy.copy(dataset)
    object.__setattr__(made, "observations", frame)
    return made
