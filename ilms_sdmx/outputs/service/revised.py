"""What changed in figures: since a time, and with each addition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from ilms_sdmx.database.manifest import Manifest, Schema
from ilms_sdmx.datasets import Dataset
from ilms_sdmx.outputs.service.figures import Snapshot, parts_of, rows_of
from ilms_sdmx.outputs.service.requests import Request

#: Sign between the codes of a key that is one text.
_JOINT = "\x1f"


def updates(
    snapshot: Snapshot, schemas: Iterable[Schema], request: Request
) -> Iterator[Dataset]:
    """What changed after a time: figures that are new or other, then those that are gone."""
    after = request.time("updatedAfter")
    assert after is not None
    number = 0
    earlier = dict(request.options)
    earlier["asOf"] = after.isoformat()
    before = replace(request, options=earlier)
    for schema in schemas:
        then = list(parts_of(snapshot, schema, before))
        now = list(parts_of(snapshot, schema, request))
        for dataset in _differences(then, now):
            yield replace(dataset, number=number)
            number += 1


def history(
    snapshot: Snapshot, schemas: Iterable[Schema], request: Request
) -> Iterator[Dataset]:
    """Figures of each addition, each with the time from which or until which it holds."""
    number = 0
    for schema in schemas:
        before: list[Dataset] = []
        for time in _times(snapshot.manifest, schema, request):
            options = {**request.options, "asOf": time}
            now = list(parts_of(snapshot, schema, replace(request, options=options)))
            for dataset in _differences(before, now):
                said = "validTo" if dataset.action == "Delete" else "validFrom"
                about = {**dataset.about, said: time}
                yield replace(dataset, number=number, about=about)
                number += 1
            before = now


def _times(manifest: Manifest, schema: Schema, request: Request) -> list[str]:
    """Times at which figures of a dataflow were added, until the one that is asked for."""
    limit = request.time("asOf")
    last = manifest.number_at(limit.isoformat() if limit else None)
    names = {segment.name for segment in manifest.segments_of(schema.dataflow)}
    times = []
    for vintage in manifest.vintages:
        if vintage.name in names and vintage.number <= last:
            times.append(vintage.time)
    return list(dict.fromkeys(times))


def _differences(then: list[Dataset], now: list[Dataset]) -> Iterator[Dataset]:
    """Data set of what is new or other, and one of the keys that are gone."""
    known = {}
    for dataset in then:
        known.update(_contents(dataset))
    news = []
    for dataset in now:
        rows = []
        for row, (key, content) in enumerate(_contents(dataset).items()):
            if known.pop(key, None) != content:
                rows.append(row)
        if rows:
            news.append(replace(rows_of(dataset, np.array(rows)), attached={}))
    if news:
        yield _joined(news)
    gone = []
    for dataset in then:
        rows = [row for row, key in enumerate(_contents(dataset)) if key in known]
        if rows:
            gone.append(rows_of(dataset, np.array(rows)))
    if gone:
        yield _keys_of(_joined(gone))


def _contents(dataset: Dataset) -> dict[str, str]:
    """Content of each figure by its key."""
    texts = dataset.observations.astype("str").fillna("")
    dimensions = list(dataset.components.dimensions)
    keys = texts[dimensions].agg(_JOINT.join, axis=1)
    contents = texts.agg(_JOINT.join, axis=1)
    return dict(zip(keys, contents, strict=True))


def _joined(parts: list[Dataset]) -> Dataset:
    import pandas as pd

    if len(parts) == 1:
        return parts[0]
    frames = [part.observations.astype("object") for part in parts]
    return replace(parts[0], observations=pd.concat(frames, ignore_index=True), attached={})


def _keys_of(dataset: Dataset) -> Dataset:
    """Data set that deletes figures: their keys alone."""
    components = dataset.components
    frame = dataset.observations.copy()
    for name in (*components.measures, *components.attributes):
        frame[name] = None
    return replace(dataset, observations=frame, action="Delete", attached={})
