"""Reading SDMX-CSV 1.0, 2.0 and 2.1 as a stream of batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ilms_sdmx.datasets import Components
from ilms_sdmx.errors import MessageError
from ilms_sdmx.findings import Finding, find
from ilms_sdmx.messages.batches import Attached, Batch
from ilms_sdmx.messages.csv import header, partial
from ilms_sdmx.messages.csv.fields import Fields
from ilms_sdmx.messages.csv.lines import Piece, pieces
from ilms_sdmx.messages.header import Header
from ilms_sdmx.messages.message import Note
from ilms_sdmx.messages.opening import Source

if TYPE_CHECKING:
    import pyarrow as pa

#: Letter in the ACTION column to what it stands for.
ACTIONS = {"I": "Information", "A": "Append", "R": "Replace", "D": "Delete", "M": "Merge"}
#: What STRUCTURE may say, and the part of a batch that its identifier becomes.
KINDS = {"dataflow": "dataflow", "datastructure": "structure", "dataprovision": "provision"}


@dataclass(frozen=True)
class Subject:
    """What a row is about: the kind and the identifier of its artefact, and the letter of its action."""

    kind: str
    identifier: str
    action: str


class CsvReading:
    """SDMX-CSV message being read: iterate over it once."""

    def __init__(self, source: Source, components: Components | None) -> None:
        text = source.text()
        self._source = source
        self._layout = layout = header.parse(text, source.name)
        self.header = Header()
        self.footer: tuple[Note, ...] = ()
        self.format = f"sdmx-csv-{_version(layout, text)}"
        self.findings: list[Finding] = []
        self._components = self._roles(components)
        if layout.width > layout.named:
            self.findings.append(find("surplus-separators"))
        self._fields = [
            Fields(c, layout, _role(c.id, self._components)) for c in layout.columns
        ]
        self._number = -1
        self._current: Subject | None = None
        self._records = 1

    def _roles(self, components: Components | None) -> Components:
        if components is None:
            inferred = header.roles(self._layout)
            dimensions = ", ".join(inferred.dimensions)
            self.findings.append(
                find("inferred-components", case="dimensions", dimensions=dimensions)
            )
            return inferred
        known, extra = header.against(self._layout, components)
        for column in extra:
            self.findings.append(find("unknown-component", case="kept", component=column))
        missing = set(components.dimensions) - {c.id for c in self._layout.columns}
        if missing and self._layout.action < 0:
            names = ", ".join(d for d in components.dimensions if d in missing)
            raise MessageError(
                f"{self._source.name}: line 1: expected a column for each dimension, none for {names}"
            )
        return known

    def __iter__(self) -> Iterator[Batch]:
        for block in _blocks(self._source, self._layout, self._components.measures):
            yield from self._batches(block)
        if self._number < 0:
            yield Batch(0, _empty(), self._components, action=_absent_action(self._layout))

    def _batches(self, block: pa.RecordBatch) -> Iterator[Batch]:
        """Rows of a block, cut where the subject changes."""
        for subject, start, length in self._subjects(block):
            if subject != self._current:
                self._number, self._current = self._number + 1, subject
            yield self._batch(subject, block.slice(start, length))
        self._records += block.num_rows

    def _batch(self, subject: Subject, block: pa.RecordBatch) -> Batch:
        import pyarrow as pa

        columns = {}
        for column, fields in zip(self._layout.columns, self._fields, strict=True):
            try:
                columns[column.id] = fields.values(block.column(column.position))
            except MessageError as error:
                place = f"{self._source.name}: after record {self._records}"
                raise MessageError(f"{place}: column {column.id}: {error}") from None
        action = ACTIONS[subject.action] if subject.action else _absent_action(self._layout)
        if (
            not columns
        ):  # the row deletes all: without a column the table would forget that there is a row
            columns = {self._components.measures[0]: pa.nulls(block.num_rows, pa.string())}
        rows = pa.table(columns)
        attached: Attached = {}
        if action != "Delete" and self._gaps(rows):
            rows, attached = partial.split(rows, self._components)
        artefact: dict[str, Any] = {KINDS[subject.kind]: subject.identifier}
        return Batch(
            self._number, rows, self._components, action=action, attached=attached, **artefact
        )

    def _gaps(self, rows: pa.Table) -> bool:
        """Whether some row lacks a dimension: only such can be about a partial key."""
        there = set(rows.column_names)
        return any(d not in there or rows[d].null_count for d in self._components.dimensions)

    def _subjects(self, block: pa.RecordBatch) -> Iterator[tuple[Subject, int, int]]:
        """Find the runs of rows about the same: subject, first row, number of rows."""
        import numpy as np

        layout = self._layout
        positions = (layout.kind, layout.identifier, layout.action)
        columns = [_encoded(block, p) for p in positions]
        if all(len(texts) <= 1 for _, texts in columns):
            yield (
                self._subject([texts[0] if texts else None for _, texts in columns]),
                0,
                block.num_rows,
            )
            return
        codes = np.stack([c for c, _ in columns])
        starts = np.concatenate(
            ([0], np.flatnonzero((codes[:, 1:] != codes[:, :-1]).any(axis=0)) + 1)
        )
        for start, end in zip(starts, [*starts[1:], block.num_rows], strict=True):
            texts = [texts[c[start]] if texts else None for c, texts in columns]
            yield self._subject(texts), int(start), int(end - start)

    def _subject(self, texts: list[str | None]) -> Subject:
        kind, identifier, action = (t or "" for t in texts)
        where = f"{self._source.name}: after record {self._records}"
        kind = kind.lower()  # OECD's service writes DATAFLOW
        if self._layout.kind >= 0 and kind not in KINDS:
            raise MessageError(
                f"{where}: STRUCTURE: expected one of {', '.join(KINDS)}, found {kind!r}"
            )
        if self._layout.action >= 0 and action not in ("", *ACTIONS):
            raise MessageError(
                f"{where}: ACTION: expected one of {', '.join(ACTIONS)}, found {action!r}"
            )
        return Subject(kind or "dataflow", identifier.partition(": ")[0], action)


def read(source: Source, components: Components | None) -> CsvReading:
    """Start reading an SDMX-CSV message of any version."""
    return CsvReading(
        replace(source, stream=source.utf8(), head=source.text().encode()), components
    )


def _role(name: str, components: Components) -> str:
    if name in components.dimensions:
        return "dimension"
    return "measure" if name in components.measures else "attribute"


def _absent_action(layout: header.Layout) -> str:
    """Say what a message without an action means: in SDMX 3.1 merge, in 1.0 information."""
    return "Information" if layout.version == "1.0" else "Merge"


def _version(layout: header.Layout, text: str) -> str:
    """Version of the format: 2.0 and 2.1 differ in the letter of the default action."""
    if layout.version == "1.0":
        return "1.0"
    second = text.partition("\n")[2].split(layout.separator)[: layout.action + 1]
    letter = (
        second[layout.action] if layout.action >= 0 and len(second) > layout.action else "M"
    )
    return "2.0" if letter.strip('"') in ("I", "A") else "2.1"


def _empty() -> pa.Table:
    import pyarrow as pa

    return pa.table({})


def _encoded(block: pa.RecordBatch, position: int) -> tuple[Any, list[str | None]]:
    """Codes and texts of a dictionary column; no texts where there is no such column."""
    import numpy as np

    if position < 0:
        return np.zeros(block.num_rows, np.int32), []
    column = block.column(position)
    codes = column.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    texts = column.dictionary.to_pylist()
    return codes, [*texts, None] if column.null_count else texts


def _blocks(
    source: Source, layout: header.Layout, measures: tuple[str, ...]
) -> Iterator[pa.RecordBatch]:
    """Blocks of the file: strings for measures, dictionaries of strings for all other columns."""
    import pyarrow as pa

    texts = {c.position for c in layout.columns if c.id in measures}
    coded = pa.dictionary(pa.int32(), pa.string())
    kinds = {f"c{p}": pa.string() if p in texts else coded for p in range(layout.width)}
    for number, piece in enumerate(pieces(source.stream, layout.separator, source.name)):
        yield from _parsed(piece, layout, kinds, heading=not number, name=source.name)


def _parsed(
    piece: Piece,
    layout: header.Layout,
    kinds: dict[str, pa.DataType],
    *,
    heading: bool,
    name: str,
) -> list[pa.RecordBatch]:
    """Parse the records of a piece; `heading` says that the first is the header row."""
    import pyarrow as pa
    from pyarrow import csv

    invalid: list[csv.InvalidRow] = []

    def refuse(row: csv.InvalidRow) -> str:
        invalid.append(row)
        return "error"

    reading = csv.ReadOptions(
        block_size=len(piece.data) + 1,
        use_threads=False,
        column_names=list(kinds),
        skip_rows_after_names=int(heading),
    )
    parsing = csv.ParseOptions(
        delimiter=layout.separator,
        newlines_in_values=b'"' in piece.data,
        invalid_row_handler=refuse,
    )
    converting = csv.ConvertOptions(
        check_utf8=False,  # `pieces` has checked
        column_types=kinds,
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=layout.quoted,
    )
    try:
        table = csv.read_csv(pa.py_buffer(piece.data), reading, parsing, converting)
    except pa.ArrowInvalid as error:
        raise _refused(error, name, piece, invalid) from None
    batches: list[pa.RecordBatch] = table.to_batches()
    return batches


def _refused(error: Exception, name: str, piece: Piece, invalid: list[Any]) -> MessageError:
    """Parser's complaint in the words of the file: its line, what was expected."""
    if not invalid:
        return MessageError(f"{name}: after line {piece.line}: cannot be read as CSV: {error}")
    row = invalid[-1]
    place = f"line {piece.line_of(row.text) or piece.line}"
    found = f"found {row.actual_columns}: {row.text[:60]!r}"
    return MessageError(f"{name}: {place}: expected {row.expected_columns} fields, {found}")
