"""Harmonised results kept next to their downloads: a repeat costs no second parsing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ilms_sdmx
from ilms_sdmx._files import __version__, dsd, write_whole
from ilms_sdmx.datasets import Components, Dataset
from ilms_sdmx.downloads.cache import digest_of
from ilms_sdmx.downloads.client import Client
from ilms_sdmx.findings import Candidate, Finding, Place, Report, Severity
from ilms_sdmx.records import RECORD_COLUMNS, Harmonised
from ilms_sdmx.tables.table import Origin

if TYPE_CHECKING:
    import pandas as pd

_FOLDER = "harmonised"
#: What makes a result poorer only as long as the service fails.
_PASSING = {"dictionary-missing", "service-structure-missing"}
#: Download that was used: its place in the cache, its hash, seconds for which it is fresh.
Used = tuple[str, str, float]
_RECORD = "record:"
_PLACE = "place:"


def key_of(source: str, what: str, options: Mapping[str, Any]) -> str:
    """Name under which a result is kept; `""` where an option cannot be named.

    It changes with the options, with this library and with its code maps.
    """
    if "file" in options or "structure" in options:
        return ""
    try:
        text = json.dumps([source, what, options, __version__, _state()], sort_keys=True)
    except TypeError:
        return ""
    return hashlib.sha256(text.encode()).hexdigest()[:24]


@cache
def _state() -> str:
    """State of the files that decide what a download becomes."""
    package = Path(ilms_sdmx.__file__).parent
    structures = dsd()
    files = list(package.rglob("*.py"))
    files += structures.rglob("*.csv")
    files += structures.rglob("*.toml")
    newest = max(path.stat().st_mtime_ns for path in files)
    return f"{len(files)}-{newest}"


def load(client: Client, key: str) -> tuple[Harmonised, list[Used]] | None:
    """Load the result kept under a key and its downloads, if they are still the newest.

    A result of which a byte has changed is none: it is made anew of its downloads.
    """
    from pyarrow import ArrowException

    folder = client.cache.folder / _FOLDER
    if not key or client.refresh:
        return None
    try:
        manifest = json.loads((folder / f"{key}.json").read_text(encoding="utf-8"))
        if not all(_holds(client, *used) for used in manifest["downloads"]):
            return None
        for name, sha256 in manifest["files"].items():
            if digest_of(folder / name) != sha256:
                return None
        downloads = [(stem, sha256, fresh) for stem, sha256, fresh in manifest["downloads"]]
        return _harmonised(folder, manifest), downloads
    except (OSError, ValueError, LookupError, TypeError, AttributeError, ArrowException):
        return None


def _holds(client: Client, stem: str, sha256: str, fresh: float) -> bool:
    """Whether the cache still has a download, fresh enough and with the same bytes."""
    path = client.cache.folder / stem
    download = client.cache.find(path)
    if download is None or download.sha256 != sha256:
        return False
    if client.offline:
        return True
    age = timedelta(seconds=fresh)
    return download.is_fresh(client.clock(), age)


def save(client: Client, key: str, got: Harmonised, downloads: list[Used]) -> None:
    """Keep a result with the downloads that it was made of.

    A cache that cannot be written keeps nothing.
    """
    passing = _PASSING & set(got.report.counts)
    if not key or not downloads or passing:
        return
    folder = client.cache.folder / _FOLDER
    manifest_file = folder / f"{key}.json"
    parts = list(map(_described, got.parts))
    try:
        contents = {}
        for number, part in enumerate(got.parts):
            stem = f"{key}-{number}"
            flat = _flat(part)
            contents[f"{stem}.arrow"] = _arrow(flat)
            contents[f"{stem}-rest.arrow"] = _arrow(part.rest)
        files = {}
        for name, content in contents.items():
            write_whole(folder / name, content)
            digest = hashlib.sha256(content)
            files[name] = digest.hexdigest()
        manifest = {"key": key, "downloads": downloads, "parts": parts, "files": files}
        text = json.dumps(manifest)
        write_whole(manifest_file, text.encode())
    except (OSError, TypeError, ValueError):
        manifest_file.unlink(missing_ok=True)


def _described(part: Harmonised) -> dict[str, Any]:
    """What the frames of a part do not say of it."""
    dataset = part.dataset
    components = dataset.components
    description: dict[str, Any] = {"dimensions": components.dimensions}
    description["measures"] = components.measures
    description["attributes"] = dict(components.attributes)
    description["dataflow"] = dataset.dataflow
    description["structure"] = dataset.structure
    description["action"] = dataset.action
    description["origin"] = asdict(part.origin)
    description["findings"] = list(map(_stored, part.report))
    return description


def _stored(finding: Finding) -> dict[str, Any]:
    """Fields of a finding as plain values."""
    stored = asdict(finding)
    stored["place"]["key"] = dict(finding.place.key)
    return stored


def _flat(part: Harmonised) -> pd.DataFrame:
    """Observations, records and places of a part as one frame."""
    import pandas as pd

    frames = [part.dataset.observations, part.records.add_prefix(_RECORD)]
    if part.dataset.provenance is not None:
        frames.append(part.dataset.provenance.add_prefix(_PLACE))
    return pd.concat([frame.reset_index(drop=True) for frame in frames], axis=1)


def _arrow(frame: pd.DataFrame) -> bytes:
    import pyarrow as pa

    table = pa.Table.from_pandas(frame, preserve_index=False)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    found: bytes = sink.getvalue().to_pybytes()
    return found


def _read(path: Path) -> pd.DataFrame:
    import pandas as pd
    import pyarrow as pa

    with pa.memory_map(str(path)) as source:
        frame: pd.DataFrame = pa.ipc.open_file(source).read_all().to_pandas()
    for name, dtype in frame.dtypes.items():
        # Categories that are none come back as objects.
        if isinstance(dtype, pd.CategoricalDtype) and dtype.categories.empty:
            frame[name] = frame[name].cat.set_categories(pd.Index([], dtype="str"))
    return frame


def _harmonised(folder: Path, manifest: dict[str, Any]) -> Harmonised:
    """Result of which a manifest tells."""
    key = manifest["key"]
    parts = []
    for number, about in enumerate(manifest["parts"]):
        part = _part(folder, f"{key}-{number}", about)
        parts.append(part)
    first, *others = parts
    return replace(first, also=tuple(others))


def _part(folder: Path, name: str, about: dict[str, Any]) -> Harmonised:
    """Part of a result that was kept under a name."""
    flat = _read(folder / f"{name}.arrow")
    rest = _read(folder / f"{name}-rest.arrow")
    dimensions = tuple(about["dimensions"])
    measures = tuple(about["measures"])
    attributes = {id: tuple(related) for id, related in about["attributes"].items()}
    components = Components(dimensions, measures, attributes)
    observations = flat[components.columns]
    provenance = _with_prefix(flat, _PLACE)
    dataset = Dataset(
        observations,
        components,
        about["dataflow"],
        about["structure"],
        about["action"],
        provenance=provenance,
    )
    records = _with_prefix(flat, _RECORD)
    assert records is not None
    columns = list(RECORD_COLUMNS)
    origin = Origin(**about["origin"])
    findings = map(_finding, about["findings"])
    report = Report.of(findings)
    return Harmonised(dataset, records[columns], origin, report, rest)


def _with_prefix(flat: pd.DataFrame, prefix: str) -> pd.DataFrame | None:
    """Columns whose name begins with a prefix, without it; None where there are none."""
    names = {}
    for column in flat.columns:
        if str(column).startswith(prefix):
            names[column] = str(column).removeprefix(prefix)
    if not names:
        return None
    return flat[list(names)].rename(columns=names)


def _finding(stored: dict[str, Any]) -> Finding:
    """Finding of which a manifest tells."""
    fields = dict(stored)
    fields["candidates"] = tuple(Candidate(**each) for each in stored["candidates"])
    fields["place"] = Place(**stored["place"])
    fields["severity"] = Severity(stored["severity"])
    return Finding(**fields)
