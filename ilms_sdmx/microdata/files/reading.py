"""Reading of files of records of any format into Parquet, once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ilms_sdmx._files import file_name, make_folder, replacing
from ilms_sdmx.errors import TableError
from ilms_sdmx.microdata.files.delimited import Columns, Delimited, read_columns
from ilms_sdmx.microdata.files.formats import FORMATS, format_of
from ilms_sdmx.microdata.files.statistical import open_statistical
from ilms_sdmx.microdata.files.variables import KEY, Microdata, Variable, packed, unpacked

if TYPE_CHECKING:
    import pyarrow as pa

_BLOCK = 1 << 20
#: Rows of a group of the Parquet files.
_GROUP = 125_000


def read_microdata(
    source: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    *,
    encoding: str = "",
    separator: str = "",
    columns: str | os.PathLike[str] | None = None,
) -> Microdata:
    r"""Read a file of records into Parquet, with its labels and every missing code.

    Parameters
    ----------
    source
        File: .csv, .tsv, .txt, .dat, .parquet, .dta, .sav, .zsav, .sas7bdat or .xpt.
    folder
        Where the Parquet file goes; one that is there already, of the same bytes, is used
        again. It holds records of persons: put it where the records themselves may be.
    encoding
        Encoding of texts where the file does not say it: `cp874`, `cp1258`, `tcvn3`, ...
    separator
        Character between the fields of a text; found in its first line where absent.
    columns
        CSV with `name`, `start` and `width` of the fields of a fixed-width text.

    Raises
    ------
    TableError
        It cannot be read as that; the message says where and holds no value of a record.

    Examples
    --------
    >>> from pathlib import Path
    >>> _ = Path("persons.csv").write_text("id,sex\n1,F\n2,M\n")
    >>> read_microdata("persons.csv", "work")
    <Microdata persons.csv: 2 records, 2 variables>
    """
    path = Path(source)
    if not path.is_file():
        raise TableError(f"{path} is no file: give one file of records.")
    format = "delimited" if columns is not None else format_of(path)
    layout = read_columns(Path(columns)) if columns is not None else ()
    if format == "parquet":
        return _own(path)
    digest = _hash(path)
    said = f"{digest}{encoding}{separator}{layout}"
    mark = hashlib.sha256(said.encode()).hexdigest()[:16]
    target = Path(folder) / f"{path.stem}-{mark}.parquet"
    if target.is_file():
        return _kept(target, file_name(path), digest, encoding)
    file = _opened(path, format, encoding, separator, layout)
    make_folder(target.parent)
    rows = _write(target, file.variables, file.chunks())
    return Microdata(target, file_name(path), file.variables, rows, digest, file.encoding)


@contextmanager
def reading_folder(folder: str | os.PathLike[str] | None) -> Iterator[Path]:
    """Folder for the Parquet files: the one that is given, or one that is removed again."""
    if folder is not None:
        yield Path(folder)
        return
    with TemporaryDirectory(prefix="ilms-sdmx-") as name:
        yield Path(name)


def files_of(source: str | os.PathLike[str]) -> list[Path]:
    """Files of records of a path: itself, or those of a folder by name.

    Raises
    ------
    TableError
        There is none.
    """
    path = Path(source)
    if not path.is_dir():
        return [path]
    found = [each for each in sorted(path.iterdir()) if each.suffix.lower() in FORMATS]
    if not found:
        known = " ".join(FORMATS)
        raise TableError(f"{path}: expected files of records ({known}), found none.")
    return found


def _opened(
    path: Path, format: str, encoding: str, separator: str, layout: tuple[Columns, ...]
) -> Any:
    if format == "delimited":
        return Delimited(path, encoding, separator, layout)
    return open_statistical(path, format, encoding)


def _write(target: Path, variables: Mapping[str, Variable], chunks: Iterable[pa.Table]) -> int:
    """Write chunks of one schema, and return the number of records."""
    import pyarrow.parquet as pq

    metadata = {KEY: packed(variables.values())}
    schema = _schema(variables).with_metadata(metadata)
    rows = 0
    with (
        replacing(target) as stream,
        pq.ParquetWriter(stream, schema, compression="lz4") as writer,
    ):
        for chunk in chunks:
            rows += len(chunk)
            writer.write_table(chunk.cast(schema), row_group_size=_GROUP)
    return rows


def _schema(variables: Mapping[str, Variable]) -> pa.Schema:
    """Types of all columns by the dictionary: a first chunk may be all missing."""
    import pyarrow as pa

    types = {"number": pa.float64(), "text": pa.string(), "date": pa.date32()}
    fields = []
    for variable in variables.values():
        fields.append((variable.name, types[variable.kind]))
        if variable.has_codes:
            fields.append((variable.codes_column, pa.string()))
    return pa.schema(fields)


def _kept(target: Path, source: str, digest: str, encoding: str) -> Microdata:
    """File that was read before."""
    import pyarrow.parquet as pq

    file = pq.ParquetFile(target)
    metadata = file.schema_arrow.metadata or {}
    variables = unpacked(metadata[KEY.encode()])
    return Microdata(target, source, variables, file.metadata.num_rows, digest, encoding)


def _own(path: Path) -> Microdata:
    """Parquet file of any maker, used as it is."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError):
        raise TableError(f"{path.name} cannot be read as parquet: not readable.") from None
    metadata = file.schema_arrow.metadata or {}
    if KEY.encode() in metadata:
        variables = unpacked(metadata[KEY.encode()])
    else:
        variables = {field.name: _of_field(field) for field in file.schema_arrow}
    return Microdata(path, file_name(path), variables, file.metadata.num_rows)


def _of_field(field: pa.Field) -> Variable:
    import pyarrow as pa

    type = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    if pa.types.is_date(type) or pa.types.is_timestamp(type):
        return Variable(field.name, kind="date")
    is_text = pa.types.is_string(type) or pa.types.is_large_string(type)
    return Variable(field.name, kind="text" if is_text else "number")


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
    except OSError as error:
        raise TableError(f"{path.name} cannot be read: {error.strerror}.") from None
    return digest.hexdigest()
