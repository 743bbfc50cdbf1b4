"""Figures of a request as a message, streamed where it is large."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import chain
from typing import IO, Any

from ilms_sdmx.database.manifest import Schema
from ilms_sdmx.datasets import Dataset
from ilms_sdmx.errors import IlmsError, RequestError
from ilms_sdmx.messages.header import Header, Party, StructureReference
from ilms_sdmx.messages.writing import write
from ilms_sdmx.outputs.service import figures, revised
from ilms_sdmx.outputs.service.languages import names_in
from ilms_sdmx.outputs.service.negotiation import Chosen
from ilms_sdmx.outputs.service.replies import Answer, Service, nothing
from ilms_sdmx.outputs.service.requests import Request
from ilms_sdmx.outputs.service.streams import Stream
from ilms_sdmx.structures.facts import OURS

#: Most dataflows of one answer whose codes have names in it.
_MOST_NAMED = 50
#: Most figures of a message that is written at once.
_SMALL = 5_000


def data_answer(
    snapshot: figures.Snapshot,
    request: Request,
    chosen: Chosen,
    headers: dict[str, str],
    service: Service,
) -> Answer:
    """Stream of figures; 204 or 404 where there are none."""
    schemas = figures.schemas_asked(snapshot.manifest, request, service.provider)
    _refuse_large(snapshot, schemas, request, service)
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
        return nothing(request, headers)
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
    clock = service.clock

    def write_message(stream: IO[bytes]) -> None:
        write(datasets, stream, format, header=header, layout=layout, clock=clock, **options)

    if second is None and len(first) <= _SMALL:
        # Without a thread of its own; and its length is known before it is sent.
        return Answer(200, headers, _written(write_message))
    return Answer(200, headers, Stream(write_message))


def _refuse_large(
    snapshot: figures.Snapshot,
    schemas: Iterable[Schema],
    request: Request,
    service: Service,
) -> None:
    """Refuse an answer that is too large, before any figure is read.

    Raises
    ------
    RequestError
        413.
    """
    options = ("sort", "updatedAfter", "includeHistory")
    is_held = any(request.option(name) not in ("", "false") for name in options)
    most = service.limits.observations
    if is_held:
        most = min(most, service.limits.held)
    is_cut = request.number("limit") is not None and not is_held
    bound = figures.size_bound(snapshot.manifest, schemas, request)
    if bound > most and not is_cut:
        message = f"expected to be asked for at most {most:,} figures"
        raise RequestError(413, f"{message}: ask for fewer areas, or with limit")


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


def _layout(dimension: str) -> str:
    """Layout of a message for a dimension at the observations."""
    layouts = {"": "series", "TIME_PERIOD": "series", "AllDimensions": "flat"}
    return layouts.get(dimension, dimension)
