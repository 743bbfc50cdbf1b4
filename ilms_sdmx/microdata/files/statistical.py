"""Files of Stata, SPSS and SAS, in chunks through ReadStat, with all their missing codes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ilms_sdmx.errors import TableError
from ilms_sdmx.microdata.files.encodings import (
    likely_encoding,
    needs_restoring,
    reader_encoding,
    restored,
)
from ilms_sdmx.microdata.files.variables import Variable, value_text

if TYPE_CHECKING:
    import pyarrow as pa

#: Values that are read at once: whoever reads in small parts skips the same records often.
VALUES = 1_200_000
#: Encoding in which every byte is a letter, so that none is lost on the way to its own.
_LATIN = "latin1"
#: Format of a file to the function of pyreadstat.
_READERS = {
    "dta": "read_dta",
    "sav": "read_sav",
    "sas7bdat": "read_sas7bdat",
    "xport": "read_xport",
}
#: Formats of dates, and of dates with a time: the unit in which they count, and from which day.
_DAYS = re.compile(r"%-?td.*|(E8601DA|DATE|YYMMDD|DDMMYY|MMDDYY)[A-Z]?\d*(\.\d*)?")
_SECONDS = re.compile(r"(E?DATE|ADATE|SDATE|JDATE|DATETIME|YMDHMS|E8601DT)\d*(\.\d*)?")
_MILLISECONDS = re.compile(r"%-?t[cC].*")
#: Days from the first day that each program counts from to 1 January 1970.
_FIRST_DAY = {"dta": -3653, "sas7bdat": -3653, "xport": -3653, "sav": -141428}
#: Last version of Stata's format whose texts are in an encoding that the file does not name.
_LAST_UNSAID = 117
_RELEASE = re.compile(rb"<stata_dta><header><release>(\d+)")


@dataclass(frozen=True)
class Statistical:
    """A file of Stata, SPSS or SAS whose dictionary was read.

    Parameters
    ----------
    path, format
        The file and its format.
    encoding
        Encoding that was declared or found, empty where the file says it.
    variables
        Variables in order.
    days
        Unit of the dates by name of variable: `1`, `86400` or `86400000` in a day.
    rows
        Records, as the file says it; -1 where it does not.
    """

    path: Path
    format: str
    encoding: str
    variables: Mapping[str, Variable]
    days: Mapping[str, int]
    rows: int = -1

    def chunks(self) -> Iterator[pa.Table]:
        """Records as tables of one schema, in order."""
        reader = _reader(self.format)
        offset = 0
        limit = max(VALUES // max(len(self.variables), 1), 1)
        while self.rows < 0 or offset < self.rows:
            options = {"row_offset": offset, "row_limit": limit, "output_format": "dict"}
            columns, _ = _read(reader, self, options)
            count = len(next(iter(columns.values()), ()))
            if count:
                yield self._table(columns)
            if count < limit:
                return
            offset += limit

    def _table(self, columns: Mapping[str, Sequence[Any]]) -> pa.Table:
        import pyarrow as pa

        arrays: list[pa.Array] = []
        names: list[str] = []
        for name, variable in self.variables.items():
            column = columns[name]
            if variable.kind == "text":
                arrays.append(self._texts(column))
                names.append(name)
                continue
            numbers, codes = _apart(column)
            if variable.kind == "date":
                arrays.append(_dates(numbers, self.days[name], _FIRST_DAY[self.format]))
            else:
                arrays.append(numbers)
            names.append(name)
            if variable.has_codes:
                arrays.append(codes)
                names.append(variable.codes_column)
        return pa.Table.from_arrays(arrays, names)

    def _texts(self, column: Sequence[Any]) -> pa.Array:
        """Texts without the blanks that fill a field, empty ones missing."""
        import pyarrow as pa

        distinct: dict[Any, str | None] = {}
        texts = []
        for value in column:
            if value not in distinct:
                distinct[value] = self._text(value)
            texts.append(distinct[value])
        return pa.array(texts, pa.string())

    def _text(self, value: object) -> str | None:
        if not isinstance(value, str):
            return None
        text = value.rstrip()
        if needs_restoring(self.encoding):
            text = restored(text, self.encoding)
        return text or None


def _apart(column: Sequence[Any]) -> tuple[pa.Array, pa.Array]:
    """Numbers of a column, and its missing codes that are letters."""
    import pyarrow as pa

    try:
        plain = pa.array(column, pa.float64(), from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        # There is a letter among them.
        pass
    else:
        return plain, pa.nulls(len(column), pa.string())
    numbers: list[float | None] = []
    codes: list[str | None] = []
    for value in column:
        is_code = isinstance(value, str)
        codes.append(f".{value.lower()}" if is_code else None)
        numbers.append(None if is_code or value is None else float(value))
    whole = pa.array(numbers, pa.float64(), from_pandas=True)
    return whole, pa.array(codes, pa.string())


def _dates(numbers: pa.Array, unit: int, first_day: int) -> pa.Array:
    """Days of numbers that count units from a first day."""
    import numpy as np
    import pyarrow as pa

    counted = numbers.to_numpy(zero_copy_only=False)
    is_day = np.isfinite(counted)
    days = np.zeros(len(counted), dtype="int32")
    days[is_day] = np.floor(counted[is_day] / unit).astype("int64") + first_day
    return pa.array(days, mask=~is_day).cast(pa.date32())


def open_statistical(path: Path, format: str, encoding: str = "") -> Statistical:
    """Dictionary of a file of Stata, SPSS or SAS.

    Raises
    ------
    TableError
        It is no such file, pyreadstat is not installed, or its letters need an encoding that
        was not said. No message holds a value of the file.
    """
    reader = _reader(format)
    bare = Statistical(path, format, encoding, {}, {})
    _, meta = _read(reader, bare, {"metadataonly": True})
    if not encoding and not _says_encoding(path, format, meta):
        encoding = _found(path, format)
        if encoding:
            bare = Statistical(path, format, encoding, {}, {})
            _, meta = _read(reader, bare, {"metadataonly": True})
    variables = {}
    days = {}
    for name in meta.column_names:
        unit = _unit(format, str(meta.original_variable_types.get(name) or ""))
        is_text = meta.readstat_variable_types[name] == "string"
        kind = "text" if is_text else "date" if unit else "number"
        if kind == "date":
            days[name] = unit
        variables[name] = _variable(name, kind, meta, bare.encoding, format)
    rows = -1 if meta.number_rows is None else int(meta.number_rows)
    return Statistical(path, format, bare.encoding, variables, days, rows)


def _variable(name: str, kind: str, meta: Any, encoding: str, format: str) -> Variable:
    is_restored = needs_restoring(encoding)
    label = meta.column_names_to_labels.get(name) or ""
    labels = {}
    missing = []
    for value, words in (meta.variable_value_labels.get(name) or {}).items():
        code = f".{value.lower()}" if kind == "number" and isinstance(value, str) else None
        text = code or value_text(value)
        labels[text] = restored(words, encoding) if is_restored else str(words)
        if code:
            missing.append(code)
    for code in meta.missing_user_values.get(name) or ():
        if f".{str(code).lower()}" not in missing:
            missing.append(f".{str(code).lower()}")
    for declared in meta.missing_ranges.get(name) or ():
        first = value_text(declared["lo"])
        last = value_text(declared["hi"])
        missing.append(first if first == last else f"{first} to {last}")
    if is_restored:
        label = restored(label, encoding)
    # ReadStat does not tell the letters of the missing values of a transport file.
    has_codes = kind != "text" and format in ("dta", "sas7bdat")
    return Variable(name, label, kind, labels, tuple(missing), has_codes)


def _unit(format: str, written: str) -> int:
    """How many units of a date's number are one day; 0 for what is no date."""
    if format == "sav":
        return 86_400 if _SECONDS.fullmatch(written) else 0
    if _MILLISECONDS.fullmatch(written):
        return 86_400_000
    if _DAYS.fullmatch(written):
        return 1
    return 86_400 if written.startswith(("DATETIME", "E8601DT")) else 0


