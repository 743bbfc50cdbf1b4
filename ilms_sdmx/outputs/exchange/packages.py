"""Packages for a receiver: what is in them, by hash and count, and whether it still holds."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import orjson

from ilms_sdmx.datasets import Dataset
from ilms_sdmx.errors import ExchangeError
from ilms_sdmx.findings import Finding, Place, Report, find
from ilms_sdmx.messages.reading import read
from ilms_sdmx.outputs.exchange.signing import SIGNATURE, find_wrong_signature

#: Version of the layout of packages.
FORMAT = 1
MANIFEST = "manifest.json"
#: Folders of the messages with all figures, and of those with the changes.
DATA, CHANGES = "data", "changes"
STRUCTURES = "structures"


@dataclass(frozen=True)
class PackagedTable:
    """What a package has of one dataflow.

    Parameters
    ----------
    dataflow
        Its identifier.
    observations
        Number of figures.
    total
        Exact sum of their values, as text: a change of one figure changes it.
    areas, periods
        Areas, and first and last period.
    withdrawn
        Figures of the last accepted package that this one lacks.
    """

    dataflow: str
    observations: int
    total: str
    areas: tuple[str, ...]
    periods: tuple[str, ...]
    withdrawn: int = 0


@dataclass(frozen=True)
class Package:
    """A package in a folder, as its manifest says it.

    Parameters
    ----------
    folder
        Where it is.
    id
        First digits of the hash of its figures: equal figures have equal ids.
    receiver, format
        Id of the receiver, and the format of the data.
    prepared
        Time that it was given.
    sender
        Who sends it.
    tables
        What it has of each dataflow.
    files
        Hash of each file, by its path.
    structure
        Path of the structure message by which its data are read; empty for ILMS.
    previous
        Id of the last accepted package; empty for none.
    changes
        Number of figures that were added, changed and removed since then.
    findings
        Number of findings of its validation by severity, and of those that are accepted.
    """

    folder: Path
    id: str
    receiver: str
    format: str
    prepared: str
    sender: str
    tables: tuple[PackagedTable, ...]
    files: Mapping[str, str]
    structure: str = ""
    previous: str = ""
    changes: Mapping[str, int] = field(default_factory=dict)
    findings: Mapping[str, int] = field(default_factory=dict)

    def __repr__(self) -> str:
        count = sum(table.observations for table in self.tables)
        return f"<Package {self.id}: {count:,} figures in {len(self.tables)} tables>"

    @property
    def data(self) -> list[Path]:
        """Messages with all figures."""
        return self._files_below(DATA)

    @property
    def changed(self) -> list[Path]:
        """Messages with the changes since the last accepted package."""
        return self._files_below(CHANGES)

    @property
    def structures(self) -> list[Path]:
        """Structure messages."""
        return self._files_below(STRUCTURES)

    def _files_below(self, name: str) -> list[Path]:
        return [self.folder / path for path in self.files if path.startswith(f"{name}/")]

    def datasets(self) -> list[Dataset]:
        """Figures of the package, without what is to be deleted."""
        held = []
        structure = self.folder / self.structure if self.structure else None
        for path in self.data:
            for dataset in read(path, structure).datasets:
                if dataset.action != "Delete":
                    held.append(dataset)
        return held


def total_of(datasets: Iterable[Dataset]) -> str:
    """Exact sum of all values that are numbers."""
    total = Decimal(0)
    for dataset in datasets:
        measure = dataset.components.measures[0]
        for text in dataset.observations[measure].dropna().astype("str"):
            try:
                value = Decimal(text)
            except InvalidOperation:
                continue
            if value.is_finite():
                total += value
    return format(total.normalize() + 0, "f")


def id_of(datasets: Iterable[Dataset]) -> str:
    """First digits of the hash of figures, whatever their order."""
    lines = []
    for dataset in datasets:
        frame = dataset.observations.astype("object").where(dataset.observations.notna(), None)
        for row in frame.to_dict("records"):
            said = {str(name): str(text) for name, text in row.items() if text is not None}
            lines.append(orjson.dumps([dataset.dataflow, dict(sorted(said.items()))]))
    return hashlib.sha256(b"\n".join(sorted(lines))).hexdigest()[:16]


def manifest_content(package: Package) -> bytes:
    """Bytes of the manifest of a package."""
    tables = []
    for table in package.tables:
        tables.append(
            {
                "dataflow": table.dataflow,
                "observations": table.observations,
                "total": table.total,
                "areas": list(table.areas),
                "periods": list(table.periods),
                "withdrawn": table.withdrawn,
            }
        )
    body: dict[str, Any] = {
        "format": FORMAT,
        "id": package.id,
        "receiver": package.receiver,
        "data_format": package.format,
        "prepared": package.prepared,
        "sender": package.sender,
        "structure": package.structure,
        "previous": package.previous,
        "changes": dict(package.changes),
        "findings": dict(package.findings),
        "tables": tables,
        "files": dict(sorted(package.files.items())),
    }
    return orjson.dumps(body, option=orjson.OPT_INDENT_2) + b"\n"


def read_package(folder: str | os.PathLike[str]) -> Package:
    """Package of a folder, as its manifest says it.

    Raises
    ------
    ExchangeError
        It has no manifest, or one that is none.
    """
    place = Path(folder)
    path = place / MANIFEST
    try:
        body = orjson.loads(path.read_bytes())
        tables = tuple(_table(values) for values in body["tables"])
        if body["format"] != FORMAT:
            raise ExchangeError(f"{path}: a package of format {body['format']}: update")
        return Package(
            place,
            body["id"],
            body["receiver"],
            body["data_format"],
            body["prepared"],
            body["sender"],
            tables,
            body["files"],
            body["structure"],
            body["previous"],
            body["changes"],
            body["findings"],
        )
    except OSError as error:
        raise ExchangeError(
            f"{place} is no package: {error.strerror or error}; `submit prepare` makes one"
        ) from error
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise ExchangeError(f"{path} is no manifest of a package: {error}") from error


def _table(values: Mapping[str, Any]) -> PackagedTable:
    return PackagedTable(
        values["dataflow"],
        values["observations"],
        values["total"],
        tuple(values["areas"]),
        tuple(values["periods"]),
        values["withdrawn"],
    )


def check_package(
    folder: str | os.PathLike[str], *, key: str | os.PathLike[str] | None = None
) -> Report:
    """Whether a package is as it was prepared; nothing is asked of the network.

    Every file is compared with its hash; every message of data is read back, and its figures
    counted and summed.

    Parameters
    ----------
    folder
        The package.
    key
        Public key of the sender (PEM), where the package is signed.
    """
    package = read_package(folder)
    findings = [*_find_files(package)]
    if not findings:
        findings += _find_counts(package)
    findings += find_wrong_signature(package.folder, MANIFEST, key)
    return Report.of(findings)


def _find_files(package: Package) -> Iterator[Finding]:
    for path, told in package.files.items():
        try:
            content = (package.folder / path).read_bytes()
        except OSError:
            yield find("package-file", Place(file=path), read="missing")
            continue
        if hashlib.sha256(content).hexdigest() != told:
            yield find("package-file", Place(file=path), read="changed")
    known = {*package.files, MANIFEST, SIGNATURE}
    for file in sorted(package.folder.rglob("*")):
        relative = file.relative_to(package.folder).as_posix()
        if file.is_file() and relative not in known:
            yield find("package-file", Place(file=relative), case="foreign")


def _find_counts(package: Package) -> Iterator[Finding]:
    held: dict[str, list[Dataset]] = {}
    for dataset in package.datasets():
        held.setdefault(dataset.dataflow, []).append(dataset)
    for table in package.tables:
        datasets = held.get(table.dataflow, [])
        count = sum(map(len, datasets))
        read_back = f"{count} figures of {total_of(datasets)} in all"
        told = f"{table.observations} figures of {table.total} in all"
        if read_back != told:
            place = Place(dataflow=table.dataflow)
            flow = table.dataflow
            yield find("package-count", place, dataflow=flow, read=read_back, expected=told)
