"""Harmonised records in ILO's names and codes, with a count of how many may be recognised."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ilms_sdmx._files import replacing
from ilms_sdmx.errors import TableError
from ilms_sdmx.findings import Report
from ilms_sdmx.microdata.checking import checked_by, find_in_records
from ilms_sdmx.microdata.counting.counter import Counter
from ilms_sdmx.microdata.counting.engine import connected
from ilms_sdmx.microdata.counting.sharing import Leaves
from ilms_sdmx.microdata.files.reading import reading_folder
from ilms_sdmx.microdata.mapping.model import MicrodataMapping
from ilms_sdmx.microdata.mapping.reading import read_microdata_mapping
from ilms_sdmx.microdata.records import COLUMNS, SCALE, VALUE_SCALE
from ilms_sdmx.microdata.tabulation import all_records, record_parts

if TYPE_CHECKING:
    import pyarrow as pa

#: Records alike below which somebody may be recognised.
FEW = 5
#: Column of the view to ILO's name; ILO's code is the place in the list, counted from 1.
_NAMES = {
    "sex": "ilo_sex",
    "band": "ilo_age_5yrbands",
    "st": "ilo_lfs",
    "att": "ilo_edu_attendance",
}
#: Beginning of the codes of a role to ILO's name.
_CLASSIFIED = {
    "EDU_ISCED11": "ilo_edu_isced11",
    "EDU_ISCED97": "ilo_edu_isced97",
    "EDU_AGGREGATE": "ilo_edu_aggregate",
    "ECO_ISIC4": "ilo_job1_eco_isic4",
    "ECO_ISIC3": "ilo_job1_eco_isic3",
    "ECO_AGGREGATE": "ilo_job1_eco_aggregate",
    "OCU_ISCO08": "ilo_job1_ocu_isco08",
    "OCU_ISCO88": "ilo_job1_ocu_isco88",
    "STE_ICSE93": "ilo_job1_ste_icse93",
    "STE_AGGREGATE": "ilo_job1_ste_aggregate",
}
#: Roles of countries, whose codes are text.
_COUNTRIES = {"birth": "cbr", "cit": "cct"}
#: Hours and earnings.
_VALUES = {"how": "ilo_job1_how_actual", "ear": "ilo_job1_lri_ees"}
#: Columns of which the employed alone have a value.
_OF_JOBS = ("eco", "ocu", "ste", "how", "ear")
#: Codes that are not the number of the view and one; the last band of ages is 65 and over.
_OWN_CODES = {
    "st": "CASE WHEN st IN (1, 2, 3) THEN st ELSE NULL END",
    "band": "LEAST(band + 1, 14)",
}


@dataclass(frozen=True)
class ReleasedRecords:
    """What was written, and how many may be recognised.

    Parameters
    ----------
    rows
        Records written.
    smallest
        Records of the smallest group that are alike in all classes (k of k-anonymity).
    few
        Records in groups smaller than `FEW`.
    alone
        Records that no other is like.
    """

    rows: int
    smallest: int
    few: int
    alone: int

    def __str__(self) -> str:
        return (
            f"{self.rows:,} records; the smallest group alike in sex, age, origin, education"
            f" and job has {self.smallest:,}; {self.few:,} records are in groups below {FEW},"
            f" {self.alone:,} of them are alone."
        )


def write_records(
    mapping: MicrodataMapping | str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    folder: str | os.PathLike[str] | None = None,
) -> ReleasedRecords:
    """Write the harmonised records of working age as Parquet, in ILO's names and codes.

    They have no identifier and no order of the file, and stay records of persons all the same:
    see how many may be recognised before they leave the office.

    Parameters
    ----------
    mapping
        The mapping, or its file.
    target
        Parquet file.
    folder
        Where the records are kept on the way; by default removed at the end.

    Raises
    ------
    TableError
        The records of a register, or a target of another format.
    """
    read = mapping
    if not isinstance(read, MicrodataMapping):
        read = read_microdata_mapping(read)
    path = Path(target)
    if path.suffix.lower() != ".parquet":
        raise TableError(f"{path.name}: expected a name that ends in .parquet.")
    if read.is_register:
        raise TableError(f"{read.name}: only persons of a survey or a census are harmonised.")
    inputs = [file for period in read.periods for file in period.files]
    with reading_folder(folder) as place, connected() as engine:
        parts = record_parts(read, place, engine)
        tables = []
        for records in all_records(read, parts):
            if records.divisor == 1:
                counter = Counter(engine, records)
                _refuse_errors(counter)
                tables.append(_table(counter))
    return _written(tables, path, inputs)


def _written(tables: Sequence[pa.Table], path: Path, inputs: Sequence[Path]) -> ReleasedRecords:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.concat_tables(tables, promote_options="default")
    classes = [name for name in table.column_names if name not in _NUMBERS]
    groups = table.group_by(classes).aggregate([([], "count_all")])
    sizes = groups["count_all"].to_numpy()
    with replacing(path, inputs) as stream:
        pq.write_table(table, stream, compression="zstd")
    small = sizes[sizes < FEW]
    smallest = int(sizes.min()) if len(sizes) else 0
    return ReleasedRecords(len(table), smallest, int(small.sum()), int((sizes == 1).sum()))


def _refuse_errors(counter: Counter) -> None:
    """Refuse records of which a value has no code, or a person is there twice."""
    leaves = Leaves(counter, checked_by(counter))
    for finding in find_in_records(leaves):
        if Report((finding,)).exit_code >= 2:
            raise TableError(f"{counter.records.name}: {finding.message} {finding.fix}")


#: Columns that are no classes of persons.
_NUMBERS = ("ilo_wgt", *_VALUES.values())


def _table(counter: Counter) -> pa.Table:
    """Harmonised records of one period, in the order of their values."""
    import pyarrow as pa

    columns = dict(_expressions(counter))
    listed = ", ".join(f"{text} AS {name}" for name, text in columns.items())
    order = ", ".join(columns)
    query = f"SELECT {listed} FROM records WHERE st <> 0 ORDER BY {order}"
    table = counter.engine.table(counter.statement(query))
    period = pa.array([counter.records.period] * len(table), pa.string())
    named = table.add_column(0, "ilo_time", period)
    for role, name in _COUNTRIES.items():
        if name in named.column_names:
            base = counter.records.bases["birth" if role == "birth" else "citizenship"]
            place = named.column_names.index(name)
            numbers = named[name].combine_chunks().cast(pa.int32())
            codes = pa.DictionaryArray.from_arrays(numbers, list(base.codes))
            named = named.set_column(place, name, codes.cast(pa.string()))
    return named


def _expressions(counter: Counter) -> Iterator[tuple[str, str]]:
    """ILO's name of each variable, and its code in SQL."""
    yield "ilo_wgt", f"w / {SCALE}.0"
    for column, name in _NAMES.items():
        if column in counter.view:
            yield name, _OWN_CODES.get(column, f"{column} + 1")
    for base in counter.records.bases.values():
        if base.prefix in _CLASSIFIED:
            column = COLUMNS[base.role]
            yield _CLASSIFIED[base.prefix], _of_job(column, f"{column} + 1")
    for column, name in _COUNTRIES.items():
        if column in counter.view:
            yield name, column
    for column, name in _VALUES.items():
        if column in counter.view:
            yield name, _of_job(column, f"{column} / {VALUE_SCALE}.0")


def _of_job(column: str, code: str) -> str:
    """Code of the employed alone, where a column concerns them alone."""
    if column in _OF_JOBS:
        return f"CASE WHEN st = 1 THEN {code} ELSE NULL END"
    return code
