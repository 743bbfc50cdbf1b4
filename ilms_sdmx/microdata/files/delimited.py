"""Delimited and fixed-width text, all as text: the mapping casts, and failures are counted."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ilms_sdmx.errors import TableError
from ilms_sdmx.microdata.files.encodings import ASTRAY, restored
from ilms_sdmx.microdata.files.variables import Variable

if TYPE_CHECKING:
    import pyarrow as pa

#: What may be between fields, tried in this order.
_SEPARATORS = (",", ";", "\t", "|")
#: Lines of wrong length whose numbers an error lists.
_SHOWN = 5
_BLOCK = 1 << 22
#: A character that no text has, for lines that are one field.
_NONE = "\x1f"


@dataclass(frozen=True)
class Columns:
    """One field of a fixed-width line: `start` counts from 1, `width` in characters."""

    name: str
    start: int
    width: int
    label: str = ""


def read_columns(path: Path) -> tuple[Columns, ...]:
    """Fields of a fixed-width file from a CSV with `name`, `start`, `width` and `label`.

    Raises
    ------
    TableError
        A column or a number is missing; the message names the line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError):
        raise TableError(f"{path.name} cannot be read as a layout of columns.") from None
    columns = []
    for number, row in enumerate(csv.DictReader(text.splitlines()), 2):
        try:
            start, width = int(row["start"]), int(row["width"])
            column = Columns(row["name"].strip(), start, width, row.get("label") or "")
        except (KeyError, TypeError, ValueError, AttributeError):
            raise TableError(
                f"{path.name}, line {number}: expected name, start and width (whole numbers)."
            ) from None
        if start < 1 or width < 1:
            raise TableError(f"{path.name}, line {number}: start and width count from 1.")
        columns.append(column)
    if not columns:
        raise TableError(f"{path.name}: expected a line for each column, found none.")
    return tuple(columns)


class Delimited:
    """A text file of records, one line each, whose first line was read."""

    def __init__(
        self,
        path: Path,
        encoding: str = "",
        separator: str = "",
        columns: tuple[Columns, ...] = (),
    ) -> None:
        self.path = path
        self.encoding = encoding
        self.columns = columns
        _check_text(path, encoding)
        if columns:
            named = [(column.name, column.label) for column in columns]
            self.separator = _NONE
        else:
            self.separator = separator or _separator(self._first_line())
            named = [(name, "") for name in self._names()]
        self.variables = {name: Variable(name, label, "text") for name, label in named}
        if len(self.variables) < len(named):
            raise TableError(
                f"{path.name}: expected each name once in line 1, found one twice."
            )

    def _first_line(self) -> str:
        with self.path.open(encoding=self._python, errors="strict", newline="") as stream:
            return stream.readline().lstrip("\ufeff")

    @property
    def _python(self) -> str:
        """Encoding as Python knows it; texts in fonts of their own are read as Latin-1."""
        if not self.encoding:
            return "utf-8-sig"
        return "latin-1" if self._is_astray else self.encoding

    @property
    def _is_astray(self) -> bool:
        return self.encoding.casefold().replace("_", "-") in ASTRAY

    def _names(self) -> list[str]:
        line = self._first_line()
        if not line.strip():
            raise TableError(f"{self.path.name}: expected names in line 1, found nothing.")
        names = next(csv.reader([line], delimiter=self.separator))
        stripped = [name.strip() for name in names]
        if "" in stripped:
            raise TableError(f"{self.path.name}: expected a name for every column in line 1.")
        return stripped

    def chunks(self) -> Iterator[pa.Table]:
        """Records as tables of texts, in order; blanks around a text are left out."""
        wrong = _WrongLines(self.path.name)
        for batch in self._batches(wrong):
            yield self._cut(batch) if self.columns else self._texts(batch)
        wrong.refuse()

    def _batches(self, wrong: _WrongLines) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa
        import pyarrow.csv as pc

        names = ["line"] if self.columns else list(self.variables)
        read = pc.ReadOptions(
            column_names=names,
            skip_rows=0 if self.columns else 1,
            encoding=self._python.removesuffix("-sig"),
            block_size=_BLOCK,
            use_threads=False,
        )
        is_cut = bool(self.columns)
        parse = pc.ParseOptions(
            delimiter=self.separator,
            quote_char=False if is_cut else '"',
            newlines_in_values=not is_cut,
            invalid_row_handler=wrong,
        )
        convert = pc.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        )
        try:
            with pc.open_csv(self.path, read, parse, convert) as reader:
                yield from reader
        except pa.ArrowInvalid as error:
            # Its message may quote a record: only what kind it is is repeated.
            if "Empty CSV" in str(error):
                return
            raise TableError(
                f"{self.path.name} cannot be read as text with {self.separator!r} between"
                " fields: a quotation mark is not closed, or a line is too long."
            ) from None

    def _texts(self, batch: pa.RecordBatch) -> pa.Table:
        import pyarrow as pa

        arrays = [self._plain(column) for column in batch.columns]
        return pa.Table.from_arrays(arrays, list(self.variables))

    def _cut(self, batch: pa.RecordBatch) -> pa.Table:
        """Fields of fixed-width lines."""
        import pyarrow as pa
        import pyarrow.compute as pc

        lines = batch.column(0)
        arrays = []
        for column in self.columns:
            first = column.start - 1
            part = pc.utf8_slice_codeunits(lines, first, first + column.width)
            arrays.append(self._plain(part))
        return pa.Table.from_arrays(arrays, list(self.variables))

    def _plain(self, column: Any) -> Any:
        """Texts without blanks around them, in their own letters, empty ones missing."""
        import pyarrow as pa
        import pyarrow.compute as pc

        trimmed = pc.utf8_trim_whitespace(column)
        is_empty = pc.equal(trimmed, "")
        texts = pc.if_else(is_empty, pa.scalar(None, pa.string()), trimmed)
        if not self._is_astray:
            return texts
        coded = texts.dictionary_encode()
        words = [restored(text, self.encoding) for text in coded.dictionary.to_pylist()]
        return pa.DictionaryArray.from_arrays(coded.indices, words).cast(pa.string())


class _WrongLines:
    """Lines that have more or fewer fields than the first: their numbers, never their text."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.numbers: list[int] = []
        self.count = 0
        self.shape = ""

    def __call__(self, row: Any) -> str:
        self.count += 1
        if not self.shape:
            self.shape = f"{row.expected_columns} fields, found {row.actual_columns}"
        if len(self.numbers) < _SHOWN and row.number is not None:
            self.numbers.append(row.number + 1)
        return "skip"

    def refuse(self) -> None:
        """Raise where a line was wrong."""
        if not self.count:
            return
        lines = ", ".join(map(str, self.numbers))
        where = f" (line {lines})" if lines else ""
        raise TableError(f"{self.name}: expected {self.shape} in {self.count} line(s){where}.")


def _separator(line: str) -> str:
    """Character between the fields of a first line: the one that is there most often."""
    return max(_SEPARATORS, key=line.count)


def _check_text(path: Path, encoding: str) -> None:
    """Refuse bytes that are not text in the encoding, before any of them is shown."""
    name = encoding or "utf-8"
    if name.casefold().replace("_", "-") in ASTRAY:
        return
    try:
        decoder = codecs.getincrementaldecoder(name)()
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except LookupError:
        raise TableError(f"{path.name}: there is no encoding {encoding!r}.") from None
    except UnicodeDecodeError:
        advice = "say its encoding (--encoding cp874, cp1258, tcvn3, latin1, ...)"
        raise TableError(f"{path.name} is not text in {name}: {advice}.") from None
