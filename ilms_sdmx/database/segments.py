"""Segments: Parquet files of events, written once and read with their checksums."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ilms_sdmx._files import write_whole
from ilms_sdmx.database.manifest import WITHOUT_AREA, Segment
from ilms_sdmx.database.tables import CHANGE, NAME, NUMBER, VINTAGE, ArrowTable
from ilms_sdmx.errors import DatabaseError

#: Folder of the segments.
DATA = "data"
#: Mark in the metadata of the files that this program wrote.
MARK = "ilms_sdmx"
#: Name of a segment: its last vintage and the beginning of its hash.
_FILE = re.compile(r"\d{8}-[0-9a-f]{16}\.parquet")
#: Rows that have statistics of their own: few enough to find a key, enough to compress.
_GROUP = 16_384
_SAFE = re.compile(r"[^A-Za-z0-9_.-]+")


def folder_of(dataflow: str, area: str) -> str:
    """Folder of a dataflow and an area, as Hive names partitions.

    >>> folder_of("ILO:DF_POP_MNAO_SEX_CDS_NB(1.0)", "PHL")
    'data/dataflow=ILO.DF_POP_MNAO_SEX_CDS_NB.1.0/REF_AREA=PHL'
    """
    flow = _SAFE.sub(".", dataflow).strip(".")
    place = _SAFE.sub(".", area) or WITHOUT_AREA
    return f"{DATA}/dataflow={flow}/REF_AREA={place}"


def write_segment(
    folder: Path, events: ArrowTable, dataflow: str, area: str, name: str
) -> Segment:
    """Write the events of one dataflow, area and name, in the order they have.

    The partition columns are in the path alone.
    """
    import pyarrow.compute as pc

    kept = []
    for column in events.column_names:
        if column != "REF_AREA":
            kept.append(column)
    table = events.select(kept)
    content = _parquet(table, dataflow)
    digest = hashlib.sha256(content).hexdigest()
    numbers = pc.min_max(table[VINTAGE]).as_py()
    path = f"{folder_of(dataflow, area)}/{numbers['max']:08d}-{digest[:16]}.parquet"
    write_whole(folder / path, content)
    first, last = numbers["min"], numbers["max"]
    rows, size = table.num_rows, len(content)
    return Segment(path, dataflow, area, name, first, last, rows, size, digest)


def _parquet(table: ArrowTable, dataflow: str) -> bytes:
    """Bytes of a table whose columns are plain texts to whoever reads them."""
    import pyarrow.parquet as pq

    file = io.BytesIO()
    coded = []
    for name in table.column_names:
        if name != "OBS_VALUE":
            coded.append(name)
    writer = pq.ParquetWriter(
        file,
        table.schema,
        compression="zstd",
        store_schema=False,
        write_page_checksum=True,
        use_dictionary=coded,
    )
    with writer:
        writer.write_table(table, row_group_size=_GROUP)
        writer.add_key_value_metadata({MARK: dataflow})
    return file.getvalue()


def read_segments(
    folder: Path,
    segments: Sequence[Segment],
    columns: Sequence[str],
    wanted: Mapping[str, Iterable[str]] | None = None,
    number: int | None = None,
) -> ArrowTable:
    """Events of segments as one table, the oldest vintage first.

    Parameters
    ----------
    columns
        Columns of the table; REF_AREA comes from the path, what a file lacks is empty.
    wanted
        Values that columns have; all where a column is not named.
    number
        Last vintage whose events count; all where it is None.

    Raises
    ------
    DatabaseError
        A file is damaged, missing or another one; names the last vintage before it.
    """
    import pyarrow as pa

    in_order = sorted(segments, key=lambda segment: (segment.last, segment.path))
    tables = []
    for segment in in_order:
        if number is not None and segment.first > number:
            continue
        tables.append(_read(folder, segment, list(columns), wanted or {}, number))
    if not tables:
        return _empty(list(columns))
    return pa.concat_tables(tables).unify_dictionaries()


def _read(
    folder: Path,
    segment: Segment,
    columns: list[str],
    wanted: Mapping[str, Iterable[str]],
    number: int | None,
) -> ArrowTable:
    """Events of one segment with the columns asked for."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = folder / segment.path
    try:
        if path.stat().st_size != segment.size:
            raise DatabaseError(_damage(segment, "its size is another one"))
        metadata = pq.read_metadata(path)
        present = [name for name in columns if name in metadata.schema.names]
        texts = [name for name in present if name not in (VINTAGE, NUMBER)]
        with pq.ParquetFile(
            path, metadata=metadata, read_dictionary=texts, page_checksum_verification=True
        ) as file:
            groups = _groups(metadata, wanted)
            table = file.read_row_groups(groups, columns=present, use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise DatabaseError(_damage(segment, str(error).splitlines()[0])) from error
    table = _with_columns(table, columns, segment)
    return _cut(table, segment, wanted, number)


def _groups(metadata: Any, wanted: Mapping[str, Iterable[str]]) -> list[int]:
    """Row groups whose statistics allow the values asked for."""
    groups = list(range(metadata.num_row_groups))
    if not wanted or len(groups) == 1:
        return groups
    places = {name: place for place, name in enumerate(metadata.schema.names)}
    for name, values in wanted.items():
        place = places.get(name)
        texts = list(values)
        if place is None or not texts:
            continue
        low, high = min(texts), max(texts)
        groups = [each for each in groups if _allows(metadata, each, place, low, high)]
    return groups


def _allows(metadata: Any, group: int, place: int, low: str, high: str) -> bool:
    """Whether a row group may have a value between two."""
    statistics = metadata.row_group(group).column(place).statistics
    if statistics is None or not statistics.has_min_max:
        return True
    return bool(statistics.min <= high and statistics.max >= low)


def _with_columns(table: ArrowTable, columns: list[str], segment: Segment) -> ArrowTable:
    """Table of a segment with all columns, the area among them."""
    import pyarrow as pa

    kind = pa.dictionary(pa.int32(), pa.string())
    arrays: dict[str, Any] = {}
    for name in columns:
        if name in table.column_names:
            column = table[name]
            is_text = pa.types.is_string(column.type)
            arrays[name] = column.dictionary_encode() if is_text else column
        elif name == "REF_AREA":
            indices = pa.array([0] * table.num_rows, pa.int32())
            arrays[name] = pa.DictionaryArray.from_arrays(indices, pa.array([segment.area]))
        else:
            number = kind
            if name == NUMBER:
                number = pa.float64()
            arrays[name] = pa.nulls(table.num_rows, number)
    return pa.table(arrays)


def _cut(
    table: ArrowTable,
    segment: Segment,
    wanted: Mapping[str, Iterable[str]],
    number: int | None,
) -> ArrowTable:
    """Events of a table that have the values asked for and are not too late."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if number is not None and segment.last > number:
        table = table.filter(pc.less_equal(table[VINTAGE], number))
    for name, values in wanted.items():
        if name in table.column_names and name != "REF_AREA":
            texts = pa.array(sorted(values), pa.string())
            column = table[name].combine_chunks()
            table = table.filter(pc.is_in(column.cast(pa.string()), texts))
    return table


def _empty(columns: list[str]) -> ArrowTable:
    """Table without rows."""
    import pyarrow as pa

    kind = pa.dictionary(pa.int32(), pa.string())
    fields = []
    for name in columns:
        number = {VINTAGE: pa.int32(), NUMBER: pa.float64()}.get(name, kind)
        fields.append((name, number))
    return pa.schema(fields).empty_table()


def _damage(segment: Segment, why: str) -> str:
    """Words for a damaged file, with the last vintage that does without it."""
    before = segment.first - 1
    good = "nothing before it is kept"
    if before:
        good = f"the last good vintage is {before}"
    named = f"{segment.dataflow}, {segment.area}, {segment.name}"
    return f"{segment.path} ({named}) is damaged: {why}; {good}"


def is_damaged(folder: Path, segment: Segment) -> str:
    """Why the file of a segment is not the one that was written; empty where it is."""
    path = folder / segment.path
    try:
        content = path.read_bytes()
    except OSError as error:
        return _damage(segment, error.strerror or str(error))
    if hashlib.sha256(content).hexdigest() != segment.sha256:
        return _damage(segment, "its bytes are other ones")
    return ""


def leftovers(folder: Path, segments: Iterable[Segment]) -> list[Path]:
    """Files that this program wrote and no segment needs: of additions that were killed."""
    needed = {segment.path for segment in segments}
    left = []
    for path in sorted((folder / DATA).glob("dataflow=*/REF_AREA=*/*")):
        relative = path.relative_to(folder).as_posix()
        if relative not in needed and is_own(path):
            left.append(path)
    return left


def is_own(path: Path) -> bool:
    """Whether a file is a segment that this program wrote, by name and by mark."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not _FILE.fullmatch(path.name):
        return False
    try:
        metadata = pq.read_metadata(path).metadata or {}
    except (pa.ArrowException, OSError):
        return False
    return MARK.encode() in metadata


#: Columns that say which event a row is.
EVENT = [NAME, CHANGE, VINTAGE]
