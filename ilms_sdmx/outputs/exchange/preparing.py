"""Preparing a package: data, changes, structures, questionnaire, evidence, cover."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ilms_sdmx._files import make_folder
from ilms_sdmx.datasets import Dataset
from ilms_sdmx.errors import ExchangeError, OutputError, ValidationError
from ilms_sdmx.findings import Finding, Report, find
from ilms_sdmx.messages.header import Header, Party
from ilms_sdmx.messages.writing import write
from ilms_sdmx.outputs.exchange.covers import Cover, cover_document, cover_page
from ilms_sdmx.outputs.exchange.formats import suffix_of
from ilms_sdmx.outputs.exchange.packages import (
    CHANGES,
    DATA,
    MANIFEST,
    STRUCTURES,
    Package,
    PackagedTable,
    check_package,
    id_of,
    manifest_content,
    read_package,
    total_of,
)
from ilms_sdmx.outputs.exchange.receivers import (
    Receiver,
    file_name,
    in_time,
    periods_of,
    receiver,
    texts_of,
)
from ilms_sdmx.outputs.exchange.revisions import Revision, by_dataflow, revise
from ilms_sdmx.outputs.exchange.signing import SIGNATURE, sign_manifest
from ilms_sdmx.outputs.questionnaire import fill_questionnaire, form_table, write_questionnaire
from ilms_sdmx.outputs.questionnaire.layouts import is_of_ilms
from ilms_sdmx.outputs.reports.validation import validation_json, validation_page
from ilms_sdmx.structures import facts
from ilms_sdmx.structures.identifiers import resolve
from ilms_sdmx.structures.output import to_bytes
from ilms_sdmx.validation import Validation, validate

if TYPE_CHECKING:
    import pandas as pd

_EVIDENCE = "evidence"


@dataclass(frozen=True)
class Prepared:
    """A package that was prepared, and what was found.

    Parameters
    ----------
    package
        The package.
    report
        Findings of the validation that are not accepted, and what the receiver cannot be told.
    """

    package: Package
    report: Report


def prepare_package(
    data: Any,
    folder: str | os.PathLike[str],
    *,
    to: str | Receiver = "ilo",
    sender: str,
    prepared: str,
    previous: str | os.PathLike[str] | None = None,
    questionnaire: bytes | None = None,
    structure: str | os.PathLike[str] | None = None,
    exceptions: str | os.PathLike[str] | None = None,
    key: str | os.PathLike[str] | None = None,
) -> Prepared:
    """Prepare a package for a receiver; it appears whole or not at all.

    Parameters
    ----------
    data
        Data sets, or whatever holds them, one source a dataflow.
    folder
        Folder to make; it must not be there, or be empty.
    to
        Receiver, or its id in `dsd/exchange/receivers.csv`.
    sender
        Id of the office in the headers, and its name on the cover.
    prepared
        Time of the package, ISO 8601: equal figures and times give equal bytes.
    previous
        Package that the receiver accepted last: the changes since then are in the package too.
    questionnaire
        Filled workbook to go with it; by default one is filled where the receiver takes one.
    structure
        Structure message of data of another agency than the ILO.
    exceptions
        File of accepted findings, with reasons.
    key
        Private key (PEM, Ed25519) by which the manifest is signed.

    Raises
    ------
    ValidationError
        The figures have errors that no exception accepts.
    ExchangeError
        There is nothing to send, or no such receiver.
    OutputError
        The folder is there already, or cannot be written.
    """
    of = receiver(to) if isinstance(to, str) else to
    place = Path(folder)
    if place.exists() and any(place.iterdir()):
        raise OutputError(f"{place} is not empty: give a new folder", str(place))
    given = Path(structure) if structure else None
    datasets, left_out = _sendable(by_dataflow(data).values(), given)
    last = read_package(previous) if previous else None
    held = last.datasets() if last else []
    if not any(map(len, [*datasets, *held])):
        raise ExchangeError("there is no figure to send")
    accepted = Path(exceptions) if exceptions else None
    filled = [dataset for dataset in datasets if len(dataset)]
    report = Validation()
    if filled:
        report = validate(filled, structure=given, exceptions=accepted or ())
    if report.errors:
        count = len(report.errors)
        raise ValidationError(f"{count} errors prevent sending: correct or accept them", report)
    revision = revise(held, datasets)
    # What was sent and has no figure left is withdrawn, and stays a table of the package.
    datasets = list(revision.later.values())
    preparing = _Preparing(of, sender, prepared, given)
    preparing.add_data(datasets, revision if last else None)
    preparing.add_structures(datasets)
    preparing.add_questionnaire(datasets, questionnaire)
    preparing.add_evidence(datasets, report, accepted)
    package = preparing.package(place, datasets, revision if last else None, last, report)
    withdrawn = _find_withdrawn(of, revision) if last else []
    preparing.add_cover(package, report, withdrawn)
    hashes = {path: _hash(content) for path, content in preparing.files.items()}
    package = replace(package, files=hashes)
    manifest = manifest_content(package)
    preparing.files[MANIFEST] = manifest
    if key is not None:
        preparing.files[SIGNATURE] = sign_manifest(manifest, key)
    _write_whole(place, preparing.files)
    return Prepared(package, Report.of([*report.findings, *left_out, *withdrawn]))


def _sendable(
    datasets: Iterable[Dataset], given: Path | None
) -> tuple[list[Dataset], list[Finding]]:
    """Data sets whose structure the receiver can know, and what is told of the others."""
    taken, left_out = [], []
    for dataset in datasets:
        if given is not None or is_of_ilms(dataset.dataflow):
            taken.append(dataset)
            continue
        flow, count = dataset.dataflow, len(dataset)
        left_out.append(find("package-left-out", dataflow=flow, count=count))
    return taken, left_out


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _find_withdrawn(of: Receiver, revision: Revision) -> list[Finding]:
    """What a receiver of a format without actions cannot be told."""
    count = revision.counts["removed"]
    if not count or of.actions:
        return []
    return [find("package-withdrawn", read=of.format, count=count)]


def _write_whole(place: Path, files: dict[str, bytes]) -> None:
    """Write all files next to the folder, read them back, then give it its name."""
    make_folder(place.parent)
    part = place.with_name(f".{place.name}.preparing")
    shutil.rmtree(part, ignore_errors=True)
    try:
        for path, content in files.items():
            target = part / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        report = check_package(part)
        if report.errors:
            raise ExchangeError(f"the package does not read back as it was written: {report}")
        if place.exists():
            place.rmdir()
        part.replace(place)
    except OSError as error:
        message = f"{place} cannot be written: {error.strerror or error}"
        raise OutputError(message, str(place)) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


@dataclass
class _Preparing:
    """Files of a package while it is prepared."""

    of: Receiver
    sender: str
    prepared: str
    given: Path | None
    files: dict[str, bytes] = field(default_factory=dict)

    def add_data(self, datasets: Sequence[Dataset], revision: Revision | None) -> None:
        """Add the messages with all figures, and those with the changes."""
        for dataset in datasets:
            gone = self._gone(dataset.dataflow, revision)
            whole = []
            if len(dataset):
                whole = [replace(dataset, action="Replace", provenance=None, number=1)]
            if gone or whole:
                name = file_name(self.of.pattern, dataset if whole else gone[0])
                self._add_messages(f"{DATA}/{name}", [*gone, *whole])
        if revision is None:
            return
        frame = revision.frame()
        self.files[f"{_EVIDENCE}/changes.csv"] = _csv(frame)
        self.files[f"{_EVIDENCE}/changes.html"] = revision.page(created=self.prepared).encode()
        if not self.of.actions:
            return
        by_flow: dict[str, list[Dataset]] = {}
        for dataset in revision.datasets(self.of.format):
            by_flow.setdefault(dataset.dataflow, []).append(dataset)
        for dataflow, changes in by_flow.items():
            like = revision.later[dataflow]
            name = file_name(self.of.pattern, like if len(like) else revision.earlier[dataflow])
            self._add_messages(f"{CHANGES}/{name}", changes)

    def _gone(self, dataflow: str, revision: Revision | None) -> list[Dataset]:
        """Keys that the receiver has and this package lacks, to be deleted."""
        if revision is None or "Delete" not in self.of.actions:
            return []
        sets = revision.datasets(self.of.format)
        gone = []
        for dataset in sets:
            if dataset.dataflow == dataflow and dataset.action == "Delete":
                gone.append(replace(dataset, number=0))
        return gone

    def _add_messages(self, stem: str, datasets: list[Dataset]) -> None:
        """Add a message, in parts where it is larger than the receiver takes."""
        suffix = suffix_of(self.of.format)
        content = self._message(datasets)
        if not self.of.limit or len(content) <= self.of.limit:
            self.files[f"{stem}{suffix}"] = content
            return
        pieces = -(-2 * len(content) // self.of.limit)
        for number, piece in enumerate(_pieces(datasets, pieces), start=1):
            self.files[f"{stem}_{number:03d}{suffix}"] = self._message(piece)

    def _message(self, datasets: list[Dataset]) -> bytes:
        target = io.BytesIO()
        receivers = (Party(self.of.id.upper()),)
        header = Header(
            id=f"ILMS{id_of(datasets)}",
            prepared=self.prepared,
            sender=Party(self.sender),
            receivers=receivers,
        )
        numbered = [replace(each, number=place) for place, each in enumerate(datasets)]
        write(numbered, target, self.of.format, structure=self.given, header=header)
        return target.getvalue()

    def add_structures(self, datasets: Sequence[Dataset]) -> None:
        """Add the structures that the data need."""
        if self.given is not None:
            self.files[self.structure] = self.given.read_bytes()
        format = self.of.structure_format
        suffix = ".json" if "json" in format else ".xml"
        for dataset in datasets:
            if is_of_ilms(dataset.dataflow):
                id = resolve(dataset.dataflow).id
                self.files[f"{STRUCTURES}/DF_{id}{suffix}"] = to_bytes(format, id)

    @property
    def structure(self) -> str:
        """Path of the structure message of data of another agency; empty for none."""
        return f"{STRUCTURES}/{self.given.name}" if self.given is not None else ""

    def add_questionnaire(self, datasets: Sequence[Dataset], given: bytes | None) -> None:
        """Add the filled workbook, one an area for its last period."""
        if given is not None:
            self.files["questionnaire/questionnaire.xlsx"] = given
            return
        if not self.of.takes_questionnaire:
            return
        for area, period in _forms(datasets):
            content = _filled(datasets, area, period)
            if content:
                self.files[f"questionnaire/ILMS_{area}_{period}.xlsx"] = content

    def add_evidence(
        self, datasets: Sequence[Dataset], report: Validation, accepted: Path | None
    ) -> None:
        """Add where the figures are from, and what was found in them."""
        self.files[f"{_EVIDENCE}/provenance.csv"] = _csv(_provenance(datasets))
        self.files[f"{_EVIDENCE}/validation.json"] = validation_json(report, datasets).encode()
        page = validation_page(report, datasets, created=self.prepared)
        self.files[f"{_EVIDENCE}/validation.html"] = page.encode()
        if accepted is not None:
            self.files[f"{_EVIDENCE}/{accepted.name}"] = accepted.read_bytes()

    def package(
        self,
        place: Path,
        datasets: Sequence[Dataset],
        revision: Revision | None,
        last: Package | None,
        report: Validation,
    ) -> Package:
        """Package without the hashes of its files."""
        tables = tuple(_table(dataset, revision) for dataset in datasets)
        findings = dict(report.counts)
        findings["accepted"] = len(report.accepted)
        return Package(
            place,
            id_of(datasets),
            self.of.id,
            self.of.format,
            self.prepared,
            self.sender,
            tables,
            {},
            self.structure,
            last.id if last else "",
            revision.counts if revision else {},
            {str(name): count for name, count in findings.items()},
        )

    def add_cover(
        self, package: Package, report: Validation, withdrawn: Sequence[Finding]
    ) -> None:
        """Add the cover sheet, as a page and as a document."""
        titles = tuple(map(_title, (table.dataflow for table in package.tables)))
        issues = [(f"{each.place} {each.message}".strip(), "") for each in withdrawn]
        for finding, exception in report.accepted:
            issues.append((f"{finding.place} {finding.message}".strip(), exception.reason))
        for finding in report.findings:
            if str(finding.severity) == "warning":
                issues.append((f"{finding.place} {finding.message}".strip(), ""))
        cover = Cover(
            package.id,
            self.sender,
            self.of.name,
            self.prepared,
            package.tables,
            titles,
            dict(package.changes),
            dict(package.findings),
            tuple(issues),
        )
        self.files["cover.html"] = cover_page(cover)
        document = cover_document(cover)
        if document:
            self.files["cover.docx"] = document


def _csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False, lineterminator="\n").encode()


def _pieces(datasets: Iterable[Dataset], count: int) -> Iterator[list[Dataset]]:
    """Data sets in parts of about as many observations."""
    for dataset in datasets:
        size = -(-len(dataset) // count)
        for start in range(0, len(dataset), max(size, 1)):
            observations = dataset.observations.iloc[start : start + size]
            yield [replace(dataset, observations=observations)]


def _table(dataset: Dataset, revision: Revision | None) -> PackagedTable:
    withdrawn = 0
    if revision is not None:
        withdrawn = revision.changes[dataset.dataflow].counts["removed"]
    periods = periods_of(dataset)
    return PackagedTable(
        dataset.dataflow,
        len(dataset),
        total_of([dataset]),
        tuple(texts_of(dataset, "REF_AREA")),
        (periods[0], periods[-1]) if periods else (),
        withdrawn,
    )


def _title(dataflow: str) -> str:
    if not is_of_ilms(dataflow):
        return ""
    return str(facts.by_id("dataflows.csv")[resolve(dataflow).id]["en"])


def _provenance(datasets: Sequence[Dataset]) -> pd.DataFrame:
    """Key and cell of every figure that was read from one."""
    import pandas as pd

    frames = []
    for dataset in datasets:
        if dataset.provenance is None:
            continue
        keys = list(dataset.components.dimensions)
        measure = dataset.components.measures[0]
        frame = dataset.observations[keys].astype("str")
        key = [".".join(codes) for codes in frame.itertuples(index=False, name=None)]
        told: dict[str, Any] = {"dataflow": dataset.dataflow, "key": key}
        told["value"] = list(dataset.observations[measure])
        index = dataset.observations.index
        frames.append(pd.DataFrame(told, index=index).join(dataset.provenance))
    if not frames:
        return pd.DataFrame(columns=["dataflow", "key", "value", "sheet", "cell", "text"])
    return pd.concat(frames, ignore_index=True)


def _forms(datasets: Sequence[Dataset]) -> list[tuple[str, str]]:
    """Areas and the last period of each, of the tables that the ILO asks."""
    last: dict[str, str] = {}
    for dataset in _asked(datasets):
        frame = dataset.observations
        for area in texts_of(dataset, "REF_AREA"):
            of_area = replace(dataset, observations=frame[frame["REF_AREA"] == area])
            newest = [*periods_of(of_area), last.get(area, "")]
            last[area] = in_time(filter(None, newest))[-1]
    return sorted(last.items())


def _asked(datasets: Sequence[Dataset]) -> Iterator[Dataset]:
    """Data sets of the tables of the questionnaire."""
    for dataset in datasets:
        if is_of_ilms(dataset.dataflow) and len(dataset):
            row = facts.by_id("dataflows.csv")[resolve(dataset.dataflow).id]
            if row["table"]:
                yield dataset


def _filled(datasets: Sequence[Dataset], area: str, period: str) -> bytes:
    """Questionnaire of an area and period, filled; empty where nothing is for it."""
    figures, tables = [], []
    for dataset in _asked(datasets):
        frame = dataset.observations
        is_of_form = (frame["REF_AREA"] == area) & (frame["TIME_PERIOD"] == period)
        is_of_form &= frame["FREQ"] == "A"
        if is_of_form.any():
            figures.append(
                replace(dataset, observations=frame[is_of_form], provenance=None, attached={})
            )
            tables.append(form_table(resolve(dataset.dataflow).id, area, period))
    if not tables:
        return b""
    form = io.BytesIO()
    write_questionnaire(tables, form)
    return fill_questionnaire(form.getvalue(), figures).content
