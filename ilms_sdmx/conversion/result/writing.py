"""Writing of a conversion: messages, structures, provenance, manifest, report; all files or none."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from ilms_sdmx._version import __version__
from ilms_sdmx.conversion.filling.national import structure_message
from ilms_sdmx.conversion.result.conversions import Conversion
from ilms_sdmx.conversion.result.unmapped import unmapped, unmapped_form
from ilms_sdmx.datasets import Dataset
from ilms_sdmx.errors import ValidationError
from ilms_sdmx.messages.header import Header, Party
from ilms_sdmx.messages.writing import write as write_message

if TYPE_CHECKING:
    import pandas as pd

#: Formats written where none is named.
FORMATS = ("sdmx-ml-2.1", "sdmx-csv-1.0")
_RISKY = re.compile(r"'*[=+\-@\t\r]")
_PLAIN = re.compile(r"'*([+-]?[\d.,\s]*|-+)")


def write_conversion(
    conversion: Conversion,
    folder: str | os.PathLike[str],
    *,
    prepared: str,
    formats: Sequence[str] = FORMATS,
    partial: bool = False,
) -> list[Path]:
    """Write the data sets and all that goes with them into a folder.

    Parameters
    ----------
    prepared
        Time of the message and the manifest, ISO 8601; the same conversion and time give the same bytes.
    formats
        Names as in `messages.write`.
    partial
        Write what is right although there are errors; what is not is listed in `<name>.unmapped.csv`
        and `.xlsx`, for a person to fill.

    Returns
    -------
    list of Path
        Files written, data first: `<name>.<dataflow>.xml`, `.structure.xml`, `<name>.provenance.csv`,
        `<name>.report.json`, `<name>.manifest.json`.

    Raises
    ------
    ValidationError
        The report has errors and `partial` was not asked for; nothing is written.
    MessageError
        A format cannot carry the data; nothing is written.
    """
    errors = conversion.report.errors
    if errors and not partial:
        raise ValidationError(
            f"{len(errors)} error{'s' if len(errors) != 1 else ''} in {conversion.workbook.name}: nothing is "
            "written. Fix what is named, or write the rest with partial (--partial).",
            conversion.report,
        )
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target, prefix=".writing-") as name:
        work = Path(name)
        written = _write_all(conversion, work, prepared, formats, bool(errors))
        for path in written:
            os.replace(path, target / path.name)
    return [target / path.name for path in written]


def _write_all(
    conversion: Conversion, work: Path, prepared: str, formats: Sequence[str], errors: bool
) -> list[Path]:
    stem = Path(conversion.workbook.name).stem
    written: list[Path] = []
    outputs = []
    for dataset in conversion.datasets:
        flow = dataset.dataflow.partition(":")[2].partition("(")[0]
        for format in formats:
            path = work / f"{stem}.{flow}{_extension(format, formats)}"
            write_message(dataset, path, format, header=header(conversion, dataset, prepared))
            written.append(path)
            outputs.append(_entry(path, dataset, format))
        path = work / f"{stem}.{flow}.structure.xml"
        path.write_bytes(structure_message(conversion.structures[dataset.dataflow], prepared))
        written.append(path)
    path = work / f"{stem}.provenance.csv"
    path.write_bytes(to_csv(conversion.provenance))
    written.append(path)
    if errors:
        written += _write_unmapped(conversion, work / stem)
    path = work / f"{stem}.report.json"
    path.write_bytes(report_json(conversion))
    written.append(path)
    path = work / f"{stem}.manifest.json"
    path.write_bytes(_dump(manifest(conversion, prepared, outputs)))
    return [*written, path]


def _write_unmapped(conversion: Conversion, stem: Path) -> list[Path]:
    """List of open questions in both forms; either, filled in, may be fed back."""
    text, book = Path(f"{stem}.unmapped.csv"), Path(f"{stem}.unmapped.xlsx")
    text.write_bytes(
        codecs.BOM_UTF8 + to_csv(unmapped(conversion))
    )  # the mark lets spreadsheets see UTF-8
    book.write_bytes(unmapped_form(conversion))
    return [text, book]


def _extension(format: str, formats: Sequence[str]) -> str:
    """Return the ending of the file of a format; two formats of one ending are told apart by their names."""
    ending = {"sdmx-ml": ".xml", "sdmx-js": ".json"}.get(format[:7], ".csv")
    same = [f for f in formats if f[:7] == format[:7]]
    return ending if len(same) == 1 else f".{format}{ending}"


def _entry(path: Path, dataset: Dataset, format: str) -> dict[str, Any]:
    return {
        "file": path.name,
        "format": format,
        "dataflow": dataset.dataflow,
        "observations": len(dataset),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }


def header(conversion: Conversion, dataset: Dataset, prepared: str) -> Header:
    """Header of the message of one data set, as the mapping and the data say."""
    said, source = conversion.mapping.header, conversion.mapping.source
    flow = dataset.dataflow.partition(":")[2].partition("(")[0]
    digits = re.sub(r"\D", "", prepared)
    sender = said.get("sender", "Unknown")
    times = sorted(dataset.observations["TIME_PERIOD"].astype("str").unique())
    plain = times if all(re.fullmatch(r"\d{4}", t) for t in times) else []
    origin = ", ".join(source[k] for k in ("publisher", "title", "address") if k in source)
    return Header(
        id=said.get("id") or f"{re.sub(r'[^A-Za-z0-9_-]', '_', sender)}_{flow}_{digits}",
        prepared=prepared,
        test=said.get("test", "false").lower() in ("true", "yes"),
        sender=Party(sender),
        receivers=(Party(said["receiver"]),) if "receiver" in said else (),
        action="Replace",
        extracted=prepared,
        reporting_begin=plain[0] if plain else "",
        reporting_end=plain[-1] if plain else "",
        sources={"en": origin} if origin else {},
    )


def manifest(
    conversion: Conversion, prepared: str, outputs: list[dict[str, Any]]
) -> dict[str, Any]:
    """Record what was made of what: equal inputs and time give an equal manifest."""
    workbook = conversion.workbook
    figures = int((conversion.provenance["value"] != "").sum())
    return {
        "tool": "ilms_sdmx",
        "version": __version__,
        "prepared": prepared,
        "source": {"file": workbook.name, "format": workbook.format, "sha256": workbook.sha256},
        "mapping": {"file": conversion.mapping.name, "sha256": conversion.mapping.sha256},
        "classifications": {
            name: {
                "classification": codes.classification,
                "correspondence": codes.correspondence,
            }
            for name, codes in conversion.mapping.codes.items()
            if codes.classification
        },
        "outputs": outputs,
        "cells": conversion.counts,
        "not_written": conversion.not_written,
        "checked": {bucket: dict(counts) for bucket, counts in conversion.checked.items()},
        "figures": figures,
        "figures_touched_by_a_check": conversion.covered,
        "findings": dict(sorted(conversion.report.counts.items())),
        "summary": conversion.summary(),
    }


def report_json(conversion: Conversion) -> bytes:
    """Report as JSON: the summary, the counts and every finding with its place."""
    findings = conversion.report.frame().fillna("").to_dict("records")
    counts = {"cells": conversion.counts, "not_written": conversion.not_written}
    return _dump({"summary": conversion.summary(), **counts, "findings": findings})


def _dump(content: Any) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n"


def to_csv(frame: pd.DataFrame) -> bytes:
    """CSV in UTF-8 whose texts no spreadsheet takes for a formula.

    A text that begins with `=`, `+`, `-`, `@` and is no number gets an apostrophe in front, and so does one
    that has such an apostrophe already: taking one away gives the text back.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(frame.columns)
    columns = [_inert(frame[c]) for c in frame.columns]
    writer.writerows(zip(*columns, strict=True))
    return stream.getvalue().encode("utf-8")


def _inert(column: pd.Series[Any]) -> list[str]:
    """Texts of a column that no spreadsheet takes for a formula; each distinct one is looked at once."""
    import numpy as np
    import pandas as pd

    numbers, distinct = pd.factorize(column.astype("str"), use_na_sentinel=False)
    shown = np.array([inert(str(text)) for text in distinct.tolist()], dtype=object)
    texts: list[str] = shown.take(numbers).tolist()
    return texts


def inert(text: str) -> str:
    """Text that no spreadsheet takes for a formula.

    Examples
    --------
    >>> inert("=1+1"), inert("-5"), inert("-"), inert("Japan")
    ("'=1+1", '-5', '-', 'Japan')
    """
    risky = _RISKY.match(text) is not None and not _PLAIN.fullmatch(text)
    return f"'{text}" if risky else text