def _says_encoding(path: Path, format: str, meta: Any) -> bool:
    """Whether the file itself names the encoding of its texts."""
    if format != "dta":
        return bool(meta.file_encoding)
    with path.open("rb") as stream:
        start = stream.read(64)
    release = _RELEASE.match(start)
    if release is None:
        return False
    return int(release[1]) > _LAST_UNSAID


def _found(path: Path, format: str) -> str:
    """Encoding in which the labels of an old file make sense, empty where all is ASCII.

    Raises
    ------
    TableError
        They have letters that more than one encoding would read.
    """
    bare = Statistical(path, format, _LATIN, {}, {})
    _, meta = _read(_reader(format), bare, {"metadataonly": True})
    texts = [*meta.column_names, *filter(None, meta.column_labels)]
    for labels in meta.variable_value_labels.values():
        texts += map(str, labels.values())
    try:
        return likely_encoding(texts)
    except TableError:
        advice = "say it with --encoding or under `encoding`: cp874, cp1258, tcvn3, latin1"
        raise TableError(
            f"{path.name}: its labels have letters beyond ASCII and the file does not name"
            f" their encoding: {advice}."
        ) from None


def _reader(format: str) -> Any:
    try:
        import pyreadstat
    except ImportError as error:
        raise TableError(
            "files of Stata, SPSS and SAS need pyreadstat: pip install 'ilms-sdmx[microdata]'."
        ) from error
    return getattr(pyreadstat, _READERS[format])


def _read(reader: Any, file: Statistical, options: Mapping[str, Any]) -> tuple[Any, Any]:
    """Frame and dictionary of a part of a file."""
    import pyreadstat

    asked = dict(options)
    if file.format != "xport":
        asked["user_missing"] = True
    try:
        frame, meta = reader(
            str(file.path),
            encoding=reader_encoding(file.encoding),
            disable_datetime_conversion=True,
            **asked,
        )
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, ValueError) as error:
        # What ReadStat says may quote a text: its sentence is known, and not repeated.
        hint = ""
        if "convert string" in str(error):
            hint = "; say its encoding (--encoding cp874, cp1258, tcvn3, latin1, ...)"
        name = file.path.name
        raise TableError(f"{name} is no {file.format} file that can be read{hint}.") from None
    return frame, meta
