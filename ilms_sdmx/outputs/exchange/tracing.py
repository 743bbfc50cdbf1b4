"""From what a receiver says back to our figure: its row or its key, and the cell it is from."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from pathlib import Path

from ilms_sdmx.findings import Finding, Place, find
from ilms_sdmx.messages.reading import read
from ilms_sdmx.outputs.exchange.packages import Package

#: How a receiver names a row of a file, and the coordinate of a figure.
_ROW = re.compile(r"\b(?:row|line)s?\W{0,3}(\d+)", re.IGNORECASE)
_KEY = re.compile(r"[A-Za-z0-9_@$-]+(?:[.:,][A-Za-z0-9_@$-]+){2,}")
#: Number of the first row of figures in a file with one row of headings.
_FIRST_ROW = 2


class Tracing:
    """Keys of the figures of a file that was sent, in its order, and their cells.

    Parameters
    ----------
    package
        The package.
    path
        File of it that was sent.
    receiver
        Name of the receiver, for the findings.
    """

    def __init__(self, package: Package, path: Path, receiver: str) -> None:
        self._receiver = receiver
        self._rows: list[tuple[str, dict[str, str]]] = []
        if path in package.data:
            structure = package.folder / package.structure if package.structure else None
            for dataset in read(path, structure).datasets:
                names = list(dataset.components.dimensions)
                texts = dataset.observations[names].astype("str")
                for codes in texts.itertuples(index=False, name=None):
                    key = dict(zip(names, codes, strict=True))
                    self._rows.append((dataset.dataflow, key))
        self._cells = _cells(package)

    def finding(self, text: str, severity: str = "error") -> Finding:
        """Finding of a message of the receiver, with our key and cell where it names them.

        Parameters
        ----------
        text
            What the receiver says.
        severity
            `error`, `warning` or `note`.
        """
        dataflow, key = self._named(text)
        cell = self._cells.get((dataflow, ".".join(key.values())), {})
        place = Place(
            file=cell.get("file", ""),
            sheet=cell.get("sheet", ""),
            cell=cell.get("cell", ""),
            dataflow=dataflow,
            key=key,
        )
        case = "" if severity == "error" else severity
        said = " ".join(text.split())[:500].rstrip(".")
        return find("receiver-refused", place, case=case, read=said, receiver=self._receiver)

    def _named(self, text: str) -> tuple[str, dict[str, str]]:
        """Dataflow and key that a message names; empty where it names none."""
        for match in _KEY.finditer(text):
            codes = re.split(r"[.:,]", match[0])
            for dataflow, key in self._rows:
                if list(key.values())[: len(codes)] == codes:
                    return dataflow, key
        row = _ROW.search(text)
        if row is None:
            return "", {}
        number = int(row[1]) - _FIRST_ROW
        if 0 <= number < len(self._rows):
            return self._rows[number]
        return "", {}


def _cells(package: Package) -> dict[tuple[str, str], Mapping[str, str]]:
    """Cell of each figure, from the provenance of the package."""
    path = package.folder / "evidence" / "provenance.csv"
    if not path.is_file():
        return {}
    lines = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))
    return {(line["dataflow"], line["key"]): line for line in lines}
