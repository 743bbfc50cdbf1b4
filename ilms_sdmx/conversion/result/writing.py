"""Writing of a conversion: messages, structures, provenance, manifest, report.

All files or none.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any

from ilms_sdmx._files import all_or_none, make_folder, named_file, replacing
from ilms_sdmx.conversion.filling.national import structure_message
from ilms_sdmx.conversion.result.conversions import Conversion
from ilms_sdmx.conversion.result.manifests import (
    flow_of,
    header_of,
    manifest_json,
    output_entry,
    report_json,
)
from ilms_sdmx.conversion.result.open_questions import open_questions, questions_form
from ilms_sdmx.datasets import Dataset
from ilms_sdmx.errors import UndecidedError, ValidationError
from ilms_sdmx.messages.writing import write as write_message
from ilms_sdmx.tables.safe_cells import spreadsheet_csv

#: Formats written where none is named.
FORMATS = ("sdmx-ml-2.1", "sdmx-csv-1.0")
#: Beginning of the names of formats to the ending of their files; that of all others is `.csv`.
_ENDINGS = {"sdmx-ml": ".xml", "sdmx-js": ".json"}


def _refuse_other(conversion: object) -> None:
    """Refuse what is no conversion."""
    if not isinstance(conversion, Conversion):
        kind = type(conversion).__name__
        raise TypeError(f"expected a Conversion, then a folder; found {kind} first")


def write_conversion(
    conversion: Conversion,
    folder: str | os.PathLike[str],
    *,
    prepared: str,
    formats: Sequence[str] = FORMATS,
    partial: bool = False,
    inputs: Iterable[Path] = (),
) -> list[Path]:
    """Write the data sets and all that goes with them into a folder.

    Parameters
    ----------
    prepared
        Time of the message and the manifest, ISO 8601; the same conversion and time give the
        same bytes.
    formats
        Names as in `messages.write`.
    partial
        Write what is right although there are errors; what is not is listed in
        `<name>.unmapped.csv` and `.xlsx`, for a person to fill.
    inputs
        Files that are never written over, such as the workbook and the mapping.

    Returns
    -------
    list of Path
        Files written, data first: `<name>.<dataflow>.xml`, `.structure.xml`,
        `<name>.provenance.csv`, `<name>.report.json`, `<name>.manifest.json`.

    Raises
    ------
    UndecidedError
        The mapping has open questions; nothing is written.
    ValidationError
        The report has errors, or under `strict` warnings, and `partial` was not asked for;
        nothing is written.
    MessageError
        A format cannot carry the data; nothing is written.
    OutputError
        A file cannot be written, or is one of the inputs; all files are as they were before.
    """
    _refuse_other(conversion)
    _refuse_errors(conversion, partial)
    target = Path(folder)
    make_folder(target)
    writer = _Writer(conversion, target, prepared, tuple(inputs))
    with all_or_none():
        writer.write_all(formats)
    return writer.written


def write_data_message(
    conversion: Conversion, stream: IO[bytes], format: str, prepared: str, partial: bool = False
) -> None:
    """Write the one data set of a conversion to a stream; errors as `write_conversion`."""
    _refuse_errors(conversion, partial)
    (dataset,) = conversion.datasets
    header = header_of(conversion, dataset, prepared)
    write_message(dataset, stream, format, header=header)


def _refuse_errors(conversion: Conversion, partial: bool) -> None:
    """Refuse a conversion with errors, unless what is right is to be written."""
    if conversion.is_stopped:
        raise UndecidedError(
            f"{conversion.mapping.name} has open questions: nothing is written. Answer them, "
            "or leave out the figures that wait for them (--undecided=skip).",
            conversion.report,
        )
    stopping = conversion.stopping
    if not stopping or partial:
        return
    count = len(stopping)
    word = "finding" if conversion.is_strict else "error"
    counted = f"1 {word}" if count == 1 else f"{count} {word}s"
    if conversion.is_strict:
        raise ValidationError(
            f"{counted} in {conversion.workbook.name}, under --strict: nothing is written. "
            "Fix what is named, or convert without --strict and look at it.",
            conversion.report,
        )
    raise ValidationError(
        f"{counted} in {conversion.workbook.name}: nothing is written. "
        "Fix what is named, or write the rest with partial (--partial).",
        conversion.report,
    )


class _Writer:
    """Writer of the files of one conversion into a folder."""

    def __init__(
        self, conversion: Conversion, folder: Path, prepared: str, inputs: tuple[Path, ...]
    ) -> None:
        self.conversion = conversion
        self.folder = folder
        self.prepared = prepared
        self.inputs = inputs
        self.stem = Path(conversion.workbook.name).stem
        self.written: list[Path] = []
        self.outputs: list[dict[str, Any]] = []

    def write_all(self, formats: Sequence[str]) -> None:
        """Write all files, data first."""
        conversion = self.conversion
        for dataset in conversion.datasets:
            self._write_dataset(dataset, formats)
        provenance = spreadsheet_csv(conversion.provenance)
        self._write("provenance.csv", provenance.encode())
        if conversion.report.errors:
            # The mark lets spreadsheets see that the text is UTF-8.
            questions = spreadsheet_csv(open_questions(conversion))
            self._write("unmapped.csv", codecs.BOM_UTF8 + questions.encode())
            self._write("unmapped.xlsx", questions_form(conversion))
        self._write("report.json", report_json(conversion))
        manifest = manifest_json(conversion, self.prepared, self.outputs)
        self._write("manifest.json", manifest)

    def _write_dataset(self, dataset: Dataset, formats: Sequence[str]) -> None:
        """Write one data set in every format, and its structure."""
        flow = flow_of(dataset)
        header = header_of(self.conversion, dataset, self.prepared)
        for format in formats:
            path = self._path(f"{flow}{_ending(format, formats)}")
            with replacing(path, self.inputs) as stream:
                write_message(dataset, stream, format, header=header)
            self.outputs.append(output_entry(path, dataset, format))
        dataflow = self.conversion.structures[dataset.dataflow]
        message = structure_message(dataflow, self.prepared)
        self._write(f"{flow}.structure.xml", message)

    def _write(self, ending: str, content: bytes) -> None:
        """Write one file."""
        with replacing(self._path(ending), self.inputs) as stream:
            stream.write(content)

    def _path(self, ending: str) -> Path:
        """Path of a file that is written."""
        path = named_file(self.folder, f"{self.stem}.{ending}")
        self.written.append(path)
        return path


def _ending(format: str, formats: Sequence[str]) -> str:
    """Ending of the file of a format; two formats of one ending have their names in it."""
    kind = format[:7]
    ending = _ENDINGS.get(kind, ".csv")
    of_kind = [other for other in formats if other.startswith(kind)]
    if len(of_kind) == 1:
        return ending
    return f".{format}{ending}"
