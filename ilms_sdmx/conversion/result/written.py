"""What `write_conversion` wrote, read back: data sets with their cells, and what was found."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ilms_sdmx.conversion.result.sidecars import with_cells
from ilms_sdmx.datasets import Dataset
from ilms_sdmx.errors import TableError
from ilms_sdmx.messages.reading import read
from ilms_sdmx.tables.table import Origin

_MANIFEST = ".manifest.json"


@dataclass(frozen=True)
class Written:
    """One conversion as its files say it.

    Parameters
    ----------
    name
        Name of the workbook without its ending.
    datasets
        One a dataflow, each observation with its cell.
    origin
        The workbook and the hash of its bytes.
    findings
        Number of findings by severity.
    """

    name: str
    datasets: tuple[Dataset, ...]
    origin: Origin
    findings: dict[str, int]


def read_written(folder: str | os.PathLike[str]) -> list[Written]:
    """Conversions that were written into a folder, by name.

    Raises
    ------
    TableError
        There is none, or a file that a manifest names is missing.
    """
    place = Path(folder)
    conversions = []
    for path in sorted(place.glob(f"*{_MANIFEST}")):
        conversions.append(_written(path))
    if not conversions:
        raise TableError(
            f"{place} has no conversion: expected a file *{_MANIFEST}, as `convert` writes it"
        )
    return conversions


def _written(path: Path) -> Written:
    manifest = _json(path)
    name = path.name.removesuffix(_MANIFEST)
    datasets = tuple(_datasets(path.parent, manifest))
    source = manifest.get("source", {})
    origin = Origin("", source.get("file", ""), sha256=source.get("sha256", ""))
    report = path.with_name(f"{name}.report.json")
    findings = _severities(_json(report)) if report.is_file() else {}
    return Written(name, datasets, origin, findings)


def _datasets(folder: Path, manifest: dict[str, Any]) -> Iterator[Dataset]:
    """Data sets of the outputs of a manifest, each dataflow once."""
    taken = set()
    for output in manifest.get("outputs", []):
        dataflow = output["dataflow"]
        if dataflow in taken:
            continue
        taken.add(dataflow)
        path = folder / output["file"]
        if not path.is_file():
            raise TableError(f"{path} is missing, which the manifest next to it names")
        for dataset in read(path).datasets:
            yield with_cells(dataset, path)


def _severities(report: dict[str, Any]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for finding in report.get("findings", []):
        severity = str(finding.get("severity", ""))
        counts[severity] = counts.get(severity, 0) + 1
    return counts


def _json(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_bytes())
    except ValueError as error:
        raise TableError(f"{path} is no JSON that `convert` wrote: {error}") from error
    return content
