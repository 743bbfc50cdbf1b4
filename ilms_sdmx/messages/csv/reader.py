"""Reading SDMX-CSV 1.0, 2.0 and 2.1 as a stream of batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ilms_sdmx.datasets import Components
from ilms_sdmx.datasets.given import Given
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

#: Letter in the ACTION column to its action.
ACTIONS = {"I": "Information", "A": "Append", "R": "Replace", "D": "Delete", "M": "Merge"}
#: What STRUCTURE may say, and the part of a batch that its identifier becomes.
KINDS = {"dataflow": "dataflow", "datastructure": "structure", "dataprovision": "provision"}


@dataclass(frozen=True)
class Subject:
    """What a row is about.

    Parameters
    ----------
    kind, identifier
        Kind and identifier of its artefact.
    action
        Letter of its action.
    """

    kind: str
    identifier: str
    action: str

    @property
    def artefact(self) -> dict[str, Any]:
        """Identifier of the artefact, by the name that a batch has for its kind."""
        return {KINDS[self.kind]: self.identifier}


class CsvReading:
    """SDMX-CSV message being read: iterate over it once."""

    def __init__(self, source: Source, given: Given, first_line: int) -> None:
        text = source.text()
        self._source = source
        self._first_line = first_line
        self._layout = header.parse(text, source.name)
        self.header = Header()
        self.footer: tuple[Note, ...] = ()
        self.format = f"sdmx-csv-{_version(self._layout, text)}"
        self.findings: list[Finding] = []
        self._given = given
        self._records = 1
        self._components = self._roles(self._first_subject())
        if self._layout.width > self._layout.named:
            self.findings.append(find("surplus-separators"))
        self._fields = []
        for column in self._layout.columns:
            role = _role(column.id, self._components)
            self._fields.append(Fields(column, self._layout, role))
        self._number = -1
        self._current: Subject | None = None

    def _first_subject(self) -> Subject:
        """Subject of the first record; without a record, or a structure, of no artefact."""
        layout = self._layout
        if not self._given or not any(layout.first):
            return Subject("dataflow", "", "")
        texts = []
        for position in (layout.kind, layout.identifier, layout.action):
            is_there = 0 <= position < len(layout.first)
            texts.append(layout.first[position] if is_there else "")
        return self._subject(texts)

    def _roles(self, subject: Subject) -> Components:
        """Roles of the columns: those of the structure, else those that their order tells."""
        if not self._given:
            inferred = header.roles(self._layout)
            dimensions = ", ".join(inferred.dimensions)
            case = "dimensions" if dimensions else "none"
            self._add(find("inferred-components", case=case, dimensions=dimensions))
            return inferred
        components = self._given.components(**subject.artefact)
        assert components is not None
        ids = [column.id for column in self._layout.columns]
        missing = [name for name in components.dimensions if name not in ids]
        if missing and self._layout.action < 0:
            expected = "expected a column for each dimension"
            place = f"{self._source.name}: line 1"
            raise MessageError(f"{place}: {expected}, none for {', '.join(missing)}")
        unknown = [name for name in ids if name not in components.columns]
        extra = [name for name in unknown if not self._given.holds(name)]
        return self._extended(components, extra)

    def _extended(self, components: Components, extra: Sequence[str]) -> Components:
        """Components of a structure with columns that it does not have."""
        for column in extra:
            self._add(find("unknown-component", case="kept", component=column))
        return header.with_extra(self._layout, components, extra)

    def _add(self, finding: Finding) -> None:
        """Keep a finding, once."""
        if finding not in self.findings:
            self.findings.append(finding)

    def __iter__(self) -> Iterator[Batch]:
        cut = pieces(
            self._source.stream,
            self._layout.separator,
            self._source.name,
            line=self._first_line,
        )
        for block in _blocks(cut, self._source.name, self._layout, self._components.measures):
            yield from self._batches(block)
        if self._number < 0:
            yield Batch(0, _empty(), self._components, action=_absent_action(self._layout))

    def _batches(self, block: pa.RecordBatch) -> Iterator[Batch]:
        """Rows of a block, cut where the subject changes."""
        for subject, start, length in self._subjects(block):
            if subject != self._current:
                self._begin(subject)
            yield self._batch(subject, block.slice(start, length))
        self._records += block.num_rows

    def _begin(self, subject: Subject) -> None:
        """Begin a data set, with the roles that its structure gives."""
        self._number += 1
        if self._given and self._current is not None:
            self._components = self._roles(subject)
        self._current = subject

    def _batch(self, subject: Subject, block: pa.RecordBatch) -> Batch:
        """Batch of rows with one subject."""
        action = _absent_action(self._layout)
        if subject.action:
            action = ACTIONS[subject.action]
        rows = self._known(self._values(block))
        attached: Attached = {}
        if action != "Delete" and self._gaps(rows):
            rows, attached = partial.split(rows, self._components)
        return Batch(
            self._number,
            rows,
            self._components,
            action=action,
            attached=attached,
            **subject.artefact,
        )

    def _known(self, rows: pa.Table) -> pa.Table:
        """Rows without the columns of other structures, which have no values here."""
        foreign = [name for name in rows.column_names if name not in self._components.columns]
        filled = [name for name in foreign if rows[name].null_count < len(rows)]
        if filled:
            self._components = self._extended(self._components, filled)
        return rows.drop_columns([name for name in foreign if name not in filled])

    def _values(self, block: pa.RecordBatch) -> pa.Table:
        """Values of the components in a block."""
        import pyarrow as pa

        columns = {}
        for column, fields in zip(self._layout.columns, self._fields, strict=True):
            try:
                columns[column.id] = fields.values(block.column(column.position))
            except MessageError as error:
                place = f"{self._source.name}: after record {self._records}"
                raise MessageError(f"{place}: column {column.id}: {error}") from None
        if not columns:
            # A row that deletes all: without a column the table would forget that there is a
            # row.
            columns[self._components.measures[0]] = pa.nulls(block.num_rows, pa.string())
        return pa.table(columns)

    def _gaps(self, rows: pa.Table) -> bool:
        """Whether some row lacks a dimension: only such can be about a partial key."""
        dimensions = self._components.dimensions
        if not set(dimensions) <= set(rows.column_names):
            return True
        return any(rows[name].null_count for name in dimensions)

    def _subjects(self, block: pa.RecordBatch) -> Iterator[tuple[Subject, int, int]]:
        """Find the runs of rows about the same: subject, first row, number of rows."""
        layout = self._layout
        columns = []
        for position in (layout.kind, layout.identifier, layout.action):
            columns.append(_encoded(block, position))
        starts = [0]
        if any(len(texts) > 1 for _, texts in columns):
            starts = _run_starts([codes for codes, _ in columns])
        ends = [*starts[1:], block.num_rows]
        for start, end in zip(starts, ends, strict=True):
            yield self._subject(_texts_at(columns, start)), start, end - start

    def _subject(self, texts: list[str]) -> Subject:
        """Subject of a row by its kind, identifier and action."""
        kind, identifier, action = texts
        kind = kind.lower()  # OECD's service writes DATAFLOW
        if self._layout.kind >= 0:
            self._one_of("STRUCTURE", kind, tuple(KINDS))
        if self._layout.action >= 0 and action:
            self._one_of("ACTION", action, tuple(ACTIONS))
        return Subject(kind or "dataflow", identifier.partition(": ")[0], action)

    def _one_of(self, column: str, value: str, known: tuple[str, ...]) -> None:
        """Refuse a value that a column cannot have."""
        if value not in known:
            place = f"{self._source.name}: after record {self._records}: {column}"
            raise MessageError(f"{place}: expected one of {', '.join(known)}, found {value!r}")


def read(source: Source, given: Given) -> CsvReading:
    """Start reading an SDMX-CSV message of any version."""
    head = source.text().encode()
    stream = source.utf8()
    first_line = 1
    if source.separator_line:
        stream.readline()
        first_line = 2
    utf8_source = replace(source, stream=stream, head=head)
    return CsvReading(utf8_source, given, first_line)


def _role(name: str, components: Components) -> str:
    """Role of a column in words."""
    if name in components.dimensions:
        return "dimension"
    return "measure" if name in components.measures else "attribute"


def _absent_action(layout: header.FileLayout) -> str:
    """Meaning of a message without an action: in SDMX 3.1 merge, in 1.0 information."""
    return "Information" if layout.version == "1.0" else "Merge"


def _version(layout: header.FileLayout, text: str) -> str:
    """Version of the format: 2.0 and 2.1 differ in the letter of the default action."""
    if layout.version == "1.0":
        return "1.0"
    fields = text.partition("\n")[2].split(layout.separator)
    letter = "M"
    if 0 <= layout.action < len(fields):
        letter = fields[layout.action].strip('"')
    return "2.0" if letter in ("I", "A") else "2.1"


def _empty() -> pa.Table:
    """Table without columns and rows."""
    import pyarrow as pa

    return pa.table({})


def _encoded(block: pa.RecordBatch, position: int) -> tuple[Any, list[str | None]]:
    """Codes and texts of a dictionary column; no texts where there is no such column."""
    import numpy as np

    if position < 0:
        return np.zeros(block.num_rows, np.int32), []
    column = block.column(position)
    codes = column.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    texts: list[str | None] = column.dictionary.to_pylist()
    if column.null_count:
        texts.append(None)
    return codes, texts


def _run_starts(columns: list[Any]) -> list[int]:
    """First rows of the runs in which no column of codes changes."""
    import numpy as np

    codes = np.stack(columns)
    changed = (codes[:, 1:] != codes[:, :-1]).any(axis=0)
    starts = np.flatnonzero(changed) + 1
    return [0, *starts.tolist()]


def _texts_at(columns: list[tuple[Any, list[str | None]]], row: int) -> list[str]:
    """Texts of encoded columns in a row, empty where absent."""
    values = []
    for codes, texts in columns:
        # A block without rows has no text, and neither has a column that is not there.
        text = texts[codes[row]] if texts and len(codes) else None
        values.append(text or "")
    return values


def _blocks(
    cut: Iterator[Piece], name: str, layout: header.FileLayout, measures: tuple[str, ...]
) -> Iterator[pa.RecordBatch]:
    """Blocks of the file: strings for measures, dictionaries for all other columns."""
    import pyarrow as pa

    coded = pa.dictionary(pa.int32(), pa.string())
    kinds = dict.fromkeys(map("c{}".format, range(layout.width)), coded)
    for column in layout.columns:
        if column.id in measures:
            kinds[f"c{column.position}"] = pa.string()
    parser = _Parser(layout, kinds, name)
    heading = True
    for piece in cut:
        yield from parser.batches(piece, heading=heading)
        heading = False


@dataclass
class _Parser:
    """Parser of the records of a file.

    Parameters
    ----------
    layout
        What the header row says.
    kinds
        Type of each column.
    name
        What to call the file in errors.
    """

    layout: header.FileLayout
    kinds: dict[str, pa.DataType]
    name: str

    def batches(self, piece: Piece, *, heading: bool) -> list[pa.RecordBatch]:
        """Records of a piece; `heading` says that the first is the header row."""
        import pyarrow as pa
        from pyarrow import csv

        invalid: list[csv.InvalidRow] = []

        def refuse(row: csv.InvalidRow) -> str:
            invalid.append(row)
            return "error"

        reading = csv.ReadOptions(
            block_size=len(piece.data) + 1,
            use_threads=False,
            column_names=list(self.kinds),
            skip_rows_after_names=int(heading),
        )
        parsing = csv.ParseOptions(
            delimiter=self.layout.separator,
            newlines_in_values=b'"' in piece.data,
            invalid_row_handler=refuse,
        )
        data = pa.py_buffer(piece.data)
        try:
            table = csv.read_csv(data, reading, parsing, self._converting())
        except pa.ArrowInvalid as error:
            raise _refused(error, self.name, piece, invalid) from None
        batches: list[pa.RecordBatch] = table.to_batches()
        return batches

    def _converting(self) -> Any:
        """How fields become values: as they are, absent only where empty without quotes."""
        from pyarrow import csv

        return csv.ConvertOptions(
            check_utf8=False,  # `pieces` has checked
            column_types=self.kinds,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=self.layout.quoted,
        )


def _refused(error: Exception, name: str, piece: Piece, invalid: list[Any]) -> MessageError:
    """Parser's complaint in the words of the file: its line, what was expected."""
    if not invalid:
        return MessageError(f"{name}: after line {piece.line}: cannot be read as CSV: {error}")
    row = invalid[-1]
    line = piece.line_of(row.text) or piece.line
    read = f"{row.actual_columns}: {row.text[:60]!r}"
    expected = f"expected {row.expected_columns} fields"
    return MessageError(f"{name}: line {line}: {expected}, found {read}")
